"""The annotation and category records of a COCO file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.class_groups import GROUP, group_of
from labelwidgets.formats.coco.categories import CATEGORY
from labelwidgets.formats.coco.measures_told import SEGMENTATION
from labelwidgets.formats.coco.outlines_told import told_of, without_outline
from labelwidgets.formats.coco.records import OF_CLASSES
from labelwidgets.formats.coco.shapes import write_shape
from labelwidgets.formats.dropped import Dropped
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Geometry
from labelwidgets.schema.ontology import ObjectClass

_CATEGORY = {"id", "name", GROUP, "keypoints", "skeleton"}
# What the extension of an annotation need not say again.
_ELSEWHERE = ("item_id", "frame", "class_name", "geometry", "attributes", "confidence")


class LabelRecords:
    """Makes the records of labels, and counts those that are kept on their images.

    Parameters
    ----------
    category_ids
        Of the classes, by their names.
    dropped
        Where they are counted.
    """

    def __init__(self, category_ids: Mapping[str, int], dropped: Dropped) -> None:
        self.category_ids, self._dropped = category_ids, dropped
        self.image_answers = 0

    def record(
        self, annotation: Annotation, image: dict[str, Any], id: int, *, kept: bool = False
    ) -> dict[str, Any] | None:
        """Return the annotation record, or None after putting it into that of its image."""
        size = (image["width"], image["height"]) if "width" in image else None
        name = annotation.class_name
        if name is not None and name not in self.category_ids:
            raise FormatError(f"{name!r} is not a class of the ontology.", where="class_name")
        written = None if name is None else write_shape(annotation.geometry, size)
        if written is None and kept:
            return None
        if name is None or written is None:
            if name is None:
                self.image_answers += bool(annotation.attributes)
                self.tell_of(annotation, image)
            else:
                self.hide(annotation.geometry)
            image["labelwidgets"].setdefault("annotations", []).append(annotation)
            return None
        extension = {
            "type": annotation.geometry.type,
            **_without(annotation.to_dict(), *_ELSEWHERE),
        }
        if not written.exact:
            extension["geometry"] = annotation.geometry
        told = told_of(annotation) if written.exact else {}
        if SEGMENTATION in told:
            extension["origin"] = without_outline(extension["origin"])
        label: dict[str, Any] = {
            "id": id,
            "image_id": image["id"],
            "category_id": self.category_ids[name],
            **written.fields,
            **told,
            "iscrowd": _iscrowd(annotation),
        }
        self.tell_of(annotation, image)
        if annotation.attributes:
            label["attributes"] = annotation.attributes
        if annotation.confidence is not None:
            label["score"] = annotation.confidence
        label["labelwidgets"] = extension
        return label

    def tell_of(self, annotation: Annotation, image: dict[str, Any]) -> None:
        """Say of a picture what its file said of it, where a label of it knows."""
        if annotation.origin.name == "coco":
            self.tell(annotation.origin.parameters, image)

    def tell(self, told: Mapping[str, Any], image: dict[str, Any]) -> None:
        """Say of a picture what its file said of it: which classes are not on it, or in part."""
        for field in OF_CLASSES:
            names = told.get(field)
            if isinstance(names, list):
                image[field] = [self.category_ids[one] for one in names if one in self.category_ids]

    def hide(self, geometry: Geometry) -> None:
        """Count a shape that other readers do not find; raise if that is strict."""
        empties = ("mask", "keypoints", "volumemask")
        empty = geometry.type in empties and not (geometry.type != "keypoints" and geometry.area)
        kind = f"empty {geometry.type}" if empty else geometry.type
        if self._dropped.strict:
            raise FormatError(
                f"COCO has no place for a shape of type {kind}.",
                where="geometry",
                hint="Leave it out, or write with strict=False.",
            )
        self._dropped.add({kind: 1})


def category_fields_of(annotations: Iterable[Annotation]) -> dict[str, dict[str, Any]]:
    """Return what labels have of the categories that they were read with, by their classes."""
    found: dict[str, dict[str, Any]] = {}
    for one in annotations:
        if CATEGORY in one.origin.parameters and one.origin.name == "coco":
            given = one.origin.parameters[CATEGORY]
            if isinstance(given, Mapping) and one.class_name is not None:
                found.setdefault(one.class_name, dict(given))
    return found


def category_record(
    id: int, made: ObjectClass, groups: Mapping[str, str], more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the record of a class, with fields that it was read with."""
    record: dict[str, Any] = {"id": id, "name": made.name, GROUP: group_of(made, groups, more)}
    record |= {name: value for name, value in more.items() if name not in _CATEGORY}
    if made.skeleton is not None:
        record["keypoints"] = made.skeleton.joints
        record["skeleton"] = [[a + 1, b + 1] for a, b in made.skeleton.edges]
    return record


def _iscrowd(annotation: Annotation) -> int:
    origin = annotation.origin
    return int(origin.name == "coco" and origin.parameters.get("iscrowd") == 1)


def _without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}
