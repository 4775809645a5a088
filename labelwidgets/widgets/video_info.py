"""What a page is told of a video, and what it decodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import SourceError
from labelwidgets.media.video_facts import problems_of
from labelwidgets.media.videos import Video, facts_dict


def video_info(video: Video, metadata: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the content of a message `video`, and its buffers.

    `first` and `last` are the frames that the item is about: all, or those of a part.
    `metadata` is what was said of the item; where that is not so, the problems tell.
    The buffers are the timestamps of all frames, as little-endian int64; the indices of the
    frames that decoding can begin with, as little-endian int32; and the decoder's description.
    """
    count = len(video)
    facts = dataclasses.replace(video.facts, problems=problems_of(video, metadata))
    first, last = (metadata.get(name) for name in ("first_frame", "last_frame"))
    content = {
        "type": "video",
        "count": count,
        "first": min(first, count - 1) if isinstance(first, int) else 0,
        "last": min(last, count - 1) if isinstance(last, int) else count - 1,
        **facts_dict(facts),
    }
    pts, keys = video.pts.astype("<i8"), video.keys.astype("<i4")
    return content, [pts.tobytes(), keys.tobytes(), video.facts.description]


def packets_info(video: Video, frame: int) -> tuple[dict[str, Any], list[bytes]]:
    """Return the content of a message `packets`, whose buffer is all of their bytes.

    Each is told as [frame or -1, pts, duration, whether it is a key frame, number of bytes], in
    the order of decoding.
    """
    if not 0 <= frame < len(video):
        raise SourceError(f"must be from 0 to {len(video) - 1}, not {frame}.", where="frame")
    found = video.packets(frame)
    told = [
        [-1 if one.frame is None else one.frame, one.pts, one.duration, one.key, len(one.data)]
        for one in found
    ]
    return {"type": "packets", "packets": told}, [b"".join(one.data for one in found)]
