"""From annotations to files of Pascal VOC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from labelwidgets.errors import FormatError
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.splits import ByStem, splits_of
from labelwidgets.formats.voc.classes import numbers_of, text_of
from labelwidgets.formats.voc.layout import BOXES, CLASSES, OBJECTS, SETS
from labelwidgets.formats.voc.pixels import Pixels
from labelwidgets.formats.voc.texts import object_text, page_text
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.geometry import Mask

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


@writer(HOLDS, ".xml", folder=True)
def write(
    job: Writing, *, split: Mapping[str, str] | None = None, base: int = 1, border: int = 0
) -> Counts:
    """Write Pascal VOC: see `labelwidgets.formats.write` and `labelwidgets.formats.voc`.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
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
    """
    if base not in (0, 1):
        raise FormatError(f"must be 0 or 1, not {base!r}.", where="base")
    if isinstance(border, bool) or not isinstance(border, int) or not 0 <= border <= 100:
        raise FormatError(f"must be from 0 to 100, not {border!r:.40}.", where="border")
    numbers = numbers_of(made.name for made in job.ontology.classes)
    splits, files = splits_of(job.items, split), ByStem()
    sets: dict[str, list[str]] = {"train": []}
    segmented: dict[str, list[str]] = {}
    counts = Counter(images=0, annotations=0)
    for picture in job.pictures:
        lost: Counter[str] = Counter()
        name = files.name(picture)
        pixels = Pixels(numbers, border)
        texts = []
        for label in job.kept(picture.labels, lost):
            text = object_text(label, picture.size, base, lost)
            if text is None:
                continue
            texts.append(text)
            if isinstance(label.geometry, Mask):
                pixels.paint(picture.pixels, label, len(texts))
        lost["pixel under a later label"] += pixels.covered
        job.dropped.add(lost)
        part = splits.get(picture.item.id, "train")
        sets.setdefault(part, []).append(name)
        xml = page_text(_file_of(picture), picture.size, pixels.painted, texts)
        job.output.add(f"{BOXES}/{name}", xml.encode(), ".xml", exact=True)
        if pixels.painted:
            classes, objects = pixels.files()
            job.output.add(f"{CLASSES}/{name}", classes, ".png", exact=True)
            job.output.add(f"{OBJECTS}/{name}", objects, ".png", exact=True)
            segmented.setdefault(part, []).append(name)
        counts.update(images=1, annotations=len(texts))
    for folder, some in (("Main", sets), ("Segmentation", segmented)):
        for part, names in some.items():
            text = "".join(f"{name}\n" for name in names)
            job.output.add(f"{SETS}/{folder}/{part}", text.encode(), ".txt")
    job.output.add("labelmap", text_of(numbers, base).encode(), ".txt")
    return counts


def _file_of(picture: Picture) -> str:
    return picture.name.rsplit("/", 1)[-1]
