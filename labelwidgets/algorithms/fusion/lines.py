"""One line of several."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.fusion.mask_votes import read_weights
from labelwidgets.errors import GeometryError

Floats = NDArray[np.float64]

# Places along a line at which lines are compared: enough for what a hand draws.
_PLACES = 129
# How far, in pixels, a fused line may be from where the places say it is.
_NEAR = 0.25


def fuse_lines(lines: list[Any], weights: ArrayLike | None = None) -> Floats:
    """Return the line in the middle of several, whichever end each begins at.

    Lines are cut into pieces of even length; places at the same part of the way go together.

    Parameters
    ----------
    lines
        D lines, each (N, 2) in pixels, of two points at least.
    weights
        (D,) of people, from 0; None is 1 each.

    Returns
    -------
    ndarray
        (M, 2); it begins where the first line of most weight does.

    Raises
    ------
    GeometryError
        If there is no line, or one has less than two points.
    """
    from labelwidgets.algorithms.simplification import simplify_line

    if not len(lines):
        raise GeometryError("must be one at least.", where="lines")
    each = read_weights(weights, len(lines))
    even = [_even(np.asarray(line, np.float64)) for line in lines]
    first = even[int(each.argmax())]
    alike = [
        line[::-1] if np.abs(line[::-1] - first).sum() < np.abs(line - first).sum() else line
        for line in even
    ]
    middle = np.einsum("d,dnc->nc", each, np.array(alike)) / each.sum()
    return np.asarray(simplify_line(middle, _NEAR), np.float64)


def _even(line: Floats) -> Floats:
    if line.ndim != 2 or line.shape[1] != 2 or len(line) < 2 or not np.isfinite(line).all():
        raise GeometryError("must be (N, 2) finite numbers of two points at least.", where="lines")
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0, along[-1], _PLACES)
    return np.stack([np.interp(wanted, along, line[:, axis]) for axis in (0, 1)], axis=1)
