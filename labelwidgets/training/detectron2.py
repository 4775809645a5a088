"""Training sets as the dicts that Detectron2 trains on.

They are plain dicts, for ``DatasetCatalog.register(name, training.to_detectron2)``, and need no
package; `detectron2_metadata` is what ``MetadataCatalog.get(name).set(...)`` takes.
Format: detectron2.readthedocs.io, "Use Custom Datasets". Its coordinates are ours: from 0 to the
width and height of the picture.
"""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING, Any

from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.formats.mirrored_joints import mirrored
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
    ``iscrowd``, ``segmentation`` (polygons; run-length codes of masks, crowds and polygons with
    holes, which take ``cfg.INPUT.MASK_FORMAT = "bitmask"``) and ``keypoints`` where classes have
    joints. Where some have an area, the segmentation of what has none is empty, and Detectron2
    leaves it out if it trains masks; where none has one, there is no segmentation.

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
    made: list[dict[str, Any]] = []
    areas = False
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
            areas = areas or segmentation is not None
        made.append(
            {
                "file_name": files.path(sample),
                "image_id": index,
                "height": size[1],
                "width": size[0],
                "annotations": annotations,
            }
        )
    if areas:
        # It looks for masks in the first annotation, and then in all of that picture.
        for one in chain.from_iterable(picture["annotations"] for picture in made):
            one.setdefault("segmentation", [])
    return made


def detectron2_metadata(training: TrainingSet) -> dict[str, Any]:
    """Return what Detectron2 knows of a data set: ``MetadataCatalog.get(name).set(**metadata)``.

    ``thing_classes`` and ``thing_colors`` (red, green, blue); where all classes with joints have
    the same, ``keypoint_names``, ``keypoint_flip_map`` (pairs, by names such as left_eye and
    right_eye) and ``keypoint_connection_rules``. Without the map it flips no pictures with joints.
    """
    classes = training.chosen_ontology.classes
    colors = [tuple(bytes.fromhex((made.color or "#000000")[1:])) for made in classes]
    told: dict[str, Any] = {"thing_classes": list(training.classes), "thing_colors": colors}
    skeletons = [made.skeleton for made in classes if made.skeleton is not None]
    if skeletons and all(one == skeletons[0] for one in skeletons):
        joints = skeletons[0].joints
        order = mirrored(joints) or list(range(len(joints)))
        color = next(color for color, made in zip(colors, classes, strict=True) if made.skeleton)
        told["keypoint_names"] = list(joints)
        told["keypoint_flip_map"] = [
            (joints[at], joints[other]) for at, other in enumerate(order) if at < other
        ]
        told["keypoint_connection_rules"] = [
            (joints[first], joints[second], color) for first, second in skeletons[0].edges
        ]
    return told


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
