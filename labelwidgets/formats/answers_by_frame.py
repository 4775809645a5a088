"""Answers of an object frame by frame: what is true of all of it, and what changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.ontology import ObjectClass


class Answers(NamedTuple):
    """Answers of an object through frames.

    Parameters
    ----------
    fixed
        Those of the whole track.
    moving
        Those of each frame, of questions that may change.
    others
        By question and frame, what a question that may not change was answered otherwise.
    """

    fixed: dict[str, AttributeValue]
    moving: list[dict[str, AttributeValue]]
    others: dict[str, dict[str, Any]]


def mutable_of(made: ObjectClass | None) -> set[str]:
    """Return the names of the questions of a class that may be answered frame by frame."""
    return {one.name for one in made.attributes if one.mutable} if made is not None else set()


def split_answers(
    frames: Sequence[int],
    given: Sequence[Mapping[str, AttributeValue]],
    mutable: Collection[str],
) -> Answers:
    """Return answers of frames, rising, as a track has them."""
    fixed: dict[str, AttributeValue] = {}
    others: dict[str, dict[str, Any]] = {}
    moving = []
    for frame, answers in zip(frames, given, strict=True):
        moving.append({key: value for key, value in answers.items() if key in mutable})
        for key, value in answers.items():
            if key not in mutable and fixed.setdefault(key, value) != value:
                others.setdefault(key, {})[str(frame)] = value
    return Answers(fixed, moving, others)


def changes_of(frames: Sequence[int], given: Sequence[Any]) -> dict[str, Any]:
    """Return what is said of frames, leaving out what is said again of the frame after."""
    made: dict[str, Any] = {}
    last: Any = None
    for frame, said in zip(frames, given, strict=True):
        if said != last:
            made[str(frame)] = last = said
    return made
