"""What a video is to everything above its reader: frames in the order in which they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from labelwidgets.media.encoded import Encoded
from labelwidgets.media.volumes import Problem


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a stream before anything of it is decoded.

    Parameters
    ----------
    width, height
        In pixels of the frames as they are shown, turned where the file says so.
    rotation
        Degrees, clockwise, by which decoded frames are turned to be shown: 0, 90, 180 or 270.
    codec
        As FFmpeg names it: ``h264``, ``hevc``, ``vp8``, ``vp9``, ``av1``, ``mpeg4``, ``mjpeg``, ...
    time_base
        Seconds of a unit of timestamps.
    rate
        Frames a second, on average; None where the file does not say.
    decoder
        What a browser's decoder is configured with (WebCodecs' codec string, such as
        ``avc1.64001f``); None where browsers have none.
    description
        Bytes that the decoder wants beforehand (avcC, vpcC, ...); empty for none.
    problems
        What a person should know, such as a frame rate that is not constant.
    aspect
        Width of a pixel by its height, of frames as they are shown; 1 for square ones.
    """

    width: int
    height: int
    rotation: int
    codec: str
    time_base: Fraction
    rate: Fraction | None
    decoder: str | None = None
    description: bytes = b""
    problems: tuple[Problem, ...] = ()
    aspect: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Packet:
    """A piece of a stream as it lies in the file, in the order of decoding.

    Parameters
    ----------
    frame
        Index of the frame that it decodes to, in the order of showing; None where it is decoded
        but not shown (before an edit list's beginning). A packet with a frame can be shown from its
        group alone; the key frame of the next group may be among the last ones.
    pts, duration
        In the time base of the stream.
    key
        Whether decoding can begin here.
    data
        Its bytes.
    """

    frame: int | None
    pts: int
    duration: int
    key: bool
    data: bytes


class Video(Protocol):
    """A video, opened: its frames are counted, and decoded when they are asked for.

    Frames are counted from 0 in the order in which they are shown. Safe from several threads.
    """

    @property
    def facts(self) -> VideoFacts:
        """What is known of the stream."""

    @property
    def pts(self) -> npt.NDArray[np.int64]:
        """(frames,) presentation timestamps in the time base of the stream, rising."""

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """Rising indices of the frames that decoding can begin with, in the order of showing."""

    def __len__(self) -> int:
        """Return the number of frames."""

    def __getitem__(self, frame: int, /) -> npt.NDArray[np.uint8]:
        """Return a frame as it is shown, (H, W, 3) RGB."""

    def encoded(self, frame: int, /) -> Encoded:
        """Return a frame for the browser, as a picture without loss."""

    def packets(self, frame: int, /) -> list[Packet]:
        """Return the group of pictures that a frame is in, in the order of decoding.

        It begins with a key frame, has all that its frames need, and nothing is decoded for it.
        """


FrameArray = npt.NDArray[np.uint8]


def facts_dict(facts: VideoFacts) -> dict[str, Any]:
    """Return facts as JSON has them."""
    base, rate = facts.time_base, facts.rate
    return {
        "width": facts.width,
        "height": facts.height,
        "rotation": facts.rotation,
        "codec": facts.codec,
        "timeBase": [base.numerator, base.denominator],
        "rate": None if rate is None else float(rate),
        "decoder": facts.decoder,
        "aspect": float(facts.aspect),
        "problems": [
            {"kind": one.kind, "message": one.message, "frames": list(one.slices)}
            for one in facts.problems
        ],
    }
