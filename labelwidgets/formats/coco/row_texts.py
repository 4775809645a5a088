"""Texts of the rows of a frame: their ids, and those of which there are few."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.formats.coco.text_columns import arrow

# As `is_id` has it, of many at once; pyarrow has patterns of RE2.
_ID = "[0-9A-Za-z][0-9A-Za-z._:-]{0,63}"
_IDS = re.compile(rf"(?:{_ID}+\n)*+")
_ONE_ID = rf"\A{_ID}\z"


class Factors(NamedTuple):
    """The texts of a column that occur, and the number of each row's among them."""

    # -1 where there is none.
    numbers: npt.NDArray[np.integer[Any]]
    texts: list[str]


def factors(column: pd.Series[Any]) -> Factors:
    """Return the texts of a column, each once."""
    given = _arrow_texts(column)
    if given is None or given[1].null_count:
        numbers, texts = pd.factorize(column)
        return Factors(numbers, list(texts))
    pyarrow, texts = given
    # Most often the same are one behind the other.
    runs = pyarrow.compute.run_end_encode(texts)
    each = runs.values.dictionary_encode()
    lengths = np.diff(runs.run_ends.to_numpy(), prepend=0)
    return Factors(np.repeat(each.indices.to_numpy(), lengths), each.dictionary.to_pylist())


def row_ids(column: pd.Series[Any]) -> Any:
    """Return the ids of rows; None where one is missing, is none, or is there twice.

    They are a list of bytes, or what pyarrow has of such.
    """
    given = _arrow_texts(column)
    if given is not None:
        pyarrow, texts = given
        compute = pyarrow.compute
        if texts.null_count or compute.count_distinct(texts).as_py() < len(texts):
            return None
        are_ids = compute.all(compute.match_substring_regex(texts, _ONE_ID)).as_py()
        return texts.view(pyarrow.large_binary()) if are_ids else None
    ids = column.to_numpy(object).tolist()
    if column.isna().any() or len(set(ids)) < len(ids):
        return None
    text = "\n".join([*ids, ""])
    if _IDS.fullmatch(text) is None:
        return None
    return text.encode().split(b"\n")[:-1]


def _arrow_texts(column: pd.Series[Any]) -> tuple[Any, Any] | None:
    """Return pyarrow, and a column as it has it; None where it is not installed or not worth it."""
    pyarrow, array = arrow(len(column)), getattr(column.array, "__arrow_array__", None)
    if pyarrow is None or array is None:
        return None
    texts = array().cast(pyarrow.large_string())
    return pyarrow, texts.combine_chunks() if isinstance(texts, pyarrow.ChunkedArray) else texts
