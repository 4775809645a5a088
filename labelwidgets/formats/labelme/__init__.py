"""LabelMe: a JSON beside each picture, as the program of that name has it; the XML of the website.

==========================  ===================================================================
``rectangle``               rectangle, from two opposite corners; with four corners
                            (``rotation``, ``oriented_rectangle``) a turned one
``circle``                  ellipse, from the centre and a point of the circle
``polygon``                 polygon of one ring
``line``, ``linestrip``     polyline
``point``                   point; those with a ``parent`` (ours) are the joints of a skeleton
``points``                  keypoints ``p1``, ``p2``, ...
``mask``                    mask: a PNG in base64 of the pixels from one corner to the other
==========================  ===================================================================

``flags`` of a shape are answers ("yes", "no"), those of the picture answers about it, or, where
the project has no such question, tags. ``group_id``, ``description`` and all that is not known
here is in the parameters of the origin, and is written from there. ``imageData``, the picture
itself, is not read and not written. Other answers are in ``attributes`` and confidences in
``score``, fields that X-AnyLabeling shows and LabelMe keeps.

Turned boxes are written as polygons with their ``angle``; ellipses as polygons, but for circles;
polygons with holes or of several parts as masks.

Of the website's XML polygons, boxes and masks (PNG files in ``Masks``) are read; objects that were
deleted are passed over, which is told. It is not written.

``pictures=True`` copies the pictures beside their files.

Source: LabelMe's ``label_file.py`` and ``shape.py``; the LabelMe annotation tool of MIT.
"""

from labelwidgets.formats.labelme.reading import read, sniff, sniff_files
from labelwidgets.formats.labelme.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
