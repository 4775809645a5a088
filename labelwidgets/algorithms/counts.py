"""COCO's string of runs, as cocoapi's ``maskApi.c`` writes and reads it.

Each character carries five bits, lowest first, and a sixth that says whether
the number goes on; from the fourth run on, the difference to the run before
the last is stored.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.masks import MAX_PIXELS
from labelwidgets.errors import GeometryError

Lengths: TypeAlias = NDArray[np.int64]

MAX_COUNTS = 2**24
"""Most characters of a code: more neither travels to a browser nor fits in its memory."""
# A run of 2^31 pixels takes seven characters of five bits.
_MAX_DIGITS = 7


def pack_counts(lengths: Lengths) -> str:
    """Return the string of runs (rleToString in maskApi.c), all runs at once.

    Parameters
    ----------
    lengths
        (N,) pixels of each run, zeros first.

    Returns
    -------
    str
        Byte-equal to what pycocotools writes.
    """
    if not compiles():
        return plain_pack_counts(lengths)
    from labelwidgets.algorithms import mask_kernels as kernels

    codes = np.empty(lengths.size * _MAX_DIGITS, np.uint8)
    return codes[: kernels.pack(lengths, codes)].tobytes().decode("ascii")


def pack_edges(edges: Lengths, total: int) -> str:
    """Return the string of the runs between edges of a mask of `total` pixels; see `Runs`."""
    if compiles():
        from labelwidgets.algorithms import rle_kernels as kernels

        codes = np.empty((edges.size + 1) * _MAX_DIGITS, np.uint8)
        return codes[: kernels.pack_edges(edges, total, codes)].tobytes().decode("ascii")
    lengths = np.diff(edges, prepend=0, append=total)
    if edges.size and lengths[-1] == 0:
        lengths = lengths[:-1]
    return plain_pack_counts(lengths)


def plain_pack_counts(lengths: Lengths) -> str:
    """Do the same as `pack_counts`, with numpy alone."""
    values = lengths.astype(np.int64)
    values[3:] -= lengths[1:-2]
    digits = np.ones(values.size, np.int64)
    for more in range(1, _MAX_DIGITS):
        limit = 1 << (5 * more - 1)
        digits += (values >= limit) | (values < -limit)
    ends = np.cumsum(digits)
    codes = np.empty(int(ends[-1]) if ends.size else 0, np.uint8)
    starts = ends - digits
    for place in range(int(digits.max(initial=0))):
        longer = digits > place
        rest = values[longer] >> (5 * place)
        goes_on = np.where(digits[longer] > place + 1, 32, 0)
        codes[starts[longer] + place] = ((rest & 31) | goes_on) + 48
    return codes.tobytes().decode("ascii")


def read_counts(counts: Any) -> Lengths:
    """Return the runs of a code that came from anywhere, each step checked.

    Parameters
    ----------
    counts
        COCO's string (str or bytes) or its uncompressed list of runs.

    Returns
    -------
    ndarray
        (N,) pixels of each run, zeros first.

    Raises
    ------
    GeometryError
        If it is no such code, or too long a one.
    """
    if isinstance(counts, str):
        try:
            counts = counts.encode("ascii")
        except UnicodeEncodeError:
            raise GeometryError("has a character that is not ASCII.", where="counts") from None
    if isinstance(counts, bytes):
        check_length(len(counts))
        return _unpack(counts)
    try:
        runs = np.asarray(counts)
    except (ValueError, OverflowError):
        raise GeometryError("must be a list of whole numbers.", where="counts") from None
    if runs.ndim != 1 or (runs.size and runs.dtype.kind not in "iu"):
        raise GeometryError("must be a string or a list of whole numbers.", where="counts")
    if runs.size and (runs.min() < 0 or runs.max() > MAX_PIXELS):
        raise GeometryError("has an impossible run.", where="counts")
    return runs.astype(np.int64)


def check_length(characters: int) -> None:
    """Raise for a code that is too long for a browser."""
    if characters > MAX_COUNTS:
        raise GeometryError(
            f"is {characters} characters long, at most {MAX_COUNTS} are allowed.",
            where="counts",
            hint="Smooth the mask, or drop its small specks.",
        )


def _unpack(text: bytes) -> Lengths:
    if not compiles():
        return plain_unpack(text)
    from labelwidgets.algorithms import mask_kernels as kernels

    lengths = np.empty(len(text), np.int64)
    count = kernels.unpack(np.frombuffer(text, np.uint8), lengths)
    # What is wrong is found again, in words, by the plain way.
    return lengths[:count].copy() if count >= 0 else plain_unpack(text)


def plain_unpack(text: bytes) -> Lengths:
    """Read a string of runs with numpy alone, each step checked."""
    codes = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    if not codes.size:
        return codes
    if codes.min() < 0 or codes.max() > 63:
        bad = int(np.flatnonzero((codes < 0) | (codes > 63))[0])
        raise GeometryError(f"has a bad character at {bad}.", where="counts")
    last = (codes & 32) == 0
    if not last[-1]:
        raise GeometryError("ends in the middle of a run.", where="counts")
    ends = np.flatnonzero(last)
    starts = np.concatenate(([0], ends[:-1] + 1))
    digits = ends - starts + 1
    if digits.max() > _MAX_DIGITS:
        raise GeometryError("has an impossible run.", where="counts")
    place = np.arange(codes.size) - np.repeat(starts, digits)
    runs = np.add.reduceat((codes & 31) << (5 * place), starts)
    negative = (codes[ends] & 16) != 0
    runs[negative] -= 1 << (5 * digits[negative])
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    if runs.min() < 0 or runs.max() > MAX_PIXELS:
        raise GeometryError("has an impossible run.", where="counts")
    return np.asarray(runs, dtype=np.int64)
