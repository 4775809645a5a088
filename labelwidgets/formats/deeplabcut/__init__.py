"""Poses of DeepLabCut, as CSV: body parts on pictures, of one animal or of several.

::

    scorer,Ana,Ana,Ana,Ana
    bodyparts,snout,snout,tail,tail
    coords,x,y,x,y
    labeled-data/m4s1/img0000.png,21.5,265.4,87.1,152.7

Files of several animals have a line ``individuals`` below the scorer. The path of a picture is in
one column or in three. What a tool predicted has a column ``likelihood`` after ``y``, and often
the number of a frame (from 0) in place of a path; its video is that which the file is called by
(``clipDLC_resnet50...csv``), or `item`.

=====================  ====================================================================
bodyparts              joints: the class is the one of the ontology with these joints, else
                       what an individual is called before its number (``mouse_1``), else
                       ``animal``
empty, ``nan``         the joint is not there (visibility 0)
likelihood             below `cutoff` a joint is hidden (1), else seen (2); the confidence
                       of the label is the mean, all of them are kept in its origin
individuals            ``parameters["individual"]`` of the origin; in predictions on the
                       frames of a video, also what ties the labels of an animal together
=====================  ====================================================================

Writing: a ``.csv`` has all pictures; a folder or a ``.zip`` has
``labeled-data/<video>/CollectedData_<scorer>.csv`` for each folder of pictures and each video.
Frames of videos are called ``labeled-data/<video>/img0012.png``, as DeepLabCut extracts them.
Poses without any joint, and all other shapes, are left out, which is counted.

Coordinates are taken as they are: x right, y down, in pixels of the picture.

``pictures=True`` copies the pictures to where the rows say that
they are, below ``labeled-data``.

Source: Mathis et al. (2018), "DeepLabCut", and the files that DeepLabCut 2 and 3 write.
"""

from labelwidgets.formats.deeplabcut.reading import read, sniff, sniff_files
from labelwidgets.formats.deeplabcut.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
