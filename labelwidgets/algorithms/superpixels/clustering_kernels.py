"""Compiled loops of SLIC: clusters of pixels that are near in colour and place."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def fill_lab(image: Any, linear: Any, matrix: Any, root: Any, planes: Any) -> None:
    """Write CIELAB of an (H, W, 3 or 4) uint8 sRGB image into (3, H, W) float32 planes.

    `linear` holds the light of each of the 256 values, `matrix` takes it to XYZ of the
    white point, scaled to the entries of `root`, which holds CIE's f of them.
    """
    height, width = image.shape[0], image.shape[1]
    x0, x1, x2 = matrix[0]
    y0, y1, y2 = matrix[1]
    z0, z1, z2 = matrix[2]
    half = np.float32(0.5)
    for y in range(height):
        row = image[y]
        for x in range(width):
            red = linear[row[x, 0]]
            green = linear[row[x, 1]]
            blue = linear[row[x, 2]]
            fx = root[np.int32(x0 * red + x1 * green + x2 * blue + half)]
            fy = root[np.int32(y0 * red + y1 * green + y2 * blue + half)]
            fz = root[np.int32(z0 * red + z1 * green + z2 * blue + half)]
            planes[0, y, x] = np.float32(116) * fy - np.float32(16)
            planes[1, y, x] = np.float32(500) * (fx - fy)
            planes[2, y, x] = np.float32(200) * (fy - fz)


@kernel
def assign(
    planes: Any,
    centres: Any,
    grid: Any,
    reach: Any,
    weight: Any,
    first: int,
    step: int,
    labels: Any,
) -> None:
    """Give the pixels of every `step`-th row, from `first` on, to the nearest centre in reach.

    `centres` is (K, 2 + C) float32: y, x and the colour, row by row of the `grid`. `reach` and
    `weight` are of y and x: how far a centre looks, and what a squared pixel weighs. `labels`
    is written, -1 where no centre looks.
    """
    height, width = labels.shape
    lines, per_line = grid
    down, across = reach
    weight_y, weight_x = weight
    coloured = planes.shape[0] == 3
    places = np.arange(width).astype(np.float32)
    nearest = np.empty(width, np.float32)
    distance = np.empty(width, np.float32)
    highest = np.empty(lines, np.float32)
    lowest = np.empty(lines, np.float32)
    for line in range(lines):
        highest[line] = centres[line * per_line : (line + 1) * per_line, 0].min() - down
        lowest[line] = centres[line * per_line : (line + 1) * per_line, 0].max() + down
    for y in range(first, height, step):
        nearest[:] = np.inf
        labels[y, :] = -1
        for line in range(lines):
            if y < highest[line] or y > lowest[line]:
                continue
            for k in range(line * per_line, (line + 1) * per_line):
                dy = np.float32(y) - centres[k, 0]
                if abs(dy) > down:
                    continue
                cx = centres[k, 1]
                left = max(0, int(cx) - across)
                right = min(width, int(cx) + across + 1)
                away = weight_y * dy * dy
                if coloured:
                    measure_colour(
                        planes, y, left, right, centres, k, away, weight_x, places, distance
                    )
                else:
                    measure_grey(
                        planes, y, left, right, centres, k, away, weight_x, places, distance
                    )
                take(distance, nearest, labels, y, left, right, np.int32(k))


# The loops below are over unsigned numbers, so that no index is looked at twice, and over few
# arrays each, so that the compiler makes vectors of them.


@kernel
def measure_colour(
    planes: Any,
    y: int,
    left: int,
    right: int,
    centres: Any,
    k: int,
    away: Any,
    weight: Any,
    places: Any,
    distance: Any,
) -> None:
    """Write the distances of a stretch of a row to a centre."""
    cx, l0, a0, b0 = centres[k, 1], centres[k, 2], centres[k, 3], centres[k, 4]
    row = np.uint64(y)
    for x in range(np.uint64(left), np.uint64(right)):
        dl = planes[np.uint64(0), row, x] - l0
        da = planes[np.uint64(1), row, x] - a0
        db = planes[np.uint64(2), row, x] - b0
        dx = places[x] - cx
        distance[x] = dl * dl + da * da + db * db + weight * dx * dx + away


@kernel
def measure_grey(
    planes: Any,
    y: int,
    left: int,
    right: int,
    centres: Any,
    k: int,
    away: Any,
    weight: Any,
    places: Any,
    distance: Any,
) -> None:
    """Write the distances of a stretch of a grey row to a centre."""
    cx, l0 = centres[k, 1], centres[k, 2]
    row = np.uint64(y)
    for x in range(np.uint64(left), np.uint64(right)):
        dl = planes[np.uint64(0), row, x] - l0
        dx = places[x] - cx
        distance[x] = dl * dl + weight * dx * dx + away


@kernel
def take(distance: Any, nearest: Any, labels: Any, y: int, left: int, right: int, k: Any) -> None:
    """Take the pixels of a stretch that are nearer than to any centre before."""
    row = np.uint64(y)
    for x in range(np.uint64(left), np.uint64(right)):
        nearer = distance[x] < nearest[x]
        labels[row, x] = k if nearer else labels[row, x]
        nearest[x] = distance[x] if nearer else nearest[x]


@kernel
def recentre(planes: Any, labels: Any, first: int, step: int, centres: Any) -> None:
    """Move each centre to the mean of its pixels in every `step`-th row."""
    height, width = labels.shape
    channels = planes.shape[0]
    sums = np.zeros((centres.shape[0], 6), np.float64)
    for y in range(first, height, step):
        x = 0
        while x < width:
            label = labels[y, x]
            start = x
            s0 = np.float32(0)
            s1 = np.float32(0)
            s2 = np.float32(0)
            if channels == 3:
                while x < width and labels[y, x] == label:
                    s0 += planes[0, y, x]
                    s1 += planes[1, y, x]
                    s2 += planes[2, y, x]
                    x += 1
            else:
                while x < width and labels[y, x] == label:
                    s0 += planes[0, y, x]
                    x += 1
            n = x - start
            if label < 0:
                continue
            row = sums[label]
            row[0] += y * n
            row[1] += 0.5 * n * (start + x - 1)
            row[2] += s0
            row[3] += s1
            row[4] += s2
            row[5] += n
    for k in range(centres.shape[0]):
        n = sums[k, 5]
        if n > 0:
            for c in range(2 + channels):
                centres[k, c] = sums[k, c] / n
