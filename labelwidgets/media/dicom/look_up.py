"""Look-up tables of DICOM files (PS3.3 C.7.6.3.1.5, C.11.1.1 and C.11.2.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError


@dataclass(frozen=True, slots=True)
class LookUp:
    """What whole numbers become: those below `first` as the first entry, beyond as the last.

    Parameters
    ----------
    first
        The number that the first entry is for.
    entries
        (n,) uint8 or uint16.
    bits
        Of an entry.
    explanation
        What the file says of it.
    """

    first: int
    entries: npt.NDArray[Any]
    bits: int
    explanation: str = ""

    def apply(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the entries of whole numbers, of any shape and integer type."""
        at = np.clip(numbers.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[at]


def look_up(descriptor: Sequence[int], data: bytes, order: str, signed: bool, where: str) -> LookUp:
    """Return a table from the elements of a file.

    Parameters
    ----------
    descriptor
        Number of entries (0 for 65536), first number, bits of an entry.
    data
        Entries of 8 bits, or of 16 in `order` (as of `struct`).
    signed
        Whether the numbers are signed.
    where
        The name that errors give to the file.

    Raises
    ------
    ImageError
        If the entries are fewer than claimed, or of other sizes.
    """
    if len(descriptor) != 3:
        raise ImageError("has a look-up table without a descriptor of three numbers.", where=where)
    count, first, bits = (int(value) & 0xFFFF for value in descriptor)
    count = count or 1 << 16
    if signed and first > 0x7FFF:
        first -= 1 << 16
    if not 1 <= bits <= 16:
        raise ImageError(f"has a look-up table with entries of {bits} bits.", where=where)
    if len(data) >= 2 * count:
        entries = np.frombuffer(data, order + "u2", count).astype(np.uint16)
    elif len(data) >= count and bits == 8:
        entries = np.frombuffer(data, np.uint8, count)
    else:
        raise ImageError(
            f"has a look-up table of {count} entries in {len(data)} bytes.", where=where
        )
    return LookUp(first, entries, bits)
