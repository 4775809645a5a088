"""What is behind the segmentation of a record: a crowd or not, answers, score, the extension."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.records import OF_CLASSES
from labelwidgets.formats.coco.text_columns import Column, Few, list_of
from labelwidgets.schema.annotation import Annotation, Origin

_encoder = msgspec.json.Encoder()
_encode = _encoder.encode
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
_TOLD = frozenset({"iscrowd", "area", "bbox", *OF_CLASSES})


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


_said_of = operator.attrgetter(*Extension.__struct_fields__[1:])
_id_of = operator.attrgetter("id")
_origin_of = operator.attrgetter("origin")
# What is said in a record only where there is more to it than this, beside its origin.
_MORE = (
    "confidence", "pts", "track_id", "task_id", "author", "state", "created_at", "updated_at",
    "revision",
)  # fmt: skip
_more_of = operator.attrgetter("attributes", *_MORE)
_NOTHING: tuple[Any, ...] = ({}, *(_DEFAULTS[name] for name in _MORE))


class Tail(NamedTuple):
    """The end of a record: three parts, of which only that in the middle is of it alone."""

    before: bytes
    id: bytes
    behind: bytes


_NO_TAIL = Tail(b"", b"", b"")


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


class Tails(NamedTuple):
    """The ends of the records of N labels, in three parts each; and which of them there are."""

    before: Column
    ids: Column
    behind: Column
    there: npt.NDArray[np.bool_]


def label_tails(
    labels: Sequence[Annotation], kinds: Sequence[str], numbers: npt.NDArray[np.int8]
) -> Tails:
    """Return the ends of the records of labels; there is none where that needs a closer look.

    Parameters
    ----------
    labels
        The labels.
    kinds
        The types that shapes have.
    numbers
        (N,), that of each of them.
    """
    before = Few([_before(ISCROWD, kind) for kind in kinds], numbers)
    ids = "\n".join(map(_id_of, labels)).encode().split(b"\n")
    there = np.ones(len(labels), bool)
    plain = map(operator.eq, map(_more_of, labels), repeat(_NOTHING))
    by_hand = map(operator.is_, map(_origin_of, labels), repeat(DEFAULT_ORIGIN))
    places = [at for at, one in enumerate(map(operator.and_, plain, by_hand)) if not one]
    if not places:
        return Tails(before, ids, b'"}}', there)
    each, behind = list_of(before, len(labels)), [b'"}}'] * len(labels)
    tails = _tails([labels[at] for at in places], [kinds[one] for one in numbers[places].tolist()])
    for at, tail in zip(places, tails, strict=True):
        there[at] = tail is not None
        each[at], ids[at], behind[at] = tail or _NO_TAIL
    return Tails(each, ids, behind, there)


def _tails(labels: Sequence[Annotation], kinds: Sequence[str]) -> list[Tail | None]:
    """Return the ends of the records of labels of which labelwidgets says more."""
    try:
        extensions = list(map(_extension, labels, kinds))
        texts = _encoder.encode_lines(extensions).split(b"\n")
        begins = [begin_of(one.attributes, one.confidence) for one in labels]
    except (TypeError, ValueError, OverflowError):
        # Who writes each by itself says what is wrong with it.
        return [None] * len(labels)
    return [
        None if _is_told(one.origin) else Tail(begin + b',"labelwidgets":' + text, b"", b"}")
        for one, begin, text in zip(labels, begins, texts, strict=False)
    ]


def _extension(label: Annotation, kind: str) -> Extension:
    return Extension(kind, *_said_of(label))


def _is_told(origin: Origin) -> bool:
    return origin.name == "coco" and not _TOLD.isdisjoint(origin.parameters)
