"""Tools on pictures that are too large to be given to them whole: they see what is around a click.

The floor below does the reading; here a prompt is moved into a part of the picture, and what the
tool proposes is moved back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from labelwidgets.algorithms.masks import decode_rle
from labelwidgets.algorithms.placing import runs_from_part
from labelwidgets.algorithms.runs import rle_of
from labelwidgets.assist.prompts import Box, Click, Prompt, Scribble
from labelwidgets.assist.results import Proposal
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.media.tiles import Pyramid
from labelwidgets.media.tiles.levels import Box as Part
from labelwidgets.schema.geometry import (
    RLE,
    Cuboid,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)

MOST_WHOLE = 48_000_000
"""Pixels of a picture up to which a tool sees all of it."""
SIDE = 2048
"""Pixels along a side of what a tool sees of a larger one."""
MOST_SIDE = 4096
# Around what was shown to the tool there is at least so much, as a part of that.
_MARGIN = 0.5


def sees_whole(pyramid: Pyramid | None) -> bool:
    """Say whether a picture is given to tools whole."""
    return pyramid is None or pyramid.width * pyramid.height <= MOST_WHOLE


def propose_nearby(
    tool: Tool,
    pyramid: Pyramid,
    prompt: Prompt,
    parameters: Mapping[str, Any],
    geometry: str,
    spacing: tuple[float, float] | None = None,
) -> Proposal:
    """Run a tool on what lies around its prompt, in full resolution; see `Tool.propose`.

    Raises
    ------
    ToolError
        If nothing says where to look, or what was shown is too large; else as `Tool.propose`.
    SourceError, ImageError, LimitError
        If the pixels cannot be read.
    """
    part = part_around(tool.name, prompt, (pyramid.width, pyramid.height))
    image = pyramid.region(part)
    proposal = tool.cornered((part.x, part.y)).propose(
        image, moved_prompt(prompt, part), parameters, geometry, spacing=spacing
    )
    return moved_back(proposal, part, (pyramid.height, pyramid.width))


def part_around(name: str, prompt: Prompt, size: tuple[int, int]) -> Part:
    """Return the part of a picture that a tool sees.

    Parameters
    ----------
    name
        Of the tool.
    prompt
        What was shown to it.
    size
        (width, height) of the picture.
    """
    where = f"tool {name!r}"
    points = [(click.x, click.y) for click in prompt.clicks]
    points += [point for line in prompt.scribbles for point in line.points]
    if prompt.box is not None:
        x, y, width, height = msgspec.structs.astuple(prompt.box)
        points += [(x, y), (x + width, y + height)]
    if not points:
        raise ToolError(
            f"looks at the whole picture, and this one of {size[0]} x {size[1]} pixels is too "
            "large for that.",
            where=where,
            hint="Use a tool that is shown where to look.",
        )
    corners = []
    for axis, full in enumerate(size):
        numbers = [min(max(point[axis], 0.0), float(full)) for point in points]
        least, most = min(numbers), max(numbers)
        if most - least > MOST_SIDE:
            raise ToolError(
                f"was shown {most - least:.0f} pixels of a large picture, and looks at no more "
                f"than {MOST_SIDE} at a time.",
                where=where,
                hint="Work on one part after the other.",
            )
        side = max(SIDE, math.ceil((most - least) * (1 + 2 * _MARGIN)))
        side = min(side, MOST_SIDE, full)
        start = round((least + most) / 2 - side / 2)
        corners.append((min(max(start, 0), full - side), side))
    (x, width), (y, height) = corners
    return Part(x, y, width, height)


def moved_prompt(prompt: Prompt, part: Part) -> Prompt:
    """Return a prompt as the part has it."""
    box = prompt.box
    return Prompt(
        clicks=[Click(one.x - part.x, one.y - part.y, one.positive) for one in prompt.clicks],
        box=box and Box(box.x - part.x, box.y - part.y, box.width, box.height),
        scribbles=[
            Scribble([(x - part.x, y - part.y) for x, y in line.points], line.positive)
            for line in prompt.scribbles
        ],
    )


def moved_back(proposal: Proposal, part: Part, size: tuple[int, int]) -> Proposal:
    """Return what was proposed for a part as the picture of (H, W) has it."""
    shapes = [
        msgspec.structs.replace(one, geometry=_moved(one.geometry, part, size))
        for one in proposal.shapes
    ]
    arrays = dict(proposal.arrays)
    if "origin" in arrays:
        arrays["origin"] = arrays["origin"] + np.array([part.x, part.y], arrays["origin"].dtype)
    note = proposal.note
    if any(_is_cut(one.geometry, part, size) for one in proposal.shapes):
        seen = f"It ends where the {part.width} x {part.height} pixels end that were looked at."
        note = f"{note} {seen}" if note else seen
    return msgspec.structs.replace(proposal, shapes=shapes, arrays=arrays, note=note)


def _is_cut(shape: Geometry, part: Part, size: tuple[int, int]) -> bool:
    """Say whether a shape may go on beyond the part of the picture of (H, W)."""
    bounds = shape.bounds
    if bounds is None:
        return False
    x, y, width, height = bounds
    return (
        (x <= 0 < part.x)
        or (y <= 0 < part.y)
        or (x + width >= part.width < size[1] - part.x)
        or (y + height >= part.height < size[0] - part.y)
    )


def _moved(shape: Geometry, part: Part, size: tuple[int, int]) -> Geometry:
    x, y = part.x, part.y
    if isinstance(shape, Mask):
        bits = decode_rle(msgspec.structs.asdict(shape.rle))
        return Mask(RLE(**rle_of(runs_from_part(bits, (x, y), size))))
    if isinstance(shape, Polygon):
        return Polygon(
            [[[(px + x, py + y) for px, py in ring] for ring in part] for part in shape.parts]
        )
    if isinstance(shape, Polyline | Cuboid):
        return type(shape)([(px + x, py + y) for px, py in shape.points])
    if isinstance(shape, Keypoints):
        return Keypoints([(px + x, py + y, seen) for px, py, seen in shape.points])
    if isinstance(shape, Rectangle | Ellipse | Point):
        return msgspec.structs.replace(shape, x=shape.x + x, y=shape.y + y)
    return shape
