"""Files that are nearly COCO: captions, LVIS, TAO."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.schema.attributes import Text
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.told_shapes import digest_of
from labelwidgets.schema.tracks import Track


def lines_of(path: Path) -> list[tuple[int, str, str]]:
    """Return id, picture and words of captions."""
    said = json.loads(path.read_text())
    names = {one["id"]: one["file_name"] for one in said["images"]}
    rows = ((one["id"], names[one["image_id"]], one["caption"]) for one in said["annotations"])
    return sorted(rows)


def test_captions_are_answers_and_come_back(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "coco/captions.json"
    found = formats.read(path)
    assert (len(found.annotations), len(found.items)) == (26, 26)
    assert [one.name for one in found.ontology.image_attributes] == ["caption"]
    assert sum(len(str(one.attributes["caption"]).split("\n")) for one in found.annotations) == 130
    formats.write(found, tmp_path / "captions.json", "coco", captions=True)
    assert lines_of(tmp_path / "captions.json") == lines_of(path)
    formats.write(found, tmp_path / "all.json", "coco")
    back = {one.id: one for one in formats.read(tmp_path / "all.json").annotations}
    assert back == {one.id: one for one in found.annotations}
    assert len(formats.read_frame(path).annotations) == 26


def test_a_file_of_coco_annotator_has_colours_and_crowds_in_words(
    shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "imports/label_studio/test_import_coco/coco_import_input.json"
    said = json.loads(path.read_text())
    found = formats.read(path)
    names = {one["id"]: one["name"] for one in said["categories"]}
    assert [one.class_name for one in found.annotations] == [
        names[one["category_id"]] for one in said["annotations"]
    ]
    for was, made in zip(said["annotations"], found.annotations, strict=True):
        assert isinstance(made.geometry, lw.Polygon)
        rings = [ring for part in made.geometry.parts for ring in part]
        flat = [[number for point in ring for number in point] for ring in rings]
        assert flat == was["segmentation"]
        assert "iscrowd" not in made.origin.parameters
    assert found.ontology is not None
    assert found.ontology["Class_1"].color == said["categories"][0]["color"]
    said["annotations"][0]["iscrowd"] = "true"
    said["categories"][1]["color"] = "red;background:url(x)"
    (tmp_path / "a.json").write_text(json.dumps(said))
    found = formats.read(tmp_path / "a.json")
    assert [one.origin.parameters.get("iscrowd") for one in found.annotations] == [1, None]
    assert found.ontology is not None
    assert found.ontology["Class_2"].color != said["categories"][1]["color"]
    assert [
        str(one) for one in formats.read_frame(tmp_path / "a.json").annotations["geometry"]
    ] == [str(one.geometry) for one in found.annotations]


def test_joints_that_nobody_named_are_called_by_their_numbers(
    shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "imports/datumaro/coco_person_keypoints/annotations"
    said = json.loads((path / "person_keypoints_val.json").read_text())
    assert said["categories"][0]["keypoints"] == []
    found = formats.read(path / "person_keypoints_val.json")
    assert [
        [number for point in one.geometry.points for number in point]
        for one in found.annotations
        if isinstance(one.geometry, lw.Keypoints)
    ] == [one["keypoints"] for one in said["annotations"]]
    assert found.ontology is not None
    skeleton = found.ontology["a"].skeleton
    assert skeleton == lw.Skeleton(["1", "2", "3"], [(0, 1), (1, 2)])
    frame = formats.read_frame(path / "person_keypoints_val.json").annotations
    assert list(frame["geometry"]) == [one.geometry for one in found.annotations]
    formats.write(found, tmp_path / "back.json", "coco")
    assert formats.read(tmp_path / "back.json").annotations == found.annotations


def test_numbered_joints_have_no_edges_that_lead_to_none(tmp_path: Path) -> None:
    file = captions()
    file["categories"] = [{"id": 1, "name": "fly", "keypoints": [], "skeleton": [[1, 9]]}]
    shape = {"image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9]}
    file["annotations"] = [
        shape | {"id": 1, "keypoints": [0, 0, 0]},
        shape | {"id": 2, "keypoints": [5, 5, 2, 6, 6, 1]},
    ]
    (tmp_path / "a.json").write_text(json.dumps(file))
    found = formats.read(tmp_path / "a.json")
    assert [one.geometry.type for one in found.annotations] == ["rectangle", "keypoints"]
    assert found.ontology is not None
    assert found.ontology["fly"].skeleton == lw.Skeleton(["1", "2"])


def captions() -> dict[str, Any]:
    """Return a file of two captions."""
    return {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 60, "height": 50}],
        "annotations": [
            {"id": 5, "image_id": 1, "caption": "A cup."},
            {"id": 6, "image_id": 1, "caption": "A red cup."},
        ],
    }


def test_a_caption_that_is_changed_is_written_changed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(captions()))
    asked = Ontology([ObjectClass("cup")], [Text("caption")])
    (only,) = formats.read(tmp_path / "a.json", ontology=asked).annotations
    assert only.attributes == {"caption": "A cup.\nA red cup."}
    data = only.to_dict() | {"attributes": {"caption": "A cup.\nA blue cup."}}
    changed = lw.Annotation.from_dict(data)
    formats.write([changed], tmp_path / "b.json", "coco", ontology=asked, captions=True)
    assert [row[2] for row in lines_of(tmp_path / "b.json")] == ["A blue cup.", "A cup."]
    unasked = Ontology([ObjectClass("cup")])
    (only,) = formats.read(tmp_path / "a.json", ontology=unasked).annotations
    assert only.attributes == {}
    formats.write([only], tmp_path / "c.json", "coco", captions=True)
    assert [row[0] for row in lines_of(tmp_path / "c.json")] == [5, 6]


def test_what_is_no_caption_is_counted(tmp_path: Path) -> None:
    made = [lw.Annotation(item_id="a", class_name="cup", geometry=lw.Rectangle(1, 2, 3, 4))]
    with pytest.warns(formats.FormatWarning, match="1 rectangle"):
        formats.write(made, tmp_path / "a.json", "coco", captions=True)
    with pytest.raises(FormatError, match="no place for"):
        formats.write(made, tmp_path / "b.json", "coco", captions=True, strict=True)


@pytest.mark.parametrize("caption", [5, None, ["a"]])
def test_a_caption_that_is_none_is_named(tmp_path: Path, caption: Any) -> None:
    said = captions()
    said["annotations"][1]["caption"] = caption
    (tmp_path / "a.json").write_text(json.dumps(said))
    with pytest.raises(FormatError, match=r"annotations\[1\]"):
        formats.read(tmp_path / "a.json")
    found = formats.read(tmp_path / "a.json", errors="collect")
    assert (len(found.annotations), len(found.left_out)) == (1, 1)


def lvis() -> dict[str, Any]:
    """Return a file as LVIS has it: no file names, and classes that are known not to be there."""
    url = "http://images.cocodataset.org/train2017/000000000071.jpg"
    image = {"id": 71, "coco_url": url, "width": 60, "height": 50}
    ring = [1, 1, 20, 1, 20, 20]
    label = {"image_id": 71, "segmentation": [ring], "bbox": [1, 1, 19, 19], "area": 180.5}
    return {
        "images": [image | {"neg_category_ids": [3, 9], "not_exhaustive_category_ids": [1]}],
        "annotations": [label | {"id": 1, "category_id": 1}, label | {"id": 2, "category_id": 2}],
        "categories": [
            {"id": id, "name": name, "synset": f"{name}.n.01", "frequency": "f", "def": "It is."}
            for id, name in ((1, "cup"), (2, "fork"), (3, "car"))
        ],
    }


def test_what_lvis_says_of_pictures_is_kept_and_written(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(lvis()))
    found = formats.read(tmp_path / "a.json")
    assert found.items["title"].tolist() == ["000000000071.jpg"]
    one, other = found.annotations
    assert one.origin.parameters["neg_category_ids"] == ["car"]
    assert one.origin.parameters["not_exhaustive_category_ids"] == ["cup"]
    assert "neg_category_ids" not in other.origin.parameters
    formats.write(found, tmp_path / "b.json", "coco", ontology=lw.Ontology(
        [ObjectClass("car"), ObjectClass("cup"), ObjectClass("fork")]))  # fmt: skip
    said = json.loads((tmp_path / "b.json").read_text())
    (image,) = said["images"]
    assert (image["neg_category_ids"], image["not_exhaustive_category_ids"]) == ([1], [2])
    assert [made.geometry for made in formats.read(tmp_path / "b.json").annotations] == [
        made.geometry for made in found.annotations
    ]
    assert len(formats.read_frame(tmp_path / "a.json").annotations) == 2


@pytest.mark.parametrize("given", [False, True])
def test_what_lvis_says_of_pictures_without_labels_is_kept_and_written(
    tmp_path: Path, given: bool
) -> None:
    said = lvis()
    bare = {"id": 72, "file_name": "b.jpg", "width": 60, "height": 50}
    said["images"].append(bare | {"neg_category_ids": [2], "not_exhaustive_category_ids": [3]})
    said["images"].append(bare | {"id": 73, "file_name": "c.jpg"})
    (tmp_path / "a.json").write_text(json.dumps(said))
    items = formats.read(tmp_path / "a.json").items if given else None
    if items is not None:
        items = items.assign(metadata=[{"width": 60, "height": 50}] * 3)
    found = formats.read(tmp_path / "a.json", items=items)
    told = found.items["metadata"].tolist()
    assert [one.get("neg_category_ids") for one in told] == [None, ["fork"], None]
    assert items is None or not any("neg_category_ids" in one for one in items["metadata"])
    formats.write(found, tmp_path / "b.json", "coco")
    images = json.loads((tmp_path / "b.json").read_text())["images"]
    assert [one.get("neg_category_ids") for one in images] == [[3], [2], None]
    assert [one.get("not_exhaustive_category_ids") for one in images] == [[1], [3], None]
    again = formats.read(tmp_path / "b.json", items=items)
    assert again.items["metadata"].tolist()[1:] == told[1:]


def test_what_lvis_says_of_categories_goes_through_a_project(tmp_path: Path) -> None:
    said = lvis()
    said["categories"][0] |= {"synonyms": ["cup", "mug"], "image_count": 5}
    said["images"][0]["file_name"] = "000000000071.png"
    (tmp_path / "a.json").write_text(json.dumps(said))
    Image.new("RGB", (60, 50)).save(tmp_path / "000000000071.png")
    dataset = lw.Dataset.open(tmp_path / "*.png")
    with lw.Project.create(tmp_path / "a.db", dataset, []) as project:
        project.import_annotations(tmp_path / "a.json", add_classes=True)
        project.rename_class("fork", "spork")
        project.export("coco", tmp_path / "b.json")
    back = {one["name"]: one for one in json.loads((tmp_path / "b.json").read_text())["categories"]}
    for was, name in zip(said["categories"], ("cup", "spork"), strict=False):
        own = {key: value for key, value in was.items() if key not in ("id", "name")}
        assert {key: back[name][key] for key in own} == own
    # What a file of ours has besides is in its labels once.
    found = formats.read(tmp_path / "b.json")
    assert found.category_fields["cup"]["synonyms"] == ["cup", "mug"]
    assert sum("category" in one.origin.parameters for one in found.annotations) == 2


def test_what_lvis_says_of_categories_comes_back(tmp_path: Path) -> None:
    said = lvis()
    said["categories"][0] |= {"synonyms": ["cup", "mug"], "image_count": 5}
    (tmp_path / "a.json").write_text(json.dumps(said))
    for read in (formats.read, formats.read_frame):
        found = read(tmp_path / "a.json")
        assert found.ontology["cup"].description == "It is."
        assert found.category_fields["fork"]["synset"] == "fork.n.01"
        formats.write(found, tmp_path / "b.json", "coco")
        back = json.loads((tmp_path / "b.json").read_text())["categories"]
        for was, now in zip(said["categories"], back, strict=True):
            assert {name: now[name] for name in was} == was
    known = {"cup": {"frequency": "r", "id": 7}}
    formats.write(found, tmp_path / "c.json", "coco", category_fields=known)
    first = json.loads((tmp_path / "c.json").read_text())["categories"][0]
    assert (first["id"], first["frequency"], "synset" in first) == (1, "r", False)


RING = [1.0, 1.0, 21.0, 1.0, 21.0, 21.0]
MEASURED = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 60, "height": 50}],
    "categories": [
        {"id": 1, "name": "cup"},
        {"id": 2, "name": "fly", "keypoints": ["a", "b"], "skeleton": [[1, 2]]},
    ],
}


def measured(**fields: Any) -> dict[str, Any]:
    """Return a file of one annotation."""
    own = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [RING], "iscrowd": 0}
    return MEASURED | {"annotations": [own | {"bbox": [1, 1, 20, 20], "area": 200} | fields]}


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, {}),
        ({"area": 200.004, "bbox": [1, 1, 20.005, 20]}, {}),
        ({"area": None, "bbox": None}, {}),
        ({"area": 180.5}, {"area": 180.5}),
        ({"area": "many"}, {}),
        ({"area": 10**400}, {}),
        ({"bbox": [0, 0, 22, 22]}, {"bbox": [0.0, 0.0, 22.0, 22.0]}),
        ({"segmentation": [], "area": 123.5}, {"area": 123.5}),
        (
            {"category_id": 2, "keypoints": [5, 5, 2, 9, 8, 2], "area": 300},
            {"area": 300.0, "bbox": [1.0, 1.0, 20.0, 20.0], "segmentation": [RING]},
        ),
    ],
)
def test_boxes_and_areas_that_do_not_follow_from_the_shape_are_kept(
    tmp_path: Path, fields: dict[str, Any], kept: dict[str, Any]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(measured(**fields)))
    found = formats.read(tmp_path / "a.json")
    (only,) = found.annotations
    said = only.origin.parameters
    # What is kept says which shape it is of.
    assert {name: said[name] for name in said if name != "shape"} == {"id": 1} | kept
    assert said.get("shape") == (digest_of(only.geometry) if kept else None)
    formats.write(found, tmp_path / "b.json", "coco")
    (back,) = json.loads((tmp_path / "b.json").read_text())["annotations"]
    assert {name: back[name] for name in kept} == kept
    assert formats.read(tmp_path / "b.json").annotations == [only]


def test_a_label_that_was_changed_has_its_own_box_and_area(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(measured(area=180.5)))
    found = formats.read(tmp_path / "a.json")
    other = lw.Polygon([[[(21, 21), (21, 1), (1, 1)]]])
    changed = found.annotations[0].replace(geometry=other)
    known: Any = {"items": found.items, "ontology": found.ontology}
    formats.write([changed], tmp_path / "b.json", "coco", **known)
    file = json.loads((tmp_path / "b.json").read_text())
    assert file["annotations"][0]["area"] == 200
    # Another tool has measured it again, or drawn it again.
    formats.write(found, tmp_path / "c.json", "coco")
    file = json.loads((tmp_path / "c.json").read_text())
    file["annotations"][0]["area"] = 170
    (tmp_path / "c.json").write_text(json.dumps(file))
    (again,) = formats.read(tmp_path / "c.json").annotations
    shape = digest_of(again.geometry)
    assert again.origin.parameters == {"id": 1, "area": 170.0, "shape": shape}


def test_evaluation_measures_by_the_area_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(measured(area=2000)))
    truth = formats.read(tmp_path / "a.json").annotations
    predicted = [
        lw.Annotation(item_id="a.jpg", class_name="cup", geometry=truth[0].geometry, confidence=0.9)
    ]
    metrics = lw.evaluate(predicted, truth).metrics
    assert metrics["AP_medium"] == pytest.approx(1)
    assert not metrics["AP_small"] >= 0
    # Changed and changed back, as by an import that was undone, it is that; else it is its own.
    metrics = lw.evaluate(predicted, [truth[0].replace(revision=3)]).metrics
    assert metrics["AP_medium"] == pytest.approx(1)
    larger = lw.Polygon([[[(1, 1), (21, 1), (21, 22)]]])
    metrics = lw.evaluate(predicted, [truth[0].replace(geometry=larger)]).metrics
    assert metrics["AP_small"] > 0


def test_tracks_of_tao_are_tracks(tmp_path: Path) -> None:
    video = {"id": 0, "name": "train/YFCC100M/v_1", "width": 60, "height": 50}
    images = [
        {"id": n, "video": video["name"], "video_id": 0, "frame_index": at, "width": 60,
         "height": 50, "file_name": f"train/YFCC100M/v_1/frame{at:04}.jpg"}
        for n, at in enumerate((30, 60, 90))
    ]  # fmt: skip
    labels = [
        {"id": n, "image_id": n, "track_id": 4, "video_id": 0, "category_id": 7, "iscrowd": 0,
         "bbox": [1 + n, 2, 10, 10], "segmentation": [], "area": 100}
        for n in range(3)
    ]  # fmt: skip
    said = {
        "videos": [video | {"neg_category_ids": [8], "not_exhaustive_category_ids": []}],
        "images": images,
        "annotations": labels,
        "tracks": [{"id": 4, "category_id": 7, "video_id": 0, "iscrowd": 0, "name": "rex"}],
        "categories": [{"id": 7, "name": "dog"}, {"id": 8, "name": "cat"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(said))
    for found in (formats.read(tmp_path / "a.json"), formats.read_frame(tmp_path / "a.json")):
        assert len(found.annotations) == 1
    (only,) = formats.read(tmp_path / "a.json").annotations
    assert isinstance(only.geometry, Track)
    assert [only.geometry.at(at) is not None for at in (30, 60, 90)] == [True] * 3
    assert only.origin.parameters["id"] == 4
    assert only.origin.parameters["track"] == {"iscrowd": 0, "name": "rex"}
    found = formats.read(tmp_path / "a.json")
    formats.write(found, tmp_path / "b.json", "coco")
    back = json.loads((tmp_path / "b.json").read_text())
    (track,) = back["tracks"]
    assert {one["track_id"] for one in back["annotations"]} == {track["id"]}
    names = {one["id"]: one["name"] for one in back["categories"]}
    assert (names[track["category_id"]], track["name"]) == ("dog", "rex")
    assert track["video_id"] == back["videos"][0]["id"]
    assert formats.read(tmp_path / "b.json").annotations == found.annotations
    said["tracks"] = "none"
    (tmp_path / "a.json").write_text(json.dumps(said))
    assert len(formats.read(tmp_path / "a.json").annotations) == 1


def test_what_lvis_says_goes_through_a_project_also_of_what_has_no_label(tmp_path: Path) -> None:
    said = lvis()
    said["images"][0]["file_name"] = "a.png"
    bare = {"id": 72, "file_name": "b.png", "width": 60, "height": 50}
    said["images"].append(bare | {"neg_category_ids": [2, 3], "not_exhaustive_category_ids": []})
    said["images"].append(bare | {"id": 73, "file_name": "c.png"})
    for number, one in enumerate(said["categories"]):
        one |= {"supercategory": "thing", "image_count": number, "isthing": 1, "color": [1, 2, 3]}
    (tmp_path / "a.json").write_text(json.dumps(said))
    for name in "abc":
        Image.new("RGB", (60, 50)).save(tmp_path / f"{name}.png")
    dataset = lw.Dataset.open(tmp_path / "*.png")
    ontology = formats.read(tmp_path / "a.json").ontology
    for store, classes in (("a.db", ontology), ("b.db", lw.Ontology(["cup", "fork", "car"]))):
        with lw.Project.create(tmp_path / store, dataset, classes) as project:
            found = project.import_annotations(tmp_path / "a.json")
            assert found.added == 3
            assert project.import_annotations(tmp_path / "a.json").added == 0
            project.undo()
            project.redo()
            project.export("coco", tmp_path / "b.json")
            kept = lw.Ontology.from_json(project.ontology.to_json())
        back = json.loads((tmp_path / "b.json").read_text())
        names = {one["id"]: one["name"] for one in back["categories"]}
        absent = [[names[id] for id in one.get("neg_category_ids", ())] for one in back["images"]]
        assert sorted(absent) == [[], ["car"], ["fork", "car"]]
        assert [one.get("not_exhaustive_category_ids") is None for one in back["images"]].count(
            True
        ) == 2
        told = {one["name"]: one for one in back["categories"]}
        for was in said["categories"]:
            own = {key: value for key, value in was.items() if key != "id"}
            # Of a class of one's own, what its labels know.
            if store == "a.db" or was["name"] != "car":
                assert {key: told[was["name"]].get(key) for key in own} == own
        assert kept == classes
    # The next project takes it in as well, and once.
    with lw.Project.create(tmp_path / "c.db", dataset, kept) as project:
        assert project.import_annotations(tmp_path / "b.json").added == 3
        project.export("coco", tmp_path / "c.json")
    again = json.loads((tmp_path / "c.json").read_text())
    for one in (*again["images"], *back["images"]):
        del one["labelwidgets"]
    assert [again["images"], again["categories"]] == [back["images"], back["categories"]]


def test_what_another_tool_says_of_a_category_of_ours_counts(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(lvis()))
    formats.write(formats.read(tmp_path / "a.json"), tmp_path / "b.json", "coco")
    file = json.loads((tmp_path / "b.json").read_text())
    file["categories"][0] |= {"supercategory": "dishes", "synset": "cup.n.02"}
    (tmp_path / "b.json").write_text(json.dumps(file))
    made = formats.read(tmp_path / "b.json").ontology["cup"]
    assert (made.parameters["supercategory"], made.parameters["synset"]) == ("dishes", "cup.n.02")
    assert made.description == "It is."
