"""Identifiers that sort by time and never need a round trip to be made."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_AHEAD = 1000
_VALID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,63}\Z")


def new_id() -> str:
    """Return a new identifier of 20 characters.

    Eight base-36 digits of the time in milliseconds, then twelve random ones
    (62 bits), the same form that the browser makes for its edits.
    """
    return _time(time.time_ns() // 1_000_000) + _base36(secrets.randbelow(36**12), 12)


def made_since(text: str, milliseconds: int) -> bool:
    """Say whether `new_id` has made an identifier at a moment or after it (ms since 1970)."""
    return (
        len(text) == 20
        and text.isascii()
        and text.isalnum()
        and text == text.lower()
        and text[:8] >= _base36(milliseconds, 8)
    )


def new_ids(count: int) -> npt.NDArray[np.bytes_]:
    """Return new identifiers as `new_id` makes them: (count,) of 20 ASCII bytes each."""
    import numpy as np

    draw = np.random.Generator(np.random.PCG64(secrets.randbits(128)))
    # Two letters are a number of 16 bits.
    pairs = np.frombuffer("".join(_PAIRS).encode(), np.uint16)
    made = np.empty((count, 10), np.uint16)
    made[:, :4] = np.frombuffer(_time(time.time_ns() // 1_000_000).encode(), np.uint16)
    made[:, 4:] = pairs[draw.integers(len(pairs), size=(count, 6), dtype=np.uint16)]
    return made.view("S20").ravel()


def ids_ahead() -> Iterator[str]:
    """Yield new identifiers without end, made many at once at a tenth of what `new_id` takes."""
    while True:
        yield from new_ids(_AHEAD).astype("U").tolist()


def _base36(number: int, width: int) -> str:
    """Return a number in an even count of digits."""
    pairs = [""] * (width // 2)
    for place in range(width // 2 - 1, -1, -1):
        number, pair = divmod(number, 1296)
        pairs[place] = _PAIRS[pair]
    return "".join(pairs)


@lru_cache(maxsize=1)
def _time(milliseconds: int) -> str:
    return _base36(milliseconds, 8)


def is_id(text: str) -> bool:
    """Say whether `text` may serve as an identifier (1 to 64 plain ASCII characters)."""
    return _VALID.match(text) is not None
