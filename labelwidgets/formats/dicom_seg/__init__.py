"""DICOM Segmentation objects (PS3.3, A.51): written of labels of a scan, and read as labels.

One file a scan. What a label covers are the voxels whose centres lie in it:

=====================  ===========================================================================
volume mask, mask,     voxels of a segment; labels of a class are one segment, or, with
polygon, rectangle,    ``segments="instances"``, each object is one
ellipse
other shapes, answers  left out, with a `FormatWarning` that counts them (``strict=True``: an error)
class                  ``SegmentLabel``, its code, its colour
origin                 ``SegmentAlgorithmType``: by hand MANUAL, by a model AUTOMATIC, else
                       SEMIAUTOMATIC
=====================  ===========================================================================

Binary segments may overlap; those of ``encoding="labelmap"`` (label map segmentation storage)
may not. Each frame refers to the slice that it lies on by object and number of the frame, so that
also scans without a place in space can be segmented, as ultrasound and photographs; where there
is a place, frames have it too.

Read are binary, label map and fractional segments, of any tool: frames are matched to slices by
the objects that they refer to, else by the frame of reference and where they lie. Of fractional
ones the voxels of at least `threshold` are in; how many lie between is said.
"""

from labelwidgets.formats.dicom_seg.reading import read, sniff
from labelwidgets.formats.dicom_seg.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
