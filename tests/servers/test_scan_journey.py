"""From a zip in a bucket to a DICOM SEG: a scan is segmented in a cell of a real JupyterLab."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from playwright.sync_api import expect
from pycocotools import mask as coco

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.lab import LabServer, Notebook
from tests.servers.s3 import S3

SIZE = (512, 512)
# Two cylinders of plastic in the head, and one of them after the brush went over its side.
FIRST, SECOND = (250, 240), (295, 316)
SETUP = """
import labelwidgets as lw
dataset = lw.Dataset.open({url!r}, **{options!r})
ontology = lw.Ontology([lw.ObjectClass("insert", tool="volumemask")])
project = lw.Project.create("scan.db", dataset, ontology, user="ana")
"""


def slices_of(data: bytes) -> list[str]:
    """Return the UIDs of the slices of a zip, from the feet to the head, as pydicom reads them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        read = [
            pydicom.dcmread(io.BytesIO(archive.read(name)), stop_before_pixels=True)
            for name in archive.namelist()
            if not name.endswith("/")
        ]
    read.sort(key=lambda one: one.ImagePositionPatient[2])
    return [one.SOPInstanceUID for one in read]


def voxels(mask: lw.VolumeMask, count: int) -> np.ndarray:
    """Return a mask as (slices, rows, columns)."""
    made = np.zeros((count, SIZE[1], SIZE[0]), bool)
    for at, rle in mask.slices.items():
        made[at] = coco.decode(rle.to_coco())
    return made


def test_two_inserts_of_a_scan_in_a_zip_in_s3_become_a_seg(
    notebook: Notebook, lab: LabServer, s3: S3, shared_data: Path, repository: Path
) -> None:
    data = (shared_data / "dicom" / "ct_phantom_1mm_40slices.zip").read_bytes()
    url = s3.bucket().put("phantom.zip", data)
    pictures = repository / "test-results" / "journeys"
    pictures.mkdir(parents=True, exist_ok=True)
    notebook.open(
        [
            SETUP.format(url=url, options=s3.options),
            "project.annotate(layout='reformats', window='Brain')",
            "project.export('dicom-seg', 'inserts.dcm', segments='instances')",
        ]
    )
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    root, page = annotator.root, notebook.page
    expect(root.locator(".lw-pane")).to_have_count(4)
    expect(root.locator('.lw-pane[data-status="ready"]')).to_have_count(4, timeout=60_000)

    # The window, by name.
    expect(root.locator(".lw-window")).to_have_text("W 80  L 40")
    root.locator(".lw-window").click()
    root.get_by_role("dialog", name="Window").get_by_text("Bone", exact=True).click()
    expect(root.locator(".lw-window")).to_have_text("W 2500  L 480")
    # Slice after slice.
    annotator.hover(FIRST)
    count = root.locator(".lw-timeline .lw-count").first
    before = int(count.inner_text().split(" / ")[0])
    for step in range(1, 4):
        page.mouse.wheel(0, -100)
        expect(count).to_have_text(f"{before - step} / 40")
    page.mouse.wheel(0, 100)
    page.mouse.wheel(0, 100)
    expect(count).to_have_text(f"{before - 1} / 40")

    # Two inserts, each grown from a click.
    annotator.hover(FIRST)
    annotator.key("Shift+G")
    for number, place in enumerate((FIRST, SECOND), start=1):
        annotator.click(place)
        expect(root.get_by_role("button", name="Accept")).to_be_visible(timeout=60_000)
        if number == 1:
            notebook.screenshot(pictures / "scan_proposed.png")
        annotator.hover(place)
        annotator.key("Enter")
        annotator.has_objects(number).saved()
    # One slice of the second is mended with the brush.
    annotator.key("b")
    annotator.drag((SECOND[0] - 20, SECOND[1]), (SECOND[0] + 20, SECOND[1]))
    annotator.saved()
    notebook.screenshot(pictures / "scan_segmented.png")
    notebook.run_cell(2)

    with lw.Project.open(lab.files / "scan.db", user="auditor") as project:
        labels = project.records()
        stroke = project.events.query("kind == 'update'")["payload"].iloc[-1]
    slices = slices_of(data)
    masks = [voxels(made.geometry, len(slices)) for made in labels]
    assert [made.origin.kind for made in labels] == ["tool", "tool"]
    grown = [made.sum() * 0.4512**2 / 1000 for made in masks]
    assert all(1 < ml < 40 for ml in grown), grown
    seg = hd.seg.segread(lab.files / "inserts.dcm")
    assert seg.number_of_segments == 2
    found = seg.get_pixels_by_source_instance(slices, ignore_spatial_locations=False)
    np.testing.assert_array_equal(found[..., 0] > 0, masks[0])
    np.testing.assert_array_equal(found[..., 1] > 0, masks[1])
    # The stroke changed the slice that was shown, and no other.
    assert set(stroke["after"]["geometry"]["slices"]) == {str(before - 2)}
    assert masks[1][before - 2, SECOND[1], SECOND[0] + 20]
    assert not [line for line in notebook.console if "error" in line.split(":")[0]]
