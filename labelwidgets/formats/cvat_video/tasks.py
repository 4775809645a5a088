"""What CVAT's XML says of its tasks and classes before the first track."""

from __future__ import annotations

from dataclasses import dataclass, field

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.xml_elements import Element
from labelwidgets.schema.attributes import Attribute, Checkbox, Dropdown, Radio, Text
from labelwidgets.schema.ontology import ObjectClass, Skeleton

_TOOLS = {
    "rectangle": "rectangle",
    "bbox": "rectangle",
    "ellipse": "ellipse",
    "polygon": "polygon",
    "polyline": "polyline",
    "mask": "mask",
    "cuboid": "cuboid",
    "skeleton": "keypoints",
    "tag": "tag",
}


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
    """

    id: str
    names: tuple[str, ...]
    size: tuple[int, int] | None
    first: int
    last: int | None
    step: int


@dataclass
class Meta:
    """All that is said before the first track."""

    tasks: list[Task] = field(default_factory=list)
    classes: dict[str, ObjectClass] = field(default_factory=dict)
    mutable: dict[str, set[str]] = field(default_factory=dict)
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
    return Task(holder.said("id"), names, size, _whole(holder, "start_frame") or 0, last, step)


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
        skeleton = Skeleton(joints) if joints else None
        tool = _TOOLS.get(kind, "rectangle")
        if tool == "keypoints" and skeleton is None:
            tool = "rectangle"
        if kind == "points":
            tool = "point"
        color = label.said("color") or None
        made.classes[name] = ObjectClass(
            name, color=color, tool=tool, attributes=questions, skeleton=skeleton
        )
        made.mutable[name] = mutable
    except LabelwidgetsError as error:
        made.wrong.append((label.line, name, error))


def _question(one: Element, name: str, mutable: bool) -> Attribute:
    options = [line for line in one.said("values").splitlines() if line.strip()]
    kind = one.said("input_type")
    if kind == "checkbox":
        return Radio(name, ["false", "true"], mutable=mutable)
    if kind == "radio" and options:
        return Radio(name, options, mutable=mutable)
    if kind == "select" and options:
        return Dropdown(name, options, mutable=mutable)
    return Text(name, mutable=mutable)


def question_said(question: Attribute) -> tuple[str, list[str]]:
    """Return the input type and the options that CVAT is told of a question."""
    if isinstance(question, Radio):
        two = question.valid_options == ["false", "true"]
        return ("checkbox", ["false"]) if two else ("radio", question.valid_options)
    if isinstance(question, Dropdown):
        return "select", question.valid_options
    if isinstance(question, Checkbox):
        # Several answers at once are a text with commas between them there.
        return "text", [""]
    return "text", [""]
