"""Masks as pictures, read and written: a PNG for each picture, in which a pixel says what it is of.

Written into a folder or a ``.zip``: ``<folder>/<picture>.png`` in the folders of the dataset (of
videos and scans ``<item>/frame_000012.png`` and ``<item>/slice_0007.png``) and one
``legend.json``, which says what is what::

    {"#c76e2a": "car # 5"}      with kind="color": a colour, its class and which object (GT Studio)
    {"7": "car # 5"}            with kind="indexed" or "grey": a number
    {"#0072b2": "road"}         with by="classes": the class alone

========================  ========================================================================
``kind="color"``          red, green and blue; the first object of a class has its colour
``kind="indexed"``        a palette with those colours, at most 255 numbers
``kind="grey"``           shades are numbers: 8 bits, or 16 (in all pictures) beyond 255
``by="instances"``        an object a number; of a class without instances all that there is
``by="classes"``          a class a number: objects of a class lie in one mask, which is said
========================  ========================================================================

Number 0, or black, is none. Labels are painted in their order, later ones above: what is covered
so is counted in the warning, as are shapes that come back as masks. An object of a video or scan
has the same number on all of its frames.

Read are all PNG files of a folder or ``.zip``, indexed (1 to 8 bits), grey (1 to 16 bits) or in
colour, each with the legend in its own folder or the next one above: ``legend.json``, or as a
table ``legend.csv``, ``class_dict.csv`` (``name,r,g,b``, as of CamVid), ``legend.txt``,
``label_colors.txt`` (``r g b name``) or ``labelmap.txt`` (``name:r,g,b::``, as CVAT has it);
without any, numbers and colours are those of the ontology. A number becomes a mask, ``# 5`` a
parameter of its origin, by which it is written again. What a legend calls background, void or
unlabelled is none where its number is 0 or it is black.

``pictures=True`` copies the pictures into ``images``, and the masks are in
``masks``.

Source: GT Studio's documentation, "Base type - Segmentation"; Brostow et al. (2009), CamVid.
"""

from labelwidgets.formats.masks.reading import read, sniff, sniff_files
from labelwidgets.formats.masks.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
