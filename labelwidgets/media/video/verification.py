"""Proof that frames are those of a full sequential decode."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from labelwidgets.media.cancellation import current
from labelwidgets.numbered import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED = 10


class Sequenced(Protocol):
    """What can be read both ways."""

    @property
    def pts(self) -> npt.NDArray[np.int64]:
        """(frames,) timestamps."""

    def __len__(self) -> int:
        """Return the number of frames."""

    def __getitem__(self, frame: int, /) -> npt.NDArray[np.uint8]:
        """Return a frame."""

    def sequential(self) -> Iterator[tuple[int | None, npt.NDArray[np.uint8]]]:
        """Yield timestamp and pixels of each frame by a plain decode."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared, and what came of it.

    Parameters
    ----------
    frames
        How many frames the index has.
    decoded
        How many a full sequential decode has shown.
    compared
        Frames that were decoded in random order and compared with it, pixel by pixel by their
        hashes.
    different
        Of these, the ones whose pixels are not the same.
    mistimed
        Frames whose timestamps are not those of the decode.
    """

    frames: int
    decoded: int
    compared: tuple[int, ...]
    different: tuple[int, ...]
    mistimed: tuple[int, ...]

    @property
    def exact(self) -> bool:
        """Whether all is the same."""
        return self.frames == self.decoded and not self.different and not self.mistimed

    def __bool__(self) -> bool:
        return self.exact

    def __str__(self) -> str:
        count = f"{len(self.compared)} of {numbered(self.frames, 'frame')}, in random order"
        if self.exact:
            return f"exact: {count}, have the pixels and timestamps of a full sequential decode"
        said = []
        if self.frames != self.decoded:
            said.append(
                f"the index has {numbered(self.frames, 'frame')}, a full decode {self.decoded}"
            )
        for name, found in (("pixels", self.different), ("timestamps", self.mistimed)):
            if found:
                listed = ", ".join(map(str, found[:_NAMED]))
                more = ", ..." if len(found) > _NAMED else ""
                said.append(f"other {name} in frames {listed}{more}")
        return f"not exact ({count}): {'; '.join(said)}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def frame_hash(pixels: npt.NDArray[np.uint8]) -> str:
    """Return SHA-256, in hex, of the RGB values of a frame (H, W, 3), row by row."""
    return hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()


def verify(
    video: Sequenced,
    frames: list[int] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Verification:
    """Compare frames that are decoded in random order with those of a full sequential decode.

    Parameters
    ----------
    video
        Read both ways.
    frames
        Which ones to compare; all where None. All are decoded in sequence in any case.
    progress
        Called with the number of frames that were decoded and that there are to decode.
    """
    total = len(video)
    order = list(range(total)) if frames is None else list(dict.fromkeys(frames))
    chosen, wanted = set(order), current()
    hashes: dict[int, str] = {}
    mistimed: list[int] = []
    count = 0
    for pts, pixels in video.sequential():
        if count in chosen:
            hashes[count] = frame_hash(pixels)
        if pts is not None and count < total and pts != int(video.pts[count]):
            mistimed.append(count)
        count += 1
        if progress is not None:
            progress(count, total + len(order))
    # The same each time, so that what is found can be found again.
    random.Random(len(order)).shuffle(order)  # noqa: S311
    different: list[int] = []
    for done, frame in enumerate(order):
        if wanted is not None:
            wanted.check()
        if hashes.get(frame) != frame_hash(video[frame]):
            different.append(frame)
        if progress is not None:
            progress(count + done + 1, count + len(order))
    return Verification(
        total, count, tuple(sorted(order)), tuple(sorted(different)), tuple(mistimed)
    )
