"""The made scan is the same each time, lies where it says, and has the volumes that it says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from labelwidgets.errors import SourceError
from labelwidgets.media import sample_scan
from labelwidgets.media.sample_scans import NODULES


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [Path(one) for one in sample_scan(tmp_path_factory.mktemp("scan"))]


def stack(folder: Path) -> np.ndarray:
    files = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    return np.stack([one.pixel_array.astype(np.int32) - 1024 for one in files])


def test_two_series_of_one_study_share_their_coordinates(folders: list[Path]) -> None:
    thin, thick = ([pydicom.dcmread(p) for p in sorted(one.iterdir())] for one in folders)
    assert (len(thin), len(thick)) == (60, 20)
    everything = [*thin, *thick]
    assert len({one.SOPInstanceUID for one in everything}) == 80
    assert len({one.StudyInstanceUID for one in everything}) == 1
    assert len({one.FrameOfReferenceUID for one in everything}) == 1
    assert [len({one.SeriesInstanceUID for one in many}) for many in (thin, thick)] == [1, 1]
    assert np.diff([one.ImagePositionPatient[2] for one in thick]) == pytest.approx(7.5)
    np.testing.assert_allclose(
        stack(folders[1])[4], stack(folders[0])[12:15].mean(axis=0), atol=0.51
    )


def test_it_is_written_once_and_is_the_same_each_time(folders: list[Path], tmp_path: Path) -> None:
    again = Path(sample_scan(tmp_path)[0])
    one = again / "030.dcm"
    assert one.read_bytes() == (folders[0] / "030.dcm").read_bytes()
    one.write_bytes(b"mine")
    sample_scan(tmp_path)
    assert one.read_bytes() == b"mine"


def test_a_nodule_without_vessels_has_its_volume(folders: list[Path]) -> None:
    nodule = next(one for one in NODULES if one.name == "ground glass nodule")
    values = ndimage.gaussian_filter(stack(folders[0]).astype(float), 0.8)
    labelled, _ = ndimage.label((values > -700) & (values < -400))
    corner = -(192 - 1) / 2 * 1.75
    x, y, z = nodule.centre
    at = round(z / 2.5), round((y - corner) / 1.75), round((x - corner) / 1.75)
    found = (labelled == labelled[at]).sum() * 1.75**2 * 2.5
    assert labelled[at] > 0
    assert found == pytest.approx(4 / 3 * math.pi * nodule.radius**3, rel=0.15)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="Choose another folder"):
        sample_scan(tmp_path / "file")
