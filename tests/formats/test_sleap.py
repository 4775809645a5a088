"""SLEAP in and out, judged by sleap-io."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import sleap_io

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats import FormatWarning
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.schema.tracks import Keyframe, Track
from tests.formats.labels import ONTOLOGY

JOINTS = ["head", "thorax", "tip"]
POSE = Keypoints([(10.5, 10, 2), (20, 30.25, 1), (0, 0, 0)])


def videos(*ids: str, frames: int = 10) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": list(ids),
            "kind": "video",
            "title": [f"{id}.mp4" for id in ids],
            "folder": "",
            "urls": [[f"/v/{id}.mp4"] for id in ids],
            "metadata": [{"width": 60, "height": 50, "frames": frames, "fps": 25.0} for _ in ids],
            "status": "ok",
        }
    )


def pose(**fields: Any) -> Annotation:
    return Annotation(**({"item_id": "a", "class_name": "fly", "geometry": POSE} | fields))


def options(*ids: str) -> dict[str, Any]:
    return {"items": videos(*(ids or ("a",))), "ontology": ONTOLOGY}


def load(path: Path) -> Any:
    return sleap_io.load_slp(str(path), open_videos=False)


def theirs(path: Path, instances: list[Any], frame: int = 3) -> Path:
    """Write a file with sleap-io."""
    video = sleap_io.Video("a.mp4", open_backend=False)
    labelled = sleap_io.LabeledFrame(video=video, frame_idx=frame, instances=instances)
    sleap_io.Labels([labelled]).save(str(path), embed=False)
    return path


SKELETON = sleap_io.Skeleton(list(JOINTS), [("head", "thorax"), ("thorax", "tip")], name="fly")


def test_sleap_io_reads_the_flies_that_we_write_and_we_those_that_it_writes(
    tmp_path: Path, shared_data: Path
) -> None:
    said = json.loads((shared_data / "video" / "flies_clip_skeleton.json").read_text())
    joints = said["keypoints"]
    edges = [(joints.index(a), joints.index(b)) for a, b in said["links"]]
    ontology = Ontology([ObjectClass("fly", tool="keypoints", skeleton=Skeleton(joints, edges))])
    truth = np.full((2, 200, len(joints), 2), np.nan)
    with (shared_data / "video" / "flies_clip_gt_keypoints.csv").open() as file:
        for row in csv.DictReader(file):
            if int(row["frame"]) < 200:
                at = said["tracks"].index(row["track"]), int(row["frame"])
                truth[(*at, joints.index(row["keypoint"]))] = float(row["x"]), float(row["y"])
    tracks = []
    for own in truth:
        keys = {}
        for frame, places in enumerate(own):
            points = [(float(x), float(y), 2) if x == x else (0.0, 0.0, 0) for x, y in places]
            keys[frame] = Keyframe(Keypoints(points))
        tracks.append(Annotation(item_id="a", class_name="fly", geometry=Track(keys)))
    frame = videos("a", frames=200)
    frame["metadata"] = [{"width": 1024, "height": 1024, "frames": 200, "fps": 25.0}]
    formats.write(tracks, tmp_path / "ours.slp", "sleap", items=frame, ontology=ontology)
    labels = load(tmp_path / "ours.slp")
    assert labels.skeletons[0].node_names == joints
    assert labels.skeletons[0].edge_inds == edges
    assert len(labels.tracks) == 2
    # Their centre of the first pixel is (0, 0).
    assert np.allclose(labels.numpy().transpose(1, 0, 2, 3), truth - 0.5, equal_nan=True)
    labels.save(str(tmp_path / "theirs.slp"), embed=False)
    for name in ("ours.slp", "theirs.slp"):
        back = formats.read(tmp_path / name, items=frame, ontology=ontology)
        assert len(back.annotations) == 2
        for was, now in zip(tracks, back.annotations, strict=True):
            for at in range(0, 200, 13):
                one, other = was.geometry.at(at).geometry, now.geometry.at(at).geometry
                assert np.allclose(one.points, other.points)
    sleap_io.save_analysis_h5(labels, str(tmp_path / "a.h5"))
    found = formats.read(tmp_path / "a.h5", "sleap", items=frame, ontology=ontology)
    assert len(found.annotations) == 2
    assert np.allclose(
        found.annotations[1].geometry.at(150).geometry.points,
        tracks[1].geometry.at(150).geometry.points,
    )


def test_instances_without_a_track_with_one_and_tracks_come_back(tmp_path: Path) -> None:
    moving = Track({1: Keyframe(POSE), 4: Keyframe(outside=True), 6: Keyframe(POSE)})
    made = [
        pose(frame=2),
        pose(frame=2, track_id="x"),
        pose(frame=5, track_id="x", confidence=0.25),
        pose(geometry=moving),
        pose(item_id="b", frame=0),
    ]
    formats.write(made, tmp_path / "a.slp", "sleap", **options("a", "b", "c"))
    back = formats.read(tmp_path / "a.slp", **options("a", "b", "c"))
    assert set(back.items["id"]) == {"a", "b", "c"}
    loose = [one for one in back.annotations if isinstance(one.geometry, Keypoints)]
    assert sorted((one.item_id, one.frame, one.confidence or 0) for one in loose) == [
        ("a", 2, 0), ("a", 2, 0), ("a", 5, 0.25), ("b", 0, 0),
    ]  # fmt: skip
    assert all(one.geometry == POSE for one in loose)
    tied = [one.track_id for one in loose if one.track_id]
    assert len(tied) == 2
    assert len(set(tied)) == 1
    (track,) = (one.geometry for one in back.annotations if isinstance(one.geometry, Track))
    seen = [at for at in range(10) if track.at(at) is not None]
    assert seen == [1, 2, 3, 6, 7, 8, 9]


def test_predictions_have_scores_and_what_was_corrected_is_not_read_twice(tmp_path: Path) -> None:
    places = np.array([[1, 2], [3, 4], [np.nan, np.nan]], float)
    guess = sleap_io.PredictedInstance.from_numpy(
        places, skeleton=SKELETON, point_scores=np.array([0.5, 0.25, 0]), score=0.75
    )
    other = sleap_io.PredictedInstance.from_numpy(places + 5, skeleton=SKELETON, score=7.5)
    mended = sleap_io.Instance.from_numpy(places + 1, skeleton=SKELETON)
    mended.from_predicted = guess
    path = theirs(tmp_path / "a.slp", [guess, other])
    one, two = formats.read(path, **options()).annotations
    assert one.geometry == Keypoints([(1.5, 2.5, 2), (3.5, 4.5, 2), (0, 0, 0)])
    assert (one.frame, one.confidence) == (3, 0.75)
    assert one.origin.parameters == {"predicted": True, "scores": [0.5, 0.25, 0.0]}
    assert (two.confidence, two.origin.parameters["score"]) == (None, 7.5)
    path = theirs(tmp_path / "b.slp", [guess, mended])
    with pytest.warns(FormatWarning, match="1 predicted instance that somebody has corrected"):
        (made,) = formats.read(path, **options()).annotations
    assert made.geometry.points[0] == (2.5, 3.5, 2)


def test_files_before_1_1_count_from_the_corner_of_a_pixel(tmp_path: Path) -> None:
    formats.write([pose(frame=1)], tmp_path / "a.slp", "sleap", **options())
    with h5py.File(tmp_path / "a.slp", "a") as file:
        file["metadata"].attrs["format_id"] = 1.0
    (made,) = formats.read(tmp_path / "a.slp", **options()).annotations
    assert made.geometry.points[0] == (10.0, 9.5, 2)


def test_classes_are_found_by_name_or_by_their_joints(tmp_path: Path) -> None:
    formats.write([pose(frame=1)], tmp_path / "a.slp", "sleap", **options())
    other = Ontology([ObjectClass("bug", tool="keypoints", skeleton=Skeleton(JOINTS[::-1], []))])
    (made,) = formats.read(tmp_path / "a.slp", items=videos("a"), ontology=other).annotations
    assert (made.class_name, made.geometry.points[2]) == ("bug", POSE.points[0])
    (made,) = formats.read(tmp_path / "a.slp").annotations
    assert (made.class_name, made.item_id) == ("fly", "a")
    unnamed = sleap_io.Skeleton(list(JOINTS), [], name="Skeleton-0")
    thing = sleap_io.Instance.from_numpy(np.ones((3, 2)), skeleton=unnamed)
    (made,) = formats.read(theirs(tmp_path / "b.slp", [thing])).annotations
    assert made.class_name == "animal"


def test_what_is_no_pose_is_counted_and_what_has_no_skeleton_named(tmp_path: Path) -> None:
    box = Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 1, 2, 2), frame=1)
    moving = Track({1: Keyframe(Rectangle(1, 1, 2, 2))})
    made = [box, Annotation(item_id="a", class_name="car", geometry=moving), pose()]
    with pytest.warns(
        FormatWarning, match="1 set of keypoints on no frame, 1 rectangle, 1 track of rectangle"
    ):
        formats.write(made, tmp_path / "a.slp", "sleap", **options())
    with pytest.raises(FormatError, match="no place for"):
        formats.write(made, tmp_path / "b.slp", "sleap", strict=True, **options())
    wrong = Keypoints([(1, 1, 2)])
    with pytest.raises(FormatError, match="has 1 joint, its class has 3"):
        formats.write([pose(geometry=wrong, frame=1)], tmp_path / "b.slp", "sleap", **options())
    assert not (tmp_path / "b.slp").exists()


def _broken(path: Path, what: str) -> None:
    with h5py.File(path, "a") as file:
        if what == "metadata":
            del file["metadata"]
        elif what in ("no json", "deep json", "a list"):
            text = {"no json": b"{", "deep json": b"[" * 50_000, "a list": b"[]"}[what]
            file["metadata"].attrs["json"] = np.bytes_(text)
        elif what in ("frames", "points", "instances"):
            del file[what]
        elif what == "a link elsewhere":
            del file["points"]
            file["points"] = h5py.ExternalLink("/etc/other.h5", "points")
        elif what == "a soft link":
            del file["points"]
            file["points"] = h5py.SoftLink("/nowhere")
        elif what == "no column":
            del file["frames"]
            file.create_dataset("frames", data=np.zeros(1, [("frame_id", "<u8")]))
        elif what == "too many":
            del file["points"]
            kind = file["pred_points"].dtype
            file.create_dataset("points", shape=(10**12,), dtype=kind, chunks=(1000,))
        else:
            table, column, value = what.split()
            rows = file[table][()]
            rows[column] = float(value)
            file[table][...] = rows


WRONG = {
    "metadata": "no metadata of SLEAP",
    "no json": "metadata",
    "deep json": "metadata",
    "a list": "metadata: must be an object",
    "frames": "frames: is not there",
    "points": "points: is not there",
    "instances": "instances: is not there",
    "a link elsewhere": "points: is not there, or somewhere else",
    "a soft link": "points: is not there, or somewhere else",
    "no column": "frames: has no column of numbers 'video'",
    "too many": "points: has more than",
    "frames video 7": r"frames\[0\], instances\[0\].*video: is 7",
    "frames frame_idx 99": r"frames\[0\].*frame_idx",
    "frames instance_id_end 9": r"frames\[0\].*instance_id_end: is 9",
    "instances skeleton 4": r"instances\[0\].*skeleton: is 4",
    "instances track 4": r"instances\[0\].*track: is 4",
    "instances point_id_end 9": r"instances\[0\].*point_id_start, point_id_end",
    "points x inf": r"instances\[0\].*x, y: must be a finite number",
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(tmp_path: Path, case: str) -> None:
    path = tmp_path / "a.slp"
    formats.write([pose(frame=1)], path, "sleap", **options())
    _broken(path, case)
    with pytest.raises(LabelwidgetsError, match=f"(?s)a.slp.*({WRONG[case]})"):
        formats.read(path, **options())


def test_what_is_wrong_can_be_collected(tmp_path: Path) -> None:
    path = tmp_path / "a.slp"
    formats.write([pose(frame=1), pose(frame=2)], path, "sleap", **options())
    with h5py.File(path, "a") as file:
        rows = file["instances"][()]
        rows["skeleton"][0] = 9
        file["instances"][...] = rows
    found = formats.read(path, errors="collect", **options())
    assert len(found.annotations) == len(found.left_out) == 1
    found = formats.read(path, items=videos("far", "away"), errors="collect")
    assert found.unmatched["annotations"].tolist() == [2]


def test_damaged_files_and_other_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.slp"
    formats.write([pose(frame=1)], path, "sleap", **options())
    data = path.read_bytes()
    for wrong in (data[: len(data) // 2], data[:600], b"hello"):
        path.write_bytes(wrong)
        with pytest.raises(FormatError, match="damaged"):
            formats.read(path, "sleap", **options())


def test_without_h5py_the_command_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['h5py'] = None\n"
        "from labelwidgets import formats\n"
        f"formats.write([], {str(tmp_path / 'a.slp')!r}, 'sleap')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert 'pip install "labelwidgets[sleap]"' in done.stderr
