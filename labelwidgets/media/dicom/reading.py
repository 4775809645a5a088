"""Headers of many files, read beside each other."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import IO, TypeAlias

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.frames import frame_headers, needs_groups, read_groups
from labelwidgets.media.dicom.headers import read_header
from labelwidgets.media.dicom.objects import role_of
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.dicomweb.metadata import read_metadata
from labelwidgets.media.limits import Limits
from labelwidgets.media.urls import is_local, masked

_AT_ONCE = 32

Frames: TypeAlias = "list[SliceHeader] | LabelwidgetsError"
"""The headers of the frames of a file, or why there are none."""


def header_of(url: str, access: Access) -> SliceHeader:
    """Return the header of a file that lies anywhere (see `read_header`)."""
    with access.open(url) as file:
        return read_header(file, masked(url), access.limits)


def frames_of(url: str, access: Access) -> list[SliceHeader]:
    """Return the headers of the frames of a file; none for an object that is no picture.

    Raises
    ------
    ImageError
        If it is no DICOM file, or damaged.
    LimitError
        If it is larger than the limits allow.
    SourceError
        If it cannot be found or read.
    """
    with access.open(url) as file:
        return _frames(file, masked(url), access.limits)


def _frames(file: IO[bytes], where: str, limits: Limits) -> list[SliceHeader]:
    header = read_header(file, where, limits)
    role = role_of(header)
    if role == "object":
        return []
    if role == "unknown":
        raise ImageError("is a DICOM file without a picture: it may be damaged.", where=where)
    limits.check_pixels(header.columns, header.rows, where)
    groups = read_groups(file, header, where, limits) if needs_groups(header) else None
    return frame_headers(header, groups, where)


def read_frames(urls: Sequence[str], access: Access) -> list[Frames]:
    """Return for each file the headers of its frames, or why there are none.

    Those of a series on a DICOMweb server come in one request, and do not say where pixels are.
    """
    told = read_metadata(urls, access)

    def read(url: str) -> Frames:
        try:
            if url in told:
                return _frames(io.BytesIO(told[url]), masked(url), access.limits)
            return frames_of(url, access)
        except LabelwidgetsError as error:
            return error

    if all(map(is_local, urls)):
        # Where nothing is waited for, threads only get in each other's way.
        return [read(url) for url in urls]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="labelwidgets-header") as pool:
        # In the context of the caller, as what is read is counted to its item.
        futures = [pool.submit(copy_context().run, read, url) for url in urls]
        return [future.result() for future in futures]
