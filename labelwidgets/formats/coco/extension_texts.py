"""What is behind the segmentation of a record: a crowd or not, answers, score, the extension."""

from __future__ import annotations

import operator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from labelwidgets.schema.annotation import Annotation, Origin

_encode = msgspec.json.Encoder().encode
_DEFAULTS: dict[str, Any] = dict(
    zip(
        reversed(Annotation.__struct_fields__),
        reversed(Annotation.__struct_defaults__),
        strict=False,
    )
)
# Left out only where it is this very object.
DEFAULT_ORIGIN: Origin = _DEFAULTS["origin"]
ISCROWD = b',"iscrowd":0'
# Of labels that were read from COCO, what is written in other places than the origin.
_TOLD = frozenset({"iscrowd", "area", "bbox", "neg_category_ids", "not_exhaustive_category_ids"})


class Extension(msgspec.Struct, omit_defaults=True, gc=False):
    """What labelwidgets adds to a record, in the order of the fields of `Annotation`."""

    type: str
    pts: int | None = None
    track_id: str | None = None
    id: str = ""
    task_id: str | None = None
    author: str | None = None
    origin: Origin = DEFAULT_ORIGIN
    state: str = "editable"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0


_SAID = Extension.__struct_fields__[1:]
_said_of = operator.attrgetter(*_SAID)
_ID = _SAID.index("id")
_ORIGIN = _SAID.index("origin")
_REST = operator.itemgetter(*(place for place in range(len(_SAID)) if place != _ID))
_NOTHING = tuple(_DEFAULTS[name] for name in _REST(_SAID))


class Tail(NamedTuple):
    """The end of a record: three parts, of which only that in the middle is of it alone."""

    before: bytes
    id: bytes
    behind: bytes


def plain_tail(kind: str, id: str, begin: bytes = ISCROWD, origin: bytes = b"") -> Tail:
    """Return the end of a record of which labelwidgets says next to nothing.

    Parameters
    ----------
    kind, id
        The type of the shape and the id of the label.
    begin
        What is before the extension.
    origin
        The origin as JSON, if that is said.
    """
    behind = b'","origin":%b}}' % origin if origin else b'"}}'
    return Tail(_before(begin, kind), id.encode(), behind)


@lru_cache(maxsize=64)
def _before(begin: bytes, kind: str) -> bytes:
    return b'%b,"labelwidgets":{"type":"%b","id":"' % (begin, kind.encode())


def tail_of(extension: Extension, begin: bytes = ISCROWD) -> Tail:
    """Return the end of a record of which labelwidgets says more."""
    return Tail(begin + b',"labelwidgets":' + _encode(extension), b"", b"}")


def begin_of(answers: Any, score: Any) -> bytes:
    """Return what is before the extension: that it is no crowd, answers and confidence."""
    made = ISCROWD
    if answers:
        made += b',"attributes":' + _encode(answers)
    return made if score is None else made + b',"score":' + _encode(score)


def label_tail(label: Annotation, kind: str) -> Tail | None:
    """Return the end of the record of a label, None where that needs a closer look.

    Parameters
    ----------
    label
        The label.
    kind
        The type of its shape.
    """
    said = _said_of(label)
    origin = said[_ORIGIN]
    if origin.name == "coco" and not _TOLD.isdisjoint(origin.parameters):
        return None
    begin = ISCROWD
    try:
        if label.attributes or label.confidence is not None:
            begin = begin_of(label.attributes, label.confidence)
        if origin is DEFAULT_ORIGIN and _REST(said) == _NOTHING:
            return plain_tail(kind, said[_ID], begin)
        return tail_of(Extension(kind, *said), begin)
    except (TypeError, ValueError, OverflowError):
        # Who writes it by itself says what is wrong with it.
        return None
