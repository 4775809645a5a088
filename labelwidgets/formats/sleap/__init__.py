"""Poses of SLEAP: ``.slp``, which is HDF5, in and out, and its analysis HDF5 in.

=====================  ====================================================================
skeleton               its name is the class, unless the ontology has one class with these
                       joints; ``Skeleton-0`` is ``animal``
instance               keypoints on a frame; those of a track are one track, with a keyframe
                       a frame, outside where there is none
point                  not there (0) where it is nan, hidden (1) where it is not visible
predicted instance     likewise, with its score as the confidence and the scores of its points
                       in its origin; those that somebody has corrected are not read, which is
                       said
=====================  ====================================================================

Written are labels with joints: a label with a confidence as a predicted instance, others as
instances of people. All videos of the dataset are in the file. What a label is besides, that
SLEAP has no place for (shapes of one frame that have a track, ids of items), is said in the
provenance, which SLEAP passes over.

In files since format 1.1 the centre of the first pixel is (0, 0), in older ones its outer corner
is, as here: half a pixel is added and taken off.

It needs h5py: ``pip install "labelwidgets[sleap]"``. Nothing is unpickled, no other file is
opened by a link, and datasets are read within limits.

Source: Pereira et al. (2022), "SLEAP", its documentation of the format, and sleap-io.
"""

from labelwidgets.formats.sleap.reading import read, sniff
from labelwidgets.formats.sleap.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
