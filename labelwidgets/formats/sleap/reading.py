"""From files of SLEAP to keypoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, Clips, unknown_item
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.sleap.analysis import is_analysis, read_analysis
from labelwidgets.formats.sleap.hdf5 import Hdf5
from labelwidgets.formats.sleap.skeletons import Named, named, skeletons_in
from labelwidgets.formats.warned import warn
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.tracks import MAX_FRAMES

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_PREDICTED = 1
HALF = 0.5
_INSTANCES = (
    "instance_id", "instance_type", "frame_id", "skeleton", "track", "from_predicted", "score",
    "point_id_start", "point_id_end",
)  # fmt: skip
_FRAMES = ("frame_id", "video", "frame_idx", "instance_id_start", "instance_id_end")
_POINTS = ("x", "y", "visible")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is HDF5, which only SLEAP's files are here."""
    return head.startswith(_SIGNATURE)


@reader("sleap", "videos")
def read(job: Reading, *, item: str | None = None) -> Imported:
    """Read poses: see `labelwidgets.formats.read` and `labelwidgets.formats.sleap`.

    Parameters
    ----------
    path
        A ``.slp``, or an analysis file of HDF5.
    items
        As for `labelwidgets.formats.read`. Without items, videos become the items.
    item
        The video that a file of one video is about; None finds videos by their names.

    Raises
    ------
    FormatError
        Naming the file, the dataset and the row.
    MissingExtraError
        If h5py is not installed.
    """
    source = job.input()
    if not source.single:
        raise FormatError("must be one .slp.", where=source.shown)
    found = job.clip_labels()
    with source.open(source.name) as file:
        opened = Hdf5(file, source.shown)
        try:
            if is_analysis(opened):
                read_analysis(opened, job.clips, found, item)
            else:
                _Reader(opened, job.clips, found, item).read()
        finally:
            opened.close()
    return found.result()


class _Video(NamedTuple):
    """A video of a file: the clip that it is, None where it is none of the dataset."""

    clip: Clip | None
    name: str


class _Reader:
    """One reading of one file."""

    def __init__(self, file: Hdf5, clips: Clips, found: ClipLabels, item: str | None) -> None:
        self.file, self.clips, self.found, self.item = file, clips, found, item
        text = file.text_of("metadata", "json")
        if text is None:
            raise FormatError("has no metadata of SLEAP.", where=file.where)
        self.metadata = as_json(text.encode(), f"{file.where}, metadata")
        if not isinstance(self.metadata, dict):
            raise FormatError("must be an object.", where=f"{file.where}, metadata")
        version = file.attribute("metadata", "format_id")
        self.offset = HALF if version is None or float(version) >= 1.1 else 0.0
        self.ours = self._said()
        self.corrected = 0
        self.missed: dict[int, list[Any]] = {}

    def _said(self) -> Mapping[str, Any]:
        provenance = self.metadata.get("provenance")
        said = provenance.get("labelwidgets") if isinstance(provenance, dict) else None
        return said if isinstance(said, dict) else {}

    def read(self) -> None:
        """Take in all instances."""
        try:
            skeletons = [
                named(name, made, self.found.ontology) for name, made in skeletons_in(self.metadata)
            ]
            for one in skeletons:
                self.found.note(self.found.name_of(one.name, "skeletons"), one.skeleton)
        except LabelwidgetsError as error:
            raise error.at(f"{self.file.where}, metadata") from None
        tracks = [
            one[1] if isinstance(one, list) and len(one) == 2 else None
            for one in self.file.documents("tracks_json")
        ]
        videos = self._videos()
        frames = self.file.table("frames", _FRAMES)
        instances = self.file.table("instances", _INSTANCES)
        points = {
            False: self.file.table("points", _POINTS),
            True: self.file.table("pred_points", (*_POINTS, "score")),
        }
        replaced = set(instances["from_predicted"][instances["from_predicted"] >= 0].tolist())
        seen: dict[tuple[int, int, int], dict[int, tuple[Seen, dict[str, Any], str]]]
        seen = defaultdict(dict)
        for number, frame in enumerate(frames):
            start, end = int(frame["instance_id_start"]), int(frame["instance_id_end"])
            for at in range(start, min(end, len(instances))):
                row = instances[at]
                record = f"frames[{number}], instances[{at}]"
                try:
                    if int(row["instance_id"]) in replaced and row["instance_type"] == _PREDICTED:
                        self.corrected += 1
                        continue
                    self._instance(record, frame, row, videos, skeletons, tracks, points, seen)
                except LabelwidgetsError as error:
                    self.found.wrong(record, int(row["instance_id"]), error)
            if end > len(instances):
                wrong = FormatError(
                    f"is {end}, there are {numbered(len(instances), 'instance')}.",
                    where="instance_id_end",
                )
                self.found.wrong(f"frames[{number}]", None, wrong)
        self._tracks(seen, videos, skeletons, tracks)
        for id, (name, count, reason) in self.missed.items():
            self.found.unmatched(f"videos[{id}]", str(id), name, count, reason)
        if self.corrected:
            corrected = numbered(self.corrected, "predicted instance")
            warn(f"{self.file.where}: {corrected} that somebody has corrected, not read.")

    def _videos(self) -> dict[int, _Video]:
        made: dict[int, _Video] = {}
        ids = self.ours.get("items")
        for number, given in enumerate(self.file.documents("videos_json")):
            said = given if isinstance(given, dict) else {}
            backend = _object(said, "backend")
            key = _embedded(backend)
            if key is not None:
                text = self.file.text_of(f"video{key}/source_video", "json")
                source = as_json(text.encode(), f"{self.file.where}, video{key}") if text else {}
                said = source if isinstance(source, dict) else {}
                backend = _object(said, "backend")
            names = _names(said, backend)
            id = ids[number] if isinstance(ids, list) and number < len(ids) else None
            number = number if key is None else key
            try:
                clip = self._clip(names, id, backend.get("shape"))
                self.found.match(clip.item.id)
                made[number] = _Video(clip, names[0] if names else "")
            except FormatError as error:
                if self.item is not None:
                    raise
                name = names[0] if names else ""
                made[number] = _Video(None, name)
                self.missed[number] = [name, 0, f"{error.message} {error.hint or ''}".strip()]
        return made

    def _clip(self, names: list[str], id: Any, shape: Any) -> Clip:
        size, count = None, None
        if isinstance(shape, list) and len(shape) == 4 and all(type(n) is int for n in shape):
            count, size = shape[0] or None, (shape[2], shape[1])
            size = size if min(size) > 0 else None
        if self.clips.frame is None:
            called = id if isinstance(id, str) else self.item or (names or ["video"])[0]
            return self.found.item(unknown_item(called), size, frames=count)
        if isinstance(id, str) and id in self.clips.items:
            return self.clips.of(id)
        clip = self.clips.of(self.clips.find(names, self.item, "videos_json").id)
        if clip.size is not None and size is not None and clip.size != size:
            raise FormatError(
                f"has frames of {size[0]} x {size[1]} pixels, the video {clip.item.id!r} of "
                f"{clip.size[0]} x {clip.size[1]}.",
                hint="Were the labels made on a resized copy?",
            )
        return clip

    def _instance(
        self,
        record: str,
        frame: Any,
        row: Any,
        videos: dict[int, _Video],
        skeletons: list[Named],
        tracks: list[Any],
        points: dict[bool, npt.NDArray[Any]],
        seen: Any,
    ) -> None:
        video = videos.get(int(frame["video"]))
        if video is None:
            raise FormatError(f"is {int(frame['video'])}, which is no video.", where="video")
        if video.clip is None:
            self.missed[int(frame["video"])][1] += 1
            return
        if not 0 <= int(row["skeleton"]) < len(skeletons):
            raise FormatError(f"is {int(row['skeleton'])}, which is none.", where="skeleton")
        track = int(row["track"])
        if track >= len(tracks):
            raise FormatError(f"is {track}, there are {len(tracks)}.", where="track")
        at = int(frame["frame_idx"])
        if not 0 <= at < MAX_FRAMES:
            raise FormatError(f"is {at}.", where="frame_idx")
        video.clip.check(at, "frame_idx")
        is_predicted = bool(row["instance_type"] == _PREDICTED)
        made = skeletons[int(row["skeleton"])]
        shape, scores = self._pose(row, points[is_predicted], made, is_predicted)
        parameters: dict[str, Any] = {}
        confidence = None
        if is_predicted:
            score = round(float(row["score"]), 6)
            parameters = {"predicted": True, "scores": scores}
            if 0 <= score <= 1:
                confidence = score
            else:
                parameters["score"] = score if np.isfinite(score) else None
        if track < 0:
            self.found.keep(
                made.name,
                shape,
                video.clip,
                frame=at,
                confidence=confidence,
                parameters=parameters,
            )
            return
        own = seen[int(frame["video"]), track, int(row["skeleton"])]
        one = (Seen(at, shape, confidence=confidence), parameters, record)
        if at in own:
            # What a person has placed goes before what was predicted.
            mine, other = own[at][1].get("predicted"), parameters.get("predicted")
            if mine == other:
                raise FormatError(f"is the second of its track on frame {at}.", where="track")
            self.corrected += 1
            if other:
                return
        own[at] = one

    def _pose(
        self, row: Any, points: npt.NDArray[Any], made: Named, is_predicted: bool
    ) -> tuple[Keypoints, list[float]]:
        start, end = int(row["point_id_start"]), int(row["point_id_end"])
        count = len(made.order)
        if end - start != count or not 0 <= start <= end <= len(points):
            raise FormatError(
                f"are {start} to {end} of {numbered(len(points), 'point')}, its skeleton "
                f"has {count}.",
                where="point_id_start, point_id_end",
            )
        own = points[start:end][made.order] if count else points[:0]
        shape = []
        for x, y, visible in zip(own["x"], own["y"], own["visible"], strict=True):
            if np.isnan(x) or np.isnan(y):
                shape.append((0.0, 0.0, 0))
                continue
            if not (np.isfinite(x) and np.isfinite(y)):
                raise FormatError("must be a finite number.", where="x, y")
            shape.append((float(x) + self.offset, float(y) + self.offset, 2 if visible else 1))
        scores: list[float] = own["score"].astype(float).tolist() if is_predicted else []
        return Keypoints(shape), [round(one, 6) if np.isfinite(one) else 0.0 for one in scores]

    def _tracks(
        self, seen: Any, videos: dict[int, _Video], skeletons: list[Named], tracks: list[Any]
    ) -> None:
        given = self.ours.get("loose")
        loose = set(given) if isinstance(given, list) and all(type(n) is int for n in given) else ()
        for (video, track, skeleton), own in seen.items():
            clip, name = videos[video].clip, skeletons[skeleton].name
            assert clip is not None  # noqa: S101 - others are not among them
            ordered = [own[at] for at in sorted(own)]
            said: dict[str, Any] = {}
            if isinstance(tracks[track], str) and tracks[track]:
                said["track"] = tracks[track][:200]
            try:
                if track in loose:
                    id = new_id()
                    for one, parameters, _ in ordered:
                        self.found.keep(
                            name,
                            one.geometry,
                            clip,
                            frame=one.frame,
                            track_id=id,
                            confidence=one.confidence,
                            parameters=said | parameters,
                        )
                    continue
                if any("predicted" in one[1] for one in ordered):
                    said["predicted"] = True
                made = track_of([one[0] for one in ordered], clip.frames)
                self.found.keep(name, made, clip, parameters=said)
            except LabelwidgetsError as error:
                self.found.wrong(ordered[0][2], None, error)


def _embedded(backend: Any) -> int | None:
    """Return the number of a video whose pictures are in the file itself."""
    place = backend.get("dataset") if isinstance(backend, dict) else None
    if not isinstance(place, str) or not place.startswith("video"):
        return None
    number = place.split("/")[0][5:]
    return int(number) if number.isdecimal() and len(number) < 10 else None


def _object(said: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = said.get(key)
    return value if isinstance(value, dict) else {}


def _names(said: Any, backend: Any) -> list[str]:
    """Return what a video may be called."""
    names: list[str] = []
    for given in (said.get("filename"), backend.get("filename")):
        if isinstance(given, str):
            names.append(given.replace("\\", "/"))
        elif isinstance(given, list) and given and isinstance(given[0], str):
            first = PurePosixPath(given[0].replace("\\", "/"))
            names += [first.parent.name, str(first)] if first.parent.name else [str(first)]
    return [name for name in dict.fromkeys(names) if name not in ("", ".")]
