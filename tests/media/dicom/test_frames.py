"""Files of several frames: where each of them lies, and what its values mean."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset as Elements

from labelwidgets.errors import LabelwidgetsError, LimitError
from labelwidgets.media import Dataset, DicomSeries
from tests.media.dicom.made import AXIAL, content, dataset, slice_bytes

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"


def group(**sequences: dict[str, Any]) -> Elements:
    """Return an item of functional groups."""
    made = Elements()
    for name, values in sequences.items():
        item = Elements()
        for key, value in values.items():
            setattr(item, key, value)
        setattr(made, name, [item])
    return made


def enhanced(frames: list[Elements], shared: Elements | None = None, **changes: Any) -> bytes:
    bare = dict.fromkeys(("PixelSpacing", "SliceThickness", "RescaleSlope", "RescaleIntercept"))
    bare |= dict.fromkeys(("WindowCenter", "WindowWidth", "ImageOrientationPatient"))
    made = dataset(None, 1, NumberOfFrames=len(frames), SOPClassUID=ENHANCED_CT, **bare, **changes)
    measures = {"PixelSpacing": [0.5, 0.25], "SliceThickness": 3}
    made.SharedFunctionalGroupsSequence = [
        shared
        or group(
            PixelMeasuresSequence=measures,
            PlaneOrientationSequence={"ImageOrientationPatient": AXIAL},
        )
    ]
    made.PerFrameFunctionalGroupsSequence = frames
    return content(made)


def at(z: float, **more: dict[str, Any]) -> Elements:
    return group(PlanePositionSequence={"ImagePositionPatient": [1, 2, z]}, **more)


def opened(folder: Path, data: bytes) -> DicomSeries:
    (folder / "x.dcm").write_bytes(data)
    return DicomSeries(folder / "x.dcm")


def test_frames_lie_where_their_groups_say(tmp_path: Path) -> None:
    series = opened(tmp_path, enhanced([at(z) for z in (8, 2, 4, 6)]))
    assert series.spacing == (2.0, 0.5, 0.25)
    assert [one[2] for one in series.slices.position] == [2, 4, 6, 8]
    assert list(series.slices.frame) == [1, 2, 3, 0]
    # Made so that frame n holds the value 1 + n.
    assert [int(series.hu(k)[0, 0]) for k in range(4)] == [2, 3, 4, 1]
    assert [series.instance(k).frame for k in range(4)] == [2, 3, 4, 1]
    assert series.affine is not None
    np.testing.assert_allclose(series.affine[:3, 3], [1, 2, 2])


def test_each_frame_has_its_own_slope_and_window(tmp_path: Path) -> None:
    frames = [
        at(
            z,
            PixelValueTransformationSequence={
                "RescaleSlope": slope,
                "RescaleIntercept": -10,
                "RescaleType": "HU",
            },
            FrameVOILUTSequence={"WindowCenter": 10 * slope, "WindowWidth": 99},
        )
        for z, slope in ((0, 1), (2, 5), (4, 7))
    ]
    series = opened(tmp_path, enhanced(frames))
    assert [int(series.hu(k)[0, 0]) for k in range(3)] == [1 - 10, 2 * 5 - 10, 3 * 7 - 10]
    assert list(series.slices.window_level) == [10, 50, 70]
    assert list(series.slices.slope) == [1, 5, 7]


def test_phases_of_one_file_lie_behind_each_other_and_that_is_said(tmp_path: Path) -> None:
    frames = [
        at(z, FrameContentSequence={"TemporalPositionIndex": phase})
        for z in (0, 2, 4)
        for phase in (1, 2)
    ]
    series = opened(tmp_path, enhanced(frames))
    assert list(series.slices.frame) == [0, 2, 4, 1, 3, 5]
    assert series.affine is None
    (problem,) = [one for one in series.problems if one.kind == "phases"]
    assert "2 stacks" in problem.message
    assert "phase 1, phase 2" in problem.message


def test_a_place_that_is_shared_is_the_place_of_no_frame(tmp_path: Path) -> None:
    shared = group(
        PixelMeasuresSequence={"PixelSpacing": [0.5, 0.5]},
        PlaneOrientationSequence={"ImageOrientationPatient": AXIAL},
        PlanePositionSequence={"ImagePositionPatient": [1, 2, 3]},
    )
    several = opened(tmp_path, enhanced([Elements(), Elements()], shared))
    assert several.affine is None
    assert several.slices.position.isna().all()
    single = opened(tmp_path, enhanced([Elements()], shared))
    assert single.slices.position[0] == (1, 2, 3)
    assert single.affine is not None


def test_too_few_groups_are_no_crash(tmp_path: Path) -> None:
    base = dataset(None, 1, NumberOfFrames=3, SOPClassUID=ENHANCED_CT)
    base.PerFrameFunctionalGroupsSequence = [at(0)]
    base.SharedFunctionalGroupsSequence = []
    series = opened(tmp_path, content(base))
    assert len(series) == 3
    assert series.affine is None


def test_groups_far_beyond_the_frames_are_not_made(tmp_path: Path) -> None:
    good = enhanced([at(0), at(1)])
    pixels = good.index(b"\xe0\x7f\x10\x00OW")
    items = b"\xfe\xff\x00\xe0\0\0\0\0" * 20_000
    groups = b"\x00\x52\x30\x92SQ\0\0" + struct.pack("<I", len(items)) + items
    before = good[: good.index(b"\x00\x52\x30\x92SQ")]
    with pytest.raises(LimitError, match="20,000 items for 2 frames"):
        opened(tmp_path, before + groups + good[pixels:])


def test_a_cine_has_its_frames_in_their_order_and_the_millimetres_of_its_region(
    tmp_path: Path,
) -> None:
    region = Elements()
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 5, 3
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, -0.03
    region.RegionDataType = 1
    made = dataset(
        None,
        1,
        Modality="US",
        NumberOfFrames=4,
        PixelSpacing=None,
        ImageOrientationPatient=None,
        SliceThickness=None,
    )
    made.SequenceOfUltrasoundRegions = [region]
    series = opened(tmp_path, content(made))
    assert len(series) == 4
    assert list(series.slices.frame) == [0, 1, 2, 3]
    assert series.spacing == pytest.approx((1.0, 0.3, 0.2))
    assert {"order", "spacing"} <= {one.kind for one in series.problems}
    assert series.affine is None


def test_each_file_of_several_frames_is_a_scan_by_itself(tmp_path: Path) -> None:
    for name in ("a.dcm", "b.dcm"):
        cine = slice_bytes(None, None, NumberOfFrames=3, SOPInstanceUID=f"1.{ord(name[0])}")
        (tmp_path / name).write_bytes(cine)
    dataset = Dataset.open(tmp_path)
    assert [one["slices"] for one in dataset.items.metadata] == [3, 3]
    assert [len(dataset.volume(item)) for item in dataset] == [3, 3]


@pytest.mark.parametrize("count", [20_001, 10**9, -3, 0])
def test_false_numbers_of_frames_are_errors_that_name_the_file(tmp_path: Path, count: int) -> None:
    made = dataset(None, 1)
    made.NumberOfFrames = count
    if count > 0:
        with pytest.raises(LimitError, match=r"x\.dcm: claims"):
            opened(tmp_path, content(made))
        return
    try:
        series = opened(tmp_path, content(made))
    except LabelwidgetsError as error:
        assert "x.dcm" in str(error)  # noqa: PT017 - it may also be read
    else:
        assert len(series) == 1


class TestReal:
    """Against what others make of real files."""

    def test_an_enhanced_ct(self, shared_data: Path) -> None:
        series = DicomSeries(shared_data / "dicom/pydicom-data/eCT_Supplemental.dcm")
        assert series.spacing == (10.0, 0.388672, 0.388672)
        # Its rows run to the right, so slices are counted to the feet.
        assert [one[2] for one in series.slices.position] == [-149, -159]
        assert series.affine is not None
        assert np.linalg.det(series.affine[:3, :3]) > 0

    @pytest.mark.parametrize("name", ["emri_small.dcm", "emri_small_RLE.dcm"])
    def test_an_enhanced_mr_without_places(self, shared_data: Path, name: str) -> None:
        series = DicomSeries(shared_data / "dicom/pydicom-data" / name)
        assert series.grid.shape == (10, 64, 64)
        assert series.spacing is None
        assert list(series.slices.frame) == list(range(10))

    def test_what_pydicom_takes_for_an_empty_file_is_read_as_far_as_it_goes(
        self, shared_data: Path
    ) -> None:
        name = "emri_small_jpeg_2k_lossless_too_short.dcm"
        series = DicomSeries(shared_data / "dicom/pydicom-data" / name)
        whole = DicomSeries(shared_data / "dicom/pydicom-data/emri_small_jpeg_2k_lossless.dcm")
        assert series.grid.shape == whole.grid.shape == (10, 64, 64)
        shown = 0
        for index in range(10):
            try:
                values = series.hu(index)
            except LabelwidgetsError as error:
                assert name in str(error)  # noqa: PT017 - others are read
            else:
                np.testing.assert_array_equal(values, whole.hu(index))
                shown += 1
        assert shown >= 8

    def test_a_dose_has_planes_where_its_offsets_say(self, shared_data: Path) -> None:
        series = DicomSeries(shared_data / "dicom/pydicom-tests/rtdose.dcm")
        assert series.grid.shape == (15, 10, 10)
        assert series.spacing == (5.0, 10.0, 10.0)
        assert series.affine is not None
        np.testing.assert_allclose(series.affine[:3, 3], [189.43125, 199.43125, -761.87])


class TestOracle:
    """Order and affine against SimpleITK."""

    @pytest.mark.parametrize("name", ["ct_phantom_5mm", "ct_phantom_1mm_40slices.zip"])
    def test_values_order_and_affine_are_those_of_simpleitk(
        self, shared_data: Path, tmp_path: Path, name: str
    ) -> None:
        sitk: Any = pytest.importorskip("SimpleITK")
        source = shared_data / "dicom" / name
        series = DicomSeries(source)
        folder = source
        if source.suffix == ".zip":
            import zipfile

            zipfile.ZipFile(source).extractall(tmp_path)
            folder = tmp_path
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
        image = reader.Execute()
        np.testing.assert_array_equal(series.volume(), sitk.GetArrayFromImage(image))
        assert series.affine is not None
        for index in ((0, 0, 0), (511, 0, 0), (0, 511, 3), (100, 200, len(series) - 1)):
            theirs = image.TransformIndexToPhysicalPoint(index)
            np.testing.assert_allclose((series.affine @ (*index, 1))[:3], theirs, atol=1e-3)

    def test_a_tilted_head_with_three_gaps(self, shared_data: Path) -> None:
        series = DicomSeries(shared_data / "dicom/ct_head_ge_tilt_variable_spacing.zip")
        gaps = np.round(series.slices.gap.to_numpy()[1:], 2)
        assert set(gaps) == {1.08, 4.0, 7.0}
        assert list(series.slices.instance_number) == list(range(1, 29))
        told = {one.kind: one.message for one in series.problems}
        assert "18.5 degrees" in told["tilt"]
        assert "1.08 mm (once), 4.00 mm (13 times), 7.00 mm (13 times)" in told["gap"]
        assert series.spacing is not None
        assert series.spacing[0] == pytest.approx(4.0, abs=0.01)
