"""Small videos of every kind, made with PyAV: each frame has its number in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

av = pytest.importorskip("av")

SIZE = (96, 64)


def picture(number: int, size: tuple[int, int] = SIZE) -> npt.NDArray[np.uint8]:
    """A frame that no other is like: a noise that drifts, and its number in bits."""
    width, height = size
    noise = np.random.default_rng(7).integers(0, 255, (height, width, 3), dtype=np.uint8)
    pixels = np.roll(noise // 2, 3 * number, axis=1)
    for bit in range(12):
        pixels[:8, 8 * bit : 8 * bit + 8] = 255 if number >> bit & 1 else 0
    return pixels


def film(
    path: Path,
    codec: str = "libx264",
    count: int = 40,
    *,
    rate: int = 25,
    gop: int = 12,
    pts: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    size: tuple[int, int] = SIZE,
    pixel_format: str = "yuv420p",
    prepare: Any = None,
    format: str | None = None,
) -> Path:
    """Write a video; `prepare` may change its stream before the first frame."""
    with av.open(str(path), "w", format=format, options=container or {}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.gop_size = gop
        stream.codec_context.time_base = Fraction(1, rate)
        if prepare is not None:
            prepare(stream)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(number, size), format="rgb24")
            frame.pts = number if pts is None else pts[number]
            frame.time_base = Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def copied(
    source: Path,
    path: Path,
    keep: Iterable[int] | None = None,
    shift: int = 0,
    container: dict[str, str] | None = None,
    prepare: Any = None,
) -> Path:
    """Copy packets, those of the given places in the order of decoding, with times shifted."""
    chosen = None if keep is None else set(keep)
    with (
        av.open(str(source)) as read,
        av.open(str(path), "w", options=container or {}) as out,
    ):
        stream = read.streams.video[0]
        made = out.add_stream_from_template(stream)
        if prepare is not None:
            prepare(made)
        for place, packet in enumerate(read.demux(stream)):
            if not packet.size or (chosen is not None and place not in chosen):
                continue
            packet.stream = made
            packet.pts += shift
            packet.dts += shift
            out.mux(packet)
    return path


def decoded(path: Path, stream: int = 0) -> list[tuple[int | None, npt.NDArray[np.uint8]]]:
    """All frames of a plain sequential decode with PyAV: timestamps and RGB."""
    with av.open(str(path)) as read:
        found = read.streams.video[stream]
        return [(one.pts, one.to_ndarray(format="rgb24")) for one in read.decode(found)]
