import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import SourceError
from labelwidgets.media.network.policy import SCHEMES, UrlPolicy


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    """A data file with a picture beside it, one in a folder, one above, and links."""
    folder = tmp_path / "job"
    (folder / "more").mkdir(parents=True)
    for name in ("a.jpg", "more/b c.jpg", "scan:1.jpg", "../secret.jpg", "../job2.jpg"):
        (folder / name).write_bytes(b"x")
    (folder / "in.jpg").symlink_to("a.jpg")
    (folder / "out.jpg").symlink_to("../secret.jpg")
    (folder / "up").symlink_to("..")
    return str(folder / "job.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket/a.jpg", "s3://bucket/a.jpg"),
        ("S3://bucket/a.jpg", "s3://bucket/a.jpg"),
        ("gs://bucket/a.jpg", "gs://bucket/a.jpg"),
        ("https://example.org/a.jpg", "https://example.org/a.jpg"),
        ("http://8.8.8.8/a.jpg", "http://8.8.8.8/a.jpg"),
        ("https://example.org/a%20b.jpg", "https://example.org/a%20b.jpg"),
        ("dicomweb://pacs.example.org/rs", "dicomweb://pacs.example.org/rs"),
    ],
)
def test_urls_of_known_schemes_are_admitted(text: str, expected: str) -> None:
    assert UrlPolicy().admit(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ftp://example.org/a.jpg", "scheme"),
        ("memory://a.jpg", "scheme"),
        ("ssh://example.org/a.jpg", "scheme"),
        ("github://o:r@main/a.jpg", "password|scheme"),
        ("zip://a.jpg::https://example.org/a.zip", "chain|scheme"),
        ("simplecache::https://example.org/a.jpg", "chain"),
        ("blockcache::file:///etc/passwd", "chain"),
        ("https://example.org/a b.jpg", "white space"),
        ("https://example.org/a.jpg ", "white space"),
        ("https://example.org/a\u00a0b.jpg", "white space"),
        ("s3://bucket/a\tb.jpg", "white space|control"),
        ("http://127.0.0.1/a.jpg", "private or local"),
        ("http://[::1]/a.jpg", "private or local"),
        ("http://169.254.169.254/latest/meta-data", "private or local"),
        ("http://0x7f.1/a.jpg", "odd number"),
        ("http://2130706433/a.jpg", "odd number"),
        ("http://good.example@127.0.0.1/a.jpg", "user name"),
        ("dicomweb://127.0.0.1:8042/dicom-web", "private or local"),
        ("file:///etc/passwd", "outside"),
        ("local:///etc/passwd", "outside"),
        ("/etc/passwd", "outside"),
        ("../secret.jpg", "outside"),
        ("more/../../secret.jpg", "outside"),
        ("../job2.jpg", "outside"),
        ("out.jpg", "outside"),
        ("up/secret.jpg", "outside"),
        ("~/a.jpg", "home"),
        ("", "is empty"),
        ("a\0.jpg", "control"),
        (None, "must be a URL"),
        (3, "must be a URL"),
    ],
)
def test_a_data_file_may_not_name(text: str, words: str, manifest: str) -> None:
    with pytest.raises(SourceError, match=words):
        UrlPolicy().admit(text, manifest)


@pytest.mark.parametrize(
    "name", ["a.jpg", "more/b c.jpg", "./a.jpg", "more/../a.jpg", "scan:1.jpg"]
)
def test_files_beside_the_data_file_are_admitted(name: str, manifest: str) -> None:
    folder = Path(manifest).parent
    assert UrlPolicy().admit(name, manifest) == str((folder / name).resolve())
    assert UrlPolicy().admit(f"{folder}/{name}", manifest) == str((folder / name).resolve())


def test_a_link_is_resolved_so_that_what_was_checked_is_read(manifest: str) -> None:
    folder, policy = Path(manifest).parent, UrlPolicy()
    admitted = policy.admit("in.jpg", manifest)
    assert admitted == str(folder / "a.jpg")
    assert policy.check(admitted) == admitted
    (folder / "a.jpg").unlink()
    (folder / "a.jpg").symlink_to("../secret.jpg")
    with pytest.raises(SourceError, match="link"):
        policy.check(admitted)


def test_paths_mean_nothing_in_a_data_file_that_lies_elsewhere() -> None:
    for beside in ("s3://bucket/job.json", "https://example.org/job.json"):
        with pytest.raises(SourceError, match="no URL"):
            UrlPolicy().admit("a.jpg", beside)
        with pytest.raises(SourceError, match="outside"):
            UrlPolicy().admit("file:///etc/passwd", beside)
    with pytest.raises(SourceError, match="outside"):
        UrlPolicy().admit("/etc/passwd")


def test_members_of_an_archive_follow_the_rule_of_the_archive() -> None:
    policy, member = UrlPolicy(), "zip://b.jpg::https://example.org/a.zip"
    assert policy.check(member) == member
    with pytest.raises(SourceError, match="private"):
        policy.check("zip://b.jpg::https://127.0.0.1/a.zip")


def test_roots_widen_and_close(manifest: str) -> None:
    above = Path(manifest).parent.parent
    wide = UrlPolicy(roots=(str(above),))
    assert wide.admit("../secret.jpg", manifest) == str(above / "secret.jpg")
    assert wide.admit(f"file://{above}/secret.jpg", "s3://b/job.json") == str(above / "secret.jpg")
    with pytest.raises(SourceError, match="outside"):
        UrlPolicy(roots=()).admit("a.jpg", manifest)
    with pytest.raises(SourceError, match="outside"):
        UrlPolicy(roots=(str(above / "job"),)).check(str(above / "job2.jpg"))


def test_private_addresses_may_be_allowed_but_not_odd_spellings() -> None:
    policy = UrlPolicy(allow_private=True)
    assert policy.admit("http://127.0.0.1:8080/a.jpg") == "http://127.0.0.1:8080/a.jpg"
    with pytest.raises(SourceError, match="odd"):
        policy.admit("http://127.1/a.jpg")


def test_logins_go_only_to_the_hosts_that_were_named() -> None:
    policy = UrlPolicy(login_hosts=("pacs.example.org", "127.0.0.1:8042"))
    assert policy.sends_login("https://pacs.example.org/a")
    assert not policy.sends_login("https://pacs.example.org:8443/a")
    assert not policy.sends_login("http://pacs.example.org/a")
    assert policy.sends_login("http://127.0.0.1:8042/a")
    assert not policy.sends_login("http://127.0.0.1:8043/a")
    assert not policy.sends_login("https://pacs.example.org.evil.example/a")
    assert not UrlPolicy().sends_login("https://pacs.example.org/a")


@given(
    st.builds(
        UrlPolicy,
        st.lists(st.sampled_from(SCHEMES)).map(tuple),
        st.none() | st.lists(st.sampled_from(["/data", "/a/b"])).map(tuple),
        st.booleans(),
        st.lists(st.just("example.org")).map(tuple),
    )
)
def test_a_policy_survives_json(policy: UrlPolicy) -> None:
    assert UrlPolicy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"schemes": ["ftp"]}, "schemes"),
        ({"schemes": "https"}, "schemes"),
        ({"roots": ["s3://bucket"]}, "roots"),
        ({"allow_private": 1}, "allow_private"),
        ({"login_hosts": [3]}, "login_hosts"),
        ({"secret": "x"}, "no field"),
    ],
)
def test_a_policy_that_is_none_says_where(values: dict[str, object], words: str) -> None:
    with pytest.raises(SourceError, match=words):
        UrlPolicy.from_dict(values)
