"""How far a long reading or writing has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def counted(
    what: Iterable[T], title: str, unit: str = "label", total: int | None = None
) -> Iterator[T]:
    """Return what is gone through; a bar appears if that takes more than a second.

    Parameters
    ----------
    what
        What is gone through.
    title, unit
        What the bar says: "Reading COCO", "picture".
    total
        How many there are, where `what` does not know.
    """
    from tqdm.auto import tqdm

    bar: Iterator[T] = iter(
        tqdm(what, desc=title, unit=f" {unit}", total=total, delay=1, leave=False)
    )
    return bar
