"""Reading pixels beside the kernel's own work, and giving up on what is no longer wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple, TypeAlias, TypeVar

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.cancellation import Cancellation, cancelled_by

T = TypeVar("T")

FindLoop: TypeAlias = Callable[[], asyncio.AbstractEventLoop | None]


class Haste(NamedTuple):
    """Threads of their own for what is equally urgent, so that it waits for nothing else."""

    name: str
    threads: int


URGENT = Haste("now", 2)
"""What a person waits for."""
AHEAD = Haste("ahead", 3)
"""What is likely to be looked at next."""
TILES = Haste("tiles", 8)
"""Tiles of large pictures, of which many are on their way at once."""
REFORMATS = Haste("reformats", 2)
"""Cuts across the slices of scans, which wait for slices to be read."""
PATIENT = Haste("list", 4)
"""What only fills the navigator."""

logger = logging.getLogger("labelwidgets")


@cache
def _pool(haste: Haste) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(haste.threads, thread_name_prefix=f"labelwidgets-read-{haste.name}")


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of the kernel, None in a script that has none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Reader:
    """Runs reads in threads and hands their results to the event loop, by request number.

    Parameters
    ----------
    find_loop
        Returns the event loop; where there is none, a read is done at once.
    """

    def __init__(self, find_loop: FindLoop = running_loop) -> None:
        self._find_loop = find_loop
        self._running: dict[int, list[asyncio.Task[None]]] = {}

    def read(
        self,
        request: int,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        haste: Haste = PATIENT,
    ) -> None:
        """Do `work` in a thread, then call `done` or `failed` where the widget lives."""
        loop = self._find_loop()
        if loop is None:
            try:
                result = work()
            except Exception as error:
                _log(error)
                failed(error)
            else:
                done(result)
            return

        cancellation = Cancellation()

        def wanted() -> T:
            cancellation.check()
            with cancelled_by(cancellation):
                return work()

        async def run() -> None:
            try:
                result = await loop.run_in_executor(_pool(haste), wanted)
            except asyncio.CancelledError:
                cancellation.cancel()
                raise
            except Exception as error:
                _log(error)
                failed(error)
            else:
                done(result)

        task = loop.create_task(run())
        self._running.setdefault(request, []).append(task)
        task.add_done_callback(lambda ended: self._forget(request, ended))

    def cancel(self, request: int) -> None:
        """Give up on a request; a read that has begun is cancelled, and ends unheard."""
        for task in self._running.pop(request, []):
            task.cancel()

    def close(self) -> None:
        """Give up on everything."""
        for request in list(self._running):
            self.cancel(request)

    def _forget(self, request: int, task: asyncio.Task[None]) -> None:
        running = self._running.get(request, [])
        if task in running:
            running.remove(task)
        if not running:
            self._running.pop(request, None)


def _log(error: Exception) -> None:
    """Keep what nobody foresaw; what is of our family is said in full where it is shown."""
    if not isinstance(error, LabelwidgetsError):
        logger.error("Reading a picture failed.", exc_info=error)
