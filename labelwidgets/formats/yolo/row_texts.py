"""From a shape in pixels to the numbers of a row of YOLO."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from labelwidgets.algorithms.bridged_rings import bridge_rings
from labelwidgets.errors import FormatError
from labelwidgets.formats.outlines import box_of_joints, cut_box, outlines_of
from labelwidgets.formats.yolo.kinds import Kind
from labelwidgets.formats.yolo.rows import Size, smallest_box
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Mask, Rectangle

_CUT = "part outside of its picture"
# How far outside corners are written: a shape from edge to edge is less than 1.01 wide so, beyond
# which Ultralytics leaves a picture out.
_BEYOND = 0.004
# How far, in pixels, a box may leave its picture.
_OUT = 1.0
# The least side of the box of a pose, in pixels: a single joint has none.
_LEAST = 1.0


def rows_of(
    kind: Kind, label: Annotation, size: Size, joints: int, lost: Counter[str]
) -> Iterator[Sequence[float]]:
    """Return the numbers of a label after that of its class: one row, or none.

    Parameters
    ----------
    kind
        Of the rows.
    label
        As it is on the picture.
    size
        (width, height) of the picture in pixels.
    joints
        How many a pose has.
    lost
        Gains what lies outside of the picture.
    """
    shape = label.geometry
    if isinstance(shape, Mask) and not shape.area:
        lost["mask without pixels"] += 1
        return
    bounds = shape.bounds
    if bounds is None:
        return
    if kind == "segment":
        rings = [ring for part in outlines_of(shape) or () for ring in part]
        yield _corners(bridge_rings(rings), size, lost)
    elif kind == "obb":
        yield _corners(_turned(label, size).corners, size, lost)
    elif kind == "pose" and isinstance(shape, Keypoints):
        yield from _pose(label, shape, size, joints, lost)
    else:
        box = _box(bounds, size, lost)
        if box is not None:
            yield [*box, *[0.0] * (3 * joints if kind == "pose" else 0)]


def _turned(label: Annotation, size: Size) -> Rectangle:
    """Return the smallest box around a shape; an upright one where a turned one leaves it."""
    shape = label.geometry
    if isinstance(shape, Rectangle):
        return shape
    outlines = outlines_of(shape)
    if outlines is None:
        raise FormatError("has no area.", where=f"annotation {label.id!r}")
    box = smallest_box([point for part in outlines for point in part[0]])
    x, y, width, height = box.bounds
    if min(x, y) < -_OUT or x + width > size[0] + _OUT or y + height > size[1] + _OUT:
        return Rectangle(*shape.bounds or box.bounds)
    return box


def _box(
    bounds: tuple[float, float, float, float], size: Size, lost: Counter[str]
) -> list[float] | None:
    """Return the centre and the sides of a box in parts of the picture, None if it is off it."""
    box, cut = cut_box(bounds, size)
    lost[_CUT] += cut
    if box is None:
        return None
    x, y, width, height = box
    return [
        (x + width / 2) / size[0],
        (y + height / 2) / size[1],
        width / size[0],
        height / size[1],
    ]


def _corners(points: Sequence[tuple[float, float]], size: Size, lost: Counter[str]) -> list[float]:
    """Return corners in parts of the picture, moved in where they are further out than is taken."""
    parts = np.array(points) / size
    inside = np.clip(parts, -_BEYOND, 1 + _BEYOND)
    lost[_CUT] += int((inside != parts).any())
    return [float(value) for value in inside.ravel()]


def _pose(
    label: Annotation, shape: Keypoints, size: Size, joints: int, lost: Counter[str]
) -> Iterator[Sequence[float]]:
    width, height = size
    flat: list[float] = []
    for x, y, visible in shape.points:
        out = not (0 <= x <= width and 0 <= y <= height)
        if visible and out:
            lost["joint outside of its picture"] += 1
        there = visible and not out
        flat += [x / width, y / height, visible] if there else [0.0, 0.0, 0.0]
    flat += [0.0] * (3 * joints - len(flat))
    box = _box(_pose_box(label, shape, size), size, Counter())
    if box is None:
        lost["joint outside of its picture"] += 1
        return
    yield [*box, *flat]


def _pose_box(label: Annotation, shape: Keypoints, size: Size) -> tuple[float, float, float, float]:
    x, y, width, height = shape.bounds
    given = box_of_joints(label, shape)
    if given is not None:
        return given
    # Of joints on a line, a box all the same, within the picture.
    wide, high = max(width, _LEAST), max(height, _LEAST)
    left = min(max(x - (wide - width) / 2, 0.0), max(size[0] - wide, 0.0))
    top = min(max(y - (high - height) / 2, 0.0), max(size[1] - high, 0.0))
    return left, top, wide, high
