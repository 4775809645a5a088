"""Polygons filled, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def fill_parts(points: Any, starts: Any, parts: Any, mask: Any) -> None:
    """Set the pixels of a mask whose centres lie in parts.

    Parameters
    ----------
    points
        (N, 2) float64, the points of all rings.
    starts
        (R + 1,) where each ring begins in them.
    parts
        (P + 1,) where each part begins in the rings: its outline, then its holes.
    mask
        (H, W) uint8, changed in place.
    """
    height, width = mask.shape
    whole = 0, height, 0, width
    clear = True
    for part in range(parts.size - 1):
        first, last = parts[part], parts[part + 1]
        outline = points[starts[first] : starts[first + 1]]
        top, bottom, left, right = _box(outline, whole)
        if top >= bottom or left >= right:
            continue
        # A further part has pixels of its own, so that its holes clear none of the others'.
        if clear or last == first + 1:
            _fill(outline, whole, whole, mask, np.uint8(1))
            for ring in range(first + 1, last):
                hole = points[starts[ring] : starts[ring + 1]]
                _fill(hole, (top, bottom, left, right), whole, mask, np.uint8(0))
            clear = False
            continue
        area = np.zeros((bottom - top, right - left), np.uint8)
        for ring in range(first, last):
            inner = points[starts[ring] : starts[ring + 1]]
            within = top, bottom, left, right
            _fill(inner, within, within, area, np.uint8(1 if ring == first else 0))
        for row in range(bottom - top):
            line = mask[top + row, left:right]
            for column in range(right - left):
                line[column] |= area[row, column]


@kernel
def _box(ring: Any, within: Any) -> Any:
    """Return top, bottom, left, right of the pixels that a ring may fill."""
    low_x, high_x = ring[0, 0], ring[0, 0]
    low_y, high_y = ring[0, 1], ring[0, 1]
    for i in range(1, len(ring)):
        low_x, high_x = min(low_x, ring[i, 0]), max(high_x, ring[i, 0])
        low_y, high_y = min(low_y, ring[i, 1]), max(high_y, ring[i, 1])
    return (
        max(within[0], np.int64(np.floor(low_y))),
        min(within[1], np.int64(np.ceil(high_y))),
        max(within[2], np.int64(np.floor(low_x))),
        min(within[3], np.int64(np.ceil(high_x))),
    )


@kernel
def _fill(ring: Any, within: Any, frame: Any, mask: Any, value: Any) -> None:
    """Set the pixels in a ring that lie in a box, of a mask of what `frame` spans.

    The rounding is that of the plain twin: always from the upper end of an edge down.
    """
    top, bottom, left, right = _box(ring, within)
    if top >= bottom or left >= right:
        return
    height, width = bottom - top, right - left
    size = len(ring)
    counts = np.zeros(height + 1, np.int64)
    firsts = np.empty(size, np.int64)
    lasts = np.empty(size, np.int64)
    for i in range(size):
        ya, yb = ring[i, 1], ring[i + 1 if i + 1 < size else 0, 1]
        low, high = (ya, yb) if ya <= yb else (yb, ya)
        firsts[i] = min(max(np.ceil(low - 0.5) - top, 0), height)
        lasts[i] = min(max(np.ceil(high - 0.5) - top, 0), height)
        for row in range(firsts[i], lasts[i]):
            counts[row + 1] += 1
    for row in range(height):
        counts[row + 1] += counts[row]
    heads = counts[:height].copy()
    ends = np.empty(counts[height], np.int64)
    for i in range(size):
        if firsts[i] == lasts[i]:
            continue
        after = i + 1 if i + 1 < size else 0
        xa, ya = ring[i, 0], ring[i, 1]
        xb, yb = ring[after, 0], ring[after, 1]
        if ya > yb:
            xa, ya, xb, yb = xb, yb, xa, ya
        slope = (xb - xa) / (yb - ya)
        for row in range(firsts[i], lasts[i]):
            x = xa + (row + (top + 0.5) - ya) * slope
            ends[heads[row]] = min(max(np.ceil(x - 0.5) - left, 0), width)
            heads[row] += 1
    for row in range(height):
        first, last = counts[row], counts[row + 1]
        # Few and nearly in order: sorted by insertion.
        for place in range(first + 1, last):
            end = ends[place]
            back = place - 1
            while back >= first and ends[back] > end:
                ends[back + 1] = ends[back]
                back -= 1
            ends[back + 1] = end
        line = mask[top + row - frame[0], left - frame[2] : right - frame[2]]
        for place in range(first, last - 1, 2):
            line[ends[place] : ends[place + 1]] = value
