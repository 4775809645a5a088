from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import zarr
import zarr.codecs

from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError
from labelwidgets.media import Dataset, Limits
from labelwidgets.media.access import Access
from labelwidgets.media.tiles.inflating import check_inflated
from labelwidgets.media.tiles.levels import Box
from labelwidgets.media.tiles.opening import open_pyramid
from labelwidgets.media.tiles.pyramid import TiledPicture
from tests.media.tiles.test_tiff import Array, scene, shown


def write(
    path: Path,
    levels: list[Array],
    axes: str,
    version: int = 2,
    omero: dict[str, Any] | None = None,
    **options: Any,
) -> Path:
    """Write an OME-Zarr picture: NGFF 0.4 on Zarr v2, 0.5 on v3."""
    options.setdefault("chunks", (1,) * (levels[0].ndim - 2) + (256, 256))
    group = zarr.open_group(path, mode="w", zarr_format=version)  # type: ignore[arg-type]
    for number, pixels in enumerate(levels):
        group.create_array(str(number), data=pixels, **options)
    about: dict[str, Any] = {
        "multiscales": [
            {
                "axes": [{"name": name, "type": "space"} for name in axes],
                "datasets": [{"path": str(number)} for number in range(len(levels))],
            }
        ]
    }
    if omero is not None:
        about["omero"] = omero
    group.attrs.update(about if version == 2 else {"ome": {"version": "0.5", **about}})
    return path


def opened(path: Path, limits: Limits | None = None) -> TiledPicture:
    found = open_pyramid(str(path), Access(limits=limits))
    assert found is not None
    return found


STORED: dict[str, tuple[int, dict[str, Any]]] = {
    "v2, blosc": (2, {"compressors": numcodecs.Blosc("lz4")}),
    "v2, zlib": (2, {"compressors": numcodecs.Zlib()}),
    "v2, plain": (2, {"compressors": None}),
    "v3, zstd": (3, {}),
    "v3, gzip": (3, {"compressors": zarr.codecs.GzipCodec()}),
    "v3, blosc": (3, {"compressors": zarr.codecs.BloscCodec()}),
    "v3, sharded": (3, {"chunks": (256, 256), "shards": (512, 512)}),
    "v3, one chunk in each shard": (3, {"chunks": (256, 256), "shards": (256, 256)}),
    "v3, big endian": (3, {"serializer": zarr.codecs.BytesCodec(endian="big")}),
}


@pytest.mark.parametrize("stored", STORED)
def test_pixels_are_those_that_were_written(stored: str, tmp_path: Path) -> None:
    version, options = STORED[stored]
    pixels = scene(np.uint16, shape=(1300, 1100))
    levels = [pixels, pixels[::2, ::2]]
    picture = opened(write(tmp_path / "a.zarr", levels, "yx", version, **options))
    assert (picture.width, picture.height) == (1100, 1300)
    assert [level.scale for level in picture.levels] == [1, 2]
    for number, expected in enumerate(levels):
        np.testing.assert_array_equal(picture.region(Box(0, 0, 9999, 9999), number), expected)
    np.testing.assert_array_equal(shown(picture.tile(0, 3, 4)), pixels[1024:1280, 768:1024])
    assert picture.values is not None


def test_chunks_that_suit_no_browser_are_put_together(tmp_path: Path) -> None:
    pixels = scene(channels=3).transpose(2, 0, 1)
    path = write(tmp_path / "a.zarr", [pixels], "cyx", chunks=(3, 50, 70))
    picture = opened(path)
    assert picture.levels[0].tile_width == 512
    expected = np.moveaxis(pixels, 0, -1)
    np.testing.assert_array_equal(shown(picture.tile(0, 1, 1)), expected[512:, 512:1024])


def test_of_time_and_depth_one_picture_is_shown(tmp_path: Path) -> None:
    slices = [scene(np.uint16, shape=(300, 300)) // (number + 1) for number in range(6)]
    pixels = np.array(slices).reshape(2, 1, 3, 300, 300)
    picture = opened(write(tmp_path / "a.zarr", [pixels], "tczyx"))
    np.testing.assert_array_equal(picture.region(picture.levels[0].whole), slices[1])
    omero = {"rdefs": {"defaultT": 1, "defaultZ": 2}}
    picture = opened(write(tmp_path / "b.zarr", [pixels], "tczyx", omero=omero))
    np.testing.assert_array_equal(picture.region(picture.levels[0].whole), slices[5])


def test_channels_are_added_up_in_their_colours(tmp_path: Path) -> None:
    pixels = np.stack([scene(np.uint16, shape=(300, 300)), np.full((300, 300), 500, np.uint16)])
    channels = [
        {"color": "FF0000", "window": {"start": 0, "end": 65535}},
        {"color": "0000FF", "window": {"start": 0, "end": 1000}},
    ]
    picture = opened(write(tmp_path / "a.zarr", [pixels], "cyx", omero={"channels": channels}))
    assert picture.values is None
    found = picture.region(picture.levels[0].whole)
    np.testing.assert_array_equal(found[..., 0], np.floor(pixels[0] / 65535 * 255 + 0.5))
    assert not found[..., 1].any()
    assert (found[..., 2] == 128).all()
    picture = opened(write(tmp_path / "b.zarr", [pixels], "cyx"))
    np.testing.assert_array_equal(picture.region(picture.levels[0].whole), pixels[0])


def test_one_tile_costs_its_chunk_and_the_metadata(tmp_path: Path) -> None:
    pixels = scene(np.uint16, shape=(3000, 3000))
    path = write(tmp_path / "a.zarr", [pixels, pixels[::2, ::2]], "yx", 3, compressors=None)
    dataset = Dataset.open(str(path), validate=False)
    (item,) = dataset.items["id"]
    picture = dataset.pyramid(item)
    assert picture is not None
    picture.region(Box(300, 300, 10, 10))
    traffic = dataset.traffic.set_index("item_id")
    assert 2 * 256 * 256 <= traffic.loc[item, "bytes"] <= 1.3 * 2 * 256 * 256 + (256 << 10)


def test_a_chunk_that_is_not_there_is_what_it_is_filled_with(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zarr", [scene()], "yx", 3, fill_value=7)
    (path / "0" / "c" / "0" / "1").unlink()
    assert (opened(path).region(Box(256, 0, 256, 256)) == 7).all()


def test_a_directory_is_one_item_wherever_it_lies(tmp_path: Path) -> None:
    import fsspec

    folder = tmp_path / "data"
    write(folder / "a.zarr", [scene()], "yx", 3)
    write(folder / "more" / "b.ome.zarr", [scene()], "yx", 2)
    (folder / "more" / "c.png").write_bytes(b"")
    memory = fsspec.filesystem("memory")
    memory.put(f"{folder}/", "/zarrs/", recursive=True)
    try:
        for source, count in (
            (str(folder), 3),
            (f"{folder}/**", 3),
            (f"{folder}/*.zarr", 1),
            (f"{folder}/a.zarr", 1),
            ("memory://zarrs", 3),
            ("memory://zarrs/a.zarr", 1),
        ):
            items = Dataset.open(source, errors="collect").items
            zarrs = items[[".zarr" in url for (url,) in items["urls"]]]
            assert len(items) == count, source
            assert set(zarrs["status"]) == {"ok"}, source
            assert zarrs["metadata"].iloc[0] == {
                **{"width": 1100, "height": 700, "mime": "application/vnd.zarr", "bits": 8}
            }
    finally:
        memory.rm("/zarrs", recursive=True)


# Hostile pictures


def told(path: Path, *, attributes: Any = None, array: dict[str, Any] | None = None) -> Path:
    """Change what the metadata of a v3 picture say."""
    if attributes is not None:
        about = json.loads((path / "zarr.json").read_text())
        about["attributes"] = attributes
        (path / "zarr.json").write_text(json.dumps(about))
    if array is not None:
        about = json.loads((path / "0" / "zarr.json").read_text())
        (path / "0" / "zarr.json").write_text(json.dumps({**about, **array}))
    return path


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"ome": []},
        {"ome": {"multiscales": []}},
        {"ome": {"multiscales": [{"datasets": []}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": "../../secret"}]}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": "/etc"}]}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": "s3://bucket/a"}]}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": "nothing"}], "axes": ["y", "x"]}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": "0"}], "axes": ["x", "y"]}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": "0"}]}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": 5}]}]}},
        {"ome": {"multiscales": [{"datasets": [{"path": "0"}] * 100}]}},
    ],
)
def test_metadata_that_name_no_picture(attributes: Any, tmp_path: Path) -> None:
    path = told(write(tmp_path / "a.zarr", [scene()], "yx", 3), attributes=attributes)
    with pytest.raises(ImageError, match=r"a\.zarr"):
        opened(path)


@pytest.mark.parametrize(
    "array",
    [
        {"shape": [1 << 40, 1 << 40]},
        {"shape": [0, 0]},
        {"data_type": "complex64", "fill_value": [0, 0]},
        {"codecs": [{"name": "pickle"}]},
        {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1 << 20, 1 << 20]}}},
        {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [0, 256]}}},
    ],
)
def test_arrays_that_cannot_be(array: dict[str, Any], tmp_path: Path) -> None:
    path = told(write(tmp_path / "a.zarr", [scene()], "yx", 3), array=array)
    with pytest.raises(LabelwidgetsError, match=r"a\.zarr"):
        opened(path)


def test_codecs_whose_size_nobody_can_tell_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zarr", [scene()], "yx", compressors=numcodecs.LZ4())
    with pytest.raises(ImageError, match="is compressed with LZ4"):
        opened(path)


BOMBS = {
    "gzip": gzip.compress(bytes(64 << 20)),
    "zstd": bytes(numcodecs.Zstd().encode(bytes(64 << 20))),
    "blosc": bytes(numcodecs.Blosc("zstd").encode(bytes(64 << 20))),
    "zlib": bytes(numcodecs.Zlib().encode(bytes(64 << 20))),
    "two gzips": gzip.compress(bytes(10)) + gzip.compress(bytes(64 << 20)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_told_before_they_go_off(name: str) -> None:
    with pytest.raises(LimitError, match="when it is inflated, its pixels have 65536"):
        check_inflated(BOMBS[name], 1 << 16, "chunk")
    check_inflated(BOMBS[name], 65 << 20, "chunk")


def test_a_bomb_in_the_place_of_a_chunk(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zarr", [scene()], "yx", 3, compressors=zarr.codecs.GzipCodec())
    (path / "0" / "c" / "0" / "0").write_bytes(BOMBS["gzip"])
    with pytest.raises(LimitError, match="inflated"):
        opened(path).tile(0, 0, 0)


@pytest.mark.parametrize("shard", [256, 512])
def test_a_bomb_in_a_shard(shard: int, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.zarr",
        [scene(shape=(512, 512))],
        "yx",
        3,
        shards=(shard, shard),
        compressors=zarr.codecs.GzipCodec(),
    )
    file = path / "0" / "c" / "0" / "0"
    data, count = file.read_bytes(), (shard // 256) ** 2
    index = np.frombuffer(data[-16 * count - 4 : -4], "<u8").copy()
    bomb = BOMBS["gzip"]
    index[0], index[1] = 0, len(bomb)
    import google_crc32c

    body = index.tobytes()
    check = int(google_crc32c.value(body)).to_bytes(4, "little")
    file.write_bytes(bomb + data[: -16 * count - 4] + body + check)
    with pytest.raises(LimitError, match=r"inflated|are allowed"):
        opened(path).tile(0, 0, 0)


def test_a_chunk_that_has_gigabytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zarr", [scene()], "yx", 3, compressors=None)
    with (path / "0" / "c" / "0" / "0").open("r+b") as file:
        file.truncate(4 << 30)
    with pytest.raises(LimitError, match="are allowed"):
        opened(path).tile(0, 0, 0)


def test_a_damaged_chunk(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zarr", [scene()], "yx", 3)
    file = path / "0" / "c" / "0" / "0"
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ImageError, match=r"level 0, tile \(0, 0\): cannot be read as OME-Zarr"):
        opened(path).tile(0, 0, 0)


def test_a_directory_that_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(ImageError, match=r"a\.zarr"):
        opened(tmp_path / "a.zarr")


def test_all_pixels_of_a_small_one_are_an_array_too(tmp_path: Path) -> None:
    pixels = scene(np.uint16, shape=(300, 400))
    dataset = Dataset.open(str(write(tmp_path / "a.zarr", [pixels], "yx")))
    (item,) = dataset.items["id"]
    np.testing.assert_array_equal(dataset.pixels(item), pixels)
    assert dataset.encoded(item).values is not None
    assert dataset.thumbnail(item, 64).width == 64
