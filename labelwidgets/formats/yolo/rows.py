"""From a row of YOLO to a shape in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from labelwidgets.algorithms.bridged_rings import unbridge_ring
from labelwidgets.errors import FormatError
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.numbers import number_in
from labelwidgets.formats.yolo.kinds import Kind
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Keypoints, Polygon, Rectangle, Ring

Size = tuple[int, int]
# As far outside of the picture as Ultralytics takes coordinates.
_OUTSIDE = 0.01
# What rounding may put outside, in pixels.
_ROUNDING = 0.5
# How far corners may be from those of a rectangle, in pixels.
_SKEW = 0.5


class Row(NamedTuple):
    """What a row says.

    Parameters
    ----------
    geometry
        In pixels.
    confidence
        From a last column, None without one.
    parameters
        What the shape has no place for.
    cut
        Whether it left the picture, and was cut at its edge.
    """

    geometry: AnyGeometry
    confidence: float | None = None
    parameters: dict[str, Any] = {}  # noqa: RUF012 - never changed
    cut: bool = False


def numbers_of(fields: Sequence[str]) -> list[float]:
    """Return the numbers of a row.

    Raises
    ------
    FormatError
        Naming the column.
    """
    try:
        values = list(map(float, fields))
    except ValueError:
        values = []
    # Python takes 1_000 and the digits of all scripts.
    plain = all(field.isascii() and "_" not in field for field in fields)
    if values and plain and all(map(math.isfinite, values)):
        return values
    return [number_in(field, f"column {column}") for column, field in enumerate(fields, 1)]


def shape_of(
    kind: Kind, values: Sequence[float], size: Size, joints: tuple[int, int] | None
) -> Row:
    """Return what the numbers of a row after that of its class say.

    Parameters
    ----------
    kind
        Of the rows.
    values
        From 0 to 1.
    size
        (width, height) of the picture in pixels.
    joints
        Of poses: how many there are, and how many numbers each has.

    Raises
    ------
    FormatError
        Naming the columns, or what is wrong with how many there are.
    """
    count = len(values)
    if kind == "pose":
        wanted = 4 + joints[0] * joints[1] if joints else 4
        if count in (wanted, wanted + 1) and joints is not None:
            return _pose(values[:wanted], size, joints, _confidence(values[wanted:]))
        raise FormatError(
            f"has {numbered(count + 1, 'column')}, a pose of {numbered(joints[0], 'joint')} "
            f"with {numbered(joints[1], 'number')} each "
            f"has {wanted + 1}."
            if joints
            else "has joints, but nothing says how many there are.",
            hint=None if joints else "Write kpt_shape: [joints, 3] into data.yaml.",
        )
    if kind == "obb":
        if count not in (8, 9, 10):
            raise FormatError(f"has {numbered(count + 1, 'column')}, an oriented box has 9.")
        ring, cut = _ring(values[:8], size)
        return turned_box(ring, size, _confidence(values[8:9]), cut)
    if kind == "detect" or count in (4, 5):
        # A box in a file of polygons is one all the same.
        if count not in (4, 5, 6):
            raise FormatError(f"has {numbered(count + 1, 'column')}, a box has 5.")
        x, y, width, height = _box(values[:4], size)
        box, cut = _cut(x, y, width, height, size)
        return Row(box, _confidence(values[4:5]), _track(values[5:6]), cut)
    if count < 6:
        raise FormatError(f"has {count + 1} columns, a polygon has at least 7.")
    pairs = count - count % 2
    ring, cut = _ring(values[:pairs], size)
    parts = unbridge_ring(ring)
    if not parts:
        raise FormatError("has fewer than 3 different corners.")
    return Row(Polygon(parts), _confidence(values[pairs:]), {}, cut)


def turned_box(ring: Ring, size: Size, confidence: float | None, cut: bool) -> Row:
    """Return the box of four corners: their own where they are one, else the smallest around."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = ring
    if (cx - ax) * (dy - by) - (cy - ay) * (dx - bx) < 0:
        ring = [ring[0], ring[3], ring[2], ring[1]]
    box = _rectangle(ring)
    off = max(math.dist(a, b) for a, b in zip(box.corners, ring, strict=True)) if box else math.inf
    parameters: dict[str, Any] = {}
    if box is None or off > _SKEW:
        box = smallest_box(ring)
        parameters["corners"] = [round(number, 4) for point in ring for number in point]
    x, y, width, height = box.bounds
    if min(x, y) < -1 or x + width > size[0] + 1 or y + height > size[1] + 1:
        return Row(_clipped(ring, size), confidence, parameters, True)
    return Row(box, confidence, parameters, cut)


def smallest_box(points: Sequence[tuple[float, float]]) -> Rectangle:
    """Return the smallest box around points, turned as it may be, as OpenCV's ``minAreaRect``.

    Raises
    ------
    FormatError
        If the points lie on a line.
    """
    import shapely

    found = shapely.minimum_rotated_rectangle(shapely.MultiPoint(points))
    if found.geom_type != "Polygon" or not found.area:
        raise FormatError("has corners that lie on a line.")
    ring = [(float(x), float(y)) for x, y in shapely.get_coordinates(found)[:4]]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = ring
    if (cx - ax) * (dy - by) - (cy - ay) * (dx - bx) < 0:
        ring.reverse()
    made = _rectangle(ring)
    if made is None:
        raise FormatError("has corners that lie on a line.")
    return made


def _rectangle(ring: Ring) -> Rectangle | None:
    """Return the box with these corners, clockwise on the screen; None where it has no area."""
    corners = np.array(ring)
    centre = corners.mean(axis=0)
    across = (corners[1] - corners[0] + corners[2] - corners[3]) / 2
    along = (corners[3] - corners[0] + corners[2] - corners[1]) / 2
    width, height = float(np.hypot(*across)), float(np.hypot(*along))
    if not width or not height:
        return None
    # Rounding turns no box that is upright.
    angle = round(math.degrees(math.atan2(across[1], across[0])), 5)
    x, y = (centre - (width / 2, height / 2)).tolist()
    return Rectangle(x, y, width, height, angle) if angle else Rectangle(x, y, width, height)


def _clipped(ring: Ring, size: Size) -> Polygon:
    import shapely

    inside = shapely.clip_by_rect(shapely.Polygon(ring), 0, 0, *size)
    if not isinstance(inside, shapely.Polygon) or inside.is_empty:
        raise FormatError("lies outside of its picture.")
    return Polygon([[[(float(x), float(y)) for x, y in inside.exterior.coords[:-1]]]])


def _pose(
    values: Sequence[float], size: Size, joints: tuple[int, int], confidence: float | None
) -> Row:
    x, y, width, height = _box(values[:4], size)
    box, cut = _cut(x, y, width, height, size)
    count, numbers = joints
    flat = values[4:]
    places = [(flat[at], flat[at + 1]) for at in range(0, count * numbers, numbers)]
    seen = list(flat[2::3]) if numbers == 3 else [float(_there(*place)) for place in places]
    more: dict[str, Any] = {}
    if any(one not in (0.0, 1.0, 2.0) for one in seen):
        if not all(0 <= one <= 1 for one in seen):
            raise FormatError("has a visibility that is not 0, 1 or 2.")
        # Of predictions: how sure it is of each joint.
        more["keypoint_confidence"] = seen
        seen = [2.0 if one >= 0.5 else 1.0 if one > 0 else 0.0 for one in seen]
    points = []
    for number, ((px, py), visible) in enumerate(zip(places, seen, strict=True)):
        if visible:
            _within((px, py), 5 + number * numbers)
            points.append((px * size[0], py * size[1], int(visible)))
        else:
            points.append((0.0, 0.0, 0))
    if not any(seen):
        return Row(box, confidence, more, cut)
    shape = Keypoints(points)
    if max(abs(a - b) for a, b in zip(shape.bounds, box.bounds, strict=True)) > _ROUNDING:
        more["bbox"] = [round(number, 4) for number in box.bounds]
    return Row(shape, confidence, more, cut)


def _there(x: float, y: float) -> int:
    return 0 if min(x, y) < 0 or x == y == 0 else 2


def _box(values: Sequence[float], size: Size) -> tuple[float, float, float, float]:
    _within(values, 2)
    x, y, width, height = values
    for name, side, column in (("width", width, 4), ("height", height, 5)):
        if side <= 0:
            raise FormatError(
                f"is {side:g}, a {name} must be greater than 0.", where=f"column {column}"
            )
    return (
        (x - width / 2) * size[0],
        (y - height / 2) * size[1],
        width * size[0],
        height * size[1],
    )


def _cut(x: float, y: float, width: float, height: float, size: Size) -> tuple[Rectangle, bool]:
    over = max(-x, -y, x + width - size[0], y + height - size[1])
    if over <= 0:
        return Rectangle(x, y, width, height), False
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, float(size[0])), min(y + height, float(size[1]))
    if right <= left or bottom <= top:
        raise FormatError("lies outside of its picture.")
    return Rectangle(left, top, right - left, bottom - top), over > _ROUNDING


def _ring(values: Sequence[float], size: Size) -> tuple[Ring, bool]:
    _within(values, 2)
    xy = np.array(values).reshape(-1, 2) * size
    inside = np.clip(xy, 0, size)
    cut = bool((np.abs(xy - inside) > _ROUNDING).any())
    return [(x, y) for x, y in inside.tolist()], cut


def _within(values: Sequence[float], column: int) -> None:
    """Raise FormatError unless coordinates are from 0 to 1, or no further out than is taken."""
    if values and (min(values) < -_OUTSIDE or max(values) > 1 + _OUTSIDE):
        at = next(i for i, one in enumerate(values) if not -_OUTSIDE <= one <= 1 + _OUTSIDE)
        raise FormatError(
            f"must be from 0 to 1, not {values[at]:g}.",
            where=f"column {column + at}",
            hint="Are these pixels? Divide x by the width of the picture and y by its height.",
        )


def _confidence(rest: Sequence[float]) -> float | None:
    if not rest:
        return None
    if not 0 <= rest[0] <= 1:
        raise FormatError(f"has a confidence of {rest[0]:g}, which is not from 0 to 1.")
    return rest[0]


def _track(rest: Sequence[float]) -> dict[str, Any]:
    return {"track_id": int(rest[0])} if rest else {}
