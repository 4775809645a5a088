"""Polygons and freehand with a real mouse: holes, unions, cuts, borders, the sculptor."""

from __future__ import annotations

import math
from typing import Any

import pytest
import shapely
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        classes=[
            lw.ObjectClass(
                "tree",
                tool="polygon",
                color="#00c000",
                attributes=[lw.Radio("leaves", ["some", "none"])],
            ),
            lw.ObjectClass("road", tool="polyline", color="#ff8800"),
        ]
    )


def box(x: float, y: float, width: float, height: float) -> list[XY]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def shapes(project: lw.Project) -> list[Any]:
    """Return the polygons of the store, the oldest first."""
    frame = project.annotations.sort_values(["created_at", "id"])
    return [shapely.MultiPolygon([(p[0], p[1:]) for p in g.parts]) for g in frame.geometry]


def texts(project: lw.Project) -> list[str]:
    frame = project.annotations.sort_values("id")
    return [f"{row.id} {row.class_name} {row.geometry}" for row in frame.itertuples()]


def draw(annotator: AnnotatorPage, points: list[XY], modifiers: tuple[str, ...] = ()) -> None:
    """Draw a polygon; keys held at its first point say what it is for."""
    annotator.hover(points[0])
    annotator.key("p")
    annotator.click(points[0], modifiers)
    for point in [*points[1:], points[0]]:
        annotator.click(point)
    annotator.saved()
    annotator.key("Escape") if annotator.root.locator(".lw-popover").count() else None


def circle(x: float, y: float, radius: float) -> list[XY]:
    turn = [2 * math.pi * step / 24 for step in range(25)]
    return [(x + radius * math.cos(t), y + radius * math.sin(t)) for t in turn]


def pull(annotator: AnnotatorPage, path: list[XY], modifiers: tuple[str, ...] = ()) -> None:
    """Press at the first place, go through the others, let go at the last."""
    annotator.hover(path[0])
    for name in modifiers:
        annotator.page.keyboard.down(name)
    annotator.page.mouse.down()
    for point in path[1:]:
        annotator.hover(point)
    annotator.page.mouse.up()
    for name in modifiers:
        annotator.page.keyboard.up(name)


def select_both(annotator: AnnotatorPage, one: XY, other: XY) -> None:
    annotator.key("v")
    annotator.click(one)
    annotator.click(other, ["Shift"])
    expect(annotator.root.locator(".lw-object[data-selected=true]")).to_have_count(2)


def undo_and_redo(annotator: AnnotatorPage, project: lw.Project, before: list[str]) -> None:
    """Take the last gesture back and do it again; both restore exactly."""
    after = texts(project)
    assert after != before
    annotator.hover()
    annotator.key("Control+z")
    annotator.saved()
    assert texts(project) == before
    annotator.hover()
    annotator.key("Control+Shift+z")
    annotator.saved()
    assert texts(project) == after


def test_a_hole_an_addition_and_a_bite(annotator: AnnotatorPage, project: lw.Project) -> None:
    draw(annotator, box(50, 50, 150, 150))
    before = texts(project)
    draw(annotator, box(90, 90, 40, 40), ("Alt",))
    (frame,) = shapes(project)
    assert len(frame.geoms[0].interiors) == 1
    assert frame.area == pytest.approx(150**2 - 40**2, rel=0.03)
    undo_and_redo(annotator, project, before)
    draw(annotator, box(180, 100, 60, 30), ("Shift",))
    assert shapes(project)[0].area == pytest.approx(150**2 - 40**2 + 40 * 30, rel=0.03)
    draw(annotator, box(40, 180, 60, 60), ("Alt",))
    assert shapes(project)[0].area == pytest.approx(150**2 - 40**2 + 1200 - 1000, rel=0.03)


@pytest.mark.parametrize(
    ("key", "label", "wanted"),
    [
        ("Alt+u", "Unite", 100 * 100 + 50 * 100),
        ("Alt+s", "Subtract from the first", 100 * 50),
        ("Alt+i", "Intersect", 100 * 50),
        ("Alt+j", "Join", 100 * 100 + 50 * 100),
    ],
)
def test_two_become_one_by_key_and_by_button(
    annotator: AnnotatorPage, project: lw.Project, key: str, label: str, wanted: float
) -> None:
    draw(annotator, box(50, 50, 100, 100))
    draw(annotator, box(100, 50, 100, 100))
    annotator.has_objects(2)
    before = texts(project)
    select_both(annotator, (70, 70), (180, 70))
    annotator.hover((300, 250))
    annotator.key(key)
    annotator.has_objects(1).saved()
    (made,) = shapes(project)
    assert made.area == pytest.approx(wanted, rel=0.04)
    undo_and_redo(annotator, project, before)
    annotator.hover((300, 250))
    annotator.key("Control+z")
    annotator.has_objects(2).saved()
    select_both(annotator, (70, 70), (180, 70))
    annotator.root.get_by_role("button", name=label, exact=True).click()
    annotator.has_objects(1).saved()
    assert shapes(project)[0].equals(made)


def test_a_line_splits_what_it_crosses_into_objects_of_the_class(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    draw(annotator, box(50, 50, 150, 100))
    before = texts(project)
    annotator.key("x")
    annotator.drag((100, 20), (100, 200))
    annotator.has_objects(2).saved()
    areas = sorted(shape.area for shape in shapes(project))
    assert areas == pytest.approx([50 * 100, 100 * 100], rel=0.04)
    assert project.annotations.class_name.tolist() == ["tree", "tree"]
    undo_and_redo(annotator, project, before)
    annotator.hover((300, 250))
    annotator.key("x")
    annotator.drag((220, 20), (220, 200))
    expect(annotator.notices.last).to_contain_text("does not cut")
    assert host_page.console == []


def test_freehand_closes_itself_and_makes_holes(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover()
    annotator.key("f")
    pull(annotator, circle(200, 150, 80))
    annotator.has_objects(1).saved()
    assert shapes(project)[0].area == pytest.approx(math.pi * 80**2, rel=0.03)
    annotator.hover((390, 290))
    annotator.key("Escape")
    before = texts(project)
    annotator.click((390, 290))
    annotator.key("v")
    annotator.click((200, 150))
    annotator.key("f")
    pull(annotator, circle(200, 150, 30), ("Alt",))
    annotator.saved()
    (ring,) = shapes(project)
    assert ring.area == pytest.approx(math.pi * (80**2 - 30**2), rel=0.03)
    undo_and_redo(annotator, project, before)
    pull(annotator, [(20, 20), (90, 90), (90, 20), (20, 95)])
    annotator.has_objects(2).saved()
    expect(annotator.notices.last).to_contain_text("crossed itself")


def test_freehand_again_is_the_sculptor_whose_size_is_its_distance(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    draw(annotator, box(100, 80, 150, 120))
    before = texts(project)
    annotator.hover((230, 140))
    annotator.key("f")
    annotator.key("f")
    expect(annotator.root.get_by_role("button", name="Sculptor")).to_have_attribute(
        "aria-pressed", "true"
    )
    pull(annotator, [(230, 140), (245, 140), (260, 140)])
    annotator.saved()
    (pushed,) = shapes(project)
    assert pushed.bounds[2] == pytest.approx(280, abs=3)
    assert pushed.is_valid
    undo_and_redo(annotator, project, before)
    pull(annotator, [(175, 60), (175, 90), (175, 100)])
    annotator.saved()
    assert not shapes(project)[0].contains(shapely.Point(175, 105))


def test_a_border_is_snapped_to_and_gone_along(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    draw(annotator, [(200, 50), (260, 50), (300, 100), (260, 150), (200, 150)])
    (first,) = shapes(project)
    annotator.hover((60, 60))
    annotator.key("p")
    annotator.key("Shift+S")
    expect(annotator.root.get_by_label("Snap")).to_be_checked()
    annotator.click((203, 53))
    annotator.hover((203, 147))
    annotator.key("Shift+B")
    annotator.key("Shift+B")
    annotator.page.mouse.down()
    annotator.page.mouse.up()
    annotator.click((330, 200))
    annotator.click((360, 30))
    annotator.click((203, 53))
    annotator.has_objects(2).saved()
    second = shapes(project)[1]
    shared = first.boundary.intersection(second.boundary)
    assert shared.length == pytest.approx(first.length - 100, rel=0.02)


def test_a_shared_border_moves_together(annotator: AnnotatorPage, project: lw.Project) -> None:
    draw(annotator, box(50, 50, 100, 100))
    annotator.key("p")
    annotator.key("Shift+S")
    for point in [(152, 52), (250, 50), (250, 150), (148, 148), (152, 52)]:
        annotator.click(point)
    annotator.has_objects(2).saved()
    before = texts(project)
    annotator.key("Escape")
    annotator.key("v")
    annotator.key("Shift+M")
    expect(annotator.root.get_by_label("Shared borders")).to_be_checked()
    annotator.click((70, 70))
    annotator.drag((150, 150), (170, 180))
    annotator.saved()
    one, other = shapes(project)
    assert one.intersection(other).area == pytest.approx(0, abs=0.01)
    assert one.union(other).geom_type == "Polygon"
    assert one.bounds[3] == pytest.approx(180, abs=2)
    undo_and_redo(annotator, project, before)


def test_simplify_fill_and_detach(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover()
    annotator.key("f")
    pull(annotator, circle(200, 150, 80))
    annotator.has_objects(1).saved()
    draw(annotator, box(180, 130, 40, 40), ("Alt",))
    row = annotator.root.locator("section[aria-label=Shape]")
    expect(row).to_contain_text("→")
    row.get_by_label("Simplify by").fill("8")
    before = shapely.get_num_coordinates(shapes(project)[0])
    annotator.hover((390, 290))
    annotator.key("Alt+m")
    annotator.saved()
    assert shapely.get_num_coordinates(shapes(project)[0]) < before
    annotator.hover((390, 290))
    annotator.key("Alt+h")
    annotator.saved()
    assert not shapes(project)[0].geoms[0].interiors
    draw(annotator, box(20, 20, 30, 30), ("Shift",))
    assert len(shapes(project)[0].geoms) == 2
    annotator.hover((390, 290))
    annotator.key("Alt+p")
    annotator.has_objects(2).saved()
    assert project.annotations.class_name.tolist() == ["tree", "tree"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_shape_row_and_the_sculptor_are_seen(
    host_page: HostPage, kernel: KernelEnd, theme: Any, tmp_path: Any
) -> None:
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits(), theme=theme)
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    draw(annotator, box(50, 50, 150, 150))
    draw(annotator, box(90, 90, 40, 40), ("Alt",))
    expect(annotator.root.locator("section[aria-label=Shape]")).to_be_visible()
    annotator.key("f")
    annotator.key("f")
    annotator.hover((180, 120))
    shot = host_page.page.screenshot(path=tmp_path / f"{theme}.png")
    assert len(shot) > 10_000
    rim = annotator.pixels((180, 140), 3)
    assert any(min(pixel) > 140 for pixel in rim), "The rim of the tool is seen."
