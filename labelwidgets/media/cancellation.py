"""Reading that ends when nobody wants its bytes any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, cast

from labelwidgets.errors import GivenUpError


class Cancellation:
    """Whether something is still wanted. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], object]] = []

    @property
    def cancelled(self) -> bool:
        """Whether it is not wanted any more."""
        return self._cancelled

    def cancel(self) -> None:
        """Say that it is not wanted any more."""
        with self._lock:
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    @contextmanager
    def calling(self, callback: Callable[[], object]) -> Iterator[None]:
        """Call back when it is cancelled inside of the `with` statement, or was before."""
        with self._lock:
            now = self._cancelled
            if not now:
                self._callbacks.append(callback)
        if now:
            callback()
        try:
            yield
        finally:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

    def check(self) -> None:
        """Go on where it is still wanted.

        Raises
        ------
        GivenUpError
            If it is not.
        """
        if self._cancelled:
            raise GivenUpError("was given up on.")


_current: ContextVar[Cancellation | None] = ContextVar("labelwidgets_cancellation", default=None)


def current() -> Cancellation | None:
    """Return what says whether that which this thread reads is still wanted; None: it is."""
    return _current.get()


@contextmanager
def cancelled_by(cancellation: Cancellation | None) -> Iterator[None]:
    """Let a cancellation end what this thread reads inside of the `with` statement."""
    token = _current.set(cancellation)
    try:
        yield
    finally:
        _current.reset(token)


def sync(
    loop: asyncio.AbstractEventLoop, ask: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """Return what a coroutine function returns on the event loop of another thread.

    As `fsspec.asyn.sync`, and cancelled with what this thread reads.

    Raises
    ------
    GivenUpError
        If it was cancelled: its connection is closed then, and no further byte comes.
    """
    cancellation = _current.get()
    if cancellation is None:
        from fsspec.asyn import sync as wait

        return wait(loop, ask, *args, **kwargs)
    cancellation.check()
    future = asyncio.run_coroutine_threadsafe(ask(*args, **kwargs), loop)
    with cancellation.calling(future.cancel):
        try:
            return future.result()
        except BaseException:
            cancellation.check()
            raise


def cat(fs: Any, path: str, start: int, stop: int) -> bytes:
    """Return a range of a file of fsspec, in one request that can be cancelled on its way.

    Raises
    ------
    GivenUpError
        If it was cancelled; a file system that is not asynchronous reads its range to the end.
    """
    if (cancellation := _current.get()) is not None:
        cancellation.check()
    # By name always: the second positional parameter of s3fs is a version.
    if cancellation is None or not getattr(fs, "async_impl", False):
        return cast("bytes", fs.cat_file(path, start=start, end=stop))
    return cast("bytes", sync(fs.loop, fs._cat_file, path, start=start, end=stop))
