"""The annotation records of tracks: one for each frame that they are seen on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco.images import Images
from labelwidgets.formats.coco.label_records import LabelRecords
from labelwidgets.formats.coco.records import OF_CLASSES
from labelwidgets.formats.coco.tracks_told import on_frame, without_outlines
from labelwidgets.formats.seen_frames import Frames, OnFrame, on_frames
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.tracks import Interval, Track


class TrackRecords:
    """Makes records of tracks, and keeps the whole of each on an image.

    Parameters
    ----------
    clips
        The videos.
    frames
        Which frames are written.

    Attributes
    ----------
    tracks
        What TAO says of those that records were made of.
    """

    def __init__(self, clips: Clips, frames: Frames) -> None:
        self._clips, self._frames = clips, frames
        # What is seen of each track, by its id, and the frame that it is kept on.
        self._seen: dict[str, list[OnFrame]] = {}
        self._home: dict[str, int | None] = {}
        self.tracks: list[dict[str, Any]] = []

    def __contains__(self, annotation: Annotation) -> bool:
        return annotation.id in self._home

    def spread(self, annotation: Annotation, on: Mapping[int | None, list[Annotation]]) -> bool:
        """Find the frames that a track is on; what is of no one frame is kept on its first.

        What is no track is left as it is.

        Parameters
        ----------
        annotation
            The track.
        on
            The labels on each frame of its video.
        """
        shape = annotation.geometry
        if not isinstance(shape, Track | Interval):
            return False
        if isinstance(shape, Interval):
            home = shape.first
        else:
            clip = self._clips.of(annotation.item_id)
            seen = list(on_frames(annotation, clip, self._frames))
            self._seen[annotation.id] = seen
            home = seen[0].frame if seen else min(shape.keyframes)
            for one in seen:
                on[one.frame].append(annotation)
        if not on[home]:
            on[home].append(annotation)
        self._home[annotation.id] = home
        return True

    def records(
        self, annotation: Annotation, place: Images, id: int, made: LabelRecords
    ) -> list[dict[str, Any]]:
        """Return a record for each frame that a track is seen on, and keep the whole of it.

        Parameters
        ----------
        annotation
            The track; it was spread.
        place
            The image records.
        id
            Of the first record.
        made
            Makes the records of what is seen.
        """
        found: list[dict[str, Any]] = []
        outlined: list[int] = []
        number = len(self.tracks) + 1
        for one in self._seen.get(annotation.id, ()):
            image = place[annotation.item_id, one.frame]
            flat = msgspec.structs.replace(
                annotation,
                geometry=one.sight.geometry,
                frame=one.frame,
                attributes=one.sight.attributes,
                confidence=one.confidence,
                origin=on_frame(annotation.origin, one.frame),
            )
            label = made.record(flat, image, id + len(found), kept=True)
            if label is None:
                continue
            label |= {"track_id": number, "instance_id": number, "video_id": image["video_id"]}
            extension: dict[str, Any] = {"track": annotation.id}
            if one.sight.occluded:
                extension["occluded"] = True
            # Moved by another tool, it may be in this field alone.
            if isinstance(flat.geometry, Rectangle) and not flat.geometry.angle:
                extension["type"] = "rectangle"
            label["labelwidgets"] = extension
            if "keypoints" in label:
                outlined.append(one.frame)
            found.append(label)
        if found:
            self.tracks.append(_track_record(annotation, found[0]))
        elif annotation.class_name is not None:
            made.hide(annotation.geometry)
        image = place[annotation.item_id, self._home[annotation.id]]
        origin = without_outlines(annotation.origin, outlined)
        whole = msgspec.structs.replace(annotation, origin=origin).to_dict()
        if isinstance(annotation.geometry, Track):
            whole["frames_shown"] = len(found)
        image["labelwidgets"].setdefault("annotations", []).append(whole)
        return found


def tell_videos(videos: Iterable[dict[str, Any]], images: Iterable[Mapping[str, Any]]) -> None:
    """Say of videos, as TAO does, which classes are not on them, or in part: as of their frames."""
    said: dict[Any, dict[str, dict[int, None]]] = {}
    for image in images:
        for field in OF_CLASSES:
            of_video = said.setdefault(image.get("video_id"), {}).setdefault(field, {})
            of_video.update(dict.fromkeys(image.get(field, ())))
    for video in videos:
        # Its readers want both, also where nothing is known.
        video |= {field: list(said.get(video["id"], {}).get(field, ())) for field in OF_CLASSES}


def _track_record(annotation: Annotation, label: Mapping[str, Any]) -> dict[str, Any]:
    """Return what TAO says of a track, by the record of what is seen of it first."""
    said = annotation.origin.parameters.get("track") if annotation.origin.name == "coco" else None
    own = {"id": label["track_id"]}
    own |= {name: label[name] for name in ("category_id", "video_id")}
    return (said if isinstance(said, dict) else {}) | own
