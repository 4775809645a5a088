"""Boxes of Apple's Create ML, read and written: a JSON list of pictures.

Each picture is ``{"image": name, "annotations": [{"label", "coordinates": {"x", "y", "width",
"height"}}]}``; older files say ``imagefilename`` and ``annotation``. Coordinates are pixels from
the top left corner, and ``x``, ``y`` the *centre* of the box. The format has no class list, no
sizes and no other shapes: outlines and masks are written as the box around them, which is said.

A folder or zip of several files is read as one, such as ``train/_annotations.createml.json`` and
``valid/_annotations.createml.json``, each beside its pictures.

``pictures=True`` copies the pictures into the folder of the file.

Source: Apple, "Building an object detector data source".
"""

from labelwidgets.formats.createml.reading import read, sniff, sniff_files
from labelwidgets.formats.createml.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
