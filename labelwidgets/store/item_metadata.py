"""What the metadata of an item say of its pictures: their size, number and spacing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

# Kinds of items with slices, however many their files.
_SCANS = ("dicom_series", "volume")


def size_of(metadata: Mapping[str, Any], frame: int | None = None) -> tuple[int, int] | None:
    """Return (width, height) in pixels of an item, None where its metadata lacks them.

    Parameters
    ----------
    metadata
        Of the item.
    frame
        Which picture of a group, from 0.
    """
    frames = metadata.get("frames")
    if isinstance(frames, list) and "width" not in metadata:
        one = frames[frame] if frame is not None and 0 <= frame < len(frames) else None
        return size_of(one) if isinstance(one, Mapping) and "frames" not in one else None
    size = metadata.get("width"), metadata.get("height")
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in size)
    return (int(size[0] or 0), int(size[1] or 0)) if whole else None


def pictures_of(kind: str, metadata: Mapping[str, Any], files: int) -> int | None:
    """Return how many pictures an item has, on each of which shapes lie.

    Of a scan these are its slices, of a video its frames, which its metadata tell, as one file
    may hold many of them and some files none; None where they do not.

    Parameters
    ----------
    kind, metadata
        Of the item.
    files
        How many it has.
    """
    if kind != "video" and kind not in _SCANS:
        return files
    # What a manifest computed of rate and duration is no count (``frame_count``).
    slices = metadata.get("frames" if kind == "video" else "slices")
    whole = isinstance(slices, int) and not isinstance(slices, bool) and slices > 0
    return slices if whole else None


def spacing_of(metadata: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return millimetres a pixel along x and y, None where the metadata of an item lacks them.

    Its ``spacing`` is one number, or both.
    """
    value = metadata.get("spacing")
    pair = value if isinstance(value, list | tuple) else [value, value]
    sound = len(pair) == 2 and all(
        isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) and n > 0
        for n in pair
    )
    return (float(pair[0] or 0), float(pair[1] or 0)) if sound else None
