"""The XML of the website LabelMe: polygons, boxes, and masks in files of their own."""

from __future__ import annotations

import re
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.labelme.shapes import placed
from labelwidgets.formats.mask_pictures import read_mask
from labelwidgets.formats.matching import path_parts
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.warned import warn
from labelwidgets.formats.xml_elements import Element, elements
from labelwidgets.schema.geometry import Mask, Polygon, Rectangle

_MAX_PNG = 1 << 26


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of the website."""
    if b"<bndbox>" in head:
        return False  # Pascal VOC, with polygons.
    return re.search(rb"<annotation[\s>]", head) is not None and (
        b"<polygon>" in head or b"<segm>" in head or b"<sourceAnnotation>LabelMe" in head
    )


class Website:
    """One reading of some XML files.

    Parameters
    ----------
    found
        Where labels go.
    source
        Where the files are, and those of the masks.
    """

    def __init__(self, found: PictureLabels, source: Input) -> None:
        self._found, self._source = found, source
        self._deleted = 0

    def read(self, name: str) -> None:
        """Take in a file."""
        where = self._source.where(name)
        prefix = "" if self._source.single else f"{name}, "
        with self._source.open(name) as file:
            root, *inside = elements(file, where)
        if root.name != "annotation":
            raise FormatError(
                f"begins with <{root.name[:40]}>, must begin with <annotation>.", where=where
            )
        whole = Element("annotation", {}, root.line, children=inside)
        folder, title = whole.said("folder"), whole.said("filename")
        sides = [whole.said("imagesize", key) for key in ("ncols", "nrows")]
        size = tuple(map(_whole, sides)) if any(sides) else None
        objects = [one for one in inside if one.name == "object"]
        names = [f"{folder}/{title}"] if folder else []
        spot = self._found.spot(
            prefix.removesuffix(", ") or "file",
            [*names, title],
            size=size,  # type: ignore[arg-type]
            labels=len(objects),
            stems=[name.removesuffix(".xml")],
        )
        if spot is None:
            return
        for one in objects:
            try:
                self._read_object(one, spot, name, folder)
            except LabelwidgetsError as error:
                self._found.wrong(f"{prefix}line {one.line}, object", one.said("id"), error)

    def say(self) -> None:
        """Tell of objects that were deleted."""
        if self._deleted:
            deleted = numbered(self._deleted, "deleted object")
            warn(f"{self._found.problems.file}: {deleted}, not read.")

    def _read_object(self, one: Element, spot: Spot, file: str, folder: str) -> None:
        if one.said("deleted") == "1":
            self._deleted += 1
            return
        name = self._found.name_of(one.said("name"), "name")
        polygon, segm = one.find("polygon"), one.find("segm")
        if polygon is not None:
            shape: Any = _outline(polygon, one.said("type") == "bounding_box")
        elif segm is not None:
            shape = self._mask(segm, spot, file, folder)
        else:
            raise FormatError("has no polygon and no segm.", where="polygon")
        given: dict[str, Any] = {}
        free = []
        for part in one.said("attributes").split(","):
            key, equals, value = part.partition("=")
            if equals and key.strip():
                given[key.strip()] = value.strip()
            elif part.strip():
                free.append(part.strip())
        answers, others = self._found.answers(name, given)
        holder = polygon or segm
        author = holder.said("username") if holder is not None else ""
        parameters: dict[str, Any] = {
            key: text
            for key, text in (
                ("id", one.said("id")),
                ("occluded", one.said("occluded")),
                ("verified", one.said("verified").replace("0", "")),
                ("date", one.said("date")),
                ("description", ", ".join(free)),
                ("has_parts", one.said("parts", "hasparts")),
                ("part_of", one.said("parts", "ispartof")),
            )
            if text
        }
        if others:
            parameters["attributes"] = others
        self._found.keep(
            name, shape, spot, attributes=answers, parameters=parameters, author=author or None
        )

    def _mask(self, segm: Element, spot: Spot, file: str, folder: str) -> Mask:
        picture = segm.said("mask")
        if path_parts(picture) != [picture]:
            raise FormatError("must be the name of a file.", where="segm, mask")
        if self._source.single:
            # Nothing that the file says leads further up.
            inside = path_parts(folder)
            place = "/".join([*[".."] * (len(inside) + 1), "Masks", *inside, picture])
        else:
            base = file.replace("\\", "/").split("/")[:-1]
            base = ["Masks" if part == "Annotations" else part for part in base]
            place = "/".join([*base, picture])
        values = read_mask(self._source.read(place, _MAX_PNG), place).values > 0
        size = spot.size or (values.shape[1], values.shape[0])
        x = y = 0
        if (values.shape[1], values.shape[0]) != size:
            x, y = (_whole(segm.said("box", key)) for key in ("xmin", "ymin"))
        return placed(values, x, y, size)


def _outline(polygon: Element, box: bool) -> Rectangle | Polygon:
    points = [
        (_number(one.said("x"), "x"), _number(one.said("y"), "y"))
        for one in polygon.children
        if one.name == "pt"
    ]
    xs, ys = {x for x, _ in points}, {y for _, y in points}
    if box and len(points) == 4 and len(xs) == len(ys) == 2:
        x, y = min(xs), min(ys)
        return Rectangle(x, y, max(xs) - x, max(ys) - y)
    return Polygon([[points]])


def _number(text: str, where: str) -> float:
    try:
        return float(text[:40])
    except ValueError:
        raise FormatError(f"must be a number, not {text[:40]!r}.", where=where) from None


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise FormatError(f"must be a whole number from 0, not {text[:40]!r}.", where="size")
    return int(text)
