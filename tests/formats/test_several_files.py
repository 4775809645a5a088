"""Folders and zips of several COCO or Create ML files, which are read as one."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.errors import FormatError
from labelwidgets.formats.coco import pieces
from labelwidgets.formats.results import FormatWarning

POSE = {"keypoints": ["nose", "tail"], "skeleton": [[1, 2]]}


def coco(name: str, classes: list[str], **more: Any) -> dict[str, Any]:
    """Return a file with one picture and a box of each class, ids from 1."""
    boxes: list[dict[str, Any]] = [
        {"id": at, "image_id": 1, "category_id": at, "bbox": [at, 2, 5, 6], "area": 30}
        for at in range(1, len(classes) + 1)
    ]
    return {
        "images": [{"id": 1, "file_name": name, "width": 60, "height": 40}],
        "categories": [
            {"id": at, "name": one, "supercategory": "thing"} for at, one in enumerate(classes, 1)
        ],
        "annotations": boxes,
    } | more


def put(folder: Path, files: dict[str, Any]) -> Path:
    for name, document in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(document))
    return folder


def items(*paths: str) -> pd.DataFrame:
    rows = []
    for path in paths:
        folder, _, title = path.rpartition("/")
        rows.append({"id": path, "title": title, "folder": folder, "urls": [path], "metadata": {}})
    return pd.DataFrame(rows)


def of_cocodataset(folder: Path) -> Path:
    return put(
        folder,
        {
            "annotations/instances_train.json": coco("a.jpg", ["cup", "dog"]),
            "annotations/instances_val.json": coco("b.jpg", ["dog", "cat"]),
        },
    )


def labels_of(found: Any) -> set[tuple[str, str | None]]:
    if isinstance(found.annotations, list):
        return {(one.item_id, one.class_name) for one in found.annotations}
    return set(zip(found.annotations["item_id"], found.annotations["class_name"], strict=True))


WHOLE = {("a.jpg", "cup"), ("a.jpg", "dog"), ("b.jpg", "dog"), ("b.jpg", "cat")}


@pytest.mark.parametrize("read", [lw.formats.read, lw.formats.read_frame])
@pytest.mark.parametrize("known", [None, items("a.jpg", "b.jpg")])
def test_files_of_a_folder_are_one_and_classes_go_by_name(
    tmp_path: Path, read: Any, known: pd.DataFrame | None
) -> None:
    found = read(of_cocodataset(tmp_path), items=known)
    assert (found.format, len(found.annotations)) == ("coco", 4)
    assert labels_of(found) == WHOLE
    assert [made.name for made in found.ontology.classes] == ["cup", "dog", "cat"]
    counts = dict(zip(found.categories["name"], found.categories["annotations"], strict=True))
    assert counts == {"cup": 1, "dog": 2, "cat": 1}
    assert found.supercategories == dict.fromkeys(counts, "thing")
    assert list(found.items["id"]) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("read", [lw.formats.read, lw.formats.read_frame])
def test_a_zip_and_a_bucket_are_read_as_a_folder_is(tmp_path: Path, read: Any) -> None:
    import fsspec

    folder, bucket = of_cocodataset(tmp_path / "set"), "memory://several/set"
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as packed:
        for one in folder.rglob("*.json"):
            packed.write(one, one.relative_to(folder).as_posix())
            with fsspec.open(f"{bucket}/{one.relative_to(folder).as_posix()}", "wb") as file:
                file.write(one.read_bytes())
    for path in (tmp_path / "set.zip", bucket):
        assert labels_of(read(path)) == WHOLE


@pytest.mark.parametrize("small", [0, pieces._SMALL])
def test_a_frame_of_several_files_is_written_with_its_shapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(pieces, "_SMALL", small)
    ring = [[1.0, 1.0, 9.0, 1.0, 5.0, 8.0]]
    for name in ("train", "val"):
        made = coco(f"{name}.jpg", ["cup"])
        made["annotations"][0] |= {"segmentation": ring, "bbox": [1, 1, 8, 7], "area": 28}
        put(tmp_path, {f"annotations/instances_{name}.json": made})
    found = lw.formats.read_frame(tmp_path)
    lw.formats.write(found, tmp_path / "out.json", "coco")
    again = lw.formats.read(tmp_path / "out.json")
    shape = lw.Polygon([[[(1, 1), (9, 1), (5, 8)]]])
    assert [one.geometry for one in again.annotations] == [shape, shape]
    assert labels_of(again) == {("train.jpg", "cup"), ("val.jpg", "cup")}


@pytest.mark.parametrize("known", [None, items("train/x.jpg", "valid/x.jpg")])
def test_files_beside_their_pictures_mean_those_of_their_folder(
    tmp_path: Path, known: pd.DataFrame | None
) -> None:
    parts = ("train", "valid")
    put(tmp_path, {f"{one}/_annotations.coco.json": coco("x.jpg", ["cup"]) for one in parts})
    (tmp_path / "README.roboflow.txt").write_text("cups - v1\n=====\n\n* 2 images\n")
    found = lw.formats.read(tmp_path, items=known)
    assert labels_of(found) == {("train/x.jpg", "cup"), ("valid/x.jpg", "cup")}


def test_pictures_of_one_name_are_those_of_the_part_that_the_file_is_called_by(
    tmp_path: Path,
) -> None:
    parts = ("train2017", "val2017")
    put(tmp_path, {f"annotations/instances_{one}.json": coco("1.jpg", ["cup"]) for one in parts})
    found = lw.formats.read(tmp_path, items=items("train2017/1.jpg", "val2017/1.jpg"))
    assert labels_of(found) == {("train2017/1.jpg", "cup"), ("val2017/1.jpg", "cup")}


@pytest.mark.parametrize("read", [lw.formats.read, lw.formats.read_frame])
def test_what_is_wrong_names_its_file(tmp_path: Path, read: Any) -> None:
    wrong = coco("b.jpg", ["dog", "cat"])
    wrong["annotations"][1]["category_id"] = 9
    put(of_cocodataset(tmp_path), {"annotations/instances_val.json": wrong})
    with pytest.raises(FormatError, match=r"instances_val.json, annotations\[1\] \(id 2\)"):
        read(tmp_path)
    found = read(tmp_path, errors="collect")
    assert list(found.left_out["record"]) == ["annotations/instances_val.json, annotations[1]"]
    assert labels_of(found) == WHOLE - {("b.jpg", "cat")}


def test_a_file_of_pictures_that_are_no_items_is_told_and_all_of_them_an_error(
    tmp_path: Path,
) -> None:
    found = lw.formats.read(of_cocodataset(tmp_path), items=items("a.jpg"))
    assert labels_of(found) == {("a.jpg", "cup"), ("a.jpg", "dog")}
    assert list(found.unmatched["record"]) == ["annotations/instances_val.json, images[0]"]
    assert list(found.unmatched["annotations"]) == [2]
    with pytest.raises(FormatError, match=r"none of its 2 images is an item .* 'a.jpg' of annot"):
        lw.formats.read(tmp_path, items=items("z.jpg"))


@pytest.mark.parametrize("read", [lw.formats.read, lw.formats.read_frame])
@pytest.mark.parametrize("errors", ["raise", "collect"])
def test_the_same_objects_in_files_of_two_kinds_are_not_doubled(
    tmp_path: Path, read: Any, errors: str
) -> None:
    posed = coco("b.jpg", ["dog"])
    posed["categories"][0] |= POSE
    posed["annotations"][0] |= {"keypoints": [1, 2, 2, 3, 4, 2], "num_keypoints": 2}
    put(of_cocodataset(tmp_path), {"annotations/person_keypoints_val.json": posed})
    with pytest.raises(FormatError, match=r"annotation 1 on item 'b.jpg', as annotations/insta"):
        read(tmp_path, errors=errors)
    with pytest.raises(FormatError, match=r"files='person_keypoints_\*'"):
        read(tmp_path, errors=errors)
    assert labels_of(read(tmp_path, files="instances_*", errors=errors)) == WHOLE
    (only,) = read(tmp_path, files="annotations/person*").ontology.classes
    assert only.skeleton == lw.Skeleton(["nose", "tail"], [(0, 1)])


def test_captions_of_the_same_pictures_are_read_with_the_objects(tmp_path: Path) -> None:
    said = {"id": 1, "image_id": 1, "caption": "a cup and a dog"}
    captions = coco("a.jpg", [], annotations=[said])
    del captions["categories"]
    put(of_cocodataset(tmp_path), {"annotations/captions_train.json": captions})
    found = lw.formats.read(tmp_path)
    assert labels_of(found) == WHOLE | {("a.jpg", None)}
    assert [one.name for one in found.ontology.image_attributes] == ["caption"]


@pytest.mark.parametrize("read", [lw.formats.read, lw.formats.read_frame])
def test_pictures_of_a_file_without_annotations_are_there_without_labels(
    tmp_path: Path, read: Any
) -> None:
    info = coco("c.jpg", ["cup", "dog"])
    del info["annotations"]
    put(of_cocodataset(tmp_path), {"annotations/image_info_test.json": info})
    with pytest.warns(FormatWarning, match=r"image_info_test\.json has no list of .* 1 picture"):
        found = read(tmp_path)
    assert labels_of(found) == WHOLE
    assert sorted(found.items["id"]) == ["a.jpg", "b.jpg", "c.jpg"]
    with pytest.warns(FormatWarning, match="come without labels"):
        alone = read(tmp_path / "annotations/image_info_test.json")
    assert (len(alone.annotations), alone.categories["name"].tolist()) == (0, ["cup", "dog"])
    del info["categories"]
    put(tmp_path, {"annotations/image_info_test.json": info})
    with pytest.raises(FormatError, match=r"info_test\.json, annotations: is not there"):
        read(tmp_path)


@pytest.mark.parametrize("read", [lw.formats.read, lw.formats.read_frame])
def test_results_beside_labels_are_an_error_that_says_what_to_name(
    tmp_path: Path, read: Any
) -> None:
    results = [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 5, 6], "score": 0.5}]
    put(of_cocodataset(tmp_path), {"results/bbox_val_results.json": results})
    said = r"bbox_val_results\.json: is a list of results.*files='instances_\*', or the results, "
    with pytest.raises(FormatError, match=said):
        read(tmp_path, errors="collect")
    assert labels_of(read(tmp_path, files="instances_*")) == WHOLE
    truth = tmp_path / "annotations/instances_val.json"
    found = read(tmp_path, files="results/bbox_val_results.json", ground_truth=truth)
    assert labels_of(found) == {("b.jpg", "dog")}
    # A pattern that means the results as well is no help.
    put(tmp_path, {"annotations/instances_val_results.json": results})
    with pytest.raises(FormatError, match=r"files='annotations/instances_train\.json'"):
        read(tmp_path / "", files="*instances_*")
    with pytest.raises(FormatError, match=r"ground_truth: .* files=\"\*_results\.json\""):
        read(tmp_path, files="instances_val.json", ground_truth=truth)


def test_coco_as_it_is_downloaded_says_which_files_to_name(
    shared_data: Path, tmp_path: Path
) -> None:
    kinds = ("captions", "instances", "person_keypoints")
    given = {one: json.loads((shared_data / f"coco/{one}.json").read_text()) for one in kinds}
    info = {name: given["instances"][name] for name in ("images", "categories")}
    files = {f"annotations/{kind}_val2017.json": file for kind, file in given.items()}
    put(tmp_path, files | {"annotations/image_info_test2017.json": info})
    with (
        pytest.warns(FormatWarning, match="come without labels"),
        pytest.raises(FormatError, match=r"files='instances_\*' or files='person_keypoints_\*'"),
    ):
        lw.formats.read(tmp_path, repair=True)
    for pattern in ("instances_*", "person_keypoints_*", "captions_*"):
        found = lw.formats.read(tmp_path, files=pattern, repair=True)
        assert len(found.items) == len(info["images"])
    both = lw.formats.read(tmp_path, files="[ci]*s_val2017.json", repair=True)
    assert len(both.annotations) == len(given["instances"]["annotations"]) + len(info["images"])


def test_labels_of_ours_are_there_once(tmp_path: Path) -> None:
    label = lw.Annotation(item_id="a.jpg", class_name="cup", geometry=lw.Rectangle(5, 5, 20, 10))
    known = items("a.jpg", "b.jpg")
    known["metadata"] = [{"width": 60, "height": 40}] * 2
    for name, item in (("a", "a.jpg"), ("b", "b.jpg")):
        made = label.replace(item_id=item)
        lw.formats.write([made], tmp_path / f"{name}.json", "coco", items=known[known.id == item])
    with pytest.raises(FormatError, match=r"b.json, annotations\[0\].* before it"):
        lw.formats.read(tmp_path, items=known)


def test_other_joints_of_a_class_are_an_error(tmp_path: Path) -> None:
    files = {}
    for name, joints in (("train", ["nose", "tail"]), ("val", ["nose", "ear"])):
        made = coco(f"{name}.jpg", ["dog"])
        made["categories"][0] |= {"keypoints": joints, "skeleton": []}
        made["annotations"][0] |= {"keypoints": [1, 2, 2, 3, 4, 2], "num_keypoints": 2}
        files[f"annotations/pose_{name}.json"] = made
    with pytest.raises(FormatError, match="has other joints of 'dog' than annotations/pose_train"):
        lw.formats.read(put(tmp_path, files))


def test_files_is_of_folders_and_must_fit_some(tmp_path: Path) -> None:
    of_cocodataset(tmp_path)
    with pytest.raises(FormatError, match="has no file of COCO that is called 'stuff_"):
        lw.formats.read(tmp_path, "coco", files="stuff_*")
    with pytest.raises(FormatError, match="is of a folder or zip"):
        lw.formats.read(tmp_path / "annotations/instances_val.json", files="instances_*")


def test_a_project_takes_a_folder_in_once(tmp_path: Path) -> None:
    from PIL import Image

    for name in ("a", "b"):
        Image.new("RGB", (60, 40)).save(tmp_path / f"{name}.jpg")
    folder = of_cocodataset(tmp_path / "labels")
    dataset = lw.Dataset.open(tmp_path)
    with lw.Project.create(tmp_path / "project", dataset, ["cup", "dog", "cat"]) as project:
        assert project.import_annotations(folder).added == 4
        again = project.import_annotations(folder)
        assert (again.added, again.there) == (0, 4)


def createml(*names: str) -> list[dict[str, Any]]:
    box = {"x": 10, "y": 10, "width": 8, "height": 6}
    return [{"image": one, "annotations": [{"label": "cup", "coordinates": box}]} for one in names]


@pytest.mark.parametrize("known", [None, items("train/x.jpg", "valid/x.jpg")])
def test_parts_of_create_ml_are_read_as_one(tmp_path: Path, known: pd.DataFrame | None) -> None:
    files: dict[str, Any] = {
        f"{part}/_annotations.createml.json": createml("x.jpg") for part in ("train", "valid")
    }
    found = lw.formats.read(put(tmp_path, files), items=known)
    assert found.format == "createml"
    assert labels_of(found) == {("train/x.jpg", "cup"), ("valid/x.jpg", "cup")}
    files["valid/_annotations.createml.json"][0]["annotations"].append({"label": "cup"})
    found = lw.formats.read(put(tmp_path, files), items=known, errors="collect")
    assert list(found.left_out["record"]) == [
        "valid/_annotations.createml.json, [0].annotations[1]"
    ]


@pytest.mark.parametrize("title", ["street.mp4", "road.mp4"])
def test_labels_taken_for_the_only_video_are_said_if_it_is_called_otherwise(
    tmp_path: Path, title: str
) -> None:
    import warnings

    (tmp_path / "road.txt").write_text("1,1,5,5,10,10,1,1,1\n")
    known = pd.DataFrame([{"id": "v", "kind": "video", "title": title}])
    known["metadata"] = [{"frames": 3, "width": 60, "height": 40}]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = lw.formats.read(tmp_path / "road.txt", "mot", items=known, classes={1: "car"})
    assert [one.item_id for one in found.annotations] == ["v"]
    told = [str(one.message) for one in said if "only video" in str(one.message)]
    assert len(told) == (title == "street.mp4")
    assert all("labels of 'road'" in one and "'street.mp4'" in one for one in told)


def via(name: str, x: int) -> dict[str, Any]:
    shape = {"name": "rect", "x": x, "y": 2, "width": 5, "height": 6}
    region = {"shape_attributes": shape, "region_attributes": {"class": "cup"}}
    return {f"{name}-1": {"filename": name, "size": -1, "regions": [region]}}


def via3(name: str, x: int) -> dict[str, Any]:
    return {
        "project": {"vid_list": ["1"]},
        "config": {},
        "attribute": {"1": {"aname": "class", "anchor_id": "FILE1_Z0_XY1", "type": 1}},
        "file": {"1": {"fid": "1", "fname": name, "type": 2, "loc": 3, "src": name}},
        "view": {"1": {"fid_list": ["1"]}},
        "metadata": {"m": {"vid": "1", "z": [], "xy": [2, x, 2, 5, 6], "av": {"1": "cup"}}},
    }


@pytest.mark.parametrize(("name", "made"), [("via", via), ("via3", via3)])
def test_projects_of_via_in_folders_are_read_as_one(tmp_path: Path, name: str, made: Any) -> None:
    """Pictures of the same name are those beside each project; a bad project is one fault."""
    folder = put(tmp_path / "set", {"one/p.json": made("a.jpg", 1), "two/p.json": made("a.jpg", 9)})
    found = lw.formats.read(folder, items=items("one/a.jpg", "two/a.jpg"))
    assert found.format == name
    assert {(one.item_id, one.geometry.x) for one in found.annotations} == {
        ("one/a.jpg", 1),
        ("two/a.jpg", 9),
    }
    broken = json.loads((folder / "one/p.json").read_text())
    if name == "via":
        broken["a.jpg-1"]["regions"][0]["shape_attributes"]["name"] = "heart"
    else:
        broken["metadata"]["m"]["xy"] = [2, 1]
    (folder / "one/p.json").write_text(json.dumps(broken))
    (folder / "two/p.json").write_text((folder / "two/p.json").read_text()[:-1])
    with pytest.raises(FormatError, match=r"one/p\.json, "):
        lw.formats.read(folder, name)
    found = lw.formats.read(folder, name, errors="collect")
    assert [str(one).split(", ")[0] for one in found.left_out["record"]] == [
        "one/p.json",
        "two/p.json",
    ]
