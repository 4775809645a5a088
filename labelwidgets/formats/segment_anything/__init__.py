"""Masks of Segment Anything (SA-1B): a JSON file for each picture, with run-length codes.

Each file is ``{"image": {"image_id", "width", "height", "file_name"}, "annotations": [{"id",
"segmentation", "bbox", "area", "predicted_iou", "stability_score", "crop_box",
"point_coords"}]}``. ``predicted_iou`` is the confidence. Masks have no classes there: pass the one
that they are to be of. An object ``labelwidgets``, which others pass over, has class, id, author,
origin and answers. What else an annotation says is in the parameters of its origin, and is
written from there.

``pictures=True`` copies the pictures beside their files.

Source: Meta AI, "SA-1B Dataset", and ``segment_anything`` (``SamAutomaticMaskGenerator``).
"""

from labelwidgets.formats.segment_anything.reading import read, sniff, sniff_files
from labelwidgets.formats.segment_anything.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
