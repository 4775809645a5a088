"""From annotations to KITTI's rows of objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from labelwidgets.formats.holds import AREAS, KEPT, Holds, changed
from labelwidgets.formats.kitti.rows import ASKED, row_text, types_of
from labelwidgets.formats.losses import losses
from labelwidgets.formats.outlines import cut_box
from labelwidgets.formats.splits import ByStem, splits_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation

HOLDS = Holds(
    "KITTI",
    "pictures",
    {
        **dict.fromkeys((*AREAS, "volume mask"), changed("rectangle", "its box")),
        "rectangle": KEPT,
        "track": changed("rectangle", "a box on each frame"),
        "confidence": KEPT,
        "empty pictures": KEPT,
    },
)
_FOLDERS = {"train": "training", "test": "testing"}


@writer(HOLDS, ".txt", folder=True)
def write(
    job: Writing, *, split: Mapping[str, str] | None = None, pictures: bool = False
) -> Counts:
    """Write rows of objects: see `labelwidgets.formats.write` and `labelwidgets.formats.kitti`.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
    split
        The part of the set of an item by its id: ``train``, ``test`` or any other; items that it
        does not name are in ``train``. None takes what the metadata of items say (``split``).
    pictures
        Copy the pictures, too, to where trainers look for them: ``image_2``.

    Raises
    ------
    FormatError
        If a label does not fit, two pictures would have the same file, or (if `strict`)
        something has no place.
    """
    job.copies = pictures
    types = types_of(job.ontology)
    splits, files = splits_of(job.items, split), ByStem(job.output)
    counts = Counter(images=0, annotations=0)
    for picture in job.pictures:
        lost: Counter[str] = Counter()
        rows = []
        for label in picture.labels:
            bounds = label.geometry.bounds
            if losses(HOLDS, without_asked(label), lost).how == "left" or bounds is None:
                continue
            box, cut = cut_box(bounds, picture.size)
            lost["part outside of its picture"] += cut
            if box is not None:
                kind, said = types[label.class_name or ""], label.origin.parameters
                hidden = said.get("occluded") is True
                rows.append(row_text(kind, box, label.attributes, said, hidden, label.confidence))
        job.dropped.add(lost)
        part = splits.get(picture.item.id, "train")
        folder = _FOLDERS.get(part, part)
        name = files.name(picture, f"{folder}/label_2")
        if pictures:
            job.copy(picture, f"{folder}/image_2")
        job.output.add(name, "".join(rows).encode(), exact=True)
        counts.update(images=1, annotations=len(rows))
    return counts


def without_asked(label: Annotation) -> Annotation:
    """Return a label without the answers that rows have columns for."""
    if not any(name in label.attributes for name in ASKED):
        return label
    others = {key: value for key, value in label.attributes.items() if key not in ASKED}
    return msgspec.structs.replace(label, attributes=others)
