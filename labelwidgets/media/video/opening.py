"""What is found out of a stream when it is opened: by the tables of its file, or its packets."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from labelwidgets.errors import ImageError
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place
from labelwidgets.media.range_file import VIDEO, RangeFile
from labelwidgets.media.urls import masked
from labelwidgets.media.video.codec_strings import codec_string
from labelwidgets.media.video.containers import chosen_stream, film_streams, open_container
from labelwidgets.media.video.counting import counted
from labelwidgets.media.video.movie import Movie, read_movie
from labelwidgets.media.video.movie_samples import movie_samples
from labelwidgets.media.video.packet_scan import Progress, scan_packets
from labelwidgets.media.video.rotation import turn_of
from labelwidgets.media.video.sample_bytes import Demuxed, KeptBytes, Located, SampleBytes
from labelwidgets.media.video.samples import SampleIndex, Samples
from labelwidgets.media.videos import VideoFacts
from labelwidgets.media.volumes import Problem
from labelwidgets.numbered import numbered

# What codec context wants beyond the container where browsers are told of it.
_NEEDS_PACKET = ("h264", "hevc", "vp9")


@dataclass
class Opened:
    """A stream that was opened.

    Parameters
    ----------
    place, number
        The file, and which of its video streams it is.
    limits
        Bounds on the size of frames.
    context
        FFmpeg's codec context, for the decoder.
    index, data
        Its samples and frames, and the bytes of them.
    facts
        What is known of it.
    mirrored
        Whether frames are mirrored left to right before they are turned.
    how
        Where the index comes from: ``tables``, ``packets``, or ``decoding``.
    held
        What has to stay open.
    """

    place: Place
    number: int
    limits: Limits
    context: Any
    index: SampleIndex
    data: KeptBytes
    facts: VideoFacts
    mirrored: bool
    how: str
    held: list[Any] = field(default_factory=list)

    @contextmanager
    def again(self) -> Iterator[tuple[Any, Any]]:
        """Open the file as FFmpeg alone would, with nothing of what is known."""
        url = self.place.url
        with (
            RangeFile(self.place, VIDEO) as file,
            open_container(file, url) as container,  # type: ignore[arg-type]
        ):
            yield container, chosen_stream(container, self.number, url)


def open_stream(place: Place, number: int, limits: Limits, progress: Progress | None) -> Opened:
    """Open a video stream of a file; see `VideoStream`."""
    url, size = place.url, place.size()
    where = masked(url)
    if not size:
        raise ImageError("is empty (0 bytes).", where=where)
    problems: list[Problem] = []
    movie = read_movie(place, size)
    samples: Samples | None = None
    held: list[Any] = []
    if movie is not None and not movie.fragmented:
        container = open_container(io.BytesIO(movie.head), url)
        stream = chosen_stream(container, number, url)
        samples = movie_samples(movie, stream, number, url)
    how = "tables"
    source: SampleBytes
    if samples is not None:
        samples = _whole(samples, size, problems, where)
        source = Located(place, samples)
    else:
        how = "packets"
        file = RangeFile(place, VIDEO)
        container = open_container(file, url)  # type: ignore[arg-type]
        stream = chosen_stream(container, number, url)
        samples = scan_packets(container, stream, file, url, size, progress)
        if not len(samples.pts):
            raise ImageError("has no pictures in its video stream.", where=where)
        if samples.located:
            source = Located(place, samples)
        else:
            other = RangeFile(place, VIDEO)
            second = open_container(other, url)  # type: ignore[arg-type]
            source = Demuxed(second, chosen_stream(second, number, url), samples, url)
            held += [other, second]
        held.append(file)
    held.append(container)
    several = len(film_streams(container, url))
    if several > 1 and number == 0:
        first = f"It has {several} video streams, of which the first is shown."
        problems.append(Problem("streams", first))
    context = stream.codec_context
    limits.check_pixels(context.width, context.height, where)
    data = KeptBytes(source, samples.size.tolist())
    found = counted(context, samples, data, how == "packets", url)
    problems += found.problems
    if found.decoded:
        how = "decoding"
    index = found.index
    if not len(index):
        raise ImageError("has no frame that can be shown.", where=where)
    rotation, mirrored = _turn(movie, stream, found.rotation)
    facts = _facts(stream, data, rotation, mirrored, tuple(problems))
    return Opened(place, number, limits, context, index, data, facts, mirrored, how, held)


def _whole(samples: Samples, size: int, problems: list[Problem], where: str) -> Samples:
    """Return the samples before the first one that the file does not hold."""
    beyond = samples.position + samples.size > size
    if not beyond.any():
        return samples
    count = int(np.argmax(beyond))
    if not count:
        raise ImageError("is cut short: none of its pictures is in it.", where=where)
    missing = int(samples.shown[count:].sum())
    problems.append(
        Problem(
            "truncated",
            f"The file is cut short: it lacks {numbered(missing, 'frame')} at its end.",
        )
    )
    return Samples(
        samples.pts[:count],
        samples.key[:count],
        samples.shown[:count],
        samples.position[:count],
        samples.size[:count],
    )


def _turn(movie: Movie | None, stream: Any, decoded: int) -> tuple[int, bool]:
    track = movie.tracks.get(stream.id) if movie is not None else None
    if track is not None and any(track.matrix):
        return turn_of(track.matrix)
    # FFmpeg tells it counter-clockwise.
    return round(-decoded / 90) % 4 * 90, False


def _facts(
    stream: Any,
    data: KeptBytes,
    rotation: int,
    mirrored: bool,
    problems: tuple[Problem, ...],
) -> VideoFacts:
    context = stream.codec_context
    width, height = context.width, context.height
    extradata = bytes(context.extradata or b"")
    rate = stream.average_rate
    first = b""
    if context.name in _NEEDS_PACKET and extradata[:1] != b"\x01":
        first = data.get(0, 0)
    decoder, description = codec_string(context.name, extradata, first, (width, height), rate)
    if mirrored:
        # Browsers turn pictures, they do not mirror them.
        decoder, description = None, b""
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    if aspect <= 0:
        aspect = Fraction(1)
    if rotation % 180:
        width, height, aspect = height, width, 1 / aspect
    if aspect != 1:
        problems += (
            Problem(
                "aspect",
                f"Its pixels are not square ({aspect.numerator}:{aspect.denominator}); they are "
                "shown as they are stored, and labels count them.",
            ),
        )
    return VideoFacts(
        width=width,
        height=height,
        rotation=rotation,
        codec=context.name,
        time_base=Fraction(stream.time_base),
        rate=Fraction(rate) if rate else None,
        decoder=decoder,
        description=description,
        problems=problems,
        aspect=aspect,
    )
