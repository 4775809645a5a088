"""Labels and items as columns, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco.records import decode
from labelwidgets.formats.item_records import ItemRecord, plain
from labelwidgets.formats.matching import size_in
from labelwidgets.schema.annotation import Annotation

VERSION = "1"
ONTOLOGY, ITEMS = b"labelwidgets.ontology", b"labelwidgets.items"
_JSON = msgspec.json.Encoder(enc_hook=plain)

# By their names in pyarrow, so that it need not be there.
_TEXT = "string"
LABELS = {
    "item_id": _TEXT,
    "id": _TEXT,
    "class_name": _TEXT,
    "geometry_type": _TEXT,
    "x": "double",
    "y": "double",
    "width": "double",
    "height": "double",
    "area": "double",
    "frame": "int64",
    "pts": "int64",
    "track_id": _TEXT,
    "attributes": _TEXT,
    "geometry": _TEXT,
    "confidence": "double",
    "author": _TEXT,
    "state": _TEXT,
    "task_id": _TEXT,
    "origin_kind": _TEXT,
    "origin_name": _TEXT,
    "origin_version": _TEXT,
    "origin_parameters": _TEXT,
    "created_at": "timestamp",
    "updated_at": "timestamp",
    "revision": "int64",
}
PARTITIONS = ("class_name", "geometry_type", "item_id", "state", "author", "origin_kind", "task_id")
# What the key of their folders has behind their names: files keep the column, as it is.
IS = "_is"
# The folder of what has no value.
NONE = "none"
# As Hive, and files of before, call it.
NOTHING = "__HIVE_DEFAULT_PARTITION__"
_OWN = ("item_id", "id", "class_name", "frame", "pts", "track_id", "confidence")
_KEPT = ("author", "state", "task_id", "created_at", "updated_at", "revision")


def rows_of(labels: Sequence[Annotation]) -> dict[str, list[Any]]:
    """Return labels as columns."""
    columns: dict[str, list[Any]] = {name: [] for name in LABELS}
    for one in labels:
        x, y, width, height = one.geometry.bounds or (None,) * 4
        origin = one.origin
        row = {name: getattr(one, name) for name in (*_OWN, *_KEPT)} | {
            "geometry_type": one.geometry.type,
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "area": float(one.geometry.area),
            "attributes": _text(one.attributes),
            "geometry": _text(one.geometry),
            "origin_kind": origin.kind,
            "origin_name": origin.name,
            "origin_version": origin.version,
            "origin_parameters": _text(origin.parameters),
        }
        for name, column in columns.items():
            value = row[name]
            if isinstance(value, datetime):
                value = value.astimezone(UTC)
            column.append(value)
    return columns


def item_rows(items: Sequence[ItemRecord]) -> dict[str, list[Any]]:
    """Return items as columns."""
    sizes = [size_in(one.metadata) or (None, None) for one in items]
    return {
        "id": [one.id for one in items],
        "kind": [one.kind for one in items],
        "title": [one.title for one in items],
        "folder": [one.folder for one in items],
        "urls": [one.urls for one in items],
        "metadata": [_text(one.metadata) for one in items],
        "status": [one.status for one in items],
        "width": [size[0] for size in sizes],
        "height": [size[1] for size in sizes],
    }


def schema_of(arrow: Any, metadata: dict[bytes, bytes]) -> Any:
    """Return the schema of labels."""
    kinds = {
        "string": arrow.string(),
        "double": arrow.float64(),
        "int64": arrow.int64(),
        "timestamp": arrow.timestamp("us", tz="UTC"),
    }
    fields = [arrow.field(name, kinds[kind]) for name, kind in LABELS.items()]
    return arrow.schema(fields, metadata=metadata)


def item_schema(arrow: Any, metadata: dict[bytes, bytes]) -> Any:
    """Return the schema of items."""
    text, whole = arrow.string(), arrow.int64()
    kinds = {"urls": arrow.list_(text), "width": whole, "height": whole}
    fields = [arrow.field(name, kinds.get(name, text)) for name in item_rows([])]
    return arrow.schema(fields, metadata=metadata)


def label_of(row: dict[str, Any]) -> Annotation:
    """Return the label of a row.

    Raises
    ------
    FormatError
        Naming the column.
    """
    for name, value in row.items():
        if isinstance(value, float) and math.isinf(value):
            raise FormatError("must be a finite number.", where=name)
    # Others have NaN where there is nothing.
    row = {name: value for name, value in row.items() if value == value}
    given: dict[str, Any] = {
        name: row[name] for name in (*_OWN, *_KEPT) if row.get(name) is not None
    }
    origin = {
        name: row[f"origin_{name}"]
        for name in ("kind", "name", "version")
        if row.get(f"origin_{name}") is not None
    }
    if row.get("origin_parameters") is not None:
        origin["parameters"] = _value(row, "origin_parameters")
    given["origin"] = origin or {"kind": "import", "name": "parquet"}
    if row.get("attributes") is not None:
        given["attributes"] = _value(row, "attributes")
    if row.get("geometry") is not None:
        given["geometry"] = _value(row, "geometry")
    else:
        sides = {name: row.get(name) for name in ("x", "y", "width", "height")}
        missing = next((name for name, value in sides.items() if value is None), None)
        if missing is not None:
            raise FormatError("is missing, as is geometry.", where=missing)
        given["geometry"] = {"type": "rectangle"} | sides
    for name in _KEPT:
        moment: Any = given.get(name)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            # Spark writes moments without their zone, which is UTC.
            moment = moment.replace(tzinfo=UTC)
        if hasattr(moment, "isoformat"):
            given[name] = moment.isoformat()
    try:
        raw = _JSON.encode(given)
    except UnicodeError:
        raise FormatError("has text that is none.") from None
    return decode(msgspec.Raw(raw), Annotation)


def item_in(row: dict[str, Any]) -> ItemRecord:
    """Return the item of a row; raise FormatError naming the column."""
    given = {name: row[name] for name in ItemRecord.__struct_fields__ if row.get(name) is not None}
    if "metadata" in given:
        given["metadata"] = _value(row, "metadata")
    return decode(msgspec.Raw(_JSON.encode(given)), ItemRecord)


def _text(value: Any) -> str:
    return _JSON.encode(value).decode()


def _value(row: dict[str, Any], name: str) -> Any:
    text = row[name]
    if isinstance(text, str | bytes):
        return decode(msgspec.Raw(text), dict[str, Any], name)
    # Others have structs where we have text.
    return text
