from __future__ import annotations

import gzip
import json
import struct
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


def zstd_frame(blocks: int) -> bytes:
    """Return a frame of Zstandard that does not say its size: blocks of one byte repeated."""
    full = (((1 << 17) << 3) | 1 << 1).to_bytes(3, "little") + b"\0"
    last = ((5 << 3) | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x58" + blocks * full + last


SKIPPED = (0x184D2A50).to_bytes(4, "little") + (4).to_bytes(4, "little") + b"skip"
BOMBS = {
    "gzip": gzip.compress(bytes(64 << 20)),
    "zstd": bytes(numcodecs.Zstd().encode(bytes(64 << 20))),
    "blosc": bytes(numcodecs.Blosc("zstd").encode(bytes(64 << 20))),
    "zlib": bytes(numcodecs.Zlib().encode(bytes(64 << 20))),
    "gzip, two": gzip.compress(bytes(10)) + gzip.compress(bytes(64 << 20)),
    "gzip, zeros between": gzip.compress(bytes(10)) + bytes(99) + gzip.compress(bytes(64 << 20)),
    "zstd, of unknown size": zstd_frame(500),
    "zstd, a small frame before": zstd_frame(0) + zstd_frame(500),
    "zstd, something to skip before": SKIPPED + zstd_frame(500),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_told_before_they_go_off(name: str) -> None:
    with pytest.raises(LimitError, match="when it is inflated, its pixels have 65536"):
        check_inflated(BOMBS[name], name[:5].rstrip(","), 1 << 16, "chunk")
    check_inflated(BOMBS[name], name[:5].rstrip(","), 65 << 20, "chunk")


def blosc_that_lies(count: int, claimed: int) -> bytes:
    """Return a chunk of Blosc, stored as it is, that is said to be longer than it is."""
    return bytes([2, 1, 3, 1]) + struct.pack("<3I", count, count, claimed) + b"short"


@pytest.mark.parametrize(
    "data", [blosc_that_lies(65536, 65552), blosc_that_lies(65536, 3), b"\x02\x01", b""]
)
def test_a_chunk_of_blosc_never_shows_what_else_lies_in_the_memory(
    data: bytes, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.zarr", [scene()], "yx", compressors=numcodecs.Blosc("lz4"))
    (path / "0" / "0.0").write_bytes(data)
    with pytest.raises(ImageError, match="no data of blosc"):
        opened(path).tile(0, 0, 0)


def test_a_checksum_behind_a_chunk_of_blosc_is_none_of_its_bytes(tmp_path: Path) -> None:
    codecs = (zarr.codecs.BloscCodec(), zarr.codecs.Crc32cCodec())
    pixels = scene()
    path = write(tmp_path / "a.zarr", [pixels], "yx", 3, compressors=codecs)
    np.testing.assert_array_equal(shown(opened(path).tile(0, 0, 0)), pixels[:256, :256])
    import google_crc32c

    body = blosc_that_lies(5, 16 + 5 + 4)
    check = int(google_crc32c.value(body)).to_bytes(4, "little")
    (path / "0" / "c" / "0" / "0").write_bytes(body + check)
    with pytest.raises(ImageError, match="no data of blosc"):
        opened(path).tile(0, 0, 0)


def test_a_chunk_of_endless_empty_streams_is_refused_at_once() -> None:
    with pytest.raises(ImageError, match="no data of gzip"):
        check_inflated(gzip.compress(b"") * 2_000_000, "gzip", 1 << 24, "chunk")


def test_frames_of_old_versions_of_zstandard_are_refused() -> None:
    with pytest.raises(ImageError, match="no data of zstd"):
        check_inflated(b"\x27\xb5\x2f\xfd" + bytes(100), "zstd", 1 << 24, "chunk")


SHARDS: dict[str, list[dict[str, Any]]] = {
    "in what is compressed": [
        {"name": "sharding_indexed", "configuration": {"chunk_shape": [64, 64]}},
        {"name": "zstd"},
    ],
    "in shards": [
        {
            "name": "sharding_indexed",
            "configuration": {
                "chunk_shape": [128, 128],
                "codecs": [
                    {"name": "sharding_indexed", "configuration": {"chunk_shape": [64, 64]}}
                ],
            },
        }
    ],
    "with another index": [
        {
            "name": "sharding_indexed",
            "configuration": {
                "chunk_shape": [64, 64],
                "index_codecs": [{"name": "bytes", "configuration": {"endian": "big"}}],
            },
        }
    ],
}


@pytest.mark.parametrize("kind", SHARDS)
def test_shards_whose_chunks_cannot_be_checked_are_refused(kind: str, tmp_path: Path) -> None:
    usual = [{"name": "bytes", "configuration": {"endian": "little"}}]
    index = [*usual, {"name": "crc32c"}]

    def whole(codec: dict[str, Any]) -> dict[str, Any]:
        if codec["name"] != "sharding_indexed":
            return codec | {"configuration": {"level": 1, "checksum": False}}
        own = {"codecs": usual, "index_codecs": index} | codec["configuration"]
        own["codecs"] = [whole(one) if "sharding" in one["name"] else one for one in own["codecs"]]
        return {"name": "sharding_indexed", "configuration": own}

    path = write(tmp_path / "a.zarr", [scene(shape=(256, 256))], "yx", 3)
    told(path, array={"codecs": [whole(codec) for codec in SHARDS[kind]]})
    with pytest.raises(ImageError, match="which is not read"):
        opened(path)


def test_no_chunk_lies_in_the_index_of_its_shard(tmp_path: Path) -> None:
    codec = zarr.codecs.ShardingCodec(
        chunk_shape=(256, 256),
        codecs=[zarr.codecs.BytesCodec(), zarr.codecs.BloscCodec()],
        index_location="start",
    )
    pixels = scene(shape=(512, 512))
    path = tmp_path / "a.zarr"
    write(path, [pixels], "yx", 3, chunks=(512, 512), serializer=codec, compressors=None)
    np.testing.assert_array_equal(shown(opened(path).tile(0, 0, 0)), pixels[:256, :256])
    file = path / "0" / "c" / "0" / "0"
    data = bytearray(file.read_bytes())
    data[:16] = struct.pack("<2Q", 0, 68)
    import google_crc32c

    data[64:68] = int(google_crc32c.value(bytes(data[:64]))).to_bytes(4, "little")
    file.write_bytes(data)
    with pytest.raises(ImageError, match="in the index"):
        opened(path).tile(0, 0, 0)


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
