"""Opening video files with FFmpeg, and with nothing but the file itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from labelwidgets.errors import ImageError, SourceError
from labelwidgets.extras import library
from labelwidgets.media.forking import keep_in_children
from labelwidgets.media.urls import masked

# Of containers: a playlist would name other files.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mpegvideo,h264,hevc,ivf,obu"
)
# No nested opening of anything.
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
_BUFFER = 1 << 18


def import_av(where: str) -> Any:
    """Return the module av.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    av = library("av", "video", where)
    keep_in_children()
    return av


@contextmanager
def damage(url: str) -> Iterator[None]:
    """Turn what FFmpeg says of a file into an ImageError that names it."""
    av = import_av(masked(url))
    try:
        yield
    except (av.FFmpegError, EOFError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and isinstance(error.__cause__, SourceError):
            raise error.__cause__ from None
        text = " ".join(str(getattr(error, "strerror", None) or error).split())[:200]
        raise ImageError(
            f"cannot be read as a video ({text or type(error).__name__}).", where=masked(url)
        ) from error


def open_container(
    file: IO[bytes] | io.BytesIO, url: str, options: dict[str, str] | None = None
) -> Any:
    """Open a container.

    Raises
    ------
    ImageError
        If it is none, or damaged.
    """
    av = import_av(masked(url))
    with damage(url):
        return av.open(
            file,
            mode="r",
            options={**_OPTIONS, **(options or {})},
            buffer_size=_BUFFER,
            metadata_errors="replace",
        )


def film_streams(container: Any, url: str) -> list[Any]:
    """Return the video streams of a file that are no cover pictures."""
    picture = import_av(masked(url)).stream.Disposition.attached_pic
    return [one for one in container.streams.video if not one.disposition & picture]


def chosen_stream(container: Any, number: int, url: str) -> Any:
    """Return a video stream by its number among them, from 0; cover pictures are not counted.

    Raises
    ------
    ImageError
        If there is no video in it.
    SourceError
        If there is no stream of that number.
    """
    streams = film_streams(container, url)
    if not streams:
        others = "only sound" if container.streams.audio else "no pictures"
        raise ImageError(f"has no video stream: there is {others} in it.", where=masked(url))
    if number >= len(streams):
        count = "one video stream" if len(streams) == 1 else f"{len(streams)} video streams"
        raise SourceError(
            f"has {count}, and none of number {number}.",
            where=masked(url),
            hint=f"Pass stream= from 0 to {len(streams) - 1}.",
        )
    stream = streams[number]
    if stream.codec_context is None:
        raise ImageError("is of a codec that is not known.", where=masked(url))
    return stream
