"""Running tools beside the kernel's own work: each run has a thread, and may be given up on.

A thread cannot be stopped: a function that never returns goes on in the background, unheard. Few
of those are let run at once, so that they cannot eat up the machine.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from labelwidgets.assist.cancelling import telling, while_wanted
from labelwidgets.errors import LabelwidgetsError, ToolError
from labelwidgets.media.cancellation import Cancellation, cancelled_by
from labelwidgets.widgets.reading import FindLoop, running_loop

T = TypeVar("T")

# Runs of one tool that may be on their way at once, those given up on included.
MOST_RUNS = 4
# How long the newest run waits for one of those to come back, in seconds.
PATIENCE = 3.0
# How often it is told how far a run is, in seconds.
_OFTEN = 0.1

logger = logging.getLogger("labelwidgets")


class Computer:
    """Runs tools in threads and hands what they come to to the event loop.

    Parameters
    ----------
    find_loop
        Returns the event loop; where there is none, a tool is run at once.
    """

    def __init__(self, find_loop: FindLoop = running_loop) -> None:
        self._find_loop = find_loop
        self._wanted: set[int] = set()
        self._reading: dict[int, Cancellation] = {}
        self._running: Counter[str] = Counter()
        self._newest: dict[str, Callable[[], None]] = {}

    def run(
        self,
        request: int,
        name: str,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Do `work` of the tool `name`, then call `done` or `failed` where the widget lives.

        In between, `progress` hears what share of it is done, where the tool says so.

        Where earlier runs of the tool have not come back, the newest waits for one that does, as
        after quick strokes on a large picture, and fails after a while.
        """
        loop = self._find_loop()
        if loop is None:
            try:
                result = work()
            except Exception as error:
                _log(error, name)
                failed(error)
            else:
                done(result)
            return
        self._wanted.add(request)
        begun = threading.Event()
        reading = self._reading[request] = Cancellation()

        def tell(call: Callable[[], None]) -> None:
            self._reading.pop(request, None)
            if request in self._wanted:
                self._wanted.discard(request)
                call()

        told = 0.0

        def hear(share: float) -> None:
            if progress is not None and request in self._wanted:
                progress(share)

        def tell_share(share: float) -> None:
            nonlocal told
            if time.monotonic() - told >= _OFTEN:
                told = time.monotonic()
                loop.call_soon_threadsafe(hear, share)

        def run() -> None:
            call: Callable[[], None]
            wanted = while_wanted(lambda: request in self._wanted)
            try:
                with wanted, cancelled_by(reading), telling(tell_share):
                    result = work()
            except Exception as error:
                if request in self._wanted:
                    _log(error, name)
                call = _later(failed, error)
            except BaseException as error:  # such as SystemExit, which would end the thread unheard
                words = f"raised {type(error).__name__}."
                call = _later(failed, ToolError(words, where=f"tool {name!r}"))
            else:
                call = _later(done, result)
            try:
                loop.call_soon_threadsafe(tell, call)
                loop.call_soon_threadsafe(self._came_back, name)
            except RuntimeError:
                # The kernel is shutting down, and nobody is left to tell.
                return

        def start() -> None:
            if request in self._wanted:
                begun.set()
                self._running[name] += 1
                label = f"labelwidgets-tool-{name}"
                threading.Thread(target=run, name=label, daemon=True).start()

        def give_up() -> None:
            # Also of one in whose place a newer one waits now.
            if not begun.is_set():
                if self._newest.get(name) is start:
                    del self._newest[name]
                tell(_later(failed, _busy(name)))

        if self._running[name] < MOST_RUNS:
            start()
            return
        self._newest[name] = start
        loop.call_later(PATIENCE, give_up)

    def _came_back(self, name: str) -> None:
        """Let the newest run of a tool begin, now that there is room for it."""
        self._running[name] -= 1
        start = self._newest.pop(name, None)
        if start is not None:
            start()

    def cancel(self, request: int) -> None:
        """Give up on a request: what it reads ends; it may go on, but nobody hears of it."""
        self._wanted.discard(request)
        if (reading := self._reading.pop(request, None)) is not None:
            reading.cancel()

    def close(self) -> None:
        """Give up on everything."""
        for request in list(self._reading):
            self.cancel(request)
        self._wanted.clear()
        self._newest.clear()


def _later(call: Callable[[T], None], value: T) -> Callable[[], None]:
    return lambda: call(value)


def _busy(name: str) -> ToolError:
    return ToolError(
        f"has not come back from {MOST_RUNS} earlier runs.",
        where=f"tool {name!r}",
        hint="Wait for them, or restart the kernel: the labels are saved.",
    )


def _log(error: Exception, name: str) -> None:
    """Keep the trace of what a person's own function raised: they will want to mend it."""
    cause = error.__cause__
    if cause is not None or not isinstance(error, LabelwidgetsError):
        logger.warning("The tool %s failed.", name, exc_info=cause or error)
