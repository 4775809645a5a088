"""Outlines as NVIDIA Clara AIAA has them: by slice, lists of [column, row] of voxels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.assist.reading import MOST_VERTICES
from labelwidgets.assist.results import MOST_SHAPES
from labelwidgets.errors import AssistantError, LabelwidgetsError
from labelwidgets.schema.geometry import Polygon
from labelwidgets.schema.validity import check_geometry

_KEYS = ("polygons", "polys", "poly", "points")


def read_outlines(said: Any, shape: tuple[int, int, int]) -> dict[int, list[Polygon]]:
    """Return outlines by slice, in pixels: the middle of a voxel is half a pixel further.

    Parameters
    ----------
    said
        What a server said.
    shape
        Slices, rows and columns of the scan.

    Raises
    ------
    AssistantError
        If it is anything else, lies elsewhere, or is too much.
    """
    if isinstance(said, Mapping):
        said = next((said[key] for key in _KEYS if key in said), said)
    if not isinstance(said, list) or len(said) > shape[0]:
        raise AssistantError("must be a list of slices, at most those of the scan.", where="slices")
    for index, some in enumerate(said):
        if some is not None and not isinstance(some, list):
            raise AssistantError("must be a list of polygons.", where=f"slice {index}")
    if sum(len(some or ()) for some in said) > MOST_SHAPES:
        raise AssistantError(f"answered with more than {MOST_SHAPES} polygons.")
    made: dict[int, list[Polygon]] = {}
    left = MOST_VERTICES
    for index, some in enumerate(said):
        for at, ring in enumerate(some or ()):
            where = f"slice {index}, polygon {at}"
            try:
                left -= len(ring)
                if left < 0:
                    raise AssistantError(f"answered with more than {MOST_VERTICES} points.")
                if len(ring) < 3:
                    # A point or a line has no area.
                    continue
                polygon = Polygon([[[(float(x) + 0.5, float(y) + 0.5) for x, y in ring]]])
                check_geometry(polygon, (shape[2], shape[1]))
            except LabelwidgetsError as error:
                raise AssistantError(error.message, where=where, hint=error.hint) from None
            except (TypeError, ValueError):
                raise AssistantError("must be a list of [x, y].", where=where) from None
            made.setdefault(index, []).append(polygon)
    return made


def write_outlines(outlines: Mapping[int, list[Polygon]], depth: int) -> list[list[list[Any]]]:
    """Return outlines as a server takes them: the first ring of each, by slice."""
    return [
        [
            [[round(x - 0.5), round(y - 0.5)] for x, y in polygon.parts[0][0]]
            for polygon in outlines.get(index, ())
        ]
        for index in range(depth)
    ]
