"""What encoders saw, by the content of the pictures: in memory, and in a folder if one is given.

A file there is one array of numpy's own format, read without pickle, called by a hash. One that is
damaged counts as none.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import AssistantError
from labelwidgets.media.tiles.kept import Kept
from labelwidgets.media.whole_files import make_folder, write_bytes

# Of one file: none of the known encoders makes a tenth of it.
_LARGEST = 1 << 28


class Embeddings:
    """Embeddings by the hash of what they are of. Safe from several threads.

    Parameters
    ----------
    most_bytes
        Of all that are held in memory; those used longest ago go first.
    folder
        Where they are kept beyond the kernel, None for nowhere.
    most_bytes_in_folder
        Of all its files.

    Raises
    ------
    AssistantError
        If a bound is none.
    SourceError
        If the folder cannot be made.
    """

    def __init__(
        self,
        most_bytes: int = 1 << 29,
        folder: str | os.PathLike[str] | None = None,
        most_bytes_in_folder: int = 1 << 32,
    ) -> None:
        if most_bytes < 1 or most_bytes_in_folder < 1:
            raise AssistantError("must be at least one byte.", where="embeddings")
        self._kept: Kept[npt.NDArray[Any]] = Kept(most_bytes, lambda made: int(made.nbytes))
        self._folder = None if folder is None else Path(folder)
        self._most = most_bytes_in_folder
        if self._folder is not None:
            make_folder(str(self._folder))

    def __repr__(self) -> str:
        place = "memory" if self._folder is None else repr(str(self._folder))
        return f"Embeddings(in {place})"

    def get(self, key: str, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the embedding of a hash, made where it is nowhere; who wants it too waits."""
        return self._kept.get(key, lambda: self._from_folder(key, make))

    def known(self, key: str) -> bool:
        """Say whether it is in memory."""
        return self._kept.known(key) is not None

    def _from_folder(self, key: str, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        if self._folder is None:
            return make()
        path = self._folder / f"{key}.npy"
        found = _read(path)
        if found is not None:
            os.utime(path)  # as used just now
            return found
        made = make()
        file = io.BytesIO()
        np.save(file, made)
        write_bytes(path, file.getvalue())
        self._bound(self._folder)
        return made

    def _bound(self, folder: Path) -> None:
        """Delete the files that were used longest ago, until the others fit."""
        files = []
        for path in folder.glob("*.npy"):
            try:
                stat = path.stat()
            except FileNotFoundError:  # another kernel was quicker
                continue
            files.append((stat.st_mtime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files)[:-1]:
            if total <= self._most:
                break
            path.unlink(missing_ok=True)
            total -= size


def _read(path: Path) -> npt.NDArray[Any] | None:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        # It reads no pickle unless it is told to: such a file is a ValueError.
        made = np.load(io.BytesIO(path.read_bytes()))
    except (OSError, ValueError, EOFError, MemoryError, SyntaxError):
        return None
    whole = isinstance(made, np.ndarray) and made.ndim == 4 and made.dtype.kind == "f"
    return made if whole and np.isfinite(made).all() else None
