"""Long work that ends when nobody wants it any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from labelwidgets.errors import ToolError

_wanted: ContextVar[Callable[[], bool]] = ContextVar("labelwidgets_wanted", default=lambda: True)


@contextmanager
def while_wanted(wanted: Callable[[], bool]) -> Iterator[None]:
    """Let `checkpoint` ask `wanted` in what is called inside of the `with` statement."""
    token = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(token)


def checkpoint() -> None:
    """Go on where the result is still wanted.

    A tool that takes long calls it between its steps: a thread cannot be ended from outside.

    Raises
    ------
    ToolError
        If it was given up on; nobody hears of it.
    """
    if not _wanted.get()():
        raise ToolError("was given up on.")
