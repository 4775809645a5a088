from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media import Dataset, Limits
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded
from labelwidgets.media.grey import GREY16
from labelwidgets.media.tiles.levels import Box
from labelwidgets.media.tiles.opening import open_pyramid
from labelwidgets.media.tiles.pyramid import TiledPicture
from labelwidgets.media.tiles.reducing import reduced
from labelwidgets.media.tiles.tiff import open_tiff
from tests.media.tiles.large_tiff import TILE, tile_pixels, write_large

Array = npt.NDArray[Any]
SHAPE = (700, 1100)


def scene(kind: Any = np.uint8, channels: int = 0, shape: tuple[int, int] = SHAPE) -> Array:
    """Smooth waves with a little noise, over the whole range of a type."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    noise = np.random.default_rng(7).random(shape)
    waves = (2 + np.sin(rows / 37) + np.cos(columns / 53) + 0.1 * noise) / 4.2
    if channels:
        waves = np.stack([waves * (1 - 0.2 * channel) for channel in range(channels)], axis=-1)
    if np.issubdtype(kind, np.integer):
        limits = np.iinfo(kind)
        return (limits.min + waves * (float(limits.max) - float(limits.min))).astype(kind)
    return (waves * 1000 - 300).astype(kind)


def write(path: Path, pixels: Array, **options: Any) -> TiledPicture:
    tifffile.imwrite(path, pixels, **{"tile": (256, 256), "photometric": "minisblack", **options})
    return opened(path)


def opened(path: Path, limits: Limits | None = None) -> TiledPicture:
    return TiledPicture(open_tiff(Access(limits=limits), str(path)), path.name, limits)


def shown(tile: Encoded) -> Array:
    if tile.mime == GREY16:
        import zlib

        assert tile.values is not None
        data = zlib.decompress(tile.data) if tile.values.deflated else tile.data
        numbers = np.frombuffer(data, "<u2").reshape(tile.height, tile.width)
        return numbers * tile.values.scale + tile.values.offset
    return np.asarray(Image.open(io.BytesIO(tile.data)))


KINDS: dict[str, tuple[Array, dict[str, Any]]] = {
    "rgb": (scene(channels=3), {"photometric": "rgb"}),
    "rgb, deflate": (scene(channels=3), {"photometric": "rgb", "compression": "zlib"}),
    "rgb, predictor": (
        scene(channels=3),
        {"photometric": "rgb", "compression": "zlib", "predictor": True},
    ),
    "rgb, LZW": (scene(channels=3), {"photometric": "rgb", "compression": "lzw"}),
    "rgb, planes": (
        scene(channels=3).transpose(2, 0, 1),
        {"photometric": "rgb", "planarconfig": "separate"},
    ),
    "rgb, zstd": (scene(channels=3), {"photometric": "rgb", "compression": "zstd"}),
    "rgba": (scene(channels=4), {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
    "grey": (scene(), {}),
    "grey, packbits": (scene(), {"compression": "packbits"}),
    "uint16": (scene(np.uint16), {}),
    "uint16, big endian, LZW": (scene(np.uint16), {"byteorder": ">", "compression": "lzw"}),
    "uint16, BigTIFF": (scene(np.uint16), {"bigtiff": True, "compression": "zlib"}),
    "int16": (scene(np.int16), {"compression": "zlib"}),
    "float32": (scene(np.float32), {"compression": "zlib", "predictor": 3}),
    "rgb of 16 bits": (scene(np.uint16, 3), {"photometric": "rgb", "compression": "zlib"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_of_every_kind_of_tile_are_those_that_tifffile_reads(
    kind: str, tmp_path: Path
) -> None:
    pixels, options = KINDS[kind]
    picture = write(tmp_path / "a.tif", pixels, **options)
    whole = np.moveaxis(pixels, 0, -1) if options.get("planarconfig") else pixels
    assert (picture.width, picture.height) == (SHAPE[1], SHAPE[0])
    np.testing.assert_array_equal(picture.region(picture.levels[0].whole), whole)
    np.testing.assert_array_equal(picture.region(Box(200, 250, 300, 20)), whole[250:270, 200:500])
    np.testing.assert_array_equal(picture.region(Box(1090, -5, 99, 9)), whole[:4, 1090:])
    tile = shown(picture.tile(0, 4, 2))
    expected = whole[512:700, 1024:1100]
    if whole.dtype == np.uint8 or whole.ndim == 2:
        np.testing.assert_allclose(tile, expected, atol=0.02 if "float" in kind else 0)
    else:
        # Colour of more than 8 bits: the same window in every tile.
        again = shown(picture.tile(0, 0, 0))
        at = np.unravel_index(np.abs(whole[:256, :256].astype(int) - 20000).argmin(), (256, 256, 3))
        near = np.abs(expected.astype(int) - int(whole[at])) < 100
        assert near.any()
        assert np.abs(tile[near].astype(int) - int(again[at])).max() <= 1


@pytest.mark.parametrize("shape", [SHAPE, (5000, 300)])
def test_strips_are_read_by_tiles_too(shape: tuple[int, int], tmp_path: Path) -> None:
    pixels = scene(channels=3, shape=shape)
    tifffile.imwrite(tmp_path / "a.tif", pixels, rowsperstrip=7, photometric="rgb")
    picture = opened(tmp_path / "a.tif")
    assert max(picture.levels[0].tile_width, picture.levels[0].tile_height) == 512
    np.testing.assert_array_equal(shown(picture.tile(0, 0, 1)), pixels[512:1024, :512])


# How the tiles are coded, by what tifffile calls it, and the photometric tag of it.
CODED: dict[str, tuple[int, dict[str, Any]]] = {
    "grey": (1, {"photometric": "minisblack"}),
    "RGB": (2, {"photometric": "rgb", "compressionargs": {"outcolorspace": "rgb"}}),
    "YCbCr": (6, {"photometric": "rgb", "subsampling": (1, 1)}),
    "YCbCr, half the colour": (6, {"photometric": "rgb", "subsampling": (2, 2)}),
}


@pytest.mark.parametrize("coded", CODED)
def test_a_jpeg_tile_passes_without_being_decoded(coded: str, tmp_path: Path) -> None:
    photometric, options = CODED[coded]
    pixels = scene(channels=0 if coded == "grey" else 3)
    picture = write(tmp_path / "a.tif", pixels, compression="jpeg", **options)
    tile = picture.tile(0, 1, 1)
    assert tile.mime == "image/jpeg"
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        page = file.pages.first
        assert page.photometric == photometric
        file.filehandle.seek(page.dataoffsets[6])
        stored = file.filehandle.read(page.databytecounts[6])
        expected = page.asarray()
    # The coded pixels are the very bytes.
    scan = stored.index(b"\xff\xda")
    assert tile.data.endswith(stored[scan:])
    # Decoders differ by a little, above all in how they enlarge colour; what matters is that
    # it is the right one.
    assert np.abs(shown(tile).astype(int) - expected[256:512, 256:512]).mean() < 2
    assert np.abs(shown(tile).astype(int) - pixels[256:512, 256:512]).mean() < 6


def test_smaller_copies_in_the_chain_and_in_sub_ifds_become_levels(tmp_path: Path) -> None:
    pixels = scene(channels=3, shape=(3000, 2001))
    sizes = [pixels, pixels[::2, ::2], pixels[::4, ::4]]
    for name, nested in (("chain.tif", False), ("ome.tif", True)):
        with tifffile.TiffWriter(tmp_path / name) as writer:
            for level, part in enumerate(sizes):
                writer.write(
                    part,
                    tile=(256, 256),
                    photometric="rgb",
                    subifds=2 if nested and level == 0 else None,
                    subfiletype=1 if level else 0,
                )
        picture = opened(tmp_path / name)
        assert [level.width for level in picture.levels] == [2001, 1001, 501]
        assert [level.scale for level in picture.levels] == [1, 2, 4]
        for level, part in enumerate(sizes):
            np.testing.assert_array_equal(picture.region(Box(0, 0, 9999, 9999), level), part)


def test_other_pictures_in_the_file_are_no_levels(tmp_path: Path) -> None:
    pixels = scene(channels=3)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(pixels, tile=(256, 256), photometric="rgb")
        writer.write(pixels[:300, :300], tile=(256, 256), photometric="rgb")  # another shape
        writer.write(pixels[::2, ::2, 0], tile=(256, 256), photometric="minisblack")  # grey
        writer.write(pixels[::2, ::2], tile=(256, 256), photometric="rgb")
        writer.write(pixels, tile=(256, 256), photometric="rgb")  # the next of a stack
        writer.write(pixels[::4, ::4], tile=(256, 256), photometric="rgb")  # of that one
    assert [level.width for level in opened(tmp_path / "a.tif").levels] == [1100, 550]


@pytest.mark.parametrize("compression", ["zlib", "jpeg"])
def test_missing_levels_are_made_by_reducing(compression: str, tmp_path: Path) -> None:
    pixels = scene(channels=3, shape=(2500, 9000))
    picture = write(
        tmp_path / "a.tif", pixels, photometric="rgb", compression=compression, tile=(256, 256)
    )
    assert [level.scale for level in picture.levels] == [1, 2, 4, 8, 16]
    for number, level in enumerate(picture.levels[1:], 1):
        made = picture.region(level.whole, number)
        expected = reduced(pixels, 2**number)
        assert made.shape == expected.shape == (level.height, level.width, 3)
        # Each eighth is rounded once more; JPEG has losses.
        slack = 1 if compression == "zlib" else 16
        assert np.abs(made.astype(int) - expected).max() <= slack
        assert np.abs(made.astype(int) - expected).mean() <= 2
        tile = picture.tile(number, 0, 0)
        assert tile.mime == ("image/png" if compression == "zlib" else "image/jpeg")


def test_grey_of_sixteen_bits_comes_with_values_and_one_window(tmp_path: Path) -> None:
    pixels = scene(np.uint16, shape=(3000, 3000))
    picture = write(tmp_path / "a.tif", pixels)
    values = picture.values
    assert values is not None
    assert values.step == 1
    tiles = [picture.tile(0, 0, 0), picture.tile(1, 1, 1), picture.tile(2, 0, 0)]
    assert {tile.mime for tile in tiles} == {GREY16}
    assert {(tile.values.low, tile.values.high) for tile in tiles if tile.values} == {values[:2]}
    np.testing.assert_array_equal(shown(tiles[0]), pixels[:256, :256])


def test_a_tile_that_the_file_leaves_out_is_black(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(path, scene(channels=3), photometric="rgb", compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as file:
        tag = file.pages.first.tags["TileByteCounts"]
        tag.overwrite([0 if number == 1 else count for number, count in enumerate(tag.value)])
    assert not shown(opened(path).tile(0, 1, 0)).any()
    assert shown(opened(path).tile(0, 2, 0)).any()


def test_one_tile_of_200_megapixels_costs_its_bytes_and_little_of_the_index(
    tmp_path: Path,
) -> None:
    dataset = Dataset.open(str(write_large(tmp_path / "large.tif")), validate=False)
    (item,) = dataset.items["id"]
    picture = dataset.pyramid(item)
    assert picture is not None
    assert (picture.width, picture.height) == (12288, 16384)
    tile = picture.tile(0, 11, 20)
    assert np.abs(shown(tile).astype(int) - tile_pixels(0, 11, 20)).mean() < 2
    (cost,) = dataset.traffic["bytes"]
    assert cost <= 1.3 * len(tile.data) + (256 << 10)
    before = cost
    picture.tile(0, 12, 20)
    (cost,) = dataset.traffic["bytes"]
    assert cost - before <= 1.3 * TILE * TILE


def test_a_small_picture_and_a_turned_one_are_read_whole(tmp_path: Path) -> None:
    small = tmp_path / "small.tif"
    write(small, scene(channels=3), photometric="rgb")
    assert open_pyramid(str(small), Access()) is None
    turned = tmp_path / "turned.tif"
    options: dict[str, Any] = {"tile": (256, 256), "extratags": [(274, 3, 1, 6, True)]}
    tifffile.imwrite(turned, scene(shape=(2100, 2100)), photometric="minisblack", **options)
    assert open_pyramid(str(turned), Access()) is None
    even = tmp_path / "even.tif"
    write(even, scene(shape=(2100, 2100)))
    assert open_pyramid(str(even), Access()) is not None


# Hostile files


def patched(path: Path, tag: int, value: int, at: int = 0, count: int | None = None) -> Path:
    """Write another value (of 4 bytes) or count into the first directory of a little TIFF."""
    data = bytearray(path.read_bytes())
    start = int.from_bytes(data[4:8], "little")
    for entry in range(int.from_bytes(data[start : start + 2], "little")):
        place = start + 2 + 12 * entry
        if int.from_bytes(data[place : place + 2], "little") != tag:
            continue
        if count is not None:
            data[place + 4 : place + 8] = count.to_bytes(4, "little")
        else:
            many = int.from_bytes(data[place + 4 : place + 8], "little") > 1
            where = int.from_bytes(data[place + 8 : place + 12], "little") if many else place + 8
            data[place + 2 : place + 4] = (4).to_bytes(2, "little")
            data[where + 4 * at : where + 4 * at + 4] = value.to_bytes(4, "little")
    path.write_bytes(data)
    return path


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim.tif"
    # Offsets and counts of 4 bytes, as there are many of them and they are large.
    write(path, scene(channels=3, shape=(2100, 2100)), photometric="rgb")
    return path


@pytest.mark.parametrize(
    ("tag", "value", "error", "says"),
    [
        (322, 0, ImageError, "tiles of 0 x 256"),
        (323, 0, ImageError, "tiles of 256 x 0"),
        (322, 1 << 31, LimitError, "tiles of 2147483648 x 256"),
        (322, (1 << 31) - 16, LimitError, "tiles of 2147483632 x 256"),
        (256, 0xFFFFFFF0, ImageError, "claims 4294967280 x"),
        (256, 0x7FFFFFF0, ImageError, "tiles, where"),
        (257, 0, ImageError, "claims 2100 x 0"),
    ],
)
def test_sizes_that_cannot_be(
    tag: int, value: int, error: type[Exception], says: str, victim: Path
) -> None:
    patched(victim, tag, value)
    with pytest.raises(error, match=says):
        open_pyramid(str(victim), Access())


def test_a_tile_that_lies_outside_the_file(victim: Path) -> None:
    picture = opened(patched(victim, 324, 0xFFFFFF00, at=3))
    with pytest.raises(ImageError, match=r"victim\.tif, level 0, tile \(3, 0\): is cut short"):
        picture.tile(0, 3, 0)
    assert picture.tile(0, 2, 0).width == 256


def test_a_tile_that_says_it_has_gigabytes(victim: Path) -> None:
    picture = opened(patched(victim, 325, 0xFFFFFF00, at=3))
    with pytest.raises(LimitError, match="says that a tile has 4294967040 bytes"):
        picture.tile(0, 3, 0)


def test_a_table_that_is_too_short(victim: Path) -> None:
    with pytest.raises(ImageError, match="has 2 tiles, where 81 are needed"):
        opened(patched(victim, 324, 0, count=2))


def test_a_table_that_lies_outside_the_file(victim: Path) -> None:
    data = bytearray(victim.read_bytes())
    start = int.from_bytes(data[4:8], "little")
    for entry in range(int.from_bytes(data[start : start + 2], "little")):
        place = start + 2 + 12 * entry
        if int.from_bytes(data[place : place + 2], "little") == 324:
            data[place + 8 : place + 12] = (0xFFFFFF00).to_bytes(4, "little")
    victim.write_bytes(data)
    with pytest.raises(ImageError, match="cut short within its directory"):
        opened(victim).tile(0, 0, 0)


def test_directories_that_lead_back_to_one_another(victim: Path) -> None:
    data = bytearray(victim.read_bytes())
    start = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[start : start + 2], "little")
    end = start + 2 + 12 * count
    # A second directory of another size, whose next one is itself.
    second = bytes(data[start:end])
    at = len(data)
    data[end : end + 4] = at.to_bytes(4, "little")
    data += second + at.to_bytes(4, "little")
    for entry in range(count):
        place = at + 2 + 12 * entry
        if int.from_bytes(data[place : place + 2], "little") == 256:
            data[place + 8 : place + 10] = (1050).to_bytes(2, "little")
    victim.write_bytes(data)
    with pytest.raises(ImageError, match="lead back to one another"):
        open_pyramid(str(victim), Access())


def test_a_jpeg_that_claims_more_than_its_tile(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(path, scene(channels=3, shape=(600, 600)), photometric="ycbcr", compression="jpeg")
    data = bytearray(path.read_bytes())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with pytest.raises(ImageError, match="holds a tile of 65535 x 65535 pixels in the place"):
        opened(path).tile(0, 0, 0)


def test_a_picture_of_a_million_tiles_is_read_without_its_whole_index(tmp_path: Path) -> None:
    path = tmp_path / "many.tif"
    tifffile.imwrite(
        path,
        (bytes(16 * 16) for _ in range(1000 * 1000)),
        shape=(16000, 16000),
        dtype=np.uint8,
        tile=(16, 16),
        photometric="minisblack",
        compression=None,
    )
    access = Access()
    picture = TiledPicture(open_tiff(access, str(path)), "many.tif")
    assert picture.region(Box(8000, 8000, 10, 10)).shape == (10, 10)
    (cost,) = access.traffic.frame()["bytes"]
    assert cost < 256 << 10


def test_what_has_no_smaller_copy_and_is_too_large_to_make_one(victim: Path) -> None:
    picture = opened(victim, Limits(pixels=1_000_000))
    assert picture.tile(0, 0, 0).width == 256
    with pytest.raises(LimitError, match="gdaladdo"):
        picture.tile(len(picture.levels) - 1, 0, 0)


@pytest.mark.parametrize("place", [(0, 9, 0), (0, 0, -1), (7, 0, 0), (-1, 0, 0)])
def test_a_tile_that_there_is_not(place: tuple[int, int, int], victim: Path) -> None:
    with pytest.raises((ImageError, LimitError), match=r"victim\.tif"):
        opened(victim).tile(*place)
