"""A segmentation object of segments of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from labelwidgets.errors import FormatError
from labelwidgets.formats.dicom_objects.codes import coded
from labelwidgets.formats.dicom_objects.headers import derived, new_uid
from labelwidgets.formats.dicom_objects.planes import Planes
from labelwidgets.formats.dicom_seg.descriptions import description_of
from labelwidgets.formats.dicom_seg.frames import pack_bits
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.voxels import Segment, label_map, overlapping
from labelwidgets.media.volumes import Instance

if TYPE_CHECKING:
    import pydicom

BINARY, LABELMAP = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"
Encoding = Literal["binary", "labelmap"]
_SEGMENTATION = ("DCM", "113076", "Segmentation")
_SOURCE = ("DCM", "121322", "Source image for image processing operation")
# Tags of what a dimension runs through, and of the functional group that it stands in.
_SEGMENT_NUMBER, _SEGMENT_GROUP = 0x0062000B, 0x0062000A
_POSITION, _POSITION_GROUP = 0x00200032, 0x00209113
_IN_STACK, _CONTENT_GROUP = 0x00209057, 0x00209111


def segmentation_of(
    header: pydicom.Dataset,
    planes: Planes,
    shape: tuple[int, int, int],
    segments: Sequence[Segment],
    encoding: Encoding,
) -> pydicom.Dataset:
    """Return the object.

    Parameters
    ----------
    header
        Of a file of the scan: patient and study are copied from it.
    planes
        Where its slices lie.
    shape
        Its slices, rows and columns.
    segments
        In their order; they get the numbers from 1.
    encoding
        ``binary``, or ``labelmap``.

    Raises
    ------
    FormatError
        If segments overlap in a label map, or there are too many of them.
    """
    if len(segments) > 65_535:
        raise FormatError(f"has {len(segments)} segments, at most 65535 fit.", where="labels")
    binary = encoding == "binary"
    twice = overlapping(segments)
    if twice and not binary:
        raise FormatError(
            f"has {numbered(twice, 'voxel')} of several segments, of which a label map holds one.",
            where="encoding",
            hint='Write encoding="binary".',
        )
    made = derived(header, BINARY if binary else LABELMAP, "SEG", new_uid(), new_uid())
    made.SeriesDescription = made.ContentDescription = "Segmentation"
    made.ContentLabel = "SEGMENTATION"
    made.ContentCreatorName = ""
    made.ImageType = ["DERIVED", "PRIMARY"]
    made.SamplesPerPixel, made.PixelRepresentation = 1, 0
    made.PhotometricInterpretation = "MONOCHROME2"
    made.Rows, made.Columns = shape[1:]
    made.LossyImageCompression = header.get("LossyImageCompression") or "00"
    for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if made.LossyImageCompression == "01" and header.get(keyword):
            setattr(made, keyword, header[keyword].value)
    made.SegmentationType = "BINARY" if binary else "LABELMAP"
    made.SegmentsOverlap = "YES" if twice else "NO"
    made.SegmentSequence = [
        description_of(segment, number) for number, segment in enumerate(segments, 1)
    ]
    _refer(made, planes.instances)
    _place(made, planes)
    _dimensions(made, planes, binary)
    covered = sorted({index for segment in segments for index in segment.slices})
    items = {index: _plane_items(planes, index) for index in covered}
    if binary:
        frames = [
            (number, index)
            for number, segment in enumerate(segments, 1)
            for index in sorted(segment.slices)
        ]
        bits, data = 1, pack_bits(segments[number - 1].mask(index) for number, index in frames)
    else:
        frames = [(0, index) for index in covered]
        values = label_map(segments, range(1, len(segments) + 1), shape)
        bits = 8 * values.itemsize
        made.PixelPaddingValue = 0
        data = np.ascontiguousarray(values[covered]).astype(f"<u{values.itemsize}").tobytes()
        data += b"\0" * (len(data) % 2)
    made.BitsAllocated = made.BitsStored = bits
    made.HighBit = bits - 1
    made.NumberOfFrames = len(frames)
    place = {index: at for at, index in enumerate(covered, 1)}
    made.PerFrameFunctionalGroupsSequence = [
        _frame(items[index], number, index, place[index], planes.placed) for number, index in frames
    ]
    made.add_new(0x7FE00010, "OB" if bits == 8 else "OW", data)
    return made


def _refer(made: pydicom.Dataset, instances: Sequence[Instance]) -> None:
    """Name all objects of the scan (Common Instance Reference, PS3.3, C.12.2)."""
    from pydicom import Dataset

    by_series: dict[str, dict[str, Dataset]] = {}
    for instance in instances:
        of_series = by_series.setdefault(instance.series, {})
        if instance.sop_instance not in of_series:
            of_series[instance.sop_instance] = _reference(instance)
    listed = []
    for series, references in by_series.items():
        item = Dataset()
        item.SeriesInstanceUID = series
        item.ReferencedInstanceSequence = list(references.values())
        listed.append(item)
    made.ReferencedSeriesSequence = listed


def _reference(instance: Instance) -> pydicom.Dataset:
    from pydicom import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID = instance.sop_class
    item.ReferencedSOPInstanceUID = instance.sop_instance
    return item


def _place(made: pydicom.Dataset, planes: Planes) -> None:
    """Say what holds for all frames."""
    from pydicom import Dataset

    shared = Dataset()
    if planes.placed:
        made.FrameOfReferenceUID = planes.frame_of_reference
        made.PositionReferenceIndicator = ""
        if len(planes.orientations) == 1:
            shared.PlaneOrientationSequence = [_oriented(planes.orientations[0])]
        measures = Dataset()
        measures.PixelSpacing = [_decimal(value) for value in planes.spacing]
        measures.SliceThickness = _decimal(planes.thickness)
        if planes.between is not None:
            measures.SpacingBetweenSlices = _decimal(planes.between)
        shared.PixelMeasuresSequence = [measures]
    made.SharedFunctionalGroupsSequence = [shared]


def _oriented(cosines: Sequence[float]) -> pydicom.Dataset:
    from pydicom import Dataset

    item = Dataset()
    item.ImageOrientationPatient = [_decimal(value) for value in cosines]
    return item


def _dimensions(made: pydicom.Dataset, planes: Planes, binary: bool) -> None:
    """Say what tells frames from one another (Multi-frame Dimension, PS3.3, C.7.6.17)."""
    from pydicom import Dataset

    organisation = Dataset()
    organisation.DimensionOrganizationUID = new_uid()
    made.DimensionOrganizationSequence = [organisation]
    pointers = [(_SEGMENT_NUMBER, _SEGMENT_GROUP, "Segment Number")] if binary else []
    pointers.append(
        (_POSITION, _POSITION_GROUP, "Image Position Patient")
        if planes.placed
        else (_IN_STACK, _CONTENT_GROUP, "In-Stack Position Number")
    )
    items = []
    for pointer, group, label in pointers:
        item = Dataset()
        item.DimensionIndexPointer, item.FunctionalGroupPointer = pointer, group
        item.DimensionOrganizationUID = organisation.DimensionOrganizationUID
        item.DimensionDescriptionLabel = label
        items.append(item)
    made.DimensionIndexSequence = items


def _plane_items(planes: Planes, index: int) -> list[pydicom.DataElement]:
    """Return what all frames on a slice say: which picture it is, and where it lies."""
    from pydicom import DataElement, Dataset

    instance = planes.instances[index]
    source = _reference(instance)
    source.PurposeOfReferenceCodeSequence = [coded(_SOURCE)]
    source.SpatialLocationsPreserved = "YES"
    if instance.frame is not None:
        source.ReferencedFrameNumber = instance.frame
    derivation = Dataset()
    derivation.DerivationCodeSequence = [coded(_SEGMENTATION)]
    derivation.SourceImageSequence = [source]
    found = [DataElement(0x00089124, "SQ", [derivation])]
    if planes.placed:
        position = Dataset()
        position.ImagePositionPatient = [_decimal(value) for value in planes.positions[index]]
        found.append(DataElement(_POSITION_GROUP, "SQ", [position]))
        if len(planes.orientations) > 1:
            oriented = _oriented(planes.orientations[index])
            found.append(DataElement(0x00209116, "SQ", [oriented]))
    return found


def _frame(
    plane: Sequence[pydicom.DataElement], number: int, index: int, place: int, placed: bool
) -> pydicom.Dataset:
    """Return what is said of a frame: a segment (none in a label map) on a slice."""
    from pydicom import DataElement, Dataset

    item, content = Dataset(), Dataset()
    for element in plane:
        item.add(element)
    values = [place] if number == 0 else [number, place]
    content.add(DataElement(0x00209157, "UL", values))
    if not placed:
        content.add(DataElement(0x00209056, "SH", "1"))
        content.add(DataElement(_IN_STACK, "UL", index + 1))
    item.add(DataElement(_CONTENT_GROUP, "SQ", [content]))
    if number:
        identification = Dataset()
        identification.add(DataElement(_SEGMENT_NUMBER, "US", number))
        item.add(DataElement(_SEGMENT_GROUP, "SQ", [identification]))
    return item


def _decimal(value: float) -> str:
    """Return a number as a decimal string, of at most 16 characters (PS3.5, 6.2)."""
    from pydicom.valuerep import format_number_as_ds

    return format_number_as_ds(float(value))
