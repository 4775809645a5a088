"""How many labels of a file have been read, shown while that takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ONE_MORE: ContextVar[Callable[[], Any] | None] = ContextVar("labelwidgets_one_more", default=None)


@contextmanager
def counted(progress: bool | None = None) -> Iterator[None]:
    """Show how many labels readers read inside: True at once, None after a second, False never.

    Inside of another one it counts for that.
    """
    from tqdm.auto import tqdm

    if _ONE_MORE.get() is not None:
        yield
        return

    bar = tqdm(
        desc="Reading labels",
        unit="label",
        delay=0 if progress else 1,
        disable=progress is False,
    )
    token = _ONE_MORE.set(bar.update)
    try:
        with bar:
            yield
    finally:
        _ONE_MORE.reset(token)


def one_more() -> None:
    """Count a label that has been read."""
    count = _ONE_MORE.get()
    if count is not None:
        count()
