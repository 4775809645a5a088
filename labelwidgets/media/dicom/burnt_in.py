"""Pictures whose pixels may carry text about the patient, which no header removes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pydicom

# Screens, photographs and films: often with a name in a corner.
_MODALITIES = {
    "US": "ultrasound",
    "IVUS": "ultrasound",
    "SC": "secondary capture",
    "OT": "of no modality",
    "ES": "endoscopy",
    "XC": "a photograph",
    "GM": "microscopy",
    "DG": "a diaphanograph",
    "RF": "fluoroscopy",
    "XA": "angiography",
    "DOC": "a document",
}
# Secondary Capture Image Storage, and its forms of several frames (PS3.4, B.5).
_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def burnt_in_risk(dataset: pydicom.Dataset) -> str:
    """Return why the pixels of a file may carry text about the patient, empty if they hardly do.

    `BurnedInAnnotation` says it; where it is missing, how the picture came about does.
    """
    said = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    if said == "YES":
        return "says that text is burnt in"
    if said == "NO":
        return ""
    kind = str(dataset.get("SOPClassUID") or "")
    if kind == _CAPTURE or kind.startswith(f"{_CAPTURE}."):
        return "is a secondary capture"
    modality = str(dataset.get("Modality") or "").strip().upper()
    return f"is {_MODALITIES[modality]}" if modality in _MODALITIES else ""
