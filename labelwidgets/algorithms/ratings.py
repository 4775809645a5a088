"""What raters said of units, in the form that all chance-corrected measures count from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import SchemaError

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

MAX_CELLS = 2**26
"""Most numbers in a table of units by values: half a gibibyte."""
# Whole numbers in a range this wide are told apart without sorting them.
_DENSE = 2**16


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Who said what of which unit: one row for each rating, none for one that is missing.

    Parameters
    ----------
    rater, unit
        (N,) int64: numbers of the rater and the unit, from 0. No rater rates a unit twice.
    code
        (N,) int64: what was said, as a place in `values`.
    values
        (V,) all that can be said, ascending where it has an order.
    raters, units
        How many there are of each, those without a rating among them.
    """

    rater: Ints
    unit: Ints
    code: Ints
    values: NDArray[Any]
    raters: int
    units: int

    def counts(self) -> Ints:
        """Return how many raters said each value of each unit, (units, V) int64.

        Raises
        ------
        SchemaError
            If the table would be larger than `MAX_CELLS`.
        """
        wide = self.values.size
        if self.units * wide > MAX_CELLS:
            raise SchemaError(
                f"{wide} different values of {self.units} units are too many to count.",
                where="ratings",
                hint='Round them, or use level="interval".',
            )
        flat = np.bincount(self.unit * wide + self.code, minlength=self.units * wide)
        return flat.reshape(self.units, wide)

    def of_raters(self, chosen: Sequence[int]) -> Ratings:
        """Return the ratings of some raters only, who are numbered in the order given."""
        place = np.full(self.raters, -1, np.int64)
        place[list(chosen)] = np.arange(len(chosen))
        kept = place[self.rater] >= 0
        return Ratings(
            place[self.rater[kept]],
            self.unit[kept],
            self.code[kept],
            self.values,
            len(chosen),
            self.units,
        )

    def pairs(self) -> tuple[Ints, Ints]:
        """Return all pairs of ratings of one unit, as two (P,) arrays of rows."""
        order = np.argsort(self.unit, kind="stable")
        unit = self.unit[order]
        sizes = np.bincount(unit, minlength=self.units)
        if int((sizes * (sizes - 1) // 2).sum()) > MAX_CELLS:
            raise SchemaError("has too many raters for one unit.", where="ratings")
        ones: list[Ints] = []
        others: list[Ints] = []
        for lag in range(1, int(sizes.max(initial=0))):
            first = np.flatnonzero(unit[:-lag] == unit[lag:])
            ones.append(order[first])
            others.append(order[first + lag])
        none: Ints = np.empty(0, np.int64)
        return np.concatenate([none, *ones]), np.concatenate([none, *others])


def ratings_of(data: Ratings | ArrayLike, values: ArrayLike | None = None) -> Ratings:
    """Return the ratings in a reliability matrix.

    Parameters
    ----------
    data
        (raters, units) numbers, text or sets; NaN and None where a rater said nothing.
    values
        All that can be said, in its order; by default what was said, sorted.

    Raises
    ------
    SchemaError
        If it is no matrix, or has a value that is not in `values`.
    """
    if isinstance(data, Ratings):
        return data
    matrix = _matrix(data)
    said = _there(matrix)
    raters, units = matrix.shape
    if said.all():
        rater = np.repeat(np.arange(raters), units)
        unit = np.tile(np.arange(units), raters)
        spoken = matrix.ravel()
    else:
        # Many times as quick as to look for rows and columns at once.
        flat = np.flatnonzero(said)
        rater = np.repeat(np.arange(raters), np.count_nonzero(said, axis=1))
        unit = flat - rater * units
        spoken = matrix.ravel()[flat]
    code, domain = encode_values(spoken, values)
    return Ratings(rater, unit, code, domain, raters, units)


def ratings_of_triples(
    rater: ArrayLike, unit: ArrayLike, value: ArrayLike, values: ArrayLike | None = None
) -> Ratings:
    """Return the ratings in three columns of a long table.

    Parameters
    ----------
    rater, unit, value
        (N,) each: who said what of which unit. Rows without a value are left out, though their
        rater and their unit count as there.
    values
        All that can be said, in its order; by default what was said, sorted.

    Raises
    ------
    SchemaError
        If the columns differ in length, or somebody rates a unit twice.
    """
    columns = [_column(column) for column in (rater, unit, value)]
    if len({column.size for column in columns}) != 1:
        raise SchemaError("must be as long as each other.", where="rater, unit, value")
    who, raters = encode_values(columns[0])
    which, units = encode_values(columns[1])
    said = _there(columns[2])
    who, which = who[said], which[said]
    code, domain = encode_values(columns[2][said], values)
    keys = which * max(raters.size, 1) + who
    if np.unique(keys).size != keys.size:
        sorted_keys = np.sort(keys)
        twice = sorted_keys[:-1][sorted_keys[1:] == sorted_keys[:-1]][0]
        place, person = divmod(int(twice), raters.size)
        raise SchemaError(
            f"has two ratings of {units[place]!r} by {raters[person]!r}.",
            where="ratings",
            hint="Keep one of them.",
        )
    return Ratings(who, which, code, domain, raters.size, units.size)


def ratings_of_counts(counts: ArrayLike, values: ArrayLike | None = None) -> Ratings:
    """Return ratings of which only the counts are known, as published tables have them.

    Parameters
    ----------
    counts
        (units, V) how many raters said each value of each unit. Who they are is not known: the
        measures that tell raters apart (Cohen's) say nothing of such ratings.
    values
        (V,) what the columns stand for; by default 0, 1, 2 ...
    """
    table = np.asarray(counts)
    if table.ndim != 2 or table.dtype.kind not in "iu" or (table.size and table.min() < 0):
        raise SchemaError("must be a table of whole numbers from 0.", where="counts")
    domain = np.arange(table.shape[1]) if values is None else _column(values)
    if domain.size != table.shape[1]:
        raise SchemaError(f"must be {table.shape[1]}, one for each column.", where="values")
    often = table.ravel()
    unit = np.repeat(np.repeat(np.arange(table.shape[0]), table.shape[1]), often)
    code = np.repeat(np.tile(np.arange(table.shape[1]), table.shape[0]), often)
    starts = np.cumsum(table.sum(axis=1)) - table.sum(axis=1)
    rater = np.arange(unit.size) - starts[unit]
    raters = int(table.sum(axis=1).max(initial=0))
    return Ratings(rater, unit, code, domain, raters, table.shape[0])


def encode_values(spoken: NDArray[Any], values: ArrayLike | None = None) -> tuple[Ints, Any]:
    """Return the place of each value among all there are, and these.

    Parameters
    ----------
    spoken
        (N,) values, none of them missing.
    values
        All there are; by default those that appear, sorted where that is possible.
    """
    if values is None:
        if spoken.dtype.kind in "iufb":
            return _encode_numbers(spoken)
        domain = _ascending(set(spoken.tolist()))
    else:
        domain = _column(values)
    place: dict[Hashable, int] = {value: at for at, value in enumerate(domain.tolist())}
    try:
        codes = np.fromiter((place[value] for value in spoken.tolist()), np.int64, spoken.size)
    except KeyError as error:
        raise SchemaError(
            f"has {error.args[0]!r}, which is not among the values.", where="ratings"
        ) from None
    return codes, domain


def _encode_numbers(spoken: NDArray[Any]) -> tuple[Ints, NDArray[Any]]:
    if not spoken.size:
        return np.empty(0, np.int64), spoken
    least, most = spoken.min(), spoken.max()
    if np.isfinite(most - least) and most - least < _DENSE and spoken.dtype.kind != "b":
        small = (spoken - least).astype(np.int64)
        if spoken.dtype.kind != "f" or bool((small + least == spoken).all()):
            # Bool marks are cheaper than counts, and a table of places than a search.
            seen = np.zeros(int(small.max()) + 1, np.bool_)
            seen[small] = True
            domain = np.flatnonzero(seen)
            if domain.size == seen.size:
                return small, (domain + least).astype(spoken.dtype)
            return (np.cumsum(seen) - 1)[small], (domain + least).astype(spoken.dtype)
    found, code = np.unique(spoken, return_inverse=True)
    return code.astype(np.int64), found


def _ascending(found: set[Any]) -> NDArray[Any]:
    try:
        ordered: Iterable[Any] = sorted(found)
        if any(isinstance(value, frozenset) for value in found):  # Their order is not total.
            raise TypeError
    except TypeError:
        ordered = sorted(found, key=lambda value: (type(value).__name__, _name(value)))
    return _column(list(ordered))


def _name(value: Any) -> str:
    return str(sorted(map(str, value)) if isinstance(value, frozenset) else value)


def _matrix(data: ArrayLike) -> NDArray[Any]:
    if isinstance(data, np.ndarray):
        matrix = data
    else:
        rows = [_column(row) for row in data]  # type: ignore[union-attr]
        if len({row.size for row in rows}) > 1:
            raise SchemaError("has rows of different lengths.", where="ratings")
        same = {row.dtype.kind for row in rows} <= set("iufb")
        matrix = np.array(rows) if same else _stacked(rows)
    if matrix.ndim != 2:
        raise SchemaError("must be a matrix of raters by units.", where="ratings")
    return matrix


def _stacked(rows: list[NDArray[Any]]) -> NDArray[Any]:
    made = np.empty((len(rows), rows[0].size if rows else 0), object)
    for at, row in enumerate(rows):
        made[at] = row.astype(object)
    return made


def _column(values: ArrayLike) -> NDArray[Any]:
    """Return values as an array of one dimension; sets stay what they are."""
    if isinstance(values, np.ndarray):
        column = values
    else:
        listed = list(values)  # type: ignore[arg-type]
        if all(isinstance(value, int | float | np.number) for value in listed):
            column = np.array(listed)
        else:
            column = np.empty(len(listed), object)
            column[:] = listed
    if column.ndim != 1:
        raise SchemaError("must be a column of values.", where="ratings")
    return column.astype(object) if column.dtype.kind in "US" else column


def _there(values: NDArray[Any]) -> NDArray[np.bool_]:
    kind = values.dtype.kind
    if kind in "iub":
        return np.ones(values.shape, np.bool_)
    if kind == "f":
        made: NDArray[np.bool_] = ~np.isnan(values)
        return made
    flat = [not (value is None or value != value) for value in values.ravel().tolist()]
    return np.array(flat, np.bool_).reshape(values.shape)
