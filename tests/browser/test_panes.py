"""Several pictures at once: groups as one task, and folders side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd


def panes(annotator: AnnotatorPage) -> Locator:
    return annotator.root.locator(".lw-pane")


def captions(annotator: AnnotatorPage) -> list[str]:
    return panes(annotator).locator(".lw-caption .lw-name").all_inner_texts()


def all_ready(annotator: AnnotatorPage, count: int) -> None:
    expect(annotator.root.locator(".lw-pane[data-status=ready]")).to_have_count(count)


@pytest.fixture
def group(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> lw.Project:
    """A group of five pictures of different sizes, and one picture by itself."""
    urls = []
    for number in range(5):
        path = tmp_path / f"view{number}.png"
        width, height = SIZE[0] - 40 * number, SIZE[1]
        Image.fromarray(np.full((height, width, 3), 60 + 30 * number, np.uint8)).save(path)
        urls.append(str(path))
    dataset = lw.Dataset.open([urls, [urls[0]]])
    project = lw.Project.create(tmp_path / "group.db", dataset, ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


def test_a_group_is_one_task_whose_labels_know_their_picture(
    host_page: HostPage, group: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    all_ready(annotator, 4)
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved().has_objects(1)
    panes(annotator).nth(2).click(position={"x": 20, "y": 150})
    expect(panes(annotator).nth(2)).to_have_attribute("data-active", "true")
    annotator.has_objects(1)
    other = AnnotatorPage(host_page.page, (SIZE[0] - 80, SIZE[1]))
    other.draw_box((100, 100), (200, 200))
    annotator.saved().has_objects(2)
    frame = group.annotations
    assert frame.frame.tolist() == [0, 2]
    assert frame.x.tolist() == pytest.approx([50, 100], abs=1.5)
    annotator.key("PageDown")
    all_ready(annotator, 1)
    assert captions(annotator) == ["view4.png · 5 of 5"]
    last = AnnotatorPage(host_page.page, (SIZE[0] - 160, SIZE[1]))
    last.draw_box((30, 30), (90, 90))
    annotator.saved().has_objects(3)
    assert group.annotations.frame.tolist() == [0, 2, 4]
    annotator.rows.nth(1).locator(".lw-pick").click()
    expect(panes(annotator).nth(2)).to_have_attribute("data-active", "true")
    all_ready(annotator, 4)
    annotator.hover()
    annotator.key("Control+z")
    annotator.saved().has_objects(2)
    annotator.key("d")
    annotator.title("view0.png").ready()
    expect(panes(annotator)).to_have_count(1)
    assert host_page.console == []


def test_folders_side_by_side_go_on_and_zoom_together(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    annotator.hover()
    annotator.key("Shift+2")
    expect(panes(annotator)).to_have_count(2)
    all_ready(annotator, 2)
    assert [text.split("\n")[0] for text in captions(annotator)] == ["one.jpg", "four.png"]
    annotator.hover()
    annotator.key("d")
    expect(panes(annotator).nth(1).locator(".lw-caption .lw-name")).to_have_text("three.png")
    expect(panes(annotator).nth(0).locator(".lw-caption .lw-name")).to_have_text("two.jpg")
    all_ready(annotator, 2)
    scales = """root => [...root.querySelectorAll(".lw-image canvas")]
      .filter(it => it.style.visibility === "visible")
      .map(it => it.getBoundingClientRect().width)"""
    before = annotator.root.evaluate(scales)
    annotator.key("+")
    annotator.page.wait_for_timeout(300)
    after = annotator.root.evaluate(scales)
    assert after[0] > before[0] * 1.2
    assert after[1] == pytest.approx(after[0], abs=1)
    annotator.key("0")
    panes(annotator).nth(1).click(position={"x": 5, "y": 200})
    annotator.title("three.png")
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved().has_objects(1)
    row = project.annotations.iloc[0]
    title = project.tasks.set_index("id").title[row.task_id]
    assert title == "three.png"
    annotator.key("Shift+1")
    expect(panes(annotator)).to_have_count(1)
    annotator.title("three.png").ready().has_objects(1)
    assert host_page.console == []


def test_panes_that_are_not_linked_go_their_own_way(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.key("Shift+3")
    all_ready(annotator, 2)
    annotator.key("Shift+5")
    annotator.hover()
    annotator.key("d")
    annotator.title("two.jpg").ready()
    assert [text.split("\n")[0] for text in captions(annotator)] == ["two.jpg", "four.png"]
