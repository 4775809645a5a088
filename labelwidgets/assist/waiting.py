"""Waiting for models: coroutines on a loop of their own, and calls that may take only so long."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from typing import Any

from labelwidgets.assist.cancelling import still_wanted
from labelwidgets.errors import AssistantError, ToolError

# How often it is asked whether the answer is still wanted, in seconds.
_OFTEN = 0.05

_loop: asyncio.AbstractEventLoop | None = None
_owner = 0
_lock = threading.Lock()


def _running_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that models are awaited on.

    It is the same for all, so that they can keep lines to their servers open, and not the
    kernel's, which may be the one that waits.
    """
    global _loop, _owner
    with _lock:
        if _loop is None or _owner != os.getpid() or _loop.is_closed():
            made = asyncio.new_event_loop()
            thread = threading.Thread(
                target=made.run_forever, name="labelwidgets-assistants", daemon=True
            )
            thread.start()
            _loop, _owner = made, os.getpid()
        return _loop


def settled(answer: Any, timeout: float | None = None) -> Any:
    """Return an answer, awaited where it is a coroutine or another awaitable.

    It is cancelled where nobody waits any more, or after `timeout` seconds.

    Raises
    ------
    ToolError
        If it was given up on.
    AssistantError
        If it takes longer than `timeout`.
    """
    if not inspect.isawaitable(answer):
        return answer
    future = asyncio.run_coroutine_threadsafe(_awaited(answer), _running_loop())
    return _result(future, timeout, future.cancel)


def within(call: Callable[[], Any], timeout: float | None) -> Any:
    """Return what a call comes to, which may take so many seconds; None is no limit.

    A thread cannot be stopped: a call that never returns goes on in the background, unheard.

    Raises
    ------
    AssistantError
        If it takes longer.
    """
    if timeout is None:
        return settled(call())
    done: Future[Any] = Future()
    context = copy_context()
    end = time.monotonic() + timeout

    def run() -> None:
        try:
            answer = context.run(call)
        except BaseException as error:  # told to who waits
            done.set_exception(error)
        else:
            done.set_result(answer)

    threading.Thread(target=run, name="labelwidgets-assistant", daemon=True).start()
    answer = _result(done, timeout, None)
    return settled(answer, max(0.0, end - time.monotonic()))


async def _awaited(answer: Any) -> Any:
    return await answer


def _result(future: Future[Any], timeout: float | None, cancel: Callable[[], Any] | None) -> Any:
    end = None if timeout is None else time.monotonic() + timeout
    try:
        while True:
            left = _OFTEN if end is None else min(_OFTEN, end - time.monotonic())
            try:
                return future.result(max(0.0, left))
            except FutureTimeoutError:
                if future.done():
                    # It raised one of these itself.
                    return future.result()
            if not still_wanted():
                raise ToolError("was given up on.")
            if end is not None and time.monotonic() >= end:
                raise AssistantError(
                    f"did not answer within {timeout:g} seconds.",
                    hint="Say timeout=... where it needs longer.",
                )
    finally:
        if cancel is not None and not future.done():
            cancel()
