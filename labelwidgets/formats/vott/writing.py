"""From annotations to an export of VoTT as JSON."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.flat_shapes import FLAT, OUTLINE, flat_shapes
from labelwidgets.formats.holds import Holds
from labelwidgets.formats.losses import losses
from labelwidgets.formats.pictures import Pictures
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames
from labelwidgets.media.whole_files import shown, write_bytes
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Point, Polygon, Rectangle
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

HOLDS = Holds("VoTT", "pictures", FLAT | {"ellipse": OUTLINE}, file="export.json")
_VERSION = "2.2.0"
# Of an asset: it was looked at, and it has regions.
_VISITED, _TAGGED = 1, 2


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    size_of: Callable[[str], tuple[int, int]] | None = None,
    dataset: Dataset | None = None,
    frames: Frames = "all",
    **storage_options: Any,
) -> Exported:
    """Write an export of VoTT: see `labelwidgets.formats.write` and `labelwidgets.formats.vott`.

    Parameters
    ----------
    annotations, path, items, ontology, strict, size_of, dataset, **storage_options
        As for `labelwidgets.formats.write`.
    frames
        Of tracks: ``all`` frames on which they are seen, ``keyframes``, or every n-th.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) has no place.
    SourceError
        If the place cannot be written.
    """
    name = shown(path)
    dropped = Dropped(name, HOLDS.title, strict)
    pictures = Pictures(
        annotations, items, HOLDS, dropped,
        ontology=ontology, size_of=size_of, dataset=dataset, frames=frames,
    )  # fmt: skip
    assets: dict[str, Any] = {}
    count = 0
    for picture in pictures:
        lost: Counter[str] = Counter()
        regions = []
        for label in picture.labels:
            if losses(HOLDS, label, lost).how == "left":
                continue
            shapes = flat_shapes(label.geometry)
            if not shapes:
                lost["mask without pixels"] += 1
            for part, shape in enumerate(shapes):
                id = label.id if not part else f"{label.id}-{part}"
                regions.append({"id": id, "tags": [label.class_name]} | _region(shape))
        dropped.add(lost)
        count += len(regions)
        id = hashlib.sha256(picture.name.encode()).hexdigest()[:32]
        asset: dict[str, Any] = {"id": id, "name": picture.name.rsplit("/", 1)[-1]}
        asset |= {"path": picture.name, "format": picture.name.rsplit(".", 1)[-1].lower()}
        asset |= {"state": _TAGGED if regions else _VISITED, "type": 1}
        if picture.size is not None:
            asset["size"] = {"width": picture.size[0], "height": picture.size[1]}
        assets[id] = {"asset": asset, "regions": regions, "version": _VERSION}
    tags = [{"name": made.name, "color": made.color} for made in pictures.ontology.classes]
    document = {"name": "labelwidgets", "version": _VERSION, "tags": tags, "assets": assets}
    write_bytes(path, msgspec.json.encode(document), **storage_options)
    dropped.say()
    counts = {"images": len(assets), "annotations": count} | dropped.counts
    return Exported(name, counts)


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
