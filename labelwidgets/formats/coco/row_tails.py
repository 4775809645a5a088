"""The ends of the records of the rows of a frame: see `extension_texts`."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco.extension_texts import (
    ISCROWD,
    Extension,
    begin_of,
    plain_tail,
    tail_of,
)
from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.ids import is_id

_encode = msgspec.json.Encoder().encode
_MORE = ("track_id", "task_id", "author", "state", "created_at", "updated_at", "revision")
_DEFAULTS = {"state": "editable", "revision": 0}
_HAND: list[Any] = ["hand"]
_KINDS = np.array(["polygon", "mask"], object)
# As `is_id` has it, of many at once.
_IDS = re.compile(rb"(?:[0-9A-Za-z][0-9A-Za-z._:-]{0,63}+\n)*+")


class _Tails(NamedTuple):
    before: list[bytes]
    ids: list[bytes]
    behind: list[bytes]


class RowTails:
    """Makes the ends of records.

    Parameters
    ----------
    frame
        The labels.
    ids
        Their ids, as bytes where they are known to be some.
    """

    def __init__(self, frame: pd.DataFrame, ids: list[Any]) -> None:
        self._frame, self._ids = frame, ids
        # What is not there, or the same as nothing everywhere, is not asked for row by row.
        self._more = [name for name in _MORE if name in frame and _is_given(frame[name], name)]
        self._answers = "attributes" in frame and any(frame["attributes"].tolist())
        self._scores = "confidence" in frame and bool(frame["confidence"].notna().any())
        self._codes, kinds = np.zeros(len(frame), np.intp), _HAND
        if "origin" in frame:
            self._codes, named = pd.factorize(frame["origin"])
            kinds = list(named)
        self._origins = [Origin(kind) for kind in kinds]

    def of(self, places: Any, is_code: npt.NDArray[np.bool_]) -> _Tails:
        """Return the ends of the records of some rows.

        Parameters
        ----------
        places
            Which they are: a slice, or their numbers.
        is_code
            Which of them are masks; the others are polygons.

        Raises
        ------
        FormatError
            If an id is none.
        """
        ids = self._ids
        ids = ids[places] if isinstance(places, slice) else [ids[one] for one in places.tolist()]
        kinds, codes = is_code.astype(np.intp), self._codes[places]
        if self._more:
            return self._whole(places, ids, kinds, codes)
        some = {}
        for kind in np.unique(kinds).tolist():
            for code in np.unique(codes).tolist():
                said = _encode(self._origins[code])
                some[kind, code] = plain_tail(_KINDS[kind], "", b"", said)
        if len(some) == 1:
            (only,) = some.values()
            befores, behinds = [only.before] * len(ids), [only.behind] * len(ids)
        else:
            tails = [some[one] for one in zip(kinds.tolist(), codes.tolist(), strict=True)]
            befores, behinds = [one.before for one in tails], [one.behind for one in tails]
        if not self._answers and not self._scores:
            begun = {one: ISCROWD + one for one in set(befores)}
            befores = [begun[one] for one in befores]
        else:
            begins = self._begins(places, len(ids))
            befores = [begin + one for begin, one in zip(begins, befores, strict=True)]
        return _Tails(befores, _id_texts(ids), behinds)

    def _whole(
        self, places: Any, ids: list[str], kinds: npt.NDArray[Any], codes: npt.NDArray[Any]
    ) -> _Tails:
        """Return the ends of records of which more is said."""
        names = [one.decode() for one in _id_texts(ids)]
        several = [Extension(kind, id=id) for kind, id in zip(_KINDS[kinds], names, strict=True)]
        for one, code in zip(several, codes.tolist(), strict=True):
            one.origin = self._origins[code]
        for name in self._more:
            values = _values(self._frame[name].iloc[places])
            for one, value in zip(several, values, strict=True):
                if value is not None:
                    setattr(one, name, value)
        tails = list(map(tail_of, several, self._begins(places, len(ids))))
        return _Tails(*map(list, zip(*tails, strict=True))) if tails else _Tails([], [], [])

    def _begins(self, places: Any, count: int) -> list[bytes]:
        """Return answers and confidence."""
        if not self._answers and not self._scores:
            return [ISCROWD] * count
        nothing = [None] * count
        answers = self._frame["attributes"].iloc[places].tolist() if self._answers else nothing
        scores = _values(self._frame["confidence"].iloc[places]) if self._scores else nothing
        return list(map(begin_of, answers, scores))


def _id_texts(ids: list[Any]) -> list[bytes]:
    if ids and isinstance(ids[0], bytes):
        return ids
    text = "\n".join([*ids, ""]).encode("utf-8", "replace")
    if _IDS.fullmatch(text) is None:
        wrong = next(one for one in ids if not is_id(one))
        raise FormatError(f"{wrong[:80]!r} is not an identifier.", where="annotations, column 'id'")
    return text.split(b"\n")[:-1]


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
