"""From annotations to GeoJSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.formats.geojson.shapes import geometry_of, is_exact
from labelwidgets.formats.holds import FEATURES, KEPT, OURS, Holds
from labelwidgets.formats.item_records import ItemRecord, item_of, item_records, plain
from labelwidgets.formats.losses import losses
from labelwidgets.formats.plain_json.writing import check_ids
from labelwidgets.formats.seen_frames import by_item
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Mask
from labelwidgets.schema.ontology import Ontology

HOLDS = Holds(
    "GeoJSON",
    "pictures",
    {
        **dict.fromkeys(FEATURES, KEPT),
        **dict.fromkeys(("volume mask", "tag", "track", "event", "image answers"), OURS),
    },
    file="labels.geojson",
)
VERSION = 1
AXES = "pixels, x right, y down, (0, 0) the outer corner of the first pixel"
_ENCODER = msgspec.json.Encoder(enc_hook=plain)


@writer(HOLDS, ".geojson", ".json", told=("items", "ontology", "strict"))
def write(job: Writing) -> Counts:
    """Write GeoJSON: see `labelwidgets.formats.write` and `labelwidgets.formats.geojson`.

    Parameters
    ----------
    path
        A ``.geojson`` or ``.json`` has all items; a folder, or a ``.zip``, a file for each.

    Raises
    ------
    FormatError
        If a label is on no item, or (if `strict`) is no shape of GeoJSON.
    """
    check_ids(job.annotations)
    records = list(item_records(job.items, [one.item_id for one in job.annotations]))
    labels = by_item(job.annotations)
    lost: Counter[str] = Counter()
    hidden = {one.id for one in job.annotations if not _has_place(one, lost)}
    job.dropped.add(lost)
    features = _Features(job.ontology, hidden)
    if job.output.single:
        groups = [("labels", records)]
    else:
        groups = [(item_of(one).file_name.rsplit(".", 1)[0] or one.id, [one]) for one in records]
    for name, some in groups:
        job.output.add_pieces(name, features.collection(some, labels))
    return {"items": len(records), "annotations": features.count}


def _has_place(label: Annotation, lost: Counter[str]) -> bool:
    """Say whether a label is a feature; count it where it is none."""
    if losses(HOLDS, label, lost).how != "kept":
        return False
    shape = label.geometry
    empty = isinstance(shape, Mask) and not shape.area
    if empty or (isinstance(shape, Keypoints) and not any(seen for _, _, seen in shape.points)):
        lost[f"empty {shape.type}"] += 1
        return False
    return True


class _Features:
    """Makes one collection after another."""

    def __init__(self, ontology: Ontology, hidden: Collection[str]) -> None:
        self.ontology, self.hidden = ontology, hidden
        self.count = 0

    def collection(
        self, items: Sequence[ItemRecord], labels: Mapping[str, Sequence[Annotation]]
    ) -> Iterator[bytes]:
        """Return the pieces of a file."""
        hidden: list[Annotation] = []
        yield b'{"type":"FeatureCollection","features":['
        comma = b"\n"
        for item in items:
            name = item_of(item).file_name
            for label in labels.get(item.id, ()):
                feature = self._feature(label, item, name)
                if feature is None:
                    hidden.append(label)
                    continue
                yield comma + _ENCODER.encode(feature)
                comma = b",\n"
                self.count += 1
        ours: dict[str, Any] = {
            "version": VERSION,
            "axes": AXES,
            "ontology": self.ontology,
            "items": items,
        }
        if hidden:
            ours["annotations"] = hidden
        yield b'],\n"labelwidgets":' + _ENCODER.encode(ours) + b"}\n"

    def _feature(self, label: Annotation, item: ItemRecord, name: str) -> dict[str, Any] | None:
        """Return a label as a feature, None where GeoJSON has no place for it."""
        geometry = None if label.id in self.hidden else geometry_of(label.geometry)
        if geometry is None:
            return None
        if label.frame is not None:
            along = "z" if item.kind in VOLUMES else "t"
            geometry["plane"] = {"c": -1, "z": 0, "t": 0} | {along: label.frame}
        ours = label.to_dict()
        if is_exact(label.geometry):
            ours["geometry"] = {"type": label.geometry.type}
        properties: dict[str, Any] = {
            "objectType": "annotation",
            "classification": {"name": label.class_name} | self._color(label.class_name),
            "isLocked": label.state == "locked",
            "item": name,
            "labelwidgets": ours,
        }
        return {"type": "Feature", "id": label.id, "geometry": geometry, "properties": properties}

    def _color(self, name: str | None) -> dict[str, list[int]]:
        color = self.ontology[name].color if name is not None and name in self.ontology else None
        if color is None:
            return {}
        return {"color": [int(color[at : at + 2], 16) for at in (1, 3, 5)]}
