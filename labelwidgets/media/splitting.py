"""A video in parts: its scenes, stretches of it, and single frames, of which no file is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from labelwidgets.algorithms.cuts import find_cuts, small_copy
from labelwidgets.errors import ImageError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.items import Item, item_id
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.media.video.address import FramesAddress, video_url
from labelwidgets.media.video_facts import facts_of_part, facts_of_video
from labelwidgets.media.video_pictures import range_of
from labelwidgets.media.videos import Video

Moment: TypeAlias = int | float
"""The index of a frame, or as a float seconds from the first frame on."""
Watch: TypeAlias = Callable[[Iterable[int]], Iterable[int]]
"""Passes on frames as they are decoded, and shows how far that is."""


@dataclass(frozen=True, slots=True)
class Split:
    """How a video is split; parts follow in the order of showing.

    Parameters
    ----------
    every
        A part begins each so many frames.
    seconds
        A part begins with the frame that is shown each so many seconds, by timestamps: also
        where the frame rate is not constant.
    at
        A part begins at each of these frames.
    scenes
        A part begins at each cut and fade (see `algorithms.cuts.find_cuts`).
    start, stop
        Only from and before these frames; as floats in seconds.
    """

    every: int | None = None
    seconds: float | None = None
    at: Sequence[int] | None = None
    scenes: bool = False
    start: Moment | None = None
    stop: Moment | None = None

    def check(self) -> None:
        """Raise SourceError, naming the option that is wrong."""
        if self.every is not None and (not _is_whole(self.every) or self.every < 1):
            raise SourceError(
                f"must be a whole number of frames from 1, not {self.every!r:.40}.", where="every"
            )
        if self.seconds is not None and (not _is_number(self.seconds) or not self.seconds > 0):
            raise SourceError(
                f"must be a number of seconds above 0, not {self.seconds!r:.40}.", where="seconds"
            )
        if self.every is not None and self.seconds is not None:
            raise SourceError("goes not with seconds: one of them is enough.", where="every")
        for name, moment in (("start", self.start), ("stop", self.stop)):
            if moment is not None and (not _is_number(moment) or not moment >= 0):
                raise SourceError(
                    f"must be the number of a frame, or seconds as a float, not {moment!r:.40}.",
                    where=name,
                )

    def bounds(self, item: Item, video: Video) -> tuple[int, int]:
        """Return the first frame, and the one after the last, of what is split of an item."""
        first, last = range_of(item, len(video))
        low = first if self.start is None else max(first, _frame(self.start, video))
        high = last + 1 if self.stop is None else min(last + 1, _frame(self.stop, video))
        if low >= high:
            raise SourceError(
                f"leaves no frame: {item.title} has {first} to {last}, "
                f"{_seconds(video, first):.6g} to {_seconds(video, last):.6g} s.",
                where="start, stop",
            )
        return low, high

    def beginnings(self, item: Item, video: Video, watch: Watch) -> list[int]:
        """Return the first frames of parts, rising; the first one is that of what is split."""
        low, high = self.bounds(item, video)
        found = {low}
        for frame in self.at or ():
            if not _is_whole(frame) or not 0 <= frame < len(video):
                raise SourceError(
                    f"must be frames from 0 to {len(video) - 1}, not {frame!r:.40}.", where="at"
                )
            found.add(int(frame))
        if self.scenes:
            shots = find_cuts(small_copy(video[frame]) for frame in watch(range(low, high)))
            found.update(low + cut.frame for cut in shots)
        starts = sorted(frame for frame in found if low <= frame < high)
        ends = [*starts[1:], high]
        return [
            frame
            for begin, end in zip(starts, ends, strict=True)
            for frame in self._within(video, begin, end)
        ]

    def _within(self, video: Video, begin: int, end: int) -> Iterator[int]:
        if self.every is not None:
            yield from range(begin, end, int(self.every))
        elif self.seconds is not None:
            yield from _each(video, begin, end, self.seconds)
        else:
            yield begin


def clip_items(
    item: Item, video: Video, split: Split, watch: Watch, overlap: int
) -> Iterator[Item]:
    """Yield tasks of stretches of a video, which share its file.

    Parameters
    ----------
    item, video
        What is split.
    split
        Where parts begin.
    watch
        Shows how far the search for scenes is.
    overlap
        So many frames of the next part belong to a part, too.
    """
    _, high = split.bounds(item, video)
    starts = split.beginnings(item, video, watch)
    for first, end in zip(starts, [*starts[1:], high], strict=True):
        last = min(end - 1 + overlap, high - 1)
        yield _part(item, video, first, last)


def frame_items(item: Item, video: Video, split: Split, watch: Watch) -> Iterator[Item]:
    """Yield single frames of a video as pictures, of which no file is written.

    With `Split.at` those frames alone; of scenes, with no `every` and no `seconds`, the middle
    frame of each.
    """
    low, high = split.bounds(item, video)
    starts = split.beginnings(item, video, watch)
    whole = split.every is None and split.seconds is None
    if split.at is not None and whole and not split.scenes:
        starts = sorted({int(frame) for frame in split.at if low <= frame < high})
    elif split.scenes and whole:
        ends = [*starts[1:], high]
        starts = [(begin + end - 1) // 2 for begin, end in zip(starts, ends, strict=True)]
    elif whole:
        starts = list(range(low, high))
    for frame in starts:
        yield _part(item, video, frame, None)


Parts: TypeAlias = Callable[[Item, Video, Split, Watch], Iterable[Item]]
"""What is made of a video, how it is split, and what shows how far that is."""


def split_videos(
    items: Sequence[Item],
    split: Split,
    parts: Parts,
    open_video: Callable[[Item], Video],
    access: Access,
    progress: bool | None,
) -> list[Item]:
    """Return the parts of videos and image sequences, each once.

    Parameters
    ----------
    items
        What is split.
    split, parts
        Where parts begin, and what is made of them: `clip_items` or `frame_items`.
    open_video
        Opens the video of an item.
    access
        Keeps account of what that costs.
    progress
        Show a bar: True at once, None if it takes longer than a second, False never.

    Raises
    ------
    SourceError
        If there is nothing to split.
    ImageError
        If one is no video, or cannot be read.
    """
    from tqdm.auto import tqdm

    if not items:
        raise SourceError("has no video to split.", where="dataset")
    found: list[Item] = []
    for item in items:
        if item.kind not in IN_TIME:
            raise ImageError("is no video.", where=f"item {item.title}")
        bar = partial(
            tqdm,
            desc=f"Looking for scenes in {item.title}",
            unit="frame",
            delay=0 if progress else 1,
            disable=progress is False,
        )
        with access.traffic.of(item.id):
            found += parts(item, open_video(item), split, bar)
    return list({one.id: one for one in found}.values())


def _part(item: Item, video: Video, first: int, last: int | None) -> Item:
    """Return an item of a frame, or of a stretch of frames, that is read from the video's file."""
    kind = "image" if last is None else item.kind
    if item.kind == "image_sequence":
        urls, facts = _of_sequence(item, video, first, last)
    else:
        address = FramesAddress(first, last, video_url(item.urls[0]))
        urls, facts = [address.url], facts_of_part(address.url, facts_of_video(video))
    client = item.metadata.get("clientMetadata")
    name = item.metadata.get("video", item.title)
    return Item(
        0,
        item_id(kind, urls),
        kind,
        urls,
        _title(name, first, last),
        "/".join(filter(None, (item.folder, _folder(item)))),
        {
            **({"clientMetadata": client} if client else {}),
            **facts,
            "video": name,
            "video_id": item.metadata.get("video_id", item.id),
            "pts": int(video.pts[first]),
            "seconds": round(_seconds(video, first), 6),
        },
        "ok",
        item.trusted,
    )


def _title(name: str, first: int, last: int | None) -> str:
    if last is None:
        return f"{name}, frame {first}"
    # The end of a name is what tells files of a kind, and is cut off by who names others by it.
    stem, dot, end = name.rpartition(".")
    return f"{stem}, frames {first}-{last}.{end}" if dot else f"{name}, frames {first}-{last}"


def _of_sequence(
    item: Item, video: Video, first: int, last: int | None
) -> tuple[list[str], dict[str, Any]]:
    """Return the files of some pictures of a sequence, and what is known of them."""
    stop = first + 1 if last is None else last + 1
    known = item.metadata.get("frames")
    sizes = known[first:stop] if isinstance(known, list) else []
    if last is None:
        return item.urls[first:stop], {**(sizes[0] if sizes else {}), "frame": first}
    shown = {"width": video.facts.width, "height": video.facts.height}
    if "fps" in item.metadata:
        shown["fps"] = item.metadata["fps"]
    return item.urls[first:stop], {**shown, "frames": sizes} if sizes else shown


def _folder(item: Item) -> str:
    # Parts of a part lie beside it.
    return "" if "video_id" in item.metadata else item.title.replace("/", "_")


def _each(video: Video, begin: int, end: int, seconds: float) -> Iterator[int]:
    """Yield the frame that is on the screen each so many seconds, none of them twice."""
    pts = video.pts[begin:end]
    step = seconds / float(video.facts.time_base)
    count = int((int(pts[-1]) - int(pts[0])) // step) + 1
    # Half a unit later, as times are rounded to it.
    due = int(pts[0]) + np.arange(count) * step + 0.5
    shown = np.searchsorted(pts, due, side="right") - 1
    for at in np.unique(np.maximum(shown, 0)):
        yield begin + int(at)


def _frame(moment: Moment, video: Video) -> int:
    """Return the frame of a moment: of seconds the first one that is shown then or later."""
    if _is_whole(moment):
        return int(moment)
    base = video.facts.time_base
    due = int(video.pts[0]) + float(moment) / float(base) - 0.5
    return int(np.searchsorted(video.pts, due, side="left"))


def _seconds(video: Video, frame: int) -> float:
    return float(int(video.pts[frame] - video.pts[0]) * video.facts.time_base)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
