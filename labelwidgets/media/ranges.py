"""Many ranges of a file at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from labelwidgets.media.places import Place
from labelwidgets.media.thread_pools import thread_pool

AT_ONCE = 16
"""Requests that run beside each other."""
GAP = 1 << 14
"""Ranges that are so close are fetched as one, with what lies between them."""


def _pool() -> ThreadPoolExecutor:
    # Of its own, and for single requests only: nothing in it waits for anything else in it.
    return thread_pool("labelwidgets-range", AT_ONCE)


def fetch_ranges(place: Place, ranges: Sequence[tuple[int, int]], gap: int = GAP) -> list[bytes]:
    """Return several ranges of a file, fetched beside each other.

    Parameters
    ----------
    place
        Where it lies.
    ranges
        Start and stop of each, in any order; they may overlap.
    gap
        Ranges with at most so many bytes between them are one request.

    Returns
    -------
    list of bytes
        Of each range, in the order given: shorter only where the file ends before.
    """
    runs: list[list[int]] = []
    order = sorted((index for index in range(len(ranges))), key=lambda index: ranges[index])
    home = [0] * len(ranges)
    for index in order:
        start, stop = ranges[index]
        if runs and start <= runs[-1][1] + gap:
            runs[-1][1] = max(runs[-1][1], stop)
        else:
            runs.append([start, stop])
        home[index] = len(runs) - 1
    if len(runs) == 1:
        found = [place.fetch(*runs[0])]
    else:
        # What is read is counted to the item that is read for, also from another thread.
        jobs = [
            _pool().submit(copy_context().run, place.fetch, start, stop) for start, stop in runs
        ]
        try:
            found = [job.result() for job in jobs]
        finally:
            for job in jobs:
                job.cancel()
    return [
        found[run][start - runs[run][0] : stop - runs[run][0]]
        for run, (start, stop) in zip(home, ranges, strict=True)
    ]
