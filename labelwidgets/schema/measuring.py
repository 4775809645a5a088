"""Classes that measure: what they are drawn with, and the geometry that is stored."""

from __future__ import annotations

# By tool: a ruler is a line of two points, an angle one of three, a bidirectional measurement
# the ends of two axes.
MEASURING: dict[str, str] = {
    "ruler": "polyline",
    "angle": "polyline",
    "bidirectional": "keypoints",
}

# The joints of a bidirectional measurement, and the two axes between them.
AXES = (("long 1", "long 2", "short 1", "short 2"), ((0, 1), (2, 3)))


def geometry_of(tool: str) -> str:
    """Return the type of the geometry that a class of a tool is stored as."""
    return MEASURING.get(tool, tool)
