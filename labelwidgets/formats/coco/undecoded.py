"""Shapes that are still as they lie in a COCO file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco.plain_rows import NO_ID
from labelwidgets.formats.coco.shapes import read_segmentation
from labelwidgets.formats.lazy_shapes import Undecoded
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Geometry

if TYPE_CHECKING:
    import pandas as pd

_NONE: npt.NDArray[Any] = np.empty(0, np.int64)


class Segments:
    """Decodes segmentations, and says which record one is of where it is wrong.

    Parameters
    ----------
    file
        The name of the file.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._entries, self._numbers, self._ids = np.empty(0, object), _NONE, _NONE
        self._new_ids: npt.NDArray[np.bytes_] | None = None

    def tell(
        self, entries: npt.NDArray[Any], numbers: npt.NDArray[Any], ids: npt.NDArray[Any]
    ) -> None:
        """Say what records segmentations are of: their numbers and ids."""
        self._entries, self._numbers, self._ids = entries, numbers, ids

    def tell_ids(self, ids: npt.NDArray[np.bytes_]) -> None:
        """Say which ids the labels were given: those of a column that shares their memory."""
        self._new_ids = ids

    def ids_of(self, column: pd.Series[Any]) -> Any:
        """Return the ids of a column, as pyarrow has it, if it is still that which was read.

        Each of them is there once, and is one, which need not be looked at again.
        """
        ids, array = self._new_ids, getattr(column.array, "__arrow_array__", None)
        if ids is None or array is None or not len(ids):
            return None
        texts = array()
        chunks = getattr(texts, "chunks", [texts])
        if len(chunks) != 1 or len(chunks[0]) != len(ids) or chunks[0].offset:
            return None
        (texts,) = chunks
        same = texts.buffers()[-1].address == ids.ctypes.data
        return texts.view("large_binary") if same else None

    def __call__(self, raw: bytes) -> Geometry:
        """Return the shape of a segmentation."""
        try:
            found = read_segmentation(raw)
        except LabelwidgetsError as error:
            raise FormatError(
                error.message, where=f"{self._record(raw)}, {error.where}", hint=error.hint
            ) from None
        assert found is not None  # noqa: S101 - those that are empty are boxes
        return found

    def _record(self, raw: bytes) -> str:
        """Return the record that bytes are of: looked for, as it is asked for so seldom."""
        for row, one in enumerate(self._entries):
            if one is raw:
                record = f"{self._file}, annotations[{self._numbers[row]}]"
                return record if self._ids[row] == NO_ID else f"{record} (id {self._ids[row]})"
        return self._file


class UndecodedLabel(Undecoded):
    """A shape with what a frame has no column for: whether it is a crowd, other attributes.

    Parameters
    ----------
    raw
        Its record.
    whole
        Makes an annotation of it.
    """

    __slots__ = ("whole",)

    def __init__(self, raw: msgspec.Raw, whole: Callable[[msgspec.Raw], Annotation]) -> None:
        super().__init__(raw, lambda raw: whole(raw).geometry)
        self.whole = whole

    def origin(self) -> Origin | None:
        """Return what is said of the label beside its columns."""
        return self.whole(self.raw).origin


class ToldShape(Undecoded):
    """A shape that was made already, with what else is known of its label.

    Parameters
    ----------
    label
        The annotation.
    """

    __slots__ = ("told",)

    def __init__(self, label: Annotation) -> None:
        super().__init__(label.geometry, lambda shape: shape)
        self.told = label.origin

    def origin(self) -> Origin | None:
        """Return what is said of the label beside its columns."""
        return self.told
