"""CVAT's XML of videos ("CVAT for video 1.1"): tracks with keyframes.

Coordinates are ours: pixels of the frame, (0, 0) the outer corner of the first one. Frames are
those of the video, from 0. What each shape is:

===============  =============================================================================
``box``          rectangle; ``rotation`` in degrees clockwise about the centre
``ellipse``      ellipse
``polygon``      polygon of one ring
``polyline``     polyline
``points``       one is a point, several are keypoints (``p1``, ``p2``, ...)
``skeleton``     keypoints, in the order of its labels' ``points``; a joint that is ``outside``
                 was not labelled, one that is ``occluded`` is hidden
``cuboid``       cuboid: the front face (left edge, right edge), then the back face
``mask``         mask; its runs go along the rows of its box
===============  =============================================================================

Reading takes keyframes (``keyframe="1"``); shapes in between are taken as well where they are
not what a line between the keyframes says, as they are in polygons and polylines that CVAT
interpolates in its own way (by `tolerance`). ``outside`` and ``occluded`` are ours. Attributes
that are mutable are answers of keyframes, the others of the track. A track of one frame that was
a shape there comes back as one. The ``z_order`` has no place in labels; where it says anything,
that is told.

Writing gives the keyframes, and on request (``frames="all"``) all that lies between them as it is
on the screen, with ``keyframe="0"``. Frames are those of the video, with ``start_frame`` and
``stop_frame``; a ``frame_filter`` of ``step=n`` is understood in reading.

No entities and no document types are read, so that no file grows as it is parsed.

Source: CVAT's documentation, "CVAT for video", and the files that CVAT 2 writes.
"""

from labelwidgets.formats.cvat_video.reading import read, sniff, sniff_files
from labelwidgets.formats.cvat_video.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
