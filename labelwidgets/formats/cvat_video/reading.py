"""From CVAT's XML of a video to tracks."""

from __future__ import annotations

import re
import warnings
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, Clips, unknown_item
from labelwidgets.formats.cvat_video.shapes import number, read_shape
from labelwidgets.formats.cvat_video.skeletons import joints_of
from labelwidgets.formats.cvat_video.tasks import Meta, Task, answers_said, read_meta
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import FormatWarning, Imported
from labelwidgets.formats.shape_distance import distance
from labelwidgets.formats.xml_elements import Element, elements
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import ObjectClass, Skeleton
from labelwidgets.schema.tracks import MAX_FRAMES, Keyframe, Track

# CVAT writes two decimals.
TOLERANCE = 0.011
_ROUNDS = 6


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is CVAT's XML of a video."""
    if re.search(rb"<annotations[\s>]", head) is None:
        return False
    images = re.search(rb"<image[\s>]", head) is not None
    moving = re.search(rb"<track[\s>]", head) or b"<mode>interpolation</mode>" in head
    return bool(moving) and not images


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return any(sniff(source.head(name)) for name in source.ending(".xml")[:20])


@reader("cvat_video", "videos")
def read(job: Reading, *, item: str | None = None, tolerance: float = TOLERANCE) -> Imported:
    """Read tracks: see `labelwidgets.formats.read` and `labelwidgets.formats.cvat_video`.

    Parameters
    ----------
    path
        An XML, or a folder or zip with some.
    items
        As for `labelwidgets.formats.read`. Without items, tasks become the items.
    item
        The video that it is about; None finds it by the name of its file or of the task, or is
        the only one that there is.
    tolerance
        How far, in pixels, a shape between keyframes may be from where the file has it; those
        that are further become keyframes.

    Raises
    ------
    FormatError
        Naming the file, the line and the field.
    """
    if not tolerance >= 0:
        raise FormatError(f"must be a number from 0, not {tolerance!r}.", where="tolerance")
    source = job.input()
    found = job.clip_labels()
    names = source.ending(".xml")
    if not names:
        raise FormatError("has no .xml.", where=source.shown)
    for name in names:
        reader = _Reader(job.clips, found, item, tolerance, source.where(name))
        with source.open(name) as file:
            for element in elements(file, source.where(name)):
                reader.take(element)
        reader.close()
    return found.result()


class _Reader:
    """One reading of one file."""

    def __init__(
        self, clips: Clips, found: ClipLabels, item: str | None, tolerance: float, where: str
    ) -> None:
        self.clips, self.found, self.item = clips, found, item
        self.tolerance, self.where = tolerance, where
        self.meta = Meta()
        self.targets: dict[str, tuple[Clip, Task] | None] = {}
        self.reasons: dict[str, str] = {}
        self.lost: dict[str, int] = {}
        self.started = False
        self.layers = False

    def take(self, element: Element) -> None:
        """Take in an element under the root, or the root itself."""
        if not self.started:
            if element.name != "annotations":
                raise FormatError(
                    f"begins with <{element.name[:40]}>, must begin with <annotations>.",
                    where=self.where,
                )
            self.started = True
        elif element.name == "meta":
            self._read_meta(element)
        elif element.name == "track":
            record = f"{self._place(element)}, track"
            try:
                self._read_track(element)
            except LabelwidgetsError as error:
                self.found.wrong(record, element.attributes.get("id"), error)
        elif element.name == "image":
            raise FormatError(
                "has images: it is CVAT's format for images, not for videos.",
                where=f"{self.where}, line {element.line}",
            )

    def close(self) -> None:
        """Say what was not read."""
        if not self.started:
            raise FormatError("is empty.", where=self.where)
        for task in self.meta.tasks:
            if task.id not in self.targets:
                # It has no tracks.
                self._find(task)
        for key, reason in self.reasons.items():
            self.found.unmatched(
                self.where, key, self._names_of(key), self.lost.get(key, 0), reason
            )
        if self.layers:
            warnings.warn(
                f"{self.where}: z_order, what lies on top of what, was not read.",
                FormatWarning,
                stacklevel=4,
            )

    def _place(self, element: Element) -> str:
        name = self.where.rsplit("/", 1)[-1]
        line = f"line {element.line}"
        return line if self.where == self.found.problems.file else f"{name}, {line}"

    def _read_meta(self, element: Element) -> None:
        try:
            self.meta = read_meta(element)
        except FormatError as error:
            raise error.at(f"{self.where}, meta") from None
        for line, name, wrong in self.meta.wrong:
            self.found.wrong(f"line {line}, label", name or None, wrong)
        for made in self.meta.classes.values():
            self.found.tell(made, any_tool=made.name in self.meta.untyped)

    def _names_of(self, key: str) -> str:
        task = next((one for one in self.meta.tasks if one.id == key), None)
        return task.names[0] if task and task.names else ""

    def _target(self, element: Element) -> tuple[Clip, Task] | None:
        """Return the video of a track and its task, None where it is none of the dataset."""
        said = element.attributes.get("task_id", "")
        tasks = self.meta.tasks
        task = next((one for one in tasks if one.id == said), None) if said else None
        if task is None:
            if len(tasks) > 1:
                raise FormatError("does not say of which task it is.", where="task_id")
            stem = self.where.rsplit("/", 1)[-1].rsplit(".", 1)[0]
            task = tasks[0] if tasks else Task("", (stem,), None, 0, None, 1)
        return self.targets[task.id] if task.id in self.targets else self._find(task)

    def _find(self, task: Task) -> tuple[Clip, Task] | None:
        try:
            target = (self._clip(task), task)
            self.found.match(target[0].item.id)
        except FormatError as error:
            if self.item is not None:
                raise
            self.reasons[task.id] = f"{error.message} {error.hint or ''}".strip()
            self.targets[task.id] = None
            return None
        self.targets[task.id] = target
        return target

    def _clip(self, task: Task) -> Clip:
        if self.clips.frame is None:
            name = self.item or (task.names or ("video",))[0]
            count = None if task.last is None else task.last + 1
            return self.found.item(unknown_item(name), task.size, frames=count)
        clip = self.clips.of(self.clips.find(task.names, self.item, self.where).id)
        if clip.size is not None and task.size is not None and clip.size != task.size:
            raise FormatError(
                f"has frames of {task.size[0]} x {task.size[1]} pixels, the video "
                f"{clip.item.id!r} of {clip.size[0]} x {clip.size[1]}.",
                where=self.where,
                hint="Were the labels made on a resized copy?",
            )
        return clip._replace(size=clip.size or task.size)

    def _read_track(self, element: Element) -> None:
        target = self._target(element)
        name = self.found.name_of(element.attributes.get("label"), "label")
        if target is None:
            key = element.attributes.get("task_id", "") or (
                self.meta.tasks[0].id if self.meta.tasks else ""
            )
            self.lost[key] = self.lost.get(key, 0) + 1
            return
        clip, task = target
        made = self.meta.classes.get(name)
        first = next((one for one in element.children if one.name == "skeleton"), None)
        joints = joints_of(name, self.found.ontology, made, first)
        track = _Track(self, name, clip, task, joints)
        for child in element.children:
            try:
                track.add(child)
            except LabelwidgetsError as error:
                raise error.at(f"line {child.line}, {child.name[:40]}") from None
        parameters: dict[str, Any] = {}
        if (id := element.attributes.get("id", "")).isdecimal() and len(id) < 18:
            parameters["id"] = int(id)
        for key in ("source", "group_id"):
            if (said := element.attributes.get(key)) is not None:
                parameters[key] = said
        track.keep(parameters, element.attributes.get("labelwidgets") == "shape")


class _Track:
    """The elements of one track."""

    def __init__(
        self, reader: _Reader, name: str, clip: Clip, task: Task, joints: list[str]
    ) -> None:
        self.reader, self.name, self.clip, self.task = reader, name, clip, task
        self.joints = joints
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
            self.reader.layers = True
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
        given = answers_said(element, self.reader.found.known(self.name))
        if not given:
            return {}
        # Of a question that the project asks of the track as a whole, changes are kept beside it.
        moves = self.reader.found.mutable(self.name)
        mutable = moves | self.reader.meta.mutable.get(self.name, set())
        answers, others = self.reader.found.answers(self.name, given)
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

    def keep(self, parameters: dict[str, Any], shape: bool) -> None:
        """Hand over what came together."""
        if not self.keys and self.between:
            first = min(self.between)
            self.keys[first] = self.between.pop(first)
        if not self.keys:
            raise FormatError("has no shapes.")
        if self.others:
            parameters["attributes"] = self.others
        if self.changing:
            parameters["attributes_by_frame"] = self.changing
        found = self.reader.found
        if self.points:
            self._name_points()
        if shape and len([one for one in self.keys.values() if not one.outside]) == 1:
            frame = next(key for key, one in self.keys.items() if not one.outside)
            one = self.keys[frame]
            if one.occluded:
                parameters["occluded"] = True
            assert one.geometry is not None  # noqa: S101 - elements have one
            found.keep(
                self.name,
                one.geometry,
                self.clip,
                frame=frame,
                attributes=self.fixed | one.attributes,
                parameters=parameters,
            )
            return
        found.keep(
            self.name, self._track(), self.clip, attributes=self.fixed, parameters=parameters
        )

    def _track(self) -> Track:
        keys = dict(self.keys)
        for frame, one in self._ends(keys).items():
            keys.setdefault(frame, one)
        track = Track(_changes(keys))
        for turn in range(_ROUNDS):
            far = [
                frame
                for frame, one in self.between.items()
                if frame not in keys and not self._is_said(track, frame, one)
            ]
            if not far:
                break
            if turn == _ROUNDS - 1:
                far = [frame for frame in self.between if frame not in keys]
            keys |= {frame: self.between[frame] for frame in far}
            track = Track(_changes(keys))
        return track

    def _is_said(self, track: Track, frame: int, one: Keyframe) -> bool:
        seen = track.at(frame)
        if seen is None or one.outside:
            return seen is None and one.outside
        same = seen.occluded == one.occluded and seen.attributes == one.attributes | {
            key: value for key, value in seen.attributes.items() if key not in one.attributes
        }
        assert one.geometry is not None  # noqa: S101 - elements have one
        return same and distance(seen.geometry, one.geometry) <= self.reader.tolerance

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
        known = self.reader.found
        if known.ontology is None or self.name not in known.ontology:
            made = self.reader.meta.classes.get(self.name) or ObjectClass(self.name)
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
