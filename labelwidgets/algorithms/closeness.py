"""How close two values are, for measures with weights: from 1 (the same) to 0 (the ends)."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.ratings import Floats
from labelwidgets.errors import SchemaError
from labelwidgets.numbered import numbered

Weights: TypeAlias = Literal["linear", "quadratic", "ordinal"] | ArrayLike | None


def closeness(values: NDArray[Any], weights: Weights) -> Floats:
    """Return the weight of each pair of values.

    Parameters
    ----------
    values
        (V,) values, ascending. Numbers count as such: 4 is twice as far from 0 as 2 is, even if
        nobody said 3. All others count by their place.
    weights
        None: 1 for the same, 0 for others. "linear" and "quadratic": less with the distance, or
        its square (Cohen 1968). "ordinal": less with the number of pairs of values between the
        two (Gwet, Handbook of Inter-Rater Reliability, 2014). Or a (V, V) matrix, 1 where two
        values are as good as the same.

    Returns
    -------
    ndarray
        (V, V) float64.

    Raises
    ------
    SchemaError
        If `weights` is none of these.
    """
    size = values.size
    if weights is None:
        return np.eye(size)
    if not isinstance(weights, str):
        given = np.asarray(weights, np.float64)
        square = given.shape == (size, size) and np.isfinite(given).all()
        if not square or not np.array_equal(given, given.T):
            raise SchemaError(
                f"must be a symmetric matrix of {size} by {numbered(size, 'number')}.",
                where="weights",
            )
        return given
    at = values.astype(np.float64) if values.dtype.kind in "iufb" else np.arange(size, dtype=float)
    if weights == "ordinal":
        at = np.arange(size, dtype=float)
    apart = np.abs(np.subtract.outer(at, at))
    if weights == "ordinal":
        # The pairs that can be made of all values from the one to the other.
        apart = apart * (apart + 1) / 2
    elif weights == "quadratic":
        apart = apart**2
    elif weights != "linear":
        raise SchemaError(
            f"is {weights!r}.", where="weights", hint='There are "linear", "quadratic", "ordinal".'
        )
    most = apart.max(initial=0.0)
    made: Floats = 1 - apart / most if most else np.ones((size, size))
    return made
