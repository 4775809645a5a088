"""NIfTI-1 label maps (nifti.nimh.nih.gov), written with nibabel and read.

A voxel has the number of its class, from 1 in the order of the ontology; 0 is none. The affine
leads from voxels to millimetres to the right, front and head (RAS), where DICOM's lead to the
left, back and head (LPS).

``<title>.nii.gz``
    All classes of a scan. Where several overlap, the one that comes later in the ontology is
    kept, and a `FormatWarning` says in how many voxels (``strict=True``: an error).
``<title>/<class>.nii.gz``
    With ``split=True``: a file a class, of 0 and 1, which may overlap.

Names and colours of the classes are in an extension of the header, which other tools pass over.
Files of other tools are read as well: numbers become the classes of `classes`, else those of the
ontology in its order, and the file belongs to the scan whose voxels its voxels are; axes may be
turned and mirrored.
"""

from labelwidgets.formats.nifti.reading import read, sniff
from labelwidgets.formats.nifti.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
