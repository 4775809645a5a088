"""From tracks to rows of MOTChallenge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses, shapes_of
from labelwidgets.formats.mot.classes import (
    Classes,
    labels_text,
    names_by_number,
    names_in,
    numbers_in,
)
from labelwidgets.formats.mot.row_texts import RowTexts, Variant, is_sure
from labelwidgets.formats.mot.rows import VISIBILITY
from labelwidgets.formats.seen_frames import Frames, by_item, check_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.tracks import Track

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
        CVAT, Datumaro and most tools of others do, which look for ``labels.txt``, too.
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
    # What rows do not say is said beside them.
    told = not job.output.single and variant != "det"
    rows_of = RowTexts(numbers_in(names), variant, base, frames, told)
    labels = by_item(job.annotations)
    objects = {id: _objects(job, some, variant, told) for id, some in labels.items()}
    counts = Counter(videos=0, tracks=0, rows=0)
    for clip in job.videos(objects):
        own = objects.get(clip.item.id, {})
        data, rows, ours = rows_of.sequence(own, clip)
        counts.update(videos=1, tracks=len(own), rows=rows)
        if job.output.single:
            job.output.add("gt", data)
            continue
        kind = "det/det" if variant == "det" else "gt/gt"
        folder = job.output.folder(clip.stem)
        job.output.add(f"{folder}/{kind}", data, exact=True)
        if base == 0 and variant not in ("mot15", "det") and (text := labels_text(names)):
            job.output.add(f"{folder}/gt/labels", text, exact=True)
        info = _info(folder, clip, names, base, variant, ours)
        job.output.add(f"{folder}/seqinfo", info, ".ini", exact=True)
    return counts


def _objects(
    job: Writing, labels: Sequence[Annotation], variant: Variant, told: bool
) -> dict[str, list[Annotation]]:
    """Return the labels that have a place, by object; what is lost is counted."""
    lost: Counter[str] = Counter()
    objects: dict[str, list[Annotation]] = {}
    for label in labels:
        if _has_place(label, lost):
            own = label.id if isinstance(label.geometry, Track) else label.track_id or label.id
            objects.setdefault(own, []).append(label)
    kept = [one for some in objects.values() for one in some]
    if variant in ("mot15", "det") and len({one.class_name for one in kept}) > 1:
        lost["class of a label"] += len(kept)
    if variant == "det":
        lost["track (as a box on each frame)"] += sum(
            isinstance(one.geometry, Track) for one in kept
        )
    elif not told:
        lost["rectangle (as a track of one frame)"] += sum(
            not isinstance(one.geometry, Track) for one in kept
        )
        sure = [one.confidence for one in kept]
        if set(sure) <= {None, 0.0, 1.0} or (None in sure and set(sure) != {None}):
            # Whether one was given, or what stands there is to be counted, rows do not say.
            lost["confidence"] += sum(one is not None for one in sure)
    job.dropped.add(lost)
    return objects


def _has_place(label: Annotation, lost: Counter[str]) -> bool:
    """Say whether a label has a place in rows, and count what is lost of it."""
    shape = label.geometry
    if losses(HOLDS, _without_visibility(label), lost).how == "left":
        return False
    if not isinstance(shape, Track) and label.frame is None:
        lost[f"{shape.type} on no frame"] += 1
        return False
    bounds = [one.bounds for one in shapes_of(shape)]
    if is_sure(label) and label.origin.parameters.get("ignored"):
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
    ]
    told: dict[str, Any] = {"base": base, "item": clip.item.id}
    if variant not in ("mot15", "det"):
        told["classes"] = {str(number): name for number, name in names.items()}
    # Datumaro, and so CVAT, refuse a file with a further line that has an equals sign.
    for key, value in (told | dict(ours)).items():
        lines.append(f"{key}: {json.dumps(value)}".replace("=", "\\u003d"))
    return ("\n".join(lines) + "\n").encode()
