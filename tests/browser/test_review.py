"""One makes, another judges: the verdict, the issues, what changed, and what the maker is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from playwright.sync_api import Browser, expect

import labelwidgets as lw
from labelwidgets.widgets.pages import Pages
from labelwidgets.widgets.reviewing import tell_issue
from labelwidgets.workflow import maker_reviewer
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import PAGE_SIZE, SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.late_kernel import LateKernelEnd


@pytest.fixture
def project(tmp_path: Path, photos: Path, ontology: lw.Ontology) -> Iterator[lw.Project]:
    """Two tasks that ana has made and handed in, and two that wait to be made."""
    path, dataset = tmp_path / "labels.db", lw.Dataset.open(photos)
    with lw.Project.create(path, dataset, ontology, maker_reviewer(), user="ana") as made:
        for task, item in list(zip(made.tasks["id"], made.tasks["item_id"], strict=True))[:2]:
            car = lw.Annotation(
                item_id=item, class_name="car", geometry=lw.Rectangle(60, 60, 80, 60)
            )
            tree = lw.Annotation(
                item_id=item,
                class_name="tree",
                geometry=lw.Polygon([[[(220, 80), (320, 90), (300, 200), (230, 190)]]]),
            )
            made.add([car, tree])
            made.submit(task)
        yield made


def judging(page: HostPage, project: lw.Project, theme: str = "light") -> AnnotatorPage:
    with_rex = lw.Project.open(project.store.location.path, user="rex", dataset=project.dataset)
    kernel = KernelEnd(with_rex, session=with_rex.review_session())
    page.kernel = kernel
    page.mount("image", kernel.traits(), theme=theme)
    return AnnotatorPage(page.page, SIZE).ready()


def making(page: HostPage, project: lw.Project) -> AnnotatorPage:
    kernel = KernelEnd(project)
    page.kernel = kernel
    page.mount("image", kernel.traits())
    return AnnotatorPage(page.page, SIZE).ready()


def test_a_task_is_judged_by_the_keyboard_alone_and_its_maker_is_told(
    host_page: HostPage, project: lw.Project, browser: Browser
) -> None:
    task = project.tasks["id"][0]
    rex = judging(host_page, project)
    verdict = rex.root.get_by_label("Verdict")
    expect(verdict).to_contain_text("on ana's work")
    expect(verdict).to_contain_text("As the maker handed it in.")
    rex.hover((100, 90))
    rex.key("c")
    rex.page.keyboard.type("The car is too small.")
    rex.key("Tab")
    rex.page.keyboard.type("4")
    rex.key("Tab")
    for _ in range(3):
        rex.key("Tab")
    rex.key("Space")
    rex.hover((10, 10))
    rex.key("Escape")
    rex.root.focus()
    rex.key("r")
    rex.title("two.jpg")
    rex.hover((10, 10))
    rex.key("a")
    expect(rex.root.get_by_text("All done")).to_be_visible()
    first, second = project.reviews.itertuples()
    assert (first.task_id, first.verdict, first.score, first.comment) == (
        *(task, "reject", 4.0),
        "The car is too small.",
    )
    assert first.tags == ["Loose outline"]
    assert (second.verdict, second.reviewer, second.maker) == ("accept", "rex", "ana")
    assert host_page.console == []
    mine = HostPage(browser.new_context(viewport=PAGE_SIZE).new_page())
    ana = making(mine, project).title("one.jpg")
    told = ana.root.get_by_label("Outcome")
    for words in ("Returned to you", "4 of 10", "Loose outline", "The car is too small."):
        expect(told).to_contain_text(words)
    mine.page.context.close()


def test_keys_mean_a_verdict_from_the_first_picture_on_however_late_the_kernel_is(
    host_page: HostPage, project: lw.Project
) -> None:
    with_rex = lw.Project.open(project.store.location.path, user="rex", dataset=project.dataset)
    kernel = LateKernelEnd(with_rex, late=("review",), session=with_rex.review_session())
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    rex = AnnotatorPage(host_page.page, SIZE).ready().title("one.jpg")
    rex.hover((10, 10))
    # The letters are those of verdicts and tools, and none of them may be taken for one.
    for key, words in (("i", "A bare rear wheel."), ("c", "Are its parts a car?")):
        rex.key(key)
        rex.page.keyboard.type(words)
        rex.key("Enter" if key == "i" else "Escape")
    rex.root.focus()
    rex.key("r")
    rex.title("one.jpg")
    assert not [one for one in kernel.received if one["type"] == "judge"]
    kernel.holds = False
    kernel.let_go(host_page)
    rex.title("two.jpg")
    (told,) = project.reviews.itertuples()
    assert (told.verdict, told.comment) == ("reject", "Are its parts a car?")
    assert project.issues["text"].tolist() == ["A bare rear wheel."]
    assert host_page.console == []


def test_a_verdict_is_one_and_the_next_key_is_one_too_however_late_the_next_task_is(
    host_page: HostPage, project: lw.Project
) -> None:
    with_rex = lw.Project.open(project.store.location.path, user="rex", dataset=project.dataset)
    kernel = LateKernelEnd(with_rex, late=("opened",), session=with_rex.review_session())
    kernel.holds = False
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    rex = AnnotatorPage(host_page.page, SIZE).ready().title("one.jpg")
    expect(rex.root.get_by_label("Verdict")).to_contain_text("on ana's work")
    kernel.holds = True
    rex.hover((10, 10))
    rex.key("a")
    # What becomes of the first is known; the second is still on its way.
    expect(rex.root.locator(".lw-cell[data-state=done]")).to_have_count(1)
    rex.page.wait_for_timeout(200)
    rex.key("a")
    rex.title("one.jpg")
    # Then the second is there, and what is to be known of it is on its way.
    kernel.late = ("review",)
    kernel.let_go(host_page)
    rex.title("two.jpg")
    expect(rex.root.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    rex.key("a")
    rex.page.wait_for_timeout(200)
    kernel.holds = False
    kernel.let_go(host_page)
    expect(rex.root.get_by_text("All done")).to_be_visible()
    assert project.reviews["verdict"].tolist() == ["accept", "accept"]
    opened = [one for one in kernel.received if one["type"] == "open" and not one.get("ahead")]
    assert [one.get("step", 0) for one in opened] == [0, 0, 0]
    assert host_page.console == []


def test_words_after_a_click_are_words_and_no_verdict(
    host_page: HostPage, project: lw.Project
) -> None:
    rex = judging(host_page, project).title("one.jpg")
    rex.root.get_by_role("button", name="New issue").click()
    rex.page.keyboard.type("A rear car")
    rex.key("Enter")
    row = rex.root.locator(".lw-issue")
    expect(row).to_contain_text("A rear car")
    row.get_by_role("button").first.click()
    rex.page.keyboard.type("Are there more?")
    rex.key("Enter")
    expect(row).to_contain_text("Are there more?")
    rex.title("one.jpg")
    assert project.reviews.empty


def test_an_issue_is_raised_on_an_object_moves_with_it_and_is_resolved_in_its_thread(
    host_page: HostPage, project: lw.Project
) -> None:
    rex = judging(host_page, project)
    rex.click((100, 90))
    rex.key("i")
    rex.page.keyboard.type("Where are its wheels?")
    rex.key("Enter")
    pin = rex.root.locator(".lw-pin")
    expect(pin).to_have_text("1")
    (issue,) = project.issues.itertuples()
    assert (issue.class_name, issue.author, issue.text) == ("car", "rex", "Where are its wheels?")
    assert (issue.x, issue.y) == pytest.approx((100, 90), abs=1)
    before = pin.bounding_box()
    rex.drag((100, 90), (140, 110))
    rex.saved()
    after = pin.bounding_box()
    assert before
    assert after
    assert after["x"] > before["x"] + 20
    (moved,) = project.issues.itertuples()
    assert (moved.x, moved.y) == pytest.approx((140, 110), abs=1)
    expect(rex.root.get_by_label("Verdict")).to_contain_text("Changed: 1 moved.")
    expect(rex.rows.first.locator(".lw-changed")).to_have_text("moved")
    pin.click()
    rex.root.get_by_label("Reply").fill("They are behind the tree.")
    rex.root.get_by_label("Reply").press("Enter")
    expect(rex.root.locator(".lw-thread")).to_contain_text("rex They are behind the tree.")
    rex.root.get_by_role("button", name="Resolve").click()
    expect(pin).to_have_count(0)
    assert project.issues["state"].tolist() == ["resolved"]
    assert project.comments["text"].tolist() == [
        "Where are its wheels?",
        "They are behind the tree.",
    ]
    rex.hover((10, 10))
    rex.key("a")
    rex.title("two.jpg")
    (verdict,) = project.reviews.itertuples()
    assert verdict.diff == {"moved": 1}
    assert host_page.console == []


def test_what_another_kernel_says_is_on_the_page_at_once_and_so_is_that_it_is_settled(
    host_page: HostPage, project: lw.Project
) -> None:
    rex = judging(host_page, project)
    task = project.tasks["id"][0]
    car = project.annotations.query("task_id == @task and class_name == 'car'")["id"].iloc[0]
    with lw.Project.open(project.store.location.path, user="sue", dataset=project.dataset) as sue:
        issue = sue.raise_issue(task, "Where are its wheels?", annotation=car, at=(100, 90))
        told: list[dict[str, Any]] = []
        pages = Pages(lambda content, _: told.append(to_builtins(content)))
        tell_issue(None, issue, pages)
        host_page.deliver(told.pop())
        pin = rex.root.locator(".lw-pin")
        expect(pin).to_have_text("1")
        before = pin.bounding_box()
        rex.drag((100, 90), (140, 90))
        after = pin.bounding_box()
        assert before
        assert after
        assert after["x"] > before["x"] + 20, "It moves with its object."
        tell_issue(None, sue.resolve(issue.id, "Behind the tree."), pages)
        host_page.deliver(to_builtins(told.pop()))
    expect(pin).to_have_count(0)
    expect(rex.root.locator(".lw-issue")).to_have_attribute("data-state", "resolved")
    assert host_page.console == []


def test_what_was_handed_in_is_seen_to_the_left_of_a_line(
    host_page: HostPage, project: lw.Project
) -> None:
    rex = judging(host_page, project)
    rex.drag((100, 90), (140, 130))
    rex.saved()
    rex.click((10, 290))
    rex.key("w")
    slider = rex.root.get_by_label("Wipe from what was before")
    red = [tuple(rex.pixels(at, 1)[4]) for at in ((60, 90), (100, 130))]
    assert red[0][0] > red[0][2] + 60, "The box is where it was."
    assert max(red[1]) - min(red[1]) < 40, "What is now is right of the line."
    slider.fill("0")
    assert max(rex.pixels((60, 90), 1)[4]) - min(rex.pixels((60, 90), 1)[4]) < 40
    now = rex.pixels((100, 130), 1)[4]
    assert now[0] > now[2] + 40
    rex.hover((10, 290))
    rex.key("w")
    expect(slider).to_have_count(0)


def test_the_panel_of_the_judge_has_nothing_that_axe_finds(
    host_page: HostPage, project: lw.Project, repository: Path
) -> None:
    rex = judging(host_page, project)
    rex.click((100, 90))
    rex.key("i")
    rex.page.keyboard.type("Where are its wheels?")
    rex.key("Enter")
    rex.root.locator(".lw-pin").click()
    axe = repository / "js" / "node_modules" / "axe-core" / "axe.min.js"
    host_page.page.add_script_tag(path=axe)
    found = host_page.page.evaluate("async () => (await axe.run('.lw-annotator')).violations")
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_all_of_the_list_that_wait_are_accepted_once_that_is_said_twice(
    host_page: HostPage, project: lw.Project
) -> None:
    rex = judging(host_page, project)
    rex.root.get_by_role("button", name="Accept all").click()
    assert project.reviews.empty
    rex.root.get_by_role("button", name="Accept 2?").click()
    expect(rex.notices).to_contain_text("2 accepted.")
    assert project.reviews["verdict"].tolist() == ["accept", "accept"]
    assert sorted(project.tasks["stage"]) == ["annotate", "annotate", "done", "done"]
