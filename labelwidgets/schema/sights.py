"""What is seen of a track frame by frame, each found without going through all keyframes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt

from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.between import Passage, mixed_joint, passage
from labelwidgets.schema.geometry import XYV, Keypoints, Rectangle, Shape
from labelwidgets.schema.tracks import Keyframe, SeenFrames, Sight


class Sights:
    """What is seen of a track, by frame.

    Parameters
    ----------
    keyframes
        By index of the frame, rising.
    """

    def __init__(self, keyframes: Mapping[int, Keyframe]) -> None:
        self._keys = list(keyframes)
        self._made = list(keyframes.values())
        self._answers: list[dict[str, AttributeValue]] = []
        answers: dict[str, AttributeValue] = {}
        for made in self._made:
            answers = {**answers, **made.attributes} if made.attributes else answers
            self._answers.append(answers)
        # The last way that was gone: frames are mostly asked for one after the other.
        self._last: tuple[int, Passage] | None = None

    def at(self, frame: int) -> Sight | None:
        """Return the object as it is on a frame, None where it is not in the picture."""
        place = bisect_right(self._keys, frame) - 1
        if place < 0:
            return None
        before = self._made[place]
        if before.outside or before.geometry is None:
            return None
        return Sight(
            self._shape(place, frame),
            before.occluded,
            self._answers[place],
            self._keys[place] == frame,
        )

    def frames(self, first: int, count: int) -> Iterator[tuple[int, Sight]]:
        """Go through the frames from `first` to before `count` on which it is seen."""
        for place, start, stop in self._stretches(first, count):
            before, answers = self._made[place], self._answers[place]
            for frame in range(start, stop):
                shape = self._shape(place, frame)
                yield frame, Sight(shape, before.occluded, answers, frame == self._keys[place])

    def table(self, first: int, count: int) -> SeenFrames:
        """Return all that is seen on its frames but the shapes themselves."""
        frames, boxes = self.boxes(first, count)
        occluded, keyframe = np.zeros(len(frames), bool), np.zeros(len(frames), bool)
        answers: list[dict[str, AttributeValue]] = []
        for place, start, stop in self._stretches(first, count):
            at, end = len(answers), len(answers) + stop - start
            occluded[at:end] = self._made[place].occluded
            keyframe[at] = start == self._keys[place]
            answers += [self._answers[place]] * (stop - start)
        return SeenFrames(frames, boxes, occluded, keyframe, answers)

    def boxes(
        self, first: int, count: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the frames on which it is seen, and its upright boxes there."""
        frames, boxes = [np.zeros(0, np.int64)], [np.zeros((0, 4))]
        for place, start, stop in self._stretches(first, count):
            there = np.arange(start, stop)
            frames.append(there)
            boxes.append(self._boxes(place, there))
        return np.concatenate(frames), np.concatenate(boxes)

    def _stretches(self, first: int, count: int) -> Iterator[tuple[int, int, int]]:
        """Go through the keyframes that are shown, each with the frames up to the next one."""
        place = max(0, bisect_right(self._keys, first) - 1)
        for at in range(place, len(self._keys)):
            after = self._keys[at + 1] if at + 1 < len(self._keys) else count
            start, stop = max(first, self._keys[at]), min(after, count)
            if self._keys[at] >= count:
                return
            if start < stop and not self._made[at].outside:
                yield at, start, stop

    def _boxes(self, place: int, frames: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        before, after = self._made[place].geometry, self._goal(place)
        flat = isinstance(before, Rectangle) and before.angle == 0
        if flat and (after is None or cast(Rectangle, after).angle == 0):
            from_box = np.array(cast(Rectangle, before).bounds)
            if after is None:
                return np.broadcast_to(from_box, (len(frames), 4))
            part = (frames - self._keys[place]) / (self._keys[place + 1] - self._keys[place])
            made: npt.NDArray[np.float64] = (
                from_box + (np.array(after.bounds) - from_box) * part[:, None]
            )
            return made
        return np.array([self._shape(place, int(frame)).bounds for frame in frames])

    def _goal(self, place: int) -> Shape | None:
        """Return the shape that the one of a keyframe is on its way to, None where it stays."""
        return self._made[place + 1].geometry if place + 1 < len(self._made) else None

    def _shape(self, place: int, frame: int) -> Shape:
        before = cast(Shape, self._made[place].geometry)
        if self._partial:
            return self._skeleton(place, frame, cast(Keypoints, before))
        after = self._goal(place)
        if after is None or self._keys[place] == frame:
            return before
        last = self._last
        if last is None or last[0] != place:
            last = (place, passage(before, after))
            self._last = last
        return last[1](self._part(place, place + 1, frame))

    def _part(self, before: int, after: int, frame: int) -> float:
        return (frame - self._keys[before]) / (self._keys[after] - self._keys[before])

    # Skeletons of which single joints were placed.

    @cached_property
    def _partial(self) -> bool:
        return any(made.joints is not None for made in self._made)

    @cached_property
    def _placed(self) -> list[list[int]]:
        """For each joint, the numbers of the keyframes that place it."""
        placed: list[list[int]] = []
        for place, made in enumerate(self._made):
            if not isinstance(made.geometry, Keypoints):
                continue
            count = len(made.geometry.points)
            placed += [[] for _ in range(len(placed), count)]
            for joint in range(count) if made.joints is None else made.joints:
                placed[joint].append(place)
        return placed

    @cached_property
    def _outside(self) -> list[int]:
        """The numbers of the keyframes from which on it is outside."""
        return [place for place, made in enumerate(self._made) if made.outside]

    def _skeleton(self, place: int, frame: int, before: Keypoints) -> Keypoints:
        if self._keys[place] == frame and self._made[place].joints is None:
            return before
        # The joints are interpolated from where it came into the picture to where it leaves it.
        gap = bisect_left(self._outside, place)
        start = self._outside[gap - 1] + 1 if gap > 0 else 0
        end = self._outside[gap] if gap < len(self._outside) else len(self._made)
        points = [
            self._joint(joint, frame, here, (start, place, end))
            for joint, here in enumerate(before.points)
        ]
        return Keypoints(points)

    def _joint(self, joint: int, frame: int, here: XYV, within: tuple[int, int, int]) -> XYV:
        start, place, end = within
        placed = self._placed[joint]
        at = bisect_right(placed, place)
        before = placed[at - 1] if at > 0 and placed[at - 1] >= start else start
        point = self._point(before, joint) or here
        after = placed[at] if at < len(placed) and placed[at] <= end else None
        goal = None if after is None else self._point(after, joint)
        if after is None or goal is None or self._keys[before] == frame:
            return point
        return mixed_joint(point, goal, self._part(before, after, frame))

    def _point(self, place: int, joint: int) -> XYV | None:
        """Return a joint as it lies in a keyframe, None where that has no such joint."""
        shape = self._made[place].geometry
        has = isinstance(shape, Keypoints) and joint < len(shape.points)
        return cast(Keypoints, shape).points[joint] if has else None
