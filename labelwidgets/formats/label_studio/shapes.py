"""Shapes from and to the values of Label Studio, in percent of the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from labelwidgets.algorithms.runs import mask_from_runs, runs_from_mask, runs_of
from labelwidgets.errors import FormatError
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.json_values import finite
from labelwidgets.formats.label_studio.bitmask import decode_bitmask
from labelwidgets.formats.label_studio.brush import decode_brush, encode_brush
from labelwidgets.schema.geometry import (
    XY,
    Ellipse,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)

Shape = Rectangle | Ellipse | Polygon | Polyline | Point | Mask


class Canvas(NamedTuple):
    """The picture that percent are of.

    Parameters
    ----------
    width, height
        Of the picture as it is, in pixels.
    turns
        By how many quarters it was turned on the screen, clockwise.
    """

    width: int
    height: int
    turns: int = 0

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height as it lay on the screen."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)

    def back(self, x: float, y: float) -> XY:
        """Return where a point of the screen is on the picture as it is."""
        if self.turns == 1:
            return y, self.height - x
        if self.turns == 2:
            return self.width - x, self.height - y
        if self.turns == 3:
            return self.width - y, x
        return x, y

    def point(self, value: Any, where: str) -> XY:
        """Return a pair of percent as a point of the picture."""
        if not isinstance(value, list) or len(value) != 2:
            raise FormatError("must be a pair of numbers.", where=where)
        x, y = (finite(one, where) for one in value)
        return self.back(x * self.shown[0] / 100, y * self.shown[1] / 100)


def kind_of(result: Mapping[str, Any]) -> str:
    """Return what a result is, the same with labels and without: ``rectangle``, ``choices``."""
    said = result.get("type")
    if not isinstance(said, str):
        raise FormatError("must be text.", where="type")
    name = said.lower()
    return name.removesuffix("labels") or "labels"


def read_shape(kind: str, value: Mapping[str, Any], canvas: Canvas) -> Shape:
    """Return the shape that a value says.

    Raises
    ------
    FormatError, GeometryError, LimitError
        Naming the field.
    """
    width, height = canvas.shown
    if kind == "rectangle":
        return read_box(value, canvas)
    if kind == "ellipse":
        x, y = canvas.back(part(value, "x") * width / 100, part(value, "y") * height / 100)
        radii = part(value, "radiusX") * width / 100, part(value, "radiusY") * height / 100
        rx, ry = reversed(radii) if canvas.turns % 2 else radii
        return Ellipse(x, y, rx, ry, part(value, "rotation", 0.0))
    if kind == "keypoint":
        return Point(*canvas.back(part(value, "x") * width / 100, part(value, "y") * height / 100))
    if kind == "brush":
        code = value.get("rle")
        if not isinstance(code, list):
            raise FormatError("must be a list of numbers.", where="rle")
        return mask_of(runs_from_mask(decode_brush(code, (canvas.width, canvas.height))))
    if kind == "bitmask":
        painted = decode_bitmask(value.get("imageDataURL"), (canvas.width, canvas.height))
        return mask_of(runs_from_mask(painted))
    field = "vertices" if kind == "vector" else "points"
    given = value.get(field)
    if not isinstance(given, list):
        raise FormatError("must be a list of points.", where=field)
    points = [canvas.point(_pair(one, field), f"{field}[{at}]") for at, one in enumerate(given)]
    closed = value.get("closed", kind == "polygon") is not False
    return Polygon([[points]]) if closed else Polyline(points)


def read_box(value: Mapping[str, Any], canvas: Canvas) -> Rectangle:
    """Return a box, which is turned about its top left corner."""
    wide, high = canvas.shown
    x, y = part(value, "x") * wide / 100, part(value, "y") * high / 100
    width, height = part(value, "width") * wide / 100, part(value, "height") * high / 100
    angle = part(value, "rotation", 0.0)
    if not angle % 360 and not canvas.turns:
        return Rectangle(x, y, width, height)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    cx, cy = canvas.back(
        x + width / 2 * cos - height / 2 * sin, y + width / 2 * sin + height / 2 * cos
    )
    if canvas.turns % 2:
        # A box that is turned by a quarter is one of the other shape that is not.
        width, height = height, width
    return Rectangle(cx - width / 2, cy - height / 2, width, height, angle)


def part(value: Mapping[str, Any], field: str, default: float | None = None) -> float:
    """Return a number of a value."""
    given = value.get(field, default)
    if given is None:
        raise FormatError("is missing.", where=field)
    return finite(given, field)


def _pair(one: Any, field: str) -> Any:
    if field == "points" or not isinstance(one, Mapping):
        return one
    if one.get("isBezier"):
        raise FormatError("is a curve, which is not read.", where=field)
    return [one.get("x"), one.get("y")]


def write_shape(shape: Shape, size: tuple[int, int]) -> tuple[str, dict[str, Any]]:
    """Return the kind and the value of a shape on a picture of (width, height) pixels."""
    width, height = size
    if isinstance(shape, Rectangle):
        return "rectangle", box_said(shape, size)
    if isinstance(shape, Ellipse):
        radii = {"radiusX": shape.rx * 100 / width, "radiusY": shape.ry * 100 / height}
        at = {"x": shape.x * 100 / width, "y": shape.y * 100 / height}
        return "ellipse", at | radii | {"rotation": shape.angle}
    if isinstance(shape, Point):
        at = {"x": shape.x * 100 / width, "y": shape.y * 100 / height}
        return "keypoint", at | {"width": _DOT}
    if isinstance(shape, Mask):
        runs = runs_of({"size": list(shape.rle.size), "counts": shape.rle.counts})
        return "brush", {"format": "rle", "rle": encode_brush(mask_from_runs(runs))}
    if isinstance(shape, Polygon):
        points = [[x * 100 / width, y * 100 / height] for x, y in shape.parts[0][0]]
        return "polygon", {"points": points, "closed": True}
    vertices = []
    for at_index, (x, y) in enumerate(shape.points):
        before = str(at_index - 1) if at_index else None
        one = {"id": str(at_index), "prevPointId": before, "isBezier": False}
        vertices.append(one | {"x": x * 100 / width, "y": y * 100 / height})
    return "vector", {"vertices": vertices, "closed": False}


# How wide a point is drawn, in percent.
_DOT = 0.5


def box_said(shape: Rectangle, size: tuple[int, int]) -> dict[str, float]:
    """Return the value of a box: the corner about which it is turned, in percent."""
    (x, y), *_ = shape.corners if shape.angle % 360 else [(shape.x, shape.y)]
    return {
        "x": x * 100 / size[0],
        "y": y * 100 / size[1],
        "width": shape.width * 100 / size[0],
        "height": shape.height * 100 / size[1],
        "rotation": shape.angle,
    }
