"""What a page is told of a video, and what it decodes."""

from __future__ import annotations

from typing import Any

from labelwidgets.errors import SourceError
from labelwidgets.media.videos import Video, facts_dict


def video_info(video: Video) -> tuple[dict[str, Any], list[bytes]]:
    """Return the content of a message `video`, and its buffers.

    The buffers are the timestamps of all frames, as little-endian int64; the indices of the
    frames that decoding can begin with, as little-endian int32; and the decoder's description.
    """
    content = {"type": "video", "count": len(video), **facts_dict(video.facts)}
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
