"""From annotations to a file of Create ML."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.pictures import Pictures
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames
from labelwidgets.media.whole_files import shown, write_bytes
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

_BOX = changed("rectangle", "its box")
HOLDS = Holds(
    "Create ML",
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
        "empty pictures": KEPT,
    },
    file="labels.json",
)


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
    **storage_options: Any,
) -> Exported:
    """Write boxes of Create ML: see `labelwidgets.formats.write`.

    Parameters
    ----------
    annotations, path, items, ontology, strict, size_of, dataset, **storage_options
        As for `labelwidgets.formats.write`.
    frames
        Of tracks: ``all`` frames on which they are seen, ``keyframes``, or every n-th.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) has no place.
    SourceError
        If the place cannot be written.
    """
    name = shown(path)
    dropped = Dropped(name, HOLDS.title, strict)
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
    records = []
    count = 0
    for picture in pictures:
        labels = []
        lost: Counter[str] = Counter()
        for label in picture.labels:
            fate = losses(HOLDS, label, lost)
            bounds = label.geometry.bounds
            if fate.how == "left" or bounds is None:
                continue
            x, y, width, height = bounds
            box = {"x": x + width / 2, "y": y + height / 2, "width": width, "height": height}
            labels.append({"label": label.class_name, "coordinates": box})
        dropped.add(lost)
        records.append({"image": picture.name, "annotations": labels})
        count += len(labels)
    write_bytes(path, msgspec.json.encode(records), **storage_options)
    dropped.say()
    return Exported(name, {"images": len(records), "annotations": count} | dropped.counts)
