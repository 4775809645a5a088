"""What a file of XML says of a picture and of the objects on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from labelwidgets.algorithms.bridged_rings import unbridge_ring
from labelwidgets.errors import FormatError
from labelwidgets.formats.numbers import number_in
from labelwidgets.formats.xml_elements import Element, elements
from labelwidgets.schema.geometry import Polygon, Rectangle

FLAGS = ("difficult", "truncated", "occluded")
_BOX = ("xmin", "ymin", "xmax", "ymax")
_KNOWN = frozenset((*FLAGS, "name", "pose", "bndbox", "robndbox", "polygon", "attributes"))
_KNOWN |= {"part", "actions", "type", "deleted"}
MAX_SIDE = 10**6


@dataclass
class Thing:
    """An object of the XML.

    Parameters
    ----------
    line
        Where it begins.
    name
        Of its class.
    shape
        In pixels, the first one's outer corner being (0, 0).
    answers
        ``<attributes>``, flags that are set, ``pose`` and actions.
    parameters
        What there is no answer for: parts, and elements that are not known.
    """

    line: int
    name: str
    shape: Rectangle | Polygon
    box: Rectangle
    answers: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass
class Page:
    """A file of XML: what it is about, and its objects or what is wrong with each."""

    filename: str = ""
    size: tuple[int, int] | None = None
    things: list[Thing | tuple[int, FormatError]] = field(default_factory=list)


def read_page(file: IO[bytes], where: str, base: int) -> Page:
    """Return what a file says.

    Parameters
    ----------
    file
        XML.
    where
        Its name, for errors.
    base
        What the first pixel is called, 0 or 1.

    Raises
    ------
    FormatError
        If it is no XML, or none of VOC.
    LimitError
        If it is too large.
    """
    page = Page()
    width = height = None
    for number, one in enumerate(elements(file, where)):
        if number == 0:
            if one.name != "annotation":
                raise FormatError(
                    f"must be an <annotation>, not a <{one.name[:40]}>.",
                    where=f"{where}, line {one.line}",
                )
        elif one.name == "filename":
            page.filename = one.text.strip()
        elif one.name == "size":
            width, height = _side(one, "width"), _side(one, "height")
        elif one.name == "object":
            try:
                page.things.append(_thing(one, base))
            except FormatError as error:
                page.things.append((one.line, error))
    if width and height:
        page.size = width, height
    return page


def _side(element: Element, name: str) -> int | None:
    text = element.said(name)
    if not text:
        return None
    value = _number(text, f"size, {name}")
    if not 0 <= value <= MAX_SIDE or value != int(value):
        raise FormatError(
            f"must be a whole number of pixels, not {text[:40]!r}.", where=f"size, {name}"
        )
    return int(value)


def _thing(element: Element, base: int) -> Thing:
    name = element.said("name")
    if not name:
        raise FormatError("has no name.", where="name")
    turned, ring = element.find("robndbox"), element.find("polygon")
    box = element.find("bndbox")
    shape: Rectangle | Polygon
    if turned is not None:
        shape = _turned(turned, base)
        around = Rectangle(*shape.bounds)
    elif ring is not None and any(one.name.startswith("x") for one in ring.children):
        shape = _polygon(ring, base)
        around = box_of(box, base) if box is not None else Rectangle(*shape.bounds)
    elif box is not None:
        shape = around = box_of(box, base)
    else:
        raise FormatError("has no box.", where="bndbox")
    made = Thing(element.line, name, shape, around)
    for flag in FLAGS:
        text = element.said(flag)
        if text not in ("", "0", "1", "0.0", "1.0"):
            raise FormatError(f"must be 0 or 1, not {text[:40]!r}.", where=flag)
        if text.startswith("1"):
            made.answers[flag] = True
    pose = element.said("pose")
    if pose and pose != "Unspecified":
        made.answers["pose"] = pose
    actions = element.find("actions")
    if actions is not None:
        made.parameters["actions"] = {one.name: one.text.strip() == "1" for one in actions.children}
    parts = [one for one in element.children if one.name == "part"]
    if parts:
        made.parameters["parts"] = [_part(one, base) for one in parts]
    for one in element.children:
        if one.name not in _KNOWN and not one.children and one.text.strip():
            made.parameters[one.name] = one.text.strip()
        elif one.name == "point":
            made.parameters["point"] = [_at(one, "x", base), _at(one, "y", base)]
    _attributes(element.find("attributes"), made.answers)
    return made


def _attributes(element: Element | None, answers: dict[str, Any]) -> None:
    for one in element.children if element is not None else ():
        name, value = one.said("name"), one.find("value")
        if one.name != "attribute" or not name or value is None:
            raise FormatError("must have a name and a value.", where="attributes, attribute")
        before = answers.get(name)
        if isinstance(before, list):
            before.append(value.text)
        elif isinstance(before, str) and name != "pose":
            answers[name] = [before, value.text]
        else:
            answers[name] = value.text


def box_of(element: Element, base: int) -> Rectangle:
    """Return a box whose first pixel is called `base`."""
    left, top, right, bottom = (_at(element, side, 0) for side in _BOX)
    width, height = right - left + base, bottom - top + base
    if width <= 0 or height <= 0:
        raise FormatError(
            f"ends at {right:g}, {bottom:g}, and begins at {left:g}, {top:g}.", where="bndbox"
        )
    return Rectangle(left - base, top - base, width, height)


def _part(element: Element, base: int) -> Mapping[str, Any]:
    name, box = element.said("name"), element.find("bndbox")
    if not name or box is None:
        raise FormatError("must have a name and a box.", where="part")
    return {"name": name, "bbox": list(box_of(box, base).bounds)}


def _turned(element: Element, base: int) -> Rectangle:
    cx, cy = _at(element, "cx", base), _at(element, "cy", base)
    width, height, angle = (_at(element, side, 0) for side in ("w", "h", "angle"))
    if width <= 0 or height <= 0:
        raise FormatError("has no area.", where="robndbox")
    degrees = math.degrees(angle)
    return Rectangle(cx - width / 2, cy - height / 2, width, height, round(degrees, 6))


def _polygon(element: Element, base: int) -> Polygon:
    said = {one.name: one for one in element.children}
    count = sum(name.startswith("x") for name in said)
    if set(said) != {f"{axis}{at}" for axis in "xy" for at in range(1, count + 1)}:
        raise FormatError("must have x1, y1, x2, y2 and so on.", where="polygon")
    ring = [
        tuple(_number(said[f"{axis}{at}"].text, f"polygon, {axis}{at}") - base for axis in "xy")
        for at in range(1, count + 1)
    ]
    parts = unbridge_ring(ring)  # type: ignore[arg-type]
    if not parts:
        raise FormatError("has fewer than 3 different corners.", where="polygon")
    return Polygon(parts)


def _at(element: Element, name: str, base: int) -> float:
    found = element.find(name)
    if found is None:
        raise FormatError("is not there.", where=f"{element.name}, {name}")
    return _number(found.text, f"{element.name}, {name}") - base


def _number(text: str, where: str) -> float:
    return number_in(text, where, "a number of pixels")
