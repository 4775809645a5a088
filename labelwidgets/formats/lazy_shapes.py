"""A column of shapes that are decoded when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype, register_extension_dtype, take

from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.geometry import Geometry


@register_extension_dtype
class ShapeDtype(ExtensionDtype):
    """The dtype of a column of shapes."""

    name = "shape"
    type = Geometry
    kind = "O"
    na_value = None

    @classmethod
    def construct_array_type(cls) -> Any:
        """Return the class of its arrays."""
        return ShapeArray


class Undecoded:
    """A shape as it lies in a file.

    Parameters
    ----------
    raw
        Its bytes, or what else `decode` takes.
    decode
        Makes the shape of it, or raises a `FormatError` that names the record.
    """

    __slots__ = ("decode", "raw")

    def __init__(self, raw: Any, decode: Callable[[Any], Geometry]) -> None:
        self.raw, self.decode = raw, decode

    def origin(self) -> Origin | None:
        """Return what is said of the label beside its columns, None if that is nothing."""
        return None


class ShapeArray(ExtensionArray):
    """Shapes, of which some are still as they lie in a file.

    What is asked for is decoded at each asking, and not kept: a frame of a million shapes takes
    the memory of their file. ``column.astype(object)`` decodes all of them for good.

    Parameters
    ----------
    entries
        (N,) objects: shapes, None, `Undecoded`, or what `decode` takes.
    decode
        Makes a shape of an entry that is none of these.
    """

    _dtype: ClassVar[ShapeDtype] = ShapeDtype()

    def __init__(
        self, entries: npt.NDArray[Any], decode: Callable[[Any], Geometry] | None = None
    ) -> None:
        self.entries, self.decode = entries, decode

    @classmethod
    def _from_sequence(
        cls, scalars: Iterable[Any], *, dtype: Any = None, copy: bool = False
    ) -> Any:
        if isinstance(scalars, ShapeArray):
            return scalars.copy() if copy else scalars
        scalars = list(scalars)
        entries = np.empty(len(scalars), object)
        for place, one in enumerate(scalars):
            if one is not None and not isinstance(one, Geometry | Undecoded):
                if not pd.isna(one):
                    raise TypeError(f"must be a shape, not {type(one).__name__}.")
                one = None
            entries[place] = one
        return cls(entries)

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[ShapeArray]) -> ShapeArray:
        decoders = {one.decode for one in to_concat if one.decode is not None}
        if len(decoders) <= 1:
            decode = decoders.pop() if decoders else None
            return cls(np.concatenate([one.entries for one in to_concat]), decode)
        return cls(np.concatenate([one._bound() for one in to_concat]))

    def _bound(self) -> npt.NDArray[Any]:
        """Return entries that know by themselves how they are decoded."""
        if self.decode is None:
            return self.entries
        bound = np.empty(len(self), object)
        for place, one in enumerate(self.entries):
            is_bound = one is None or isinstance(one, Geometry | Undecoded)
            bound[place] = one if is_bound else Undecoded(one, self.decode)
        return bound

    @property
    def dtype(self) -> ShapeDtype:
        """The dtype of shapes."""
        return self._dtype

    @property
    def nbytes(self) -> int:
        """Bytes of the references; those of the file behind them are shared."""
        return int(self.entries.nbytes)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Any]:
        return map(self._shape, self.entries)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, int | np.integer):
            return self._shape(self.entries[item])
        if isinstance(item, slice):
            return type(self)(self.entries[item], self.decode)
        return type(self)(
            self.entries[pd.api.indexers.check_array_indexer(self, item)], self.decode
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        key = pd.api.indexers.check_array_indexer(self, key)
        if value is None or isinstance(value, Geometry):
            # Not as a sequence, which numpy would spread.
            places = np.arange(len(self))[key]
            for place in np.atleast_1d(places):
                self.entries[place] = value
            return
        given = self._from_sequence(value)
        self.entries[key] = given.entries if given.decode is self.decode else given._bound()

    def __eq__(self, other: object) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented
        if isinstance(other, Sequence | np.ndarray | ShapeArray) and len(other) == len(self):
            return np.array([a == b for a, b in zip(self, other, strict=True)], dtype=bool)
        return np.array([one == other for one in self], dtype=bool)

    def isna(self) -> npt.NDArray[np.bool_]:
        """Say where there is no shape."""
        return np.array([one is None for one in self.entries], dtype=bool)

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> ShapeArray:
        """Return those at some places."""
        entries: Any = take(self.entries, indices, allow_fill=allow_fill, fill_value=None)
        if allow_fill:
            entries[np.asarray(indices) == -1] = fill_value
        return type(self)(entries, self.decode)

    def copy(self) -> Self:
        """Return an array of its own; shapes cannot be changed."""
        return type(self)(self.entries.copy(), self.decode)

    def _formatter(self, boxed: bool = False) -> Callable[[Any], str]:
        return str if boxed else repr

    def _shape(self, entry: Any) -> Any:
        if entry is None or isinstance(entry, Geometry):
            return entry
        if isinstance(entry, Undecoded):
            return entry.decode(entry.raw)
        assert self.decode is not None  # noqa: S101 - who gives such entries gives it
        return self.decode(entry)
