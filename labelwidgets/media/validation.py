"""Reading many headers at a time."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.header import ImageHeader, read_header
from labelwidgets.media.urls import is_local, masked

_NEAR, _FAR = 4, 32


def header_of(url: str, access: Access) -> ImageHeader:
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
    with access.open(url) as file:
        return read_header(file, masked(url), access.limits)


def read_headers(
    files: Sequence[tuple[str, str, bool]], access: Access, progress: bool | None
) -> Generator[ImageHeader | LabelwidgetsError, None, None]:
    """Yield the header of each file, or why there is none, in the order of the files.

    Whoever stops early (an error, Ctrl-C) leaves nothing behind: what has not
    begun is cancelled.

    Parameters
    ----------
    files
        Of each the item that it belongs to, its canonical URL, and whether it is trusted.
    access
        Reads them.
    progress
        Show a bar: True at once, None after a second, False never.
    """
    from tqdm.auto import tqdm

    def header(item_id: str, url: str, trusted: bool) -> ImageHeader | LabelwidgetsError:
        try:
            with access.traffic.of(item_id):
                return header_of(url, access.of(trusted))
        except LabelwidgetsError as error:
            return error

    workers = _NEAR if all(is_local(url) for _, url, _ in files) else _FAR
    pool = ThreadPoolExecutor(workers, thread_name_prefix="labelwidgets-header")
    bar = tqdm(
        total=len(files),
        desc="Checking files",
        unit="file",
        delay=0 if progress else 1,
        disable=progress is False,
    )
    try:
        futures = [pool.submit(header, *file) for file in files]
        for future in futures:
            yield future.result()
            bar.update()
    finally:
        bar.close()
        pool.shutdown(wait=False, cancel_futures=True)
