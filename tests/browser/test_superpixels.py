"""Superpixels painted with a real mouse, before the real link, tool and store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.algorithms import superpixels
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.kernel_end import KernelEnd
from tests.browser.test_painting import masks, pull

WIDTH, HEIGHT = SIZE


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """One picture of coloured patches."""
    folder = tmp_path / "photos"
    folder.mkdir()
    small = np.random.default_rng(3).integers(40, 215, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(small).resize(SIZE, Image.Resampling.BICUBIC).save(folder / "a.png")
    return folder


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology([lw.ObjectClass("cell", tool="mask", color="#ff0000")])


def expected(project: lw.Project, side: int) -> np.ndarray:
    """The map that the tool has for the first picture."""
    image = project.dataset.pixels(project.tasks["item_id"].iloc[0])
    return superpixels(image, round(WIDTH * HEIGHT / side**2))


def asked(kernel: KernelEnd) -> list[dict[str, object]]:
    return [it["parameters"] for it in kernel.received if it["type"] == "compute"]


def under(labels: np.ndarray, *places: tuple[float, float]) -> np.ndarray:
    return np.isin(labels, [labels[int(y), int(x)] for x, y in places])


def test_hover_click_drag_and_erase(
    annotator: AnnotatorPage, kernel: KernelEnd, project: lw.Project, repository: Path
) -> None:
    labels = expected(project, 32)
    annotator.hover((200, 200))
    annotator.key("s")
    annotator.hover((210, 205))
    annotator.page.wait_for_timeout(1500)
    annotator.hover((212, 205))
    assert [one["coarse"] for one in asked(kernel)] == [True, False]
    folder = repository / "test-results" / "superpixels"
    folder.mkdir(parents=True, exist_ok=True)
    annotator.page.screenshot(path=folder / "hover.png")
    pull(annotator, [(212, 205)])
    annotator.has_objects(1).saved()
    (mask,) = masks(project)
    assert np.array_equal(mask, under(labels, (212, 205)))

    pull(annotator, [(212, 205), (330, 205)])
    annotator.saved()
    (mask,) = masks(project)
    line = labels[205, 212:331]
    assert np.array_equal(mask, np.isin(labels, line))
    annotator.page.screenshot(path=folder / "painted.png")

    pull(annotator, [(212, 205)], keys=["Alt"])
    annotator.saved()
    (mask,) = masks(project)
    assert np.array_equal(mask, np.isin(labels, line) & ~under(labels, (212, 205)))
    annotator.key("Control+z")
    annotator.saved()
    assert np.array_equal(masks(project)[0], np.isin(labels, line))
    origin = project.records()[0].origin
    assert (origin.kind, origin.name) == ("tool", "superpixel")
    # All of it without another word with the kernel.
    assert len(asked(kernel)) == 2


def test_another_size_asks_for_another_map_once(
    annotator: AnnotatorPage, kernel: KernelEnd, project: lw.Project
) -> None:
    annotator.hover((200, 200))
    annotator.key("s")
    annotator.hover((210, 205))
    annotator.page.wait_for_timeout(1000)
    annotator.key(".")
    annotator.page.wait_for_timeout(1000)
    size = asked(kernel)[-1]["size"]
    assert isinstance(size, int)
    assert size > 32
    assert [one["size"] for one in asked(kernel)] == [32, 32, size, size]
    pull(annotator, [(212, 205)])
    annotator.has_objects(1).saved()
    assert np.array_equal(masks(project)[0], under(expected(project, size), (212, 205)))
    # Back again, and after another tool: the maps are kept.
    annotator.key(",")
    annotator.page.wait_for_timeout(500)
    annotator.key("b")
    annotator.key("s")
    annotator.hover((220, 205))
    annotator.page.wait_for_timeout(500)
    assert len(asked(kernel)) == 4
