"""Values are what the standard makes of stored ones, in the smallest type that holds them."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut

from labelwidgets.algorithms.tone import tone_table, window_ends
from labelwidgets.errors import ImageError
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.dicom.uptake import uptake_factor
from labelwidgets.media.dicom.values import Rescale, rescale_in_place, values_of
from tests.media.dicom.made_files import bytes_of, dataset_of, ramp, stack
from tests.media.dicom.real_files import carried


def values(tmp_path: Path, dataset: Dataset | bytes) -> Any:
    path = tmp_path / "x.dcm"
    path.write_bytes(dataset if isinstance(dataset, bytes) else bytes_of(dataset))
    return stack([path]).values(0)


KINDS = ["u1", "i1", "u2", "i2", "u4", "i4"]


@given(
    st.sampled_from(KINDS),
    st.integers(-3, 3).filter(bool),
    st.integers(-70_000, 70_000),
    st.data(),
)
def test_whole_numbers_stay_whole_in_the_smallest_type(
    kind: str, slope: int, intercept: int, data: st.DataObject
) -> None:
    span = np.iinfo(kind)
    numbers = data.draw(st.lists(st.integers(int(span.min), int(span.max)), min_size=1))
    stored = np.array([numbers], kind)
    made = values_of(stored, Rescale(float(slope), float(intercept)))
    wanted = [number * slope + intercept for number in numbers]
    assert made[0].tolist() == wanted
    fits = [
        one
        for one in (np.int16, np.int32, np.int64)
        if np.iinfo(one).min <= min(wanted) and max(wanted) <= np.iinfo(one).max
    ]
    assert made.dtype == fits[0]


@given(
    st.lists(st.integers(0, 65535), min_size=1),
    st.integers(-5, 5).filter(bool),
    st.integers(-32768, 32767),
)
def test_in_place_it_is_the_same_where_it_fits(
    numbers: list[int], slope: int, intercept: int
) -> None:
    rescale = Rescale(float(slope), float(intercept))
    stored = np.array([numbers], np.uint16)
    wanted = values_of(stored, rescale)
    cells = stored.view(np.int16).copy()
    rescale_in_place(cells, rescale)
    fits = wanted.dtype == np.int16
    assert not fits or (cells == wanted).all()


@given(
    st.floats(-1e6, 1e6).filter(lambda one: abs(one) > 1e-6),
    st.floats(-1e6, 1e6),
    st.lists(st.integers(-32768, 32767), min_size=1),
)
def test_other_slopes_are_right_to_what_float32_holds(
    slope: float, intercept: float, numbers: list[int]
) -> None:
    stored = np.array([numbers], np.int16)
    made = values_of(stored, Rescale(slope, intercept))
    wanted = stored * slope + intercept
    assert np.allclose(made, wanted, rtol=2e-7, atol=1e-30) or made.dtype == np.int16


def test_each_slice_has_its_own_slope(tmp_path: Path) -> None:
    paths = []
    for at, (slope, intercept) in enumerate([(1, -1024), (2, 0), (3, 7)]):
        paths.append(tmp_path / f"{at}.dcm")
        made = dataset_of(ramp(), RescaleSlope=slope, RescaleIntercept=intercept)
        made.ImagePositionPatient, made.ImageOrientationPatient = [0, 0, at], [1, 0, 0, 0, 1, 0]
        made.SOPInstanceUID = f"1.2.{at}"
        paths[-1].write_bytes(bytes_of(made))
    scan = stack(paths)
    assert (scan.values(0) == ramp() - 1024).all()
    assert (scan.values(1) == ramp() * 2).all()
    assert (scan.values(2) == ramp() * 3 + 7).all()
    assert scan.values(2).dtype == np.int16


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        ("nan", "rescale slope that is no number"),
        ("inf", "rescale slope that is infinite"),
        ("1A", "rescale slope that is no number"),
        ("1e308", "which makes values infinite"),
        ("0", "rescale slope of 0"),
    ],
)
def test_a_slope_that_makes_no_values_is_refused(tmp_path: Path, slope: str, words: str) -> None:
    data = bytes_of(dataset_of(ramp(), RescaleSlope="7.7777"))
    at = data.index(b"7.7777")
    data = data[:at] + slope.ljust(6).encode() + data[at + 6 :]
    with pytest.raises(ImageError, match=words) as caught:
        values(tmp_path, data)
    assert "x.dcm" in str(caught.value)


def test_a_slope_of_doubles_beyond_float32_is_kept(tmp_path: Path) -> None:
    made = values(tmp_path, dataset_of(ramp(), RescaleSlope="1e100", RescaleIntercept="0"))
    assert made.dtype == np.float64
    assert np.isfinite(made).all()


def test_a_modality_table_is_applied(shared_data: Path) -> None:
    path = shared_data / "dicom" / "pydicom-data" / "mlut_18.dcm"
    read = pydicom.dcmread(path)
    scan = stack([path])
    assert (scan.values(0) == apply_modality_lut(read.pixel_array, read)).all()


def test_tables_of_windows_give_the_shades_of_pydicom(shared_data: Path) -> None:
    path = shared_data / "dicom" / "pydicom-data" / "vlut_04.dcm"
    read = pydicom.dcmread(path)
    scan = stack([path])
    tables = [one for one in scan.facts.windows if one.table is not None]
    assert len(tables) == len(read.VOILUTSequence)
    for index, window in enumerate(tables):
        shown = apply_voi_lut(read.pixel_array, read, index=index, prefer_lut=True)
        bits = read.VOILUTSequence[index].LUTDescriptor[2]
        wanted = np.floor(shown / ((1 << bits) - 1) * 255 + 0.5).astype(int)
        low, high = window_ends(window.level, window.width, window.curve)
        shades = tone_table(256, low, high, table=window.table)[scan.values(0)]
        assert np.abs(shades.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("name", ["examples_palette.dcm", "OBXXXX1A.dcm"])
def test_palettes_equal_pydicoms(name: str) -> None:
    path = Path(carried(name))
    read = pydicom.dcmread(path)
    wanted = apply_color_lut(read.pixel_array, read)
    if wanted.dtype == np.uint16:
        wanted = wanted >> 8
    scan = stack([path])
    assert scan.facts.colour
    assert (scan.values(0) == wanted).all()


def palette(data: bytes, count: int = 256) -> Dataset:
    made = dataset_of(ramp(16, 16, "u1"), PhotometricInterpretation="PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        setattr(made, f"{colour}PaletteColorLookupTableDescriptor", [count, 0, 16])
        setattr(made, f"Segmented{colour}PaletteColorLookupTableData", data)
    return made


def test_a_segmented_palette_is_that_of_pydicom(tmp_path: Path) -> None:
    # Two entries, a line, and the line once more.
    words = [0, 2, 0, 1000, 1, 100, 30000, 2, 1, 8, 0, 1, 54, 65535]
    data = struct.pack(f"<{len(words)}H", *words)
    made = palette(data)
    ours = values(tmp_path, made)
    steps = np.linspace(1000, 30000, 101)[1:]
    back = np.linspace(30000, 30000, 101)[1:]
    last = np.linspace(30000, 65535, 55)[1:]
    wanted = np.concatenate([[0, 1000], np.round(steps), back, np.round(last)]).astype(int) >> 8
    assert (ours[..., 0].ravel() == wanted).all()


def test_a_palette_of_a_wrong_length_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"x\.dcm: has a look-up table of 256 entries in 4 bytes"):
        values(tmp_path, palette(struct.pack("<4H", 0, 2, 0, 5)))
    with pytest.raises(ImageError, match=r"segmented palette that is damaged"):
        values(tmp_path, palette(struct.pack("<4H", 7, 2, 0, 5)))


def test_a_segmented_palette_is_no_bomb(tmp_path: Path) -> None:
    # Segments that stand for 65535 others each.
    words = [0, 1, 0, 1, 65535, 9] + [2, 65535, 6, 0] * 8000
    made = palette(struct.pack(f"<{len(words)}H", *words), 0)
    assert values(tmp_path, made).shape == (16, 16, 3)


def test_a_negative_is_marked_and_its_values_stay(tmp_path: Path) -> None:
    path = tmp_path / "x.dcm"
    path.write_bytes(bytes_of(dataset_of(ramp(), PhotometricInterpretation="MONOCHROME1")))
    scan = stack([path])
    assert scan.facts.inverted
    assert (scan.values(0) == ramp()).all()


def test_padding_is_left_out_of_an_automatic_window(tmp_path: Path) -> None:
    pixels = ramp(40, 40)
    pixels[:20] = -2000
    path = tmp_path / "x.dcm"
    path.write_bytes(bytes_of(dataset_of(pixels, PixelPaddingValue=-2000)))
    scan = stack([path])
    assert scan.values(0).min() == -2000
    shown = scan.encoded(0).values
    assert shown is not None
    assert shown.low >= 800


def test_a_parametric_map_has_its_floats(shared_data: Path) -> None:
    path = shared_data / "dicom" / "pydicom-data" / "parametric_map_float.dcm"
    made = stack([path]).values(0)
    assert made.dtype == np.float32
    assert (made == pydicom.dcmread(path).pixel_array).all()


def test_doses_have_their_scaling(tmp_path: Path) -> None:
    path = Path(carried("rtdose.dcm"))
    read = pydicom.dcmread(path)
    scan = stack([path])
    assert np.allclose(scan.values(3), read.pixel_array[3] * float(read.DoseGridScaling))
    path = tmp_path / "x.dcm"
    made = dataset_of(ramp(), Modality="RTDOSE", DoseGridScaling="0.5", DoseUnits="GY")
    path.write_bytes(bytes_of(made))
    scan = stack([path])
    assert scan.facts.unit == "Gy"
    assert (scan.values(0) == ramp() / 2).all()


def pet(**change: Any) -> Dataset:
    made = dataset_of(ramp(kind="u2"), Modality="PT", Units="BQML", DecayCorrection="START")
    made.CorrectedImage = ["ATTN", "DECY", "SCAT"]
    made.PatientWeight = 70
    made.SeriesDate, made.SeriesTime = "20200101", "120000"
    made.AcquisitionDate, made.AcquisitionTime = "20200101", "120000"
    item = Dataset()
    item.RadionuclideTotalDose, item.RadionuclideHalfLife = 370e6, 6586.2
    item.RadiopharmaceuticalStartTime = "110000"
    made.RadiopharmaceuticalInformationSequence = [item]
    for name, value in change.items():
        setattr(made, name, value)
    return made


def test_pet_has_uptake_values_where_its_header_allows_it(tmp_path: Path) -> None:
    path = tmp_path / "x.dcm"
    path.write_bytes(bytes_of(pet()))
    scan = stack([path])
    factor = 70_000 / (370e6 * 2 ** (-3600 / 6586.2))
    assert scan.facts.unit == "SUV"
    assert np.allclose(scan.values(0), ramp() * factor, rtol=1e-6)
    path.write_bytes(bytes_of(pet(PatientWeight=None)))
    scan = stack([path])
    assert scan.facts.unit == "Bq/ml"
    assert (scan.values(0) == ramp()).all()


@pytest.mark.parametrize(
    "change",
    [
        {"CorrectedImage": ["ATTN"]},
        {"DecayCorrection": "NONE"},
        {"PatientWeight": 0},
        {"SeriesTime": "100000", "AcquisitionTime": "x"},
        {"SeriesDate": "", "AcquisitionDate": ""},
    ],
)
def test_uptake_is_not_guessed(change: dict[str, Any]) -> None:
    header = SliceHeader(modality="PT", units="BQML")
    made = uptake_factor(pet(**change), header)
    assert made is None or (change.get("SeriesTime") and math.isfinite(made))


def test_uptake_counts_from_the_first_slice_where_the_series_was_made_later() -> None:
    header = SliceHeader(modality="PT", units="BQML")
    late = pet(SeriesTime="180000", AcquisitionTime="123000")
    assert uptake_factor(late, header, "120000") == pytest.approx(
        70_000 / (370e6 * 2 ** (-3600 / 6586.2))
    )


def test_overlays_are_read_and_never_in_the_values(shared_data: Path) -> None:
    path = shared_data / "dicom" / "pydicom-data" / "MR-SIEMENS-DICOM-WithOverlays.dcm"
    read = pydicom.dcmread(path)
    scan = stack([path])
    wanted = np.zeros((484, 484), bool)
    for group in range(0x6000, 0x6020, 2):
        if (group, 0x3000) in read:
            wanted |= read.overlay_array(group) != 0
    covered = scan._pixels.overlay(0)
    assert covered is not None
    assert (covered == wanted).all()
    assert (scan.values(0) == read.pixel_array).all()


def test_an_overlay_may_lie_beside_its_picture(tmp_path: Path) -> None:
    made = dataset_of(ramp(6, 5))
    for group, origin in ((0x6000, [-1, 4]), (0x6002, [100, 100])):
        made.add_new((group, 0x0010), "US", 3)
        made.add_new((group, 0x0011), "US", 3)
        made.add_new((group, 0x0050), "SS", origin)
        made.add_new((group, 0x3000), "OW", b"\xff\x01")
    path = tmp_path / "x.dcm"
    path.write_bytes(bytes_of(made))
    covered = stack([path])._pixels.overlay(0)
    assert covered is not None
    assert np.argwhere(covered).tolist() == [[0, 3], [0, 4]]
