"""Labels as people give them: a frame, records, or one record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    import pandas as pd

Labels: TypeAlias = "Annotation | pd.DataFrame | Iterable[Annotation]"

_NEEDED = ("item_id", "class_name", "geometry")


def records_of(labels: Labels, where: str) -> list[Annotation]:
    """Return labels as records.

    A frame holds of the origin its kind only, so that its name and parameters are lost on this
    way; columns that are no fields of an annotation are passed over.

    Parameters
    ----------
    labels
        A frame like `project.annotations`, records, or one.
    where
        What they are called, for messages.

    Raises
    ------
    SchemaError
        Naming the row and the column.
    """
    given: Any = labels
    if isinstance(given, Annotation):
        return [given]
    if hasattr(given, "columns"):
        return _rows(given, where)
    if not isinstance(given, Iterable):
        raise SchemaError(
            f"must be a list or a frame of annotations, not {type(given).__name__}.",
            where=where,
            hint="Pass its annotations." if hasattr(given, "annotations") else None,
        )
    if isinstance(given, Mapping):
        raise SchemaError(
            "must be an Annotation, a list or a frame of them, not a dict.",
            where=where,
            hint="Make one of it: lw.Annotation.from_dict({...}).",
        )
    records = list(given)
    if set(map(type, records)) <= {Annotation}:
        return records
    for index, one in enumerate(records):
        if not isinstance(one, Annotation):
            raise SchemaError(
                f"must be an Annotation, not {type(one).__name__}.", where=f"{where}[{index}]"
            )
    return records


def _rows(frame: pd.DataFrame, where: str) -> list[Annotation]:
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise SchemaError("is not there.", where=f"{where}, column {missing[0]!r}")
    # What is missing everywhere is not asked for row by row.
    fields = [
        name
        for name in Annotation.__struct_fields__
        if name in frame.columns and not bool(frame[name].isna().all())
    ]
    records = []
    for label, row in zip(frame.index, frame[fields].to_dict("records"), strict=True):
        given = {str(name): _plain(value) for name, value in row.items() if not _absent(value)}
        if isinstance(given.get("origin"), str):
            given["origin"] = {"kind": given["origin"]}
        try:
            records.append(Annotation.from_dict(given))
        except SchemaError as error:
            raise SchemaError(error.message, where=f"{where}, row {label!r}") from None
    return records


def _absent(value: Any) -> bool:
    """Say whether a cell is empty, in any of the ways that pandas has for that."""
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or type(value).__name__ in ("NAType", "NaTType")
    )


def _plain(value: Any) -> Any:
    """Return a cell as msgspec takes it: numpy numbers and timestamps as plain ones."""
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value
