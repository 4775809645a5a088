"""Regions of a volume grown from a voxel, kept from leaking.

Indices are (slice, row, column), from 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from labelwidgets.algorithms.bit_growth import BitGrowth
from labelwidgets.algorithms.box_masks import BoxMask
from labelwidgets.algorithms.compiling import compiles
from labelwidgets.algorithms.plain_growth import PlainGrowth
from labelwidgets.algorithms.seeds import COMPILED, index_of, range_around, volume_of
from labelwidgets.algorithms.volume_reach import Reach, Spacing, ball_rows
from labelwidgets.errors import GeometryError


class VolumeGrowth(NamedTuple):
    """What was grown.

    Parameters
    ----------
    region
        The voxels selected.
    full
        Whether it ends because it has as many voxels as it may.
    """

    region: BoxMask
    full: bool = False


def grow_volume(
    values: ArrayLike,
    seed: Sequence[int],
    low: float,
    high: float,
    radius: float | None = None,
    *,
    connected: bool = True,
    spacing: Spacing = (1.0, 1.0, 1.0),
    opening: float = 0,
    walls: BoxMask | None = None,
    most: int | None = None,
) -> VolumeGrowth:
    """Select the voxels whose value is near that of a clicked one.

    Parameters
    ----------
    values
        (D, H, W), bool, integers or floats; where they are contiguous they are not copied.
    seed
        Slice, row and column of the clicked voxel.
    low, high
        Range of values **relative to that of the seed**, both ends included.
    radius
        How far from the seed a voxel's centre may lie (a ball), in the unit of `spacing`.
        None: anywhere.
    connected
        True selects the region around the seed: what is reached from it over sides of voxels
        (6 neighbours). False is the literal rule: every voxel in range within the radius.
    spacing
        From slice to slice, row to row and column to column: millimetres, or 1 for voxels. In
        place of the first a sequence of D: where along their normal the slices lie.
    opening
        Radius of a ball, in the unit of `spacing`: what it does not fit into is left out before
        anything is connected (morphological opening), so that nothing grows over bridges
        thinner than the ball. The ends of the volume are no walls to it. Where the seed itself
        is left out, what is grown begins at the voxel nearest to it that is not, within the
        radius of the ball.
    walls
        Voxels that are never selected, nor grown through.
    most
        How many voxels are selected at most. Those that can be reached are taken from near to
        far: always the one nearest to the seed that touches one taken already, of two that are
        as near the first in the volume. Not connected, simply the nearest.

    Raises
    ------
    GeometryError
        If the array has not three dimensions, the seed lies outside, the range is upside down,
        or a length is negative, or not a number.

    Notes
    -----
    Without `opening`, `walls` and `most` the connected region is that of
    `scipy.ndimage.label`.
    """
    volume = volume_of(values, (3,))
    at = index_of(seed, volume.shape, "seed")
    if not low <= high:
        raise GeometryError(f"must be a low and a high end, not {low} to {high}.", where="range")
    for name, number in (("radius", radius), ("opening", opening), ("most", most)):
        if number is not None and not number >= 0:
            raise GeometryError(f"must be 0 or more, not {number}.", where=name)
    reach = Reach.around(volume.shape, at, math.inf if radius is None else radius, spacing)
    lower, upper = range_around(volume[at], low, high)
    fits = compiles() and volume.dtype.str[1:] in COMPILED
    grown: Any = (BitGrowth if fits else PlainGrowth)(volume, reach, lower, upper)
    if walls is not None:
        grown.wall_off(walls)
    if opening:
        ball = ball_rows(opening, reach.steps)
        if len(ball) > 1 or ball[0, 2]:
            grown.open(ball)
    if connected and not grown.starts(opening):
        return VolumeGrowth(grown.nothing())
    allowed = grown.allowed
    full = False
    if connected:
        grown.flood()
    if most is not None and grown.count > most:
        full = True
        grown.thin(allowed, most, connected)
    return VolumeGrowth(grown.region(), full)
