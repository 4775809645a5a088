"""From the classifications of Encord to answers about pictures, and to classes of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.formats.encord.answers import WHO, read_answers, sorted_answers
from labelwidgets.formats.encord.rows import Row, Unit, confidence_of
from labelwidgets.formats.encord.shapes import CLASS
from labelwidgets.formats.picture_labels import PictureLabels
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Tag
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.validity import check_answers


class Classifications:
    """Takes in what is said of whole pictures and frames."""

    def __init__(self, found: PictureLabels, ontology: Ontology | None) -> None:
        self.found, self.ontology = found, ontology

    def take(self, one: Any, frame: int | None, unit: Unit, row: Row) -> None:
        """Take in one of them."""
        if not isinstance(one, Mapping):
            raise FormatError("must be an object.")
        if one.get("isDeleted"):
            return
        hash = one.get("classificationHash")
        told = row.classes.get(hash) if isinstance(hash, str) else None
        listed = told.get("classifications") if isinstance(told, Mapping) else None
        given = read_answers(listed or [], "classification_answers")
        at = unit.spot.frame if frame is None else frame
        parameters = {key: one[key] for key in WHO if isinstance(one.get(key), str)}
        confidence = confidence_of(one)
        asked = self.ontology.image_attributes if self.ontology is not None else []
        if CLASS in given and CLASS not in {made.name for made in asked}:
            self._tags(hash, given, at, unit, parameters, confidence)
            return
        answers: dict[str, AttributeValue] = {}
        for question, answer in given.items():
            for form in (answer, answer[0]) if _single(answer) else (answer,):
                try:
                    if self.ontology is not None:
                        check_answers(asked, {question: form}, "")
                except SchemaError:
                    continue
                if form is not None:
                    answers[question] = form if isinstance(form, str | list) else str(form)
                    if self.ontology is not None:
                        break
        left = {key: value for key, value in given.items() if key not in answers and value}
        if left:
            parameters["attributes"] = left
        if answers or left:
            self.found.put(
                None,
                Tag(),
                unit.spot.item.id,
                unit.spot.size,
                frame=at,
                id=hash if isinstance(hash, str) else None,
                attributes=answers,
                parameters=parameters,
                confidence=confidence,
            )

    def _tags(
        self,
        hash: Any,
        given: dict[str, Any],
        frame: int | None,
        unit: Unit,
        parameters: dict[str, Any],
        confidence: float | None,
    ) -> None:
        """Take in the classes of a whole picture, with the answers to their questions."""
        names = given.pop(CLASS)
        for one in [names] if isinstance(names, str) else names or []:
            name = self.found.name_of(one, CLASS)
            answers, others = sorted_answers(self.found, name, given)
            self.found.put(
                name,
                Tag(),
                unit.spot.item.id,
                unit.spot.size,
                frame=frame,
                id=hash if isinstance(hash, str) else None,
                attributes=answers,
                parameters=parameters | ({"attributes": others} if others else {}),
                confidence=confidence,
            )


def _single(answer: Any) -> bool:
    return isinstance(answer, list) and len(answer) == 1
