"""Boxes and areas that a COCO file gives and that do not follow from the shape.

Such as the box of a person around joints, or the pixels of a crowd. They are parameters of the
origin, ``bbox`` and ``area``, which `labelwidgets.evaluate` measures by, and are written again
while the label has the shape that they were said of: see `labelwidgets.schema.told_shapes`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.formats.coco.outlines_read import Outline
from labelwidgets.formats.coco.records import Label
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Bounds, Keypoints, Rectangle
from labelwidgets.schema.told_shapes import SHAPE, is_as_read

SEGMENTATION = "segmentation"
"""What of the origin of joints is the outline beside them: see `outlines_told`."""
# In pixels, and square pixels: less is rounded.
_LESS = 0.01
_FIELDS = ("bbox", "area", SEGMENTATION)


def area_of(geometry: AnyGeometry) -> float:
    """Return the area that is written of a shape, in square pixels.

    Of joints, as in COCO's own evaluation where they have no mask, that of their box.
    """
    if isinstance(geometry, Keypoints):
        return geometry.bounds[2] * geometry.bounds[3]
    return geometry.area


def told_by(label: Label, geometry: AnyGeometry, outline: Outline | None = None) -> dict[str, Any]:
    """Return the box and area of a record where they do not follow from its shape.

    Parameters
    ----------
    label, geometry
        The record and its shape.
    outline
        Its segmentation, of which the box and area are known.
    """
    if outline is not None and geometry is not outline.geometry:
        outline = None
    told: dict[str, Any] = {}
    box, area = label.bbox, label.area
    bounds = geometry.bounds if outline is None else outline.bounds
    if (
        box is not None
        and bounds is not None
        and len(box) == 4
        and not _is_near(box, bounds)
        and all(map(math.isfinite, box))
    ):
        told["bbox"] = box
    if (
        isinstance(area, int | float)
        and not isinstance(area, bool)
        # Written so that neither NaN nor a number of 5,000 digits is one.
        and 0 <= area <= 1e18
        and abs(area - (area_of(geometry) if outline is None else outline.area)) > _LESS
    ):
        told["area"] = float(area)
    return told


def _is_near(box: Sequence[float], bounds: Bounds) -> bool:
    # Side by side, as it is asked of each label of a file.
    x, y, width, height = box
    left, top, wide, high = bounds
    return (
        abs(x - left) <= _LESS
        and abs(y - top) <= _LESS
        and abs(width - wide) <= _LESS
        and abs(height - high) <= _LESS
    )


def without_told(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of an origin without a box, an area, an outline and their shape."""
    return {name: value for name, value in said.items() if name not in (*_FIELDS, SHAPE)}


def is_told(said: Mapping[str, Any]) -> bool:
    """Say whether an origin has a box, an area or an outline."""
    return any(name in said for name in _FIELDS)


def is_as_told(annotation: Annotation) -> bool:
    """Say whether COCO told something of a label that is true of the shape that it has."""
    origin = annotation.origin
    return origin.name == "coco" and is_told(origin.parameters) and is_as_read(annotation)


def measures_of(annotation: Annotation) -> dict[str, Any]:
    """Return the box and area that a label was read with."""
    said = annotation.origin.parameters
    made: dict[str, Any] = {}
    box, area = said.get("bbox"), said.get("area")
    if (
        not isinstance(annotation.geometry, Rectangle)
        and isinstance(box, list)
        and len(box) == 4
        and all(isinstance(one, int | float) and math.isfinite(one) for one in box)
    ):
        made["bbox"] = [float(one) for one in box]
    if isinstance(area, int | float) and not isinstance(area, bool) and 0 <= area <= 1e18:
        made["area"] = float(area)
    return made
