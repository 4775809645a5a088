"""From strokes on a few slices to the object through all of them, on the toolbar."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from labelwidgets.algorithms.box_masks import BoxMask, join_boxes
from labelwidgets.algorithms.volume_scribbles import Method, segment_volume
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.prompts import Scribble
from labelwidgets.assist.results import Proposal, read_volume_result
from labelwidgets.assist.scan_notes import size_note
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.media.scan import Scan

# At least so far around the strokes is looked, in millimetres or voxels.
_LEAST_REACH = 8.0
_MOST_VOXELS = 64_000_000


def seeds(
    volume: Scan,
    scribbles: list[Scribble],
    method: Method = "watershed",
    width: Annotated[float, Slider(1, 50, step=1, unit="px", keys="size")] = 3,
    margin: Annotated[float, Slider(0, 3, step=0.1, keys="fineness")] = 0.5,
) -> Proposal:
    """Draw on the object on a few slices, and with Alt on what is not it.

    What is looked at is a box around the strokes, so much larger to each side as the margin is
    a share of it; its sides, other than those of the scan, are taken for what is not the
    object. A box of very many voxels is looked at from afar, on a coarser copy.
    """
    on = [line for line in scribbles if line.positive]
    if not on:
        return Proposal(note="Draw on the object.")
    inner, outer = (
        [
            BoxMask(*line.voxels(volume.shape, width))
            for line in scribbles
            if line.positive is positive
        ]
        for positive in (True, False)
    )
    drawn = join_boxes([*inner, *outer], [])
    steps = volume.spacing or (1.0, 1.0, 1.0)
    extents = [size * step for size, step in zip(drawn.shape, steps, strict=True)]
    reach = max(_LEAST_REACH, margin * max(extents))
    start = [
        max(0, int(first - reach / step)) for first, step in zip(drawn.start, steps, strict=True)
    ]
    stop = [
        min(size, int(end + reach / step) + 1)
        for end, step, size in zip(drawn.stop, steps, volume.shape, strict=True)
    ]
    corner, end = (start[0], start[1], start[2]), (stop[0], stop[1], stop[2])
    shape = tuple(b - a for a, b in zip(start, stop, strict=True))
    if int(np.prod(shape)) > _MOST_VOXELS:
        raise ToolError(
            f"was shown a box of {shape} voxels, at most {_MOST_VOXELS:,} are looked at.",
            where="margin",
            hint="Draw nearer to the object, or set a smaller margin.",
        )
    values = volume.box(corner, end)
    checkpoint()
    marks = [np.zeros(volume_shape, bool) for volume_shape in (shape, shape)]
    for mark, boxes in zip(marks, (inner, outer), strict=True):
        for box in boxes:
            place = tuple(
                slice(a - c, b - c) for a, b, c in zip(box.start, box.stop, corner, strict=True)
            )
            mark[place] |= box.mask
    object_, background = marks
    for axis, size in enumerate(volume.shape):
        side: list[slice | int] = [slice(None)] * 3
        for at, there in ((0, start[axis] > 0), (-1, stop[axis] < size)):
            if there:
                side[axis] = at
                background[tuple(side)] |= ~object_[tuple(side)]
    if not background.any():
        return Proposal(note="Draw with Alt on what is not the object.")
    found = segment_volume(values, object_, background, method=method, spacing=steps)
    region = BoxMask(found, corner)
    if not region.count:
        return Proposal(note="Nothing found.")
    made = read_volume_result(region, volume.shape)
    return Proposal(made.shapes, note=size_note(volume, region))


TOOL = Tool(seeds, label="Grow from seeds", version="1")
