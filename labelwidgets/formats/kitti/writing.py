"""From annotations to KITTI's rows of objects."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.kitti.rows import ASKED, row_text, types_of
from labelwidgets.formats.losses import losses
from labelwidgets.formats.outlines import cut_box
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.pictures import Pictures
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames
from labelwidgets.formats.splits import ByStem, splits_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

_BOX = changed("rectangle", "its box")
HOLDS = Holds(
    "KITTI",
    "pictures",
    {
        "rectangle": KEPT,
        "turned rectangle": _BOX,
        "ellipse": _BOX,
        "polygon": _BOX,
        "holes": _BOX,
        "parts": _BOX,
        "mask": _BOX,
        "volume mask": _BOX,
        "track": changed("rectangle", "a box on each frame"),
        "confidence": KEPT,
        "empty pictures": KEPT,
    },
)
_FOLDERS = {"train": "training", "test": "testing"}


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    size_of: Callable[[str], tuple[int, int]] | None = None,
    dataset: Dataset | None = None,
    frames: Frames = "all",
    split: Mapping[str, str] | None = None,
    **storage_options: Any,
) -> Exported:
    """Write rows of objects: see `labelwidgets.formats.write` and `labelwidgets.formats.kitti`.

    Parameters
    ----------
    annotations, items, ontology, strict, size_of, dataset, **storage_options
        As for `labelwidgets.formats.write`.
    path
        A folder, or a ``.zip``.
    frames
        Of tracks: ``all`` frames on which they are seen, ``keyframes``, or every n-th.
    split
        The part of the set of an item by its id: ``train``, ``test`` or any other; items that it
        does not name are in ``train``. None takes what the metadata of items say (``split``).

    Raises
    ------
    FormatError
        If a label does not fit, two pictures would have the same file, or (if `strict`)
        something has no place.
    SourceError
        If the place cannot be written.
    """
    output = Output(path, (".txt",), **storage_options)
    if output.single:
        raise FormatError("must be a folder or a .zip.", where=output.shown)
    dropped = Dropped(output.shown, HOLDS.title, strict)
    pictures = Pictures(
        annotations,
        items,
        HOLDS,
        dropped,
        ontology=ontology,
        size_of=size_of,
        dataset=dataset,
        frames=frames,
    )
    types = types_of(pictures.ontology)
    splits, files = splits_of(items, split), ByStem()
    counts: Counter[str] = Counter(images=0, annotations=0)
    with output:
        for picture in pictures:
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
                    rows.append(
                        row_text(kind, box, label.attributes, said, hidden, label.confidence)
                    )
            dropped.add(lost)
            part = splits.get(picture.item.id, "train")
            name = files.name(picture, f"{_FOLDERS.get(part, part)}/label_2")
            output.add(name, "".join(rows).encode(), exact=True)
            counts.update(images=1, annotations=len(rows))
        dropped.say()
    return Exported(output.shown, dict(counts) | dropped.counts)


def without_asked(label: Annotation) -> Annotation:
    """Return a label without the answers that rows have columns for."""
    if not any(name in label.attributes for name in ASKED):
        return label
    others = {key: value for key, value in label.attributes.items() if key not in ASKED}
    return msgspec.structs.replace(label, attributes=others)
