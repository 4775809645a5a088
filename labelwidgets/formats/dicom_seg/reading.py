"""From a segmentation object to volume masks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.algorithms.runs import Runs, runs_from_mask, unite
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats.dicom_objects.codes import Code, code_in, color_in
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
from labelwidgets.formats.dicom_objects.placing import Plane, place_on
from labelwidgets.formats.dicom_seg.building import BINARY, LABELMAP
from labelwidgets.formats.dicom_seg.descriptions import ALGORITHMS
from labelwidgets.formats.dicom_seg.frames import frames_in
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.scan_labels import Found
from labelwidgets.formats.scans import Scans, Slice
from labelwidgets.formats.voxels import volume_mask
from labelwidgets.formats.warned import warn
from labelwidgets.media.volumes import Volume

if TYPE_CHECKING:
    import pydicom


MAX_FRAMES = 1_000_000
MAX_SIDE = 65_535
MAX_PIXELS = 1 << 28
"""Of a frame."""


class Segment(NamedTuple):
    """What the object says of one of its segments."""

    record: str
    name: str
    code: Code | None
    color: str | None
    parameters: dict[str, Any]
    id: str | None


class Frame(NamedTuple):
    """What the object says of one of its frames: 0 is the segment of all, in a label map."""

    segment: int
    sources: tuple[tuple[str, int | None], ...]
    preserved: bool
    plane: Plane | None


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is a segmentation object."""
    return sop_class_in(head) in (BINARY, LABELMAP)


@reader("dicom_seg", "scans")
def read(job: Reading, *, threshold: float = 0.5) -> Imported:
    """Read DICOM SEG: see `labelwidgets.formats.read` and `labelwidgets.formats.dicom_seg`.

    Each segment becomes a volume mask on each scan that it lies on.

    Parameters
    ----------
    dataset
        With the scans.
    threshold
        The least part, above 0 and up to 1, of a voxel of a fractional segment that is in.

    Raises
    ------
    FormatError
        Naming the file and the field; also if no frame lies on a scan of the dataset (unless
        `errors` is ``collect``).
    """
    if not 0 < threshold <= 1:
        raise FormatError(f"must be above 0 and up to 1, not {threshold}.", where="threshold")
    made = read_object(job.path, (BINARY, LABELMAP), **job.storage_options)
    found = job.scan_labels()
    try:
        reader = _Reader(made, job.scans, found, threshold)
        reader.read()
    except FormatError as error:
        raise error if (error.where or "").startswith(job.shown) else error.at(job.shown) from None
    except LimitError as error:
        raise error.at(job.shown) from None
    reader.warn()
    return found.result("frame")


class _Reader:
    """One reading of one object."""

    def __init__(self, made: pydicom.Dataset, scans: Scans, found: Found, threshold: float) -> None:
        self.made, self.scans, self.found, self.threshold = made, scans, found, threshold
        self.kind = text(made, "SegmentationType")
        if self.kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
            raise FormatError(f"is {self.kind[:20]!r}.", where="SegmentationType")
        self.shape = (whole(made, "Rows", 1, MAX_SIDE), whole(made, "Columns", 1, MAX_SIDE))
        if self.shape[0] * self.shape[1] > MAX_PIXELS:
            raise LimitError(f"are more than {MAX_PIXELS} pixels.", where="Rows, Columns")
        bits = whole(made, "BitsAllocated", 1, 64)
        allowed = {"BINARY": (1,), "FRACTIONAL": (8,), "LABELMAP": (8, 16)}[self.kind]
        if bits not in allowed:
            raise FormatError(
                f"is {bits}, and must be {' or '.join(map(str, allowed))} in a segmentation of "
                f"type {self.kind}.",
                where="BitsAllocated",
            )
        if whole(made, "SamplesPerPixel", 0, 9) != 1:
            raise FormatError("must be 1.", where="SamplesPerPixel")
        self.count = whole(made, "NumberOfFrames", 1, MAX_FRAMES)
        self.full = (
            whole(made, "MaximumFractionalValue", 1, 255) if (self.kind == "FRACTIONAL") else 1
        )
        self.ours = text(made, "Manufacturer") == MANUFACTURER
        self.padding = 0
        if self.kind == "LABELMAP" and value_of(made, "PixelPaddingValue") is not None:
            self.padding = whole(made, "PixelPaddingValue", 0, 65_535)
        self.segments = self._segments()
        self.frame_of_reference = text(made, "FrameOfReferenceUID")
        self.between = 0
        self.beyond: Counter[int] = Counter()

    def _segments(self) -> dict[int, Segment]:
        segments: dict[int, Segment] = {}
        for at, item in enumerate(sequence(self.made, "SegmentSequence")):
            record = f"SegmentSequence[{at}]"
            try:
                number = whole(item, "SegmentNumber", 0, 65_535)
                if number in segments:
                    raise FormatError("is there twice.", where="SegmentNumber")
                segments[number] = self._segment(item, number, record)
            except FormatError as error:
                self.found.wrong(record, None, error)
        if not segments:
            raise FormatError("has no segment.", where="SegmentSequence")
        return segments

    def _segment(self, item: pydicom.Dataset, number: int, record: str) -> Segment:
        code = code_in(item, "SegmentedPropertyTypeCodeSequence")
        name = (text(item, "SegmentDescription") if self.ours else "") or text(item, "SegmentLabel")
        if not name:
            name = code[2] if code else f"segment {number}"
        parameters: dict[str, Any] = {"segment": number}
        algorithm = text(item, "SegmentAlgorithmType")
        if algorithm in ALGORITHMS:
            parameters["algorithm_type"] = algorithm
        if text(item, "SegmentAlgorithmName"):
            parameters["algorithm_name"] = text(item, "SegmentAlgorithmName")[:64]
        # What stands for having no code is none.
        if code is not None and code[:2] == ("SCT", "85756007"):
            code = None
        color = color_in(item, "RecommendedDisplayCIELabValue")
        id = text(item, "TrackingID") if self.ours else None
        return Segment(record, name, code, color, parameters, id)

    def read(self) -> None:
        """Read all frames, and keep what they cover."""
        frames = self._frames()
        instances = {uid for frame in frames for uid, _ in frame.sources}
        series = {
            text(item, "SeriesInstanceUID")
            for item in sequence(self.made, "ReferencedSeriesSequence")
        }
        places = self.scans.find(instances, series) if instances else {}
        near: list[tuple[str, Volume]] | None = None
        covered: dict[tuple[int, str], dict[int, Runs]] = {}
        pixels = frames_in(self.made, self.count, self.shape)
        missed: dict[str, list[int]] = {}
        for number, (frame, values) in enumerate(zip(frames, pixels, strict=True)):
            if frame.segment not in self.segments and self.kind != "LABELMAP":
                continue
            place = self._direct(frame, places)
            reason = ""
            if place is None:
                if near is None:
                    near = self._near(places)
                try:
                    place, values = self._by_geometry(frame, near, values)
                except FormatError as error:
                    reason = error.message
            if place is None:
                missed.setdefault(reason, []).append(number)
                continue
            for segment, mask in self._masks(frame.segment, values):
                slices = covered.setdefault((segment, place.item), {})
                runs = runs_from_mask(mask)
                if runs.edges.size:
                    before = slices.get(place.number)
                    slices[place.number] = runs if before is None else unite(before, runs)
        for reason, several in missed.items():
            self.found.unmatched(
                f"frame {several[0] + 1}" + (" and others" if len(several) > 1 else ""),
                "", "", len(several), reason,
            )  # fmt: skip
        self._keep(covered)

    def _keep(self, covered: dict[tuple[int, str], dict[int, Runs]]) -> None:
        for (number, item), slices in sorted(covered.items()):
            segment = self.segments[number]
            try:
                if not slices:
                    raise FormatError("covers no voxel.", where="PixelData")
                made = self.found.class_of(
                    segment.name, tool="volumemask", color=segment.color, code=segment.code
                )
                self.found.keep(
                    made, volume_mask(slices), item, id=segment.id, parameters=segment.parameters
                )
            except LabelwidgetsError as error:
                self.found.wrong(segment.record, number, error)

    def _frames(self) -> list[Frame]:
        groups = sequence(self.made, "PerFrameFunctionalGroupsSequence")
        if len(groups) != self.count:
            raise FormatError(
                f"has {numbered(len(groups), 'item')} for {numbered(self.count, 'frame')}.",
                where="PerFrameFunctionalGroupsSequence",
            )
        shared = next(iter(sequence(self.made, "SharedFunctionalGroupsSequence")), None)
        return [self._frame(group, shared, at) for at, group in enumerate(groups)]

    def _frame(self, group: pydicom.Dataset, shared: pydicom.Dataset | None, at: int) -> Frame:
        def of(keyword: str) -> list[pydicom.Dataset]:
            found = sequence(group, keyword)
            return found or ([] if shared is None else sequence(shared, keyword))

        try:
            number = 0
            if self.kind != "LABELMAP":
                named = of("SegmentIdentificationSequence")
                if not named:
                    raise FormatError("is missing.", where="SegmentIdentificationSequence")
                number = whole(named[0], "ReferencedSegmentNumber", 0, 65_535)
                if number not in self.segments and not self.found.problems.rows:
                    raise FormatError(
                        f"is {number}, which SegmentSequence lacks.",
                        where="ReferencedSegmentNumber",
                    )
            sources: list[tuple[str, int | None]] = []
            preserved = True
            for derivation in of("DerivationImageSequence"):
                for source in sequence(derivation, "SourceImageSequence"):
                    preserved &= text(source, "SpatialLocationsPreserved") != "NO"
                    sources.extend(_references(source))
            return Frame(number, tuple(sources), preserved, self._plane(of))
        except FormatError as error:
            raise error.at(f"PerFrameFunctionalGroupsSequence[{at}]") from None

    def _plane(self, of: Any) -> Plane | None:
        positions, directions = of("PlanePositionSequence"), of("PlaneOrientationSequence")
        measures = of("PixelMeasuresSequence")
        if not positions or not directions or not measures:
            return None
        position = numbers(positions[0], "ImagePositionPatient", 3)
        cosines = numbers(directions[0], "ImageOrientationPatient", 6)
        spacing = numbers(measures[0], "PixelSpacing", 2)
        if position is None or cosines is None or spacing is None or min(spacing) <= 0:
            return None
        return Plane(tuple(position), tuple(cosines), tuple(spacing))

    def _direct(self, frame: Frame, places: dict[tuple[str, int | None], Slice]) -> Slice | None:
        """Return the only slice that a frame is made of, pixel on pixel."""
        if len(frame.sources) != 1 or not frame.preserved:
            return None
        uid, number = frame.sources[0]
        place = places.get((uid, number)) or (
            # Some name frame 1 of objects that have but one, or none.
            places.get((uid, None if number == 1 else 1)) if number in (None, 1) else None
        )
        if place is None or self.scans.volume(place.item).grid.shape[1:] != self.shape:
            return None
        return place

    def _near(self, places: dict[tuple[str, int | None], Slice]) -> list[tuple[str, Volume]]:
        """Return the scans that frames may lie on: those they refer to, else of their space."""
        referred = dict.fromkeys(place.item for place in places.values())
        if referred:
            return [(id, self.scans.volume(id)) for id in referred]
        return self.scans.sharing(self.frame_of_reference)

    def _by_geometry(
        self, frame: Frame, near: list[tuple[str, Volume]], values: npt.NDArray[Any]
    ) -> tuple[Slice, npt.NDArray[Any]]:
        if frame.plane is None or not near:
            what = "refers to no slice of the dataset"
            raise FormatError(f"{what}, nor do its frame of reference and position lead to one.")
        error = FormatError("lies nowhere.")
        for id, volume in near:
            try:
                index, placed = place_on(frame.plane, volume, values)
                return Slice(id, index), placed
            except FormatError as found:
                error = found
        raise error

    def _masks(self, segment: int, values: npt.NDArray[Any]) -> list[tuple[int, BoolMask]]:
        if self.kind == "BINARY":
            return [(segment, values)]
        if self.kind == "FRACTIONAL":
            mask = values >= self.threshold * self.full
            part = (values > 0) & (values < self.full)
            self.between += int(np.count_nonzero(part & ~mask))
            self.beyond[segment] += int(np.count_nonzero(part & mask))
            return [(segment, mask)]
        found = []
        for number in np.unique(values).tolist():
            if number == self.padding:
                continue
            if number not in self.segments:
                if number:
                    raise FormatError(
                        f"has the number {number}, which SegmentSequence lacks.", where="PixelData"
                    )
                continue
            found.append((number, values == number))
        return found

    def warn(self) -> None:
        """Say how much of fractional segments was between in and out."""
        taken = self.beyond.total()
        if self.between or taken:
            warn(
                f"{self.found.problems.file}: {numbered(self.between + taken, 'voxel')} partly in "
                f"a segment; {taken} of at least {self.threshold:g} taken for in, "
                f"{self.between} left out.",
            )


def _references(source: pydicom.Dataset) -> list[tuple[str, int | None]]:
    uid = text(source, "ReferencedSOPInstanceUID")
    if not uid:
        return []
    value = value_of(source, "ReferencedFrameNumber")
    if value is None:
        return [(uid, None)]
    several = value if hasattr(value, "__len__") and not isinstance(value, str) else [value]
    try:
        return [(uid, int(one)) for one in several]
    except (TypeError, ValueError, OverflowError):
        raise FormatError("is no whole number.", where="ReferencedFrameNumber") from None
