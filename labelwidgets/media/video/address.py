"""How frames of a video are named: ``frames://120::VIDEO`` and ``frames://100-199::VIDEO``.

A frame is a picture, and a range of them is a task; both are read from where the video lies.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from labelwidgets.errors import SourceError

FRAMES = "frames://"
# Of 1e9 frames on, nothing is a video.
_CHAIN = re.compile(r"frames://(\d{1,9})(?:-(\d{1,9}))?::(.+)", re.IGNORECASE | re.DOTALL)


class FramesAddress(NamedTuple):
    """A frame of a video, or those from one to another.

    Parameters
    ----------
    first
        Index of the frame, or of the first one, from 0 in the order of showing.
    last
        Index of the last one; None for a single frame, which is a picture.
    video
        URL of the video.
    """

    first: int
    last: int | None
    video: str

    @property
    def url(self) -> str:
        """As one URL."""
        end = "" if self.last is None else f"-{self.last}"
        return f"{FRAMES}{self.first}{end}::{self.video}"


def frames_of(url: str) -> FramesAddress | None:
    """Return which frames of a video a URL names, None if it names none.

    Raises
    ------
    SourceError
        If it names no video, or a range that ends before it begins.
    """
    if url[: len(FRAMES)].lower() != FRAMES:
        return None
    found = _CHAIN.fullmatch(url)
    if found is None or found[3][: len(FRAMES)].lower() == FRAMES:
        raise SourceError(
            "names no frame of a video.",
            where=url[:300],
            hint="Write frames://120::PATH-OF-THE-VIDEO, or frames://100-199::... for a range.",
        )
    first, last = int(found[1]), None if found[2] is None else int(found[2])
    if last is not None and last < first:
        raise SourceError("ends before it begins.", where=url[:300])
    return FramesAddress(first, last, found[3])


def video_url(url: str) -> str:
    """Return the URL of the video that a URL names frames of, any other as it is."""
    found = frames_of(url)
    return url if found is None else found.video
