"""Superpixels beside scikit-image's: how well they follow a picture, and what they cost.

OpenCV has superpixels in its contrib build only, which is not looked at here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import labelwidgets as lw
from benchmarks.report import Report, Table, main, ratio
from benchmarks.superpixel_scores import Scores, panoptic, scores
from benchmarks.surroundings import picture
from benchmarks.timing import timed
from labelwidgets.algorithms.superpixels import coarse_superpixels

Labels = NDArray[Any]
Picture = NDArray[np.uint8]

COUNTS = (300, 1000)
# One, four and twelve megapixels of four to three.
WIDTHS = (1155, 2310, 4000)
CELL = 32
ROUNDS = 3


def measure(report: Report) -> None:
    shared = os.environ.get("LABELWIDGETS_SHARED_DATA", "")
    folder = Path(shared, "coco_panoptic")
    if shared and folder.is_dir():
        _quality(report, list(panoptic(folder)))
    _costs(report)


def _quality(report: Report, pictures: list[tuple[Picture, Labels]]) -> None:
    table = report.table(
        "Superpixels on COCO panoptic", "what", "segments", "recall", "error", "accuracy"
    )
    for count in COUNTS[:1] if report.quick else COUNTS:
        ours = [_ours(image, count) for image, _ in pictures]
        theirs = [
            _matched(image, len(np.unique(made)))
            for (image, _), made in zip(pictures, ours, strict=True)
        ]
        mine = _row(table, f"ours, asked for {count}", pictures, ours)
        beside = _row(table, "scikit-image slic, as many", pictures, theirs)
        table.add(
            "ours / scikit-image",
            "-",
            ratio(mine.recall, beside.recall),
            ratio(mine.error, beside.error),
            ratio(mine.accuracy, beside.accuracy),
        )
    table.notes = [
        "Means over the pictures. Recall: of the true boundary, within 2 pixels (more is better).",
        "Error: under-segmentation by Neubert and Protzel (less is better). Accuracy: what can be",
        "reached by choosing superpixels. scikit-image gives fewer than it is asked for: it is",
        "asked for more until it has no fewer than ours.",
    ]


def _row(
    table: Table, name: str, pictures: list[tuple[Picture, Labels]], made: list[Labels]
) -> Scores:
    found = [scores(labels, truth) for labels, (_, truth) in zip(made, pictures, strict=True)]
    mean = Scores(*(float(value) for value in np.mean(found, axis=0)))
    segments = float(np.mean([len(np.unique(labels)) for labels in made]))
    table.add(name, round(segments), mean.recall, mean.error, mean.accuracy)
    return mean


def _costs(report: Report) -> None:
    table = report.table(
        "Superpixels of 32 x 32 pixels",
        "picture",
        "ours, CPU ms",
        "scikit-image slic of 5 iterations, CPU ms",
        "scikit-image / ours",
        "coarse, ms",
        "as runs, ms",
    )
    photo = Image.open(picture()).convert("RGB")
    for width in WIDTHS[:1] if report.quick else WIDTHS:
        image = _sized(photo, width)
        count = image.shape[0] * image.shape[1] // CELL**2
        mine, beside = _in_turn(
            lambda image=image, count=count: _ours(image, count),
            lambda image=image, count=count: _theirs(image, count),
        )
        coarse = timed(lambda image=image, count=count: coarse_superpixels(image, count), 5).median
        labels = _ours(image, count)
        runs = timed(lambda labels=labels: lw.algorithms.label_runs(labels), 5).median
        size = f"{image.shape[1]} x {image.shape[0]}"
        table.add(size, mine, beside, ratio(beside, mine), coarse, runs)
    grey = np.asarray(_sized(photo, WIDTHS[0]))[..., 1].astype(np.uint16) * 16 + 1000
    count = grey.size // CELL**2
    mine, beside = _in_turn(lambda: _ours(grey, count), lambda: _theirs(grey, count))
    coarse = timed(lambda: coarse_superpixels(grey, count), 5).median
    table.add(
        f"{grey.shape[1]} x {grey.shape[0]}, 16-bit",
        mine,
        beside,
        ratio(beside, mine),
        coarse,
        None,
    )
    table.notes = [
        "A photograph, resized, with noise. CPU time of all threads, the least of three, ours and",
        "theirs in turn; coarse and runs are the median of wall time. Coarse is the first answer",
        "that the page gets, which is several times smaller than the picture.",
    ]


def _sized(photo: Image.Image, width: int) -> Picture:
    image = np.asarray(photo.resize((width, round(width * 0.75)), Image.Resampling.BICUBIC))
    noise = np.random.default_rng(0).normal(0, 3, image.shape).astype(np.float32)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _ours(image: Picture, count: int) -> Labels:
    return lw.algorithms.superpixels(image, count)


def _theirs(image: Picture, count: int) -> Labels:
    from skimage.segmentation import slic

    axis = 2 if image.ndim == 3 else None
    return np.asarray(slic(image, count, max_num_iter=5, start_label=0, channel_axis=axis))


def _matched(image: Picture, count: int) -> Labels:
    asked = count
    while len(np.unique(made := _theirs(image, asked))) < count:
        asked = int(asked * 1.05) + 1
    return made


def _in_turn(*calls: Callable[[], object]) -> list[float]:
    """Return the least CPU time of each call in milliseconds."""
    best = [float("inf")] * len(calls)
    calls[0]()
    for _ in range(ROUNDS):
        for number, call in enumerate(calls):
            start = time.process_time()
            call()
            best[number] = min(best[number], (time.process_time() - start) * 1000)
    return best


if __name__ == "__main__":
    main("superpixels", measure)
