"""Masks as the places where they begin and end.

Pixel (row, column) has the number ``k = column * height + row``, as in COCO's
run-length code, and is set when an odd number of edges are at or before it.
Sets of pixels cost time linear in the number of edges, whatever the size of
the image. Boxes are (x, y, width, height) in whole pixels, x right and y down.

The browser does the same in ``js/src/geometry/runs.ts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.counts import check_length, pack_edges, read_counts
from labelwidgets.algorithms.masks import BoolMask, as_mask, edges_of, fill_edges, read_size
from labelwidgets.errors import GeometryError

Edges: TypeAlias = NDArray[np.int64]
Box: TypeAlias = tuple[int, int, int, int]


class Runs(NamedTuple):
    """A mask by its edges.

    Parameters
    ----------
    size
        (height, width).
    edges
        (2 N,) int64, strictly increasing: starts and ends of the runs of
        pixels that are set, in turn. A run that reaches the last pixel ends
        at height * width.
    """

    size: tuple[int, int]
    edges: Edges


def runs_of(rle: Mapping[str, Any]) -> Runs:
    """Return the runs of a run-length code; see `decode_rle` for what it may be.

    Raises
    ------
    GeometryError
        If the size is impossible or the runs do not add up to it.
    """
    height, width = read_size(rle)
    lengths = read_counts(rle.get("counts"))
    if int(lengths.sum()) != height * width:
        raise GeometryError(
            f"has runs of {int(lengths.sum())} pixels in all, the mask has {height * width}.",
            where="counts",
        )
    edges = np.cumsum(lengths[: lengths.size & ~1])
    # Codes from files may hold runs of no length.
    plain = not edges.size or (lengths[1:] > 0).all()
    return Runs((height, width), edges if plain else _toggled(edges))


def rle_of(runs: Runs) -> dict[str, Any]:
    """Return the run-length code of runs, byte-equal to that of pycocotools.

    Raises
    ------
    GeometryError
        If it has more than `MAX_COUNTS` characters.
    """
    height, width = runs.size
    # Each edge takes a character at least.
    check_length(runs.edges.size)
    counts = pack_edges(runs.edges, height * width)
    check_length(len(counts))
    return {"size": [height, width], "counts": counts}


def runs_from_mask(mask: ArrayLike) -> Runs:
    """Return the runs of a (H, W) mask; what is not 0 is set."""
    bits = as_mask(mask)
    return Runs((bits.shape[0], bits.shape[1]), edges_of(bits))


def mask_from_runs(runs: Runs) -> BoolMask:
    """Return the (H, W) bool mask of runs, Fortran-ordered as they are."""
    return fill_edges(runs.edges, runs.size)


def empty_runs(size: tuple[int, int]) -> Runs:
    """Return a mask of no pixels."""
    return Runs(size, np.empty(0, np.int64))


def runs_area(runs: Runs) -> int:
    """Return the number of pixels set."""
    return int((runs.edges[1::2] - runs.edges[::2]).sum())


def runs_bounds(runs: Runs) -> Box | None:
    """Return the upright box around the pixels that are set, None where there are none."""
    if not runs.edges.size:
        return None
    height = runs.size[0]
    left, right = int(runs.edges[0]) // height, int(runs.edges[-1] - 1) // height + 1
    rows = runs.edges[::2] % height
    ends = rows + runs.edges[1::2] - runs.edges[::2]
    if (ends > height).any():  # Runs on into the next column, by its foot and its head.
        return left, 0, right - left, height
    top = int(rows.min())
    return left, top, right - left, int(ends.max()) - top


def runs_contain(runs: Runs, x: float, y: float) -> bool:
    """Say whether the pixel under (x, y) is set."""
    height, width = runs.size
    if not (0 <= x < width and 0 <= y < height):
        return False
    return bool(np.searchsorted(runs.edges, int(x) * height + int(y), side="right") % 2)


def equal_runs(a: Runs, b: Runs) -> bool:
    """Say whether two masks have the same size and pixels."""
    return a.size == b.size and np.array_equal(a.edges, b.edges)


def unite(a: Runs, b: Runs) -> Runs:
    """Return the pixels of either."""
    return _combine(a, b, 0b1110)


def subtract(a: Runs, b: Runs) -> Runs:
    """Return the pixels of `a` that are not in `b`."""
    return _combine(a, b, 0b0010)


def intersect(a: Runs, b: Runs) -> Runs:
    """Return the pixels of both."""
    return _combine(a, b, 0b1000)


def differ(a: Runs, b: Runs) -> Runs:
    """Return the pixels that are in one of both alone."""
    _same_size(a, b)
    return Runs(a.size, _toggled(np.concatenate((a.edges, b.edges))))


def invert(runs: Runs) -> Runs:
    """Return every pixel the other way round."""
    ends = np.array([0, runs.size[0] * runs.size[1]])
    return Runs(runs.size, _toggled(np.concatenate((runs.edges, ends))))


def crop_runs(runs: Runs, box: Box) -> Runs:
    """Return the pixels of a box, as a mask of its size; beyond the mask none is set."""
    x, y, width, rows = box
    height = runs.size[0]
    top, bottom = max(0, y), min(height, y + rows)
    columns = np.arange(max(0, x), min(runs.size[1], x + width))
    if top >= bottom or not columns.size:
        return empty_runs((rows, width))
    starts = columns * height + top
    # From numbers of the wide mask to numbers of the box.
    shifts = (columns - x) * rows - y - columns * height
    ends = starts + (bottom - top)
    low = np.searchsorted(runs.edges, starts, side="right")
    high = np.searchsorted(runs.edges, ends, side="left")
    counts = np.maximum(high - low, 0)
    first = np.cumsum(counts) - counts
    inner = np.arange(int(counts.sum())) + np.repeat(low - first, counts)
    made = runs.edges[inner] + np.repeat(shifts, counts)
    opened = (starts + shifts)[low % 2 == 1]
    closed = (ends + shifts)[high % 2 == 1]
    return Runs((rows, width), _toggled(np.concatenate((made, opened, closed))))


def place_runs(part: Runs, x: int, y: int, size: tuple[int, int]) -> Runs:
    """Return a mask of `size` with `part` at (x, y); what lies beyond is cut off."""
    rows, (height, width) = part.size[0], size
    first, last = part.edges[::2] // rows, (part.edges[1::2] - 1) // rows
    spans = last - first + 1
    run = np.repeat(np.arange(first.size), spans)
    column = np.arange(run.size) - np.repeat(np.cumsum(spans) - spans, spans) + first[run]
    head = np.maximum(part.edges[::2][run] - column * rows, 0)
    foot = np.minimum(part.edges[1::2][run] - column * rows, rows)
    head, foot = np.clip(head + y, 0, height), np.clip(foot + y, 0, height)
    column = column + x
    kept = (head < foot) & (column >= 0) & (column < width)
    base = column[kept] * height
    return Runs(size, _toggled(np.concatenate((base + head[kept], base + foot[kept]))))


def splice_runs(runs: Runs, x: int, y: int, part: Runs) -> Runs:
    """Return a mask with the box of `part` at (x, y) replaced by it."""
    rows, width = part.size
    changed = differ(crop_runs(runs, (x, y, width, rows)), part)
    # Only the pixels that differ are toggled, so that everything outside of the box stays.
    return differ(runs, place_runs(changed, x, y, runs.size))


def _toggled(edges: Edges) -> Edges:
    """Return edges in order, where two at the same place take each other away."""
    ordered = np.sort(edges, kind="stable")
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    counts = np.diff(starts, append=ordered.size)
    kept: Edges = ordered[starts[counts % 2 == 1]]
    return kept


def _combine(a: Runs, b: Runs, table: int) -> Runs:
    """Return what is set for (neither, a alone, b alone, both), bits of `table` from the lowest."""
    _same_size(a, b)
    edges = np.concatenate((a.edges, b.edges))
    order = np.argsort(edges, kind="stable")
    edges, from_a = edges[order], order < a.edges.size
    inside = (np.cumsum(from_a) & 1) | ((np.cumsum(~from_a) & 1) << 1)
    kept = (table >> inside) & 1
    last = np.diff(edges, append=-1) != 0
    edges, kept = edges[last], kept[last]
    return Runs(a.size, edges[np.diff(kept, prepend=0) != 0])


def _same_size(a: Runs, b: Runs) -> None:
    if a.size != b.size:
        raise GeometryError(f"of {a.size} and {b.size} do not go together.", where="masks")
