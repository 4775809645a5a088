"""Work lists: which tasks a query is about."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from labelwidgets.errors import WorkflowError
from labelwidgets.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

Query: TypeAlias = "str | pd.DataFrame | Sequence[str]"
_SINGLE = re.compile(r"(?<![=!<>])=(?!=)")
_COMPARE = "To compare, write == for =, such as class_name == 'car'."


def work_list(store: Store, query: Query) -> list[str]:
    """Return the ids of the tasks that a query is about.

    Parameters
    ----------
    store
        The project's.
    query
        An expression for `pandas.DataFrame.query`, such as
        ``"class_name == 'car' and area < 50"``: over the frame of tasks if it names columns
        of that frame alone, else over the frame of annotations. Or a part of either frame,
        or a list of task ids.

    Raises
    ------
    WorkflowError
        If the query cannot be evaluated, or is about no task.
    """
    return chosen(query, lambda: [store.tasks, store.annotations], store.task_ids)


def chosen(
    query: Query,
    frames: Callable[[], Sequence[pd.DataFrame]],
    task_ids: Callable[[], Iterable[str]],
) -> list[str]:
    """Return the ids of the tasks that a query is about, of frames of any moment.

    Parameters
    ----------
    query
        As for `work_list`.
    frames
        Gives the frames of tasks and of annotations, where an expression is about them.
    task_ids
        Gives the ids of all tasks.

    Raises
    ------
    WorkflowError
        See `work_list`.
    """
    ids = ids_of(query, frames)
    known = set(task_ids())
    for name in ids:
        if name not in known:
            raise WorkflowError(
                "There is no such task.",
                where=f"query, task {name[:80]!r}",
                hint="See the column id of the tasks frame.",
            )
    return ids


def ids_of(query: Query, frames: Callable[[], Sequence[pd.DataFrame]] = tuple) -> list[str]:
    """Return the ids that a query names, whether there are such tasks or not; see `chosen`."""
    import pandas as pd

    if isinstance(query, str):
        found = evaluate(frames(), query)
    elif isinstance(query, pd.DataFrame):
        found = query
    else:
        found = pd.DataFrame({"task_id": pd.Series(list(query), dtype="object")})
    column = "task_id" if "task_id" in found.columns else "id"
    if column not in found.columns:
        raise WorkflowError("has neither a column task_id nor id.", where="query")
    ids = [str(name) for name in found[column].drop_duplicates()]
    if not ids:
        raise WorkflowError("is about no task.", where=f"query {str(query)[:200]!r}")
    return ids


def evaluate(frames: Sequence[pd.DataFrame], query: str) -> pd.DataFrame:
    """Return the rows that a query is about, of the first frame that has all its columns.

    Raises
    ------
    WorkflowError
        If the query cannot be evaluated.
    """
    where = f"query {query[:200]!r}"
    try:
        tree = ast.parse(query)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    except (SyntaxError, ValueError, RecursionError) as error:
        raise WorkflowError(
            f"is not an expression ({error}).",
            where=where,
            hint=_COMPARE if _SINGLE.search(query) else "Write it as for pandas.DataFrame.query.",
        ) from None
    if any(isinstance(node, ast.Assign) for node in ast.walk(tree)):
        raise WorkflowError(
            "gives a value instead of comparing with it.", where=where, hint=_COMPARE
        )
    frame = next((some for some in frames if names <= set(some.columns)), frames[-1])
    unknown = sorted(names - set(frame.columns))
    if unknown:
        raise WorkflowError(
            f"names {unknown[0]!r}, which is no column.",
            where=where,
            hint=f"The columns are: {', '.join(frame.columns)}.",
        )
    try:
        return frame.query(query, engine="python")
    except Exception as error:  # pandas lets through whatever the expression raises
        raise WorkflowError(
            f"cannot be evaluated ({type(error).__name__}: {error}).", where=where
        ) from error
