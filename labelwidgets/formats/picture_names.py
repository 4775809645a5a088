"""What the frames of a video and the slices of a scan are called where each is a picture."""

from __future__ import annotations

import re

FRAME = "frame_{:06d}"
SLICE = "slice_{:04d}"
_PART = re.compile(r"(?:frame|slice)_(\d{1,9})")


def split_name(path: str) -> tuple[str, int] | None:
    """Return the path of the whole and the index of the part, None where a path names no part.

    ``cars/road.mp4/frame_000012.png`` is frame 12 of ``cars/road.mp4``.
    """
    whole, _, name = path.replace("\\", "/").rpartition("/")
    found = _PART.fullmatch(name.rsplit(".", 1)[0])
    return (whole, int(found[1])) if found and whole else None
