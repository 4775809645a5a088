"""Tracks of MOTChallenge (motchallenge.net), as text: one row an object and frame.

``frame, id, left, top, width, height, confidence, class, visibility``, with commas between them; in
reading, blanks will do. Frames count from 1. So do pixels: the devkit says that all of a row is
1-based, and its left edge of the first pixel is 1, where ours is 0; 1 is taken off in reading and
added in writing.
CVAT and Datumaro write the same files with pixels from 0, and ``labels.txt`` beside them, which is
what they are told by. Anything else is said with ``base=0`` or ``base=1``.

===================  =========================================================================
MOT16, MOT17, MOT20  ``gt/gt.txt`` of nine columns. The seventh is 0 where a box is not to be
                     counted ("ignored"), kept as a parameter of the origin.
MOT15                ``gt/gt.txt`` of ten columns: no class, and a place in the world, which is
                     passed over unless it is -1.
detections           ``det/det.txt``: the id is -1, and each row a shape of its frame alone.
a single file        any of them
===================  =========================================================================

A sequence is a folder with ``gt/gt.txt`` and ``seqinfo.ini``; a path is a file, a sequence, or a
folder or zip with any number of sequences.

Reading makes one track of an id: keyframes only where a straight line does not say the same
(`tolerance`), gaps where there are no rows, and outside after its last row. Visibility below a
half is occluded; all of it is kept where the class has a mutable ``lw.Text("visibility")``.
Boxes that leave the picture are cut at its edge, which is said.

Writing gives a row for each frame on which an object is seen, with the shape of `Track.at`.
Shapes that are no upright boxes are written as their boxes, which is said.

Numbers of classes: as told (`classes`), else as the file says (``labels.txt``, or the section
that files of ours have in ``seqinfo.ini``), else those of MOT17 where there is no ontology or it
has a class ``Pedestrian``, else the classes of the ontology in their order from 1.

Source: Milan et al. (2016), "MOT16: A Benchmark for Multi-Object Tracking", and the devkit.
"""

from labelwidgets.formats.mot.reading import read, sniff, sniff_files
from labelwidgets.formats.mot.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
