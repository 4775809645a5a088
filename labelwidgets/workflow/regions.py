"""The area of a shape, as something that can be cut with another.

Coordinates are in pixels of the full-resolution image, x right and y down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.polygon_overlaps import area_of
from labelwidgets.schema.geometry import (
    RLE,
    Cuboid,
    Ellipse,
    Geometry,
    Mask,
    Polygon,
    Rectangle,
    VolumeMask,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Region: TypeAlias = "BaseGeometry | Mapping[int, RLE]"
"""An outline, or pixels as one run-length code for each slice (of a picture slice 0)."""

AREAS = (Rectangle, Ellipse, Polygon, Mask, Cuboid, VolumeMask)


def region_of(geometry: Geometry) -> Region:
    """Return the area of a shape: of a cuboid, what its projection covers."""
    import shapely

    match geometry:
        case Mask():
            return {0: geometry.rle}
        case VolumeMask():
            return geometry.slices
        case Rectangle():
            return shapely.Polygon(geometry.corners)
        case Ellipse():
            circle = shapely.Point(0, 0).buffer(1, quad_segs=32)
            cos, sin = np.cos(np.radians(geometry.angle)), np.sin(np.radians(geometry.angle))
            turn = np.array([[cos, sin], [-sin, cos]])
            points = shapely.get_coordinates(circle) * (geometry.rx, geometry.ry) @ turn
            return shapely.Polygon(np.add(points, (geometry.x, geometry.y)))
        case Cuboid():
            return shapely.MultiPoint(geometry.points).convex_hull
        case Polygon():
            return area_of(geometry.parts)
    raise TypeError(f"{type(geometry).__name__} has no area")


def areas(regions: Sequence[Region]) -> npt.NDArray[np.float64]:
    """Return the areas in square pixels (of a scan the numbers of voxels)."""
    import shapely
    from pycocotools import mask as coco

    return np.array(
        [
            float(sum(coco.area(rle.to_coco()) for rle in one.values()))
            if isinstance(one, Mapping)
            else shapely.area(one)
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


def covered_areas(regions: Sequence[Region]) -> npt.NDArray[np.float64]:
    """Return how much of each region lies under those that come after it.

    They are drawn in their order, so that the last one is on top.
    """
    whole = areas(regions)
    return whole - areas(visible(regions))


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

    found = np.empty((len(regions), 4))
    for i, one in enumerate(regions):
        if isinstance(one, Mapping):
            bounds = VolumeMask(dict(one)).bounds or (0.0, 0.0, 0.0, 0.0)
            x, y, width, height = bounds
            found[i] = x, y, x + width, y + height
        else:
            found[i] = shapely.bounds(one)
    # What is empty is nowhere near anything.
    return np.where(np.isnan(found), -np.inf, found)


def _shared_pixels(first: Region, second: Region) -> float:
    from pycocotools import mask as coco

    one, other = _as_pixels(first, second), _as_pixels(second, first)
    if _size(one) != _size(other):
        return 0.0
    return float(
        sum(
            coco.area(coco.merge([one[at].to_coco(), other[at].to_coco()], intersect=True))
            for at in one.keys() & other.keys()
        )
    )


def _without_outlines(region: BaseGeometry, above: Sequence[Any]) -> BaseGeometry:
    import shapely

    return shapely.difference(region, shapely.union_all(above))


def _without_pixels(region: Region, above: Sequence[Region]) -> Region:
    from labelwidgets.algorithms.masks import decode_rle, encode_rle

    pattern = next(one for one in (region, *above) if isinstance(one, Mapping))
    left = dict(_as_pixels(region, pattern))
    for other in above:
        taken = _as_pixels(other, pattern)
        for at in left.keys() & taken.keys():
            if left[at].size == taken[at].size:
                rest = decode_rle(left[at].to_coco()) & ~decode_rle(taken[at].to_coco())
                code = encode_rle(rest)
                left[at] = RLE(code["size"], code["counts"])
    return left


def _as_pixels(region: Region, like: Region) -> Mapping[int, RLE]:
    """Return a region as pixels of pictures that have the size of another's."""
    from labelwidgets.algorithms.masks import encode_rle
    from labelwidgets.algorithms.polygons import polygon_to_mask

    if isinstance(region, Mapping):
        return region
    size = _size(like) if isinstance(like, Mapping) else None
    parts = _parts(region)
    if size is None or not parts:
        return {}
    code: Any = encode_rle(polygon_to_mask(parts, size))
    return {0: RLE(code["size"], code["counts"])}


def _parts(region: BaseGeometry) -> list[Any]:
    import shapely

    whole = [one for one in shapely.get_parts(region) if one.geom_type == "Polygon" and one.area]
    return [
        [list(one.exterior.coords)[:-1], *[list(hole.coords)[:-1] for hole in one.interiors]]
        for one in whole
    ]


def _size(pixels: Mapping[int, RLE]) -> tuple[int, int] | None:
    return next((rle.size for rle in pixels.values()), None)
