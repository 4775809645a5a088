"""Shapes for tools that have boxes, outlines, lines and dots, and nothing with holes or joints."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from labelwidgets.formats.holds import KEPT, Fate, changed
from labelwidgets.formats.outlines import outlines_of
from labelwidgets.schema.geometry import Keypoints, Point, Polygon, Rectangle

OUTLINE = changed("polygon", "its outline")
FLAT: dict[str, Fate] = {
    "rectangle": KEPT,
    "turned rectangle": OUTLINE,
    "polygon": KEPT,
    "holes": changed("polygon", "the outer ring"),
    "parts": changed("polygon", "a polygon for each part"),
    "polyline": KEPT,
    "point": KEPT,
    "keypoints": changed("point", "a point for each joint"),
    "hidden joints": changed("point", "a point for each joint"),
    "mask": changed("polygon", "the outer rings of its parts"),
    "volume mask": changed("polygon", "outlines on each slice"),
    "track": changed("rectangle", "a shape on each frame"),
    "empty pictures": KEPT,
}
"""What such tools hold."""


def flat_shapes(shape: Any, whole: Collection[type] = ()) -> list[Any]:
    """Return a shape as those that such tools have: upright boxes, rings, lines and dots.

    Parameters
    ----------
    shape
        Any with a place.
    whole
        Types that the tool has as they are.
    """
    if isinstance(shape, tuple(whole)):
        return [shape]
    if isinstance(shape, Keypoints):
        return [Point(x, y) for x, y, seen in shape.points if seen]
    if isinstance(shape, Rectangle) and not shape.angle % 360:
        return [shape]
    parts = outlines_of(shape)
    return [shape] if parts is None else [Polygon([[part[0]]]) for part in parts]
