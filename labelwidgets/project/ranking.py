"""What is given to be ranked by: scores, or something that says what to do to have some."""

from __future__ import annotations

from typing import Any

import pandas as pd

from labelwidgets import active_learning
from labelwidgets.errors import WorkflowError

# Those of `labelwidgets.active_learning` that return no order.
_FRAMES = ("label_errors", "near_duplicates")
STRATEGIES = tuple(name for name in active_learning.__all__ if name not in _FRAMES)
# Those that take the probabilities of one model.
_PLAIN = ("entropy", "least_confidence", "margin")
_EXAMPLE = "project.prioritize(lw.active_learning.entropy(probabilities))"
_SERIES = "pd.Series(scores, index=ids)"


def scores_of(given: Any, priority: Any) -> pd.Series[Any] | None:
    """Return scores by the ids of items or tasks; None where a query and a priority are given.

    Raises
    ------
    WorkflowError
        If it is neither, saying what to pass.
    """
    if isinstance(given, str) and given in STRATEGIES:
        raise _strategy(given)
    if callable(given):
        name = getattr(given, "__name__", "")
        raise _strategy(name if name in STRATEGIES else "entropy")
    if isinstance(given, pd.Series) and not pd.api.types.is_string_dtype(given):
        return _checked(given, priority)
    if priority is not None:
        return None
    raise _no_scores(given)


def _checked(scores: pd.Series[Any], priority: Any) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(scores):
        raise WorkflowError(
            "are True and False, which is no order.",
            where="scores",
            hint="Pass the rows that are meant and a priority: "
            "project.prioritize(project.tasks[mask], 5).",
        )
    if pd.api.types.is_object_dtype(scores):
        try:
            scores = scores.astype("float64")
        except (TypeError, ValueError):
            raise WorkflowError("must be numbers.", where="scores") from None
    if not pd.api.types.is_numeric_dtype(scores) or pd.api.types.is_complex_dtype(scores):
        raise WorkflowError(f"must be numbers, not {scores.dtype}.", where="scores")
    if priority is not None:
        raise WorkflowError(
            "goes with a query, not with scores.",
            where="priority",
            hint="Scores alone rank tasks; project.prioritize(scores[scores > 1].index, 5) "
            "gives the same priority to all of them, by the ids of tasks.",
        )
    if not scores.notna().any():
        none = "there are none" if scores.empty else "all are NaN"
        raise WorkflowError(f"must be of one item at least: {none}.", where="scores")
    return scores


def _strategy(name: str) -> WorkflowError:
    plain = name if name in _PLAIN else "entropy"
    return WorkflowError(
        "is a strategy, which is called first, with what a model says.",
        where=f"query {name!r}",
        hint=f"Such as {_EXAMPLE.replace('entropy', plain)}. "
        f"The strategies are: {', '.join(STRATEGIES)}.",
    )


def _no_scores(given: Any) -> WorkflowError:
    """Return what is wrong with something that has no order, where there is no priority."""
    if isinstance(given, pd.DataFrame) and not {"task_id", "id"} & set(given.columns):
        numeric = [name for name in given.columns if pd.api.types.is_numeric_dtype(given[name])]
        if len(given.columns) == 1 and numeric:
            return WorkflowError(
                "is a frame of one column, not a Series of scores.",
                where="query",
                hint=f"Pass the column: frame[{given.columns[0]!r:.80}]. The highest comes first.",
            )
        return WorkflowError(
            "is a frame of several columns, not one score for each item.",
            where="query",
            hint=f"Let a strategy make scores of it: {_EXAMPLE}. "
            f"The strategies are: {', '.join(STRATEGIES)}.",
        )
    if not isinstance(given, str | pd.DataFrame | pd.Series) and _has_numbers(given):
        return WorkflowError(
            f"is only numbers ({type(given).__name__}), not said of which items.",
            where="query",
            hint="Pass pd.Series(scores)."
            if isinstance(given, dict)
            else f"Pass {_SERIES}, with the ids of items or tasks.",
        )
    return WorkflowError(
        "is needed beside a query; scores need none.",
        where="priority",
        hint=f"project.prioritize(\"state == 'queued'\", 5), or {_EXAMPLE}.",
    )


def _has_numbers(given: Any) -> bool:
    try:
        values = list(given.values() if isinstance(given, dict) else given)
    except (TypeError, ValueError):
        return False
    return bool(values) and not isinstance(values[0], str)
