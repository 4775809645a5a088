"""What pages are told of edits: of those that were applied, and of one that was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.store.edits import FIELDS, Applied, Refused

# Values of edits that are longer, as JSON, travel as bytes.
_LONG = 64 * 1024


def applied_info(applied: Sequence[Applied]) -> tuple[dict[str, Any], list[bytes]]:
    """Return content and buffers of the message that edits were applied."""
    edits = [_acknowledgement(made) for made in applied]
    values = [_fields(made.after) for made in applied]
    apart = msgspec.json.encode(values)
    if len(apart) > _LONG:
        # As bytes, which the page that made them need not even read.
        return {"type": "applied", "edits": edits}, [apart]
    for edit, after in zip(edits, values, strict=True):
        edit["after"] = after
    return {"type": "applied", "edits": edits}, []


def refused_info(refused: Sequence[Refused]) -> dict[str, Any]:
    """Return the content of the message that edits were refused, and why."""
    return {"type": "refused", "edits": [_refusal(made) for made in refused]}


def _acknowledgement(made: Applied) -> dict[str, Any]:
    content = {
        "id": made.id,
        "task": made.task,
        "kind": made.kind,
        "annotation": made.annotation,
        "revision": made.revision,
        "actor": made.actor,
        "client": made.client,
    }
    if made.gesture != made.id:
        content["gesture"] = made.gesture
    if made.undoes:
        content["undoes"] = made.undoes
    if made.redoes:
        content["redoes"] = made.redoes
    return content


def _refusal(made: Refused) -> dict[str, Any]:
    current = None
    if made.current is not None:
        current = {
            "id": made.annotation,
            "revision": made.revision,
            **(_fields(made.current) or {}),
        }
    return {
        "id": made.id,
        "task": made.task,
        "annotation": made.annotation,
        "reason": made.reason,
        "message": made.message,
        "current": current,
        "revision": made.revision,
    }


def _fields(after: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if after is None:
        return None
    return {name: msgspec.to_builtins(after[name]) for name in FIELDS if name in after}
