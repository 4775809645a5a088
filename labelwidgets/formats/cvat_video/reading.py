"""From CVAT's XML of a video to tracks."""

from __future__ import annotations

import re
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, Clips, unknown_item
from labelwidgets.formats.cvat_video.documents import Document, documents
from labelwidgets.formats.cvat_video.skeletons import joints_of
from labelwidgets.formats.cvat_video.tasks import Meta, Task
from labelwidgets.formats.cvat_video.track_elements import TrackElements
from labelwidgets.formats.folders import holds_any
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.warned import warn
from labelwidgets.formats.xml_elements import Element

# CVAT writes two decimals.
TOLERANCE = 0.011


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is CVAT's XML of a video."""
    if re.search(rb"<annotations[\s>]", head) is None:
        return False
    images = re.search(rb"<image[\s>]", head) is not None
    moving = re.search(rb"<track[\s>]", head) or b"<mode>interpolation</mode>" in head
    return bool(moving) and not images


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".xml")


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
    found = job.clip_labels()
    for document in documents(job.input(), found):
        reader = _Reader(document, job.clips, found, item, tolerance)
        for element in document:
            reader.take(element)
        reader.close()
    return found.result()


class _Reader:
    """One reading of one file."""

    def __init__(
        self,
        document: Document,
        clips: Clips,
        found: ClipLabels,
        item: str | None,
        tolerance: float,
    ) -> None:
        self.document, self.clips, self.found = document, clips, found
        self.item, self.tolerance, self.where = item, tolerance, document.where
        self.targets: dict[str, tuple[Clip, Task] | None] = {}
        self.reasons: dict[str, str] = {}
        self.lost: dict[str, int] = {}
        self.layers = False

    @property
    def meta(self) -> Meta:
        """What the file has said of its tasks and classes."""
        return self.document.meta

    def take(self, element: Element) -> None:
        """Take in a track."""
        if element.name == "track":
            try:
                self._read_track(element)
            except LabelwidgetsError as error:
                id = element.attributes.get("id")
                self.found.wrong(self.document.place(element), id, error)
        elif element.name == "image":
            raise FormatError(
                "has images: it is CVAT's format for images, not for videos.",
                where=f"{self.where}, line {element.line}",
            )

    def close(self) -> None:
        """Say what was not read."""
        for task in self.meta.tasks:
            if task.id not in self.targets:
                # It has no tracks.
                self._find(task)
        for key, reason in self.reasons.items():
            self.found.unmatched(
                self.where, key, self._names_of(key), self.lost.get(key, 0), reason
            )
        if self.layers:
            warn(f"{self.where}: z_order, what lies on top of what, was not read.")

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
        track = TrackElements(self.found, self.meta, name, clip, task, joints)
        for child in element.children:
            try:
                track.add(child)
            except LabelwidgetsError as error:
                raise error.at(f"line {child.line}, {child.name[:40]}") from None
        self.layers |= track.layers
        parameters: dict[str, Any] = {}
        if (id := element.attributes.get("id", "")).isdecimal() and len(id) < 18:
            parameters["id"] = int(id)
        for key in ("source", "group_id"):
            if (said := element.attributes.get(key)) is not None:
                parameters[key] = said
        track.keep(parameters, element.attributes.get("labelwidgets") == "shape", self.tolerance)
