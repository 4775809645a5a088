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
