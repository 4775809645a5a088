"""Tracks and events from and to the values of Label Studio's videos, whose frames begin at 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.label_studio.shapes import Canvas, box_said, part, read_box
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.tracks import MAX_FRAMES, Interval, Keyframe, Track

_BOX = ("x", "y", "width", "height", "rotation")
# Of boxes that turn between two keyframes.
MAX_BETWEEN = 100_000


def read_track(value: Mapping[str, Any], canvas: Canvas, frames: int | None) -> Track:
    """Return the track of a ``sequence`` of keyframes.

    Parameters
    ----------
    value
        Of the result.
    canvas
        The size of the frames.
    frames
        How many there are, None where that is not known.

    Raises
    ------
    FormatError, LimitError
        Naming the field.
    """
    given = value.get("sequence")
    if not isinstance(given, list) or not given:
        raise FormatError("must be a list of keyframes.", where="sequence")
    keys: dict[int, Mapping[str, Any]] = {}
    for at, one in enumerate(given):
        where = f"sequence[{at}]"
        if not isinstance(one, Mapping):
            raise FormatError("must be an object.", where=where)
        frame = _frame(one.get("frame"), f"{where}.frame")
        if frame in keys:
            raise FormatError("is that of a keyframe before it.", where=f"{where}.frame")
        try:
            box = {f: part(one, f, 0.0 if f == "rotation" else None) for f in _BOX}
        except FormatError as error:
            raise error.at(where) from None
        keys[frame] = box | {"enabled": one.get("enabled") is not False}
    made: dict[int, Keyframe] = {}
    numbers = sorted(keys)
    for frame, following in zip(numbers, [*numbers[1:], None], strict=True):
        one = keys[frame]
        made[frame] = Keyframe(read_box(one, canvas))
        if not one["enabled"]:
            end = frame + 1
            if end != following and (frames is None or end < frames):
                made[end] = Keyframe(outside=True)
        elif following is not None and keys[following]["rotation"] != one["rotation"]:
            if following - frame > MAX_BETWEEN:
                raise LimitError(f"turns over more than {MAX_BETWEEN} frames.", where="sequence")
            for between in range(frame + 1, following):
                share = (between - frame) / (following - frame)
                box = {f: one[f] + share * (keys[following][f] - one[f]) for f in _BOX}
                made[between] = Keyframe(read_box(box, canvas))
    return Track(made)


def write_track(shape: Track, clip: Clip, size: tuple[int, int]) -> dict[str, Any]:
    """Return the ``sequence`` of a track of boxes: what lies between is as it is on the screen."""
    sequence = []
    keys = sorted(shape.keyframes)
    stop = clip.frames if clip.frames is not None else keys[-1] + 1
    wanted: dict[int, bool] = {}
    for frame, following in zip(keys, [*keys[1:], None], strict=True):
        one = shape.keyframes[frame]
        if one.outside or frame >= stop:
            continue
        wanted[frame] = True
        if following is None or following > stop:
            continue
        after = shape.keyframes[following]
        if after.outside:
            wanted[following - 1] = False
        elif _turns(one, after):
            wanted.update(dict.fromkeys(range(frame + 1, following), True))
    for frame in sorted(wanted):
        sight = shape.at(frame)
        if sight is None or not isinstance(sight.geometry, Rectangle):
            continue
        said: dict[str, Any] = {"frame": frame + 1, "enabled": wanted[frame]}
        if clip.rate:
            said["time"] = (frame + 1) / clip.rate
        sequence.append(said | box_said(sight.geometry, size))
    return {"sequence": sequence}


def frame_said(shape: Rectangle, frame: int, clip: Clip, size: tuple[int, int]) -> dict[str, Any]:
    """Return the ``sequence`` of a box that is on one frame."""
    track = Track({frame: Keyframe(shape), frame + 1: Keyframe(outside=True)})
    return write_track(track, clip._replace(frames=frame + 2), size)


def read_events(value: Mapping[str, Any]) -> Iterator[Interval]:
    """Return the stretches of time of a value."""
    ranges = value.get("ranges")
    if not isinstance(ranges, list) or not ranges:
        raise FormatError("must be a list of ranges.", where="ranges")
    for at, one in enumerate(ranges):
        where = f"ranges[{at}]"
        if not isinstance(one, Mapping):
            raise FormatError("must be an object.", where=where)
        first = _frame(one.get("start"), f"{where}.start")
        yield Interval(first, _frame(one.get("end"), f"{where}.end"))


def event_said(shape: Interval) -> dict[str, Any]:
    """Return the value of a stretch of time."""
    return {"ranges": [{"start": shape.first + 1, "end": shape.last + 1}]}


def _turns(one: Keyframe, after: Keyframe) -> bool:
    before, later = one.geometry, after.geometry
    return (
        isinstance(before, Rectangle)
        and isinstance(later, Rectangle)
        and before.angle != later.angle
    )


def _frame(given: Any, where: str) -> int:
    whole = isinstance(given, int) and not isinstance(given, bool)
    if not whole or not 1 <= given < MAX_FRAMES:
        raise FormatError(f"must be a whole number from 1, not {str(given)[:40]!r}.", where=where)
    return int(given) - 1
