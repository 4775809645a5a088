"""Masks as COCO run-length codes.

Runs go down the columns (column-major, Fortran order), the first run is of
zeros; `counts` is the compressed string of cocoapi's ``maskApi.c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.errors import GeometryError

BoolMask: TypeAlias = NDArray[np.bool_]
Edges: TypeAlias = NDArray[np.int64]

MAX_SIDE = 10**6
# A mask of more runs, mere noise, has a code too long for a browser (`MAX_COUNTS`).
MAX_EDGES = 2**24
# Beyond it, COCO's own code counts wrongly.
MAX_PIXELS = 2**31 - 1


def as_mask(mask: ArrayLike) -> BoolMask:
    """Return `mask` as a two-dimensional array of bool, without a copy where possible.

    Raises
    ------
    GeometryError
        If it has not two dimensions, has no pixels, or holds no numbers.
    """
    array = np.asarray(mask)
    if array.ndim != 2 or not array.size:
        raise GeometryError(
            f"must be a (height, width) array with pixels, not one of shape {array.shape}.",
            where="mask",
        )
    if array.dtype.kind not in "buif":
        raise GeometryError(f"must be of bool or numbers, not {array.dtype}.", where="mask")
    return array if array.dtype == bool else array != 0


def encode_rle(mask: ArrayLike) -> dict[str, Any]:
    """Encode a mask as pycocotools does.

    Parameters
    ----------
    mask
        (H, W), bool or numbers; what is not 0 is set. Either order of the
        array in memory is read as it lies there, without a copy.

    Returns
    -------
    dict
        ``{"size": [height, width], "counts": str}``, `counts` byte-equal to
        that of ``pycocotools.mask.encode``.

    Raises
    ------
    GeometryError
        If `mask` has not two dimensions, no pixels, or holds no numbers.
    """
    from labelwidgets.algorithms.runs import Runs, rle_of

    bits = as_mask(mask)
    size = (bits.shape[0], bits.shape[1])
    counts = _packed(bits) if compiles() else None
    if counts is None:  # Also where it is too long: which says what is.
        return rle_of(Runs(size, edges_of(bits)))
    return {"size": list(size), "counts": counts}


def _packed(bits: BoolMask) -> str | None:
    """Return the code of a mask straight from its pixels, None where another way is better."""
    from labelwidgets.algorithms import rle_kernels as kernels

    if bits.flags.f_contiguous:
        flat = bits.T.reshape(-1).view(np.uint8)
    elif _changes_often(bits):
        turned = np.empty(bits.shape[::-1], np.uint8)
        kernels.turn(np.ascontiguousarray(bits).view(np.uint8), turned)
        flat = turned.reshape(-1)
    else:
        return None
    words = flat[: flat.size & ~7].view(np.uint64)
    # Room for the worst costs nothing until it is written to.
    most = min(MAX_EDGES, kernels.MAX_DIGITS * (flat.size + 1))
    codes = np.empty(most + kernels.MAX_DIGITS * (kernels.BLOCK + 9), np.uint8)
    used = kernels.pack_pixels(flat, words, codes, most)
    return codes[:used].tobytes().decode("ascii") if used >= 0 else None


def _changes_often(bits: BoolMask) -> bool:
    """Say whether so many pixels differ from the one above that their edges are dear to sort."""
    above = bits[:-1:16]
    changed = np.count_nonzero(bits[1::16] != above[: len(bits[1::16])])
    return bool(changed > above.size // 16)


def decode_rle(rle: Mapping[str, Any]) -> BoolMask:
    """Decode a run-length code.

    Each step is checked before pixels are written, as codes come from files.

    Parameters
    ----------
    rle
        ``{"size": [height, width], "counts": ...}`` where `counts` is COCO's
        string (str or bytes) or its uncompressed list of runs.

    Returns
    -------
    ndarray
        (H, W) bool, Fortran-ordered as the runs are.

    Raises
    ------
    GeometryError
        If the size is impossible or the runs do not add up to it.
    """
    from labelwidgets.algorithms.runs import mask_from_runs, runs_of

    if compiles():
        made = _unpacked(rle)
        if made is not None:
            return made
    return mask_from_runs(runs_of(rle))


def _unpacked(rle: Mapping[str, Any]) -> BoolMask | None:
    """Return the mask of a string straight from it, None where it is none or a wrong one."""
    from labelwidgets.algorithms import rle_kernels as kernels
    from labelwidgets.algorithms.counts import check_length

    height, width = read_size(rle)
    counts = rle.get("counts")
    if isinstance(counts, str) and counts.isascii():
        counts = counts.encode("ascii")
    if not isinstance(counts, bytes):
        return None
    check_length(len(counts))
    flat = np.zeros(height * width + 8, np.uint8)
    if not kernels.unpack_pixels(np.frombuffer(counts, np.uint8), height * width, flat):
        return None
    return flat[:-8].view(bool).reshape((width, height)).T


def read_size(rle: Mapping[str, Any]) -> tuple[int, int]:
    """Return the height and width of a run-length code, checked."""
    size = rle.get("size")
    if (
        not isinstance(size, list | tuple)
        or len(size) != 2
        or not all(
            isinstance(side, int) and not isinstance(side, bool) and 0 < side <= MAX_SIDE
            for side in size
        )
        or size[0] * size[1] > MAX_PIXELS
    ):
        raise GeometryError(f"must be [height, width], not {str(size)[:60]}.", where="size")
    return int(size[0]), int(size[1])


def edges_of(bits: BoolMask) -> Edges:
    """Return where runs of pixels begin and end, down the columns; see `Runs`.

    Raises
    ------
    GeometryError
        If there are more than `MAX_EDGES`.
    """
    if not compiles():
        return plain_edges_of(bits)
    from labelwidgets.algorithms import mask_kernels as kernels

    height, width = bits.shape
    if bits.flags.f_contiguous:
        flat = bits.T.reshape(-1).view(np.uint8)
        words = flat[: flat.size & ~7].view(np.uint64)
        # Room for the worst costs nothing until it is written to.
        edges = np.empty(min(flat.size, MAX_EDGES) + 1, np.int64)
        count = kernels.edges_along(flat, words, edges)
        _check_count(count)
        return edges[:count].copy()
    # Rows of whole words, which can be read by them.
    if width & 7:
        rows = np.zeros((height, (width + 7) & ~7), np.uint8)
        rows[:, :width] = bits
    else:
        rows = np.ascontiguousarray(bits).view(np.uint8)
    heads = np.zeros(rows.shape[1], np.int64)
    found = np.empty(min(rows.size, MAX_EDGES) + rows.shape[1], np.int64)
    count = kernels.edges_down(rows, rows.view(np.uint64), found, heads)
    _check_count(count)
    ordered = np.empty(count, np.int64)
    kernels.by_columns(found, heads, height, ordered)
    edges = np.empty(count + width, np.int64)
    return edges[: kernels.join_columns(ordered, heads, height, edges)].copy()


def _check_count(edges: int) -> None:
    if edges > MAX_EDGES:
        raise GeometryError(
            f"has more than {MAX_EDGES // 2} runs of pixels.",
            where="mask",
            hint="Smooth the mask, or drop its small specks.",
        )


def plain_edges_of(bits: BoolMask) -> Edges:
    """Do the same as `edges_of`, with numpy alone."""
    height, width = bits.shape
    if bits.flags.f_contiguous:
        flat = bits.T.reshape(-1)
        found = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    else:
        rows, columns = np.nonzero(bits[1:] != bits[:-1])
        within = columns * height + rows + 1
        over = np.flatnonzero(bits[0, 1:] != bits[-1, :-1]) + 1
        found = np.sort(np.concatenate((within, over * height)))
    _check_count(found.size)
    head = [0] if bits[0, 0] else []
    tail = [height * width] if bits[-1, -1] else []
    return np.concatenate((head, found, tail)).astype(np.int64)


def fill_edges(edges: Edges, size: tuple[int, int]) -> BoolMask:
    """Return the mask whose runs begin and end at edges, Fortran-ordered."""
    height, width = size
    flat = np.zeros(height * width, bool)
    if compiles():
        from labelwidgets.algorithms import mask_kernels as kernels

        kernels.fill_runs(edges, flat)
    else:
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            flat[start:end] = True
    return flat.reshape((width, height)).T
