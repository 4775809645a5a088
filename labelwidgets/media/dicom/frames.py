"""The frames of one file, each with a header of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from labelwidgets.errors import LimitError
from labelwidgets.media.dicom.datasets import read_dataset
from labelwidgets.media.dicom.planes import is_placed, normal_of
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.kinds import MOST
from labelwidgets.media.limits import Limits
from labelwidgets.numbered import numbered

if TYPE_CHECKING:
    from pydicom import Dataset

_SHARED = 0x52009229
_PER_FRAME = 0x52009230
_OFFSETS = 0x3004000C
_DETECTORS = 0x00540022
_REGIONS = 0x00186011
TAGS = [_SHARED, _PER_FRAME, _OFFSETS, _DETECTORS, _REGIONS]
"""The sequences that place frames."""
# Of enhanced files, each frame has some 20 items of sequences within its own.
_ITEM = b"\xfe\xff\x00\xe0"
_ITEMS_MOST, _ITEMS_MORE = 200, 10_000
_CENTIMETRES = 3
_TISSUE = 1


def needs_groups(header: SliceHeader) -> bool:
    """Say whether a file has to be read once more to know where its frames lie."""
    if header.has_functional_groups or header.frames > 1:
        return True
    return header.modality == "US" and header.pixel_spacing is None


def read_groups(file: IO[bytes], header: SliceHeader, where: str, limits: Limits) -> Dataset:
    """Return the sequences that place the frames of a file (see `read_dataset`)."""
    return read_dataset(file, header, where, limits, TAGS)


def frame_headers(header: SliceHeader, groups: Dataset | None, where: str) -> list[SliceHeader]:
    """Return a header for each frame: that of the file, with what holds for the frame alone.

    From the functional groups of enhanced files (PS3.3 C.7.6.16), the frame offsets of doses
    (C.8.8.3.2), the detectors of reconstructed nuclear medicine (C.8.4.8) and the regions of
    ultrasound (C.8.5.5). Frames that no place is given for have none: that of the file is that of
    its first frame.

    Parameters
    ----------
    header
        Of the file.
    groups
        See `read_groups`.
    where
        The name that errors give to it.

    Raises
    ------
    LimitError
        If it claims more frames than any scan has, or has groups far beyond its frames.
    """
    count = header.frames
    if count > MOST:
        raise LimitError(f"claims {count} frames, at most {MOST} are allowed.", where=where)
    count = max(1, count)
    if groups is not None and (_PER_FRAME in groups or _SHARED in groups):
        _check_items(groups, count, where)
        return _of_groups(header, groups, count)
    if count == 1:
        return [_of_regions(header, groups)]
    if groups is not None and _OFFSETS in groups:
        made = _of_offsets(header, _numbers(groups.get(_OFFSETS)), count)
        if made:
            return made
    if groups is not None and header.modality == "NM" and "RECON TOMO" in header.image_type:
        made = _of_detectors(header, groups, count)
        if made:
            return made
    return [_of_regions(replace(header, position=None), groups)] * count


def _check_items(groups: Dataset, count: int, where: str) -> None:
    """Raise LimitError for more items than frames explain, before pydicom makes them."""
    for tag in (_SHARED, _PER_FRAME):
        value = getattr(groups.get_item(tag), "value", None) if tag in groups else None
        items = value.count(_ITEM) if isinstance(value, bytes) else 0
        if items > _ITEMS_MOST * count + _ITEMS_MORE:
            raise LimitError(
                f"has functional groups of {numbered(items, 'item')} for "
                f"{numbered(count, 'frame')}: it is damaged.",
                where=where,
            )


def _of_groups(header: SliceHeader, groups: Dataset, count: int) -> list[SliceHeader]:
    common = _changes(_items(groups, _SHARED)[:1])
    own = _items(groups, _PER_FRAME)
    if count > 1:
        # One place for all is none for each.
        common["position"] = None
    base = replace(header, **common)
    return [
        replace(base, **_changes(own[index : index + 1])) if index < len(own) else base
        for index in range(count)
    ]


def _changes(groups: Sequence[Dataset]) -> dict[str, Any]:
    """Return what one item of functional groups says, as `SliceHeader` names it."""
    found: dict[str, Any] = {}
    for group in groups:
        for sequence, names in _MACROS.items():
            for item in _items(group, sequence)[:1]:
                for keyword, (name, read) in names.items():
                    value = read(item.get(keyword))
                    if value is not None:
                        found[name] = value
    if "pixel_spacing" in found:
        found["spacing_source"] = "pixel"
    return found


def _items(dataset: Dataset, tag: int | str) -> list[Dataset]:
    """Return the items of a sequence; none where what stands there is no sequence."""
    from pydicom import Dataset as Item

    try:
        value = dataset[tag].value if tag in dataset else None
        found = [item for item in value or () if isinstance(item, Item)]
    except Exception:  # damaged: pydicom reads it only now
        return []
    return found


def _numbers(value: Any) -> tuple[float, ...]:
    """Return numbers that are finite; none where one of them is not."""
    value = getattr(value, "value", value)
    if value is None or isinstance(value, str | bytes):
        return ()
    try:
        made = tuple(map(float, value if isinstance(value, Iterable) else (value,)))
    except (TypeError, ValueError):
        return ()
    return made if all(map(math.isfinite, made)) else ()


def _three(value: Any) -> Any:
    made = _numbers(value)
    return made if len(made) == 3 else None


def _six(value: Any) -> Any:
    made = _numbers(value)
    return made if len(made) == 6 else None


def _spacing(value: Any) -> Any:
    made = _numbers(value)
    return made if len(made) == 2 and min(made) > 0 else None


def _one(value: Any) -> Any:
    return next(iter(_numbers(value)), None)


def _whole(value: Any) -> Any:
    made = _one(value)
    return None if made is None else int(made)


def _all(value: Any) -> Any:
    return _numbers(value) or None


def _texts(value: Any) -> Any:
    if value is None or value == "":
        return None
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def _text(value: Any) -> Any:
    return None if value in (None, "") else str(value)


def _factor(value: Any) -> Any:
    """Return a number that must not be guessed: NaN for one that cannot be read."""
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


Names = dict[str, tuple[str, Callable[[Any], Any]]]
_FRAME_TYPE: Names = {"FrameType": ("image_type", _texts)}
_MACROS: dict[str, Names] = {
    "PixelMeasuresSequence": {
        "PixelSpacing": ("pixel_spacing", _spacing),
        "SliceThickness": ("thickness", _one),
        "SpacingBetweenSlices": ("spacing_between", _one),
    },
    "PlanePositionSequence": {"ImagePositionPatient": ("position", _three)},
    "PlaneOrientationSequence": {"ImageOrientationPatient": ("orientation", _six)},
    "FrameContentSequence": {
        "TemporalPositionIndex": ("temporal_position", _whole),
        "FrameAcquisitionNumber": ("acquisition_number", _whole),
    },
    "PixelValueTransformationSequence": {
        "RescaleSlope": ("slope", _factor),
        "RescaleIntercept": ("intercept", _factor),
        "RescaleType": ("rescale_type", _text),
    },
    "FrameVOILUTSequence": {
        "WindowCenter": ("window_centres", _all),
        "WindowWidth": ("window_widths", _all),
        "WindowCenterWidthExplanation": ("window_explanations", _texts),
        "VOILUTFunction": ("voi_function", _text),
    },
    "MREchoSequence": {"EffectiveEchoTime": ("echo_time", _one)},
    "MRDiffusionSequence": {"DiffusionBValue": ("b_value", _one)},
    "CardiacSynchronizationSequence": {"NominalCardiacTriggerDelayTime": ("trigger_time", _one)},
    "CTImageFrameTypeSequence": _FRAME_TYPE,
    "MRImageFrameTypeSequence": _FRAME_TYPE,
    "PETFrameTypeSequence": _FRAME_TYPE,
}


def _of_offsets(header: SliceHeader, offsets: tuple[float, ...], count: int) -> list[SliceHeader]:
    if not is_placed(header) or len(offsets) != count:
        return []
    # Where the first is not 0, they are heights themselves.
    return _along(header, normal_of(header), [value - offsets[0] for value in offsets])


def _of_detectors(header: SliceHeader, groups: Dataset, count: int) -> list[SliceHeader]:
    for item in _items(groups, _DETECTORS)[:1]:
        position = _three(item.get("ImagePositionPatient")) or header.position
        orientation = _six(item.get("ImageOrientationPatient")) or header.orientation
        header = replace(header, position=position, orientation=orientation)
    between = header.spacing_between or header.thickness
    if not is_placed(header) or not between:
        return []
    return _along(header, normal_of(header), [between * index for index in range(count)])


def _along(header: SliceHeader, normal: np.ndarray, heights: Sequence[float]) -> list[SliceHeader]:
    first = np.array(header.position, np.float64)
    return [
        replace(header, position=tuple((first + normal * height).tolist())) for height in heights
    ]


def _of_regions(header: SliceHeader, groups: Dataset | None) -> SliceHeader:
    """Return a header with the spacing that holds in the largest region of tissue."""
    if groups is None or header.pixel_spacing is not None:
        return header
    largest, found = 0, None
    for item in _items(groups, _REGIONS):
        corners = [_whole(item.get(f"RegionLocation{name}")) for name in _CORNERS]
        units = [_whole(item.get(f"PhysicalUnits{axis}Direction")) for axis in "XY"]
        deltas = [_one(item.get(f"PhysicalDelta{axis}")) for axis in "XY"]
        known = None not in corners and None not in deltas
        if not known or units != [_CENTIMETRES] * 2:
            continue
        if _whole(item.get("RegionDataType")) not in (None, _TISSUE):
            continue
        left, top, right, bottom = (int(corner) for corner in corners if corner is not None)
        across, down = (10 * abs(delta) for delta in deltas if delta is not None)
        area = (right - left) * (bottom - top)
        if area > largest and across > 0 and down > 0:
            largest, found = area, (down, across)
    if found is None:
        return header
    return replace(header, pixel_spacing=found, spacing_source="pixel")


_CORNERS = ("MinX0", "MinY0", "MaxX1", "MaxY1")
