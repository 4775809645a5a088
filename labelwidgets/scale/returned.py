"""What a function may take and return to be mapped over pictures."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from labelwidgets.errors import WorkflowError

Row: TypeAlias = dict[str, Any]

# Columns that every row has.
_OURS = ("item_id", "error")
_SCALARS = (bool, int, float, str, bytes, datetime.date, datetime.time, datetime.timedelta)
_HINT = "Return numbers, texts or one-dimensional arrays of them."


def check_function(function: Any) -> None:
    """Refuse what cannot be called with pixels and an item.

    Raises
    ------
    WorkflowError
        If it is no function, or takes something else.
    """
    hint = "Write def function(pixels, item): ..."
    if not callable(function):
        raise WorkflowError(
            f"must be a function, not {type(function).__name__}.", where="function", hint=hint
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        # Some that are written in C do not say what they take.
        return
    try:
        signature.bind(None, None)
    except TypeError as error:
        raise WorkflowError(
            f"must take the pixels and the item: {error}.", where="function", hint=hint
        ) from None


def rows_of(made: Any) -> list[Row]:
    """Return what a function returned as rows.

    Raises
    ------
    WorkflowError
        If it is nothing that becomes rows; it names the key of a value that is none.
    """
    if made is None:
        return []
    if hasattr(made, "__array__") or (
        isinstance(made, list) and not all(isinstance(one, Mapping) for one in made)
    ):
        made = {"value": made}
    several = [made] if isinstance(made, Mapping) else made
    if not isinstance(several, list):
        raise WorkflowError(
            f"returned {type(made).__name__}, which is no row.",
            where="function",
            hint="Return a dict, a list of dicts, an array or None.",
        )
    return [{str(name): _plain(str(name), value) for name, value in row.items()} for row in several]


def _plain(name: str, value: Any) -> Any:
    if name in _OURS:
        raise WorkflowError(
            f"returned {name!r}, a column that each row has already.",
            where="function",
            hint="Give it another name.",
        )
    if isinstance(value, _SCALARS) and not isinstance(value, np.generic):
        return value
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        if array.ndim > 1:
            raise WorkflowError(
                f"returned an array of {array.ndim} dimensions {array.shape} as {name!r:.80}.",
                where="function",
                hint=_HINT + " A larger one: array.ravel().",
            )
        value = array.tolist()
    for one in value if isinstance(value, list | tuple) else (value,):
        if one is not None and one is not pd.NA and not isinstance(one, _SCALARS):
            among = " in a list" if one is not value else ""
            raise WorkflowError(
                f"returned {type(one).__name__}{among} as {name!r:.80}.",
                where="function",
                hint=_HINT,
            )
    return list(value) if isinstance(value, tuple) else value
