"""From CVAT's XML of images to annotations."""

from __future__ import annotations

import re
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.cvat_video.documents import Document, documents
from labelwidgets.formats.cvat_video.shapes import number, read_shape
from labelwidgets.formats.cvat_video.skeletons import joints_of
from labelwidgets.formats.cvat_video.tasks import answers_said
from labelwidgets.formats.folders import holds_any
from labelwidgets.formats.growing_skeletons import GrowingSkeletons
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.xml_elements import Element
from labelwidgets.schema.geometry import Keypoints, Tag
from labelwidgets.schema.ontology import Skeleton


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is CVAT's XML of images."""
    if re.search(rb"<annotations[\s>]", head) is None or re.search(rb"<track[\s>]", head):
        return False
    return (
        re.search(rb"<image\s[^>]*\bname\s*=", head) is not None
        or b"<mode>annotation</mode>" in head
    )


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".xml")


@reader("cvat", "pictures")
def read(job: Reading, *, unnamed: str | None = None) -> Imported:
    """Read shapes of images: see `labelwidgets.formats.read` and `labelwidgets.formats.cvat`.

    Parameters
    ----------
    path
        An XML, or a folder or zip with some.
    unnamed
        Class of shapes without a label, which some files have; None finds fault with them.

    Raises
    ------
    FormatError
        Naming the file, the line and the field.
    """
    found = job.picture_labels(unnamed)
    dots = GrowingSkeletons(found)
    for document in documents(job.input(), found):
        reader = _Reader(document, found, dots)
        for element in document:
            reader.take(element)
    dots.close()
    return found.result()


class _Reader:
    """One reading of one file."""

    def __init__(self, document: Document, found: PictureLabels, dots: GrowingSkeletons) -> None:
        self.document, self.found, self.dots = document, found, dots

    def take(self, element: Element) -> None:
        """Take in an image."""
        if element.name == "image":
            self._read_image(element)
        elif element.name == "track":
            raise FormatError(
                "has tracks: it is CVAT's format for videos, not for images.",
                where=f"{self.document.where}, line {element.line}",
                hint='Read it as "cvat_video".',
            )

    def _read_image(self, element: Element) -> None:
        said = element.attributes
        place = self.document.place(element)
        try:
            name = said.get("name", "")
            if not name:
                raise FormatError("must be the name of a picture.", where="name")
            size = None
            if "width" in said or "height" in said:
                size = _side(said, "width"), _side(said, "height")
        except FormatError as error:
            self.found.wrong(place, said.get("name"), error)
            return
        names = self._names(name, said.get("subset", ""), said.get("task_id", ""))
        spot = self.found.spot(place, names, size=size, labels=len(element.children))
        if spot is None:
            return
        for child in element.children:
            try:
                self._read_label(child, spot, said.get("subset", ""))
            except LabelwidgetsError as error:
                self.found.wrong(self.document.place(child), child.attributes.get("label"), error)

    def _names(self, name: str, subset: str, task_id: str) -> list[str]:
        """Return what a picture may be called, the surest first."""
        names = [f"{subset}/{name}"] if subset else []
        tasks = self.document.meta.tasks
        task = next((one for one in tasks if one.id and one.id == task_id), None)
        if task is None and len(tasks) == 1:
            task = tasks[0]
        names.append(name)
        if task is not None and task.moving:
            names += [f"{video}/{name}" for video in task.names]
        return names

    def _read_label(self, element: Element, spot: Spot, subset: str) -> None:
        said = element.attributes
        if element.name not in _SHAPES:
            raise FormatError(f"{element.name[:40]!r} is no kind of shape.", where="shape")
        name = self.found.name_of(said.get("label"))
        made = self.found.known(name)
        if element.name == "tag":
            shape: Any = Tag()
        else:
            joints = joints_of(name, self.found.ontology, made, element)
            shape = read_shape(element, spot.size, joints)
        answers, others = self.found.answers(name, answers_said(element, made))
        parameters: dict[str, Any] = {}
        for key in ("source", "group_id"):
            if said.get(key):
                parameters[key] = said[key]
        if subset:
            parameters["subset"] = subset
        if said.get("occluded") == "1":
            parameters["occluded"] = True
        if z_order := number(element, "z_order", 0.0):
            parameters["z_order"] = int(z_order) if z_order == int(z_order) else z_order
        if others:
            parameters["attributes"] = others
        if element.name == "points" and isinstance(shape, Keypoints):
            self.dots.meet(name, [f"p{at}" for at in range(1, len(shape.points) + 1)])
        elif element.name == "skeleton" and (made is None or made.skeleton is None):
            self.found.note(name, Skeleton(joints))
        self.found.keep(name, shape, spot, attributes=answers, parameters=parameters)


_SHAPES = (
    "box",
    "ellipse",
    "polygon",
    "polyline",
    "points",
    "skeleton",
    "cuboid",
    "mask",
    "tag",
)  # fmt: skip


def _side(said: dict[str, str], name: str) -> int:
    text = said.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise FormatError(f"must be a whole number from 1, not {text[:40]!r}.", where=name)
    return int(text)
