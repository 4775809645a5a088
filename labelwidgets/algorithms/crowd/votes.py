"""Votes: who said what of which task, as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import SchemaError

Codes = NDArray[np.int64]
Values = NDArray[Any]


@dataclass(frozen=True)
class Votes:
    """N votes of W workers for K labels of T tasks.

    Attributes
    ----------
    tasks, workers, labels : (T,), (W,), (K,) ndarray
        What was named, in the order in which it was seen first; labels in rising order where
        they have one.
    task, worker, label : (N,) ndarray of int64
        Index into them, a vote, in the order in which they were given.
    """

    tasks: Values
    workers: Values
    labels: Values
    task: Codes
    worker: Codes
    label: Codes

    @property
    def count(self) -> int:
        """How many votes there are."""
        return int(self.task.size)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """(T, K) how many votes each label of each task has."""
        shape = len(self.tasks), len(self.labels)
        counts = np.bincount(self.task * shape[1] + self.label, minlength=shape[0] * shape[1])
        return counts.reshape(shape).astype(np.float64)

    @cached_property
    def by_task(self) -> tuple[Codes, Codes]:
        """(T + 1,) where the votes of each task begin, and (N,) their columns in `said`."""
        codes = self.worker * len(self.labels) + self.label
        if (np.diff(self.task) < 0).any():
            codes = codes[np.argsort(self.task, kind="stable")]
        counts = np.bincount(self.task, minlength=len(self.tasks))
        return np.concatenate(([0], np.cumsum(counts))), codes

    @cached_property
    def said(self) -> Any:
        """Sparse (T, W x K) matrix: how often a worker gave a label to a task."""
        from scipy import sparse

        columns = self.worker * len(self.labels) + self.label
        shape = len(self.tasks), len(self.workers) * len(self.labels)
        return sparse.csr_matrix((np.ones(self.count), (self.task, columns)), shape)

    @cached_property
    def said_by(self) -> Any:
        """The same the other way round, (W x K, T)."""
        return self.said.T.tocsr()

    def winners(self, score: NDArray[np.float64]) -> Codes:
        """Return the label with the highest score of each task; of equals the one voted first.

        Parameters
        ----------
        score
            (T, K). Scores that differ by less than 1e-9 of the best are equal: sums of the same
            weights in another order are.
        """
        best = score.max(axis=1, keepdims=True)
        equal = score >= best - 1e-9 * np.abs(best)
        if (equal.sum(axis=1) == 1).all():
            alone: Codes = score.argmax(axis=1)
            return alone
        first = np.full(score.size, self.count, np.int64)
        places = self.task * score.shape[1] + self.label
        np.minimum.at(first, places, np.arange(self.count))
        seen = np.where(equal, first.reshape(score.shape), self.count + 1)
        winners: Codes = seen.argmin(axis=1)
        return winners


def read_votes(
    task: ArrayLike, worker: ArrayLike, label: ArrayLike, labels: ArrayLike | None = None
) -> Votes:
    """Return votes as whole numbers.

    Parameters
    ----------
    task, worker, label
        (N,) of anything that can be told apart: a row is one vote. A worker may vote for a task
        more than once; each vote counts.
    labels
        (K,) all that could have been said, where that is more than what was; it fixes the order.

    Raises
    ------
    SchemaError
        If there is no vote, columns differ in length, one is missing, or a label is not among
        `labels`.
    """
    columns = [
        _column(values, name)
        for values, name in ((task, "task"), (worker, "worker"), (label, "label"))
    ]
    if len({column.size for column in columns}) != 1:
        raise SchemaError("must be of one length: a row is a vote.", where="task, worker and label")
    if not columns[0].size:
        raise SchemaError("must have one vote at least.", where="votes")
    tasks, task_codes = _coded(columns[0], "task")
    workers, worker_codes = _coded(columns[1], "worker")
    found, label_codes = _coded(columns[2], "label")
    if labels is None:
        found, order = _in_order(found)
    else:
        found, order = _among(found, _column(labels, "labels"))
    return Votes(tasks, workers, found, task_codes, worker_codes, order[label_codes])


def _column(values: ArrayLike, name: str) -> Values:
    column = values if isinstance(values, np.ndarray) else _as_array(values)
    if column.ndim != 1:
        raise SchemaError(f"must have one dimension, not {column.ndim}.", where=name)
    missing = (
        np.isnan(column)
        if column.dtype.kind == "f"
        else np.array([_is_missing(value) for value in column])
        if column.dtype == object
        else np.zeros(0, bool)
    )
    if missing.any():
        raise SchemaError(
            f"is missing in row {int(missing.argmax())}.", where=name, hint="Leave out such rows."
        )
    return column


def _as_array(values: Any) -> Values:
    """Return a list as an array that keeps what its values are: 1 and "1" are not the same."""
    listed = list(values)
    if len({type(value) for value in listed}) == 1 and isinstance(listed[0], str | int | float):
        return np.asarray(listed)
    column = np.empty(len(listed), object)
    column[:] = listed
    return column


def _is_missing(value: Any) -> bool:
    kind = type(value).__name__
    return value is None or kind in ("NAType", "NaTType") or (kind == "float" and value != value)


def _coded(column: Values, name: str) -> tuple[Values, Codes]:
    """Return the different values in the order they are first seen, and the index of each."""
    if column.dtype.kind in "iu" and _is_dense(column):
        return _coded_by_table(column)
    if column.dtype.kind in "iub":
        values, first, inverse = np.unique(column, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty_like(order)
        rank[order] = np.arange(order.size)
        return values[order], rank[inverse.reshape(-1)].astype(np.int64)
    known: dict[Any, int] = {}
    try:
        codes = [known.setdefault(value, len(known)) for value in column.tolist()]
    except TypeError:
        raise SchemaError(
            "must hold what can be told apart, such as texts and numbers, no lists.", where=name
        ) from None
    values = np.empty(len(known), object)
    values[:] = list(known)
    return values if column.dtype == object else values.astype(column.dtype), np.array(codes)


def _is_dense(column: Values) -> bool:
    return int(column.max()) - int(column.min()) < 4 * column.size + 1024


def _coded_by_table(column: Values) -> tuple[Values, Codes]:
    """Do the same for whole numbers that lie close together, without sorting the votes."""
    low = int(column.min())
    # Small signed numbers are widened first, large unsigned ones after: neither runs over.
    wide = column.astype(np.int64) if column.dtype.kind == "i" else column
    places = (wide - wide.dtype.type(low)).astype(np.int64)
    first = np.full(int(places.max()) + 1, column.size, np.int64)
    np.minimum.at(first, places, np.arange(column.size))
    there = np.flatnonzero(first < column.size)
    order = there[np.argsort(first[there])]
    rank = np.empty(first.size, np.int64)
    rank[order] = np.arange(order.size)
    return column[first[order]], rank[places]


def _in_order(found: Values) -> tuple[Values, Codes]:
    """Return labels in rising order where they have one, and where each has gone."""
    try:
        order = np.argsort(found, kind="stable")
    except TypeError:
        return found, np.arange(found.size)
    places = np.empty(found.size, np.int64)
    places[order] = np.arange(found.size)
    return found[order], places


def _among(found: Values, labels: Values) -> tuple[Values, Codes]:
    places = {value: place for place, value in enumerate(labels.tolist())}
    if len(places) != labels.size:
        raise SchemaError("has something twice.", where="labels")
    strange = [value for value in found.tolist() if value not in places]
    if strange:
        raise SchemaError(f"{str(strange[0])[:80]!r} is not among the labels.", where="label")
    return labels, np.array([places[value] for value in found.tolist()], np.int64)
