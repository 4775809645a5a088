"""Image records that are pictures with a name and nothing more, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from labelwidgets.formats.coco import records

MAX_SIDE = 10**6
# Of fewer digits than `records.check_id` asks for.
_ID_END = 10**18


class PlainImages(NamedTuple):
    """N pictures; no two of them have the same id or name."""

    ids: list[int]
    # Without folders.
    names: list[str]
    # (width, height) in pixels.
    sizes: list[tuple[int, int]]
    # None or one of each.
    urls: list[tuple[str, ...]]


def plain_images(known: Sequence[records.Image | None]) -> PlainImages | None:
    """Return images by columns; None if any of them needs a closer look."""
    if not all(map(_is_plain, known)):
        return None
    images: Any = known
    ids = [one.id for one in images]
    names = [one.file_name for one in images]
    together = "\n".join(names)
    if "/" in together or "\\" in together or not {"", ".", ".."}.isdisjoint(names):
        return None
    if len(set(ids)) < len(ids) or len(set(names)) < len(names):
        return None
    sizes = [(one.width, one.height) for one in images]
    return PlainImages(
        ids, names, sizes, [(one.coco_url,) if one.coco_url else () for one in images]
    )


def _is_plain(image: records.Image | None) -> bool:
    return (
        image is not None
        and image.width is not None
        and image.height is not None
        and 0 < image.width <= MAX_SIDE
        and 0 < image.height <= MAX_SIDE
        and image.video_id is None
        and image.neg_category_ids is None
        and image.not_exhaustive_category_ids is None
        and image.labelwidgets is records.NULL
        and type(image.id) is int
        and -_ID_END < image.id < _ID_END
    )
