"""A picture of 200 megapixels: shown by tiles, labelled in full resolution."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.media.tiles.large_tiff import TILE, colour_of, write_large

SIZE = (12288, 16384)


class TiledPage(AnnotatorPage):
    """An annotator whose picture is painted by tiles."""

    def wheel_in(self, point: XY, scale: float) -> None:
        """Zoom in at a point of the picture until the zoom is at least `scale`."""
        self.page.mouse.move(*self.at(point))
        while self.zoom() < 100 * scale:
            self.page.mouse.wheel(0, -400)
            self.page.wait_for_timeout(30)

    def sees(self, point: XY, colour: tuple[int, int, int]) -> None:
        """Wait until a point of the picture is painted in a colour, as far as JPEG keeps it."""
        found: list[tuple[int, int, int]] = []
        for _ in range(100):
            found = self.pixels(point, half=1)
            if np.abs(np.array(found) - colour).max() <= 4:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{found} at {point}, not {colour}")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_large(tmp_path_factory.mktemp("large") / "slide.tif", *SIZE)


@pytest.fixture
def project(tmp_path: Path, large: Path) -> Iterator[lw.Project]:
    ontology = lw.Ontology(
        classes=[
            lw.ObjectClass("cell", color="#ff0000"),
            lw.ObjectClass("stain", tool="mask", color="#00ff00"),
        ]
    )
    dataset = lw.Dataset.open(str(large))
    with lw.Project.create(tmp_path / "labels.db", dataset, ontology, user="ana") as made:
        yield made


@pytest.fixture
def annotator(host_page: HostPage, kernel: KernelEnd) -> TiledPage:
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    page = TiledPage(host_page.page, SIZE)
    page.ready()
    return page


def test_it_is_shown_whole_from_its_smallest_copy_alone(
    annotator: TiledPage, kernel: KernelEnd, project: lw.Project
) -> None:
    # At 5 % of the size, the levels are 1/8 and 1/16.
    annotator.sees((1000, 1000), colour_of(4, 0, 0))
    levels = {one["level"] for one in kernel.received if one["type"] == "tile"}
    assert levels == {4}
    assert project.dataset.traffic["bytes"].sum() < 400_000


def test_zoomed_in_each_tile_lies_where_it_belongs(annotator: TiledPage) -> None:
    column, row = 9, 13
    corner = (column * TILE, row * TILE)
    annotator.wheel_in(corner, 1)
    for dx, dy in ((0, 0), (-1, 0), (0, -1), (-1, -1)):
        there = (corner[0] + 30 + 60 * dx, corner[1] + 30 + 60 * dy)
        annotator.sees(there, colour_of(0, column + dx, row + dy))
    expect(annotator.root.locator(".lw-pixel")).not_to_contain_text("\u2248")
