"""Words of 64 pixels or voxels, one bit each, compiled: what floods of both are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel

NONE = np.uint64(0)
ONE = np.uint64(1)
LAST = np.uint64(63)
_HALF = np.uint64(32)
# Times this, eight bytes of 0 or 1 have their bits side by side in the uppermost byte.
GATHER = np.uint64(0x0102040810204080)
TOP = np.uint64(56)


@kernel
def fill_word(open_: Any, seeds: Any) -> Any:
    """Return the runs of `open_` that hold a bit of `seeds`, itself within `open_`."""
    # Upwards: the carry goes through a run and leaves zeros behind it.
    filled = (((open_ + seeds) ^ open_) & open_) | seeds
    # Downwards: Kogge and Stone, in steps that double.
    through, by = open_, ONE
    while by <= _HALF and through & (filled >> by) & ~filled:
        filled |= through & (filled >> by)
        through &= through >> by
        by <<= ONE
    return filled
