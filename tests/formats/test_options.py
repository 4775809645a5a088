"""Options that nobody knows are said, not passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labelwidgets import formats
from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats import registry
from labelwidgets.media.option_names import check_names, check_options
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from tests.formats.labels import items

BOX = Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 2, 3, 4))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("deidentity", "deidentify"),
        ("picture", "pictures"),
        ("stric", "strict"),
        ("anything", None),
        ("password", None),
    ],
)
@pytest.mark.parametrize("url", [False, True])
def test_an_option_that_writing_does_not_know_writes_nothing(
    tmp_path: Path, wrong: str, meant: str | None, url: bool
) -> None:
    path = (tmp_path / "yolo").as_uri() if url else tmp_path / "yolo"
    told: dict[str, Any] = {wrong: True}
    with pytest.raises(SourceError, match=f"{wrong}: is not known") as raised:
        formats.write([BOX], path, "yolo", items=items("a"), **told)
    assert (f"Did you mean '{meant}'?" in str(raised.value)) is (meant is not None)
    assert not (tmp_path / "yolo").exists()


@pytest.mark.parametrize("format", ["json", None])
@pytest.mark.parametrize("read", [formats.read, formats.read_frame])
def test_an_option_that_reading_does_not_know_is_said(
    tmp_path: Path, read: Any, format: str | None
) -> None:
    path = tmp_path / "a.json"
    formats.write([BOX], path, "json", items=items("a"))
    with pytest.raises(SourceError, match=r"error: is not known. Did you mean 'errors'?"):
        read(path, format, error="collect")
    with pytest.raises(SourceError, match=r"max_bite: is not known. Did you mean 'max_bytes'?"):
        read(path, format, max_bite=9)
    with pytest.raises(SourceError, match=r"thing: is not known.*\n?.*max_bytes"):
        read(path, format, thing=9)
    assert len(read(path, format, max_bytes=9999, s3={"anon": True}).annotations) == 1


def test_other_places_know_options_of_their_own_and_near_misses_are_said() -> None:
    memory = "memory://options/a.json"
    formats.write([BOX], memory, "json", items=items("a"), token="secret")  # noqa: S106
    assert len(formats.read(memory, "json", token="secret").annotations) == 1  # noqa: S106
    with pytest.raises(SourceError, match=r"stric: is not known. Did you mean 'strict'?"):
        formats.write([BOX], memory, "json", items=items("a"), stric=True)
    check_options("s3://b/a.json", {"anon": True, "endpoint_url": "x", "verify": True}, ["strict"])
    check_options("https://b/a.json", {"headers": {}, "timeout": 3}, ["strict"])
    check_options("a.json", {"auto_mkdir": True}, ["strict"])
    with pytest.raises(
        SourceError, match=r"endpoint_ur: is not known. Did you mean 'endpoint_url'"
    ):
        check_options("s3://b/a.json", {"endpoint_ur": "x"}, ["strict"])
    with pytest.raises(SourceError, match="ano: is not known"):
        check_options("zip://a.json::labels.zip", {"use_listings_cache": 1, "ano": 1}, ["anon"])


def test_no_option_of_a_format_is_taken_for_a_misspelt_one_of_a_project() -> None:
    for name in formats.names():
        module = registry.module(name)
        for own, asked in (
            (module.read, Project.import_annotations),
            (module.write, Project.export),
        ):
            names = registry.named(asked)
            check_names(set(registry.named(own)).difference(names), names)


@pytest.mark.parametrize("path", [None, 5, {}])
def test_what_is_no_path_is_said(path: Any) -> None:
    for read in (formats.read, formats.read_frame):
        with pytest.raises(FormatError, match="path: must be a path or a URL, not "):
            read(path)
    with pytest.raises(FormatError, match="path: must be a path or a URL, not "):
        formats.write([BOX], path, "coco", items=items("a"))


def test_what_errors_and_split_cannot_be_is_said(tmp_path: Path) -> None:
    for read in (formats.read, formats.read_frame):
        with pytest.raises(FormatError, match='errors: must be "raise" or "collect"'):
            read(tmp_path, errors="ignore")
    told: dict[str, Any] = {"split": "train"}
    with pytest.raises(FormatError, match="split: must be a dict"):
        formats.write([BOX], tmp_path / "y", "yolo", items=items("a"), **told)
    assert not (tmp_path / "y").exists()


@pytest.mark.parametrize("name", [name for name in formats.names() if name != "slice_masks"])
def test_the_module_of_a_format_refuses_what_it_does_not_know_itself(
    tmp_path: Path, name: str
) -> None:
    module = registry.module(name)
    calls: list[Any] = [
        lambda **told: module.read(tmp_path / "a", **told),
        lambda **told: module.write([BOX], tmp_path / "b", **told),
    ]
    if name == "coco":
        from labelwidgets.formats.coco import read_frame, write_frame

        calls.append(lambda **told: read_frame(tmp_path / "a", **told))
        calls.append(lambda **told: write_frame(None, tmp_path / "b", **told))
    for call in calls:
        with pytest.raises(SourceError, match=r"nonsense: is not known.*Known are .*ontology"):
            call(nonsense=1)
        with pytest.raises(SourceError, match=r"ontologi: is not known. Did you mean 'ontology'"):
            call(ontologi=1)
    assert not list(tmp_path.iterdir())


def test_keys_of_a_bucket_are_not_told_to_a_folder_of_this_machine(tmp_path: Path) -> None:
    def keys() -> dict[str, Any]:
        return {"key": "k", "secret": "s", "auto_mkdir": True}

    formats.write([BOX], tmp_path / "yolo", "yolo", items=items("a"), storage_options=keys)
    assert (tmp_path / "yolo").is_dir()


@pytest.mark.parametrize("place", ["memory://somewhere/labels.json", "labels.json"])
def test_an_option_of_other_formats_is_refused_at_any_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=r"pictures: is no option of Plain JSON, but of .*voc"):
        formats.write([BOX], place, "json", pictures=True)
    formats.write([BOX], place, "json")
    with pytest.raises(SourceError, match="take: is no option of Plain JSON, but of label_studio"):
        formats.read(place, take="both")
    with pytest.raises(SourceError, match="take: is no option of Plain JSON"):
        formats.read_frame(place, take="both")
