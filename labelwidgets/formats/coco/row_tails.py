"""The ends of the records of the rows of a frame: see `extension_texts`."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.formats.coco.extension_texts import (
    ISCROWD,
    Extension,
    begin_of,
    plain_tail,
    tail_of,
)
from labelwidgets.formats.coco.row_texts import Factors, factors
from labelwidgets.formats.coco.text_columns import Column, Few
from labelwidgets.schema.annotation import Origin

_encode = msgspec.json.Encoder().encode
_MORE = ("track_id", "task_id", "author", "state", "created_at", "updated_at", "revision")
_DEFAULTS = {"state": "editable", "revision": 0}
_KINDS = np.array(["polygon", "mask"], object)


class _Tails(NamedTuple):
    before: Column
    ids: Column
    behind: Column


class RowTails:
    """Makes the ends of records.

    Parameters
    ----------
    frame
        The labels.
    ids
        Their ids, as `row_ids` has them.
    """

    def __init__(self, frame: pd.DataFrame, ids: Any) -> None:
        self._frame, self._ids = frame, ids
        # What is not there, or the same as nothing everywhere, is not asked for row by row.
        self._more = [name for name in _MORE if name in frame and _is_given(frame[name], name)]
        self._answers = "attributes" in frame and any(frame["attributes"].tolist())
        self._scores = "confidence" in frame and bool(frame["confidence"].notna().any())
        self._codes, kinds = Factors(np.zeros(len(frame), np.intp), ["hand"])
        if "origin" in frame:
            self._codes, kinds = factors(frame["origin"])
        names: list[Any] = kinds
        self._origins = [Origin(one) for one in names]

    def of(self, places: Any, is_code: npt.NDArray[np.bool_]) -> _Tails:
        """Return the ends of the records of some rows.

        Parameters
        ----------
        places
            Which they are: a slice, or their numbers.
        is_code
            Which of them are masks; the others are polygons.
        """
        ids, codes = _part(self._ids, places), self._codes[places]
        if self._more:
            return self._whole(places, ids, is_code, codes)
        # Of each kind of shape and origin.
        ends = [
            plain_tail(kind, "", b"", _encode(origin))
            for kind in _KINDS
            for origin in self._origins
        ]
        which = codes + is_code * len(self._origins)
        befores = Few([one.before for one in ends], which)
        behinds = Few([one.behind for one in ends], which)
        if not self._answers and not self._scores:
            begun = [ISCROWD + one for one in befores.texts]
            return _Tails(Few(begun, which), ids, behinds)
        begins = self._begins(places, len(ids))
        before = [
            begin + befores.texts[one] for begin, one in zip(begins, which.tolist(), strict=True)
        ]
        return _Tails(before, ids, behinds)

    def _whole(
        self,
        places: Any,
        ids: Any,
        is_code: npt.NDArray[np.bool_],
        codes: npt.NDArray[Any],
    ) -> _Tails:
        """Return the ends of records of which more is said."""
        names = map(bytes.decode, ids if isinstance(ids, list) else ids.to_pylist())
        kinds = _KINDS[is_code.astype(np.intp)]
        several = [Extension(kind, id=id) for kind, id in zip(kinds, names, strict=True)]
        for one, code in zip(several, codes.tolist(), strict=True):
            one.origin = self._origins[code]
        for name in self._more:
            values = _values(self._frame[name].iloc[places])
            for one, value in zip(several, values, strict=True):
                if value is not None:
                    setattr(one, name, value)
        tails = list(map(tail_of, several, self._begins(places, len(several))))
        return _Tails(*map(list, zip(*tails, strict=True))) if tails else _Tails([], [], [])

    def _begins(self, places: Any, count: int) -> list[bytes]:
        """Return answers and confidence."""
        if not self._answers and not self._scores:
            return [ISCROWD] * count
        nothing = [None] * count
        answers = self._frame["attributes"].iloc[places].tolist() if self._answers else nothing
        scores = _values(self._frame["confidence"].iloc[places]) if self._scores else nothing
        return list(map(begin_of, answers, scores))


def _part(ids: Any, places: Any) -> Any:
    """Return the ids of some rows."""
    if isinstance(places, slice):
        return ids[places]
    return [ids[one] for one in places.tolist()] if isinstance(ids, list) else ids.take(places)


def _is_given(column: pd.Series[Any], name: str) -> bool:
    if name in _DEFAULTS:
        return not bool((column == _DEFAULTS[name]).all())
    return bool(column.notna().any())


def _values(column: pd.Series[Any]) -> list[Any]:
    missing = column.isna()
    if hasattr(column, "dt"):
        # JSON has Python's own moments.
        return [None if one is pd.NaT else one.to_pydatetime() for one in column]
    if not missing.any():
        return column.tolist()
    return column.astype(object).where(~missing, None).tolist()
