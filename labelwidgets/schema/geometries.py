"""All that the geometry of an annotation can be."""

from __future__ import annotations

from typing import TypeAlias

from labelwidgets.schema.geometry import (
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.tracks import Interval, Track

AnyGeometry: TypeAlias = (
    Rectangle
    | Ellipse
    | Polygon
    | Polyline
    | Point
    | Keypoints
    | Cuboid
    | Mask
    | VolumeMask
    | Track
    | Interval
    | Tag
)

DRAWN: tuple[str, ...] = (
    "rectangle",
    "ellipse",
    "polygon",
    "polyline",
    "point",
    "keypoints",
    "cuboid",
    "mask",
    "volumemask",
    "interval",
    "tag",
)
"""What a class can be drawn with; through the frames of a video, all but the last three make
tracks of their shapes."""

GEOMETRY_TYPES: tuple[str, ...] = (*DRAWN, "track")
"""The names of all of them, as in JSON and in the `geometry_type` column."""
