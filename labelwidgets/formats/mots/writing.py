"""From tracks to rows or pictures of MOTS."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

import numpy as np

from labelwidgets.algorithms.runs import (
    Runs,
    intersect,
    mask_from_runs,
    rle_of,
    runs_area,
    subtract,
    unite,
)
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.frame_masks import AREA_KINDS, runs_on_frame
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.mot.classes import Classes, labels_text, numbers_in
from labelwidgets.formats.mots.numbers import IGNORE, IGNORED, PER_CLASS, names_of
from labelwidgets.formats.seen_frames import by_item, on_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.png import write_map_png
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Track

_PIXELS = changed("track", "pixels of a track of one frame")
HOLDS = Holds(
    "MOTS",
    "videos",
    {
        "rectangle": _PIXELS,
        "turned rectangle": _PIXELS,
        "ellipse": _PIXELS,
        "polygon": _PIXELS,
        "holes": _PIXELS,
        "parts": _PIXELS,
        "mask": changed("track", "a track of one frame"),
        "track": changed("track", "pixels on each frame"),
        "empty pictures": KEPT,
    },
    disjoint=True,
)


@writer(HOLDS, ".txt", ".png")
def write(
    job: Writing,
    *,
    as_: Literal["txt", "png"] = "txt",
    classes: Classes | None = None,
    first_frame: int = 0,
) -> Counts:
    """Write tracks of masks: see `labelwidgets.formats.write` and `labelwidgets.formats.mots`.

    Parameters
    ----------
    path
        A ``.txt`` for one video; a folder, or a ``.zip``, with a text or a folder of pictures for
        each, in ``instances``.
    as_
        ``txt`` for rows, ``png`` for pictures of all frames, of videos with labels.
    classes
        Names of classes by number, or a list of them from 1.
    first_frame
        What the first frame is called, 0 or 1. Pictures from 1 are as CVAT and Datumaro have
        them, with ``labels.txt``.

    Raises
    ------
    FormatError
        If a label does not fit, a class has 1000 objects or more, or (if `strict`) a label has no
        place or masks overlap.
    """
    if as_ not in ("txt", "png"):
        raise FormatError(f'must be "txt" or "png", not {as_!r}.', where="as_")
    if first_frame not in (0, 1):
        raise FormatError(f"must be 0 or 1, not {first_frame!r}.", where="first_frame")
    output = job.output
    if output.single and (as_ == "png" or output.shown.lower().endswith(".png")):
        raise FormatError("must be a folder or a .zip.", where=output.shown)
    names = names_of(classes, None, job.ontology)
    numbers = numbers_in(names)
    counts = Counter(videos=0, tracks=0, masks=0)
    kept = {id: _kept(some, job) for id, some in by_item(job.annotations).items()}
    # Of a video that nobody has labelled, thousands of black pictures would say nothing more.
    alone = output.single or as_ == "png"
    written = job.clips.written([id for id in kept if kept[id]], kept, alone)
    output.check(len(written), "videos")
    made = []
    for id in written:
        clip, some = job.clips.of(id), kept.get(id, [])
        if clip.size is None:
            raise FormatError("has no known size.", where=f"item {id!r}", hint="Pass dataset=.")
        video = _Video(clip, numbers, _ids(some, numbers), job.dropped)
        frames = video.frames(some)
        counts.update(videos=1, tracks=len(some), masks=sum(map(len, frames.values())))
        made.append((clip, frames))
    if as_ == "png" and made and first_frame and (text := labels_text(names)):
        output.add("instances/labels", text, ".txt", exact=True)
    for clip, frames in made:
        if as_ == "txt":
            output.add(clip.stem, _text(frames, first_frame))
            continue
        folder = output.folder(f"instances/{clip.stem}")
        assert clip.size is not None  # noqa: S101 - seen to above
        count = clip.frames if clip.frames is not None else 1 + max(frames, default=-1)
        for frame in range(count):
            data = _png(frames.get(frame, {}), clip.size)
            output.add(f"{folder}/{frame + first_frame:06d}", data, ".png", exact=True)
    return counts


class _Video:
    """The masks of one video, none over another."""

    def __init__(
        self, clip: Clip, numbers: dict[str, int], ids: dict[str, int], dropped: Dropped
    ) -> None:
        self.clip, self.numbers, self.ids, self.dropped = clip, numbers, ids, dropped

    def frames(self, labels: Sequence[Annotation]) -> dict[int, dict[int, Runs]]:
        """Return what each id covers on each frame."""
        assert self.clip.size is not None  # noqa: S101 - seen to by the caller
        frames: dict[int, dict[int, Runs]] = defaultdict(dict)
        taken: dict[int, Runs] = {}
        lost: Counter[str] = Counter()
        for label in labels:
            id = self.ids[label.id]
            for one in on_frames(label, self.clip):
                try:
                    runs = runs_on_frame(one.sight.geometry, self.clip.size)
                except LabelwidgetsError as error:
                    raise error.at(f"annotation {label.id!r}, frame {one.frame}") from None
                if runs is None or not runs.edges.size:
                    continue
                before = taken.get(one.frame)
                if before is not None:
                    both = runs_area(intersect(before, runs))
                    if both:
                        lost["pixel of several objects"] += both
                        runs = subtract(runs, before)
                taken[one.frame] = runs if before is None else unite(before, runs)
                if runs.edges.size:
                    own = frames[one.frame]
                    own[id] = unite(own[id], runs) if id in own else runs
        self.dropped.add(lost)
        return dict(sorted(frames.items()))


def _kept(labels: Sequence[Annotation], job: Writing) -> list[Annotation]:
    lost: Counter[str] = Counter()
    kept = []
    for label in labels:
        shape = label.geometry
        its: Counter[str] = Counter()
        how = losses(HOLDS, label, its).how
        if isinstance(shape, Track) and shape.shape_type not in AREA_KINDS:
            lost[f"track of {shape.shape_type}"] += 1
        elif how != "left" and not isinstance(shape, Track) and label.frame is None:
            lost[f"{shape.type} on no frame"] += 1
        else:
            if how != "left":
                kept.append(label)
            if _is_of_masks(label):
                its = Counter({key: n for key, n in its.items() if "(as " not in key})
            lost += its
    job.dropped.add(lost)
    return kept


def _is_of_masks(label: Annotation) -> bool:
    """Say whether a label comes back as it was: a track of masks, or one that is to be ignored."""
    shape = label.geometry
    kind = shape.shape_type if isinstance(shape, Track) else shape.type
    return kind == "mask" and (isinstance(shape, Track) or label.class_name == IGNORE)


def _ids(labels: Sequence[Annotation], numbers: dict[str, int]) -> dict[str, int]:
    """Return the id of each label: that which it came with where it is of its class and free."""
    ids: dict[str, int] = {}
    taken: set[int] = set()
    classes: dict[str, int] = {}
    for label in labels:
        name = label.class_name or ""
        if name == IGNORE:
            ids[label.id] = IGNORED
            continue
        if name not in numbers:
            raise FormatError(
                f"{name!r} has no number.",
                where=f"annotation {label.id!r}, class_name",
                hint='Pass classes={1: "car", ...} with all names.',
            )
        classes[label.id] = numbers[name]
        said = label.origin.parameters.get("id")
        own = isinstance(said, int) and said // PER_CLASS == numbers[name] and said not in taken
        if own and isinstance(said, int):
            ids[label.id] = said
            taken.add(said)
    objects: dict[tuple[int, str], int] = {}
    for label in labels:
        if label.id in ids:
            continue
        number = classes[label.id]
        key = (number, label.track_id or label.id)
        if key not in objects:
            start = number * PER_CLASS + 1
            free = next((id for id in range(start, start + 999) if id not in taken), None)
            if free is None:
                raise FormatError(
                    f"{label.class_name!r} has more than 999 objects.",
                    where=f"annotation {label.id!r}",
                )
            taken.add(free)
            objects[key] = free
        ids[label.id] = objects[key]
    return ids


def _text(frames: dict[int, dict[int, Runs]], first: int) -> bytes:
    lines = []
    for frame, objects in frames.items():
        for id, runs in sorted(objects.items()):
            code = rle_of(runs)
            height, width = code["size"]
            kind = id // PER_CLASS
            lines.append(f"{frame + first} {id} {kind} {height} {width} {code['counts']}\n")
    return "".join(lines).encode()


def _png(objects: dict[int, Runs], size: tuple[int, int]) -> bytes:
    values = np.zeros((size[1], size[0]), np.uint16)
    for id, runs in objects.items():
        if id > 65_535:
            raise FormatError(f"is {id}, at most 65535 fits into a picture.", where="id")
        values[mask_from_runs(runs)] = id
    return write_map_png(values)
