"""Training sets as the dicts that Detectron2 trains on.

They are plain dicts, for ``DatasetCatalog.register(name, lambda: dicts)``, and need no package.
Format: detectron2.readthedocs.io, "Use Custom Datasets". Its coordinates are ours: from 0 to the
width and height of the picture.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.formats.outlines import outlines_of
from labelwidgets.schema.geometry import Cuboid, Ellipse, Geometry, Mask, Polygon, Rectangle
from labelwidgets.training.picture_files import PictureFiles
from labelwidgets.training.targets import joints_of, objects_of
from labelwidgets.workflow.areas import pixels_within

if TYPE_CHECKING:
    from labelwidgets.training.training_set import TrainingSet

# detectron2.structures.BoxMode.XYXY_ABS, which is a number.
XYXY_ABS = 0


def detectron2_dicts(
    training: TrainingSet, folder: str | os.PathLike[str] | None = None, link: bool = True
) -> list[dict[str, Any]]:
    """Return a dict for each picture.

    It has ``file_name``, ``image_id`` (number of the sample), ``height``, ``width`` and
    ``annotations``, each with ``bbox``, ``bbox_mode`` (XYXY_ABS), ``category_id`` (from 0),
    ``iscrowd``, ``segmentation`` where it has an area (polygons; run-length codes of masks, crowds
    and polygons with holes) and ``keypoints`` where classes have joints.

    Parameters
    ----------
    training
        The training set.
    folder
        Where pictures are put: needed for frames, slices and what Detectron2 cannot reach. None
        names them where they lie.
    link
        Whether those that lie on this machine are linked instead of copied.

    Raises
    ------
    FormatError
        If a frame or a slice has no file, or a mask has another size than its picture.
    SourceError
        If a picture cannot be read or written.
    """
    files = PictureFiles(training.dataset, folder, link)
    made = []
    for index, sample in enumerate(training.samples):
        size = files.size(sample)
        objects = objects_of(sample, size, training.numbers)
        joints = joints_of(objects, training.joints)
        annotations = []
        for place, label in enumerate(objects.labels):
            crowd = int(objects.crowd[place])
            one: dict[str, Any] = {
                "bbox": objects.boxes[place].tolist(),
                "bbox_mode": XYXY_ABS,
                "category_id": int(objects.numbers[place]) - 1,
                "iscrowd": crowd,
            }
            segmentation = _segmentation(label.geometry, size, coded=bool(crowd))
            if segmentation is not None:
                one["segmentation"] = segmentation
            if training.joints:
                one["keypoints"] = joints[place].ravel().tolist()
            annotations.append(one)
        made.append(
            {
                "file_name": files.path(sample),
                "image_id": index,
                "height": size[1],
                "width": size[0],
                "annotations": annotations,
            }
        )
    return made


def _segmentation(shape: Geometry, size: tuple[int, int], coded: bool) -> Any:
    if not isinstance(shape, Rectangle | Ellipse | Polygon | Cuboid | Mask):
        return None
    if isinstance(shape, Mask):
        return shape.rle.to_coco()
    if not coded and not isinstance(shape, Cuboid):
        parts = outlines_of(shape) or []
        if all(len(part) == 1 for part in parts):
            return [[number for point in part[0] for number in point] for part in parts]
    code = encode_rle(pixels_within(shape, (0, 0, *size)))
    counts = code["counts"]
    return {**code, "counts": counts.encode() if isinstance(counts, str) else counts}
