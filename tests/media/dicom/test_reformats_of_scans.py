"""Cuts across real scans, against SimpleITK and plain numpy with readers of their own."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pydicom
import pytest

import labelwidgets as lw
from labelwidgets.algorithms.reformatting import cut_layout
from tests.media.test_reformats import decoded

Plane = Literal["row", "column"]


def picture(dataset: lw.Dataset, plane: Plane, index: int) -> npt.NDArray[np.float64]:
    made = dataset.reformat(dataset.items["id"].iloc[0], plane, index)
    assert (made.missing, made.lost) == (0, 0)
    return decoded(made.picture)


def layout_of(dataset: lw.Dataset, plane: Plane) -> Any:
    grid = dataset.volume(dataset.items["id"].iloc[0]).grid
    assert grid.affine is not None
    return cut_layout(grid.shape, grid.affine, grid.positions, plane)


@pytest.mark.parametrize("plane", ["row", "column"])
def test_a_phantom_is_cut_as_simpleitk_resamples_it(shared_data: Path, plane: Plane) -> None:
    sitk = pytest.importorskip("SimpleITK")
    folder = shared_data / "dicom" / "ct_phantom_5mm"
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = sitk.Cast(reader.Execute(), sitk.sitkFloat64)
    dataset = lw.Dataset.open(folder)
    found = picture(dataset, plane, 210)
    layout = layout_of(dataset, plane)
    height, width = found.shape
    # The places of the pixels, in millimetres: the head above, left or back to the right.
    held = image.TransformContinuousIndexToPhysicalPoint(
        (0.0, 210.0, 0.0) if plane == "row" else (210.0, 0.0, 0.0)
    )
    top = held[2] + (height - 1 - layout.slice_start) * layout.pitch
    grid = sitk.ResampleImageFilter()
    grid.SetInterpolator(sitk.sitkLinear)
    grid.SetSize((width, height, 1))
    grid.SetOutputSpacing((layout.pitch, layout.pitch, 1.0))
    along = (1, 0, 0) if plane == "row" else (0, 1, 0)
    down = (0, 0, -1)
    normal = tuple(np.cross(along, down))
    grid.SetOutputDirection([float(v) for v in np.array([along, down, normal]).T.ravel()])
    start = np.array(held) - np.array(along) * layout.line_start * layout.pitch
    start[2] = top
    grid.SetOutputOrigin(start.tolist())
    grid.SetDefaultPixelValue(np.nan)
    expected = sitk.GetArrayFromImage(grid.Execute(image))[0]
    known = np.isfinite(expected)
    assert known.mean() > 0.9
    # Ours are rounded to whole Hounsfield units.
    assert np.abs(found[known] - expected[known]).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("plane", ["row", "column"])
def test_a_tilted_head_of_three_spacings_is_cut_where_the_patient_has_it(
    shared_data: Path, tmp_path: Path, plane: Plane
) -> None:
    zipfile.ZipFile(shared_data / "dicom" / "ct_head_ge_tilt_variable_spacing.zip").extractall(
        tmp_path / "head"
    )
    read = [pydicom.dcmread(path) for path in (tmp_path / "head").rglob("*") if path.is_file()]
    read = [one for one in read if "PixelData" in one]
    read.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    values = np.stack(
        [one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept) for one in read]
    )
    places = np.array([one.ImagePositionPatient for one in read], float)
    across, down = (np.array(read[0].ImageOrientationPatient, float)[i : i + 3] for i in (0, 3))
    row_step, column_step = map(float, read[0].PixelSpacing)
    dataset = lw.Dataset.open(tmp_path / "head")
    index = 260
    found = picture(dataset, plane, index)
    layout = layout_of(dataset, plane)
    line, step = (across, column_step) if plane == "row" else (down, row_step)
    # Every slice has its own values where the picture has the places of its voxels.
    whole = places[-1] - places[0]
    off = whole - (whole @ line) * line
    off = off / np.linalg.norm(off)
    seen = 0
    for k in range(len(read)):
        v = (places[k] - places[0]) @ off / layout.pitch + layout.slice_start
        y = len(found) - 1 - int(np.rint(v))
        near = abs(v - np.rint(v)) * layout.pitch
        if near > 0.04:
            continue
        u = ((places[k] - places[0]) @ line + step * np.arange(values.shape[1])) / layout.pitch
        x = u + layout.line_start
        held = values[k, index] if plane == "row" else values[k, :, index]
        columns = np.arange(found.shape[1])
        expected = np.interp(columns, x, held)
        inside = (columns >= x[0]) & (columns <= x[-1])
        error = np.abs(found[y, inside] - expected[inside])
        # Pixels lie up to 0.04 mm beside the slice: a share of its neighbours is in them.
        assert np.median(error) <= 1
        assert np.percentile(error, 99) <= 0.04 * 2500 + 1
        assert np.isnan(found[y, columns < x[0] - 1]).all()
        assert np.isnan(found[y, columns > x[-1] + 1]).all()
        seen += 1
    assert seen >= 2
    if plane == "column":
        assert np.isnan(found).any()
