"""From the elements of one track to the label that they are."""

from __future__ import annotations

from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.cvat_video.shapes import number, read_shape
from labelwidgets.formats.cvat_video.tasks import Meta, Task, answers_said
from labelwidgets.formats.shape_distance import distance
from labelwidgets.formats.xml_elements import Element
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import ObjectClass, Skeleton
from labelwidgets.schema.tracks import MAX_FRAMES, Keyframe, Track

_ROUNDS = 6


class TrackElements:
    """Takes in one element of a track after another.

    Parameters
    ----------
    found
        Where the track goes.
    meta
        What the file says of its class.
    name
        Its class.
    clip, task
        The video, and the part of it that was labelled.
    joints
        Of its skeleton, where it has one.

    Attributes
    ----------
    layers
        Whether it says what lies on top of what, which is not read.
    """

    def __init__(
        self,
        found: ClipLabels,
        meta: Meta,
        name: str,
        clip: Clip,
        task: Task,
        joints: list[str],
    ) -> None:
        self.found, self.meta, self.name = found, meta, name
        self.clip, self.task, self.joints = clip, task, joints
        self.layers = False
        self.keys: dict[int, Keyframe] = {}
        self.between: dict[int, Keyframe] = {}
        self.fixed: dict[str, Any] = {}
        self.others: dict[str, Any] = {}
        self.changing: dict[str, dict[str, Any]] = {}
        self.points = False

    def add(self, element: Element) -> None:
        """Take in the object on one frame."""
        said = element.attributes
        text = said.get("frame", "")
        if not text.isdecimal() or len(text) > 10 or int(text) >= MAX_FRAMES:
            raise FormatError(f"must be a whole number from 0, not {text[:40]!r}.", where="frame")
        frame = int(text)
        if frame in self.keys or frame in self.between:
            raise FormatError(f"is {frame}, as that of an element before it.", where="frame")
        outside = said.get("outside", "0") == "1"
        if not outside:
            self.clip.check(frame)
        shape = read_shape(element, self.clip.size, self.joints)
        self.points |= element.name == "points" and isinstance(shape, Keypoints)
        if number(element, "z_order", 0.0):
            self.layers = True
        placed = None
        if element.name == "skeleton":
            seen = shape.points if isinstance(shape, Keypoints) else []
            outside = outside or ("outside" not in said and not any(one[2] for one in seen))
            moved = [one for one in element.children if one.name == "points"]
            named = {one.attributes.get("label") for one in moved
                     if one.attributes.get("keyframe", "1") == "1"}  # fmt: skip
            indices = tuple(at for at, joint in enumerate(self.joints) if joint in named)
            placed = None if len(indices) == len(self.joints) else indices
        made = Keyframe(
            shape,
            outside=outside,
            occluded=said.get("occluded", "0") == "1",
            attributes=self._answers(element, frame),
            joints=placed,
        )
        if said.get("keyframe", "1") == "1":
            self.keys[frame] = made
        else:
            self.between[frame] = made

    def _answers(self, element: Element, frame: int) -> dict[str, Any]:
        given = answers_said(element, self.found.known(self.name))
        if not given:
            return {}
        # Of a question that the project asks of the track as a whole, changes are kept beside it.
        moves = self.found.mutable(self.name)
        mutable = moves | self.meta.mutable.get(self.name, set())
        answers, others = self.found.answers(self.name, given)
        moving = {key: value for key, value in answers.items() if key in moves}
        for key, value in answers.items():
            if key not in moves and self.fixed.setdefault(key, value) != value:
                self.changing.setdefault(key, {})[str(frame)] = value
        for key, value in others.items():
            if key in mutable:
                self.changing.setdefault(key, {})[str(frame)] = value
            else:
                self.others.setdefault(key, value)
        return moving

    def keep(self, parameters: dict[str, Any], shape: bool, tolerance: float) -> None:
        """Hand over what came together.

        Parameters
        ----------
        parameters
            What else is said of it; it gains what there is no place for.
        shape
            It is a shape on one frame.
        tolerance
            How far, in pixels, a shape between keyframes may be from where its element has it.
        """
        if not self.keys and self.between:
            first = min(self.between)
            self.keys[first] = self.between.pop(first)
        if not self.keys:
            raise FormatError("has no shapes.")
        if self.others:
            parameters["attributes"] = self.others
        if self.changing:
            parameters["attributes_by_frame"] = self.changing
        if self.points:
            self._name_points()
        if shape and len([one for one in self.keys.values() if not one.outside]) == 1:
            frame = next(key for key, one in self.keys.items() if not one.outside)
            one = self.keys[frame]
            if one.occluded:
                parameters["occluded"] = True
            assert one.geometry is not None  # noqa: S101 - elements have one
            self.found.keep(
                self.name,
                one.geometry,
                self.clip,
                frame=frame,
                attributes=self.fixed | one.attributes,
                parameters=parameters,
            )
            return
        self.found.keep(
            self.name,
            self._track(tolerance),
            self.clip,
            attributes=self.fixed,
            parameters=parameters,
        )

    def _track(self, tolerance: float) -> Track:
        keys = dict(self.keys)
        for frame, one in self._ends(keys).items():
            keys.setdefault(frame, one)
        track = Track(_changes(keys))
        for turn in range(_ROUNDS):
            far = [
                frame
                for frame, one in self.between.items()
                if frame not in keys and not self._is_said(track, frame, one, tolerance)
            ]
            if not far:
                break
            if turn == _ROUNDS - 1:
                far = [frame for frame in self.between if frame not in keys]
            keys |= {frame: self.between[frame] for frame in far}
            track = Track(_changes(keys))
        return track

    def _is_said(self, track: Track, frame: int, one: Keyframe, tolerance: float) -> bool:
        seen = track.at(frame)
        if seen is None or one.outside:
            return seen is None and one.outside
        same = seen.occluded == one.occluded and seen.attributes == one.attributes | {
            key: value for key, value in seen.attributes.items() if key not in one.attributes
        }
        assert one.geometry is not None  # noqa: S101 - elements have one
        return same and distance(seen.geometry, one.geometry) <= tolerance

    def _ends(self, keys: dict[int, Keyframe]) -> dict[int, Keyframe]:
        """Return what ends an object with its task, where the video goes on."""
        last, end = max(max(keys), max(self.between, default=0)), self.task.last
        if end is None or keys.get(last, self.between.get(last)).outside:  # type: ignore[union-attr]
            return {}
        goes_on = self.clip.frames is None or end + 1 < self.clip.frames
        unknown = self.clip.frames is None
        return {end + 1: Keyframe(outside=True)} if goes_on and not unknown and end >= last else {}

    def _name_points(self) -> None:
        """Give several points names, and make all of one kind where one frame has but one."""
        counts = {
            len(one.geometry.points) if isinstance(one.geometry, Keypoints) else 1
            for one in (*self.keys.values(), *self.between.values())
        }
        if len(counts) > 1:
            raise FormatError("has another number of points from frame to frame.", where="points")
        known = self.found
        if known.ontology is None or self.name not in known.ontology:
            made = self.meta.classes.get(self.name) or ObjectClass(self.name)
            skeleton = Skeleton([f"p{n}" for n in range(1, counts.pop() + 1)])
            known.tell(
                ObjectClass(
                    self.name,
                    color=made.color,
                    tool="keypoints",
                    attributes=made.attributes,
                    skeleton=skeleton,
                )
            )


def _changes(keys: dict[int, Keyframe]) -> dict[int, Keyframe]:
    """Return keyframes that say only those answers that differ from the ones before."""
    made: dict[int, Keyframe] = {}
    answers: dict[str, Any] = {}
    for frame in sorted(keys):
        one = keys[frame]
        changed = {k: v for k, v in one.attributes.items() if answers.get(k) != v}
        answers |= changed
        made[frame] = Keyframe(
            one.geometry,
            outside=one.outside,
            occluded=one.occluded,
            attributes=changed,
            joints=one.joints,
        )
    return made
