"""How alike two labels are, whatever they were drawn with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.errors import SchemaError
from labelwidgets.workflow.shape_overlaps import (
    Labels,
    area_ious_of,
    boundary_ious,
    interval_ious,
    line_ious_of,
    same_statements,
    skeleton_similarities,
    track_ious,
    volume_ious_of,
)

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

AREA, VOLUME, TRACK, INTERVAL, SKELETON, LINE, TAG = range(7)
FAMILIES: Mapping[str, int] = {
    "rectangle": AREA,
    "ellipse": AREA,
    "polygon": AREA,
    "mask": AREA,
    "cuboid": AREA,
    "volumemask": VOLUME,
    "track": TRACK,
    "interval": INTERVAL,
    "keypoints": SKELETON,
    "polyline": LINE,
    "tag": TAG,
}
"""What can be compared with what, by the type of the geometry. A point has no size to tell what
is near."""

_PLACED = (AREA, VOLUME, TRACK, INTERVAL)
COMPARED: Mapping[str, tuple[int, ...]] = {
    "iou": _PLACED,
    "dice": _PLACED,
    "boundary_iou": (AREA,),
    "oks": (SKELETON,),
    "line_iou": (LINE,),
    "auto": (*_PLACED, SKELETON, LINE, TAG),
}
"""Which families each overlap compares."""

OPTIONS: Mapping[str, Any] = {"sigmas": None, "thickness": 10.0, "dilation": 0.02}
"""What the overlaps can be told: sigmas of joints, thickness of lines in pixels, and the width of a
boundary as a part of the diagonal of the picture."""


_BY_FAMILY: Mapping[int, Callable[[Labels, Indices, Indices, Mapping[str, Any]], Floats]] = {
    AREA: area_ious_of,
    VOLUME: volume_ious_of,
    TRACK: track_ious,
    INTERVAL: interval_ious,
    SKELETON: skeleton_similarities,
    LINE: line_ious_of,
    TAG: same_statements,
}


class Overlaps:
    """One way of telling how alike two labels are.

    Parameters
    ----------
    name
        One of `COMPARED`.
    options
        As in `OPTIONS`; those that are not there are as there.

    Raises
    ------
    SchemaError
        If there is no such overlap or option.
    """

    def __init__(self, name: str, options: Mapping[str, Any] | None = None) -> None:
        if name not in COMPARED:
            raise SchemaError(f"{name!r:.60} is none of {', '.join(COMPARED)}.", where="overlap")
        unknown = sorted(set(options or {}) - set(OPTIONS))
        if unknown:
            raise SchemaError(f"{unknown[0]!r:.60} is no option of overlaps.", where="options")
        self.name = name
        self.options = {**OPTIONS, **(options or {})}

    def families(self, types: pd.Series[Any]) -> Indices:
        """Return the family of each label by the type of its geometry, -1 for what is left out."""
        import pandas as pd

        compared = COMPARED[self.name]
        known = {kind: family for kind, family in FAMILIES.items() if family in compared}
        # Of millions of labels there are a dozen types.
        codes, names = pd.factorize(types)
        found = np.array([*(known.get(str(name), -1) for name in names), -1], np.int64)
        return found[codes]

    def of(self, labels: Labels, family: int, a: Indices, b: Indices) -> Floats:
        """Return how alike each label is to the one beside it, all of one family."""
        if self.name == "boundary_iou":
            return boundary_ious(labels, a, b, self.options)
        return self.scaled(_BY_FAMILY[family](labels, a, b, self.options))

    def scaled(self, values: Floats) -> Floats:
        """Return intersections over unions as what this overlap makes of them."""
        return 2 * values / (1 + values) if self.name == "dice" else values
