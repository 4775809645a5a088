"""Growth through the slices of a scan by mouse and keys; the kernel computes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle
from labelwidgets.assist import Prompt, find
from labelwidgets.media.scan import Scan
from labelwidgets.schema.geometry import VolumeMask
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.test_scans import SIZE, write_slice

COUNT = 11
# Slice, row and column of the middle of a ball, in a scan of 2 mm a slice and 0.5 mm a pixel.
MIDDLE = (5, 24, 30)
INSIDE = (30.5, 24.5)


def values() -> Any:
    """A ball of 450 HU and 8 mm in radius with noise, and a bridge to another one."""
    z, y, x = np.mgrid[:COUNT, : SIZE[1], : SIZE[0]].astype(float)
    z, y, x = (z - MIDDLE[0]) * 2, (y - MIDDLE[1]) / 2, (x - MIDDLE[2]) / 2
    made = np.full(z.shape, -1000)
    ball = z**2 + y**2 + x**2 <= 8**2
    beside = z**2 + y**2 + (x - 13) ** 2 <= 3**2
    bridge = (np.abs(y) < 1) & (x > 0) & (x < 13) & (np.abs(z) < 1)
    made[ball | beside | bridge] = 450
    noise = np.random.default_rng(0).integers(-20, 21, made.shape)
    noise[MIDDLE] = 0
    return (made + noise).astype(np.int16)


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology([lw.ObjectClass("insert", tool="volumemask", color="#ff0000")])


@pytest.fixture
def scan(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> lw.Project:
    folder = tmp_path / "scan"
    folder.mkdir()
    for number, pixels in enumerate(values()):
        write_slice(folder / f"{number}.dcm", number, pixels)
    dataset = lw.Dataset.open(folder)
    project = lw.Project.create(tmp_path / "scan.db", dataset, ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


@pytest.fixture
def annotator(host_page: HostPage, scan: lw.Project) -> AnnotatorPage:
    made = AnnotatorPage(host_page.page, SIZE).ready()
    made.hover((2, 44))
    made.key("Shift+G")
    go(made, MIDDLE[0])
    return made


def go(annotator: AnnotatorPage, index: int) -> None:
    annotator.hover((2, 44))
    count = annotator.root.locator(".lw-timeline .lw-count").first
    for _ in range(2 * COUNT):
        at = int(count.inner_text().split("/")[0]) - 1
        if at == index:
            break
        step = 1 if index > at else -1
        annotator.page.mouse.wheel(0, 100 * step)
        expect(count).to_have_text(f"{at + step + 1} / {COUNT}")
    expect(count).to_have_text(f"{index + 1} / {COUNT}")


def said(annotator: AnnotatorPage) -> str:
    bar = annotator.root.locator(".lw-proposal")
    # The first click compiles.
    expect(bar).to_contain_text("voxels", timeout=120_000)
    return bar.locator("span").inner_text()


def voxels(project: lw.Project, row: int = 0) -> Any:
    mask = project.annotations.geometry[row]
    assert isinstance(mask, VolumeMask)
    made = np.zeros((COUNT, SIZE[1], SIZE[0]), bool)
    for k, code in mask.slices.items():
        made[k] = decode_rle(code.to_coco())
    return made


def grown(clicks: list[lw.Click], **parameters: Any) -> Any:
    """What the tool selects without a page."""
    scan = Scan.of(values(), (2, 0.5, 0.5))
    made = find("grow_volume").propose(scan, Prompt(clicks=clicks), parameters)
    found = np.zeros(scan.shape, bool)
    for shape in made.shapes:
        assert isinstance(shape.geometry, VolumeMask)
        for k, code in shape.geometry.slices.items():
            found[k] |= decode_rle(code.to_coco())
    return found


def reddish(annotator: AnnotatorPage, at: tuple[float, float]) -> bool:
    pixels = annotator.pixels(at)
    return sum(red > green + 20 for red, green, _ in pixels) > len(pixels) // 2


def test_a_click_grows_through_the_slices_and_enter_keeps_what_was_shown(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    annotator.click(INSIDE)
    text = said(annotator)
    expected = grown([lw.Click(*INSIDE, slice=MIDDLE[0])])
    count = int(expected.sum())
    assert f"{count:,} voxels" in text
    assert f"{count * 0.5 / 1000:.2f} ml" in text
    assert "mean 4" in text
    assert " HU" in text
    # Other slices show their part of it, and those beyond it nothing.
    go(annotator, MIDDLE[0] + 3)
    assert reddish(annotator, INSIDE)
    go(annotator, MIDDLE[0] + 5)
    assert not reddish(annotator, INSIDE)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    np.testing.assert_array_equal(voxels(scan), expected)
    origin = scan.records()[0].origin
    assert origin.name == "grow_volume"
    assert origin.parameters["prompt"]["clicks"][0]["slice"] == MIDDLE[0]
    assert origin.parameters["radius"] == 50
    annotator.key("Control+z")
    annotator.saved().has_objects(0)
    annotator.key("Control+Shift+Z")
    annotator.saved().has_objects(1)
    np.testing.assert_array_equal(voxels(scan), expected)


def test_options_propose_again_and_a_second_region_is_added_from_another_slice(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    annotator.click(INSIDE)
    first = said(annotator)
    units = annotator.root.locator(".lw-options .lw-unit")
    expect(units).to_have_text(["px", "px", "ml", "px"])
    annotator.root.get_by_label("Unit").select_option("mm")
    expect(units).to_have_text(["mm", "mm", "ml", "mm"])
    annotator.root.get_by_label("Unit").select_option("px")
    expect(annotator.root.locator(".lw-proposal span")).to_have_text(first)
    radius = annotator.root.get_by_label("Radius, exact")
    radius.fill("6")
    radius.press("Enter")
    radius.press("Escape")
    bar = annotator.root.locator(".lw-proposal span")
    expect(bar).not_to_have_text(first)
    annotator.hover((2, 44))
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    click = lw.Click(*INSIDE, slice=MIDDLE[0])
    np.testing.assert_array_equal(voxels(scan), grown([click], radius=6.0))
    go(annotator, MIDDLE[0] + 1)
    other = (56.5, 24.5)
    annotator.click(other, ["Shift"])
    said(annotator)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    more = grown([lw.Click(*other, slice=MIDDLE[0] + 1)], radius=6.0)
    assert more.any()
    np.testing.assert_array_equal(voxels(scan), grown([click], radius=6.0) | more)


def test_a_drag_draws_a_wall_that_nothing_grows_through(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    annotator.click(INSIDE)
    leaked = said(annotator)
    annotator.drag((49.5, 14.5), (49.5, 34.5))
    bar = annotator.root.locator(".lw-proposal span")
    expect(bar).not_to_have_text(leaked, timeout=20_000)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    made, open_ = voxels(scan), grown([lw.Click(*INSIDE, slice=MIDDLE[0])])
    assert open_[5, 24, 56]
    assert not made[:, :, 51:].any()
    np.testing.assert_array_equal(made[:, :, :48], open_[:, :, :48])


def test_it_is_seen_in_reformats_and_a_click_there_grows_too(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    page = annotator.page
    annotator.hover((2, 44))
    annotator.key("Shift+6")
    panes = annotator.root.locator(".lw-pane[data-status=ready]")
    expect(panes).to_have_count(3)

    def red(pane: int) -> int:
        shot = Image.open(io.BytesIO(panes.nth(pane).screenshot()))
        pixels = np.asarray(shot.convert("RGB")).astype(int)
        return int((pixels[..., 0] > pixels[..., 1] + 40).sum())

    # Lines where the cuts meet are red, too.
    before = [red(pane) for pane in range(3)]
    box = panes.nth(1).bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    # The first press makes it the pane that tools are about.
    for _ in range(2):
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_timeout(300)
    text = said(annotator)
    # Shown on all three cuts, whichever was clicked.
    for pane in range(3):
        assert red(pane) > before[pane] + 2000, (pane, before)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    made = voxels(scan)
    assert f"{int(made.sum()):,} voxels" in text
    click = scan.records()[0].origin.parameters["prompt"]["clicks"][0]
    assert made[click["slice"], int(click["y"]), int(click["x"])]
    np.testing.assert_array_equal(
        made, grown([lw.Click(click["x"], click["y"], slice=click["slice"])])
    )


def test_enter_in_a_number_gives_the_keys_back_to_the_picture(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    annotator.click(INSIDE)
    said(annotator)
    options = annotator.root.locator(".lw-options")
    expect(options.locator("label[title=Limit] .lw-unit")).to_have_text("ml")
    radius = options.get_by_label("Radius, exact")
    radius.fill("20")
    annotator.key("Enter")
    expect(radius).not_to_be_focused()
    count = int(grown([lw.Click(*INSIDE, slice=MIDDLE[0])], radius=20).sum())
    expect(annotator.root.locator(".lw-proposal")).to_contain_text(f"{count:,} voxels")
    annotator.has_objects(0)
    annotator.key("Enter")
    annotator.has_objects(1).saved()
    assert int(voxels(scan).sum()) == count
