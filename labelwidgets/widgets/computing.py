"""Running tools beside the kernel's own work: each run has a thread, and may be given up on.

A thread cannot be stopped: a function that never returns goes on in the background, unheard. Few
of those are let run at once, so that they cannot eat up the machine.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from labelwidgets.assist.cancelling import while_wanted
from labelwidgets.errors import LabelwidgetsError, ToolError
from labelwidgets.widgets.reading import FindLoop, running_loop

T = TypeVar("T")

# Runs of one tool that may be on their way at once, those given up on included.
MOST_RUNS = 4

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
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def run(
        self,
        request: int,
        name: str,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do `work` of the tool `name`, then call `done` or `failed` where the widget lives.

        Raises
        ------
        ToolError
            If earlier runs of the tool have not returned yet.
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
        with self._lock:
            if self._running[name] >= MOST_RUNS:
                raise ToolError(
                    f"has not come back from {MOST_RUNS} earlier runs.",
                    where=f"tool {name!r}",
                    hint="Wait for them, or restart the kernel: the labels are saved.",
                )
            self._running[name] += 1
        self._wanted.add(request)

        def tell(call: Callable[[], None]) -> None:
            if request in self._wanted:
                self._wanted.discard(request)
                call()

        def run() -> None:
            call: Callable[[], None]
            try:
                with while_wanted(lambda: request in self._wanted):
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
            finally:
                with self._lock:
                    self._running[name] -= 1
            try:
                loop.call_soon_threadsafe(tell, call)
            except RuntimeError:
                # The kernel is shutting down, and nobody is left to tell.
                return

        threading.Thread(target=run, name=f"labelwidgets-tool-{name}", daemon=True).start()

    def cancel(self, request: int) -> None:
        """Give up on a request: it may go on, but nobody hears of it."""
        self._wanted.discard(request)

    def close(self) -> None:
        """Give up on everything."""
        self._wanted.clear()


def _later(call: Callable[[T], None], value: T) -> Callable[[], None]:
    return lambda: call(value)


def _log(error: Exception, name: str) -> None:
    """Keep the trace of what a person's own function raised: they will want to mend it."""
    cause = error.__cause__
    if cause is not None or not isinstance(error, LabelwidgetsError):
        logger.warning("The tool %s failed.", name, exc_info=cause or error)
