"""Reading the headers of many files at a time."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.dicomweb.address import DICOMWEB
from labelwidgets.media.header import ImageHeader, read_header
from labelwidgets.media.items import Item, OnError
from labelwidgets.media.kinds import PICTURES, is_dicom, video_mime
from labelwidgets.media.tiles.zarr import is_zarr, open_zarr
from labelwidgets.media.urls import is_local, masked

_NEAR, _FAR = 4, 32
_HEAD = 132

Facts: TypeAlias = "dict[str, Any] | LabelwidgetsError"
"""What the header of a file says, as it goes into the metadata, or why there is none."""


def header_of(url: str, access: Access) -> ImageHeader:
    """Read the header of a picture that lies anywhere.

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


def facts_of(kind: str, url: str, access: Access) -> dict[str, Any]:
    """Read what a file of an item of some kind is.

    Of a picture: width, height, mime and bits. Of a video or a DICOM file, the media type by
    its first bytes; what is in it is read by whatever shows it.

    Raises
    ------
    SourceError, ImageError, LimitError
        If it cannot be read, or is not of the kind.
    """
    if kind in PICTURES and is_zarr(url):
        tiles = open_zarr(access, url)
        width, height, *_ = tiles.levels[0]
        return {"width": width, "height": height, "mime": tiles.mime, "bits": tiles.bits}
    if kind in PICTURES:
        header = header_of(url, access)
        return {
            "width": header.width,
            "height": header.height,
            "mime": header.mime,
            "bits": header.bits,
        }
    if url.startswith(DICOMWEB):
        # Such a server has nothing else, and sends no less than all of it.
        return {"mime": "application/dicom"}
    head = access.place(url).fetch(0, _HEAD)
    if kind == "video":
        mime = video_mime(head)
        if mime is None:
            raise ImageError(
                "is not a video.",
                where=masked(url),
                hint="Known are MP4, QuickTime, AVI, Matroska and WebM.",
            )
        return {"mime": mime}
    if not is_dicom(head):
        raise ImageError("is not a DICOM file.", where=masked(url))
    return {"mime": "application/dicom"}


def read_facts(
    items: Sequence[Item], access: Access, progress: bool | None
) -> Generator[Facts, None, None]:
    """Yield what each file of items is, or why it is not known, in their order.

    Whoever stops early (an error, Ctrl-C) leaves nothing behind: what has not
    begun is cancelled.

    Parameters
    ----------
    items
        Whose files are read.
    access
        Reads them.
    progress
        Show a bar: True at once, None after a second, False never.
    """
    from tqdm.auto import tqdm

    files = [(item, url) for item in items for url in item.urls]

    def facts(item: Item, url: str) -> Facts:
        try:
            with access.traffic.of(item.id):
                return facts_of(item.kind, url, access.of(item.trusted))
        except LabelwidgetsError as error:
            return error

    workers = _NEAR if all(is_local(url) for _, url in files) else _FAR
    pool = ThreadPoolExecutor(workers, thread_name_prefix="labelwidgets-header")
    bar = tqdm(
        total=len(files),
        desc="Checking files",
        unit="file",
        delay=0 if progress else 1,
        disable=progress is False,
    )
    try:
        futures = [pool.submit(facts, *file) for file in files]
        for future in futures:
            yield future.result()
            bar.update()
    finally:
        bar.close()
        pool.shutdown(wait=False, cancel_futures=True)


def check(item: Item, facts: Sequence[Facts], on_error: OnError) -> dict[str, Any] | None:
    """Put what the files of an item are into its metadata, and return that.

    One that failed makes the item fail: then None.

    Of one file the facts stand in the metadata by themselves; of several pictures as the list
    ``frames``, one dict each, and for a sequence also those of the first, at whose size it is
    shown; of a series its media type.
    """
    frames: list[dict[str, Any]] = []
    for url, said in zip(item.urls, facts, strict=True):
        if isinstance(said, LabelwidgetsError):
            item.status = "failed"
            on_error(item.row, item.place, item.id, masked(url), said)
        else:
            frames.append(said)
    if item.status == "failed":
        return None
    item.status = "ok"
    found: dict[str, Any] = {}
    if len(frames) > 1 and item.kind in PICTURES:
        found["frames"] = frames
    if len(frames) == 1 or item.kind != "image_group":
        found |= frames[0]
    item.metadata |= found
    return found
