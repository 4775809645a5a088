"""The samples of a track of an MP4 or QuickTime file, as FFmpeg would hand them out."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.media.video.containers import chosen_stream, open_container
from labelwidgets.media.video.movie import Movie, Track
from labelwidgets.media.video.samples import Samples


def movie_samples(movie: Movie, stream: Any, number: int, url: str) -> Samples | None:
    """Return the samples of a stream by the tables alone, None where they do not suffice.

    FFmpeg applies the edit lists, so that what is shown is what it shows; what it does not tell
    (the times of showing) is added from the tables.

    Parameters
    ----------
    movie
        The tables.
    stream
        Of a container that was opened from them.
    number
        Which of the video streams that is.
    url
        Of the file, for errors.
    """
    track = movie.tracks.get(stream.id)
    if track is None or not track.simple or movie.fragmented:
        return None
    entries = _entries(stream)
    if not len(entries):
        return None
    position, decoding, size, flags = entries.T
    offsets = _offsets(track, movie, position, number, url)
    if offsets is None:
        return None
    return Samples(
        decoding + offsets,
        (flags & 1).astype(np.bool_),
        (flags & 2) == 0,
        np.ascontiguousarray(position),
        np.ascontiguousarray(size),
    )


def _entries(stream: Any) -> npt.NDArray[np.int64]:
    """Return (samples, 4): position, time of decoding, size, and 1 for a key, 2 for hidden."""
    rows = [
        (one.pos, one.timestamp, one.size, one.is_keyframe + 2 * one.is_discard)
        for one in stream.index_entries
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def _offsets(
    track: Track, movie: Movie, position: npt.NDArray[np.int64], number: int, url: str
) -> npt.NDArray[np.int64] | None:
    """Return from decoding to showing of each sample, None where that cannot be told."""
    if track.offsets is None:
        return np.zeros_like(position)
    samples: npt.NDArray[np.int64] = np.arange(len(position))
    if track.edited:
        # Edits leave samples out and repeat them: a sample is known by where it lies.
        with open_container(io.BytesIO(movie.head), url, {"advanced_editlist": "0"}) as container:
            plain = _entries(chosen_stream(container, number, url))[:, 0]
        order = np.argsort(plain)
        ranked = plain[order]
        if (np.diff(ranked) == 0).any():
            return None
        found = np.searchsorted(ranked, position)
        if (found >= len(ranked)).any() or (ranked[found] != position).any():
            return None
        samples = order[found]
    known = samples < len(track.offsets)
    offsets = np.zeros_like(position)
    offsets[known] = track.offsets[samples[known]] + track.shift
    return offsets
