"""Which label is meant by which: the best pairs of two sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Pairing(NamedTuple):
    """Pairs of two sets, and what is left of either.

    Parameters
    ----------
    pairs
        Index in the first set, index in the second, and how alike they are.
    missing
        Indices in the first set of those without a partner.
    extra
        Indices in the second set of those without a partner.
    """

    pairs: list[tuple[int, int, float]]
    missing: list[int]
    extra: list[int]


def pair(
    alike: npt.NDArray[np.float64],
    first: Sequence[str | None],
    second: Sequence[str | None],
    threshold: float,
) -> Pairing:
    """Return the pairs that are together the most alike.

    Labels of the same class find each other first, and what is left over is compared whatever
    its class, as CVAT's quality check has it: a car drawn twice, once called a lorry, is one pair
    and one extra lorry, not two wrong classes.

    Parameters
    ----------
    alike
        (N, M) from 0 to 1.
    first, second
        N and M classes.
    threshold
        Those that are less alike are no pair, nor are those that are not alike at all.
    """
    rows, columns = np.arange(len(first)), np.arange(len(second))
    same = np.equal.outer(_codes(first), _codes(second))
    pairs: list[tuple[int, int, float]] = []
    for allowed in (same, np.ones_like(same)):
        if not len(rows) or not len(columns):
            break
        part = np.ix_(rows, columns)
        good = allowed[part] & (alike[part] >= threshold) & (alike[part] > 0)
        chosen = _assigned(np.where(good, alike[part], 0.0))
        found = [(rows[i], columns[j]) for i, j in chosen if good[i, j]]
        pairs += [(int(i), int(j), float(alike[i, j])) for i, j in found]
        rows = np.setdiff1d(rows, [i for i, _ in found])
        columns = np.setdiff1d(columns, [j for _, j in found])
    return Pairing(sorted(pairs), rows.tolist(), columns.tolist())


def _codes(classes: Sequence[str | None]) -> npt.NDArray[Any]:
    # None and the class "None" are two.
    return np.array([f"={name}" if name is not None else "" for name in classes], dtype=object)


def _assigned(alike: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    i, j = linear_sum_assignment(alike, maximize=True)
    return list(zip(i.tolist(), j.tolist(), strict=True))
