"""Open Images, read and written: tables of boxes, of labels of whole pictures, and of masks.

==========================================  ======================================================
``<set>-annotations-bbox.csv``              a row a box, its edges from 0 to 1 as parts of the
                                            width and height of the picture
``<set>-annotations-human-imagelabels.csv`` a row a class that is on the picture (``Confidence`` 1),
                                            or is certainly not (0): tags
``<set>-annotations-object-segmentation.csv`` a row a mask: a PNG in ``masks/<set>``, whose
                                            pixels that are not 0 are the object
``<set>-images-with-rotation.csv``          all pictures of a set
``class-descriptions.csv``                  what classes are called, by their ids (``/m/01g317``)
==========================================  ======================================================

Tables are told by their columns, so that other names (``oidv6-train-...``) do. ``ImageID`` is the
path of a picture without its suffix. Sizes are those of items, else of pictures that lie there.

``IsOccluded``, ``IsTruncated``, ``IsGroupOf``, ``IsDepiction`` and ``IsInside`` are answers where
the class has such a question, else parameters of the origin (1, or -1 where nobody knows), and so
are ``Source``, ``BoxID`` and ``Clicks``; from there they are written again. Further columns become
parameters. A confidence is what stands there; ``1`` says that a person has seen to it, which is
none, and a tool's is ``1.0``. That of a mask is its ``PredictedIoU``.
The id of a class is its ``code`` of the scheme ``MID``, else what its labels came with, else its
name. Masks of another size than their picture, as Open Images has them, are stretched to it.

Cells that a spreadsheet would take for a formula are written with an apostrophe, and come back
without it. Relations, points and narratives are not read.

Sources: storage.googleapis.com/openimages/web/download_v7.html; Kuznetsova et al. (2020), "The
Open Images Dataset V4"; Benenson et al. (2019), "Large-scale interactive object segmentation".

``pictures=True`` copies the pictures into ``images/train``,
``images/validation`` and so on.
"""

from labelwidgets.formats.open_images.reading import read, sniff, sniff_files
from labelwidgets.formats.open_images.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
