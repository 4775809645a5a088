"""Objects as rows of MOTChallenge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.losses import shapes_of
from labelwidgets.formats.mot.rows import VISIBILITY
from labelwidgets.formats.seen_frames import Frames, OnFrame, on_frames
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.tracks import Track

Variant = Literal["mot15", "mot16", "mot17", "mot20", "det"]
_DIGITS = 6


class RowTexts:
    """Makes the rows of one video after another.

    Parameters
    ----------
    numbers
        Of classes, by name.
    variant, base, frames
        As the writer is told them.
    told
        What rows do not say of objects is said beside them.
    """

    def __init__(
        self, numbers: dict[str, int], variant: Variant, base: int, frames: Frames, told: bool
    ) -> None:
        self.numbers, self.variant, self.base = numbers, variant, base
        self.frames, self.told = frames, told

    def sequence(
        self, objects: Mapping[str, Sequence[Annotation]], clip: Clip
    ) -> tuple[bytes, int, dict[str, list[int]]]:
        """Return the rows of a video, how many, and what is to be said of objects beside them."""
        ids = _ids(objects)
        pieces: list[str] = []
        rows = 0
        for own in sorted(objects, key=ids.__getitem__):
            for label in objects[own]:
                number = self._number(label)
                lines = self._box_rows(label, ids[own], number, clip) or [
                    self._row(one, ids[own], number, label)
                    for one in on_frames(label, clip, self.frames)
                ]
                rows += len(lines)
                pieces.append("".join(lines))
        ours: dict[str, list[int]] = {"shapes": [], "sure": []}
        for own, labels in objects.items():
            if not isinstance(labels[0].geometry, Track):
                ours["shapes"].append(ids[own])
            ignored = labels[0].origin.parameters.get("ignored")
            if any(map(is_sure, labels)) and not ignored:
                ours["sure"].append(ids[own])
        return "".join(pieces).encode(), rows, ours if self.told else {}

    def _box_rows(self, label: Annotation, id: int, number: int, clip: Clip) -> list[str]:
        """Return the rows of a track of upright boxes at once; none where they go one by one."""
        shape = label.geometry
        upright = isinstance(shape, Track) and shape.shape_type == "rectangle"
        if not isinstance(shape, Track) or not upright or self.frames == "keyframes":
            return []
        keys = list(shape.keyframes)
        step = self.frames if isinstance(self.frames, int) else 1
        count = clip.frames if clip.frames is not None else keys[-1] + 1
        if keys[-1] >= count or _is_turned(label):
            return []
        frames, boxes = shape.boxes(count if clip.stop is None else clip.stop)
        chosen = frames % step == 0
        frames, boxes = frames[chosen], boxes[chosen]
        place = np.searchsorted(keys, frames, side="right") - 1
        # What follows the box, of each keyframe: on it, and after it.
        ends: list[tuple[str, str]] = []
        for frame in keys:
            sight = shape.at(frame)
            if sight is None:
                ends.append(("", ""))
                continue
            answers = label.attributes | sight.attributes
            two = [OnFrame(frame + at, label, sight._replace(attributes=answers)) for at in (0, 1)]
            if frame + 1 in shape.keyframes:
                two[1] = two[0]
            on, after = (self._row(one, id, number, label).split(",", 6)[6] for one in two)
            ends.append((on, after))
        there = np.asarray(keys)[place] == frames
        texts = np.round(boxes + np.array([self.base, self.base, 0, 0]), _DIGITS).tolist()
        name = -1 if self.variant == "det" else id
        lines = []
        for frame, at, on, box in zip(
            frames.tolist(), place.tolist(), there.tolist(), texts, strict=True
        ):
            x, y, w, h = (repr(value).removesuffix(".0") for value in box)
            end = ends[at][0 if on else 1]
            lines.append(f"{frame + 1},{name},{x},{y},{w},{h},{end}")
        if label.origin.parameters.get("ignored"):
            return self._ignoring(lines, label)
        return lines

    def _ignoring(self, lines: list[str], label: Annotation) -> list[str]:
        """Return rows with 0 in place of the confidence where they are not to be counted."""
        made = []
        for line in lines:
            fields = line.split(",", 7)
            frame = int(fields[0]) - 1
            if self.variant != "det":
                fields[6] = "0" if _is_ignored(label, frame) else "1"
            made.append(",".join(fields))
        return made

    def _row(self, one: OnFrame, id: int, number: int, label: Annotation) -> str:
        bounds = one.sight.geometry.bounds
        if bounds is None:
            raise FormatError("has no place.", where=f"annotation {label.id!r}")
        x, y, w, h = bounds
        base = self.base
        place = f"{one.frame + 1},%s,{_text(x + base)},{_text(y + base)},{_text(w)},{_text(h)}"
        if self.variant == "det":
            sure = one.confidence
            return f"{place % -1},{_text(1.0 if sure is None else sure)},-1,-1,-1\n"
        sure = one.confidence
        flag = "0" if _is_ignored(label, one.frame) else "1" if sure is None else _text(sure)
        if self.variant == "mot15":
            return f"{place % id},{flag},-1,-1,-1\n"
        said = one.sight.attributes.get(VISIBILITY)
        visibility = said if isinstance(said, str) and _is_part(said) else None
        if visibility is None:
            hidden = one.sight.occluded or label.origin.parameters.get("occluded") is True
            visibility = "0" if hidden else "1"
        return f"{place % id},{flag},{number},{visibility}\n"

    def _number(self, label: Annotation) -> int:
        if self.variant in ("mot15", "det"):
            return -1
        number = self.numbers.get(label.class_name or "")
        if number is None:
            raise FormatError(
                f"{label.class_name!r} has no number.",
                where=f"annotation {label.id!r}, class_name",
                hint='Pass classes={1: "car", ...} with all names.',
            )
        return number


def is_sure(label: Annotation) -> bool:
    """Say whether a tool said how sure it was, of a label or of one of its frames."""
    shape = label.geometry
    keys = shape.keyframes.values() if isinstance(shape, Track) else ()
    return label.confidence is not None or any(one.confidence is not None for one in keys)


def _is_turned(label: Annotation) -> bool:
    return any(isinstance(one, Rectangle) and one.angle != 0 for one in shapes_of(label.geometry))


def _is_ignored(label: Annotation, frame: int) -> bool:
    said = label.origin.parameters.get("ignored")
    if isinstance(said, list):
        return any(first <= frame <= last for first, last in said)
    return said is True


def _ids(objects: Mapping[str, Sequence[Annotation]]) -> dict[str, int]:
    """Return the numbers of objects: those that they came with, where these are still free."""
    ids: dict[str, int] = {}
    taken: set[int] = set()
    for own, labels in objects.items():
        said = labels[0].origin.parameters.get("id")
        if isinstance(said, int) and not isinstance(said, bool) and said > 0 and said not in taken:
            ids[own] = said
            taken.add(said)
    free: Iterator[int] = (number for number in range(1, 2**62) if number not in taken)
    for own in objects:
        if own not in ids:
            ids[own] = next(free)
    return ids


def _text(value: float) -> str:
    """Return a number with at most six decimals, as short as it can be."""
    rounded = round(value, _DIGITS)
    whole = int(rounded)
    return str(whole) if whole == rounded else repr(rounded)


def _is_part(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False
