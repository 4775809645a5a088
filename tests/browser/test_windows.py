"""Windows, marks, headers, key slices and measurements of a scan, as a hand meets them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

import labelwidgets as lw
from labelwidgets.schema.key_slices import KEY_SLICE
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.test_scans import COUNT, SIZE, write_slice

ONTOLOGY = lw.Ontology(
    [
        lw.ObjectClass("length", tool="ruler"),
        lw.ObjectClass("angle", tool="angle"),
        lw.ObjectClass("lesion", tool="bidirectional"),
        lw.ObjectClass("nodule", tool="ellipse"),
    ],
    windows=[lw.WindowPreset("Stent", level=300, width=1200)],
)


@pytest.fixture
def project(tmp_path: Path) -> lw.Project:
    """A scan of which every pixel of slice k has 100 k HU; its file suggests 400 / 1000."""
    folder = tmp_path / "scan"
    folder.mkdir()
    for number in range(COUNT):
        write_slice(folder / f"{number}.dcm", number)
    dataset = lw.Dataset.open(folder)
    return lw.Project.create(tmp_path / "scan.db", dataset, ONTOLOGY, user="ana")


def show(host_page: HostPage, project: lw.Project, **traits: Any) -> AnnotatorPage:
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits(**traits))
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover((20, 20))
    return annotator


@pytest.fixture
def annotator(host_page: HostPage, project: lw.Project) -> AnnotatorPage:
    return show(host_page, project)


def window(annotator: AnnotatorPage) -> Locator:
    """The numbers of the window in the status line."""
    return annotator.root.locator(".lw-window")


def shade(annotator: AnnotatorPage) -> int:
    """The grey that is painted away from all marks, once it has settled."""
    annotator.page.wait_for_timeout(300)
    shades = {pixel[0] for pixel in annotator.pixels((20, 14))}
    assert len(shades) == 1, shades
    return shades.pop()


def wanted(level: float, width: float, value: float = 400) -> int:
    t = (value - (level - width / 2)) / width
    return round(255 * min(1.0, max(0.0, t)))


def test_presets_are_chosen_by_keys_and_paint_what_their_numbers_say(
    annotator: AnnotatorPage,
) -> None:
    expect(window(annotator)).to_have_text("W 1000  L 400")
    assert abs(shade(annotator) - 128) <= 1
    for key, text, level, width in (
        ("1", "W 400  L 40", 40, 400),
        ("2", "W 2500  L 480", 480, 2500),
        ("6", "W 1500  L \u2212600", -600, 1500),
        ("8", "W 1200  L 300", 300, 1200),
        ("9", "W 1000  L 400", 400, 1000),
    ):
        annotator.key("Shift+W")
        annotator.key(key)
        expect(window(annotator)).to_have_text(text)
        assert abs(shade(annotator) - wanted(level, width)) <= 1, text
    # It stays while slices go by, and nothing of it is a label.
    annotator.key("Shift+W")
    annotator.key("2")
    annotator.key("ArrowDown")
    expect(window(annotator)).to_have_text("W 2500  L 480")
    assert abs(shade(annotator) - wanted(480, 2500, 500)) <= 1
    annotator.saved()


def test_the_choice_names_all_windows_with_their_sources(annotator: AnnotatorPage) -> None:
    window(annotator).click()
    menu = annotator.root.locator(".lw-windows")
    expect(menu.locator(".lw-class .lw-name")).to_have_text(
        [
            "Abdominal soft tissue",
            "Bone",
            "Brain",
            "Bone marrow",
            "Liver",
            "Lung",
            "Subdural Brain",
            "Stent",
            re.compile("file", re.IGNORECASE),
            "Auto, by this picture",
        ]
    )
    for name, source in (("Lung", "OHIF"), ("Bone marrow", "AJR"), ("Subdural Brain", "Radiop")):
        row = menu.locator(".lw-class", has_text=name)
        assert source in (row.get_attribute("title") or "")
    menu.get_by_label("Width").fill("200")
    menu.get_by_label("Width").press("Enter")
    menu.get_by_label("Level").fill("-12.5")
    menu.get_by_label("Level").press("Enter")
    expect(window(annotator)).to_have_text("W 200  L \u221212.5")
    menu.get_by_label("Width").fill("0")
    menu.get_by_label("Width").press("Enter")
    expect(window(annotator)).to_have_text("W 200  L \u221212.5")
    # Out of the field first, then the choice is closed.
    annotator.key("Escape")
    annotator.key("Escape")
    expect(menu).to_have_count(0)


def test_inverted_automatic_and_back_again(annotator: AnnotatorPage) -> None:
    annotator.key("Shift+W")
    annotator.key("2")
    before = shade(annotator)
    annotator.key("Shift+W")
    annotator.key("i")
    annotator.key("Escape")
    assert abs(shade(annotator) - (255 - before)) <= 1
    annotator.key("Shift+W")
    annotator.key("0")
    expect(window(annotator)).to_have_text("W 1000  L 400")
    assert abs(shade(annotator) - 128) <= 1
    annotator.key("Shift+W")
    annotator.key("a")
    # All of the slice is one value.
    expect(window(annotator)).to_have_text("W 0  L 400")


@pytest.mark.parametrize("button", ["right", "left"])
def test_a_drag_changes_the_window_and_two_presses_bring_it_back(
    annotator: AnnotatorPage, button: Any
) -> None:
    mouse = annotator.page.mouse
    if button == "left":
        annotator.key("Alt+w")
    x, y = annotator.at((32, 24))
    mouse.move(x, y)
    mouse.down(button=button)
    mouse.move(x + 100, y, steps=3)
    mouse.up(button=button)
    expect(window(annotator)).to_have_text("W 1490  L 400")
    mouse.move(x, y)
    mouse.down(button=button)
    mouse.move(x, y - 50, steps=3)
    mouse.up(button=button)
    expect(window(annotator)).to_have_text("W 1490  L 100")
    annotator.page.wait_for_timeout(500)
    mouse.dblclick(x, y, button=button)
    expect(window(annotator)).to_have_text("W 1000  L 400")
    annotator.has_objects(0)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"name": "Lung", "level": -600, "width": 1500, "modality": "CT"}, "W 1500  L \u2212600"),
        ({"name": "T2", "level": 1, "width": 2, "modality": "MR"}, "W 1000  L 400"),
        ({"name": "auto"}, "W 0  L 400"),
    ],
)
def test_a_notebook_says_in_which_window_scans_open(
    host_page: HostPage, project: lw.Project, given: Any, text: str
) -> None:
    expect(window(show(host_page, project, window=given))).to_have_text(text)


def test_the_probe_and_the_edges_tell_where_a_voxel_is(annotator: AnnotatorPage) -> None:
    annotator.hover((20.5, 10.5))
    root = annotator.root
    expect(root.locator(".lw-pixel")).to_have_text("HU 400")
    expect(root.locator(".lw-voxel")).to_have_text(
        re.compile(r"voxel 4, 10, 20\s+R 6\.0\s+A 7\.0\s+H 8\.0 mm")
    )
    edges = root.locator(".lw-edges span[data-edge]")
    expect(edges.nth(0)).to_have_text("R")
    expect(edges.nth(1)).to_have_text("L")
    expect(edges.nth(2)).to_have_text("A")
    expect(edges.nth(3)).to_have_text("P")
    expect(edges.nth(4)).to_have_text(re.compile(r"CT 5 / 9\s*W 1000 {2}L 400"))
    bar, label = root.locator(".lw-edges i"), edges.nth(5).inner_text()
    millimetres = {"mm": 1, "cm": 10}[label.split()[1]] * float(label.split()[0])
    across = (annotator.at((1, 0))[0] - annotator.at((0, 0))[0]) / 0.5
    box = bar.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(millimetres * across, abs=3)
    annotator.key("Shift+V")
    root.get_by_text("Sides, scale and numbers").click()
    expect(edges).to_have_count(0)


def test_the_header_is_read_when_asked_for_searched_and_kept_nowhere(
    host_page: HostPage, project: lw.Project, annotator: AnnotatorPage
) -> None:
    kernel = host_page.kernel
    assert isinstance(kernel, KernelEnd)
    annotator.key("Shift+D")
    sheet = annotator.root.locator(".lw-header-sheet")
    expect(sheet.locator("h2")).to_have_text("Header of slice 5")
    expect(sheet.locator("tbody tr").first).to_be_visible()
    sheet.get_by_role("searchbox").fill("modality")
    expect(sheet.locator("tbody tr")).to_have_count(1)
    expect(sheet.locator("tbody .lw-value")).to_contain_text("CT")
    sheet.get_by_role("searchbox").fill("no such thing")
    expect(sheet.locator("tbody tr")).to_have_count(0)
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_have_count(0)
    annotator.hover((20, 20))
    annotator.key("Shift+D")
    expect(sheet.locator("tbody tr").first).to_be_visible()
    asked = [one for one in kernel.received if one["type"] == "header"]
    assert len(asked) == 2
    stored = annotator.page.evaluate("JSON.stringify({...localStorage})")
    assert "1.2.3" not in stored
    assert "1.2.840" not in stored


def test_key_slices_are_labels_that_are_found_again(
    host_page: HostPage, project: lw.Project, annotator: AnnotatorPage
) -> None:
    count = annotator.root.locator(".lw-timeline .lw-count").first
    for key in ("Alt+k", "ArrowDown", "ArrowDown", "Alt+k", "Home"):
        annotator.key(key)
        annotator.page.wait_for_timeout(200)
    annotator.saved()
    # They are no objects to select or to count.
    annotator.has_objects(0)
    marks = project.annotations
    assert sorted(marks["frame"]) == [4, 6]
    assert set(marks["class_name"]) == {KEY_SLICE}
    annotator = show(host_page, project)
    count = annotator.root.locator(".lw-timeline .lw-count").first
    expect(annotator.root.locator(".lw-key")).to_have_count(2)
    annotator.key("Home")
    expect(count).to_have_text("1 / 9")
    for key, text in (
        ("Alt+PageDown", "5 / 9"),
        ("Alt+PageDown", "7 / 9"),
        ("Alt+PageDown", "7 / 9"),
        ("Alt+PageUp", "5 / 9"),
    ):
        annotator.key(key)
        expect(count).to_have_text(text)
        annotator.page.wait_for_timeout(150)
    annotator.key("Alt+k")
    annotator.saved()
    assert list(project.annotations["frame"]) == [6]
    annotator.key("Control+z")
    annotator.saved()
    assert sorted(project.annotations["frame"]) == [4, 6]


def test_measurements_say_the_numbers_of_the_kernel(
    project: lw.Project, annotator: AnnotatorPage
) -> None:
    annotator.key("1")
    annotator.drag((10, 10), (40, 10))
    annotator.saved().has_objects(1)
    annotator.key("2")
    for point in ((10, 40), (20, 40), (20, 30)):
        annotator.click(point)
    annotator.saved().has_objects(2)
    annotator.key("3")
    annotator.drag((30, 25), (50, 25))
    annotator.drag((40, 20), (42, 30))
    annotator.saved().has_objects(3)
    annotator.key("4")
    annotator.drag((50, 30), (60, 40))
    annotator.saved().has_objects(4)
    frame = project.measurements().set_index("class_name")
    length, lesion = frame.loc["length", "length_mm"], frame.loc["lesion"]
    assert list(frame["kind"]) == ["ruler", "angle", "bidirectional", "ellipse"]
    assert frame.loc["length", "length_mm"] == pytest.approx(15, abs=0.3)
    assert frame.loc["angle", "angle_deg"] == pytest.approx(90, abs=2)
    assert frame.loc["lesion", "length_mm"] == pytest.approx(10, abs=0.3)
    assert frame.loc["lesion", "width_mm"] == pytest.approx(5, abs=0.3)
    nodule = frame.loc["nodule"]
    assert (nodule["mean"], nodule["sd"], nodule["unit"]) == (400, 0, "HU")
    words = annotator.root.locator(".lw-words")
    expect(words).to_have_text(
        [
            f"{length:.1f} mm",
            f"{frame.loc['angle', 'angle_deg']:.1f}\u00b0",
            f"{lesion['length_mm']:.1f} \u00d7 {lesion['width_mm']:.1f} mm",
            f"{nodule['area_mm2']:.1f} mm\u00b2   400 \u00b1 0 HU   (400 \u2026 400)",
        ]
    )


def test_a_notebook_says_how_many_panes_there_are_at_first(
    host_page: HostPage, project: lw.Project
) -> None:
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits(layout_name="reformats"))
    panes = AnnotatorPage(host_page.page, SIZE).root.locator(".lw-pane")
    expect(panes).to_have_count(4, timeout=20_000)
    expect(panes.nth(1).locator(".lw-edges [data-edge=corner]")).to_contain_text("W 1000  L 400")
