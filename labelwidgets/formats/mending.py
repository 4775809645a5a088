"""Shapes of a file that cross themselves or leave their picture, mended where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import msgspec

from labelwidgets.algorithms import intersect_polygons
from labelwidgets.algorithms.even_odd import uncrossed
from labelwidgets.errors import GeometryError
from labelwidgets.formats.outlines import cut_box
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.coordinates import FEW_POINTS
from labelwidgets.schema.geometry import Polygon, Rectangle
from labelwidgets.schema.tracks import Track
from labelwidgets.schema.validity import MOVE_IN, UNCROSS, check_geometry, is_on

NO_AREA = "has no area, so that nothing of it is left once it is mended."
# What people can do where it is not asked for.
HINT = "Pass repair=True to have such outlines mended."
CUT_HINT = "Pass repair=True to have boxes and outlines cut at the edge of their picture."
_OUT = "reaches out of its picture"


@dataclass
class Mending:
    """What has been mended of a file: how many labels; what of the next one is left out."""

    count: int = 0
    slivers: int = 0


_MENDING: ContextVar[Mending | None] = ContextVar("labelwidgets_mending", default=None)


@contextmanager
def mending(asked: bool) -> Iterator[Mending]:
    """Have readers mend the shapes that they read inside, if it is asked for."""
    made = Mending()
    token = _MENDING.set(made if asked else None)
    try:
        yield made
    finally:
        _MENDING.reset(token)


def is_flat(error: Exception) -> bool:
    """Say whether an error is of an outline without area, which mending leaves nothing of."""
    message = getattr(error, "message", "")
    return _MENDING.get() is not None and message in (NO_AREA, FEW_POINTS)


def hint_of(error: Any) -> str | None:
    """Return what to do about an error; of shapes that can be mended, how.

    Where they are mended already, it stays as it is.
    """
    found: str | None = error.hint
    offered = {UNCROSS: HINT, MOVE_IN: CUT_HINT} if _MENDING.get() is None else {}
    # A file is no place to move shapes in.
    return offered.get(found or "", None if found == MOVE_IN else found)


def without_slivers(rings: list[list[float]]) -> list[list[float]]:
    """Return the rings (x, y, x, y, ...) of a label that have an area, if that is asked for.

    Raises
    ------
    GeometryError
        If none has three different points.
    """
    now = _MENDING.get()
    if now is None:
        return rings
    kept = [ring for ring in rings if len(set(zip(ring[::2], ring[1::2], strict=False))) > 2]
    now.slivers = len(rings) - len(kept)
    if rings and not kept:
        now.slivers = 0
        raise GeometryError(NO_AREA)
    return kept


def mended(label: Annotation, size: tuple[int, int] | None) -> Annotation:
    """Return a label whose outlines are valid, if that is asked for.

    Its origin notes why, and what the shape was.

    Parameters
    ----------
    label
        As it is in the file.
    size
        (width, height) of its picture in pixels: upright boxes and outlines that reach out of it
        are cut at its edge. None where it is not known.

    Raises
    ------
    GeometryError
        If it has no area.
    LimitError
        If it crosses itself too often.
    """
    now = _MENDING.get()
    if now is None:
        return label
    slivers, now.slivers = now.slivers, 0
    shape, reasons = label.geometry, []
    if isinstance(shape, Polygon):
        shape, reason = _sound(shape)
        reasons += [reason] if reason else []
        shape, reason = _cut(shape, size)
        reasons += [reason] if reason else []
    elif isinstance(shape, Rectangle):
        shape, reason = _cut(shape, size)
        reasons += [reason] if reason else []
    elif isinstance(shape, Track):
        frames = dict(shape.keyframes)
        for frame, one in frames.items():
            if isinstance(one.geometry, Polygon):
                sound, reason = _sound(one.geometry)
                if reason:
                    reasons.append(f"frame {frame}: {reason}")
                    frames[frame] = msgspec.structs.replace(one, geometry=sound)
        if reasons:
            shape = msgspec.structs.replace(shape, keyframes=frames)
    if slivers:
        reasons.append("has rings without area")
    if not reasons:
        return label
    now.count += 1
    parameters = {**label.origin.parameters, "repaired": "; ".join(reasons)[:500]}
    if shape is not label.geometry and not isinstance(shape, Track):
        # With lists for tuples, as it is once it was stored.
        parameters["repaired_from"] = msgspec.json.decode(msgspec.json.encode(label.geometry))
    origin = msgspec.structs.replace(label.origin, parameters=parameters)
    return msgspec.structs.replace(label, geometry=shape, origin=origin)


def _cut(
    shape: Polygon | Rectangle, size: tuple[int, int] | None
) -> tuple[Polygon | Rectangle, str | None]:
    """Return what of a shape is on its picture, and what was wrong, None if nothing was.

    What lies wholly outside, and boxes that are turned, stay as they are.
    """
    if size is None or is_on(shape.bounds, size):
        return shape, None
    if isinstance(shape, Rectangle):
        box = None if shape.angle else cut_box(shape.bounds, size)[0]
        return (shape, None) if box is None else (Rectangle(*box), _OUT)
    width, height = size
    whole = [[(0, 0), (width, 0), (width, height), (0, height)]]
    try:
        parts: list[Any] = list(intersect_polygons([shape.parts, whole]))
    except GeometryError:  # Nothing of it is there.
        return shape, None
    return Polygon(parts), _OUT


def _sound(shape: Polygon) -> tuple[Polygon, str | None]:
    """Return a polygon of which each part is valid, and what was wrong, None if nothing was."""
    try:
        check_geometry(shape)
        return shape, None
    except GeometryError as error:
        reason = error.message.rstrip(".")
    parts: list[Any] = []
    for part in shape.parts:
        try:
            check_geometry(Polygon([part]))
            parts.append(part)
        except GeometryError:
            parts += uncrossed(part)
    if not parts:
        raise GeometryError(NO_AREA, where="geometry")
    return Polygon(parts), reason
