"""The samples of a stream from its packets, none of which is decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labelwidgets.errors import LimitError
from labelwidgets.media.cancellation import current
from labelwidgets.media.range_file import RangeFile
from labelwidgets.media.urls import masked
from labelwidgets.media.video.containers import damage
from labelwidgets.media.video.hidden_frames import is_hidden
from labelwidgets.media.video.samples import Samples

NO_PTS = np.iinfo(np.int64).min
"""In place of a timestamp that is missing."""
_MOST = 1 << 24
# Of the header of a block or chunk before the bytes of its packet.
_HEADER = 128

Progress = Callable[[int, int], object]
"""Called with the bytes that were read so far, and with those of the file."""


def scan_packets(
    container: Any, stream: Any, file: RangeFile, url: str, size: int, progress: Progress | None
) -> Samples:
    """Return the samples of a stream, reading all of the file.

    Whatever it was opened from is at its end afterwards.

    Raises
    ------
    ImageError
        If it is damaged before its first packet.
    GivenUpError
        If nobody wants it any more.
    LimitError
        If there are more packets than in any video.
    """
    rows: list[tuple[int, bool, bool, int, int]] = []
    codec, located, wanted = stream.codec_context.name, True, current()
    with damage(url):
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except EOFError:
                packet = None
            except Exception:
                # What comes before the damage can be seen.
                if not rows:
                    raise
                packet = None
            if packet is None:
                break
            if wanted is not None:
                wanted.check()
            if not packet.size:
                continue
            data = bytes(packet)
            position = -1
            if located:
                position = _position(file, packet.pos, data)
                located = position >= 0 and not list(packet.iter_sidedata())
            shown = not packet.is_discard and not is_hidden(codec, data)
            pts = NO_PTS if packet.pts is None else packet.pts
            rows.append((pts, packet.is_keyframe, shown, position, packet.size))
            if len(rows) > _MOST:
                raise LimitError(f"has more than {_MOST} packets.", where=masked(url))
            if progress is not None and len(rows) % 256 == 0:
                progress(min(size, max(0, packet.pos or 0)), size)
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Samples(
        np.ascontiguousarray(table[:, 0]),
        table[:, 1] > 0,
        table[:, 2] > 0,
        np.ascontiguousarray(table[:, 3]) if located else np.full(len(table), -1),
        np.ascontiguousarray(table[:, 4]),
    )


def _position(file: RangeFile, position: int | None, data: bytes) -> int:
    """Return where the bytes of a packet lie in one piece, -1 where they do not."""
    if position is None or position < 0:
        return -1
    before = file.tell()
    try:
        file.seek(position)
        raw = file.read(len(data) + _HEADER) or b""
    finally:
        file.seek(before)
    at = raw.find(data)
    return -1 if at < 0 else position + at
