"""What a model may answer, and what becomes of it: shapes with a class and a confidence.

An answer comes from elsewhere. All of it is checked, and what does not fit is an error that says
what and where; nothing of such an answer is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import msgspec

from labelwidgets.algorithms.box_masks import BoxMask
from labelwidgets.assist.arrays import ClassMap, as_array, read_array, read_class_map
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.detections import box_of, is_detections, read_detections, set_pixels
from labelwidgets.assist.reading import MOST_VERTICES, Reading, vertices
from labelwidgets.assist.results import Proposal, Proposed
from labelwidgets.errors import AssistantError, LabelwidgetsError, OntologyError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import RLE, Geometry, Tag, VolumeMask
from labelwidgets.schema.validity import check_answers

_SCORE = ("score", "confidence", "probability")
_CLASS = ("class_name", "label", "class", "name")
_OFTEN = 100
_ASIDE = {"id", "annotation_id", *_SCORE, *_CLASS}


def read_answer(answer: Any, reading: Reading) -> Proposal:
    """Return what a model answered, as shapes with a class and a confidence.

    Parameters
    ----------
    answer
        - None, for nothing;
        - an array: a mask, a map of class numbers, or probabilities (see `read_array`);
        - a `ClassMap`;
        - a set of detections: a dict of torchvision's, `supervision.Detections`, a result of
          Ultralytics (see `read_detections`);
        - a shape, an `Annotation` or its dict, a `Proposed`; a tuple of a shape (or a mask) and
          its class, or of a shape, its class and its confidence;
        - a dict of a ``label``, a ``score`` and a ``box`` or a ``mask`` or neither, as Hugging
          Face's pipelines have it; ``{"attributes": {question: answer}}``;
        - a `Proposal`; or a list of any of these.
    reading
        What it is read with.

    Raises
    ------
    AssistantError
        If it is anything else, does not fit the picture or the ontology, or is too much.
    """
    note = None
    arrays: dict[str, Any] = {}
    if isinstance(answer, Proposal):
        note, arrays = answer.note, answer.arrays
        answer = answer.shapes
    shapes = _several(answer, reading)
    reading.check_count(len(shapes))
    nameless = next(
        (made for made in shapes if made.class_name is None and not made.attributes), None
    )
    if nameless is not None and reading.context.ontology is not None:
        raise AssistantError(
            f"answered with a {nameless.geometry.type} and no class.",
            hint="Select a class, or say one: lw.assistant(..., classes=[...]).",
        )
    _check_answers(shapes, reading)
    return Proposal(shapes, arrays, note or (None if shapes else "Nothing found."))


def _check_answers(shapes: Iterable[Proposed], reading: Reading) -> None:
    """Raise unless answers about the picture are ones that its questions allow."""
    ontology = reading.context.ontology
    if ontology is None:
        return
    for made in shapes:
        if made.class_name is not None or not made.attributes:
            continue
        asked = ontology.image_attributes
        try:
            check_answers(asked, made.attributes, "answers about the picture")
        except OntologyError as error:
            raise AssistantError(
                error.message,
                where=error.where,
                hint=f"Questions: {', '.join(one.name for one in asked)[:300] or 'none'}.",
            ) from None


def _several(answer: Any, reading: Reading) -> list[Proposed]:
    """Return the shapes of an answer, or of a list of answers."""
    if answer is None:
        return []
    if _is_one(answer):
        return _one(answer, reading)
    if isinstance(answer, str | bytes):
        raise AssistantError(
            f"answered with the text {_begin(answer)}, not with labels.",
            hint="A server that answers with a page is down, or another one.",
        )
    if isinstance(answer, Iterable) and not isinstance(answer, Mapping):
        # One more than allowed tells enough: there may be no end to it.
        entries = list(islice(answer, reading.most + 1))
        reading.check_count(len(entries))
        if entries and all(_is_word(entry) for entry in entries):
            # Words about the whole picture, of which the surest is meant.
            entries = [max(entries, key=lambda entry: _confidence(entry, reading) or 0.0)]
        shapes: list[Proposed] = []
        corners = 0
        for number, entry in enumerate(entries):
            # Thousands of outlines take a while to check.
            if number % _OFTEN == _OFTEN - 1:
                checkpoint()
            try:
                if not _is_one(entry):
                    raise _nothing(entry)
                made = _one(entry, reading)
                shapes += made
                corners += sum(vertices(one.geometry) for one in made)
            except LabelwidgetsError as error:
                raise error.at(f"answer[{number}]") from None
            reading.check_count(len(shapes))
            if corners > MOST_VERTICES:
                raise AssistantError(
                    f"answered with outlines of more than {MOST_VERTICES} points.",
                    hint="Let it thin them out, or answer with masks.",
                )
        return shapes
    raise _nothing(answer)


def _is_one(answer: Any) -> bool:
    if isinstance(answer, tuple):
        return (
            len(answer) in (2, 3)
            and isinstance(answer[1], str | int)
            and not isinstance(answer[0], str)
        )
    if isinstance(answer, Geometry | Annotation | Proposed | BoxMask | ClassMap | Mapping):
        return True
    return is_detections(answer) or as_array(answer) is not None


def _one(answer: Any, reading: Reading) -> list[Proposed]:
    if isinstance(answer, Proposed | Annotation):
        return _named_shape(
            answer.geometry, answer.class_name, answer.confidence, answer.attributes, reading
        )
    if isinstance(answer, tuple):
        return _tuple(answer, reading)
    if isinstance(answer, Geometry | BoxMask):
        return _shape(answer, reading.default_class(), None, reading)
    if isinstance(answer, ClassMap):
        return read_class_map(answer, reading)
    if is_detections(answer):
        return read_detections(answer, reading)
    if isinstance(answer, Mapping):
        return _record(answer, reading)
    array = as_array(answer)
    if array is None:
        raise _nothing(answer)
    return read_array(array, reading)


def _tuple(answer: tuple[Any, ...], reading: Reading) -> list[Proposed]:
    shape, said, *rest = answer
    confidence = reading.confidence_of(rest[0] if rest else None)
    name = reading.class_of(said)
    if name is None or not reading.enough(confidence):
        return []
    return _shape(shape, name, confidence, reading)


def _record(record: Mapping[str, Any], reading: Reading) -> list[Proposed]:
    """Read a dict: an annotation, a geometry, or a label with a box, a mask or neither."""
    confidence = _confidence(record, reading)
    said = next((record[key] for key in _CLASS if record.get(key) is not None), None)
    answers = record.get("attributes") or {}
    if record.get("geometry") is not None:
        return _named_shape(_geometry(record["geometry"]), said, confidence, answers, reading)
    if "type" in record and isinstance(record["type"], str) and said is None:
        return _named_shape(_geometry(record), None, confidence, {}, reading)
    if not reading.enough(confidence):
        return []
    mask = record.get("mask")
    box = record.get("box")
    if box is None:
        box = record.get("bbox")
    if mask is None and box is None:
        if said is not None:
            return reading.of_label(said, confidence)
        if answers:
            return [Proposed(Tag(), None, confidence, _answers(answers))]
        raise AssistantError(
            f"answered with a dict of {', '.join(map(str, record))[:100] or 'nothing'}.",
            hint="It needs a label, and a box, a mask or a geometry.",
        )
    name = reading.class_of(said) if said is not None else reading.default_class()
    if said is not None and name is None:
        return []
    if mask is not None:
        return _shape(mask, name, confidence, reading)
    if isinstance(box, Mapping):
        try:
            box = [box[side] for side in ("xmin", "ymin", "xmax", "ymax")]
        except KeyError as error:
            raise AssistantError(f"answered with a box without {error}.") from None
    made = box_of(box)
    return [] if made is None else reading.of_geometry(made, name, confidence)


def _named_shape(
    shape: Any, said: Any, confidence: Any, answers: Mapping[str, Any], reading: Reading
) -> list[Proposed]:
    sure = reading.confidence_of(confidence)
    if not reading.enough(sure):
        return []
    if said is None and isinstance(shape, Tag):
        return [Proposed(shape, None, sure, _answers(answers))]
    name = reading.default_class() if said is None else reading.class_of(said)
    if said is not None and name is None:
        return []
    made = _shape(shape, name, sure, reading)
    if not answers:
        return made
    return [msgspec.structs.replace(one, attributes=_answers(answers)) for one in made]


def _shape(
    shape: Any, class_name: str | None, confidence: float | None, reading: Reading
) -> list[Proposed]:
    """Return a shape or a mask of a class."""
    if isinstance(shape, BoxMask):
        if not reading.volume or any(
            stop > size for stop, size in zip(shape.stop, reading.shape, strict=True)
        ):
            raise AssistantError(f"answered with {shape!r}, which is not in {reading.shape}.")
        codes = shape.codes((reading.shape[1], reading.shape[2]))
        if not codes:
            return []
        shape = VolumeMask({k: RLE(**code) for k, code in codes.items()})
    if isinstance(shape, Geometry):
        return reading.of_geometry(shape, class_name, confidence)
    array = as_array(shape)
    if array is None:
        raise _nothing(shape)
    if array.dtype.kind == "f":
        array = set_pixels(array)
    return reading.of_mask(array, class_name, confidence)


def _geometry(record: Any) -> Geometry:
    if isinstance(record, Geometry):
        return record
    try:
        made: Geometry = msgspec.convert(record, AnyGeometry)
    except (msgspec.ValidationError, UnicodeEncodeError, RecursionError) as error:
        raise AssistantError(
            f"answered with a geometry that is none: {str(error)[:200]}."
        ) from None
    return made


def _answers(answers: Any) -> dict[str, Any]:
    if not isinstance(answers, Mapping):
        raise AssistantError(f"answered with attributes of {type(answers).__name__}.")
    for question, given in answers.items():
        words = given if isinstance(given, list) else [given]
        if not isinstance(question, str) or not all(isinstance(word, str) for word in words):
            raise AssistantError(f"answered {question!r:.60} with {given!r:.60}, not with words.")
    return dict(answers)


def _is_word(entry: Any) -> bool:
    """Say whether an entry is about the whole picture: a label and a score, nothing else."""
    return (
        isinstance(entry, Mapping)
        and bool(entry)
        and set(entry) <= _ASIDE
        and any(key in entry for key in _CLASS)
        and any(key in entry for key in _SCORE)
    )


def _confidence(record: Mapping[str, Any], reading: Reading) -> float | None:
    said = next((record[key] for key in _SCORE if record.get(key) is not None), None)
    return reading.confidence_of(said)


def _begin(text: str | bytes) -> str:
    words = " ".join(repr(text[:200])[:120].split())
    return words if len(words) < 80 else f"{words[:77]}..."


def _nothing(answer: Any) -> AssistantError:
    said = type(answer).__name__
    if isinstance(answer, str | bytes):
        said = f"the text {_begin(answer)}"
    return AssistantError(
        f"answered with {said}, which is no label.",
        hint="Return an array of the picture's size, shapes, annotations, or None; "
        "see the guide, Models.",
    )
