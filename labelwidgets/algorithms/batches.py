"""Very many small problems, a batch at a time: what is in between stays in the cache."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def batches(sizes: NDArray[np.int64], at_once: int) -> Iterator[slice]:
    """Yield slices of problems whose sizes sum up to `at_once` at most, or of one larger one."""
    reach = np.cumsum(sizes)
    begin = 0
    while begin < sizes.size:
        before = int(reach[begin] - sizes[begin])
        end = max(begin + 1, int(np.searchsorted(reach, before + at_once, side="right")))
        yield slice(begin, end)
        begin = end
