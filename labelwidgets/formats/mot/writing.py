"""From tracks to rows of MOTChallenge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses, shapes_of
from labelwidgets.formats.mot.classes import Classes, names_by_number, names_in, numbers_in
from labelwidgets.formats.mot.reading import VISIBILITY
from labelwidgets.formats.seen_frames import Frames, OnFrame, by_item, check_frames, on_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.tracks import Track

Variant = Literal["mot15", "mot16", "mot17", "mot20", "det"]
_DIGITS = 6
_BOX = changed("rectangle", "its box")
HOLDS = Holds(
    "MOT",
    "videos",
    {
        "rectangle": KEPT,
        "turned rectangle": _BOX,
        "ellipse": _BOX,
        "polygon": _BOX,
        "polyline": _BOX,
        "keypoints": _BOX,
        "cuboid": _BOX,
        "mask": _BOX,
        "holes": _BOX,
        "parts": _BOX,
        "hidden joints": _BOX,
        "track": KEPT,
        "confidence": KEPT,
        "empty pictures": KEPT,
    },
)


@writer(HOLDS, ".txt")
def write(
    job: Writing,
    *,
    variant: Variant = "mot17",
    base: Literal[0, 1] = 1,
    classes: Classes | None = None,
    frames: Frames = "all",
) -> Counts:
    """Write tracks: see `labelwidgets.formats.write` and `labelwidgets.formats.mot`.

    Parameters
    ----------
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
    """
    if variant not in ("mot15", "mot16", "mot17", "mot20", "det"):
        raise FormatError(
            f"{variant!r} is none of mot15, mot16, mot17, mot20 and det.", where="variant"
        )
    if base not in (0, 1):
        raise FormatError(f"must be 0 or 1, not {base!r}.", where="base")
    check_frames(frames)
    names = names_by_number(classes) if classes is not None else names_in(job.ontology)
    rows_of = _Rows(job, numbers_in(names), variant, base, frames)
    objects = {id: rows_of.objects(some) for id, some in by_item(job.annotations).items()}
    counts = Counter(videos=0, tracks=0, rows=0)
    for clip in job.videos(objects):
        own = objects.get(clip.item.id, {})
        data, rows, ours = rows_of.sequence(own, clip)
        counts.update(videos=1, tracks=len(own), rows=rows)
        if job.output.single:
            job.output.add("gt", data)
            continue
        kind = "det/det" if variant == "det" else "gt/gt"
        place = job.output.add(f"{clip.stem}/{kind}", data)
        info = _info(place.split("/")[0], clip, names, base, variant, ours)
        job.output.add(f"{place.rsplit('/', 2)[0]}/seqinfo", info, ".ini")
    return counts


class _Rows:
    """Makes the rows of one video after another."""

    def __init__(
        self, job: Writing, numbers: dict[str, int], variant: Variant, base: int, frames: Frames
    ) -> None:
        self.numbers, self.variant, self.base = numbers, variant, base
        self.frames, self.dropped = frames, job.dropped
        # What rows do not say is said beside them.
        self.told = not job.output.single and variant != "det"

    def objects(self, labels: Sequence[Annotation]) -> dict[str, list[Annotation]]:
        """Return the labels that have a place, by object; what is lost is counted."""
        lost: Counter[str] = Counter()
        objects: dict[str, list[Annotation]] = {}
        for label in labels:
            if self._has_place(label, lost):
                own = label.id if isinstance(label.geometry, Track) else label.track_id or label.id
                objects.setdefault(own, []).append(label)
        kept = [one for some in objects.values() for one in some]
        if self.variant in ("mot15", "det") and len({one.class_name for one in kept}) > 1:
            lost["class of a label"] += len(kept)
        if self.variant == "det":
            lost["track (as a box on each frame)"] += sum(
                isinstance(one.geometry, Track) for one in kept
            )
        elif not self.told:
            lost["rectangle (as a track of one frame)"] += sum(
                not isinstance(one.geometry, Track) for one in kept
            )
            sure = [one.confidence for one in kept]
            if set(sure) <= {None, 0.0, 1.0} or (None in sure and set(sure) != {None}):
                # Whether one was given, or what stands there is to be counted, rows do not say.
                lost["confidence"] += sum(one is not None for one in sure)
        self.dropped.add(lost)
        return objects

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
            if any(map(_is_sure, labels)) and not ignored:
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

    def _has_place(self, label: Annotation, lost: Counter[str]) -> bool:
        """Say whether a label has a place in rows, and count what is lost of it."""
        shape = label.geometry
        if losses(HOLDS, _without_visibility(label), lost).how == "left":
            return False
        if not isinstance(shape, Track) and label.frame is None:
            lost[f"{shape.type} on no frame"] += 1
            return False
        bounds = [one.bounds for one in shapes_of(shape)]
        if _is_sure(label) and label.origin.parameters.get("ignored"):
            # One column is for both.
            lost["confidence"] += 1
        if any(box is None or not (box[2] > 0 and box[3] > 0) for box in bounds):
            lost[f"{shape.type} whose box is empty"] += 1
            return False
        return True


def _without_visibility(label: Annotation) -> Annotation:
    """Return a label without the answers that rows have a column for."""
    shape = label.geometry
    if isinstance(shape, Track):
        keys = {
            frame: msgspec.structs.replace(key, attributes=_others(key.attributes))
            for frame, key in shape.keyframes.items()
        }
        shape = Track(keys)
    return msgspec.structs.replace(label, geometry=shape, attributes=_others(label.attributes))


def _others(answers: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    return {name: answer for name, answer in answers.items() if name != VISIBILITY}


def _is_sure(label: Annotation) -> bool:
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


def _info(
    name: str,
    clip: Clip,
    names: dict[int, str],
    base: int,
    variant: Variant,
    ours: Mapping[str, list[int]],
) -> bytes:
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
    lines += [f"{key}={json.dumps(ids)}" for key, ids in ours.items()]
    return ("\n".join(lines) + "\n").encode()
