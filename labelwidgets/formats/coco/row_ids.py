"""The ids of the rows of a frame, as texts that may be written."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from labelwidgets.formats.coco.text_columns import arrow

# As `is_id` has it, of many at once; pyarrow has patterns of RE2.
_ID = "[0-9A-Za-z][0-9A-Za-z._:-]{0,63}"
_IDS = re.compile(rf"(?:{_ID}+\n)*+")
_ONE_ID = rf"\A{_ID}\z"


def row_ids(column: pd.Series[Any]) -> Any:
    """Return the ids of rows; None where one is missing, is none, or is there twice.

    They are a list of bytes, or what pyarrow has of such.
    """
    pyarrow, array = arrow(len(column)), getattr(column.array, "__arrow_array__", None)
    if pyarrow is not None and array is not None:
        return _arrow_ids(pyarrow, array())
    ids = column.to_numpy(object).tolist()
    if column.isna().any() or len(set(ids)) < len(ids):
        return None
    text = "\n".join([*ids, ""])
    if _IDS.fullmatch(text) is None:
        return None
    return text.encode().split(b"\n")[:-1]


def _arrow_ids(pyarrow: Any, given: Any) -> Any:
    compute, texts = pyarrow.compute, given.cast(pyarrow.large_string())
    if isinstance(texts, pyarrow.ChunkedArray):
        texts = texts.combine_chunks()
    if texts.null_count or compute.count_distinct(texts).as_py() < len(texts):
        return None
    are_ids = compute.all(compute.match_substring_regex(texts, _ONE_ID)).as_py()
    return texts.view(pyarrow.large_binary()) if are_ids else None
