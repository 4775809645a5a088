"""A video by itself, for scripts and notebooks."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from html import escape
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import small
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.option_names import check_names
from labelwidgets.media.urls import canonical_url, file_name, masked
from labelwidgets.media.video.packet_scan import Progress
from labelwidgets.media.video.stream import VideoStream
from labelwidgets.media.video.verification import Verification, frame_hash, verify
from labelwidgets.media.volumes import Problem

_OWN = ("url", "stream", "limits", "policy", "progress")
_THUMBNAIL = 240


class VideoReader(VideoStream):
    """The frames of a video, by their number.

    ``reader[k]`` is the k-th frame of a full sequential decode, bit for bit, with frames counted
    from 0 in the order in which they are shown; nothing is copied or converted for it. Of a file
    with tables (MP4, QuickTime) these are read, of others the packets once; then, of a frame,
    what lies between its key frame and itself. Safe from several threads.

    Parameters
    ----------
    url
        A path or any URL of fsspec, also of a member of an archive.
    stream
        Which of its video streams, from 0; cover pictures are not counted.
    limits
        Bounds on what is read; the default ones where None.
    policy
        What URLs may name; the default one where None.
    progress
        Called with bytes read and bytes in all while a file without tables is read through.
    **storage_options
        Options of the fsspec file system, such as credentials.

    Raises
    ------
    ImageError
        If it is no video, or damaged so that nothing of it can be shown.
    MissingExtraError
        If PyAV is not installed.
    SourceError
        If it cannot be read, or has no such stream.
    LimitError
        If its frames are larger than the limits allow.
    """

    def __init__(
        self,
        url: str | PathLike[str],
        stream: int = 0,
        *,
        limits: Limits | None = None,
        policy: UrlPolicy | None = None,
        progress: Progress | None = None,
        **storage_options: Any,
    ) -> None:
        check_names(storage_options, _OWN)
        if isinstance(stream, bool) or not isinstance(stream, int) or stream < 0:
            raise SourceError(f"must be a whole number from 0, not {stream!r}.", where="stream")
        access = Access(storage_options, limits, policy=policy)
        place = access.keep_signature(canonical_url(url))
        self._title = masked(file_name(place))
        super().__init__(place, access, stream, progress)

    @property
    def rate(self) -> float | None:
        """Frames a second, on average; None where that cannot be told."""
        pts, base = self.pts, self.time_base
        if len(pts) > 1 and pts[-1] > pts[0]:
            return float((len(pts) - 1) / (int(pts[-1] - pts[0]) * base))
        return None if self.facts.rate is None else float(self.facts.rate)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a person should know before trusting its frames and times."""
        return self.facts.problems

    def index_of(self, pts: int) -> int:
        """Return the frame with a timestamp, in units of `time_base`; of several the first one.

        Raises
        ------
        SourceError
            If no frame has it, or it is no whole number.
        """
        if isinstance(pts, bool) or not isinstance(pts, int | np.integer):
            raise SourceError(f"must be a whole number, not {pts!r:.60}.", where="pts")
        found = np.flatnonzero(self.pts == pts)
        if not len(found):
            raise SourceError(f"no frame has the timestamp {pts}.", where="pts")
        return int(found[0])

    def frame_at(self, seconds: float) -> int:
        """Return the frame that is shown so many seconds after the first one.

        Before the beginning it is the first one, beyond the end the last one.

        Raises
        ------
        SourceError
            If `seconds` is not a finite number.
        """
        known = isinstance(seconds, int | float | np.integer | np.floating)
        try:
            value = float(seconds) if known and not isinstance(seconds, bool) else math.nan
        except OverflowError:
            value = math.nan
        if not math.isfinite(value):
            raise SourceError(f"must be a finite number, not {seconds!r:.60}.", where="seconds")
        # Half a unit: a second that was made of a timestamp finds its frame again.
        at = int(self.pts[0]) + value / float(self.time_base) + 1e-6
        return int(np.clip(np.searchsorted(self.pts, at, side="right") - 1, 0, len(self) - 1))

    def seconds(self, frame: int) -> float:
        """Return at which second after the first frame a frame is shown."""
        return float(int(self.pts[self._check(frame)] - self.pts[0]) * self.time_base)

    def __iter__(self) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield all frames in the order of showing, each decoded once."""
        for frame in range(len(self)):
            yield self[frame]

    def frame_hash(self, frame: int) -> str:
        """Return SHA-256, in hex, of the RGB values of a frame, row by row.

        Kept beside a label, it tells years later whether that is still the frame that was labelled.
        """
        return frame_hash(self[frame])

    def verify(
        self, frames: Sequence[int] | None = None, progress: Progress | None = None
    ) -> Verification:
        """Compare frames decoded in random order with those of a full sequential decode.

        The sequential decode is FFmpeg's own reading of the file from its beginning, and uses
        nothing of the index.

        Parameters
        ----------
        frames
            Which ones to compare, such as those with labels; all where None.
        progress
            Called with the number of frames that were decoded and that there are to decode.

        Returns
        -------
        Verification
            True where all is the same; else it tells which frames are not.
        """
        chosen = None if frames is None else [self._check(frame) for frame in frames]
        return verify(self, chosen, progress)

    def __repr__(self) -> str:
        facts = self.facts
        noun = "frame" if len(self) == 1 else "frames"
        return (
            f"VideoReader({self._title!r}, {len(self)} {noun} of {facts.width} x {facts.height}, "
            f"{facts.codec})"
        )

    def _repr_html_(self) -> str:
        facts, rate = self.facts, self.rate
        length = self.seconds(-1) + (1 / rate if rate else 0)
        gaps = np.diff(self.keys, append=len(self))
        cells = {
            "frames": f"{len(self):,} of {facts.width} x {facts.height} pixels",
            "length": f"{length:.2f} s, {rate:.3f} frames a second on average" if rate else "",
            "timestamps": f"{self.pts[0]} to {self.pts[-1]}, in units of {facts.time_base} s",
            "codec": f"{facts.codec}, key frames at most {int(gaps.max())} frames apart",
            "turned": f"{facts.rotation} degrees clockwise" if facts.rotation else "",
        }
        body = "".join(
            f"<tr><th>{name}</th><td>{escape(text)}</td></tr>"
            for name, text in cells.items()
            if text
        )
        problems = "".join(f"<li>{escape(one.message)}</li>" for one in self.problems)
        more = f"<ul>{problems}</ul>" if problems else ""
        first = small(self[0], _THUMBNAIL)
        picture = (
            f'<img alt="first frame" src="data:{first.mime};base64,'
            f'{base64.b64encode(first.data).decode()}">'
        )
        title = f"<p><b>{escape(self._title)}</b></p>"
        return f"<div>{title}{picture}<table>{body}</table>{more}</div>"
