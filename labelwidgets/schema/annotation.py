"""The record that every view, frame and exporter shares."""

from __future__ import annotations

from datetime import datetime
from numbers import Real
from typing import Any, Literal, TypeAlias, cast

import msgspec

from labelwidgets.errors import GeometryError, SchemaError
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Geometry, Tag
from labelwidgets.schema.ids import is_id, new_id
from labelwidgets.schema.misfits import in_words
from labelwidgets.schema.ontology import AttributeValue
from labelwidgets.schema.tracks import check_pts

OriginKind: TypeAlias = Literal["hand", "tool", "model", "import", "consensus"]
State: TypeAlias = Literal["editable", "locked"]
# Defaults are left out of what is written by identity, which a text of a database has not: what
# equals one becomes that one, so that a label has the same bytes wherever it comes from.
_HAND: OriginKind = "hand"
_EDITABLE: State = "editable"


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an annotation came from.

    Parameters
    ----------
    kind
        ``hand`` (drawn, or written down by a person's own code), ``tool`` (computed from a
        prompt), ``model``, ``import`` or ``consensus``.
    name, version
        Of the tool, the model or the format.
    parameters
        What it takes to do the same again: settings and prompt.
    """

    kind: OriginKind = _HAND
    name: str | None = None
    version: str | None = None
    parameters: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if self.kind is not _HAND and self.kind == _HAND:
            msgspec.structs.force_setattr(self, "kind", _HAND)


class Annotation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One label: a class, a geometry and answers, on one item.

    Parameters
    ----------
    item_id
        The item of the dataset it belongs to.
    class_name
        A class of the ontology; None only for the answers to the image
        attributes, whose geometry is a `Tag`.
    geometry
        The shape, in pixels of the full-resolution image.
    attributes
        Answers by the name of the attribute: a string, or a list of strings
        for a checkbox.
    frame
        Index from 0 of the frame or slice, None for a single image.
    pts
        Of a label that is on one frame of a video, the presentation timestamp of that frame in
        the time base of the stream; the store fills it in.
    track_id
        What ties the annotations of one object in several frames together.
    id, task_id, author, origin, confidence, state, created_at, updated_at, revision
        Kept by the store. `revision` counts the edits, 0 before the first;
        a `locked` annotation takes no edit but the one that unlocks it;
        `confidence` is from 0 to 1.
    """

    item_id: str
    geometry: AnyGeometry
    class_name: str | None = None
    attributes: dict[str, AttributeValue] = {}
    frame: int | None = None
    pts: int | None = None
    track_id: str | None = None
    id: str = msgspec.field(default_factory=new_id)
    task_id: str | None = None
    author: str | None = None
    origin: Origin = Origin()
    confidence: float | None = None
    state: State = _EDITABLE
    created_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0

    def __post_init__(self) -> None:
        if self.state is not _EDITABLE and self.state == _EDITABLE:
            msgspec.structs.force_setattr(self, "state", _EDITABLE)
        if not isinstance(self.id, str) or not is_id(self.id):
            raise SchemaError(f"{str(self.id)[:80]!r} is not an identifier.", where="id")
        if not isinstance(self.geometry, Geometry):
            raise SchemaError(
                f"must be a shape such as Rectangle, not {type(self.geometry).__name__}.",
                where="geometry",
            )
        if self.class_name is None and not isinstance(self.geometry, Tag):
            raise SchemaError("is needed for every shape.", where="class_name")
        if self.frame is not None and (
            isinstance(self.frame, bool) or not isinstance(self.frame, int) or self.frame < 0
        ):
            raise SchemaError(f"must be an index from 0, not {self.frame!r}.", where="frame")
        if self.pts is not None:
            try:
                check_pts(self.pts, "pts")
            except GeometryError as error:
                raise SchemaError(str(error)) from None
        if self.confidence is not None and (
            isinstance(self.confidence, bool)
            or not isinstance(self.confidence, Real)
            or not 0 <= self.confidence <= 1
        ):
            raise SchemaError(f"must be from 0 to 1, not {self.confidence!r}.", where="confidence")

    def __reduce__(self) -> tuple[Any, ...]:
        # Struct by struct, a pickle says what a default is, and what comes back would say it in
        # files and ids, too, where the label itself does not.
        return _unpacked, (_packed(self),)

    def replace(self, **changes: Any) -> Annotation:
        """Return the same annotation with other values of some fields.

        Raises
        ------
        SchemaError, GeometryError
            If it has no such field, or the value does not fit.

        Examples
        --------
        >>> wider = annotation.replace(geometry=lw.Rectangle(10, 20, 40, 30))
        >>> project.update(wider)
        """
        unknown = next((name for name in changes if name not in self.__struct_fields__), None)
        if unknown is not None:
            raise SchemaError(
                f"has no field {unknown!r:.60}.",
                where=f"annotation {self.id}",
                hint=f"Its fields are: {', '.join(self.__struct_fields__)}.",
            )
        return msgspec.structs.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the annotation as plain dicts and lists."""
        return cast("dict[str, Any]", msgspec.to_builtins(self))

    @classmethod
    def from_dict(cls, data: Any) -> Annotation:
        """Make an annotation from plain dicts and lists; errors name the field."""
        try:
            return msgspec.convert(data, Annotation)
        except msgspec.ValidationError as error:
            raise in_words(error).at(SchemaError, "annotation") from None
        except (UnicodeEncodeError, RecursionError) as error:
            raise SchemaError(f"{error}.", where="annotation") from None


_packed = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(Annotation).decode


def _unpacked(data: bytes) -> Annotation:
    return _read(data)
