"""How unsure a detector is of a picture, by the confidences of what it found there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from labelwidgets.active_learning.reading import Scores, ranked
from labelwidgets.errors import SchemaError

Aggregate = Literal["max", "mean", "sum"]


def detection_uncertainty(
    predictions: pd.DataFrame, items: Iterable[Any] | None = None, how: Aggregate = "max"
) -> Scores:
    """Return items by how unsure a detector is of what it found.

    Each object counts as 1 - |2 p - 1| of its confidence p: 1 at one half, 0 where it is sure.
    An item's are put together: Brust, Käding and Denzler (2019), "Active learning for deep object
    detection".

    Parameters
    ----------
    predictions
        One row an object, with ``item_id`` and ``confidence``, such as `Project.annotations` of
        predictions.
    items
        All items that were looked at: those without objects come last, with 0. None for those
        with objects.
    how
        ``max`` the least sure object, ``mean`` or ``sum``.

    Raises
    ------
    SchemaError
        If a column is missing, or a confidence is not from 0 to 1.
    """
    for name in ("item_id", "confidence"):
        if name not in predictions.columns:
            raise SchemaError("is not there.", where=f"predictions, column {name!r}")
    if how not in ("max", "mean", "sum"):
        raise SchemaError(f'must be "max", "mean" or "sum", not {how!r:.40}.', where="how")
    sure = predictions["confidence"].to_numpy(np.float64)
    wrong = ~((sure >= 0) & (sure <= 1))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SchemaError(
            f"must be from 0 to 1, not {sure[row]}.", where=f"predictions, row {row}, confidence"
        )
    unsure = pd.Series(1 - np.abs(2 * sure - 1), index=predictions["item_id"].astype(object))
    found = getattr(unsure.groupby(level=0, sort=False), how)()
    if items is not None:
        found = found.reindex(pd.Index(list(dict.fromkeys(items)), dtype=object), fill_value=0.0)
    return ranked(found.to_numpy(), found.index, "detection_uncertainty")
