"""Stored values are those of pydicom, in every transfer syntax, frame by frame."""

from __future__ import annotations

import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.pixels.utils import pixel_array

from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom import codecs
from labelwidgets.media.dicom.colours import rgb_of
from labelwidgets.media.dicom.pixel_file import PixelFile
from labelwidgets.media.dicom.reading import header_of
from labelwidgets.media.limits import Limits
from tests.media.dicom.made_files import (
    bytes_of,
    dataset_of,
    encapsulated,
    opened,
    pixel_file,
    ramp,
)
from tests.media.dicom.real_files import CARRIED, carried, dicom_files

RLE = "1.2.840.10008.1.2.5"
LS = "1.2.840.10008.1.2.4.80"
J2K = "1.2.840.10008.1.2.4.90"
JPEG = "1.2.840.10008.1.2.4.50"


def frames_of(folder: Path) -> Iterator[tuple[Path, PixelFile, npt.NDArray[Any]]]:
    """Read the first and last frame of all files that pydicom decodes, too."""
    for path in dicom_files(folder):
        try:
            file = pixel_file(path)
            file.check()
        except LabelwidgetsError:
            continue
        try:
            theirs = pixel_array(path, raw=True)
        except Exception:
            theirs = None
        if theirs is not None:
            yield path, file, theirs if file.header.frames > 1 else theirs[None]


def compare(folder: Path) -> int:
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, file, theirs in frames_of(folder):
            if file.header.photometric.startswith("YBR") and "4.50" in file.header.transfer_syntax:
                # Theirs are not converted yet.
                theirs = pixel_array(path)
                theirs = theirs if theirs.ndim == 4 else theirs[None]
            for frame in {0, file.header.frames - 1}:
                ours = file.stored(frame)
                assert ours.dtype.isnative
                assert ours.shape == theirs[frame].shape, path
                assert (ours == theirs[frame]).all(), path
            count += 1
    return count


def test_stored_values_of_what_pydicom_carries_equal_pydicoms() -> None:
    assert compare(CARRIED) > 70


def test_stored_values_of_the_shared_data_equal_pydicoms(shared_data: Path) -> None:
    assert compare(shared_data / "dicom") > 100


def test_one_slice_is_the_same_in_all_its_transfer_syntaxes(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "ct_codecs"
    wanted = pixel_array(folder / "CTImage.dcm").astype(int)
    shades = {}
    for path in sorted(folder.glob("CTImage.dcm_*")):
        file = pixel_file(path)
        ours = file.stored(0).astype(int)
        uid = file.header.transfer_syntax
        if file.header.bits_stored == 16:
            # Nearly lossless, and JPEG 2000 with losses.
            near = 5 if uid.endswith((".81", ".91")) else 0
            assert np.abs(ours - wanted).max() <= near, path.name
        else:
            shades[uid] = np.corrcoef(ours.ravel(), wanted.ravel())[0, 1]
    # Of 8 and 12 bits, which were windowed before.
    assert set(shades) == {f"1.2.840.10008.1.2.4.{last}" for last in ("50", "51", "53", "55")}
    assert min(shades.values()) > 0.9


@pytest.fixture
def _no_imagecodecs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imagecodecs", None)


@pytest.mark.usefixtures("_no_imagecodecs")
@pytest.mark.parametrize(
    "name", ["MR_small_RLE.dcm", "SC_rgb_rle_16bit_2frame.dcm", "SC_rgb_dcmtk_+eb+cr.dcm"]
)
def test_without_imagecodecs_pydicom_decodes_what_it_can(name: str) -> None:
    path = Path(carried(name))
    theirs = pixel_array(path)
    file = pixel_file(path)
    assert (file.stored(0) == (theirs[0] if file.header.frames > 1 else theirs)).all()


@pytest.mark.usefixtures("_no_imagecodecs")
def test_a_syntax_that_nothing_decodes_is_named_with_the_extra(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydicom.pixels.decoders.base import JPEGLSLosslessDecoder

    monkeypatch.setattr(JPEGLSLosslessDecoder, "_available", {})
    path = next((shared_data / "dicom" / "ct_codecs").glob("*JPEGLSLossless*"))
    with pytest.raises(ImageError) as caught:
        pixel_file(path).stored(0)
    assert f"JPEG-LS Lossless Image Compression ({LS})" in str(caught.value)
    assert 'pip install "labelwidgets[dicom]"' in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_video_is_named(tmp_path: Path) -> None:
    made = encapsulated(dataset_of(ramp(kind="u1")), [b"abcd"], "1.2.840.10008.1.2.4.102")
    with pytest.raises(ImageError, match=r"MPEG-4 AVC/H\.264 .*\(1\.2\.840\.10008\.1\.2\.4\.102\)"):
        opened(tmp_path / "x.dcm", made).stored(0)


def test_pixels_that_are_not_encapsulated_are_no_compressed_ones(tmp_path: Path) -> None:
    made = bytes_of(dataset_of(ramp())).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
    with pytest.raises(ImageError, match="claims compressed pixels"):
        opened(tmp_path / "x.dcm", made).stored(0)


def rle(pixels: npt.NDArray[Any]) -> bytes:
    import imagecodecs

    coded = imagecodecs.packbits_encode(pixels.astype("u1").tobytes())
    return struct.pack("<16I", 1, 64, *[0] * 14) + coded + b"\0" * (len(coded) % 2)


class Counted:
    """The bytes of a file that were read through an access."""

    def __init__(self, path: Path) -> None:
        self.access = Access()
        header = header_of(str(path), self.access)
        self.file = PixelFile(str(path), header, self.access)
        self.before = 0
        self.before = self.bytes_read()

    def bytes_read(self) -> int:
        return int(self.access.traffic.frame()["bytes"].sum()) - self.before


@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("parts", [1, 3])
def test_a_frame_is_read_without_the_others(tmp_path: Path, table: bool, parts: int) -> None:
    import imagecodecs

    dice = np.random.default_rng(3)
    pixels = dice.integers(0, 4000, (12, 256, 256)).astype(np.uint16)
    coded = [imagecodecs.jpegls_encode(one) for one in pixels]
    made = encapsulated(dataset_of(pixels), coded, LS, table, parts)
    path = tmp_path / "x.dcm"
    path.write_bytes(bytes_of(made))
    counted = Counted(path)
    assert (counted.file.stored(7) == pixels[7]).all()
    own = len(coded[7])
    # A block beside it for the header of each item that has to be looked at.
    looked = parts + 1 if table else 12 * parts + 1
    assert counted.bytes_read() <= own + (looked + 2) * (1 << 14)
    assert (counted.file.stored(11) == pixels[11]).all()
    assert (counted.file.stored(0) == pixels[0]).all()


def test_an_extended_offset_table_leads_to_a_frame(tmp_path: Path) -> None:
    dice = np.random.default_rng(3)
    pixels = dice.integers(0, 255, (5, 40, 40)).astype(np.uint8)
    coded = [rle(one) for one in pixels]
    made = encapsulated(dataset_of(pixels), coded, RLE)
    lengths = [len(one) for one in coded]
    places = [sum(lengths[:at]) + 8 * at for at in range(5)]
    made.ExtendedOffsetTable = struct.pack("<5Q", *places)
    made.ExtendedOffsetTableLengths = struct.pack("<5Q", *lengths)
    file = opened(tmp_path / "x.dcm", made)
    assert file.header.offset_table is not None
    for frame in (4, 0, 2):
        assert (file.stored(frame) == pixels[frame]).all()


def test_an_uncompressed_frame_is_read_alone_and_rows_of_it_too(tmp_path: Path) -> None:
    pixels = np.arange(20 * 64 * 64, dtype=np.int32).reshape(20, 64, 64).astype(np.int16)
    path = tmp_path / "x.dcm"
    path.write_bytes(bytes_of(dataset_of(pixels)))
    counted = Counted(path)
    assert (counted.file.stored(13) == pixels[13]).all()
    assert counted.bytes_read() == 64 * 64 * 2
    assert (counted.file.stored(13, (10, 12)) == pixels[13, 10:12]).all()
    assert counted.bytes_read() == 64 * 64 * 2 + 2 * 64 * 2


def test_frames_of_single_bits_begin_within_bytes(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    pixels = dice.integers(0, 2, (5, 3, 7)).astype(np.uint8)
    made = dataset_of(pixels)
    packed = np.packbits(pixels.ravel(), bitorder="little").tobytes()
    made.PixelData = packed + b"\0" * (len(packed) % 2)
    made.BitsAllocated = made.BitsStored = 1
    made.HighBit = 0
    file = opened(tmp_path / "x.dcm", made)
    for frame in range(5):
        assert (file.stored(frame) == pixels[frame]).all()


def test_bits_that_are_not_stored_ones_are_taken_off(tmp_path: Path) -> None:
    made = dataset_of(np.array([[0xF123, 0x0FFF]], np.uint16), BitsStored=12, HighBit=11)
    assert opened(tmp_path / "x.dcm", made).stored(0).tolist() == [[0x123, 0xFFF]]
    made = dataset_of(np.array([[0x0FFF, 0x0001]], np.int16), BitsStored=12, HighBit=11)
    assert opened(tmp_path / "x.dcm", made).stored(0).tolist() == [[-1, 1]]
    made = dataset_of(np.array([[0xABC5, 0x1230]], np.uint16), BitsStored=12, HighBit=15)
    assert opened(tmp_path / "x.dcm", made).stored(0).tolist() == [[0xABC, 0x123]]
    made = dataset_of(np.array([[0xABC5, 0x1230]], np.uint16), BitsStored=99, HighBit=98)
    assert opened(tmp_path / "x.dcm", made).stored(0).tolist() == [[0xABC5, 0x1230]]


def test_colours_equal_pydicoms() -> None:
    count = 0
    for path in dicom_files(CARRIED):
        try:
            header = header_of(str(path), Access())
        except LabelwidgetsError:
            continue
        if header.samples != 3 or header.bits_allocated != 8 or header.pixel_offset is None:
            continue
        file = pixel_file(path)
        if path.name == "SC_rgb_jpeg.dcm":
            # Explicit in name only, which pydicom does not decode by index.
            continue
        theirs = pixel_array(path, index=0)
        ours = rgb_of(file.stored(0), file.header, "x").astype(int)
        assert np.abs(ours - theirs).max() <= 1, path
        count += 1
    assert count > 20


# What cannot be.


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"Rows": 0}, "claims a picture of 5 x 0 pixels"),
        ({"Rows": 65535, "Columns": 65535}, "claims 65535 x 65535 pixels"),
        ({"NumberOfFrames": "0"}, "number of frames"),
        ({"SamplesPerPixel": 7}, "claims 7 samples"),
        ({"BitsAllocated": 13}, "claims 13 bits"),
        ({"Rows": 600}, "of at least 6000"),
    ],
)
def test_what_a_header_claims_is_checked_first(
    tmp_path: Path, change: dict[str, Any], match: str
) -> None:
    with pytest.raises((ImageError, LimitError), match=match) as caught:
        opened(tmp_path / "x.dcm", dataset_of(ramp(), **change)).stored(0)
    assert "x.dcm" in str(caught.value)


def test_a_false_length_of_the_pixels_is_a_file_that_ends_too_soon(tmp_path: Path) -> None:
    data = bytes_of(dataset_of(ramp(200, 200)))
    at = data.index(b"\xe0\x7f\x10\x00OW\0\0") + 8
    data = data[:at] + struct.pack("<I", 2_000_000_000) + data[at + 4 : -1000]
    with pytest.raises(ImageError, match="ends within its pixels"):
        opened(tmp_path / "x.dcm", data).stored(0)


def test_a_file_that_pydicom_takes_for_empty_is_read(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "pydicom-data"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(pydicom.dcmread(folder / "emri_small_jpeg_2k_lossless_too_short.dcm")) == 0
    # What ends all fragments is missing, and no more.
    ours = pixel_file(folder / "emri_small_jpeg_2k_lossless_too_short.dcm")
    whole = pixel_file(folder / "emri_small_jpeg_2k_lossless.dcm")
    for frame in range(10):
        assert (ours.stored(frame) == whole.stored(frame)).all()


def test_a_frame_that_was_cut_short_is_named_and_the_others_are_read(
    tmp_path: Path, shared_data: Path
) -> None:
    name = "emri_small_jpeg_2k_lossless_too_short.dcm"
    data = (shared_data / "dicom" / "pydicom-data" / name).read_bytes()[:-20]
    file = opened(tmp_path / "x.dcm", data)
    assert file.stored(8).shape == (64, 64)
    with pytest.raises(ImageError, match=r"x\.dcm: ends within its pixels"):
        file.stored(9)


def test_a_codestream_that_claims_another_size_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import imagecodecs

    def refuse(*given: Any, **named: Any) -> None:
        raise AssertionError("was decoded")

    pixels = ramp(64, 64, "u1")
    large = np.zeros((4000, 4000), np.uint8)
    coded = {
        LS: imagecodecs.jpegls_encode(large),
        J2K: imagecodecs.jpeg2k_encode(large, codecformat="j2k", reversible=True),
        JPEG: imagecodecs.jpeg8_encode(large),
    }
    for name in ("jpegls_decode", "jpeg2k_decode", "jpeg8_decode"):
        monkeypatch.setattr(imagecodecs, name, refuse)
    for syntax, data in coded.items():
        with pytest.raises(ImageError, match="holds a picture of 4000 x 4000"):
            opened(tmp_path / "x.dcm", encapsulated(dataset_of(pixels), [data], syntax)).stored(0)


def test_runs_that_become_more_than_a_frame_are_refused(tmp_path: Path) -> None:
    bomb = struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\0" * 1_000_000
    made = encapsulated(dataset_of(ramp(8, 8, "u1")), [bomb], RLE)
    with pytest.raises(ImageError, match=r"cannot be decoded as RLE Lossless"):
        opened(tmp_path / "x.dcm", made).stored(0)


def test_a_deflated_frame_becomes_no_more_than_a_frame(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = packer.compress(bytes(range(30)) + bytes(100_000_000)) + packer.flush()
    made = bytes_of(encapsulated(dataset_of(ramp(6, 5, "u1")), [data], "1.2.840.10008.1.2.4.57"))
    made = made.replace(b"1.2.840.10008.1.2.4.57", b"1.2.840.10008.1.2.8.1\0")
    assert (opened(tmp_path / "x.dcm", made).stored(0) == ramp(6, 5, "u1")).all()


def test_fewer_frames_than_claimed_are_named(tmp_path: Path) -> None:
    made = encapsulated(dataset_of(ramp(6, 5, "u1")), [rle(ramp(6, 5, "u1"))], RLE)
    made.NumberOfFrames = 1_000_000_000
    with pytest.raises(ImageError, match="claims 1,000,000,000 frames, of which 1 are there"):
        opened(tmp_path / "x.dcm", made).stored(0)


def test_every_family_is_known_by_pydicom_or_here() -> None:
    assert set(codecs._DECODERS) | {"bytes", "deflated"} == set(codecs._FAMILIES.values())


def test_a_limit_of_pixels_holds(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="claims 5 x 6 pixels"):
        opened(tmp_path / "x.dcm", dataset_of(ramp()), Limits(pixels=20)).stored(0)


def test_big_endian_bytes_in_words_are_those_of_pydicom() -> None:
    path = Path(carried("SC_rgb_small_odd_big_endian.dcm"))
    assert (pixel_file(path).stored(0) == pydicom.dcmread(path).pixel_array).all()
