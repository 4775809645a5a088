"""From annotations to the tables of Open Images."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from labelwidgets.algorithms.runs import mask_from_runs
from labelwidgets.errors import FormatError
from labelwidgets.formats.csv_cells import csv_bytes
from labelwidgets.formats.frame_masks import runs_on_frame
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.open_images.tables import (
    BOXES,
    FLAGS,
    IMAGES,
    MASKS,
    SCHEME,
    TAGS,
)
from labelwidgets.formats.outlines import cut_box
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.splits import ByStem, splits_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Mask, Polygon, Tag
from labelwidgets.schema.ontology import Ontology

_PIXELS = changed("mask", "its pixels")
HOLDS = Holds(
    "Open Images",
    "pictures",
    {
        "rectangle": KEPT,
        "turned rectangle": changed("rectangle", "its box"),
        "ellipse": _PIXELS,
        "polygon": _PIXELS,
        "holes": _PIXELS,
        "parts": _PIXELS,
        "mask": KEPT,
        "volume mask": changed("mask", "a mask on each slice"),
        "tag": KEPT,
        "track": changed("rectangle", "a shape on each frame"),
        "confidence": KEPT,
        "empty pictures": KEPT,
    },
)
_SETS = {"val": "validation"}
_YES = frozenset(("1", "yes", "true"))
# What a person has drawn, in the words of Open Images.
_DRAWN, _VERIFIED = "freeform", "verification"


@writer(HOLDS, ".csv", folder=True, beside="images")
def write(job: Writing, *, split: Mapping[str, str] | None = None) -> Counts:
    """Write tables: see `labelwidgets.formats.write` and `labelwidgets.formats.open_images`.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
    split
        The set of an item by its id: ``train``, ``val`` (which is called ``validation``) or
        ``test``; items that it does not name are in ``train``. None takes what the metadata of
        items say (``split``).

    Raises
    ------
    FormatError
        If a label does not fit, two pictures or classes would have the same id, or (if `strict`)
        something has no place.
    """
    job.beside = None
    ids = _class_ids(job.ontology, job.annotations)
    splits, files = splits_of(job.items, split), ByStem(job.output)
    sets: dict[str, _Set] = {}
    counts = Counter(images=0, annotations=0)
    for picture in job.pictures:
        part = splits.get(picture.item.id, "train")
        if job.copies:
            job.copy(picture, f"images/{_SETS.get(part, part)}")
        one = sets.setdefault(part, _Set(_SETS.get(part, part)))
        lost: Counter[str] = Counter()
        one.picture(picture, files.name(picture), ids, job.output, lost)
        job.dropped.add(lost)
        counts["images"] += 1
    for one in sets.values():
        one.write(job.output)
        counts["annotations"] += one.count
    # Without a head, as a file of this name has none.
    rows = [[ids[made.name], made.name] for made in job.ontology.classes]
    job.output.add("class-descriptions", csv_bytes(rows))
    return counts


class _Set:
    """The tables of one set of pictures."""

    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0
        self._images: list[list[str]] = [list(IMAGES)]
        self._boxes: list[list[str]] = [list(BOXES)]
        self._tags: list[list[str]] = [list(TAGS)]
        self._masks: list[list[str]] = [list(MASKS)]

    def picture(
        self,
        picture: Picture,
        name: str,
        ids: Mapping[str, str],
        output: Output,
        lost: Counter[str],
    ) -> None:
        """Take in a picture and its labels; masks are written at once."""
        blank = [""] * (len(IMAGES) - 3)
        self._images.append([name, self.name, *blank, "0"])
        for label in picture.labels:
            if losses(HOLDS, _without_flags(label), lost).how == "left":
                continue
            id, said = ids[label.class_name or ""], label.origin.parameters
            source = str(said.get("Source") or _DRAWN)
            if isinstance(label.geometry, Tag):
                source = str(said.get("Source") or _VERIFIED)
                self._tags.append([name, source, id, _sure(label.confidence)])
            elif isinstance(label.geometry, Mask | Polygon | Ellipse):
                if not self._mask(label, picture, name, id, output, lost):
                    continue
            elif not self._box(label, picture, [name, source, id], lost):
                continue
            self.count += 1

    def write(self, output: Output) -> None:
        """Write the tables that have rows."""
        for name, rows in (
            ("images-with-rotation", self._images),
            ("annotations-bbox", self._boxes),
            ("annotations-human-imagelabels", self._tags),
            ("annotations-object-segmentation", self._masks),
        ):
            if len(rows) > 1:
                output.add(f"{self.name}-{name}", csv_bytes(rows))

    def _box(
        self, label: Annotation, picture: Picture, start: list[str], lost: Counter[str]
    ) -> bool:
        bounds = label.geometry.bounds
        box, cut = cut_box(bounds, picture.pixels) if bounds is not None else (None, False)
        lost["part outside of its picture"] += cut
        if box is None:
            return False
        (x, y, wide, high), (width, height) = box, picture.pixels
        edges = [x / width, (x + wide) / width, y / height, (y + high) / height]
        flags = [str(_flag(label, flag)) for flag in FLAGS]
        texts = [f"{min(edge, 1.0):.10f}".rstrip("0").rstrip(".") for edge in edges]
        self._boxes.append([*start, _sure(label.confidence), *texts, *flags])
        return True

    def _mask(
        self,
        label: Annotation,
        picture: Picture,
        image: str,
        id: str,
        output: Output,
        lost: Counter[str],
    ) -> bool:
        runs = runs_on_frame(label.geometry, picture.pixels)
        if runs is None or not runs.edges.size:
            lost["label without pixels"] += 1
            return False
        number = str(label.origin.parameters.get("BoxID") or f"{len(self._masks):08x}")
        short = id.replace("/", "")[:60]
        called = f"{picture.stem.rsplit('/', 1)[-1]}_{short}_{number}"
        place = output.add(f"masks/{self.name}/{called}", _png(mask_from_runs(runs)), ".png")
        (width, height), (x, y, wide, high) = picture.pixels, label.geometry.bounds or (0, 0, 0, 0)
        edges = [x / width, (x + wide) / width, y / height, (y + high) / height]
        file = place.rsplit("/", 1)[-1]
        sure = "" if label.confidence is None else str(float(label.confidence))
        said = [sure, str(label.origin.parameters.get("Clicks") or "")]
        texts = [f"{edge:.6f}" for edge in edges]
        self._masks.append([file, image, id, number, *texts, *said])
        return True


def _class_ids(ontology: Ontology, annotations: Sequence[Annotation]) -> dict[str, str]:
    """Return the id of each class: that of its code, else what its labels came with, else its name.

    Raises
    ------
    FormatError
        If two classes have the same.
    """
    said = {
        one.class_name: given
        for one in annotations
        if isinstance(given := one.origin.parameters.get("LabelName"), str) and given
    }
    ids: dict[str, str] = {}
    taken: dict[str, str] = {}
    for made in ontology.classes:
        id = said.get(made.name, made.name)
        if made.code is not None and made.code[0] == SCHEME:
            id = made.code[1]
        if id in taken:
            raise FormatError(
                f"{taken[id]!r} and {made.name!r} have the same id, {id!r}.", where="ontology"
            )
        ids[made.name], taken[id] = id, made.name
    return ids


def _without_flags(label: Annotation) -> Annotation:
    """Return a label without the answers that have columns."""
    if not any(flag in label.attributes for flag in FLAGS):
        return label
    others = {key: value for key, value in label.attributes.items() if key not in FLAGS}
    return msgspec.structs.replace(label, attributes=others)


def _flag(label: Annotation, flag: str) -> int:
    given = label.attributes.get(flag)
    if isinstance(given, str):
        return -1 if given == "-1" else int(given.lower() in _YES)
    said = label.origin.parameters.get(flag)
    return int(said) if said in (1, -1) else 0


def _sure(confidence: float | None) -> str:
    """Return a confidence; what a person has seen to is 1, without the point of a tool's."""
    return "1" if confidence is None else str(float(confidence))


def _png(pixels: Any) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8) * 255, "L").convert("1").save(buffer, "PNG")
    return buffer.getvalue()
