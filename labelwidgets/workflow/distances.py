"""How far the outlines of matched objects are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.surface_distances import SurfaceDistances, surface_distances
from labelwidgets.errors import SchemaError
from labelwidgets.numbered import numbered
from labelwidgets.schema.geometry import Geometry, VolumeMask
from labelwidgets.workers import Workers
from labelwidgets.workflow.areas import box_around, pixels_of_slices, pixels_within
from labelwidgets.workflow.overlaps import AREA, FAMILIES, VOLUME
from labelwidgets.workflow.pairs import Pairs
from labelwidgets.workflow.spreading import cut, spread

Floats: TypeAlias = NDArray[np.float64]

# Two shapes, and the spacing along the axes of their arrays.
_Both: TypeAlias = tuple[Geometry, Geometry, tuple[float, ...] | None]
# Objects that a worker measures in one go.
_AT_WORKERS = 128

NAMES = ("hd", "hd95", "surface_distance")


def distances_of(
    pairs: Pairs, spacing: Any = None, workers: Workers | None = None
) -> dict[str, Floats]:
    """Return the Hausdorff distance, that of 95 % and the mean distance of each object.

    Parameters
    ----------
    pairs
        Objects, matched by "iou".
    spacing
        Millimetres from pixel to pixel along x, y and (of volumes) from slice to slice: for all
        items, or by item id. Distances of items without are in pixels.
    workers
        Who measures; None does so here.

    Returns
    -------
    dict
        By `NAMES`: (N,) float64, NaN for what only one rater has, and for what has no surface.

    Raises
    ------
    SchemaError
        If a spacing is not two or three numbers above 0.
    """
    found = np.full((3, len(pairs.objects)), np.nan)
    a, b = pairs.objects["a"].to_numpy(), pairs.objects["b"].to_numpy()
    shapes = pairs.shapes.shapes
    items = pairs.labels["item_id"].tolist()
    rows: list[int] = []
    both: list[_Both] = []
    for row in np.flatnonzero((a >= 0) & (b >= 0)).tolist():
        one, other = shapes[a[row]], shapes[b[row]]
        if FAMILIES.get(one.type) not in (AREA, VOLUME):
            continue
        rows.append(row)
        both.append((one, other, _steps(spacing, items[a[row]], isinstance(one, VolumeMask))))
    if workers is None:
        measured = _all_apart(both)
    else:
        pieces = [both[part] for part in cut(len(both), _AT_WORKERS)]
        made = spread(_all_apart, pieces, workers, "Measuring distances", "piece")
        measured = [one for some in made for one in some]
    for row, distances in zip(rows, measured, strict=True):
        found[:, row] = distances
    return dict(zip(NAMES, (found[0], found[1], found[2]), strict=True))


def _all_apart(both: Sequence[_Both]) -> list[SurfaceDistances]:
    return [_apart(*one) for one in both]


def _apart(one: Geometry, other: Geometry, steps: tuple[float, ...] | None) -> SurfaceDistances:
    box = box_around([one, other])
    if box is None or 0 in box[2:]:
        return SurfaceDistances(np.nan, np.nan, np.nan)
    if isinstance(one, VolumeMask) and isinstance(other, VolumeMask):
        keys = sorted({*one.slices, *other.slices})
        span = range(keys[0], keys[-1] + 1)
        masks = [pixels_of_slices(shape, box, span) for shape in (one, other)]
        return surface_distances(masks[0], masks[1], steps)
    masks = [pixels_within(shape, box) for shape in (one, other)]
    return surface_distances(masks[0], masks[1], steps)


def _steps(spacing: Any, item: str, volume: bool) -> tuple[float, ...] | None:
    """Return the spacing along the axes of arrays."""
    given = spacing.get(item) if isinstance(spacing, Mapping) else spacing
    if given is None:
        return None
    wanted = 3 if volume else 2
    sound = isinstance(given, Sequence) and len(given) in (wanted, 3) and not isinstance(given, str)
    if not sound or not all(isinstance(step, int | float) and step > 0 for step in given):
        raise SchemaError(
            f"must be {numbered(wanted, 'number')} of millimetres above 0, along x, y"
            f"{' and from slice to slice' if volume else ''}, not {given!r:.60}.",
            where="spacing",
        )
    return tuple(float(step) for step in reversed(given[:wanted]))
