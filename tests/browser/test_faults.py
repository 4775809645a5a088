"""What goes wrong between page and store: no label is lost, and the badge says so."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import Fault, KernelEnd


def edits_only(fault: Fault) -> Any:
    return lambda content: fault if content["type"] == "edits" else None


def test_a_dead_kernel_keeps_the_work_in_the_browser(
    annotator: AnnotatorPage,
    project: lw.Project,
    kernel: KernelEnd,
) -> None:
    kernel.fault = edits_only("drop")
    annotator.draw_box((50, 40), (150, 100))
    annotator.draw_box((200, 40), (300, 100))
    expect(annotator.badge).to_have_attribute("data-state", "kept", timeout=15_000)
    expect(annotator.badge).to_contain_text("(2)")
    assert len(project.annotations) == 0
    kernel.fault = lambda _: None
    annotator.badge.click()
    annotator.saved()
    assert len(project.annotations) == 2


def test_the_journal_survives_a_reload(
    annotator: AnnotatorPage,
    project: lw.Project,
    kernel: KernelEnd,
    host_page: HostPage,
) -> None:
    kernel.fault = edits_only("drop")
    annotator.draw_box((50, 40), (150, 100))
    annotator.draw_polygon([(200, 40), (300, 50), (280, 150)])
    annotator.key("v")
    annotator.drag((100, 70), (110, 80))
    expect(annotator.badge).to_have_attribute("data-state", "kept", timeout=15_000)
    kernel.fault = lambda _: None
    host_page.reload()
    annotator.ready().has_objects(2).saved()
    assert len(project.annotations) == 2
    assert project.annotations.revision.tolist() == [2, 1]
    annotator.hover((350, 250))
    annotator.key("Control+z")
    annotator.saved()
    assert project.annotations.revision.tolist() == [3, 1], "The replayed edits can be undone."


@pytest.mark.parametrize("fault", ["duplicate", "deaf"])
def test_an_edit_that_arrives_twice_is_one_edit(
    annotator: AnnotatorPage,
    project: lw.Project,
    kernel: KernelEnd,
    fault: Fault,
) -> None:
    kernel.fault = edits_only(fault)
    annotator.draw_box((50, 40), (150, 100))
    annotator.key("v")
    annotator.drag((100, 70), (110, 80))
    annotator.page.wait_for_timeout(500)
    kernel.fault = lambda _: None
    annotator.saved()
    assert project.annotations.revision.tolist() == [2]
    assert (project.events.kind == "create").sum() == 1


def test_a_lossy_line_loses_nothing(
    annotator: AnnotatorPage,
    project: lw.Project,
    kernel: KernelEnd,
) -> None:
    rng = random.Random(1)
    faults: list[Fault | None] = ["drop", "deaf", "duplicate", None]

    def fault(content: dict[str, Any]) -> Fault | None:
        return rng.choice(faults) if content["type"] == "edits" else None

    kernel.fault = fault
    for column in range(4):
        annotator.draw_box((20 + 90 * column, 40), (80 + 90 * column, 100))
        annotator.key("v")
        annotator.drag((50 + 90 * column, 70), (50 + 90 * column, 150))
    kernel.fault = lambda _: None
    annotator.saved()
    stored = project.annotations
    assert stored.revision.tolist() == [2] * 4
    assert stored.y.tolist() == pytest.approx([120] * 4, abs=2)


def test_edits_that_overtake_one_another_end_in_order(
    annotator: AnnotatorPage,
    project: lw.Project,
    kernel: KernelEnd,
) -> None:
    held: list[dict[str, Any]] = []

    def fault(content: dict[str, Any]) -> Fault | None:
        if content["type"] == "edits" and not held:
            held.append(content)
            return "drop"
        return None

    kernel.fault = fault
    annotator.draw_box((50, 40), (150, 100))
    annotator.key("v")
    annotator.drag((100, 70), (110, 80))
    annotator.saved()
    assert project.annotations.revision.tolist() == [2]
    assert project.events.kind.isin(["conflict"]).sum() == 0


def test_two_tabs_see_each_other(
    browser: Browser,
    host_page: HostPage,
    project: lw.Project,
) -> None:
    first, second = KernelEnd(project), KernelEnd(project)
    other = HostPage(browser.new_context(viewport={"width": 1280, "height": 900}).new_page())
    for page, kernel_end in ((host_page, first), (other, second)):
        page.kernel = kernel_end
        page.mount("image", kernel_end.traits())
    here, there = AnnotatorPage(host_page.page, SIZE), AnnotatorPage(other.page, SIZE)
    here.ready()
    there.ready()
    here.draw_box((50, 40), (150, 100))
    here.saved()
    for message in second.unsent():
        other.deliver(message.content, message.buffers)
    there.has_objects(1)

    # Both change it before either hears of the other.
    there.key("v")
    there.drag((100, 70), (200, 170))
    there.saved()
    here.key("v")
    here.drag((100, 70), (100, 200))
    expect(here.notices).to_contain_text("changed elsewhere")
    here.saved()
    assert project.annotations.x.iloc[0] == pytest.approx(150, abs=1.5)
    assert (project.events.kind == "conflict").sum() == 1, "What was refused is kept in the log."
    here.root.get_by_role("button", name="Use mine").click()
    here.saved()
    assert project.annotations.y.iloc[0] == pytest.approx(170, abs=2)
    other.page.context.close()


def test_a_broken_picture_says_why_and_lets_go_on(
    tmp_path: Any,
    photos: Any,
    ontology: lw.Ontology,
    host_page: HostPage,
) -> None:
    (photos / "a" / "one.jpg").write_bytes(b"")
    dataset = lw.Dataset.open(photos, errors="collect")
    with lw.Project.create(tmp_path / "x.db", dataset, ontology, user="ana") as project:
        kernel_end = KernelEnd(project)
        host_page.kernel = kernel_end
        first = project.tasks.id.iloc[0]
        host_page.mount("image", kernel_end.traits(task=first))
        annotator = AnnotatorPage(host_page.page, SIZE)
        annotator.title("one.jpg")
        cover = annotator.root.locator(".lw-cover")
        expect(cover).to_contain_text("one.jpg")
        expect(cover).to_contain_text("empty")
        expect(annotator.root.locator(".lw-broken-cell")).to_have_count(1)
        expect(annotator.root.get_by_role("button", name="Submit", exact=True)).to_be_disabled()
        cover.get_by_role("button", name="Next item").click()
        annotator.ready().title("two.jpg")
        annotator.draw_box((50, 40), (150, 100))
        annotator.has_objects(1).saved()


def test_a_forged_message_changes_nothing(
    annotator: AnnotatorPage,
    project: lw.Project,
    kernel: KernelEnd,
    host_page: HostPage,
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    task = project.tasks.id.iloc[0]
    edit = {
        "id": "forged1", "task": task, "kind": "create", "annotation": "forged2", "base": 0,
        "after": {"class_name": "car", "geometry": {"type": "rectangle", "x": 1, "y": 1,
                                                      "width": 5, "height": 5}},
    }  # fmt: skip
    forged: list[dict[str, Any]] = [
        {"type": "become", "user": "admin"},
        {"type": "edits", "client": "x", "user": "bob", "edits": [{**edit, "author": "bob"}]},
        {"type": "edits", "client": "x", "edits": "all"},
        {"type": "edits", "client": "x", "edits": [{**edit, "base": "0"}]},
        {"type": "pixels", "request": 1, "item": "../../etc/passwd"},
        {"type": "submit", "request": 2, "task": "no such task"},
    ]
    for content in forged:
        host_page.page.evaluate("it => lw.model.send(it)", content)
    host_page.page.wait_for_timeout(300)
    assert len(kernel.errors) == 4
    assert len(project.annotations) == 1
    # A field that is not part of the message has no effect: the author is the session's.
    nan = {**edit, "after": {**edit["after"], "geometry": {"type": "rectangle", "x": 399,
           "y": 1, "width": 50, "height": 5}}}  # fmt: skip
    host_page.page.evaluate(
        "it => lw.model.send(it)", {"type": "edits", "client": "x", "edits": [nan]}
    )
    host_page.page.wait_for_timeout(200)
    assert len(project.annotations) == 1
    annotator.draw_box((200, 40), (300, 100))
    annotator.has_objects(2).saved()
    assert set(project.annotations.author) == {"ana"}


def test_a_full_disk_is_said_and_nothing_is_lost(
    annotator: AnnotatorPage, project: lw.Project, kernel: KernelEnd
) -> None:
    def full(*_: object) -> Any:
        raise lw.errors.StoreFullError(
            "has no room left.", where="labels.db", hint="Make room on the disk."
        )

    apply, kernel.session.apply = kernel.session.apply, full  # type: ignore[method-assign]
    annotator.draw_box((50, 40), (150, 100))
    expect(annotator.notices).to_contain_text("no room left")
    expect(annotator.badge).to_have_attribute("data-state", "kept")
    expect(annotator.badge).to_have_attribute("title", re.compile("no room left"))
    kernel.session.apply = apply  # type: ignore[method-assign]
    annotator.badge.click()
    annotator.saved()
    assert len(project.annotations) == 1


def test_touch_draws_and_pinches(browser: Browser, project: lw.Project, kernel: KernelEnd) -> None:
    context = browser.new_context(viewport={"width": 1000, "height": 700}, has_touch=True)
    page = HostPage(context.new_page())
    page.kernel = kernel
    page.mount("image", kernel.traits())
    annotator = AnnotatorPage(page.page, SIZE).ready()
    touch = context.new_cdp_session(page.page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    annotator.root.get_by_role("button", name="Rectangle").click()
    (left, top), (right, bottom) = annotator.at((50, 40)), annotator.at((150, 100))
    fingers("touchStart", (left, top))
    fingers("touchMove", ((left + right) / 2, (top + bottom) / 2))
    fingers("touchMove", (right, bottom))
    fingers("touchEnd")
    annotator.has_objects(1).saved()

    before = annotator.zoom()
    x, y = annotator.at((200, 150))
    fingers("touchStart", (x - 40, y), (x + 40, y))
    for spread in (50, 70, 100):
        fingers("touchMove", (x - spread, y), (x + spread, y))
    fingers("touchEnd")
    page.page.wait_for_timeout(200)
    assert annotator.zoom() == pytest.approx(before * 2.5, rel=0.05)
    assert len(project.annotations) == 1, "A pinch draws nothing."
    context.close()
