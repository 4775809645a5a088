"""Annotations on frames of a video that are one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.answers_by_frame import changes_of, split_answers
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.categories import Entry
from labelwidgets.formats.coco.label_fields import track_number
from labelwidgets.formats.coco.places import Place
from labelwidgets.formats.coco.tracks_told import (
    BY_FRAME,
    said_by_frame,
    told_by_frame,
    with_frames,
)
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.shape_distance import distance
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.tracks import Shape, Track

# Shapes that differ by more than this were moved by another tool, not rounded by it.
_MOVED = 0.01


class SeenPart(NamedTuple):
    """An annotation on one frame that is a part of a track."""

    record: str
    annotation: Annotation
    place: Place
    category: Entry
    occluded: bool = False


class KeptTrack(NamedTuple):
    """A track that labelwidgets has kept whole, and of how many frames others see it."""

    record: str
    annotation: Annotation
    place: Place
    shown: int


class TrackExtension(msgspec.Struct):
    """What labelwidgets adds to an annotation that shows a track on one frame."""

    track: str | None = None
    occluded: bool = False
    type: str | None = None


_FIELDS = list[dict[str, Any]]
# What is said of a track beside what it is.
_OWN = ("id", "category_id", "video_id")


def track_fields(file: records.File) -> dict[Any, dict[str, Any]]:
    """Return what the ``tracks`` of TAO say of each beside its class and video, by their ids."""
    try:
        given = [] if records.is_null(file.tracks) else records.decode(file.tracks, _FIELDS)
    except FormatError:
        # Other tools may mean something else by it.
        return {}
    made = {}
    for one in given:
        more = {name: value for name, value in one.items() if name not in _OWN}
        if more and isinstance(one.get("id"), int | str):
            made[one["id"]] = more
    return made


def track_in(label: records.Label) -> TrackExtension | None:
    """Return what is said of the track that an annotation of ours is a part of."""
    if records.is_null(label.labelwidgets):
        return None
    said = records.decode(label.labelwidgets, TrackExtension, "labelwidgets")
    return said if said.track is not None else None


def track_label(
    name: str,
    parts: Sequence[SeenPart],
    kept: KeptTrack | None,
    tolerance: float,
    mutable: set[str],
    fields: Mapping[Any, Mapping[str, Any]],
) -> Annotation:
    """Return the label of an object by what is seen of it.

    Parameters
    ----------
    name
        What it is called in the file.
    parts
        What is seen of it.
    kept
        The track as labelwidgets has written it, None of another tool's.
    tolerance
        As for `read`.
    mutable
        Names of answers that may be others from frame to frame.
    fields
        What else is said of tracks: see `track_fields`.

    Raises
    ------
    FormatError
        If it is on a frame twice, or has several classes.
    """
    classes = {part.category.name for part in parts}
    if kept is not None:
        made, shape = kept.annotation, kept.annotation.geometry
        assert isinstance(shape, Track)  # noqa: S101 - as `Reader.read_kept` has it
        known: Mapping[str, Any] | None = said_by_frame(made.origin)
        if not is_unchanged(shape, parts, kept.shown):
            shape, fixed, _ = joined(parts, tolerance, mutable)
            made = msgspec.structs.replace(made, attributes=fixed)
            known = None
        kind = classes.pop() if len(classes) == 1 else made.class_name
        told = told_by_frame((part.annotation for part in parts), shape, known)
        shown = {str(part.annotation.frame) for part in parts}
        unseen = {frame: one for frame, one in (known or {}).items() if frame not in shown}
        origin = with_frames(made.origin, unseen | told)
        return msgspec.structs.replace(made, geometry=shape, class_name=kind, origin=origin)
    if len(classes) > 1:
        raise FormatError(f"has the classes {', '.join(sorted(classes))}.", where="category_id")
    shape, fixed, said = joined(parts, tolerance, mutable)
    said = {"id": track_number(name), **said}
    if told := told_by_frame((part.annotation for part in parts), shape):
        said[BY_FRAME] = told
    if more := fields.get(said["id"]):
        said["track"] = more
    return Annotation(
        item_id=parts[0].place.item,
        class_name=classes.pop(),
        geometry=shape,
        attributes=fixed,
        origin=Origin("import", "coco", parameters=said),
    )


def joined(
    parts: Sequence[SeenPart], tolerance: float, mutable: set[str]
) -> tuple[Track, dict[str, AttributeValue], dict[str, Any]]:
    """Return the track of an object by what is seen of it, its answers, and what else was said.

    Raises
    ------
    FormatError
        If it is on a frame twice.
    """
    by_frame: dict[int, SeenPart] = {}
    for part in parts:
        frame = part.annotation.frame
        if frame is None or frame in by_frame:
            raise FormatError(f"is on frame {frame} twice.", where="track_id")
        by_frame[frame] = part
    frames = sorted(by_frame)
    ordered = [by_frame[frame] for frame in frames]
    answers = split_answers(frames, [part.annotation.attributes for part in ordered], mutable)
    seen = []
    for frame, part, moving in zip(frames, ordered, answers.moving, strict=True):
        shape: Any = part.annotation.geometry
        seen.append(Seen(frame, shape, part.occluded, moving, part.annotation.confidence))
    others: dict[str, Any] = {**answers.others}
    given = [part.annotation.origin.parameters.get("attributes") for part in ordered]
    others |= changes_of(frames, given)
    said: dict[str, Any] = {"attributes_by_frame": others} if others else {}
    for field, names in (pair for part in ordered for pair in _of_video(part)):
        said[field] = list(dict.fromkeys([*said.get(field, ()), *names]))
    return track_of(seen, parts[0].place.frames, tolerance), answers.fixed, said


def _of_video(part: SeenPart) -> list[tuple[str, list[str]]]:
    """Return which classes are said not to be there, or in part, with the first label of it."""
    parameters = part.annotation.origin.parameters
    return [(field, parameters[field]) for field in records.OF_CLASSES if field in parameters]


def is_unchanged(track: Track, parts: Sequence[SeenPart], count: int) -> bool:
    """Say whether a track that was kept whole is still what its parts show.

    Parameters
    ----------
    track
        As it was written.
    parts
        What is there of it now.
    count
        How many parts were written.
    """
    if len(parts) != count:
        return False
    for part in parts:
        frame = part.annotation.frame
        sight = None if frame is None else track.at(frame)
        if sight is None or not _near(sight.geometry, part.annotation.geometry):
            return False
    return True


def _near(one: Shape, other: Any) -> bool:
    mine, its = one.bounds, other.bounds
    if type(one) is type(other):
        return distance(one, other) <= _MOVED
    # COCO has another field for it: an ellipse is a polygon there.
    return (
        mine is not None
        and its is not None
        and all(abs(a - b) <= 0.2 for a, b in zip(mine, its, strict=True))
    )
