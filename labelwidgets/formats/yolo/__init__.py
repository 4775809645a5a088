"""YOLO, read and written as Ultralytics has it, and read as Darknet and its relatives have it.

A row of ``labels/.../<picture>.txt`` is an object: the number of its class from 0, and coordinates
from 0 to 1, parts of the width and height of its picture, x right and y down from the outer corner
of the first pixel. A picture without a file, or with an empty one, has no objects.

=====================  ===========================================================================
``yolo``               detect: ``class x y width height``, x and y of the *centre* of the box
``yolo_segment``       segment: ``class x1 y1 x2 y2 ...``, the corners of one polygon
``yolo_pose``          pose: a box, then ``x y`` or ``x y visibility`` of each joint (``kpt_shape``)
``yolo_obb``           oriented boxes: ``class x1 y1 ... x4 y4``, the corners one after the other
=====================  ===========================================================================

Reading takes a folder, a ``.zip``, or the ``data.yaml`` or ``obj.data`` in a folder, and finds the
kind: by ``kpt_shape``, else by the rows (nine numbers in each of them are oriented boxes), unless
``task`` says it. What predictions have in a last column is their confidence. Paths of ``data.yaml``
are looked for within the folder, never outside of it, so that those of another machine do.
Boxes that leave the picture are cut at its edge, which is said. Rows that are there twice are two
objects, of which Ultralytics trains on one.

========================  ========================================================================
Ultralytics, Roboflow     ``data.yaml``; ``labels`` in place of ``images`` in the path of a picture
Darknet, CVAT, Datumaro   ``obj.data``, ``obj.names``, ``train.txt``; rows beside the pictures
labelImg, Label Studio    ``classes.txt``
DOTA                      ``labelTxt``: corners in pixels, the name of the class, difficulty
========================  ========================================================================

Sizes are those of items, else of the pictures that lie there, of which only headers are read.

Writing makes ``data.yaml``, ``labels``, and a list of pictures for each part of the set; the
pictures themselves belong into ``images``. ``layout="darknet"`` has ``obj.data`` instead. Ten
digits bring pixels back to a thousandth. Holes and several parts of a polygon are bridged to one
ring, as Ultralytics does it, and come back apart. A box of a pose is that which it came with while
all joints are in it, else that of the joints.

Sources: docs.ultralytics.com/datasets; Ultralytics' ``verify_image_label`` and ``save_txt``;
Darknet's ``yolo_mark``; DOTA (Xia et al., 2018).
"""

from labelwidgets.formats.yolo.kinds import HOLDS as _HOLDS
from labelwidgets.formats.yolo.layout import kind_of
from labelwidgets.formats.yolo.reading import read, sniff, sniff_files
from labelwidgets.formats.yolo.writing import write

HOLDS = _HOLDS["detect"]

__all__ = ["HOLDS", "kind_of", "read", "sniff", "sniff_files", "write"]
