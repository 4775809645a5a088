"""What a model says of a picture as a whole: seen beside the questions, taken, dropped, changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

import labelwidgets as lw
from labelwidgets.assist import registry
from labelwidgets.schema.answer_origins import ProposedAnswer, proposed_answers
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import RESULTS, SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

FOUND = [
    {"attributes": {"light": "night", "weather": "rain"}, "score": 0.87},
    {"attributes": {"seen": ["car", "dog"]}, "score": 0.66},
    {"label": "street", "score": 0.9},
    (lw.Rectangle(40, 40, 80, 60), "car", 0.92),
]
BY = ("sky", "2026-11")


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        [
            lw.ObjectClass("car", color="#ff0000"),
            lw.ObjectClass("street", tool="tag", color="#00aa00"),
        ],
        [
            lw.Radio("light", ["day", "night"], required=True),
            lw.Dropdown("weather", ["dry", "rain"]),
            lw.Checkbox("seen", ["car", "dog", "cat"]),
        ],
    )


@pytest.fixture(autouse=True)
def models() -> Iterator[None]:
    def sky(pixels: Any) -> Any:
        return FOUND

    registry.register(lw.assistant(sky, version="2026-11"), label="Sky")
    yield
    registry._made.clear()


def open_page(
    host: HostPage, project: lw.Project, mode: Any = None, theme: Any = "light"
) -> AnnotatorPage:
    kernel = KernelEnd(project, session=project.session(mode=mode))
    host.kernel = kernel
    host.mount("image", kernel.traits(mode=kernel.session.mode, advance=False), theme=theme)
    return AnnotatorPage(host.page, SIZE).ready()


@pytest.fixture
def annotator(host_page: HostPage, project: lw.Project) -> AnnotatorPage:
    return open_page(host_page, project)


def ask(annotator: AnnotatorPage) -> Locator:
    annotator.hover()
    annotator.root.get_by_role("button", name="Sky").click()
    annotator.click((200, 160))
    bar = annotator.root.locator(".lw-proposal")
    expect(bar).to_contain_text("Proposed", timeout=30_000)
    return bar


def beside(annotator: AnnotatorPage, question: str) -> Locator:
    """What is proposed beside a question."""
    section = annotator.root.get_by_role("region", name="Image", exact=True)
    return section.locator("fieldset").filter(has_text=question).locator(".lw-proposed")


def answers(project: lw.Project) -> lw.Annotation:
    (found,) = [one for one in project.records() if one.class_name is None]
    return found


def test_enter_accepts_answers_with_the_shapes_and_one_undo_takes_all_back(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    bar = ask(annotator)
    expect(bar).to_contain_text("Proposed: 5")
    expect(bar).to_contain_text("car 92 %")
    expect(beside(annotator, "light")).to_contain_text("night 87 %")
    expect(beside(annotator, "seen")).to_contain_text("car, dog 66 %")
    annotator.hover()
    annotator.key("Enter")
    annotator.saved()
    expect(bar).to_have_count(0)
    made = answers(project)
    assert made.attributes == {"light": "night", "weather": "rain", "seen": ["car", "dog"]}
    assert (made.origin.kind, made.origin.name, made.origin.version) == ("model", *BY)
    assert made.confidence == 0.66, "as sure as the least sure of them"
    said = proposed_answers(made.origin)
    assert said["light"] == ProposedAnswer("night", *BY, 0.87)
    assert said["seen"] == ProposedAnswer(["car", "dog"], *BY, 0.66)
    assert sorted(str(one.class_name) for one in project.records()) == ["None", "car", "street"]
    annotator.hover()
    annotator.key("Control+z")
    annotator.saved()
    assert len(project.records()) == 0
    annotator.key("Control+Shift+z")
    annotator.saved()
    assert answers(project).attributes == made.attributes


def test_each_answer_is_taken_or_dropped_beside_its_question(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    bar = ask(annotator)
    beside(annotator, "weather").get_by_role("button", name="Drop").click()
    expect(beside(annotator, "weather")).to_have_count(0)
    beside(annotator, "light").get_by_role("button", name="Take").click()
    expect(bar).to_contain_text("Proposed: 3")
    annotator.hover()
    annotator.key("Escape")
    annotator.saved()
    made = answers(project)
    assert made.attributes == {"light": "night"}
    assert made.confidence == 0.87
    image = annotator.root.get_by_role("region", name="Image", exact=True)
    image.get_by_label("day").check()
    annotator.saved()
    put_right = answers(project)
    assert put_right.attributes == {"light": "day"}
    assert proposed_answers(put_right.origin)["light"].answer == "night", "what it had said is kept"


def test_what_a_person_answered_is_only_replaced_where_it_is_taken_alone_and_that_is_said(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    image = annotator.root.get_by_role("region", name="Image", exact=True)
    image.get_by_label("day").check()
    image.get_by_label("weather").select_option("rain")
    annotator.saved()
    bar = ask(annotator)
    expect(bar).to_contain_text("Proposed: 4")
    expect(beside(annotator, "weather")).to_have_count(0), "answered so already"
    expect(beside(annotator, "light")).to_contain_text("night 87 % (now day)")
    annotator.hover()
    annotator.key("Enter")
    expect(annotator.notices).to_contain_text("take it alone to replace it")
    expect(bar).to_contain_text("Proposed: light: night 87 % (now day)")
    annotator.saved()
    made = answers(project)
    assert made.attributes == {"light": "day", "weather": "rain", "seen": ["car", "dog"]}
    assert made.origin.kind == "hand", "who answered first stays who answered"
    assert made.confidence is None
    assert list(proposed_answers(made.origin)) == ["seen"]
    annotator.hover()
    annotator.key("Enter")
    expect(annotator.notices.last).to_contain_text("“light” was “day”: Undo brings it back.")
    annotator.saved()
    assert answers(project).attributes["light"] == "night"
    annotator.key("Control+z")
    annotator.saved()
    back = answers(project)
    assert back.attributes["light"] == "day"
    assert list(proposed_answers(back.origin)) == ["seen"]
    annotator.key("Control+z")
    annotator.saved()
    assert answers(project).origin == lw.Origin()


def test_where_pictures_are_classified_a_click_asks_and_enter_accepts(
    host_page: HostPage, project: lw.Project
) -> None:
    annotator = open_page(host_page, project, "classification")
    bar = ask(annotator)
    expect(bar).to_contain_text("Proposed: 4")  # no boxes
    expect(beside(annotator, "light")).to_contain_text("night 87 %")
    annotator.hover()
    annotator.key("Enter")
    annotator.saved()
    assert answers(project).attributes["light"] == "night"
    assert sorted(str(one.class_name) for one in project.records()) == ["None", "street"]


def test_a_task_that_is_not_about_questions_is_proposed_no_answers(
    host_page: HostPage, project: lw.Project
) -> None:
    annotator = open_page(host_page, project, "segmentation")
    bar = ask(annotator)
    expect(bar).to_contain_text("Proposed: 2")
    annotator.hover()
    annotator.key("Enter")
    annotator.saved()
    assert sorted(str(one.class_name) for one in project.records()) == ["car", "street"]


def test_a_tag_that_is_there_is_not_made_twice(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    for _ in range(2):
        ask(annotator)
        annotator.hover()
        annotator.key("Enter")
        annotator.saved()
    assert sum(one.class_name == "street" for one in project.records()) == 1


@pytest.mark.parametrize("mode", [None, "classification"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_proposed_answers_are_accessible(
    host_page: HostPage, project: lw.Project, theme: Any, mode: Any, repository: Path
) -> None:
    annotator = open_page(host_page, project, mode, theme)
    ask(annotator)
    expect(beside(annotator, "light")).to_be_visible()
    RESULTS.mkdir(exist_ok=True)
    annotator.root.screenshot(path=RESULTS / f"model-answers-{mode}-{theme}.png")
    axe = repository / "js" / "node_modules" / "axe-core" / "axe.min.js"
    host_page.page.add_script_tag(path=axe)
    found = host_page.page.evaluate("() => axe.run('.lw-annotator')")
    assert [
        one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")
    ] == []
