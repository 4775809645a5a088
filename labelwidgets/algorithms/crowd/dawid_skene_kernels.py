"""A round of Dawid and Skene's estimate, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def weigh(starts: Any, codes: Any, logs: Any, prior: Any, posterior: Any, seen: Any) -> Any:
    """Write how likely each label of each task is, and what workers said where it is true.

    Parameters
    ----------
    starts
        (T + 1,) int64: where the votes of each task begin.
    codes
        (N,) int64: of each vote worker and label, as a row of `logs`.
    logs
        (W x said, true) float64: logarithm of how likely a worker says that.
    prior
        (K,) float64: logarithm of how frequent labels are.
    posterior
        (T, K) float64, written.
    seen
        (W x said, true) float64, written.

    Returns
    -------
    float
        The entropy of all posteriors.
    """
    size = prior.size
    seen[:] = 0.0
    entropy = 0.0
    for task in range(starts.size - 1):
        row = posterior[task]
        for label in range(size):
            row[label] = prior[label]
        for vote in range(starts[task], starts[task + 1]):
            said = logs[codes[vote]]
            for label in range(size):
                row[label] += said[label]
        top = row[0]
        for label in range(1, size):
            top = max(top, row[label])
        total = 0.0
        for label in range(size):
            # Kept beside: the logarithm of what is likely is known before it is taken.
            row[label] -= top
            total += np.exp(row[label])
        much = np.log(total)
        for label in range(size):
            log = row[label] - much
            row[label] = np.exp(log)
            entropy -= row[label] * log
        for vote in range(starts[task], starts[task + 1]):
            said = seen[codes[vote]]
            for label in range(size):
                said[label] += row[label]
    return entropy
