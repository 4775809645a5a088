"""The elements of a DICOM header that are wanted, and what their bytes mean."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from typing import Any

from labelwidgets.media.dicom.slice_header import SliceHeader

PIXEL_KINDS = {0x7FE00008: "float", 0x7FE00009: "double", 0x7FE00010: "integer"}
CHARSET = 0x00080005
LONGEST = 1 << 16
"""Bytes of the longest value that is taken for one of those that are wanted."""


def _text(value: bytes, order: str) -> str:
    return value.decode("latin-1").strip(" \0")


def _texts(value: bytes, order: str) -> tuple[str, ...]:
    found = _text(value, order)
    return tuple(part.strip(" \0") for part in found.split("\\")) if found else ()


def _numbers(value: bytes, order: str) -> tuple[float, ...]:
    """Return decimal strings as numbers; none where one of them is none."""
    found = value.decode("latin-1").strip(" \0")
    try:
        return tuple(map(float, found.split("\\"))) if found else ()
    except ValueError:
        return ()


def _number(value: bytes, order: str) -> float | None:
    found = _numbers(value, order)
    return found[0] if found else None


def _factor(value: bytes, order: str) -> float | None:
    """Return a number that must not be guessed: NaN for one that cannot be read."""
    found = value.decode("latin-1").strip(" \0")
    if not found:
        return None
    try:
        return float(found.split("\\")[0])
    except ValueError:
        return math.nan


def _whole(value: bytes, order: str) -> int | None:
    """Return an integer string as a number; none where it is none of 32 bits (PS3.5 6.2)."""
    found = _text(value, order).split("\\")[0]
    try:
        number = int(found)
    except ValueError:
        other = _number(value, order)
        if other is None or not math.isfinite(other):
            return None
        number = int(other)
    return number if -(2**31) <= number < 2**31 else None


def _count(value: bytes, order: str) -> int | None:
    """Return a number of frames that must not be guessed: 0 for one that cannot be read."""
    return (_whole(value, order) or 0) if value.strip(b" \0") else None


def _short(value: bytes, order: str) -> int | None:
    return int(struct.unpack_from(order + "H", value)[0]) if len(value) >= 2 else None


def _double(value: bytes, order: str) -> float | None:
    return float(struct.unpack_from(order + "d", value)[0]) if len(value) >= 8 else None


def _bytes(value: bytes, order: str) -> bytes:
    return value


Parser = Callable[[bytes, str], Any]

WANTED: dict[int, tuple[str, Parser, bytes]] = {
    CHARSET: ("charset", _texts, b"CS"),
    0x00080008: ("image_type", _texts, b"CS"),
    0x00080016: ("sop_class", _text, b"UI"),
    0x00080018: ("sop_instance", _text, b"UI"),
    0x00080032: ("acquisition_time", _text, b"TM"),
    0x00080060: ("modality", _text, b"CS"),
    0x0008103E: ("series_description", _bytes, b"LO"),
    0x00180050: ("thickness", _number, b"DS"),
    0x00180081: ("echo_time", _number, b"DS"),
    0x00180086: ("echo_number", _whole, b"IS"),
    0x00180088: ("spacing_between", _number, b"DS"),
    0x00181060: ("trigger_time", _number, b"DS"),
    0x00181063: ("frame_time", _number, b"DS"),
    0x00181120: ("tilt", _number, b"DS"),
    0x00181164: ("imager_spacing", _numbers, b"DS"),
    0x00182010: ("scanned_spacing", _numbers, b"DS"),
    0x00189087: ("b_value", _double, b"FD"),
    0x0020000D: ("study", _text, b"UI"),
    0x0020000E: ("series", _text, b"UI"),
    0x00200011: ("series_number", _whole, b"IS"),
    0x00200012: ("acquisition_number", _whole, b"IS"),
    0x00200013: ("instance_number", _whole, b"IS"),
    0x00200032: ("position", _numbers, b"DS"),
    0x00200037: ("orientation", _numbers, b"DS"),
    0x00200052: ("frame_of_reference", _text, b"UI"),
    0x00200100: ("temporal_position", _whole, b"IS"),
    0x00280002: ("samples", _short, b"US"),
    0x00280004: ("photometric", _text, b"CS"),
    0x00280006: ("planar", _short, b"US"),
    0x00280008: ("frames", _count, b"IS"),
    0x00280010: ("rows", _short, b"US"),
    0x00280011: ("columns", _short, b"US"),
    0x00280030: ("pixel_spacing", _numbers, b"DS"),
    0x00280100: ("bits_allocated", _short, b"US"),
    0x00280101: ("bits_stored", _short, b"US"),
    0x00280102: ("high_bit", _short, b"US"),
    0x00280103: ("signed", _short, b"US"),
    0x00280120: ("padding", _short, b"USSS"),
    0x00280121: ("padding_limit", _short, b"USSS"),
    0x00280301: ("burnt_in", _text, b"CS"),
    0x00281050: ("window_centres", _numbers, b"DS"),
    0x00281051: ("window_widths", _numbers, b"DS"),
    0x00281052: ("intercept", _factor, b"DS"),
    0x00281053: ("slope", _factor, b"DS"),
    0x00281054: ("rescale_type", _text, b"LO"),
    0x00281055: ("window_explanations", _bytes, b"LO"),
    0x00281056: ("voi_function", _text, b"CS"),
    0x00541001: ("units", _text, b"CS"),
    0x30040002: ("dose_units", _text, b"CS"),
    0x3004000E: ("dose_scaling", _factor, b"DS"),
}
"""Tag -> name, how its bytes are read (with the byte order as `struct` has it), and its VR."""

FLAGS = {
    0x00281101: "has_palette",
    0x00283000: "has_modality_lut",
    0x00283010: "has_voi_lut",
    0x52009229: "has_functional_groups",
    0x52009230: "has_functional_groups",
}
"""Tag -> what is so where a file has it."""


def is_overlay(tag: int) -> bool:
    """Say whether a tag is the data of an overlay plane."""
    return tag & 0xFF01FFFF == 0x60003000 and tag <= 0x601E3000


def slice_header(raw: Mapping[str, Any]) -> SliceHeader:
    """Return a header from values by name, as `WANTED` and `FLAGS` name them, and the pixels'.

    Values of None, and texts in other character sets than ASCII, are seen to here.
    """
    found = {name: value for name, value in raw.items() if value is not None}
    charset = found.pop("charset", ())
    if "series_description" in found:
        found["series_description"] = _decoded(found["series_description"], charset)
    if "window_explanations" in found:
        text = _decoded(found["window_explanations"], charset)
        found["window_explanations"] = tuple(part.strip() for part in text.split("\\"))
    if "dose_scaling" in found:
        # Stored doses become those in the unit by that alone (PS3.3 C.8.8.3.4.1).
        found["slope"], found["intercept"] = found.pop("dose_scaling"), 0.0
    if found.pop("dose_units", "") == "GY":
        found["rescale_type"] = "Gy"
    spacings = (
        ("pixel", found.pop("pixel_spacing", ())),
        ("imager", found.pop("imager_spacing", ())),
        ("scanned", found.pop("scanned_spacing", ())),
    )
    for source, spacing in spacings:
        if len(spacing) == 2 and all(0 < value < math.inf for value in spacing):
            found["pixel_spacing"], found["spacing_source"] = spacing, source
            break
    for name, count in (("position", 3), ("orientation", 6)):
        values = found.get(name, ())
        if len(values) != count or not all(map(math.isfinite, values)):
            found.pop(name, None)
    signed = found["signed"] = found.get("signed") == 1
    if signed:
        for name in ("padding", "padding_limit"):
            if found.get(name, 0) > 0x7FFF:
                found[name] -= 1 << 16
    return SliceHeader(**found)


def _decoded(value: bytes, charset: tuple[str, ...]) -> str:
    """Return a text in the character set of its file (PS3.3 C.12.1.1.2)."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii").strip(" \0")
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import TEXT_VR_DELIMS

    try:
        found = decode_bytes(value, convert_encodings(list(charset)), TEXT_VR_DELIMS)
    except (LookupError, ValueError):
        found = value.decode("latin-1")
    return found.strip(" \0")
