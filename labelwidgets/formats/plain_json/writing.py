"""From annotations to plain JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.files import shown
from labelwidgets.formats.holds import FEATURES, KEPT, Holds
from labelwidgets.formats.item_records import ItemRecord, item_records, plain
from labelwidgets.formats.plain_json.records import NAME, VERSION
from labelwidgets.formats.registry import named
from labelwidgets.formats.results import Exported
from labelwidgets.formats.scan_labels import ontology_of
from labelwidgets.media.option_names import check_options
from labelwidgets.media.replacing import replacing
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

HOLDS = Holds("Plain JSON", "pictures", dict.fromkeys(FEATURES, KEPT), file="labels.json")
# One of its own, as its options are kept with it.
_ENCODER = msgspec.json.Encoder(enc_hook=plain)


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    **storage_options: Any,
) -> Exported:
    """Write plain JSON: see `labelwidgets.formats.write` and `labelwidgets.formats.plain_json`.

    Parameters
    ----------
    annotations, items, ontology, **storage_options
        As for `labelwidgets.formats.write`.
    path
        With a record a line if it ends with ``.jsonl`` or ``.ndjson``, else one object.

    Raises
    ------
    FormatError
        If an id is there twice, or a label is on no item.
    SourceError
        If the place cannot be written.
    """
    check_options(path, storage_options, named(write))
    name = shown(path)
    check_ids(annotations)
    records = list(item_records(items, [one.item_id for one in annotations]))
    lined = name.lower().endswith((".jsonl", ".ndjson"))
    made = _lines if lined else _pieces
    with replacing(path, **storage_options) as file:
        for piece in made(ontology or ontology_of(annotations), records, annotations):
            file.write(piece)
    return Exported(name, {"items": len(records), "annotations": len(annotations)})


def check_ids(annotations: Sequence[Annotation]) -> None:
    """Raise FormatError if the id of a label is there twice."""
    ids: set[str] = set()
    for one in annotations:
        if one.id in ids:
            raise FormatError("is there twice.", where=f"annotation {one.id!r}")
        ids.add(one.id)


def _header(ontology: Ontology) -> bytes:
    return _ENCODER.encode({"format": NAME, "version": VERSION, "ontology": ontology})


def _pieces(
    ontology: Ontology, items: Sequence[ItemRecord], annotations: Sequence[Annotation]
) -> Iterator[bytes]:
    yield _header(ontology)[:-1]
    for key, records in (("items", items), ("annotations", annotations)):
        yield f',\n"{key}":['.encode()
        for number, one in enumerate(records):
            yield (b",\n" if number else b"\n") + _ENCODER.encode(one)
        yield b"]"
    yield b"}\n"


def _lines(
    ontology: Ontology, items: Sequence[ItemRecord], annotations: Sequence[Annotation]
) -> Iterator[bytes]:
    yield _header(ontology) + b"\n"
    for key, records in (("item", items), ("annotation", annotations)):
        for one in records:
            yield _ENCODER.encode({key: one}) + b"\n"
