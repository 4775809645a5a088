"""YouTube-VIS (2019 and 2021): videos, and objects with a mask and a box for each frame.

Each video has ``file_names``, one a frame, and each annotation ``segmentations``, ``bboxes`` and
``areas`` of the same length, null where the object is not seen. Both versions are alike in what
is read and written here; run-length codes are written as lists, as both have them.

=====================  ====================================================================
mask, polygon,         run-length codes of the pixels they cover; where another tool reads a
ellipse, rectangle     box alone, it is the exact one
polyline, point,       only in the extension of their video, with a `FormatWarning`
keypoints, cuboid,
interval
=====================  ====================================================================

The extension is an object ``labelwidgets`` that other readers pass over, as in COCO: a track that
no tool has changed comes back as it was. Others become tracks of masks, or of boxes where they
have no masks; an object is outside where it is null.

Frames are those of the list of file names if it is as long as the video; else the numbers in
the names (``00005.jpg``), as the challenge has every fifth frame.

Source: Yang, Fan and Xu (2019), "Video Instance Segmentation", and its evaluation code.
"""

from labelwidgets.formats.youtube_vis.reading import read, sniff
from labelwidgets.formats.youtube_vis.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
