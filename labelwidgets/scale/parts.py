"""Results in parts: one file of Parquet a piece of work, written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from labelwidgets.errors import FormatError, SourceError, WorkflowError
from labelwidgets.extras import library
from labelwidgets.media.shown_paths import shown
from labelwidgets.media.sources import filesystem
from labelwidgets.media.whole_files import make_folder, write_bytes
from labelwidgets.media.worker_pixels import OptionsOf
from labelwidgets.numbered import numbered

JOB = "job.json"
SIZE = "items in a part"
_MOST_BYTES = 1 << 20
_PART = re.compile(r"part-\d+\.parquet")


class Parts:
    """A folder of the results of a job.

    Parameters
    ----------
    path
        Folder, or any fsspec URL.
    storage_options
        A function that returns the options for fsspec. It is called wherever parts are read or
        written, so that no key travels to workers.
    """

    def __init__(
        self, path: str | os.PathLike[str], storage_options: OptionsOf | None = None
    ) -> None:
        if storage_options is not None and not callable(storage_options):
            raise SourceError(
                f"must be a function that returns them, not {type(storage_options).__name__}.",
                where="storage_options",
            )
        self.path, self._options_of = os.fspath(path).rstrip("/"), storage_options
        self.shown = shown(path)

    @property
    def _options(self) -> dict[str, Any]:
        return {} if self._options_of is None else dict(self._options_of())

    def __repr__(self) -> str:
        return f"Parts({self.shown!r}, {numbered(len(self), 'part')})"

    def _repr_html_(self) -> str:
        return (
            f"<p>{numbered(len(self), 'part')} of results in <code>{escape(self.shown)}</code></p>"
        )

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names())

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Return the parts as frames, one after the other."""
        return (self.read(name) for name in self.names())

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return all of them as one frame, in the order of the items.

        Parameters
        ----------
        columns
            The ones that are wanted; None for all.
        """
        parts = [self.read(name, columns) for name in self.names()]
        if not parts:
            return pd.DataFrame(columns=list(columns or ["item_id"]))
        return pd.concat(parts, ignore_index=True)

    def names(self) -> list[str]:
        """Return the names of the parts that are complete, in the order of the items."""
        fs, place = filesystem(self.path, self._options)
        try:
            found = fs.ls(place, detail=False, refresh=True) if fs.exists(place) else []
        except Exception as error:
            raise SourceError(
                f"could not be listed ({type(error).__name__}).", where=self.shown
            ) from None
        names = [str(one).rsplit("/", 1)[-1] for one in found]
        return sorted(
            name for name in names if name.startswith("part-") and name[-8:] == ".parquet"
        )

    def read(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a part.

        Raises
        ------
        FormatError
            If it is no Parquet.
        """
        parquet = _parquet()
        data = self._bytes(name, None)
        try:
            table = parquet.read_table(io.BytesIO(data), columns=columns)
        except Exception as error:
            raise FormatError(
                f"is no Parquet ({type(error).__name__}).", where=f"{self.shown}/{name}"
            ) from None
        frame: pd.DataFrame = table.to_pandas()
        return frame

    def write(self, number: int, rows: Sequence[Mapping[str, Any]]) -> int:
        """Write a part, and return how many rows it has.

        Raises
        ------
        FormatError
            If the values of a column are of kinds that do not go together.
        """
        file = io.BytesIO()
        _parquet().write_table(self._table(part_name(number), rows), file)
        write_bytes(f"{self.path}/{part_name(number)}", file.getvalue(), **self._options)
        return len(rows)

    def _table(self, part: str, rows: Sequence[Mapping[str, Any]]) -> Any:
        import pyarrow as arrow

        columns: dict[str, Any] = {}
        # Of all rows: one that failed has no values, and may be the first.
        for name in dict.fromkeys(name for row in rows for name in row):
            try:
                columns[name] = arrow.array([row.get(name) for row in rows])
            except (arrow.ArrowException, OverflowError, TypeError, ValueError) as error:
                words = " ".join(str(error).split())[:200]
                raise FormatError(
                    f"cannot be a column of Parquet: {words}",
                    where=f"{self.shown}/{part}, {name!r:.80}",
                    hint="Return values of one kind under each name.",
                ) from None
        return arrow.table(columns)

    def begin(self, job: Mapping[str, Any], size: int) -> tuple[set[str], int]:
        """Say which job the folder is of.

        Parameters
        ----------
        job
            What tells it from others; ``batch`` is how many items a part has at most.
        size
            How many items a part has where the job begins.

        Returns
        -------
        set, int
            The names of the parts that it has already, and how many items a part has: as many as
            where it began, on however many workers it goes on.

        Raises
        ------
        WorkflowError
            If it holds the results of another job.
        """
        _parquet()
        text = json.dumps({**job, SIZE: size}, indent=1, sort_keys=True, ensure_ascii=False)
        names = self.names()
        said = self._job()
        if said is None and names:
            raise WorkflowError("holds parts, and does not say of which job.", where=self.shown)
        if said is not None:
            # One that an earlier version began has whole batches.
            size = said.pop(SIZE, job["batch"])
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise FormatError(
                    "must be a whole number from 1.", where=f"{self.shown}/{JOB}, {SIZE}"
                )
        if said is not None and said != job:
            different = sorted(key for key in {*said, *job} if said.get(key) != job.get(key))
            raise WorkflowError(
                f"holds the results of another job: {', '.join(different)} differ.",
                where=self.shown,
                hint="Name another folder, or remove this one.",
            )
        if said is None:
            make_folder(self.path, **self._options)
            write_bytes(f"{self.path}/{JOB}", text.encode(), **self._options)
        return set(names), size

    def _job(self) -> dict[str, Any] | None:
        fs, place = filesystem(self.path, self._options)
        if not fs.exists(f"{place}/{JOB}"):
            return None
        try:
            found = json.loads(self._bytes(JOB, _MOST_BYTES))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise FormatError("is no description of a job.", where=f"{self.shown}/{JOB}")
        return found

    def _bytes(self, name: str, limit: int | None) -> bytes:
        fs, place = filesystem(self.path, self._options)
        try:
            with fs.open(f"{place}/{name}", "rb") as file:
                data: bytes = file.read(-1 if limit is None else limit)
        except Exception as error:
            raise SourceError(
                f"could not be read ({type(error).__name__}).", where=f"{self.shown}/{name}"
            ) from None
        return data


def part_name(number: int) -> str:
    """Return what a part is called; names sort as numbers do."""
    return f"part-{number:08d}.parquet"


def fingerprint(texts: Sequence[str]) -> str:
    """Return 16 hexadecimal digits of some texts in their order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _parquet() -> Any:
    return library("pyarrow.parquet", "scale", "parts")
