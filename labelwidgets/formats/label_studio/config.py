"""The labelling interface of Label Studio: what a project asks for, in XML of its own."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.xml_elements import Element, elements
from labelwidgets.formats.xml_text import attributes_of
from labelwidgets.schema.attributes import Attribute, Checkbox, Text
from labelwidgets.schema.ontology import ObjectClass, Ontology

_TOOLS = {
    "RectangleLabels": "rectangle",
    "EllipseLabels": "ellipse",
    "PolygonLabels": "polygon",
    "VectorLabels": "polyline",
    "KeyPointLabels": "point",
    "BrushLabels": "mask",
    "BitmaskLabels": "mask",
    "TimelineLabels": "tag",
    "Labels": "",
}
_CONTROLS = {
    "rectangle": "RectangleLabels",
    "ellipse": "EllipseLabels",
    "polygon": "PolygonLabels",
    "vector": "VectorLabels",
    "keypoint": "KeyPointLabels",
    "brush": "BrushLabels",
    "timeline": "TimelineLabels",
}
_OF_TOOLS = {
    "rectangle": "rectangle",
    "ellipse": "ellipse",
    "polygon": "polygon",
    "polyline": "vector",
    "point": "keypoint",
    "mask": "brush",
    "volumemask": "brush",
}


@dataclass
class Config:
    """What a labelling interface says.

    Parameters
    ----------
    classes
        By name, with their colours.
    joints
        Labels of key points in the order of the models that are trained on them.
    places
        Which field of ``data`` the objects are that ``to_name`` names.
    untyped
        Classes that may have several shapes.
    """

    classes: dict[str, ObjectClass] = field(default_factory=dict)
    joints: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    untyped: set[str] = field(default_factory=set)


def read_config(data: bytes, where: str) -> Config:
    """Return what a labelling interface says; colours that are none are left out.

    Raises
    ------
    FormatError
        If it is no XML, or one of something else.
    """
    made = Config()
    tops = elements(io.BytesIO(data), where)
    root = next(tops, None)
    if root is None or root.name != "View":
        raise FormatError("must begin with <View>.", where=where)
    ranked: list[tuple[int, str]] = []
    for element in _all(tops):
        said = element.attributes
        if element.name in ("Image", "Video") and said.get("value", "").startswith("$"):
            made.places[said.get("name", "")] = said["value"][1:]
        if element.name not in _TOOLS:
            continue
        for label in (one for one in element.children if one.name == "Label"):
            name = label.attributes.get("value", "")
            if element.name == "KeyPointLabels":
                rank = label.attributes.get("model_index", "")
                ranked.append((int(rank) if rank.isdecimal() and len(rank) < 9 else 10**9, name))
            _note(made, name, _TOOLS[element.name], label.attributes.get("background"))
    made.joints = [name for _, name in sorted(ranked, key=lambda one: one[0])]
    return made


def _all(found: Iterable[Element]) -> Iterator[Element]:
    for element in found:
        yield element
        yield from _all(element.children)


def _note(made: Config, name: str, tool: str, color: str | None) -> None:
    known = made.classes.get(name)
    if known is not None or not tool:
        made.untyped.add(name)
    for paint in (color, None):
        try:
            told = ObjectClass(name, color=paint, tool=tool or "rectangle")
        except LabelwidgetsError:
            continue
        made.classes.setdefault(name, told)
        return


def write_config(
    ontology: Ontology, used: Mapping[str, Sequence[str]], moving: bool, image_tags: bool
) -> str:
    """Return a labelling interface for some classes.

    Parameters
    ----------
    ontology
        Its classes, with their colours and questions.
    used
        Which classes have shapes of each kind, beside those of their tools.
    moving
        There are videos rather than pictures.
    image_tags
        Some classes are tags of whole pictures.
    """
    what = "video" if moving else "image"
    lines = ["<View>", f'  <{what.title()} name="{what}" value="${what}"/>']
    kinds: dict[str, list[str]] = {}
    for made in ontology.classes:
        if made.skeleton is not None:
            kinds.setdefault("rectangle", []).append(made.name)
            kinds.setdefault("keypoint", []).extend(made.skeleton.joints)
        elif made.tool in _OF_TOOLS and not moving:
            kinds.setdefault(_OF_TOOLS[made.tool], []).append(made.name)
    for kind, names in used.items():
        kinds.setdefault(kind, []).extend(names)
    if moving:
        lines.append('  <VideoRectangle name="box" toName="video"/>')
        lines += _labels("Labels", "labels", kinds.pop("rectangle", []), ontology, what)
        kinds = {kind: names for kind, names in kinds.items() if kind == "timeline"}
    for kind, names in kinds.items():
        control = _CONTROLS[kind]
        lines += _labels(control, control.lower(), names, ontology, what)
    tags = [made.name for made in ontology.classes if made.tool == "tag"]
    if tags or image_tags:
        names = tags or [made.name for made in ontology.classes]
        lines += _choices("tag", names, True, False, what)
    asked: dict[str, tuple[Attribute, bool]] = {}
    for made in ontology.classes:
        asked |= {one.name: (one, True) for one in made.attributes}
    asked |= {one.name: (one, False) for one in ontology.image_attributes}
    for question, per_region in asked.values():
        if isinstance(question, Text):
            said = {"name": question.name, "toName": what}
            said |= {"perRegion": "true"} if per_region else {}
            lines.append(f"  <TextArea{attributes_of(said)}/>")
        else:
            several = isinstance(question, Checkbox)
            options = question.valid_options
            lines += _choices(question.name, options, several, per_region, what)
    return "\n".join([*lines, "</View>", ""])


def _labels(
    control: str, name: str, names: Iterable[str], ontology: Ontology, what: str
) -> Iterator[str]:
    yield f"  <{control}{attributes_of({'name': name, 'toName': what})}>"
    for index, one in enumerate(dict.fromkeys(names)):
        said: dict[str, Any] = {"value": one}
        if control == "KeyPointLabels":
            said["model_index"] = str(index)
        if one in ontology and ontology[one].color:
            said["background"] = ontology[one].color
        yield f"    <Label{attributes_of(said)}/>"
    yield f"  </{control}>"


def _choices(
    name: str, options: Iterable[str], several: bool, per_region: bool, what: str
) -> Iterator[str]:
    said = {"name": name, "toName": what, "choice": "multiple" if several else "single"}
    said |= {"perRegion": "true"} if per_region else {}
    yield f"  <Choices{attributes_of(said)}>"
    for option in options:
        yield f"    <Choice{attributes_of({'value': option})}/>"
    yield "  </Choices>"
