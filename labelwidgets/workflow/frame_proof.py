"""Are the frames of a video still those that were labelled?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

import pandas as pd

from labelwidgets.media.cancellation import current
from labelwidgets.media.video.verification import frame_hash
from labelwidgets.media.videos import Video
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Interval, Track


class SeenFrame(NamedTuple):
    """A frame as it was when it was looked at first.

    Parameters
    ----------
    pts
        Its timestamp in the time base of the stream.
    hash
        SHA-256 of its RGB values, row by row, in hex.
    time
        When that was, UTC.
    """

    pts: int | None
    hash: str
    time: datetime


def labelled_frames(annotations: Iterable[Annotation]) -> dict[int, int | None]:
    """Return the frames that somebody labelled, rising, each with the timestamp that it had.

    Of a track these are its keyframes, of an interval its first and last frame.
    """
    found: dict[int, int | None] = {}

    def put(frame: int, pts: int | None) -> None:
        if found.get(frame) is None:
            found[frame] = pts

    for made in annotations:
        geometry = made.geometry
        if isinstance(geometry, Track):
            for frame, keyframe in geometry.keyframes.items():
                put(frame, keyframe.pts)
        elif isinstance(geometry, Interval):
            put(geometry.first, geometry.first_pts)
            put(geometry.last, geometry.last_pts)
        elif made.frame is not None:
            put(made.frame, made.pts)
    return dict(sorted(found.items()))


def compare(
    item_id: str,
    labelled: dict[int, int | None],
    known: dict[int, SeenFrame],
    video: Video,
    now: datetime,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[pd.DataFrame, dict[int, SeenFrame]]:
    """Return how labelled frames compare with what they were, and those that are new.

    Parameters
    ----------
    item_id
        Of the video.
    labelled
        Frames, each with the timestamp that its label has.
    known
        What frames were when they were looked at first.
    video
        As it is now.
    now
        The time for those that are new.
    progress
        Called with the number of frames that were decoded and that there are to decode.
    """
    rows, fresh = [], {}
    wanted = current()
    pts, count = video.pts, len(video)
    for done, (frame, labelled_pts) in enumerate(labelled.items()):
        if wanted is not None:
            wanted.check()
        was = known.get(frame)
        there = int(pts[frame]) if frame < count else None
        seen = frame_hash(video[frame]) if there is not None else None
        wrong = _difference(there, seen, labelled_pts, was, count)
        if was is None and seen is not None and wrong is None:
            was = fresh[frame] = SeenFrame(there, seen, now)
            same = None
        else:
            same = wrong is None
        rows.append(
            (item_id, frame, there, seen, same, None if was is None else was.time, wrong or "")
        )
        if progress is not None:
            progress(done + 1, len(labelled))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS), fresh


_COLUMNS = {
    "item_id": "string",
    "frame": "int64",
    "pts": "Int64",
    "hash": "string",
    "same": "boolean",
    "first_seen": "datetime64[us, UTC]",
    "problem": "string",
}


def _difference(
    pts: int | None, seen: str | None, labelled: int | None, was: SeenFrame | None, count: int
) -> str | None:
    """Return in words what is not as it was, None for nothing."""
    if pts is None:
        return f"the video has {numbered(count, 'frame')} now"
    before = labelled if labelled is not None else (None if was is None else was.pts)
    if before is not None and before != pts:
        return f"its timestamp was {before} when it was labelled"
    if was is not None and was.hash != seen:
        return "its pixels are not those that it had"
    return None


def nothing_compared() -> pd.DataFrame:
    """Return the frame of `Project.verify` where no video has labels."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})
