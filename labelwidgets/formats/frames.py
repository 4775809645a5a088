"""From a frame of annotations back to records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.formats.results import Imported
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.annotation_rows import records_of

if TYPE_CHECKING:
    import pandas as pd


def annotations_of(source: Imported | pd.DataFrame | Sequence[Annotation]) -> list[Annotation]:
    """Return the records of what was imported, of a frame or of a sequence; see `records_of`.

    Raises
    ------
    FormatError
        Naming the row and the column.
    """
    if isinstance(source, Imported):
        return source.annotations
    try:
        return records_of(source, "annotations")
    except SchemaError as error:
        raise FormatError(error.message, where=error.where) from None
