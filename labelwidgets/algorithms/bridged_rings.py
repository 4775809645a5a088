"""Areas with holes and several parts as one ring: bridges without width lead from ring to ring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import shapely

XY: TypeAlias = tuple[float, float]
Ring: TypeAlias = list[XY]
Parts: TypeAlias = list[list[Ring]]


def bridge_rings(rings: Sequence[Ring]) -> Ring:
    """Return one ring that goes around all rings.

    Filled by the even-odd rule it covers what the rings cover, as each bridge is gone along
    twice. `unbridge_ring` gives the rings back.

    Parameters
    ----------
    rings
        Outer rings and holes in any order, (x, y) each; none repeats its first point.

    Notes
    -----
    Each ring hangs on the nearest corner of those before it, by a bridge from corner to corner.
    So do the tools of Ultralytics that join the parts of COCO's polygons (``merge_multi_segment``).
    """
    from scipy.spatial import cKDTree

    joined = list(rings[0])
    for ring in rings[1:]:
        distances, nearest = cKDTree(joined).query(ring)
        start = int(np.argmin(distances))
        at = int(nearest[start])
        walk = [*ring[start:], *ring[:start], ring[start]]
        bridge = [joined[at]] if distances[start] else []
        joined[at : at + 1] = [*bridge, *walk, *bridge]
    return joined


def unbridge_ring(ring: Ring) -> Parts:
    """Return the rings of which a ring is made that passes through some of its corners twice.

    Parameters
    ----------
    ring
        (x, y) of its corners, x right and y down. Corners are the same if their numbers are.

    Returns
    -------
    list
        Parts as in GeoJSON's MultiPolygon, each an outer ring and its holes. A ring that passes
        no corner twice is the one part. Empty if there is no area.

    Notes
    -----
    Whatever lies between two visits to a corner is a ring of its own; bridges are rings of two
    corners, and left out. A ring within an odd number of larger ones is a hole.
    """
    if len(set(ring)) == len(ring):
        return [[ring]] if len(ring) > 2 else []
    loops = _loops(ring)
    if len(loops) < 2:
        return [[loop] for loop in loops]
    areas = [shapely.Polygon(loop) for loop in loops]
    sizes = np.array([area.area for area in areas])
    insides = shapely.point_on_surface(areas)
    around: list[list[int]] = [[] for _ in loops]
    for point, area in zip(*shapely.STRtree(areas).query(insides, "within"), strict=True):
        if sizes[area] > sizes[point]:
            around[point].append(int(area))
    parts: dict[int, list[Ring]] = {
        at: [loop] for at, loop in enumerate(loops) if len(around[at]) % 2 == 0
    }
    for at, loop in enumerate(loops):
        if len(around[at]) % 2:
            # Of rings that cross, the one around it may be a hole of another.
            outer = [one for one in around[at] if one in parts]
            parts.setdefault(min(outer or [at], key=lambda one: sizes[one]), []).append(loop)
    return list(parts.values())


def _loops(ring: Ring) -> list[Ring]:
    """Return the rings between visits to the same corner, in the order of their beginnings."""
    loops: list[tuple[int, Ring]] = []
    walked: list[XY] = []
    # Of each corner on the way: its place there, and in the whole.
    places: dict[XY, tuple[int, int]] = {}
    for number, corner in enumerate(ring):
        if corner in places:
            at, begun = places[corner]
            loops.append((begun, walked[at:]))
            for one in walked[at + 1 :]:
                del places[one]
            del walked[at + 1 :]
        else:
            places[corner] = len(walked), number
            walked.append(corner)
    loops.append((0, walked))
    return [loop for _, loop in sorted(loops) if len(loop) > 2]
