"""Projects of VIA 3: pictures, frames by their time, and segments."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats import registry
from tests.formats.specimens import specimen
from tests.formats.test_hostile_files import values_changed
from tests.media.videos import small_video

FILMS = specimen("track", registry.holds("sleap")).items  # 10 frames, 25 a second
PHOTOS = specimen("rectangle", registry.holds("via")).items.assign(id=["p1", "p2"])
ITEMS = pd.concat([PHOTOS, FILMS], ignore_index=True)
ATTRIBUTES = {
    "1": {"aname": "Activity", "anchor_id": "FILE1_Z2_XY0", "type": 4,
          "options": {"1": "break egg", "2": "pour"}},
    "2": {"aname": "Object", "anchor_id": "FILE1_Z1_XY1", "type": 1, "options": {}},
    "3": {"aname": "colour", "anchor_id": "FILE1_Z1_XY1", "type": 3, "options": {"r": "red"}},
    "4": {"aname": "weather", "anchor_id": "FILE1_Z0_XY0", "type": 4, "options": {"0": "rain"}},
    "5": {"aname": "parts", "anchor_id": "FILE1_Z1_XY1", "type": 2,
          "options": {"w": "wheel", "d": "door"}},
}  # fmt: skip


def project(*metadata: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a project with a picture (view 1) and a film (view 2)."""
    return {
        "project": {"pid": "__VIA_PROJECT_ID__", "pname": "kitchen", "vid_list": ["1", "2"]},
        "config": {
            "file": {"loc_prefix": {"1": "", "2": "https://host/", "3": "", "4": ""}},
            "ui": {"spatial_region_label_attribute_id": "2"},
        },
        "attribute": ATTRIBUTES,
        "file": {
            "1": {"fid": 1, "fname": "one.jpg", "type": 2, "loc": 1, "src": ""},
            "2": {"fid": 2, "fname": "two.mp4", "type": 4, "loc": 2, "src": "day/two.mp4"},
        },
        "view": {"1": {"fid_list": [1]}, "2": {"fid_list": ["2"]}},
        "metadata": {f"m{at}": {"flg": 0} | one for at, one in enumerate(metadata)},
    } | changes


def said(xy: Any = (), z: Any = (), vid: str = "1", **av: Any) -> dict[str, Any]:
    """Return what is said of a place and a time, answers as ``a2="cup"``."""
    answers = {key.removeprefix("a"): value for key, value in av.items()}
    return {"vid": vid, "z": list(z), "xy": list(xy), "av": answers or {"2": "cup"}}


def read(folder: Path, document: Any, items: Any = ITEMS, **options: Any) -> formats.Imported:
    path = folder / "via3.json"
    path.write_text(json.dumps(document), "utf-8")
    return formats.read(path, items=items, **options)


SHAPES = [
    ([1, 3, 4], lw.Point(3, 4)),
    ([2, 1, 2, 30, 20], lw.Rectangle(1, 2, 30, 20)),
    ([3, 20, 21, 5], lw.Ellipse(20, 21, 5, 5)),
    ([4, 20, 21, 9, 5], lw.Ellipse(20, 21, 9, 5)),
    ([5, 1, 2, 30, 40], lw.Polyline([(1, 2), (30, 40)])),
    ([6, 1, 2, 30, 40, 5, 6], lw.Polyline([(1, 2), (30, 40), (5, 6)])),
    ([7, 1, 1, 9, 1, 5, 8], lw.Polygon([[[(1, 1), (9, 1), (5, 8)]]])),
    ([8, 10, 3, 20, 9, 11, 30, 2, 12], lw.Rectangle(2, 3, 18, 27)),
    ([9, 25, 20, 20, 25, 15, 20], lw.Ellipse(20, 20, 5, 5)),
]


def test_every_kind_of_shape_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, project(*(said(xy) for xy, _ in SHAPES)))
    assert found.format == "via3"
    assert [one.geometry for one in found.annotations] == [shape for _, shape in SHAPES]
    assert {one.class_name for one in found.annotations} == {"cup"}
    assert {one.item_id for one in found.annotations} == {"p1"}
    assert found.annotations[0].origin.parameters["id"] == "m0"


def test_times_are_frames_and_segments_are_events(tmp_path: Path) -> None:
    document = project(
        said([2, 1, 2, 30, 20], [0.12], "2", a2="cup"),
        said([2, 1, 2, 30, 20], [0.119999], "2", a2="cup"),
        said([], [0.04, 0.2], "2", a1="2"),
        said([], [0.04, 0.4], "2", a1="1"),
    )
    frame, same, pour, egg = read(tmp_path, document).annotations
    assert (frame.item_id, frame.frame, same.frame) == ("two", 3, 3)
    assert (pour.class_name, pour.geometry) == ("pour", lw.Interval(1, 4))
    assert (egg.class_name, egg.geometry) == ("break egg", lw.Interval(1, 9))
    assert pour.origin.parameters["seconds"] == [0.04, 0.2]
    without = FILMS.assign(metadata=[{"width": 96, "height": 64}] * 2)
    with pytest.raises(FormatError, match="how many frames a second"):
        read(tmp_path, document, pd.concat([PHOTOS, without]))


def test_videos_that_are_there_say_which_frame_is_seen_at_a_time(tmp_path: Path) -> None:
    # The third frame is seen for ten frames' time.
    small_video(tmp_path / "two.mp4", 6, pts=[0, 1, 2, 12, 13, 14], rate=10)
    dataset = lw.Dataset.open(tmp_path / "two.mp4")
    document = project(
        said([2, 1, 2, 30, 20], [0.9], "2"),
        said([], [0.1, 1.3], "2", a1="1"),
        said([], [99], "2", a1="1"),
    )
    del document["view"]["1"]
    found = read(tmp_path, document, None, dataset=dataset, errors="collect")
    box, egg = found.annotations
    assert box.frame == 2
    assert egg.geometry == lw.Interval(1, 3)
    assert "is over at 1.4" in found.left_out["reason"][0]


def test_answers_are_those_of_options_and_of_files(tmp_path: Path) -> None:
    ontology = lw.Ontology(
        [lw.ObjectClass("cup", attributes=[lw.Radio("colour", ["red", "blue"])])],
        [lw.Dropdown("weather", ["dry", "rain"])],
    )
    document = project(
        said([2, 1, 2, 30, 20], a2="cup", a3="r", a5="w,d"), said([], [], "1", a4="0")
    )
    box, about = read(tmp_path, document, ontology=ontology).annotations
    assert box.attributes == {"colour": "red"}
    assert box.origin.parameters["attributes"] == {"parts": ["wheel", "door"]}
    assert (about.class_name, about.attributes) == (None, {"weather": "rain"})


def test_without_items_the_files_of_the_project_are_the_items(tmp_path: Path) -> None:
    document = project(said([2, 1, 2, 30, 20]), said([], [], "2", a4="0"))
    found = read(tmp_path, document, None)
    assert found.items["kind"].tolist() == ["image", "video"]
    assert found.items["urls"].tolist() == [[], ["https://host/day/two.mp4"]]


def test_events_and_frames_go_into_a_project(tmp_path: Path) -> None:
    small_video(tmp_path / "two.mp4", 10)
    dataset = lw.Dataset.open(tmp_path / "two.mp4")
    document = project(said([2, 1, 2, 3, 4], [0.12], "2"), said([], [0.04, 0.2], "2", a1="1"))
    path = tmp_path / "via3.json"
    path.write_text(json.dumps(document))
    with lw.Project.create(tmp_path / "kitchen.db", dataset, []) as kitchen:
        assert kitchen.import_annotations(path, add_classes=True).added == 2
        tools = {made.name: made.tool for made in kitchen.ontology.classes}
        assert tools == {"cup": "rectangle", "break egg": "interval"}


ONE = {"1": {"fid_list": [1]}}
WRONG = {
    "no view": (project(said([1, 2, 3], vid="9")), "vid: '9' is no view"),
    "no kind": (project(said([10, 2, 3])), r"xy\[0\]: 10 is no kind"),
    "half a kind": (project(said([2.5, 2, 3])), r"xy\[0\]: 2.5 is no kind"),
    "few numbers": (project(said([2, 1, 2, 3])), "xy: has 3 numbers"),
    "odd": (project(said([7, 1, 2, 3, 4, 5, 6, 7])), "xy: has 7 numbers"),
    "words": (project(said(["2", 1, 2, 3, 4])), "xy: must be a number"),
    "no list": (project(said([1, 2, 3]) | {"z": 3}), "z: must be a list"),
    "a line": (project(said([9, 1, 1, 2, 2, 3, 3])), "three points on a line"),
    "backwards": (project(said([], [0.3, 0.1], "2", a1="1")), "ends before it begins"),
    "negative": (project(said([], [-1], "2", a1="1")), "must not be negative"),
    "beyond": (project(said([1, 2, 3], [9], "2")), "is frame 225"),
    "time of a picture": (project(said([1, 2, 3], [1])), "a picture has none"),
    "a shape through time": (project(said([1, 2, 3], [0, 0.1], "2")), "through time"),
    "a time of two files": (
        project(said([1, 2, 3], [0.1]), view={"1": {"fid_list": [1, 2]}}),
        "z: is a time, and the view '1' shows 2 files: VIA does not say of which",
    ),
    "no file": (project(said([1, 2, 3]), view={"1": {"fid_list": [7]}}), "names no file"),
    "sound": (project(said([1, 2, 3]), file={"1": {"type": 8}}, view=ONE), "no video"),
    "no class": (project(said([1, 2, 3], a3="r")), "Object: is not said"),
    "an answer": (project(said([1, 2, 3]) | {"av": []}), "av: must be an object"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named_and_can_be_left_out(tmp_path: Path, row: str) -> None:
    document, expected = WRONG[row]
    document = document | {
        "view": {"1": document["view"]["1"]} if row == "sound" else document["view"]
    }
    with pytest.raises(FormatError, match=expected):
        read(tmp_path, document)
    found = read(tmp_path, document, errors="collect")
    assert not found.annotations
    assert len(found.left_out) == 1


def test_a_sound_that_nobody_has_labelled_is_no_fault(tmp_path: Path) -> None:
    files = project()["file"] | {"2": {"type": 8, "fname": "a.ogg"}}
    found = read(tmp_path, project(said([1, 2, 3]), file=files))
    assert len(found.annotations) == 1


def test_values_of_other_kinds_are_read_or_refused_by_name(tmp_path: Path) -> None:
    chance = random.Random(3)
    sound = project(
        said([2, 1, 2, 3, 4], a2="cup", a3="r", a5="w,d"), said([], [0.04, 0.2], "2", a1="1")
    )
    data = json.dumps(sound).encode()
    for _ in range(4):
        for how, changed in values_changed(data, ".json", chance):
            (tmp_path / "a.json").write_bytes(changed)
            places = []
            for errors in ("raise", "collect"):
                try:
                    formats.read(tmp_path / "a.json", "via", items=ITEMS, errors=errors)
                except LabelwidgetsError as error:
                    places.append(str(error.where))
            assert all("a.json" in place for place in places), how


def test_half_a_file_and_a_file_of_nothing(tmp_path: Path) -> None:
    assert not read(tmp_path, project()).annotations
    with pytest.raises(FormatError, match="attribute, aname"):
        read(tmp_path, project(attribute={"1": {}}))
    (tmp_path / "half.json").write_text(json.dumps(project(said([1, 2, 3])))[:-30])
    with pytest.raises(FormatError, match=r"half\.json"):
        formats.read(tmp_path / "half.json", items=ITEMS)


PAIR = {
    "file": {
        str(at): {"fid": at, "fname": name, "type": 2, "loc": 1, "src": ""}
        for at, name in enumerate(["one.jpg", "two.jpg"], 1)
    },
    "view": {"1": {"fid_list": [1, 2]}, "2": {"fid_list": [2]}, "3": {"fid_list": [2, 1]}},
}


def test_what_is_said_of_a_group_is_said_of_each_of_its_files(tmp_path: Path) -> None:
    group = {"aname": "better", "anchor_id": "FILEN_Z0_XY0", "type": 3,
             "options": {"0": "first", "1": "second"}}  # fmt: skip
    document = project(
        said([2, 1, 2, 30, 20], a2="cup"),
        said([], [], "1", a9="1"),
        said([], [], "3", a9="0"),
        said([], [], "2", a4="0"),
        attribute=ATTRIBUTES | {"9": group},
        **PAIR,
    )
    found = read(tmp_path, document, PHOTOS)
    shapes = [one for one in found.annotations if one.class_name]
    assert [(one.item_id, one.geometry) for one in shapes] == [
        (id, lw.Rectangle(1, 2, 30, 20)) for id in ("p1", "p2")
    ]
    said_of = {"view": "1", "files": ["one.jpg", "two.jpg"]}
    assert all(one.origin.parameters["group"] == said_of for one in shapes)
    first, second = (one for one in found.annotations if not one.class_name)
    asked = found.ontology
    again = read(tmp_path, document, PHOTOS, ontology=asked)
    answers = [one.attributes for one in again.annotations if not one.class_name]
    # The view that comes first counts, where a file is in several groups.
    assert answers == [{"better": "second"}, {"better": "second", "weather": "rain"}]
    assert [one["attributes"] for one in first.origin.parameters["groups"]] == [
        {"better": "second"}, {"better": "first"}
    ]  # fmt: skip
    assert second.origin.parameters["groups"][1]["files"] == ["two.jpg", "one.jpg"]
    assert lw.Radio("better", ["first", "second"]) in asked.image_attributes


def test_a_file_of_a_group_that_is_no_item_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, project(said([1, 2, 3]), **PAIR), PHOTOS[:1])
    assert [one.item_id for one in found.annotations] == ["p1"]
    assert found.unmatched["file_name"].tolist() == ["two.jpg"]


def test_questions_come_with_the_answers_to_them(tmp_path: Path) -> None:
    document = project(
        said([2, 1, 2, 30, 20], a2="cup", a3="r", a5="w,d", a7="x"),
        said([], [], "1", a4="0"),
        said([], [0.04, 0.2], "2", a1="2", a8="slowly"),
        attribute=ATTRIBUTES
        | {
            "7": {"aname": "empty", "anchor_id": "FILE1_Z0_XY1", "type": 4, "options": {}},
            "8": {"aname": "how", "anchor_id": "FILE1_Z2_XY0", "type": 1, "options": {}},
            "1": {**ATTRIBUTES["1"], "aname": "class"},
        },
    )
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    asked = formats.read(path, items=ITEMS).ontology
    assert asked["cup"].attributes == [
        lw.Radio("colour", ["red"]),
        lw.Checkbox("parts", ["wheel", "door"]),
        lw.Text("empty"),
    ]
    assert asked["pour"].attributes == [lw.Text("how")]
    assert asked.image_attributes == [lw.Dropdown("weather", ["rain"])]
    found = formats.read(path, items=ITEMS, ontology=asked)
    assert [one.attributes for one in found.annotations] == [
        {"colour": "red", "parts": ["wheel", "door"], "empty": "x"},
        {"how": "slowly"},
        {"weather": "rain"},
    ]


ASKING = lw.Ontology(
    [
        lw.ObjectClass("cup", attributes=[lw.Radio("colour", ["red", "blue"]), lw.Text("note")]),
        lw.ObjectClass("pour", tool="interval"),
        lw.ObjectClass("indoors", tool="tag", attributes=[lw.Checkbox("with", ["a", "b"])]),
    ],
    [lw.Dropdown("weather", ["dry", "rain"])],
)


def test_what_is_written_is_a_project_of_via_with_its_questions(tmp_path: Path) -> None:
    def label(item: str, name: str | None, shape: Any, **more: Any) -> lw.Annotation:
        return lw.Annotation(item_id=item, class_name=name, geometry=shape, **more)

    made = [
        label("p1", "cup", lw.Rectangle(1, 2, 30, 20), attributes={"colour": "blue"}),
        label("p1", "cup", lw.Ellipse(20, 21, 9, 5, 180), confidence=0.25),
        label("p1", "cup", lw.Tag()),
        label("p1", "indoors", lw.Tag()),
        label("p1", "indoors", lw.Tag(), attributes={"with": ["a", "b"]}),
        label("p1", None, lw.Tag(), attributes={"weather": "rain"}),
        label("two", "cup", lw.Point(3, 4), frame=3),
        label("two", "pour", lw.Interval(1, 4), confidence=0.5),
    ]
    path = tmp_path / "via3.json"
    done = formats.write(made, path, "via3", items=ITEMS, ontology=ASKING)
    assert (done.counts["images"], done.counts["annotations"]) == (4, 6)
    document = json.loads(path.read_bytes())
    assert next(iter(document["metadata"].values()))["xy"] == [2, 1, 2, 30, 20]
    assert [one["z"] for one in document["metadata"].values()][-2:] == [[0.12], [0.04, 0.2]]
    kinds = {
        (one["aname"], one["anchor_id"]): one["type"] for one in document["attribute"].values()
    }
    assert kinds["class", "FILE1_Z0_XY1"] == kinds["class", "FILE1_Z2_XY0"] == 4
    assert (kinds["colour", "FILE1_Z1_XY1"], kinds["note", "FILE1_Z0_XY1"]) == (3, 1)
    assert (kinds["with", "FILE1_Z0_XY0"], kinds["class", "FILE1_Z0_XY0"]) == (2, 2)
    assert document["project"]["vid_list"] == list(document["view"]) == list(document["file"])
    assert set(document["metadata"]["1_3"]) == {"vid", "flg", "z", "xy", "av"}
    back = formats.read(path, items=ITEMS, ontology=ASKING)
    assert back.format == "via3"

    def told(one: lw.Annotation) -> Any:
        plain = lw.Ellipse(20, 21, 9, 5) if isinstance(one.geometry, lw.Ellipse) else one.geometry
        said = sorted(one.attributes.items())
        return str((one.item_id, one.class_name, plain, one.frame, said, one.confidence))

    assert sorted(map(told, back.annotations)) == sorted(map(told, made))
    questions = {one.name for one in formats.read(path, items=ITEMS).ontology["cup"].attributes}
    assert questions == {"colour"}


def test_videos_whose_frames_have_times_of_their_own_are_written_by_these(tmp_path: Path) -> None:
    small_video(tmp_path / "two.mp4", 6, pts=[0, 1, 2, 12, 13, 14], rate=10)
    dataset = lw.Dataset.open(tmp_path / "two.mp4")
    item = str(dataset.items["id"][0])
    made = [
        lw.Annotation(item_id=item, class_name="pour", geometry=lw.Interval(first, last))
        for first, last in ((0, 2), (2, 2), (3, 5), (5, 5))
    ]
    path = tmp_path / "via3.json"
    formats.write(made, path, "via3", dataset=dataset)
    ends = [one["z"] for one in json.loads(path.read_bytes())["metadata"].values()]
    assert ends[:2] == [[0, 1.2], [0.2, 1.2]]
    back = formats.read(path, dataset=dataset).annotations
    assert [one.geometry for one in back] == [one.geometry for one in made]


def test_a_video_of_unknown_rate_cannot_be_written(tmp_path: Path) -> None:
    film = FILMS.assign(metadata=[{"width": 96, "height": 64}] * 2)
    made = lw.Annotation(item_id="two", class_name="cup", geometry=lw.Point(1, 2), frame=3)
    with pytest.raises(FormatError, match="how many frames a second"):
        formats.write([made], tmp_path / "a.json", "via3", items=film)
    assert not list(tmp_path.iterdir())
