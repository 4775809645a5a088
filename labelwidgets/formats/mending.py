"""Outlines of a file that cross themselves, mended where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import msgspec

from labelwidgets.algorithms.even_odd import uncrossed
from labelwidgets.errors import GeometryError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.coordinates import FEW_POINTS
from labelwidgets.schema.geometry import Polygon
from labelwidgets.schema.tracks import Track
from labelwidgets.schema.validity import UNCROSS, check_geometry

NO_AREA = "has no area, so that nothing of it is left once it is mended."
# What people can do where it is not asked for.
HINT = "Pass repair=True to have such outlines mended."


@dataclass
class Mending:
    """What has been mended of a file: how many outlines; what of the next one is left out."""

    count: int = 0
    slivers: int = 0


_MENDING: ContextVar[Mending | None] = ContextVar("labelwidgets_mending", default=None)


@contextmanager
def mending(asked: bool) -> Iterator[Mending]:
    """Have readers mend the outlines that they read inside, if it is asked for."""
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
    """Return what to do about an error, of outlines that cross themselves that they can be mended.

    Where they are mended already, it stays as it is.
    """
    found: str | None = error.hint
    return HINT if found == UNCROSS and _MENDING.get() is None else found


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


def mended(label: Annotation) -> Annotation:
    """Return a label whose outlines are valid, if that is asked for; its origin notes why.

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
    origin = msgspec.structs.replace(label.origin, parameters=parameters)
    return msgspec.structs.replace(label, geometry=shape, origin=origin)


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
