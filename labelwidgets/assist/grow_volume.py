"""Growth through the slices of a scan, on the toolbar."""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypeAlias

import numpy as np

from labelwidgets.algorithms.box_masks import BoxMask, join_boxes
from labelwidgets.algorithms.volume_growth import grow_volume as grow_array
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.prompts import Click, Scribble
from labelwidgets.assist.results import Proposal, read_volume_result
from labelwidgets.assist.scan_notes import size_note
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.media.scan import Scan

Unit: TypeAlias = Literal["px", "mm"]

# So many slices to either side are looked at first; more where the region goes on.
_FIRST = 16
_WALL_WIDTH = 2.0


def grow_volume(
    volume: Scan,
    clicks: list[Click],
    scribbles: list[Scribble],
    low: Annotated[float, Slider(-65535, 0, step=1)] = -30,
    high: Annotated[float, Slider(0, 65535, step=1, keys="fineness")] = 30,
    radius: Annotated[float, Slider(0, 2000, step=0.5, unit="px", keys="size")] = 50,
    unit: Unit = "px",
    connected: bool = True,
    smoothing: Annotated[float, Slider(0, 20, step=0.5, unit="px")] = 0,
    limit: Annotated[float, Slider(0, 10_000, step=1, unit="ml")] = 0,
    wall: Annotated[float, Slider(0, 500, step=0.5, unit="px", label="Wall depth")] = 10,
) -> Proposal:
    """Click a voxel: what is like it grows through the slices. A drag draws a wall; Alt takes away.

    The range is in the unit of the values (of CT, Hounsfield units), relative to the clicked
    voxel, both ends included. Radius (0 is anywhere), smoothing and wall depth are in voxels or
    in millimetres. Connected, the default, is the region around the click: what is reached from
    it over sides of voxels. Not connected is every voxel in range and radius.

    Nothing grows through walls, which go so deep to either side of where they are drawn; nor,
    with smoothing, over bridges that a ball of its radius does not fit into. With a limit the
    region stops at so many millilitres, the nearest voxels first.
    """
    if not any(click.positive for click in clicks):
        return Proposal(note="Click where it is to begin." if scribbles else "Nothing found.")
    rule = _Rule(volume, low, high, radius, unit, connected, smoothing, limit)
    walls = _walls(volume, scribbles, wall, unit)
    grown = [(click, *rule.grow(click.voxel(volume.shape), walls)) for click in clicks]
    region = join_boxes(
        [made for click, made, _ in grown if click.positive],
        [made for click, made, _ in grown if not click.positive],
    )
    if not region.count:
        thin = smoothing and not any(made.count for click, made, _ in grown if click.positive)
        return Proposal(
            note="What was clicked is thinner than the smoothing." if thin else "Nothing found."
        )
    note = size_note(volume, region)
    if any(full for _, _, full in grown):
        note += f" It stopped at the limit of {limit:g} ml."
    made = read_volume_result(region, volume.shape)
    return Proposal(made.shapes, note=note)


class _Rule:
    """How it grows from each click."""

    def __init__(
        self,
        volume: Scan,
        low: float,
        high: float,
        radius: float,
        unit: Unit,
        connected: bool,
        smoothing: float,
        limit: float,
    ) -> None:
        self.volume, self.low, self.high = volume, low, high
        self.radius = radius or math.inf
        self.connected, self.smoothing = connected, smoothing
        self.places = np.arange(volume.shape[0], dtype=float)
        self.steps = (1.0, 1.0)
        if unit == "mm":
            heights, spacing = volume.heights, volume.spacing
            if heights is None or spacing is None:
                raise _unplaced("unit", "Choose a radius in px.")
            self.places, self.steps = heights, spacing[1:]
        self.most: int | None = None
        if limit:
            if volume.voxel_volume is None:
                raise _unplaced("limit", "Set the limit to 0, and use the radius.")
            self.most = int(limit / volume.voxel_volume)
        gap = float(np.abs(np.diff(self.places)).min()) if len(self.places) > 1 else 1.0
        # How far the ball that smooths looks on.
        self.margin = 2 * math.ceil(smoothing / gap) + 1 if smoothing else 0

    def grow(self, seed: tuple[int, int, int], walls: BoxMask | None) -> tuple[BoxMask, bool]:
        """Return the region around a voxel, and whether it stopped at the limit."""
        near = np.flatnonzero(np.abs(self.places - self.places[seed[0]]) <= self.radius)
        count = self.volume.shape[0]
        # A slice more than is within reach, where the ball that smooths finds nothing.
        more = 1 if self.smoothing else 0
        first, stop = max(0, int(near[0]) - more), min(count, int(near[-1]) + 1 + more)
        low, high, ahead = first, stop, _FIRST + self.margin
        if self.connected and not self.volume.has_read(first, stop):
            low, high = max(first, seed[0] - ahead), min(stop, seed[0] + ahead + 1)
        while True:
            values = self.volume.slab(low, high)
            made, full = grow_array(
                values,
                (seed[0] - low, *seed[1:]),
                self.low,
                self.high,
                None if math.isinf(self.radius) else self.radius,
                connected=self.connected,
                spacing=(list(self.places[low:high]), *self.steps),
                opening=self.smoothing,
                walls=walls and walls.moved(-low),
                most=self.most,
            )
            # Where it comes near the last slice that was read, it may go on beyond.
            bottom, top = made.slices
            down = low > first and bottom <= self.margin
            up = high < stop and top >= high - low - 1 - self.margin
            if not made.count or not (down or up):
                return made.moved(low), full
            ahead *= 2
            low, high = max(first, low - ahead * down), min(stop, high + ahead * up)


def _walls(volume: Scan, scribbles: list[Scribble], depth: float, unit: Unit) -> BoxMask | None:
    """Return the voxels of all walls, None where there are none."""
    steps = (1.0, 1.0, 1.0)
    if unit == "mm":
        steps = volume.spacing or steps
    through = {"slice": steps[0], "row": steps[1], "column": steps[2]}
    made = [
        BoxMask(*line.voxels(volume.shape, _WALL_WIDTH, int(depth / through[line.plane])))
        for line in scribbles
    ]
    return join_boxes(made, []) if made else None


def _unplaced(where: str, hint: str) -> ToolError:
    return ToolError("does not know how large a voxel is.", where=where, hint=hint)


def _warm(volume: Scan) -> None:
    """Compile, or load what was compiled, for values like those of scans."""
    for kind in (np.int16,):
        grown, _ = grow_array(np.zeros((2, 2, 2), kind), (0, 0, 0), 0, 0, 1)
        grown.codes((2, 2))


TOOL = Tool(grow_volume, label="3D growth", version="1", prepare=_warm)
