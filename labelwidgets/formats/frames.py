"""From a frame of annotations back to records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.formats.results import Imported
from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("item_id", "class_name", "geometry")
_FIELDS = tuple(Annotation.__struct_fields__)


def annotations_of(source: Imported | pd.DataFrame | Sequence[Annotation]) -> list[Annotation]:
    """Return the records of a frame like ``project.annotations``, or of a sequence.

    A frame holds of the origin its kind only, so that its name and parameters
    are lost on this way; columns that are no fields of an annotation are
    passed over.

    Raises
    ------
    FormatError
        Naming the row and the column.
    """
    if isinstance(source, Imported):
        return source.annotations
    if not isinstance(source, Sequence):
        return _rows(source)
    records: list[Any] = list(source)
    for index, record in enumerate(records):
        if not isinstance(record, Annotation):
            raise FormatError(
                f"must be an Annotation, not {type(record).__name__}.",
                where=f"annotations[{index}]",
            )
    return records


def _rows(frame: pd.DataFrame) -> list[Annotation]:
    if not hasattr(frame, "columns"):
        raise FormatError(
            f"must be a list or a frame of annotations, not {type(frame).__name__}.",
            where="annotations",
        )
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise FormatError("is not there.", where=f"annotations, column {missing[0]!r}")
    fields = [name for name in _FIELDS if name in frame.columns]
    records = []
    for label, row in zip(frame.index, frame[fields].to_dict("records"), strict=True):
        data: dict[str, Any] = {
            str(name): value for name, value in row.items() if not _absent(value)
        }
        if isinstance(data.get("origin"), str):
            data["origin"] = {"kind": data["origin"]}
        data = {name: _plain(value) for name, value in data.items()}
        try:
            records.append(Annotation.from_dict(data))
        except SchemaError as error:
            raise FormatError(error.message, where=f"annotations, row {label!r}") from None
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
