"""Numbers, points and rings of shapes, checked as they are read.

In pixels of the full-resolution image, x right and y down; what is wrong is a `GeometryError`
that names the field.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.errors import GeometryError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

XY: TypeAlias = tuple[float, float]
XYV: TypeAlias = tuple[float, float, int]
Ring: TypeAlias = list[XY]
Bounds: TypeAlias = tuple[float, float, float, float]

# What is said of a ring that is a line or a point.
FEW_POINTS = "needs at least 3 different points."
# No picture has so many pixels along a side.
FAR = 1e9
# Lists of more points than this are looked at as arrays.
LONG = 1000


def read_number(value: Any, field: str) -> float:
    """Return a value as a float that may be a number of pixels, or degrees."""
    if isinstance(value, (bool, str)):
        raise GeometryError(f"must be a number, not {value!r}.", where=field)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GeometryError(f"must be a number, not {value!r}.", where=field) from None
    if not math.isfinite(number) or abs(number) > FAR:
        raise GeometryError(f"must be a finite number of pixels, not {number}.", where=field)
    return number


def read_positive(value: Any, field: str) -> float:
    """Return a value as a float above 0; see `read_number`."""
    number = read_number(value, field)
    if number <= 0:
        raise GeometryError(f"must be greater than 0, not {number:g}.", where=field)
    return number


def read_sequence(value: Any, field: str) -> Sequence[Any]:
    """Return a list, a tuple or an array as a sequence."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
        raise GeometryError(f"must be a list, not {type(value).__name__}.", where=field)
    return value


def _is_clean(value: Any) -> bool:
    """Say whether a value is a list of pairs of finite floats already, as decoders make it."""
    if type(value) is not list:
        return False
    if len(value) > LONG:
        return _is_long_and_clean(value)
    for pair in value:
        if type(pair) is not tuple or len(pair) != 2:
            return False
        x, y = pair
        if type(x) is not float or type(y) is not float:
            return False
        # Written so that NaN is not clean.
        if not (-1e9 <= x <= 1e9 and -1e9 <= y <= 1e9):
            return False
    return True


def _is_long_and_clean(value: list[Any]) -> bool:
    """Say the same of a million points, without a step of Python for each."""
    if set(map(type, value)) != {tuple} or set(map(len, value)) != {2}:
        return False
    if set(map(type, chain.from_iterable(value))) != {float}:
        return False
    numbers = as_array(value)
    # NaN is in no order.
    return bool(numbers.min() >= -1e9 and numbers.max() <= 1e9)


def as_array(points: Sequence[XY]) -> npt.NDArray[np.float64]:
    """Return pairs of floats as an (N, 2) array, at a tenth of what `numpy.array` takes for it."""
    import numpy as np

    return np.fromiter(chain.from_iterable(points), np.float64, 2 * len(points)).reshape(-1, 2)


def read_points(value: Any, field: str, at_least: int) -> Ring:
    """Return a list of [x, y] pairs as tuples of floats."""
    if _is_clean(value) and len(value) >= at_least:
        return list(value)
    points: Ring = []
    for index, point in enumerate(read_sequence(value, field)):
        pair = read_sequence(point, f"{field}[{index}]")
        if len(pair) != 2:
            raise GeometryError(f"must be an [x, y] pair, not {pair!r}.", where=f"{field}[{index}]")
        points.append(
            (
                read_number(pair[0], f"{field}[{index}].x"),
                read_number(pair[1], f"{field}[{index}].y"),
            )
        )
    if len(points) < at_least:
        raise GeometryError(f"needs at least {at_least} points, has {len(points)}.", where=field)
    return points


def _ring(value: Any, field: str) -> Ring:
    ring = read_points(value, field, 3)
    if len(ring) > 3 and ring[0] == ring[-1]:
        ring.pop()
    if not _has_three(ring):
        raise GeometryError(FEW_POINTS, where=field)
    return ring


def read_parts(value: Any) -> list[list[Ring]]:
    """Return the parts of a polygon, each an outer ring and its holes; see `Polygon`."""
    parts = []
    for p, part in enumerate(read_sequence(value, "parts")):
        rings = read_sequence(part, f"parts[{p}]")
        if not rings:
            raise GeometryError("needs an outer ring.", where=f"parts[{p}]")
        parts.append([_ring(ring, f"parts[{p}][{r}]") for r, ring in enumerate(rings)])
    if not parts:
        raise GeometryError("needs at least one part.", where="parts")
    return parts


def is_shallow(value: Any) -> bool:
    """Say whether parts are the points of a ring, or rings, in too few lists."""
    for _ in range(3):
        if not isinstance(value, list | tuple) or not value:
            return isinstance(value, int | float)
        value = value[0]
    return isinstance(value, int | float)


def _has_three(ring: Ring) -> bool:
    """Say whether there are three different points, looking no further than to the third."""
    found: set[XY] = set()
    for point in ring:
        found.add(point)
        if len(found) == 3:
            return True
    return False


def ring_area(ring: Ring) -> float:
    """Return the area within a ring, in square pixels."""
    # Relative to the first point, so that far from the origin no digits are lost.
    x0, y0 = ring[0]
    if len(ring) > LONG:
        import numpy as np

        xs, ys = (as_array(ring) - (x0, y0)).T
        return abs(float(np.dot(xs, np.roll(ys, -1)) - np.dot(np.roll(xs, -1), ys))) / 2
    total = 0.0
    for (xa, ya), (xb, yb) in zip(ring, ring[1:] + ring[:1], strict=True):
        total += (xa - x0) * (yb - y0) - (xb - x0) * (ya - y0)
    return abs(total) / 2


def box_of(points: Sequence[XY]) -> Bounds:
    """Return the upright box around points as (x, y, width, height)."""
    if len(points) > LONG:
        array = as_array(points)
        (left, top), (right, bottom) = array.min(axis=0).tolist(), array.max(axis=0).tolist()
        return left, top, right - left, bottom - top
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
