"""From rows of MOTChallenge to tracks."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.keyframes import needed_keyframes
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, Clips, unknown_item
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.mot.classes import Classes, names_by_number, names_in
from labelwidgets.formats.mot.rows import Rows, read_rows
from labelwidgets.formats.mot.sequences import Sequence, sequences
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import FormatWarning, Imported
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.tracks import Keyframe, Track

_NUMBER = rb"\s*-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\s*"
_ROW = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*"
    + rb",".join([_NUMBER] * 6)
    + rb"(?:,"
    + _NUMBER
    + rb"){0,4}\r?(?:\n|$)"
)
VISIBILITY = "visibility"
# Objects are thinned in blocks of so many rows.
_BLOCK = 500_000


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has rows of from 6 to 10 numbers."""
    return _ROW.match(head) is not None


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has sequences."""
    return any(f"/{name}".endswith(("/gt/gt.txt", "/det/det.txt")) for name in source.names())


@reader("mot", "videos")
def read(
    job: Reading,
    *,
    item: str | None = None,
    classes: Classes | None = None,
    base: Literal[0, 1] | None = None,
    tolerance: float = 0.0,
    clip: bool = True,
) -> Imported:
    """Read tracks: see `labelwidgets.formats.read` and `labelwidgets.formats.mot`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.read`. Without items, sequences become the items.
    item
        The video that the rows are about; None finds it by the name of the sequence, or is the
        only one that there is.
    classes
        Names of classes by number, or a list of them from 1.
    base
        What the left and top edge of the first pixel are called; None is 1, or 0 where
        ``labels.txt`` lies beside the rows.
    tolerance
        How far, in pixels, an edge may be from where its row has it, to get by with fewer
        keyframes; 0 is exact.
    clip
        Cut boxes at the edge of the picture. False takes them as they are, and one that is out
        of the picture by more than a pixel is an error.

    Raises
    ------
    FormatError
        Naming the file, the line and the field.
    LimitError
        If there are too many rows.
    """
    if base not in (None, 0, 1):
        raise FormatError(f"must be 0 or 1, not {base!r}.", where="base")
    if not tolerance >= 0:
        raise FormatError(f"must be a number from 0, not {tolerance!r}.", where="tolerance")
    source = job.input()
    found = job.clip_labels()
    told = names_by_number(classes) if classes is not None else None
    for sequence in sequences(source):
        where = source.where(sequence.file)
        try:
            target = _clip(job.clips, found, sequence, item, where)
        except FormatError as error:
            if item is not None:
                raise
            reason = f"{error.message} {error.hint or ''}".strip()
            found.unmatched(sequence.file, "", sequence.names[0], 0, reason)
            continue
        with source.open(sequence.file) as file:
            rows = read_rows(file, where)
        found.match(target.item.id)
        one = _Sequence(rows, target, sequence, found, where, tolerance)
        one.read(told, base, clip)
    return found.result()


def _clip(
    clips: Clips, found: ClipLabels, sequence: Sequence, item: str | None, where: str
) -> Clip:
    if clips.frame is None:
        made = unknown_item(item or sequence.names[-1])
        return found.item(made, sequence.size, frames=sequence.frames, fps=sequence.rate)
    target = clips.of(clips.find(sequence.names, item, where).id)
    if target.frames is None and sequence.frames is not None:
        return target._replace(frames=sequence.frames)
    return target


class _Sequence:
    """The rows of one sequence, on their way to tracks."""

    def __init__(
        self,
        rows: Rows,
        clip: Clip,
        sequence: Sequence,
        found: ClipLabels,
        where: str,
        tolerance: float,
    ) -> None:
        self.rows, self.clip, self.sequence, self.found = rows, clip, sequence, found
        self.where, self.tolerance = where, tolerance

    def read(self, told: dict[int, str] | None, base: int | None, clip: bool) -> None:
        """Take in all rows."""
        if not self.rows.frame.size:
            return
        self._leave_out(self._wrong_rows())
        if base is None:
            base = self.sequence.ours.get("base", 0 if self.sequence.labels else 1)
        self.rows.box[:, :2] -= float(base)
        names = self._names(told)
        if clip and self.clip.size is not None:
            self._cut(self.clip.size)
        for some in self._blocks():
            self._read_block(some, names)

    def _wrong_rows(self) -> npt.NDArray[np.bool_]:
        """Return which rows cannot be, once each was told (or raised)."""
        rows = self.rows
        wrong = np.zeros(rows.frame.size, bool)
        twice = (np.diff(rows.frame) == 0) & (np.diff(rows.id) == 0) & (rows.id[1:] != -1)
        for at in np.flatnonzero(twice).tolist():
            first, second = sorted((int(rows.line[at]), int(rows.line[at + 1])))
            error = FormatError(
                f"is the second row of object {rows.id[at]} on frame {rows.frame[at]}, "
                f"the first is line {first}.",
                where="id",
            )
            self.found.wrong(f"line {second}", int(rows.id[at]), error)
            wrong[at if rows.line[at] > rows.line[at + 1] else at + 1] = True
        if self.clip.frames is not None:
            beyond = rows.frame > self.clip.frames
            for at in np.flatnonzero(beyond).tolist():
                error = FormatError(
                    f"is {rows.frame[at]}, and the video has {self.clip.frames} frames.",
                    where="frame",
                )
                self.found.wrong(f"line {rows.line[at]}", int(rows.id[at]), error)
            wrong |= beyond
        return wrong

    def _leave_out(self, wrong: npt.NDArray[np.bool_]) -> None:
        if wrong.any():
            self.rows = self.rows.part(~wrong)

    def _names(self, told: dict[int, str] | None) -> dict[int, str]:
        """Return the class of each number that occurs; rows of unknown ones are told of."""
        ours, labels = self.sequence.ours.get("classes"), self.sequence.labels
        if told is not None:
            known = told
        elif isinstance(ours, dict):
            known = {
                int(key): str(name)
                for key, name in ours.items()
                if key.isascii() and key.isdigit() and len(key) < 10
            }
        elif labels is not None:
            known = dict(enumerate(labels, 1))
        else:
            known = names_in(self.found.ontology)
        rows = self.rows
        numbers = rows.class_
        if numbers is None or (numbers == -1).all():
            first = known.get(1) or next(iter(known.values()), "object")
            name = self.found.name_of(first)
            self.rows = rows._replace(class_=None)
            return {1: name}
        names: dict[int, str] = {}
        wrong = np.zeros(numbers.size, bool)
        for number in np.unique(numbers).tolist():
            if number in known:
                names[number] = self.found.name_of(known[number], "classes")
                continue
            places = numbers == number
            wrong |= places
            error = FormatError(
                f"is {number}, which is no class: known are "
                f"{', '.join(f'{k} ({known[k]})' for k in sorted(known)[:12])}.",
                where="class",
                hint='Pass classes={1: "car", ...} with the names of all numbers.',
            )
            line = int(rows.line[places].min())
            count = int(places.sum())
            record = f"line {line}" if count == 1 else f"line {line} and {count - 1} others"
            self.found.wrong(record, None, error)
        self._leave_out(wrong)
        return names

    def _cut(self, size: tuple[int, int]) -> None:
        """Cut boxes at the edges of the picture; those that are off it altogether are not seen."""
        box = self.rows.box
        low = np.clip(box[:, :2], 0, size)
        high = np.clip(box[:, :2] + box[:, 2:], 0, size)
        # Written so that boxes within keep their numbers to the last digit.
        cut = (box[:, :2] < 0).any(axis=1) | (box[:, :2] + box[:, 2:] > size).any(axis=1)
        if not cut.any():
            return
        box[cut] = np.hstack([low, high - low])[cut]
        gone = (box[:, 2] <= 0) | (box[:, 3] <= 0)
        message = f"{self.where}: {int(cut.sum())} boxes left the picture and were cut at its edge"
        if gone.any():
            message += f"; {int(gone.sum())} lay off it altogether and are not seen"
            self._leave_out(gone)
        warnings.warn(f"{message}. Pass clip=False to refuse them.", FormatWarning, stacklevel=5)

    def _blocks(self) -> Iterator[Rows]:
        """Return rows in blocks of whole objects."""
        ids = self.rows.id
        starts = np.flatnonzero(np.diff(ids, prepend=ids[:1] - 1)) if ids.size else ids
        begin = 0
        for at, start in enumerate(starts.tolist()):
            end = int(starts[at + 1]) if at + 1 < starts.size else ids.size
            if end - begin >= _BLOCK or end == ids.size:
                yield self.rows.part(slice(begin, end))
                begin = end
            del start

    def _read_block(self, rows: Rows, names: dict[int, str]) -> None:
        """Take in some objects."""
        loose = (rows.id == -1) | np.isin(rows.id, self._said("shapes"))
        if loose.any():
            self._read_shapes(rows.part(loose), names)
            rows = rows.part(~loose)
        if not rows.id.size:
            return
        new = np.flatnonzero(np.diff(rows.id, prepend=rows.id[0] - 1))
        ends = np.append(new[1:], rows.id.size)
        gap = np.diff(rows.frame, append=-5) != 1
        gap[ends - 1] = True
        must = gap.copy()
        must[1:] |= gap[:-1]
        must[new] = True
        for told in (
            self._occluded(rows),
            self._confidence(rows),
            self._kept_visibility(rows, names),
        ):
            if told is not None:
                must[1:] |= told[1:] != told[:-1]
        kept = needed_keyframes(rows.frame, rows.box, must, self.tolerance)
        for start, end in zip(new.tolist(), ends.tolist(), strict=True):
            whole = slice(start, end)
            self._read_object(rows.part(whole), kept[whole], gap[whole], names)

    def _read_object(
        self,
        rows: Rows,
        kept: npt.NDArray[np.bool_],
        gap: npt.NDArray[np.bool_],
        names: dict[int, str],
    ) -> None:
        id = int(rows.id[0])
        try:
            name = self._class_of(rows, names)
            occluded, confidence = self._occluded(rows), self._confidence(rows)
            visible = self._kept_visibility(rows, {1: name})
            frames = self.clip.frames
            keyframes: dict[int, Keyframe] = {}
            places = np.flatnonzero(kept)
            boxes = rows.box[places].tolist()
            before: str | None = None
            for at, box in zip(places.tolist(), boxes, strict=True):
                frame = int(rows.frame[at]) - 1
                answers: dict[str, Any] = {}
                if visible is not None and (text := f"{visible[at]:g}") != before:
                    answers[VISIBILITY] = before = text
                keyframes[frame] = Keyframe(
                    Rectangle(*box),
                    occluded=bool(occluded is not None and occluded[at]),
                    attributes=answers,
                    confidence=_given(confidence, at),
                )
                if gap[at] and (frames is None or frame + 1 < frames):
                    keyframes[frame + 1] = Keyframe(outside=True)
            self.found.keep(
                name, Track(keyframes), self.clip, parameters={"id": id} | self._ignored(rows)
            )
        except LabelwidgetsError as error:
            self.found.wrong(f"line {int(rows.line.min())}", id, error)

    def _read_shapes(self, rows: Rows, names: dict[int, str]) -> None:
        """Take in rows without an id, each a shape on one frame."""
        confidence = self._confidence(rows)
        occluded = self._occluded(rows)
        numbers, counts = np.unique(rows.id, return_counts=True)
        several = numbers[(numbers != -1) & (counts > 1)].tolist()
        tracks = {id: new_id() for id in several}
        for at in range(rows.frame.size):
            try:
                one = rows.part(slice(at, at + 1))
                id = int(rows.id[at])
                parameters: dict[str, Any] = self._ignored(one)
                if id != -1:
                    parameters["id"] = id
                if occluded is not None and occluded[at]:
                    parameters["occluded"] = True
                self.found.keep(
                    self._class_of(one, names),
                    Rectangle(*rows.box[at].tolist()),
                    self.clip,
                    frame=int(rows.frame[at]) - 1,
                    track_id=tracks.get(id),
                    confidence=_given(confidence, at),
                    parameters=parameters,
                )
            except LabelwidgetsError as error:
                self.found.wrong(f"line {int(rows.line[at])}", None, error)

    def _class_of(self, rows: Rows, names: dict[int, str]) -> str:
        if rows.class_ is None:
            return names[1]
        numbers = np.unique(rows.class_).tolist()
        if len(numbers) > 1:
            raise FormatError(
                f"has the classes {', '.join(map(str, numbers))}, and must have one.",
                where="class",
            )
        return names[numbers[0]]

    def _is_truth(self, rows: Rows) -> bool:
        """Say whether the seventh column says what is to be counted, not how sure a tool was."""
        given = rows.confidence
        if "sure" in self.sequence.ours:
            return True
        return given is None or bool(np.isin(given, (-1, 0, 1)).all())

    def _confidence(self, rows: Rows) -> npt.NDArray[np.float64] | None:
        given = self.rows.confidence
        if given is None or rows.confidence is None:
            return None
        if "sure" in self.sequence.ours:
            sure = np.isin(rows.id, self._said("sure"))
            return np.where(sure, rows.confidence.astype(np.float64).round(6), -1.0)
        if self._is_truth(self.rows):
            return None
        if ((given < 0) | (given > 1)).any():
            # Scores of old detectors go beyond; nothing says from where to where.
            return None
        return rows.confidence.astype(np.float64).round(6)

    def _ignored(self, rows: Rows) -> dict[str, Any]:
        """Return where rows are not to be counted, as pairs of the first and last frame."""
        if rows.confidence is None:
            return {}
        if not self._is_truth(self.rows):
            given = self.rows.confidence
            assert given is not None  # noqa: S101 - as rows have one
            if ((given < 0) | (given > 1)).any():
                return {"scores": [float(one) for one in rows.confidence.astype(float).round(6)]}
            return {}
        counted = (rows.confidence != 0) | np.isin(rows.id, self._said("sure"))
        off = rows.frame[~counted] - 1
        if not off.size:
            return {}
        if off.size == rows.frame.size:
            return {"ignored": True}
        breaks = np.flatnonzero(np.diff(off) != 1)
        firsts, lasts = off[np.append(0, breaks + 1)], off[np.append(breaks, off.size - 1)]
        return {"ignored": np.stack([firsts, lasts], axis=1).tolist()}

    def _said(self, key: str) -> list[int]:
        """Return the ids of objects that a file of ours says something of."""
        given = self.sequence.ours.get(key)
        return [one for one in given if isinstance(one, int)] if isinstance(given, list) else []

    def _occluded(self, rows: Rows) -> npt.NDArray[np.bool_] | None:
        given = rows.visibility
        return None if given is None else (given >= 0) & (given < 0.5)

    def _kept_visibility(self, rows: Rows, names: dict[int, str]) -> npt.NDArray[np.float32] | None:
        given = rows.visibility
        asked = given is not None and any(
            VISIBILITY in self.found.mutable(n) for n in names.values()
        )
        return given if asked else None


def _given(confidence: npt.NDArray[np.float64] | None, at: int) -> float | None:
    """Return the confidence of a row, None where there is none (below 0)."""
    value = -1.0 if confidence is None else float(confidence[at])
    return value if value >= 0 else None
