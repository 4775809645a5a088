"""One object through the frames of a video, and what happens from one frame to another.

Frames count from 0 in the order in which they are shown. Coordinates are those of `geometry`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from labelwidgets.errors import GeometryError
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Bounds, Geometry, Keypoints
from labelwidgets.schema.geometry import Shape as Shape

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from labelwidgets.schema.sights import Sights

MAX_FRAMES = 2**31
# Of a track: an hour of a video in which somebody placed the object on every frame.
MAX_KEYFRAMES = 100_000
# Beyond it, a page does not know one timestamp from the next.
MAX_PTS = 2**53


class Keyframe(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person, or a tool, said of an object on one frame.

    Parameters
    ----------
    geometry
        Where it is; None only where it is `outside`. What is on its way to a frame from which on
        it is outside goes to the shape there, and stays as it was where there is none.
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
        given: Any = self.geometry
        if given is not None and not isinstance(given, Shape):
            raise GeometryError(
                f"must be a shape such as Rectangle, not {type(given).__name__}.", where="geometry"
            )
        for name in ("outside", "occluded"):
            if not isinstance(getattr(self, name), bool):
                raise GeometryError("must be True or False.", where=name)
        if not isinstance(self.attributes, Mapping):
            raise GeometryError("must be answers by the names of questions.", where="attributes")
        sure: Any = self.confidence
        if sure is not None and not (
            isinstance(sure, int | float) and not isinstance(sure, bool) and 0 <= sure <= 1
        ):
            raise GeometryError(f"must be from 0 to 1, not {sure!r:.60}.", where="confidence")
        check_pts(self.pts, "pts")
        if self.joints is not None:
            msgspec.structs.force_setattr(self, "joints", _joints(self.joints, given))


def _joints(given: Any, shape: Shape | None) -> tuple[int, ...]:
    """Return indices of joints, rising and each once."""
    count = len(shape.points) if isinstance(shape, Keypoints) else 0
    indices: list[Any] = (
        list(given) if isinstance(given, list | tuple | set | frozenset) else [None]
    )
    if not all(type(index) is int and 0 <= index < count for index in indices):
        raise GeometryError(
            f"must be indices of joints from 0 to {count - 1}."
            if count
            else "are of keypoints, and this is no shape with joints.",
            where="joints",
        )
    return tuple(sorted(set(indices)))


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


class SeenFrames(NamedTuple):
    """All that is seen of a track, frame by frame, without its shapes.

    Parameters
    ----------
    frames
        (N,) indices of the frames on which it is in the picture, rising.
    boxes
        (N, 4) x, y, width and height of the upright boxes there, in pixels.
    occluded, keyframe
        (N,) whether something is in front of it, and whether it was placed there.
    attributes
        N dicts: answers of the keyframes up to there.
    """

    frames: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float64]
    occluded: npt.NDArray[np.bool_]
    keyframe: npt.NDArray[np.bool_]
    attributes: list[dict[str, AttributeValue]]


class Track(Geometry, frozen=True, dict=True):
    """An object through the frames of a video: keyframes, and shapes in between.

    It is there from its first keyframe on, and from its last one until the end of the video
    unless that one says that it is outside. Between keyframes its shape goes from one to the
    next by the indices of the frames: numbers evenly, angles the short way round, outlines with
    different numbers of points by their length, masks by signed distance, and skeletons joint
    by joint. Tracks never change: what changes one returns another.

    Parameters
    ----------
    keyframes
        By index of the frame, from 0; all shapes are of one kind.

    Raises
    ------
    GeometryError
        If there is no keyframe with a shape, shapes are of two kinds, or an index is none.
    """

    keyframes: dict[int, Keyframe]

    def __post_init__(self) -> None:
        given: Any = self.keyframes
        if not isinstance(given, Mapping):
            raise GeometryError("must be keyframes by index of the frame.", where="keyframes")
        if not given:
            raise GeometryError("must have one keyframe at least.", where="keyframes")
        if len(given) > MAX_KEYFRAMES:
            raise GeometryError(
                f"has {len(given)}, at most {MAX_KEYFRAMES} are allowed.", where="keyframes"
            )
        kinds = set()
        for key, made in given.items():
            check_frame(key, f"keyframes[{str(key)[:60]}]")
            if not isinstance(made, Keyframe):
                raise GeometryError(
                    f"must be a Keyframe, not {type(made).__name__}.", where=f"keyframes[{key}]"
                )
            if made.geometry is not None:
                kinds.add(made.geometry.type)
        if all(made.outside for made in given.values()):
            raise GeometryError(
                "must have one where the object is in the picture.", where="keyframes"
            )
        if len(kinds) != 1:
            raise GeometryError(
                f"must have shapes of one kind, not {', '.join(sorted(kinds))}.", where="keyframes"
            )
        self._set(keyframes={key: given[key] for key in sorted(given)})

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

    @cached_property
    def _sights(self) -> Sights:
        from labelwidgets.schema.sights import Sights

        return Sights(self.keyframes)

    def at(self, frame: int) -> Sight | None:
        """Return the object as it is on a frame, None where it is not in the picture."""
        return self._sights.at(frame)

    def frames(self, count: int, first: int = 0) -> Iterator[tuple[int, Sight]]:
        """Go through the frames on which the object is in the picture, with what it is there.

        Parameters
        ----------
        count
            How many frames the video has.
        first
            The frame to begin with.
        """
        return self._sights.frames(first, count)

    def boxes(
        self, count: int, first: int = 0
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return upright boxes on all frames where the object is in the picture, at once.

        Parameters
        ----------
        count
            How many frames the video has.
        first
            The frame to begin with.

        Returns
        -------
        tuple of ndarray
            (N,) indices of frames, and (N, 4) x, y, width and height in pixels.
        """
        return self._sights.boxes(first, count)

    def table(self, count: int, first: int = 0) -> SeenFrames:
        """Return what is seen on all frames where the object is in the picture, but its shapes."""
        return self._sights.table(first, count)

    def with_keyframe(self, frame: int, keyframe: Keyframe | None) -> Track:
        """Return the track with another keyframe on a frame; None takes away the one there."""
        others = {key: made for key, made in self.keyframes.items() if key != frame}
        return Track(others if keyframe is None else {**others, frame: keyframe})

    def split(self, frame: int) -> tuple[Track, Track]:
        """Return what the track is before a frame, and what it is from that frame on.

        Raises
        ------
        GeometryError
            If the object is in the picture on one side only.
        """
        from labelwidgets.schema.track_changes import split

        return split(self, frame)

    def merged(self, other: Track) -> Track:
        """Return one track of two, of which one ends before the other begins.

        What ends without being outside goes on to where the other begins.

        Raises
        ------
        GeometryError
            If both have the object on a frame, or their shapes are of two kinds.
        """
        from labelwidgets.schema.track_changes import merged

        return merged(self, other)

    def cut(self, first: int, last: int | None = None) -> Track:
        """Return the track with the object outside from one frame to another, both included.

        Without `last`, it is outside from there on.

        Raises
        ------
        GeometryError
            If nothing would be left of it, or `last` is before `first`.
        """
        from labelwidgets.schema.track_changes import cut

        return cut(self, first, last)

    def moved(self, frames: int) -> Track:
        """Return the track later by some frames, or earlier; timestamps are left out.

        Raises
        ------
        GeometryError
            If a keyframe would lie before the first frame.
        """
        keyframes = {
            key + frames: msgspec.structs.replace(made, pts=None)
            for key, made in self.keyframes.items()
        }
        return Track(keyframes)


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
        check_pts(self.first_pts, "first_pts")
        check_pts(self.last_pts, "last_pts")
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


def check_pts(pts: Any, where: str) -> None:
    """Raise GeometryError unless something may be a timestamp, or is left out."""
    if pts is None:
        return
    if isinstance(pts, bool) or not isinstance(pts, int) or not -MAX_PTS < pts < MAX_PTS:
        raise GeometryError("must be a whole number, in the time base of the video.", where=where)
