"""What CVAT's XML says of its tasks and classes before the first image or track."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.cvat_video.skeletons import draw_skeleton, read_skeleton
from labelwidgets.formats.xml_elements import Element
from labelwidgets.formats.xml_text import clean, quoted
from labelwidgets.schema.attributes import Attribute, Checkbox, Dropdown, Radio, Text
from labelwidgets.schema.ontology import ObjectClass

_TOOLS = {
    "rectangle": "rectangle",
    "bbox": "rectangle",
    "ellipse": "ellipse",
    "polygon": "polygon",
    "polyline": "polyline",
    "mask": "mask",
    "cuboid": "cuboid",
    "skeleton": "keypoints",
    "points": "point",
    "tag": "tag",
}
_TYPES = {"keypoints": "skeleton", "point": "points", "volumemask": "mask", "interval": "tag"}


@dataclass(frozen=True)
class Task:
    """A task: the video that it is about, and which of its frames.

    Parameters
    ----------
    id
        CVAT's number, empty where it says none.
    names
        What the video may be called, the surest first.
    size
        (width, height) of its frames.
    first, last
        Frames that were labelled, None where it does not say.
    step
        Of which every so many.
    moving
        It is of a video, not of pictures.
    """

    id: str
    names: tuple[str, ...]
    size: tuple[int, int] | None
    first: int
    last: int | None
    step: int
    moving: bool = True


@dataclass
class Meta:
    """All that is said before the first image or track.

    Parameters
    ----------
    tasks
        One, or those of a project.
    classes
        By name, with their questions.
    mutable
        Of each class, the questions that are answered frame by frame.
    untyped
        Classes that may have any shape.
    wrong
        Line, name and error of what is said of classes that cannot be.
    """

    tasks: list[Task] = field(default_factory=list)
    classes: dict[str, ObjectClass] = field(default_factory=dict)
    mutable: dict[str, set[str]] = field(default_factory=dict)
    untyped: set[str] = field(default_factory=set)
    wrong: list[tuple[int, str, LabelwidgetsError]] = field(default_factory=list)


def read_meta(meta: Element) -> Meta:
    """Return what is said of tasks and classes; classes that cannot be are in `wrong`."""
    made = Meta()
    holders = [one for one in (meta.find("task"), meta.find("job")) if one is not None]
    project = meta.find("project")
    labels = [one.find("labels") for one in holders]
    if project is not None:
        tasks = project.find("tasks")
        holders += [one for one in (tasks.children if tasks else []) if one.name == "task"]
        labels.append(project.find("labels"))
    source = meta.said("source")
    for holder in holders:
        made.tasks.append(_task(holder, holder.said("source") or source))
    for some in labels:
        for label in some.children if some else []:
            if label.name == "label" and label.find("parent") is None:
                _read_class(label, some.children if some else [], made)
    return made


def _task(holder: Element, source: str) -> Task:
    sizes = (_whole(holder, "original_size", name) for name in ("width", "height"))
    width, height = sizes
    last = _whole(holder, "stop_frame")
    step = 1
    text = holder.said("frame_filter")
    if text.startswith("step="):
        digits = text.removeprefix("step=").strip()
        step = int(digits) if digits.isdecimal() and 0 < int(digits) < 10**6 else 1
    names = tuple(name for name in (source, holder.said("name")) if name)
    size = (width, height) if width and height else None
    first = _whole(holder, "start_frame") or 0
    moving = bool(source) or holder.said("mode") == "interpolation"
    return Task(holder.said("id"), names, size, first, last, step, moving)


def _whole(holder: Element, *names: str) -> int | None:
    text = holder.said(*names)
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise FormatError(f"must be a whole number from 0, not {text[:40]!r}.", where=names[-1])
    return int(text)


def _read_class(label: Element, siblings: list[Element], made: Meta) -> None:
    name = label.said("name")
    mutable: set[str] = set()
    questions: list[Attribute] = []
    asked = label.find("attributes")
    for one in asked.children if asked else []:
        question = one.said("name")
        is_mutable = one.said("mutable").lower() == "true"
        if is_mutable:
            mutable.add(question)
        try:
            questions.append(_question(one, question, is_mutable))
        except LabelwidgetsError as error:
            made.wrong.append((one.line, question, error))
    kind = label.said("type")
    joints = [one.said("name") for one in siblings if one.said("parent") == name]
    try:
        skeleton = read_skeleton(joints, label.said("svg")) if joints else None
        tool = _TOOLS.get(kind, "rectangle")
        if tool == "keypoints" and skeleton is None:
            tool = "rectangle"
        if kind not in _TOOLS:
            made.untyped.add(name)
        color = label.said("color") or None
        made.classes[name] = ObjectClass(
            name, color=color, tool=tool, attributes=questions, skeleton=skeleton
        )
        made.mutable[name] = mutable
    except LabelwidgetsError as error:
        made.wrong.append((label.line, name, error))


def _question(one: Element, name: str, mutable: bool) -> Attribute:
    options = [line.strip() for line in one.said("values").splitlines() if line.strip()]
    if len(options) == 1 and one.said("default_value") in (words := options[0].split()):
        # Files that went through other tools have them on one line.
        options = words
    kind = one.said("input_type")
    if kind == "checkbox":
        return Radio(name, ["false", "true"], mutable=mutable)
    if kind == "radio" and options:
        return Radio(name, options, mutable=mutable)
    if kind == "select" and options:
        return Dropdown(name, options, mutable=mutable)
    return Text(name, mutable=mutable)


def answers_said(element: Element, made: ObjectClass | None) -> dict[str, Any]:
    """Return what the attributes of a shape say, to questions with several answers as lists.

    Parameters
    ----------
    element
        The shape.
    made
        Its class, None where nothing is known of it.
    """
    asked = made.attributes if made is not None else ()
    several = {one.name for one in asked if isinstance(one, Checkbox)}
    given: dict[str, Any] = {}
    for one in element.children:
        name = one.attributes.get("name", "")
        if one.name == "attribute" and one.text:
            given[name] = one.text.split(", ") if name in several else one.text
    return given


def answers_as_elements(answers: Mapping[str, Any], margin: str) -> Iterator[str]:
    """Return answers as the elements within a shape."""
    for key, answer in answers.items():
        text = ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
        yield f"{margin}<attribute name={quoted(key)}>{clean(text)}</attribute>\n"


def class_as_elements(made: ObjectClass) -> Iterator[str]:
    """Return a class as an element of ``<labels>``, with those of its joints after it."""
    kind = _TYPES.get(made.tool, made.tool)
    yield f"        <label>\n          <name>{clean(made.name)}</name>\n"
    yield f"          <color>{clean(made.color or '')}</color>\n"
    yield f"          <type>{kind}</type>\n          <attributes>\n"
    for question in made.attributes:
        typed, options = _question_said(question)
        yield (
            f"            <attribute>\n              <name>{clean(question.name)}</name>\n"
            f"              <mutable>{bool(question.mutable)}</mutable>\n"
            f"              <input_type>{typed}</input_type>\n"
            f"              <default_value></default_value>\n"
            f"              <values>{clean(chr(10).join(options))}</values>\n"
            "            </attribute>\n"
        )
    yield "          </attributes>\n"
    if made.skeleton is not None:
        yield f"          <svg>{clean(draw_skeleton(made.skeleton))}</svg>\n"
    yield "        </label>\n"
    for joint in made.skeleton.joints if made.skeleton else ():
        yield (
            f"        <label>\n          <name>{clean(joint)}</name>\n"
            "          <type>points</type>\n          <attributes>\n          </attributes>\n"
            f"          <parent>{clean(made.name)}</parent>\n        </label>\n"
        )


def _question_said(question: Attribute) -> tuple[str, list[str]]:
    """Return the input type and the options that CVAT is told of a question."""
    if isinstance(question, Radio):
        two = question.valid_options == ["false", "true"]
        return ("checkbox", ["false"]) if two else ("radio", question.valid_options)
    if isinstance(question, Dropdown):
        return "select", question.valid_options
    # Several answers at once are a text with commas between them there.
    return "text", [""]
