"""Overlaps of boxes and of runs, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.assignment_kernels import match
from labelwidgets.algorithms.compiling import kernel


@kernel
def boxes(
    corners: Any, first: Any, tall: Any, second: Any, wide: Any, starts: Any, ious: Any
) -> None:
    """Write the overlap of each box of one group with each of another, group by group.

    Parameters
    ----------
    corners
        (N, 4) float64: x, y, width and height.
    first, tall, second, wide
        (P,) int64: where both groups begin in the boxes, and how many each has.
    starts
        (P,) int64: where the matrix of each pair of groups begins in `ious`.
    ious
        float64, written: the matrices row by row.
    """
    columns = np.empty((5, max(1, wide.max())), np.float64)
    for problem in range(first.size):
        tile(
            corners[first[problem] : first[problem] + tall[problem]],
            corners[second[problem] : second[problem] + wide[problem]],
            columns,
            ious[starts[problem] : starts[problem] + tall[problem] * wide[problem]],
        )


@kernel
def matched_boxes(
    corners: Any,
    first: Any,
    tall: Any,
    second: Any,
    wide: Any,
    places: Any,
    dice: Any,
    least: Any,
    found: Any,
    overlaps: Any,
) -> None:
    """Match the boxes of two groups so that their overlaps sum up to the most, pair by pair.

    No overlap but those of one pair of groups is ever kept.

    Parameters
    ----------
    corners, first, tall, second, wide
        As of `boxes`.
    places
        (P,) int64: where the rows of each pair of groups begin in what is written.
    dice
        bool: match twice the intersection over the sum of both in place of that over the union.
    least
        float: what overlaps less is no pair.
    found
        int64, written: the column of each row, -1 where it is left alone.
    overlaps
        float64, written: their overlap, 0 where the row is alone.
    """
    widest = max(1, wide.max())
    tallest = max(1, tall.max())
    columns = np.empty((5, widest), np.float64)
    values = np.empty((tall * wide).max(), np.float64)
    by_row = np.empty((2, tallest), np.float64)
    by_column = np.empty((2, widest), np.float64)
    marks = np.empty((3, widest), np.int64)
    tree = np.empty(tallest, np.int64)
    for problem in range(first.size):
        height, width = tall[problem], wide[problem]
        area = values[: height * width]
        tile(
            corners[first[problem] : first[problem] + height],
            corners[second[problem] : second[problem] + width],
            columns,
            area,
        )
        if dice:
            for place in range(area.size):
                area[place] = 2.0 * area[place] / (1.0 + area[place])
        if least > 0.0:
            for place in range(area.size):
                area[place] = area[place] if area[place] >= least else 0.0
        of_row = found[places[problem] : places[problem] + height]
        match(area, height, width, of_row, by_row, by_column, marks, tree)
        for row in range(height):
            column = of_row[row]
            overlaps[places[problem] + row] = area[row * width + column] if column >= 0 else 0.0


@kernel
def tile(mine: Any, others: Any, columns: Any, ious: Any) -> None:
    """Write the overlap of each of some boxes with each of others, row by row.

    Parameters
    ----------
    mine, others
        (H, 4) and (W, 4) float64: x, y, width and height.
    columns
        (5, W or more) float64: room to work in.
    ious
        (H * W,) float64, written.
    """
    width = others.shape[0]
    left, top = columns[0, :width], columns[1, :width]
    right, bottom = columns[2, :width], columns[3, :width]
    areas = columns[4, :width]
    for column in range(width):
        left[column] = others[column, 0]
        top[column] = others[column, 1]
        right[column] = others[column, 0] + others[column, 2]
        bottom[column] = others[column, 1] + others[column, 3]
        areas[column] = (right[column] - left[column]) * (bottom[column] - top[column])
    for row in range(mine.shape[0]):
        x0, y0 = mine[row, 0], mine[row, 1]
        x1, y1 = x0 + mine[row, 2], y0 + mine[row, 3]
        area = (x1 - x0) * (y1 - y0)
        line = ious[row * width : (row + 1) * width]
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
            whole = area + areas[column] - shared
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
