"""How alike the shapes of pairs of labels are, one function for each family of shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms import span_overlaps
from labelwidgets.algorithms.box_overlaps import paired_box_ious
from labelwidgets.algorithms.keypoint_similarity import COCO_SIGMAS, keypoint_similarities
from labelwidgets.algorithms.runs import Runs
from labelwidgets.errors import SchemaError
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.workflow.areas import Areas, box_around, pixels_within, size_of

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
Options: TypeAlias = Mapping[str, Any]

# What CVAT takes for a joint of which nothing is known.
_SIGMA = 0.09


class Labels:
    """The shapes of labels, and what is known of them at once.

    Parameters
    ----------
    annotations
        With the columns geometry and geometry_type, and x, y, width and height where they are
        there.
    """

    def __init__(self, annotations: pd.DataFrame) -> None:
        self.shapes: list[Any] = annotations["geometry"].tolist()
        self.boxes = _boxes(annotations, self.shapes)
        self.areas = Areas(self.shapes)
        # A list is twice as fast as a generator, and there may be millions of them.
        self.upright = np.array(
            [type(shape) is Rectangle and shape.angle == 0 for shape in self.shapes], bool
        )


class SomeLabels(NamedTuple):
    """Shapes and their boxes, (N, 4), on their way to a worker."""

    shapes: list[Any]
    boxes: Floats

    @classmethod
    def of(cls, labels: Labels, rows: Indices) -> SomeLabels:
        """Return some of labels."""
        return cls([labels.shapes[row] for row in rows.tolist()], labels.boxes[rows])

    def labels(self) -> Labels:
        """Return them as overlaps take them."""
        import pandas as pd

        frame = pd.DataFrame(self.boxes, columns=["x", "y", "width", "height"])
        frame["geometry"] = pd.Series(self.shapes, dtype=object)
        return Labels(frame)


def _boxes(annotations: pd.DataFrame, shapes: Sequence[Any]) -> Floats:
    names = ["x", "y", "width", "height"]
    if set(names) <= set(annotations.columns):
        given = annotations[names].to_numpy(np.float64, na_value=np.nan)
        missing = np.flatnonzero(np.isnan(given).any(axis=1))
        if missing.size:
            given = given.copy()
    else:
        given = np.full((len(shapes), 4), np.nan)
        missing = np.arange(len(shapes))
    for label in missing.tolist():
        box = shapes[label].bounds
        given[label] = (0.0, 0.0, 0.0, 0.0) if box is None else box
    return given


def area_ious_of(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return what areas share of what both cover: exactly, or in pixels where one is a mask."""
    del options
    found = np.zeros(a.size, np.float64)
    plain = labels.upright[a] & labels.upright[b]
    ends = labels.boxes.T.copy()
    ends[2:] += ends[:2]
    found[plain] = paired_box_ious(ends[:, a[plain]], ends[:, b[plain]])
    outlines = []
    for pair in np.flatnonzero(~plain).tolist():
        one, other = int(a[pair]), int(b[pair])
        size = size_of(labels.shapes[one], labels.shapes[other])
        if size is None:
            outlines.append(pair)
    by_pixels = ~plain
    by_pixels[outlines] = False
    if outlines:
        found[outlines] = _outline_ious(labels, a[outlines], b[outlines])
    if by_pixels.any():
        found[by_pixels] = _pixel_ious(labels, a[by_pixels], b[by_pixels])
    return found


def _outline_ious(labels: Labels, a: Indices, b: Indices) -> Floats:
    from labelwidgets.algorithms.polygon_overlaps import area_ious

    return area_ious(*(_objects(labels.areas.outline(i) for i in side.tolist()) for side in (a, b)))


def _pixel_ious(labels: Labels, a: Indices, b: Indices) -> Floats:
    from labelwidgets.algorithms.run_overlaps import mask_ious

    number: dict[tuple[int, Any], int] = {}
    masks: list[Runs] = []
    sides: tuple[list[int], list[int]] = ([], [])
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        size = size_of(labels.shapes[one], labels.shapes[other])
        assert size is not None  # noqa: S101 - one of both is a mask
        for side, label in zip(sides, (one, other), strict=True):
            if (label, size) not in number:
                number[label, size] = len(masks)
                masks.append(labels.areas.pixels(label, size))
            side.append(number[label, size])
    return mask_ious(masks, *sides)


def boundary_ious(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return what the boundaries of areas share of what both cover."""
    from labelwidgets.algorithms.boundaries import boundary_iou, boundary_width

    found = np.zeros(a.size, np.float64)
    for pair, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        shapes = labels.shapes[one], labels.shapes[other]
        size = size_of(*shapes)
        box = box_around(shapes)
        if size is None:
            raise SchemaError(
                "needs masks, which know the size of their picture.",
                where="boundary_iou",
                hint="Compare boxes and polygons by 'iou' or 'hd95'.",
            )
        if box is None or 0 in box[2:]:
            continue
        one_mask, its_mask = (pixels_within(shape, box) for shape in shapes)
        found[pair] = boundary_iou(one_mask, its_mask, boundary_width(*size, options["dilation"]))
    return found


def volume_ious_of(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return what masks of voxels share of what both cover."""
    from labelwidgets.algorithms.run_overlaps import volume_ious

    del options
    used = np.unique(np.concatenate((a, b)))
    volumes = [labels.areas.slices(label) for label in used.tolist()]
    return volume_ious(volumes, np.searchsorted(used, a), np.searchsorted(used, b))


def interval_ious(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return what intervals of frames share of what both cover."""
    del options
    shapes = [labels.shapes[label] for label in (*a.tolist(), *b.tolist())]
    spans = np.array([(one.first, one.last) for one in shapes], np.float64)
    one, other = spans.reshape(2, a.size, 2)
    return span_overlaps.interval_ious(one[:, 0], one[:, 1], other[:, 0], other[:, 1])


def skeleton_similarities(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return the object keypoint similarity; the size is the mean of both boxes."""
    found = np.zeros(a.size, np.float64)
    shapes = labels.shapes
    counts = np.array([len(shapes[label].points) for label in a.tolist()])
    others = np.array([len(shapes[label].points) for label in b.tolist()])
    # The joints of two skeletons are not each other's: what differs in number is not alike.
    for count in np.unique(counts[counts == others]).tolist():
        pairs = np.flatnonzero((counts == count) & (others == count))
        mine, its = (
            np.array([shapes[label].points for label in side[pairs].tolist()], np.float64)
            for side in (a, b)
        )
        sizes = labels.boxes[a[pairs], 2:].prod(axis=1) + labels.boxes[b[pairs], 2:].prod(axis=1)
        sigmas = options["sigmas"]
        if sigmas is None:
            sigmas = COCO_SIGMAS if count == len(COCO_SIGMAS) else _SIGMA
        found[pairs] = keypoint_similarities(mine, its, sizes / 2, sigmas)
    return found


def line_ious_of(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return what lines drawn with a thick pen share of what both cover."""
    from labelwidgets.algorithms.polygon_overlaps import area_ious, band_of

    thickness = options["thickness"]
    if not thickness > 0:
        raise SchemaError("must be above 0 pixels.", where="thickness")
    bands = {
        label: band_of(labels.shapes[label].points, thickness)
        for label in np.unique(np.concatenate((a, b))).tolist()
    }
    return area_ious(*(_objects(bands[label] for label in side.tolist()) for side in (a, b)))


def same_statements(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return 1: tags are matched by their class alone."""
    del labels, b, options
    return np.ones(a.size, np.float64)


def track_ious(labels: Labels, a: Indices, b: Indices, options: Options) -> Floats:
    """Return what tracks share, by the boxes on all frames, of what both cover.

    As YouTube-VIS has it for masks: Yang, Fan and Xu, "Video instance segmentation" (ICCV 2019).
    What goes on until the end of the video is compared up to the last keyframe of both.
    """
    del options
    found = np.zeros(a.size, np.float64)
    for pair, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        tracks = labels.shapes[one], labels.shapes[other]
        count = max(max(track.keyframes) for track in tracks) + 1
        found[pair] = span_overlaps.tube_iou(*(track.boxes(count) for track in tracks))
    return found


def _objects(shapes: Iterable[Any]) -> NDArray[Any]:
    listed = list(shapes)
    made = np.empty(len(listed), object)
    made[:] = listed
    return made
