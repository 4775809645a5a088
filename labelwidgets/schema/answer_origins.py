"""Which answers about an image a model proposed, how, and how sure it was.

All answers about an image are one label. Where a model proposed some of them, the origin of that
label says which, in its `parameters`: what a person answered beside it, or put right later, is
told apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import AttributeValue

ANSWERS = "answers"


class ProposedAnswer(msgspec.Struct, frozen=True):
    """The answer to a question about an image, as a model proposed it.

    Parameters
    ----------
    answer
        What it proposed, whatever was made of that.
    name, version
        Of the model.
    confidence
        How sure it was, from 0 to 1; None where it did not say.
    """

    answer: AttributeValue
    name: str | None = None
    version: str | None = None
    confidence: float | None = None


def proposed_answers(origin: Origin) -> dict[str, ProposedAnswer]:
    """Return what a model proposed as answers, by question; what is not of this form is none."""
    given = origin.parameters.get(ANSWERS)
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, ProposedAnswer] = {}
    for question, one in given.items():
        try:
            found[str(question)] = msgspec.convert(one, ProposedAnswer)
        except msgspec.ValidationError:
            continue
    return found


def with_proposed(origin: Origin, proposed: Mapping[str, ProposedAnswer]) -> Origin:
    """Return an origin that also says what a model proposed as answers."""
    if not proposed:
        return origin
    made: dict[str, Any] = {name: msgspec.to_builtins(one) for name, one in proposed.items()}
    known = origin.parameters.get(ANSWERS)
    before = known if isinstance(known, Mapping) else {}
    parameters = {**origin.parameters, ANSWERS: {**before, **made}}
    return msgspec.structs.replace(origin, parameters=parameters)


def of_model(
    model: Origin, answers: Mapping[str, AttributeValue], confidence: float | None
) -> Origin:
    """Return the origin of answers that a model proposed at once."""
    return with_proposed(
        model,
        {
            name: ProposedAnswer(said, model.name, model.version, confidence)
            for name, said in answers.items()
        },
    )


def only(label: Annotation, questions: Collection[str]) -> Annotation:
    """Return a label about an image with its answers to some questions alone."""
    answers = {name: said for name, said in label.attributes.items() if name in questions}
    origin = label.origin
    proposed = {name: one for name, one in proposed_answers(origin).items() if name in questions}
    bare = {name: value for name, value in origin.parameters.items() if name != ANSWERS}
    by = with_proposed(msgspec.structs.replace(origin, parameters=bare), proposed)
    return msgspec.structs.replace(label, attributes=answers, origin=by)


def merged(first: Annotation, second: Annotation) -> Annotation:
    """Return the answers of two labels about one image, those of the second before the first's.

    It is as sure as the less sure of them, and of the origin of the first.
    """
    sure = [one.confidence for one in (first, second) if one.confidence is not None]
    return msgspec.structs.replace(
        first,
        attributes=first.attributes | second.attributes,
        origin=with_proposed(first.origin, proposed_answers(second.origin)),
        confidence=min(sure, default=None),
    )
