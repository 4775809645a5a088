"""Masks painted with a real mouse, before the real link and store."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.algorithms import (
    decode_rle,
    fill_holes,
    grow_mask,
    keep_largest_island,
    polygon_to_mask,
    shrink_mask,
    stroke_to_mask,
)
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

Bits = NDArray[np.bool_]
SHAPE = (SIZE[1], SIZE[0])


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        classes=[
            lw.ObjectClass("cell", tool="mask", color="#ff0000"),
            lw.ObjectClass("sky", tool="mask", color="#0000ff", instances=False),
            lw.ObjectClass("car", color="#00ff00"),
        ]
    )


def masks(project: lw.Project) -> list[Bits]:
    rles = [geometry.rle for geometry in project.annotations.geometry]
    return [decode_rle({"size": list(rle.size), "counts": rle.counts}) for rle in rles]


def pull(
    annotator: AnnotatorPage, path: Sequence[XY], *, keys: Sequence[str] = (), release: bool = True
) -> None:
    """Press at the first point, go through the others, let go at the last."""
    page = annotator.page
    page.mouse.move(*annotator.at(path[0]))
    for key in keys:
        page.keyboard.down(key)
    page.mouse.down()
    for point in path[1:]:
        page.mouse.move(*annotator.at(point), steps=6)
    if release:
        page.mouse.up()
    for key in keys:
        page.keyboard.up(key)


def set_radius(annotator: AnnotatorPage, radius: float) -> None:
    field = annotator.root.get_by_role("spinbutton", name="Radius")
    field.fill(str(radius))
    field.press("Enter")
    annotator.root.focus()
    annotator.hover()


def take(annotator: AnnotatorPage, key: str, radius: float = 12) -> None:
    """Take a tool by its key, with a radius."""
    annotator.hover()
    annotator.key(key)
    set_radius(annotator, radius)


def picture_of(annotator: AnnotatorPage) -> NDArray[np.int16]:
    """Return what is shown of the picture, the pointer out of the way."""
    left, top = annotator.at((0, 0))
    right, bottom = annotator.at(annotator.size)
    clip: Any = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    image = Image.open(io.BytesIO(annotator.page.screenshot(clip=clip)))
    return np.asarray(image.convert("RGB")).astype(np.int16)


def alike(found: Bits, wanted: Bits) -> float:
    """Return intersection over union: where a pointer is, is known to a pixel of the screen."""
    return float((found & wanted).sum() / max(1, (found | wanted).sum()))


PATH = [(100, 100), (200, 120), (180, 200)]


def test_a_stroke_is_stored_as_it_was_painted(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    take(annotator, "b")
    pull(annotator, PATH)
    annotator.saved().has_objects(1)
    (mask,) = masks(project)
    assert alike(mask, stroke_to_mask(PATH, SHAPE, radius=12)) > 0.95
    assert project.annotations.class_name.tolist() == ["cell"]
    assert host_page.console == []


def test_what_is_shown_while_painting_and_erasing_is_what_is_kept(
    annotator: AnnotatorPage,
) -> None:
    take(annotator, "b", 30)
    for key, path in (("b", PATH), ("e", [(90, 100), (260, 130)])):
        annotator.key(key)
        pull(annotator, path, release=False)
        annotator.page.wait_for_timeout(150)
        before = picture_of(annotator)
        annotator.page.mouse.up()
        annotator.saved()
        annotator.page.wait_for_timeout(150)
        assert np.array_equal(before, picture_of(annotator))


def test_erasing_makes_a_hole_and_undo_fills_it_exactly(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 40)
    pull(annotator, [(150, 150), (250, 150)])
    annotator.saved()
    (whole,) = masks(project)
    take(annotator, "e", 10)
    pull(annotator, [(200, 150), (201, 150)])
    annotator.saved()
    (holed,) = masks(project)
    assert not holed[150, 200]
    assert holed[150, 230]
    assert not (holed & ~whole).any()
    annotator.hover()
    annotator.key("Control+z")
    annotator.saved()
    assert np.array_equal(masks(project)[0], whole)
    annotator.key("Control+Shift+Z")
    annotator.saved()
    assert np.array_equal(masks(project)[0], holed)


def test_alt_erases_with_the_brush(annotator: AnnotatorPage, project: lw.Project) -> None:
    take(annotator, "b", 20)
    pull(annotator, [(150, 150), (250, 150)])
    annotator.saved()
    pull(annotator, [(200, 100), (200, 200)], keys=["Alt"])
    annotator.saved().has_objects(1)
    (mask,) = masks(project)
    assert mask[150, 160]
    assert not mask[150, 200]


def test_a_mask_that_is_erased_whole_is_deleted_and_comes_back(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 10)
    annotator.click((150, 150))
    annotator.saved().has_objects(1)
    (before,) = masks(project)
    take(annotator, "e", 40)
    annotator.click((150, 150))
    annotator.saved().has_objects(0)
    annotator.key("Control+z")
    annotator.saved().has_objects(1)
    assert np.array_equal(masks(project)[0], before)


def test_shift_paints_a_straight_line_from_the_last_stroke(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 5)
    annotator.click((60, 60))
    annotator.click((300, 220), ["Shift"])
    annotator.saved().has_objects(1)
    (mask,) = masks(project)
    assert alike(mask, stroke_to_mask([(60, 60), (300, 220)], SHAPE, radius=5)) > 0.9


def test_a_square_tip_paints_a_square(annotator: AnnotatorPage, project: lw.Project) -> None:
    take(annotator, "b", 20)
    annotator.root.get_by_label("Tip").select_option("square")
    annotator.click((150, 150))
    annotator.saved().has_objects(1)
    (mask,) = masks(project)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert mask.sum() == rows.size * columns.size == 40 * 40
    assert abs(columns.mean() - 149.5) <= 1


def test_a_stroke_takes_its_pixels_from_other_masks_where_that_is_wanted(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 20)
    pull(annotator, [(100, 150), (300, 150)])
    annotator.key("n")
    pull(annotator, [(200, 80), (200, 220)])
    annotator.saved().has_objects(2)
    one, two = masks(project)
    assert (one & two).any()
    annotator.key("Control+z")
    annotator.saved().has_objects(1)
    annotator.root.get_by_label("Overwrite others").check()
    annotator.hover()
    annotator.key("n")
    pull(annotator, [(200, 80), (200, 220)])
    annotator.saved().has_objects(2)
    first, second = masks(project)
    assert np.array_equal(second, two)
    assert np.array_equal(first, one & ~two)
    annotator.key("Control+z")
    annotator.saved().has_objects(1)
    assert np.array_equal(masks(project)[0], one)


def test_a_locked_mask_refuses_with_words_and_keeps_its_pixels(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 20)
    pull(annotator, [(100, 150), (300, 150)])
    annotator.key("Shift+L")
    annotator.saved()
    (before,) = masks(project)
    pull(annotator, [(200, 80), (200, 220)])
    expect(annotator.notices).to_contain_text("Locked")
    annotator.root.get_by_label("Overwrite others").check()
    annotator.hover()
    annotator.key("n")
    pull(annotator, [(200, 80), (200, 220)])
    annotator.saved().has_objects(2)
    locked, other = masks(project)
    assert np.array_equal(locked, before)
    assert other.any()
    assert not (locked & other).any()


def test_a_class_without_instances_has_one_mask(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 20)
    annotator.key("2")
    annotator.click((100, 100))
    annotator.key("n")
    annotator.click((300, 200))
    annotator.saved().has_objects(1)
    assert project.annotations.class_name.tolist() == ["sky"]
    (mask,) = masks(project)
    assert mask[100, 100]
    assert mask[200, 300]


def test_nothing_is_erased_where_no_mask_is_in_hand(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "e", 20)
    annotator.click((100, 100))
    expect(annotator.notices).to_contain_text("select a mask")
    assert project.annotations.empty


def test_painting_by_keys_alone(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover()
    annotator.root.locator(".lw-viewport").click(position={"x": 2, "y": 2})
    annotator.key("b")
    annotator.key("ArrowLeft")
    annotator.key("Enter")
    for _ in range(4):
        annotator.key("Shift+ArrowRight")
    annotator.key("Shift+Enter")
    annotator.saved().has_objects(1)
    (mask,) = masks(project)
    columns = np.flatnonzero(mask.any(axis=0))
    rows = np.flatnonzero(mask.any(axis=1))
    assert rows.size == 24
    assert columns.size == columns[-1] - columns[0] + 1 > 60


def press(annotator: AnnotatorPage, name: str) -> None:
    """Press a button of what can be done to the selected masks."""
    section = annotator.root.get_by_role("region", name="Mask")
    section.get_by_role("button", name=name, exact=True).click()
    annotator.saved()


def test_the_lasso_paints_what_it_goes_around_and_erases_with_alt(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    ring = [(100, 60), (300, 60), (300, 240), (100, 240)]
    annotator.hover()
    annotator.key("y")
    pull(annotator, ring)
    annotator.saved().has_objects(1)
    wanted = polygon_to_mask(ring, SHAPE)
    (mask,) = masks(project)
    assert alike(mask, wanted) > 0.97
    pull(annotator, [(180, 120), (220, 120), (220, 180), (180, 180)], keys=["Alt"])
    annotator.saved().has_objects(1)
    (holed,) = masks(project)
    assert not holed[150, 200]
    assert holed[150, 120]


def test_a_polygon_fills_into_the_mask_in_hand(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 20)
    annotator.click((60, 60))
    annotator.saved().has_objects(1)
    annotator.hover()
    annotator.key("u")
    ring = [(100, 100), (300, 120), (200, 250)]
    for point in [*ring, ring[0]]:
        annotator.click(point)
    annotator.saved().has_objects(1)
    (mask,) = masks(project)
    assert mask[60, 60]
    assert alike(mask[:, 100:], polygon_to_mask(ring, SHAPE)[:, 100:]) > 0.97


def test_holes_islands_and_margins_of_the_selected_mask(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 40)
    pull(annotator, [(150, 150), (250, 150)])
    set_radius(annotator, 8)
    annotator.click((30, 30))
    annotator.key("e")
    annotator.click((200, 150))
    annotator.saved().has_objects(1)
    (start,) = masks(project)
    steps: list[tuple[str, Bits]] = []
    grown = grow_mask(fill_holes(start), 2)
    steps.append(("Fill holes", fill_holes(start)))
    steps.append(("Grow", grown))
    steps.append(("Keep largest", keep_largest_island(grown)))
    steps.append(("Shrink", shrink_mask(keep_largest_island(grown), 2)))
    for name, wanted in steps:
        press(annotator, name)
        assert np.array_equal(masks(project)[0], wanted), name
    annotator.hover()
    for _, wanted in reversed([("", start), *steps[:-1]]):
        annotator.key("Control+z")
        annotator.saved()
        assert np.array_equal(masks(project)[0], wanted)


def test_masks_are_joined_and_subtracted_in_one_step(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 20)
    pull(annotator, [(100, 150), (300, 150)])
    annotator.key("n")
    pull(annotator, [(200, 80), (200, 220)])
    annotator.saved().has_objects(2)
    one, two = masks(project)
    annotator.rows.nth(0).locator(".lw-pick").click()
    annotator.rows.nth(1).locator(".lw-pick").click(modifiers=["Shift"])
    press(annotator, "Subtract")
    assert np.array_equal(masks(project)[0], one & ~two)
    assert np.array_equal(masks(project)[1], two)
    annotator.hover()
    annotator.key("Control+z")
    annotator.saved()
    annotator.rows.nth(0).locator(".lw-pick").click()
    annotator.rows.nth(1).locator(".lw-pick").click(modifiers=["Shift"])
    press(annotator, "Join")
    annotator.has_objects(1)
    assert np.array_equal(masks(project)[0], one | two)
    annotator.hover()
    annotator.key("Control+z")
    annotator.saved().has_objects(2)
    assert np.array_equal(masks(project)[0], one)


def test_a_mask_becomes_a_polygon_and_a_mask_again(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "b", 30)
    pull(annotator, PATH)
    annotator.saved().has_objects(1)
    (before,) = masks(project)
    slider = annotator.root.get_by_role("slider", name="Coarseness")
    slider.fill("0")
    press(annotator, "To polygon")
    (polygon,) = project.annotations.geometry
    assert np.array_equal(polygon_to_mask(polygon.parts, SHAPE), before)
    press(annotator, "To mask")
    assert np.array_equal(masks(project)[0], before)
    slider.fill("4")
    press(annotator, "To polygon")
    (coarse,) = project.annotations.geometry
    assert len(coarse.parts[0][0]) < len(polygon.parts[0][0]) / 4
    assert alike(polygon_to_mask(coarse.parts, SHAPE), before) > 0.9
    annotator.hover()
    annotator.key("Control+z")
    annotator.saved()
    assert np.array_equal(masks(project)[0], before)


@pytest.mark.parametrize("size", [(1, 1), (20_000, 100)], ids=["1x1", "20000x100"])
def test_pictures_of_an_extreme_size_can_be_painted(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology, size: tuple[int, int]
) -> None:
    (tmp_path / "photos").mkdir()
    pixels = np.full((size[1], size[0], 3), 120, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photos" / "one.png")
    dataset = lw.Dataset.open(tmp_path / "photos")
    with lw.Project.create(tmp_path / "labels.db", dataset, ontology, user="ana") as project:
        kernel = KernelEnd(project)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, size).ready()
        take(annotator, "b", 40)
        middle = size[1] / 2
        pull(annotator, [(size[0] * 0.1, middle), (size[0] * 0.9, middle)])
        annotator.saved().has_objects(1)
        (mask,) = masks(project)
        assert mask.shape == (size[1], size[0])
        assert mask[size[1] // 2, size[0] // 10 : size[0] * 9 // 10].all()
        annotator.hover()
        annotator.key("Control+z")
        annotator.saved().has_objects(0)
        assert host_page.console == []
