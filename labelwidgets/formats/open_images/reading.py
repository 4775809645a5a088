"""From the tables of Open Images to annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from labelwidgets.algorithms.runs import runs_from_mask
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.csv_cells import unguarded
from labelwidgets.formats.csv_rows import table_of
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.mask_pictures import MAX_BYTES, read_mask
from labelwidgets.formats.matching import path_parts
from labelwidgets.formats.numbers import number_in
from labelwidgets.formats.open_images.tables import (
    BOXES,
    EDGES,
    FLAGS,
    MASKS,
    SCHEME,
    Table,
    descriptions,
    kind_of,
    set_of,
    tables_of,
)
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.pictures import stem_of
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.media.header import read_header
from labelwidgets.media.kinds import IMAGE_SUFFIXES
from labelwidgets.schema.geometry import Mask, Rectangle, Tag
from labelwidgets.schema.names import MAX_CODE
from labelwidgets.schema.ontology import ObjectClass

MAX_FILES = 4_000_000
_DEEP = 20
# How far edges may lie outside: those of Open Images are rounded.
_OUTSIDE = 0.01
# What a person has seen to.
_SEEN = "1"
_OF_MASKS = tuple(column for column in MASKS if column not in ("BoxID", "Clicks"))


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is a table of labels."""
    return kind_of(head) in ("boxes", "tags", "masks")


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such tables."""
    tables = [name for name in source.names() if name.lower().endswith(".csv")]
    return any(kind_of(source.head(name)) not in (None, "classes") for name in tables[:50])


@reader("open_images", "pictures")
def read(job: Reading) -> Imported:
    """Read tables: see `labelwidgets.formats.read` and `labelwidgets.formats.open_images`.

    Parameters
    ----------
    path
        As for `labelwidgets.formats.read`; a folder, a ``.zip`` or one ``.csv``, beside which
        ``class-descriptions.csv`` is looked for.


    Raises
    ------
    FormatError
        Naming the file, the line and the column.
    LimitError
        If a file is too large, or there are too many.
    """
    source = job.input(max_files=MAX_FILES, max_depth=_DEEP)
    found = job.picture_labels()
    tables = tables_of(source)
    if not tables:
        raise FormatError("has no table of Open Images.", where=source.shown)
    reading = _Reading(source, found, tables, job.items is None)
    for table in tables:
        if table.kind != "classes":
            reading.table(table)
    return found.result()


class _Reading:
    """One reading of one data set."""

    def __init__(
        self, source: Input, found: PictureLabels, tables: list[Table], alone: bool
    ) -> None:
        self.source, self.found, self.alone = source, found, alone
        self.called = descriptions(source, tables)
        names = () if source.single else source.names()
        self.pictures = _by_tail(
            name for name in names if "." + name.rsplit(".", 1)[-1].lower() in IMAGE_SUFFIXES
        )
        self.masks = {name.rsplit("/", 1)[-1]: name for name in names if _is_mask(name)}
        self.counts: Counter[str] = Counter()
        for table in tables:
            if table.kind in ("boxes", "tags", "masks"):
                self._count(table)
        self.spots: dict[str, Spot | None] = {}
        self.classes: dict[str, str] = {}
        for label, name in self.called.items():
            self._class(label, name)

    def table(self, table: Table) -> None:
        """Take in the rows of a table."""
        for record, row in self._rows(table):
            try:
                id = unguarded(row["ImageID"].strip())
                if not id:
                    raise FormatError("must be the name of a picture.", where="ImageID")
                spot = self._spot(id, record, set_of(row, table))
                if spot is not None and table.kind != "images":
                    self._label(table, row, spot)
            except LabelwidgetsError as error:
                self.found.wrong(record, row.get("ImageID", "")[:80] or None, error)

    def _rows(self, table: Table) -> Any:
        name = table.name
        rows = table_of(self.source, name)
        while True:
            try:
                line, row = next(rows, (0, None))
            except FormatError as error:
                # What follows cannot be told apart.
                self.found.wrong(name, None, error)
                return
            if row is None:
                return
            yield f"line {line}" if self.source.single else f"{name}, line {line}", row

    def _count(self, table: Table) -> None:
        try:
            for _, row in table_of(self.source, table.name):
                self.counts[unguarded(row["ImageID"].strip())] += 1
        except FormatError:
            return  # Said when its rows are taken in.

    def _spot(self, id: str, record: str, split: str) -> Spot | None:
        """Return where the labels of a picture go, found once."""
        if id in self.spots:
            return self.spots[id]
        parts = path_parts(id)
        picture = next(
            (
                self.pictures[tail]
                for at in range(len(parts))
                if (tail := "/".join(parts[at:])) in self.pictures
            ),
            None,
        )
        size = None
        if picture is not None and self.alone:
            size = self._size(picture)
        name = "/".join(parts)
        if picture is not None:
            name += picture[len(stem_of(picture)) :]
        spot = self.found.spot(
            record, [name], id=id, size=size, labels=self.counts[id], stem=picture is None
        )
        if spot is not None and spot.size is None and picture is not None:
            spot = spot._replace(size=self._size(picture))
        if spot is not None and split:
            self.found.describe(spot.item.id, split=split)
        self.spots[id] = spot
        return spot

    def _size(self, picture: str) -> tuple[int, int]:
        with self.source.open(picture) as file:
            header = read_header(file, self.source.where(picture))
        return header.width, header.height

    def _class(self, label: str, name: str) -> str:
        """Return the name of a class by its id, and note it."""
        if label not in self.classes:
            made = self.found.name_of(name, "LabelName")
            self.classes[label] = made
            short = len(label) <= MAX_CODE[1]
            if label != name and short and self.found.known(made) is None:
                code = (SCHEME, label, made[: MAX_CODE[2]])
                self.found.tell(ObjectClass(made, code=code), any_tool=True)
            else:
                self.found.note(made)
        return self.classes[label]

    def _label(self, table: Table, row: Mapping[str, str], spot: Spot) -> None:
        label = unguarded(row["LabelName"].strip())
        name = self._class(label, self.called.get(label, label))
        shape: Rectangle | Tag | Mask
        known: tuple[str, ...]
        if table.kind == "boxes":
            shape, known = _box(row, spot.pixels), BOXES
        elif table.kind == "masks":
            shape, known = self._mask(row, spot), _OF_MASKS
        else:
            shape, known = Tag(), BOXES
        said = {flag: int(row[flag]) for flag in FLAGS if _flag(row, flag)}
        answers, others = self.found.answers(
            name, {key: True if value == 1 else str(value) for key, value in said.items()}
        )
        parameters: dict[str, Any] = {key: said[key] for key in others}
        for key, cell in row.items():
            if cell.strip() and key not in known:
                parameters[key] = unguarded(cell)
        known_class = self.found.known(name)
        if label != name and (known_class is None or known_class.code is None):
            parameters["LabelName"] = label
        for key in ("Source", "BoxID"):
            if row.get(key, "").strip():
                parameters[key] = unguarded(row[key])
        sure = row.get("PredictedIoU" if table.kind == "masks" else "Confidence", "").strip()
        confidence = None if table.kind != "masks" and sure == _SEEN else _confidence(sure)
        self.found.keep(
            name, shape, spot, attributes=answers, confidence=confidence, parameters=parameters
        )

    def _mask(self, row: Mapping[str, str], spot: Spot) -> Mask:
        path = unguarded(row["MaskPath"].strip())
        place = self.masks.get(path.replace("\\", "/").rsplit("/", 1)[-1])
        if place is None:
            raise FormatError(f"{path[:200]!r} is not there.", where="MaskPath")
        values = read_mask(self.source.read(place, MAX_BYTES), self.source.where(place)).values
        pixels = values != 0
        width, height = spot.size or (pixels.shape[1], pixels.shape[0])
        if pixels.shape != (height, width):
            # The pixel of the mask that the centre of each pixel of the picture lies in.
            rows = (np.arange(height) + 0.5) * pixels.shape[0] / height
            columns = (np.arange(width) + 0.5) * pixels.shape[1] / width
            pixels = pixels[rows.astype(int)][:, columns.astype(int)]
        if not pixels.any():
            raise FormatError("has no pixels.", where="MaskPath")
        return mask_of(runs_from_mask(pixels))


def _box(row: Mapping[str, str], size: tuple[int, int]) -> Rectangle:
    values = {}
    for column in EDGES:
        value = number_in(row[column], column)
        if not -_OUTSIDE <= value <= 1 + _OUTSIDE:
            raise FormatError(
                f"must be from 0 to 1, not {value:g}.",
                where=column,
                hint="Are these pixels? Divide x by the width of the picture and y by its height.",
            )
        values[column] = min(max(value, 0.0), 1.0)
    left, right, top, bottom = (values[column] for column in EDGES)
    if right <= left or bottom <= top:
        raise FormatError("is a box without area.", where=", ".join(EDGES))
    width, height = size
    return Rectangle(left * width, top * height, (right - left) * width, (bottom - top) * height)


def _flag(row: Mapping[str, str], flag: str) -> bool:
    text = row.get(flag, "").strip()
    if text not in ("", "0", "1", "-1"):
        raise FormatError(f"must be 1, 0 or -1, not {text[:40]!r}.", where=flag)
    return text in ("1", "-1")


def _confidence(text: str) -> float | None:
    if not text:
        return None
    value = number_in(text, "Confidence")
    if not 0 <= value <= 1:
        raise FormatError(f"must be from 0 to 1, not {value:g}.", where="Confidence")
    return value


def _is_mask(name: str) -> bool:
    # Those of Open Images come in archives such as train-masks-0.zip.
    words = {word for part in name.lower().split("/")[:-1] for word in part.split("-")}
    return name.lower().endswith(".png") and "masks" in words


def _by_tail(names: Any) -> dict[str, str]:
    """Return pictures by the ends of their paths, without suffix; the first of several."""
    found: dict[str, str] = {}
    for name in names:
        if _is_mask(name):
            continue
        parts = path_parts(stem_of(name))
        for at in range(len(parts)):
            found.setdefault("/".join(parts[at:]), name)
    return found
