"""Threads that nobody waits for any more once their work is given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeAlias

Job: TypeAlias = "tuple[Future[Any], Callable[[Any], Any], Any]"

_of_thread = threading.local()


def given_up() -> bool:
    """Say whether the work of this thread is given up: asked between the items of a piece.

    A thread cannot be ended from outside. One that is not of `Threads` is never given up.
    """
    end: threading.Event | None = getattr(_of_thread, "end", None)
    return end is not None and end.is_set()


class Threads:
    """Threads that do one piece of work after the other.

    Those of `concurrent.futures` hold the interpreter until they have done what they were at;
    these do not.

    Parameters
    ----------
    count
        How many there are at most.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def submit(self, work: Callable[[Any], Any], piece: Any) -> Future[Any]:
        """Return what will become of a piece."""
        future: Future[Any] = Future()
        self._jobs.put((future, work, piece))
        if len(self._threads) < self._count:
            name = f"labelwidgets-worker-{len(self._threads)}"
            made = threading.Thread(
                target=_run, args=(self._jobs, self._end), name=name, daemon=True
            )
            self._threads.append(made)
            made.start()
        return future

    def close(self) -> None:
        """Have them end: what has not begun is given up, and what has is where it asks."""
        self._end.set()
        for _ in self._threads:
            self._jobs.put(None)


def _run(jobs: SimpleQueue[Job | None], end: threading.Event) -> None:
    _of_thread.end = end
    while job := jobs.get():
        if end.is_set():
            job[0].cancel()
        _do(*job)
        # Nothing of it is kept while the next one is waited for.
        del job


def _do(future: Future[Any], work: Callable[[Any], Any], piece: Any) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work(piece))
    except BaseException as error:
        future.set_exception(error)
