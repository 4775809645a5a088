"""Texts of many rows, put together by columns.

Where pyarrow is installed (the extra ``fast``), it joins them without a Python object for each;
the bytes are the same, so that it makes no other file.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import compress
from typing import Any, NamedTuple, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

_encode = msgspec.json.Encoder().encode
# Of fewer rows, lists are as quick.
FEW_ROWS = 50


class Few(NamedTuple):
    """Texts of which there are few: each row's by its number."""

    # From `few_texts` where they are those of many calls.
    texts: list[bytes] | Any
    numbers: npt.NDArray[np.integer[Any]]


class Run(NamedTuple):
    """Texts one behind the other, by where each of them ends."""

    text: bytes
    ends: npt.NDArray[np.int64]


# One text for all rows, one for each, the numbers of a range, or a `LargeBinaryArray` of pyarrow.
Column: TypeAlias = bytes | list[bytes] | range | Few | Run | Any


def few_texts(texts: Iterable[bytes]) -> list[bytes] | Any:
    """Return texts as they are best for `Few`."""
    made = list(texts)
    pyarrow = arrow(len(made))
    return made if pyarrow is None else pyarrow.array(made, pyarrow.large_binary())


def parted(text: bytes, between: bytes, count: int) -> list[bytes] | Any:
    """Return the parts of a text with something between each two of them."""
    pyarrow = arrow(count)
    if pyarrow is None:
        return text.split(between)
    whole = pyarrow.array([text], pyarrow.large_binary())
    return pyarrow.compute.split_pattern(whole, between).values


def joined(columns: Sequence[Column], count: int) -> bytes | memoryview:
    """Return the texts of rows, one row after the other.

    Parameters
    ----------
    columns
        At least one of them is not the same for all rows.
    count
        How many rows there are.
    """
    if not count:
        return b""
    if arrow(count) is None:
        return b"".join(_in_turn(columns, count))
    made = _together(columns, count)
    offsets, data = made.buffers()[1:]
    end = int(np.frombuffer(offsets, np.int64)[count])
    return memoryview(data)[:end]


def some_of(column: Column, taken: npt.NDArray[np.bool_]) -> Column:
    """Return the texts of some rows of a column that is one text, a list or `Few`."""
    if isinstance(column, bytes) or taken.all():
        return column
    if isinstance(column, Few):
        return Few(column.texts, column.numbers[taken])
    return list(compress(column, taken.tolist()))


def rows(columns: Sequence[Column], count: int) -> list[bytes]:
    """Return the text of each row."""
    if not count:
        return []
    if arrow(count) is None:
        parts, step = _in_turn(columns, count), len(columns)
        return [b"".join(parts[at : at + step]) for at in range(0, len(parts), step)]
    made: list[bytes] = _together(columns, count).to_pylist()
    return made


def arrow(count: int) -> Any:
    """Return pyarrow, None where it is not installed or not worth its import."""
    return _pyarrow() if count >= FEW_ROWS else None


@cache
def _pyarrow() -> Any:
    if importlib.util.find_spec("pyarrow") is None:
        return None
    importlib.import_module("pyarrow.compute")
    return importlib.import_module("pyarrow")


def _together(columns: Sequence[Column], count: int) -> Any:
    pyarrow = arrow(count)
    parts = [_arrow_of(pyarrow, one, count) for one in columns]
    between = pyarrow.scalar(b"", pyarrow.large_binary())
    return pyarrow.compute.binary_join_element_wise(*parts, between)


def _arrow_of(pyarrow: Any, column: Column, count: int) -> Any:
    kind = pyarrow.large_binary()
    if isinstance(column, bytes):
        return pyarrow.scalar(column, kind)
    if isinstance(column, range):
        numbers = pyarrow.array(np.arange(column.start, column.stop, column.step))
        return numbers.cast(pyarrow.large_string()).view(kind)
    if isinstance(column, Few):
        return _arrow_of(pyarrow, column.texts, count).take(pyarrow.array(column.numbers))
    if isinstance(column, Run):
        offsets = np.concatenate([np.zeros(1, np.int64), column.ends])
        buffers = [None, pyarrow.py_buffer(offsets), pyarrow.py_buffer(column.text)]
        return pyarrow.LargeBinaryArray.from_buffers(kind, count, buffers)
    return pyarrow.array(column, kind) if isinstance(column, list) else column


def _in_turn(columns: Sequence[Column], count: int) -> list[bytes]:
    """Return the parts of the first row, then those of the next, and so on."""
    step = len(columns)
    parts = [b""] * (step * count)
    for place, column in enumerate(columns):
        parts[place::step] = list_of(column, count)
    return parts


def list_of(column: Column, count: int) -> list[bytes]:
    """Return the text of each row of one column."""
    if isinstance(column, bytes):
        return [column] * count
    if isinstance(column, range):
        return _encode(list(column))[1:-1].split(b",")
    if isinstance(column, Few):
        texts = list_of(column.texts, count)
        return [texts[number] for number in column.numbers.tolist()]
    if isinstance(column, Run):
        ends = column.ends.tolist()
        starts = [0, *ends]
        return [column.text[start:end] for start, end in zip(starts, ends, strict=False)]
    return column if isinstance(column, list) else column.to_pylist()
