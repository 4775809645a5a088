"""A sequence of pictures, each in a file of its own, as a video."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from labelwidgets.media.encoded import Encoded, eight_bits
from labelwidgets.media.items import Item
from labelwidgets.media.videos import Packet, VideoFacts

# Of what nobody has said how fast it is: the unit of time is a picture.
_RATE = Fraction(1)


class SequenceVideo:
    """The pictures of an image sequence as the frames of a video.

    Its timestamps are the indices, in units of one picture's time; decoding can begin anywhere.

    Parameters
    ----------
    item
        An image sequence; its metadata may have ``fps``.
    size
        (width, height) in pixels of its first picture, which all are shown at.
    pixels, encoded
        Read one of its pictures.
    """

    def __init__(
        self,
        item: Item,
        size: tuple[int, int],
        pixels: Callable[[int], npt.NDArray[np.generic]],
        encoded: Callable[[int], Encoded],
    ) -> None:
        self._pixels = pixels
        self._encoded = encoded
        rate = _rate(item.metadata.get("fps"))
        self.facts = VideoFacts(
            width=size[0],
            height=size[1],
            rotation=0,
            codec="",
            time_base=1 / (rate or _RATE),
            rate=rate,
        )
        self.pts: npt.NDArray[np.int64] = np.arange(len(item.urls), dtype=np.int64)
        self.keys = self.pts

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.pts)

    def __getitem__(self, frame: int) -> npt.NDArray[np.uint8]:
        """Return a picture as (H, W, 3) RGB; grey of more than 8 bits is spread over its range."""
        return _rgb(self._pixels(self._check(frame)))

    def encoded(self, frame: int) -> Encoded:
        """Return a picture for the browser, at the size of the first one."""
        return self._encoded(self._check(frame))

    def packets(self, frame: int) -> list[Packet]:
        """Return nothing: pictures are shown as they are."""
        self._check(frame)
        return []

    def _check(self, frame: int) -> int:
        if isinstance(frame, bool) or not isinstance(frame, int | np.integer):
            raise TypeError(f"the index of a frame must be a whole number, not {frame!r}")
        index = int(frame) + (len(self) if frame < 0 else 0)
        if not 0 <= index < len(self):
            raise IndexError(f"frame {frame} of a sequence of {len(self)}")
        return index


def _rate(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        return None
    return Fraction(value).limit_denominator(100_000)


def _rgb(pixels: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    shades = eight_bits(pixels)
    colours = shades[..., None] if shades.ndim == 2 else shades[..., :3]
    return np.ascontiguousarray(np.broadcast_to(colours, (*colours.shape[:2], 3)))
