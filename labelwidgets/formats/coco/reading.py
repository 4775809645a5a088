"""From a COCO file to annotations."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.detections import Known, file_of
from labelwidgets.formats.coco.places import Places
from labelwidgets.formats.coco.reader import Reader
from labelwidgets.formats.coco.several import Doubles, Part, check_one_file, read_each
from labelwidgets.formats.coco.whole_documents import text_of
from labelwidgets.formats.folders import several_at
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
    files: str = "*",
) -> Imported:
    """Read COCO instances or keypoints: see `labelwidgets.formats.read`.

    An image is matched to an item by what a file of ours says, else by URL,
    by path (the longest end of it that fits), by file name, or by id. Of each
    annotation the shape that says most is taken: labelled joints if its class
    has a skeleton, else the segmentation, else the box. ``iscrowd``, the id
    and ``attributes`` that are not in the ontology are kept as parameters of
    the origin; a ``score`` is the confidence.

    Parameters
    ----------
    path
        A file, or a folder or zip with some, which are read as one.
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
    files
        Of a folder or zip: a pattern of the names of the files that are read, such as
        ``instances_*`` or ``train/*.json``.

    Raises
    ------
    FormatError
        Naming the file, the record and the field; also if not one of the
        images is an item of the dataset (unless `errors` is ``collect``); or if files of a
        folder have the same objects.
    """
    known = Known(ground_truth, images, categories)
    source = several_at(job.path, **job.storage_options)
    doubles = Doubles(source, max_bytes) if source is not None else None
    ids: set[str] = set()

    def read_one(data: bytes, shown: str, part: Part | None) -> Imported:
        text = text_of(data, shown)
        file = file_of(text, shown, known, job.items, job.ontology, **job.storage_options)
        problems = Problems(shown, job.collect)
        places = Places(file, problems, job.items, job.clips, first_frame, part)
        if doubles is not None and part is not None:
            doubles.look(part, places)
        made = Reader(file, problems, places, job.ontology, tolerance)
        made.ids = ids
        made.read_all()
        return made.result()

    with no_collecting():
        if source is None:
            check_one_file(files, job.shown)
            return read_one(job.bytes(max_bytes), job.shown, None)
        whole, each = read_each(
            source,
            files,
            lambda part: read_one(source.read(part.name, max_bytes), part.shown, part),
            job.collect,
        )
        return replace(whole, annotations=[one for found in each for one in found.annotations])
