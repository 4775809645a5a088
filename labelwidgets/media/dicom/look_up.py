"""Look-up tables of DICOM files (PS3.3 C.7.6.3.1.5, C.11.1.1 and C.11.2.1.1)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.dicom.slice_header import BIG_ENDIAN, SliceHeader
from labelwidgets.numbered import numbered

if TYPE_CHECKING:
    from pydicom import Dataset


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
            f"has a look-up table of {numbered(count, 'entry')} in {len(data)} bytes.", where=where
        )
    return LookUp(first, entries, bits)


def tables_of(
    dataset: Dataset, sequence: int, header: SliceHeader, where: str
) -> tuple[LookUp, ...]:
    """Return the tables of a modality LUT or VOI LUT sequence.

    Raises
    ------
    ImageError
        If one of them is damaged.
    """
    order = order_of(header)
    found = []
    for item in items_of(dataset, sequence):
        data = bytes_of(item, 0x00283006, order)
        table = look_up(descriptor_of(item, 0x00283002, order), data, order, header.signed, where)
        explanation = item.get("LUTExplanation")
        text = str(explanation).strip() if isinstance(explanation, str) else ""
        found.append(replace(table, explanation=text))
    return tuple(found)


def order_of(header: SliceHeader) -> str:
    """Return the byte order of a file, as `struct` has it."""
    return ">" if header.transfer_syntax == BIG_ENDIAN else "<"


def items_of(dataset: Dataset, sequence: int) -> list[Dataset]:
    """Return the items of a sequence; none where it is damaged."""
    from pydicom import Dataset as Item

    try:
        found = dataset[sequence].value if sequence in dataset else ()
    except Exception:
        # pydicom parses it only now, and raises whatever its parts do.
        return []
    return [item for item in found or () if isinstance(item, Item)]


def descriptor_of(dataset: Dataset, tag: int, order: str) -> tuple[int, ...]:
    """Return the three numbers that describe a table; none where they are not there."""
    data = bytes_of(dataset, tag, order)
    return struct.unpack(f"{order}3H", data[:6]) if len(data) >= 6 else ()


def bytes_of(dataset: Dataset, tag: int, order: str) -> bytes:
    """Return the bytes of an element of words, whatever representation it came with."""
    from pydicom.dataelem import RawDataElement

    if tag not in dataset:
        return b""
    element = dataset.get_item(tag)
    value = element.value if element is not None else None
    if isinstance(element, RawDataElement) or isinstance(value, bytes):
        return bytes(value or b"")
    numbers = [value] if isinstance(value, int) else list(value or ())
    return np.array([int(number) & 0xFFFF for number in numbers], order + "u2").tobytes()
