"""Shapes from and to the annotations of Datumaro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.json_values import finite
from labelwidgets.schema.geometry import (
    RLE,
    XY,
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
)

Shape = Rectangle | Ellipse | Polygon | Polyline | Point | Keypoints | Cuboid | Mask | Tag
# Where each of our corners of a cuboid is among Datumaro's: it goes by the left, top, right and
# bottom sides.
_CORNERS = (0, 3, 6, 7, 1, 2, 5, 4)


def read_shape(said: Mapping[str, Any]) -> Shape:
    """Return the shape of an annotation that has one by itself.

    Raises
    ------
    FormatError, GeometryError
        Naming the field.
    """
    kind = said.get("type")
    attributes = said.get("attributes")
    turn = attributes.get("rotation", 0.0) if isinstance(attributes, Mapping) else 0.0
    # Text is an answer to somebody's question.
    turned = kind in ("bbox", "ellipse") and not isinstance(turn, str)
    angle = finite(turn, "attributes.rotation") if turned else 0.0
    if kind == "label":
        return Tag()
    if kind == "mask":
        return _mask(said.get("rle"))
    if kind == "bbox":
        x, y, width, height = numbers(said.get("bbox"), "bbox", 4)
        return Rectangle(x, y, width, height, angle)
    if kind == "cuboid_2d":
        corners = said.get("points")
        if not isinstance(corners, list) or len(corners) != 8:
            raise FormatError("must be 8 pairs of numbers.", where="points")
        pairs = [numbers(one, f"points[{at}]", 2) for at, one in enumerate(corners)]
        return Cuboid([(pairs[at][0], pairs[at][1]) for at in _CORNERS])
    if kind not in ("ellipse", "polygon", "polyline", "points"):
        raise FormatError(f"{str(kind)[:40]!r} is no type that is read.", where="type")
    flat = numbers(said.get("points"), "points", 4 if kind == "ellipse" else None)
    if kind == "ellipse":
        left, top, right, bottom = flat
        rx, ry = (right - left) / 2, (bottom - top) / 2
        return Ellipse(left + rx, top + ry, rx, ry, angle)
    if len(flat) % 2 or not flat:
        raise FormatError("must be pairs of numbers.", where="points")
    points: list[XY] = list(zip(flat[::2], flat[1::2], strict=True))
    if kind == "polygon":
        return Polygon([[points]])
    if kind == "polyline":
        return Polyline(points)
    seen = said.get("visibility") or [2] * len(points)
    if not isinstance(seen, list) or len(seen) != len(points):
        raise FormatError("must have a number for each point.", where="visibility")
    return Keypoints([(x, y, v) for (x, y), v in zip(points, seen, strict=True)])


def numbers(given: Any, where: str, count: int | None = None) -> list[float]:
    """Return a list of finite numbers, of so many where that is said."""
    if not isinstance(given, list) or (count is not None and len(given) != count):
        raise FormatError(f"must be a list of {count or 'some'} numbers.", where=where)
    return [finite(one, f"{where}[{at}]") for at, one in enumerate(given)]


def _mask(code: Any) -> Mask:
    if not isinstance(code, Mapping):
        raise FormatError("must be an object with size and counts.", where="rle")
    size, counts = code.get("size"), code.get("counts")
    if not isinstance(size, list) or not isinstance(counts, str | list):
        raise FormatError("must be an object with size and counts.", where="rle")
    return Mask(RLE(size, counts))  # type: ignore[arg-type]


def write_shape(shape: Shape) -> dict[str, Any]:
    """Return the fields of an annotation that are those of its shape."""
    if isinstance(shape, Tag):
        return {"type": "label"}
    if isinstance(shape, Rectangle):
        return {"type": "bbox", "bbox": [shape.x, shape.y, shape.width, shape.height]}
    if isinstance(shape, Ellipse):
        box = [shape.x - shape.rx, shape.y - shape.ry, shape.x + shape.rx, shape.y + shape.ry]
        return {"type": "ellipse", "points": box}
    if isinstance(shape, Mask):
        rle = {"counts": shape.rle.counts, "size": list(shape.rle.size)}
        return {"type": "mask", "rle": rle}
    if isinstance(shape, Cuboid):
        corners: list[XY] = [(0.0, 0.0)] * 8
        for ours, theirs in enumerate(_CORNERS):
            corners[theirs] = shape.points[ours]
        return {"type": "cuboid_2d", "points": [list(one) for one in corners]}
    if isinstance(shape, Point):
        return {"type": "points", "points": [shape.x, shape.y], "visibility": [2]}
    if isinstance(shape, Keypoints):
        said = {"points": _flat([(x, y) for x, y, _ in shape.points])}
        return {"type": "points", **said, "visibility": [seen for _, _, seen in shape.points]}
    if isinstance(shape, Polyline):
        return {"type": "polyline", "points": _flat(shape.points)}
    return {"type": "polygon", "points": _flat(shape.parts[0][0])}


def _flat(points: Sequence[XY]) -> list[float]:
    return [value for point in points for value in point]
