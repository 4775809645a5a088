"""Every vector shape drawn, turned, scaled and edited with a real mouse, and by keys alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import labelwidgets as lw
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

SKELETON = lw.Skeleton(
    ["head", "neck", "left hand", "right hand", "left foot", "right foot"],
    [(0, 1), (1, 2), (1, 3), (1, 4), (1, 5)],
    [(0.5, 0), (0.5, 0.25), (0, 0.5), (1, 0.5), (0.25, 1), (0.75, 1)],
)


@pytest.fixture
def ontology() -> lw.Ontology:
    """A class for each shape; the keys 1 to 9 choose them in this order."""
    return lw.Ontology(
        classes=[
            lw.ObjectClass("box"),
            lw.ObjectClass("round", tool="ellipse"),
            lw.ObjectClass("line", tool="polyline"),
            lw.ObjectClass("dot", tool="point"),
            lw.ObjectClass("person", tool="keypoints", skeleton=SKELETON),
            lw.ObjectClass("crate", tool="cuboid"),
            lw.ObjectClass("field", tool="polygon"),
            lw.ObjectClass("night", tool="tag", attributes=[lw.Radio("moon", ["yes", "no"])]),
            lw.ObjectClass("blurred", tool="tag"),
        ]
    )


def shapes(project: lw.Project) -> list[Any]:
    return list(project.annotations.geometry)


def only(project: lw.Project) -> Any:
    (geometry,) = shapes(project)
    return geometry


def near(made: Any, wanted: Any, within: float = 1.0) -> bool:
    return bool(np.allclose(np.asarray(made, float), np.asarray(wanted, float), atol=within))


def pull(annotator: AnnotatorPage, start: XY, end: XY, *keys: str) -> None:
    """Drag with keys held."""
    annotator.hover(start)
    annotator.page.mouse.down()
    for key in keys:
        annotator.page.keyboard.down(key)
    annotator.page.mouse.move(*annotator.at(end), steps=4)
    annotator.page.mouse.up()
    for key in keys:
        annotator.page.keyboard.up(key)


def screen(annotator: AnnotatorPage, point: XY, dx: float, dy: float) -> XY:
    """Return a place so many pixels of the screen away from one of the picture."""
    x0, _ = annotator.at((0, 0))
    x1, _ = annotator.at((100, 0))
    scale = (x1 - x0) / 100
    return point[0] + dx / scale, point[1] + dy / scale


def undone_and_redone(annotator: AnnotatorPage, project: lw.Project) -> None:
    """The last gesture is taken back and brought again, exactly."""
    frame = project.annotations.sort_values("id")
    after = [(row.id, row.geometry, row.class_name) for row in frame.itertuples()]
    annotator.hover((20, 280))
    annotator.key("Control+z")
    annotator.saved()
    frame = project.annotations.sort_values("id")
    assert [(row.id, row.geometry, row.class_name) for row in frame.itertuples()] != after
    annotator.key("Control+Shift+z")
    annotator.saved()
    frame = project.annotations.sort_values("id")
    assert [(row.id, row.geometry, row.class_name) for row in frame.itertuples()] == after


def test_the_rail_has_the_tools_of_the_ontology(annotator: AnnotatorPage) -> None:
    names = annotator.root.locator(".lw-tool").evaluate_all(
        "tools => tools.map((tool) => tool.getAttribute('aria-label'))"
    )
    for name in ["Ellipse", "Polyline", "Point", "Keypoints", "Cuboid", "Rectangle"]:
        assert name in names


def test_an_ellipse(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((100, 100))
    annotator.key("o")
    annotator.drag((100, 80), (200, 140))
    annotator.saved()
    made = only(project)
    assert near((made.x, made.y, made.rx, made.ry), (150, 110, 50, 30))
    undone_and_redone(annotator, project)
    annotator.key("v")
    annotator.drag((200, 110), (240, 110))
    annotator.saved()
    made = only(project)
    assert near((made.x, made.y, made.rx, made.ry), (170, 110, 70, 30))
    pull(annotator, (170, 80), (170, 60), "Alt")
    annotator.saved()
    made = only(project)
    assert near((made.x, made.y, made.rx, made.ry), (170, 110, 70, 50))
    undone_and_redone(annotator, project)


def test_a_turned_rectangle_by_three_clicks(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((100, 100))
    annotator.key("r")
    annotator.root.get_by_label("Rotated").check()
    for point in [(100, 100), (200, 150)]:
        annotator.click(point)
    annotator.hover((180, 200))
    annotator.click((160, 200))
    annotator.saved()
    made = only(project)
    assert made.angle == pytest.approx(math.degrees(math.atan2(50, 100)), abs=0.6)
    assert made.width == pytest.approx(math.hypot(100, 50), abs=1)
    assert any(near(corner, (100, 100)) for corner in made.corners)
    undone_and_redone(annotator, project)


def test_a_rectangle_is_turned_by_its_handle(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((100, 100))
    annotator.key("r")
    annotator.drag((150, 120), (250, 180))
    annotator.saved()
    annotator.key("v")
    handle = screen(annotator, (200, 120), 0, -21)
    annotator.drag(handle, (260, 150))
    annotator.saved()
    made = only(project)
    assert made.angle == pytest.approx(90, abs=1)
    assert near((made.x, made.y, made.width, made.height), (150, 120, 100, 60))
    undone_and_redone(annotator, project)
    handle = screen(annotator, (230, 150), 21, 0)
    pull(annotator, handle, (240, 190), "Shift")
    annotator.saved()
    assert only(project).angle == 135


def test_a_polyline(annotator: AnnotatorPage, project: lw.Project) -> None:
    points = [(60, 60), (200, 60), (80, 150), (220, 180)]
    annotator.hover(points[0])
    annotator.key("l")
    for point in points:
        annotator.click(point)
    annotator.click((30, 30))
    annotator.key("Backspace")
    annotator.key("Enter")
    annotator.saved()
    assert near(only(project).points, points)
    undone_and_redone(annotator, project)
    annotator.key("v")
    annotator.click((220, 180))
    annotator.drag((220, 180), (240, 200))
    annotator.saved()
    assert near(only(project).points[3], (240, 200))
    annotator.click((130, 60), ["Control"])
    annotator.saved()
    assert len(only(project).points) == 5
    undone_and_redone(annotator, project)


def test_points(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((60, 60))
    annotator.key("i")
    annotator.click((60, 60))
    annotator.click((100, 90))
    annotator.has_objects(2).saved()
    annotator.key("v")
    annotator.drag((100, 90), (140, 120))
    annotator.saved()
    places = sorted((made.x, made.y) for made in shapes(project))
    assert near(places, [(60, 60), (140, 120)])
    undone_and_redone(annotator, project)


def test_a_skeleton_joint_by_joint(annotator: AnnotatorPage, project: lw.Project) -> None:
    hint = annotator.root.locator(".lw-hint")
    annotator.hover((100, 50))
    annotator.key("k")
    expect(hint).to_contain_text("head (1 of 6)")
    annotator.click((100, 50))
    expect(hint).to_contain_text("neck (2 of 6)")
    annotator.click((100, 90), ["Shift"])
    annotator.key("Shift+k")
    expect(hint).to_contain_text("right hand (4 of 6)")
    annotator.key("Shift+o")
    annotator.click((150, 120))
    annotator.key("Enter")
    annotator.saved()
    made = only(project)
    assert [visibility for *_, visibility in made.points] == [2, 1, 0, 1, 0, 0]
    assert near([point[:2] for point in made.points[:2]], [(100, 50), (100, 90)])
    undone_and_redone(annotator, project)
    annotator.key("v")
    annotator.click((100, 90))
    annotator.key("Shift+o")
    annotator.saved()
    assert only(project).points[1][2] == 0
    annotator.key("Shift+o")
    annotator.saved()
    assert only(project).points[1][2] == 2
    annotator.click((60, 130), ["Control"])
    annotator.saved()
    assert near(only(project).points[2], (60, 130, 2))
    undone_and_redone(annotator, project)


def test_a_skeleton_from_its_template(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((100, 50))
    annotator.key("k")
    annotator.drag((100, 50), (200, 250))
    annotator.saved()
    made = only(project)
    assert near(made.points[0], (150, 50, 2))
    assert near(made.points[4], (125, 250, 2))
    annotator.key("v")
    annotator.hover((150, 50))
    red, green, blue = np.array(annotator.pixels((150, 70), 3)).max(axis=0)
    assert max(red, green, blue) - min(red, green, blue) > 40, "The bones are painted."
    annotator.drag((150, 50), (160, 40))
    annotator.saved()
    assert near(only(project).points[0], (160, 40, 2))
    undone_and_redone(annotator, project)


def test_a_cuboid(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((100, 100))
    annotator.key("c")
    annotator.drag((100, 120), (180, 200))
    annotator.hover((200, 180))
    annotator.click((220, 170))
    annotator.saved()
    points = only(project).points
    assert near(points[0], (100, 120))
    assert near(points[4], (140, 90))
    assert near(points[6], (220, 170))
    undone_and_redone(annotator, project)
    annotator.key("v")
    annotator.drag((180, 200), (200, 220))
    annotator.saved()
    moved = only(project).points
    assert near(moved[2], (200, 220))
    assert near(moved[6], (240, 190))
    assert near(moved[0], points[0])
    pull(annotator, (200, 220), (190, 210), "Alt")
    annotator.saved()
    assert near(only(project).points[6], (240, 190))
    undone_and_redone(annotator, project)


def test_several_shapes_are_turned_and_scaled_together(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.draw_box((120, 120), (160, 160))
    annotator.draw_box((200, 140), (240, 180))
    annotator.saved()
    annotator.key("v")
    annotator.key("Control+a")
    handle = screen(annotator, (240, 180), 14, 14)
    end = screen(annotator, (300, 210), 14, 14)
    annotator.drag(handle, end)
    annotator.saved()
    frame = project.annotations.sort_values("x")
    assert near(frame.x, [120, 240])
    assert near(frame.y, [120, 150])
    assert near(frame.width, [60, 60])
    undone_and_redone(annotator, project)
    annotator.key("Control+a")
    handle = screen(annotator, (210, 120), 0, -35)
    annotator.drag(handle, (290, 165))
    annotator.saved()
    assert all(made.angle == pytest.approx(90, abs=1) for made in shapes(project))
    undone_and_redone(annotator, project)


def test_a_polygon_is_turned_and_scaled_by_keys(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.draw_polygon([(100, 100), (200, 100), (200, 140), (100, 140)])
    annotator.saved()
    annotator.key("v")
    for _ in range(6):
        annotator.key("Alt+Shift+ArrowRight")
    annotator.saved()
    x, y, width, height = only(project).bounds
    assert near((x, y, width, height), (130, 70, 40, 100), 1.5)
    annotator.key("Alt+Shift+ArrowUp")
    annotator.saved()
    assert near(only(project).bounds, (128, 65, 44, 110), 1.5)
    undone_and_redone(annotator, project)
    annotator.key("Alt+ArrowLeft")
    annotator.saved()
    assert annotator.page.url.endswith("8000/"), "The browser did not go back."


def test_tags_are_switched(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((100, 100))
    annotator.key("9")
    annotator.has_objects(1).saved()
    row = annotator.root.locator(".lw-class", has_text="blurred")
    expect(row).to_have_attribute("aria-pressed", "true")
    (made,) = project.annotations.itertuples()
    assert (made.class_name, made.geometry_type) == ("blurred", "tag")
    undone_and_redone(annotator, project)
    row.click()
    annotator.has_objects(0).saved()
    expect(row).to_have_attribute("aria-pressed", "false")
    annotator.hover((100, 100))
    annotator.key("8")
    annotator.has_objects(1).saved()
    annotator.root.locator(".lw-side").get_by_label("yes").check()
    annotator.saved()
    assert project.annotations.attributes.tolist() == [{"moon": "yes"}]
    expect(annotator.root.locator('.lw-tool[aria-pressed="true"]')).to_have_attribute(
        "aria-label", "Select and edit"
    )


ROUTE = ["Shift+ArrowRight"] * 3, ["Shift+ArrowDown"] * 3, ["Shift+ArrowRight"] * 2


@pytest.mark.parametrize(
    ("key", "places", "ends", "kind"),
    [
        ("1", 2, False, "rectangle"),
        ("2", 2, False, "ellipse"),
        ("3", 3, True, "polyline"),
        ("4", 1, False, "point"),
        ("5", 3, True, "keypoints"),
        ("6", 3, False, "cuboid"),
    ],
)
def test_by_keys_alone(
    annotator: AnnotatorPage, project: lw.Project, key: str, places: int, ends: bool, kind: str
) -> None:
    annotator.root.focus()
    annotator.key(key)
    for step in range(places):
        for key in ["ArrowRight", *ROUTE[step]] if step != 1 else [*ROUTE[0], *ROUTE[1]]:
            annotator.key(key)
        annotator.key("Enter")
    if ends:
        annotator.key("Enter")
    annotator.has_objects(1).saved()
    assert project.annotations.geometry_type.tolist() == [kind]


@pytest.fixture
def imported(project: lw.Project) -> lw.Project:
    """Shapes that no hand would make: partly outside, and of no extent."""
    item = project.tasks.item_id.iloc[0]
    for geometry in (
        lw.Polyline([(50, 50), (50, 50)]),
        lw.Rectangle(-0.9, 100, 40, 40),
        lw.Keypoints([(500, 100, 2), (520, 120, 2)] + [(0, 0, 0)] * 4),
    ):
        name = {"polyline": "line", "keypoints": "person"}.get(geometry.type, "box")
        project.add(lw.Annotation(item_id=item, class_name=name, geometry=geometry))
    return project


def test_what_came_in_odd_is_selected_moved_and_deleted(
    imported: lw.Project, host_page: HostPage
) -> None:
    kernel = KernelEnd(imported)
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    annotator = AnnotatorPage(host_page.page, SIZE).ready().has_objects(3)
    annotator.click((50, 50))
    annotator.drag((50, 50), (90, 90))
    annotator.saved()
    line = imported.annotations.query("geometry_type == 'polyline'").geometry.iloc[0]
    assert near(line.points[0], (90, 90)) or near(line.points[1], (90, 90))
    annotator.hover((20, 120))
    annotator.drag((20, 120), (30, 120))
    annotator.saved()
    box = imported.annotations.query("geometry_type == 'rectangle'").geometry.iloc[0]
    assert box.x == pytest.approx(9.1, abs=1)
    annotator.root.locator(".lw-pick", has_text="person").click()
    annotator.hover((300, 250))
    annotator.key("ArrowLeft")
    annotator.saved()
    joints = imported.annotations.query("geometry_type == 'keypoints'").geometry.iloc[0]
    assert joints.points[0][0] == 499
    assert joints.points[2] == (0, 0, 0)
    annotator.key("Delete")
    annotator.has_objects(2).saved()


def test_names_of_joints_show_on_hover(
    annotator: AnnotatorPage, project: lw.Project, page: Page
) -> None:
    annotator.hover((100, 50))
    annotator.key("k")
    annotator.drag((100, 50), (200, 250))
    annotator.saved()
    annotator.key("v")
    annotator.key("Escape")
    annotator.hover((300, 280))
    page.wait_for_timeout(150)
    plain = annotator.pixels(screen(annotator, (150, 100), 20, -12), 4)
    annotator.hover((150, 100))
    page.wait_for_timeout(150)
    assert annotator.pixels(screen(annotator, (150, 100), 20, -12), 4) != plain
