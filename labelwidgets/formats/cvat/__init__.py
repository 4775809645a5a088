"""CVAT's XML of images ("CVAT for images 1.1"): the shapes on each picture, of tasks and projects.

Coordinates are ours: pixels of the picture, (0, 0) the outer corner of the first one. Shapes are
those of `labelwidgets.formats.cvat_video`, and so are classes and questions:

================  ============================================================================
``box``           rectangle; ``rotation`` in degrees clockwise about the centre
``ellipse``       ellipse
``polygon``       polygon of one ring
``polyline``      polyline
``points``        one is a point, several are keypoints (``p1``, ``p2``, ...); where shapes of a
                  class have different numbers of them, the missing ones are joints not labelled
``skeleton``      keypoints; a joint that is ``outside`` was not labelled, one that is
                  ``occluded`` is hidden
``cuboid``        cuboid: the front face (left edge, right edge), then the back face
``mask``          mask; its runs go along the rows of its box
``tag``           tag
================  ============================================================================

What labels have no field for (``z_order``, ``group_id``, ``source``, ``occluded``, ``subset``,
answers that the project has no questions for) is in the parameters of the origin, and is written
from there. Of a project, pictures are found by ``subset/name``, then by ``name``; of the frames
of a video task, by the name of the video and the number of the frame.

CVAT's polygons have no holes: those that have some, or several parts, are written as masks.

No entities and no document types are read, so that no file grows as it is parsed.

``pictures=True`` copies the pictures into ``images``, as CVAT's own
exports have them.

Source: CVAT's documentation, "CVAT for images", and the files that CVAT 2 writes.
"""

from labelwidgets.formats.cvat.reading import read, sniff, sniff_files
from labelwidgets.formats.cvat.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
