"""Labels of a file as a frame like `project.annotations`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.formats.lazy_shapes import ShapeArray
from labelwidgets.schema.annotation import Annotation

_TIME: Any = "datetime64[us, UTC]"
DTYPES: Mapping[str, str] = {
    "id": "string",
    "task_id": "string",
    "item_id": "string",
    "class_name": "string",
    "geometry_type": "string",
    "geometry": "shape",
    "attributes": "object",
    "frame": "Int64",
    "pts": "Int64",
    "track_id": "string",
    "author": "string",
    "origin": "string",
    "confidence": "float64",
    "state": "string",
    "created_at": _TIME,
    "updated_at": _TIME,
    "revision": "int64",
    "x": "float64",
    "y": "float64",
    "width": "float64",
    "height": "float64",
    "area": "float64",
}
"""The columns of a frame of labels and their dtypes, as those of `project.annotations`."""


def label_frame(columns: Mapping[str, Any], count: int) -> pd.DataFrame:
    """Return a frame of labels.

    Parameters
    ----------
    columns
        By the names of `DTYPES`: lists, arrays or Series; one value stands for all rows, and
        what is not there is missing everywhere.
    count
        How many rows there are.
    """
    # What is missing everywhere is made once for all columns of its kind.
    nothing = {dtype: _column(None, dtype, count) for dtype in ("string", "Int64", _TIME)}
    made = {
        name: nothing[dtype].copy()
        if dtype in nothing and columns.get(name) is None
        else _column(columns.get(name), dtype, count)
        for name, dtype in DTYPES.items()
    }
    return pd.DataFrame(made, index=pd.RangeIndex(count), copy=False)


def frame_of(annotations: Sequence[Annotation]) -> pd.DataFrame:
    """Return annotations as a frame, boxes and areas of their shapes with them."""
    columns: dict[str, Any] = {
        name: [getattr(one, name) for one in annotations]
        for name in DTYPES
        if name in Annotation.__struct_fields__ and name != "origin"
    }
    columns["origin"] = [one.origin.kind for one in annotations]
    columns["geometry_type"] = [one.geometry.type for one in annotations]
    boxes = [one.geometry.bounds or (np.nan,) * 4 for one in annotations]
    corners = np.array(boxes, np.float64).reshape(-1, 4).T
    columns |= dict(zip(("x", "y", "width", "height"), corners, strict=True))
    columns["area"] = [one.geometry.area for one in annotations]
    return label_frame(columns, len(annotations))


def coded(values: Sequence[str], codes: Any) -> pd.Series[Any]:
    """Return a column of few texts by their numbers: a million of them in milliseconds."""
    return pd.Series(pd.array(list(values), dtype="string").take(codes))


def ascii_column(values: npt.NDArray[np.bytes_]) -> pd.Series[Any]:
    """Return a column of texts of ASCII bytes, all of them of one length."""
    dtype: Any = pd.StringDtype()
    if dtype.storage != "pyarrow":
        return pd.Series(pd.array(values.astype("U").tolist(), dtype=dtype))
    import pyarrow

    ends = np.arange(len(values) + 1, dtype=np.int64) * values.dtype.itemsize
    texts = pyarrow.LargeStringArray.from_buffers(
        len(values), pyarrow.py_buffer(ends), pyarrow.py_buffer(values)
    )
    return pd.Series(dtype.__from_arrow__(texts))


def _same(value: str | None, count: int) -> Any:
    """Return a column of one text."""
    dtype: Any = pd.StringDtype()
    if dtype.storage != "pyarrow":
        return pd.array([value], dtype=dtype).take(np.zeros(count, np.intp))
    import pyarrow

    kind = pyarrow.large_string()
    texts = (
        pyarrow.nulls(count, kind)
        if value is None
        else pyarrow.repeat(pyarrow.scalar(value, kind), count)
    )
    return dtype.__from_arrow__(texts)


def _column(values: Any, dtype: Any, count: int) -> Any:
    if isinstance(values, pd.Series | ShapeArray):
        return values
    if isinstance(values, np.ndarray) and values.dtype == dtype:
        return np.ascontiguousarray(values)
    if dtype == "object":
        # Each of its own: people write into them.
        given = map(dict.copy, repeat({}, count)) if values is None else values
        return np.fromiter(given, object, count)
    if dtype == "shape":
        return ShapeArray._from_sequence(values)
    if isinstance(values, list | np.ndarray):
        if dtype == _TIME:
            return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True)).astype(
                _TIME
            )
        if dtype == "float64":
            return np.array([np.nan if one is None else one for one in values], np.float64)
        return pd.array(values, dtype=dtype)
    if values is None and dtype == _TIME:
        return pd.Series(np.full(count, "NaT", "datetime64[us]")).dt.tz_localize("UTC")
    if values is None and dtype == "float64":
        return np.full(count, np.nan)
    if dtype == "string":
        return _same(values, count)
    if dtype == "int64":
        return np.full(count, values, np.int64)
    return pd.array([values], dtype=dtype).take(np.zeros(count, np.intp))
