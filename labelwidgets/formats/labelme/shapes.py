"""Shapes from and to the points of LabelMe."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from labelwidgets.algorithms.runs import mask_from_runs, place_runs, runs_from_mask, runs_of
from labelwidgets.errors import FormatError
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.json_values import finite
from labelwidgets.formats.mask_pictures import read_mask
from labelwidgets.formats.outlines import outlines_of
from labelwidgets.media.png import write_map_png
from labelwidgets.schema.geometry import (
    XY,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)

Size = tuple[int, int]
Shape = Rectangle | Ellipse | Polygon | Polyline | Point | Keypoints | Mask
# How far from a right angle the corners of a turned box may lie, in pixels.
_SQUARE = 1.0
# Of one mask, in characters of base64.
MAX_MASK = 1 << 26


def read_shape(said: Mapping[str, Any], size: Size | None) -> Shape:
    """Return a shape.

    Parameters
    ----------
    said
        With ``shape_type`` and ``points``.
    size
        (width, height) of the picture, which masks need.

    Raises
    ------
    FormatError, GeometryError
        Naming the field.
    """
    kind = said.get("shape_type") or "polygon"
    points = points_of(said.get("points"))
    if kind == "mask":
        return _mask(said.get("mask"), points, size)
    if kind in ("rectangle", "rotation", "oriented_rectangle") and len(points) == 4:
        return turned_box(points)
    if kind == "polygon":
        if said.get("angle") is not None and len(points) == 4:
            return turned_box(points)
        return Polygon([[points]])
    if kind in ("line", "linestrip"):
        return Polyline(points)
    if kind == "points":
        return Keypoints([(x, y, 2) for x, y in points])
    wanted = {"rectangle": 2, "circle": 2, "point": 1}.get(str(kind))
    if wanted is None:
        raise FormatError(f"{str(kind)[:40]!r} is no kind of shape.", where="shape_type")
    if len(points) != wanted:
        raise FormatError(f"must be {wanted}, not {len(points)}.", where="points")
    (x, y), *more = points
    if kind == "point":
        return Point(x, y)
    ((other, last),) = more
    if kind == "circle":
        radius = math.hypot(other - x, last - y)
        return Ellipse(x, y, radius, radius)
    return Rectangle(min(x, other), min(y, last), abs(other - x), abs(last - y))


def points_of(given: Any) -> list[XY]:
    """Return a list of pairs of numbers."""
    if not isinstance(given, list):
        raise FormatError("must be a list of points.", where="points")
    points = []
    for at, pair in enumerate(given):
        where = f"points[{at}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise FormatError("must be a pair of numbers.", where=where)
        points.append((finite(pair[0], where), finite(pair[1], where)))
    return points


def turned_box(points: list[XY]) -> Rectangle | Polygon:
    """Return four corners as a box, or as a polygon where they are none."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    width, height = math.hypot(bx - ax, by - ay), math.hypot(cx - bx, cy - by)
    angle = math.degrees(math.atan2(by - ay, bx - ax))
    x, y = (ax + bx + cx + dx) / 4, (ay + by + cy + dy) / 4
    if width and height:
        made = Rectangle(x - width / 2, y - height / 2, width, height, angle)
        away = max(math.dist(a, b) for a, b in zip(made.corners, points, strict=True))
        if away <= _SQUARE:
            return made
    return Polygon([[points]])


def _mask(code: Any, points: list[XY], size: Size | None) -> Mask:
    if size is None:
        raise FormatError("is a mask, for which the size of the picture is needed.", where="mask")
    if not isinstance(code, str) or len(code) > MAX_MASK:
        raise FormatError(f"must be at most {MAX_MASK} characters of base64.", where="mask")
    if len(points) != 2:
        raise FormatError(f"must be 2, not {len(points)}.", where="points")
    try:
        data = base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError):
        raise FormatError("is no base64.", where="mask") from None
    values = read_mask(data, "mask").values > 0
    (left, top), (right, bottom) = points
    x, y = int(left), int(top)
    height, width = values.shape
    # Both corners are pixels of it.
    if (width, height) != (int(right) - x + 1, int(bottom) - y + 1):
        raise FormatError(
            f"is {width} x {height} pixels, its points say {int(right) - x + 1} x "
            f"{int(bottom) - y + 1}.",
            where="mask",
        )
    return placed(values, x, y, size)


def placed(values: np.ndarray[Any, np.dtype[np.bool_]], x: int, y: int, size: Size) -> Mask:
    """Return the mask of pixels that begin at (x, y) of a picture of (width, height) pixels."""
    height, width = values.shape
    if not (x >= 0 and x + width <= size[0] and y >= 0 and y + height <= size[1]):
        raise FormatError(
            f"is {width} x {height} pixels at ({x}, {y}), which is not on the picture of "
            f"{size[0]} x {size[1]}.",
            where="mask",
        )
    return mask_of(place_runs(runs_from_mask(values), x, y, (size[1], size[0])))


def write_shape(shape: Shape) -> dict[str, Any]:
    """Return the fields of a shape."""
    if isinstance(shape, Point):
        return {"shape_type": "point", "points": [[shape.x, shape.y]]}
    if isinstance(shape, Polyline):
        return {"shape_type": "linestrip", "points": [list(one) for one in shape.points]}
    if isinstance(shape, Mask):
        return _mask_said(shape)
    if isinstance(shape, Rectangle) and not shape.angle % 360:
        corners = [[shape.x, shape.y], [shape.x + shape.width, shape.y + shape.height]]
        return {"shape_type": "rectangle", "points": corners}
    if isinstance(shape, Ellipse) and is_circle(shape):
        points = [[shape.x, shape.y], [shape.x + shape.rx, shape.y]]
        return {"shape_type": "circle", "points": points}
    parts = outlines_of(shape)
    assert parts  # noqa: S101 - all others have an area
    said: dict[str, Any] = {"shape_type": "polygon", "points": [list(one) for one in parts[0][0]]}
    if isinstance(shape, Rectangle):
        said["angle"] = shape.angle
    return said


def is_circle(shape: Ellipse) -> bool:
    """Say whether an ellipse is a circle."""
    return math.isclose(shape.rx, shape.ry, rel_tol=1e-9)


def _mask_said(shape: Mask) -> dict[str, Any]:
    x, y, width, height = (int(one) for one in shape.bounds) if shape.area else (0, 0, 1, 1)
    whole = mask_from_runs(runs_of({"size": list(shape.rle.size), "counts": shape.rle.counts}))
    values = whole[y : y + height, x : x + width].astype(np.uint8) * 255
    return {
        "shape_type": "mask",
        "points": [[x, y], [x + width - 1, y + height - 1]],
        "mask": base64.b64encode(write_map_png(values)).decode(),
    }
