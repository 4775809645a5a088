"""Datumaro's JSON in and out, and what is wrong in such files."""

import json

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import decode_rle
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats import registry
from tests.formats.specimens import ONTOLOGY, specimen

ITEMS = specimen("rectangle", registry.holds("datumaro")).items
LABELS = [
    {"name": "car", "parent": "vehicle", "attributes": ["occluded"]},
    {"name": "road", "parent": "", "attributes": []},
    {"name": "fly", "parent": "", "attributes": []},
    {"name": "head", "parent": "fly", "attributes": []},
    {"name": "tail", "parent": "fly", "attributes": []},
]
CATEGORIES = {
    "label": {"labels": LABELS, "label_groups": [], "attributes": []},
    "points": {"items": [{"label_id": 2, "labels": ["head", "tail"], "joints": [[0, 1]]}]},
    "mask": {"colormap": [{"label_id": 0, "r": 255, "g": 0, "b": 16}]},
}
# The diagonal of 64 x 96 pixels, as Datumaro itself wrote it.
DIAGONAL = "01P2" + "0" * 125 + "Pn1"


def label(kind, number=0, **more):
    return {"id": 0, "type": kind, "attributes": {}, "group": 0, "label_id": number} | more


def document(*labels, **more):
    item = {"id": "day/one", "annotations": list(labels)}
    item |= {"image": {"path": None, "size": [64, 96]}} | more
    head = {"dm_format_version": "1.0", "media_type": 2, "infos": {}}
    return head | {"categories": CATEGORIES, "items": [item]}


def read(tmp_path, said, items=ITEMS, **options):
    path = tmp_path / "train.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    return formats.read(path, "datumaro", items=items, **options)


CORNERS = [[1, 1], [2, 0], [6, 0], [5, 1], [2, 4], [6, 4], [5, 5], [1, 5]]


def test_a_file_of_datumaro_is_read_with_all_of_its_types(tmp_path):
    said = document(
        label("bbox", bbox=[1.0, 2.0, 3.0, 4.0], group=2, z_order=1, attributes={"occluded": True}),
        label("bbox", bbox=[30, 20, 10, 6], attributes={"rotation": 30.0, "score": 0.5}),
        label("polygon", 1, points=[1, 1, 9, 1, 5, 8]),
        label("polyline", 1, points=[1, 1, 5, 5]),
        label("points", 2, points=[1, 2, 3, 4], visibility=[1, 2]),
        label("points", 1, points=[7, 8], visibility=[2]),
        label("ellipse", points=[1.0, 2.0, 9.0, 10.0]),
        label("mask", 1, rle={"counts": DIAGONAL, "size": [64, 96]}),
        label("cuboid_2d", points=CORNERS),
        label("label", 1),
        label(
            "skeleton",
            2,
            elements=[
                label("points", 4, points=[3, 4], visibility=[2]),
                label("points", 3, points=[5, 6], visibility=[0]),
            ],
        ),
        {"id": 0, "type": "caption", "caption": "a <b>"},
        attr={"weather": "rain", "n": 3},
    )
    found = read(tmp_path, said, ontology=None)
    made = [one.geometry for one in found.annotations]
    box, turned, polygon, line, bones, point, ellipse, mask, cuboid, tag, skeleton, about = made
    assert (box, turned) == (lw.Rectangle(1, 2, 3, 4), lw.Rectangle(30, 20, 10, 6, 30))
    assert polygon == lw.Polygon([[[(1, 1), (9, 1), (5, 8)]]])
    assert line == lw.Polyline([(1, 1), (5, 5)])
    assert (bones, point) == (lw.Keypoints([(1, 2, 1), (3, 4, 2)]), lw.Point(7, 8))
    assert ellipse == lw.Ellipse(5, 6, 4, 4)
    pixels = decode_rle({"size": mask.rle.size, "counts": mask.rle.counts})
    assert np.array_equal(pixels, np.eye(64, 96, dtype=bool))
    front = [(1, 1), (5, 1), (5, 5), (1, 5)]
    assert cuboid.points == [*front, (2, 0), (6, 0), (6, 4), (2, 4)]
    assert (tag.type, about.type) == ("tag", "tag")
    assert skeleton == lw.Keypoints([(5, 6, 0), (3, 4, 2)])
    first, second, *_, last = found.annotations
    assert first.attributes == {"occluded": "yes"}
    assert first.origin.parameters == {"group": 2, "z_order": 1}
    assert second.confidence == 0.5
    assert last.origin.parameters["attributes"] == {"weather": "rain", "n": 3, "caption": "a <b>"}
    assert found.ontology["car"].color == "#ff0010"
    assert found.ontology["fly"].skeleton == lw.Skeleton(["head", "tail"], [(0, 1)])
    assert found.supercategories["car"] == "vehicle"
    assert list(found.categories["name"]) == ["car", "road", "fly"]
    # And out again.
    formats.write(found, tmp_path / "out", "datumaro", items=ITEMS, subset="val")
    back = formats.read(tmp_path / "out", items=ITEMS)
    assert (back.format, [one.geometry for one in back.annotations]) == ("datumaro", made)
    assert back.annotations[0].origin.parameters == {"group": 2, "z_order": 1}
    written = json.loads((tmp_path / "out" / "annotations" / "val.json").read_text())
    assert written["items"][0]["annotations"][8]["points"] == CORNERS


def test_pictures_of_folders_have_their_subsets_and_frames_their_videos(tmp_path):
    folder = tmp_path / "set" / "annotations"
    folder.mkdir(parents=True)
    for name in ("train", "val"):
        (folder / f"{name}.json").write_text(json.dumps(document(label("label", 1))))
    found = formats.read(tmp_path / "set")
    assert list(found.items["id"]) == ["train/day/one", "val/day/one"]
    items = specimen("track", registry.holds("datumaro")).items
    said = document(label("bbox", bbox=[1, 2, 3, 4]))
    del said["items"][0]["image"]
    said["items"][0]["video_frame"] = {"video_path": "one.mp4", "frame_index": 4}
    (one,) = read(tmp_path, said, items=items).annotations
    assert (one.item_id, one.frame) == ("one", 4)


BOX = label("bbox", bbox=[1, 2, 3, 4])
WRONG = {
    "half a file": (json.dumps(document(BOX))[:-9], "is not JSON"),
    "deep": ('{"items":' + "[" * 100_000, "nested too deeply"),
    "no items": ({"items": 3}, "must be an object with items"),
    "NaN": (document(BOX | {"bbox": [float("nan"), 1, 2, 3]}), r"bbox\[0\]: must be a number"),
    "digits": (
        json.dumps(document(BOX)).replace("[1, 2, 3, 4]", f"[{'9' * 5000}, 2, 3, 4]"),
        r"bbox\[0\]: must be a number",
    ),
    "no category": (document(BOX | {"label_id": 9}), "9 is no category"),
    "unnamed": (document(BOX | {"label_id": None}), "unnamed="),
    "unknown type": (document(label("cuboid_3d")), "'cuboid_3d' is no type"),
    "size": (document(BOX, image={"path": None, "size": [64, "x"]}), r"image.size\[1\]"),
    "another size": (document(BOX, image={"path": None, "size": [64, 97]}), "resized copy"),
    "far": (document(BOX | {"bbox": [1, 2, 300, 4]}), "outside of the image"),
    "odd": (document(label("polygon", points=[1, 2, 3])), "pairs of numbers"),
    "rle": (document(label("mask", rle={"size": [64, 96], "counts": "zzz"})), "annotations"),
    "cloud": (document(point_cloud={"path": "a.pcd"}), "is a point cloud"),
    "seen": (document(label("points", 2, points=[1, 2], visibility=[7, 7])), "visibility"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    said, expected = WRONG[row]
    with pytest.raises(LabelwidgetsError, match=expected):
        read(tmp_path, said)


def test_what_is_wrong_is_collected_and_the_rest_is_read(tmp_path):
    said = document(BOX, label("cuboid_3d"), 3, label("caption"))
    said["items"].append({"id": "../../etc/passwd", "annotations": []})
    found = read(tmp_path, said, errors="collect", ontology=ONTOLOGY)
    assert [one.geometry.type for one in found.annotations] == ["rectangle", "tag"]
    records = ["items[0], answer", "items[0].annotations[1]", "items[0].annotations[2]"]
    assert sorted(found.left_out["record"]) == records
    assert "attribute" in found.left_out["field"][found.left_out["record"] == records[0]].item()
    assert list(found.unmatched["file_name"]) == ["../../etc/passwd"]


def test_a_rotation_that_is_text_is_an_answer(tmp_path):
    turned = label("bbox", bbox=[1, 2, 3, 4], attributes={"rotation": "left"})
    line = label("polyline", points=[1, 2, 3, 4], attributes={"rotation": 3})
    box, other = read(tmp_path, document(turned, line)).annotations
    assert box.geometry == lw.Rectangle(1, 2, 3, 4)
    assert box.origin.parameters == {"attributes": {"rotation": "left"}}
    assert other.origin.parameters == {"attributes": {"rotation": 3}}


def test_colours_that_are_none_are_refused(tmp_path):
    said = document(BOX)
    said["categories"] = CATEGORIES | {"mask": {"colormap": [{"label_id": 0, "r": 999}]}}
    with pytest.raises(FormatError, match=r"colormap, r: must be from 0 to 255"):
        read(tmp_path, said)
