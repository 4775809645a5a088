"""From tracks to a file of YouTube-VIS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.algorithms.counts import read_counts
from labelwidgets.algorithms.runs import runs_area
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.class_groups import GROUP, group_of
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.coco.records import VERSION
from labelwidgets.formats.file_names import free_name
from labelwidgets.formats.frame_masks import AREA_KINDS, mask_of, runs_on_frame
from labelwidgets.formats.holds import FEATURES, KEPT, OURS, Holds
from labelwidgets.formats.losses import losses
from labelwidgets.formats.seen_frames import by_item, on_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Track

HOLDS = Holds(
    "YouTube-VIS",
    "videos",
    {
        **dict.fromkeys(FEATURES, KEPT),
        **dict.fromkeys(
            (
                "polyline",
                "point",
                "keypoints",
                "cuboid",
                "hidden joints",
                "volume mask",
                "tag",
                "event",
                "image answers",
            ),
            OURS,
        ),
    },
    file="labels.json",
)


@writer(HOLDS)
def write(
    job: Writing, *, supercategories: Mapping[str, str] | None = None, frames: int = 1
) -> Counts:
    """Write tracks: see `labelwidgets.formats.write` and `labelwidgets.formats.youtube_vis`.

    Parameters
    ----------
    supercategories
        As for `labelwidgets.formats.write`.
    frames
        Every so many frames of a video are in its list, from the first on.

    Raises
    ------
    FormatError
        If a label does not fit, the size of a video is not known, or (if `strict`) a label has
        no place.
    """
    if isinstance(frames, bool) or not isinstance(frames, int) or frames < 1:
        raise FormatError(f"must be a number from 1, not {frames!r}.", where="frames")
    made = _File(job, frames)
    labels = by_item(job.annotations)
    for clip in job.videos(labels, together=True):
        made.add(labels.get(clip.item.id, []), clip)
    groups = supercategories or {}
    file = {
        "info": {"description": "Labels made with labelwidgets"},
        "licenses": [],
        "videos": made.videos,
        "categories": [
            {"id": number, "name": one.name, GROUP: group_of(one, groups)}
            for number, one in enumerate(job.ontology.classes, 1)
        ],
        "annotations": made.labels,
        "labelwidgets": {"version": VERSION, "ontology": job.ontology},
    }
    job.output.add("labels", msgspec.json.encode(file))
    return {
        "videos": len(made.videos),
        "annotations": len(made.labels),
        "categories": len(job.ontology.classes),
    }


class _File:
    """Takes in one video after another."""

    def __init__(self, job: Writing, step: int) -> None:
        self.ontology, self.step, self.dropped = job.ontology, step, job.dropped
        self.numbers = {made.name: n for n, made in enumerate(job.ontology.classes, 1)}
        self.videos: list[dict[str, Any]] = []
        self.names: set[str] = set()
        self.labels: list[msgspec.Raw] = []

    def add(self, labels: Sequence[Annotation], clip: Clip) -> None:
        """Take in a video and its labels."""
        where = f"item {clip.item.id!r}"
        if clip.size is None:
            raise FormatError("has no known size.", where=where, hint="Pass dataset=.")
        count = clip.frames if clip.frames is not None else 1 + max(map(_last, labels), default=0)
        numbers = list(range(0, count, self.step))
        kept: list[Annotation] = []
        lost: Counter[str] = Counter()
        made = len(self.videos) + 1
        for label in labels:
            shape = label.geometry
            kind = shape.shape_type if isinstance(shape, Track) else shape.type
            one = self._label(label, clip, numbers, made) if kind in AREA_KINDS else None
            if one is None:
                if losses(HOLDS, label, lost).how == "kept":
                    lost[f"{kind} on none of the frames of the file"] += 1
                kept.append(label)
            else:
                self.labels.append(one)
        self.dropped.add(lost)
        name = free_name(clip.stem, self.names)
        self.videos.append(
            {
                "id": made,
                "width": clip.size[0],
                "height": clip.size[1],
                "length": len(numbers),
                "name": name,
                "file_names": [f"{name}/{frame:05d}.jpg" for frame in numbers],
                "labelwidgets": {
                    "item": clip.item.id,
                    "frames": numbers,
                    **({"annotations": kept} if kept else {}),
                },
            }
        )

    def _label(
        self, label: Annotation, clip: Clip, numbers: Sequence[int], video: int
    ) -> msgspec.Raw | None:
        """Return the record of an object, None if it is on none of the frames."""
        if label.class_name not in self.numbers:
            raise FormatError(
                f"{label.class_name!r} is not a class of the ontology.",
                where=f"annotation {label.id!r}, class_name",
            )
        assert clip.size is not None  # noqa: S101 - as `add` has seen to
        codes: list[Any] = [None] * len(numbers)
        boxes: list[Any] = [None] * len(numbers)
        areas: list[Any] = [None] * len(numbers)
        for one in on_frames(label, clip, self.step):
            at = one.frame // self.step
            try:
                runs = runs_on_frame(one.sight.geometry, clip.size)
            except LabelwidgetsError as error:
                raise error.at(f"annotation {label.id!r}, frame {one.frame}") from None
            if runs is None or at >= len(numbers):
                continue
            code = mask_of(runs).rle
            codes[at] = {"size": list(code.size), "counts": read_counts(code.counts).tolist()}
            boxes[at] = list(one.sight.geometry.bounds or (0, 0, 0, 0))
            areas[at] = runs_area(runs)
        if not any(code is not None for code in codes):
            return None
        number = len(self.labels) + 1
        record: dict[str, Any] = {
            "id": number,
            "video_id": video,
            "category_id": self.numbers[label.class_name],
            "iscrowd": int(label.origin.parameters.get("iscrowd") == 1),
            "width": clip.size[0],
            "height": clip.size[1],
            "length": len(numbers),
            "segmentations": codes,
            "bboxes": boxes,
            "areas": areas,
        }
        if label.confidence is not None:
            record["score"] = label.confidence
        record["labelwidgets"] = label
        return msgspec.Raw(msgspec.json.encode(record))


def _last(label: Annotation) -> int:
    shape = label.geometry
    if isinstance(shape, Track):
        return max(shape.keyframes)
    return getattr(shape, "last", label.frame or 0)
