"""From annotations to a project of VIA 2."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from labelwidgets.formats.flat_shapes import FLAT, flat_shapes
from labelwidgets.formats.holds import KEPT, Holds
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.written_labels import all_answers
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Attribute, Checkbox, Text
from labelwidgets.schema.geometry import Ellipse, Point, Polygon, Rectangle
from labelwidgets.schema.ontology import Ontology

CLASS = "class"
HOLDS = Holds(
    "VIA",
    "pictures",
    FLAT | dict.fromkeys(("ellipse", "tag", "answers", "image answers", "confidence"), KEPT),
    file="via.json",
)


@writer(HOLDS, beside="")
def write(job: Writing) -> Counts:
    """Write a project of VIA 2: see `labelwidgets.formats.write` and `labelwidgets.formats.via`."""
    entries: dict[str, Any] = {}
    count = 0
    for picture in job.pictures:
        entry = _entry(job, picture)
        # As VIA makes its keys; it does not know the size of the file.
        entries[f"{picture.name}-1"] = entry
        count += len(entry["regions"])
    document = {
        "_via_settings": {"project": {"name": "labelwidgets"}},
        "_via_img_metadata": entries,
        "_via_attributes": _attributes(job.ontology),
        "_via_data_format_version": "2.0.10",
        "_via_image_id_list": list(entries),
    }
    job.output.add("via", msgspec.json.encode(document))
    return {"images": len(entries), "annotations": count}


def _entry(job: Writing, picture: Picture) -> dict[str, Any]:
    regions: list[dict[str, Any]] = []
    about: dict[str, Any] = {}
    lost: Counter[str] = Counter()
    for label in job.kept(picture.labels, lost):
        said = _answers(label)
        if label.confidence is not None:
            said["score"] = str(label.confidence)
        if label.geometry.type == "tag":
            if label.class_name is None:
                about |= said
            elif said:
                about.setdefault("tags", []).append({CLASS: label.class_name, **said})
            else:
                about.setdefault(CLASS, {})[label.class_name] = True
            continue
        attributes = {CLASS: label.class_name} | said
        shapes = flat_shapes(label.geometry, (Ellipse,))
        if not shapes:
            lost["mask without pixels"] += 1
        for shape in shapes:
            one = {"shape_attributes": _shape(shape), "region_attributes": attributes}
            regions.append(one)
    job.dropped.add(lost)
    entry = {"filename": picture.name, "size": -1, "regions": regions}
    return entry | {"file_attributes": about}


def _answers(label: Annotation) -> dict[str, Any]:
    answers = all_answers(label)
    return {
        key: dict.fromkeys(map(str, value), True) if isinstance(value, list) else value
        for key, value in answers.items()
    }


def _shape(shape: Any) -> dict[str, Any]:
    if isinstance(shape, Rectangle):
        box = {"x": shape.x, "y": shape.y, "width": shape.width, "height": shape.height}
        return {"name": "rect"} | box
    if isinstance(shape, Point):
        return {"name": "point", "cx": shape.x, "cy": shape.y}
    if isinstance(shape, Ellipse):
        at = {"cx": shape.x, "cy": shape.y, "rx": shape.rx, "ry": shape.ry}
        return {"name": "ellipse"} | at | {"theta": math.radians(shape.angle)}
    closed = isinstance(shape, Polygon)
    points = shape.parts[0][0] if isinstance(shape, Polygon) else shape.points
    rows = {"all_points_x": [x for x, _ in points], "all_points_y": [y for _, y in points]}
    return {"name": "polygon" if closed else "polyline"} | rows


def _attributes(ontology: Ontology) -> dict[str, Any]:
    names = dict.fromkeys((made.name for made in ontology.classes), "")
    asked = {one.name: one for made in ontology.classes for one in made.attributes}
    about = {one.name: one for one in ontology.image_attributes}
    classes = {"type": "dropdown", "description": "", "options": names, "default_options": {}}
    tags = {"type": "checkbox", "description": "", "options": names, "default_options": {}}
    return {
        "region": {CLASS: classes} | dict(_questions(asked.values())),
        "file": {CLASS: tags} | dict(_questions(about.values())),
    }


def _questions(asked: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    one: Attribute
    for one in asked:
        if isinstance(one, Text):
            yield one.name, {"type": "text", "description": "", "default_value": ""}
            continue
        kind = "checkbox" if isinstance(one, Checkbox) else "dropdown"
        options = dict.fromkeys(one.valid_options, "")
        said = {"type": kind, "description": "", "options": options}
        yield one.name, said | {"default_options": {}}
