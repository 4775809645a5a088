"""Names that not all file systems take: changed, told, and read back."""

from __future__ import annotations

import warnings
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats import FormatWarning
from labelwidgets.formats.file_names import is_plain, plain_name
from labelwidgets.media import Dataset
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.tracks import Keyframe, Track

BOX = Rectangle(1, 2, 9, 8)
FORBIDDEN = set('<>:"|?*\\')
# Those that write a file for each picture, or copy pictures.
BESIDE = (
    "cityscapes", "coco_panoptic", "kitti", "labelme", "masks", "open_images", "segment_anything",
    "voc", "yolo", "createml", "cvat", "datumaro", "via", "via3", "vott",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a/b c.jpg", None),
        ("a::b?.jpg", "a__b_.jpg"),
        ("aux.jpg", "aux_.jpg"),
        ("COM1", "COM1_"),
        ("con.d/lpt9.tar.gz", "con_.d/lpt9_.tar.gz"),
        ("console/auxiliary.jpg", None),
        ("day. /a.jpg", "day_/a.jpg"),
        ("a\ud800.jpg", "a_.jpg"),
    ],
)
def test_a_name_that_windows_forbids_is_another(name: str, plain: str | None) -> None:
    assert plain_name(name) == (plain or name)
    assert is_plain(name) == (plain is None)
    assert is_plain(plain_name(name))


def items(*titles: str) -> pd.DataFrame:
    """Return pictures by their names."""
    said = {"width": 40, "height": 30}
    return pd.DataFrame(
        [
            {"id": f"item-{at}", "kind": "image", "title": title.rsplit("/", 1)[-1],
             "folder": "", "urls": [f"/photos/{title}"], "metadata": said, "status": "ok"}
            for at, title in enumerate(titles)
        ]
    )  # fmt: skip


def labels(frame: pd.DataFrame) -> list[Annotation]:
    return [Annotation(item_id=id, class_name="car", geometry=BOX) for id in frame["id"]]


def told(caught: list[warnings.WarningMessage]) -> list[str]:
    return [str(one.message) for one in caught if "changed for files" in str(one.message)]


@pytest.mark.parametrize("name", BESIDE[:9])
def test_a_file_that_is_called_otherwise_than_its_picture_is_told_and_found_again(
    tmp_path: Path, name: str
) -> None:
    if name == "open_images":
        return  # Only masks and copies are files of a picture there.
    frame = items("plain.jpg", "at 10:30?.jpg", "aux.jpg")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        done = formats.write(labels(frame), tmp_path / "all", name, items=frame)
    (said,) = told(caught)
    assert "2 names changed" in said
    assert "at 10:30?" in said
    assert done.counts["renamed"] == 2
    for file in (tmp_path / "all").rglob("*"):
        assert not FORBIDDEN & set(file.name)
        assert file.name.split(".")[0] != "aux"
    found = formats.read(tmp_path / "all", name, items=frame)
    assert {one.item_id for one in found.annotations} == set(frame["id"])
    assert found.unmatched.empty
    if name == "coco_panoptic":
        return  # A picture without labels has no file.
    with pytest.raises(FormatError, match="cannot be the name of a file everywhere"):
        formats.write(
            [], tmp_path / "strict", name, items=frame[1:].reset_index(drop=True), strict=True
        )
    assert not (tmp_path / "strict").exists()


@pytest.mark.parametrize("name", BESIDE)
def test_pictures_whose_names_are_plain_are_not_told(tmp_path: Path, name: str) -> None:
    frame = items("plain.jpg", "day/two words.jpg")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        done = formats.write(
            labels(frame), tmp_path / f"all{'' if name in BESIDE[:9] else '.any'}", name,
            items=frame,
        )  # fmt: skip
    assert told(caught) == []
    assert "renamed" not in done.counts


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize("name", BESIDE)
def test_labels_name_the_copies_as_they_are_called(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for title in ("a:b.png", "nul.png"):
        Image.new("RGB", (40, 30)).save(folder / title)
    dataset = Dataset.open(folder)
    path = tmp_path / "set"
    with pytest.warns(FormatWarning, match="2 names changed for files"):
        done = formats.write(labels(dataset.items), path, name, dataset=dataset, pictures=True)
    assert done.counts["renamed"] == 2
    stems = {PurePosixPath(one.name).stem for one in path.rglob("*.png")}
    end = "_leftImg8bit" if name == "cityscapes" else ""
    assert {f"a_b{end}", "nul_leftImg8bit" if end else "nul_"} <= stems
    texts = [one.read_text() for kind in ("json", "xml", "csv") for one in path.rglob(f"*.{kind}")]
    assert not any("a:b.png" in text or '"nul.png' in text for text in texts)
    alone = ("createml", "via", "via3", "vott")
    (own,) = path.glob("*.json") if name in alone else (path,)
    found = formats.read(own, name, items=dataset.items)
    assert {one.item_id for one in found.annotations} == set(dataset)


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize("name", ["yolo", "labelme", "masks"])
def test_pictures_of_a_group_are_told_apart_by_the_names_of_their_files(
    tmp_path: Path, name: str
) -> None:
    size = {"width": 40, "height": 30}
    group: dict[str, Any] = {
        "id": "g", "kind": "image_group", "title": "g", "folder": "", "status": "ok",
        "urls": ["/x/one?.jpg", "/x/two?.jpg"], "metadata": size | {"frames": [size, size]},
    }  # fmt: skip
    frame = pd.DataFrame([group])
    made = [Annotation(item_id="g", class_name="car", geometry=BOX, frame=at) for at in (0, 1)]
    formats.write(made, tmp_path / "all", name, items=frame)
    found = formats.read(tmp_path / "all", name, items=frame)
    assert sorted(one.frame or 0 for one in found.annotations) == [0, 1]


def test_a_video_is_found_by_the_name_of_its_folder(tmp_path: Path) -> None:
    frame = items("at 10:30.mp4", "other.mp4").assign(kind="video")
    frame["metadata"] = [{"width": 40, "height": 30, "frames": 3, "fps": 5}] * 2
    track = Track({0: Keyframe(BOX), 2: Keyframe(BOX)})
    made = [Annotation(item_id="item-0", class_name="car", geometry=track)]
    with pytest.warns(FormatWarning, match="1 name changed"):
        formats.write(made, tmp_path / "mot", "mot", items=frame)
    for file in (tmp_path / "mot").rglob("seqinfo.ini"):
        file.unlink()
    found = formats.read(tmp_path / "mot", "mot", items=frame)
    assert [one.item_id for one in found.annotations] == ["item-0"]
