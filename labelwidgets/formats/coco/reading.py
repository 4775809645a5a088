"""From a COCO file to annotations."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.detections import Known, file_of
from labelwidgets.formats.coco.places import Places
from labelwidgets.formats.coco.reader import Reader
from labelwidgets.formats.coco.whole_documents import text_of
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.collecting import no_collecting


@reader("coco", "videos")
def read(
    job: Reading,
    *,
    tolerance: float = 0.0,
    first_frame: int = 0,
    max_bytes: int = records.MAX_BYTES,
    ground_truth: str | os.PathLike[str] | None = None,
    images: Mapping[Any, str] | None = None,
    categories: Mapping[Any, str] | None = None,
) -> Imported:
    """Read a COCO instances or keypoints file: see `labelwidgets.formats.read`.

    An image is matched to an item by what a file of ours says, else by URL,
    by path (the longest end of it that fits), by file name, or by id. Of each
    annotation the shape that says most is taken: labelled joints if its class
    has a skeleton, else the segmentation, else the box. ``iscrowd``, the id
    and ``attributes`` that are not in the ontology are kept as parameters of
    the origin; a ``score`` is the confidence.

    Parameters
    ----------
    dataset
        Where frames of videos are counted.
    tolerance
        Of tracks: how far, in pixels, a corner may be from where the file has it, to get by with
        fewer keyframes; 0 is exact.
    first_frame
        What the file calls the first frame of a video, in ``frame_index`` or ``frame_id``.
    max_bytes
        Larger files are refused before they are decoded.
    ground_truth
        Of a list of results: the COCO file that its ids of images and categories are of.
    images, categories
        Of a list of results instead of that: file names or ids of items by the ids of images, and
        names of classes by the ids of categories. Without `images`, an id is the name of a file
        (139 that of ``000000000139.jpg``) or the id of an item.

    Raises
    ------
    FormatError
        Naming the file, the record and the field; also if not one of the
        images is an item of the dataset (unless `errors` is ``collect``).
    """
    with no_collecting():
        data = text_of(job.bytes(max_bytes), job.shown)
        known = Known(ground_truth, images, categories)
        file = file_of(data, job.shown, known, job.items, job.ontology, **job.storage_options)
        problems = Problems(job.shown, job.collect)
        places = Places(file, problems, job.items, job.clips, first_frame)
        made = Reader(file, problems, places, job.ontology, tolerance)
        made.read_all()
        return made.result()
