"""The shapes of Encord: parts of the width and height of a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from labelwidgets.algorithms.masks import decode_rle, encode_rle
from labelwidgets.errors import FormatError
from labelwidgets.formats.outlines import outlines_of
from labelwidgets.schema.geometry import (
    RLE,
    XY,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Ring,
)
from labelwidgets.schema.tracks import Shape

Size = tuple[int, int]
CLASS = "class"
"""What the classification is called that is a class of the whole picture."""
_VISIBILITY = {"visible": 2, "occluded": 1, "selfoccluded": 1, "invisible": 0}
_NAMES = {2: "visible", 1: "occluded", 0: "invisible"}
# Which field a shape is in.
FIELDS = {
    "bounding_box": "boundingBox",
    "rotatable_bounding_box": "rotatableBoundingBox",
    "polygon": "polygon",
    "polyline": "polyline",
    "point": "point",
    "skeleton": "skeleton",
    "bitmask": "bitmask",
}


def read_shape(said: Mapping[str, Any], size: Size) -> Shape:
    """Return the shape of an object, in pixels.

    Parameters
    ----------
    said
        The object, with ``shape`` and the field of that shape.
    size
        (width, height) of the picture in pixels.

    Raises
    ------
    FormatError
        Naming the field that is wrong.
    GeometryError
        If the shape has impossible coordinates.
    """
    shape = said.get("shape")
    if not isinstance(shape, str) or shape not in FIELDS:
        raise FormatError(
            f"{str(shape)[:40]!r} is no shape that is read; known are {', '.join(FIELDS)}.",
            where="shape",
        )
    return _READERS[shape](said, size)


def joint_names(said: Mapping[str, Any]) -> list[str]:
    """Return the names of the joints of an object, in the order of `read_shape`."""
    joints = _numbered(said.get("skeleton"), "skeleton")
    return [str(joint.get("name") or at) for at, joint in enumerate(joints)]


def _box(said: Mapping[str, Any], size: Size, field: str = "boundingBox") -> Rectangle:
    box = said.get(field)
    if not isinstance(box, Mapping):
        raise FormatError("must be an object with x, y, w and h.", where=field)
    x, y, w, h = (_number(box.get(side), f"{field}.{side}") for side in ("x", "y", "w", "h"))
    width, height = size
    upright = Rectangle(x * width, y * height, w * width, h * height)
    angle = _number(box.get("theta", 0), f"{field}.theta") if field != "boundingBox" else 0.0
    return msgspec.structs.replace(upright, angle=angle) if angle else upright


def _turned(said: Mapping[str, Any], size: Size) -> Rectangle:
    return _box(said, size, "rotatableBoundingBox")


def _polygon(said: Mapping[str, Any], size: Size) -> Polygon:
    given = said.get("polygons")
    if given is None or given == []:
        return Polygon([[_points(said.get("polygon"), size, "polygon")]])
    if not isinstance(given, list):
        raise FormatError("must be a list of polygons.", where="polygons")
    parts = []
    for number, contours in enumerate(given):
        where = f"polygons[{number}]"
        if not isinstance(contours, list) or not contours:
            raise FormatError("must be a list of rings.", where=where)
        parts.append([_flat(ring, size, f"{where}[{at}]") for at, ring in enumerate(contours)])
    return Polygon(parts)


def _flat(ring: Any, size: Size, where: str) -> Ring:
    """Return a ring of numbers in turn, or of points."""
    if isinstance(ring, list) and ring and isinstance(ring[0], Mapping):
        return _points(ring, size, where)
    if not isinstance(ring, list) or len(ring) % 2:
        raise FormatError("must be a list of x and y in turn.", where=where)
    values = [_number(one, f"{where}[{at}]") for at, one in enumerate(ring)]
    pairs = zip(values[::2], values[1::2], strict=True)
    return [(x * size[0], y * size[1]) for x, y in pairs]


def _polyline(said: Mapping[str, Any], size: Size) -> Polyline:
    return Polyline(_points(said.get("polyline"), size, "polyline"))


def _point(said: Mapping[str, Any], size: Size) -> Point:
    points = _points(said.get("point"), size, "point")
    if len(points) != 1:
        raise FormatError(f"must be one point, not {len(points)}.", where="point")
    return Point(*points[0])


def _skeleton(said: Mapping[str, Any], size: Size) -> Keypoints:
    joints = _numbered(said.get("skeleton"), "skeleton")
    points = _points(joints, size, "skeleton")
    seen = []
    for at, joint in enumerate(joints):
        given = joint.get("visibility")
        name = "visible" if given is None else str(given).replace("_", "").lower()
        if name not in _VISIBILITY:
            known = ", ".join(_VISIBILITY)
            raise FormatError(f"must be one of {known}.", where=f"skeleton.{at}.visibility")
        seen.append(_VISIBILITY[name])
    return Keypoints([(x, y, v) for (x, y), v in zip(points, seen, strict=True)])


def _bitmask(said: Mapping[str, Any], size: Size) -> Mask:
    box = said.get("bitmask")
    if not isinstance(box, Mapping):
        raise FormatError("must be an object with rleString.", where="bitmask")
    sides = [box.get(name, 0) for name in ("left", "top", "width", "height")]
    for name, side in zip(("left", "top", "width", "height"), sides, strict=True):
        if isinstance(side, bool) or not isinstance(side, int) or side < 0:
            raise FormatError("must be a whole number.", where=f"bitmask.{name}")
    left, top, width, height = sides
    if left + width > size[0] or top + height > size[1]:
        raise FormatError(
            f"is {width} x {height} pixels at {left}, {top}, the picture is {size[0]} x {size[1]}.",
            where="bitmask",
        )
    code = box.get("rleString")
    if not isinstance(code, str):
        raise FormatError("must be text.", where="bitmask.rleString")
    # Row by row is column by column of the picture that lies on its side.
    part = decode_rle({"size": [width, height], "counts": code}).T
    if part.shape == (size[1], size[0]):
        return _mask(part)
    whole = np.zeros((size[1], size[0]), bool)
    whole[top : top + height, left : left + width] = part
    return _mask(whole)


def _mask(pixels: Any) -> Mask:
    code = encode_rle(pixels)
    return Mask(RLE((code["size"][0], code["size"][1]), code["counts"]))


_READERS: Mapping[str, Callable[[Mapping[str, Any], Size], Shape]] = {
    "bounding_box": _box,
    "rotatable_bounding_box": _turned,
    "polygon": _polygon,
    "polyline": _polyline,
    "point": _point,
    "skeleton": _skeleton,
    "bitmask": _bitmask,
}


def _numbered(given: Any, where: str) -> list[Mapping[str, Any]]:
    """Return a list, or what is named by its numbers in their order."""
    if isinstance(given, Mapping):
        if not all(key.isdecimal() and key.isascii() and len(key) < 10 for key in given):
            raise FormatError("must have points by their numbers.", where=where)
        given = [given[key] for key in sorted(given, key=int)]
    if not isinstance(given, list) or not given:
        raise FormatError("must have points by their numbers.", where=where)
    for at, one in enumerate(given):
        if not isinstance(one, Mapping):
            raise FormatError("must be an object with x and y.", where=f"{where}.{at}")
    return given


def _points(given: Any, size: Size, where: str) -> Ring:
    return [
        (
            _number(one.get("x"), f"{where}.{at}.x") * size[0],
            _number(one.get("y"), f"{where}.{at}.y") * size[1],
        )
        for at, one in enumerate(_numbered(given, where))
    ]


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FormatError("must be a number.", where=where)
    return float(value)


def write_shape(shape: Geometry, size: Size, joints: Sequence[str]) -> dict[str, Any]:
    """Return ``shape`` and the field of it, of a shape that has a place.

    Parameters
    ----------
    shape
        In pixels; ellipses become polygons.
    size
        (width, height) of the picture in pixels.
    joints
        Names of the joints of a skeleton.

    Raises
    ------
    FormatError
        If a mask has another size than the picture.
    """
    width, height = size
    if isinstance(shape, Rectangle):
        box = {
            "h": shape.height / height,
            "w": shape.width / width,
            "x": shape.x / width,
            "y": shape.y / height,
        }
        if shape.angle % 360:
            return _said("rotatable_bounding_box", box | {"theta": shape.angle})
        return _said("bounding_box", box)
    if isinstance(shape, Polygon | Ellipse):
        parts = outlines_of(shape) or []
        flat = [[[v for p in ring for v in _part(p, size)] for ring in part] for part in parts]
        return _said("polygon", _by_number(parts[0][0], size)) | {"polygons": flat}
    if isinstance(shape, Polyline):
        return _said("polyline", _by_number(shape.points, size))
    if isinstance(shape, Point):
        return _said("point", _by_number([(shape.x, shape.y)], size))
    if isinstance(shape, Keypoints):
        points = _by_number([(x, y) for x, y, _ in shape.points], size)
        for at, (_, _, seen) in enumerate(shape.points):
            name = joints[at] if at < len(joints) else str(at)
            points[str(at)] |= {"name": name, "value": name, "visibility": _NAMES[seen]}
        return _said("skeleton", points)
    assert isinstance(shape, Mask)  # noqa: S101 - the last that has a place
    if shape.rle.size != (height, width):
        raise FormatError(
            f"is {shape.rle.size[1]} x {shape.rle.size[0]} pixels, the picture is "
            f"{width} x {height}.",
            where="geometry",
        )
    pixels = decode_rle({"size": list(shape.rle.size), "counts": shape.rle.counts})
    code = encode_rle(np.asfortranarray(pixels.T))["counts"]
    box = {"top": 0, "left": 0, "width": width, "height": height}
    return _said("bitmask", box | {"rleString": code})


def _said(shape: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"shape": shape, FIELDS[shape]: value}


def _by_number(points: Sequence[XY], size: Size) -> dict[str, dict[str, Any]]:
    numbered = ((str(at), _part(point, size)) for at, point in enumerate(points))
    return {at: {"x": x, "y": y} for at, (x, y) in numbered}


def _part(point: XY, size: Size) -> XY:
    return point[0] / size[0], point[1] / size[1]
