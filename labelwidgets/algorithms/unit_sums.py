"""A measure of agreement as a function of sums over units.

Every chance-corrected measure is one: percent, kappa, alpha and the rest are what remains of a
few numbers for each unit once these are added up. So a resample is a product of a matrix, and
leaving one unit out is a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.ratings import Floats
from labelwidgets.errors import SchemaError


@dataclass(frozen=True, slots=True, eq=False)
class UnitSums:
    """A measure, prepared: what each unit adds, and what becomes of the sums.

    Parameters
    ----------
    rows
        (units, F) float64, dense or sparse (CSR).
    finish
        Takes (B, F) sums, returns (B,) values of the measure; NaN where it is not defined.
    """

    rows: Any
    finish: Callable[[Floats], Floats]

    def value(self) -> float:
        """Return the measure over all units; NaN where it is not defined."""
        return float(self.finish(self.total())[0])

    def total(self) -> Floats:
        """Return the sums over all units, (1, F)."""
        return np.asarray(self.rows.sum(axis=0), np.float64).reshape(1, -1)

    def each(self) -> Floats:
        """Return the measure of each unit alone, (units,)."""
        return self.finish(self.dense(0, self.rows.shape[0]))

    def dense(self, start: int, end: int) -> Floats:
        """Return some of the rows as a plain array."""
        part = self.rows[start:end]
        return np.asarray(part if isinstance(part, np.ndarray) else part.toarray(), np.float64)

    def by(self, cluster: ArrayLike) -> UnitSums:
        """Return the same measure with whole clusters as its units.

        Parameters
        ----------
        cluster
            (units,) int: the number of each unit's cluster, from 0: the picture of an object.
        """
        from scipy import sparse

        place = np.asarray(cluster)
        if place.shape != (self.rows.shape[0],) or place.dtype.kind not in "iu":
            raise SchemaError("must be a whole number for each unit.", where="cluster")
        ones = np.ones(place.size)
        which = np.arange(place.size)
        shape = (int(place.max(initial=-1)) + 1, place.size)
        return UnitSums(sparse.csr_array((ones, (place, which)), shape) @ self.rows, self.finish)


def divide(over: NDArray[Any], under: NDArray[Any]) -> Floats:
    """Return a quotient, NaN where there is nothing to divide by."""
    nothing = np.full(np.broadcast_shapes(over.shape, under.shape), np.nan)
    made: Floats = np.divide(over, under, out=nothing, where=under != 0)
    return made
