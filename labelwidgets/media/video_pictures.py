"""The pictures of videos, and single frames of videos that are pictures of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded, small
from labelwidgets.media.file_pictures import check_frame
from labelwidgets.media.items import Item
from labelwidgets.media.opened_videos import OpenedVideos
from labelwidgets.media.video.address import frames_of
from labelwidgets.media.videos import Video

# A frame whose values spread less than this shows nothing, such as the black before a beginning.
_BLANK = 6.0
# So many frames are looked at until one shows something.
_TRIES = 5


class VideoPictures:
    """Shows frames of videos.

    Parameters
    ----------
    videos
        Opens them.
    access
        Counts what they read.
    """

    def __init__(self, videos: OpenedVideos, access: Access) -> None:
        self._videos = videos
        self._access = access

    def pixels(self, item: Item, frame: int) -> npt.NDArray[Any]:
        """Return a frame, (H, W, 3) RGB."""
        video = self._videos.get(item)
        with self._access.traffic.of(item.id):
            return video[_index(item, frame, len(video))]

    def encoded(self, item: Item, frame: int, raw: bool) -> Encoded:
        """Return a frame for the browser, which is never as it lies in the file."""
        video = self._videos.get(item)
        with self._access.traffic.of(item.id):
            return video.encoded(_index(item, frame, len(video)))

    def thumbnail(self, item: Item, edge: int) -> Encoded:
        """Return a small picture of a frame near the middle that shows something."""
        video = self._videos.get(item)
        with self._access.traffic.of(item.id):
            at = telling_frame(video, *range_of(item, len(video)))
            return small(video[at], edge)


def range_of(item: Item, count: int) -> tuple[int, int]:
    """Return the first and the last frame that an item is about, of a video of `count` frames."""
    found = frames_of(item.urls[0])
    if found is None:
        return 0, count - 1
    last = found.first if found.last is None else found.last
    return min(found.first, count - 1), min(last, count - 1)


def is_frame(item: Item) -> bool:
    """Say whether an item is a picture that is a frame of a video."""
    if item.kind != "image":
        return False
    found = frames_of(item.urls[0])
    return found is not None and found.last is None


def _index(item: Item, frame: int, count: int) -> int:
    """Return which frame of the video is meant: that of a picture is its only one."""
    if not is_frame(item):
        return check_frame(item, frame, count)
    check_frame(item, frame, 1)
    found = frames_of(item.urls[0])
    return check_frame(item, found.first if found else 0, count)


def telling_frame(video: Video, first: int, last: int) -> int:
    """Return the key frame nearest to the middle, or of those around it the first not blank.

    Parameters
    ----------
    video
        Opened.
    first, last
        The frames that are looked at.
    """
    middle = (first + last) // 2
    keys = video.keys[(video.keys >= first) & (video.keys <= last)]
    near = keys[np.argsort(np.abs(keys - middle), kind="stable")][: _TRIES - 1]
    tried: list[int] = [*near.tolist(), middle]
    return next((at for at in tried if video[at].std() >= _BLANK), tried[0])
