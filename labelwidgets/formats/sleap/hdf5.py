"""What is in an HDF5 file, within limits."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError, MissingExtraError
from labelwidgets.extras import library as extra
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.numbered import numbered

MAX_VALUES = 200_000_000
MAX_TEXT = 1 << 24


def library() -> Any:
    """Return h5py.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    return extra("h5py", "sleap", "sleap")


class Hdf5:
    """An open file.

    Parameters
    ----------
    file
        Open to be read, with places to seek.
    where
        Its name in errors.

    Raises
    ------
    FormatError
        If it is no HDF5.
    """

    def __init__(self, file: IO[bytes], where: str) -> None:
        self.where = where
        with self._told(""):
            self._file = library().File(file, "r")

    def __contains__(self, name: str) -> bool:
        """Say whether there is a dataset or group of a name."""
        with self._told(name):
            return name in self._file

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def table(self, name: str, fields: Sequence[str]) -> npt.NDArray[Any]:
        """Return a dataset of rows with named columns.

        Raises
        ------
        FormatError
            If it is not there, or lacks one of the columns.
        LimitError
            If it is too large.
        """
        with self._told(name):
            found = self._dataset(name)
            names = found.dtype.names or ()
            for field in fields:
                if field not in names or found.dtype[field].kind not in "biuf":
                    raise FormatError(f"has no column of numbers {field!r}.")
            if found.ndim != 1:
                raise FormatError("must be a list of rows.")
            return np.asarray(found[()])

    def array(self, name: str, ndim: int) -> npt.NDArray[np.float64]:
        """Return a dataset of numbers; raise FormatError where it is none."""
        with self._told(name):
            found = self._dataset(name)
            if found.dtype.kind not in "biuf" or found.ndim != ndim:
                raise FormatError(f"must be an array of numbers with {numbered(ndim, 'axis')}.")
            return np.asarray(found[()], np.float64)

    def texts(self, name: str) -> list[str]:
        """Return a dataset of texts; empty where there is none."""
        if name not in self:
            return []
        with self._told(name):
            found = self._dataset(name)
            if found.dtype.kind not in "SO" or found.ndim > 1:
                # An empty list has no type of its own.
                if found.size == 0:
                    return []
                raise FormatError("must be a list of texts.")
            values = found[()] if found.ndim else [found[()]]
            return [_text(value) for value in values]

    def documents(self, name: str) -> list[Any]:
        """Return a dataset of texts of JSON."""
        return [
            as_json(text.encode(), f"{self.where}, {name}[{number}]")
            for number, text in enumerate(self.texts(name))
        ]

    def attribute(self, group: str, name: str) -> Any:
        """Return an attribute of a group, None where there is none."""
        with self._told(group):
            if group not in self._file or name not in self._file[group].attrs:
                return None
            return self._file[group].attrs[name]

    def text_of(self, group: str, name: str) -> str | None:
        """Return an attribute as text."""
        value = self.attribute(group, name)
        if value is None:
            return None
        with self._told(f"{group}, {name}"):
            return _text(value)

    def _dataset(self, name: str) -> Any:
        h5py = library()
        link = self._file.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise FormatError("is not there, or somewhere else." if link else "is not there.")
        found = self._file[name]
        if not isinstance(found, h5py.Dataset) or found.external or found.is_virtual:
            raise FormatError("is no dataset of this file.")
        if found.size is None or found.size > MAX_VALUES:
            raise LimitError(f"has more than {MAX_VALUES} values.")
        return found

    @contextlib.contextmanager
    def _told(self, name: str) -> Iterator[None]:
        where = f"{self.where}, {name}" if name else self.where
        try:
            yield
        except MissingExtraError:
            raise
        except LabelwidgetsError as error:
            raise error.at(where) from None
        except Exception as error:
            raise FormatError(
                f"is no HDF5, or a damaged one ({type(error).__name__}).",
                where=where,
                hint="Is the file complete? Fetch or export it again.",
            ) from None


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.tobytes() if value.dtype.kind in "SVu" else value.item()
    if isinstance(value, bytes):
        if len(value) > MAX_TEXT:
            raise LimitError(f"has more than {MAX_TEXT} bytes.")
        return value.decode("utf-8").rstrip("\0")
    if not isinstance(value, str):
        raise FormatError(f"must be text, not {type(value).__name__}.")
    return value


def compact(value: Any) -> str:
    """Return JSON without blanks, as SLEAP has it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
