"""Work on labels that is done by workers, piece by piece, and comes back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from labelwidgets.workers import Workers, run

A = TypeVar("A")
R = TypeVar("R")
Indices: TypeAlias = NDArray[np.int64]


def spread(
    work: Callable[[A], R], pieces: Sequence[A], workers: Workers, told: str, unit: str
) -> list[R]:
    """Return what becomes of each piece, in their order, with a bar where that takes long.

    Parameters
    ----------
    work
        What is done to a piece; it can be sent to processes.
    pieces
        What it is done to.
    workers
        Who does it.
    told, unit
        What the bar says.
    """
    from tqdm.auto import tqdm

    made: dict[int, R] = {}
    with (
        tqdm(total=len(pieces), desc=told, unit=unit, delay=1, leave=False) as bar,
        closing(run(_Numbered(work), enumerate(pieces), workers)) as done,
    ):
        for (number, _), found in done:
            made[number] = found
            bar.update()
    return [made[number] for number in range(len(pieces))]


class _Numbered:
    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work

    def __call__(self, piece: tuple[int, Any]) -> Any:
        return self._work(piece[1])


def cut(size: int, most: int) -> Iterator[slice]:
    """Return consecutive parts of so many, at most."""
    return (slice(start, min(start + most, size)) for start in range(0, size, most))


def cut_by(group: Indices, most: int) -> list[Indices]:
    """Return the rows of each piece: about so many, and each group whole, in their order.

    Parameters
    ----------
    group
        (N,) the group of each row.
    most
        Rows of a piece; a group that is larger is a piece by itself.
    """
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order], append=-1) != 0) + 1
    pieces: list[Indices] = []
    start = last = 0
    for end in ends.tolist():
        if end - start > most and last > start:
            pieces.append(order[start:last])
            start = last
        last = end
    if last > start:
        pieces.append(order[start:last])
    return pieces
