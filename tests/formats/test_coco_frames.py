"""COCO by frame: other tools see each frame of a track, and it comes back whole."""

import contextlib
import io
import json

import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from tests.formats.test_cvat_video import ONTOLOGY, SHAPES, moving, same
from tests.formats.test_mot import box, videos, written

COCO_HAS = [kind for kind in SHAPES if kind not in ("polyline", "point", "cuboid")]


def options():
    return {"items": videos("film"), "ontology": ONTOLOGY}


@pytest.mark.parametrize("kind", COCO_HAS)
def test_pycocotools_sees_each_frame_and_the_track_comes_back(tmp_path, kind):
    from pycocotools.coco import COCO

    track = moving(SHAPES[kind])
    name = "fly" if kind == "keypoints" else "car"
    labels = [lw.Annotation(item_id="film", class_name=name, geometry=track)]
    path = tmp_path / "a.json"
    formats.write(labels, path, "coco", frame_name="{video}/{frame:06d}.jpg", **options())
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
    shown = [frame for frame in range(40) if track.at(frame) is not None]
    assert [one["frame_index"] for one in coco.dataset["images"]] == shown
    assert coco.dataset["images"][0]["file_name"] == "film/000002.jpg"
    assert [one["name"] for one in coco.dataset["videos"]] == ["film.mp4"]
    for one in coco.dataset["annotations"]:
        assert (one["track_id"], one["instance_id"]) == (1, 1)
        frame = coco.imgs[one["image_id"]]["frame_index"]
        assert one["bbox"] == pytest.approx(track.at(frame).geometry.bounds)
        coco.annToMask(one)
    (made,) = formats.read(path, **options()).annotations
    assert made == labels[0]


def test_what_others_write_becomes_tracks(tmp_path):
    file = {
        "videos": [{"id": 5, "name": "film"}],
        "images": [
            {"id": n, "video_id": 5, "frame_id": n, "file_name": f"film/{n}.jpg"} for n in range(9)
        ],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "track_id": 3, "bbox": [n, 1, 5, 5]}
            for n in range(9)
            if n != 4
        ],
    }
    path = written(tmp_path / "a.json", json.dumps(file))
    (made,) = formats.read(path, items=videos("film")).annotations
    assert sorted(made.geometry.keyframes) == [0, 3, 4, 5, 8, 9]
    assert made.geometry.at(4) is None
    assert made.origin.parameters == {"id": 3}
    (alone,) = formats.read(path).annotations
    assert alone.item_id == "film"
    file["images"][8]["frame_id"] = 40
    path = written(tmp_path / "a.json", json.dumps(file))
    with pytest.raises(FormatError, match="frame 40"):
        formats.read(path, items=videos("film"))


RING = [1.0, 1.0, 21.0, 1.0, 21.0, 21.5]
CODE = {"size": [50, 60], "counts": [60, 20, 2920]}
TOLD = ("segmentation", "area", "bbox", "keypoints", "iscrowd")


def of_dancers(path):
    """Write joints of an object on frames 0, 1, 2 and 5, with an outline beside each."""
    file = {
        "videos": [{"id": 5, "name": "film"}],
        "images": [
            {"id": n, "video_id": 5, "frame_id": n, "file_name": f"film/{n}.jpg", "width": 60,
             "height": 50} for n in range(9)
        ],
        "categories": [{"id": 1, "name": "dancer", "keypoints": ["a", "b"], "skeleton": [[1, 2]]}],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "track_id": 3, "iscrowd": int(n == 5),
             "keypoints": [5 + n, 5, 2, 9, 8, 2], "num_keypoints": 2, "area": 205.0 + n,
             "segmentation": CODE if n == 2 else [RING], "bbox": [1, 1, 20 + n, 20.5]}
            for n in (0, 1, 2, 5)
        ],
    }  # fmt: skip
    return written(path, json.dumps(file))


def told_in(path):
    """Return what a file says of its labels, in the order of frames."""
    return [
        {name: one[name] for name in TOLD} for one in json.loads(path.read_text())["annotations"]
    ]


@pytest.mark.parametrize("read", [formats.read, formats.read_frame])
def test_outlines_areas_and_boxes_beside_joints_of_tracks_come_back(tmp_path, read):
    before = of_dancers(tmp_path / "a.json")
    found = read(before)
    assert len(found.annotations) == 1
    formats.write(found, tmp_path / "b.json", "coco")
    assert told_in(tmp_path / "b.json") == told_in(before)
    # Each outline is in the file once.
    assert (tmp_path / "b.json").read_text().count("21.5") == 3
    formats.write(read(tmp_path / "b.json"), tmp_path / "c.json", "coco")
    assert (tmp_path / "c.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    again = formats.read(tmp_path / "b.json").annotations
    if read is formats.read:
        assert again == found.annotations


def test_where_a_track_has_other_joints_it_has_no_outline(tmp_path):
    from pycocotools.coco import COCO

    found = formats.read(of_dancers(tmp_path / "a.json"))
    (only,) = found.annotations
    frames = dict(only.geometry.keyframes)
    frames[1] = Keyframe(lw.Keypoints([(7, 5, 2), (9, 8, 2)]))
    known = {"items": found.items, "ontology": found.ontology}
    changed = only.replace(geometry=Track(frames), revision=4)
    formats.write([changed], tmp_path / "b.json", "coco", **known)
    before, after = told_in(tmp_path / "a.json"), told_in(tmp_path / "b.json")
    assert [after[at] == before[at] for at in range(4)] == [True, False, True, True]
    assert (after[1]["area"], after[1]["bbox"]) == (6, [7, 5, 2, 3])
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(tmp_path / "b.json"))
    assert [bool(coco.annToMask(one).any()) for one in coco.dataset["annotations"]] == [
        True, False, True, True,
    ]  # fmt: skip
    (back,) = formats.read(tmp_path / "b.json").annotations
    assert sorted(back.origin.parameters["by_frame"]) == ["0", "2", "5"]


def test_areas_of_boxes_of_tracks_come_back_also_where_they_are_between_keyframes(tmp_path):
    file = json.loads(of_dancers(tmp_path / "a.json").read_text())
    for number, one in enumerate(file["annotations"]):
        del one["keypoints"], one["segmentation"]
        one |= {"bbox": [1 / 3 + one["id"], 1.1, 5.7, 5], "area": 7.5 + number}
    path = written(tmp_path / "a.json", json.dumps(file))
    found = formats.read(path)
    assert 1 not in found.annotations[0].geometry.keyframes
    formats.write(found, tmp_path / "b.json", "coco")
    areas = [one["area"] for one in json.loads((tmp_path / "b.json").read_text())["annotations"]]
    assert areas == [7.5, 8.5, 9.5, 10.5]


def test_what_another_tool_moved_on_a_frame_counts(tmp_path):
    track = moving(SHAPES["rectangle"])
    labels = [lw.Annotation(item_id="film", class_name="car", geometry=track)]
    path = tmp_path / "a.json"
    formats.write(labels, path, "coco", **options())
    file = json.loads(path.read_text())
    file["annotations"][2]["bbox"][0] += 7
    path.write_text(json.dumps(file))
    (made,) = formats.read(path, **options()).annotations
    moved = file["annotations"][2]["bbox"][0]
    assert made.geometry.at(4).geometry.x == pytest.approx(moved)
    assert made.geometry.at(5).geometry.x == pytest.approx(track.at(5).geometry.x)
    assert made.id == labels[0].id


def test_events_and_shapes_that_coco_has_no_place_for_come_back_and_are_said(tmp_path):
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=Interval(3, 9)),
        lw.Annotation(item_id="film", class_name="car", geometry=moving(SHAPES["point"])),
        lw.Annotation(item_id="film", class_name="car", geometry=box(1, 2), frame=6),
        lw.Annotation(item_id="film", class_name="car", geometry=Track({5: Keyframe(box(1, 1))})),
    ]
    with pytest.warns(FormatWarning, match="1 event, 1 track"):
        formats.write(labels, tmp_path / "a.json", "coco", **options())
    found = formats.read(tmp_path / "a.json", **options()).annotations
    assert {one.id: one for one in found} == {one.id: one for one in labels}
    same(labels[3].geometry, next(one for one in found if one.id == labels[3].id).geometry)


def test_answers_that_may_change_are_of_frames_and_others_of_the_track(tmp_path):
    track = Track(
        {
            0: Keyframe(box(1, 1), attributes={"parked": "true"}),
            5: Keyframe(box(9, 1), attributes={"parked": "false"}),
            9: Keyframe(outside=True),
        }
    )
    labels = [
        lw.Annotation(
            item_id="film", class_name="car", geometry=track,
            attributes={'make & "model" <x>': "b"},
        )
    ]  # fmt: skip
    path = tmp_path / "a.json"
    formats.write(labels, path, "coco", **options())
    file = json.loads(path.read_text())
    for one in file["annotations"]:
        assert one["attributes"]["parked"] == ("true" if one["image_id"] <= 5 else "false")
        one.pop("labelwidgets")
    for one in file["images"]:
        one.pop("labelwidgets")
    (made,) = formats.read(written(path, json.dumps(file)), **options()).annotations
    assert made.attributes == labels[0].attributes
    for frame in range(12):
        was, now = track.at(frame), made.geometry.at(frame)
        assert (was and was.attributes) == (now and now.attributes)


@pytest.mark.parametrize("name", ["nifti", "slice_masks", "dicom_seg", "rtstruct"])
def test_formats_of_scans_say_that_tracks_have_no_place(shared_data, tmp_path, name):
    pytest.importorskip("av")
    dataset = lw.Dataset.open(str(shared_data / "video" / "derived_nasa_h264.mov"))
    item = dataset.items["id"][0]
    labels = [lw.Annotation(item_id=item, class_name="car", geometry=moving(SHAPES["rectangle"]))]
    with pytest.warns(FormatWarning, match="no place for 1 track"):
        formats.write(labels, tmp_path / "out.zip", name, dataset=dataset, ontology=ONTOLOGY)
    with pytest.raises(FormatError, match="no place for at least 1 track"):
        formats.write(
            labels, tmp_path / "o.zip", name, dataset=dataset, ontology=ONTOLOGY, strict=True
        )
