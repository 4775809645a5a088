"""Segmentations that other tools wrote, of scans of every kind, and damaged ones."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats import FormatWarning
from labelwidgets.media import Dataset
from tests.formats.scans import SHAPE, label, make_ct, open_scan, voxels_of


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("ct")
    slices = make_ct(folder / "chest")
    return *open_scan(folder), slices


@pytest.fixture(scope="module")
def good(scan: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    dataset, item, _ = scan
    path = tmp_path_factory.mktemp("seg") / "seg.dcm"
    mask = np.zeros(SHAPE, bool)
    mask[1:3, 2:6, 3:9] = True
    labels = [label(item, "a", mask), label(item, "b", ~mask)]
    formats.write(labels, path, "dicom_seg", dataset=dataset)
    return path.read_bytes()


def test_liver_and_five_overlapping_segments_of_dcmqi(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "seg_dcmqi"
    dataset = Dataset.open(str(folder / "ct-3slice"))
    item = dataset.items["id"][0]
    volume = dataset.volume(item)
    for name in ("liver.dcm", "partial_overlaps.dcm"):
        back = formats.read(folder / name, dataset=dataset)
        assert not len(back.unmatched)
        assert not len(back.left_out)
        read = hd.seg.segread(folder / name)
        uids = [volume.instance(index).sop_instance for index in range(len(volume))]
        wanted = read.get_pixels_by_source_instance(
            uids,
            assert_missing_frames_are_empty=True,
            combine_segments=False,
            ignore_spatial_locations=True,
        )
        assert len(back.annotations) == wanted.shape[-1]
        for number, made in enumerate(back.annotations):
            assert np.array_equal(voxels_of(made, volume.grid.shape), wanted[..., number])
            described = read.get_segment_description(number + 1)
            assert made.class_name == described.SegmentLabel
    # Bits packed into RLE, which pydicom does not decode.
    rle = formats.read(shared_data / "dicom" / "pydicom-data" / "liver_rle.dcm", dataset=dataset)
    plain = formats.read(folder / "liver.dcm", dataset=dataset)
    assert rle.annotations[0].geometry == plain.annotations[0].geometry


def test_binary_overlapping_and_fractional_segments_of_highdicom(shared_data: Path) -> None:
    folder = shared_data / "dicom"
    dataset = Dataset.open(str(folder / "pydicom-tests" / "dicomdir"), errors="collect")
    for name, sums in (
        ("seg_image_ct_binary.dcm", [638]),
        ("seg_image_ct_binary_overlap.dcm", [64, 16]),
    ):
        back = formats.read(folder / "seg_highdicom" / name, dataset=dataset)
        assert [made.geometry.area for made in back.annotations] == sums
    path = folder / "seg_highdicom" / "seg_image_ct_true_fractional.dcm"
    stored = pydicom.dcmread(path)
    part = stored.pixel_array / stored.MaximumFractionalValue
    for threshold in (0.2, 0.5, 1.0):
        between = np.count_nonzero((part > 0) & (part < 1))
        with pytest.warns(FormatWarning, match=f"{between:,} voxels partly in a segment"):
            (made,) = formats.read(
                path, dataset=dataset, threshold=threshold, errors="collect"
            ).annotations or [None]
        wanted = np.count_nonzero(part >= threshold)
        assert (made.geometry.area if made else 0) == wanted


SCANS = [
    "pydicom-data/US1_UNCR.dcm",
    "pydicom-data/OBXXXX1A_rle_2frame.dcm",
    "pydicom-data/SC_rgb_16bit_2frame.dcm",
    "pydicom-data/eCT_Supplemental.dcm",
    "pydicom-data/emri_small.dcm",
    "pydicom-data/mlut_18.dcm",
    "pydicom-data/JPEG-LL.dcm",
    "seg_highdicom/sm_image.dcm",
    "ct_head_ge_tilt_variable_spacing.zip",
]


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("encoding", ["binary", "labelmap"])
@pytest.mark.filterwarnings("ignore")
def test_scans_of_every_kind_are_segmented_to_the_voxel(
    shared_data: Path, tmp_path: Path, name: str, encoding: str
) -> None:
    """Ultrasound, captures, enhanced CT and MR, radiographs, microscopy, and a tilted head."""
    path = shared_data / "dicom" / name
    dataset = Dataset.open(str(path) if name.endswith("zip") else [str(path)])
    (item,) = dataset.items["id"]
    volume = dataset.volume(item)
    mask = np.random.default_rng(1).random(volume.grid.shape) > 0.7
    target = tmp_path / "seg.dcm"
    formats.write([label(item, "x", mask)], target, "dicom_seg", dataset=dataset, encoding=encoding)
    (made,) = formats.read(target, dataset=dataset).annotations
    assert np.array_equal(voxels_of(made, volume.grid.shape), mask)
    read = hd.seg.segread(target)
    instances = [volume.instance(index) for index in range(len(volume))]
    if instances[0].frame is None:
        pixels = read.get_pixels_by_source_instance(
            [one.sop_instance for one in instances],
            assert_missing_frames_are_empty=True,
            combine_segments=False,
        )
    else:
        pixels = read.get_pixels_by_source_frame(
            instances[0].sop_instance,
            [one.frame for one in instances],
            assert_missing_frames_are_empty=True,
            combine_segments=False,
        )
    assert np.array_equal(pixels[..., 0], mask)
    assert np.array_equal(pydicom.dcmread(target).pixel_array.reshape(mask.shape), mask)


def test_our_objects_have_all_elements_that_highdicom_writes(scan: Any, tmp_path: Path) -> None:
    dataset, item, slices = scan
    mask = np.zeros(SHAPE, bool)
    mask[1:3, 2:6, 3:9] = True
    code = hd.sr.CodedConcept("85756007", "SCT", "Tissue")
    theirs = hd.seg.Segmentation(
        slices, mask.astype(np.uint8), "BINARY",
        [hd.seg.SegmentDescription(1, "x", code, code, "MANUAL")],
        hd.UID(), 1, hd.UID(), 1, "m", "mm", "1", "1",
    )  # fmt: skip
    path = tmp_path / "seg.dcm"
    formats.write([label(item, "x", mask)], path, "dicom_seg", dataset=dataset)
    ours = pydicom.dcmread(path)

    def names(made: pydicom.Dataset) -> set[str]:
        return {element.keyword for element in made}

    # Where it says less: what it copies of its own accord, or PS3.3 leaves open.
    free = {"SourceImageSequence", "ContributingEquipmentSequence", "PresentationLUTShape"}
    free.add("DimensionOrganizationType")
    assert names(theirs) - names(ours) <= free
    for sequence in (
        "PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence", "SegmentSequence",
        "ReferencedSeriesSequence", "DimensionIndexSequence",
    ):  # fmt: skip
        # A single segment may stand in what is shared, and does in highdicom's.
        more = {"SegmentIdentificationSequence"}
        assert names(theirs[sequence][0]) - names(ours[sequence][0]) <= more, sequence


def test_a_part_of_a_slice_turned_by_a_right_angle_is_put_where_it_lies(
    scan: Any, tmp_path: Path
) -> None:
    dataset, _, slices = scan
    rows, columns = np.arange(2, 9), np.arange(1, 12)
    part = np.random.default_rng(2).random((2, rows.size, columns.size)) > 0.5
    cosines = np.array(slices[0].ImageOrientationPatient, float)
    down, across = map(float, slices[0].PixelSpacing)
    # Rows of the part run against the columns of the scan, its columns along the rows.
    turned = part.transpose(0, 2, 1)[:, :, ::-1]
    start = cosines[:3] * across * columns[0] + cosines[3:] * down * rows[-1]
    positions = [
        hd.PlanePositionSequence(
            "PATIENT", [*(np.array(slices[k].ImagePositionPatient, float) + start)]
        )
        for k in (1, 2)
    ]
    code = hd.sr.CodedConcept("85756007", "SCT", "Tissue")
    made = hd.seg.Segmentation(
        slices, turned.astype(np.uint8), "BINARY",
        [hd.seg.SegmentDescription(1, "part", code, code, "MANUAL")],
        hd.UID(), 1, hd.UID(), 1, "m", "mm", "1", "1",
        plane_positions=positions,
        plane_orientation=hd.PlaneOrientationSequence(
            "PATIENT", [*-cosines[3:], *cosines[:3]]
        ),
        pixel_measures=hd.PixelMeasuresSequence([across, down], 2.5, 2.5),
    )  # fmt: skip
    path = tmp_path / "part.dcm"
    made.save_as(path)
    (found,) = formats.read(path, dataset=dataset).annotations
    wanted = np.zeros(SHAPE, bool)
    wanted[1:3, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = part
    assert np.array_equal(voxels_of(found), wanted)


def test_a_segmentation_of_another_grid_or_patient_is_said_to_be(
    scan: Any, good: bytes, tmp_path: Path
) -> None:
    make_ct(tmp_path / "other")
    other, _ = open_scan(tmp_path / "other")
    path = tmp_path / "seg.dcm"
    path.write_bytes(good)
    with pytest.raises(FormatError, match=r"seg\.dcm: none of its 6 frames"):
        formats.read(path, dataset=other)
    found = formats.read(path, dataset=other, errors="collect")
    assert int(found.unmatched["annotations"].sum()) == 6
    with pytest.raises(FormatError, match="needs the scans"):
        formats.read(path)


def damaged(good: bytes, change: Any) -> bytes:
    read = pydicom.dcmread(io.BytesIO(good))
    with pydicom.config.disable_value_validation():
        change(read)
        buffer = io.BytesIO()
        read.save_as(buffer)
    return buffer.getvalue()


FIELDS: list[tuple[str, Any, str]] = [
    ("Rows", 60_000, "PixelData"),
    ("Rows", 0, "Rows"),
    ("NumberOfFrames", 1_000_000, "PerFrameFunctionalGroupsSequence"),
    ("NumberOfFrames", 10**9, "NumberOfFrames"),
    ("NumberOfFrames", "x", "DICOM|NumberOfFrames"),
    ("BitsAllocated", 8, "BitsAllocated"),
    ("BitsAllocated", 16, "BitsAllocated"),
    ("SamplesPerPixel", 3, "SamplesPerPixel"),
    ("SegmentationType", "FUZZY", "SegmentationType"),
    ("SegmentationType", "FRACTIONAL", "BitsAllocated"),
    ("SegmentSequence", [], "SegmentSequence"),
    ("PixelData", b"\0\0", "PixelData"),
    ("PerFrameFunctionalGroupsSequence", [], "PerFrameFunctionalGroupsSequence"),
    ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.2", "SOPClassUID"),
]


@pytest.mark.parametrize(("field", "value", "named"), FIELDS)
def test_a_damaged_object_names_the_file_and_the_field(
    scan: Any, good: bytes, tmp_path: Path, field: str, value: Any, named: str
) -> None:
    path = tmp_path / "seg.dcm"
    try:
        path.write_bytes(damaged(good, lambda read: setattr(read, field, value)))
    except (TypeError, ValueError):
        pytest.skip("pydicom writes no such value")
    with pytest.raises((FormatError, LimitError), match=rf"seg\.dcm.*({named})"):
        formats.read(path, "dicom_seg", dataset=scan[0])


def test_a_frame_of_no_segment_or_without_references_is_named(
    scan: Any, good: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "seg.dcm"

    def unknown(read: pydicom.Dataset) -> None:
        group = read.PerFrameFunctionalGroupsSequence[3]
        group.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 77

    path.write_bytes(damaged(good, unknown))
    with pytest.raises(FormatError, match=r"FunctionalGroupsSequence\[3\].*is 77"):
        formats.read(path, dataset=scan[0])

    def nowhere(read: pydicom.Dataset) -> None:
        del read.FrameOfReferenceUID
        for group in read.PerFrameFunctionalGroupsSequence:
            del group.DerivationImageSequence
            group.PlanePositionSequence[0].ImagePositionPatient = ["NaN", "0", "0"]

    path.write_bytes(damaged(good, nowhere))
    with pytest.raises(FormatError, match="ImagePositionPatient"):
        formats.read(path, dataset=scan[0])

    def elsewhere(read: pydicom.Dataset) -> None:
        for group in read.PerFrameFunctionalGroupsSequence[:2]:
            del group.DerivationImageSequence
            group.PlanePositionSequence[0].ImagePositionPatient = [1e5, 1e5, 1e5]

    path.write_bytes(damaged(good, elsewhere))
    found = formats.read(path, dataset=scan[0])
    assert list(found.unmatched["annotations"]) == [2]
    assert "mm from the nearest slice" in found.unmatched["reason"][0]


def test_a_deflate_bomb_is_refused_before_it_is_inflated(
    scan: Any, good: bytes, tmp_path: Path
) -> None:
    read = pydicom.dcmread(io.BytesIO(good))
    read.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    buffer = io.BytesIO()
    read.save_as(buffer)
    path = tmp_path / "seg.dcm"
    path.write_bytes(buffer.getvalue())
    assert len(formats.read(path, dataset=scan[0]).annotations) == 2
    head = buffer.getvalue()
    start = 144 + int.from_bytes(head[140:144], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(b"\0" * 200_000_000) + packer.flush()
    path.write_bytes(head[:start] + bomb)
    with pytest.raises(LimitError, match=r"seg\.dcm"):
        formats.read(path, dataset=scan[0])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_that_were_changed_or_cut_are_read_or_refused_but_never_crash(
    scan: Any, good: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    broken = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(132, len(good) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del broken[data.draw(st.integers(200, len(good))) :]
    path = tmp_path / "seg.dcm"
    path.write_bytes(bytes(broken))
    error = None
    found: list[Any] = []
    try:
        found = formats.read(path, "dicom_seg", dataset=scan[0], errors="collect").annotations
    except LabelwidgetsError as refused:
        error = refused
    assert error is None or "seg.dcm" in str(error)
    assert all(voxels_of(made).any() for made in found)
