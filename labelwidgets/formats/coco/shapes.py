"""Shapes from and to the fields of a COCO annotation.

Both sides have the same pixels: (0, 0) is the outer corner of the first one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.errors import FormatError, GeometryError
from labelwidgets.formats.coco.measures_told import area_of
from labelwidgets.formats.coco.outlines_read import Outline
from labelwidgets.formats.coco.records import Label, decode, is_null
from labelwidgets.formats.mending import without_slivers
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.outlines import ellipse_ring
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    RLE,
    Ellipse,
    Keypoints,
    Mask,
    Polygon,
    Rectangle,
    Ring,
)

_PART = re.compile(r"^parts\[(\d+)\](\[0\])?")


class Code(msgspec.Struct):
    """A run-length code as files have it, compressed or as a list of runs."""

    size: list[int]
    counts: str | list[int]


class Written(NamedTuple):
    """The fields of an annotation, and whether the shape can be read back from them exactly."""

    fields: dict[str, Any]
    exact: bool


def read_shape(
    label: Label,
    *,
    joints: int = 0,
    kind: str | None = None,
    outline: Outline | None = None,
) -> AnyGeometry:
    """Return the shape of an annotation: the one that says most about it.

    That is, the labelled joints if its class has a skeleton, else the
    segmentation, else the box.

    Parameters
    ----------
    label
        The annotation.
    joints
        Number of joints of its class.
    kind
        Take the field that shapes of this type are written to.
    outline
        What its segmentation is, where that is known: see `outlines_read.decoded`.

    Raises
    ------
    FormatError, GeometryError
        Naming the field.
    """
    if kind == "rectangle":
        return _box(label)
    points = label.keypoints or []
    if kind == "keypoints" or (kind is None and joints and any(points[2::3])):
        return _joints(points, joints)
    if outline is not None:
        return outline.geometry
    found = read_segmentation(label.segmentation)
    return _box(label) if found is None else found


def read_segmentation(raw: msgspec.Raw | bytes) -> Mask | Polygon | None:
    """Return the shape of a segmentation, None of an empty one.

    Raises
    ------
    FormatError, GeometryError
        Naming the field.
    """
    if bytes(raw).startswith(b"{"):
        code = decode(raw, Code, "segmentation")
        try:
            return Mask(RLE(tuple(code.size), code.counts))  # type: ignore[arg-type]
        except GeometryError as error:
            raise error.at("segmentation") from None
    rings = [] if is_null(raw) else without_slivers(rings_of(raw))
    if not rings:
        return None
    parts = [[_ring(ring, f"segmentation[{r}]")] for r, ring in enumerate(rings)]
    try:
        return Polygon(parts)
    except GeometryError as error:
        raise FormatError(error.message, where=field_of(error.where)) from None


def field_of(where: str | None) -> str:
    """Return the field of a record that a place in its polygon is in: a ring of its outline."""
    return _PART.sub(r"segmentation[\1]", where or "")


def _box(label: Label) -> Rectangle:
    if label.bbox is None or not label.bbox:
        raise FormatError("has neither a segmentation nor a box.", where="bbox")
    if len(label.bbox) != 4:
        raise FormatError(
            f"must be [x, y, width, height], has {numbered(len(label.bbox), 'number')}.",
            where="bbox",
        )
    try:
        return Rectangle(*label.bbox)
    except GeometryError as error:
        raise error.at("bbox") from None


def _joints(points: list[float], joints: int) -> Keypoints:
    if len(points) % 3 or (joints and len(points) != 3 * joints):
        wanted = f"{joints} times" if joints else "groups of"
        raise FormatError(
            f"must be {wanted} x, y, visibility, has {numbered(len(points), 'number')}.",
            where="keypoints",
        )
    triples = zip(points[0::3], points[1::3], points[2::3], strict=True)
    try:
        return Keypoints(list(triples))  # type: ignore[arg-type]
    except GeometryError as error:
        raise error.at("keypoints") from None


def rings_of(segmentation: msgspec.Raw | bytes) -> list[list[float]]:
    """Return the rings x, y, x, y, ... of an outline; raise FormatError if it is none."""
    try:
        return decode(segmentation, list[list[float]], "segmentation")
    except FormatError as error:
        try:
            flat = decode(segmentation, list[float], "segmentation")
        except FormatError:
            raise error from None
        return [flat]


def _ring(numbers: list[float], field: str) -> Ring:
    if len(numbers) % 2:
        raise FormatError(
            f"has {numbered(len(numbers), 'number')}, which are no pairs of x and y.", where=field
        )
    if len(numbers) < 6:
        raise FormatError(
            f"has {len(numbers) // 2} points, a polygon needs at least 3.", where=field
        )
    return list(zip(numbers[0::2], numbers[1::2], strict=True))


def write_shape(geometry: AnyGeometry, size: tuple[int, int] | None) -> Written | None:
    """Return the fields for a shape, None if COCO has no place for it.

    Parameters
    ----------
    geometry
        The shape.
    size
        (width, height) of the image in pixels, None if it is not known.

    Raises
    ------
    FormatError
        If the size is needed and not known, or a mask is of another size.
    """
    exact = True
    segmentation: Any
    more: dict[str, Any] = {}
    area = geometry.area
    if isinstance(geometry, Rectangle):
        segmentation = [_flat(geometry.corners)]
        exact = geometry.angle == 0
    elif isinstance(geometry, Ellipse):
        segmentation, exact = [_flat(ellipse_ring(geometry))], False
    elif isinstance(geometry, Polygon):
        if any(len(part) > 1 for part in geometry.parts):
            width, height = _needed(size, "polygon with holes")
            segmentation = encode_rle(polygon_to_mask(geometry.parts, (height, width)))
            exact = False
        else:
            segmentation = flat_rings(geometry.parts)
    elif isinstance(geometry, Mask):
        height, width = geometry.rle.size
        if size is not None and size != (width, height):
            raise FormatError(
                f"is {width} x {height} pixels, the image is {size[0]} x {size[1]}.",
                where="geometry",
            )
        if not area:
            return None
        segmentation = {"size": [height, width], "counts": geometry.rle.counts}
    elif isinstance(geometry, Keypoints) and any(v for _, _, v in geometry.points):
        width, height = _needed(size, "skeleton")
        # What pycocotools takes, without any pixel that nobody has drawn.
        segmentation = RLE((height, width), [height * width])  # type: ignore[arg-type]
        more["keypoints"] = [number for point in geometry.points for number in point]
        more["num_keypoints"] = sum(1 for _, _, v in geometry.points if v)
        area = area_of(geometry)
    else:
        return None
    bounds = geometry.bounds
    return Written(
        {"bbox": list(bounds), "area": area, "segmentation": segmentation, **more}, exact
    )


def _needed(size: tuple[int, int] | None, what: str) -> tuple[int, int]:
    if size is None:
        raise FormatError(f"is a {what}, for which the size of its image is needed.")
    return size


def flat_rings(parts: Iterable[list[Ring]]) -> list[list[float]]:
    """Return the outer rings of an outline as lists of x, y, x, y, ..."""
    return [_flat(part[0]) for part in parts]


def _flat(ring: Ring) -> list[float]:
    return [number for point in ring for number in point]
