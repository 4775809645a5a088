"""Microsoft's VoTT 2: the export as JSON, the files of its projects, and the export as CSV, read.

Regions are boxes (``RECTANGLE``, ``SQUARE``), polygons, lines and points; one with several tags
is several labels. Tags have colours. The format has no answers, confidences or labels of whole
pictures. Turned boxes, ellipses, masks and skeletons are written as outlines and points.

``pictures=True`` copies the pictures into the folder of the file.

Source: VoTT's ``models/applicationState.ts`` and its exporters.
"""

from labelwidgets.formats.vott.reading import read, sniff, sniff_files
from labelwidgets.formats.vott.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
