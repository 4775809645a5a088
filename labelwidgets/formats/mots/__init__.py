"""MOTS: tracks of masks, as text or as pictures (KITTI MOTS, MOTSChallenge).

``<sequence>.txt``
    A row an object and frame: ``frame id class height width code``, with spaces between them; the
    code is COCO's run-length string.
``<sequence>/000000.png``
    A picture of 16 bits a frame, in which a pixel is the id of its object; 0 is none.

An id is 1000 times the class and the number of the object. Masks of a frame do not overlap: in
writing, the label that comes first keeps the pixels, and it is said how many others lost.
Id 10000 is what is to be ignored; it becomes masks of the class ``ignore``, one a frame,
and is written for that class.

Frames count from 0 as KITTI's do, or from 1 (``first_frame=1``) as those of MOTSChallenge.
Datumaro writes pictures from 1 into ``instances``, with ``labels.txt`` that names classes from 1,
which is what they are told by. Classes are 1 ``car`` and 2 ``pedestrian`` without an ontology,
else those of the ontology in their order from 1, if they are not told.

Reading makes one track of an id: outside where it has no row, and keyframes where its mask is not
that of the frame before or after. A path is a ``.txt``, a folder or a zip.

Source: Voigtlaender et al. (2019), "MOTS: Multi-Object Tracking and Segmentation", and its tools.
"""

from labelwidgets.formats.mots.reading import read, sniff, sniff_files
from labelwidgets.formats.mots.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
