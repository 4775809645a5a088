"""DICOM objects of others, read whole with bounds on what they may cost."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError, ImageError
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.formats.numbered import numbered
from labelwidgets.media.dicom.inflating import check_inflated
from labelwidgets.media.limits import Limits

if TYPE_CHECKING:
    import pydicom

MAX_BYTES = 1 << 31
"""Of a file, and of what a deflated one holds."""
# (0002,0002) Media Storage SOP Class UID, as the meta information has it.
_KIND = b"\x02\x00\x02\x00UI"


def is_dicom(head: bytes) -> bool:
    """Say whether a file that begins so has the preamble of DICOM (PS3.10, 7.1)."""
    return head[128:132] == b"DICM"


def sop_class_in(head: bytes) -> str:
    """Return what a DICOM file is, by its meta information; empty where it does not say."""
    at = head.find(_KIND, 132, 1024) if is_dicom(head) else -1
    if at < 0:
        return ""
    size = int.from_bytes(head[at + 6 : at + 8], "little")
    return head[at + 8 : at + 8 + size].decode("ascii", errors="replace").rstrip("\0 ")


def read_object(
    path: str | os.PathLike[str], sop_classes: Sequence[str], **storage_options: Any
) -> pydicom.Dataset:
    """Return a DICOM object of one of some kinds.

    Parameters
    ----------
    path
        File or any fsspec URL.
    sop_classes
        UIDs of the kinds.
    **storage_options
        For fsspec.

    Raises
    ------
    FormatError
        If it is no DICOM, damaged, or of another kind; it names the field.
    LimitError
        If it, or what it inflates to, has more than `MAX_BYTES`.
    SourceError
        If it cannot be read.
    """
    import pydicom
    from pydicom.config import IGNORE
    from pydicom.uid import UID

    name = shown(path)
    data = read_bytes(path, MAX_BYTES, **storage_options)
    if not is_dicom(data):
        raise FormatError("is no DICOM file: DICM is not at its byte 128.", where=name)
    try:
        check_inflated(data, name, Limits(file_bytes=MAX_BYTES))
    except ImageError as error:
        raise FormatError(error.message, where=error.where) from None
    try:
        with warnings.catch_warnings():
            # Values that break a rule of DICOM are looked at where they are used.
            warnings.simplefilter("ignore")
            made = pydicom.dcmread(io.BytesIO(data))
            kind = str(made.get("SOPClassUID", ""))
            syntax = made.file_meta.get("TransferSyntaxUID")
    except RecursionError:
        raise FormatError("is nested too deeply.", where=name) from None
    except Exception as error:
        raise FormatError(
            f"is a damaged DICOM file ({type(error).__name__}).", where=name
        ) from None
    if kind not in sop_classes:
        # Without validation, which would warn of what is said here.
        known, wanted = (UID(uid, IGNORE).name for uid in (kind, sop_classes[0]))
        raise FormatError(
            f"is {known[:80] or 'missing'!r}, not {wanted}.", where=f"{name}, SOPClassUID"
        )
    if syntax is None or not UID(syntax, IGNORE).is_transfer_syntax:
        raise FormatError("is missing or unknown.", where=f"{name}, TransferSyntaxUID")
    return made


def sequence(dataset: pydicom.Dataset, keyword: str) -> list[pydicom.Dataset]:
    """Return the items of a sequence, [] where it is missing, empty or none.

    Raises
    ------
    FormatError
        If the element is there and no sequence.
    """
    from pydicom import Dataset, Sequence

    value = value_of(dataset, keyword)
    if value is None:
        return []
    if not isinstance(value, Sequence) or not all(isinstance(item, Dataset) for item in value):
        raise FormatError("is no sequence.", where=keyword)
    return list(value)


def value_of(dataset: pydicom.Dataset, keyword: str) -> Any:
    """Return a value as pydicom has it, None where it is missing or empty.

    Raises
    ------
    FormatError
        If it cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
    except RecursionError:
        raise FormatError("is nested too deeply.", where=keyword) from None
    except Exception as error:
        raise FormatError(f"cannot be read ({type(error).__name__}).", where=keyword) from None
    return None if value is None or (isinstance(value, str) and not value) else value


def text(dataset: pydicom.Dataset, keyword: str) -> str:
    """Return a value as text, empty where it is missing."""
    value = value_of(dataset, keyword)
    return "" if value is None else str(value).strip(" \0")


def whole(dataset: pydicom.Dataset, keyword: str, least: int, most: int) -> int:
    """Return a whole number between two.

    Raises
    ------
    FormatError
        If it is missing, no number, or beyond them.
    """
    value = value_of(dataset, keyword)
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise FormatError(
            "is missing." if value is None else f"is no whole number: {str(value)[:40]!r}.",
            where=keyword,
        ) from None
    if not least <= number <= most:
        raise FormatError(f"is {number}, and must be from {least} to {most}.", where=keyword)
    return number


def numbers(dataset: pydicom.Dataset, keyword: str, count: int) -> list[float] | None:
    """Return so many finite numbers, None where the element is missing.

    Raises
    ------
    FormatError
        If it has another count, or one that is not finite.
    """
    import math

    value = value_of(dataset, keyword)
    if value is None:
        return None
    try:
        found = [float(one) for one in value]
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"must be {numbered(count, 'number')}.", where=keyword) from None
    if len(found) != count or not all(map(math.isfinite, found)):
        raise FormatError(f"must be {count} finite numbers.", where=keyword)
    return found
