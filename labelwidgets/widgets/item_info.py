"""What a page is told of an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.media.kinds import VOLUMES
from labelwidgets.media.urls import file_name, masked
from labelwidgets.store.item_metadata import size_of, spacing_of


def item_info(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return id, kind, title, size and spacing; of several pictures the size and name of each.

    Parameters
    ----------
    item
        With id, kind, title, urls and metadata, whose ``spacing`` is millimetres a pixel: one
        number, or those along x and y.
    """
    metadata, urls = item["metadata"], item["urls"]
    found = {
        "id": item["id"],
        "kind": item["kind"],
        "title": item["title"],
        "width": metadata.get("width"),
        "height": metadata.get("height"),
    }
    spacing = spacing_of(metadata)
    if spacing is not None:
        found["spacing"] = list(spacing)
    # Of a scan, what its slices are is known once its headers are read.
    if len(urls) > 1 and item["kind"] not in VOLUMES:
        found["frames"] = [
            {"title": masked(file_name(url)), "size": size_of(metadata, frame)}
            for frame, url in enumerate(urls)
        ]
    return found


def mark_of(item: Mapping[str, Any]) -> str | None:
    """Return what is written on the thumbnail of a video: that it is one, and how long it is.

    Of a sequence, how many pictures it has; None of all else.
    """
    metadata = item["metadata"]
    if item["kind"] == "image_sequence":
        return f"▶ {len(item['urls'])}"
    if item["kind"] != "video":
        return None
    seconds, frames = metadata.get("duration"), metadata.get("frames")
    if not isinstance(seconds, int | float) or not 0 <= seconds < 1e8:
        return "▶"
    first, last = metadata.get("first_frame"), metadata.get("last_frame")
    if isinstance(first, int) and isinstance(last, int) and isinstance(frames, int) and frames:
        seconds *= (last - first + 1) / frames
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"▶ {hours}:{minutes:02}:{rest:02}" if hours else f"▶ {minutes}:{rest:02}"
