"""Answers of a label that its ontology does not allow, taken out of it one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from labelwidgets.errors import LabelwidgetsError, OntologyError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.track_validity import check_said
from labelwidgets.schema.tracks import Keyframe, Track
from labelwidgets.schema.validity import check_answers


def without_unfit_answers(
    annotation: Annotation, ontology: Ontology
) -> tuple[Annotation, list[LabelwidgetsError]]:
    """Return a label without the answers that its ontology does not allow, and why they are not.

    They are kept in the parameters of its origin: ``attributes`` by their questions, and of
    keyframes ``attributes_by_frame`` by question and frame.

    Parameters
    ----------
    annotation
        The label.
    ontology
        It has the class of the label.
    """
    left: list[LabelwidgetsError] = []
    asked = ontology.image_attributes
    where = "image"
    if annotation.class_name is not None:
        made = ontology[annotation.class_name]
        asked, where = made.attributes, f"class {made.name!r}"
    fits, others = _sorted(
        annotation.attributes, lambda one: check_answers(asked, one, where), "", left
    )
    geometry, moving = annotation.geometry, dict[str, dict[str, Any]]()
    if isinstance(geometry, Track) and annotation.class_name is not None:
        keyframes: dict[int, Keyframe] = {}
        for frame, one in geometry.keyframes.items():
            mine, theirs = _sorted(
                one.attributes,
                lambda said: check_said(made, said, {}),
                f"keyframes[{frame}]",
                left,
            )
            for name, answer in theirs.items():
                moving.setdefault(name, {})[str(frame)] = answer
            keyframes[frame] = msgspec.structs.replace(one, attributes=mine) if theirs else one
        if moving:
            geometry = msgspec.structs.replace(geometry, keyframes=keyframes)
    if not left:
        return annotation, left
    parameters = dict(annotation.origin.parameters)
    for field, more in (("attributes", others), ("attributes_by_frame", moving)):
        if more:
            before = parameters.get(field)
            parameters[field] = {**(before if isinstance(before, Mapping) else {}), **more}
    origin = msgspec.structs.replace(annotation.origin, parameters=parameters)
    changes: dict[str, Any] = {"attributes": fits, "geometry": geometry, "origin": origin}
    return msgspec.structs.replace(annotation, **changes), left


def _sorted(
    given: Mapping[str, AttributeValue],
    check: Callable[[dict[str, AttributeValue]], None],
    where: str,
    left: list[LabelwidgetsError],
) -> tuple[dict[str, AttributeValue], dict[str, AttributeValue]]:
    """Return the answers that pass, and the others; note why they do not."""
    fits: dict[str, AttributeValue] = {}
    others: dict[str, AttributeValue] = {}
    for name, answer in given.items():
        try:
            check({name: answer})
            fits[name] = answer
        except OntologyError as error:
            others[name] = answer
            left.append(error.at(where) if where else error)
    return fits, others
