"""From annotations to an export of VoTT as JSON."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any
from urllib.parse import quote

import msgspec

from labelwidgets.formats.flat_shapes import FLAT, OUTLINE, flat_shapes
from labelwidgets.formats.holds import Holds
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.geometry import Point, Polygon, Rectangle

HOLDS = Holds("VoTT", "pictures", FLAT | {"ellipse": OUTLINE}, file="export.json")
_VERSION = "2.2.0"
# Of an asset: it was looked at, and it has regions.
_VISITED, _TAGGED = 1, 2


@writer(HOLDS, beside="")
def write(job: Writing) -> Counts:
    """Write an export of VoTT: see `labelwidgets.formats.write` and `labelwidgets.formats.vott`."""
    assets: dict[str, Any] = {}
    count = 0
    for picture in job.pictures:
        lost: Counter[str] = Counter()
        regions = []
        for label in job.kept(picture.labels, lost):
            shapes = flat_shapes(label.geometry)
            if not shapes:
                lost["mask without pixels"] += 1
            for part, shape in enumerate(shapes):
                id = label.id if not part else f"{label.id}-{part}"
                regions.append({"id": id, "tags": [label.class_name]} | _region(shape))
        job.dropped.add(lost)
        count += len(regions)
        id = hashlib.sha256(picture.name.encode()).hexdigest()[:32]
        asset: dict[str, Any] = {"id": id, "name": picture.name.rsplit("/", 1)[-1]}
        asset |= {"path": quote(picture.name), "format": picture.name.rsplit(".", 1)[-1].lower()}
        asset |= {"state": _TAGGED if regions else _VISITED, "type": 1}
        if picture.size is not None:
            asset["size"] = {"width": picture.size[0], "height": picture.size[1]}
        assets[id] = {"asset": asset, "regions": regions, "version": _VERSION}
    tags = [{"name": made.name, "color": made.color} for made in job.ontology.classes]
    document = {"name": "labelwidgets", "version": _VERSION, "tags": tags, "assets": assets}
    job.output.add("export", msgspec.json.encode(document))
    return {"images": len(assets), "annotations": count}


def _region(shape: Any) -> dict[str, Any]:
    if isinstance(shape, Point):
        kind, points = "POINT", [(shape.x, shape.y)]
    elif isinstance(shape, Rectangle):
        kind, points = "RECTANGLE", shape.corners
    elif isinstance(shape, Polygon):
        kind, points = "POLYGON", shape.parts[0][0]
    else:
        kind, points = "POLYLINE", shape.points
    x, y, width, height = shape.bounds
    return {
        "type": kind,
        "boundingBox": {"left": x, "top": y, "width": width, "height": height},
        "points": [{"x": px, "y": py} for px, py in points],
    }
