"""The annotator on a plain page, before the real link and store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

# What axe misses on the page around: that is the notebook's, or the test's.
OF_THE_PAGE = ("landmark-one-main", "page-has-heading-one", "region")


def geometry(project: lw.Project, row: int = -1) -> Any:
    return project.annotations.geometry.iloc[row]


def test_a_box_is_stored_where_it_was_drawn(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved().has_objects(1)
    (row,) = project.annotations.itertuples()
    assert (row.class_name, row.author, row.origin) == ("car", "ana", "hand")
    drawn = (row.x, row.y, row.x + row.width, row.y + row.height)
    assert drawn == pytest.approx((50, 40, 150, 100), abs=1.0)
    red, green, _ = annotator.pixels((100, 70), 0)[0]
    assert red > green + 20, "The box is filled in its class's colour."
    assert host_page.console == []


def test_a_polygon_is_closed_at_its_first_point(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    points = [(60, 60), (200, 70), (220, 180), (90, 200)]
    annotator.draw_polygon(points)
    annotator.saved().has_objects(1)
    (ring,) = geometry(project).parts[0]
    assert np.allclose(ring, points, atol=1.0)
    assert project.annotations.class_name.tolist() == ["tree"]


def test_a_crossing_close_is_refused_and_shown(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover((50, 50))
    annotator.key("p")
    for point in [(50, 50), (200, 50), (200, 150), (120, 20)]:
        annotator.click(point)
    expect(annotator.notices).to_contain_text("cross")
    annotator.key("Escape")
    assert len(project.annotations) == 0


def test_undo_and_redo_restore_exactly_one_step(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    def state() -> list[tuple[Any, ...]]:
        frame = project.annotations.sort_values("id")
        return [(r.class_name, str(r.geometry), str(r.attributes)) for r in frame.itertuples()]

    states = [state()]

    def settled() -> None:
        annotator.saved()
        states.append(state())

    annotator.draw_box((50, 40), (150, 100))
    settled()
    annotator.key("v")
    annotator.drag((100, 70), (130, 90))
    settled()
    annotator.root.get_by_label("Class of the selection").select_option("person")
    settled()
    annotator.hover()
    annotator.root.locator(".lw-side").get_by_label("partly").check()
    settled()
    annotator.root.locator(".lw-object").first.hover()
    annotator.hover()
    annotator.key("Delete")
    settled()
    assert len(set(map(str, states))) == 5, "Nothing and nothing left are alike, all else differs."
    for wanted in reversed(states[:-1]):
        annotator.hover()
        annotator.key("Control+z")
        annotator.saved()
        assert state() == wanted
    for wanted in states[1:]:
        annotator.hover()
        annotator.key("Control+Shift+z")
        annotator.saved()
        assert state() == wanted


def test_undo_survives_a_reload(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.draw_box((200, 40), (300, 100))
    annotator.saved().has_objects(2)
    host_page.reload()
    annotator.ready().has_objects(2)
    annotator.hover((350, 250))
    annotator.key("Control+z")
    annotator.has_objects(1).saved()
    annotator.key("Control+z")
    annotator.has_objects(0).saved()
    annotator.key("Control+Shift+z")
    annotator.has_objects(1).saved()
    assert len(project.annotations) == 1


def test_a_vertex_is_moved_inserted_and_deleted(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.draw_polygon([(60, 60), (200, 60), (200, 200), (60, 200)])
    annotator.saved()
    annotator.key("v")
    annotator.drag((200, 200), (240, 240))
    annotator.saved()
    assert np.allclose(geometry(project).parts[0][0][2], (240, 240), atol=1.0)
    annotator.click((130, 60), ["Control"])
    annotator.saved()
    assert len(geometry(project).parts[0][0]) == 5
    annotator.click((60, 60), ["Control"])
    annotator.saved()
    assert len(geometry(project).parts[0][0]) == 4
    annotator.drag((240, 240), (90, 130))
    expect(annotator.notices.last).to_be_visible()


def test_a_box_is_resized_by_its_corner_and_stays_on_the_picture(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.key("v")
    annotator.drag((150, 100), (200, 150))
    annotator.saved()
    made = geometry(project)
    assert (made.width, made.height) == pytest.approx((150, 110), abs=1.5)
    annotator.drag((100, 90), (-100, 90))
    annotator.saved()
    assert geometry(project).x == 0


def test_several_are_selected_moved_copied_and_deleted(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.draw_box((20, 20), (80, 80))
    annotator.draw_box((120, 20), (180, 80))
    annotator.draw_box((220, 200), (280, 260))
    annotator.saved()
    annotator.key("v")
    annotator.drag((5, 5), (195, 95))
    assert annotator.root.locator('.lw-object[data-selected="true"]').count() == 2
    annotator.drag((50, 50), (60, 70))
    annotator.saved()
    moved = project.annotations.sort_values("x")
    assert moved.x.tolist() == pytest.approx([30, 130, 220], abs=1.5)
    assert moved.y.tolist() == pytest.approx([40, 40, 200], abs=1.5)
    annotator.key("Control+c")
    annotator.key("Control+v")
    annotator.has_objects(5).saved()
    annotator.key("Delete")
    annotator.has_objects(3).saved()
    annotator.key("Control+z")
    annotator.has_objects(5).saved()


def test_required_answers_block_submit_but_not_saving(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover((60, 60))
    annotator.key("3")
    annotator.drag((50, 40), (150, 100))
    annotator.saved()
    assert len(project.annotations) == 1, "An unanswered question never keeps a label from disk."
    annotator.key("Escape")
    annotator.hover((300, 250))
    annotator.key("Control+Enter")
    expect(annotator.notices).to_contain_text("occluded")
    expect(annotator.root.locator(".lw-popover .lw-error")).to_be_visible()
    assert project.tasks.state.tolist()[0] == "in_progress"
    annotator.key("2")
    annotator.saved()
    assert project.annotations.attributes.iloc[0] == {"occluded": "partly"}
    annotator.key("Enter")
    annotator.hover((300, 250))
    annotator.key("Control+Enter")
    annotator.title("two.jpg")
    assert project.tasks.state.tolist()[:2] == ["submitted", "in_progress"]


def test_draw_answer_draw_by_keys_alone(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((60, 60))
    annotator.key("3")
    for left in (20, 150):
        annotator.drag((left, 40), (left + 60, 100))
        annotator.key("1")
        annotator.key("Enter")
    annotator.has_objects(2).saved()
    assert project.annotations.attributes.tolist() == [{"occluded": "no"}] * 2


def test_drawing_by_keys_alone(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.root.focus()
    annotator.key("Shift+c")
    for _ in range(2):
        for key in ["ArrowRight"] * 3 + ["Shift+ArrowDown"]:
            annotator.key(key)
        annotator.key("Enter")
    annotator.has_objects(1).saved()
    (box,) = project.annotations.itertuples()
    place = annotator.at((0, 0)), annotator.at((100, 100))
    scale = (place[1][0] - place[0][0]) / 100
    assert (box.width * scale, box.height * scale) == pytest.approx((6, 20), abs=0.2)
    annotator.key("v")
    annotator.key("Shift+ArrowLeft")
    annotator.key("Control+ArrowRight")
    annotator.saved()
    (moved,) = project.annotations.itertuples()
    assert (moved.x, moved.width) == pytest.approx((box.x - 10, box.width + 1))
    annotator.key("2")
    for keys in (["Shift+ArrowUp"] * 3, ["Shift+ArrowRight"] * 3, ["Shift+ArrowDown"] * 3, []):
        for key in keys:
            annotator.key(key)
        annotator.key("Enter")
    annotator.has_objects(2).saved()
    assert project.annotations.geometry_type.tolist() == ["rectangle", "polygon"]


def test_panels_are_as_they_were_left(annotator: AnnotatorPage, host_page: HostPage) -> None:
    annotator.root.get_by_role("button", name="Items").click()
    annotator.hover()
    annotator.key("2")
    host_page.reload()
    annotator.ready()
    expect(annotator.root.locator(".lw-strip")).to_have_count(0)
    expect(annotator.root.locator('.lw-class[data-current="true"]')).to_contain_text("tree")


def test_image_attributes_are_answers_about_the_image(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.root.get_by_label("weather").select_option("rain")
    annotator.saved()
    (row,) = project.annotations.itertuples()
    assert (row.geometry_type, row.attributes) == ("tag", {"weather": "rain"})
    annotator.has_objects(0)


def test_choosing_a_class_takes_its_tool(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.key("2")
    pressed = annotator.root.locator('.lw-tool[aria-pressed="true"]')
    expect(pressed).to_have_attribute("aria-label", "Polygon")
    annotator.key("Shift+c")
    expect(pressed).to_have_attribute("aria-label", "Rectangle")
    expect(annotator.root.locator('.lw-class[aria-pressed="true"]')).to_contain_text("car")


def test_locked_and_hidden_objects(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    annotator.key("v")
    annotator.key("Shift+l")
    annotator.saved()
    assert project.annotations.state.tolist() == ["locked"]
    annotator.drag((100, 70), (200, 170))
    expect(annotator.notices).to_contain_text("locked")
    annotator.key("Delete")
    annotator.has_objects(1)
    annotator.key("Shift+l")
    annotator.saved()
    annotator.key("Shift+h")
    annotator.hover((300, 250))
    expect(annotator.root.locator('.lw-object[data-hidden="true"]')).to_have_count(1)
    annotator.page.wait_for_timeout(200)
    red, green, _ = annotator.pixels((100, 70), 0)[0]
    assert abs(red - green) < 10, "A hidden object is not painted."
    annotator.key("Shift+h")
    expect(annotator.root.locator('.lw-object[data-hidden="true"]')).to_have_count(0)


def test_zoom_keeps_the_place_under_the_pointer(annotator: AnnotatorPage) -> None:
    before = annotator.at((100, 80))
    annotator.page.mouse.move(*before)
    for _ in range(3):
        annotator.page.mouse.wheel(0, -200)
    annotator.page.wait_for_timeout(300)
    assert annotator.at((100, 80)) == pytest.approx(before, abs=1.5)
    zoomed = annotator.zoom()
    assert zoomed > 200
    annotator.key("0")
    annotator.page.wait_for_timeout(200)
    assert annotator.zoom() < zoomed
    annotator.key("Shift+0")
    annotator.page.wait_for_timeout(200)
    assert annotator.zoom() == 100


def test_space_pans(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.hover((200, 150))
    annotator.key("Shift+0")
    before = annotator.at((200, 150))
    annotator.page.keyboard.down("Space")
    annotator.drag((200, 150), (230, 170))
    annotator.page.keyboard.up("Space")
    after = annotator.at((200, 150))
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((30, 20), abs=1)
    assert len(project.annotations) == 0


def test_the_navigator_has_folders_thumbnails_and_a_counter(annotator: AnnotatorPage) -> None:
    strip = annotator.root.locator(".lw-strip")
    expect(strip.locator(".lw-cell img")).to_have_count(4)
    expect(annotator.root.locator(".lw-counter")).to_have_text("1 of 4")
    annotator.hover()
    annotator.key("d")
    annotator.title("two.jpg")
    annotator.key("a")
    annotator.title("one.jpg")
    strip.get_by_label("Folder").select_option("b")
    expect(strip.locator(".lw-cell")).to_have_count(2)
    strip.get_by_label("four.png").click()
    annotator.title("four.png").ready()
    assert annotator.pixels((200, 150), 0)[0] == (180, 180, 180)


def test_submit_goes_on_to_the_end(annotator: AnnotatorPage, project: lw.Project) -> None:
    for _ in range(4):
        annotator.ready().hover()
        annotator.key("Control+Enter")
        annotator.page.wait_for_timeout(300)
    expect(annotator.root.locator(".lw-cover")).to_contain_text("All done")
    assert set(project.tasks.state) == {"submitted"}
    annotator.root.get_by_text("Look at the first item again").click()
    annotator.ready().title("one.jpg")
    annotator.draw_box((50, 40), (150, 100))
    annotator.has_objects(0)
    annotator.root.get_by_role("button", name="Reopen").click()
    expect(annotator.root.get_by_role("button", name="Submit", exact=True)).to_be_visible()
    annotator.draw_box((50, 40), (150, 100))
    annotator.has_objects(1).saved()


def test_a_skip_wants_a_reason(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.root.get_by_role("button", name="Skip").click()
    annotator.root.get_by_text("Picture is unusable").click()
    annotator.title("two.jpg")
    assert project.tasks.state.iloc[0] == "skipped"
    payload = str(project.events.iloc[-2:].payload.tolist())
    assert "Picture is unusable" in payload


def test_hovering_the_list_glows_in_the_picture_and_the_other_way_round(
    annotator: AnnotatorPage,
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    annotator.key("v")
    annotator.key("Escape")
    annotator.hover((100, 70))
    expect(annotator.rows.first).to_have_attribute("data-hovered", "true")
    annotator.hover((300, 250))
    annotator.page.wait_for_timeout(150)
    plain = annotator.pixels((100, 70), 0)
    annotator.rows.first.hover()
    annotator.page.wait_for_timeout(150)
    assert annotator.pixels((100, 70), 0) != plain


def test_keys_of_the_help_sheet(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.key("?")
    sheet = annotator.root.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Shift+C")
    expect(sheet).not_to_contain_text("tracks")
    expect(sheet).not_to_contain_text("Header of the slice")
    annotator.key("r")
    annotator.key("Escape")
    expect(sheet).to_have_count(0)


def test_full_screen(annotator: AnnotatorPage) -> None:
    annotator.root.get_by_role("button", name="Full screen").click()
    annotator.page.wait_for_function("() => document.fullscreenElement !== null")
    annotator.root.get_by_role("button", name="Full screen").click()
    annotator.page.wait_for_function("() => document.fullscreenElement === null")


def test_keys_typed_in_the_widget_never_reach_the_page(
    annotator: AnnotatorPage, page: Page
) -> None:
    page.evaluate(
        """() => {
          window.heard = [];
          document.addEventListener("keydown", (event) => window.heard.push(event.key), true);
        }"""
    )
    annotator.hover()
    for key in ("r", "y", "Delete", "Enter", "Control+z", "b", "d", "Escape"):
        annotator.key(key)
    assert page.evaluate("() => window.heard") == []
    page.mouse.move(1270, 890)
    page.evaluate("() => document.activeElement.blur()")
    annotator.key("r")
    assert page.evaluate("() => window.heard") == ["r"]


@pytest.mark.parametrize("narrow", [480, 1000])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible(
    host_page: HostPage, kernel: KernelEnd, theme: Any, narrow: int, repository: Path
) -> None:
    host_page.page.set_viewport_size({"width": narrow, "height": 700})
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits(), theme=theme)
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover((60, 60))
    annotator.key("3")
    annotator.drag((50, 40), (150, 100))
    annotator.saved()
    axe = repository / "js" / "node_modules" / "axe-core" / "axe.min.js"
    host_page.page.add_script_tag(path=axe)
    for sheet in (False, True):
        if sheet:
            annotator.hover()
            annotator.key("?")
            expect(annotator.root.get_by_role("dialog", name="Keys")).to_be_visible()
        found = host_page.page.evaluate("() => axe.run('.lw-annotator')")
        wrong = [
            (one["id"], one["nodes"][0]["html"][:160], one["nodes"][0].get("failureSummary"))
            for one in found["violations"]
            if one["impact"] != "minor" and one["id"] not in OF_THE_PAGE
        ]
        assert wrong == []


def test_submit_goes_to_the_answer_about_the_image_that_is_missing(
    tmp_path: Path, photos: Path, host_page: HostPage
) -> None:
    ontology = lw.Ontology(
        [lw.ObjectClass(f"class {n}") for n in range(30)],
        [
            lw.Dropdown("weather", ["dry", "rain"]),
            lw.Radio("time", ["day", "night"], required=True),
        ],
    )
    dataset = lw.Dataset.open(photos)
    with lw.Project.create(tmp_path / "asked.db", dataset, ontology, user="ana") as project:
        kernel = KernelEnd(project)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits(height=400))
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        question = annotator.root.locator("[data-question=time]")
        expect(question).not_to_be_in_viewport()
        annotator.hover()
        annotator.key("Control+Enter")
        expect(question).to_be_in_viewport()
        expect(question).to_contain_text("This answer is required.")
        annotator.key("2")
        annotator.saved()
        assert project.annotations["attributes"].tolist() == [{"time": "night"}]


def test_a_reason_can_be_typed_as_soon_as_skip_is_clicked(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.root.get_by_role("button", name="Skip").click()
    annotator.page.keyboard.type("a dark red blur")
    annotator.key("Enter")
    annotator.title("two.jpg")
    task = project.tasks["id"][0]
    assert project.tasks["state"][0] == "skipped"
    assert project.history(task)["note"].tolist()[-1] == {"reason": "a dark red blur"}


def test_the_only_item_of_a_project_takes_no_room_for_others(
    tmp_path: Path, photos: Path, host_page: HostPage
) -> None:
    dataset = lw.Dataset.open(photos / "a" / "one.jpg")
    with lw.Project.create(tmp_path / "one.db", dataset, ["car"], user="ana") as project:
        kernel = KernelEnd(project)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready().title("one.jpg")
        expect(annotator.root.locator(".lw-strip")).to_have_count(0)
        expect(annotator.root.get_by_role("button", name="Items")).to_have_count(0)


def test_the_drawer_of_a_narrow_cell_leaves_the_header_and_what_closes_it_in_reach(
    host_page: HostPage, kernel: KernelEnd
) -> None:
    host_page.page.set_viewport_size({"width": 430, "height": 700})
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    button = annotator.root.get_by_role("button", name="Classes and objects")
    panel = annotator.root.get_by_role("complementary", name="Labels")
    for shown in (1, 0):
        button.click(timeout=2_000)
        expect(panel).to_have_count(shown)


def test_names_from_outside_are_shown_as_text(
    tmp_path: Path, photos: Path, host_page: HostPage
) -> None:
    canary = '<img src=x onerror="window.pwned=1">'
    hostile = lw.Ontology(
        classes=[
            lw.ObjectClass(
                canary, attributes=[lw.Radio(canary, [canary, "\u202eevil", "__proto__"])]
            )
        ],
        image_attributes=[lw.Text(canary)],
    )
    (photos / "a" / "<b>bold.jpg").write_bytes((photos / "a" / "one.jpg").read_bytes())
    with lw.Project.create(
        tmp_path / "x.db", lw.Dataset.open(photos), hostile, user=canary, name=canary
    ) as project:
        kernel = KernelEnd(project)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        annotator.draw_box((50, 40), (150, 100))
        annotator.saved()
        annotator.key("1")
        annotator.saved()
        annotator.key("Escape")
        annotator.key("?")
        assert host_page.page.evaluate("() => window.pwned") is None
        assert host_page.page.locator(".lw-annotator img[src=x], .lw-annotator b").count() == 0
        assert project.annotations.attributes.iloc[0] == {canary: canary}


def test_a_drawing_tool_draws_beside_the_last_object_and_leaves_it_alone(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.draw_box((50, 40), (100, 100))
    annotator.drag((100, 70), (160, 130))
    annotator.drag((50, 70), (20, 130))
    annotator.has_objects(3).saved()
    assert project.annotations.revision.tolist() == [1, 1, 1]


def test_once_all_questions_are_answered_digits_are_classes_again(
    host_page: HostPage, tmp_path: Path, photos: Path
) -> None:
    classes = [
        lw.ObjectClass("face", attributes=[lw.Radio("of", ["person", "cat"], required=True)]),
        lw.ObjectClass("hat"),
    ]
    dataset = lw.Dataset.open(photos)
    with lw.Project.create(tmp_path / "q.db", dataset, lw.Ontology(classes), user="ana") as made:
        kernel = KernelEnd(made)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        annotator.hover((60, 60))
        annotator.key("1")
        annotator.drag((50, 40), (150, 100))
        annotator.key("1")
        expect(annotator.root.locator(".lw-popover")).to_have_count(0)
        annotator.key("2")
        annotator.saved()
        assert made.annotations.attributes.tolist() == [{"of": "person"}]
        current = annotator.root.locator('.lw-class[data-current="true"]')
        expect(current).to_contain_text("hat")


def test_answers_to_questions_that_are_no_longer_asked_are_dropped(
    host_page: HostPage, tmp_path: Path, photos: Path
) -> None:
    kind = lw.Radio("kind", ["taxi", "private"])
    company = lw.Text("company", shown_if={"kind": ["taxi"]})
    ontology = lw.Ontology([lw.ObjectClass("car", attributes=[kind, company])])
    dataset = lw.Dataset.open(photos)
    with lw.Project.create(tmp_path / "q.db", dataset, ontology, user="ana") as made:
        kernel = KernelEnd(made)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        annotator.draw_box((50, 40), (150, 100))
        annotator.key("1")
        popover = annotator.root.locator(".lw-popover")
        popover.get_by_label("company").fill("Black Cab")
        annotator.key("Escape")
        annotator.saved()
        assert made.annotations.attributes.tolist() == [{"kind": "taxi", "company": "Black Cab"}]
        popover.get_by_label("private").check()
        annotator.saved()
        assert made.annotations.attributes.tolist() == [{"kind": "private"}]
        annotator.key("Control+z")
        annotator.saved()
        assert made.annotations.attributes.tolist() == [{"kind": "taxi", "company": "Black Cab"}]


def test_a_click_on_a_button_leaves_space_and_enter_to_the_picture(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.root.locator(".lw-class").nth(1).click()
    before = annotator.at((200, 150))
    annotator.hover((200, 150))
    annotator.page.keyboard.down("Space")
    annotator.drag((200, 150), (230, 170))
    annotator.page.keyboard.up("Space")
    assert annotator.at((200, 150)) != pytest.approx(before, abs=5)
    pressed = annotator.root.locator('.lw-tool[aria-pressed="true"]')
    expect(pressed).to_have_attribute("aria-label", "Polygon")
    annotator.key("Escape")
    assert len(project.annotations) == 0


def test_looking_at_a_picture_does_not_begin_it(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover()
    annotator.key("d")
    annotator.title("two.jpg").ready()
    assert project.tasks.state.tolist() == ["in_progress", "queued", "queued", "queued"]
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    assert project.tasks.state.tolist()[:2] == ["in_progress", "in_progress"]
    assert project.tasks.assignee.tolist()[:2] == ["ana", "ana"]
    cell = annotator.root.locator('.lw-cell[aria-current="true"]')
    expect(cell).to_have_attribute("data-state", "in_progress")


def test_a_right_click_opens_no_menu_of_the_page(annotator: AnnotatorPage, page: Page) -> None:
    page.evaluate(
        """() => {
          window.menus = 0;
          document.addEventListener("contextmenu", () => { window.menus++; });
        }"""
    )
    page.mouse.click(*annotator.at((100, 100)), button="right")
    assert page.evaluate("() => window.menus") == 0


def test_a_class_that_is_drawn_on_scans_alone_draws_nothing_else(
    host_page: HostPage, tmp_path: Path, photos: Path
) -> None:
    ontology = lw.Ontology([lw.ObjectClass("car"), lw.ObjectClass("lung", tool="volumemask")])
    dataset = lw.Dataset.open(photos)
    with lw.Project.create(tmp_path / "q.db", dataset, ontology, user="ana") as made:
        kernel = KernelEnd(made)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        annotator.hover((60, 60))
        annotator.key("2")
        expect(annotator.notices).to_contain_text("is drawn on scans")
        annotator.drag((50, 40), (150, 100))
        annotator.has_objects(0)
        annotator.draw_box((50, 40), (150, 100))
        annotator.has_objects(1).saved()
        assert made.annotations.class_name.tolist() == ["car"]


@pytest.mark.parametrize("width", [320, 480, 719])
def test_a_narrow_header_shows_the_counter_the_title_and_every_button(
    host_page: HostPage, kernel: KernelEnd, width: int
) -> None:
    host_page.page.set_viewport_size({"width": width, "height": 600})
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    header = AnnotatorPage(host_page.page, SIZE).ready().root.locator(".lw-header")
    expect(header.locator(".lw-counter")).to_have_text("1 of 4")
    expect(header.locator(".lw-title")).to_have_text("one.jpg")
    boxes = header.evaluate(
        """(header) => [...header.querySelectorAll("button, .lw-title, .lw-badge")].map((one) => {
            const { left, right, width } = one.getBoundingClientRect();
            return [left, right, width, one.scrollWidth - one.clientWidth];
        })"""
    )
    for left, right, wide, cut in boxes:
        assert 0 <= left <= right <= width, boxes
        assert wide >= 16, boxes
        assert cut <= 0, boxes


def test_tab_goes_around_within_the_help_sheet(annotator: AnnotatorPage, page: Page) -> None:
    annotator.hover()
    annotator.key("?")
    sheet = annotator.root.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    for key in ("Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab"):
        page.keyboard.press(key)
        assert sheet.evaluate("(sheet) => sheet.contains(document.activeElement)")
    expect(sheet.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_options_of_polygons_are_offered_where_some_class_has_them(
    tmp_path: Path, photos: Path, host_page: HostPage, annotator: AnnotatorPage
) -> None:
    options = annotator.root.get_by_role("group", name="Tool options")
    annotator.hover()
    annotator.key("v")
    expect(options.get_by_label("Shared borders")).to_be_visible()
    expect(options.get_by_label("Snap")).to_be_visible()
    boxes = lw.Ontology([lw.ObjectClass("car", tool="rectangle")])
    with lw.Project.create(
        tmp_path / "boxes.db", lw.Dataset.open(photos), boxes, user="ana"
    ) as project:
        host_page.page.reload()
        host_page.kernel = KernelEnd(project)
        host_page.mount("image", host_page.kernel.traits())
        other = AnnotatorPage(host_page.page, SIZE).ready()
        other.hover()
        other.key("v")
        expect(other.root.locator(".lw-status")).to_be_visible()
        expect(other.root.get_by_label("Shared borders")).to_have_count(0)
        expect(other.root.get_by_label("Snap")).to_have_count(0)


def test_each_row_of_buttons_is_one_tab_stop_that_arrows_go_through(
    annotator: AnnotatorPage, page: Page
) -> None:
    bars = annotator.root.get_by_role("toolbar")
    named = [bar.get_attribute("aria-label") for bar in bars.all()]
    assert named == ["Task and view", "Tools", "Pictures"]
    for bar in bars.all():
        assert bar.locator("button:not(:disabled)").count() > 1
        assert bar.locator("button:not(:disabled):not([tabindex='-1'])").count() == 1
    rail = annotator.root.get_by_role("toolbar", name="Tools")
    expect(rail).to_have_attribute("aria-orientation", "vertical")
    annotator.root.focus()
    annotator.key("r")
    rail.get_by_role("button", name="Rectangle").focus()
    for key, name in (
        ("ArrowDown", "Polygon"),
        ("End", "Fit the picture"),
        ("Home", "Select and edit"),
    ):
        page.keyboard.press(key)
        expect(rail.locator("button:focus")).to_have_attribute("aria-label", name)
    page.keyboard.press("Tab")
    expect(rail.locator("button:focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(rail.locator("button:focus")).to_have_attribute("aria-label", "Rectangle")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    in_hand = rail.locator("[aria-pressed=true]")
    expect(in_hand).to_have_attribute("aria-label", "Polygon")
    page.keyboard.press("r")
    expect(in_hand).to_have_attribute("aria-label", "Rectangle")
    page.keyboard.press("Escape")
    expect(in_hand).to_have_attribute("aria-label", "Select and edit")
