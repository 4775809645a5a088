"""What the jobs of a file are about: an item of the dataset, and its frames."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.matching import Item, ItemIndex
from labelwidgets.formats.numbered import numbered
from labelwidgets.media.items import item_id
from labelwidgets.media.urls import canonical_url


class Subject(NamedTuple):
    """What a job is about.

    Parameters
    ----------
    item
        The item.
    frames
        The indices of its frames by the names that the job gives them; empty of a picture.
    clips
        Where videos say their size.
    """

    item: Item
    frames: Mapping[str, int]
    clips: Clips

    @property
    def several(self) -> bool:
        """Whether it has more than one picture."""
        return len(self.item.urls) > 1 or self.item.kind == "video"

    def frame(self, named: str | None) -> int | None:
        """Return the frame that a label is on, None where there is one picture.

        Raises
        ------
        FormatError
            If there is none of that name, or the label should have said it.
        """
        if named is None:
            if self.several:
                raise FormatError("does not say on which frame it is.")
            return None
        if named not in self.frames:
            raise FormatError("is no frame of the job.", where="frame_id")
        return self.frames[named] if self.several else None

    def size(self, frame: int | None) -> tuple[int, int]:
        """Return the width and height of a frame; raise FormatError where nobody knows them."""
        item = self.item
        # Pictures of a sequence are labelled at the size of the first.
        size = item.size or (item.sizes[frame or 0] if item.sizes else None)
        if size is None and item.kind == "video":
            size = self.clips.of(item.id).size
        if size is None:
            raise FormatError(
                "is on a picture whose size is not known.",
                hint="Open the dataset with validate=True, and add it to the project again.",
            )
        return size


def subject_of(data: Mapping[str, Any], index: ItemIndex, clips: Clips) -> Subject:
    """Return what a job is about.

    Raises
    ------
    FormatError
        If that is nothing of the dataset.
    """
    video = data.get("video_data")
    if not isinstance(video, Mapping):
        url = data.get("image_url")
        if not isinstance(url, str):
            raise FormatError("has neither image_url nor video_data.")
        plain = _canonical(url)
        return Subject(index.find([plain, url], item_id("image", [plain])), {}, clips)
    frames = video.get("frames")
    sound = isinstance(frames, list) and all(
        isinstance(frame, Mapping) and isinstance(frame.get("src"), str) for frame in frames
    )
    if not sound or not frames:
        raise FormatError("has no list of frames with src.")
    urls = [_canonical(frame["src"]) for frame in frames]
    item = index.get(item_id("image_sequence", urls))
    item = item or index.find([urls[0], frames[0]["src"]], "")
    if item.kind == "video" and len(set(urls)) == 1:
        # A file with all frames in it, as we write it.
        count = clips.of(item.id).frames
        if count is not None and len(urls) > count:
            raise FormatError(f"has {numbered(len(urls), 'frame')}, the video {count}.")
    elif len(item.urls) != len(urls):
        raise FormatError(f"has {numbered(len(urls), 'frame')}, the item {len(item.urls)}.")
    return Subject(item, {str(frame.get("frame_id")): at for at, frame in enumerate(frames)}, clips)


def _canonical(url: str) -> str:
    with suppress(SourceError):
        return canonical_url(url)
    return url
