"""How alike labels are, from 0 to 1, whatever they are drawn with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.line_likeness import line_similarity, object_keypoint_similarity
from labelwidgets.algorithms.span_overlaps import Tube, interval_ious, tube_iou
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
)
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.workflow.regions import AREAS, Region, areas, region_of, shared_areas, visible

Matrix: TypeAlias = npt.NDArray[np.float64]
SizeOf: TypeAlias = Callable[[str], tuple[float, float]]
"""Returns width and height of a picture, by its item."""

FAMILIES = {
    **dict.fromkeys(("rectangle", "ellipse", "polygon", "mask"), "area"),
    **dict.fromkeys(("point", "keypoints"), "joints"),
    "polyline": "line",
    "cuboid": "cuboid",
    "volumemask": "volume",
    "track": "track",
    "interval": "interval",
    "tag": "tag",
}
"""What can be compared with what."""

# A tag of another class says something else of the same picture: as alike as that.
OTHER_TAG = 0.5


class Measure(NamedTuple):
    """What of two labels is compared, and how strictly.

    Parameters
    ----------
    oks_sigma
        See `object_keypoint_similarity`.
    line_thickness
        See `line_similarity`.
    panoptic
        Of polygons and masks compare what is seen, later ones on top of earlier ones.
    """

    oks_sigma: float = 0.09
    line_thickness: float = 0.01
    panoptic: bool = True


DEFAULT = Measure()


def family_of(label: Annotation) -> str:
    """Return what a label may be compared with: labels of the same family."""
    if label.class_name is None:
        return "image"
    return FAMILIES[label.geometry.type]


def similarities(
    first: Sequence[Annotation],
    second: Sequence[Annotation],
    measure: Measure = DEFAULT,
    size_of: SizeOf | None = None,
    stop: int | None = None,
) -> Matrix:
    """Return how alike each of N labels is to each of M others.

    All are of one item, one frame and one family (see `family_of`).

    Parameters
    ----------
    first, second
        In the order in which they are drawn.
    measure
        How they are compared.
    size_of
        For points and lines, which have no size of their own; without it the picture is taken to
        reach as far as its labels.
    stop
        How many frames the video has; without it, it ends with the last keyframe of all.

    Returns
    -------
    ndarray
        (N, M) from 0 to 1: the intersection over union of areas, volumes and intervals of
        frames, of tracks over the upright boxes of all frames together; the similarity of
        joints and lines; of tags whether the class is the same.
    """
    if not first or not second:
        return np.zeros((len(first), len(second)))
    family = family_of(first[0])
    if family in ("area", "cuboid", "volume"):
        return _overlaps(first, second, measure)
    if family == "tag":
        alike = [[a.class_name == b.class_name for b in second] for a in first]
        return np.where(np.array(alike), 1.0, OTHER_TAG)
    if family == "image":
        return np.ones((len(first), len(second)))
    shapes = [[a.geometry for a in first], [b.geometry for b in second]]
    if family == "track":
        return _tubes(first, second, stop)
    if family == "interval":
        return _intervals(*shapes)
    extent = picture_area([*first, *second], size_of)
    if family == "line":
        return np.array(
            [[max(directions(a, b, extent, measure)) for b in shapes[1]] for a in shapes[0]]
        )
    return np.array([[_joints(a, b, extent, measure) for b in shapes[1]] for a in shapes[0]])


def directions(
    first: Geometry, second: Geometry, area: float, measure: Measure = DEFAULT
) -> tuple[float, float]:
    """Return how alike two polylines are as drawn, and with one turned round."""
    one, other = cast("Polyline", first), cast("Polyline", second)
    return line_similarity(one.points, other.points, area, measure.line_thickness)


def picture_area(labels: Sequence[Annotation], size_of: SizeOf | None) -> float:
    """Return the area of the picture that labels are on, in square pixels; see `similarities`."""
    if size_of is not None:
        width, height = size_of(labels[0].item_id)
        return float(width * height)
    boxes = [box for box in (one.geometry.bounds for one in labels) if box is not None]
    right = max((box[0] + box[2] for box in boxes), default=1.0)
    bottom = max((box[1] + box[3] for box in boxes), default=1.0)
    return max(right, 1.0) * max(bottom, 1.0)


def regions_of(labels: Sequence[Annotation], panoptic: bool = False) -> list[Region]:
    """Return the areas of labels; with `panoptic`, of polygons and masks what is seen of them."""
    regions = [region_of(one.geometry) for one in labels]
    if not panoptic:
        return regions
    filled = [i for i, one in enumerate(labels) if isinstance(one.geometry, Polygon | Mask)]
    seen = visible([regions[i] for i in filled])
    for i, part, size in zip(filled, seen, areas(seen), strict=True):
        # Of what lies under others altogether, all there is to compare is the whole.
        if size > 0:
            regions[i] = part
    return regions


def has_area(label: Annotation) -> bool:
    """Say whether a label covers part of its picture."""
    return isinstance(label.geometry, AREAS)


def _overlaps(
    first: Sequence[Annotation], second: Sequence[Annotation], measure: Measure
) -> Matrix:
    one = regions_of(first, measure.panoptic)
    other = regions_of(second, measure.panoptic)
    shared = shared_areas(one, other)
    union = areas(one)[:, None] + areas(other)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0).clip(0, 1)


def last_frame(labels: Iterable[Annotation]) -> int:
    """Return the last frame that tracks have a keyframe on; -1 without tracks."""
    tracks = [one.geometry for one in labels if isinstance(one.geometry, Track)]
    return max((max(one.keyframes) for one in tracks), default=-1)


def _tubes(first: Sequence[Annotation], second: Sequence[Annotation], end: int | None) -> Matrix:
    stop = last_frame((*first, *second)) + 1 if end is None else end
    seen = [[_boxes(one.geometry, stop) for one in some] for some in (first, second)]
    return np.array([[tube_iou(a, b) for b in seen[1]] for a in seen[0]])


def _boxes(geometry: Geometry, stop: int) -> Tube:
    return cast("Track", geometry).boxes(stop)


def _intervals(first: Sequence[Geometry], second: Sequence[Geometry]) -> Matrix:
    (a, b), (c, d) = (
        np.array([(it.first, it.last) for it in cast("Sequence[Interval]", some)]).T
        for some in (first, second)
    )
    return interval_ious(a[:, None], b[:, None], c, d)


def _joints(first: Geometry, second: Geometry, extent: float, measure: Measure) -> float:
    one, other = _as_joints(first), _as_joints(second)
    if len(one) != len(other):
        return 0.0
    area = extent
    if len(one) > 1:
        # COCO's evaluation takes the area of the object; of a skeleton alone that is its box.
        sizes = np.array([shape.bounds for shape in (first, second)])[:, 2:]
        area = float(sizes.mean(axis=0).prod()) or extent
    return object_keypoint_similarity(one, other, area, measure.oks_sigma)


def _as_joints(geometry: Geometry) -> list[tuple[float, float, int]]:
    if isinstance(geometry, Point):
        return [(geometry.x, geometry.y, 2)]
    return cast("Keypoints", geometry).points
