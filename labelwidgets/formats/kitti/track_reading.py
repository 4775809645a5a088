"""From KITTI's rows of tracks to annotations."""

from __future__ import annotations

import re

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, unknown_item
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.kitti.rows import (
    MAX_BYTES,
    TRACK,
    Names,
    Row,
    known_of,
    lines_of,
    row_of,
)
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported

_LOOKS = 20
_FOLDER = re.compile(r"label_\d\d")
NO_OBJECT = -1


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has such rows."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return TRACK.fullmatch(line.decode("utf-8", "replace")) is not None


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such files."""
    return bool(_files(source, _LOOKS))


@reader("kitti_tracking", "videos")
def read(
    job: Reading, *, item: str | None = None, tolerance: float = 0.0, max_bytes: int = MAX_BYTES
) -> Imported:
    """Read rows of tracks: see `labelwidgets.formats.read` and `labelwidgets.formats.kitti`.

    Parameters
    ----------
    path
        As for `labelwidgets.formats.read`; a folder, a ``.zip`` or a ``.txt``. Without items,
        sequences become the items.
    item
        The video that a single sequence is about; None finds it by name, or is the only one.
    tolerance
        How far, in pixels, an edge may be from where its row has it, to get by with fewer
        keyframes; 0 is exact.
    max_bytes
        Larger files of rows are refused.

    Raises
    ------
    FormatError
        Naming the file, the line and the column.
    """
    if not tolerance >= 0:
        raise FormatError(f"must be a number from 0, not {tolerance!r}.", where="tolerance")
    source = job.input()
    found = job.clip_labels()
    files = _files(source)
    if not files:
        raise FormatError("has no tracks of KITTI.", where=source.shown)
    names = Names(found)
    for name in files:
        called = name.rsplit("/", 1)[-1].removesuffix(".txt")
        clip = None
        if job.clips.frame is not None:
            try:
                clip = job.clips.of(job.clips.find([called], item, source.where(name)).id)
            except FormatError as error:
                if item is not None:
                    raise
                reason = f"{error.message} {error.hint or ''}".strip()
                found.unmatched(name, "", called, 0, reason)
                continue
        reading = _Sequence(found, names, tolerance)
        try:
            lines = list(lines_of(source, name, max_bytes))
        except LabelwidgetsError as error:
            found.wrong(name, None, error)
            continue
        reading.take(lines, clip)
        if clip is None:
            clip = found.item(unknown_item(item or called), None, frames=reading.last + 1)
        found.match(clip.item.id)
        reading.keep(clip)
    return found.result()


class _Sequence:
    """The rows of one video, on their way to tracks."""

    def __init__(self, found: ClipLabels, names: Names, tolerance: float) -> None:
        self.found, self.names, self.tolerance = found, names, tolerance
        self.last = -1
        # By id: the frame, what its line is called, and what it says.
        self.objects: dict[int, list[tuple[int, str, Row]]] = {}

    def take(self, lines: list[tuple[str, list[str]]], clip: Clip | None) -> None:
        """Take in all rows."""
        there: set[tuple[int, int]] = set()
        for record, fields in lines:
            try:
                frame, id = _whole(fields, 0, "frame"), _whole(fields, 1, "track_id")
                if clip is not None:
                    clip.check(frame)
                if id != NO_OBJECT and (frame, id) in there:
                    raise FormatError(
                        f"is the second row of object {id} on frame {frame}.", where="track_id"
                    )
                row = row_of(fields[2:])
                row = row._replace(kind=self.names.of(row.kind))
                rows = self.objects.setdefault(id, [])
                if rows and id != NO_OBJECT and rows[0][2].kind != row.kind:
                    raise FormatError(
                        f"is {row.kind!r}, and object {id} is {rows[0][2].kind!r} before it.",
                        where="type",
                    )
            except LabelwidgetsError as error:
                self.found.wrong(record, fields[1][:40] if len(fields) > 1 else None, error)
                continue
            there.add((frame, id))
            rows.append((frame, record, row))
            self.last = max(self.last, frame)

    def keep(self, clip: Clip) -> None:
        """Make the labels."""
        for id, rows in self.objects.items():
            if id == NO_OBJECT:
                for frame, record, row in rows:
                    self._shape(frame, record, row, clip)
                continue
            if not rows:
                continue
            rows.sort(key=lambda one: one[0])
            try:
                self._track(id, rows, clip)
            except LabelwidgetsError as error:
                self.found.wrong(rows[0][1], id, error)

    def _shape(self, frame: int, record: str, row: Row, clip: Clip) -> None:
        try:
            answers, others = self.found.answers(row.kind, row.said)
            self.found.keep(
                row.kind,
                row.box,
                clip,
                frame=frame,
                attributes=answers,
                confidence=row.confidence,
                parameters={**known_of(others), **row.space},
            )
        except LabelwidgetsError as error:
            self.found.wrong(record, NO_OBJECT, error)

    def _track(self, id: int, rows: list[tuple[int, str, Row]], clip: Clip) -> None:
        kind = rows[0][2].kind
        mutable = self.found.mutable(kind)
        seen, by_frame = [], {}
        for frame, _, row in rows:
            answers, others = self.found.answers(kind, row.said)
            # What may not change along a track is a parameter of each frame.
            fixed = {key: row.said[key] for key in answers if key not in mutable}
            answers = {key: value for key, value in answers.items() if key in mutable}
            occluded = row.said["occluded"] in ("1", "2")
            seen.append(Seen(frame, row.box, occluded, answers, row.confidence))
            space = {**known_of({**others, **fixed}), **row.space}
            if space:
                by_frame[str(frame)] = space
        self.found.keep(
            kind,
            track_of(seen, clip.frames, self.tolerance),
            clip,
            parameters={"id": id, **({"frames": by_frame} if by_frame else {})},
        )


def _files(source: Input, looks: int | None = None) -> list[str]:
    """Return the files of rows; without a folder of them, of so many those that begin like it."""
    if source.single:
        return [source.name]
    names = [name for name in source.names() if name.endswith(".txt")]
    apart = [n for n in names if any(_FOLDER.fullmatch(part) for part in n.split("/")[:-1])]
    return apart or [name for name in names[:looks] if sniff(source.head(name, 1 << 12))]


def _whole(fields: list[str], at: int, column: str) -> int:
    text = fields[at] if at < len(fields) else ""
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and len(digits) < 10:
        value = int(text)
        if value >= (NO_OBJECT if column == "track_id" else 0):
            return value
    raise FormatError(f"must be a whole number from 0, not {text[:40]!r}.", where=column)
