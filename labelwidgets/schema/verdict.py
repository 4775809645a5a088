"""What somebody who judges work says of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from labelwidgets.schema.annotation import Annotation

VerdictKind: TypeAlias = Literal["accept", "reject"]

# What may be ticked where a stage has no checklist of its own.
TAGS = ("Missed object", "Object too many", "Wrong class", "Loose outline", "Wrong answer")


class Verdict(msgspec.Struct, frozen=True):
    """A verdict on a task.

    Parameters
    ----------
    kind
        ``accept`` or ``reject``.
    reviewer
        Who judged.
    stage
        In which stage.
    maker
        Whose work it is about.
    score
        From 0 to 10, None for none.
    comment
        None for none.
    tags
        What was ticked of the checklist.
    diff
        How many changes of which kind the reviewer made; see `difference`.
    time
        When.
    """

    kind: VerdictKind
    reviewer: str
    stage: str
    maker: str | None
    score: float | None
    comment: str | None
    tags: list[str]
    diff: dict[str, Any]
    time: datetime


class Opinion(msgspec.Struct, frozen=True):
    """What one person labelled on an item that several did."""

    author: str
    annotations: list[Annotation]
