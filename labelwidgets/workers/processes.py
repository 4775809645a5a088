"""Processes that are ended once their work is given up."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import SpawnContext
from typing import Any


class Processes:
    """Processes of this machine that do one piece of work after the other.

    They are spawned: what a forked process knows of threads and connections is of no use to it.

    Parameters
    ----------
    count
        How many there are at most.
    begin, told
        Called in each of them at first, with this.
    """

    def __init__(self, count: int, begin: Callable[[Any], None], told: Any) -> None:
        self._context = _Listed()
        self._executor = ProcessPoolExecutor(
            count, self._context, initializer=_begun, initargs=(begin, told)
        )
        self._at_work: set[Future[Any]] = set()

    def submit(self, work: Callable[[Any], Any], piece: Any) -> Future[Any]:
        """Return what will become of a piece.

        Raises
        ------
        BrokenExecutor
            If one of the processes has died.
        """
        future = self._executor.submit(work, piece)
        self._at_work.add(future)
        future.add_done_callback(self._at_work.discard)
        return future

    def close(self) -> None:
        """End them: at once where they are at work, else as they see that nothing is left."""
        if all(one.done() for one in list(self._at_work)):
            self._executor.shutdown(wait=False, cancel_futures=True)
            return
        self._context.end()
        # Until they are gone, so that neither they nor their semaphores are left to anybody.
        self._executor.shutdown(wait=True, cancel_futures=True)


class _Listed(SpawnContext):
    """Starts processes, and knows which: an executor tells nobody before Python 3.14."""

    def __init__(self) -> None:
        self._processes: list[Any] = []
        self._queues: list[Any] = []

    def Process(  # type: ignore[override]  # noqa: N802 - as the executor calls it
        self, *args: Any, **options: Any
    ) -> Any:
        made = super().Process(*args, **options)
        self._processes.append(made)
        return made

    def SimpleQueue(self) -> Any:  # noqa: N802 - as the executor calls it
        made: Any = super().SimpleQueue()
        self._queues.append(made)
        return made

    def end(self) -> None:
        for one in self._processes:
            one.terminate()
        for queue in self._queues:
            # Else the executor waits for the rest of an answer that one of them was sending.
            queue._writer.close()


def _begun(begin: Callable[[Any], None], told: Any) -> None:
    # Ctrl-C goes to all processes of a terminal: the one that waits for these ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begin(told)
