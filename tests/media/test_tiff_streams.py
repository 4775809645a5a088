from __future__ import annotations

import io
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pytest
import tifffile

from labelwidgets.errors import ImageError
from labelwidgets.media.image import decode
from labelwidgets.media.tiff_streams import check_streams

KINDS = {"jpeg2000": 34712, "png": 34933, "lerc": 34887, "webp": 50001, "jpeg": 7}


def written(kind: str, pixels: npt.NDArray[Any], **options: Any) -> bytes:
    """Return a TIFF file of such tiles."""
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        pixels,
        tile=(64, 64),
        compression=kind,
        photometric="rgb" if pixels.ndim == 3 else "minisblack",
        **options,
    )
    return file.getvalue()


def stream(data: bytes) -> bytes:
    """Return the first tile as it is stored."""
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages.first
        at, count = page.dataoffsets[0], page.databytecounts[0]
    return data[at : at + count]


@pytest.mark.parametrize("kind", KINDS)
def test_a_tile_that_is_as_large_as_it_should_be_passes(kind: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (100, 130, 3)).astype(np.uint8)
    data = written(kind, pixels)
    check_streams(KINDS[kind], iter([stream(data), b""]), 64, 64, 3)
    assert decode(data).shape == (100, 130, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_tile_that_holds_a_larger_picture_is_refused_before_it_is_decoded(kind: str) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    for width, height in ((63, 64), (64, 63)):
        with pytest.raises(ImageError, match=r"64 x 64 pixels in the place of a tile"):
            check_streams(KINDS[kind], iter([stream(written(kind, pixels))]), width, height, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_tile_that_does_not_tell_its_size_is_refused(kind: str) -> None:
    for data in (b"\0", b"\xff\xd8\xff", bytes(100), b"Lerc2 ", b"\xff\x4f\xff\x51"):
        with pytest.raises(ImageError):
            check_streams(KINDS[kind], iter([data]), 64, 64, 3)


@pytest.mark.parametrize("kind", ["jpeg2000", "lerc"])
def test_a_few_bytes_that_become_a_gigabyte(kind: str) -> None:
    data = bytearray(written(kind, np.zeros((64, 64), np.uint8)))
    if kind == "lerc":
        bomb = bytearray(imagecodecs.lerc_encode(np.zeros((64, 64), np.uint8)))
        bomb[14:22] = (1 << 15).to_bytes(4, "little") * 2
    else:
        bomb = bytearray(imagecodecs.jpeg2k_encode(np.zeros((64, 64), np.uint8)))
        at = bomb.find(b"\xff\x4f\xff\x51")
        bomb[at + 8 : at + 16] = (1 << 15).to_bytes(4, "big") * 2
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        tags = tiff.pages.first.tags
        places = tags[324].valueoffset, tags[325].valueoffset
    size = 4 if tags[325].dtype == 4 else 2
    data[places[0] : places[0] + 4] = len(data).to_bytes(4, "little")
    data[places[1] : places[1] + size] = len(bomb).to_bytes(size, "little")
    with pytest.raises(ImageError, match="holds a picture of 32768 x 32768 pixels"):
        decode(bytes(data + bomb))


def test_kinds_whose_size_nobody_tells_are_refused() -> None:
    with pytest.raises(ImageError, match=r"50002"):
        check_streams(50002, iter([b"\xff\x0a"]), 64, 64, 3)
