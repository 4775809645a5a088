"""A dataset that is nothing but pictures of known sizes, by the columns of its items.

As most datasets are: what is asked of all pictures is found without an object for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from labelwidgets.formats.matching import addresses_in, cells, file_name, texts

if TYPE_CHECKING:
    import pandas as pd


class PlainPictures(NamedTuple):
    """N pictures, in the order of the items.

    No two of them have the same id or the same name.
    """

    ids: list[str]
    # As `Item.file_name`.
    names: list[str]
    # In pixels.
    widths: list[int]
    heights: list[int]
    # Of each the URL or path, "" where there is none; None where there are none at all.
    urls: list[str] | None
    metadata: list[dict[str, Any]]


def plain_pictures(items: pd.DataFrame) -> PlainPictures | None:
    """Return the pictures of a frame of items, None where it has anything else.

    That may be a video, or what is wrong: see `items_of`.
    """
    if "id" not in items.columns or not ("kind" in items.columns and _are_images(items["kind"])):
        return None
    metadata = cells(items, "metadata")
    try:
        widths, heights = ([one[name] for one in metadata] for name in ("width", "height"))
    except (KeyError, TypeError):
        return None
    if {*map(type, widths), *map(type, heights)} != {int} or min(*widths, *heights) < 1:
        return None
    ids = list(map(str, cells(items, "id")))
    urls, folders = (cells(items, name) for name in ("urls", "folder"))
    titles = texts(cells(items, "title"))
    known = [next(iter(addresses_in(one)), "") for one in urls] if _any(urls) else None
    if known is None and not any(texts(folders)) and _are_names(titles):
        names = titles
    else:
        paths = known or [""] * len(ids)
        names = list(map(file_name, texts(folders), paths, titles, ids))
    if len(set(ids)) < len(ids) or len(set(names)) < len(names):
        return None
    return PlainPictures(ids, names, widths, heights, known, metadata)


def _are_images(kinds: pd.Series[Any]) -> bool:
    return bool((kinds == "image").fillna(False).all())


def _any(urls: Sequence[Any]) -> bool:
    try:
        return any(urls)
    except ValueError:
        # Arrays.
        return True


def _are_names(titles: list[str]) -> bool:
    """Say whether each title is a name for a file as it is."""
    together = "\n".join(titles)
    return not ("/" in together or "\\" in together or not {"", ".", ".."}.isdisjoint(titles))
