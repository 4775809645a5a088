"""The XML of Pascal VOC."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labelwidgets.algorithms.bridged_rings import bridge_rings
from labelwidgets.formats.outlines import box_in, cut_box
from labelwidgets.formats.voc.objects import FLAGS
from labelwidgets.formats.xml_text import clean
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Bounds, Mask, Polygon, Rectangle

Size = tuple[int, int]
_YES = frozenset(("1", "yes", "true"))
# What an action may be called in XML.
_TAG = re.compile(r"[A-Za-z_][\w.-]{0,80}", re.ASCII)


def page_text(filename: str, size: Size | None, segmented: bool, objects: Sequence[str]) -> str:
    """Return the XML of a picture."""
    lines = ["<annotation>", f"  <filename>{clean(filename)}</filename>"]
    lines += ["  <source><database>labelwidgets</database></source>"]
    if size is not None:
        width, height = size
        lines.append(
            f"  <size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        )
    lines.append(f"  <segmented>{int(segmented)}</segmented>")
    return "\n".join([*lines, *objects, "</annotation>", ""])


def object_text(label: Annotation, size: Size | None, base: int, lost: Counter[str]) -> str | None:
    """Return the XML of an object, None where nothing of it lies on the picture.

    Parameters
    ----------
    label
        As it is on the picture.
    size
        (width, height) of the picture; None where it is not known.
    base
        What the first pixel is called.
    lost
        Gains what lies outside.
    """
    shape, said = label.geometry, label.origin.parameters
    if shape.bounds is None:
        return None
    if isinstance(shape, Mask) and not shape.area:
        lost["mask without pixels"] += 1
        return None
    given = box_in(said.get("bbox")) if isinstance(shape, Mask) else None
    bounds = given or shape.bounds
    box, cut = cut_box(bounds, size)
    lost["part outside of its picture"] += cut
    if box is None:
        return None
    lines = [f"  <object>\n    <name>{clean(label.class_name or '')}</name>"]
    pose = label.attributes.get("pose", said.get("pose", "Unspecified"))
    lines.append(f"    <pose>{clean(str(pose))}</pose>")
    for flag in FLAGS:
        lines.append(f"    <{flag}>{int(_set(label, flag))}</{flag}>")
    lines.append(f"    {_box(box, base)}")
    if isinstance(shape, Rectangle) and shape.angle % 360:
        lines.append(f"    {_turned(shape, base)}")
    elif isinstance(shape, Polygon):
        rings = [ring for part in shape.parts for ring in part]
        corners = [
            f"<{axis}{at}>{_text(value + base)}</{axis}{at}>"
            for at, point in enumerate(bridge_rings(rings), 1)
            for axis, value in zip("xy", point, strict=True)
        ]
        lines.append(f"    <polygon>{''.join(corners)}</polygon>")
    lines += _parts(said.get("parts"), base)
    lines += _actions(said.get("actions"), label.attributes.get("actions"))
    lines += _answers(label)
    return "\n".join([*lines, "  </object>"])


def _set(label: Annotation, flag: str) -> bool:
    answer = label.attributes.get(flag, label.origin.parameters.get(flag, False))
    return answer is True or (isinstance(answer, str) and answer.lower() in _YES)


def _box(bounds: Bounds, base: int) -> str:
    x, y, width, height = bounds
    # From 1, both ends are inside: the last pixel is called by its far edge.
    sides = (("xmin", x + base), ("ymin", y + base), ("xmax", x + width), ("ymax", y + height))
    inside = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in sides)
    return f"<bndbox>{inside}</bndbox>"


def _turned(shape: Rectangle, base: int) -> str:
    cx, cy = shape.x + shape.width / 2 + base, shape.y + shape.height / 2 + base
    angle = f"{math.radians(shape.angle):.9f}"
    return (
        f"<robndbox><cx>{_text(cx)}</cx><cy>{_text(cy)}</cy><w>{_text(shape.width)}</w>"
        f"<h>{_text(shape.height)}</h><angle>{angle}</angle></robndbox>"
    )


def _parts(given: Any, base: int) -> Iterator[str]:
    for part in given if isinstance(given, list) else ():
        box = box_in(part.get("bbox")) if isinstance(part, Mapping) else None
        if box is not None:
            name = clean(str(part.get("name") or "part"))
            yield f"    <part><name>{name}</name>{_box(box, base)}</part>"


def _actions(given: Any, answers: Any) -> Iterator[str]:
    said = dict(given) if isinstance(given, Mapping) else {}
    said |= dict.fromkeys(answers, True) if isinstance(answers, list) else {}
    inside = "".join(
        f"<{name}>{int(there is True)}</{name}>"
        for name, there in said.items()
        if _TAG.fullmatch(str(name))
    )
    if inside:
        yield f"    <actions>{inside}</actions>"


def _answers(label: Annotation) -> Iterator[str]:
    if not label.attributes:
        return
    yield "    <attributes>"
    for name, value in label.attributes.items():
        for one in value if isinstance(value, list) else [value]:
            yield (
                f"      <attribute><name>{clean(name)}</name>"
                f"<value>{clean(one)}</value></attribute>"
            )
    yield "    </attributes>"


def _text(value: float) -> str:
    """Return a number to a ten-thousandth of a pixel."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
