"""One object through the frames of a video, and what happens from one frame to another.

Frames count from 0 in the order in which they are shown. Coordinates are those of `geometry`.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple, TypeAlias

import msgspec

from labelwidgets.errors import GeometryError
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import (
    Bounds,
    Cuboid,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)

Shape: TypeAlias = Rectangle | Ellipse | Polygon | Polyline | Point | Keypoints | Cuboid | Mask
"""What an object can look like on one frame."""

MAX_FRAMES = 2**31
# Of a track: an hour of a video in which somebody placed the object on every frame.
MAX_KEYFRAMES = 100_000


class Keyframe(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person, or a tool, said of an object on one frame.

    Parameters
    ----------
    geometry
        Where it is; None only where it is `outside`.
    outside
        It is not in the picture from this frame on, until the next keyframe.
    occluded
        Something is in front of it from this frame on, until the next keyframe.
    attributes
        Answers to questions that may change from frame to frame, which hold until a later
        keyframe answers them otherwise.
    joints
        Of keypoints, the indices of those joints that were placed on this frame; the others
        are interpolated past it. None for all.
    confidence
        How sure a tool was that placed it, from 0 to 1; None where a person did.
    pts
        Presentation timestamp of the frame, in the time base of the stream.
    """

    geometry: Shape | None = None
    outside: bool = False
    occluded: bool = False
    attributes: dict[str, AttributeValue] = {}
    joints: tuple[int, ...] | None = None
    confidence: float | None = None
    pts: int | None = None

    def __post_init__(self) -> None:
        if self.geometry is None and not self.outside:
            raise GeometryError("is needed, as the object is not outside.", where="geometry")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise GeometryError(
                f"must be from 0 to 1, not {self.confidence!r}.", where="confidence"
            )


class Sight(NamedTuple):
    """An object as it is on one frame.

    Parameters
    ----------
    geometry
        Its shape there.
    occluded
        Whether something is in front of it.
    attributes
        Answers of the keyframes up to here.
    keyframe
        Whether it was placed on this very frame, not between others.
    """

    geometry: Shape
    occluded: bool
    attributes: dict[str, AttributeValue]
    keyframe: bool


class Track(Geometry, frozen=True):
    """An object through the frames of a video: keyframes, and shapes in between.

    It is there from its first keyframe on, and from its last one until the end of the video
    unless that one says that it is outside.

    Parameters
    ----------
    keyframes
        By index of the frame, from 0; all shapes are of one kind.
    """

    keyframes: dict[int, Keyframe]

    def __post_init__(self) -> None:
        if not self.keyframes:
            raise GeometryError("must have one keyframe at least.", where="keyframes")
        if len(self.keyframes) > MAX_KEYFRAMES:
            raise GeometryError(
                f"has {len(self.keyframes)}, at most {MAX_KEYFRAMES} are allowed.",
                where="keyframes",
            )
        for key in self.keyframes:
            check_frame(key, f"keyframes[{str(key)[:60]}]")
        kinds = {made.geometry.type for made in self.keyframes.values() if made.geometry}
        if len(kinds) != 1:
            raise GeometryError(
                f"must have shapes of one kind, not {', '.join(sorted(kinds)) or 'none'}.",
                where="keyframes",
            )
        self._set(keyframes={key: self.keyframes[key] for key in sorted(self.keyframes)})

    @property
    def shape_type(self) -> str:
        """The kind of its shapes."""
        return next(one.geometry.type for one in self.keyframes.values() if one.geometry)

    @property
    def bounds(self) -> Bounds | None:
        """Upright box around the shapes of all keyframes as (x, y, width, height)."""
        boxes = [one.geometry.bounds for one in self.keyframes.values() if one.geometry]
        found = [box for box in boxes if box is not None]
        if not found:
            return None
        left, top = min(box[0] for box in found), min(box[1] for box in found)
        right = max(box[0] + box[2] for box in found)
        bottom = max(box[1] + box[3] for box in found)
        return left, top, right - left, bottom - top

    def at(self, frame: int) -> Sight | None:
        """Return the object as it is on a frame, None where it is not in the picture."""
        keys = list(self.keyframes)
        place = bisect_right(keys, frame) - 1
        if place < 0:
            return None
        before = self.keyframes[keys[place]]
        if before.outside or before.geometry is None:
            return None
        answers: dict[str, AttributeValue] = {}
        for key in keys[: place + 1]:
            answers |= self.keyframes[key].attributes
        return Sight(before.geometry, before.occluded, answers, keys[place] == frame)


class Interval(Geometry, frozen=True):
    """Something that happens from one frame of a video to another, without a place.

    Parameters
    ----------
    first, last
        Indices of frames from 0; it is true of both and of all between them.
    first_pts, last_pts
        Presentation timestamps of those frames, in the time base of the stream.
    """

    first: int
    last: int
    first_pts: int | None = None
    last_pts: int | None = None

    def __post_init__(self) -> None:
        check_frame(self.first, "first")
        check_frame(self.last, "last")
        if self.last < self.first:
            raise GeometryError(
                f"must not be before the first frame, {self.first}, and is {self.last}.",
                where="last",
            )

    @property
    def bounds(self) -> None:
        """An interval has no place."""
        return None


def check_frame(index: Any, where: str) -> None:
    """Raise GeometryError unless something may be the index of a frame."""
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < MAX_FRAMES:
        raise GeometryError(
            f"must be the index of a frame from 0 to {MAX_FRAMES - 1}.", where=where
        )
