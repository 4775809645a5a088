"""The same photographs from a folder, an archive, every cloud and the web are the same."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import SourceError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.media.image import decode
from tests.servers.azure import Azure
from tests.servers.ceph import Ceph
from tests.servers.storage import Bucket, Storage
from tests.servers.web import PASSWORD, PERSON, Web

PHOTOS = ("chelsea.png", "coffee.png", "retina.jpg", "rocket.jpg")
AWKWARD = (
    "two words.png",
    "Straße 日本.png",
    "a#b.png",
    "what?.png",
    "100%20.png",
    "a+b&c=d.png",
    "semi;colon.png",
    "dots..in..name.png",
)
CLOUDS = ("s3", "s3_signed", "azure", "gcs")
EVERYWHERE = ("folder", "archive", *CLOUDS, "web")
everywhere = pytest.mark.parametrize("storage", EVERYWHERE, indirect=True)


@pytest.fixture(scope="session")
def photos() -> dict[str, bytes]:
    """Photographs by their keys, in two folders."""
    found = {Path(path).name: Path(path) for path in lw.media.sample_photos()}
    return {f"{name[-3:]}/{name}": found[name].read_bytes() for name in PHOTOS}


@pytest.fixture
def bucket(storage: Storage, photos: dict[str, bytes]) -> Bucket:
    """A bucket with the photographs."""
    made = storage.bucket()
    for key, data in photos.items():
        made.put(key, data)
    return made


def opened(source: Any, bucket: Bucket, **options: Any) -> lw.Dataset:
    return lw.Dataset.open(source, progress=False, **{**bucket.options, **options})


def all_of(bucket: Bucket) -> str:
    """Return the URL that lists a bucket; a web server lists what ends in a slash."""
    return f"{bucket.url}/" if bucket.escaped else bucket.url


def digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(
        repr((pixels.shape, pixels.dtype)).encode() + pixels.tobytes()
    ).hexdigest()


@everywhere
def test_bytes_and_pixels_are_the_same(bucket: Bucket, photos: dict[str, bytes]) -> None:
    dataset = opened([bucket.at(key) for key in photos], bucket)
    assert list(dataset.items["status"]) == ["ok"] * len(photos)
    for item_id, data in zip(dataset, photos.values(), strict=True):
        assert dataset.read(item_id) == data
        assert digest(dataset.pixels(item_id)) == digest(decode(data))


@everywhere
def test_a_listing_has_every_photograph_in_its_folder(bucket: Bucket) -> None:
    bucket.put("notes.txt", b"no picture")
    items = opened(all_of(bucket), bucket).items
    assert [tuple(pair) for pair in items[["folder", "title"]].to_numpy()] == [
        ("jpg", "retina.jpg"),
        ("jpg", "rocket.jpg"),
        ("png", "chelsea.png"),
        ("png", "coffee.png"),
    ]
    assert [entry["width"] for entry in items["metadata"]] == [1411, 640, 451, 600]


@everywhere
def test_a_pattern_has_what_it_matches(bucket: Bucket) -> None:
    pattern = f"{bucket.url}/jpg/r*.jpg" if bucket.escaped else bucket.at("jpg/r*.jpg")
    assert list(opened(pattern, bucket).items["title"]) == ["retina.jpg", "rocket.jpg"]


@everywhere
def test_an_object_that_is_not_there_is_named(bucket: Bucket) -> None:
    url = bucket.at("jpg/none.jpg")
    with pytest.raises(SourceError, match=r"none\.jpg'?: does not exist"):
        opened([url], bucket)
    errors = opened([url, bucket.at("jpg/rocket.jpg")], bucket, errors="collect").errors
    assert list(errors["row"]) == [0]


@everywhere
def test_keys_with_spaces_and_signs_are_found_listed_and_read(storage: Storage) -> None:
    bucket, pictures = storage.bucket(), {}
    # The emulator takes a semicolon for the end of a path.
    keys = [key for key in AWKWARD if storage.name != "gcs" or ";" not in key]
    for number, key in enumerate(keys):
        buffer = io.BytesIO()
        Image.new("RGB", (4 + number, 3)).save(buffer, "PNG")
        pictures[key] = buffer.getvalue()
        bucket.put(key, buffer.getvalue())
    named = opened([bucket.at(key) for key in keys], bucket)
    assert [named.read(item_id) for item_id in named] == list(pictures.values())
    listed = opened(all_of(bucket), bucket)
    assert {listed.read(item_id) for item_id in listed} == set(pictures.values())
    assert set(listed) == set(named)


@pytest.mark.parametrize("storage", ["s3", "azure", "web"], indirect=True)
@pytest.mark.parametrize("validate", [True, False])
def test_traffic_is_what_the_server_s_own_log_says(
    storage: Storage, bucket: Bucket, photos: dict[str, bytes], validate: bool
) -> None:
    before = len(storage.requests() or [])
    dataset = opened([bucket.at(key) for key in photos], bucket, validate=validate)
    for item_id in dataset:
        dataset.pixels(item_id)
    log = (storage.requests() or [])[before:]
    sent = {key: sum(one.sent for one in log if key.split("/")[1] in one.path) for key in photos}
    told = dataset.traffic.set_index("item_id")["bytes"]
    assert dict(zip(photos, told.loc[list(dataset)], strict=True)) == sent
    if not validate:
        assert list(sent.values()) == [len(data) for data in photos.values()]
    asked = [one for one in log if one.method == "GET" and one.status in (200, 206)]
    assert dataset.traffic["requests"].sum() == len(asked)


def test_a_wrong_secret_of_s3_is_refused(s3_signed: Ceph, photos: dict[str, bytes]) -> None:
    bucket = s3_signed.bucket()
    url = bucket.put("rocket.jpg", photos["jpg/rocket.jpg"])
    with pytest.raises(SourceError, match=r"rocket\.jpg: may not be read") as refused:
        opened([url], bucket, **{"secret": "wrong-secret-19"})
    assert "wrong-secret-19" not in str(refused.value)


def test_a_wrong_key_of_azure_is_refused(azure: Azure, photos: dict[str, bytes]) -> None:
    bucket, wrong = azure.bucket(), "d3Jvbmcta2V5LTE5d3Jvbmcta2V5LTE5"
    url = bucket.put("rocket.jpg", photos["jpg/rocket.jpg"])
    with pytest.raises(SourceError, match=r"rocket\.jpg: may not be read") as refused:
        opened([url], bucket, connection_string=azure.connection(wrong))
    assert wrong not in str(refused.value)


def test_a_web_page_behind_a_password_is_refused_without_it(
    web: Web, photos: dict[str, bytes]
) -> None:
    bucket = web.bucket()
    bucket.put("rocket.jpg", photos["jpg/rocket.jpg"])
    url = f"{web.server.url}/secret/{bucket.url.rsplit('/', 1)[1]}/rocket.jpg"
    with pytest.raises(SourceError, match=r"rocket\.jpg: may not be read"):
        opened([url], bucket)
    word = base64.b64encode(f"{PERSON}:{PASSWORD}".encode()).decode()
    dataset = opened([url], bucket, headers={"Authorization": f"Basic {word}"})
    assert dataset.read(next(iter(dataset))) == photos["jpg/rocket.jpg"]


def secrets_in(options: Any) -> set[str]:
    """Return what must not be seen of storage options: long words, but addresses."""
    if isinstance(options, dict):
        return set().union(*map(secrets_in, options.values()))
    words = str(options).split(";")
    words = [word.partition("AccountKey=")[2] or word for word in words]
    return {word for word in words if len(word) > 11 and "://" not in word and "=" not in word[:-2]}


@pytest.mark.parametrize("storage", ["s3", "s3_signed", "azure"], indirect=True)
def test_credentials_are_never_shown(
    bucket: Bucket,
    photos: dict[str, bytes],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secrets = secrets_in(dict(bucket.options))
    assert secrets
    caplog.set_level(logging.INFO)
    seen = []
    urls = [bucket.at(key) for key in [*photos, "none.jpg"]]
    dataset = opened(urls, bucket, errors="collect")
    for item_id in dataset:
        try:
            dataset.pixels(item_id)
        except SourceError as error:
            seen += [repr(error), "".join(traceback.format_exception(error))]
    frames: list[pd.DataFrame] = [dataset.items, dataset.errors, dataset.traffic]
    seen += [frame.to_csv() for frame in frames]
    seen += [repr(dataset), dataset._repr_html_(), repr(dataset._access)]
    with lw.Project.create(tmp_path / "labels.db", dataset, ["cat"], user="ana") as project:
        with pytest.warns(FormatWarning):  # of the item that is not there
            project.export("coco", tmp_path / "labels.json")
        seen += [repr(project), project._repr_html_(), project.events.to_csv()]
    seen += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("labels*")]
    seen += [caplog.text, *capsys.readouterr()]
    assert len(dataset.errors) == 1
    assert [word for word in secrets for text in seen if word in text] == []
