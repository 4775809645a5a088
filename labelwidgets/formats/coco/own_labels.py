"""Annotations that labelwidgets has written, with what other tools have changed in them."""

from __future__ import annotations

from typing import Any

import msgspec

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.categories import Entry
from labelwidgets.formats.coco.label_fields import confidence_of
from labelwidgets.formats.coco.measures_told import is_told, without_told
from labelwidgets.formats.coco.outlines_read import Outline
from labelwidgets.formats.coco.outlines_told import all_told, outline_told
from labelwidgets.formats.coco.places import Place
from labelwidgets.formats.coco.shapes import read_shape
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Tag
from labelwidgets.schema.misfits import in_words

# Boxes that differ by more than this were moved by another tool, not rounded by it.
_MOVED = 0.01
_TAG: dict[str, str] = {"type": "tag"}


def own_label(
    label: records.Label, place: Place, category: Entry, outline: Outline | None = None
) -> Annotation:
    """Return a record that labelwidgets has written, with what others changed in COCO's fields."""
    extension = records.decode(label.labelwidgets, dict[str, Any], "labelwidgets")
    extension.pop("empty", None)
    kind, shape = extension.pop("type", None), extension.pop("geometry", None)
    data = extension | {"item_id": place.item, "frame": place.frame, "geometry": _TAG}
    if not records.is_null(label.attributes):
        data["attributes"] = records.decode(label.attributes, dict[str, Any], "attributes")
    try:
        annotation = Annotation.from_dict(data)
        kept = msgspec.convert(shape, AnyGeometry) if shape is not None else None
    except SchemaError as error:
        raise error.at("labelwidgets") from None
    except msgspec.ValidationError as error:
        raise in_words(error).at(FormatError, "labelwidgets.geometry") from None
    if kept is None:
        kept = read_shape(label, joints=category.joints, kind=kind, outline=outline)
    elif _moved(kept, label):
        kept = read_shape(label, joints=category.joints, outline=outline)
    origin = annotation.origin
    if origin.name == "coco" and (is_told(origin.parameters) or outline_told(label, kept)):
        again = without_told(origin.parameters) | all_told(label, kept)
        origin = msgspec.structs.replace(origin, parameters=again)
    return msgspec.structs.replace(
        annotation,
        geometry=kept,
        class_name=category.name,
        confidence=confidence_of(label.score),
        origin=origin,
    )


def _moved(geometry: AnyGeometry, label: records.Label) -> bool:
    bounds = geometry.bounds
    return (
        isinstance(geometry, Tag)
        or bounds is None
        or label.bbox is None
        or len(label.bbox) != 4
        or any(abs(a - b) > _MOVED for a, b in zip(bounds, label.bbox, strict=True))
    )
