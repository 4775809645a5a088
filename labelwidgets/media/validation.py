"""Reading the headers of many files at a time."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeAlias

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.checked import Checked
from labelwidgets.media.dicom.objects import role_of
from labelwidgets.media.dicom.reading import header_of as slice_header_of
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.dicomweb.address import DICOMWEB
from labelwidgets.media.failures import Failures
from labelwidgets.media.header import ImageHeader, read_header
from labelwidgets.media.items import Item, OnError
from labelwidgets.media.kinds import PICTURES
from labelwidgets.media.nifti.volume import NiftiVolume
from labelwidgets.media.scan_items import Said, ScanItems
from labelwidgets.media.tiles.zarr import is_zarr, open_zarr
from labelwidgets.media.urls import is_local, masked
from labelwidgets.media.video.address import frames_of
from labelwidgets.media.video_facts import read_video_facts

_NEAR, _FAR = 4, 32

Facts: TypeAlias = "dict[str, Any] | SliceHeader | LabelwidgetsError"
"""What the header of a file says: as it goes into the metadata, or that of a DICOM file, or why
there is none."""


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


def facts_of(kind: str, url: str, access: Access) -> dict[str, Any] | SliceHeader:
    """Read what a file of an item of some kind is.

    Of a picture: width, height, mime and bits. Of a video, what its index tells (see
    `read_video_facts`). Of a DICOM file, the header; of a NIfTI volume,
    width, height, slices, spacing and mime.

    Raises
    ------
    SourceError, ImageError, LimitError
        If it cannot be read, or is not of the kind.
    """
    if kind == "video" or frames_of(url) is not None:
        return read_video_facts(url, access)
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
    if kind == "dicom_series":
        return _dicom_header(url, access)
    volume = NiftiVolume(url, access)
    slices, height, width = volume.grid.shape
    found = {"width": width, "height": height, "slices": slices, "mime": "application/x-nifti"}
    spacing = volume.grid.spacing
    return found if spacing is None else {**found, "spacing": list(spacing)}


def _dicom_header(url: str, access: Access) -> SliceHeader:
    header = slice_header_of(url, access)
    if role_of(header) == "unknown":
        raise ImageError("is a DICOM file without a picture: it may be damaged.", where=masked(url))
    access.limits.check_pixels(header.columns, header.rows, masked(url))
    return header


def read_facts(
    items: Sequence[Item], access: Access, progress: bool | None, checked: Checked | None = None
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
    checked
        Headers of DICOM files that are known, and takes those that are read.
    """
    from tqdm.auto import tqdm

    files = [(item, url) for item in items for url in item.urls]

    def facts(item: Item, url: str) -> Facts:
        try:
            known = None if checked is None else checked.recall_header(url)
            if known is not None and item.kind == "dicom_series":
                return known
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
        for (_, url), future in zip(files, futures, strict=True):
            said = future.result()
            if checked is not None and isinstance(said, SliceHeader):
                checked.note_header(url, said)
            yield said
            bar.update()
    finally:
        bar.close()
        pool.shutdown(wait=False, cancel_futures=True)


def check_items(
    items: Sequence[Item],
    access: Access,
    progress: bool | None,
    failures: Failures,
    checked: Checked,
    scans: ScanItems,
) -> list[Item]:
    """Read the headers of items, and return what they are: scans are told apart.

    Parameters
    ----------
    items
        As they were listed.
    access, progress
        See `read_facts`.
    failures
        Takes what cannot be read.
    checked
        What is known already, of which nothing is fetched; it takes what is sound.
    scans
        Makes scans of the DICOM files of a listing.
    """
    found: list[list[Item]] = []
    places: list[int] = []
    loose: list[tuple[Item, list[Said]]] = []
    known = {id(item): checked.recall_scans(item) for item in items if item.by_name}
    waiting = [
        item
        for item in items
        if known.get(id(item)) is None
        and (item.by_name or not checked.recall(item))
        and item.status == "unchecked"
    ]
    unknown = {id(item) for item in waiting}
    # Closed, so that an error stops the reading although its traceback lives on.
    with closing(read_facts(waiting, access, progress, checked)) as facts:
        for item in items:
            parts = known.get(id(item))
            found.append([item] if parts is None else parts)
            if id(item) not in unknown:
                continue
            said = [_raised(next(facts), failures) for _ in item.urls]
            headers = [one for one in said if not isinstance(one, dict)]
            if item.kind != "dicom_series" or len(headers) < len(said):
                sound = check(item, said, failures.add)
                if sound is not None:
                    checked.note(item, sound)
            elif item.by_name:
                places.append(len(found) - 1)
                loose.append((item, headers))
            else:
                scans.check(item, headers)
    for place, made in zip(places, scans.regroup(loose), strict=True):
        found[place] = made
    return [item for some in found for item in some]


def _raised(said: Facts, failures: Failures) -> Facts:
    """Return what is said of a file; raise an error at once where the first is the end of it."""
    if failures.raises and isinstance(said, LabelwidgetsError):
        raise said
    return said


def check(item: Item, facts: Sequence[Facts], on_error: OnError) -> dict[str, Any] | None:
    """Put what the files of an item are into its metadata, and return that.

    One that failed makes the item fail: then None.

    Of one file the facts stand in the metadata by themselves; of several pictures as the list
    ``frames``, one dict each, and for a sequence also those of the first, at whose size it is
    shown. DICOM files are for `ScanItems`, but those of a server.
    """
    frames: list[dict[str, Any]] = []
    for url, said in zip(item.urls, facts, strict=True):
        if isinstance(said, LabelwidgetsError):
            item.status = "failed"
            on_error(item.row, item.place, item.id, masked(url), said)
        elif isinstance(said, dict):
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
