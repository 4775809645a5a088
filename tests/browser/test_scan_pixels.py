"""What lies above the values of a slice is seen and not measured; a negative is shown inverted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset as Header

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.test_scans import SIZE, hounsfield, write_slice


def shown(
    host_page: HostPage, folder: Path, ontology: lw.Ontology, change: Header
) -> AnnotatorPage:
    made = folder / "scan"
    made.mkdir()
    write_slice(made / "1.dcm", 1, np.full((SIZE[1], SIZE[0]), -90, np.int16))
    read = pydicom.dcmread(made / "1.dcm")
    read.update(change)
    read.save_as(made / "1.dcm")
    project = lw.Project.create(folder / "scan.db", lw.Dataset.open(made), ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return AnnotatorPage(host_page.page, SIZE).ready()


def test_an_overlay_is_white_above_a_slice_and_not_in_its_values(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> None:
    change = Header()
    plane = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    plane[:, 10:30] = 1
    for element, vr, value in (
        (0x0010, "US", SIZE[1]),
        (0x0011, "US", SIZE[0]),
        (0x0050, "SS", [1, 1]),
        (0x3000, "OW", np.packbits(plane, bitorder="little").tobytes()),
    ):
        change.add_new((0x6000, element), vr, value)
    annotator = shown(host_page, tmp_path, ontology, change)
    host_page.page.wait_for_timeout(300)
    assert set(annotator.pixels((20, 20))) == {(255, 255, 255)}
    assert max(max(one) for one in annotator.pixels((40, 20))) < 60
    assert hounsfield(annotator) == -90
    assert host_page.console == []


def test_a_negative_is_shown_inverted(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> None:
    change = Header()
    change.PhotometricInterpretation = "MONOCHROME1"
    annotator = shown(host_page, tmp_path, ontology, change)
    host_page.page.wait_for_timeout(300)
    assert min(min(one) for one in annotator.pixels((40, 20))) > 200
    assert hounsfield(annotator) == -90
    assert host_page.console == []
