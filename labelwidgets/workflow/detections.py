"""Labels as COCO's evaluation compares them: boxes, masks or joints, with an area and a score.

Coordinates are in pixels of the full-resolution image, x right and y down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.keypoint_detection import detection_similarities
from labelwidgets.algorithms.keypoint_similarity import COCO_SIGMAS
from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Polygon,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.told_shapes import is_as_read
from labelwidgets.workflow.areas import outline_of
from labelwidgets.workflow.similarity import DEFAULT, SizeOf

IouType: TypeAlias = Literal["bbox", "segm", "keypoints"]
Floats: TypeAlias = NDArray[np.float64]
Box: TypeAlias = tuple[float, float, float, float]

AREAS = (Rectangle, Ellipse, Polygon, Mask, Cuboid)


class Thing(NamedTuple):
    """A label as it is compared.

    Parameters
    ----------
    label
        Which; of a volume mask what it is on one slice.
    score
        How sure it is, from 0 to 1.
    area
        In square pixels.
    box
        x, y, width and height.
    shape
        The box, a run-length code as pycocotools has it, or (K, 3) joints.
    crowd
        Any number of detections may mean it; it need not be found.
    ignored
        It need not be found.
    """

    label: Annotation
    score: float
    area: float
    box: Box
    shape: Any
    crowd: bool
    ignored: bool


def on_pictures(labels: Iterable[Annotation]) -> Iterator[Annotation]:
    """Yield labels with volume masks as a mask for each of their slices."""
    for made in labels:
        if isinstance(made.geometry, VolumeMask):
            for at, rle in made.geometry.slices.items():
                mask = Mask(rle)
                if mask.area:
                    yield msgspec.structs.replace(made, geometry=mask, frame=at)
        else:
            yield made


def reason_against(label: Annotation, iou_type: IouType) -> str | None:
    """Return why a label is not compared, None where it is."""
    shape = label.geometry
    if isinstance(shape, Tag):
        return "is about the whole image"
    if shape.type == "track":
        return "goes through a video: see lw.quality, which has HOTA and IDF1"
    if iou_type == "keypoints":
        return None if isinstance(shape, Keypoints) else "has no joints"
    if isinstance(shape, AREAS):
        return None
    if iou_type == "bbox" and isinstance(shape, Keypoints):
        return None
    return "has no area"


def spares(label: Annotation) -> bool:
    """Say whether a label without joints is an object that need not be found, if it is true.

    In COCO's files persons whose joints nobody labelled are such: what is found within their box
    is neither right nor wrong.
    """
    return isinstance(label.geometry, AREAS)


def picture_size(labels: Sequence[Annotation], size_of: SizeOf | None) -> tuple[int, int]:
    """Return (height, width) of the picture that labels are on.

    Without `size_of` it is that of a mask on it, else it reaches as far as its labels.
    """
    for made in labels:
        if isinstance(made.geometry, Mask):
            height, width = made.geometry.rle.size
            return height, width
    if size_of is not None and labels:
        width, height = (int(side) for side in size_of(labels[0].item_id))
        return height, width
    boxes = [made.geometry.bounds for made in labels if made.geometry.bounds]
    right = max((box[0] + box[2] for box in boxes), default=1.0)
    bottom = max((box[1] + box[3] for box in boxes), default=1.0)
    return max(1, int(np.ceil(bottom))), max(1, int(np.ceil(right)))


def thing_of(
    label: Annotation,
    iou_type: IouType,
    size: tuple[int, int],
    truth: bool,
    crowd: bool = False,
) -> Thing:
    """Return a label as it is compared.

    Parameters
    ----------
    label
        Where its origin has them of a file, ``area``, ``bbox`` and ``iscrowd`` of an object count.
    iou_type
        ``bbox``, ``segm`` or ``keypoints``.
    size
        (height, width) of its picture.
    truth
        Whether it is an object; else it is a detection.
    crowd
        Whether it is a crowd, whatever its origin says.
    """
    said: Mapping[str, Any] = label.origin.parameters if truth else {}
    # Of an object that was changed since, they are of what it was.
    measured: Mapping[str, Any] = said if said and is_as_read(label) else {}
    box: Box = _box(measured.get("bbox")) or label.geometry.bounds or (0.0, 0.0, 0.0, 0.0)
    shape: Any = box
    area = float(label.geometry.area)
    ignored = False
    if iou_type == "segm":
        from pycocotools import mask as coco

        shape = rle_of(label, size)
        # Of objects COCO takes the area that the file says, which is that of the outline.
        if not truth or not area:
            area = float(coco.area(shape))
    elif iou_type == "keypoints":
        shape = np.array(getattr(label.geometry, "points", []), np.float64).reshape(-1, 3)
        ignored = truth and not (shape[:, 2] > 0).any()
        if truth:
            area = area if len(shape) == 0 and area else box[2] * box[3]
        elif len(shape):
            low, high = shape[:, :2].min(axis=0), shape[:, :2].max(axis=0)
            box = (*low.tolist(), *(high - low).tolist())
            area = box[2] * box[3]
    elif not truth or not area:
        area = box[2] * box[3]
    known = measured.get("area")
    if isinstance(known, int | float) and not isinstance(known, bool):
        area = float(known)
    many = crowd or said.get("iscrowd") in (1, True)
    score = 1.0 if label.confidence is None else label.confidence
    return Thing(label, score, area, box, shape, many, many or ignored)


def rle_of(label: Annotation, size: tuple[int, int]) -> dict[str, Any]:
    """Return the pixels of a label as pycocotools has them, in a picture of (height, width).

    Outlines are filled as pycocotools fills them; those with holes by the centres of pixels.
    """
    from pycocotools import mask as coco

    shape = label.geometry
    if isinstance(shape, Mask):
        return shape.rle.to_coco()
    parts = outline_of(shape)
    if any(len(part) > 1 for part in parts):
        return encode_rle(polygon_to_mask(parts, size))
    flat = [[float(value) for point in outer for value in point] for (outer,) in parts]
    made: dict[str, Any] = coco.merge(coco.frPyObjects(flat, *size))
    return made


def overlaps(
    detections: Sequence[Thing],
    objects: Sequence[Thing],
    iou_type: IouType,
    sigmas: Floats | None = None,
) -> Floats:
    """Return how far each of D detections overlaps each of G objects of one picture, (D, G).

    Of a crowd it is the share of the detection that lies in it.
    """
    found = np.zeros((len(detections), len(objects)))
    if not found.size:
        return found
    if iou_type != "keypoints":
        from pycocotools import mask as coco

        shapes: list[Any] = [[one.shape for one in some] for some in (detections, objects)]
        if iou_type == "bbox":
            shapes = [np.array(some, np.float64).reshape(-1, 4) for some in shapes]
        made: Floats = coco.iou(*shapes, [int(one.crowd) for one in objects])
        # Of pictures of two sizes pycocotools says -1.
        return np.maximum(made, 0.0)
    for count in {len(one.shape) for one in detections}:
        rows = [i for i, one in enumerate(detections) if len(one.shape) == count]
        # Of objects without joints the boxes are compared, with joints of any number.
        columns = [j for j, one in enumerate(objects) if len(one.shape) in (count, 0)]
        if not columns or not count:
            continue
        some = [objects[j] for j in columns]
        found[np.ix_(rows, columns)] = detection_similarities(
            np.stack([detections[i].shape for i in rows]),
            np.stack([one.shape if len(one.shape) else np.zeros((count, 3)) for one in some]),
            [one.area for one in some],
            [one.box for one in some],
            _sigmas(count, sigmas),
        )
    return found


def _sigmas(count: int, given: Floats | None) -> Any:
    if given is not None and given.shape in ((), (count,)):
        return given
    return COCO_SIGMAS if count == len(COCO_SIGMAS) else DEFAULT.oks_sigma


def _box(given: Any) -> Box | None:
    numbers = isinstance(given, list | tuple) and len(given) == 4
    if not numbers or not all(isinstance(value, int | float) for value in given):
        return None
    x, y, width, height = (float(value) for value in given)
    return x, y, width, height
