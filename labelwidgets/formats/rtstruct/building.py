"""A structure set of segments of a scan."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.dicom_objects.codes import coded
from labelwidgets.formats.dicom_objects.headers import derived, new_uid
from labelwidgets.formats.dicom_objects.planes import Planes
from labelwidgets.formats.dicom_seg.descriptions import algorithm_type, label_of
from labelwidgets.formats.rtstruct.outlines import keyholes
from labelwidgets.formats.voxels import Segment
from labelwidgets.media.volumes import Instance
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Point, Polyline
from labelwidgets.schema.ontology import ObjectClass

if TYPE_CHECKING:
    import pydicom

STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
_DETACHED_STUDY = "1.2.840.10008.3.1.2.3.1"
_CONTOUR_DATA = 0x30060050


@dataclass
class Region:
    """A region of interest: a class, and contours on slices.

    Parameters
    ----------
    made
        The class.
    kind
        Of its contours, as DICOM names it.
    annotations
        What it is made of.
    segment
        What it covers, where its contours are closed.
    """

    made: ObjectClass
    kind: str
    annotations: list[Annotation]
    segment: Segment | None = None

    @property
    def name(self) -> str:
        """What it is called: the class, and what it has where that is no area."""
        more = {"POINT": " points", "OPEN_PLANAR": " lines"}.get(self.kind, "")
        return label_of(self.made.name)[: 64 - len(more)].rstrip() + more

    def contours(self) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
        """Return slices, and (N, 2) points on them: x and y in pixels from the outer corner."""
        if self.segment is not None:
            for index in sorted(self.segment.slices):
                for ring in keyholes(self.segment.mask(index)):
                    yield index, ring.astype(float)
        for made in self.annotations if self.segment is None else ():
            index, shape = made.frame or 0, made.geometry
            if isinstance(shape, Point):
                yield index, np.array([[shape.x, shape.y]])
            elif isinstance(shape, Polyline):
                yield index, np.array(shape.points, float)


def structure_set_of(
    header: pydicom.Dataset, planes: Planes, regions: Sequence[Region]
) -> tuple[pydicom.Dataset, int]:
    """Return the object, and how many contours it has.

    Parameters
    ----------
    header
        Of a file of the scan: patient and study are copied from it.
    planes
        Where its slices lie.
    regions
        In their order; they get the numbers from 1.
    """
    from pydicom import Dataset
    from pydicom.uid import ImplicitVRLittleEndian

    made = derived(header, STRUCTURE_SET, "RTSTRUCT", new_uid(), new_uid())
    # Contours may be longer than a decimal string of explicit VR can be (PS3.5, 7.1.2).
    made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    made.SeriesDescription = "Contours"
    made.OperatorsName = ""
    made.FrameOfReferenceUID = planes.frame_of_reference
    made.PositionReferenceIndicator = ""
    made.StructureSetLabel = "CONTOURS"
    made.StructureSetDate, made.StructureSetTime = made.ContentDate, made.ContentTime
    made.ApprovalStatus = "UNAPPROVED"
    made.ReferencedFrameOfReferenceSequence = [_referred(made, planes)]
    images = [_image(instance) for instance in planes.instances]
    structures, contours, observations, count = [], [], [], 0
    for number, region in enumerate(regions, 1):
        structure = Dataset()
        structure.ROINumber = number
        structure.ReferencedFrameOfReferenceUID = planes.frame_of_reference
        structure.ROIName = region.name
        if structure.ROIName != region.made.name:
            structure.ROIDescription = region.made.name
        structure.ROIGenerationAlgorithm = algorithm_type(region.annotations)
        structures.append(structure)
        drawn = Dataset()
        drawn.ReferencedROINumber = number
        if region.made.color:
            color = region.made.color
            drawn.ROIDisplayColor = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
        drawn.ContourSequence = [
            _contour(region.kind, planes, index, points, images[index])
            for index, points in region.contours()
        ]
        count += len(drawn.ContourSequence)
        contours.append(drawn)
        observation = Dataset()
        observation.ObservationNumber = observation.ReferencedROINumber = number
        observation.RTROIInterpretedType = ""
        observation.ROIInterpreter = ""
        if region.made.code:
            observation.RTROIIdentificationCodeSequence = [coded(region.made.code)]
        observations.append(observation)
    made.StructureSetROISequence = structures
    made.ROIContourSequence = contours
    made.RTROIObservationsSequence = observations
    return made, count


def _referred(made: pydicom.Dataset, planes: Planes) -> pydicom.Dataset:
    """Return which study, series and objects the contours lie on."""
    from pydicom import Dataset

    by_series: dict[str, dict[tuple[str, int | None], Dataset]] = {}
    for instance in planes.instances:
        key = (instance.sop_instance, instance.frame)
        by_series.setdefault(instance.series, {})[key] = _image(instance)
    study = Dataset()
    study.ReferencedSOPClassUID = _DETACHED_STUDY
    study.ReferencedSOPInstanceUID = made.StudyInstanceUID
    study.RTReferencedSeriesSequence = []
    for series, images in by_series.items():
        item = Dataset()
        item.SeriesInstanceUID = series
        item.ContourImageSequence = list(images.values())
        study.RTReferencedSeriesSequence.append(item)
    referred = Dataset()
    referred.FrameOfReferenceUID = planes.frame_of_reference
    referred.RTReferencedStudySequence = [study]
    return referred


def _image(instance: Instance) -> pydicom.Dataset:
    from pydicom import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID = instance.sop_class
    item.ReferencedSOPInstanceUID = instance.sop_instance
    if instance.frame is not None:
        item.ReferencedFrameNumber = instance.frame
    return item


def _contour(
    kind: str, planes: Planes, index: int, points: npt.NDArray[np.float64], image: Any
) -> pydicom.Dataset:
    from pydicom import Dataset
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    item = Dataset()
    item.ContourImageSequence = [image]
    item.ContourGeometricType = kind
    item.NumberOfContourPoints = len(points)
    place = millimetres(planes, index, points)
    # A ten-thousandth of a voxel, in at most 16 characters.
    digits = max(0, min(8, math.ceil(-math.log10(min(planes.spacing))) + 4))
    text = "\\".join(f"{value:.{digits}f}" for value in place.reshape(-1).tolist()).encode()
    text += b" " * (len(text) % 2)
    # As bytes: pydicom would make an object of each number.
    item[_CONTOUR_DATA] = RawDataElement(Tag(_CONTOUR_DATA), "DS", len(text), text, 0, True, True)
    return item


def millimetres(
    planes: Planes, index: int, points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return (N, 3) places in the patient (LPS) of (N, 2) points of a slice in pixels.

    Positions of DICOM are centres of voxels, while (0, 0) is the outer corner of the first one.
    """
    cosines = np.array(planes.orientation(index))
    down, across = planes.spacing
    steps = np.stack((cosines[:3] * across, cosines[3:] * down))
    return np.asarray(np.array(planes.positions[index]) + (points - 0.5) @ steps)
