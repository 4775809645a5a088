"""Small videos for tests, made with PyAV: each frame is one shade, that of its number."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from os import PathLike

import numpy as np
import numpy.typing as npt
import pytest

SIZE = (64, 48)


def shade(number: int) -> int:
    """Return the grey of a frame."""
    return 16 + 4 * (number % 56)


def small_video(
    path: str | PathLike[str],
    count: int = 12,
    pts: Sequence[int] | None = None,
    size: tuple[int, int] = SIZE,
    rate: int = 25,
    begin: int = 0,
) -> str:
    """Write an H.264 file with B-frames and a key frame every five frames.

    Parameters
    ----------
    path
        Of the file.
    count
        Number of frames.
    pts
        Of each frame, in units of one frame's time; 0, 1, 2, ... where None.
    size
        (width, height) in pixels, even numbers.
    rate
        Frames a second.
    begin
        The number whose shade the first frame has.
    """
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"g": "5", "qp": "2"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.max_b_frames = 2
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(drawn(begin + number, size), format="rgb24")
            frame.pts, frame.time_base = (number if pts is None else pts[number]), Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return str(path)


def drawn(number: int, size: tuple[int, int] = SIZE) -> npt.NDArray[np.uint8]:
    """Return a frame before it is encoded."""
    return np.full((size[1], size[0], 3), shade(number), np.uint8)


def number_of(frame: npt.NDArray[np.uint8]) -> int:
    """Return the number of a decoded frame, which is the least one of its shade."""
    return round((float(frame.mean()) - 16) / 4)
