"""Frames of numbers, one row a thing, on their way to arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labelwidgets.algorithms.uncertainty import read_probabilities
from labelwidgets.errors import SchemaError

Floats: TypeAlias = NDArray[np.float64]
Scores: TypeAlias = "pd.Series[float]"


def table(frame: Any, what: str) -> tuple[pd.Index[Any], Floats]:
    """Return the index and the numbers of a frame.

    Raises
    ------
    SchemaError
        If it is no frame of numbers, or a row is there twice.
    """
    if not isinstance(frame, pd.DataFrame):
        raise SchemaError(
            f"must be a DataFrame, not {type(frame).__name__}.",
            where=what,
            hint="One row an item, by the ids of items: pd.DataFrame(values, index=ids).",
        )
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()][0]
        raise SchemaError(
            "is there twice.",
            where=f"{what}, row {twice!r:.80}",
            hint="One row an item: frame.groupby(level=0).mean().",
        )
    if not len(frame.columns):
        raise SchemaError("has no columns.", where=what)
    text = [str(name) for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    if text:
        raise SchemaError(
            "must be of numbers.",
            where=f"{what}, column {text[0]!r:.80}",
            hint=f"Where these are the ids, make them the index: frame.set_index({text[0]!r:.80}).",
        )
    return frame.index, frame.to_numpy(np.float64)


def probabilities(frame: Any, what: str = "probabilities") -> tuple[pd.Index[Any], Floats]:
    """Return the index and the numbers of a frame of probabilities; see `table`.

    Raises
    ------
    SchemaError
        Also if a row is no probabilities, naming it and what to do.
    """
    index, found = table(frame, what)
    return index, read_probabilities(found, rows=list(index))


def tables(frames: Iterable[Any], what: str) -> tuple[pd.Index[Any], Floats]:
    """Return the index of several frames alike, and their numbers (M, N, K).

    Raises
    ------
    SchemaError
        If there is none, or they have other rows or columns than the first.
    """
    if isinstance(frames, pd.DataFrame | Mapping):
        raise SchemaError(
            f"must be a list of frames, not a {type(frames).__name__}.",
            where=what,
            hint="One frame of probabilities of each model, or of each pass with dropout.",
        )
    given: Sequence[Any] = list(frames)
    if not given:
        raise SchemaError("must be one frame at least.", where=what)
    index, numbers = table(given[0], f"{what}[0]")
    found = [numbers]
    for place, one in enumerate(given[1:], 1):
        table(one, f"{what}[{place}]")
        if set(one.columns) != set(given[0].columns) or len(one) != len(index):
            raise SchemaError(
                "has other rows or columns than the first.",
                where=f"{what}[{place}]",
                hint="All models must be asked about the same items and classes.",
            )
        missing = index.difference(one.index)
        if len(missing):
            raise SchemaError(f"lacks row {missing[0]!r:.80}.", where=f"{what}[{place}]")
        found.append(one.loc[index, given[0].columns].to_numpy(np.float64))
    return index, np.stack(found)


def ranked(scores: Any, index: pd.Index[Any], name: str) -> Scores:
    """Return scores as a series, the highest first, equals in their order."""
    made: Scores = pd.Series(scores, index=index, name=name, dtype="float64")
    return made.sort_values(ascending=False, kind="stable")


def in_order(rows: NDArray[Any], index: pd.Index[Any], name: str) -> Scores:
    """Return rows in an order as a series of scores that fall from 1 towards 0."""
    count = len(rows)
    falling = np.linspace(1, 1 / count, count) if count else np.zeros(0)
    return pd.Series(falling, index=index[rows], name=name, dtype="float64")
