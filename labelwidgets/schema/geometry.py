"""Shapes in image coordinates.

All coordinates are in pixels of the full-resolution image, x right and y down,
with (0, 0) at the outer corner of the first pixel: pixel (i, j) spans
[i, i+1) x [j, j+1). Angles are in degrees, clockwise on the screen, about the
centre of the shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import msgspec

from labelwidgets.errors import GeometryError
from labelwidgets.schema.coordinates import (
    FAR,
    XY,
    XYV,
    Bounds,
    Ring,
    box_of,
    is_shallow,
    read_number,
    read_parts,
    read_points,
    read_positive,
    read_sequence,
    ring_area,
)
from labelwidgets.schema.run_length import RLE, read_rle, read_slices

__all__ = [
    "RLE",
    "XY",
    "XYV",
    "Bounds",
    "Cuboid",
    "Ellipse",
    "Geometry",
    "Keypoints",
    "Mask",
    "Point",
    "Polygon",
    "Polyline",
    "Rectangle",
    "Ring",
    "Shape",
    "Tag",
    "VolumeMask",
]


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
            and -FAR <= x <= FAR
            and -FAR <= y <= FAR
            and 0 < width <= FAR
            and 0 < height <= FAR
            and -FAR <= angle <= FAR
        ):
            return
        self._set(
            x=read_number(self.x, "x"),
            y=read_number(self.y, "y"),
            width=read_positive(self.width, "width"),
            height=read_positive(self.height, "height"),
            angle=read_number(self.angle, "angle"),
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
        return box_of(self.corners)

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
            x=read_number(self.x, "x"),
            y=read_number(self.y, "y"),
            rx=read_positive(self.rx, "rx"),
            ry=read_positive(self.ry, "ry"),
            angle=read_number(self.angle, "angle"),
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
            parts = read_parts(self.parts)
        except GeometryError as error:
            if not is_shallow(self.parts):
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
        return box_of([point for part in self.parts for point in part[0]])

    @property
    def area(self) -> float:
        """Area of the outer rings less the holes, in square pixels."""
        return sum(
            max(0.0, ring_area(part[0]) - sum(ring_area(hole) for hole in part[1:]))
            for part in self.parts
        )


def polygon_of(parts: list[list[Ring]]) -> Polygon:
    """Return a polygon of parts that are known to be as `Polygon` makes them: see `are_simple`.

    They are not looked at, which is most of what a polygon costs.
    """
    made: Polygon = _TRIANGLE.__copy__()  # type: ignore[attr-defined]
    msgspec.structs.force_setattr(made, "parts", parts)
    return made


_TRIANGLE = Polygon([[[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]]])


class Polyline(Geometry, frozen=True):
    """An open line through two or more points."""

    points: Ring

    def __post_init__(self) -> None:
        self._set(points=read_points(self.points, "points", 2))

    @property
    def bounds(self) -> Bounds:
        """Upright box around the shape as (x, y, width, height)."""
        return box_of(self.points)


class Point(Geometry, frozen=True):
    """A single point."""

    x: float
    y: float

    def __post_init__(self) -> None:
        self._set(x=read_number(self.x, "x"), y=read_number(self.y, "y"))

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
        for index, point in enumerate(read_sequence(self.points, "points")):
            where = f"points[{index}]"
            triple = read_sequence(point, where)
            if len(triple) != 3:
                raise GeometryError(f"must be [x, y, visibility], not {triple!r}.", where=where)
            visibility = read_number(triple[2], f"{where}.visibility")
            if visibility not in (0, 1, 2):
                raise GeometryError("must be 0, 1 or 2.", where=f"{where}.visibility")
            x, y = read_number(triple[0], f"{where}.x"), read_number(triple[1], f"{where}.y")
            points.append((x, y, int(visibility)))
        if not points:
            raise GeometryError("needs at least one joint.", where="points")
        self._set(points=points)

    @property
    def bounds(self) -> Bounds:
        """Upright box around the labelled joints as (x, y, width, height)."""
        labelled = [(x, y) for x, y, visibility in self.points if visibility]
        return box_of(labelled or [(x, y) for x, y, _ in self.points])


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
        points = read_points(self.points, "points", 8)
        if len(points) != 8:
            raise GeometryError(f"needs exactly 8 points, has {len(points)}.", where="points")
        self._set(points=points)

    @property
    def bounds(self) -> Bounds:
        """Upright box around the shape as (x, y, width, height)."""
        return box_of(self.points)


class Mask(Geometry, frozen=True):
    """A set of pixels of the whole image, as a COCO run-length code."""

    rle: RLE

    def __post_init__(self) -> None:
        if isinstance(self.rle, Mapping):
            self._set(rle=read_rle(self.rle, "rle"))

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
        return box_of(corners)

    @property
    def area(self) -> float:
        """Number of voxels set."""
        return sum(Mask(rle).area for rle in self.slices.values())


class Tag(Geometry, frozen=True):
    """A statement about the whole image (or frame), without a place."""

    @property
    def bounds(self) -> None:
        """A tag has no place."""
        return None


Shape: TypeAlias = Rectangle | Ellipse | Polygon | Polyline | Point | Keypoints | Cuboid | Mask
"""What an object can look like on one picture."""
