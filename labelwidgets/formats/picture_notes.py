"""What a file says of pictures that have no label, as labels that a project can keep.

LVIS says of a picture which classes people have looked for in vain, and which are labelled in
part. What was read has it in the metadata of its items. The items of a project are its own: there,
it is in the origin of an answer to no question, which is about the picture as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labelwidgets.formats.coco.records import OF_CLASSES
from labelwidgets.formats.results import Imported
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Tag

if TYPE_CHECKING:
    import pandas as pd


def notes_of(found: Imported, items: pd.DataFrame) -> list[Annotation]:
    """Return labels that say what a file says of pictures without one, one a picture.

    Parameters
    ----------
    found
        What was read.
    items
        The items of the project. What their metadata say is kept there.
    """
    told = dict(_told(found.items))
    if not told:
        return []
    said = {one.item_id for one in found.annotations if _of_classes(one.origin.parameters)}
    said |= {id for id, _ in _told(items)}
    return [
        Annotation(
            item_id=id, geometry=Tag(), origin=Origin("import", found.format, parameters=fields)
        )
        for id, fields in told.items()
        if id not in said
    ]


def _told(items: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    if "metadata" in items:
        for id, metadata in zip(items["id"], items["metadata"], strict=True):
            if isinstance(metadata, Mapping) and (fields := _of_classes(metadata)):
                yield str(id), fields


def _of_classes(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in OF_CLASSES if name in said}
