"""Reading of headers: as little of a file as orders, places and decodes its picture."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import IO, Any

from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError
from labelwidgets.media.dicom.clipped import Clipped, is_too_deep
from labelwidgets.media.dicom.elements import (
    FLAGS,
    LONGEST,
    PIXEL_KINDS,
    WANTED,
    is_overlay,
    slice_header,
)
from labelwidgets.media.dicom.inflating import Inflated
from labelwidgets.media.dicom.slice_header import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    SliceHeader,
)
from labelwidgets.media.limits import Limits

# PS3.5 7.1.2: these have two reserved bytes and four of length, the others two of length.
_LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_SHORT = {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT"}
_SHORT |= {b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"}
_UNDEFINED = 0xFFFFFFFF
_HEAD = struct.Struct("<HH2sH").unpack_from
_LENGTH = struct.Struct("<I").unpack_from
_CHUNK = 1 << 16
_CHUNK_MOST = 1 << 20
# A frame of an enhanced file has some 60; a file of nothing but empty sequences shall end, too.
_ELEMENTS_MOST = 2_000_000

Fetch = Callable[[int, int], bytes]


class _Unusual(Exception):  # noqa: N818 - a turn of the road, no error
    """Something that is left to pydicom."""


def read_header(file: IO[bytes], where: str, limits: Limits | None = None) -> SliceHeader:
    """Return the header of a DICOM file, reading no pixels.

    Explicit and implicit little endian are walked here, element by element; what is not wanted
    is skipped by its length. Big endian, files without a preamble, value representations that
    do not belong, and sequences in elements of unknown representation are left to pydicom.

    Parameters
    ----------
    file
        Open for reading, from its beginning.
    where
        The name that errors give to it.
    limits
        Bounds on what a deflated data set may become; the default ones where None.

    Raises
    ------
    ImageError
        If it is no DICOM file, is damaged, or ends within its header.
    LimitError
        If its header is beyond the limits.
    """
    try:
        return slice_header(_walk_file(file, where, limits or Limits()))
    except _Unusual:
        return slice_header(_read_with_pydicom(file, where))


def _walk_file(file: IO[bytes], where: str, limits: Limits) -> dict[str, Any]:
    begin = file.read(_CHUNK)

    def fetch(start: int, count: int) -> bytes:
        if start + count <= len(begin):
            return begin[start : start + count]
        file.seek(start)
        return file.read(count)

    if begin[128:132] == b"DICM":
        start = 132
    elif begin[:4] == b"\2\0\0\0" and begin[4:6] == b"UL":
        start = 0
    else:
        raise _Unusual
    syntax, start = _transfer_syntax(begin, start)
    if syntax == DEFLATED:
        inflated = Inflated(fetch, start, limits, where)
        raw = _walk(inflated.fetch, inflated.fetch(0, _CHUNK), 0, False, where)
    elif syntax in ("", BIG_ENDIAN):
        raise _Unusual
    else:
        raw = _walk(fetch, begin, start, syntax == IMPLICIT, where)
    raw["transfer_syntax"] = syntax
    return raw


def data_set_start(fetch: Fetch) -> int:
    """Return where the data set of a file begins, after the file meta information."""
    begin = fetch(0, _CHUNK)
    return _transfer_syntax(begin, 132 if begin[128:132] == b"DICM" else 0)[1]


def _transfer_syntax(begin: bytes, pos: int) -> tuple[str, int]:
    """Return the transfer syntax of the file meta information, and where that ends."""
    syntax = ""
    while pos + 12 <= len(begin):
        group, element, vr, length = _HEAD(begin, pos)
        if group != 2:
            return syntax, pos
        if vr in _LONG:
            (length,) = _LENGTH(begin, pos + 8)
            pos += 4
        elif vr not in _SHORT:
            raise _Unusual
        pos += 8
        if element == 0x10:
            syntax = begin[pos : pos + length].decode("latin-1").strip(" \0")
        pos += length
    raise _Unusual


def _walk(fetch: Fetch, buffer: bytes, pos: int, implicit: bool, where: str) -> dict[str, Any]:
    """Return the wanted elements of a data set by name, and where its pixels are.

    One loop for all depths: of what is nested in sequences of undefined length only the depth
    is counted, so that no file is too deep.
    """
    raw: dict[str, Any] = {}
    overlays: set[int] = set()
    find = WANTED.get
    size, base, depth, chunk = len(buffer), 0, 0, _CHUNK
    if (buffer[pos + 4 : pos + 6] in _SHORT) is implicit:
        # What the file says it is, it is not.
        raise _Unusual
    for _ in range(_ELEMENTS_MOST):
        at = pos - base
        if at + 12 > size:
            buffer = fetch(pos, chunk)
            size, base, at = len(buffer), pos, 0
            chunk = min(2 * chunk, _CHUNK_MOST)
            if size < 8:
                if depth or any(buffer) or not fetch(pos - 1, 1):
                    raise _cut(where)
                break
            if size < 12:
                buffer += bytes(12 - size)
        group, element, vr, length = _HEAD(buffer, at)
        if group == 0xFFFE:
            (length,) = _LENGTH(buffer, at + 4)
            pos += 8
            if depth == 0:
                raise _Unusual
            if element != 0xE000:
                depth -= 1
            elif length == _UNDEFINED:
                depth += 1
            else:
                pos += length
            continue
        head = 8
        if implicit:
            (length,) = _LENGTH(buffer, at + 4)
        elif vr in _LONG:
            (length,) = _LENGTH(buffer, at + 8)
            head = 12
        elif vr not in _SHORT:
            raise _Unusual
        tag = group << 16 | element
        if depth == 0:
            wanted = find(tag)
            if wanted is not None:
                name, parse, usual = wanted
                if not implicit and vr not in usual and vr != b"UN":
                    raise _Unusual
                if length > LONGEST:
                    raise ImageError(
                        f"claims {length} bytes for its {name.replace('_', ' ')}: it is damaged.",
                        where=where,
                    )
                if at + head + length > size:
                    buffer = fetch(pos, head + length + _CHUNK)
                    size, base, at = len(buffer), pos, 0
                    if head + length > size:
                        raise _cut(where)
                raw[name] = parse(buffer[at + head : at + head + length], "<")
            elif group == 0x28 or group >= 0x5200:
                if tag in PIXEL_KINDS:
                    raw["pixel_kind"], raw["pixel_offset"] = PIXEL_KINDS[tag], pos + head
                    raw["pixel_length"] = None if length == _UNDEFINED else length
                    raw["pixel_vr"] = "OW" if implicit else vr.decode("ascii")
                    break
                if tag in FLAGS:
                    raw[FLAGS[tag]] = True
                elif is_overlay(tag):
                    overlays.add(group)
                elif tag in (0x7FE00001, 0x7FE00002):
                    name = "offset_table" if tag == 0x7FE00001 else "offset_lengths"
                    raw[name] = (pos + head, length)
        pos += head
        if length != _UNDEFINED:
            pos += length
        elif implicit or vr == b"SQ" or (depth and tag in PIXEL_KINDS):
            depth += 1
        else:
            raise _Unusual
    else:
        raise LimitError(
            f"has more than {_ELEMENTS_MOST} elements in its header: it is damaged.", where=where
        )
    raw["overlays"] = tuple(sorted(overlays))
    return raw


def _cut(where: str) -> ImageError:
    return ImageError(
        "ends within its header: it was cut short, or claims a false length.", where=where
    )


def _read_with_pydicom(file: IO[bytes], where: str) -> dict[str, Any]:
    """Return what `_walk` does, of files that it does not read."""
    from pydicom.dataelem import RawDataElement
    from pydicom.errors import InvalidDicomError
    from pydicom.filereader import read_partial
    from pydicom.tag import BaseTag, Tag

    clipped = Clipped(file)
    overlays = [group << 16 | 0x3000 for group in range(0x6000, 0x6020, 2)]
    tags: list[BaseTag | int] = [Tag(tag) for tag in (*WANTED, *FLAGS, *overlays)]
    forced = _may_be_dicom(clipped.read(6))
    clipped.seek(0)
    try:
        read = read_partial(
            clipped,  # type: ignore[arg-type]
            lambda tag, vr, length: int(tag) in PIXEL_KINDS,
            force=forced,
            specific_tags=tags,
        )
        place = clipped.tell()
        syntax = str(read.file_meta.get("TransferSyntaxUID", "") or "")
        implicit, little = read.original_encoding
        if not syntax:
            syntax = IMPLICIT if implicit else EXPLICIT if little else BIG_ENDIAN
        raw: dict[str, Any] = {"transfer_syntax": syntax}
        for tag, (name, parse, _) in WANTED.items():
            if tag not in read:
                continue
            element = read.get_item(tag)
            order = "<" if little else ">"
            if isinstance(element, RawDataElement):
                raw[name] = parse(element.value or b"", order)
            elif element is not None and name == "charset":
                value = element.value
                raw[name] = (value,) if isinstance(value, str) else tuple(value or ())
        raw |= {name: True for tag, name in FLAGS.items() if tag in read}
        raw["overlays"] = tuple(tag >> 16 for tag in overlays if tag in read)
        raw |= _pixels_at(clipped, place, "<" if little else ">")
    except LabelwidgetsError:
        raise
    except InvalidDicomError:
        raise ImageError("is no DICOM file.", where=where) from None
    except Exception as error:
        # pydicom raises whatever its parts do on damaged bytes.
        if is_too_deep(error):
            raise ImageError("has sequences nested too deep.", where=where) from None
        raise ImageError(
            f"has a header that cannot be read ({type(error).__name__}).", where=where
        ) from None
    if forced and not any(name in raw for name in ("sop_class", "modality", "rows", "study")):
        raise ImageError("is no DICOM file.", where=where)
    return raw


def _may_be_dicom(begin: bytes) -> bool:
    """Say whether a file without a preamble begins with an element of group 2 or 8."""
    return begin[:2] in (b"\2\0", b"\x08\0", b"\0\x08") and len(begin) == 6


def _pixels_at(file: Clipped, place: int, order: str) -> dict[str, Any]:
    """Return where the pixels are whose element begins at a place, if one does."""
    file.seek(place)
    head = file.read(12)
    if len(head) < 12:
        return {}
    group, element = struct.unpack_from(order + "HH", head)
    kind = PIXEL_KINDS.get(group << 16 | element)
    if kind is None:
        return {}
    implicit = head[4:6] not in _LONG
    (length,) = struct.unpack_from(order + "I", head, 4 if implicit else 8)
    return {
        "pixel_kind": kind,
        "pixel_vr": "OW" if implicit else head[4:6].decode("ascii"),
        "pixel_offset": place + (8 if implicit else 12),
        "pixel_length": None if length == _UNDEFINED else length,
    }
