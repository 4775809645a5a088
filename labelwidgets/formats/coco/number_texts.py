"""Many numbers as they are in JSON: the shortest text that is the same double.

They are msgspec's. Where orjson is installed (the extra ``fast``), it writes arrays without a
Python object for each number; the texts are the same, so that it makes no other file.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.text_columns import Column, Run, parted

_encode = msgspec.json.Encoder().encode


def ended_texts(values: npt.NDArray[np.float64]) -> Run:
    """Return each of (N,) finite numbers, or each row of (N, M) of them as a list.

    There is a comma behind each.
    """
    text = _text(values)[1:-1] + b","
    signs = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(signs == ord("," if values.ndim == 1 else "]"))
    return Run(text, ends + (1 if values.ndim == 1 else 2))


def run_texts(values: npt.NDArray[np.float64], count: int) -> Column:
    """Return the text of each run of numbers, of which each but the last ends with a NaN."""
    return parted(_text(values)[1:-1], b",null,", count)


def _text(values: npt.NDArray[np.float64]) -> bytes:
    orjson, values = _orjson(), np.ascontiguousarray(values)
    if orjson is not None and _same_everywhere(values):
        made: bytes = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
        return made
    return _encode(values.tolist())


@cache
def _orjson() -> Any:
    return importlib.import_module("orjson") if importlib.util.find_spec("orjson") else None


def _same_everywhere(values: npt.NDArray[np.float64]) -> bool:
    """Say whether all numbers are written without exponents, which orjson has another form of."""
    sizes = np.abs(values)
    small = sizes[sizes < 1e-5]
    return not (small.any() or (sizes >= 1e16).any())
