"""What labels cover, as something that can be cut with another.

Coordinates are in pixels of the full-resolution image, x right and y down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.polygon_overlaps import area_of
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.algorithms.runs import (
    Runs,
    intersect,
    runs_area,
    runs_bounds,
    runs_from_mask,
    runs_of,
    subtract,
)
from labelwidgets.schema.geometry import (
    Cuboid,
    Ellipse,
    Geometry,
    Mask,
    Polygon,
    Rectangle,
    VolumeMask,
)
from labelwidgets.workflow.areas import outline_of, runs_of_slices

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Region: TypeAlias = "BaseGeometry | Mapping[int, Runs]"
"""An outline, or the pixels of each slice (of a picture those of slice 0)."""

AREAS = (Rectangle, Ellipse, Polygon, Mask, Cuboid, VolumeMask)


def region_of(geometry: Geometry) -> Region:
    """Return the area of a shape: of a cuboid, what its projection covers."""
    match geometry:
        case Mask():
            return {0: runs_of(geometry.rle.to_coco())}
        case VolumeMask():
            return runs_of_slices(geometry)
    return area_of(outline_of(geometry))


def areas(regions: Sequence[Region]) -> npt.NDArray[np.float64]:
    """Return the areas in square pixels (of a scan the numbers of voxels)."""
    import shapely

    return np.array(
        [
            sum(map(runs_area, one.values())) if isinstance(one, Mapping) else shapely.area(one)
            for one in regions
        ],
        np.float64,
    )


def shared_areas(first: Sequence[Region], second: Sequence[Region]) -> npt.NDArray[np.float64]:
    """Return the (N, M) areas that each of N regions shares with each of M others.

    An outline and pixels are compared as pixels: one is set whose centre lies in the outline.
    """
    import shapely

    shared = np.zeros((len(first), len(second)))
    if not shared.size:
        return shared
    near = _touching(_boxes(first), _boxes(second))
    drawn_a = np.array([not isinstance(one, Mapping) for one in first])
    drawn_b = np.array([not isinstance(one, Mapping) for one in second])
    i, j = np.nonzero(near & drawn_a[:, None] & drawn_b[None, :])
    if len(i):
        left, right = np.array(first, object), np.array(second, object)
        shared[i, j] = shapely.area(shapely.intersection(left[i], right[j]))
    for i, j in zip(*np.nonzero(near & ~(drawn_a[:, None] & drawn_b[None, :])), strict=True):
        shared[i, j] = _shared_pixels(first[i], second[j])
    return shared


def visible(regions: Sequence[Region]) -> list[Region]:
    """Return what is seen of each region where they are drawn in their order, the last on top."""
    if not regions:
        return []
    boxes = _boxes(regions)
    near = _touching(boxes, boxes)
    found: list[Region] = []
    for i, one in enumerate(regions):
        above = [regions[j] for j in range(i + 1, len(regions)) if near[i, j]]
        if not above:
            found.append(one)
        elif isinstance(one, Mapping) or any(isinstance(it, Mapping) for it in above):
            found.append(_without_pixels(one, above))
        else:
            found.append(_without_outlines(one, above))
    return found


def _touching(
    first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Return (N, M) whether boxes, as of `_boxes`, have a place in common."""
    touching: npt.NDArray[np.bool_] = (
        (first[:, None, 0] < second[None, :, 2])
        & (second[None, :, 0] < first[:, None, 2])
        & (first[:, None, 1] < second[None, :, 3])
        & (second[None, :, 1] < first[:, None, 3])
    )
    return touching


def _boxes(regions: Sequence[Region]) -> npt.NDArray[np.float64]:
    """Return left, top, right and bottom of each."""
    import shapely

    found = np.full((len(regions), 4), np.nan)
    for i, one in enumerate(regions):
        if not isinstance(one, Mapping):
            found[i] = shapely.bounds(one)
            continue
        boxes = [box for runs in one.values() if (box := runs_bounds(runs)) is not None]
        if boxes:
            x, y, width, height = np.array(boxes).T
            found[i] = x.min(), y.min(), (x + width).max(), (y + height).max()
    # What is empty is nowhere near anything.
    return np.where(np.isnan(found), -np.inf, found)


def _shared_pixels(first: Region, second: Region) -> float:
    one, other = _as_pixels(first, second), _as_pixels(second, first)
    if _size(one) != _size(other):
        return 0.0
    shared = (intersect(one[at], other[at]) for at in one.keys() & other.keys())
    return float(sum(map(runs_area, shared)))


def _without_outlines(region: BaseGeometry, above: Sequence[Any]) -> BaseGeometry:
    import shapely

    return shapely.difference(region, shapely.union_all(above))


def _without_pixels(region: Region, above: Sequence[Region]) -> Region:
    pattern = next(one for one in (region, *above) if isinstance(one, Mapping))
    left = dict(_as_pixels(region, pattern))
    for other in above:
        taken = _as_pixels(other, pattern)
        for at in left.keys() & taken.keys():
            if left[at].size == taken[at].size:
                left[at] = subtract(left[at], taken[at])
    return left


def _as_pixels(region: Region, like: Region) -> Mapping[int, Runs]:
    """Return a region as pixels of pictures that have the size of another's."""
    if isinstance(region, Mapping):
        return region
    size = _size(like) if isinstance(like, Mapping) else None
    parts = _parts(region)
    if size is None or not parts:
        return {}
    return {0: runs_from_mask(polygon_to_mask(parts, size))}


def _parts(region: BaseGeometry) -> list[Any]:
    import shapely

    whole = [one for one in shapely.get_parts(region) if one.geom_type == "Polygon" and one.area]
    return [
        [list(one.exterior.coords)[:-1], *[list(hole.coords)[:-1] for hole in one.interiors]]
        for one in whole
    ]


def _size(pixels: Mapping[int, Runs]) -> tuple[int, int] | None:
    return next((runs.size for runs in pixels.values()), None)
