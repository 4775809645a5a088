"""OME-Zarr pictures (NGFF 0.4 and 0.5, multiscales) by chunks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, LabelwidgetsError, MissingExtraError
from labelwidgets.media.access import Access
from labelwidgets.media.encoded import Encoded
from labelwidgets.media.limits import Limits
from labelwidgets.media.tiles.levels import Level, scale_between
from labelwidgets.media.urls import masked

if TYPE_CHECKING:
    from labelwidgets.media.tiles.zarr_store import AccessStore

Array = npt.NDArray[Any]

_MOST_LEVELS = 64
_MOST_CHANNELS = 32
_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")
# Before 0.3 the axes were not said.
_AXES = ("t", "c", "z", "y", "x")
# Whose inflated size is checked before it is inflated: see `inflating`.
_COMPRESSORS = {
    **{"Blosc": "blosc", "Zstd": "zstd", "GZip": "gzip", "Zlib": "zlib"},
    **{"BloscCodec": "blosc", "ZstdCodec": "zstd", "GzipCodec": "gzip"},
}
_CHECKSUM = "Crc32cCodec"


class Channel(NamedTuple):
    """How a channel is shown: in which colour (RGB, 0 to 1), and from black to full."""

    number: int
    colour: tuple[float, float, float]
    low: float
    high: float


class ZarrTiles:
    """The levels and chunks of an OME-Zarr picture.

    Of time the first point is shown, of a stack its middle slice, unless the metadata say
    otherwise (``omero.rdefs``). One channel is grey with its values, three of 8 bits are RGB; of
    others those that are active are added up in their colours (``omero.channels``), and where the
    metadata do not say how, the first one is shown.

    Parameters
    ----------
    store
        Reads the files.
    where
        The name that errors give to the picture.
    limits
        Bounds on the size of a chunk; the default ones where None.

    Raises
    ------
    ImageError
        If it is not an OME-Zarr picture, or damaged.
    LimitError
        If its chunks are larger than allowed.
    """

    lossy = False
    mime = "application/vnd.zarr"

    def __init__(self, store: AccessStore, where: str, limits: Limits | None = None) -> None:
        import zarr

        limits = limits or Limits()
        with _reported():
            group = zarr.open_group(store, mode="r")
            attributes: Any = dict(group.attrs)
            if "bioformats2raw.layout" in _ome(attributes):
                group = zarr.open_group(store, mode="r", path="0")
                attributes = dict(group.attrs)
            ome = _ome(attributes)
            paths, axes = _multiscale(ome)
            self._arrays = [_array(group, path) for path in paths]
        whole = self._arrays[0]
        if len(axes) != whole.ndim or axes[-2:] != ("y", "x") or not set(axes) <= set(_AXES):
            raise ImageError(f"has the axes {', '.join(axes) or 'none'}, which is no picture.")
        self._axes = axes
        sizes = [(int(array.shape[-1]), int(array.shape[-2])) for array in self._arrays]
        if any(array.ndim != whole.ndim or array.dtype != whole.dtype for array in self._arrays):
            raise ImageError("has levels of several kinds.")
        if any(a[0] < b[0] or a[1] < b[1] for a, b in pairwise(sizes)):
            raise ImageError("has levels that grow.")
        if min(sizes[-1]) < 1 or max(sizes[0]) >= 1 << 31:
            raise ImageError(f"claims {sizes[0][0]} x {sizes[0][1]} pixels.")
        self.levels: list[Level] = []
        for array, (width, height) in zip(self._arrays, sizes, strict=True):
            tall, wide = min(array.chunks[-2], height), min(array.chunks[-1], width)
            if min(array.chunks) < 1:
                raise ImageError(f"has chunks of {wide} x {tall} pixels.")
            limits.check_tile(wide, math.prod(array.chunks[:-2]) * array.chunks[-2], where)
            store.chunks[array.path] = _chunks(array)
            self.levels.append(Level(width, height, wide, tall, scale_between(sizes[0][0], width)))
        self._at = _position(axes, whole.shape, ome)
        count = whole.shape[axes.index("c")] if "c" in axes else 1
        self._channels = _channels(ome, count, whole.dtype)
        self.bits = 8 * whole.dtype.itemsize
        self._rgb = count == 3 and whole.dtype == np.uint8 and not self._channels
        self.wide = whole.dtype.itemsize > 1 and not self._channels

    def pixels(self, level: int, column: int, row: int) -> Array:
        """Return the pixels of a chunk."""
        box = self.levels[level].box(column, row)
        rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)

        def read(channel: int | slice) -> Array:
            place = {**self._at, "c": channel, "y": rows, "x": columns}
            with _reported():
                found = np.asarray(self._arrays[level][tuple(place[axis] for axis in self._axes)])
            return found.astype(found.dtype.newbyteorder("="), copy=False)

        if self._rgb:
            return np.ascontiguousarray(np.moveaxis(read(slice(0, 3)), 0, -1))
        if not self._channels:
            return read(0)
        total = np.zeros((box.height, box.width, 3))
        for number, colour, low, high in self._channels:
            shade = np.clip((read(number).astype(np.float64) - low) / (high - low), 0, 1)
            total += np.nan_to_num(shade)[..., None] * colour
        return np.floor(np.clip(total, 0, 1) * 255 + 0.5).astype(np.uint8)

    def shrunk(self, level: int, column: int, row: int, factor: int) -> Array | None:
        """Return None: chunks are decoded whole."""
        return None

    def encoded(self, level: int, column: int, row: int) -> Encoded | None:
        """Return None: no browser shows chunks."""
        return None


def is_zarr(url: str) -> bool:
    """Say whether a canonical URL is that of an OME-Zarr picture: a directory named so."""
    return url.partition("?")[0].rstrip("/").endswith(".zarr")


def open_zarr(access: Access, url: str) -> ZarrTiles:
    """Read the metadata of an OME-Zarr picture that lies anywhere.

    Raises
    ------
    MissingExtraError
        If the package zarr is not installed.
    """
    try:
        from labelwidgets.media.tiles.zarr_store import AccessStore
    except ImportError:
        raise MissingExtraError(
            "is an OME-Zarr picture, which needs the package zarr.",
            where=masked(url),
            hint='Run: pip install "labelwidgets[large]"',
        ) from None
    return ZarrTiles(AccessStore(access, url), masked(url), access.limits)


@contextmanager
def _reported() -> Iterator[None]:
    """Turn what zarr and its codecs raise, which is of many families, into an ImageError."""
    try:
        yield
    except LabelwidgetsError:
        raise
    except Exception as error:
        words = masked(" ".join(str(error).split()))[:200]
        raise ImageError(f"cannot be read as OME-Zarr ({type(error).__name__}: {words}).") from None


def _ome(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata of NGFF: from 0.5 on they have a key of their own."""
    own = attributes.get("ome")
    return own if isinstance(own, Mapping) else attributes


def _multiscale(ome: Mapping[str, Any]) -> tuple[list[str], tuple[str, ...]]:
    """Return the paths of the levels, and the names of the axes."""
    scales = ome.get("multiscales")
    first = scales[0] if isinstance(scales, list) and scales else None
    datasets = first.get("datasets") if isinstance(first, Mapping) else None
    if not isinstance(datasets, list) or not 1 <= len(datasets) <= _MOST_LEVELS:
        raise ImageError(
            "holds no multiscale picture (NGFF).",
            hint="Open the group whose attributes have the key 'multiscales'.",
        )
    paths = [one.get("path") if isinstance(one, Mapping) else None for one in datasets]
    for path in paths:
        if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path.split("/"):
            raise ImageError(f"has the path {str(path)[:80]!r} among its levels.")
    axes = first.get("axes", list(_AXES)) if isinstance(first, Mapping) else []
    names = [one.get("name") if isinstance(one, Mapping) else one for one in axes]
    return paths, tuple(str(name) for name in names)  # type: ignore[return-value]


def _array(group: Any, path: str) -> Any:
    import zarr

    array = group[path]
    if not isinstance(array, zarr.Array):
        raise ImageError(f"has no array {path!r}.")
    if array.dtype.kind not in "iuf" or array.dtype.itemsize > 8:
        raise ImageError(f"holds values of the type {array.dtype}, which are no pixels.")
    names = [type(codec).__name__ for codec in array.compressors]
    others = [type(codec).__name__ for codec in array.filters or ()]
    # How the pixels are written, which may be shards within shards.
    if array.metadata.zarr_format == 3 and type(array.serializer).__name__ != "BytesCodec":
        others.append(type(array.serializer).__name__)
    strange = [name for name in names if name not in _COMPRESSORS and name != _CHECKSUM]
    strange += [name for name in others if name != "TransposeCodec"]
    if strange or len([name for name in names if name != _CHECKSUM]) > 1:
        raise ImageError(
            f"is compressed with {', '.join(names + others)}, which is not read.",
            hint="Read are Blosc, Zstandard, gzip and zlib.",
        )
    return array


def _chunks(array: Any) -> Any:
    from labelwidgets.media.tiles.zarr_store import Chunks

    names = [type(codec).__name__ for codec in array.compressors]
    at = next((at for at, name in enumerate(names) if name in _COMPRESSORS), len(names))
    codec = _COMPRESSORS[names[at]] if at < len(names) else ""
    decoded = math.prod(array.chunks) * array.dtype.itemsize
    usual = Chunks(decoded, 0, False, codec, 4 * at, 4 * len(names[at + 1 :]))
    if array.shards is None:
        return usual
    shard = array.metadata.codecs[0]
    index = [type(one).__name__ for one in shard.index_codecs]
    if index != ["BytesCodec", _CHECKSUM] or _name(shard.index_codecs[0].endian) != "little":
        raise ImageError("has shards with an index of an unusual kind, which is not read.")
    first = _name(shard.index_location) == "start"
    return usual._replace(
        in_shard=math.prod(array.shards) // math.prod(array.chunks), index_first=first
    )


def _name(choice: Any) -> Any:
    return getattr(choice, "value", choice)


def _position(axes: Sequence[str], shape: Sequence[int], ome: Mapping[str, Any]) -> dict[str, int]:
    """Return the point in time and the slice that are shown."""
    omero = ome.get("omero")
    rdefs = omero.get("rdefs") if isinstance(omero, Mapping) else None
    said = rdefs if isinstance(rdefs, Mapping) else {}
    at: dict[str, int] = {}
    for axis, name, usual in (("t", "defaultT", 0), ("z", "defaultZ", None)):
        if axis not in axes:
            continue
        count = int(shape[axes.index(axis)])
        value = said.get(name, usual)
        sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count
        at[axis] = value if sound else count // 2
    return at


def _channels(ome: Mapping[str, Any], count: int, kind: np.dtype[Any]) -> list[Channel]:
    """Return the channels that are added up; none where one is shown, or three as RGB."""
    omero = ome.get("omero")
    said = omero.get("channels") if isinstance(omero, Mapping) else None
    if count == 1 or not isinstance(said, list) or len(said) != count or count > _MOST_CHANNELS:
        return []
    top = float(np.iinfo(kind).max) if kind.kind in "iu" else 1.0
    found: list[Channel] = []
    for number, one in enumerate(said):
        if not isinstance(one, Mapping) or one.get("active") is False:
            continue
        code = one.get("color")
        if not isinstance(code, str) or not re.fullmatch(r"[0-9A-Fa-f]{6}", code):
            return []
        red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
        window = one.get("window")
        low, high = _window(window if isinstance(window, Mapping) else {}, top)
        found.append(Channel(number, (red, green, blue), low, high))
    colours = [one.colour for one in found]
    plain = kind == np.uint8 and colours == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    return [] if plain and all((one.low, one.high) == (0, 255) for one in found) else found


def _window(window: Mapping[str, Any], top: float) -> tuple[float, float]:
    low, high = window.get("start", 0), window.get("end", top)
    sound = all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in (low, high)
    )
    return (float(low), float(high)) if sound and high > low else (0.0, top)
