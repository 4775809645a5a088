"""Labels with their pictures beside them, where trainers look for both."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from labelwidgets.errors import FormatError, LabelwidgetsError, SourceError
from labelwidgets.formats import FormatWarning, read, write
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from tests.media.videos import small_video

BOX = Rectangle(4, 5, 20, 10)
# Of each format, where a picture lies.
PLACES = {
    "yolo": "images/train/{}",
    "yolo_segment": "images/train/{}",
    "voc": "JPEGImages/{}",
    "kitti": "training/image_2/{}",
    "coco": "images/{}",
    "coco_panoptic": "images/{}",
    "createml": "{}",
    "cvat": "images/{}",
    "datumaro": "images/default/{}",
    "deeplabcut": "labeled-data/{}",
    "labelme": "{}",
    "masks": "images/{}",
    "open_images": "images/train/{}",
    "segment_anything": "{}",
    "via": "{}",
    "via3": "{}",
    "vott": "{}",
}
NAMES = ("a/0.png", "b/1.png", "a/2.png")


def label(project: Project) -> None:
    items = project.tasks["item_id"]
    project.add([Annotation(item_id=id, class_name="car", geometry=BOX) for id in items])


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("ending", ["", ".zip"])
def test_pictures_lie_where_trainers_look_for_them(
    tmp_path: Path, project: Project, photos: Path, name: str, ending: str
) -> None:
    label(project)
    path = tmp_path / f"set{ending}"
    project.export(name, path, pictures=True)
    for picture in NAMES:
        place, wanted = PLACES[name].format(picture), (photos / picture).read_bytes()
        if ending:
            with zipfile.ZipFile(path) as archive:
                assert archive.read(place) == wanted
        else:
            assert (path / place).read_bytes() == wanted
    found = read(path, None if name != "deeplabcut" else name, items=project.dataset.items)
    assert found.format == name.split("_")[0] or found.format == name
    assert len(found.annotations) == (0 if name == "deeplabcut" else 3)
    assert found.left_out.empty
    assert found.unmatched.empty


def test_cityscapes_has_its_two_trees(tmp_path: Path, project: Project, photos: Path) -> None:
    label(project)
    jpeg = photos / "a/0.png"
    Image.open(jpeg).convert("RGB").save(photos / "b/4.jpg")
    dataset = Dataset.open(photos)
    labels = [Annotation(item_id=one, class_name="car", geometry=BOX) for one in dataset]
    write(labels, tmp_path / "set", "cityscapes", dataset=dataset, pictures=True)
    picture = tmp_path / "set/leftImg8bit/a/0_leftImg8bit.png"
    assert picture.read_bytes() == jpeg.read_bytes()
    assert (tmp_path / "set/gtFine/a/0_gtFine_labelIds.png").is_file()
    # Its pictures are PNG, whatever they were.
    assert (tmp_path / "set/leftImg8bit/b/4_leftImg8bit.png").read_bytes()[:4] == b"\x89PNG"
    found = read(tmp_path / "set", "cityscapes", items=dataset.items)
    assert {one.item_id for one in found.annotations} == set(dataset)


@pytest.mark.parametrize("name", ["cvat", "createml", "labelme", "via", "vott", "datumaro"])
def test_one_file_has_no_pictures_beside_it(tmp_path: Path, project: Project, name: str) -> None:
    label(project)
    path = tmp_path / ("a.xml" if name == "cvat" else "a.json")
    with pytest.raises(FormatError, match=r"must be a folder or a \.zip with pictures=True"):
        project.export(name, path, pictures=True)
    assert not path.exists()


@pytest.mark.parametrize("name", ["masks", "cityscapes", "coco_panoptic", "voc"])
def test_workers_make_the_labels_while_pictures_are_copied(
    tmp_path: Path, project: Project, photos: Path, name: str
) -> None:
    label(project)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        for workers in (None, 1):
            path = tmp_path / str(workers)
            project.export(name, path, pictures=True, workers=workers)
    one, other = (
        {file.relative_to(top): file.read_bytes() for file in top.rglob("*.png")}
        for top in (tmp_path / "None", tmp_path / "1")
    )
    assert one == other
    assert len(one) >= 3


def test_yolo_says_in_its_settings_and_lists_where_they_are(
    tmp_path: Path, project: Project
) -> None:
    label(project)
    project.export("yolo", tmp_path / "set", pictures=True)
    settings = yaml.safe_load((tmp_path / "set/data.yaml").read_text())
    for line in (tmp_path / "set" / settings["train"]).read_text().splitlines():
        picture = tmp_path / "set" / line
        assert picture.is_file()
        rows = Path(str(picture).replace("/images/", "/labels/")).with_suffix(".txt")
        assert rows.read_text().startswith("0 ")
    project.export("yolo", tmp_path / "dark", layout="darknet", pictures=True)
    for line in (tmp_path / "dark/train.txt").read_text().splitlines():
        assert (tmp_path / "dark" / line.removeprefix("data/")).is_file()


def test_coco_names_the_files_that_lie_beside_it(tmp_path: Path, project: Project) -> None:
    label(project)
    done = project.export("coco", tmp_path / "set", pictures=True)
    assert done.path.endswith("set")
    document = json.loads((tmp_path / "set/annotations.json").read_text())
    for image in document["images"]:
        assert (tmp_path / "set/images" / image["file_name"]).is_file()
    with pytest.raises(FormatError, match="must be a folder"):
        project.export("coco", tmp_path / "set.json", pictures=True)


def test_frames_that_have_labels_are_pictures(tmp_path: Path) -> None:
    film = tmp_path / "films/road.mp4"
    film.parent.mkdir()
    small_video(film, 6)
    dataset = Dataset.open(tmp_path / "films")
    (item,) = dataset
    labels = [Annotation(item_id=item, class_name="car", geometry=BOX, frame=3)]
    for name in ("yolo", "coco"):
        write(labels, tmp_path / name, name, dataset=dataset, pictures=True)
        (picture,) = (tmp_path / name).rglob("frame_000003.png")
        assert picture.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FormatError, match=r"frame_name: must end with \.png"):
        write(
            labels, tmp_path / "jpg", "coco", dataset=dataset, items=dataset.items, pictures=True,
            frame_name="{item}/{frame}.jpg",
        )  # fmt: skip


@pytest.mark.parametrize("ending", ["", ".zip"])
def test_via_3_has_the_videos_beside_it_whole(tmp_path: Path, ending: str) -> None:
    films = [tmp_path / "films" / name for name in ("a/road.mp4", "b/empty.mp4")]
    for film in films:
        film.parent.mkdir(parents=True)
        small_video(film, 6)
    dataset = Dataset.open([*map(str, films), f"frames://2-4::{films[0]}"])
    road, empty, part = dataset.items["id"]
    labels = [
        Annotation(item_id=item, class_name="car", geometry=BOX, frame=3) for item in (road, part)
    ]
    path = tmp_path / f"set{ending}"
    write(labels, path, "via3", dataset=dataset, pictures=True)
    if ending:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "set")
    document = json.loads((tmp_path / "set/via3.json").read_text())
    assert len(document["file"]) == 2
    for one in document["file"].values():
        film = next(film for film in films if film.name == Path(one["src"]).name)
        assert (tmp_path / "set" / one["src"]).read_bytes() == film.read_bytes()
    assert len(list((tmp_path / "set").rglob("*.mp4"))) == 2
    assert empty in set(dataset.items["id"])


def test_a_video_is_copied_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = tmp_path / "films/road.mp4"
    film.parent.mkdir()
    small_video(film, 6)
    monkeypatch.setattr("labelwidgets.media.picture_reader._PIECE", 300)
    dataset = Dataset.open(film.parent)
    pieces = list(dataset.pieces(next(iter(dataset))))
    assert b"".join(pieces) == film.read_bytes()
    assert max(map(len, pieces)) == 300


@pytest.mark.parametrize("name", PLACES)
def test_a_picture_that_cannot_be_read_leaves_what_was_there(
    tmp_path: Path, project: Project, photos: Path, name: str
) -> None:
    label(project)
    path = tmp_path / "set"
    (photos / "a/2.png").unlink()
    with pytest.raises(SourceError):
        project.export(name, path, pictures=True)
    assert not path.exists()


@pytest.mark.parametrize("name", PLACES)
def test_pictures_need_a_dataset(tmp_path: Path, project: Project, name: str) -> None:
    items = project.dataset.items
    with pytest.raises(FormatError, match="pass dataset="):
        write([], tmp_path / "set", name, items=items, pictures=True)


@pytest.mark.parametrize("name", PLACES)
def test_pictures_are_not_put_among_those_of_the_dataset(
    project: Project, photos: Path, name: str
) -> None:
    label(project)
    before = sorted(photos.rglob("*"))
    with pytest.raises(FormatError, match="lie in it"):
        project.export(name, photos, pictures=True)
    assert sorted(photos.rglob("*")) == before


def test_names_of_pictures_lead_nowhere_else_and_are_there_once(
    tmp_path: Path, photos: Path
) -> None:
    for name in ("X", "x"):
        (photos / name).mkdir()
        shutil.copy(photos / "b/1.png", photos / name / f"{name}.png")
    frame = Dataset.open(photos).items
    frame["folder"] = "../../../.."
    dataset = Dataset.from_items(frame)
    assert len(frame) == 5
    for name in PLACES:
        path = tmp_path / "out" / name
        with pytest.raises(LabelwidgetsError, match="same file"):
            write([], path, name, dataset=dataset, items=dataset.items, pictures=True)
        first: Any = dataset.items.head(1)
        write([], path, name, dataset=dataset, items=first, pictures=True)
        assert len(list(path.rglob("*.png"))) == (2 if name == "masks" else 1)
    assert not list(tmp_path.glob("*.png")) + list((tmp_path / "out").glob("*.png"))
