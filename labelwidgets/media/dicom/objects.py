"""DICOM files that are no pictures: segmentations, contours, plans, reports."""

from __future__ import annotations

from typing import Literal

from labelwidgets.media.dicom.slice_header import SliceHeader

Role = Literal["picture", "object", "unknown"]

# By the modality of their files (PS3.3 C.7.3.1.1.1).
NO_PICTURES = frozenset(
    (
        *("SEG", "RTSTRUCT", "RTPLAN", "RTRECORD", "RTINTENT", "RTRAD", "RTSEGANN", "PLAN"),
        *("SR", "DOC", "KO", "PR", "REG", "FID", "RWV", "SMR", "STAIN", "TEXTUREMAP", "ANN"),
        *("ASMT", "M3D", "AU", "HD", "ECG", "EEG", "EMG", "EPS", "RESP", "POS"),
    )
)
"""What is stored beside scans, and is about them."""
# Segmentation Storage, Label Map Segmentation Storage, Media Storage Directory Storage.
_SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_DIRECTORY = "1.2.840.10008.1.3.10"


def role_of(header: SliceHeader) -> Role:
    """Say whether a file holds a picture, or is an object of another kind.

    ``unknown`` is what has no picture and does not say what it is: a damaged file.
    """
    if header.modality in NO_PICTURES or header.sop_class in (*_SEGMENTATIONS, _DIRECTORY):
        return "object"
    if header.rows > 0 and header.columns > 0 and header.frames >= 0:
        return "picture"
    # A picture whose size is 0 or missing is damaged; whatever has no pixels at all is an object.
    whole = header.sop_class != "" and header.pixel_kind == ""
    return "object" if whole and header.bits_allocated == 0 else "unknown"


def object_kind(header: SliceHeader) -> str:
    """Return what an object is called: its modality, SEG and RTSTRUCT among them."""
    if header.sop_class in _SEGMENTATIONS:
        return "SEG"
    return "DICOMDIR" if header.sop_class == _DIRECTORY else header.modality or "DICOM"
