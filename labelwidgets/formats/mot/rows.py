"""The rows of a file of MOTChallenge as columns."""

from __future__ import annotations

import math
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LimitError

NAMES = ("frame", "id", "left", "top", "width", "height", "confidence", "class", "visibility")
VISIBILITY = "visibility"
"""The question that the last column is the answer to."""

MAX_BYTES = 1 << 33
MAX_ROWS = 50_000_000
_CHUNK = 1_000_000
_LINE = 4096
_WHOLE = {"frame": (1, 2**31), "id": (-1, 2**62), "class": (-1, 10**6)}


class Rows(NamedTuple):
    """The columns of a file, by object and then by frame.

    Parameters
    ----------
    line
        (N,) the line of each row in the file, from 1, empty lines not counted.
    frame, id
        (N,) int64, from 1.
    box
        (N, 4) left, top, width, height as they are in the file.
    confidence, class_, visibility
        (N,) numbers, None where there is no such column.
    columns
        How many the file has.
    """

    line: npt.NDArray[np.int64]
    frame: npt.NDArray[np.int64]
    id: npt.NDArray[np.int64]
    box: npt.NDArray[np.float64]
    confidence: npt.NDArray[np.float32] | None
    class_: npt.NDArray[np.int32] | None
    visibility: npt.NDArray[np.float32] | None
    columns: int

    def part(self, chosen: Any) -> Rows:
        """Return some of the rows."""
        fields: list[Any] = [None if one is None else one[chosen] for one in self[:-1]]
        return Rows._make([*fields, self.columns])


def read_rows(file: IO[bytes], where: str) -> Rows:
    """Return the rows of a file; memory is some 70 bytes a row.

    Raises
    ------
    FormatError
        Naming the line and the field.
    LimitError
        If there are too many rows.
    """
    import pandas as pd

    first = file.readline(_LINE)
    while first and not first.strip():
        first = file.readline(_LINE)
    if not first:
        return _joined([], 9)
    columns = first.count(b",") + 1
    if not 6 <= columns <= 12:
        raise FormatError(
            f"has {columns} columns, must have from 6 to 10 with commas between them.",
            where=f"{where}, line 1",
        )
    file.seek(0)
    dtypes: dict[int, Any] = dict.fromkeys(range(columns), np.float64)
    parts = []
    count = 0
    try:
        reader = pd.read_csv(
            file,
            header=None,
            names=range(columns),
            dtype=dtypes,
            chunksize=_CHUNK,
            skipinitialspace=True,
            index_col=False,
            na_filter=False,
            encoding="utf-8-sig",
            on_bad_lines="error",
        )
        for chunk in reader:
            values = chunk.to_numpy()
            _check(values, count, columns, where)
            parts.append(_columns(values, count, columns))
            count += len(values)
            if count > MAX_ROWS:
                raise LimitError(f"has more than {MAX_ROWS} rows.", where=where)
    except (ValueError, pd.errors.ParserError) as error:
        if isinstance(error, FormatError | LimitError):
            raise
        file.seek(0)
        raise _found_in(file, columns, where, error) from None
    return _joined(parts, columns)


def _check(values: npt.NDArray[np.float64], before: int, columns: int, where: str) -> None:
    """Raise unless rows are what they have to be."""
    for at, name in enumerate(NAMES[: min(columns, 9)]):
        column = values[:, at]
        if name == "class" and columns > 9:
            continue
        if name == "visibility" and columns > 9:
            continue
        wrong = ~np.isfinite(column)
        reason = "must be a finite number"
        if name in _WHOLE and not wrong.any():
            low, high = _WHOLE[name]
            wrong = (column != np.floor(column)) | (column < low) | (column >= high)
            reason = f"must be a whole number from {low}"
            if name == "frame":
                reason += ", as frames count from 1"
        elif name in ("width", "height") and not wrong.any():
            wrong = column <= 0
            reason = "must be greater than 0"
        elif name in ("left", "top") and not wrong.any():
            wrong = np.abs(column) > 1e9
            reason = "must be a number of pixels"
        if wrong.any():
            row = int(np.argmax(wrong))
            said = column[row]
            raise FormatError(
                f"{reason}, not {said:g}.", where=f"{where}, line {before + row + 1}, {name}"
            )


def _columns(values: npt.NDArray[np.float64], before: int, columns: int) -> Rows:
    def column(at: int, kind: Any) -> Any:
        return values[:, at].astype(kind) if columns > at else None

    nine = columns <= 9
    return Rows(
        np.arange(before + 1, before + 1 + len(values)),
        values[:, 0].astype(np.int64),
        values[:, 1].astype(np.int64),
        np.ascontiguousarray(values[:, 2:6]),
        column(6, np.float32),
        column(7, np.int32) if nine else None,
        column(8, np.float32) if nine else None,
        columns,
    )


def _joined(parts: list[Rows], columns: int) -> Rows:
    if not parts:
        none = np.zeros(0)
        whole = none.astype(np.int64)
        return Rows(whole, whole, whole, np.zeros((0, 4)), None, None, None, columns)
    if len(parts) == 1:
        made = parts[0]
    else:
        fields: Any = []
        for at in range(7):
            pieces: Any = [part[at] for part in parts]
            fields.append(None if pieces[0] is None else np.concatenate(pieces))
        parts.clear()
        made = Rows._make([*fields, columns])
    order = np.lexsort((made.frame, made.id))
    if (np.diff(order) == 1).all():
        return made
    return made.part(order)


def _found_in(file: IO[bytes], columns: int, where: str, error: Exception) -> FormatError:
    """Return the error of the first line that is no row."""
    number = 0
    for line in file:
        if not line.strip():
            continue
        number += 1
        place = f"{where}, line {number}"
        try:
            fields = line.decode("utf-8-sig").split(",")
        except UnicodeDecodeError:
            return FormatError("is not UTF-8 text.", where=place, hint="Save it as UTF-8.")
        if len(fields) != columns:
            return FormatError(
                f"has {len(fields)} columns, the lines before it have {columns}.", where=place
            )
        for at, text in enumerate(fields):
            name = NAMES[at] if at < 9 else f"column {at + 1}"
            try:
                value = float(text)
            except ValueError:
                return FormatError(
                    f"must be a number, not {text.strip()[:40]!r}.", where=f"{place}, {name}"
                )
            if at < 9 and not math.isfinite(value):
                return FormatError(
                    f"must be a finite number, not {value:g}.", where=f"{place}, {name}"
                )
    return FormatError(f"cannot be read: {str(error)[:200]}.", where=where)
