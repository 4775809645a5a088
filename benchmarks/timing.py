"""Times of calls, and what is said of many of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Times(NamedTuple):
    """Percentiles of times in milliseconds."""

    median: float
    p95: float
    p99: float
    best: float
    worst: float


def times(values: Sequence[float]) -> Times:
    """Return percentiles (the nearest rank); NaN of nothing."""
    ordered = sorted(values)
    if not ordered:
        nan = float("nan")
        return Times(nan, nan, nan, nan, nan)

    def at(part: float) -> float:
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    return Times(at(0.5), at(0.95), at(0.99), ordered[0], ordered[-1])


def timed(call: Callable[[], object], repeat: int = 1, warm: bool = True) -> Times:
    """Time a call several times, in milliseconds of wall time.

    Parameters
    ----------
    call
        What is measured.
    repeat
        How often.
    warm
        Call it once before, so that late imports and caches of the disk are there for all.
    """
    if warm:
        call()
    taken = []
    for _ in range(repeat):
        gc.collect()
        start = time.perf_counter()
        result = call()
        taken.append((time.perf_counter() - start) * 1000)
        del result
    return times(taken)


def beside(
    ours: Callable[[], object], theirs: Callable[[], object], repeat: int = 5
) -> tuple[Times, Times]:
    """Time two calls in turn, so that both meet the same moments of a busy machine.

    Their `best` are what to compare: who is held up is slower, never faster.
    """
    ours(), theirs()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeat):
        for call, to in zip((ours, theirs), taken, strict=True):
            to.append(timed(call, warm=False).best)
    return times(taken[0]), times(taken[1])
