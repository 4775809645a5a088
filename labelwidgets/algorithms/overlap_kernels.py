"""Overlaps of boxes and of runs, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def boxes(
    ends: Any, areas: Any, first: Any, tall: Any, second: Any, wide: Any, starts: Any, ious: Any
) -> None:
    """Write the overlap of each box of one group with each of another, group by group.

    Parameters
    ----------
    ends
        (4, N) float64: left, top, right and bottom ends.
    areas
        (N,) float64.
    first, tall, second, wide
        (P,) int64: where both groups begin in the boxes, and how many each has.
    starts
        (P,) int64: where the matrix of each pair of groups begins in `ious`.
    ious
        float64, written: the matrices row by row.
    """
    for problem in range(first.size):
        width = wide[problem]
        begin = second[problem]
        left = ends[0, begin : begin + width]
        top = ends[1, begin : begin + width]
        right = ends[2, begin : begin + width]
        bottom = ends[3, begin : begin + width]
        others = areas[begin : begin + width]
        for row in range(tall[problem]):
            box = first[problem] + row
            x0, y0, x1, y1 = ends[0, box], ends[1, box], ends[2, box], ends[3, box]
            area = areas[box]
            place = starts[problem] + row * width
            line = ious[place : place + width]
            # Written with choices and not with min and max, which ask after NaN one by one.
            for column in range(width):
                west = left[column] if left[column] > x0 else x0
                north = top[column] if top[column] > y0 else y0
                east = right[column] if right[column] < x1 else x1
                south = bottom[column] if bottom[column] < y1 else y1
                across = east - west
                down = south - north
                across = across if across > 0.0 else 0.0
                down = down if down > 0.0 else 0.0
                shared = across * down
                whole = area + others[column] - shared
                # Boxes without extent share nothing: no division by 0.
                line[column] = shared / (whole if whole > 0.0 else 1.0)


@kernel
def shared_pixels(edges: Any, starts: Any, first: Any, second: Any, shared: Any) -> None:
    """Count the pixels that pairs of masks share, from where their runs begin and end.

    Parameters
    ----------
    edges
        int64, the edges of all masks, see `Runs`.
    starts
        (N + 1,) int64: where those of each mask begin.
    first, second
        (P,) int64: the masks of each pair.
    shared
        (P,) int64, written.
    """
    for pair in range(first.size):
        a, a_end = starts[first[pair]], starts[first[pair] + 1]
        b, b_end = starts[second[pair]], starts[second[pair] + 1]
        count = np.int64(0)
        while a < a_end and b < b_end:
            low = max(edges[a], edges[b])
            high = min(edges[a + 1], edges[b + 1])
            if high > low:
                count += high - low
            # Whichever run ends first is done with.
            if edges[a + 1] <= edges[b + 1]:
                a += 2
            else:
                b += 2
        shared[pair] = count
