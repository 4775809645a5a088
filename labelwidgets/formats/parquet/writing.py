"""From annotations to Parquet and Arrow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.drawing import Drawn, drawers, drawn_into
from labelwidgets.formats.holds import FEATURES, KEPT, Holds
from labelwidgets.formats.item_records import ItemRecord, item_records, plain
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.parquet.columns import (
    IS,
    ITEMS,
    NONE,
    ONTOLOGY,
    PARTITIONS,
    VERSION,
    item_rows,
    item_schema,
    rows_of,
    schema_of,
)
from labelwidgets.formats.parquet.library import library
from labelwidgets.formats.plain_json.writing import check_ids
from labelwidgets.formats.registry import named
from labelwidgets.formats.results import Exported
from labelwidgets.formats.scan_labels import ontology_of
from labelwidgets.media.option_names import check_options
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

HOLDS = Holds("Parquet and Arrow", "pictures", dict.fromkeys(FEATURES, KEPT), file="labels.parquet")
MAX_ITEMS = 100_000
ROWS = 20_000


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    partition_by: str | None = None,
    rows: int = ROWS,
    **storage_options: Any,
) -> Exported:
    """Write Parquet or Arrow: see `labelwidgets.formats.write` and `labelwidgets.formats.parquet`.

    Parameters
    ----------
    annotations, items, ontology, **storage_options
        As for `labelwidgets.formats.write`.
    path
        ``.parquet`` or ``.arrow`` is one file; else a folder, or a ``.zip``.
    partition_by
        A column whose values have a folder each: class_name, geometry_type, item_id, state,
        author, origin_kind or task_id. Files keep the column; other readers make one more of the
        folders, such as ``class_name_is``.
    rows
        How many rows a group has, and are in memory as columns at a time.

    Raises
    ------
    FormatError
        If an id is there twice, a label is on no item, or a single file cannot hold it.
    MissingExtraError
        If pyarrow is not installed.
    SourceError
        If the place cannot be written.
    """
    check_options(path, storage_options, named(write))
    arrow = library()
    output = Output(path, (".parquet", ".arrow"), **storage_options)
    if partition_by is not None and partition_by not in PARTITIONS:
        raise FormatError(
            f"must be one of {', '.join(PARTITIONS)}, not {partition_by!r:.60}.",
            where="partition_by",
        )
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
        raise FormatError(f"must be a number from 1, not {rows!r:.40}.", where="rows")
    check_ids(annotations)
    records = list(item_records(items, [one.item_id for one in annotations]))
    if output.single and partition_by is not None:
        raise FormatError(
            "needs a folder or a .zip, not one file.", where="partition_by", hint="Name a folder."
        )
    if output.single and len(records) > MAX_ITEMS:
        raise FormatError(
            f"has {len(records)} items, one file has at most {MAX_ITEMS}.",
            where=output.shown,
            hint="Name a folder or a .zip.",
        )
    told = {
        b"labelwidgets.version": VERSION.encode(),
        ONTOLOGY: (ontology or ontology_of(annotations)).to_json().encode(),
    }
    with output:
        if output.single:
            told[ITEMS] = msgspec.json.encode(records, enc_hook=plain)
            single = output.shown.lower().endswith(".arrow")
            output.add_pieces("labels", _labels(arrow, annotations, told, rows, single))
        else:
            output.add_pieces("items", _items(arrow, records, told, rows))
            several = drawers() is not None
            for folder, some in _partitions(annotations, partition_by):
                if not several:
                    pieces = _labels(arrow, some, told, rows, False)
                    output.add_pieces(f"annotations/{folder}part-0", pieces, exact=True)
            if several:
                parts = _parts(annotations, partition_by, rows, output)
                drawn_into(output, _Part(told), parts, lambda _: None, together=1)
    return Exported(output.shown, {"items": len(records), "annotations": len(annotations)})


def _parts(
    annotations: Sequence[Annotation], by: str | None, rows: int, output: Output
) -> Iterator[tuple[str, Sequence[Annotation]]]:
    """Return the labels of each file that a worker makes, and where it lies."""
    for folder, some in _partitions(annotations, by):
        for number, start in enumerate(range(0, max(1, len(some)), rows)):
            place = output.place(f"annotations/{folder}part-{number}", exact=True)
            yield place, some[start : start + rows]


class _Part:
    """Makes a file of some labels."""

    def __init__(self, told: dict[bytes, bytes]) -> None:
        self.told = told

    def __call__(self, wanted: tuple[str, Sequence[Annotation]]) -> Drawn:
        """Return the file."""
        place, labels = wanted
        pieces = _labels(library(), labels, self.told, max(1, len(labels)), False)
        return Drawn([(place, b"".join(pieces))])


def _partitions(
    annotations: Sequence[Annotation], by: str | None
) -> Iterator[tuple[str, Sequence[Annotation]]]:
    """Return the labels of each folder, with its name and a slash."""
    if by is None:
        yield "", annotations
        return
    found: dict[str, list[Annotation]] = {}
    for one in annotations:
        # Folders of what has no value (Hive's default partition) are read by all but pandas.
        found.setdefault(_value(one, by) or NONE, []).append(one)
    for value, some in found.items():
        yield f"{by}{IS}={_escaped(value)}/", some


def _escaped(value: str) -> str:
    """Return a value as the name of a folder.

    Letters beyond ASCII stay as they are: Spark takes each %XX for a character of Latin-1, other
    readers for a byte of UTF-8.
    """
    return "".join(quote(one, safe=" ") if one.isascii() else one for one in value)


def _value(label: Annotation, by: str) -> str | None:
    if by == "geometry_type":
        return label.geometry.type
    if by == "origin_kind":
        return label.origin.kind
    value: str | None = getattr(label, by)
    return value


class _Writer(Protocol):
    """What pyarrow's writers have."""

    def write_batch(self, batch: Any) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write the end."""


class _Sink:
    """A file that is taken away piece by piece as it is written."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._place = 0

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._place += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        """Do nothing: what is written is there."""

    def close(self) -> None:
        """Do nothing: it is taken away by whoever made it."""

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data, self._pieces = b"".join(self._pieces), []
        return data


def _labels(
    arrow: Any,
    labels: Sequence[Annotation],
    told: dict[bytes, bytes],
    rows: int,
    ipc: bool,
) -> Iterator[bytes]:
    schema = schema_of(arrow, told)
    batches = (rows_of(labels[start : start + rows]) for start in range(0, len(labels), rows))
    yield from _file(arrow, schema, batches, ipc)


def _items(
    arrow: Any, items: Sequence[ItemRecord], told: dict[bytes, bytes], rows: int
) -> Iterator[bytes]:
    schema = item_schema(arrow, told)
    batches = (item_rows(items[start : start + rows]) for start in range(0, len(items), rows))
    yield from _file(arrow, schema, batches, False)


def _file(
    arrow: Any, schema: Any, batches: Iterator[dict[str, list[Any]]], ipc: bool
) -> Iterator[bytes]:
    sink = _Sink()
    writer: _Writer = (
        arrow.ipc.new_file(sink, schema)
        if ipc
        else arrow.parquet.ParquetWriter(sink, schema, compression="zstd")
    )
    for columns in batches:
        arrays = [arrow.array(columns[field.name], field.type) for field in schema]
        writer.write_batch(arrow.record_batch(arrays, schema=schema))
        yield sink.take()
    writer.close()
    yield sink.take()
