"""DICOM RT Structure Sets (PS3.3, A.19): contours of labels of a scan, written and read.

One file a scan that lies somewhere; one region of interest (ROI) a class, or with
``regions="instances"`` an object.

=====================  ===========================================================================
volume mask, mask,     ``CLOSED_PLANAR`` contours along the edges of the voxels, so that exactly
polygon, rectangle,    the centres of the voxels that are set lie inside. A part with holes is one
ellipse                contour: a channel without width leads to each hole (the keyhole of PS3.3,
                       C.8.8.6.3)
point, polyline        ``POINT`` and ``OPEN_PLANAR``, in an ROI of their own
other shapes, answers  left out, with a `FormatWarning` that counts them (``strict=True``: an error)
class                  ``ROIName``, its code, its colour
origin                 ``ROIGenerationAlgorithm``: MANUAL, SEMIAUTOMATIC or AUTOMATIC
=====================  ===========================================================================

Contours of others are filled where they lie: a voxel is set if its centre lies in an odd number of
the closed contours of its plane, so that keyholes, ``CLOSEDPLANAR_XOR`` and holes that are
contours of their own all come out. Contours on no slice of a scan of the dataset are listed as
unmatched.
"""

from labelwidgets.formats.rtstruct.reading import read, sniff
from labelwidgets.formats.rtstruct.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
