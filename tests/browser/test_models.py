"""A model on the toolbar: what it proposes is seen, filtered by a slider, taken all or alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.assist import registry
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

FOUND = [
    (lw.Rectangle(40, 40, 80, 60), "car", 0.92),
    (lw.Polygon([[[(180, 40), (260, 60), (240, 140), (170, 120)]]]), "tree", 0.71),
    (lw.Rectangle(300, 180, 60, 80), "person", 0.34),
    (lw.Rectangle(60, 180, 90, 60), "car", 0.55),
]


@pytest.fixture(autouse=True)
def models() -> Iterator[None]:
    def detector(pixels: Any, context: lw.Context) -> Any:
        assert context.class_name is not None
        return FOUND

    def failing(pixels: Any) -> Any:
        return "<html>502 Bad Gateway</html>"

    async def bright(pixels: Any, prompt: Any) -> Any:
        row, column = prompt.clicks[0].pixel(pixels.shape)
        mask = np.zeros(pixels.shape[:2], bool)
        mask[max(0, row - 20) : row + 20, max(0, column - 20) : column + 20] = True
        return mask * np.float32(0.8)

    registry.register(lw.assistant(detector, version="2026-11"), label="Detector")
    registry.register(lw.assistant(failing))
    registry.register(lw.assistant(bright), label="Around a click")
    yield
    registry._made.clear()


@pytest.fixture
def annotator(host_page: HostPage, kernel: KernelEnd) -> AnnotatorPage:
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    return AnnotatorPage(host_page.page, SIZE).ready()


def ask(annotator: AnnotatorPage, name: str = "Detector") -> None:
    annotator.hover()
    annotator.root.get_by_role("button", name=name).click()
    annotator.click((200, 160))
    expect(annotator.root.locator(".lw-proposal")).to_contain_text("Proposed", timeout=30_000)


def made(project: lw.Project) -> list[tuple[Any, ...]]:
    return sorted((one.class_name, one.confidence) for one in project.records())


def test_enter_accepts_what_the_slider_lets_through(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    ask(annotator)
    bar = annotator.root.locator(".lw-proposal")
    expect(bar).to_contain_text("Proposed: 3 of 4")
    expect(bar).to_contain_text("car 92 %")
    slider = bar.get_by_role("slider", name="Confidence")
    slider.fill("0.6")
    expect(bar).to_contain_text("Proposed: 2 of 4")
    annotator.hover()
    annotator.key("Enter")
    annotator.saved()
    assert made(project) == [("car", 0.92), ("tree", 0.71)]
    for one in project.records():
        assert one.origin == lw.Origin("model", "detector", "2026-11", {})
    expect(bar).to_have_count(0)


def test_each_is_taken_or_dropped_alone_and_edited_after(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    ask(annotator)
    annotator.click((60, 60))
    annotator.has_objects(1)
    annotator.click((210, 90), ["Alt"])
    bar = annotator.root.locator(".lw-proposal")
    expect(bar).to_contain_text("Proposed: 1 of 2")
    annotator.key("Shift+Y")
    annotator.has_objects(2)
    annotator.key("Escape")
    annotator.saved()
    assert made(project) == [("car", 0.55), ("car", 0.92)]
    annotator.key("v")
    annotator.click((80, 70))
    annotator.key("ArrowRight")
    annotator.saved()
    (moved,) = project.records("confidence > 0.9")
    assert moved.geometry.bounds == (41, 40, 80, 60)
    assert moved.origin.kind == "model"
    assert moved.origin.version == "2026-11"


def test_the_bar_takes_and_drops_with_its_buttons(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    ask(annotator)
    bar = annotator.root.locator(".lw-proposal")
    bar.get_by_role("button", name="Take", exact=True).click()
    expect(bar).to_contain_text("tree 71 %")
    bar.get_by_role("button", name="Drop", exact=True).click()
    expect(bar).to_contain_text("Proposed: 1 of 2")
    bar.get_by_role("button", name="Drop all").or_(
        bar.get_by_role("button", name="Drop", exact=True).last
    ).last.click()
    annotator.saved()
    assert made(project) == [("car", 0.92)]


def test_a_model_that_takes_clicks_is_shown_what_is_meant(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover()
    annotator.key("2")
    ask(annotator, "Around a click")
    annotator.key("Enter")
    annotator.saved()
    (one,) = project.records()
    assert (one.class_name, one.geometry.type) == ("tree", "polygon")
    assert one.origin.parameters["prompt"]["clicks"][0]["positive"] is True
    assert one.confidence == pytest.approx(0.8)


def test_a_model_that_answers_with_a_page_changes_nothing(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover()
    annotator.root.get_by_role("button", name="failing").click()
    annotator.click((200, 160))
    expect(annotator.notices).to_contain_text("assistant 'failing'", timeout=30_000)
    expect(annotator.notices).to_contain_text("<html>")
    annotator.key("1")
    annotator.draw_box((20, 20), (60, 60))
    annotator.saved()
    assert len(project.annotations) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_bar_is_accessible(
    host_page: HostPage, kernel: KernelEnd, theme: Any, repository: Path
) -> None:
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits(), theme=theme)
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    ask(annotator)
    axe = repository / "js" / "node_modules" / "axe-core" / "axe.min.js"
    host_page.page.add_script_tag(path=axe)
    found = host_page.page.evaluate("() => axe.run('.lw-proposal')")
    assert [one["id"] for one in found["violations"]] == []


def test_a_model_of_scans_is_shown_a_voxel_and_makes_a_mask_through_the_slices(
    host_page: HostPage, tmp_path: Path
) -> None:
    from tests.browser.test_scans import SIZE as SLICE
    from tests.browser.test_scans import write_slice
    from tests.browser.test_volume_growth import COUNT, INSIDE, MIDDLE, go, values

    def organ(volume: lw.Scan, clicks: Any, context: lw.Context) -> Any:
        assert context.spacing == volume.spacing
        assert clicks[0].voxel(volume.shape) == MIDDLE
        return volume.slab(0, volume.shape[0]) > 300

    registry.register(lw.assistant(organ), label="Organ")
    folder = tmp_path / "scan"
    folder.mkdir()
    for number, pixels in enumerate(values()):
        write_slice(folder / f"{number}.dcm", number, pixels)
    ontology = lw.Ontology([lw.ObjectClass("insert", tool="volumemask", color="#ff0000")])
    dataset = lw.Dataset.open(folder)
    with lw.Project.create(tmp_path / "scan.db", dataset, ontology, user="ana") as project:
        host_page.kernel = KernelEnd(project)
        host_page.mount("image", host_page.kernel.traits())
        annotator = AnnotatorPage(host_page.page, SLICE).ready()
        go(annotator, MIDDLE[0])
        annotator.root.get_by_role("button", name="Organ").click()
        annotator.click(INSIDE)
        expect(annotator.root.locator(".lw-proposal")).to_contain_text("Proposed", timeout=60_000)
        annotator.key("Enter")
        annotator.saved()
        (made,) = project.records()
        assert made.geometry.type == "volumemask"
        assert len(made.geometry.slices) > COUNT // 2  # type: ignore[union-attr]
        assert made.origin.kind == "model"
        assert made.origin.parameters["prompt"]["clicks"][0]["slice"] == MIDDLE[0]
