"""KITTI in and out: objects on pictures and tracks through videos."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.tracks import Keyframe, Track
from tests.formats import labels
from tests.formats.test_mot import FRAMES, box, videos

# Rows of the readme of the devkit, cut to a smaller picture.
CAR = "Car 0.00 1 2.13 8.22 5.25 39.59 28.19 1.59 1.72 3.86 -11.46 2.22 18.60 1.58"
IGNORED = "DontCare -1 -1 -10 3.59 2.33 8.16 7.72 -1 -1 -1 -1000 -1000 -1000 -10"
RESULT = "Cyclist 0.5 3 2.48 1 2 20.5 30.25 1.86 0.60 2.01 6.30 1.92 9.28 3.06 0.75"


def made(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path / "set"


def fields(path: Path) -> list[list[object]]:
    """Return rows as the devkit reads them: a word and numbers between blanks."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return [[row[0], *map(float, row[1:])] for row in rows]


def test_what_rows_say_is_kept_and_written_again(tmp_path: Path) -> None:
    text = f"{CAR}\n{IGNORED}\n{RESULT}\n"
    folder = made(tmp_path, {"training/label_2/a.txt": text})
    found = formats.read(folder, items=labels.items("a"))
    assert found.format == "kitti"
    car, ignored, result = found.annotations
    assert (car.class_name, car.confidence) == ("Car", None)
    assert car.geometry.bounds == pytest.approx((8.22, 5.25, 31.37, 22.94))
    assert car.origin.parameters == {
        "occluded": 1,
        "alpha": 2.13,
        "dimensions": [1.59, 1.72, 3.86],
        "location": [-11.46, 2.22, 18.6],
        "rotation_y": 1.58,
    }
    assert ignored.origin.parameters == {"truncated": -1, "occluded": -1}
    assert (result.confidence, result.origin.parameters["truncated"]) == (0.75, 0.5)
    formats.write(found, tmp_path / "out", "kitti")
    out = tmp_path / "out/training/label_2/a.txt"
    assert fields(out) == fields(folder / "training/label_2/a.txt")
    assert [len(row) for row in fields(out)] == [15, 15, 16]


def test_what_nobody_knows_is_written_as_kitti_does(tmp_path: Path) -> None:
    one = lw.Annotation(item_id="a", class_name="car", geometry=lw.Rectangle(1, 2, 3, 4))
    formats.write([one], tmp_path / "out", "kitti", items=labels.items("a", "b"))
    row = ["car", 0, 0, -10, 1, 2, 4, 6, -1, -1, -1, -1000, -1000, -1000, -10]
    assert fields(tmp_path / "out/training/label_2/a.txt") == [row]
    assert (tmp_path / "out/training/label_2/b.txt").read_bytes() == b""
    back = formats.read(tmp_path / "out", items=labels.items("a", "b"))
    assert back.annotations[0].origin.parameters == {}
    assert set(back.items["id"]) == {"a", "b"}


def test_truncated_and_occluded_are_answers_where_there_are_questions(tmp_path: Path) -> None:
    asked = [lw.Text("truncated"), lw.Dropdown("occluded", ["0", "1", "2", "3"])]
    ontology = lw.Ontology([lw.ObjectClass("Car", attributes=asked)])
    options = {"items": labels.items("a"), "ontology": ontology}
    folder = made(tmp_path, {"label_2/a.txt": CAR})
    (one,) = formats.read(folder, **options).annotations
    assert one.attributes == {"truncated": "0.00", "occluded": "1"}
    formats.write([one], tmp_path / "out", "kitti", **options)
    assert fields(tmp_path / "out/training/label_2/a.txt") == fields(folder / "label_2/a.txt")


def test_sizes_and_names_are_those_of_pictures_that_lie_there(tmp_path: Path) -> None:
    folder = made(tmp_path, {"testing/label_2/000007.txt": CAR, "testing/image_2/x.txt": ""})
    Image.new("RGB", (60, 50)).save(folder / "testing/image_2/000007.png")
    found = formats.read(folder)
    (item,) = found.items.to_dict("records")
    assert (item["id"], item["metadata"]) == (
        "000007.png",
        {"width": 60, "height": 50, "split": "test"},
    )


def test_parts_of_a_set_come_back(tmp_path: Path) -> None:
    items, split = labels.items("a", "b", "c"), {"a": "test", "b": "val"}
    formats.write([], tmp_path / "out", "kitti", items=items, split=split)
    found = formats.read(tmp_path / "out")
    parts = {one["id"]: one["metadata"]["split"] for one in found.items.to_dict("records")}
    assert parts == {"a": "test", "b": "val", "c": "train"}


def test_classes_with_blanks_are_found_again_and_none_is_mixed_up(tmp_path: Path) -> None:
    ontology = lw.Ontology([lw.ObjectClass("big car"), lw.ObjectClass("7")])
    some = [
        lw.Annotation(item_id="a", class_name=name, geometry=lw.Rectangle(1, 2, 3, 4))
        for name in ("big car", "7")
    ]
    options = {"items": labels.items("a"), "ontology": ontology}
    formats.write(some, tmp_path / "out", "kitti", **options)
    assert [row[0] for row in fields(tmp_path / "out/training/label_2/a.txt")] == [
        "big_car",
        "class_7",
    ]
    back = formats.read(tmp_path / "out", **options)
    assert [one.class_name for one in back.annotations] == ["big car", "7"]
    both = lw.Ontology([lw.ObjectClass("big car"), lw.ObjectClass("big_car")])
    with pytest.raises(FormatError, match="would both be called 'big_car'"):
        formats.write([], tmp_path / "x", "kitti", items=labels.items("a"), ontology=both)


def test_a_box_that_leaves_its_picture_is_cut_and_that_is_said(tmp_path: Path) -> None:
    one = lw.Annotation(item_id="a", class_name="car", geometry=lw.Rectangle(-0.5, 2, 20, 10))
    with pytest.warns(FormatWarning, match="1 part outside of its picture"):
        formats.write([one], tmp_path / "out", "kitti", items=labels.items("a"))
    assert fields(tmp_path / "out/training/label_2/a.txt")[0][4:8] == [0, 2, 19.5, 12]


WRONG = {
    "half a row": (CAR[:-10], "has 14 columns|has 13 columns"),
    "too many": (f"{CAR} 1 2", "has 17 columns"),
    "nan": (CAR.replace("2.13", "nan"), "alpha: must be a finite number, not 'nan'"),
    "digits": (CAR.replace("2.13", "9" * 5000), "alpha: must be a finite number"),
    "turned round": (CAR.replace("39.59", "1.0"), "left, top, right, bottom: is a box from 8.22"),
    "off the picture": (CAR.replace("39.59", "900"), "outside of the image"),
    "a word": (CAR.replace("18.60", "far"), "z: must be a finite number, not 'far'"),
    "a class": (CAR.replace("Car", "C" * 300), "type: .*200 are allowed"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_that_is_wrong_is_named_and_left_out(tmp_path: Path, name: str) -> None:
    row, match = WRONG[name]
    folder = made(tmp_path, {"label_2/a.txt": f"{CAR}\n{row}\n{IGNORED}\n"})
    options = {"items": labels.items("a")}
    with pytest.raises(FormatError, match=match) as caught:
        formats.read(folder, "kitti", **options)
    assert "label_2/a.txt, line 2" in str(caught.value)
    found = formats.read(folder, "kitti", errors="collect", **options)
    assert found.left_out["record"].tolist() == ["label_2/a.txt, line 2"]
    assert len(found.annotations) == 2


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    folder = made(tmp_path, {"label_2/a.txt": CAR.encode("utf-16"), "label_2/b.txt": CAR})
    with pytest.raises(FormatError, match=r"label_2/a\.txt"):
        formats.read(folder, "kitti")
    assert len(formats.read(folder, "kitti", errors="collect").annotations) == 1
    with pytest.raises(LabelwidgetsError, match="more than 20 bytes"):
        formats.read(folder, "kitti", max_bytes=20)
    with pytest.raises(FormatError, match="no labels of KITTI"):
        formats.read(made(tmp_path / "x", {"a.md": "x"}), "kitti")


def test_a_single_file_is_read_by_its_name(tmp_path: Path) -> None:
    folder = made(tmp_path, {"a.txt": b"\xef\xbb\xbf" + f"{CAR}\r\n\r\n".encode()})
    (one,) = formats.read(folder / "a.txt", items=labels.items("a")).annotations
    assert one.item_id == "a"


ROWS = """\
0 2 Car 0.00 0 -1.79 10 10 30 30 1.51 1.60 3.20 -2 1.7 13.4 -1.9
1 2 Car 0.10 1 -1.79 11 10 31 30 1.51 1.60 3.20 -2 1.7 13.4 -1.9
2 2 Car 0.10 1 -1.70 12 10 32 30 1.51 1.60 3.20 -2 1.7 13.0 -1.8
1 -1 DontCare -1 -1 -10 50 50 60 60 -1 -1 -1 -1000 -1000 -1000 -10
5 7 Person_sitting 0 3 1 1 1 9 9 1.2 0.5 0.6 1 2 3 4 0.5
"""


def test_tracks_are_read_and_written_again_row_by_row(tmp_path: Path) -> None:
    folder = made(tmp_path, {"label_02/film.txt": ROWS})
    found = formats.read(folder, items=videos("film"))
    assert found.format == "kitti_tracking"
    by_class = {one.class_name: one for one in found.annotations}
    car = by_class["Car"]
    seen = [car.geometry.at(frame) for frame in range(4)]
    assert [one and one.geometry.bounds[0] for one in seen] == [10, 11, 12, None]
    assert [one and one.occluded for one in seen] == [False, True, True, None]
    assert car.origin.parameters["id"] == 2
    assert car.origin.parameters["frames"]["2"]["alpha"] == -1.7
    assert (by_class["DontCare"].geometry.type, by_class["DontCare"].frame) == ("rectangle", 1)
    formats.write(found, tmp_path / "out.txt", "kitti_tracking", items=videos("film"))
    was, now = (
        [line.split() for line in text.splitlines()]
        for text in (ROWS, (tmp_path / "out.txt").read_text())
    )
    numbers = [[row[2], *map(float, row[:2] + row[3:])] for row in was]
    assert sorted(numbers) == sorted([row[2], *map(float, row[:2] + row[3:])] for row in now)


def test_an_object_that_somebody_uncovers_is_no_longer_occluded(tmp_path: Path) -> None:
    folder = made(tmp_path, {"label_02/film.txt": ROWS})
    (car,) = [
        one
        for one in formats.read(folder, items=videos("film")).annotations
        if one.class_name == "Car"
    ]
    shape = Track({0: Keyframe(box(10, 10)), 3: Keyframe(outside=True)})
    again = lw.Annotation(item_id="film", class_name="Car", geometry=shape, origin=car.origin)
    formats.write([again], tmp_path / "out.txt", "kitti_tracking", items=videos("film"))
    rows = [line.split() for line in (tmp_path / "out.txt").read_text().splitlines()]
    assert [row[4] for row in rows] == ["0", "0", "0"]
    assert [row[3] for row in rows] == ["0", "0.1", "0.1"]


def test_a_track_goes_on_to_the_end_of_its_video(tmp_path: Path) -> None:
    shape = Track({2: Keyframe(box(10, 10))})
    some = [lw.Annotation(item_id="film", class_name="Car", geometry=shape) for _ in range(2)]
    formats.write(some, tmp_path / "out", "kitti_tracking", items=videos("film", "other"))
    rows = (tmp_path / "out/label_02/film.txt").read_text().splitlines()
    assert len(rows) == 2 * (FRAMES - 2)
    assert {row.split()[1] for row in rows} == {"0", "1"}
    assert (tmp_path / "out/label_02/other.txt").read_bytes() == b""
    back = formats.read(tmp_path / "out", items=videos("film", "other"))
    assert all(one.geometry.at(FRAMES - 1) is not None for one in back.annotations)


TRACKS = {
    "twice": ("0 2 " + CAR, "track_id: is the second row of object 2 on frame 0"),
    "another class": ("3 2 " + RESULT, "type: is 'Cyclist', and object 2 is 'Car'"),
    "a frame": ("x 2 " + CAR, "frame: must be a whole number from 0, not 'x'"),
    "a frame before": ("-1 2 " + CAR, "frame: must be a whole number"),
    "a frame beyond": (f"{10**6} 2 " + CAR, f"is frame {10**6}"),
    "an id": ("3 -2 " + CAR, "track_id: must be a whole number"),
    "half a row": ("3 2 Car 0", "has 2 columns for an object"),
}


@pytest.mark.parametrize("name", TRACKS)
def test_a_row_of_a_track_that_is_wrong_is_named_and_left_out(tmp_path: Path, name: str) -> None:
    row, match = TRACKS[name]
    folder = made(tmp_path, {"label_02/film.txt": f"{ROWS}{row}\n"})
    options = {"items": videos("film")}
    with pytest.raises(FormatError, match=match) as caught:
        formats.read(folder, **options)
    assert "label_02/film.txt, line 6" in str(caught.value)
    found = formats.read(folder, errors="collect", **options)
    assert len(found.left_out) == 1
    assert len(found.annotations) == 3


def test_a_video_that_is_no_item_is_said(tmp_path: Path) -> None:
    folder = made(tmp_path, {"label_02/film.txt": ROWS, "label_02/nothing.txt": ROWS})
    found = formats.read(folder, items=videos("film", "other"))
    assert found.unmatched["record"].tolist() == ["label_02/nothing.txt"]
    alone = formats.read(folder)
    assert sorted(alone.items["id"]) == ["film", "nothing"]
    assert alone.items["metadata"][0]["frames"] == 6
