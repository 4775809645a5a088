from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labelwidgets.media import Dataset, Limits
from labelwidgets.media.grey import GREY16
from labelwidgets.media.image import open_image
from labelwidgets.media.tiles.levels import Box
from labelwidgets.media.tiles.reducing import reduced
from tests.media.tiles.test_tiff import scene, shown

SHAPE = (1100, 9000)


def dataset(path: Path) -> tuple[Dataset, str]:
    made = Dataset.open(str(path))
    (item,) = made.items["id"]
    return made, item


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.webp", "strips.tif"])
def test_a_large_picture_in_one_piece_is_cut_into_tiles(name: str, tmp_path: Path) -> None:
    Image.fromarray(scene(channels=3, shape=SHAPE)).save(tmp_path / name)
    whole = open_image(tmp_path / name)
    picture = dataset(tmp_path / name)[0].pyramid(dataset(tmp_path / name)[1])
    assert picture is not None
    assert (picture.width, picture.height) == (9000, 1100)
    np.testing.assert_array_equal(shown(picture.tile(0, 17, 1)), whole[512:1024, 8704:9000])
    np.testing.assert_array_equal(picture.region(Box(500, 500, 30, 40)), whole[500:540, 500:530])
    for number, level in enumerate(picture.levels[1:], 1):
        made = picture.region(level.whole, number)
        expected = reduced(whole, 2**number)
        assert made.shape == expected.shape
        assert np.abs(made.astype(int) - expected).mean() < (4 if name == "a.jpg" else 1)


def test_it_is_read_once_however_many_tiles_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(scene(channels=3, shape=SHAPE)).save(path)
    made, item = dataset(path)
    picture = made.pyramid(item)
    assert picture is not None
    for level in range(len(picture.levels)):
        for column in range(picture.levels[level].columns):
            picture.tile(level, column, 0)
    (cost,) = made.traffic["bytes"]
    assert cost <= path.stat().st_size + (256 << 10)


def test_a_turned_photograph_is_upright_in_every_level(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(scene(channels=3, shape=SHAPE)).save(tmp_path / "a.jpg", exif=exif)
    made, item = dataset(tmp_path / "a.jpg")
    whole = made.pixels(item)
    picture = made.pyramid(item)
    assert picture is not None
    assert (picture.width, picture.height) == (1100, 9000)
    np.testing.assert_array_equal(shown(picture.tile(0, 0, 3)), whole[1536:2048, :512])
    last = len(picture.levels) - 1
    small = picture.region(picture.levels[last].whole, last)
    assert np.abs(small.astype(int) - reduced(whole, 2**last)).mean() < 4


def test_grey_of_sixteen_bits_comes_with_its_values(tmp_path: Path) -> None:
    pixels = scene(np.uint16, shape=SHAPE)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    made, item = dataset(tmp_path / "a.png")
    picture = made.pyramid(item)
    assert picture is not None
    assert picture.values is not None
    tile = picture.tile(0, 1, 1)
    assert tile.mime == GREY16
    np.testing.assert_array_equal(shown(tile), pixels[512:1024, 512:1024])


def test_one_that_fits_on_a_canvas_is_shown_whole_and_not_even_looked_at(tmp_path: Path) -> None:
    Image.fromarray(scene(channels=3)).save(tmp_path / "a.png")
    made, item = dataset(tmp_path / "a.png")
    before = made.traffic["bytes"].sum()
    assert made.pyramid(item) is None
    assert made.traffic["bytes"].sum() == before


def test_a_picture_in_strips_may_be_larger_than_what_is_decoded_at_once(tmp_path: Path) -> None:
    Image.fromarray(scene(shape=SHAPE)).save(tmp_path / "a.tif")
    limits = Limits(pixels=10_000_000)
    made = Dataset.open(str(tmp_path / "a.tif"), limits=limits)
    (item,) = made.items["id"]
    picture = made.pyramid(item)
    assert picture is not None
    assert picture.region(Box(0, 0, 100, 100)).shape == (100, 100)
