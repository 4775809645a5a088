"""Reading many headers at a time."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.header import ImageHeader, read_header
from labelwidgets.media.limits import Limits
from labelwidgets.media.sources import open_header, reported
from labelwidgets.media.urls import is_local, masked

_NEAR, _FAR = 4, 32


def header_of(url: str, limits: Limits, options: Mapping[str, Any]) -> ImageHeader:
    """Read the header of a file that lies anywhere.

    Raises
    ------
    SourceError
        If it cannot be found or read.
    ImageError
        If it is not a picture.
    LimitError
        If it is larger than the limits allow.
    """
    with open_header(url, limits, options) as file, reported(url):
        return read_header(file, masked(url), limits)


def read_headers(
    urls: Sequence[str], limits: Limits, options: Mapping[str, Any], progress: bool | None
) -> Generator[ImageHeader | LabelwidgetsError, None, None]:
    """Yield the header of each file, or why there is none, in the order of the files.

    Whoever stops early (an error, Ctrl-C) leaves nothing behind: what has not
    begun is cancelled.

    Parameters
    ----------
    urls
        Canonical URLs.
    limits, options
        As for `header_of`.
    progress
        Show a bar: True at once, None after a second, False never.
    """
    from tqdm.auto import tqdm

    def header(url: str) -> ImageHeader | LabelwidgetsError:
        try:
            return header_of(url, limits, options)
        except LabelwidgetsError as error:
            return error

    workers = _NEAR if all(map(is_local, urls)) else _FAR
    pool = ThreadPoolExecutor(workers, thread_name_prefix="labelwidgets-header")
    bar = tqdm(
        total=len(urls),
        desc="Checking files",
        unit="file",
        delay=0 if progress else 1,
        disable=progress is False,
    )
    try:
        futures = [pool.submit(header, url) for url in urls]
        for future in futures:
            yield future.result()
            bar.update()
    finally:
        bar.close()
        pool.shutdown(wait=False, cancel_futures=True)
