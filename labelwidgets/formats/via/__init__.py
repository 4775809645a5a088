"""VGG Image Annotator: project JSON, annotation JSON and CSV of 1 and 2, and projects of 3, read.

``rect``, ``circle``, ``ellipse`` (``theta`` in radians), ``polygon``, ``polyline`` and ``point``
are ours. VIA has no classes: the class is the region attribute ``class``, ``label``, ``name``,
``type`` or ``category``, or the only one that there is (`class_attribute` says which). The other
region attributes are answers, ``score`` is the confidence; file attributes are answers about the
picture, the one that is called as that of the class is its tags. Several options at once
(``{"a": true, "b": true}``) are a list.

Pictures have their names and, in VIA, no sizes. Turned boxes, other masks and skeletons are
written as outlines and points.

Projects of VIA 3 are the format ``via3`` (`labelwidgets.formats.via.projects`), and are read
here, too. Written is VIA 2.

``pictures=True`` copies the pictures into the folder of the project.

Source: VIA's ``via.js`` and its page on the format of annotations.
"""

from labelwidgets.formats.via.reading import read, sniff, sniff_files
from labelwidgets.formats.via.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
