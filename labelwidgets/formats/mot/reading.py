"""From rows of MOTChallenge to tracks."""

from __future__ import annotations

import re
from functools import partial
from typing import Literal

from labelwidgets.errors import FormatError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, Clips, unknown_item
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.mot.classes import Classes, names_by_number
from labelwidgets.formats.mot.objects import Objects
from labelwidgets.formats.mot.rows import read_rows
from labelwidgets.formats.mot.sequences import Sequence, sequences
from labelwidgets.formats.mot.sound_rows import Read, sound_rows
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported

# Blanks are taken in one step: no way back is kept.
_NUMBER = rb"[ \t]*+-?\d++(?:\.\d*+)?(?:[eE][+-]?\d++)?[ \t]*+"
_ROW = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+"
    + rb",".join([_NUMBER] * 6)
    + rb"(?:,"
    + _NUMBER
    + rb"){0,4}\r?(?:\n|$)"
)


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
        one = Read(target, sequence, found, where, "" if source.single else f"{sequence.file}, ")
        with source.open(sequence.file) as file:
            rows = read_rows(file, where, partial(_leave_out, one))
        found.match(target.item.id)
        if rows.frame.size:
            rows, names = sound_rows(rows, one, told, base, clip)
            Objects(rows, names, one, tolerance).keep()
    return found.result()


def _leave_out(one: Read, line: int, error: FormatError) -> None:
    one.wrong(line, None, error)


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
