"""Edits: what a gesture asks for, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from labelwidgets.errors import LabelwidgetsError, SchemaError
from labelwidgets.schema.annotation import Annotation, Origin, State
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.misfits import in_words
from labelwidgets.schema.ontology import AttributeValue
from labelwidgets.schema.patch import Patch

Kind: TypeAlias = Literal["create", "update", "delete"]
Reason: TypeAlias = Literal["conflict", "early", "invalid", "forbidden"]

FIELDS: tuple[str, ...] = (
    "class_name",
    "geometry",
    "attributes",
    "frame",
    "pts",
    "track_id",
    "state",
    "confidence",
    "origin",
)


MAX_FRAMES = 2**31
# How deep the parameters of an origin may be nested, and how many bytes of JSON it may be.
MAX_DEPTH = 32
MAX_ORIGIN = 1_000_000


class Edit(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One change of one annotation, as the browser sends it.

    Parameters
    ----------
    id
        Made by whoever makes the edit; the same id twice is one edit.
    task, annotation
        What is edited.
    kind
        ``create``, ``update`` or ``delete``.
    base
        Revision of the annotation when the edit was made, 0 if it never was.
    after
        The fields that change; any of `FIELDS`. None for a delete. In an update, the
        geometry may be a `Patch` of the mask that is there.
    gesture
        Ties the edits of one gesture together; None is a gesture of its own.
    parent
        The edit of the same annotation that this one was made on top of, where the same
        view made that too. If it was refused, this one is refused as well: whoever made it
        never saw what is there now.
    undoes, redoes
        The gesture that is taken back, or brought again.
    """

    id: str
    task: str
    kind: Kind
    annotation: str
    base: int = 0
    after: dict[str, Any] | None = None
    gesture: str | None = None
    parent: str | None = None
    undoes: str | None = None
    redoes: str | None = None

    @property
    def gesture_id(self) -> str:
        """The gesture that the edit belongs to."""
        return self.gesture or self.id


class Applied(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="applied"):
    """An edit that is durable.

    Parameters
    ----------
    id, task, annotation, kind, gesture, undoes, redoes
        As in the edit; `gesture` is the edit's own id where it gave none.
    revision
        Of the annotation after the edit.
    after
        The full record of a create, the changed fields of an update (a patch of a mask as
        it was sent), None for a delete.
    actor, client
        Who did it, and from which view.
    time
        When, UTC.
    seq
        Its place in the event log.
    """

    id: str
    task: str
    annotation: str
    revision: int
    kind: Kind
    after: dict[str, Any] | None
    actor: str
    gesture: str
    time: datetime
    seq: int
    undoes: str | None = None
    redoes: str | None = None
    client: str | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="refused"):
    """An edit that changed nothing.

    Parameters
    ----------
    id, task, annotation
        As in the edit.
    reason
        ``conflict`` (made against an old revision), ``early`` (an edit before it is still
        missing: send again), ``invalid`` or ``forbidden``.
    message
        Why, in words.
    error
        Name of the class in `labelwidgets.errors` that says the same in Python.
    current
        The record as it is now, None where there is none.
    revision
        Of the annotation now, also of a deleted one; 0 if it never was.
    """

    id: str
    task: str
    annotation: str
    reason: Reason
    message: str
    error: str
    current: dict[str, Any] | None = None
    revision: int = 0


Outcome: TypeAlias = Applied | Refused


class Proposal(NamedTuple):
    """What an edit would do, for a check to judge.

    Parameters
    ----------
    edit
        The edit.
    task
        Row of its task; `pictures` is how many its item has, None where that is not known.
    size
        (width, height) in pixels of the picture that the annotation is on, None where it is
        not known.
    before, after
        The annotation; None where it is not, or no longer, there.
    """

    edit: Edit
    task: Mapping[str, Any]
    size: tuple[int, int] | None
    before: Annotation | None
    after: Annotation | None


# Raises WorkflowError for what is forbidden, another LabelwidgetsError for what is invalid.
Check: TypeAlias = Callable[[Proposal], None]


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    class_name: str | UnsetType | None = UNSET
    geometry: AnyGeometry | Patch | UnsetType = UNSET
    attributes: dict[str, AttributeValue] | UnsetType = UNSET
    frame: int | UnsetType | None = UNSET
    pts: int | UnsetType | None = UNSET
    track_id: str | UnsetType | None = UNSET
    state: State | UnsetType = UNSET
    confidence: float | UnsetType | None = UNSET
    origin: Origin | UnsetType = UNSET


def read_change(edit: Edit) -> dict[str, Any]:
    """Return the values of the fields that an edit changes, typed as in `Annotation`.

    The geometry may be a `Patch`, of an update only.

    Raises
    ------
    SchemaError
        If the edit or one of its values is malformed, naming the field.
    """
    for name in ("id", "task", "annotation", "gesture", "parent", "undoes", "redoes"):
        value = getattr(edit, name)
        if value is not None and (not isinstance(value, str) or not is_id(value)):
            raise SchemaError(f"{str(value)[:80]!r} is not an identifier.", where=name)
    if edit.kind not in ("create", "update", "delete"):
        raise SchemaError("must be create, update or delete.", where="kind")
    if isinstance(edit.base, bool) or not isinstance(edit.base, int) or edit.base < 0:
        raise SchemaError("must be a revision from 0.", where="base")
    if edit.kind == "delete":
        if edit.after:
            raise SchemaError("must be left out of a delete.", where="after")
        return {}
    if not edit.after:
        raise SchemaError(f"is needed for {edit.kind}.", where="after")
    if edit.kind == "create" and "geometry" not in edit.after:
        raise SchemaError("is needed to create an annotation.", where="after.geometry")
    if edit.kind == "update" and edit.base == 0:
        raise SchemaError("must be the revision that the update changes.", where="base")
    try:
        change = msgspec.convert(edit.after, _Change, str_keys=True)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, LabelwidgetsError):
            raise error.__cause__.at("after") from None
        raise in_words(error).at(SchemaError, "after") from None
    except RecursionError:
        raise SchemaError("is nested too deeply.", where="after") from None
    except UnicodeEncodeError:
        raise SchemaError("holds half a character.", where="after") from None
    values = {name: getattr(change, name) for name in edit.after}
    if edit.kind == "create" and isinstance(values["geometry"], Patch):
        raise SchemaError(
            "is a patch, and there is nothing yet that it could change.", where="after.geometry"
        )
    if "origin" in values:
        _check_json(values["origin"].parameters, "after.origin.parameters")
    try:
        msgspec.json.encode(edit.after)
        size = len(msgspec.json.encode(values.get("origin")))
    except (TypeError, ValueError, OverflowError) as error:
        raise SchemaError(f"cannot be kept as JSON ({error}).", where="after") from None
    if size > MAX_ORIGIN:
        raise SchemaError(
            f"is {size} bytes long, at most {MAX_ORIGIN} are allowed.", where="after.origin"
        )
    frame = values.get("frame")
    if frame is not None and frame >= MAX_FRAMES:
        raise SchemaError(f"must be less than {MAX_FRAMES}.", where="after.frame")
    track = values.get("track_id")
    if track is not None and not is_id(track):
        raise SchemaError(f"{track[:80]!r} is not an identifier.", where="after.track_id")
    return values


def _check_json(value: Any, where: str, depth: int = 0) -> None:
    """Raise for what would not come back as it is: NaN, or nesting that a reader may refuse."""
    if depth > MAX_DEPTH:
        raise SchemaError("is nested too deeply.", where=where)
    if isinstance(value, float) and not math.isfinite(value):
        raise SchemaError(f"holds {value}, which JSON cannot.", where=where)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for entry in value:
            _check_json(entry, where, depth + 1)
