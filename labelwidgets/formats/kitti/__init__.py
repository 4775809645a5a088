"""KITTI's labels of objects, read and written: a text a picture, and a row an object.

``type truncated occluded alpha left top right bottom height width length x y z rotation_y``, with
blanks between them, and of results a ``score`` at the end. ``kitti_tracking`` has a text a video,
whose rows begin with ``frame track_id``, both from 0.

Boxes are in pixels that count from 0, and the benchmark measures them from left to right without
adding one: they are taken as edges, as CVAT and Datumaro take them. ``truncated`` (0 to 1) and
``occluded`` (0 visible, 1 partly, 2 largely, 3 unknown) are answers where the class has such
questions, else parameters of the origin, as is what lies in space: ``alpha``, ``dimensions``
(height, width, length in metres), ``location`` and ``rotation_y`` in the coordinates of the camera.
From there they are written again; what nobody knows of a box is written as KITTI does (-10, -1,
-1000), truncated and occluded as 0. ``DontCare`` is a class like any other.

A score from 0 to 1 is the confidence, others are a parameter. Blanks in the names of classes are
written as ``_``, by which the classes of a project are found again.

A path is a ``.txt``, a folder or a ``.zip``; pictures lie in ``image_2`` beside ``label_2``. The
folder above says the part of the set: ``training``, ``testing``, or any other name.

In reading tracks, those of an id become one, outside where it has no row; rows without an object
(-1) are shapes of their frames, and so are shapes of one frame written. Parameters have what lies
in space by frame.

Source: Geiger et al. (2012), "Are we ready for autonomous driving?", and the readme of its devkit.
"""

from labelwidgets.formats.kitti.reading import read, sniff, sniff_files
from labelwidgets.formats.kitti.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
