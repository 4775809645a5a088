"""Masks of a part of a picture, laid into the whole of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.masks import as_mask, edges_of
from labelwidgets.algorithms.runs import Runs
from labelwidgets.errors import GeometryError


def runs_from_part(mask: ArrayLike, at: tuple[int, int], size: tuple[int, int]) -> Runs:
    """Return the runs of a picture of which a part is masked; the picture itself is never made.

    Parameters
    ----------
    mask
        (h, w) of the part; what is not 0 is set.
    at
        Column and row, in the picture, of the first pixel of the part.
    size
        (H, W) of the picture.

    Raises
    ------
    GeometryError
        If the part does not lie within the picture.
    """
    bits = as_mask(mask)
    (height, width), (x, y) = size, at
    if not (0 <= x <= width - bits.shape[1] and 0 <= y <= height - bits.shape[0]):
        raise GeometryError(
            f"of {bits.shape[1]} x {bits.shape[0]} pixels at ({x}, {y}) does not lie within "
            f"{width} x {height}.",
            where="mask",
        )
    # A row of nothing above, and no run goes on from one column to the next.
    padded = np.zeros((bits.shape[0] + 1, bits.shape[1]), bool, order="F")
    padded[1:] = bits
    edges = edges_of(padded)
    # What ends with a column ends where the next one begins: it is told by being second.
    columns, rows = np.divmod(edges, padded.shape[0])
    ends = np.arange(edges.size) % 2 == 1
    wrapped = ends & (rows == 0)
    columns = columns - wrapped
    rows = np.where(wrapped, padded.shape[0], rows) - 1
    placed = (columns + x) * height + rows + y
    # As high as the picture, a column that is full may go on in the next one after all.
    same = placed[1:-1:2] == placed[2::2]
    kept = np.ones(placed.size, bool)
    kept[1:-1:2] &= ~same
    kept[2::2] &= ~same
    return Runs(size, placed[kept])
