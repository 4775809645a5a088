"""Long work that says how far it is, and ends when nobody wants it any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from labelwidgets.errors import ToolError

_wanted: ContextVar[Callable[[], bool]] = ContextVar("labelwidgets_wanted", default=lambda: True)
_tell: ContextVar[Callable[[float], None] | None] = ContextVar("labelwidgets_tell", default=None)


@contextmanager
def while_wanted(wanted: Callable[[], bool]) -> Iterator[None]:
    """Let `checkpoint` ask `wanted` in what is called inside of the `with` statement."""
    token = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(token)


@contextmanager
def telling(tell: Callable[[float], None]) -> Iterator[None]:
    """Let `checkpoint` say how far the work is, in what is called inside of the statement."""
    token = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(token)


def still_wanted() -> bool:
    """Say whether anybody waits for the result of the work that this is called in."""
    return _wanted.get()()


def checkpoint(done: float | None = None) -> None:
    """Go on where the result is still wanted, and say how far the work is.

    A tool that takes long calls it between its steps: a thread cannot be ended from outside.

    Parameters
    ----------
    done
        Share of the work that is done, from 0 to 1; None where that is not known.

    Raises
    ------
    ToolError
        If it was given up on; nobody hears of it.
    """
    if not still_wanted():
        raise ToolError("was given up on.")
    tell = _tell.get()
    if tell is not None and done is not None:
        tell(min(max(float(done), 0.0), 1.0))
