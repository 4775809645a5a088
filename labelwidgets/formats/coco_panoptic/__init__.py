"""COCO's panoptic segmentation: a JSON file, and a PNG for each picture in which pixels are ids.

The id of a segment is red + 256 green + 65536 blue; 0 is nothing. ``segments_info`` says which
category each id is of. A category with ``isthing`` 1 is one of objects
(`ObjectClass.instances`), one with 0 is stuff.

A folder or zip has ``panoptic.json`` and the PNGs in ``panoptic/``, as those of COCO have
``annotations/panoptic_train2017.json`` and a folder of the same name. A pixel has one segment:
where labels lie over one another, the later one has it. Answers are written as ``attributes``, the
confidence as ``score``; in an object ``labelwidgets``, which others pass over, are id, author and
origin, the answers about a picture, and the ontology.

``pictures=True`` copies the pictures into ``images``.

Source: cocodataset.org, "Data format", 4; panopticapi.
"""

from labelwidgets.formats.coco_panoptic.reading import read, sniff, sniff_files
from labelwidgets.formats.coco_panoptic.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
