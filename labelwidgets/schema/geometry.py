"""Shapes in image coordinates.

All coordinates are in pixels of the full-resolution image, x right and y down,
with (0, 0) at the outer corner of the first pixel: pixel (i, j) spans
[i, i+1) x [j, j+1). Angles are in degrees, clockwise on the screen, about the
centre of the shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec

from labelwidgets.errors import GeometryError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

XY: TypeAlias = tuple[float, float]
XYV: TypeAlias = tuple[float, float, int]
Ring: TypeAlias = list[XY]
Bounds: TypeAlias = tuple[float, float, float, float]

# Of a mask: beyond it, COCO's own code counts wrongly.
MAX_PIXELS = 2**31 - 1
# Of a volume mask: as many as a series may have files. Each takes a while to check.
MAX_SLICES = 20_000
# Of a volume mask, in characters of all its slices: noise over some 350 slices of 512 x 512.
MAX_CODE = 2**26
# What is said of a ring that is a line or a point.
FEW_POINTS = "needs at least 3 different points."
# No picture has so many pixels along a side.
_FAR = 1e9
# Lists of more points than this are looked at as arrays.
_LONG = 1000


def _number(value: Any, field: str) -> float:
    if isinstance(value, (bool, str)):
        raise GeometryError(f"must be a number, not {value!r}.", where=field)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise GeometryError(f"must be a number, not {value!r}.", where=field) from None
    if not math.isfinite(number) or abs(number) > _FAR:
        raise GeometryError(f"must be a finite number of pixels, not {number}.", where=field)
    return number


def _positive(value: Any, field: str) -> float:
    number = _number(value, field)
    if number <= 0:
        raise GeometryError(f"must be greater than 0, not {number:g}.", where=field)
    return number


def _sequence(value: Any, field: str) -> Sequence[Any]:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
        raise GeometryError(f"must be a list, not {type(value).__name__}.", where=field)
    return value


def _is_clean(value: Any) -> bool:
    """Say whether a value is a list of pairs of finite floats already, as decoders make it."""
    if type(value) is not list:
        return False
    if len(value) > _LONG:
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


def _points(value: Any, field: str, at_least: int) -> Ring:
    if _is_clean(value) and len(value) >= at_least:
        return list(value)
    points: Ring = []
    for index, point in enumerate(_sequence(value, field)):
        pair = _sequence(point, f"{field}[{index}]")
        if len(pair) != 2:
            raise GeometryError(f"must be an [x, y] pair, not {pair!r}.", where=f"{field}[{index}]")
        points.append(
            (_number(pair[0], f"{field}[{index}].x"), _number(pair[1], f"{field}[{index}].y"))
        )
    if len(points) < at_least:
        raise GeometryError(f"needs at least {at_least} points, has {len(points)}.", where=field)
    return points


def _ring(value: Any, field: str) -> Ring:
    ring = _points(value, field, 3)
    if len(ring) > 3 and ring[0] == ring[-1]:
        ring.pop()
    if not _has_three(ring):
        raise GeometryError(FEW_POINTS, where=field)
    return ring


def _parts(value: Any) -> list[list[Ring]]:
    parts = []
    for p, part in enumerate(_sequence(value, "parts")):
        rings = _sequence(part, f"parts[{p}]")
        if not rings:
            raise GeometryError("needs an outer ring.", where=f"parts[{p}]")
        parts.append([_ring(ring, f"parts[{p}][{r}]") for r, ring in enumerate(rings)])
    if not parts:
        raise GeometryError("needs at least one part.", where="parts")
    return parts


def _is_shallow(value: Any) -> bool:
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


def _ring_area(ring: Ring) -> float:
    # Relative to the first point, so that far from the origin no digits are lost.
    x0, y0 = ring[0]
    if len(ring) > _LONG:
        import numpy as np

        xs, ys = (as_array(ring) - (x0, y0)).T
        return abs(float(np.dot(xs, np.roll(ys, -1)) - np.dot(np.roll(xs, -1), ys))) / 2
    total = 0.0
    for (xa, ya), (xb, yb) in zip(ring, ring[1:] + ring[:1], strict=True):
        total += (xa - x0) * (yb - y0) - (xb - x0) * (ya - y0)
    return abs(total) / 2


def _box(points: Sequence[XY]) -> Bounds:
    if len(points) > _LONG:
        array = as_array(points)
        (left, top), (right, bottom) = array.min(axis=0).tolist(), array.max(axis=0).tolist()
        return left, top, right - left, bottom - top
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


class Geometry(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=str.lower):
    """Base of all shapes; `type` tags each of them in JSON."""

    @property
    def type(self) -> str:
        """Name of the kind of shape, as in JSON and in the `geometry_type` column."""
        return cast(str, self.__struct_config__.tag)

    @property
    def bounds(self) -> Bounds | None:
        """Upright box around the shape as (x, y, width, height), None for a tag."""
        raise NotImplementedError(type(self).__name__)

    @property
    def area(self) -> float:
        """Area in square pixels; 0 for points, lines and tags."""
        return 0.0

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            msgspec.structs.force_setattr(self, name, value)


class Rectangle(Geometry, frozen=True):
    """A box, turned by `angle` degrees about its centre.

    Parameters
    ----------
    x, y
        Top left corner before turning, in pixels.
    width, height
        Size in pixels, both greater than 0.
    angle
        Clockwise turn in degrees, about the centre.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        x, y, width, height, angle = self.x, self.y, self.width, self.height, self.angle
        # Frames have millions of boxes, of which all come as they should be.
        if (
            type(x) is type(y) is type(width) is type(height) is type(angle) is float
            and -_FAR <= x <= _FAR
            and -_FAR <= y <= _FAR
            and 0 < width <= _FAR
            and 0 < height <= _FAR
            and -_FAR <= angle <= _FAR
        ):
            return
        self._set(
            x=_number(self.x, "x"),
            y=_number(self.y, "y"),
            width=_positive(self.width, "width"),
            height=_positive(self.height, "height"),
            angle=_number(self.angle, "angle"),
        )

    @property
    def corners(self) -> Ring:
        """The four corners, clockwise from the top left one before turning."""
        cx, cy = self.x + self.width / 2, self.y + self.height / 2
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        halves = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        offsets = [(sx * self.width / 2, sy * self.height / 2) for sx, sy in halves]
        return [(cx + dx * cos - dy * sin, cy + dx * sin + dy * cos) for dx, dy in offsets]

    @property
    def bounds(self) -> Bounds:
        """Upright box around the shape as (x, y, width, height)."""
        if self.angle == 0:
            return self.x, self.y, self.width, self.height
        return _box(self.corners)

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height


class Ellipse(Geometry, frozen=True):
    """An ellipse with centre (x, y) and half axes `rx` and `ry`, turned by `angle` degrees."""

    x: float
    y: float
    rx: float
    ry: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        self._set(
            x=_number(self.x, "x"),
            y=_number(self.y, "y"),
            rx=_positive(self.rx, "rx"),
            ry=_positive(self.ry, "ry"),
            angle=_number(self.angle, "angle"),
        )

    @property
    def bounds(self) -> Bounds:
        """Upright box around the shape as (x, y, width, height)."""
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        half_width = math.hypot(self.rx * cos, self.ry * sin)
        half_height = math.hypot(self.rx * sin, self.ry * cos)
        return self.x - half_width, self.y - half_height, 2 * half_width, 2 * half_height

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return math.pi * self.rx * self.ry


class Polygon(Geometry, frozen=True):
    """One or more areas, each with an outer ring and any number of holes.

    Parameters
    ----------
    parts
        As in GeoJSON's MultiPolygon (RFC 7946): a list of parts, each a list of
        rings, the outer one first and then its holes, each ring a list of
        (x, y). A repeated closing point is dropped; either direction will do.
    """

    parts: list[list[Ring]]

    def __post_init__(self) -> None:
        try:
            parts = _parts(self.parts)
        except GeometryError as error:
            if not _is_shallow(self.parts):
                raise
            raise GeometryError(
                error.message,
                where=error.where,
                hint="A polygon is a list of parts, a part a list of rings, a ring a list of "
                "points: one ring is Polygon([[[(1, 2), (3, 4), (5, 1)]]]).",
            ) from None
        self._set(parts=parts)

    @property
    def bounds(self) -> Bounds:
        """Upright box around the shape as (x, y, width, height)."""
        return _box([point for part in self.parts for point in part[0]])

    @property
    def area(self) -> float:
        """Area of the outer rings less the holes, in square pixels."""
        return sum(
            max(0.0, _ring_area(part[0]) - sum(_ring_area(hole) for hole in part[1:]))
            for part in self.parts
        )


class Polyline(Geometry, frozen=True):
    """An open line through two or more points."""

    points: Ring

    def __post_init__(self) -> None:
        self._set(points=_points(self.points, "points", 2))

    @property
    def bounds(self) -> Bounds:
        """Upright box around the shape as (x, y, width, height)."""
        return _box(self.points)


class Point(Geometry, frozen=True):
    """A single point."""

    x: float
    y: float

    def __post_init__(self) -> None:
        self._set(x=_number(self.x, "x"), y=_number(self.y, "y"))

    @property
    def bounds(self) -> Bounds:
        """The point as a box without extent."""
        return self.x, self.y, 0.0, 0.0


class Keypoints(Geometry, frozen=True):
    """The joints of a skeleton in the order of its class.

    Parameters
    ----------
    points
        (x, y, visibility) a joint; visibility as in COCO: 0 not labelled,
        1 labelled but hidden, 2 labelled and visible.
    """

    points: list[XYV]

    def __post_init__(self) -> None:
        points: list[XYV] = []
        for index, point in enumerate(_sequence(self.points, "points")):
            where = f"points[{index}]"
            triple = _sequence(point, where)
            if len(triple) != 3:
                raise GeometryError(f"must be [x, y, visibility], not {triple!r}.", where=where)
            visibility = _number(triple[2], f"{where}.visibility")
            if visibility not in (0, 1, 2):
                raise GeometryError("must be 0, 1 or 2.", where=f"{where}.visibility")
            x, y = _number(triple[0], f"{where}.x"), _number(triple[1], f"{where}.y")
            points.append((x, y, int(visibility)))
        if not points:
            raise GeometryError("needs at least one joint.", where="points")
        self._set(points=points)

    @property
    def bounds(self) -> Bounds:
        """Upright box around the labelled joints as (x, y, width, height)."""
        labelled = [(x, y) for x, y, visibility in self.points if visibility]
        return _box(labelled or [(x, y) for x, y, _ in self.points])


class Cuboid(Geometry, frozen=True):
    """The projection of a box in space: eight corners in pixels.

    Parameters
    ----------
    points
        The front face clockwise from its top left corner, then the back face
        in the same order.
    """

    points: Ring

    def __post_init__(self) -> None:
        points = _points(self.points, "points", 8)
        if len(points) != 8:
            raise GeometryError(f"needs exactly 8 points, has {len(points)}.", where="points")
        self._set(points=points)

    @property
    def bounds(self) -> Bounds:
        """Upright box around the shape as (x, y, width, height)."""
        return _box(self.points)


class RLE(msgspec.Struct, frozen=True):
    """A COCO run-length code: `size` is [height, width], `counts` COCO's compressed string.

    Runs go down the columns (column-major order), the first run is of zeros.
    Lists of numbers are accepted for `counts` and compressed.
    """

    size: tuple[int, int]
    counts: str

    def __post_init__(self) -> None:
        size = tuple(_sequence(self.size, "size"))
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
        runs = read_counts(counts if isinstance(counts, str) else _sequence(counts, "counts"))
        if (total := int(runs.sum())) != size[0] * size[1]:
            raise GeometryError(
                f"has runs of {total} pixels in all, the mask has {size[0] * size[1]}.",
                where="counts",
            )
        if not isinstance(counts, str):
            counts = pack_counts(runs)
        msgspec.structs.force_setattr(self, "size", size)
        msgspec.structs.force_setattr(self, "counts", counts)

    def to_coco(self) -> dict[str, Any]:
        """Return the dict that pycocotools takes."""
        return {"size": list(self.size), "counts": self.counts.encode("ascii")}


class Mask(Geometry, frozen=True):
    """A set of pixels of the whole image, as a COCO run-length code."""

    rle: RLE

    def __post_init__(self) -> None:
        if isinstance(self.rle, Mapping):
            self._set(rle=_rle(self.rle, "rle"))

    @property
    def bounds(self) -> Bounds:
        """Upright box around the mask as (x, y, width, height); without extent if empty."""
        from pycocotools import mask as coco

        x, y, width, height = coco.toBbox(self.rle.to_coco())
        return float(x), float(y), float(width), float(height)

    @property
    def area(self) -> float:
        """Number of pixels set."""
        from pycocotools import mask as coco

        return float(coco.area(self.rle.to_coco()))


class VolumeMask(Geometry, frozen=True):
    """A set of voxels: one run-length code for each slice that has any, by slice index from 0."""

    slices: dict[int, RLE]

    def __post_init__(self) -> None:
        self._set(slices=read_slices(self.slices))

    @property
    def bounds(self) -> Bounds | None:
        """Upright box around all slices as (x, y, width, height), None where there is none."""
        boxes = [Mask(rle).bounds for rle in self.slices.values()]
        if not boxes:
            return None
        corners = [(x, y) for x, y, _, _ in boxes] + [(x + w, y + h) for x, y, w, h in boxes]
        return _box(corners)

    @property
    def area(self) -> float:
        """Number of voxels set."""
        return sum(Mask(rle).area for rle in self.slices.values())


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
        slices[key] = value if isinstance(value, RLE) else _rle(value, f"slices[{key}]")
    if len({rle.size for rle in slices.values()}) > 1:
        raise GeometryError("must have slices of one size.", where="slices")
    if (length := sum(len(rle.counts) for rle in slices.values())) > MAX_CODE:
        raise GeometryError(
            f"have a code of {length} characters, at most {MAX_CODE} are allowed.", where="slices"
        )
    return slices


def _rle(value: Any, where: str) -> RLE:
    if not isinstance(value, Mapping) or not {"size", "counts"} <= set(value):
        raise GeometryError("must have the keys size and counts.", where=where)
    try:
        return RLE(value["size"], value["counts"])
    except GeometryError as error:
        raise error.at(where) from None


class Tag(Geometry, frozen=True):
    """A statement about the whole image (or frame), without a place."""

    @property
    def bounds(self) -> None:
        """A tag has no place."""
        return None


Shape: TypeAlias = Rectangle | Ellipse | Polygon | Polyline | Point | Keypoints | Cuboid | Mask
"""What an object can look like on one picture."""
