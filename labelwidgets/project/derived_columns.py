"""Columns of a frame of labels that follow from others, and are changed with those alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.records import Held

if TYPE_CHECKING:
    import pandas as pd

_BOX = ("x", "y", "width", "height")
_OF_SHAPE = ("geometry_type", *_BOX, "area")
# Far below what is seen of a pixel, above what a sum in another order comes to.
_NEAR = 1e-6


def check_derived(
    frame: pd.DataFrame, given: Sequence[Annotation], held: Mapping[str, Held]
) -> None:
    """Raise where somebody wrote into a column of which nothing is stored by itself.

    Parameters
    ----------
    frame
        Like `Project.annotations`.
    given
        Its rows as records.
    held
        The labels that they are of, as they are stored.

    Raises
    ------
    SchemaError
        Naming the row and the column, and what to change instead.
    """
    columns = [name for name in (*_OF_SHAPE, "author") if name in frame.columns]
    values = zip(*(frame[name].tolist() for name in columns), strict=True)
    for label, made, row in zip(frame.index, given, values, strict=True):
        now = held.get(made.id)
        # What has changed since it was read is a conflict, and said as one.
        if now is None or now.deleted or now.annotation.revision != made.revision:
            continue
        stored = _derived(now.annotation)
        wrong = [
            name for name, value in zip(columns, row, strict=True) if not _same(value, stored[name])
        ]
        if not wrong:
            continue
        new = _derived(made)
        for name in wrong:
            value = row[columns.index(name)]
            if name == "author" or not _same(value, new[name]):
                raise _refused(name, value, stored[name], label)


def _derived(label: Annotation) -> dict[str, Any]:
    shape = label.geometry
    box = shape.bounds or (None, None, None, None)
    made = {"geometry_type": shape.type, "area": shape.area, "author": label.author}
    return made | dict(zip(_BOX, box, strict=True))


def _same(value: Any, stored: Any) -> bool:
    if isinstance(value, int | float) and isinstance(stored, int | float):
        return math.isclose(value, stored, rel_tol=1e-9, abs_tol=_NEAR)
    if stored is None:
        # NA of pandas compares with nothing.
        return type(value).__name__ in ("NoneType", "NAType") or value != value
    return isinstance(value, str) and value == stored


def _refused(name: str, value: Any, stored: Any, label: Any) -> SchemaError:
    where = f"annotations, row {label!r}, column {name!r}"
    said = f"is {str(value)[:60]}, and {str(stored)[:60]} is stored"
    if name == "author":
        return SchemaError(f"{said}: who made a label stays.", where=where)
    return SchemaError(
        f"{said}: it follows from the shape.",
        where=where,
        hint="Change the column geometry: "
        'frame.at[row, "geometry"] = lw.Rectangle(x, y, width, height).',
    )
