"""What the shapes of a project measure, as a frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.measuring import (
    PIXELS,
    XY,
    Statistics,
    angle_between,
    ellipse_area,
    ellipse_to_mask,
    path_length,
    statistics,
    two_axes,
)
from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.schema.geometry import (
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Polygon,
    Polyline,
    Rectangle,
    VolumeMask,
)
from labelwidgets.schema.ontology import Ontology
from labelwidgets.workflow.session import Pictures

if TYPE_CHECKING:
    import pandas as pd

Inside = npt.NDArray[np.bool_]

_TEXT = ("id", "task_id", "item_id", "class_name", "kind")
_NUMBERS = (
    *("length_px", "length_mm", "width_px", "width_mm", "angle_deg"),
    *("area_px", "area_mm2", "volume_ml", "mean", "sd", "min", "max"),
)
COLUMNS = (*_TEXT[:4], "frame", "kind", *_NUMBERS[:8], "count", *_NUMBERS[8:], "unit")


class _Scale(NamedTuple):
    """Millimetres of a pixel along x and y, and from slice to slice, and the unit of values."""

    pixel: XY | None
    between: float | None
    unit: str


def measurements(
    annotations: pd.DataFrame,
    items: Mapping[str, Mapping[str, Any]],
    ontology: Ontology,
    pictures: Pictures,
    values: bool = True,
) -> pd.DataFrame:
    """Return one row for each shape that measures something.

    Parameters
    ----------
    annotations
        As `Project.annotations` has them.
    items
        By id: kind and metadata.
    ontology
        Says what a class measures.
    pictures
        Where values come from, and the sizes of voxels.
    values
        Whether values are read.
    """
    import pandas as pd

    scales: dict[str, _Scale] = {}
    slices = _Slices(pictures if values else None)
    rows: list[dict[str, Any]] = []
    for made in annotations.sort_values(["item_id", "frame"], kind="stable").itertuples():
        item = items.get(str(made.item_id))
        if item is None or not isinstance(made.geometry, _MEASURED):
            continue
        if made.item_id not in scales:
            scales[str(made.item_id)] = _scale(str(made.item_id), item, pictures)
        scale = scales[str(made.item_id)]
        kind = _kind(made.geometry, made.class_name, ontology)
        if kind is None:
            continue
        frame = None if made.frame is None or pd.isna(made.frame) else int(made.frame)
        row = {name: getattr(made, name) for name in _TEXT[:4]}
        row |= {"row": made.Index, "frame": frame, "kind": kind, "unit": scale.unit}
        row |= _sizes(made.geometry, kind, scale)
        row |= _values(made.geometry, partial(slices.of, str(made.item_id)), frame)
        rows.append(row)
    rows.sort(key=lambda row: row["row"])
    return _frame(rows)


_MEASURED = (Polyline, Ellipse, Rectangle, Polygon, Keypoints, Mask, VolumeMask)


def _kind(geometry: Geometry, class_name: Any, ontology: Ontology) -> str | None:
    tool = ontology[class_name].tool if class_name in ontology else ""
    if isinstance(geometry, Keypoints):
        return "bidirectional" if tool == "bidirectional" else None
    if isinstance(geometry, Polyline) and tool in ("ruler", "angle"):
        return tool
    return type(geometry).__name__.lower()


def _scale(item_id: str, item: Mapping[str, Any], pictures: Pictures) -> _Scale:
    if item["kind"] in VOLUMES:
        try:
            volume = pictures.volume(item_id)
        except LabelwidgetsError:
            return _Scale(None, None, "")
        spacing = volume.grid.spacing
        if spacing is None:
            return _Scale(None, None, volume.facts.unit)
        return _Scale((spacing[2], spacing[1]), spacing[0], volume.facts.unit)
    given = item["metadata"].get("spacing")
    pair = given if isinstance(given, list | tuple) else [given, given]
    sound = len(pair) == 2 and all(
        isinstance(n, int | float) and math.isfinite(n) and n > 0 for n in pair
    )
    return _Scale((float(pair[0]), float(pair[1])) if sound else None, None, "")


def _sizes(geometry: Geometry, kind: str, scale: _Scale) -> dict[str, float]:
    """Return lengths, angle and area, in pixels and where the scale is known in millimetres."""
    found: dict[str, float] = {}

    def both(name: str, of: Callable[[XY], float], suffix: str = "mm") -> None:
        found[f"{name}_px"] = of(PIXELS)
        if scale.pixel is not None:
            found[f"{name}_{suffix}"] = of(scale.pixel)

    if isinstance(geometry, Polyline):
        line = [(float(x), float(y)) for x, y in geometry.points]
        if kind == "angle":
            found["angle_deg"] = angle_between(line, scale.pixel or PIXELS)
        else:
            both("length", lambda spacing: path_length(line, spacing))
    elif isinstance(geometry, Keypoints):
        ends = [(float(x), float(y)) for x, y, visible in geometry.points if visible]
        both("length", lambda spacing: two_axes(ends, spacing)[0])
        both("width", lambda spacing: two_axes(ends, spacing)[1])
    elif isinstance(geometry, Ellipse):
        rx, ry = geometry.rx, geometry.ry
        both("area", lambda spacing: ellipse_area(rx, ry, spacing), "mm2")
    elif isinstance(geometry, VolumeMask):
        if scale.pixel is not None and scale.between is not None:
            voxel = scale.pixel[0] * scale.pixel[1] * scale.between
            found["volume_ml"] = geometry.area * voxel / 1000
    else:
        area = float(getattr(geometry, "area", math.nan))
        both("area", lambda spacing: area * spacing[0] * spacing[1], "mm2")
    return found


def _values(
    geometry: Geometry, slice_of: Callable[[int], npt.NDArray[Any] | None], frame: int | None
) -> dict[str, Any]:
    """Return the statistics of the values inside; nothing where there are none."""
    if isinstance(geometry, Polyline | Keypoints):
        return {}
    if isinstance(geometry, VolumeMask):
        parts = [_within(Mask(rle), slice_of(at)) for at, rle in sorted(geometry.slices.items())]
    else:
        parts = [_within(geometry, slice_of(frame or 0))]
    if not parts or any(part is None for part in parts):
        return {}
    told: Statistics = statistics(np.concatenate([part for part in parts if part is not None]))
    return {
        "count": told.count,
        "mean": told.mean,
        "sd": told.sd,
        "min": told.least,
        "max": told.most,
    }


def _within(geometry: Geometry, values: npt.NDArray[Any] | None) -> npt.NDArray[np.float64] | None:
    if values is None or values.ndim != 2:
        return None
    shape = (values.shape[0], values.shape[1])
    inside = _pixels(geometry, shape)
    if inside is None or inside.shape != shape:
        return None
    return values[inside].astype(np.float64)


def _pixels(geometry: Geometry, shape: tuple[int, int]) -> Inside | None:
    from labelwidgets.algorithms.masks import decode_rle
    from labelwidgets.algorithms.polygons import polygon_to_mask

    match geometry:
        case Ellipse():
            return ellipse_to_mask(
                geometry.x, geometry.y, geometry.rx, geometry.ry, geometry.angle, shape
            )
        case Mask():
            return decode_rle(geometry.rle.to_coco())
        case Polygon():
            return polygon_to_mask(geometry.parts, shape)
        case Rectangle():
            return polygon_to_mask([[geometry.corners]], shape)
    return None


class _Slices:
    """The values of slices, the last one kept: shapes come slice by slice."""

    def __init__(self, pictures: Pictures | None) -> None:
        self._pictures = pictures
        self._last: tuple[tuple[str, int], npt.NDArray[Any] | None] | None = None

    def of(self, item: str, frame: int) -> npt.NDArray[Any] | None:
        """Return the values of a slice; None where it cannot be read."""
        if self._pictures is None:
            return None
        if self._last is None or self._last[0] != (item, frame):
            try:
                values: npt.NDArray[Any] | None = self._pictures.pixels(item, frame)
            except LabelwidgetsError:
                values = None
            self._last = ((item, frame), values)
        return self._last[1]


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {}
    for name in COLUMNS:
        cells = [row.get(name) for row in rows]
        if name in _NUMBERS:
            numbers = [math.nan if cell is None else cell for cell in cells]
            columns[name] = pd.Series(np.array(numbers, dtype="float64"))
        elif name in ("frame", "count"):
            columns[name] = pd.Series(pd.array(cells, dtype="Int64"))
        else:
            columns[name] = pd.Series(pd.array(cells, dtype="string"))
    return pd.DataFrame(columns)
