"""Which ids of annotations there have been."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.coco.records import Id


class SeenIds(set[Id]):
    """A set of ids that takes a million ascending numbers as an array.

    They are put into the set once somebody asks for a number that may be one of them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._arrays: list[npt.NDArray[np.int64]] = []
        self._last = -(1 << 63)

    def is_new(self, ids: npt.NDArray[Any]) -> bool:
        """Say whether ids are 64-bit numbers that are there once, and for the first time."""
        if ids.dtype != np.int64:
            return False
        if not len(self) and ids[0] > self._last and bool((ids[1:] > ids[:-1]).all()):
            return True
        self._settle()
        several = set(ids.tolist())
        return len(several) == len(ids) and self.isdisjoint(several)

    def take(self, ids: npt.NDArray[np.int64]) -> None:
        """Put in ids that are new."""
        if len(ids):
            self._arrays.append(ids)
            self._last = max(self._last, int(ids.max()))

    def __contains__(self, id: object) -> bool:
        if self._arrays and not (isinstance(id, int) and id > self._last):
            self._settle()
        return super().__contains__(id)

    def clear(self) -> None:
        """Forget all of them."""
        super().clear()
        self._arrays.clear()

    def _settle(self) -> None:
        for ids in self._arrays:
            self.update(ids.tolist())
        self._arrays.clear()
