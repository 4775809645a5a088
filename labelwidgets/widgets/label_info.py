"""What a page is told of a label."""

from __future__ import annotations

from typing import Any

from labelwidgets.schema.annotation import Annotation, Origin


def label_info(made: Annotation) -> dict[str, Any]:
    """Return what a page needs of an annotation: no task, item or times."""
    record: dict[str, Any] = {
        "id": made.id,
        "class_name": made.class_name,
        "geometry": made.geometry,
        "revision": made.revision,
    }
    if made.attributes:
        record["attributes"] = made.attributes
    for name in ("frame", "pts", "track_id", "confidence"):
        if getattr(made, name) is not None:
            record[name] = getattr(made, name)
    if made.state != "editable":
        record["state"] = made.state
    if made.origin != Origin():
        record["origin"] = made.origin
    return record
