"""What a reviewer says of a task."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.errors import WorkflowError

MAX_COMMENT = 10_000
MAX_TAGS = 50
MAX_TAG = 200
MAX_SCORE = 10


def verdict(
    score: float | None,
    comment: str | None,
    tags: Sequence[str],
    diff: Mapping[str, Any] | None,
    maker: str | None,
) -> dict[str, Any]:
    """Return the note of an accept or a reject.

    Parameters
    ----------
    score
        0 to 10, None for none given.
    comment
        What the maker is told.
    tags
        Kinds of errors.
    diff
        What the reviewer changed of what the maker had made.
    maker
        Whose work it is.

    Raises
    ------
    WorkflowError
        Naming the field that is not as it must be.
    """
    number = isinstance(score, int | float) and not isinstance(score, bool)
    if score is not None and not (number and math.isfinite(score) and 0 <= score <= MAX_SCORE):
        raise WorkflowError(f"must be from 0 to {MAX_SCORE}, or None.", where="score")
    if comment is not None and (not isinstance(comment, str) or len(comment) > MAX_COMMENT):
        raise WorkflowError(f"must be text of at most {MAX_COMMENT} characters.", where="comment")
    if isinstance(tags, str) or len(tags) > MAX_TAGS:
        raise WorkflowError(f"must be a list of at most {MAX_TAGS} words.", where="tags")
    for tag in tags:
        if not isinstance(tag, str) or not tag.strip() or len(tag) > MAX_TAG:
            raise WorkflowError(f"must be words of at most {MAX_TAG} characters.", where="tags")
    if diff is not None and not isinstance(diff, Mapping):
        raise WorkflowError("must be a dict.", where="diff")
    return {
        "score": None if score is None else float(score),
        "comment": comment or None,
        "tags": list(dict.fromkeys(tags)),
        "diff": None if diff is None else dict(diff),
        "maker": maker,
    }
