"""Two flies with proofread boxes and joints: they are carried on, and their joints interpolated."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import labelwidgets as lw
from labelwidgets.algorithms.thinning import thin_keyframes
from labelwidgets.assist import find
from labelwidgets.assist.prompts import Prompt

pytest.importorskip("av")
pytest.importorskip("cv2")

COUNT = 1500
Joints = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def joints(shared_data: Path) -> Joints:
    """(fly, frame, joint, x y visibility); joints that were not seen are nan."""
    folder = shared_data / "video"
    said = json.loads((folder / "flies_clip_skeleton.json").read_text())
    places = np.full((len(said["tracks"]), COUNT, len(said["keypoints"]), 3), np.nan)
    with (folder / "flies_clip_gt_keypoints.csv").open() as file:
        for row in csv.DictReader(file):
            fly = said["tracks"].index(row["track"])
            joint = said["keypoints"].index(row["keypoint"])
            seen = 2 if row["visible"] == "1" else 1
            places[fly, int(row["frame"]), joint] = float(row["x"]), float(row["y"]), seen
    return places


def keypoints(places: Joints) -> lw.Keypoints:
    filled = np.nan_to_num(places)
    return lw.Keypoints([(float(x), float(y), int(v)) for x, y, v in filled])


def sparse(fly: Joints, tolerance: float) -> lw.Track:
    """A track with a keyframe of a joint only where it is needed: joint by joint."""
    placed: dict[int, set[int]] = {}
    for joint in range(fly.shape[1]):
        seen = np.flatnonzero(np.isfinite(fly[:, joint, 0]))
        for stretch in np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1):
            kept = thin_keyframes(stretch, fly[stretch, joint, None, :2], tolerance)
            # The frame after its last one says that it is not seen any more.
            gone = [stretch[-1] + 1] if stretch[-1] + 1 < COUNT else []
            for frame in [*stretch[kept], *gone]:
                placed.setdefault(int(frame), set()).add(joint)
    return lw.Track(
        {
            frame: lw.Keyframe(keypoints(fly[frame]), joints=tuple(sorted(some)))
            for frame, some in placed.items()
        }
    )


def test_each_joint_is_interpolated_between_its_own_keyframes(joints: Joints) -> None:
    for fly in joints:
        track = sparse(fly, 3.0)
        placed = sum(len(one.joints or ()) for one in track.keyframes.values())
        assert placed < 0.25 * np.isfinite(fly[..., 0]).sum()
        worst = np.zeros(fly.shape[1])
        for frame in range(COUNT):
            sight = track.at(frame)
            if sight is None:
                continue
            assert isinstance(sight.geometry, lw.Keypoints)
            at = np.array(sight.geometry.points)
            seen = np.isfinite(fly[frame, :, 0])
            off = np.linalg.norm(at[:, :2] - fly[frame, :, :2], axis=1)
            worst[seen] = np.maximum(worst[seen], off[seen])
        print("worst joint by joint, px:", worst.round(2).tolist(), "placed", placed)
        # The tolerance, and the rounding of what is stored.
        assert worst.max() <= 3.05


def overlap(one: Any, other: Any) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    both = max(width, 0) * max(height, 0)
    return both / (one.width * one.height + other.width * other.height - both)


def test_a_fly_that_walks_is_carried_better_than_held(shared_data: Path, joints: Joints) -> None:
    dataset = lw.Dataset.open(str(shared_data / "video" / "flies_clip.mp4"))
    (item,) = dataset
    moved = np.linalg.norm(joints[:, 30:, 1, :2] - joints[:, :-30, 1, :2], axis=-1)
    fly, start = np.unravel_index(np.nanargmax(moved), moved.shape)

    def box(frame: int) -> lw.Rectangle:
        at = joints[fly, frame, :, :2]
        low, high = np.nanmin(at, axis=0), np.nanmax(at, axis=0)
        return lw.Rectangle(*map(float, low), *map(float, high - low))

    track = lw.Track({int(start): lw.Keyframe(box(int(start)))})
    film = dataset.film(item, int(start))
    made = find("carry").propose(film, Prompt(track=track), {"frames": 20, "certainty": 0.2})
    carried = made.shapes[0].geometry
    assert isinstance(carried, lw.Track)
    last = max(carried.keyframes)
    shape = carried.keyframes[last].geometry
    assert last > start + 5
    assert overlap(shape, box(last)) > overlap(box(int(start)), box(last)) + 0.1
