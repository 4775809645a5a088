"""From annotations to files of Pascal VOC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.formats.drawing import Drawn
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import kept
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.splits import ByStem, splits_of
from labelwidgets.formats.voc.classes import numbers_of, text_of
from labelwidgets.formats.voc.layout import BOXES, CLASSES, OBJECTS, PICTURES, SETS
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
    job: Writing,
    *,
    split: Mapping[str, str] | None = None,
    base: int = 1,
    border: int = 0,
    pictures: bool = False,
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
    pictures
        Copy the pictures, too, to where trainers look for them: ``JPEGImages``.

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
    job.copies = pictures
    numbers = numbers_of(made.name for made in job.ontology.classes)
    splits = splits_of(job.items, split)
    names: list[tuple[str, str]] = []
    drawn = job.draw(_Page(numbers, base, border), _wanted(job, splits, names, pictures))
    sets: dict[str, list[str]] = {"train": []}
    segmented: dict[str, list[str]] = {}
    for (name, part), (_, painted) in zip(names, drawn, strict=True):
        sets.setdefault(part, []).append(name)
        if painted:
            segmented.setdefault(part, []).append(name)
    for folder, some in (("Main", sets), ("Segmentation", segmented)):
        for part, listed in some.items():
            text = "".join(f"{name}\n" for name in listed)
            job.output.add(f"{SETS}/{folder}/{part}", text.encode(), ".txt")
    job.output.add("labelmap", text_of(numbers, base).encode(), ".txt")
    return {"images": len(drawn), "annotations": sum(count for count, _ in drawn)}


class _Wanted(NamedTuple):
    """A picture, and where its files lie: the boxes, the classes and the objects."""

    picture: Picture
    places: tuple[str, str, str]


def _wanted(
    job: Writing, splits: Mapping[str, str], names: list[tuple[str, str]], copies: bool
) -> Iterator[_Wanted]:
    """Return the pictures; `names` gains the name of each, and the part that it is in.

    With `copies`, the file of each is copied.
    """
    files = ByStem(job.output)
    for picture in job.pictures:
        name = files.name(picture)
        names.append((name, splits.get(picture.item.id, "train")))
        if copies:
            job.copy(picture, PICTURES)
        boxes = job.output.place(f"{BOXES}/{name}", ".xml", exact=True)
        classes, objects = (
            job.output.place(f"{folder}/{name}", ".png", exact=True)
            for folder in (CLASSES, OBJECTS)
        )
        yield _Wanted(picture, (boxes, classes, objects))


class _Page:
    """Makes the files of pictures, each by itself."""

    def __init__(self, numbers: Mapping[str, int], base: int, border: int) -> None:
        self.numbers, self.base, self.border = numbers, base, border

    def __call__(self, wanted: _Wanted) -> Drawn:
        """Return the files of a picture, how many labels are in them, and whether masks are."""
        picture, places = wanted
        lost: Counter[str] = Counter()
        pixels = Pixels(self.numbers, self.border)
        texts = []
        for label in kept(HOLDS, picture.labels, lost):
            text = object_text(label, picture.size, self.base, lost)
            if text is None:
                continue
            texts.append(text)
            if isinstance(label.geometry, Mask):
                pixels.paint(picture.pixels, label, len(texts))
        lost["pixel under a later label"] += pixels.covered
        xml = page_text(_file_of(picture), picture.size, pixels.painted, texts)
        made = [xml.encode(), *(pixels.files() if pixels.painted else ())]
        files = list(zip(places, made, strict=False))
        return Drawn(files, lost, (len(texts), pixels.painted))


def _file_of(picture: Picture) -> str:
    return picture.name.rsplit("/", 1)[-1]
