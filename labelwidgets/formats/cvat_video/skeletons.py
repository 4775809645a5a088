"""The joints and bones of a class of skeletons, as CVAT's XML has them.

The joints are labels of their own that name their parent; the bones and the template are a
drawing: ``<line data-node-from="1" data-node-to="2">`` and ``<circle cx="20" cy="30"
data-node-id="1" data-label-name="head">``, with the picture from 0 to 100.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from labelwidgets.formats.xml_elements import Element
from labelwidgets.formats.xml_text import attributes_of
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton

_TAG = re.compile(r"<(line|circle)\b([^<>]{0,2000})>")
_NO_TEMPLATE = "no template"
_SAID = re.compile(r"""([\w-]{1,40})\s*=\s*["']([^"'<>]{0,200})["']""")


def joints_of(
    name: str, ontology: Ontology | None, told: ObjectClass | None, element: Element | None
) -> list[str]:
    """Return the names of the joints of a class, in the order of its keypoints.

    Parameters
    ----------
    name
        The class.
    ontology
        That of the project, which goes before what the file says.
    told
        The class as the file has it.
    element
        A ``<skeleton>``, whose joints are those of a class of which nothing is said.
    """
    known = ontology[name] if ontology is not None and name in ontology else None
    for made in (known, told):
        if made is not None and made.skeleton is not None:
            return made.skeleton.joints
    inside = element.children if element is not None else []
    return [one.attributes.get("label", "") for one in inside if one.name == "points"]


def read_skeleton(joints: Sequence[str], drawing: str) -> Skeleton:
    """Return a skeleton with what a drawing says of its bones and its template.

    What of the drawing cannot be is left out: people draw more than bones.
    """
    names: dict[str, int] = {}
    places: dict[int, tuple[float, float]] = {}
    lines: list[tuple[str, str]] = []
    for kind, inside in _TAG.findall(drawing):
        said = dict(_SAID.findall(inside))
        if kind == "line":
            lines.append((said.get("data-node-from", ""), said.get("data-node-to", "")))
            continue
        node = said.get("data-node-id", "")
        joint = said.get("data-label-name", "")
        if joint not in joints and node.isdecimal() and 0 < int(node[:6]) <= len(joints):
            joint = joints[int(node[:6]) - 1]
        if joint in joints:
            names[node] = joints.index(joint)
            if said.get("data-labelwidgets") == _NO_TEMPLATE:
                continue
            x, y = _percent(said.get("cx", "")), _percent(said.get("cy", ""))
            if 0 <= x <= 1 and 0 <= y <= 1:
                places[names[node]] = (x, y)
    edges = [(names[a], names[b]) for a, b in lines if a in names and b in names]
    whole = len(places) == len(joints)
    return Skeleton(
        list(joints),
        list(dict.fromkeys(edges)),
        [places[at] for at in range(len(joints))] if whole else None,
    )


def draw_skeleton(skeleton: Skeleton) -> str:
    """Return the drawing of a skeleton; joints without a template lie on a circle."""
    count = len(skeleton.joints)
    around = [
        (
            0.5 + 0.4 * math.sin(2 * math.pi * at / count),
            0.5 - 0.4 * math.cos(2 * math.pi * at / count),
        )
        for at in range(count)
    ]
    places = skeleton.positions or around
    drawn = []
    for a, b in skeleton.edges:
        (xa, ya), (xb, yb) = places[a], places[b]
        said = {"x1": xa, "y1": ya, "x2": xb, "y2": yb}
        ends = {"data-type": "edge", "data-node-from": str(a + 1), "data-node-to": str(b + 1)}
        drawn.append(
            f"<line{attributes_of({k: _number(v) for k, v in said.items()} | ends)}></line>"
        )
    for at, joint in enumerate(skeleton.joints):
        x, y = places[at]
        said_of = {"r": "1.5", "cx": _number(x), "cy": _number(y), "data-type": "element node"}
        if skeleton.positions is None:
            said_of["data-labelwidgets"] = _NO_TEMPLATE
        said_of |= {"data-element-id": str(at + 1), "data-node-id": str(at + 1)}
        drawn.append(f"<circle{attributes_of(said_of | {'data-label-name': joint})}></circle>")
    return "\n".join(drawn)


def _percent(text: str) -> float:
    try:
        return float(text) / 100
    except ValueError:
        return math.nan


def _number(part: float) -> str:
    return f"{part * 100:.6f}".rstrip("0").rstrip(".")
