"""How often a label of one class means one of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

UNMATCHED = "unmatched"


def confusion_of(matches: pd.DataFrame, labels: str = "labels") -> pd.DataFrame:
    """Return how often a label of a class (rows) means a reference of a class (columns), int64.

    The last row and column, ``unmatched``, are those without a partner.

    Parameters
    ----------
    matches
        With the columns class_name and reference_class, missing where there is no partner.
    labels
        What the rows are called.
    """
    import pandas as pd

    both = matches[["class_name", "reference_class"]]
    names = sorted({*both["class_name"].dropna(), *both["reference_class"].dropna()})
    last = UNMATCHED if UNMATCHED not in names else f"({UNMATCHED})"
    place = {name: i for i, name in enumerate(names)}
    table = np.zeros((len(names) + 1,) * 2, np.int64)
    at = [
        both[name].map(place).astype("Float64").fillna(len(names)).astype("int64").to_numpy()
        for name in both
    ]
    np.add.at(table, (at[0], at[1]), 1)
    index = pd.Index([*names, last], name=labels, dtype="object")
    return pd.DataFrame(table, index=index, columns=index.rename("reference"))
