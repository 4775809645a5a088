"""Labels as rows with a box, whatever they are given as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation_rows import Labels, records_of

if TYPE_CHECKING:
    import pandas as pd

BOX_COLUMNS = {
    **dict.fromkeys(("id", "task_id", "item_id", "class_name", "geometry_type"), "string"),
    "frame": "Int64",
    **dict.fromkeys(("x", "y", "width", "height", "area"), "float64"),
}


def label_boxes(labels: Labels) -> pd.DataFrame:
    """Return one row a label: id, task_id, item_id, class_name, geometry_type, frame, x ... area.

    Answers about an image as a whole are no labels.

    Parameters
    ----------
    labels
        Records, or a frame like `project.annotations`: its own boxes are taken.

    Raises
    ------
    SchemaError
        Naming the row and the column.
    """
    import pandas as pd

    given: Any = labels
    if hasattr(given, "columns") and set(BOX_COLUMNS) <= set(given.columns):
        try:
            made = given[list(BOX_COLUMNS)].astype(BOX_COLUMNS)
        except (TypeError, ValueError) as error:
            raise SchemaError(f"holds what it cannot ({error}).", where="annotations") from None
    else:
        rows = []
        for one in records_of(labels, "annotations"):
            box = one.geometry.bounds or (None,) * 4
            about = one.id, one.task_id, one.item_id, one.class_name, one.geometry.type, one.frame
            rows.append((*about, *box, one.geometry.area))
        made = pd.DataFrame(rows, columns=list(BOX_COLUMNS)).astype(BOX_COLUMNS)
    named: pd.DataFrame = made[made["class_name"].notna()].reset_index(drop=True)
    return named
