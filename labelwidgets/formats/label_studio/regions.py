"""Results of Label Studio by their ids: a shape, its labels, and the answers about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.label_studio.shapes import kind_of

SHAPES = ("rectangle", "ellipse", "polygon", "keypoint", "brush", "bitmask", "vector")
MOVING = ("videorectangle", "timeline")
ANSWERS = {
    "choices": "choices",
    "taxonomy": "taxonomy",
    "textarea": "text",
    "rating": "rating",
    "number": "number",
    "datetime": "datetime",
}
# Ids as they are made here; those of Label Studio are not unique among its files.
OURS = re.compile(r"[0-9a-z]{20}")
# Notes of regions that say what Label Studio has no field for.
SKELETON, HIDDEN, ONE_FRAME = "skeleton", "hidden", "one frame"


@dataclass
class Region:
    """What has one id."""

    place: str
    shape: Mapping[str, Any] | None = None
    labels: list[Any] = field(default_factory=list)
    answers: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass
class Said:
    """What is said of all results of a set."""

    author: str | None
    score: Any
    more: Mapping[str, Any]
    regions: dict[str, Region]
    relations: dict[str, list[dict[str, Any]]]


def sort_in(place: str, one: Any, said: Said) -> None:
    """Put a result where it belongs.

    Raises
    ------
    FormatError
        If it is none, or of a type that is not read.
    """
    if not isinstance(one, Mapping):
        raise FormatError("must be an object.")
    kind = kind_of(one)
    if kind == "relation":
        relation = {"to": one.get("to_id"), "direction": one.get("direction")}
        if labels := one.get("labels"):
            relation["labels"] = labels
        said.relations.setdefault(str(one.get("from_id")), []).append(relation)
        return
    if kind not in (*SHAPES, *MOVING, *ANSWERS, "labels"):
        raise FormatError(f"{kind[:40]!r} is no type of result that is read.", where="type")
    if not isinstance(one.get("value"), Mapping):
        raise FormatError("must be an object.", where="value")
    # Without an id, each is by itself.
    id = one.get("id")
    key = id if isinstance(id, str) and id else f"{place} "
    region = said.regions.setdefault(key, Region(place))
    if kind in ANSWERS:
        region.answers.append(one)
    elif kind == "labels":
        region.labels += one["value"].get("labels") or []
    elif region.shape is not None:
        raise FormatError(f"{key[:40]!r} is the id of a shape before it.", where="id")
    else:
        region.shape = one
        region.place = place


def parameters_of(id: str, one: Mapping[str, Any], said: Said) -> dict[str, Any]:
    """Return what goes to the parameters of a label."""
    made: dict[str, Any] = dict(said.more)
    if not OURS.fullmatch(id) and not id.endswith(" "):
        made["id"] = id
    if relations := said.relations.get(id):
        made["relations"] = relations
    for key, name in (("parentID", "parent"), ("image_rotation", "image_rotation")):
        if one.get(key):
            made[name] = one[key]
    notes = [note for note in notes_of(one) if note not in (SKELETON, HIDDEN, ONE_FRAME)]
    if notes:
        made["notes"] = notes
    return made


def notes_of(one: Mapping[str, Any]) -> list[str]:
    """Return the notes on a region."""
    meta = one.get("meta")
    said = meta.get("text") if isinstance(meta, Mapping) else None
    return [note for note in said if isinstance(note, str)] if isinstance(said, list) else []


def control_of(one: Mapping[str, Any]) -> str:
    """Return the name of the control that a result is of."""
    return str(one.get("from_name") or ANSWERS[kind_of(one)])
