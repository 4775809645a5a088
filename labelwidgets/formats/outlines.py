"""The outlines of shapes that have an area, for formats of polygons."""

from __future__ import annotations

import math

from labelwidgets.algorithms.masks import decode_rle
from labelwidgets.algorithms.tracing import mask_to_polygons
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Ellipse, Mask, Polygon, Rectangle, Ring

# How far the polygon of an ellipse may lie inside of it, in pixels.
_SAG = 0.1


def outlines_of(shape: AnyGeometry) -> list[list[Ring]] | None:
    """Return the parts of a shape, each an outer ring and its holes; None if it has no area.

    Masks are followed along the edges of their pixels, so that filling gives them back; ellipses
    are polygons within a tenth of a pixel. A mask without pixels has no parts.
    """
    if isinstance(shape, Polygon):
        return shape.parts
    if isinstance(shape, Rectangle):
        return [[shape.corners]]
    if isinstance(shape, Ellipse):
        return [[ellipse_ring(shape)]]
    if isinstance(shape, Mask):
        code = {"size": list(shape.rle.size), "counts": shape.rle.counts}
        return mask_to_polygons(decode_rle(code))
    return None


def ellipse_ring(ellipse: Ellipse) -> Ring:
    """Return points of an ellipse, as many as keep the polygon near it."""
    longest = max(ellipse.rx, ellipse.ry)
    ratio = min(1.0, _SAG / longest)
    count = min(720, max(16, math.ceil(math.pi / math.acos(1 - ratio))))
    cos, sin = math.cos(math.radians(ellipse.angle)), math.sin(math.radians(ellipse.angle))
    ring = []
    for step in range(count):
        turn = 2 * math.pi * step / count
        dx, dy = ellipse.rx * math.cos(turn), ellipse.ry * math.sin(turn)
        ring.append((ellipse.x + dx * cos - dy * sin, ellipse.y + dx * sin + dy * cos))
    return ring
