"""Labels as people give them: a frame, records, or one record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.errors import FormatError
from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    import pandas as pd

Labels: TypeAlias = "Annotation | pd.DataFrame | Iterable[Annotation]"


def records_of(labels: Labels, where: str) -> list[Annotation]:
    """Return labels as records.

    Parameters
    ----------
    labels
        A frame like `project.annotations`, records, or one.
    where
        What they are called, for messages.

    Raises
    ------
    FormatError
        Naming the row and the column.
    """
    from labelwidgets.formats.frames import annotations_of

    if isinstance(labels, Annotation):
        return [labels]
    given: Any = labels if hasattr(labels, "columns") else list(labels)
    try:
        return annotations_of(given)
    except FormatError as error:
        place = error.where or "annotations"
        raise FormatError(
            error.message, where=place.replace("annotations", where, 1), hint=error.hint
        ) from None
