"""Which required answers a track lacks: they may change from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Attribute, AttributeValue
from labelwidgets.schema.tracks import Track
from labelwidgets.schema.validity import missing_answers


def missing_anywhere(attributes: Sequence[Attribute], annotation: Annotation) -> list[str]:
    """Return the names of required questions that a label leaves open.

    A track leaves one open that is asked and has no answer on any frame on which the object is
    in the picture; an answer of a keyframe holds until a later one answers otherwise.
    """
    if not any(attribute.required for attribute in attributes):
        return []
    if not isinstance(annotation.geometry, Track):
        return missing_answers(attributes, annotation.attributes)
    answers: dict[str, AttributeValue] = dict(annotation.attributes)
    found: set[str] = set()
    judged = False
    for made in annotation.geometry.keyframes.values():
        if made.attributes:
            answers.update(made.attributes)
            judged = False
        if not made.outside and not judged:
            found.update(missing_answers(attributes, answers))
            judged = True
    return [attribute.name for attribute in attributes if attribute.name in found]
