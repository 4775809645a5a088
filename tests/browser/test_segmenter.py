"""Networks of the SAM family on the toolbar: clicks, Alt-clicks, boxes, and answers built on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.assist import registry
from tests.assist.sam_networks import decoder, encoder
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

HERE = (150.0, 150.0)


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology([lw.ObjectClass("cup", tool="mask", color="#ff0000")])


@pytest.fixture
def fed(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """What the decoder of the segmenter on the toolbar is fed."""
    sam = lw.assist.PromptSegmenter(encoder(tmp_path / "e.onnx"), decoder(tmp_path / "sam.onnx"))
    made: list[dict[str, Any]] = []
    run = sam._decoder.run

    def heard(feeds: Any) -> Any:
        made.append(feeds)
        return run(feeds)

    sam._decoder.run = heard  # type: ignore[method-assign]
    registry.register(sam, label="Segment", hotkey="Shift+A")
    yield made
    registry._made.clear()


@pytest.fixture
def annotator(host_page: HostPage, kernel: KernelEnd, fed: Any) -> AnnotatorPage:
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover()
    annotator.key("Shift+A")
    return annotator


def proposed(annotator: AnnotatorPage, fed: list[Any], count: int) -> str:
    """Return what is said of the answer to the question of this number."""
    bar = annotator.root.locator(".lw-proposal")
    expect(annotator.root.locator(".lw-hint")).to_contain_text("Enter accepts", timeout=60_000)
    expect(bar).to_contain_text("Proposed: cup", timeout=60_000)
    assert len(fed) == count
    return bar.inner_text()


def area(one: Any) -> int:
    rle = one.geometry.rle
    return int(lw.algorithms.decode_rle({"size": rle.size, "counts": rle.counts}).sum())


def test_a_click_and_an_alt_click_build_on_each_other(
    annotator: AnnotatorPage, project: lw.Project, fed: list[dict[str, Any]]
) -> None:
    expect(annotator.root.locator(".lw-hint")).to_contain_text("Click on what is meant; or drag")
    annotator.click(HERE)
    first = proposed(annotator, fed, 1)
    # The likeliest mask, and how sure the network is of it.
    assert "cup 95 %" in first or "cup 90 %" in first
    assert fed[0]["has_mask_input"].tolist() == [0.0]
    assert any(red > green + 20 for red, green, _ in annotator.pixels((157, 150), 1))
    annotator.click((165, 150), ["Alt"])
    expect(annotator.root.locator(".lw-proposal")).not_to_contain_text(
        first.split("\n")[0], timeout=60_000
    )
    proposed(annotator, fed, 2)
    # A positive and a negative point, on the mask of before.
    assert fed[1]["has_mask_input"].tolist() == [1.0]
    assert fed[1]["mask_input"].max() > 0
    assert fed[1]["point_labels"].ravel()[:2].tolist() == [1.0, 0.0]
    annotator.key("Enter")
    annotator.saved()
    (made,) = project.records()
    assert (made.class_name, made.origin.kind, made.origin.name) == ("cup", "model", "sam")
    assert [one["positive"] for one in made.origin.parameters["prompt"]["clicks"]] == [True, False]
    inside = lw.algorithms.decode_rle(
        {"size": made.geometry.rle.size, "counts": made.geometry.rle.counts}  # type: ignore[union-attr]
    )
    assert inside[150, 148]
    assert not inside[150, 165]


def test_a_click_taken_back_gives_the_answer_before(
    annotator: AnnotatorPage, project: lw.Project, fed: list[dict[str, Any]]
) -> None:
    annotator.click(HERE)
    first = proposed(annotator, fed, 1)
    annotator.click((250, 150))
    expect(annotator.root.locator(".lw-proposal")).not_to_contain_text(
        first.split("\n")[0], timeout=60_000
    )
    annotator.key("Backspace")
    expect(annotator.root.locator(".lw-proposal")).to_contain_text(
        first.split("\n")[0], timeout=60_000
    )
    annotator.key("Escape")
    expect(annotator.root.locator(".lw-proposal")).to_have_count(0)
    assert project.records() == []


def test_with_shift_a_drag_is_a_line(annotator: AnnotatorPage, fed: list[dict[str, Any]]) -> None:
    annotator.page.keyboard.down("Shift")
    annotator.drag((100, 100), (180, 100))
    annotator.page.keyboard.up("Shift")
    proposed(annotator, fed, 1)
    # Points along it, and the one that is none.
    assert fed[0]["point_labels"].ravel().tolist() == [1.0] * 5 + [-1.0]


def test_a_box_selects_what_is_in_it(
    annotator: AnnotatorPage, project: lw.Project, fed: list[dict[str, Any]]
) -> None:
    annotator.drag((100, 80), (180, 140))
    proposed(annotator, fed, 1)
    assert fed[0]["point_labels"].ravel().tolist() == [2.0, 3.0]
    annotator.key("Enter")
    annotator.saved()
    (made,) = project.records()
    x, y, width, height = made.geometry.bounds  # type: ignore[misc]
    assert np.allclose((x, y, width, height), (100, 80, 80, 60), atol=2)
    assert area(made) == pytest.approx(80 * 60, rel=0.05)
    assert "scribbles" not in made.origin.parameters["prompt"]
    box = made.origin.parameters["prompt"]["box"]
    assert np.allclose(box, (100, 80, 80, 60), atol=1)
