"""Annotations that other tools have written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.errors import SchemaError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.categories import CATEGORY, Categories, Entry
from labelwidgets.formats.coco.label_fields import answer_of, confidence_of, track_of
from labelwidgets.formats.coco.outlines_read import Outline
from labelwidgets.formats.coco.outlines_told import all_told
from labelwidgets.formats.coco.places import Place
from labelwidgets.formats.coco.shapes import read_shape
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.ids import ids_ahead
from labelwidgets.schema.ontology import ObjectClass
from labelwidgets.schema.renames import Renames
from labelwidgets.schema.validity import check_answers


class ForeignLabels:
    """Makes labels of records.

    Parameters
    ----------
    categories
        Of the file.
    classes
        Of the ontology by name, which say what is an answer.
    renames
        What these were called before.
    """

    def __init__(
        self, categories: Categories, classes: Mapping[str, ObjectClass], renames: Renames
    ) -> None:
        self._categories, self._classes, self._renames = categories, classes, renames
        self._new_ids = ids_ahead()
        # Pictures of which has been said what LVIS says of them.
        self._told: set[tuple[str, int | None]] = set()
        # Classes of which has been said what else the file says of them.
        self._described: set[str] = set()

    def label(
        self,
        label: records.Label,
        place: Place,
        category: Entry,
        kind: str | None = None,
        outline: Outline | None = None,
    ) -> Annotation:
        """Return the annotation that a record is.

        Parameters
        ----------
        label, place, category
            The record, its picture and its class.
        kind
            As for `read_shape`.
        outline
            What its segmentation is, where that is known.
        """
        parameters: dict[str, Any] = {} if label.id is None else {"id": label.id}
        if label.iscrowd and label.iscrowd != "false":
            parameters["iscrowd"] = 1
        attributes, others = self.answers_of(label.attributes, category.name)
        if others:
            parameters["attributes"] = others
        if place.said and (place.item, place.frame) not in self._told:
            # Once for each picture: it is of that, not of the label.
            self._told.add((place.item, place.frame))
            parameters |= {field: self._names(ids) for field, ids in place.said}
        if category.name not in self._described and category.told and not place.video:
            # Once for each class, so that it goes through a project with its first label.
            self._described.add(category.name)
            parameters[CATEGORY] = category.told
        geometry = read_shape(label, joints=category.joints, kind=kind, outline=outline)
        track = track_of(label.track_id, label.instance_id)
        parameters |= all_told(label, geometry, outline)
        return Annotation(
            id=next(self._new_ids),
            item_id=place.item,
            frame=place.frame,
            class_name=category.name,
            geometry=geometry,
            attributes=attributes,
            track_id=track,
            confidence=confidence_of(label.score),
            origin=Origin("import", "coco", parameters=parameters),
        )

    def said(self, place: Place) -> dict[str, list[str]]:
        """Return what LVIS says of a picture, if no label of it has it."""
        if (place.item, place.frame) in self._told:
            return {}
        return {field: self._names(ids) for field, ids in place.said}

    def _names(self, ids: Sequence[records.Id]) -> list[str]:
        """Return the names of classes, which keep their meaning when ids change."""
        found = [self._categories.get(id) for id in ids]
        return [one.name for one in found if one is not None]

    def answers_of(
        self, given: msgspec.Raw, class_name: str
    ) -> tuple[dict[str, AttributeValue], dict[str, Any]]:
        """Return the answers that the ontology has questions for, and the others."""
        if records.is_null(given):
            return {}, {}
        current = self._renames.class_name(class_name) or class_name
        made = self._classes.get(current)
        answers: dict[str, AttributeValue] = {}
        others: dict[str, Any] = {}
        for name, value in records.decode(given, dict[str, Any], "attributes").items():
            answer = value if isinstance(value, list) else answer_of(value)
            try:
                mine = self._renames.answers(current, {name: answer})
                check_answers(made.attributes if made else (), mine, "")
                answers |= mine
            except SchemaError:
                others[name] = value
        return answers, others
