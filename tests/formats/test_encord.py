"""Encord's exports, in and out."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pycocotools import mask as coco

from labelwidgets import formats
from labelwidgets.algorithms import decode_rle
from labelwidgets.errors import FormatError
from labelwidgets.formats import FormatWarning
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Checkbox, Dropdown, Text
from labelwidgets.schema.geometry import (
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.schema.tracks import Keyframe, Track
from tests.formats.test_masks import box, label

WIDTH, HEIGHT = 60, 50
ONTOLOGY = Ontology(
    [
        ObjectClass(
            "car",
            attributes=[
                Dropdown("mood", ["sad", "angry"]),
                Checkbox("seen", ["left", "right"]),
                Text("name"),
                Dropdown("lights", ["on", "off"], mutable=True),
            ],
        ),
        ObjectClass("fly", tool="keypoints", skeleton=Skeleton(["head", "tail"], [(0, 1)])),
    ],
    image_attributes=[Dropdown("weather", ["dry", "rain"]), Checkbox("signs", ["stop", "way"])],
)


def items(kind: str = "image", *urls: str, **metadata: Any) -> pd.DataFrame:
    """Return one item."""
    return pd.DataFrame(
        {
            "id": ["a"],
            "kind": kind,
            "title": ["a" if len(urls) > 1 else "one.jpg"],
            "folder": "",
            "urls": [list(urls) or ["s3://bucket/day/one.jpg"]],
            "metadata": [{"width": WIDTH, "height": HEIGHT, **metadata}],
            "status": "ok",
        }
    )


FILM = items("video", "s3://bucket/one.mp4", frames=20, fps=10.0)


def made(shape: str, hash: str = "Wpc+TmG+", **more: Any) -> dict[str, Any]:
    """Return an object as the export has it."""
    return {
        "name": "car",
        "color": "#D33115",
        "shape": shape,
        "value": "car",
        "createdAt": "Tue, 17 Jan 2023 11:43:52 UTC",
        "createdBy": "ana@example.org",
        "confidence": 1,
        "objectHash": hash,
        "featureHash": "MTA2MjAx",
        "manualAnnotation": True,
        **more,
    }


def row(objects: Any = (), classifications: Any = (), **more: Any) -> dict[str, Any]:
    """Return a row of one picture."""
    unit = {
        "data_hash": "649aba74",
        "data_title": "one.jpg",
        "data_type": "image/jpeg",
        "data_sequence": 0,
        "data_link": "https://store.example/day/one.jpg?X-Goog-Signature=secret",
        "width": WIDTH,
        "height": HEIGHT,
        "labels": {"objects": list(objects), "classifications": list(classifications)},
    }
    return {
        "label_hash": "66454013",
        "data_title": "one.jpg",
        "data_type": "image",
        "data_units": {"649aba74": unit},
        "object_answers": {},
        "classification_answers": {},
        "object_actions": {},
        **more,
    }


def film(frames: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a row of a video."""
    whole = row(data_type="video", data_title="one.mp4", **more)
    (unit,) = whole["data_units"].values()
    unit |= {"data_title": "one.mp4", "data_fps": 10.0, "data_duration": 2.0}
    unit |= {"data_link": "cord-videos/one.mp4", "labels": frames}
    return whole


def read(path: Path, document: Any, **options: Any) -> formats.Imported:
    file = path / "labels.json"
    file.write_text(json.dumps(document))
    return formats.read(file, **options)


# More than ten points, whose numbers are not in the order of their letters.
STEPS = [*((n, 0) for n in range(7)), *((6, n) for n in range(1, 5)), (0, 3)]
SHAPES: dict[str, tuple[dict[str, Any], Any]] = {
    "bounding_box": (
        {"boundingBox": {"h": 0.2, "w": 0.1, "x": 0.5, "y": 0.4}},
        Rectangle(30, 20, 6, 10),
    ),
    "rotatable_bounding_box": (
        {"rotatableBoundingBox": {"h": 0.2, "w": 0.5, "x": 0.2, "y": 0.4, "theta": 30}},
        Rectangle(12, 20, 30, 10, 30),
    ),
    "polygon": (
        {"polygon": {str(n): {"x": x / 10, "y": y / 10} for n, (x, y) in enumerate(STEPS)}},
        Polygon([[[(6 * x, 5 * y) for x, y in STEPS]]]),
    ),
    "polygon, a list": (
        {"polygon": [{"x": 0, "y": 0}, {"x": 0.5, "y": 0}, {"x": 0.5, "y": 0.5}]},
        Polygon([[[(0, 0), (30, 0), (30, 25)]]]),
    ),
    "polygon, holes and parts": (
        {
            "polygon": {"0": {"x": 0, "y": 0}},
            "polygons": [
                [[0, 0, 0.5, 0, 0.5, 0.5, 0, 0.5], [0.1, 0.1, 0.1, 0.2, 0.2, 0.2]],
                [[{"x": 0.8, "y": 0.8}, {"x": 1, "y": 0.8}, {"x": 1, "y": 1}]],
            ],
        },
        Polygon(
            [
                [[(0, 0), (30, 0), (30, 25), (0, 25)], [(6, 5), (6, 10), (12, 10)]],
                [[(48, 40), (60, 40), (60, 50)]],
            ]
        ),
    ),
    "polyline": (
        {"polyline": {"0": {"x": 0.1, "y": 0.1}, "1": {"x": 0.5, "y": 0.9}}},
        Polyline([(6, 5), (30, 45)]),
    ),
    "point": ({"point": {"0": {"x": 0.25, "y": 0.5}}}, Point(15, 25)),
    "skeleton": (
        {
            "skeleton": {
                "1": {"x": 0.5, "y": 0.5, "name": "tail", "visibility": "selfOccluded"},
                "0": {"x": 0.1, "y": 0.1, "name": "head"},
            }
        },
        Keypoints([(6, 5, 2), (30, 25, 1)]),
    ),
}


def flat(shape: Any) -> Any:
    text = json.dumps(label("car", shape).to_dict()["geometry"], sort_keys=True)
    return json.loads(text, parse_float=lambda one: round(float(one), 6))


@pytest.mark.parametrize("case", SHAPES)
def test_a_shape_is_read_in_pixels(tmp_path: Path, case: str) -> None:
    said, expected = SHAPES[case]
    name = "fly" if case == "skeleton" else "car"
    one = made(case.partition(",")[0], name=name, **said)
    back = read(tmp_path, [row([one])], items=items(), ontology=ONTOLOGY)
    assert back.format == "encord"
    (found,) = back.annotations
    assert flat(found.geometry) == flat(expected)
    assert found.class_name == name
    assert found.confidence is None
    assert found.origin.parameters == {
        "objectHash": "Wpc+TmG+",
        "createdBy": "ana@example.org",
        "createdAt": "Tue, 17 Jan 2023 11:43:52 UTC",
        "featureHash": "MTA2MjAx",
    }
    # Without a dataset, the pictures of the file are the items.
    alone = read(tmp_path, [row([one])])
    assert alone.items["title"].tolist() == ["one.jpg"]
    assert "secret" not in str(alone.items.to_dict())
    assert alone.ontology[name].color == "#d33115"


def test_a_bitmask_runs_row_by_row_from_its_corner(tmp_path: Path) -> None:
    part = np.random.default_rng(3).random((8, 20)) < 0.5
    # COCO's letters of the mask that lies on its side, as another reader writes them.
    code = coco.encode(np.asfortranarray(part.T.astype(np.uint8)))["counts"].decode()
    bitmask = {"top": 5, "left": 30, "height": 8, "width": 20, "rleString": code}
    back = read(tmp_path, [row([made("bitmask", bitmask=bitmask)])], items=items())
    mask = back.annotations[0].geometry
    assert isinstance(mask, Mask)
    whole = np.zeros((HEIGHT, WIDTH), bool)
    whole[5:13, 30:50] = part
    inside = decode_rle({"size": list(mask.rle.size), "counts": mask.rle.counts})
    assert np.array_equal(inside, whole)
    formats.write(back.annotations, tmp_path / "out.json", "encord", items=items())
    (written,) = json.loads((tmp_path / "out.json").read_text())
    (unit,) = written["data_units"].values()
    said = unit["labels"]["objects"][0]["bitmask"]
    assert (said["width"], said["height"]) == (WIDTH, HEIGHT)
    turned = coco.decode({"size": [WIDTH, HEIGHT], "counts": said["rleString"].encode()})
    assert np.array_equal(turned.T.astype(bool), whole)


ANSWERS = {
    "Wpc+TmG+": {
        "objectHash": "Wpc+TmG+",
        "classifications": [
            {"name": "mood", "answers": [{"name": "sad", "value": "sad"}]},
            {"name": "seen", "answers": [{"name": "left"}, {"name": "right"}]},
            {"name": "name", "answers": "Lion"},
            {"name": "age", "answers": [{"name": "old"}]},
        ],
    }
}
CLASSES = {
    "c1": {
        "classificationHash": "c1",
        "classifications": [
            {"name": "weather", "answers": [{"name": "rain"}]},
            {"name": "signs", "answers": [{"name": "stop"}]},
            {"name": "mist", "answers": "thick"},
        ],
    },
    "c2": {
        "classificationHash": "c2",
        "classifications": [{"name": "class", "answers": [{"name": "car"}]}],
    },
    "c3": {"classificationHash": "c3", "classifications": [{"name": "signs", "answers": []}]},
}  # fmt: skip


def test_answers_are_those_of_the_project_and_others_are_kept(tmp_path: Path) -> None:
    named = [{"name": "x", "classificationHash": key, "confidence": 1} for key in CLASSES]
    whole = row(
        [made("point", point={"0": {"x": 0.5, "y": 0.5}})],
        named,
        object_answers=ANSWERS,
        classification_answers=CLASSES,
    )
    back = read(tmp_path, [whole], items=items(), ontology=ONTOLOGY)
    one, picture, tag, *rest = back.annotations
    assert one.attributes == {"mood": "sad", "seen": ["left", "right"], "name": "Lion"}
    assert one.origin.parameters["attributes"] == {"age": ["old"]}
    assert (picture.class_name, picture.geometry, picture.id) == (None, Tag(), "c1")
    assert picture.attributes == {"weather": "rain", "signs": ["stop"]}
    assert picture.origin.parameters["attributes"] == {"mist": "thick"}
    assert (tag.class_name, tag.geometry, tag.attributes) == ("car", Tag(), {})
    assert all(not other.attributes.get("signs") for other in rest)


def test_an_object_of_a_video_is_a_track_with_answers_that_change(tmp_path: Path) -> None:
    boxes: dict[str, Any] = {}
    for at in (3, 4, 5, 8):
        here = {"h": 0.2, "w": 0.1, "x": at / 60, "y": 0.4}
        boxes[str(at)] = {"objects": [made("bounding_box", boundingBox=here)]}
    boxes["4"]["objects"].append(made("point", "once", point={"0": {"x": 0.5, "y": 0.5}}))
    boxes["5"]["objects"].append(
        made("point", "gone", point={"0": {"x": 0.5, "y": 0.5}}, isDeleted=True)
    )
    boxes["4"]["classifications"] = [{"name": "weather", "classificationHash": "c1"}]
    action = {"name": "lights", "range": [[4, 5]], "answers": [{"name": "on"}], "dynamic": True}
    other = {"name": "horn", "range": [[8, 8]], "answers": "loud", "dynamic": True}
    whole = film(
        boxes,
        object_answers=ANSWERS,
        classification_answers=CLASSES,
        object_actions={"Wpc+TmG+": {"objectHash": "Wpc+TmG+", "actions": [action, other]}},
    )
    back = read(tmp_path, [whole], items=FILM, ontology=ONTOLOGY)
    track, once, said = back.annotations
    assert isinstance(track.geometry, Track)
    seen = {at: track.geometry.at(at) for at in range(20)}
    assert [at for at, one in seen.items() if one is not None] == [3, 4, 5, 8]
    assert [round(seen[at].geometry.x, 6) for at in (3, 4, 5, 8)] == [3, 4, 5, 8]
    assert [seen[at].attributes.get("lights") for at in (3, 4, 5)] == [None, "on", "on"]
    assert track.attributes == {"mood": "sad", "seen": ["left", "right"], "name": "Lion"}
    assert track.origin.parameters["attributes_by_frame"] == {"8": {"horn": "loud"}}
    assert (once.frame, once.geometry, once.track_id) == (4, Point(30, 25), None)
    assert (said.frame, said.attributes["weather"]) == (4, "rain")
    formats.write(back.annotations, tmp_path / "out.json", "encord", items=FILM, ontology=ONTOLOGY)
    again = formats.read(tmp_path / "out.json", items=FILM, ontology=ONTOLOGY)
    assert len(again.annotations) == 3
    now = again.annotations[0].geometry
    assert isinstance(now, Track)
    for at in range(20):
        was, new = seen[at], now.at(at)
        assert (was is None) == (new is None)
        assert was is None or (flat(was.geometry), was.attributes) == (
            flat(new.geometry),
            new.attributes,
        )
    # Without a dataset the file says how long the video is.
    alone = read(tmp_path, [whole])
    assert alone.items["kind"].tolist() == ["video"]
    assert alone.items["metadata"][0]["frames"] == 20


def test_pictures_of_a_group_have_their_own_sizes(tmp_path: Path) -> None:
    group = items("image_group", "s3://b/x/1.png", "s3://b/x/2.png")
    group["metadata"] = [{"frames": [{"width": 60, "height": 50}, {"width": 30, "height": 20}]}]
    labels = [
        Annotation(item_id="a", class_name="car", geometry=Rectangle(3, 4, 5, 6), frame=0),
        Annotation(item_id="a", class_name="car", geometry=Rectangle(3, 4, 5, 6), frame=1),
    ]
    formats.write(labels, tmp_path / "out.json", "encord", items=group)
    (said,) = json.loads((tmp_path / "out.json").read_text())
    assert said["data_type"] == "img_group"
    first, second = said["data_units"].values()
    assert [one["width"] for one in (first, second)] == [60, 30]
    assert second["labels"]["objects"][0]["boundingBox"]["x"] == 0.1
    back = formats.read(tmp_path / "out.json", items=group)
    assert [(one.frame, flat(one.geometry)) for one in back.annotations] == [
        (one.frame, flat(one.geometry)) for one in labels
    ]


def test_masks_through_a_scan_are_one(tmp_path: Path) -> None:
    scan = items("volume", "s3://b/scan.nii", slices=9)
    shape = VolumeMask({2: box(1, 2, 3, 4).rle, 5: box(9, 9, 2, 2).rle})
    labels = [
        label("car", shape),
        Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 2, 3, 4), frame=7),
    ]
    formats.write(labels, tmp_path / "out.json", "encord", items=scan)
    back = formats.read(tmp_path / "out.json", items=scan)
    assert back.annotations[0].geometry == shape
    assert (back.annotations[1].frame, back.annotations[1].id) == (7, labels[1].id)
    said = json.loads((tmp_path / "out.json").read_text())
    (unit,) = said[0]["data_units"].values()
    unit["labels"]["9"] = unit["labels"].pop("7")
    with pytest.raises(FormatError, match="is slice 9, the scan has 9"):
        read(tmp_path, said, items=scan)


def test_labels_of_one_track_that_contradict_stay_apart(tmp_path: Path) -> None:
    labels = [
        Annotation(item_id="a", class_name="car", geometry=Point(n, n), frame=1, track_id="t")
        for n in (3, 4)
    ]
    labels.append(
        Annotation(item_id="a", class_name="fly", geometry=Point(5, 5), frame=2, track_id="t")
    )
    formats.write(labels, tmp_path / "out.json", "encord", items=FILM)
    back = formats.read(tmp_path / "out.json", items=FILM)
    assert sorted((one.frame, one.class_name) for one in back.annotations) == [
        (1, "car"),
        (1, "car"),
        (2, "fly"),
    ]


def test_what_has_no_place_is_counted(tmp_path: Path) -> None:
    keys = {at: Keyframe(Ellipse(9 + at, 9, 3, 3), occluded=True) for at in (1, 2)}
    labels = [
        Annotation(item_id="a", class_name="car", geometry=Track(keys)),
        Annotation(item_id="a", class_name="car", geometry=Ellipse(9, 9, 3, 3), frame=3),
        Annotation(item_id="a", class_name="car", geometry=Point(9, 9)),
    ]
    with pytest.warns(FormatWarning) as told:
        formats.write(labels, tmp_path / "out.json", "encord", items=FILM)
    words = str(told[0].message)
    for one in (
        "1 ellipse (as its outline)",
        "1 track of ellipse (as its outlines)",
        "1 occlusion of a track",
        "1 point on no frame",
    ):
        assert one in words
    with pytest.raises(FormatError, match="needs the items"):
        formats.write(labels, tmp_path / "out.json", "encord")
    with pytest.raises(FormatError, match="is no item of the dataset"):
        formats.write([label("car", Point(1, 1), "zzz")], tmp_path / "o.json", "encord", items=FILM)
    with pytest.raises(FormatError, match="whose size is not known"):
        formats.write(
            [label("car", Point(1, 1))],
            tmp_path / "o.json",
            "encord",
            items=items().assign(metadata=[{}]),
        )


def boxed(x: Any) -> dict[str, Any]:
    return {"shape": "bounding_box", "boundingBox": {"x": x, "y": 0, "w": 1, "h": 1}}


def rings(*polygons: Any) -> dict[str, Any]:
    return {"shape": "polygon", "polygons": list(polygons)}


def bits(code: str, **more: int) -> dict[str, Any]:
    where = {"width": 60, "height": 50, "rleString": code} | more
    return {"shape": "bitmask", "bitmask": where}


JOINT = {"x": 0, "y": 0, "visibility": "hm"}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": None}, "name"),
    "another shape": ({"shape": "cuboid"}, "is no shape that is read"),
    "no shape": ({"shape": None}, "is no shape that is read"),
    "no box": ({"shape": "bounding_box", "boundingBox": None}, "boundingBox"),
    "text": (boxed("1"), "x: must be a number"),
    "truth": (boxed(True), "must be a number"),
    "nan": ({"point": {"0": {"x": float("nan"), "y": 0}}}, "must be a number"),
    "huge": ({"point": {"0": {"x": 10**400, "y": 0}}}, "must be a number"),
    "no points": ({"point": {}}, "points by their numbers"),
    "names": ({"point": {"p1": {"x": 0, "y": 0}}}, "points by their numbers"),
    "two points": ({"point": [{"x": 0, "y": 0}, {"x": 0, "y": 0}]}, "one point"),
    "odd ring": (rings([[0, 0, 1]]), "x and y in turn"),
    "no ring": (rings(5), "list of rings"),
    "a line": (rings([[0, 0, 1, 1]]), "points"),
    "visibility": ({"shape": "skeleton", "skeleton": {"0": JOINT}}, "visibility"),
    "code": (bits("!!"), "counts|code"),
    "short code": (bits("12"), "runs of"),
    "outside": (bits("0", left=9), "the picture is"),
    "a bomb": (bits("0", width=10**9, height=10**9), "the picture is"),
    "confidence": ({"confidence": 7}, "from 0 to 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_an_object_that_is_wrong_is_told_and_the_others_are_read(tmp_path: Path, case: str) -> None:
    more, words = BAD[case]
    point = {"point": {"0": {"x": 0.5, "y": 0.5}}}
    whole = [row([made("point") | point | more, made("point", "good", **point)])]
    with pytest.raises(FormatError, match=words) as caught:
        read(tmp_path, whole, items=items())
    assert "[0].data_units.649aba74.objects[0]" in str(caught.value)
    back = read(tmp_path, whole, items=items(), errors="collect")
    assert [one.origin.parameters["objectHash"] for one in back.annotations] == ["good"]
    assert len(back.left_out) == 1


POINT = made("point", point={"0": {"x": 0.5, "y": 0.5}})


def answered(*given: Any) -> list[dict[str, Any]]:
    return [row([POINT], object_answers={"Wpc+TmG+": {"classifications": list(given)}})]


def listed(objects: Any) -> list[dict[str, Any]]:
    unit = {"labels": {"objects": objects}, "data_title": "one.jpg"}
    return [row() | {"data_units": {"x": unit}}]


LONG = {"name": "a", "answers": "b", "range": [[0, 10**9]]}
ROWS: dict[str, tuple[Any, str]] = {
    "no row": ([5], "must be an object"),
    "no units": ([{"data_units": [], "object_answers": {}}], "data_units"),
    "no unit": ([row() | {"data_units": {"x": 5}}], "must be an object"),
    "answers": ([row([POINT], object_answers=[1])], "object_answers"),
    "an answer": (answered(5), "name of a question"),
    "options": (answered({"name": "a", "answers": [5]}), "must have names"),
    "frames": ([film({"x": {"objects": []}})], "number of a frame"),
    "objects": (listed({"a": 1}), "must be a list"),
    "an object": (listed([5]), "must be an object"),
    "twice": ([row([POINT, POINT])], "twice on a frame"),
    "a range": (
        [film({"1": {"objects": [POINT]}}, object_actions={"Wpc+TmG+": {"actions": [LONG]}})],
        "more than a million frames",
    ),
    "late": ([film({"20": {"objects": [POINT]}})], "20"),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_row_that_is_wrong_is_told(tmp_path: Path, case: str) -> None:
    document, words = ROWS[case]
    moving = "video" in json.dumps(document)
    with pytest.raises(FormatError, match=words):
        read(tmp_path, document, format="encord", items=FILM if moving else items())


def test_sizes_and_names_that_do_not_match_are_told(tmp_path: Path) -> None:
    whole = row([POINT])
    (unit,) = whole["data_units"].values()
    other = copy.deepcopy(whole)
    unit["width"] = 61
    with pytest.raises(FormatError, match="61 x 50 pixels, the item"):
        read(tmp_path, [whole], items=items())
    (unit,) = other["data_units"].values()
    unit |= {"data_title": "../../etc/passwd", "data_link": "file:///etc/passwd"}
    other["data_title"] = "passwd"
    with pytest.raises(FormatError, match="its one image is not"):
        read(tmp_path, [other], items=items())
