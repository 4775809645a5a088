"""From the rows of a sequence to tracks, and to shapes on one frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.keyframes import needed_keyframes
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.mot.rows import VISIBILITY, Rows
from labelwidgets.formats.mot.sound_rows import Read
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.tracks import Keyframe, Track

# Objects are thinned in blocks of so many rows.
_BLOCK = 500_000


class Objects:
    """The objects of one sequence.

    Parameters
    ----------
    rows
        Those that can be.
    names
        Of their classes, by number.
    one
        The sequence.
    tolerance
        How far, in pixels, an edge may be from where its row has it.
    """

    def __init__(self, rows: Rows, names: dict[int, str], one: Read, tolerance: float) -> None:
        self.rows, self.names, self.tolerance = rows, names, tolerance
        self.clip, self.sequence, self.found = one.clip, one.sequence, one.found
        self.one = one

    def keep(self) -> None:
        """Take them in."""
        for some in self._blocks():
            self._read_block(some)

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

    def _read_block(self, rows: Rows) -> None:
        """Take in some objects."""
        loose = (rows.id == -1) | np.isin(rows.id, self._said("shapes"))
        if loose.any():
            self._read_shapes(rows.part(loose))
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
            self._kept_visibility(rows, self.names),
        ):
            if told is not None:
                must[1:] |= told[1:] != told[:-1]
        kept = needed_keyframes(rows.frame, rows.box, must, self.tolerance)
        for start, end in zip(new.tolist(), ends.tolist(), strict=True):
            whole = slice(start, end)
            self._read_object(rows.part(whole), kept[whole], gap[whole])

    def _read_object(
        self,
        rows: Rows,
        kept: npt.NDArray[np.bool_],
        gap: npt.NDArray[np.bool_],
    ) -> None:
        id = int(rows.id[0])
        try:
            name = self._class_of(rows)
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
            self.one.wrong(int(rows.line.min()), id, error)

    def _read_shapes(self, rows: Rows) -> None:
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
                    self._class_of(one),
                    Rectangle(*rows.box[at].tolist()),
                    self.clip,
                    frame=int(rows.frame[at]) - 1,
                    track_id=tracks.get(id),
                    confidence=_given(confidence, at),
                    parameters=parameters,
                )
            except LabelwidgetsError as error:
                self.one.wrong(int(rows.line[at]), None, error)

    def _class_of(self, rows: Rows) -> str:
        if rows.class_ is None:
            return self.names[1]
        numbers = np.unique(rows.class_).tolist()
        if len(numbers) > 1:
            raise FormatError(
                f"has the classes {', '.join(map(str, numbers))}, and must have one.",
                where="class",
            )
        return self.names[numbers[0]]

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
