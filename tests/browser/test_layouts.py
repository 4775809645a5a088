"""Several panes of scans: linked by millimetres, cut across their slices, and the cross-hair."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect
from pydicom.dataset import Dataset as Header
from pydicom.dataset import FileMetaDataset

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

# Of each series: columns and rows, slices, millimetres from column to column, row to row and slice
# to slice, and the number that its pixels lie beyond the other's.
THIN = ((64, 48), 21, (0.5, 0.5, 2.0))
THICK = ((32, 24), 6, (1.0, 1.0, 8.0))
TALL = ((64, 48), 9, (0.5, 1.0, 2.0))

_IMAGE = """(pane) => {
  const all = [...pane.querySelectorAll(".lw-image canvas")];
  const canvas = all.find((it) => it.style.visibility === "visible") ?? all[0];
  const box = canvas.getBoundingClientRect();
  return { x: box.x, y: box.y, width: box.width, height: box.height };
}"""


def hounsfield(x: float, y: float, z: float) -> float:
    """What is at a place of the patient, in millimetres; linear, so that any cut knows it."""
    return 10 * z + 3 * x + 2 * y


def write_series(folder: Path, series: str, made: Any, frame: str = "1.2.3.2000") -> None:
    """Write a made series whose values are those of `hounsfield`, from (-16, -12, 0) on."""
    (columns, rows), count, (across, down, between) = made
    folder.mkdir(parents=True)
    x, y = np.meshgrid(-16 + across * np.arange(columns), -12 + down * np.arange(rows))
    for k in range(count):
        read = Header()
        read.file_meta = FileMetaDataset()
        read.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        read.SOPClassUID = pydicom.uid.CTImageStorage
        read.SOPInstanceUID = f"{series}.{k + 1}"
        read.StudyInstanceUID, read.SeriesInstanceUID = "1.2.3", series
        read.FrameOfReferenceUID = frame
        read.Modality, read.SeriesDescription = "CT", folder.name
        read.Rows, read.Columns = rows, columns
        read.BitsAllocated = read.BitsStored = 16
        read.HighBit, read.PixelRepresentation = 15, 1
        read.SamplesPerPixel, read.PhotometricInterpretation = 1, "MONOCHROME2"
        read.PixelSpacing, read.SliceThickness = [down, across], between
        read.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        read.ImagePositionPatient = [-16, -12, between * k]
        read.RescaleSlope, read.RescaleIntercept = 1, -1024
        read.WindowCenter, read.WindowWidth = 200, 800
        values = np.rint(1024 + hounsfield(x, y, between * k)).astype(np.int16)
        read.PixelData = values.tobytes()
        read.save_as(folder / f"{k}.dcm", enforce_file_format=True)


class Study:
    """The annotator on scans, with a hand for each pane."""

    def __init__(self, host_page: HostPage, tmp_path: Path, **series: Any) -> None:
        for number, (name, made) in enumerate(series.items()):
            frame = "1.2.3.2000" if number < 2 else f"1.2.3.200{number}"
            write_series(tmp_path / "study" / name, f"1.2.3.{number + 1}", made, frame)
        ontology = lw.Ontology([lw.ObjectClass("nodule", tool="volumemask", color="#ff0000")])
        dataset = lw.Dataset.open(tmp_path / "study")
        self.project = lw.Project.create(tmp_path / "x.db", dataset, ontology, user="ana")
        host_page.kernel = KernelEnd(self.project)
        host_page.mount("image", host_page.kernel.traits())
        self.host = host_page
        self.page = host_page.page
        first = next(iter(sorted(series)))
        self.annotator = AnnotatorPage(self.page, series[first][0]).ready()
        self.annotator.hover()

    @property
    def panes(self) -> Locator:
        return self.annotator.root.locator(".lw-pane")

    def layout(self, key: str, count: int, ready: int | None = None) -> None:
        self.annotator.hover()
        self.page.keyboard.press(key)
        expect(self.panes).to_have_count(count)
        shown = self.annotator.root.locator(".lw-pane[data-status=ready]")
        expect(shown).to_have_count(ready or count)

    def caption(self, pane: int) -> Locator:
        return self.panes.nth(pane).locator(".lw-scan-caption .lw-count")

    def says(self, pane: int, index: int, count: int, millimetres: float) -> None:
        text = f"{index + 1} of {count} · {millimetres:.1f} mm".replace("-", "\u2212")
        expect(self.caption(pane)).to_have_text(text)

    def number(self, pane: int) -> int:
        return int(self.caption(pane).inner_text().split()[0]) - 1

    def point(self, pane: int, x: float, y: float) -> tuple[float, float]:
        """Return where a part of the picture of a pane is on the page, from 0 to 1."""
        box = self.panes.nth(pane).evaluate(_IMAGE)
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def click(self, pane: int, x: float, y: float) -> None:
        self.page.mouse.move(*self.point(pane, x, y))
        self.page.mouse.down()
        self.page.mouse.up()

    def pixels(self, pane: int) -> Any:
        """Return what a pane looks like, (height, width, 3)."""
        shot = Image.open(io.BytesIO(self.panes.nth(pane).screenshot()))
        return np.asarray(shot.convert("RGB")).astype(int)

    def probe(self, pane: int, x: float, y: float) -> tuple[list[float], int]:
        """Return the millimetres and the value that the status line has of a place."""
        self.page.mouse.move(*self.point(pane, x, y))
        words = self.annotator.root.locator(".lw-voxel").inner_text()
        place = [
            float(size) * (-1 if side in "RAF" else 1)
            for side, size in re.findall(r"([RLAPFH]) ([\d.]+)", words)
        ]
        value = self.annotator.root.locator(".lw-pixel").inner_text()
        return place, int(float(value.split()[1].replace("\u2212", "-")))


@pytest.fixture
def study(host_page: HostPage, tmp_path: Path) -> Study:
    return Study(host_page, tmp_path, a_thin=THIN, b_thick=THICK)


def test_series_of_one_study_scroll_together_to_the_same_millimetres(study: Study) -> None:
    study.layout("Shift+2", 2)
    study.says(0, 10, 21, 20.0)
    # 20 mm lie between slices at 16 and 24 mm.
    assert study.number(1) in (2, 3)
    study.annotator.hover()
    for at in range(11, 14):
        study.page.mouse.wheel(0, 100)
        study.says(0, at, 21, 2.0 * at)
    study.says(1, 3, 6, 24.0)
    # A wheel over the other pane moves the first one.
    study.page.mouse.move(*study.point(1, 0.5, 0.5))
    study.page.mouse.wheel(0, 100)
    study.says(1, 4, 6, 32.0)
    study.says(0, 16, 21, 32.0)
    study.page.keyboard.press("Shift+5")
    study.page.mouse.wheel(0, -100)
    study.says(1, 3, 6, 24.0)
    study.says(0, 16, 21, 32.0)
    assert study.host.console == []


def test_linked_panes_zoom_and_pan_by_millimetres(study: Study) -> None:
    study.layout("Shift+2", 2)
    study.page.mouse.move(*study.point(0, 0.3, 0.4))
    study.page.keyboard.down("Control")
    study.page.mouse.wheel(0, -300)
    study.page.keyboard.up("Control")
    study.page.wait_for_timeout(300)
    first, second = (study.panes.nth(i).evaluate(_IMAGE) for i in (0, 1))
    # 32 mm both, though one has twice as many columns.
    assert first["width"] == pytest.approx(second["width"], rel=0.01)
    # The same place of the patient lies under the same place of both panes.
    left = study.panes.nth(1).bounding_box()["x"] - study.panes.nth(0).bounding_box()["x"]  # type: ignore[index]
    half_pixel = (1.0 - 0.5) / 2 * first["width"] / 32
    assert second["x"] - left == pytest.approx(first["x"] - half_pixel, abs=1.5)
    assert study.host.console == []


def test_reformats_show_what_the_patient_has_there_and_cross_each_other(study: Study) -> None:
    study.layout("Shift+6", 4)
    study.says(0, 10, 21, 20.0)
    study.says(1, 32, 64, 0.0)
    study.says(2, 24, 48, 0.0)
    # The other series of the study has the fourth place.
    assert study.number(3) in (2, 3)
    for pane in (0, 1, 2, 3):
        for at in ((0.4, 0.6), (0.7, 0.3)):
            place, value = study.probe(pane, *at)
            # The value is that of the pixel's centre, which is up to half a millimetre off.
            assert abs(value - hounsfield(*place)) <= 8, (pane, at, place, value)
    assert study.host.console == []


def test_a_click_with_the_cross_hair_brings_all_panes_there(study: Study) -> None:
    study.layout("Shift+6", 4)
    study.page.keyboard.press("Alt+x")
    study.click(0, 40.5 / 64, 12.5 / 48)
    study.says(1, 40, 64, 4.0)
    study.says(2, 12, 48, -6.0)
    study.says(0, 10, 21, 20.0)
    # Across the slices every click does, whatever tool looks at labels; the head is above.
    study.page.keyboard.press("v")
    study.click(1, 0.6, 0.2)
    expect(study.caption(0)).not_to_have_text(re.compile("^11 of"))
    assert study.number(0) > 15
    assert study.number(2) in (28, 29)
    assert study.number(3) >= 4
    assert study.host.console == []


def test_lines_of_the_cross_hair_are_dragged_and_hidden(study: Study) -> None:
    study.layout("Shift+6", 4)
    start, end = study.point(0, 32.5 / 64, 0.1), study.point(0, 50.5 / 64, 0.12)
    study.page.mouse.move(*start)
    study.page.mouse.down()
    study.page.mouse.move(*end, steps=5)
    study.page.mouse.up()
    study.says(1, 50, 64, 9.0)
    study.says(2, 24, 48, 0.0)

    def yellow() -> int:
        red, green, blue = np.moveaxis(study.pixels(0), -1, 0)
        return int(((red > 180) & (green > 150) & (blue < 110)).sum())

    assert yellow() > 50
    study.page.keyboard.press("Alt+Shift+X")
    study.page.wait_for_timeout(200)
    # The dot of a caption is of another pane: none is yellow here.
    assert yellow() == 0
    assert study.host.console == []


def test_a_mask_is_seen_in_every_cut_and_drawn_on_slices_alone(study: Study) -> None:
    study.layout("Shift+6", 4)
    study.page.keyboard.press("Alt+Shift+X")
    study.annotator.hover()
    study.page.keyboard.press("b")
    x, y = study.point(0, 28.5 / 64, 24.5 / 48)
    study.page.mouse.move(x, y)
    study.page.mouse.down()
    study.page.mouse.move(*study.point(0, 36.5 / 64, 24.5 / 48), steps=4)
    study.page.mouse.up()
    study.annotator.saved().has_objects(1)
    study.page.wait_for_timeout(300)

    def red(pane: int) -> int:
        pixels = study.pixels(pane)
        return int(((pixels[..., 0] - pixels[..., 1]) > 40).sum())

    assert red(1) > 20
    assert red(2) > 20
    # In the other series, which is another task, there is nothing.
    assert red(3) < red(1)
    study.click(1, 0.5, 0.5)
    expect(study.annotator.notices.filter(has_text="for looking")).to_have_count(1)
    study.annotator.saved().has_objects(1)
    study.page.keyboard.press("Control+z")
    study.annotator.has_objects(0)
    study.page.wait_for_timeout(300)
    assert red(1) == 0
    assert study.host.console == []


def test_the_plane_of_a_pane_is_chosen_in_its_caption(study: Study) -> None:
    sight = study.panes.nth(0).locator("select[aria-label='How this pane shows the scan']")
    sight.select_option(label="Coronal")
    study.says(0, 24, 48, 0.0)
    study.page.mouse.move(*study.point(0, 0.5, 0.5))
    study.page.mouse.wheel(0, 100)
    study.says(0, 25, 48, 0.5)
    study.page.keyboard.press("ArrowUp")
    study.says(0, 24, 48, 0.0)
    sight.select_option(label="Maximum intensity")
    expect(study.caption(0)).to_have_count(0)
    sight.select_option(label="Axial slices")
    study.says(0, 10, 21, 20.0)
    assert study.host.console == []


def test_a_series_that_lies_elsewhere_goes_its_own_way(host_page: HostPage, tmp_path: Path) -> None:
    study = Study(host_page, tmp_path, a_thin=THIN, b_thick=THICK, c_other=THICK)
    study.layout("Shift+4", 4, ready=3)
    before = study.caption(2).inner_text()
    study.annotator.hover()
    for _ in range(5):
        study.page.mouse.wheel(0, 100)
        study.page.wait_for_timeout(80)
    study.says(0, 15, 21, 30.0)
    study.says(1, 4, 6, 32.0)
    assert study.caption(2).inner_text() == before
    assert study.host.console == []


def test_pixels_that_are_not_square_are_shown_as_they_are(
    host_page: HostPage, tmp_path: Path
) -> None:
    study = Study(host_page, tmp_path, a_tall=TALL)
    box = study.panes.nth(0).evaluate(_IMAGE)
    # 64 columns of 0.5 mm and 48 rows of 1 mm.
    assert box["height"] / box["width"] == pytest.approx(48 / 32, rel=0.02)
    place, value = study.probe(0, 0.75, 0.25)
    assert place == pytest.approx([-16 + 0.5 * 47.5, -12 + 11.5, 8.0], abs=0.6)
    assert abs(value - hounsfield(*place)) <= 4
    study.layout("Shift+6", 4)
    for pane in (1, 2):
        place, value = study.probe(pane, 0.4, 0.6)
        assert abs(value - hounsfield(*place)) <= 8
    assert study.host.console == []
