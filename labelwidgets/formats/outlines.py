"""The outlines of shapes that have an area, for formats of polygons."""

from __future__ import annotations

import math
from typing import Any

from labelwidgets.algorithms.masks import decode_rle
from labelwidgets.algorithms.tracing import mask_to_polygons
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Bounds, Ellipse, Keypoints, Mask, Polygon, Rectangle, Ring

# How far the polygon of an ellipse may lie inside of it, in pixels.
_SAG = 0.1
# What adding up may put outside, in pixels.
_ROUNDING = 1e-6


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


def cut_box(bounds: Bounds, size: tuple[int, int] | None) -> tuple[Bounds | None, bool]:
    """Return a box as far as it lies on its picture, and whether some of it does not.

    Parameters
    ----------
    bounds
        (x, y, width, height) in pixels.
    size
        (width, height) of the picture; None where it is not known.

    Returns
    -------
    box
        None if nothing of it lies there.
    cut
        Whether it was another one before.
    """
    x, y, width, height = bounds
    right, bottom = x + width, y + height
    if size is None:
        return (bounds if width > 0 and height > 0 else None), False
    left, top = max(x, 0.0), max(y, 0.0)
    within = left == x and top == y and right <= size[0] + _ROUNDING
    if within and bottom <= size[1] + _ROUNDING:
        return (bounds if width > 0 and height > 0 else None), False
    right, bottom = min(right, float(size[0])), min(bottom, float(size[1]))
    if right <= left or bottom <= top:
        return None, True
    return (left, top, right - left, bottom - top), True


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


def box_in(given: Any) -> Bounds | None:
    """Return something that came from a file as x, y, width and height, None if it is none."""
    if not isinstance(given, list | tuple) or len(given) != 4:
        return None
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in given):
        return None
    x, y, width, height = map(float, given)
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        return None
    return x, y, width, height


def box_of_joints(label: Annotation, shape: Keypoints) -> Bounds | None:
    """Return the box around joints that a file gave, such as a person's in COCO.

    None if it gave none, or the joints have left it by more than a pixel since.
    """
    given = box_in(label.origin.parameters.get("bbox"))
    if given is None:
        return None
    (x, y, width, height), (left, top, wide, high) = shape.bounds, given
    inside = left <= x + 1 and top <= y + 1
    holds = inside and left + wide >= x + width - 1 and top + high >= y + height - 1
    return given if holds else None
