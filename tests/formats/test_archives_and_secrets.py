"""Archives that are meant to harm, and what must not be in a file that travels."""

from __future__ import annotations

import csv
import os
import stat
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import fsspec
import msgspec
import pandas as pd
import pytest

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError, SourceError
from labelwidgets.formats import registry
from labelwidgets.formats.inputs import Input
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.specimens import ONTOLOGY
from tests.formats.test_hostile_files import NAMES, files_of, sound, write

SIGNED = (
    "https://bucket.s3.amazonaws.com/day/{}?X-Amz-Credential=AKIATOPSECRET&X-Amz-Signature=topsecret",
    "https://account.blob.core.windows.net/c/day/{}?sv=2020&sig=topsecret",
    "https://site.example/day/{}?token=topsecret",
    "https://ana:topsecret@site.example/day/{}",
)
STREAMED = ("cvat", "deeplabcut", "mot", "open_images", "parquet", "vott", "yolo")


def addressed(items: pd.DataFrame, pattern: str) -> pd.DataFrame:
    """Return items that lie at other addresses."""
    return items.assign(urls=[[pattern.format(one[0].rsplit("/", 1)[-1])] for one in items["urls"]])


def packed(name: str, folder: Path) -> Path:
    """Return the sound file of a format in an archive."""
    (folder / "plain").mkdir()
    whole = write(name, folder / "plain")
    top = whole.parent if whole.is_file() else whole
    with zipfile.ZipFile(folder / "labels.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(top.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(top).as_posix())
    return folder / "labels.zip"


@pytest.mark.parametrize("pattern", SIGNED)
@pytest.mark.parametrize("name", NAMES)
def test_no_file_has_what_signs_an_address(tmp_path: Path, name: str, pattern: str) -> None:
    items, labels = sound(name)
    path = tmp_path / (registry.holds(name).file or "all-labels")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        done = formats.write(labels, path, name, items=addressed(items, pattern), ontology=ONTOLOGY)
    for file in tmp_path.rglob("*"):
        assert "topsecret" not in file.name.lower()
        assert not file.is_file() or b"topsecret" not in file.read_bytes().lower()
    assert "topsecret" not in f"{done!r}{[str(one.message) for one in said]}".lower()


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_csv_is_computed(tmp_path: Path, name: str) -> None:
    path = tmp_path / (registry.holds(name).file or "all-labels")
    items, labels = sound(name)
    evil = "=cmd|' /C calc'!A0"
    video = registry.holds(name).on == "videos"
    one = msgspec.structs.replace(
        labels[0], class_name=evil, geometry=Rectangle(1, 2, 3, 4), author="@ana",
        attributes={}, frame=3 if video else None,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formats.write([one], path, name, items=items, ontology=Ontology([ObjectClass(evil)]))
    for file in tmp_path.rglob("*.csv"):
        with file.open(newline="") as text:
            assert not [
                cell for row in csv.reader(text) for cell in row if cell[:1] in "=@" and cell
            ]


@pytest.mark.parametrize("name", STREAMED)
@pytest.mark.parametrize(("at", "value"), [(16, b"\1\2\3\4"), (24, b"\x10\0\0\0"), (10, b"\x63")])
def test_damage_in_an_archive_is_an_error_of_ours(
    tmp_path: Path, name: str, at: int, value: bytes
) -> None:
    path = packed(name, tmp_path)
    data = bytearray(path.read_bytes())
    place = -1
    while (place := data.find(b"PK\1\2", place + 1)) >= 0:
        data[place + at : place + at + len(value)] = value
    path.write_bytes(data)
    for errors in ("raise", "collect"):
        with pytest.raises(LabelwidgetsError, match=r"labels\.zip"):
            formats.read(path, name, items=sound(name)[0], ontology=ONTOLOGY, errors=errors)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "labels.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.json", bytes(1 << 25))
    with pytest.raises(LimitError, match=r"labels\.zip/labels\.json.*packed into"):
        Input(tmp_path / "labels.zip")


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "labels.zip", "w") as archive:
        for number in range(12):
            archive.writestr(f"{number}.txt", "")
    with pytest.raises(LimitError, match="more than 10 files"):
        Input(tmp_path / "labels.zip", max_files=10)


def test_an_encrypted_file_is_named(tmp_path: Path) -> None:
    path = packed("cvat", tmp_path)
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        place = -1
        while (place := data.find(mark, place + 1)) >= 0:
            data[place + at] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"annotations\.xml: could not be read"):
        formats.read(path, "cvat", items=sound("cvat")[0], ontology=ONTOLOGY)


def test_a_link_in_an_archive_is_its_text(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    link = zipfile.ZipInfo("labels.json")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "labels.zip", "w") as archive:
        archive.writestr(link, str(tmp_path / "secret.json"))
    source = Input(tmp_path / "labels.zip")
    assert source.read("labels.json", 1000).decode() == str(tmp_path / "secret.json")


def test_files_above_an_archive_are_not_reached(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    with zipfile.ZipFile(tmp_path / "labels.zip", "w") as archive:
        archive.writestr("a.json", "{}")
    source = Input(tmp_path / "labels.zip")
    for name in ("../secret.json", str(tmp_path / "secret.json"), "..\\secret.json"):
        with pytest.raises(SourceError, match="is not there"):
            source.read(name, 1000)
    assert files_of(tmp_path / "labels.zip")


def pictures_and_labels(path: str, count: int = 12) -> int:
    """Write an archive of noise and a file of labels, and return how large it is."""
    noise = os.urandom(1 << 21)
    with fsspec.open(path, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            archive.writestr(f"images/{number}.png", noise)
            archive.writestr(f"labels/{number}.xml", f"<a>{number}</a>")
    return count * len(noise)


def test_of_an_archive_in_a_bucket_only_what_is_asked_for_is_read() -> None:
    size = pictures_and_labels("memory://far/labels.zip")
    tracemalloc.start()
    source = Input("memory://far/labels.zip")
    for number in range(12):
        assert source.read(f"labels/{number}.xml", 100) == f"<a>{number}</a>".encode()
        with source.open(f"labels/{number}.xml") as file:
            assert file.read() == f"<a>{number}</a>".encode()
    with source.open("images/3.png") as file:
        assert sum(len(piece) for piece in iter(lambda: file.read(1 << 16), b"")) == 1 << 21
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Of the blocks that are kept, and twice the last one.
    assert peak < 10 << 20 < size


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive" * 100])
def test_what_is_no_archive_in_a_bucket_is_said_to_be_none(data: bytes) -> None:
    with fsspec.open("memory://far/none.zip", "wb") as file:
        file.write(data)
    with pytest.raises(FormatError, match=r"none\.zip: is no zip, or a damaged one"):
        Input("memory://far/none.zip")


def test_an_archive_that_is_gone_meanwhile_is_named() -> None:
    pictures_and_labels("memory://far/gone.zip", 5)
    source = Input("memory://far/gone.zip")
    fsspec.filesystem("memory").rm("/far/gone.zip")
    with pytest.raises(SourceError, match=r"gone\.zip.*is not there"):
        source.read("images/0.png", 1 << 22)
    with pytest.raises(SourceError, match=r"gone\.zip.*is not there"):
        source.open("images/0.png").read()
