"""YouTube-VIS in and out."""

import json

import pytest
from pycocotools import mask as coco

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.tracks import Interval
from tests.formats.test_cvat_video import ONTOLOGY, SHAPES, moving
from tests.formats.test_mot import FRAMES, box, videos, written

AREAS = ("rectangle", "turned rectangle", "ellipse", "polygon", "mask")


def options():
    return {"items": videos("film"), "ontology": ONTOLOGY}


@pytest.mark.parametrize("step", [1, 5])
@pytest.mark.parametrize("kind", AREAS)
def test_each_frame_has_a_mask_and_the_track_comes_back(tmp_path, kind, step):
    track = moving(SHAPES[kind])
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=track),
        lw.Annotation(item_id="film", class_name="car", geometry=box(1, 1), frame=10),
    ]
    path = tmp_path / "a.json"
    formats.write(labels, path, "youtube_vis", frames=step, **options())
    file = json.loads(path.read_text())
    one = file["annotations"][0]
    frames = range(0, FRAMES, step)
    assert file["videos"][0]["length"] == len(frames) == len(one["segmentations"])
    for at, frame in enumerate(frames):
        seen = track.at(frame)
        assert (one["segmentations"][at] is None) == (seen is None)
        if seen is not None:
            code = one["segmentations"][at]
            bits = coco.frPyObjects(code, *code["size"])
            assert int(coco.area(bits)) == one["areas"][at]
            assert one["bboxes"][at] == pytest.approx(seen.geometry.bounds)
    found = formats.read(path, **options())
    assert found.format == "youtube_vis"
    assert found.annotations == labels


def test_what_others_write_becomes_tracks_with_gaps(tmp_path):
    code = {"size": [100, 200], "counts": [100, 50, 19850]}
    file = {
        "videos": [{"id": 1, "width": 200, "height": 100,
                    "file_names": [f"film/{n:05d}.jpg" for n in range(0, 40, 5)]}],
        "categories": [{"id": 7, "name": "car", "supercategory": "thing"}],
        "annotations": [
            {"id": 1, "video_id": 1, "category_id": 7, "iscrowd": 0,
             "segmentations": [None, code, code, None, code, None, None, None],
             "bboxes": [None, [1, 0, 1, 50], [1, 0, 1, 50], None, [1, 0, 1, 50], None, None, None]}
        ],
    }  # fmt: skip
    path = written(tmp_path / "a.json", json.dumps(file))
    found = formats.read(path, items=videos("film"))
    (made,) = found.annotations
    assert found.supercategories == {"car": "thing"}
    shown = [frame for frame in range(FRAMES) if made.geometry.at(frame) is not None]
    assert shown == [5, 6, 7, 8, 9, 10, 20]
    assert made.geometry.shape_type == "mask"
    file["annotations"][0]["segmentations"][1] = {"size": [100, 200], "counts": [100, 50]}
    with pytest.raises(FormatError, match=r"annotations\[0\].*segmentations\[1\], counts"):
        formats.read(written(path, json.dumps(file)), items=videos("film"))
    file["annotations"][0]["segmentations"] = [code]
    with pytest.raises(FormatError, match="has 1 frame, the video has 8"):
        formats.read(written(path, json.dumps(file)), items=videos("film"))


def test_what_has_no_place_is_said_and_comes_back(tmp_path):
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=Interval(3, 9)),
        lw.Annotation(item_id="film", class_name="car", geometry=moving(SHAPES["point"])),
    ]
    with pytest.warns(FormatWarning, match="1 event, 1 track of point"):
        formats.write(labels, tmp_path / "a.json", "youtube_vis", **options())
    assert formats.read(tmp_path / "a.json", **options()).annotations == labels
