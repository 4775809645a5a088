"""Annotations as rows of the table, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ontology import AttributeValue
from labelwidgets.store.clock import from_datetime, to_datetime
from labelwidgets.store.faults import DamagedRecordError

_encode = msgspec.json.Encoder().encode
_geometry = msgspec.json.Decoder(AnyGeometry).decode
_attributes = msgspec.json.Decoder(dict[str, AttributeValue]).decode
_origin = msgspec.json.Decoder(Origin).decode

_HAND = "{}"


class Held(NamedTuple):
    """An annotation as the store holds it.

    Parameters
    ----------
    annotation
        The record; of a deleted one, as it was last, with the revision of the deletion.
    deleted
        Whether it is deleted: revisions go on all the same.
    seq
        Sequence number of the edit that first made it.
    """

    annotation: Annotation
    deleted: bool
    seq: int

    @property
    def record(self) -> dict[str, Any] | None:
        """The record as plain dicts and lists, None if it is deleted."""
        return None if self.deleted else self.annotation.to_dict()


def to_text(value: Any) -> str:
    """Return a value as JSON text."""
    return _encode(value).decode()


def from_text(text: str) -> Any:
    """Return the plain value of JSON text."""
    return msgspec.json.decode(text)


def to_row(held: Held) -> dict[str, Any]:
    """Return the row of the table `annotations`, its box and its area with it."""
    made = held.annotation
    if made.created_at is None or made.updated_at is None:
        raise ValueError("An annotation is stored with its times.")
    box = made.geometry.bounds or (None, None, None, None)
    return {
        "id": made.id,
        "seq": held.seq,
        "task_id": made.task_id,
        "item_id": made.item_id,
        "class_name": made.class_name,
        "geometry_type": made.geometry.type,
        "geometry": to_text(made.geometry),
        "attributes": to_text(made.attributes),
        "frame": made.frame,
        "pts": made.pts,
        "track_id": made.track_id,
        "author": made.author,
        "origin": to_text(made.origin),
        "confidence": made.confidence,
        "state": made.state,
        "created_at": from_datetime(made.created_at),
        "updated_at": from_datetime(made.updated_at),
        "revision": made.revision,
        "deleted": held.deleted,
        "x": box[0],
        "y": box[1],
        "width": box[2],
        "height": box[3],
        "area": made.geometry.area,
    }


def from_row(row: Mapping[Any, Any]) -> Held:
    """Return what a row of the table `annotations` holds.

    Raises
    ------
    DamagedRecordError
        If it is not as we write it.
    """
    try:
        return _held(row)
    except (msgspec.DecodeError, SchemaError, TypeError, OverflowError) as error:
        raise DamagedRecordError(f"annotation {row['id']} cannot be read ({error}).") from error


def _held(row: Mapping[Any, Any]) -> Held:
    made = Annotation(
        id=row["id"],
        item_id=row["item_id"],
        task_id=row["task_id"],
        class_name=row["class_name"],
        geometry=_geometry(row["geometry"]),
        attributes=_attributes(row["attributes"]),
        frame=row["frame"],
        pts=row["pts"],
        track_id=row["track_id"],
        author=row["author"],
        origin=Origin() if row["origin"] == _HAND else _origin(row["origin"]),
        confidence=row["confidence"],
        state=row["state"],
        created_at=to_datetime(row["created_at"]),
        updated_at=to_datetime(row["updated_at"]),
        revision=row["revision"],
    )
    return Held(made, bool(row["deleted"]), row["seq"])


def from_rows(rows: Iterable[Mapping[Any, Any]]) -> list[Annotation]:
    """Return the annotations of rows of the table `annotations`."""
    return [from_row(row).annotation for row in rows]
