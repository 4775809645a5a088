"""Runs of a map of labels, compiled: found row by row, as the map lies in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def find_label_runs(labels: Any) -> Any:
    """Return where the runs down the columns begin, and their labels."""
    height, width = labels.shape
    places = np.empty(width + 1, np.int64)
    counts = np.zeros(width, np.int32)
    for y in range(1, height):
        row = np.uint64(y)
        for x in range(np.uint64(0), np.uint64(width)):
            counts[x] += np.int32(labels[row, x] != labels[row - np.uint64(1), x])
    total = 0
    for x in range(width):
        places[x] = total
        total += counts[x] + (x == 0 or labels[0, x] != labels[height - 1, x - 1])
    starts = np.empty(total, np.int64)
    found = np.empty(total, np.int32)
    for x in range(width):
        if x == 0 or labels[0, x] != labels[height - 1, x - 1]:
            starts[places[x]] = x * height
            found[places[x]] = labels[0, x]
            places[x] += 1
    for y in range(1, height):
        row = np.uint64(y)
        for x in range(np.uint64(0), np.uint64(width)):
            if labels[row, x] != labels[row - np.uint64(1), x]:
                at = places[x]
                starts[at] = np.int64(x) * height + y
                found[at] = labels[row, x]
                places[x] = at + 1
    return starts, found
