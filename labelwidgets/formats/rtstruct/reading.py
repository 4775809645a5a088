"""From a structure set to labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.algorithms.runs import Runs, runs_from_mask
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats.dicom_objects.codes import Code, code_in
from labelwidgets.formats.dicom_objects.headers import MANUFACTURER
from labelwidgets.formats.dicom_objects.parsing import (
    numbers,
    read_object,
    sequence,
    sop_class_in,
    text,
    value_of,
    whole,
)
from labelwidgets.formats.dicom_seg.descriptions import ALGORITHMS
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.rtstruct.building import STRUCTURE_SET
from labelwidgets.formats.scan_labels import Found
from labelwidgets.formats.scans import Scans, Slice
from labelwidgets.formats.voxels import volume_mask
from labelwidgets.media.volumes import Volume
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Point, Polyline
from labelwidgets.schema.ontology import ObjectClass

if TYPE_CHECKING:
    import pydicom


Points = npt.NDArray[np.float64]
MAX_REGIONS = 65_535
MAX_POINTS = 1 << 24
"""Of a contour."""
CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


@dataclass
class Region:
    """What the object says of a region of interest."""

    number: int
    name: str
    code: Code | None
    color: str | None
    parameters: dict[str, Any]


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is a structure set."""
    return sop_class_in(head) == STRUCTURE_SET


@reader("rtstruct", "scans")
def read(job: Reading) -> Imported:
    """Read RTSTRUCT: see `labelwidgets.formats.read` and `labelwidgets.formats.rtstruct`.

    The closed contours of a region become a volume mask on each scan that they lie on; points
    and open lines are labels on their slices.

    Parameters
    ----------
    dataset
        With the scans.

    Raises
    ------
    FormatError
        Naming the file, the region and the field; also if no contour lies on a scan of the
        dataset (unless `errors` is ``collect``).
    """
    made = read_object(job.path, (STRUCTURE_SET,), **job.storage_options)
    found = job.scan_labels()
    try:
        _Reader(made, job.scans, found).read()
    except FormatError as error:
        raise error if (error.where or "").startswith(job.shown) else error.at(job.shown) from None
    return found.result("contour")


class _Reader:
    """One reading of one object."""

    def __init__(self, made: pydicom.Dataset, scans: Scans, found: Found) -> None:
        self.made, self.scans, self.found = made, scans, found
        self.ours = text(made, "Manufacturer") == MANUFACTURER
        self.spaces: set[str] = set()
        self.places = self._places()
        self.near = self._near()
        self.regions = self._regions()

    def _places(self) -> dict[tuple[str, int | None], Slice]:
        """Return the slices that the object refers to."""
        instances: set[str] = set()
        series: set[str] = set()
        for frame in sequence(self.made, "ReferencedFrameOfReferenceSequence"):
            self.spaces.add(text(frame, "FrameOfReferenceUID"))
            for study in sequence(frame, "RTReferencedStudySequence"):
                for one in sequence(study, "RTReferencedSeriesSequence"):
                    series.add(text(one, "SeriesInstanceUID"))
                    instances.update(_images(one))
        for region in sequence(self.made, "ROIContourSequence"):
            for contour in sequence(region, "ContourSequence"):
                instances.update(_images(contour))
        self.spaces.add(text(self.made, "FrameOfReferenceUID"))
        self.spaces.discard("")
        return self.scans.find(instances - {""}, series) if instances - {""} else {}

    def _near(self) -> dict[str, Volume]:
        """Return the scans that contours may lie on: those they refer to, else of their space."""
        referred = dict.fromkeys(place.item for place in self.places.values())
        found = {id: self.scans.volume(id) for id in referred}
        if not found:
            for space in sorted(self.spaces):
                found |= dict(self.scans.sharing(space))
        return found

    def _regions(self) -> dict[int, Region]:
        codes: dict[int, Code] = {}
        for item in sequence(self.made, "RTROIObservationsSequence"):
            code = code_in(item, "RTROIIdentificationCodeSequence")
            if code is not None and value_of(item, "ReferencedROINumber") is not None:
                codes[whole(item, "ReferencedROINumber", -(2**31), 2**31)] = code
        regions: dict[int, Region] = {}
        items = sequence(self.made, "StructureSetROISequence")
        if not items:
            raise FormatError("has no region of interest.", where="StructureSetROISequence")
        if len(items) > MAX_REGIONS:
            raise LimitError(
                f"has {len(items)} regions, at most {MAX_REGIONS} are allowed.",
                where="StructureSetROISequence",
            )
        for at, item in enumerate(items):
            try:
                number = whole(item, "ROINumber", -(2**31), 2**31)
                if number in regions:
                    raise FormatError("is there twice.", where="ROINumber")
                name = (text(item, "ROIDescription") if self.ours else "") or text(item, "ROIName")
                parameters: dict[str, Any] = {"roi": number}
                algorithm = text(item, "ROIGenerationAlgorithm")
                if algorithm in ALGORITHMS:
                    parameters["algorithm_type"] = algorithm
                regions[number] = Region(
                    number, name or f"region {number}", codes.get(number), None, parameters
                )
            except FormatError as error:
                self.found.wrong(f"StructureSetROISequence[{at}]", None, error)
        return regions

    def read(self) -> None:
        """Read the contours of all regions."""
        for at, item in enumerate(sequence(self.made, "ROIContourSequence")):
            record = f"ROIContourSequence[{at}]"
            try:
                number = whole(item, "ReferencedROINumber", -(2**31), 2**31)
                region = self.regions.get(number)
                if region is None:
                    raise FormatError(
                        f"is {number}, which StructureSetROISequence lacks.",
                        where="ReferencedROINumber",
                    )
                region.color = _color(item)
                made = self.found.class_of(
                    region.name, tool="volumemask", color=region.color, code=region.code
                )
                contours = sequence(item, "ContourSequence")
            except LabelwidgetsError as error:
                self.found.wrong(record, None, error)
            else:
                self._region(contours, region, record, made)

    def _region(
        self, contours: list[pydicom.Dataset], region: Region, record: str, made: ObjectClass
    ) -> None:
        self.found.note(made)
        # By scan, slice and the place of the plane beside it: those of a plane belong together.
        planes: dict[str, dict[tuple[int, float], list[Points]]] = {}
        others: list[tuple[str, int, AnyGeometry]] = []
        missed: dict[str, int] = {}
        for number, contour in enumerate(contours):
            place = f"{record}.ContourSequence[{number}]"
            try:
                kind = text(contour, "ContourGeometricType")
                points = _points(contour)
                id, volume = self._volume(contour)
                index, beside, flat = on_slice(points, volume)
                if kind in CLOSED:
                    some = planes.setdefault(id, {})
                    some.setdefault((index, round(beside, 3)), []).append(flat)
                elif kind == "POINT":
                    others.extend((id, index, Point(*xy)) for xy in flat.tolist())
                elif kind == "OPEN_PLANAR" and len(flat) > 1:
                    others.append((id, index, Polyline([(x, y) for x, y in flat.tolist()])))
                else:
                    raise FormatError(f"is {kind[:20]!r}.", where="ContourGeometricType")
            except _ElsewhereError as error:
                missed[error.message] = missed.get(error.message, 0) + 1
            except LabelwidgetsError as error:
                self.found.wrong(place, region.number, error)
        for reason, count in missed.items():
            self.found.unmatched(record, str(region.number), region.name, count, reason)
        for id, some in planes.items():
            slices = _filled(some, self.near[id].grid.shape[1:])
            if slices:
                others.append((id, -1, volume_mask(slices)))
        for id, index, shape in others:
            try:
                self.found.keep(
                    made,
                    shape,
                    id,
                    frame=None if index < 0 else index,
                    parameters=region.parameters,
                )
            except LabelwidgetsError as error:
                self.found.wrong(record, region.number, error)

    def _volume(self, contour: pydicom.Dataset) -> tuple[str, Volume]:
        """Return the scan that a contour lies on."""
        if not self.near:
            raise _ElsewhereError(
                "refers to no slice of the dataset, nor does its frame of reference lead to one."
            )
        for uid in _images(contour):
            for key in ((uid, None), (uid, 1)):
                if key in self.places:
                    id = self.places[key].item
                    return id, self.near[id]
        return next(iter(self.near.items()))


class _ElsewhereError(FormatError):
    """A contour lies on no slice of the dataset."""


def _images(holder: pydicom.Dataset) -> Iterable[str]:
    return [
        text(image, "ReferencedSOPInstanceUID")
        for image in sequence(holder, "ContourImageSequence")
    ]


def _color(item: pydicom.Dataset) -> str | None:
    try:
        value = numbers(item, "ROIDisplayColor", 3)
    except FormatError:
        return None
    if value is None or not all(0 <= one <= 255 for one in value):
        return None
    return "#" + "".join(f"{int(one):02x}" for one in value)


def _points(contour: pydicom.Dataset) -> Points:
    """Return (N, 3) places in millimetres (LPS)."""
    try:
        element = contour.get_item("ContourData")
    except Exception as error:
        raise FormatError(
            f"cannot be read ({type(error).__name__}).", where="ContourData"
        ) from None
    value = getattr(element, "value", None)
    if value is None:
        raise FormatError("is missing.", where="ContourData")
    # As bytes: pydicom would make an object of each number.
    parts = value.strip(b" \0").split(b"\\") if isinstance(value, bytes) else value
    try:
        if len(parts) > 3 * MAX_POINTS:
            raise LimitError(f"has more than {MAX_POINTS} points.", where="ContourData")
        flat = np.array(parts).astype(float)
    except (TypeError, ValueError, OverflowError):
        raise FormatError("holds what is no number.", where="ContourData") from None
    if flat.ndim != 1 or flat.size == 0 or flat.size % 3:
        raise FormatError(
            f"has {numbered(flat.size, 'number')}, not three a point.", where="ContourData"
        )
    if not np.isfinite(flat).all() or np.abs(flat).max() > 1e6:
        raise FormatError("holds a place that is not finite or far off.", where="ContourData")
    count = value_of(contour, "NumberOfContourPoints")
    if count is not None and whole(contour, "NumberOfContourPoints", 0, 2**31) != flat.size // 3:
        raise FormatError(
            f"is {count}, and there are {flat.size // 3}.", where="NumberOfContourPoints"
        )
    return flat.reshape(-1, 3)


def on_slice(points: Points, volume: Volume) -> tuple[int, float, Points]:
    """Return the slice that points lie on, how far beside it, and where on it.

    Parameters
    ----------
    points
        (N, 3) in millimetres (LPS).
    volume
        The scan, in the same coordinates.

    Returns
    -------
    int, float, ndarray
        Index, millimetres along the normal, and (N, 2) x and y in pixels from the outer corner.

    Raises
    ------
    FormatError
        If they lie on no slice, or not in one plane along the slices.
    """
    grid = volume.grid
    if grid.affine is None or grid.positions is None:
        raise _ElsewhereError("refers to a scan whose slices are not parallel.")
    axes = grid.affine[:3, :2]
    normal = np.cross(axes[:, 0], axes[:, 1])
    normal = normal / np.linalg.norm(normal)
    heights = points @ normal
    if np.ptp(heights) > max(0.1, 0.05 * float(np.linalg.norm(axes[:, 0]))):
        raise FormatError("does not lie in a plane along the slices.", where="ContourData")
    away = heights.mean() - grid.positions @ normal
    index = int(np.abs(away).argmin())
    gap = grid.spacing[0] if grid.spacing else 1.0
    if abs(away[index]) > 0.5 * gap + 0.01:
        raise _ElsewhereError("lies beyond the slices of the scan.")
    flat = np.linalg.lstsq(axes, (points - grid.positions[index]).T, rcond=None)[0].T + 0.5
    return index, float(away[index]), flat


def _filled(
    planes: dict[tuple[int, float], list[Points]], size: tuple[int, int]
) -> dict[int, Runs]:
    """Return what contours cover by slice: in each plane the even-odd rule, planes together."""
    masks: dict[int, BoolMask] = {}
    for (index, _), rings in planes.items():
        made = np.zeros(size, bool)
        for ring in rings:
            if len(ring) > 2:
                made ^= polygon_to_mask([[np.clip(ring, -1e7, 1e7)]], size)
        masks[index] = masks[index] | made if index in masks else made
    found = {index: runs_from_mask(mask) for index, mask in masks.items()}
    return {index: runs for index, runs in found.items() if runs.edges.size}
