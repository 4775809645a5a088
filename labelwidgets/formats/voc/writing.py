"""From annotations to files of Pascal VOC."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.pictures import Picture, Pictures
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames
from labelwidgets.formats.splits import ByStem, splits_of
from labelwidgets.formats.voc.classes import numbers_of, text_of
from labelwidgets.formats.voc.layout import BOXES, CLASSES, OBJECTS, SETS
from labelwidgets.formats.voc.pixels import Pixels
from labelwidgets.formats.voc.texts import object_text, page_text
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

HOLDS = Holds(
    "Pascal VOC",
    "pictures",
    {
        "rectangle": KEPT,
        "turned rectangle": KEPT,
        "ellipse": changed("rectangle", "its box"),
        "polygon": KEPT,
        "holes": KEPT,
        "parts": KEPT,
        "mask": KEPT,
        "volume mask": changed("mask", "a mask on each slice"),
        "track": changed("rectangle", "a shape on each frame"),
        "answers": KEPT,
        "empty pictures": KEPT,
    },
    disjoint=True,
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
    split: Mapping[str, str] | None = None,
    base: int = 1,
    border: int = 0,
    **storage_options: Any,
) -> Exported:
    """Write Pascal VOC: see `labelwidgets.formats.write` and `labelwidgets.formats.voc`.

    Parameters
    ----------
    annotations, items, ontology, strict, size_of, dataset, **storage_options
        As for `labelwidgets.formats.write`.
    path
        A folder, or a ``.zip``.
    frames
        Of tracks: ``all`` frames on which they are seen, ``keyframes``, or every n-th.
    split
        The set of an item by its id, such as ``val``; items that it does not name are in
        ``train``. None takes what the metadata of items say (``split``).
    base
        What the left and top pixel are called: 1 as VOC's devkit has it, or 0 as CVAT has it.
    border
        How many pixels around the edges of objects are of no class (255), as in VOC itself, where
        they are about 5. They are no longer pixels of the object.

    Raises
    ------
    FormatError
        If a label does not fit, two pictures would have the same file, masks have more than 254
        classes or a picture more than 254 objects, or (if `strict`) something has no place.
    SourceError
        If the place cannot be written.
    """
    if base not in (0, 1):
        raise FormatError(f"must be 0 or 1, not {base!r}.", where="base")
    if isinstance(border, bool) or not isinstance(border, int) or not 0 <= border <= 100:
        raise FormatError(f"must be from 0 to 100, not {border!r:.40}.", where="border")
    output = Output(path, (".xml",), **storage_options)
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
    numbers = numbers_of(made.name for made in pictures.ontology.classes)
    splits, files = splits_of(items, split), ByStem()
    sets: dict[str, list[str]] = {"train": []}
    segmented: dict[str, list[str]] = {}
    counts: Counter[str] = Counter(images=0, annotations=0)
    with output:
        for picture in pictures:
            lost: Counter[str] = Counter()
            name = files.name(picture)
            pixels = Pixels(numbers, border)
            texts = []
            for label in picture.labels:
                if losses(HOLDS, label, lost).how == "left":
                    continue
                text = object_text(label, picture.size, base, lost)
                if text is None:
                    continue
                texts.append(text)
                if isinstance(label.geometry, Mask):
                    pixels.paint(picture.pixels, label, len(texts))
            lost["pixel under a later label"] += pixels.covered
            dropped.add(lost)
            part = splits.get(picture.item.id, "train")
            sets.setdefault(part, []).append(name)
            xml = page_text(_file_of(picture), picture.size, pixels.painted, texts)
            output.add(f"{BOXES}/{name}", xml.encode(), ".xml", exact=True)
            if pixels.painted:
                classes, objects = pixels.files()
                output.add(f"{CLASSES}/{name}", classes, ".png", exact=True)
                output.add(f"{OBJECTS}/{name}", objects, ".png", exact=True)
                segmented.setdefault(part, []).append(name)
            counts.update(images=1, annotations=len(texts))
        for folder, some in (("Main", sets), ("Segmentation", segmented)):
            for part, names in some.items():
                text = "".join(f"{name}\n" for name in names)
                output.add(f"{SETS}/{folder}/{part}", text.encode(), ".txt")
        output.add("labelmap", text_of(numbers, base).encode(), ".txt")
        dropped.say()
    return Exported(output.shown, dict(counts) | dropped.counts)


def _file_of(picture: Picture) -> str:
    return picture.name.rsplit("/", 1)[-1]
