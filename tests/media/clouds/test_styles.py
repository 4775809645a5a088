"""Every way in which an object of a cloud is written, and the one by which it is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import SourceError
from labelwidgets.media.clouds.keys import encoded
from labelwidgets.media.urls import canonical_url, file_name, url_id

ACCOUNT = "123456789012"
MRAP = f"arn:aws:s3::{ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap"
POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/photos"
BLOB = "https://account.blob.core.windows.net"
ABFS = "abfs://box@account.dfs.core.windows.net"
OBS = "obs.eu-de.otc.t-systems.com"
CHINA = "s3.cn-north-1.amazonaws.com.cn"

# What it is called, how it is written, how it is known.
STYLES = [
    ("S3", "s3://my-bucket/a/b.jpg", "s3://my-bucket/a/b.jpg"),
    ("S3 upper case", "S3://my-bucket/a/b.jpg", "s3://my-bucket/a/b.jpg"),
    ("s3a", "s3a://my-bucket/a/b.jpg", "s3://my-bucket/a/b.jpg"),
    ("s3n", "s3n://my-bucket/a/b.jpg", "s3://my-bucket/a/b.jpg"),
    (
        "virtual-hosted",
        "https://my-bucket.s3.eu-west-1.amazonaws.com/a/b.jpg",
        "s3://my-bucket/a/b.jpg",
    ),
    (
        "virtual-hosted, dots in the bucket",
        "https://my.own.bucket.s3.eu-west-1.amazonaws.com/a/b.jpg",
        "s3://my.own.bucket/a/b.jpg",
    ),
    (
        "virtual-hosted, a bucket called as the service",
        "https://s3.s3.us-gov-west-1.amazonaws.com/a/b.jpg".replace("//s3.", "//s3s."),
        "s3://s3s/a/b.jpg",
    ),
    (
        "virtual-hosted, odd case and port",
        "HTTPS://My-Bucket.S3.EU-West-1.AmazonAWS.com:443/a/B.jpg",
        "s3://my-bucket/a/B.jpg",
    ),
    (
        "virtual-hosted, http",
        "http://my-bucket.s3.eu-west-1.amazonaws.com/a.jpg",
        "s3://my-bucket/a.jpg",
    ),
    (
        "path-style",
        "https://s3.eu-west-1.amazonaws.com/my-bucket/a/b.jpg",
        "s3://my-bucket/a/b.jpg",
    ),
    (
        "dual-stack, virtual-hosted",
        "https://my-bucket.s3.dualstack.eu-west-1.amazonaws.com/a.jpg",
        "s3://my-bucket/a.jpg",
    ),
    (
        "dual-stack, path-style",
        "https://s3.dualstack.eu-west-1.amazonaws.com/my-bucket/a.jpg",
        "s3://my-bucket/a.jpg",
    ),
    ("FIPS", "https://my-bucket.s3-fips.us-east-1.amazonaws.com/a.jpg", "s3://my-bucket/a.jpg"),
    ("accelerated", "https://my-bucket.s3-accelerate.amazonaws.com/a.jpg", "s3://my-bucket/a.jpg"),
    (
        "accelerated, dual-stack",
        "https://my-bucket.s3-accelerate.dualstack.amazonaws.com/a.jpg",
        "s3://my-bucket/a.jpg",
    ),
    ("legacy, no region", "https://my-bucket.s3.amazonaws.com/a.jpg", "s3://my-bucket/a.jpg"),
    ("legacy, path-style", "https://s3.amazonaws.com/my-bucket/a.jpg", "s3://my-bucket/a.jpg"),
    (
        "legacy, region after a hyphen",
        "https://my-bucket.s3-eu-west-1.amazonaws.com/a.jpg",
        "s3://my-bucket/a.jpg",
    ),
    (
        "legacy, region after a hyphen, path-style",
        "https://s3-ap-southeast-2.amazonaws.com/my-bucket/a.jpg",
        "s3://my-bucket/a.jpg",
    ),
    (
        "legacy, external",
        "https://s3-external-1.amazonaws.com/my-bucket/a.jpg",
        "s3://my-bucket/a.jpg",
    ),
    ("access point of several regions", f"{MRAP}/a/b.jpg", f"s3://{MRAP}/a/b.jpg"),
    ("the same, with a scheme", f"s3://{MRAP}/a/b.jpg", f"s3://{MRAP}/a/b.jpg"),
    ("the same, upper case", f"S3://{MRAP}/a/b.jpg", f"s3://{MRAP}/a/b.jpg"),
    ("access point", f"{POINT}/a/b.jpg", f"s3://{POINT}/a/b.jpg"),
    ("access point, with a scheme", f"s3://{POINT}/a/b.jpg", f"s3://{POINT}/a/b.jpg"),
    (
        "access point, by its host",
        f"https://photos-{ACCOUNT}.s3-accesspoint.eu-west-1.amazonaws.com/a/b.jpg",
        f"s3://{POINT}/a/b.jpg",
    ),
    ("ARN of an object", "arn:aws:s3:::my-bucket/a/b.jpg", "s3://my-bucket/a/b.jpg"),
    (
        "S3, a version",
        "https://my-bucket.s3.eu-west-1.amazonaws.com/a.jpg?versionId=L4kqtJlcpXroDTDmpUMLUo",
        "s3://my-bucket/a.jpg?versionId=L4kqtJlcpXroDTDmpUMLUo",
    ),
    (
        "S3, a space",
        "https://my-bucket.s3.eu-west-1.amazonaws.com/my%20photo.jpg",
        "s3://my-bucket/my photo.jpg",
    ),
    (
        "S3, a space as its console has it",
        "https://my-bucket.s3.eu-west-1.amazonaws.com/my+photo.jpg",
        "s3://my-bucket/my photo.jpg",
    ),
    (
        "S3, signs that mean something in URLs",
        "https://my-bucket.s3.amazonaws.com/a%2Bb%23c%3Fd%25e%26f%3D.jpg",
        "s3://my-bucket/a+b#c?d%e&f=.jpg",
    ),
    (
        "S3, a key with a percent sign in it",
        "s3://my-bucket/100%25 sure.jpg",
        "s3://my-bucket/100%25 sure.jpg",
    ),
    (
        "S3, not ASCII",
        "https://my-bucket.s3.amazonaws.com/%C3%A4/%E5%9B%BE.jpg",
        "s3://my-bucket/ä/图.jpg",
    ),
    (
        "S3, not ASCII, not encoded",
        "https://my-bucket.s3.amazonaws.com/ä/图.jpg",
        "s3://my-bucket/ä/图.jpg",
    ),
    ("Azure", f"{BLOB}/box/a/b.jpg", f"{ABFS}/a/b.jpg"),
    ("Azure, odd case", "https://Account.Blob.Core.Windows.net/box/a/B.jpg", f"{ABFS}/a/B.jpg"),
    ("Azure, Data Lake", "https://account.dfs.core.windows.net/box/a/b.jpg", f"{ABFS}/a/b.jpg"),
    ("abfs", f"{ABFS}/a/b.jpg", f"{ABFS}/a/b.jpg"),
    ("abfss", f"abfss{ABFS[4:]}/a/b.jpg", f"{ABFS}/a/b.jpg"),
    ("abfs of the blob host", "abfs://box@account.blob.core.windows.net/a.jpg", f"{ABFS}/a.jpg"),
    ("wasbs", "wasbs://box@account.blob.core.windows.net/a.jpg", f"{ABFS}/a.jpg"),
    ("abfs without an account", "abfs://box/a/b.jpg", "abfs://box/a/b.jpg"),
    ("az", "az://box/a/b.jpg", "abfs://box/a/b.jpg"),
    (
        "Azure, a version",
        f"{BLOB}/box/a.jpg?versionid=2024-01-01T00:00:00.0000000Z",
        f"{ABFS}/a.jpg?versionid=2024-01-01T00:00:00.0000000Z",
    ),
    ("Azure, spaces and a plus", f"{BLOB}/box/my%20a+b.jpg", f"{ABFS}/my a+b.jpg"),
    (
        "Azure in China",
        "https://account.blob.core.chinacloudapi.cn/box/a.jpg",
        "abfs://box@account.dfs.core.chinacloudapi.cn/a.jpg",
    ),
    ("gs", "gs://my-bucket/a/b.jpg", "gs://my-bucket/a/b.jpg"),
    ("gcs", "gcs://my-bucket/a/b.jpg", "gs://my-bucket/a/b.jpg"),
    (
        "Google, for people who are logged in",
        "https://storage.cloud.google.com/my-bucket/a/b.jpg",
        "gs://my-bucket/a/b.jpg",
    ),
    (
        "Google, as its console has it",
        "https://storage.cloud.google.com/my-bucket/a/b.jpg?authuser=1",
        "gs://my-bucket/a/b.jpg",
    ),
    (
        "Google, path-style",
        "https://storage.googleapis.com/my-bucket/a/b.jpg",
        "gs://my-bucket/a/b.jpg",
    ),
    (
        "Google, virtual-hosted",
        "https://my-bucket.storage.googleapis.com/a/b.jpg",
        "gs://my-bucket/a/b.jpg",
    ),
    (
        "Google, JSON interface",
        "https://storage.googleapis.com/storage/v1/b/my-bucket/o/a%2Fb.jpg?alt=media",
        "gs://my-bucket/a/b.jpg",
    ),
    (
        "Google, link to the media",
        "https://www.googleapis.com/download/storage/v1/b/my-bucket/o/a%2Fb.jpg"
        "?generation=1700000000000000&alt=media",
        "gs://my-bucket/a/b.jpg#1700000000000000",
    ),
    (
        "Google, a plus",
        "https://storage.googleapis.com/my-bucket/a+b.jpg",
        "gs://my-bucket/a+b.jpg",
    ),
    (
        "Google, a hash",
        "https://storage.googleapis.com/my-bucket/a%231.jpg",
        "gs://my-bucket/a#1.jpg",
    ),
    ("OBS", f"https://my-bucket.{OBS}/a/b.jpg", f"https://my-bucket.{OBS}/a/b.jpg"),
    ("OBS, path-style", f"https://{OBS}/my-bucket/a/b.jpg", f"https://my-bucket.{OBS}/a/b.jpg"),
    ("OBS, http", f"http://my-bucket.{OBS}/a.jpg", f"https://my-bucket.{OBS}/a.jpg"),
    ("OBS, a space", f"https://my-bucket.{OBS}/a b.jpg", f"https://my-bucket.{OBS}/a%20b.jpg"),
    ("S3 in China", f"https://my-bucket.{CHINA}/a.jpg", f"https://my-bucket.{CHINA}/a.jpg"),
    (
        "S3 in China, path-style",
        f"https://{CHINA}/my-bucket/a.jpg",
        f"https://my-bucket.{CHINA}/a.jpg",
    ),
    ("http", "http://example.org:80/a.jpg#part", "http://example.org/a.jpg"),
    ("http, a space", "http://example.org/my photo.jpg", "http://example.org/my%20photo.jpg"),
    ("http, encoded", "http://example.org/my%20a%2Fb+c.jpg", "http://example.org/my%20a%2Fb+c.jpg"),
    (
        "http, half encoded",
        "http://example.org/100%.jpg?x=ä",
        "http://example.org/100%25.jpg?x=%C3%A4",
    ),
    ("http, dots", "http://example.org/a/./b/../c.jpg", "http://example.org/a/c.jpg"),
    ("http, encoded dots", "http://example.org/a/%2e%2E/%2e./../c.jpg", "http://example.org/c.jpg"),
    ("http, a name not in ASCII", "http://Bücher.example/a", "http://xn--bcher-kva.example/a"),
    ("DICOMweb", "DICOMweb://PACS.example.org:8042/rs", "dicomweb://pacs.example.org:8042/rs"),
]

SIGNED = [
    "https://my-bucket.s3.eu-west-1.amazonaws.com/a.jpg?X-Amz-Date=1&X-Amz-Signature=2",
    "https://my-bucket.s3.amazonaws.com/a.jpg?AWSAccessKeyId=1&Expires=2&Signature=3",
    f"{BLOB}/box/a.jpg?sv=2024-11-04&sr=b&se=2030-01-01&sp=r&sig=abc%3D",
    "https://storage.googleapis.com/my-bucket/a.jpg?X-Goog-Date=1&X-Goog-Signature=2",
    "https://storage.googleapis.com/my-bucket/a.jpg?GoogleAccessId=1&Expires=2&Signature=3",
    f"https://my-bucket.{OBS}/a.jpg?AccessKeyId=1&Expires=2&Signature=3",
]

OTHERS = [
    "https://my-bucket.s3.eu-west-1.amazonaws.com.evil.example/a.jpg",
    "https://evil.example/my-bucket.s3.eu-west-1.amazonaws.com/a.jpg",
    "https://my-bucket.s3-website-eu-west-1.amazonaws.com/a.jpg",
    "https://my-bucket.s3.eu-west-1.amazonaws.com:8443/a.jpg",
    "https://account.blob.core.windows.net.evil.example/box/a.jpg",
    "https://xstorage.googleapis.com/b/a.jpg",
    f"https://x{OBS}/a.jpg",
    "https://my-bucket.s3.amazonaws.com/a.jpg?partNumber=1",
    "https://my-bucket.s3.amazonaws.com/%FF.jpg",
    "https://my-bucket.s3.amazonaws.com/a%0Ab.jpg",
]


@pytest.mark.parametrize(("style", "written", "known"), STYLES, ids=[row[0] for row in STYLES])
def test_every_style_has_one_spelling(style: str, written: str, known: str) -> None:
    assert canonical_url(written) == known
    assert canonical_url(known) == known


def test_the_styles_of_one_object_have_one_identifier() -> None:
    for known in ("s3://my-bucket/a.jpg", f"{ABFS}/a/b.jpg", "gs://my-bucket/a/b.jpg"):
        same = [written for _, written, as_known in STYLES if as_known == known]
        assert len(same) > 3
        assert {url_id(canonical_url(written)) for written in same} == {url_id(known)}


@pytest.mark.parametrize("url", SIGNED)
def test_a_signed_url_stays_and_has_the_identifier_of_its_object(url: str) -> None:
    assert canonical_url(url) == url
    plain = canonical_url(url.partition("?")[0])
    assert url_id(url) == url_id(plain)
    assert url_id(f"{url}\n{url}") == url_id(f"{plain}\n{plain}")


@pytest.mark.parametrize("url", OTHERS)
def test_what_only_looks_like_a_cloud_stays(url: str) -> None:
    assert canonical_url(url) == url


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("s3://bucket/a/../b.jpg", r"between its slashes"),
        ("s3://../bucket/b.jpg", r"between its slashes"),
        ("gs://bucket/./b.jpg", r"between its slashes"),
        ("abfs://box/..", r"between its slashes"),
        (f"{MRAP}/../x", r"between its slashes"),
        ("https://my-bucket.s3.amazonaws.com/..%2Fother/a.jpg", r"between its slashes"),
        ("https://my-bucket.s3.amazonaws.com/a%2F%2e%2e%2Fb.jpg", r"between its slashes"),
        ("abfs://box@evil.example/a.jpg", "no account"),
        ("abfs://box@account.dfs.core.windows.net.evil.example/a.jpg", "no account"),
        ("abfs://box@127.0.0.1/a.jpg", "no account"),
        ("abfs://ana:secret@account.dfs.core.windows.net/a.jpg", "user name"),
        ("simplecache::s3://bucket/a.jpg", "chain"),
        ("s3://bucket/a.zip::https://example.org", "chain"),
        ("https://ana@my-bucket.s3.amazonaws.com/a.jpg", "user name"),
        ("dicomweb://ana:secret@pacs.example.org/rs", "user name"),
    ],
)
def test_what_could_name_something_else_is_refused(bad: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        canonical_url(bad)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("s3://b/a/my photo?.jpg", "my photo?.jpg"),
        ("s3://b/a.jpg?versionId=abc", "a.jpg"),
        ("gs://b/a#1.jpg#1700000000000000", "a#1.jpg"),
        (f"{ABFS}/a.jpg?versionid=2024-01-01T00:00:00Z", "a.jpg"),
        (f"s3://{MRAP}/a/b.jpg", "b.jpg"),
        ("https://h.org/x/my%20photo.jpg?v=1/2", "my photo.jpg"),
    ],
)
def test_file_names_are_as_people_read_them(url: str, name: str) -> None:
    assert file_name(url) == name


KEYS = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=30).filter(
    lambda key: "::" not in key and not key.startswith("/") and "/." not in f"/{key}"
)


@given(KEYS)
def test_any_key_comes_back_from_its_https_url(key: str) -> None:
    path = encoded(key)
    assert canonical_url(f"https://my-bucket.s3.amazonaws.com/{path}") == f"s3://my-bucket/{key}"
    assert canonical_url(f"https://s3.amazonaws.com/my-bucket/{path}") == f"s3://my-bucket/{key}"
    assert (
        canonical_url(f"https://storage.googleapis.com/my-bucket/{path}") == f"gs://my-bucket/{key}"
    )
    assert canonical_url(f"{BLOB}/box/{path}") == f"{ABFS}/{key}"
    obs = canonical_url(f"https://{OBS}/my-bucket/{path}")
    assert canonical_url(obs) == obs == f"https://my-bucket.{OBS}/{path}"
