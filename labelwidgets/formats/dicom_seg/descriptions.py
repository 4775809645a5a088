"""What a segment says of itself: class, code, colour, and who made it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labelwidgets.formats.dicom_objects.codes import ANATOMY, TISSUE, coded, lab_of
from labelwidgets.formats.dicom_objects.headers import uid_of
from labelwidgets.formats.voxels import Segment
from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    import pydicom

_TYPES = {"hand": "MANUAL", "model": "AUTOMATIC"}
ALGORITHMS = ("MANUAL", "SEMIAUTOMATIC", "AUTOMATIC")


def description_of(segment: Segment, number: int) -> pydicom.Dataset:
    """Return the item of the segment sequence (PS3.3, C.8.20.4)."""
    from pydicom import Dataset

    made = Dataset()
    made.SegmentNumber = number
    made.SegmentLabel = label = label_of(segment.made.name)
    if label != segment.made.name:
        made.SegmentDescription = segment.made.name
    made.SegmentAlgorithmType = algorithm_type(segment.annotations)
    if made.SegmentAlgorithmType != "MANUAL":
        made.SegmentAlgorithmName = label_of(algorithm_name(segment.annotations))
    code = segment.made.code
    made.SegmentedPropertyCategoryCodeSequence = [coded(ANATOMY if code else TISSUE)]
    made.SegmentedPropertyTypeCodeSequence = [coded(code or TISSUE)]
    if segment.made.color:
        made.RecommendedDisplayCIELabValue = lab_of(segment.made.color)
    if segment.key != segment.made.name:
        made.TrackingID = segment.key
        made.TrackingUID = uid_of("object", segment.key)
    return made


def label_of(name: str) -> str:
    """Return a name as DICOM's long strings can hold it: 64 characters without backslash."""
    return name.replace("\\", "/")[:64].strip()


def algorithm_type(annotations: Iterable[Annotation]) -> str:
    """Return how labels were made, in DICOM's words."""
    kinds = {_algorithm_type(made) for made in annotations}
    return kinds.pop() if len(kinds) == 1 else "SEMIAUTOMATIC"


def _algorithm_type(made: Annotation) -> str:
    known = made.origin.parameters.get("algorithm_type")
    if made.origin.kind == "import" and known in ALGORITHMS:
        return str(known)
    return _TYPES.get(made.origin.kind, "SEMIAUTOMATIC")


def algorithm_name(annotations: Iterable[Annotation]) -> str:
    """Return the names of what made labels, or the kinds of their origin."""
    names = dict.fromkeys(
        str(made.origin.parameters.get("algorithm_name") or made.origin.name or made.origin.kind)
        for made in annotations
        if _algorithm_type(made) != "MANUAL"
    )
    return ", ".join(names) or "unknown"
