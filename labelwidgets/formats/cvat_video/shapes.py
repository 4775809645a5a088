"""Shapes from and to the elements of CVAT's XML."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from labelwidgets.algorithms.runs import (
    Runs,
    crop_runs,
    mask_from_runs,
    place_runs,
    rle_of,
    runs_from_mask,
    runs_of,
)
from labelwidgets.errors import FormatError
from labelwidgets.formats.xml_elements import Element
from labelwidgets.schema.geometry import (
    RLE,
    XY,
    XYV,
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)
from labelwidgets.schema.tracks import Shape

Size = tuple[int, int]


def read_shape(element: Element, size: Size | None, joints: list[str]) -> Shape:
    """Return the shape of an element.

    Parameters
    ----------
    element
        With its coordinates as attributes.
    size
        (width, height) of the frames in pixels, which masks need.
    joints
        Names of the joints of its class, for skeletons.

    Raises
    ------
    FormatError, GeometryError
        Naming the field.
    """
    reader = _READERS.get(element.name)
    if element.name == "skeleton":
        return _skeleton(element, joints)
    if element.name == "mask":
        return _mask(element, size)
    if reader is None:
        raise FormatError(f"{element.name[:40]!r} is no kind of shape.", where="shape")
    return reader(element)


def number(element: Element, name: str, default: float | None = None) -> float:
    """Return an attribute as a finite number."""
    text = element.attributes.get(name)
    if text is None:
        if default is not None:
            return default
        raise FormatError("is missing.", where=name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(f"must be a finite number, not {text[:40]!r}.", where=name)
    return value


def _points(element: Element) -> list[XY]:
    text = element.attributes.get("points")
    if text is None:
        raise FormatError("is missing.", where="points")
    made = []
    for at, pair in enumerate(text.split(";")):
        try:
            x, y = map(float, pair.split(","))
        except ValueError:
            raise FormatError(
                f"must be two numbers, not {pair[:40]!r}.", where=f"points[{at}]"
            ) from None
        made.append((x, y))
    return made


def _box(element: Element) -> Rectangle:
    left, top = number(element, "xtl"), number(element, "ytl")
    right, bottom = number(element, "xbr"), number(element, "ybr")
    for low, high, name in ((left, right, "xbr"), (top, bottom, "ybr")):
        if high <= low:
            raise FormatError(f"must be greater than {low:g}, not {high:g}.", where=name)
    return Rectangle(left, top, right - left, bottom - top, number(element, "rotation", 0.0))


def _ellipse(element: Element) -> Ellipse:
    return Ellipse(
        number(element, "cx"),
        number(element, "cy"),
        number(element, "rx"),
        number(element, "ry"),
        number(element, "rotation", 0.0),
    )


def _dots(element: Element) -> Point | Keypoints:
    points = _points(element)
    if len(points) == 1:
        return Point(*points[0])
    return Keypoints([(x, y, 2) for x, y in points])


def _cuboid(element: Element) -> Cuboid:
    return Cuboid([(number(element, f"x{at}"), number(element, f"y{at}")) for at in _NAMES])


# CVAT's attributes of the corners: x and y of each of its points.
_NAMES = ("tl1", "tr1", "br1", "bl1", "tl2", "tr2", "br2", "bl2")


def _skeleton(element: Element, joints: list[str]) -> Keypoints:
    by_name: dict[str, XYV] = {}
    for child in element.children:
        if child.name != "points":
            continue
        name = child.attributes.get("label", "")
        if name in by_name:
            raise FormatError(f"{name[:40]!r} is there twice.", where="points")
        (x, y), *more = _points(child)
        if more:
            raise FormatError("must be one point.", where=f"points {name[:40]!r}")
        hidden = child.attributes.get("occluded") == "1"
        gone = child.attributes.get("outside") == "1"
        by_name[name] = (x, y, 0 if gone else 1 if hidden else 2)
    unknown = set(by_name) - set(joints)
    if unknown:
        raise FormatError(f"{unknown.pop()[:40]!r} is no joint of its class.", where="points")
    if not by_name:
        raise FormatError("has no joints.", where="points")
    return Keypoints([by_name.get(name, (0.0, 0.0, 0)) for name in joints])


def _mask(element: Element, size: Size | None) -> Mask:
    if size is None:
        raise FormatError("is a mask, for which the size of the frames is needed.", where="mask")
    left, top = int(number(element, "left")), int(number(element, "top"))
    width, height = int(number(element, "width")), int(number(element, "height"))
    inside = 0 <= left < left + width <= size[0] and 0 <= top < top + height <= size[1]
    if not inside:
        raise FormatError(
            f"has a box of {width} x {height} at ({left}, {top}), which is not on the frame of "
            f"{size[0]} x {size[1]} pixels.",
            where="width, height",
        )
    try:
        runs = np.array(element.attributes.get("rle", "").split(","), np.int64)
    except (ValueError, OverflowError):
        raise FormatError("must be whole numbers with commas between them.", where="rle") from None
    if (runs < 0).any() or (runs > width * height).any() or runs.sum() != width * height:
        raise FormatError(
            f"has runs of {int(runs.sum())} pixels, its box has {width * height}.", where="rle"
        )
    values = np.repeat(np.arange(runs.size) % 2 == 1, runs).reshape(height, width)
    return _coded(place_runs(runs_from_mask(values), left, top, (size[1], size[0])))


def _coded(runs: Runs) -> Mask:
    code = rle_of(runs)
    return Mask(RLE((code["size"][0], code["size"][1]), code["counts"]))


_READERS: Mapping[str, Callable[[Element], Shape]] = {
    "box": _box,
    "ellipse": _ellipse,
    "polygon": lambda element: Polygon([[_points(element)]]),
    "polyline": lambda element: Polyline(_points(element)),
    "points": _dots,
    "cuboid": _cuboid,
}


def write_shape(shape: Shape, joints: list[str]) -> tuple[str, dict[str, str], list[Element]]:
    """Return the name, the attributes and the elements within of a shape."""
    if isinstance(shape, Rectangle):
        right, bottom = shape.x + shape.width, shape.y + shape.height
        said = {
            "xtl": _text(shape.x),
            "ytl": _text(shape.y),
            "xbr": _text(right),
            "ybr": _text(bottom),
        }
        return "box", said | _turn(shape.angle), []
    if isinstance(shape, Ellipse):
        said = {
            "cx": _text(shape.x),
            "cy": _text(shape.y),
            "rx": _text(shape.rx),
            "ry": _text(shape.ry),
        }
        return "ellipse", said | _turn(shape.angle), []
    if isinstance(shape, Polygon):
        return "polygon", {"points": _pairs(shape.parts[0][0])}, []
    if isinstance(shape, Polyline):
        return "polyline", {"points": _pairs(shape.points)}, []
    if isinstance(shape, Point):
        return "points", {"points": _pairs([(shape.x, shape.y)])}, []
    if isinstance(shape, Cuboid):
        said = {}
        for name, (x, y) in zip(_NAMES, shape.points, strict=True):
            said |= {f"x{name}": _text(x), f"y{name}": _text(y)}
        return "cuboid", said, []
    if isinstance(shape, Mask):
        return "mask", _mask_said(shape), []
    children = [
        Element(
            "points",
            {
                "label": name,
                "outside": "0" if seen else "1",
                "occluded": "1" if seen == 1 else "0",
                "points": _pairs([(x, y)]),
            },
            0,
        )
        for name, (x, y, seen) in zip(joints, shape.points, strict=True)
    ]
    return "skeleton", {}, children


def _mask_said(shape: Mask) -> dict[str, str]:
    left, top, width, height = map(int, shape.bounds)
    if not width:
        return {"rle": "1", "left": "0", "top": "0", "width": "1", "height": "1"}
    whole = runs_of({"size": list(shape.rle.size), "counts": shape.rle.counts})
    values = mask_from_runs(crop_runs(whole, (left, top, width, height)))
    flat = np.ascontiguousarray(values).reshape(-1)
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    if flat[0]:
        runs.insert(0, 0)
    said: dict[str, Any] = {"left": left, "top": top, "width": width, "height": height}
    return {"rle": ", ".join(map(str, runs))} | {k: str(v) for k, v in said.items()}


def _turn(angle: float) -> dict[str, str]:
    return {"rotation": _text(angle % 360)} if angle % 360 else {}


def _pairs(points: list[XY]) -> str:
    return ";".join(f"{_text(x)},{_text(y)}" for x, y in points)


def _text(value: float) -> str:
    """Return a number with two decimals at least, as CVAT has them, and six at most."""
    text = f"{value:.6f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"{whole}.{part:<02}" if len(part) < 2 else text
