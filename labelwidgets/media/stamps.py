"""What tells a file from another one of the same name, without reading it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from labelwidgets.media.archives.address import address_of
from labelwidgets.media.items import Item
from labelwidgets.media.sources import reported
from labelwidgets.media.urls import is_local
from labelwidgets.media.versions import version_of
from labelwidgets.media.video.address import video_url

if TYPE_CHECKING:
    from labelwidgets.media.access import Access

_AT_ONCE = 16


class Stamp(NamedTuple):
    """What a store says of a file: its bytes, and its version where it tells versions apart."""

    url: str
    size: int
    version: str | None


def stamp(url: str, access: Access) -> Stamp:
    """Return what a store says of a file, asked with one request.

    Raises
    ------
    SourceError
        If it is not there, or may not be read.
    """
    url = video_url(url)
    if is_local(url) or address_of(url) is not None or url.startswith(("http", "dicomweb")):
        with reported(url):
            return Stamp(url, access.place(url).size(), None)
    fs, location = access.locate(url)
    with reported(url):
        facts = fs.info(location.path)
        return Stamp(url, int(facts["size"]), version_of(fs, facts))


def stamps(items: Iterable[Item], access: Access) -> Iterator[tuple[Item, list[Stamp]]]:
    """Return items with what the stores say of their files, asked for sixteen at a time."""

    def of(item: Item) -> list[Stamp]:
        door = access.of(item.trusted)
        with access.traffic.of(item.id):
            return [stamp(url, door) for url in item.urls]

    every = list(items)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="labelwidgets-stamps") as pool:
        yield from zip(every, pool.map(of, every), strict=True)
