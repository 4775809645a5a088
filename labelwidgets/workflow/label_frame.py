"""Labels that are in no store, as a frame like that of those that are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    import pandas as pd


def label_frame(labels: Sequence[Annotation]) -> pd.DataFrame:
    """Return labels as a frame with the columns and dtypes of `Project.annotations`."""
    import pandas as pd

    from labelwidgets.store.frame_columns import ANNOTATION_COLUMNS
    from labelwidgets.store.frames import columns_of, frame

    kinds = frame(ANNOTATION_COLUMNS, columns_of(list(ANNOTATION_COLUMNS), [])).dtypes
    rows = [_row(label) for label in labels]
    made = {
        name: pd.Series([row[name] for row in rows], dtype=object) for name in ANNOTATION_COLUMNS
    }
    return pd.DataFrame(made).astype(dict(kinds))


def _row(label: Annotation) -> dict[str, Any]:
    x, y, width, height = label.geometry.bounds or (None, None, None, None)
    return {
        **{name: getattr(label, name) for name in label.__struct_fields__},
        "geometry_type": label.geometry.type,
        "origin": label.origin.kind,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "area": label.geometry.area,
    }
