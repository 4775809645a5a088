"""COCO instances and keypoints (cocodataset.org), read and written without loss.

COCO's pixels are ours: x right, y down, (0, 0) the outer corner of the first
pixel, boxes as [x, y, width, height] from their corner.

How labels are written:

=================  ====================================================
rectangle          ``bbox``, corners as ``segmentation`` (turned ones too)
polygon            one ring a part as ``segmentation``; with holes, the
                   run-length code of its pixels
ellipse            a polygon within 0.1 pixel of it
mask               run-length code
keypoints          ``keypoints``; ``segmentation`` is a mask without pixels
polyline, point,   COCO has no place for them: only in the extension of
cuboid, tag,       their image, with a `FormatWarning` that counts them
empty mask         (``strict=True``: a `FormatError`)
volume mask        an annotation on each slice that it has pixels on, with one
                   ``labelwidgets.id``; read back they are one object again
answers to image   in the extension of their image
attributes
frames of a video  an image each, ``<video>/frame_000012.png``
slices of a scan   an image each, ``<scan>/slice_0012.png`` with ``slice`` 12, counted
                   from 0 in the order of space; also those without labels
=================  ====================================================

A folder or zip of several files is read as one, such as ``annotations/instances_train.json`` and
``instances_val.json``, or ``train/_annotations.coco.json`` and ``valid/_annotations.coco.json``:
classes go by their names, whatever their ids are in each, and records that are wrong name their
file. Where files have the same objects (``instances_*`` and ``person_keypoints_*``), or lists of
results lie beside them, say which are meant: ``files="instances_*"``. A file of pictures and
categories without annotations (``image_info_*``) gives pictures without labels, with a warning.

Files that are nearly COCO are read, too. Captions are the answer to the question ``caption`` about
their picture, a line each, and are written with ``captions=True``. Of LVIS and TAO,
``neg_category_ids`` and ``not_exhaustive_category_ids`` are in the origin of the first label of a
picture, as names of classes, of pictures without labels in the metadata of `Imported.items` (in a
project in the origin of an answer to no question), and are written again. What else is said of
categories (``supercategory``, ``synset``, ``synonyms``, ``frequency``) is in
`ObjectClass.parameters` and, for classes that a project had before, as ``category`` in the origin
of the first label of each class, and is written again; ``def`` is the description of the class; of
TAO's ``tracks`` it is ``track`` in the origin. Lists of results, which are detections without
images, are read with ``ground_truth``, or ``images`` and ``categories``.

``area`` and ``bbox`` that do not follow from the shape are parameters of the origin. A frame has
them as columns. So is the ``segmentation`` beside joints, which are the shape then. With them the
origin has ``shape``, a digest of the shape that they are of: they are written again as they stood
while the label has that shape, whatever else was changed of it, and not with another one. Of
tracks they are in ``by_frame``, by the numbers of frames.

The extension is an object ``labelwidgets`` that other readers pass over. On
an annotation it holds what COCO has no field for (id, author, origin, track,
state, the exact shape where ``segmentation`` is not), on an image its item,
frame and what could not be an annotation, and at the top the ontology.
Reading it back gives the very same records. What another tool has changed in
COCO's own fields (class, box, polygon, joints, ``attributes``, ``score``)
counts, not the extension.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from labelwidgets.formats.coco.sniffing import sniff, sniff_files

if TYPE_CHECKING:
    from labelwidgets.formats.coco.frame_writing import write_frame
    from labelwidgets.formats.coco.frames import read_frame
    from labelwidgets.formats.coco.reading import read
    from labelwidgets.formats.coco.writing import HOLDS, write

__all__ = ["HOLDS", "read", "read_frame", "sniff", "sniff_files", "write", "write_frame"]

# What is there once it is asked for: who reads a frame needs nothing that writes.
_LATER = {
    "HOLDS": "writing",
    "read": "reading",
    "read_frame": "frames",
    "write": "writing",
    "write_frame": "frame_writing",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(name)
