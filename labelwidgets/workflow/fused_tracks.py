"""One track of the tracks that several people drew of an object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.schema.tracks import Keyframe, Sight, Track

if TYPE_CHECKING:
    from labelwidgets.workflow.fused_shapes import Manner

Floats: TypeAlias = NDArray[np.float64]


def fuse_tracks(tracks: Sequence[Track], weights: Floats, manner: Manner) -> Track | None:
    """Return one track: on each frame, the shape in the middle of those seen there.

    The object is in the picture where at least the share of the weight has it there. Shapes go
    evenly between keyframes, and so does the mean of boxes: only frames on which somebody has a
    keyframe, or it comes or goes for somebody, need one.

    Parameters
    ----------
    tracks
        One of each person, of shapes of one kind.
    weights
        (D,) of those people.
    manner
        How shapes of a frame become one.
    """
    frames = _turning_points(tracks)
    keyframes: dict[int, Keyframe] = {}
    last_shape: Any = None
    for frame in frames:
        seen = [track.at(frame) for track in tracks]
        shape = _shape(seen, weights, manner)
        if shape is None:
            if last_shape is not None:
                keyframes[frame] = Keyframe(None, outside=True)
            last_shape = None
            continue
        there = [sight is not None for sight in seen]
        hidden = weights[[bool(sight and sight.occluded) for sight in seen]].sum()
        keyframes[frame] = Keyframe(shape, occluded=bool(hidden * 2 > weights[there].sum()))
        last_shape = shape
    if not any(one.geometry is not None for one in keyframes.values()):
        return None
    return Track(_needed(keyframes))


def _turning_points(tracks: Sequence[Track]) -> list[int]:
    """Return the frames of all keyframes, and those before somebody's object comes or goes."""
    frames: set[int] = set()
    for track in tracks:
        before: Keyframe | None = None
        for frame, keyframe in track.keyframes.items():
            frames.add(frame)
            comes = before is None or before.outside
            if frame and (comes != keyframe.outside or keyframe.outside):
                frames.add(frame - 1)
            before = keyframe
    first = min(min(track.keyframes) for track in tracks)
    return sorted(frame for frame in frames if frame >= first)


def _shape(seen: Sequence[Sight | None], weights: Floats, manner: Manner) -> Any:
    from labelwidgets.workflow.fused_shapes import fuse_shapes

    there = [index for index, sight in enumerate(seen) if sight is not None]
    force = weights[there].sum()
    if not there or force < manner.share * weights.sum() * (1 - 1e-9):
        return None
    shapes = [sight.geometry for sight in seen if sight is not None]
    return fuse_shapes(shapes, weights[there], manner).shape


def _needed(keyframes: dict[int, Keyframe]) -> dict[int, Keyframe]:
    """Leave out keyframes that say outside again, or before it was ever there."""
    kept: dict[int, Keyframe] = {}
    outside = True
    for frame, made in keyframes.items():
        if made.outside and outside:
            continue
        kept[frame] = made
        outside = made.outside
    return kept
