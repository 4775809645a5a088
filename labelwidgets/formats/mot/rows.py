"""The rows of a file of MOTChallenge as columns."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import IO, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats.numbered import numbered

NAMES = ("frame", "id", "left", "top", "width", "height", "confidence", "class", "visibility")
VISIBILITY = "visibility"
"""The question that the last column is the answer to."""

MAX_BYTES = 1 << 33
MAX_ROWS = 50_000_000
_CHUNK = 1_000_000
_LINE = 4096
_WHOLE = {"frame": (1, 2**31), "id": (-1, 2**62), "class": (-1, 10**6)}


Tell: TypeAlias = Callable[[int, FormatError], None]


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


def read_rows(file: IO[bytes], where: str, tell: Tell) -> Rows:
    """Return the rows of a file that can be; memory is some 70 bytes a row.

    Parameters
    ----------
    file
        Opened at its beginning; it can be sought in.
    where
        Its name, for errors.
    tell
        Told of a row that cannot be, by its line; it raises, or else the row is left out.

    Raises
    ------
    FormatError
        If the file has no such rows at all.
    LimitError
        If there are too many rows.
    """
    import pandas as pd

    first = file.readline(_LINE)
    while first and not first.strip():
        first = file.readline(_LINE)
    if not first:
        return _joined([], 9)
    # Some trackers write blanks, which the benchmark's own tools read.
    blanks = b"," not in first
    columns = len(_cells(first.decode("utf-8-sig", "replace"), blanks))
    if not 6 <= columns <= 12:
        raise FormatError(
            f"has {numbered(columns, 'column')}, must have from 6 to 10 with commas between them.",
            where=f"{where}, line 1",
        )
    file.seek(0)
    dtypes: dict[int, Any] = dict.fromkeys(range(columns), np.float64)
    parts = []
    count = 0
    try:
        reader = pd.read_csv(
            file,
            sep=r"\s+" if blanks else ",",
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
            lines = np.arange(count + 1, count + 1 + len(values))
            parts.append(_columns(*_sound(lines, values, columns, tell), columns))
            count += len(values)
            if count > MAX_ROWS:
                raise LimitError(f"has more than {MAX_ROWS} rows.", where=where)
    except LabelwidgetsError:
        raise
    except (ValueError, pd.errors.ParserError) as error:
        file.seek(0)
        number, lines, values = _row_by_row(file, columns, blanks, count, tell)
        lines, values = _sound(lines, values, columns, tell)
        if lines.size == number - count:
            # Each of them is a row, and yet they could not be read.
            raise FormatError(f"cannot be read: {str(error)[:200]}.", where=where) from None
        parts.append(_columns(lines, values, columns))
    return _joined(parts, columns)


def _sound(
    lines: npt.NDArray[np.int64], values: npt.NDArray[np.float64], columns: int, tell: Tell
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the rows that are what they have to be, once the others were told."""
    reasons: dict[int, tuple[int, str]] = {}
    for at, name in enumerate(NAMES[: min(columns, 9)]):
        column = values[:, at]
        if name in ("class", "visibility") and columns > 9:
            continue
        finite = np.isfinite(column)
        wrong, reason = np.zeros(finite.shape, bool), ""
        if name in _WHOLE:
            low, high = _WHOLE[name]
            wrong = (column != np.floor(column)) | (column < low) | (column >= high)
            reason = f"must be a whole number from {low}"
            if name == "frame":
                reason += ", as frames count from 1"
        elif name in ("width", "height"):
            wrong, reason = column <= 0, "must be greater than 0"
        elif name in ("left", "top"):
            wrong, reason = np.abs(column) > 1e9, "must be a number of pixels"
        for row in np.flatnonzero(wrong | ~finite).tolist():
            said = reason if finite[row] else "must be a finite number"
            reasons.setdefault(row, (at, said))
    for row in sorted(reasons):
        at, reason = reasons[row]
        error = FormatError(f"{reason}, not {values[row, at]:g}.", where=NAMES[at])
        tell(int(lines[row]), error)
    if not reasons:
        return lines, values
    kept = np.ones(len(lines), bool)
    kept[list(reasons)] = False
    return lines[kept], values[kept]


def _columns(lines: npt.NDArray[np.int64], values: npt.NDArray[np.float64], columns: int) -> Rows:
    def column(at: int, kind: Any) -> Any:
        return values[:, at].astype(kind) if columns > at else None

    nine = columns <= 9
    return Rows(
        lines,
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


def _row_by_row(
    file: IO[bytes], columns: int, blanks: bool, before: int, tell: Tell
) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return how many rows there are, and lines and numbers of those that are rows of numbers.

    The others are told. The first ones, `before`, were read already.
    """
    numbers, kept, number = array("d"), array("q"), 0
    for line in file:
        number += bool(line.strip())
        if number <= before or not line.strip():
            continue
        try:
            numbers.extend(_numbers(line, columns, blanks))
            kept.append(number)
        except FormatError as error:
            tell(number, error)
    return number, np.array(kept, np.int64), np.array(numbers, np.float64).reshape(-1, columns)


def _cells(text: str, blanks: bool) -> list[str]:
    return text.split() if blanks else text.split(",")


def _numbers(line: bytes, columns: int, blanks: bool) -> list[float]:
    """Return the numbers of a row; raise FormatError where it has others."""
    try:
        fields = _cells(line.decode("utf-8-sig"), blanks)
    except UnicodeDecodeError:
        raise FormatError("is not UTF-8 text.", hint="Save it as UTF-8.") from None
    if len(fields) != columns:
        raise FormatError(
            f"has {numbered(len(fields), 'column')}, the lines before it have {columns}."
        )
    made = []
    for at, text in enumerate(fields):
        try:
            made.append(float(text))
        except ValueError:
            name = NAMES[at] if at < 9 else f"column {at + 1}"
            raise FormatError(f"must be a number, not {text.strip()[:40]!r}.", where=name) from None
    return made
