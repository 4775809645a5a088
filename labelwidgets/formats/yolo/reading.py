"""From rows of YOLO to annotations."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.inputs import Input, as_text
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.warned import warn
from labelwidgets.formats.yolo.kinds import Kind, check_kind
from labelwidgets.formats.yolo.layout import (
    Sheet,
    has_rows,
    in_pixels,
    kind_of,
    sheets_of,
    short_names,
)
from labelwidgets.formats.yolo.rows import Row, numbers_of, shape_of, turned_box
from labelwidgets.formats.yolo.settings import Settings, is_darknet, is_yaml, settings_of
from labelwidgets.media.header import read_header
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import Ontology, Skeleton

MAX_BYTES = 1 << 26
# COCO has 118,000 pictures, and as many files of rows.
MAX_FILES = 4_000_000
_DEEP = 20


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is a ``data.yaml`` or an ``obj.data``."""
    return is_yaml(head) or is_darknet(head)


def sniff_files(source: Input, kind: Kind = "detect") -> bool:
    """Say whether a folder or zip has rows of a kind."""
    names = source.names()
    told = any(sniff(source.head(name)) for name in names if _may_tell(name))
    if not told and not has_rows(source):
        return False
    try:
        settings = settings_of(source)
        found = kind_of(source, settings, sheets_of(source, settings))
    except LabelwidgetsError:
        # What is wrong with it is said by reading it.
        found = None
    return kind == (found or "detect")


@reader("yolo", "pictures")
def read(
    job: Reading,
    *,
    task: Kind | None = None,
    classes: Sequence[str] | Mapping[int, str] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Imported:
    """Read rows of YOLO: see `labelwidgets.formats.read` and `labelwidgets.formats.yolo`.

    Parameters
    ----------
    path
        As for `labelwidgets.formats.read`; a folder, a ``.zip``, a ``data.yaml`` or ``obj.data``.
    task
        The kind of rows: ``detect``, ``segment``, ``pose`` or ``obb``. None finds it.
    classes
        Names of classes, by number or in their order from 0. None takes those of the data set, or
        where it has none the classes of the ontology.
    max_bytes
        Larger files of rows are refused.

    Raises
    ------
    FormatError
        Naming the file, the line and the column.
    LimitError
        If a file is too large, or there are too many.
    """
    if task is not None:
        check_kind(task)
    job.path, named = _folder_of(job.path)
    source = job.input(max_files=MAX_FILES, max_depth=_DEEP)
    if source.single:
        raise FormatError(
            "must be a folder, a .zip, a data.yaml or an obj.data.", where=source.shown
        )
    settings = settings_of(source, named)
    sheets = sheets_of(source, settings)
    kind = task or kind_of(source, settings, sheets) or "detect"
    found = job.picture_labels()
    reading = _Reading(source, settings, kind, found, _names(settings, classes, job.ontology))
    reading.max_bytes = max_bytes
    if not sheets and not settings.file:
        raise FormatError("has no labels of YOLO.", where=source.shown)
    for sheet, short in zip(sheets, short_names(sheets), strict=True):
        reading.picture(sheet, short, job.items is None)
    reading.say()
    return found.result()


class _Reading:
    """One reading of one data set."""

    max_bytes = MAX_BYTES

    def __init__(
        self,
        source: Input,
        settings: Settings,
        kind: Kind,
        found: PictureLabels,
        names: Mapping[int, str],
    ) -> None:
        self.source, self.settings, self.kind = source, settings, kind
        self.found, self.cut = found, 0
        self.names: dict[int, str] = {}
        for number, name in names.items():
            self.names[number] = found.name_of(name, f"{settings.file or 'classes'}, {number}")
            found.note(self.names[number])

    def picture(self, sheet: Sheet, short: str, alone: bool) -> None:
        """Take in the rows of a picture; `alone` where there are no items to ask for its size."""
        record = sheet.rows or sheet.path
        try:
            lines = self._lines(sheet)
            size = self._size(sheet) if alone else None
        except LabelwidgetsError as error:
            self.found.wrong(record, None, _inside(error))
            return
        names = [short] if alone else [sheet.path, short]
        spot = self.found.spot(
            record, names, size=size, labels=len(lines), stem=not sheet.whole and not alone
        )
        if spot is None:
            return
        if sheet.split:
            self.found.describe(spot.item.id, split=sheet.split)
        for number, fields in lines:
            try:
                if spot.size is None:
                    spot = spot._replace(size=self._size(sheet))
                self._row(fields, spot, in_pixels(record))
            except LabelwidgetsError as error:
                self.found.wrong(f"{record}, line {number}", None, _inside(error))

    def say(self) -> None:
        """Warn of shapes that left their pictures."""
        if self.cut:
            shapes = numbered(self.cut, "shape")
            warn(f"{self.source.shown}: {shapes} cut at the edge of the picture.")

    def _lines(self, sheet: Sheet) -> list[tuple[int, list[str]]]:
        if sheet.rows is None:
            return []
        data = self.source.read(sheet.rows, self.max_bytes)
        text = as_text(data, "")
        lines = [(number, line.split()) for number, line in enumerate(text.split("\n"), 1)]
        if in_pixels(sheet.rows):
            # Such as "imagesource:GoogleEarth" and "gsd:0.14".
            lines = [(number, fields) for number, fields in lines if ":" not in "".join(fields[:1])]
        return [(number, fields) for number, fields in lines if fields]

    def _size(self, sheet: Sheet) -> tuple[int, int] | None:
        if sheet.picture is None:
            return None
        with self.source.open(sheet.picture) as file:
            header = read_header(file, sheet.picture)
        return header.width, header.height

    def _row(self, fields: list[str], spot: Spot, pixels: bool) -> None:
        if pixels:
            name, row = self._dota(fields, spot)
        else:
            values = numbers_of(fields)
            number = int(values[0])
            if number != values[0] or number not in self.names:
                raise FormatError(
                    f"is {fields[0][:40]}, which is no class: there are {len(self.names)}"
                    + (f", from {min(self.names)} to {max(self.names)}." if self.names else "."),
                    where="column 1",
                    hint=None if self.names else 'Pass classes=["car", ...].',
                )
            name = self.names[number]
            row = shape_of(self.kind, values[1:], spot.pixels, self.settings.joints)
            if isinstance(row.geometry, Keypoints):
                row = row._replace(geometry=self._joints(number, name, row.geometry))
        self.found.keep(
            name, row.geometry, spot, confidence=row.confidence, parameters=row.parameters
        )
        self.cut += row.cut

    def _joints(self, number: int, name: str, shape: Keypoints) -> Keypoints:
        """Return the joints of a class, which may have fewer than others, and note their names."""
        ours = self.found.ontology
        made = ours[name] if ours is not None and name in ours else None
        names = list(self.settings.joint_names.get(number, ()))
        if made is not None and made.skeleton is not None:
            names = list(made.skeleton.joints)
        count = len(names) or len(shape.points)
        if any(visible for _, _, visible in shape.points[count:]):
            raise FormatError(f"has more than the {count} joints of {name!r}.")
        names = names or [str(joint) for joint in range(1, count + 1)]
        self.found.note(name, Skeleton(names))
        return Keypoints(shape.points[:count]) if count < len(shape.points) else shape

    def _dota(self, fields: list[str], spot: Spot) -> tuple[str, Row]:
        if len(fields) < 9:
            raise FormatError(
                f"has {numbered(len(fields), 'column')}, must have 8 numbers and a class."
            )
        values = numbers_of(fields[:8])
        ring = list(zip(values[::2], values[1::2], strict=True))
        # Where nobody knows how large a picture is, nothing lies outside of it.
        row = turned_box(ring, spot.size or (10**6, 10**6), None, False)
        more = {"difficult": fields[9]} if len(fields) > 9 else {}
        return self.found.name_of(fields[8]), row._replace(parameters=row.parameters | more)


def _names(
    settings: Settings, given: Sequence[str] | Mapping[int, str] | None, ontology: Ontology | None
) -> Mapping[int, str]:
    if isinstance(given, Mapping):
        return given
    if given is not None:
        return dict(enumerate(given))
    if settings.names or ontology is None:
        return settings.names
    return dict(enumerate(made.name for made in ontology.classes))


def _folder_of(path: str | os.PathLike[str]) -> tuple[str, str | None]:
    """Return the folder of a ``data.yaml`` and its name; of anything else, itself."""
    text = os.fspath(path).rstrip("/")
    head, _, name = text.replace("\\", "/").rpartition("/")
    return (head or ".", name) if name.endswith((".yaml", ".yml", ".data")) else (text, None)


def _may_tell(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return last == "obj.data" or ("/" not in name and name.endswith((".yaml", ".yml")))


def _inside(error: LabelwidgetsError) -> LabelwidgetsError:
    """Return an error of a file, which the record names, without its name."""
    where = (error.where or "").removeprefix(", ") or None
    return type(error)(error.message, where=where, hint=error.hint)
