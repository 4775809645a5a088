"""Which file system a canonical URL is of, with which options: from the URL or the author only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from labelwidgets.errors import MissingExtraError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.clouds.location import Location, location_of
from labelwidgets.media.connections import Connections
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.network.web import WebFileSystem
from labelwidgets.media.urls import canonical_url

ACCOUNT = "123456789012"
MRAP = f"arn:aws:s3::{ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap"
POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/photos"
ABFS = "abfs://box@account.dfs.core.windows.net"
KEYS = {"key": "K", "secret": "S"}


def found(url: str, options: Mapping[str, Any] | None = None) -> Location:
    location = location_of(canonical_url(url), lambda protocol: options or {})
    assert location is not None
    return location


@pytest.mark.parametrize(
    ("url", "protocol", "path", "options"),
    [
        ("s3://b/a.jpg", "s3", "b/a.jpg", {}),
        ("s3://b/what?#1.jpg", "s3", "b/what?#1.jpg", {}),
        ("s3://b/a.jpg?versionId=x", "s3", "b/a.jpg?versionId=x", {"version_aware": True}),
        (f"{MRAP}/a.jpg", "s3", f"{MRAP}/a.jpg", {}),
        ("gs://b/a#1.jpg", "gs", "b/a#1.jpg", {}),
        ("gs://b/a#1700000000000000", "gs", "b/a#1700000000000000", {"version_aware": True}),
        ("az://box/a.jpg", "abfs", "box/a.jpg", {}),
        (f"{ABFS}/a.jpg", "abfs", "box/a.jpg", {"account_name": "account"}),
        (
            f"{ABFS}/a.jpg?versionid=2024-01-01T00:00:00Z",
            "abfs",
            "box/a.jpg?versionid=2024-01-01T00:00:00Z",
            {"account_name": "account", "version_aware": True},
        ),
        (
            "https://account.blob.core.usgovcloudapi.net/box/a.jpg",
            "abfs",
            "box/a.jpg",
            {
                "account_name": "account",
                "account_host": "account.blob.core.usgovcloudapi.net",
            },
        ),
        ("https://h.org/a%20b.jpg", "https", "https://h.org/a%20b.jpg", {}),
    ],
)
def test_what_a_url_says_of_its_place(
    url: str, protocol: str, path: str, options: dict[str, Any]
) -> None:
    location = found(url)
    assert (location.protocol, location.path, location.options) == (protocol, path, options)


@pytest.mark.parametrize(
    ("url", "listed", "expected"),
    [
        ("s3://b/x/", "b/x/a b.jpg", "s3://b/x/a b.jpg"),
        (f"{POINT}/x/", f"{POINT}/x/a.jpg", f"s3://{POINT}/x/a.jpg"),
        ("gs://b/x/", "b/x/a.jpg", "gs://b/x/a.jpg"),
        ("abfs://box/x/", "box/x/a.jpg", "abfs://box/x/a.jpg"),
        (f"{ABFS}/x/", "box/x/a.jpg", f"{ABFS}/x/a.jpg"),
        ("https://h.org/x/", "https://h.org/x/a.jpg", "https://h.org/x/a.jpg"),
    ],
)
def test_what_a_listing_finds_has_a_canonical_url(url: str, listed: str, expected: str) -> None:
    assert canonical_url(found(url).url_of(listed)) == expected


@pytest.mark.parametrize(
    ("bucket", "host", "region", "style"),
    [
        ("photos", "obs.eu-de.otc.t-systems.com", "eu-de", "virtual"),
        ("my.photos", "obs.eu-de.otc.t-systems.com", "eu-de", "path"),
        ("photos", "obs.eu-nl.otc.t-systems.com", "eu-nl", "virtual"),
        ("photos", "s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "virtual"),
    ],
)
def test_other_servers_that_speak_s3_are_known_by_their_hosts(
    bucket: str, host: str, region: str, style: str
) -> None:
    url = f"https://{bucket}.{host}/a%20b/c.jpg"
    assert found(url).protocol == "https", "without keys it is a page of the web"
    location = found(url, {**KEYS, "client_kwargs": {"verify": "/ca.pem"}})
    assert (location.protocol, location.path) == ("s3", f"{bucket}/a b/c.jpg")
    assert location.options["endpoint_url"] == f"https://{host}"
    assert location.options["client_kwargs"] == {"region_name": region, "verify": "/ca.pem"}
    assert location.options["config_kwargs"]["s3"] == {"addressing_style": style}
    assert location.options["key"] == "K"
    assert location.url_of(f"{bucket}/a b/d#.jpg") == f"https://{bucket}.{host}/a%20b/d%23.jpg"


def test_a_data_file_chooses_no_endpoint() -> None:
    for url in (
        "https://photos.obs.eu-de.otc.t-systems.com.evil.example/a.jpg",
        "https://evil.example/a.jpg?endpoint_url=https://evil.example",
        "https://photos.obs.eu-de.otc.t-systems.com:8443/a.jpg",
        "https://photos.obs.eu-de.otc.t-systems.com/a.jpg?x=1",
    ):
        assert found(url, KEYS).protocol == "https"
    own = {**KEYS, "endpoint_url": "https://minio.example"}
    url = "https://photos.obs.eu-de.otc.t-systems.com/a.jpg"
    assert found(url, own).options["endpoint_url"] == "https://minio.example"


def test_credentials_of_one_account_are_not_used_for_another() -> None:
    connection = "DefaultEndpointsProtocol=https;AccountName=mine;AccountKey=hunter2;"
    for own in (
        {"connection_string": connection},
        {"account_name": "mine", "account_key": "hunter2"},
        {"account_name": "mine", "sas_token": "hunter2"},
    ):
        assert found(f"{ABFS}/a.jpg", own).options == {"account_name": "account"}
    same = {"connection_string": connection.replace("mine", "account")}
    assert found(f"{ABFS}/a.jpg", same).options == {**same, "account_name": "account"}
    key = {"account_key": "hunter2"}
    assert found(f"{ABFS}/a.jpg", key).options == {**key, "account_name": "account"}
    assert found("abfs://box/a.jpg", same).options == same


def test_options_are_for_all_or_under_the_names_of_a_protocol() -> None:
    options = {"flat": 1, "gcs": {"token": "anon"}, "s3": {"anon": True}, "http": {"ssl": False}}
    made = Connections(options, UrlPolicy())
    assert made._options_for("gs") == {"flat": 1, "token": "anon"}
    assert made._options_for("s3") == {"flat": 1, "anon": True}
    assert made._options_for("https") == {"flat": 1, "ssl": False}
    assert made._options_for("abfs") == {"flat": 1}


def test_nobody_reads_s3_as_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    for who, anon in ((None, True), (object(), False)):
        monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _, who=who: who)
        fs, location = Access({"use_listings_cache": anon}).locate("s3://b/a.jpg")
        assert (fs.anon, location.path) == (anon, "b/a.jpg")
    fs, _ = Access(dict(KEYS)).locate("s3://b/a.jpg")
    assert (fs.anon, fs.key) == (False, "K")


@pytest.mark.parametrize("point", [MRAP, POINT])
def test_an_access_point_is_asked_for_its_object(point: str) -> None:
    pytest.importorskip("s3fs")
    fs, location = Access(dict(KEYS)).locate(canonical_url(f"{point}/a/b c.jpg"))
    assert fs.split_path(location.path) == (point, "a/b c.jpg", None)


def test_a_request_to_an_access_point_goes_to_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    from botocore.awsrequest import AWSResponse

    asked: list[str] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked.append(request.url)
        return AWSResponse(request.url, 404, {}, None)

    fs, _ = Access(dict(KEYS)).locate(canonical_url(f"{POINT}/a/b c.jpg"))
    fs.connect()
    fs._s3.meta.events.register("before-send.s3", answer)
    with pytest.raises(SourceError):
        Access(dict(KEYS)).read(canonical_url(f"{POINT}/a/b c.jpg"))
    host = f"https://photos-{ACCOUNT}.s3-accesspoint.eu-west-1.amazonaws.com"
    assert asked[0] == f"{host}/a/b%20c.jpg"


def test_an_access_point_of_several_regions_says_what_it_needs() -> None:
    pytest.importorskip("s3fs")
    try:
        import awscrt  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match=r"botocore\[crt\]"):
            Access(dict(KEYS)).read(canonical_url(f"{MRAP}/a.jpg"))
    else:
        pytest.skip("awscrt is installed")


def test_the_web_is_asked_by_our_own_client() -> None:
    access = Access()
    for url in ("http://h.org/a.jpg", "https://h.org/a.jpg"):
        fs, location = access.locate(url)
        assert isinstance(fs, WebFileSystem)
        assert location.path == url
        assert access.of(False).locate(url)[0] is not fs
        assert access.locate(url)[0] is fs


def test_other_protocols_keep_the_host_of_what_was_listed() -> None:
    fs, location = Access().locate("memory://folder/x")
    assert location.url_of("/folder/x/a.jpg") == "memory://folder/x/a.jpg"
    assert fs.protocol == "memory"


def test_a_data_file_names_no_account_that_gets_a_key_of_none() -> None:
    url = canonical_url(f"{ABFS}/a.jpg")
    for secret in ("sas_token", "account_key", "account_host"):
        options = {secret: "S"}
        theirs = location_of(url, lambda _, own=options: own, trusted=False)
        mine = location_of(url, lambda _, own=options: own)
        assert theirs is not None
        assert mine is not None
        assert secret not in theirs.options
        assert mine.options[secret] == "S"
    options = {"account_name": "account", "sas_token": "S"}
    named = location_of(url, lambda _: options, trusted=False)
    assert named is not None
    assert named.options == options
