"""Pixels as COCO's run-length codes: of one picture, or of the slices of a scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labelwidgets.errors import GeometryError
from labelwidgets.schema.coordinates import read_sequence

# Of a mask: beyond it, COCO's own code counts wrongly.
MAX_PIXELS = 2**31 - 1
# Of a volume mask: as many as a series may have files. Each takes a while to check.
MAX_SLICES = 20_000
# Of a volume mask, in characters of all its slices: noise over some 350 slices of 512 x 512.
MAX_CODE = 2**26
# Characters of a code that its repr has.
_SHOWN = 100


class RLE(msgspec.Struct, frozen=True):
    """A COCO run-length code: `size` is [height, width], `counts` COCO's compressed string.

    Runs go down the columns (column-major order), the first run is of zeros.
    Lists of numbers are accepted for `counts` and compressed.
    """

    size: tuple[int, int]
    counts: str

    def __post_init__(self) -> None:
        size = tuple(read_sequence(self.size, "size"))
        if len(size) != 2 or not all(
            isinstance(n, int) and not isinstance(n, bool) and 0 < n <= 10**6 for n in size
        ):
            raise GeometryError(f"must be [height, width], not {self.size!r}.", where="size")
        if size[0] * size[1] > MAX_PIXELS:
            raise GeometryError(
                f"is {size[0]} x {size[1]} pixels, at most {MAX_PIXELS} in all are allowed.",
                where="size",
            )
        from labelwidgets.algorithms.counts import pack_counts, read_counts

        counts: Any = self.counts
        if isinstance(counts, bytes):
            counts = counts.decode("ascii", errors="replace")
        runs = read_counts(counts if isinstance(counts, str) else read_sequence(counts, "counts"))
        if (total := int(runs.sum())) != size[0] * size[1]:
            raise GeometryError(
                f"has runs of {total} pixels in all, the mask has {size[0] * size[1]}.",
                where="counts",
            )
        if not isinstance(counts, str):
            counts = pack_counts(runs)
        msgspec.structs.force_setattr(self, "size", size)
        msgspec.structs.force_setattr(self, "counts", counts)

    def __repr__(self) -> str:
        # A mask of noise has megabytes of it.
        whole = len(self.counts) <= _SHOWN
        counts = repr(self.counts) if whole else f"<{len(self.counts):,} characters>"
        return f"RLE(size={self.size}, counts={counts})"

    def to_coco(self) -> dict[str, Any]:
        """Return the dict that pycocotools takes."""
        return {"size": list(self.size), "counts": self.counts.encode("ascii")}


def check_slice(index: Any) -> None:
    """Raise GeometryError unless something may be the index of a slice."""
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < MAX_SLICES:
        raise GeometryError(
            f"needs slice indices from 0 to {MAX_SLICES - 1}.", where=f"slices[{str(index)[:60]}]"
        )


def read_slices(given: Mapping[int, Any]) -> dict[int, RLE]:
    """Return run-length codes by slice, in the order of slices and all of one size.

    Raises
    ------
    GeometryError
        If an index is no whole number from 0, a code is wrong, sizes differ, or all codes
        together are longer than `MAX_CODE`.
    """
    for key in given:
        check_slice(key)
    slices = {}
    for key in sorted(given):
        value = given[key]
        slices[key] = value if isinstance(value, RLE) else read_rle(value, f"slices[{key}]")
    if len({rle.size for rle in slices.values()}) > 1:
        raise GeometryError("must have slices of one size.", where="slices")
    if (length := sum(len(rle.counts) for rle in slices.values())) > MAX_CODE:
        raise GeometryError(
            f"have a code of {length} characters, at most {MAX_CODE} are allowed.", where="slices"
        )
    return slices


def read_rle(value: Any, where: str) -> RLE:
    """Return what a dict with `size` and `counts` says; errors name the field `where`."""
    if not isinstance(value, Mapping) or not {"size", "counts"} <= set(value):
        raise GeometryError("must have the keys size and counts.", where=where)
    try:
        return RLE(value["size"], value["counts"])
    except GeometryError as error:
        raise error.at(where) from None
