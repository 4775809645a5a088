"""Which votes pixels have: of millions of pixels there are few different ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import GeometryError

# Patterns that are counted in a table; where there may be more, those that are there get numbers.
_TABLE = 2**20


class Patterns(NamedTuple):
    """The votes of D people for each pixel.

    Attributes
    ----------
    code : ndarray of unsigned integers
        Of the shape of the masks: the row of `votes` of each pixel.
    votes : (P, D) ndarray of int64
        What each of them says there, of all patterns that are there.
    counts : (P,) ndarray of float64
        How many pixels have it.
    """

    code: NDArray[Any]
    votes: NDArray[np.int64]
    counts: NDArray[np.float64]


def patterns_of(maps: Sequence[NDArray[Any]], labels: int) -> Patterns:
    """Return the patterns of maps of whole numbers from 0 to `labels` - 1, all of one shape."""
    code: NDArray[Any] = np.zeros(maps[0].shape, np.uint8)
    votes = np.zeros((1, 0), np.int64)
    counts = np.array([float(code.size)])
    room = 1
    for number, one in enumerate(maps):
        if room * labels > _TABLE:
            code, votes, counts = _compact(code, votes)
            room = len(votes)
        room *= labels
        code = _widened(code, room)
        # Sums and bits go many at a time through the processor, products and shifts do not.
        if labels == 2:
            np.add(code, code, out=code)
            np.bitwise_or(code, one.view(np.uint8), out=code)
        else:
            code *= code.dtype.type(labels)
            code += one.astype(code.dtype, copy=False)
        said = np.tile(np.arange(labels), len(votes))[:, None]
        votes = np.concatenate([np.repeat(votes, labels, axis=0), said], axis=1)
        if number == len(maps) - 1:
            code, votes, counts = _compact(code, votes)
    return Patterns(code, votes, counts)


def _widened(code: NDArray[Any], room: int) -> NDArray[Any]:
    return code.astype(np.min_scalar_type(room - 1), copy=False)


def _compact(
    code: NDArray[Any], votes: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.float64]]:
    """Leave out patterns that no pixel has."""
    counts = _counted(code, len(votes))
    there = np.flatnonzero(counts)
    if there.size == counts.size:
        return code, votes, counts
    # In a table of few patterns those that are not there cost less than to number pixels anew.
    if len(votes) <= 256 or there.size * 4 > len(votes):
        return code, votes, counts
    number = np.zeros(len(votes), np.min_scalar_type(there.size))
    number[there] = np.arange(there.size)
    return number[code], votes[there], counts[there]


def _counted(code: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Return how many pixels have each code, in parts that stay in the cache."""
    flat = code.reshape(-1)
    counts = np.zeros(size, np.int64)
    if code.dtype == np.uint8 and flat.size > 2**16:
        # Two pixels at a time: as many different pairs as fit into the cache.
        pairs = flat[: flat.size & ~1].view(np.uint16)
        both = np.zeros(2**16, np.int64)
        for begin in range(0, pairs.size, 2**18):
            both += np.bincount(pairs[begin : begin + 2**18], minlength=2**16)
        table = both.reshape(256, 256)
        whole = table.sum(axis=0) + table.sum(axis=1)
        if flat.size & 1:
            whole[flat[-1]] += 1
        folded: NDArray[np.float64] = whole[:size].astype(np.float64)
        return folded
    for begin in range(0, flat.size, 2**18):
        counts += np.bincount(flat[begin : begin + 2**18], minlength=size)
    return counts.astype(np.float64)


def read_masks(masks: ArrayLike | Sequence[ArrayLike]) -> list[NDArray[np.bool_]]:
    """Return masks of several people as arrays of bool of one shape.

    Raises
    ------
    GeometryError
        If there is none, shapes differ, they have no pixels, or hold no numbers.
    """
    found: list[NDArray[np.bool_]] = []
    for index, given in enumerate(_listed(masks)):
        one = np.asarray(given)
        if one.dtype.kind not in "buif":
            raise GeometryError(
                f"must be of bool or numbers, not {one.dtype}.", where=f"masks[{index}]"
            )
        _check_shape(one, found, index)
        found.append(np.ascontiguousarray(one if one.dtype == bool else one != 0))
    return found


def read_maps(maps: ArrayLike | Sequence[ArrayLike]) -> list[NDArray[Any]]:
    """Return label maps of several people as arrays of whole numbers of one shape.

    Raises
    ------
    GeometryError
        As for `read_masks`; or if they hold other than whole numbers.
    """
    found: list[NDArray[Any]] = []
    for index, given in enumerate(_listed(maps)):
        one = np.asarray(given)
        if one.dtype.kind not in "bui":
            raise GeometryError(
                f"must be of whole numbers, not {one.dtype}.", where=f"maps[{index}]"
            )
        _check_shape(one, found, index)
        found.append(np.ascontiguousarray(one))
    return found


def _listed(given: Any) -> list[Any]:
    listed = list(given)
    if not listed:
        raise GeometryError("must be of one person at least.", where="masks")
    return listed


def _check_shape(one: NDArray[Any], others: Sequence[NDArray[Any]], index: int) -> None:
    if one.ndim == 0 or not one.size:
        raise GeometryError(f"has no pixels: its shape is {one.shape}.", where=f"masks[{index}]")
    if others and one.shape != others[0].shape:
        raise GeometryError(
            f"has the shape {one.shape}, the first one {others[0].shape}.", where=f"masks[{index}]"
        )
