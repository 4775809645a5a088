"""From keypoints to files of SLEAP."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.holds import KEPT, Holds
from labelwidgets.formats.losses import losses, shapes_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.seen_frames import by_item, on_frames
from labelwidgets.formats.sleap.hdf5 import compact, library
from labelwidgets.formats.sleap.skeletons import metadata_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Track

HOLDS = Holds(
    "SLEAP",
    "videos",
    {
        "keypoints": KEPT,
        "hidden joints": KEPT,
        "track": KEPT,
        "confidence": KEPT,
        "empty pictures": KEPT,
    },
    file="labels.slp",
)
_FORMAT = 1.2
# What an attribute of HDF5 has room for.
_MAX_METADATA = 64_000
_HALF = 0.5
_POINT = [("x", "<f8"), ("y", "<f8"), ("visible", "?"), ("complete", "?")]
_PREDICTED_POINT = [*_POINT, ("score", "<f8")]
_INSTANCE = [
    ("instance_id", "<i8"),
    ("instance_type", "u1"),
    ("frame_id", "<u8"),
    ("skeleton", "<u4"),
    ("track", "<i4"),
    ("from_predicted", "<i8"),
    ("score", "<f4"),
    ("point_id_start", "<u8"),
    ("point_id_end", "<u8"),
    ("tracking_score", "<f4"),
]
_FRAME = [
    ("frame_id", "<u8"),
    ("video", "<u4"),
    ("frame_idx", "<u8"),
    ("instance_id_start", "<u8"),
    ("instance_id_end", "<u8"),
]


class _Pose(NamedTuple):
    """A pose on a frame, on its way to an instance."""

    label: Annotation
    shape: Keypoints
    track: int
    confidence: float | None


@writer(HOLDS)
def write(job: Writing) -> Counts:
    """Write a ``.slp``: see `labelwidgets.formats.write` and `labelwidgets.formats.sleap`.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) has no place.
    MissingExtraError
        If h5py is not installed.
    """
    library()
    file = _File(job.ontology)
    labels = by_item(job.annotations)
    for clip in job.videos(labels, together=True):
        file.add(_kept(labels.get(clip.item.id, []), job), clip)
    with library().File(job.output.opened(), "w") as made:
        file.put(made, job.output.shown)
    return file.counts


def _kept(labels: Sequence[Annotation], job: Writing) -> list[Annotation]:
    lost: Counter[str] = Counter()
    kept = []
    for label in labels:
        shape = label.geometry
        if isinstance(shape, Track) and shape.shape_type != "keypoints":
            lost[f"track of {shape.shape_type}"] += 1
        elif losses(HOLDS, label, lost).how != "left":
            if isinstance(shape, Track) or label.frame is not None:
                kept.append(label)
            else:
                lost["keypoints on no frame"] += 1
    job.dropped.add(lost)
    return kept


class _File:
    """Takes in one video after another."""

    def __init__(self, ontology: Ontology) -> None:
        self.classes = [one for one in ontology.classes if one.skeleton is not None]
        self.numbers = {one.name: number for number, one in enumerate(self.classes)}
        self.videos: list[str] = []
        self.items: list[str] = []
        self.tracks: list[str] = []
        self.loose: list[int] = []
        self.frames: list[tuple[Any, ...]] = []
        self.instances: list[tuple[Any, ...]] = []
        self.points: dict[bool, list[tuple[Any, ...]]] = {False: [], True: []}

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of what."""
        return {
            "videos": len(self.videos),
            "tracks": len(self.tracks),
            "frames": len(self.frames),
            "instances": len(self.instances),
        }

    def add(self, labels: Sequence[Annotation], clip: Clip) -> None:
        """Take in a video and its labels."""
        video = len(self.videos)
        self.videos.append(compact(_video(clip)))
        self.items.append(clip.item.id)
        poses: dict[int, list[_Pose]] = defaultdict(list)
        tracks: dict[str, int] = {}
        for label in labels:
            self._check(label)
            track = -1
            if isinstance(label.geometry, Track):
                track = self._track(label, label.id, tracks)
            elif label.track_id is not None:
                track = self._track(label, label.track_id, tracks)
                if track not in self.loose:
                    self.loose.append(track)
            for one in on_frames(label, clip):
                shape = one.sight.geometry
                assert isinstance(shape, Keypoints)  # noqa: S101 - others are left out
                poses[one.frame].append(_Pose(label, shape, track, one.confidence))
        for frame in sorted(poses):
            start = len(self.instances)
            for pose in poses[frame]:
                self._instance(pose, len(self.frames))
            self.frames.append((len(self.frames), video, frame, start, len(self.instances)))

    def _track(self, label: Annotation, key: str, tracks: dict[str, int]) -> int:
        if key not in tracks:
            said = label.origin.parameters.get("track")
            tracks[key] = len(self.tracks)
            name = said if isinstance(said, str) else f"track_{len(self.tracks)}"
            self.tracks.append(compact([0, name]))
        return tracks[key]

    def _check(self, label: Annotation) -> None:
        made = self.numbers.get(label.class_name or "")
        where = f"annotation {label.id!r}"
        if made is None:
            raise FormatError(
                f"{label.class_name!r} is no class with a skeleton.", where=f"{where}, class_name"
            )
        count = len(_joints(self.classes[made]))
        for shape in shapes_of(label.geometry):
            if isinstance(shape, Keypoints) and len(shape.points) != count:
                raise FormatError(
                    f"has {numbered(len(shape.points), 'joint')}, its class has {count}.",
                    where=f"{where}, geometry",
                )

    def _instance(self, pose: _Pose, frame: int) -> None:
        is_predicted = pose.confidence is not None
        points = self.points[is_predicted]
        start = len(points)
        given = pose.label.origin.parameters.get("scores")
        known = isinstance(given, list) and len(given) == len(pose.shape.points)
        for at, (x, y, seen) in enumerate(pose.shape.points):
            place = (x - _HALF, y - _HALF) if seen else (np.nan, np.nan)
            score = given[at] if known and given else pose.confidence
            row = (*place, seen == 2, True)
            points.append((*row, score) if is_predicted else row)
        self.instances.append(
            (
                len(self.instances),
                int(is_predicted),
                frame,
                self.numbers[pose.label.class_name or ""],
                pose.track,
                -1,
                pose.confidence or 0.0,
                start,
                len(points),
                0.0,
            )
        )

    def put(self, file: Any, name: str) -> None:
        """Write it all."""
        ours: Mapping[str, Any] = {"version": 1, "items": self.items, "loose": self.loose}
        said = metadata_of(self.classes, {"labelwidgets": ours})
        text = compact(said).encode()
        if len(text) > _MAX_METADATA:
            # Without what is ours there is more room.
            text = compact(said | {"provenance": {}}).encode()
        if len(text) > _MAX_METADATA:
            raise FormatError("has more skeletons than a .slp has room for.", where=name)
        group = file.create_group("metadata")
        group.attrs["format_id"] = _FORMAT
        group.attrs["json"] = np.bytes_(text)
        for key, texts in (
            ("videos_json", self.videos),
            ("tracks_json", self.tracks),
            ("suggestions_json", []),
        ):
            file.create_dataset(key, data=texts, dtype=library().string_dtype("utf-8"))
        for key, rows, kind in (
            ("frames", self.frames, _FRAME),
            ("instances", self.instances, _INSTANCE),
            ("points", self.points[False], _POINT),
            ("pred_points", self.points[True], _PREDICTED_POINT),
        ):
            table: npt.NDArray[Any] = np.array(rows, np.dtype(kind))
            file.create_dataset(key, data=table)


def _joints(made: ObjectClass) -> list[str]:
    return list(made.skeleton.joints) if made.skeleton is not None else []


def _video(clip: Clip) -> dict[str, Any]:
    item = clip.item
    name: Any = item.file_name
    kind = "MediaVideo"
    if item.kind == "image_sequence":
        name, kind = [item.file_of(at) for at in range(len(item.urls))], "ImageVideo"
    backend: dict[str, Any] = {"type": kind, "filename": name, "grayscale": False}
    if clip.size is not None and clip.frames is not None:
        backend["shape"] = [clip.frames, clip.size[1], clip.size[0], 3]
    return {"filename": name, "backend": backend}
