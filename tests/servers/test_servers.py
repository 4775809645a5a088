"""Do the servers that the other tests count on do what they are there for?"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any

import fsspec
import pytest

from tests.servers.orthanc import PASSWORD as ORTHANC_PASSWORD
from tests.servers.orthanc import Orthanc
from tests.servers.s3 import S3
from tests.servers.storage import Storage
from tests.servers.web import Web

EVERY = ("s3", "s3_signed", "azure", "gcs", "web", "folder")
LOGGED = ("s3", "azure", "web")


def reached(url: str, options: Any) -> tuple[Any, str]:
    found: tuple[Any, str] = fsspec.core.url_to_fs(url, **options, use_listings_cache=False)
    return found


@pytest.mark.parametrize("storage", EVERY, indirect=True)
def test_an_object_that_is_put_is_read_whole_and_in_part(storage: Storage) -> None:
    bucket = storage.bucket()
    data = bytes(range(256)) * 4
    fs, path = reached(bucket.put("a folder/one.bin", data), bucket.options)
    assert fs.cat_file(path) == data
    assert fs.cat_file(path, start=100, end=300) == data[100:300]


@pytest.mark.parametrize("storage", EVERY, indirect=True)
def test_a_bucket_is_empty_at_first_and_a_test_s_own(storage: Storage) -> None:
    first, second = storage.bucket(), storage.bucket()
    first.put("one.bin", b"1")
    fs, path = reached(second.url, second.options)
    assert [name for name in fs.find(f"{path}/") if name.strip("/") != path] == []


@pytest.mark.parametrize("storage", LOGGED, indirect=True)
def test_the_log_has_each_request_with_the_bytes_that_were_sent(storage: Storage) -> None:
    bucket = storage.bucket()
    fs, path = reached(bucket.put("one.bin", b"x" * 1000), bucket.options)
    before = len(storage.requests() or [])
    fs.cat_file(path, start=10, end=110)
    made = (storage.requests() or [])[before:]
    assert [(one.method, one.status, one.sent) for one in made] == [("GET", 206, 100)]


def test_objects_are_made_by_the_thousand(s3: S3) -> None:
    bucket = s3.bucket()
    s3.fill(bucket, "many/", 2000, b"\x89PNG")
    fs, path = reached(bucket.url, bucket.options)
    assert len(fs.find(path)) == 2000
    assert fs.cat_file(f"{path}/many/001999.png") == b"\x89PNG"


def test_an_orthanc_keeps_strangers_out(orthanc: Orthanc) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{orthanc.server.url}/dicom-web/studies")
    assert refused.value.code == 401
    request = urllib.request.Request(f"{orthanc.server.url}/dicom-web/studies")
    token = base64.b64encode(f"ana:{ORTHANC_PASSWORD}".encode()).decode()
    request.add_header("Authorization", f"Basic {token}")
    request.add_header("Accept", "application/dicom+json")
    with urllib.request.urlopen(request) as answer:
        assert isinstance(json.load(answer), list)


def test_nginx_shows_secret_things_to_those_who_have_the_password(web: Web) -> None:
    bucket = web.bucket()
    bucket.put("one.bin", b"1")
    secret = f"{web.server.url}/secret/{bucket.url.rsplit('/', 1)[1]}/one.bin"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(secret)
    assert refused.value.code == 401
