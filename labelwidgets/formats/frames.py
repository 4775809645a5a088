"""From a frame of annotations back to records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.formats.results import Imported, ImportedFrame
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.annotation_rows import records_of

if TYPE_CHECKING:
    import pandas as pd


def annotations_of(
    source: Imported | ImportedFrame | pd.DataFrame | Sequence[Annotation],
) -> list[Annotation]:
    """Return the records of what was imported, of a frame or of a sequence; see `records_of`.

    Raises
    ------
    FormatError
        Naming the row and the column.
    """
    if isinstance(source, Imported):
        return source.annotations
    given: Any = source.annotations if isinstance(source, ImportedFrame) else source
    try:
        made = records_of(given, "annotations")
    except SchemaError as error:
        raise FormatError(error.message, where=error.where) from None
    entries = getattr(given["geometry"].array, "entries", ()) if hasattr(given, "columns") else ()
    if not len(entries):
        return made
    from labelwidgets.formats.lazy_shapes import Undecoded

    # Of what is still as it lies in a file, more is known than there are columns for.
    for place, entry in enumerate(entries):
        origin = entry.origin() if isinstance(entry, Undecoded) else None
        if origin is not None:
            made[place] = msgspec.structs.replace(made[place], origin=origin)
    return made
