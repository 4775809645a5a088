"""From CSV of DeepLabCut to keypoints."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.csv_cells import unguarded
from labelwidgets.formats.deeplabcut.header import ROWS, Header, Joint, read_header
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.picture_names import FRAME
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.geometry import XYV, Keypoints
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import ObjectClass, Skeleton

MAX_BYTES = 1 << 30
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?scorer,[^\n]*\n(?:individuals|bodyparts),")
_EXTRACTED = re.compile(r"(.*)/img(\d{1,9})\.\w+")
_PREDICTED = re.compile(r"(.+?)DLC[_A-Z].*")
_NUMBERED = re.compile(r"(.+)_\d+")
_NONE = ("", "nan", "none", "null", "na")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of DeepLabCut."""
    return _BEGINS.match(head.replace(b"\r\n", b"\n")) is not None


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such files."""
    return bool(_files(source))


@reader("deeplabcut", "pictures")
def read(
    job: Reading,
    *,
    item: str | None = None,
    class_name: str | None = None,
    cutoff: float = 0.6,
    max_bytes: int = MAX_BYTES,
) -> Imported:
    """Read poses: see `labelwidgets.formats.read` and `labelwidgets.formats.deeplabcut`.

    Parameters
    ----------
    path
        A CSV, or a folder or zip with some.
    item
        The video whose frames the rows are about, where they have numbers.
    class_name
        The class of all animals; None finds it.
    cutoff
        Joints of a lower likelihood are hidden.
    max_bytes
        Larger files are refused.

    Raises
    ------
    FormatError
        Naming the file, the line and the column.
    """
    source = job.input()
    found = job.picture_labels()
    names = _files(source)
    if not names:
        raise FormatError("has no CSV of DeepLabCut.", where=source.shown)
    for name in names:
        reader = _Reader(found, source, name, item, class_name, cutoff)
        reader.read(source.text(name, max_bytes))
    return found.result()


def _files(source: Input) -> list[str]:
    found = source.ending(".csv")
    return found if source.single else [name for name in found if sniff(source.head(name))]


class _Reader:
    """One reading of one file."""

    def __init__(
        self,
        found: PictureLabels,
        source: Input,
        name: str,
        item: str | None,
        class_name: str | None,
        cutoff: float,
    ) -> None:
        self.found, self.item, self.given, self.cutoff = found, item, class_name, cutoff
        self.where, self.alone = source.where(name), source.single
        self.stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        self.name = name
        self.tracks: dict[str, str] = {}

    def read(self, text: str) -> None:
        """Take in all rows."""
        first: dict[str, list[str]] = {}
        header: Header | None = None
        classes: dict[str, tuple[str, list[str]]] = {}
        for line, cells in self._rows(text):
            if header is None and cells[0] in ROWS and cells[0] not in first:
                first[cells[0]] = [unguarded(cell) for cell in cells]
                continue
            if header is None:
                header, classes = self._header(first)
            try:
                self._row(line, cells, header, classes)
            except LabelwidgetsError as error:
                self.found.wrong(self._place(line), None, error)
        if header is None:
            self._header(first)

    def _rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
        except csv.Error as error:
            raise FormatError(
                f"is malformed CSV: {error}.", where=f"{self.where}, line {reader.line_num}"
            ) from None

    def _place(self, line: int) -> str:
        return f"line {line}" if self.alone else f"{self.name}, line {line}"

    def _header(
        self, first: dict[str, list[str]]
    ) -> tuple[Header, dict[str, tuple[str, list[str]]]]:
        """Return the header, and of each individual its class and the joints in its order."""
        try:
            header = read_header(first)
            classes = {
                owner: self._class(owner, list(joints))
                for owner, joints in header.individuals.items()
            }
        except LabelwidgetsError as error:
            raise error.at(self.where) from None
        return header, classes

    def _class(self, owner: str, joints: list[str]) -> tuple[str, list[str]]:
        numbered = _NUMBERED.fullmatch(owner)
        called = self.given or (numbered[1] if numbered else "")
        ontology = self.found.ontology
        alike = [
            made
            for made in (ontology.classes if ontology is not None else [])
            if made.skeleton is not None and set(made.skeleton.joints) == set(joints)
        ]
        made: ObjectClass | None = next((one for one in alike if one.name == called), None)
        if made is None and len(alike) == 1 and self.given is None:
            made = alike[0]
        if made is not None and made.skeleton is not None:
            self.found.note(made.name, made.skeleton)
            return made.name, list(made.skeleton.joints)
        name = self.found.name_of(called or ("single" if owner == "single" else "animal"))
        self.found.note(name, Skeleton(joints, []))
        return name, joints

    def _row(
        self,
        line: int,
        cells: Sequence[str],
        header: Header,
        classes: dict[str, tuple[str, list[str]]],
    ) -> None:
        width = header.leading + sum(
            2 + (one.likelihood is not None)
            for joints in header.individuals.values()
            for one in joints.values()
        )
        if len(cells) != width:
            raise FormatError(f"has {numbered(len(cells), 'column')}, the header has {width}.")
        names, frame = self._names([unguarded(one) for one in cells[: header.leading]])
        count = sum(bool(self._joints(cells, one)[0]) for one in header.individuals.values())
        spot = self.found.spot(self._place(line), names, labels=count)
        if spot is None:
            return
        for owner, joints in header.individuals.items():
            self._animal(cells, owner, joints, header, classes[owner], spot, frame)

    def _names(self, index: list[str]) -> tuple[list[str], bool]:
        """Return what the picture of a row is called, and whether it is a number of a frame."""
        text = "/".join(part.replace("\\", "/") for part in index if part)
        if text.isdecimal() and len(text) < 10:
            predicted = _PREDICTED.fullmatch(self.stem)
            video = self.item or (predicted[1] if predicted else self.stem)
            return [f"{video}/{FRAME.format(int(text))}.png"], True
        if not text:
            raise FormatError("has no name of a picture.", where="column 1")
        extracted = _EXTRACTED.fullmatch(text)
        if extracted is None:
            return [text], False
        return [text, f"{extracted[1]}/{FRAME.format(int(extracted[2]))}.png"], False

    def _joints(
        self, cells: Sequence[str], joints: Any
    ) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
        """Return where joints are, and the likelihood of each, of those that are there."""
        points: dict[str, tuple[float, float]] = {}
        sure: dict[str, float] = {}
        place: Joint
        for name, place in joints.items():
            x, y = (_number(cells[at], at) for at in (place.x, place.y))
            if x is None and y is None:
                continue
            if x is None or y is None:
                at = place.x if x is None else place.y
                raise FormatError("is empty, and the other is not.", where=f"column {at + 1}")
            points[name] = (x, y)
            if place.likelihood is not None:
                value = _number(cells[place.likelihood], place.likelihood)
                if value is not None and not 0 <= value <= 1:
                    raise FormatError(
                        f"must be from 0 to 1, not {value:g}.",
                        where=f"column {place.likelihood + 1}",
                    )
                sure[name] = 0.0 if value is None else value
        return points, sure

    def _animal(
        self,
        cells: Sequence[str],
        owner: str,
        joints: Any,
        header: Header,
        made: tuple[str, list[str]],
        spot: Spot,
        numbered: bool,
    ) -> None:
        points, sure = self._joints(cells, joints)
        if not points:
            return
        name, order = made
        shape: list[XYV] = []
        for joint in order:
            if joint not in points:
                shape.append((0.0, 0.0, 0))
                continue
            shape.append((*points[joint], 1 if sure.get(joint, 1.0) < self.cutoff else 2))
        parameters: dict[str, Any] = {"scorer": header.scorer} if header.scorer else {}
        if owner:
            parameters["individual"] = owner
        if sure:
            parameters["likelihood"] = sure
        track = self.tracks.setdefault(owner, new_id()) if numbered else None
        self.found.keep(
            name,
            Keypoints(shape),
            spot,
            track_id=track,
            confidence=math.fsum(sure.values()) / len(sure) if sure else None,
            parameters=parameters,
        )


def _number(text: str, column: int) -> float | None:
    text = text.strip()
    if text.lower() in _NONE:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(
            f"must be a finite number, not {text[:40]!r}.", where=f"column {column + 1}"
        )
    return value
