"""Where people differ, pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.fusion.patterns import patterns_of, read_masks


def pixel_disagreement(masks: ArrayLike | Sequence[ArrayLike]) -> NDArray[np.float32]:
    """Return what share of the pairs of people differ about each pixel.

    Parameters
    ----------
    masks
        (D, ...) or D masks of one shape: what is not 0 is marked.

    Returns
    -------
    ndarray of float32
        Of the shape of the masks: 0 where all say the same, at most 1 of two people, 2/3 of
        three and 0.5 of very many.

    Raises
    ------
    GeometryError
        If there is no mask, shapes differ or have no pixels.
    """
    read = read_masks(masks)
    found = patterns_of(read, 2)
    marked, people = found.votes.sum(axis=1), len(read)
    pairs = max(1, people * (people - 1) // 2)
    values: NDArray[np.float32] = (marked * (people - marked) / pairs).astype(np.float32)[
        found.code
    ]
    return values
