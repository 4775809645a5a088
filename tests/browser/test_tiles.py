"""A picture of 200 megapixels: shown by tiles, labelled in full resolution."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.errors import SourceError
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


def test_a_box_is_drawn_in_full_resolution(annotator: TiledPage, project: lw.Project) -> None:
    corner = (9 * TILE, 13 * TILE)
    annotator.wheel_in(corner, 8)
    annotator.sees((corner[0] + 10, corner[1] + 10), colour_of(0, 9, 13))
    start, end = (corner[0] - 20, corner[1] - 12), (corner[0] + 15, corner[1] + 18)
    annotator.draw_box(start, end)
    annotator.has_objects(1).saved()
    (geometry,) = geometries(project)
    assert isinstance(geometry, lw.Rectangle)
    drawn = (geometry.x, geometry.y, geometry.width, geometry.height)
    # A pixel of the screen is an eighth of one of the picture, or less.
    assert drawn == pytest.approx((*start, 35, 30), abs=0.25)
    # Its left edge is painted over the pixel that it lies on.
    found = np.array(annotator.pixels((start[0], corner[1] + 5), half=1))
    assert (found[:, 0] > found[:, 1] + 60).any()


def test_panning_costs_its_tiles_and_never_shows_nothing(
    annotator: TiledPage, kernel: KernelEnd, project: lw.Project
) -> None:
    annotator.wheel_in((3000, 3000), 1)
    annotator.sees((3000, 3000), colour_of(0, 5, 5))
    before, read = len(tiles_of(kernel)), project.dataset.traffic["bytes"].sum()
    annotator.page.evaluate(
        """() => {
          const canvas = document.querySelector(".lw-tiles");
          const context = canvas.getContext("2d");
          window.blank = 0;
          window.frames = 0;
          const look = () => {
            const { data } = context.getImageData(0, canvas.height >> 1, canvas.width, 1);
            for (let at = 3; at < data.length; at += 4) if (data[at] === 0) window.blank++;
            window.frames++;
            window.looking = requestAnimationFrame(look);
          };
          look();
        }"""
    )
    box = annotator.root.locator(".lw-tiles").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    annotator.key("v")
    for _ in range(6):
        annotator.page.mouse.move(middle[0] + 300, middle[1] + 100)
        annotator.page.mouse.down(button="middle")
        annotator.page.mouse.move(middle[0] - 300, middle[1] - 100, steps=20)
        annotator.page.mouse.up(button="middle")
    annotator.page.evaluate("() => cancelAnimationFrame(window.looking)")
    assert annotator.page.evaluate("() => window.frames") > 10
    assert annotator.page.evaluate("() => window.blank") == 0
    # 3600 x 1200 pixels of the screen, at 100 % and more, with one tile around and the next level.
    asked = tiles_of(kernel)[before:]
    assert len(asked) == len(set(asked))
    assert 4 <= len(asked) <= 120
    assert project.dataset.traffic["bytes"].sum() - read <= len(asked) * 20_000 + (256 << 10)


def test_what_was_left_is_not_asked_for_again_while_it_is_kept(
    annotator: TiledPage, kernel: KernelEnd
) -> None:
    annotator.wheel_in((3000, 3000), 1)
    annotator.sees((3000, 3000), colour_of(0, 5, 5))
    annotator.page.wait_for_timeout(300)
    before = len(tiles_of(kernel))
    annotator.key("f")
    annotator.page.wait_for_timeout(300)
    annotator.wheel_in((3000, 3000), 1)
    annotator.page.wait_for_timeout(300)
    asked = tiles_of(kernel)
    assert len(asked) == len(set(asked))
    # On the way levels may have been passed that were not asked for before, but not this place.
    assert all(level > 0 for level, *_ in asked[before:])


def test_a_tile_that_cannot_be_read_is_told_and_the_rest_is_shown(
    annotator: TiledPage, kernel: KernelEnd
) -> None:
    reader = kernel.session.pyramid(next(iter(kernel.session.dataset)))
    assert reader is not None
    plain = type(reader).tile

    def broken(self: object, level: int, column: int, row: int) -> object:
        if (level, column, row) == (0, 9, 13):
            raise SourceError("did not answer in time.", where="slide.tif")
        return plain(self, level, column, row)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(reader), "tile", broken)
        corner = (9 * TILE, 13 * TILE)
        annotator.wheel_in(corner, 1)
        annotator.sees((corner[0] - 30, corner[1] - 30), colour_of(0, 8, 12))
        # From the level above, which has the same place.
        annotator.sees((corner[0] + 60, corner[1] + 60), colour_of(1, 4, 6))
        expect(annotator.notices).to_contain_text(
            "A part of the picture cannot be shown: slide.tif: did not answer in time.",
            timeout=20_000,
        )
    asked = tiles_of(kernel)
    assert asked.count((0, 9, 13)) == 3
    assert len(set(asked)) == len(asked) - 2


def test_tools_that_look_at_pixels_work_on_what_is_here(
    annotator: TiledPage, project: lw.Project
) -> None:
    annotator.root.get_by_text("stain").click()
    middle = (9.5 * TILE, 13.5 * TILE)
    annotator.hover(middle)
    annotator.key("t")
    annotator.click(middle)
    expect(annotator.notices).to_contain_text("zoom in")
    annotator.wheel_in(middle, 1)
    annotator.sees(middle, colour_of(0, 9, 13))
    annotator.click(middle)
    annotator.saved()
    (geometry,) = geometries(project)
    assert isinstance(geometry, lw.Mask)
    assert geometry.rle.size == (SIZE[1], SIZE[0])
    assert 50 < geometry.area < 10_000
    # The wand in the kernel selects the whole tile but for its dark frame.
    annotator.key("Escape")
    annotator.hover((middle[0] + 100, middle[1]))
    annotator.key("w")
    annotator.click((middle[0] + 100, middle[1]))
    expect(annotator.root.locator(".lw-proposal, .lw-hint")).to_contain_text(
        ["Enter"], timeout=20_000
    )
    annotator.key("Enter")
    annotator.has_objects(2).saved()
    masks = [one for one in geometries(project) if isinstance(one, lw.Mask)]
    x, y, width, height = max(masks, key=lambda mask: mask.area).bounds
    assert abs(x - 9 * TILE) <= 12
    assert abs(y - 13 * TILE) <= 12
    assert abs(width - TILE) <= 20
    assert abs(height - TILE) <= 20


def test_the_lens_and_the_tone_show_the_tiles(annotator: TiledPage) -> None:
    annotator.wheel_in((3000, 3000), 1)
    annotator.sees((3000, 3000), colour_of(0, 5, 5))
    annotator.hover((2900, 2900))
    annotator.page.keyboard.down("z")
    annotator.page.wait_for_timeout(200)
    middle = annotator.page.evaluate(
        """() => {
          const canvas = document.querySelector(".lw-lens-picture");
          const at = canvas.width >> 1;
          return [...canvas.getContext("2d").getImageData(at, at, 1, 1).data];
        }"""
    )
    assert np.abs(np.array(middle) - [*colour_of(0, 5, 5), 255]).max() <= 4
    annotator.page.keyboard.up("z")
    annotator.key("Shift+V")
    annotator.root.locator("label:has-text('Invert') input").check()
    annotator.sees(
        (3000, 3000),
        tuple(255 - one for one in colour_of(0, 5, 5)),  # type: ignore[arg-type]
    )


def geometries(project: lw.Project) -> list[Any]:
    """Return the shapes that are in the store."""
    return [made.geometry for made in project.session().store.read()]


def tiles_of(kernel: KernelEnd) -> list[tuple[int, int, int]]:
    """Return level, column and row of all tiles that were asked for."""
    return [
        (one["level"], one["column"], one["row"])
        for one in kernel.received
        if one["type"] == "tile"
    ]


def test_grey_of_sixteen_bits_is_windowed_in_the_page(host_page: HostPage, tmp_path: Path) -> None:
    import tifffile

    rows, columns = np.mgrid[:3000, :4000]
    pixels = (columns * 10 + rows).astype(np.uint16)
    tifffile.imwrite(
        tmp_path / "grey.tif", pixels, tile=(512, 512), photometric="minisblack", compression="zlib"
    )
    ontology = lw.Ontology(classes=[lw.ObjectClass("cell")])
    dataset = lw.Dataset.open(str(tmp_path / "grey.tif"))
    with lw.Project.create(tmp_path / "labels.db", dataset, ontology, user="ana") as project:
        kernel = KernelEnd(project)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = TiledPage(host_page.page, (4000, 3000))
        annotator.ready()
        annotator.wheel_in((2000, 1500), 1)
        low, high = np.percentile(pixels, (0.1, 99.9))
        shade = round(255 * (pixels[1500, 2000] - low) / (high - low))
        annotator.sees((2000.5, 1500.5), (shade, shade, shade))
        annotator.hover((2000.5, 1500.5))
        expect(annotator.root.locator(".lw-pixel")).to_have_text(f"value {pixels[1500, 2000]}")
        annotator.key("Shift+V")
        slider = annotator.root.locator("label:has-text('White at') input")
        expect(slider).to_have_attribute("max", re.compile(r"4\d{4}"))
        slider.fill("25000")
        shade = round(255 * (pixels[1500, 2000] - low) / (25000 - low))
        annotator.sees((2000.5, 1500.5), (shade, shade, shade))
    assert host_page.console == []
