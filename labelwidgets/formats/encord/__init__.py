"""Labels as Encord exports them: JSON with a row for each picture, group, video or series.

A row has ``data_units`` by their hash, each with ``data_title``, ``data_link``, ``width``,
``height`` and ``labels``: of a picture ``{"objects", "classifications"}``, of a video or series
those by frame. Coordinates are parts of the width and height, from 0 to 1.

==========================  ====================================================================
``boundingBox``             ``x``, ``y`` (top left), ``w``, ``h``
``rotatableBoundingBox``    the same before it is turned, and ``theta`` in degrees, clockwise
                            around its middle
``polygons``                ``[[[x, y, x, y, ...]]]``: parts, each an outer ring and its holes;
                            older files have ``polygon``, one ring of points by number
``polyline``, ``point``     points by number
``skeleton``                joints by number, with ``name`` and ``visibility``
``bitmask``                 ``rleString`` of COCO's letters *row by row*, of a box at ``top``,
                            ``left``
==========================  ====================================================================

An object is the same on all frames that name its ``objectHash``: in videos it becomes a track,
masks through a scan a volume mask, and a label on one frame stays one. Answers are in
``object_answers``, those that change in ``object_actions`` by ranges of frames. A classification
is an answer about the whole picture or frame; one that is called ``class`` is a class of it.
Confidence is 1 of whatever was made by hand. What the project has no question for, and who made
an object when, are parameters of the origin. Objects that are ``isDeleted`` are none.

Source: Encord's documentation, "JSON Format Export", and its published client.
"""

from labelwidgets.formats.encord.reading import read, sniff
from labelwidgets.formats.encord.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
