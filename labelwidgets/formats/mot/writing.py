"""From tracks to rows of MOTChallenge."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip, Clips
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.mot.classes import Classes, names_by_number, names_in, numbers_in
from labelwidgets.formats.mot.reading import VISIBILITY
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.results import Exported
from labelwidgets.formats.scan_labels import ontology_of
from labelwidgets.formats.seen_frames import Frames, OnFrame, by_item, check_frames, on_frames
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle, Tag, VolumeMask
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Interval, Track

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

Variant = Literal["mot15", "mot16", "mot17", "mot20", "det"]
_DIGITS = 6


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    dataset: Dataset | None = None,
    variant: Variant = "mot17",
    base: Literal[0, 1] = 1,
    classes: Classes | None = None,
    frames: Frames = "all",
    **storage_options: Any,
) -> Exported:
    """Write tracks: see `labelwidgets.formats.write` and `labelwidgets.formats.mot`.

    Parameters
    ----------
    annotations, items, ontology, strict, dataset, **storage_options
        As for `labelwidgets.formats.write`.
    path
        A ``.txt`` for one video; a folder, or a ``.zip``, with a sequence for each.
    variant
        ``mot15`` has ten columns and no classes; ``det`` has no ids; the others are alike.
    base
        What the left and top edge of the first pixel are called: 1 as the devkit has it, 0 as
        CVAT and most tools of others do.
    classes
        Names of classes by number, or a list of them from 1.
    frames
        ``all`` on which something is seen, ``keyframes``, or a number: every n-th.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) rows have no place for it.
    SourceError
        If the place cannot be written.
    """
    if variant not in ("mot15", "mot16", "mot17", "mot20", "det"):
        raise FormatError(
            f"{variant!r} is none of mot15, mot16, mot17, mot20 and det.", where="variant"
        )
    if base not in (0, 1):
        raise FormatError(f"must be 0 or 1, not {base!r}.", where="base")
    check_frames(frames)
    output = Output(path, (".txt",), **storage_options)
    clips = Clips(items, dataset)
    ontology = ontology or ontology_of(annotations)
    names = names_by_number(classes) if classes is not None else names_in(ontology)
    dropped = Dropped(output.shown, "MOT", strict)
    writer = _Writer(numbers_in(names), variant, base, frames, dropped)
    labels = by_item(annotations)
    written = [(id, some) for id, some in labels.items() if writer.has_place(some)]
    output.check(len(written), "videos")
    counts: Counter[str] = Counter(videos=0, tracks=0, rows=0)
    with output:
        for id, some in written:
            clip = clips.of(id)
            data, tracks, rows = writer.sequence(some, clip)
            counts.update(videos=1, tracks=tracks, rows=rows)
            folder = (clip.item.title or id).rsplit(".", 1)[0] or id
            if output.single:
                output.add("gt", data)
                continue
            kind = "det/det" if variant == "det" else "gt/gt"
            place = output.add(f"{folder}/{kind}", data)
            info = _info(place.split("/")[0], clip, names, base, variant)
            output.add(f"{place.rsplit('/', 2)[0]}/seqinfo", info, ".ini")
    dropped.say()
    return Exported(output.shown, dict(counts) | {"left_out": dropped.total})


class _Writer:
    """One writing of one place."""

    def __init__(
        self,
        numbers: dict[str, int],
        variant: Variant,
        base: int,
        frames: Frames,
        dropped: Dropped,
    ) -> None:
        self.numbers, self.variant, self.base = numbers, variant, base
        self.frames, self.dropped = frames, dropped

    def has_place(self, labels: Sequence[Annotation]) -> bool:
        """Count what has no place; say whether anything is left."""
        lost: Counter[str] = Counter()
        left = 0
        for label in labels:
            kind = _lost(label)
            if kind:
                lost[kind] += 1
            else:
                left += 1
        self.dropped.add(lost)
        return left > 0

    def sequence(self, labels: Sequence[Annotation], clip: Clip) -> tuple[bytes, int, int]:
        """Return the rows of a video, by object and frame, and how many objects and rows."""
        lost: Counter[str] = Counter()
        objects: dict[str, list[Annotation]] = {}
        for label in labels:
            if not _lost(label):
                own = label.id if isinstance(label.geometry, Track) else label.track_id or label.id
                objects.setdefault(own, []).append(label)
                self._count_lost(label, lost)
        classes = {one.class_name for some in objects.values() for one in some}
        if self.variant in ("mot15", "det") and len(classes) > 1:
            lost["class of a label"] += sum(map(len, objects.values()))
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
        self.dropped.add(lost)
        return "".join(pieces).encode(), len(objects), rows

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

    def _count_lost(self, label: Annotation, lost: Counter[str]) -> None:
        shape = label.geometry
        kind = shape.shape_type if isinstance(shape, Track) else shape.type
        if kind != "rectangle":
            lost[f"outline of a {kind} (its box is written)"] += 1
        elif _is_turned(label):
            lost["turn of a rectangle (its box is written)"] += 1
        answers = set(label.attributes)
        if isinstance(shape, Track):
            answers |= {name for key in shape.keyframes.values() for name in key.attributes}
        if answers - {VISIBILITY}:
            lost["answers of a label"] += 1


def _lost(label: Annotation) -> str | None:
    """Return what kind of label has no place in a row, None if it has one."""
    shape = label.geometry
    if label.class_name is None:
        return "answer"
    if isinstance(shape, Track):
        return "track of points" if shape.shape_type == "point" else None
    if isinstance(shape, Interval | Tag | VolumeMask) or shape.type == "point":
        return shape.type
    return f"{shape.type} on no frame" if label.frame is None else None


def _is_turned(label: Annotation) -> bool:
    shape = label.geometry
    shapes = (
        [key.geometry for key in shape.keyframes.values()] if isinstance(shape, Track) else [shape]
    )
    return any(isinstance(one, Rectangle) and one.angle != 0 for one in shapes)


def _is_ignored(label: Annotation, frame: int) -> bool:
    said = label.origin.parameters.get("ignored")
    if isinstance(said, list):
        return any(first <= frame <= last for first, last in said)
    return said is True


def _ids(objects: dict[str, list[Annotation]]) -> dict[str, int]:
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


def _info(name: str, clip: Clip, names: dict[int, str], base: int, variant: Variant) -> bytes:
    lines = ["[Sequence]", f"name={name}", "imDir=img1"]
    if clip.rate is not None:
        lines.append(f"frameRate={clip.rate:g}")
    if clip.frames is not None:
        lines.append(f"seqLength={clip.frames}")
    if clip.size is not None:
        lines += [f"imWidth={clip.size[0]}", f"imHeight={clip.size[1]}"]
    lines += [
        "imExt=.jpg",
        "",
        "[labelwidgets]",
        f"base={base}",
        f"item={json.dumps(clip.item.id)}",
    ]
    if variant not in ("mot15", "det"):
        lines.append(f"classes={json.dumps({str(k): v for k, v in names.items()})}")
    return ("\n".join(lines) + "\n").encode()
