"""From what a file says frame by frame to a track with as few keyframes as say the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.keyframes import needed_keyframes
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Cuboid, Point, Rectangle
from labelwidgets.schema.tracks import Keyframe, Shape, Track


class Seen(NamedTuple):
    """An object on one frame, as a file has it."""

    frame: int
    geometry: Shape
    occluded: bool = False
    attributes: dict[str, AttributeValue] = {}  # noqa: RUF012 - never changed
    confidence: float | None = None


def track_of(seen: Sequence[Seen], frames: int | None, tolerance: float = 0.0) -> Track:
    """Return the track of an object that is seen on some frames and on no others.

    Parameters
    ----------
    seen
        Rising by frame, each once.
    frames
        How many the video has; None where that is not known.
    tolerance
        How far, in pixels, a corner may be from where the file has it.

    Notes
    -----
    After a gap begins, and after the last frame, the object is outside. Only shapes whose
    corners move on straight lines between keyframes are left out where a line says them: upright
    boxes, points and cuboids; others where they do not change.
    """
    numbers = np.array([one.frame for one in seen], np.int64)
    must = np.zeros(numbers.size, bool)
    for at in range(1, len(seen)):
        before, one = seen[at - 1], seen[at]
        if one[2:] != before[2:]:
            must[at] = True
    last = np.append(np.diff(numbers) != 1, True)
    must |= last
    must[1:] |= last[:-1]
    must[0] = True
    values = _values([one.geometry for one in seen])
    if values is not None:
        kept = needed_keyframes(numbers, values, must, tolerance)
    else:
        differs = np.array([a.geometry != b.geometry for a, b in pairwise(seen)], bool)
        kept = must.copy()
        kept[1:] |= differs
        kept[:-1] |= differs
    keyframes: dict[int, Keyframe] = {}
    answers: dict[str, AttributeValue] = {}
    for at in np.flatnonzero(kept).tolist():
        one = seen[at]
        changed = {k: v for k, v in one.attributes.items() if answers.get(k) != v}
        answers |= changed
        keyframes[one.frame] = Keyframe(
            one.geometry,
            occluded=one.occluded,
            attributes=changed,
            confidence=one.confidence,
        )
        if last[at] and (frames is None or one.frame + 1 < frames):
            keyframes[one.frame + 1] = Keyframe(outside=True)
    return Track(keyframes)


def _values(shapes: Sequence[Shape]) -> npt.NDArray[np.float64] | None:
    """Return the numbers of shapes that move on straight lines, None for others."""
    if all(isinstance(one, Rectangle) and not one.angle for one in shapes):
        return np.array([(s.x, s.y, s.width, s.height) for s in shapes])  # type: ignore[union-attr]
    if all(isinstance(one, Point) for one in shapes):
        return np.array([(one.x, one.y) for one in shapes])  # type: ignore[union-attr]
    if all(isinstance(one, Cuboid) for one in shapes):
        return np.array([one.points for one in shapes]).reshape(len(shapes), -1)  # type: ignore[union-attr]
    return None
