"""Tracks made of others: split, merged, cut."""

from __future__ import annotations

from typing import Any

import msgspec

from labelwidgets.errors import GeometryError
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.tracks import Keyframe, Track, check_frame


def split(track: Track, frame: int) -> tuple[Track, Track]:
    """Return what a track is before a frame, and from it on; see `Track.split`."""
    check_frame(frame, "frame")
    before = {key: made for key, made in track.keyframes.items() if key < frame}
    after = {key: made for key, made in track.keyframes.items() if key >= frame}
    here, gone = _as_keyframe(track, frame), track.keyframes.get(frame)
    if here is None and gone is not None:
        before[frame] = gone
    if here is not None:
        after = {frame: here, **{key: made for key, made in after.items() if key > frame}}
        # Up to here it goes where it went.
        before[frame] = Keyframe(here.geometry, outside=True, pts=here.pts)
    for side, keyframes in (("before", before), ("from", after)):
        if all(made.outside for made in keyframes.values()):
            raise GeometryError(
                f"has no object in the picture {side} frame {frame}, so that there is nothing to "
                "split.",
                where="track",
            )
    return Track(before), Track(after)


def merged(one: Track, other: Track) -> Track:
    """Return one track of two that follow each other; see `Track.merged`."""
    given: Any = other
    if not isinstance(given, Track):
        raise GeometryError(f"must be a Track, not {type(given).__name__}.", where="other")
    one, other = sorted((one, other), key=lambda track: _shown(track)[0])
    if one.shape_type != other.shape_type:
        raise GeometryError(
            f"has shapes of one kind: a {one.shape_type} and a {other.shape_type} do not go "
            "together.",
            where="track",
        )
    end, begin = _shown(one)[-1], _shown(other)[0]
    if end >= begin:
        raise GeometryError(
            f"is there until frame {end}, and the other from frame {begin} on: the one must end "
            "before the other begins.",
            where="track",
            hint="Cut one of them first.",
        )
    first = {key: made for key, made in one.keyframes.items() if key < begin}
    second = {key: made for key, made in other.keyframes.items() if key >= begin}
    # Also what was answered before it came into the picture.
    answers: dict[str, AttributeValue] = {}
    for key, made in other.keyframes.items():
        answers |= made.attributes if key <= begin else {}
    second[begin] = msgspec.structs.replace(second[begin], attributes=answers)
    return Track({**first, **second})


def cut(track: Track, first: int, last: int | None = None) -> Track:
    """Return a track with the object outside on some frames; see `Track.cut`."""
    check_frame(first, "first")
    keyframes = {key: made for key, made in track.keyframes.items() if key < first}
    here, gone = _as_keyframe(track, first), track.keyframes.get(first)
    if here is not None and keyframes:
        keyframes[first] = Keyframe(here.geometry, outside=True, pts=here.pts)
    elif gone is not None and keyframes:
        keyframes[first] = gone
    if last is not None:
        check_frame(last, "last")
        if last < first:
            raise GeometryError(f"must not be before the first frame, {first}.", where="last")
        keyframes |= {key: made for key, made in track.keyframes.items() if key > last}
        there = _as_keyframe(track, last + 1)
        if there is not None:
            keyframes[last + 1] = there
    until = "on" if last is None else f"to {last}"
    if all(made.outside for made in keyframes.values()):
        raise GeometryError(
            f"would have nothing left: all of it is on the frames from {first} {until}.",
            where="track",
            hint="Delete the whole track instead.",
        )
    return Track(keyframes)


def _as_keyframe(track: Track, frame: int) -> Keyframe | None:
    """Return what is seen of a track on a frame as a keyframe of its own, None for nothing."""
    sight = track.at(frame)
    if sight is None:
        return None
    was = track.keyframes.get(frame)
    answers: dict[str, AttributeValue] = dict(sight.attributes)
    pts = None if was is None else was.pts
    return Keyframe(sight.geometry, occluded=sight.occluded, attributes=answers, pts=pts)


def _shown(track: Track) -> list[int]:
    """Return the frames of the keyframes where the object is in the picture."""
    return [key for key, made in track.keyframes.items() if not made.outside]
