"""Cuts across the slices of scans, as pictures for the browser."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.reformatting import cut_layout, cut_picture
from labelwidgets.algorithms.tone import window_ends, window_of
from labelwidgets.errors import ImageError
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.grey import GREY16, pack
from labelwidgets.media.held_volume import MOST_BYTES, HeldVolume
from labelwidgets.media.volumes import Volume

Across: TypeAlias = Literal["row", "column"]

# In a picture of int16 this value is kept free for what lies outside of the scan.
_OUTSIDE = -32768


@dataclass(frozen=True, slots=True)
class Reformat:
    """A cut across the slices of a scan.

    Parameters
    ----------
    picture
        As the browser gets it, coarse while slices are missing.
    missing, lost, slices
        How many slices are still to be read, how many cannot be, and how many there are. Their
        neighbours are shown in the place of both.
    """

    picture: Encoded
    missing: int
    lost: int
    slices: int


class Reformats:
    """Cuts of scans, whose values are held for as long as there is room. Safe from threads."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, HeldVolume] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        key: str,
        volume: Volume,
        plane: Across,
        index: int,
        *,
        projected: bool = False,
        patience: float | None = None,
    ) -> Reformat:
        """Return a cut.

        Parameters
        ----------
        key
            By which the scan is known.
        volume
            The scan.
        plane
            ``row`` or ``column``: what of the voxels the cut holds still.
        index
            Which row or column, from 0.
        projected
            Whether the picture is of the largest values of all of them.
        patience
            Seconds after which a coarse picture will do; None to wait for the whole one.

        Raises
        ------
        ImageError
            If the slices are not parallel, or there is no such row or column.
        LimitError
            If there are too many values to be held in memory.
        """
        grid = volume.grid
        if grid.affine is None or len(volume) < 2:
            raise ImageError(
                "cannot be cut across its slices: it has but one, or they are not parallel.",
                where="scan",
            )
        count = grid.shape[1] if plane == "row" else grid.shape[2]
        if not 0 <= index < count:
            raise ImageError(f"has no {plane} {index}, but {count} of them.", where="scan")
        held = self._of(key, volume)
        held.read(patience)
        lines, known = held.largest(plane) if projected else held.lines(plane, index)
        layout = cut_layout(grid.shape, grid.affine, grid.positions, plane)
        values = cut_picture(lines, layout, known)
        picture = _encoded(values, lines.dtype, _window(held))
        self._trim(key)
        return Reformat(picture, held.missing, held.lost, held.total)

    def _of(self, key: str, volume: Volume) -> HeldVolume:
        with self._lock:
            held = self._held.get(key)
            if held is None or held.volume is not volume:
                held = self._held[key] = HeldVolume(volume)
            self._held.move_to_end(key)
            return held

    def _trim(self, kept: str) -> None:
        with self._lock:
            size = sum(held.nbytes for held in self._held.values())
            for key in list(self._held):
                if size <= MOST_BYTES:
                    return
                if key != kept:
                    size -= self._held.pop(key).nbytes


def _window(held: HeldVolume) -> tuple[float, float]:
    """Return what is black and white, the same in all cuts of a scan."""
    for window in held.volume.facts.windows:
        return window_ends(window.level, window.width, window.curve)
    return window_of(held.sample())


def _encoded(
    values: npt.NDArray[np.float64], dtype: np.dtype[Any], window: tuple[float, float]
) -> Encoded:
    outside = np.isnan(values)
    whole = dtype.kind in "iu"
    if values.ndim > 2 or dtype == np.uint8:
        return encode_pixels(np.clip(np.rint(np.nan_to_num(values)), 0, 255).astype(np.uint8))
    if not whole or (outside.any() and dtype.itemsize > 2):
        return encode_pixels(values.astype(np.float32), window)
    made = np.rint(np.where(outside, 0, values)).astype(np.int64)
    if not outside.any():
        return encode_pixels(made.astype(dtype), window)
    if made.max(initial=0) > -_OUTSIDE - 1:
        return encode_pixels(np.where(outside, np.nan, made).astype(np.float32), window)
    made = np.where(outside, _OUTSIDE, np.maximum(made, _OUTSIDE + 1))
    data, meaning = pack(made.astype(np.int16), window)
    # Of int16 the smallest value is the number 0, by which a gap is known.
    meaning = dataclasses.replace(meaning, gaps=True)
    return Encoded(GREY16, data, made.shape[1], made.shape[0], meaning)
