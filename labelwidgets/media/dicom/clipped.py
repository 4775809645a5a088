"""What keeps pydicom within bounds."""

from __future__ import annotations

from typing import IO


class Clipped:
    """A file that asks for no more bytes than there are, whatever length is claimed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        file.seek(0)
        self.seek, self.tell = file.seek, file.tell

    def read(self, count: int = -1) -> bytes:
        """Return as many bytes as there are, `count` at most."""
        left = max(0, self._size - self._file.tell())
        return self._file.read(left if count < 0 else min(count, left))


def is_too_deep(error: BaseException | None) -> bool:
    """Say whether an error, or what led to it, is that of too deep a recursion."""
    while error is not None and not isinstance(error, RecursionError):
        error = error.__cause__ or error.__context__
    return error is not None
