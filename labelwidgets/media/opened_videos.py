"""Videos whose frames are counted, so that each is opened once."""

from __future__ import annotations

import threading
from collections import OrderedDict

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.file_pictures import FilePictures
from labelwidgets.media.items import Item
from labelwidgets.media.sequence_video import SequenceVideo
from labelwidgets.media.video.address import video_url
from labelwidgets.media.video.stream import VideoStream
from labelwidgets.media.videos import Video

# Those of four panes, and of the tasks on either side.
_KEPT = 8


class OpenedVideos:
    """Videos by their files, those that were used last: the parts of one share it.

    Parameters
    ----------
    access
        Reads their files.
    files
        Reads the pictures of sequences.
    """

    def __init__(self, access: Access, files: FilePictures) -> None:
        self._access = access
        self._files = files
        self._opened: OrderedDict[str, Video] = OrderedDict()
        self._opening: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, item: Item) -> Video:
        """Return the video of an item; one that is being opened is waited for."""
        name = _name(item)
        with self._lock:
            turn = self._opening.setdefault(name, threading.Lock())
        with turn:
            with self._lock:
                known = self._opened.get(name)
                if known is not None:
                    self._opened.move_to_end(name)
                    return known
            with self._access.traffic.of(item.id):
                made = self._open(item)
            with self._lock:
                self._opened[name] = made
                while len(self._opened) > _KEPT:
                    gone, _ = self._opened.popitem(last=False)
                    self._opening.pop(gone, None)
            return made

    def _open(self, item: Item) -> Video:
        if item.kind == "image_sequence":
            return SequenceVideo(
                item,
                self._files.size_of_first(item),
                lambda frame: self._files.pixels(item, frame),
                lambda frame: self._files.encoded(item, frame, True),
            )
        access = self._access.of(item.trusted)
        return VideoStream(video_url(item.urls[0]), access, _stream(item))


def _stream(item: Item) -> int:
    """Return which video stream of the file is meant: ``stream`` of the item's metadata."""
    number = item.metadata.get("stream", 0)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise SourceError(
            f"must be a whole number from 0, not {number!r:.80}.",
            where=f"item {item.title}, metadata, stream",
        )
    return number


def _name(item: Item) -> str:
    # What a data file named is read with less than what the author did.
    sequence = item.kind == "image_sequence"
    of = item.id if sequence else f"{_stream(item)} {video_url(item.urls[0])}"
    return f"{item.trusted} {of}"
