"""MOTS in and out, as text and as pictures."""

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.media.png import write_map_png
from labelwidgets.schema.tracks import Keyframe, Track
from tests.formats.test_cvat_video import SHAPES, mask, moving
from tests.formats.test_masks import bomb
from tests.formats.test_mot import FRAMES, box, videos, written

ONTOLOGY = lw.Ontology([lw.ObjectClass("car", tool="mask"), lw.ObjectClass("bus", tool="mask")])


def options():
    return {"items": videos("film"), "ontology": ONTOLOGY}


@pytest.mark.parametrize("as_", ["txt", "png"])
def test_masks_come_back_frame_by_frame(tmp_path, as_):
    track = moving(SHAPES["mask"])
    labels = [
        lw.Annotation(item_id="film", class_name="bus", geometry=track),
        lw.Annotation(item_id="film", class_name="car", geometry=mask(100, 60), frame=4),
    ]
    formats.write(labels, tmp_path / "a.zip", "mots", as_=as_, **options())
    found = formats.read(tmp_path / "a.zip", **options())
    assert found.format == "mots"
    by_class = {made.class_name: made for made in found.annotations}
    assert by_class["bus"].origin.parameters == {"id": 2001}
    for frame in range(FRAMES):
        was, now = track.at(frame), by_class["bus"].geometry.at(frame)
        assert (was and was.geometry) == (now and now.geometry)
        there = by_class["car"].geometry.at(frame)
        assert (there is not None) == (frame == 4)
    formats.write(found, tmp_path / "b.zip", "mots", as_=as_, **options())
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_pictures_of_datumaro(shared_data):
    found = formats.read(shared_data / "imports" / "datumaro" / "mots_png")
    assert found.format == "mots"
    made = {(one.item_id, one.origin.parameters["id"]): one for one in found.annotations}
    assert {key: one.class_name for key, one in made.items()} == {
        ("train", 3002): "c", ("train", 4001): "d", ("train", 4002): "d", ("train", 4003): "d",
        ("val", 1001): "a",
    }  # fmt: skip
    assert made["train", 4003].geometry.at(0).geometry.bounds == (0, 0, 2, 1)
    assert made["train", 4003].geometry.at(1) is None
    assert made["train", 4002].geometry.at(1).geometry.bounds == (0, 0, 1, 1)


def test_regions_that_are_ignored_come_back(tmp_path):
    code = mask(5, 5).rle.counts
    text = f"0 1001 1 100 200 {code}\n0 10000 10 100 200 {mask(90, 5).rle.counts}\n"
    path = written(tmp_path / "film.txt", text)
    found = formats.read(path, items=videos("film"))
    assert [one.class_name for one in found.annotations] == ["car", "ignore"]
    formats.write(found, tmp_path / "out.txt", "mots", items=videos("film"))
    assert (tmp_path / "out.txt").read_text() == text


def test_masks_that_overlap_are_cut_and_that_is_said(tmp_path):
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=Track({0: Keyframe(box(x, 1))}))
        for x in (1, 6)
    ]
    with pytest.warns(FormatWarning, match=f"{5 * 8 * FRAMES:,} pixels of several objects"):
        formats.write(labels, tmp_path / "a.txt", "mots", **options())
    one, two = formats.read(tmp_path / "a.txt", **options()).annotations
    assert (one.geometry.at(9).geometry.area, two.geometry.at(9).geometry.area) == (80, 40)
    assert len(one.geometry.keyframes) == 2
    masks = [
        lw.Annotation(item_id="film", class_name="car", geometry=Track({0: Keyframe(mask(x, 5))}))
        for x in (5, 6)
    ]
    with pytest.raises(FormatError, match="several objects"):
        formats.write(masks, tmp_path / "a.txt", "mots", strict=True, **options())


CODE = mask(5, 5).rle.counts
WRONG = {
    "size of the code": (f"0 1001 1 100 100 {CODE}", "line 1, code.*counts"),
    "size of the frame": (f"0 1001 1 200 100 {CODE}", "is 100 x 200 pixels, the frames"),
    "class": (f"0 9001 9 100 200 {CODE}", "is 9, which is no class"),
    "id and class": (f"0 1001 2 100 200 {CODE}", "must be class \\* 1000"),
    "fields": ("0 1001 1 100 200", "has 5 fields"),
    "number": (f"0 x 1 100 200 {CODE}", "id: must be a whole number"),
    "frame beyond": (f"40 1001 1 100 200 {CODE}", "is frame 40"),
    "twice": (f"0 1001 1 100 200 {CODE}\n" * 2, "line 2.*second mask of object 1001"),
    "not UTF-8": (b"0 \xff 1 100 200 a", "line 1.*UTF-8"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    text, expected = WRONG[row]
    path = written(tmp_path / "film.txt", text)
    with pytest.raises(FormatError, match=expected):
        formats.read(path, "mots", **options())


def test_a_picture_that_is_a_bomb_or_in_colour_is_told(tmp_path):
    folder = tmp_path / "instances" / "film"
    folder.mkdir(parents=True)
    for data, words in (
        (bomb(), "60000 x 60000"),
        (write_map_png(np.zeros((4, 4, 3), np.uint8)), "must be a grey picture"),
    ):
        (folder / "000000.png").write_bytes(data)
        with pytest.raises(FormatError, match=words):
            formats.read(tmp_path, "mots")


def test_pictures_are_written_of_videos_with_labels_and_rows_of_all(tmp_path):
    label = lw.Annotation(
        item_id="film", class_name="car", geometry=Track({0: Keyframe(mask(5, 5))})
    )
    items = videos("film", "nothing")
    for as_, there in (("txt", {"film", "nothing"}), ("png", {"film"})):
        formats.write([label], tmp_path / as_, "mots", items=items, ontology=ONTOLOGY, as_=as_)
        back = formats.read(tmp_path / as_, "mots", items=items, ontology=ONTOLOGY)
        assert set(back.items["id"]) == there
