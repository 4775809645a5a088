"""A made video to try things on, of which it is known where everything is on each frame."""

from __future__ import annotations

import math
import os
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import SourceError
from labelwidgets.extras import library

Frame = npt.NDArray[np.uint8]

_WIDTH, _HEIGHT = 480, 270
_COUNT, _RATE = 150, 25
_GROUP = 30
# The view changes here, as in a film: everything on the left is now seen from elsewhere.
SAMPLE_CUT = 100
"""The frame of `sample_video` on which another scene begins."""


class Mover(NamedTuple):
    """Something that moves through the made video.

    Parameters
    ----------
    name
        What it is.
    colour
        RGB.
    first, last
        Index of the first and the last frame that it is seen on.
    size
        (width, height) in pixels.
    start, end
        Of its centre, (x, y) in pixels, on the first and the last frame.
    sway
        How far it sways up and down, in pixels, once in 50 frames.
    """

    name: str
    colour: tuple[int, int, int]
    first: int
    last: int
    size: tuple[int, int]
    start: tuple[float, float]
    end: tuple[float, float]
    sway: float = 0.0

    def box(self, frame: int) -> tuple[int, int, int, int] | None:
        """Return (x, y, width, height) in pixels on a frame, None where it is not seen."""
        if not self.first <= frame <= self.last:
            return None
        along = (frame - self.first) / max(1, self.last - self.first)
        width, height = self.size
        x = self.start[0] + along * (self.end[0] - self.start[0])
        y = self.start[1] + along * (self.end[1] - self.start[1])
        y += self.sway * math.sin(2 * math.pi * (frame - self.first) / 50)
        return round(x - width / 2), round(y - height / 2), width, height


SAMPLE_MOVERS = (
    Mover("car", (208, 76, 62), 0, 99, (72, 36), (60, 200), (400, 200)),
    Mover("bird", (58, 122, 196), 20, 99, (28, 22), (440, 60), (60, 90), 24.0),
    Mover("car", (232, 178, 62), 100, 149, (96, 44), (420, 190), (90, 180)),
)
"""What moves in `sample_video`, each on its own straight or swaying way."""


def sample_video(path: str | PathLike[str]) -> str:
    """Write a made video of six seconds: cars that drive, a bird that flies, and one cut.

    480 x 270 pixels, 150 frames at 25 a second, H.264 with B-frames and a key frame each 30
    frames. It is drawn from formulas: `SAMPLE_MOVERS` tells where each thing is on each frame
    (`Mover.box`), and the number of a frame is in its upper left corner as eight squares, white
    for 1, the highest bit first (`frame_number`).

    Parameters
    ----------
    path
        Of the file, such as ``sample.mp4``. One that is there already is kept.

    Returns
    -------
    str
        The path.

    Raises
    ------
    MissingExtraError
        If PyAV is not installed.
    SourceError
        If it cannot be written there.
    """
    file = Path(path)
    if file.is_file():
        return str(file)
    av = library("av", "video", "sample_video")
    # Whole or not at all, as it may be read while it is written.
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(part), "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=_RATE)
            stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
            stream.codec_context.gop_size = _GROUP
            stream.codec_context.max_b_frames = 2
            # One thread, so that the bytes are the same each time.
            stream.codec_context.thread_count = 1
            stream.options = {"crf": "16", "preset": "fast", "sc_threshold": "0"}
            for number in range(_COUNT):
                picture = av.VideoFrame.from_ndarray(drawn(number), format="rgb24")
                picture.pts, picture.time_base = number, Fraction(1, _RATE)
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        part.replace(file)
    except OSError as error:
        raise SourceError(
            f"cannot be written ({error.strerror}).", where=str(file), hint="Choose another place."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return str(file)


def drawn(number: int) -> Frame:
    """Return a frame of the made video before it is encoded, (270, 480, 3) RGB."""
    y = np.arange(_HEIGHT)[:, None]
    x = np.arange(_WIDTH)[None, :]
    late = number >= SAMPLE_CUT
    sky = (168, 196, 214) if not late else (232, 214, 190)
    ground = (96, 112, 84) if not late else (120, 104, 92)
    frame = np.empty((_HEIGHT, _WIDTH, 3), np.uint8)
    horizon = 150 if not late else 120
    frame[:] = sky
    frame[horizon:] = ground
    # Stripes on the ground and hills, so that there is something to hold on to.
    frame[(y > horizon) & ((x // 24 + y // 12) % 2 == 0)] = tuple(v - 14 for v in ground)
    hills = horizon - 26 - 18 * np.sin(x / (47.0 if not late else 31.0))
    frame[(y < horizon) & (y > hills)] = (122, 142, 118) if not late else (160, 136, 120)
    for mover in SAMPLE_MOVERS:
        _draw(frame, mover, number)
    for bit in range(8):
        left = 4 + 10 * bit
        frame[4:14, left : left + 10] = 255 * (number >> (7 - bit) & 1)
    return frame


def frame_number(frame: Frame) -> int:
    """Return the number that a decoded frame of the made video bears in its corner."""
    squares = frame[9, 9:84:10].mean(axis=-1) > 127
    return int(sum(1 << (7 - bit) for bit, one in enumerate(squares) if one))


def _draw(frame: Frame, mover: Mover, number: int) -> None:
    box = mover.box(number)
    if box is None:
        return
    x, y, width, height = box
    if mover.name == "bird":
        rows, columns = np.ogrid[:height, :width]
        inside = ((columns + 0.5) / width - 0.5) ** 2 + ((rows + 0.5) / height - 0.5) ** 2 <= 0.25
        frame[y : y + height, x : x + width][inside] = mover.colour
        return
    third = height // 3
    frame[y + third : y + height, x : x + width] = mover.colour
    frame[y : y + third, x + width // 4 : x + 3 * width // 4] = mover.colour
    for wheel in (width // 5, 3 * width // 5):
        frame[y + height - 8 : y + height, x + wheel : x + wheel + width // 6] = (36, 36, 40)
