"""A video as tools see it: frames by number, decoded as they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.videos import FrameArray
from labelwidgets.numbered import numbered


class Frames(Protocol):
    """What is needed of a `Video`: its frames, and when they are shown."""

    @property
    def pts(self) -> npt.NDArray[np.int64]:
        """Presentation timestamps."""

    def __len__(self) -> int: ...

    def __getitem__(self, frame: int, /) -> FrameArray: ...


class Film:
    """The frames of a video, of which only those that are asked for are decoded.

    Parameters
    ----------
    video
        The video; frames are counted from 0 in the order in which they are shown.
    frame
        Which of them is shown to the person.
    counting
        Counts what is read inside of a `with` statement.
    span
        The first and the last frame that the task is about; None for all.
    """

    def __init__(
        self,
        video: Frames,
        frame: int = 0,
        counting: Callable[[], AbstractContextManager[Any]] = nullcontext,
        span: tuple[int, int] | None = None,
    ) -> None:
        self.video = video
        self._counting = counting
        self._span = span or (0, len(video) - 1)
        if not 0 <= frame < len(video):
            raise ImageError(
                f"must be a frame from 0 to {len(video) - 1}, not {frame}.", where="frame"
            )
        self._frame = frame

    @classmethod
    def of(cls, frames: npt.ArrayLike, frame: int = 0) -> Film:
        """Return an array as a video.

        Parameters
        ----------
        frames
            (T, H, W, 3) uint8.
        frame
            The one that is shown.

        Raises
        ------
        ImageError
            If it is no such array.
        """
        array = np.asarray(frames)
        if array.ndim != 4 or array.shape[-1] != 3 or array.dtype != np.uint8 or not array.size:
            raise ImageError(
                f"must be a (T, H, W, 3) array of uint8, not {array.dtype} of {array.shape}.",
                where="frames",
            )
        return cls(_Array(array), frame)

    def __repr__(self) -> str:
        return f"Film({numbered(len(self), 'frame')}, {self.frame} is shown)"

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.video)

    def __getitem__(self, frame: int) -> FrameArray:
        """Return a frame as it is shown, (H, W, 3) RGB; read-only."""
        if not 0 <= frame < len(self):
            raise IndexError(f"frame {frame} of a video of {len(self)}")
        with self._counting():
            pixels = self.video[frame].view()
        pixels.flags.writeable = False
        return pixels

    def __iter__(self) -> Iterator[FrameArray]:
        """Return all frames, one after the other."""
        return (self[frame] for frame in range(len(self)))

    @property
    def frame(self) -> int:
        """Index of the frame that is shown."""
        return self._frame

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last frame that the task is about; labels are not on others."""
        return self._span

    @property
    def pts(self) -> npt.NDArray[np.int64]:
        """(frames,) presentation timestamps in the time base of the video, rising."""
        return self.video.pts

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the frames."""
        height, width = self[self.frame].shape[:2]
        return height, width

    def at(self, frame: int) -> Film:
        """Return the same video with another frame shown."""
        return Film(self.video, frame, self._counting, self._span)


class _Array:
    """An array as a video."""

    def __init__(self, frames: FrameArray) -> None:
        self._frames = frames
        self.pts = np.arange(len(frames), dtype=np.int64)

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, frame: int, /) -> FrameArray:
        pixels: FrameArray = self._frames[frame]
        return pixels
