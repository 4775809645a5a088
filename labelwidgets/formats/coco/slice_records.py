"""The annotation records of masks through slices: one for each slice that they have pixels on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco.images import Images
from labelwidgets.formats.coco.label_records import LabelRecords
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, VolumeMask


def slice_records(
    annotation: Annotation,
    shape: VolumeMask,
    place: Images,
    id: int,
    made: LabelRecords,
    slices: int,
) -> Iterator[dict[str, Any]]:
    """Yield a record for each slice that an object has pixels on.

    Parameters
    ----------
    annotation, shape
        The object, and its mask.
    place
        The image records.
    id
        Of the first record.
    made
        Makes the records of masks.
    slices
        How many the scan has.

    Raises
    ------
    FormatError
        If it is on a slice that the scan has not.
    """
    # A mask of a slice without pixels can only be kept beside another one.
    empty = [index for index, rle in shape.slices.items() if not Mask(rle).area]
    for index, rle in sorted(shape.slices.items()):
        image = place.get((annotation.item_id, index))
        if image is None:
            raise FormatError(f"has slice {index}, the scan has {slices}.", where="geometry")
        if not Mask(rle).area:
            continue
        flat = msgspec.structs.replace(annotation, geometry=Mask(rle), frame=index)
        label = made.record(flat, image, id)
        if label is None:
            continue
        label["labelwidgets"] |= {"type": "volumemask"} | ({"empty": empty} if empty else {})
        empty = []
        id += 1
        yield label
