"""The frames that say what a label file has: its classes, and what lies on no item."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def unmatched_frame(rows: Iterable[tuple[str, str, str, int, str]]) -> pd.DataFrame:
    """Return a row for each place of the file, id, name, number of labels and reason."""
    import pandas as pd

    columns = ["record", "id", "file_name", "annotations", "reason"]
    return pd.DataFrame(list(rows), columns=columns).astype({"annotations": "int64"})


def categories_frame(rows: Iterable[tuple[str, str | None, int]]) -> pd.DataFrame:
    """Return a row for each class of the file, by its name, its group and its number of labels."""
    import pandas as pd

    columns = ["id", "name", "supercategory", "annotations"]
    made = pd.DataFrame([(name, name, group, n) for name, group, n in rows], columns=columns)
    return made.astype({"name": object, "supercategory": object, "annotations": "int64"})
