"""Intelligent scissors (live wire): outlines that follow edges.

E. N. Mortensen and W. A. Barrett, Intelligent scissors for image composition, SIGGRAPH 1995.
The kernel computes, for a window around a seed, from which neighbour the cheapest path to each
pixel comes; with that table the browser follows the pointer without asking again
(`js/src/geometry/scissors.ts` is the twin of `trace`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.errors import GeometryError

Directions: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]
Links: TypeAlias = NDArray[np.int32]

# (row, column) steps from a pixel to the one before it on the path, by the code in the table;
# 0 is the seed itself.
STEPS = ((0, 0), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1))

# Weights of the paper: zero crossings of the Laplacian, direction and size of the gradient.
_CROSSING, _DIRECTION, _SIZE = 0.43, 0.43, 0.14
# Costs are whole numbers, so that both ways find the same paths: 1 to 1 + _SCALE, times the
# length of a step (5 straight, 7 across: their ratio is nearly the root of 2).
_SCALE = 50
_STRAIGHT, _ACROSS = 5, 7
# Directions of the gradient are told apart this finely; the last one stands for none.
_ANGLES = 32
# Beyond it, the smoothed picture and its second differences no longer matter.
_MARGIN = 3
MAX_WINDOW = 2048


class ScissorsMap(NamedTuple):
    """The way back to a seed from each pixel around it.

    Parameters
    ----------
    directions
        (h, w) uint8: for each pixel of the window the code (see `STEPS`) of the step to the
        pixel before it on the path, 0 at the seed.
    origin
        (x, y) of the window's first pixel in the image.
    """

    directions: Directions
    origin: tuple[int, int]


def scissors_map(image: ArrayLike, seed: Sequence[int], window: int = 512) -> ScissorsMap:
    """Compute the cheapest paths along edges from a seed to all pixels around it.

    Parameters
    ----------
    image
        (H, W) grey of any depth or (H, W, C) colour; of two or four channels the last one is
        opacity and does not count.
    seed
        (row, column) of the pixel where the wire begins.
    window
        Side, in pixels, of the square around the seed that is looked at; less at the border.

    Returns
    -------
    ScissorsMap

    Raises
    ------
    GeometryError
        If the image has no pixels or another shape, the seed lies outside of it, or the
        window has not 1 to 2048 pixels.

    Notes
    -----
    The cost of a step to a pixel is lower where the Laplacian crosses zero, where the gradient
    is large, and where the step goes along the edge at both of its ends. Of colours the
    channel with the largest gradient counts at each pixel.
    """
    array = np.asarray(image)
    if array.ndim not in (2, 3) or not array.size or array.dtype.kind not in "buif":
        raise GeometryError(
            f"must be a (H, W) or (H, W, C) array of numbers, not {array.dtype} {array.shape}.",
            where="image",
        )
    if array.ndim == 3 and array.shape[2] in (2, 4):
        array = array[..., :-1]
    if not (isinstance(window, int | np.integer) and 1 <= window <= MAX_WINDOW):
        raise GeometryError(
            f"must be 1 to {MAX_WINDOW} pixels, not {window!r:.40}.", where="window"
        )
    row, column = (int(number) for number in seed)
    height, width = array.shape[:2]
    if not (0 <= row < height and 0 <= column < width):
        raise GeometryError(f"{(row, column)} lies outside the image.", where="seed")
    top, left = max(0, row - window // 2), max(0, column - window // 2)
    bottom, right = min(height, top + window), min(width, left + window)
    # Against the right and lower border the window is as large as against the others.
    top, left = max(0, bottom - window), max(0, right - window)
    y0, x0 = max(0, top - _MARGIN), max(0, left - _MARGIN)
    around = array[y0 : bottom + _MARGIN, x0 : right + _MARGIN]
    inner = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
    base, angle = (np.ascontiguousarray(part[inner]) for part in _edges(around))
    start = row - top, column - left
    if compiles():
        from labelwidgets.algorithms.scissors_kernels import search

        directions = search(base, angle, _turns(), start[0], start[1], _largest())
    else:
        directions = _search(base, angle, start)
    return ScissorsMap(directions, (left, top))


def trace(
    directions: ArrayLike, origin: tuple[int, int], point: tuple[float, float]
) -> NDArray[np.float64]:
    """Follow the wire from the seed of a map to a point.

    Parameters
    ----------
    directions, origin
        As `scissors_map` returns them.
    point
        (x, y) in pixels of the image; outside the window, the nearest pixel of it counts.

    Returns
    -------
    ndarray
        (n, 2) x, y of the wire, from the seed to the pixel of `point`, through centres of
        pixels; only where it turns.

    Raises
    ------
    GeometryError
        If the table is no table of directions, or `point` is not a number.
    """
    table = np.asarray(directions)
    if table.ndim != 2 or not table.size or table.dtype != np.uint8:
        raise GeometryError("must be a (h, w) array of uint8.", where="directions")
    if not all(math.isfinite(value) for value in point):
        raise GeometryError(f"must be two finite numbers, not {point}.", where="point")
    height, width = table.shape
    x, y = math.floor(point[0]) - origin[0], math.floor(point[1]) - origin[1]
    column, row = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    points: list[tuple[float, float]] = []
    before = 0
    for _ in range(table.size):
        code = int(table[row, column])
        if code >= len(STEPS):
            raise GeometryError(f"holds {code}, which is no direction.", where="directions")
        if code != before or not points:
            points.append((column + origin[0] + 0.5, row + origin[1] + 0.5))
        if code == 0:
            return np.array(points[::-1])
        before = code
        row, column = row + STEPS[code][0], column + STEPS[code][1]
        if not (0 <= row < height and 0 <= column < width):
            raise GeometryError("lead out of their window.", where="directions")
    raise GeometryError("lead in a circle.", where="directions")


def _edges(image: NDArray[np.generic]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return what being on a pixel costs, 0 to 255, and the gradient's angle where there is one."""
    channels = [image] if image.ndim == 2 else [image[..., c] for c in range(image.shape[2])]
    across, down = np.zeros(image.shape[:2], np.float32), np.zeros(image.shape[:2], np.float32)
    squared = np.full(image.shape[:2], -1, np.float32)
    crossing = np.zeros(image.shape[:2], bool)
    for channel in channels:
        smooth = _smooth(_finite(channel))
        padded = np.pad(smooth, 1, mode="edge")
        up, below = padded[:-2, 1:-1], padded[2:, 1:-1]
        before, after = padded[1:-1, :-2], padded[1:-1, 2:]
        dx, dy = after - before, below - up
        size = dx * dx + dy * dy
        larger = size > squared
        for kept, found in ((across, dx), (down, dy), (squared, size)):
            np.copyto(kept, found, where=larger)
        crossing |= _crossings(up + below + before + after - 4 * smooth)
    length = np.sqrt(squared)
    # A few pixels of glare must not make all other edges look weak; a sample tells.
    most = float(np.percentile(length[::3, ::3], 99.5)) or float(length.max()) or 1.0
    weak = np.float32(1) - np.minimum(length / np.float32(most), 1)
    # Noise crosses zero everywhere; a crossing counts where there is an edge too.
    crossed = crossing & (length > 0.05 * most)
    base = weak * np.float32(_SIZE / (_CROSSING + _SIZE))
    base[~crossed] += np.float32(_CROSSING / (_CROSSING + _SIZE))
    angle = np.full(length.shape, _ANGLES, np.uint8)
    clear = length > 0.02 * most
    turn = np.arctan2(down[clear], across[clear]) * np.float32(_ANGLES / (2 * np.pi))
    angle[clear] = np.round(turn).astype(np.int8).view(np.uint8) % _ANGLES
    return np.round(255 * base).astype(np.uint8), angle


def _finite(channel: NDArray[np.generic]) -> Floats:
    """Return values small enough for their squares; what is no number counts as 0."""
    if channel.dtype.itemsize <= 2 and channel.dtype.kind != "f":
        return channel.astype(np.float32)
    values = channel.astype(np.float64)
    values[~np.isfinite(values)] = 0
    most = np.abs(values).max()
    return (values / most if most else values).astype(np.float32)


def _smooth(channel: Floats) -> Floats:
    """Smooth by (1, 4, 6, 4, 1) / 16 both ways."""
    for axis in (0, 1):
        padded = np.pad(channel, [(2, 2) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        size = channel.shape[axis]
        parts = [
            padded[at : at + size] if axis == 0 else padded[:, at : at + size] for at in range(5)
        ]
        total = parts[1] + parts[3]
        total *= 4
        total += parts[0]
        total += parts[4]
        total += 6 * parts[2]
        total *= np.float32(1 / 16)
        channel = total
    return channel


def _crossings(laplacian: Floats) -> NDArray[np.bool_]:
    """Return the pixels where the Laplacian is 0, or nearest to it where it changes its sign."""
    found: NDArray[np.bool_] = laplacian == 0
    away = np.abs(laplacian)
    for a, b in (
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
        ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
    ):
        changes = laplacian[a] * laplacian[b] < 0
        nearer = away[a] <= away[b]
        found[a] |= changes & nearer
        found[b] |= changes & ~nearer
    return found


def _turns() -> Links:
    """Return what a step costs for its direction, by both angles and the step's code."""
    turn = np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    # Along the edge: the gradient turned by a right angle.
    along = np.vstack([np.stack([np.sin(turn), -np.cos(turn)], -1), [(0.0, 0.0)]])
    table = np.zeros((_ANGLES + 1, _ANGLES + 1, len(STEPS)), np.int32)
    for code, (down, across) in enumerate(STEPS[1:], 1):
        step = np.array([across, down]) / math.hypot(across, down)
        ahead = along @ step
        sign = np.where(ahead >= 0, 1.0, -1.0)
        here = np.arccos(np.clip(np.abs(ahead), -1, 1))
        there = np.arccos(np.clip(sign[:, None] * ahead[None, :], -1, 1))
        cost = (here[:, None] + there) * (2 / (3 * np.pi))
        table[..., code] = np.round(255 * cost)
    return table


def _largest() -> int:
    return _ACROSS * (1 + _SCALE)


def _cost(base: NDArray[np.int64], turn: NDArray[np.int64], code: int) -> NDArray[np.int64]:
    """Return what steps cost, as `scissors_kernels.cost_of` does."""
    part = (57 * base + 43 * turn) * _SCALE // 25500
    return (1 + part) * (_STRAIGHT if code % 2 else _ACROSS)


def _search(base: NDArray[np.uint8], angle: NDArray[np.uint8], seed: tuple[int, int]) -> Directions:
    """Find the paths with scipy's Dijkstra; of equal ones, those with the lowest codes."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    height, width = base.shape
    index = np.arange(height * width).reshape(height, width)
    turns = _turns()
    links = []
    for code, (down, across) in enumerate(STEPS[1:], 1):
        # From the pixel before, to the one whose code this is.
        to = (_cut(height, down), _cut(width, across))
        before = (_cut(height, -down), _cut(width, -across))
        turn = turns[angle[before], angle[to], code].astype(np.int64)
        links.append((index[before], index[to], _cost(base[to].astype(np.int64), turn, code)))
    rows, columns, costs = (
        np.concatenate([link[part].ravel() for link in links]) for part in range(3)
    )
    graph = csr_array((costs, (rows, columns)), shape=(base.size, base.size))
    distance = dijkstra(graph, indices=index[seed])
    directions = np.zeros(base.size, np.uint8)
    for code in range(len(links), 0, -1):
        befores, tos, cost = (part.ravel() for part in links[code - 1])
        best = distance[befores] + cost == distance[tos]
        directions[tos[best]] = code
    directions[index[seed]] = 0
    return directions.reshape(base.shape)


def _cut(size: int, step: int) -> slice:
    """Return the places of an axis from which a step stays on it."""
    return slice(max(0, -step), size - max(0, step))
