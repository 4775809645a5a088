"""Boxes carried through a video by flow, beside holding them still and OpenCV's TrackerMIL."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Report
from labelwidgets.algorithms.carrying import Carrier

Box = tuple[float, float, float, float]
AHEAD = (10, 30)


def carrying(report: Report) -> None:
    """Measure how proofread boxes are met after so many frames, where a fly walks."""
    table = report.table(
        "Boxes carried, two flies", "how", "IoU after 10", "IoU after 30", "ms/frame"
    )
    folder = Path(os.environ.get("LABELWIDGETS_SHARED_DATA", ""), "video")
    if not (folder / "flies_clip.mp4").is_file():
        table.notes.append("Set LABELWIDGETS_SHARED_DATA to measure.")
        return
    from labelwidgets.media import VideoReader

    film = VideoReader(str(folder / "flies_clip.mp4"))
    boxes = _boxes(folder / "flies_clip_gt_mot.txt")
    starts = [
        (fly, frame)
        for fly, frame in boxes
        if frame % (44 if report.quick else 11) == 0
        and (fly, frame + 30) in boxes
        and _overlap(boxes[fly, frame], boxes[fly, frame + 30]) < 0.85
    ]
    for name, begin in (("held", _held), ("carried", _carried), ("OpenCV TrackerMIL", _mil)):
        met: dict[int, list[float]] = {ahead: [] for ahead in AHEAD}
        spent = 0.0
        # The slow one is asked less often.
        some = starts if begin is not _mil else starts[:: max(1, len(starts) // 8)]
        for fly, frame in some:
            frames = [film[k] for k in range(frame, frame + 31)]
            begun = time.perf_counter()
            step = begin(frames[0], boxes[fly, frame])
            for ahead in range(1, 31):
                box = step(frames[ahead])
                if ahead in met:
                    met[ahead].append(_overlap(box, boxes[fly, frame + ahead]))
            spent += time.perf_counter() - begun
        means = [round(statistics.mean(met[ahead]), 3) for ahead in AHEAD]
        table.add(f"{name} ({len(some)} starts)", *means, round(1000 * spent / (30 * len(some)), 2))


def _boxes(path: Path) -> dict[tuple[int, int], Box]:
    rows = np.loadtxt(path, delimiter=",")
    return {
        (int(fly), int(frame) - 1): (x, y, width, height)
        for frame, fly, x, y, width, height, *_ in rows.tolist()
    }


def _overlap(one: Box, other: Box) -> float:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    both = max(width, 0) * max(height, 0)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def _held(_: Any, box: Box) -> Callable[[Any], Box]:
    return lambda frame: box


def _carried(first: Any, box: Box) -> Callable[[Any], Box]:
    carrier = Carrier(first, box)
    x, y, width, height = box

    def step(frame: Any) -> Box:
        matrix = carrier.step(frame).upright
        scale = matrix[0, 0]
        left, top = matrix @ [x, y, 1]
        return left, top, scale * width, scale * height

    return step


def _mil(first: Any, box: Box) -> Callable[[Any], Box]:
    import cv2

    tracker: Any = cv2.TrackerMIL.create()
    tracker.init(first, tuple(round(value) for value in box))
    return lambda frame: tracker.update(frame)[1]
