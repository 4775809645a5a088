"""An image sequence plays in its pane; labels belong to the picture that they were drawn on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

COUNT = 12


@pytest.fixture
def sequence(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> lw.Project:
    """Twelve shades, every third picture of a quarter of the width and half the height."""
    urls = []
    for number in range(COUNT):
        width, height = SIZE if number % 3 != 1 else (SIZE[0] // 4, SIZE[1] // 2)
        pixels = np.full((height, width, 3), 10 + 20 * number, np.uint8)
        urls.append(str(tmp_path / f"frame{number}.png"))
        Image.fromarray(pixels).save(urls[-1])
    frame = pd.DataFrame({"id": ["walk"], "urls": [urls], "kind": ["image_sequence"]})
    project = lw.Project.create(
        tmp_path / "walk.db", lw.Dataset.from_items(frame), ontology, user="ana"
    )
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


def shade(annotator: AnnotatorPage) -> int:
    annotator.hover((200, 200))
    text = annotator.root.locator(".lw-pixel").inner_text()
    return int(text.split()[1]) if text else -1


def test_labels_belong_to_the_picture_they_were_drawn_on(
    host_page: HostPage, sequence: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    assert annotator.root.locator(".lw-pane").count() == 1
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved().has_objects(1)
    annotator.key("PageDown")
    expect(annotator.root.locator(".lw-timeline .lw-count")).to_have_text(f"2 / {COUNT}")
    # Smaller and of another shape in its file, as large on the screen.
    expect(annotator.root.locator(".lw-cover")).to_have_count(0)
    for corner in [(SIZE[0] - 5, 5), (5, SIZE[1] - 5), (SIZE[0] - 5, SIZE[1] - 5)]:
        assert {pixel[0] for pixel in annotator.pixels(corner)} == {30}
    annotator.draw_box((200, 150), (300, 250))
    annotator.saved().has_objects(2)
    assert sequence.annotations.frame.tolist() == [0, 1]
    assert sequence.annotations.x.tolist() == pytest.approx([50, 200], abs=1.5)
    slider = annotator.root.get_by_label("Picture of the sequence")
    slider.fill("12")
    expect(annotator.root.locator(".lw-caption .lw-name")).to_have_text("frame11.png · 12 of 12")
    assert host_page.console == []


def test_it_plays_every_picture_and_stops_at_the_end_or_at_a_press(
    host_page: HostPage, sequence: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    page = host_page.page
    page.evaluate(
        """() => {
          const count = document.querySelector(".lw-timeline .lw-count");
          window.seen = [count.textContent];
          new MutationObserver(() => window.seen.push(count.textContent))
            .observe(count, { characterData: true, childList: true, subtree: true });
        }"""
    )
    annotator.root.get_by_label("Pictures a second").select_option("30")
    annotator.hover()
    annotator.key("Shift+Space")
    counter = annotator.root.locator(".lw-timeline .lw-count")
    expect(counter).to_have_text(f"{COUNT} / {COUNT}")
    expect(annotator.root.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert page.evaluate("window.seen") == [f"{n} / {COUNT}" for n in range(1, COUNT + 1)]
    assert shade(annotator) == 10 + 20 * (COUNT - 1)
    annotator.root.get_by_label("Pictures a second").select_option("2")
    annotator.hover()
    annotator.key("Shift+Space")
    expect(counter).to_have_text(f"2 / {COUNT}")
    annotator.draw_box((50, 40), (150, 100))
    expect(annotator.root.get_by_role("button", name="Play", exact=True)).to_be_visible()
    annotator.saved()
    assert sequence.annotations.frame.tolist() == [int(counter.inner_text().split()[0]) - 1]
    assert host_page.console == []
