"""Headers are read as pydicom reads them, faster, and damaged ones are refused in words."""

from __future__ import annotations

import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset

from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError
from labelwidgets.media.dicom.elements import WANTED
from labelwidgets.media.dicom.headers import read_header
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.limits import Limits
from tests.media.dicom.real_files import CARRIED, carried, dicom_files

# These differ by name from what pydicom has at their tag, and are held by tests of their own.
OTHERWISE = {"charset", "pixel_spacing", "imager_spacing", "scanned_spacing", "signed"}
OTHERWISE |= {"dose_units", "dose_scaling"}
DOSES = {"slope", "intercept", "rescale_type"}


def headers_of(folder: Path) -> Iterator[tuple[Path, SliceHeader, Dataset]]:
    """Read all files of a folder with us and with pydicom."""
    for path in dicom_files(folder):
        with open(path, "rb") as file:
            try:
                ours = read_header(file, str(path))
            except ImageError:
                continue
        yield path, ours, pydicom.dcmread(path, stop_before_pixels=True, force=True)


def theirs(read: Dataset, tag: int) -> Any:
    """Return a value of pydicom in plain types; None where there is none that can be read."""
    try:
        value = read[tag].value if tag in read else None
    except (ValueError, TypeError, OverflowError):
        return None
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        return value
    if isinstance(value, (list, tuple, pydicom.multival.MultiValue)):
        return tuple(plain(one) for one in value)
    return plain(value)


def plain(value: Any) -> Any:
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value) if type(value).__name__ == "DSdecimal" else str(value).strip(" \0")
    except ValueError:
        return str(value)


def same(ours: Any, other: Any) -> bool:
    if isinstance(ours, (list, tuple)):
        whole = other if isinstance(other, tuple) else () if other is None else (other,)
        return len(ours) == len(whole) and all(map(same, ours, whole))
    if isinstance(other, tuple) and other:
        return same(ours, other[0])
    if isinstance(ours, (int, float)):
        return ours == other or (math.isnan(ours) and math.isnan(other))
    return bool((ours or None) == (other or None))


def compare(folder: Path) -> int:
    count = 0
    defaults = SliceHeader()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, ours, read in headers_of(folder):
            count += 1
            for tag, (name, _, _) in WANTED.items():
                if name in OTHERWISE or (name in DOSES and "DoseGridScaling" in read):
                    continue
                got, want = getattr(ours, name), theirs(read, tag)
                if name in ("image_type", "window_explanations", "series_description"):
                    want = tuple(part.strip() for part in want) if isinstance(want, tuple) else want
                if name == "frames" and want == "1A":
                    want = 0
                if want is None or want == ():
                    assert got == getattr(defaults, name), (path, name)
                else:
                    assert same(got, want), (path, name, got, want)
            syntax = read.file_meta.get("TransferSyntaxUID") if "file_meta" in dir(read) else None
            assert not syntax or ours.transfer_syntax == syntax, path
            assert ours.signed == (read.get("PixelRepresentation") == 1), path
            if ours.spacing_source == "pixel":
                assert same(ours.pixel_spacing, tuple(map(float, read.PixelSpacing))), path
            elif ours.spacing_source == "imager":
                assert same(ours.pixel_spacing, tuple(map(float, read.ImagerPixelSpacing))), path
            assert ours.has_functional_groups == any(
                name in read
                for name in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence")
            ), path
            assert ours.has_palette == ("RedPaletteColorLookupTableDescriptor" in read), path
            groups = tuple(group for group in range(0x6000, 0x6020, 2) if (group, 0x3000) in read)
            assert ours.overlays == groups, path
    return count


def test_headers_of_what_pydicom_carries_equal_pydicoms() -> None:
    assert compare(CARRIED) > 80


def test_headers_of_the_shared_data_equal_pydicoms(shared_data: Path) -> None:
    assert compare(shared_data / "dicom") > 100


def test_the_pixels_lie_where_the_header_says(shared_data: Path) -> None:
    checked = 0
    for path in dicom_files(CARRIED, shared_data / "dicom"):
        with open(path, "rb") as file:
            try:
                ours = read_header(file, str(path))
            except ImageError:
                continue
            read = pydicom.dcmread(path, force=True)
            if ours.pixel_offset is None or "PixelData" not in read:
                continue
            if ours.transfer_syntax == "1.2.840.10008.1.2.1.99":
                continue
            file.seek(ours.pixel_offset)
            assert file.read(64) == read.PixelData[:64], path
        checked += 1
    assert checked > 150


def written(implicit: bool = False, **values: Any) -> bytes:
    """Return a file of a data set with some elements."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = (
        pydicom.uid.ImplicitVRLittleEndian if implicit else pydicom.uid.ExplicitVRLittleEndian
    )
    dataset.file_meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.Modality = "CT"
    for name, value in values.items():
        setattr(dataset, name, value)
    made = io.BytesIO()
    dataset.save_as(made, enforce_file_format=True)
    return made.getvalue()


def header_of(data: bytes, limits: Limits | None = None) -> SliceHeader:
    return read_header(io.BytesIO(data), "x.dcm", limits)


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def test_a_slope_that_is_no_number_is_never_taken_for_one() -> None:
    data = written() + element(0x28, 0x1053, b"DS", b"1A")
    assert math.isnan(header_of(data).slope)
    data = written() + element(0x28, 0x1053, b"DS", b"")
    assert header_of(data).slope == 1


def test_numbers_that_cannot_be_read_are_as_if_they_were_not_there() -> None:
    data = written()
    data += element(0x20, 0x13, b"IS", b"one ")
    data += element(0x20, 0x32, b"DS", b"1\\2\\nan")
    data += element(0x28, 0x30, b"DS", b"0\\0 ")
    read = header_of(data)
    assert (read.instance_number, read.position, read.pixel_spacing) == (None, None, None)


@pytest.mark.parametrize("number", ["1e300", "9" * 30, "4294967296"])
def test_a_whole_number_that_no_integer_string_may_be_is_as_if_it_were_not_there(
    number: str,
) -> None:
    value = number.encode().ljust(len(number) + len(number) % 2)
    header = header_of(written() + element(0x20, 0x13, b"IS", value))
    assert header.instance_number is None


def test_spacing_at_the_detector_is_marked() -> None:
    read = header_of(written(ImagerPixelSpacing=[0.1, 0.2]))
    assert (read.pixel_spacing, read.spacing_source) == ((0.1, 0.2), "imager")
    read = header_of(written(ImagerPixelSpacing=[0.1, 0.2], PixelSpacing=[0.3, 0.4]))
    assert (read.pixel_spacing, read.spacing_source) == ((0.3, 0.4), "pixel")


def test_a_description_in_japanese_is_read() -> None:
    data = written(SpecificCharacterSet=["", "ISO 2022 IR 87"], SeriesDescription="頭部 CT")
    assert header_of(data).series_description == "頭部 CT"


def test_an_unknown_character_set_breaks_nothing() -> None:
    data = written(SeriesDescription="x")
    data = data.replace(b"\x08\0>\x10LO\2\0x ", b"\x08\0>\x10LO\2\0\xe9 ")
    assert header_of(data).series_description == "é"


@pytest.mark.parametrize("implicit", [False, True])
def test_sequences_of_undefined_length_are_passed(implicit: bool) -> None:
    inner = Dataset()
    inner.Modality = "MR"
    inner.Rows = 7
    middle = Dataset()
    middle.RequestAttributesSequence = [inner, inner]
    middle["RequestAttributesSequence"].is_undefined_length = True
    data = written(implicit, ReferencedStudySequence=[middle], Rows=5, Columns=3)
    read = header_of(data)
    assert (read.rows, read.columns, read.modality) == (5, 3, "CT")


def nested(depth: int) -> bytes:
    opened = struct.pack("<HH2sHI", 0x40, 0x275, b"SQ", 0, 0xFFFFFFFF)
    opened += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    closed = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return written(Rows=5) + opened * depth + closed * depth


def test_sequences_may_be_nested_as_deep_as_they_like() -> None:
    assert header_of(nested(100_000)).rows == 5


def test_what_pydicom_reads_for_us_is_told_in_words_when_it_is_nested_too_deep() -> None:
    data = nested(5000) + element(0x50, 1, b"zz", b"")
    with pytest.raises(ImageError, match="nested too deep"):
        header_of(data)


def test_a_false_length_is_a_header_that_ends_too_soon() -> None:
    data = written(Rows=5) + struct.pack("<HH2sHI", 0x29, 0x1010, b"OB", 0, 2_000_000_000)
    with pytest.raises(ImageError, match=r"x\.dcm: ends within its header"):
        header_of(data)
    data = written(Rows=5) + struct.pack("<HH2sHI", 0x28, 0x1055, b"UN", 0, 2_000_000_000)
    with pytest.raises(ImageError, match="claims 2000000000 bytes"):
        header_of(data)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200), b"\x08\0\x05\0"])
def test_what_is_no_dicom_file_is_named(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"x\.dcm: is no DICOM file"):
        header_of(data)


def deflated(size: int) -> bytes:
    plain = written()
    split = plain.index(b"\x08\0\x60\0CS")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = struct.pack("<HH2sHI", 0x09, 0x1010, b"OB", 0, size)
    made = packer.compress(plain[split:] + body) + packer.compress(bytes(size))
    made += packer.compress(element(0x28, 0x10, b"US", b"\5\0")) + packer.flush()
    start = plain[:split].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    # Two bytes more: of the element, and of its group.
    at = start.index(b"UI\x14\x001.2.840.10008.1.2.1.99")
    start = start[:at] + b"UI\x16\0" + start[at + 4 :]
    return start + made


def test_a_deflated_header_is_read() -> None:
    assert header_of(deflated(1000)).rows == 5


def test_a_bomb_of_deflated_data_stops_at_the_limits() -> None:
    with pytest.raises(LimitError, match="when it is inflated"):
        header_of(deflated(500_000_000), Limits(inflate_ratio=2))


@given(st.data())
def test_damaged_headers_raise_errors_of_ours_alone(data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from(
            ["MR_small.dcm", "MR_small_bigendian.dcm", "image_dfl.dcm", "UN_sequence.dcm"]
        )
    )
    whole = bytearray(Path(carried(name)).read_bytes()[:2500])
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = header_of(cut)
        except LabelwidgetsError as error:
            assert error.where == "x.dcm"  # noqa: PT017 - it may also be read
        else:
            assert isinstance(made, SliceHeader)
