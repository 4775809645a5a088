"""The whole header of a file, as pydicom has it, within bounds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, cast

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.dicom.clipped import Clipped, is_too_deep
from labelwidgets.media.dicom.headers import data_set_start
from labelwidgets.media.dicom.inflating import Inflated
from labelwidgets.media.dicom.slice_header import DEFLATED, SliceHeader
from labelwidgets.media.limits import Limits

if TYPE_CHECKING:
    from pydicom import Dataset


def read_dataset(
    file: IO[bytes],
    header: SliceHeader,
    where: str,
    limits: Limits,
    tags: Sequence[int] | None = None,
) -> Dataset:
    """Return the elements before the pixels.

    Parameters
    ----------
    file
        Open for reading.
    header
        Its header.
    where
        The name that errors give to it.
    limits
        Bounds on what a deflated data set may become.
    tags
        Those that are wanted, None for all.

    Raises
    ------
    ImageError
        If it is damaged.
    LimitError
        If it becomes larger than the limits allow.
    """
    import pydicom

    file.seek(0)
    try:
        if header.transfer_syntax == DEFLATED:
            return _inflated(file, where, limits, tags)
        wanted = None if tags is None else list(tags)
        clipped = cast("IO[bytes]", Clipped(file))
        return pydicom.dcmread(clipped, stop_before_pixels=True, force=True, specific_tags=wanted)
    except LabelwidgetsError:
        raise
    except Exception as error:
        # pydicom raises whatever its parts do on damaged bytes.
        if is_too_deep(error):
            raise ImageError("has sequences nested too deep.", where=where) from None
        raise ImageError(
            f"has a header that cannot be read ({type(error).__name__}).", where=where
        ) from None


def _inflated(file: IO[bytes], where: str, limits: Limits, tags: Sequence[int] | None) -> Dataset:
    """Return what pydicom would inflate without a bound."""
    from pydicom.filereader import read_dataset as read
    from pydicom.tag import BaseTag

    def fetch(begin: int, count: int) -> bytes:
        file.seek(begin)
        return file.read(count)

    data = Inflated(fetch, data_set_start(fetch), limits, where).fetch(0, limits.file_bytes)
    wanted: list[BaseTag | int] | None = None if tags is None else [*map(BaseTag, tags)]
    return read(
        io.BytesIO(data),
        False,
        True,
        stop_when=lambda tag, vr, length: int(tag) >= 0x7FE00000,
        specific_tags=wanted,
    )
