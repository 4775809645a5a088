"""Of the rows of a sequence, those that can be: on its frames, of known classes, in the picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.mot.classes import names_in
from labelwidgets.formats.mot.rows import Rows
from labelwidgets.formats.mot.sequences import Sequence
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.warned import warn


class Read(NamedTuple):
    """A sequence that is read: its video, what lies beside its rows, and where it stands.

    Parameters
    ----------
    clip
        The video.
    sequence
        What is said of it.
    found
        Where its labels go, and what is wrong with its rows.
    where
        The file, for warnings.
    within
        Its name in a folder or archive, and a comma; empty of a single file.
    """

    clip: Clip
    sequence: Sequence
    found: ClipLabels
    where: str
    within: str

    def wrong(self, line: int, id: int | None, error: LabelwidgetsError) -> None:
        """Leave a row out, or raise."""
        self.found.wrong(f"{self.within}line {line}", id, error)


def sound_rows(
    rows: Rows, one: Read, told: dict[int, str] | None, base: int | None, cut: bool
) -> tuple[Rows, dict[int, str]]:
    """Return the rows that can be, and the names of their classes by number.

    Parameters
    ----------
    rows
        As they are in the file.
    one
        The sequence.
    told
        Names of classes as the person says them.
    base
        What the first pixel is called; None goes by what lies beside the rows.
    cut
        Cut boxes at the edge of the picture.
    """
    rows = _without(rows, _wrong_rows(rows, one))
    if base is None:
        base = one.sequence.ours.get("base", 0 if one.sequence.labels else 1)
    rows.box[:, :2] -= float(base)
    rows, names = _named(rows, one, told)
    if cut and one.clip.size is not None:
        rows = _cut(rows, one.clip.size, one.where)
    return rows, names


def _wrong_rows(rows: Rows, one: Read) -> npt.NDArray[np.bool_]:
    """Return which rows cannot be, once each was told (or raised)."""
    wrong = np.zeros(rows.frame.size, bool)
    twice = (np.diff(rows.frame) == 0) & (np.diff(rows.id) == 0) & (rows.id[1:] != -1)
    for at in np.flatnonzero(twice).tolist():
        first, second = sorted((int(rows.line[at]), int(rows.line[at + 1])))
        error = FormatError(
            f"is the second row of object {rows.id[at]} on frame {rows.frame[at]}, "
            f"the first is line {first}.",
            where="id",
        )
        one.wrong(second, int(rows.id[at]), error)
        wrong[at if rows.line[at] > rows.line[at + 1] else at + 1] = True
    if one.clip.frames is not None:
        beyond = rows.frame > one.clip.frames
        for at in np.flatnonzero(beyond).tolist():
            error = FormatError(
                f"is {rows.frame[at]}, and the video has {numbered(one.clip.frames, 'frame')}.",
                where="frame",
            )
            one.wrong(int(rows.line[at]), int(rows.id[at]), error)
        wrong |= beyond
    return wrong


def _named(rows: Rows, one: Read, told: dict[int, str] | None) -> tuple[Rows, dict[int, str]]:
    """Return rows of known classes with the name of each number; others are told of."""
    ours, labels = one.sequence.ours.get("classes"), one.sequence.labels
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
        known = names_in(one.found.ontology)
    numbers = rows.class_
    if numbers is None or (numbers == -1).all():
        first = known.get(1) or next(iter(known.values()), "object")
        name = one.found.name_of(first)
        return rows._replace(class_=None), {1: name}
    names: dict[int, str] = {}
    wrong = np.zeros(numbers.size, bool)
    for number in np.unique(numbers).tolist():
        if number in known:
            names[number] = one.found.name_of(known[number], "classes")
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
        one.found.wrong(f"{one.within}{record}", None, error)
    return _without(rows, wrong), names


def _cut(rows: Rows, size: tuple[int, int], where: str) -> Rows:
    """Cut boxes at the edges of the picture; those that are off it altogether are not seen."""
    box = rows.box
    low = np.clip(box[:, :2], 0, size)
    high = np.clip(box[:, :2] + box[:, 2:], 0, size)
    # Written so that boxes within keep their numbers to the last digit.
    cut = (box[:, :2] < 0).any(axis=1) | (box[:, :2] + box[:, 2:] > size).any(axis=1)
    if not cut.any():
        return rows
    box[cut] = np.hstack([low, high - low])[cut]
    gone = (box[:, 2] <= 0) | (box[:, 3] <= 0)
    message = f"{where}: {numbered(int(cut.sum()), 'box')} cut at the edge of the picture"
    if gone.any():
        message += f"; {numbered(int(gone.sum()), 'box')} off it altogether, not seen"
        rows = _without(rows, gone)
    warn(f"{message}. Pass clip=False to refuse them.")
    return rows


def _without(rows: Rows, wrong: npt.NDArray[np.bool_]) -> Rows:
    return rows.part(~wrong) if wrong.any() else rows
