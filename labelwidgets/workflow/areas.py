"""Labels as areas that can be compared with one another: boxes, outlines or pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.measuring import ellipse_to_mask
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.algorithms.runs import Runs, place_runs, runs_from_mask, runs_of
from labelwidgets.schema.geometry import (
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

Size: TypeAlias = tuple[int, int]
Box: TypeAlias = tuple[int, int, int, int]

# Of an ellipse as an outline: its area is off by 0.02 %.
_CORNERS = 180


class Areas:
    """Each label's outline and pixels, made once.

    Parameters
    ----------
    shapes
        The geometries of labels.
    """

    def __init__(self, shapes: Sequence[Geometry]) -> None:
        self._shapes = shapes
        self._outlines: dict[int, BaseGeometry] = {}
        self._pixels: dict[tuple[int, Size | None], Runs] = {}
        self._slices: dict[int, dict[int, Runs]] = {}

    def outline(self, label: int) -> BaseGeometry:
        """Return the area within the outline of a label, in exact coordinates."""
        if label not in self._outlines:
            from labelwidgets.algorithms.polygon_overlaps import area_of

            self._outlines[label] = area_of(outline_of(self._shapes[label]))
        return self._outlines[label]

    def pixels(self, label: int, size: Size) -> Runs:
        """Return the pixels of a label in a picture of (height, width)."""
        if (label, size) not in self._pixels:
            self._pixels[label, size] = pixels_of(self._shapes[label], size)
        return self._pixels[label, size]

    def slices(self, label: int) -> dict[int, Runs]:
        """Return the pixels of a volume mask by slice."""
        if label not in self._slices:
            shape = self._shapes[label]
            assert isinstance(shape, VolumeMask)  # noqa: S101 - the families see to that
            self._slices[label] = runs_of_slices(shape)
        return self._slices[label]


def runs_of_slices(volume: VolumeMask) -> dict[int, Runs]:
    """Return the pixels of a mask of voxels by slice."""
    return {key: runs_of(rle.to_coco()) for key, rle in volume.slices.items()}


def size_of(a: Geometry, b: Geometry) -> Size | None:
    """Return (height, width) of the picture that the masks among two shapes know of."""
    sizes = [shape.rle.size for shape in (a, b) if isinstance(shape, Mask)]
    if not sizes:
        return None
    return max(size[0] for size in sizes), max(size[1] for size in sizes)


def outline_of(shape: Geometry) -> list[list[list[tuple[float, float]]]]:
    """Return the outline of a shape as parts; of a cuboid that of all that it covers."""
    match shape:
        case Rectangle():
            return [[shape.corners]]
        case Polygon():
            return shape.parts
        case Ellipse():
            turn = np.linspace(0, 2 * math.pi, _CORNERS, endpoint=False)
            angle = math.radians(shape.angle)
            along, across = shape.rx * np.cos(turn), shape.ry * np.sin(turn)
            xs = shape.x + along * math.cos(angle) - across * math.sin(angle)
            ys = shape.y + along * math.sin(angle) + across * math.cos(angle)
            return [[list(zip(xs.tolist(), ys.tolist(), strict=True))]]
        case Cuboid():
            import shapely

            hull = shapely.convex_hull(shapely.MultiPoint(shape.points))
            if isinstance(hull, shapely.Polygon):
                return [[[(float(x), float(y)) for x, y in hull.exterior.coords[:-1]]]]
            return [[shape.points[:3]]]
    raise TypeError(type(shape).__name__)


def pixels_of(shape: Geometry, size: Size) -> Runs:
    """Return the pixels whose centres lie in a shape, of a picture of (height, width)."""
    if isinstance(shape, Mask):
        runs = runs_of(shape.rle.to_coco())
        return runs if runs.size == size else place_runs(runs, 0, 0, size)
    if isinstance(shape, Ellipse):
        return runs_from_mask(
            ellipse_to_mask(shape.x, shape.y, shape.rx, shape.ry, shape.angle, size)
        )
    return runs_from_mask(polygon_to_mask(outline_of(shape), size))


def pixels_within(shape: Geometry, box: Box) -> NDArray[np.bool_]:
    """Return the pixels of a shape in a box (x, y, width, height) of whole pixels, (H, W) bool."""
    from labelwidgets.algorithms.runs import crop_runs, mask_from_runs

    x, y, width, height = box
    if isinstance(shape, Mask):
        return mask_from_runs(crop_runs(runs_of(shape.rle.to_coco()), box))
    if isinstance(shape, Ellipse):
        return ellipse_to_mask(
            shape.x - x, shape.y - y, shape.rx, shape.ry, shape.angle, (height, width)
        )
    moved: Any = [
        [[(px - x, py - y) for px, py in ring] for ring in part] for part in outline_of(shape)
    ]
    return polygon_to_mask(moved, (height, width))


def box_around(shapes: Sequence[Geometry]) -> Box | None:
    """Return the box of whole pixels around shapes, None where they have no place."""
    boxes = [box for shape in shapes if (box := shape.bounds) is not None]
    if not boxes:
        return None
    left = math.floor(min(box[0] for box in boxes))
    top = math.floor(min(box[1] for box in boxes))
    right = max(left + 1, math.ceil(max(box[0] + box[2] for box in boxes)))
    bottom = max(top + 1, math.ceil(max(box[1] + box[3] for box in boxes)))
    return left, top, right - left, bottom - top


def pixels_of_slices(volume: VolumeMask, box: Box, slices: range) -> NDArray[np.bool_]:
    """Return the voxels of a mask in a box of some slices, (K, H, W) bool."""
    made = np.zeros((len(slices), box[3], box[2]), bool)
    for place, key in enumerate(slices):
        if key in volume.slices:
            made[place] = pixels_within(Mask(volume.slices[key]), box)
    return made
