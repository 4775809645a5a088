"""The rows of a file of Parquet or Arrow, one after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import unquote

from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.parquet.columns import NOTHING, PARTITIONS

IPC = b"ARROW1"
_BATCH = 4096


class Table:
    """A file, opened again when its rows are asked for.

    Parameters
    ----------
    arrow
        The library.
    source, name
        Where it is.
    max_rows
        A file with more is refused.

    Raises
    ------
    FormatError
        If it is damaged, or has neither the columns of labels nor those of items.
    LimitError
        If it has too many rows.
    """

    def __init__(self, arrow: Any, source: Input, name: str, max_rows: int) -> None:
        self.name, self.where = name, source.where(name)
        self.alone = source.single
        self._arrow, self._source, self._max_rows = arrow, source, max_rows
        self._ipc = source.head(name, 8).startswith(IPC)
        with source.open(name) as file, self._told():
            opened = self._opened(file)
            schema = opened.schema if self._ipc else opened.schema_arrow
            self.metadata: dict[bytes, bytes] = dict(schema.metadata or {})
            columns = set(schema.names)
            if not self._ipc:
                self._check(opened.metadata.num_rows)
        self.parts = _parts(name)
        known = columns | set(self.parts)
        self.is_of_items = "item_id" not in known and {"id", "urls"} <= known
        missing = sorted({"item_id", "class_name"} - known)
        if missing and not self.is_of_items:
            raise FormatError(
                f"has no column {missing[0]!r}.",
                where=self.where,
                hint="It needs item_id, class_name, and geometry or x, y, width and height.",
            )

    def rows(self) -> Iterator[dict[str, Any]]:
        """Return the rows, with what the names of folders say of them."""
        with self._source.open(self.name) as file:
            count = 0
            batches = self._batches(file)
            while True:
                with self._told():
                    batch = next(batches, None)
                    rows = [] if batch is None else batch.to_pylist()
                if batch is None:
                    return
                count += len(rows)
                self._check(count)
                for row in rows:
                    yield row | self.parts

    def _opened(self, file: IO[bytes]) -> Any:
        if self._ipc:
            return self._arrow.ipc.open_file(file)
        return self._arrow.parquet.ParquetFile(file)

    def _batches(self, file: IO[bytes]) -> Iterator[Any]:
        with self._told():
            opened = self._opened(file)
        if not self._ipc:
            yield from opened.iter_batches(batch_size=_BATCH)
            return
        for number in range(opened.num_record_batches):
            batch = opened.get_batch(number)
            for start in range(0, batch.num_rows, _BATCH):
                yield batch.slice(start, _BATCH)

    def _check(self, count: int) -> None:
        if count > self._max_rows:
            raise LimitError(
                f"has {count} rows or more, at most {self._max_rows} are read.", where=self.where
            )

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (FormatError, LimitError):
            raise
        except (self._arrow.ArrowException, OSError, ValueError) as error:
            raise FormatError(
                f"is no Parquet or Arrow, or a damaged one ({type(error).__name__}).",
                where=self.where,
                hint="Is the file complete? Fetch or export it again.",
            ) from None


def _parts(name: str) -> dict[str, str | None]:
    """Return what the names of the folders of a file say, as Hive has them."""
    found: dict[str, str | None] = {}
    for part in name.split("/")[:-1]:
        key, equals, value = part.partition("=")
        if equals and key in PARTITIONS:
            found[key] = None if value == NOTHING else unquote(value)
    return found
