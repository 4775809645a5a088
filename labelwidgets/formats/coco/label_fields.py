"""Fields of a COCO annotation, checked."""

from __future__ import annotations

from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco import records


def confidence_of(score: float | None) -> float | None:
    """Return the score of an annotation; raise FormatError unless it is from 0 to 1."""
    if score is not None and not 0 <= score <= 1:
        raise FormatError(f"must be from 0 to 1, not {score:g}.", where="score")
    return score


def track_of(track_id: records.Id | None, instance_id: records.Id | None) -> str | None:
    """Return what an annotation calls the object that it shows on its frame."""
    given = track_id if track_id is not None else instance_id
    if given is None or given == -1:
        return None
    records.check_id(given, "track_id")
    return str(given)


def track_number(name: str) -> int | str:
    """Return what an object was called in its file."""
    return int(name) if name.isdecimal() and len(name) < 18 else name


def answer_of(value: Any) -> str:
    """Return a value of ``attributes`` as an answer."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value)
