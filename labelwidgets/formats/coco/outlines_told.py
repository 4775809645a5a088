"""Outlines and masks that a COCO file gives beside joints.

Joints are the shape of such a label, as they say most. Its outline is a parameter of the origin,
``segmentation``, and is written again while these are the joints that it was beside: with others
it would be that of another pose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labelwidgets.errors import FormatError, GeometryError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.measures_told import SEGMENTATION, is_as_told, measures_of, told_by
from labelwidgets.formats.coco.outlines_read import Outline
from labelwidgets.formats.coco.shapes import Code, rings_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import RLE, Keypoints, Mask
from labelwidgets.schema.told_shapes import SHAPE, digest_of

# Runs of pycocotools have 32 bits.
_RUN_END = 1 << 32


def all_told(
    label: records.Label, geometry: AnyGeometry, outline: Outline | None = None
) -> dict[str, Any]:
    """Return what a record says beside its shape, as parameters of the origin.

    That is its box, its area, its outline, and which shape they are of.

    Parameters
    ----------
    label, geometry, outline
        As for `told_by`.
    """
    told = told_by(label, geometry, outline) | outline_told(label, geometry)
    return told | {SHAPE: digest_of(geometry)} if told else told


def told_anew(annotation: Annotation) -> Annotation:
    """Return a label with what was told of its shape, which was mended, as told of that one."""
    origin = annotation.origin
    if SHAPE not in origin.parameters:
        return annotation
    parameters = origin.parameters | {SHAPE: digest_of(annotation.geometry)}
    origin = msgspec.structs.replace(origin, parameters=parameters)
    return msgspec.structs.replace(annotation, origin=origin)


def told_of(annotation: Annotation) -> dict[str, Any]:
    """Return what a label was read with, its box, area and outline, where that is still true."""
    if not is_as_told(annotation):
        return {}
    made = measures_of(annotation)
    given = annotation.origin.parameters.get(SEGMENTATION)
    if isinstance(annotation.geometry, Keypoints) and _is_segmentation(given):
        made[SEGMENTATION] = given
    return made


def outline_told(label: records.Label, geometry: AnyGeometry) -> dict[str, Any]:
    """Return the segmentation of a record as it stands there, where its shape is joints.

    One without pixels says nothing, and is what is written of joints that have none. One that is
    neither rings nor a run-length code is none; what else may be wrong with it is not looked at,
    as little as without it.

    Parameters
    ----------
    label, geometry
        The record and its shape.
    """
    if not isinstance(geometry, Keypoints) or records.is_null(label.segmentation):
        return {}
    given: Any
    try:
        if bytes(label.segmentation).startswith(b"{"):
            code = records.decode(label.segmentation, Code, SEGMENTATION)
            given = None if _is_empty(code) else msgspec.structs.asdict(code)
        else:
            given = rings_of(label.segmentation)
    except FormatError:
        return {}
    return {SEGMENTATION: given} if _is_segmentation(given) else {}


def without_outline(origin: Mapping[str, Any]) -> dict[str, Any]:
    """Return an origin as plain dicts without the segmentation, which its record has itself."""
    parameters = {n: one for n, one in origin["parameters"].items() if n != SEGMENTATION}
    rest = {name: one for name, one in origin.items() if name != "parameters"}
    return rest | ({"parameters": parameters} if parameters else {})


def _is_empty(code: Code) -> bool:
    """Say whether a run-length code is one of no pixels; of one that is wrong nobody knows."""
    try:
        return not Mask(RLE(tuple(code.size), code.counts)).area  # type: ignore[arg-type]
    except GeometryError:
        return False


def _is_segmentation(given: Any) -> bool:
    """Say whether something can be written as a segmentation that says something."""
    try:
        if not isinstance(given, Mapping):
            return any(msgspec.convert(given, list[list[float]]))
        code = msgspec.convert(given, Code)
    except (msgspec.ValidationError, UnicodeError):
        return False
    runs = code.counts if isinstance(code.counts, list) else []
    return all(0 <= one < _RUN_END for one in (*code.size, *runs))
