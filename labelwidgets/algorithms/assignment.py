"""Who belongs to whom: assignment with the best total, of one problem or of very many.

The shortest augmenting paths of Jonker and Volgenant, "A shortest augmenting path algorithm for
dense and sparse linear assignment problems", Computing 38 (1987).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.errors import GeometryError
from labelwidgets.numbered import numbered

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]


def assign(costs: ArrayLike, maximize: bool = False) -> tuple[Indices, Indices]:
    """Return pairs of rows and columns, as many as there can be, at the least total cost.

    Parameters
    ----------
    costs
        (N, M), finite.
    maximize
        Make the total the greatest instead.

    Returns
    -------
    tuple of ndarray
        (min(N, M),) int64 each: rows in their order, and their columns; as
        `scipy.optimize.linear_sum_assignment`, whose total is the same. Where several have the
        best total, it may choose another.

    Raises
    ------
    GeometryError
        If `costs` has not two dimensions or a number is not finite.
    """
    given = np.asarray(costs, np.float64)
    if given.ndim != 2 or not np.isfinite(given).all():
        raise GeometryError("must be a matrix of finite numbers.", where="costs")
    if not given.size:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if not compiles():
        return plain_assign(given, maximize)
    from labelwidgets.algorithms import assignment_kernels as kernels

    wide = given.shape[0] <= given.shape[1]
    matrix = np.ascontiguousarray((given if wide else given.T) * (-1.0 if maximize else 1.0))
    of_column = np.empty(matrix.shape[1], np.int64)
    kernels.complete(matrix, of_column)
    columns = np.flatnonzero(of_column >= 0)
    rows = of_column[columns]
    if not wide:
        return columns, rows
    order = np.argsort(rows)
    return rows[order], columns[order]


def plain_assign(costs: Floats, maximize: bool = False) -> tuple[Indices, Indices]:
    """Do the same as `assign`, with scipy."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(costs, maximize=maximize)
    return rows.astype(np.int64), columns.astype(np.int64)


def assign_many(values: ArrayLike, heights: ArrayLike, widths: ArrayLike) -> Indices:
    """Match the rows and columns of many problems, each so that the total value is the greatest.

    A pair that brings nothing (a value of 0 or less) is not made: both are left alone. The total
    is that of `scipy.optimize.linear_sum_assignment` over the values above 0.

    Parameters
    ----------
    values
        (sum of heights * widths,): the matrices one after another, each row by row; finite.
    heights, widths
        (P,) rows and columns of each; either may be 0.

    Returns
    -------
    ndarray
        (sum of heights,) int64: the column of each row of each problem, -1 where it is alone.

    Raises
    ------
    GeometryError
        If the sizes do not add up to the number of values, or a value is not finite.

    Notes
    -----
    A row may end a search by being left alone, at the value that it would have brought: so neither
    rows nor columns are filled up to a square, and only what overlaps at all is looked at.
    """
    flat = np.ascontiguousarray(values, np.float64)
    tall, wide = np.asarray(heights, np.int64), np.asarray(widths, np.int64)
    if tall.shape != wide.shape or tall.ndim != 1 or (tall < 0).any() or (wide < 0).any():
        raise GeometryError("must be as many, none below 0.", where="heights and widths")
    sizes = tall * wide
    if flat.ndim != 1 or flat.size != int(sizes.sum()):
        raise GeometryError(
            f"has {numbered(flat.size, 'number')}, the problems have {int(sizes.sum())}.",
            where="values",
        )
    # NaN and infinity make the sum one of them; a sum that runs over alone is looked at again.
    if flat.size and not np.isfinite(flat.sum()) and not np.isfinite(flat).all():
        raise GeometryError("must be finite.", where="values")
    found = np.empty(int(tall.sum()), np.int64)
    starts, places = np.cumsum(sizes) - sizes, np.cumsum(tall) - tall
    if not compiles():
        plain_assign_many(flat, starts, tall, wide, places, found)
        return found
    from labelwidgets.algorithms import assignment_kernels as kernels

    kernels.many(flat, starts, tall, wide, places, found)
    return found


def plain_assign_many(
    values: Floats,
    starts: Indices,
    heights: Indices,
    widths: Indices,
    places: Indices,
    found: Indices,
) -> None:
    """Write into `found` what `assign_many` returns, with scipy, one problem at a time."""
    found[:] = -1
    for start, height, width, place in zip(
        starts.tolist(), heights.tolist(), widths.tolist(), places.tolist(), strict=True
    ):
        matrix = values[start : start + height * width].reshape(height, width).clip(min=0)
        rows, columns = plain_assign(matrix, maximize=True)
        kept = matrix[rows, columns] > 0
        found[place + rows[kept]] = columns[kept]
