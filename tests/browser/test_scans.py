"""A DICOM series is shown slice by slice in the order of space, in Hounsfield units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Locator, expect
from pydicom.dataset import Dataset as Header
from pydicom.dataset import FileMetaDataset

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

SIZE = (64, 48)
COUNT = 9


def write_slice(path: Path, number: int, values: np.ndarray | None = None) -> None:
    """One slice of a made scan: every pixel of slice k has 100 k HU, if not its values."""
    read = Header()
    read.file_meta = FileMetaDataset()
    read.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    read.SOPClassUID = pydicom.uid.CTImageStorage
    read.SOPInstanceUID = f"1.2.3.{number + 1}"
    read.StudyInstanceUID, read.SeriesInstanceUID = "1.2.3", "1.2.3.1000"
    read.FrameOfReferenceUID = "1.2.3.2000"
    read.Modality = "CT"
    read.BitsAllocated = read.BitsStored = 16
    read.HighBit, read.PixelRepresentation = 15, 1
    read.SamplesPerPixel, read.PhotometricInterpretation = 1, "MONOCHROME2"
    read.PixelSpacing, read.SliceThickness = [0.5, 0.5], 2
    read.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    read.ImagePositionPatient = [-16, -12, 2 * number]
    read.RescaleSlope, read.RescaleIntercept = 1, -1024
    read.WindowCenter, read.WindowWidth = 400, 1000
    shade = np.int16(100 * number)
    pixels = np.full((SIZE[1], SIZE[0]), shade) if values is None else values
    read.Rows, read.Columns = pixels.shape
    read.PixelData = (pixels + np.int16(1024)).astype(np.int16).tobytes()
    read.save_as(path, enforce_file_format=True)


def write_scan(folder: Path, count: int = COUNT) -> Path:
    folder.mkdir()
    for number in range(count):
        write_slice(folder / f"{(number * 4) % count}.dcm", number)
    return folder


@pytest.fixture
def scan(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> lw.Project:
    dataset = lw.Dataset.open(write_scan(tmp_path / "scan"))
    project = lw.Project.create(tmp_path / "scan.db", dataset, ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


def hounsfield(annotator: AnnotatorPage) -> int:
    annotator.hover((20, 20))
    return int(annotator.root.locator(".lw-pixel").inner_text().split()[1])


def number(annotator: AnnotatorPage) -> Locator:
    return annotator.root.locator(".lw-timeline .lw-count").first


def test_the_wheel_goes_through_the_slices_in_the_order_of_space(
    host_page: HostPage, scan: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    count = number(annotator)
    # The middle one is seen first.
    expect(count).to_have_text(f"{COUNT // 2 + 1} / {COUNT}")
    annotator.hover((20, 20))
    host_page.page.keyboard.press("Home")
    for at in range(COUNT):
        expect(count).to_have_text(f"{at + 1} / {COUNT}")
        assert hounsfield(annotator) == 100 * at
        expect(annotator.root.locator(".lw-millimetres")).to_have_text(f"{2 * at:.1f} mm")
        host_page.page.mouse.wheel(0, 100)
    assert host_page.console == []


def test_keys_go_through_the_slices_and_what_is_selected_is_moved_instead(
    host_page: HostPage, scan: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    count, press = number(annotator), host_page.page.keyboard.press
    annotator.hover((20, 20))
    for key, at in (
        ("End", 8),
        ("ArrowUp", 7),
        ("ArrowUp", 6),
        ("ArrowDown", 7),
        ("PageDown", 8),
        ("PageUp", 0),
        ("ArrowUp", 0),
    ):
        press(key)
        expect(count).to_have_text(f"{at + 1} / {COUNT}")
    # With a tool in hand too, until it has its crosshair.
    press("r")
    press("ArrowDown")
    expect(count).to_have_text(f"2 / {COUNT}")
    press("ArrowRight")
    press("ArrowDown")
    expect(count).to_have_text(f"2 / {COUNT}")
    press("Escape")
    press("r")
    annotator.drag((10, 10), (30, 30))
    annotator.has_objects(1)
    press("v")
    annotator.click((10, 20))
    press("ArrowDown")
    annotator.saved()
    expect(count).to_have_text(f"2 / {COUNT}")
    [drawn] = scan.annotations.itertuples()
    assert (drawn.frame, drawn.geometry.y) == (1, pytest.approx(11, abs=0.6))
    assert host_page.console == []


def test_a_nifti_volume_is_gone_through_like_a_series(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> None:
    nibabel = pytest.importorskip("nibabel")
    values = np.empty((SIZE[0], SIZE[1], COUNT), np.int16)
    values[:] = 100 * np.arange(COUNT)
    nibabel.save(nibabel.Nifti1Image(values, np.diag([0.5, 0.5, 2, 1])), tmp_path / "a.nii.gz")
    dataset = lw.Dataset.open(tmp_path / "a.nii.gz")
    with lw.Project.create(tmp_path / "a.db", dataset, ontology, user="ana") as project:
        host_page.kernel = KernelEnd(project)
        host_page.mount("image", host_page.kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        annotator.hover((20, 20))
        host_page.page.keyboard.press("Home")
        for at in range(3):
            expect(number(annotator)).to_have_text(f"{at + 1} / {COUNT}")
            assert hounsfield(annotator) == 100 * at
            host_page.page.mouse.wheel(0, 100)
        assert host_page.console == []
