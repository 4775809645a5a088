"""Outlines and masks that a COCO file gives beside joints.

Joints are the shape of such a label, as they say most. Its outline is a parameter of the origin,
``segmentation``, and is written again while nobody has changed the label: with other joints it
would be that of another pose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labelwidgets.errors import FormatError, GeometryError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.measures_told import SEGMENTATION, is_as_read
from labelwidgets.formats.coco.shapes import Code, rings_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import RLE, Keypoints, Mask

# Runs of pycocotools have 32 bits.
_RUN_END = 1 << 32


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


def outline_of(annotation: Annotation) -> dict[str, Any]:
    """Return the segmentation that joints were read with, unless they were changed since."""
    if not isinstance(annotation.geometry, Keypoints) or not is_as_read(annotation):
        return {}
    given = annotation.origin.parameters.get(SEGMENTATION)
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
