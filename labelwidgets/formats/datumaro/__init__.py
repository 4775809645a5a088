"""Datumaro's own JSON of images and frames of videos: a file for each part, ``train.json``.

====================  =========================================================================
``bbox``              rectangle; turned by the attribute ``rotation``, in degrees clockwise
                      about the centre, as CVAT hands it to Datumaro
``ellipse``           ellipse in the box that its points say, turned likewise
``polygon``           polygon of one ring
``polyline``          polyline
``points``            one is a point, several are keypoints; ``visibility`` is ours
``skeleton``          keypoints of its elements
``cuboid_2d``         cuboid
``mask``              mask in COCO's run-length code
``label``             tag
``caption``           answer to the question ``caption`` about the picture
====================  =========================================================================

``attributes`` are answers, with ``score`` as the confidence; ``attr`` of an item are the answers
about the picture. ``id``, ``group``, ``object_id`` and ``z_order`` that are not 0 or -1, and what
nobody asks for, are in the parameters of the origin, and are written from there. Categories have
colours (``mask``), skeletons (``points``, whose joints count from 1 as in COCO; in files that have
a joint 0, from 0) and the names of attributes, which become questions.

Polygons with holes or of several parts are written as masks. Point clouds are not read.

``pictures=True`` copies the pictures into ``images/SUBSET``.

Source: Datumaro's ``plugins/data_formats/datumaro``.
"""

from labelwidgets.formats.datumaro.reading import read, sniff, sniff_files
from labelwidgets.formats.datumaro.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
