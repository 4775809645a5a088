"""Records decoded many at once, their outlines made, measured and checked as arrays.

What is not plain, or may be wrong, is left to who looks at one record after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec
import numpy as np

from labelwidgets.formats.coco.outline_measures import measures
from labelwidgets.formats.coco.records import Label, decode_each
from labelwidgets.schema.coordinates import FAR, LONG, Bounds
from labelwidgets.schema.geometry import Polygon, polygon_of
from labelwidgets.schema.validity import are_simple

# How many records are looked at together, and how many bytes they have at most.
_RECORDS = 2000
_BYTES = 1 << 22
_LIST = ord("[")


class Outline(NamedTuple):
    """A polygon that does not cross itself, its box and its area."""

    geometry: Polygon
    bounds: Bounds
    area: float


def decoded(
    raws: Sequence[msgspec.Raw],
) -> Iterator[tuple[msgspec.Raw, Label | None, Outline | None]]:
    """Yield records with what they say, None where that is wrong, and the outline that they have.

    Parameters
    ----------
    raws
        Annotations of a file.

    Yields
    ------
    raw, label, outline
        The outline is None of one that is no polygon, has joints, or needs a closer look.
    """
    for some in _batches(raws):
        labels = decode_each(some, Label)
        outlines: list[Outline | None] = [None] * len(some)
        rows, texts = [], []
        for row, label in enumerate(labels):
            if label is None or label.keypoints:
                continue
            text = bytes(label.segmentation)
            if text[:1] == b"[" and text[1:64].lstrip()[:1] == b"[":
                rows.append(row)
                texts.append(text)
        for row, outline in zip(
            rows, _outlines(decode_each(texts, list[list[float]])), strict=True
        ):
            outlines[row] = outline
        yield from zip(some, labels, outlines, strict=True)


def _batches(raws: Sequence[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    some: list[msgspec.Raw] = []
    room = _BYTES
    for raw in raws:
        room -= memoryview(raw).nbytes
        if some and (room < 0 or len(some) == _RECORDS):
            yield some
            some, room = [], _BYTES - memoryview(raw).nbytes
        some.append(raw)
    if some:
        yield some


def _outlines(shapes: Sequence[list[list[float]] | None]) -> list[Outline | None]:
    """Return the outlines of lists of rings x, y, x, y, ..., None of those that are not plain."""
    made: list[Outline | None] = [None] * len(shapes)
    plain = [row for row, rings in enumerate(shapes) if rings and all(map(_is_ring, rings))]
    several = [shapes[row] or [] for row in plain]
    rings = list(chain.from_iterable(several))
    if not rings:
        return made
    counts = np.fromiter(map(len, rings), np.int64, len(rings)) // 2
    points = np.fromiter(chain.from_iterable(rings), np.float64, 2 * int(counts.sum()))
    points = points.reshape(-1, 2)
    begin = np.cumsum(counts) - counts
    first, second, third = (points[begin + step] for step in range(3))
    # Three different points: where the first ones are the same, others may be.
    sound = (first != second).any(1) & (second != third).any(1) & (first != third).any(1)
    far = np.abs(points).max(axis=1)
    sound &= np.maximum.reduceat(far, begin) <= FAR
    sound &= are_simple(points, counts)
    boxes, areas = measures(points, counts)
    rows = zip(sound.tolist(), map(tuple, boxes.tolist()), areas.tolist(), strict=True)
    for row, own in zip(plain, several, strict=True):
        known = [next(rows) for _ in own]
        if not all(is_sound for is_sound, _, _ in known):
            continue
        polygon = polygon_of([[_ring(numbers)] for numbers in own])
        _, bounds, area = known[0]
        if len(own) > 1:
            bounds, area = polygon.bounds, polygon.area
        made[row] = Outline(polygon, bounds, area)
    return made


def _is_ring(numbers: list[float]) -> bool:
    """Say whether numbers are pairs, at least three and not very many."""
    count = len(numbers)
    return 6 <= count <= 2 * LONG and not count % 2


def _ring(numbers: list[float]) -> list[tuple[float, float]]:
    steps = iter(numbers)
    ring = list(zip(steps, steps, strict=True))
    if len(ring) > 3 and ring[0] == ring[-1]:
        ring.pop()
    return ring
