"""The ontology builder on a plain page, its kernel's end the real widget."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, expect

import labelwidgets as lw
from labelwidgets.widgets.ontology import OntologyBuilder
from tests.browser.conftest import RESULTS
from tests.browser.host import HostPage, Message

AXE = Path(__file__).resolve().parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"


class BuilderEnd:
    """A builder whose messages go to a host page."""

    def __init__(self, host: HostPage, source: Any, theme: Literal["light", "dark"] = "light"):
        self.builder = OntologyBuilder(source)
        self.host = host
        self.heard = 0
        self._out: list[Message] = []
        self.builder.send = self._send  # type: ignore[method-assign]
        host.kernel = self._hear
        host.mount("ontology", {"given": self.builder.given, "height": 640}, theme=theme)

    def _send(self, content: Any, buffers: Any = None) -> None:
        self._out.append(Message(json.loads(json.dumps(content))))

    def _hear(self, message: Message) -> Iterable[Message]:
        self.builder.receive(message.content)
        self.heard += 1
        said, self._out = self._out, []
        return said

    @property
    def page(self) -> Page:
        return self.host.page

    @property
    def editor(self) -> Locator:
        return self.page.locator(".lw-editor")

    @property
    def preview(self) -> Locator:
        return self.page.locator(".lw-preview")

    def name(self, text: str) -> None:
        """Name the class that is open."""
        self.editor.get_by_label("Name of the class").fill(text)

    def settled(self) -> lw.Ontology:
        """Wait until nothing is wrong and return the kernel's ontology."""
        while self.page.evaluate("() => lw.model.sent.length") > self.heard:
            self.page.wait_for_timeout(20)
        expect(self.page.locator(".lw-error")).to_have_count(0)
        return self.builder.ontology


def test_a_class_and_a_question_are_built_and_the_labeller_sees_them_at_once(
    host_page: HostPage,
) -> None:
    end = BuilderEnd(host_page, ["car"])
    seen: list[Any] = []
    end.builder.observe(lambda change: seen.append(change["new"]), "ontology")
    end.editor.get_by_text("Add a class").click()
    end.name("tree")
    end.editor.get_by_label("Drawn with").select_option("polygon")
    end.editor.get_by_label("Key of tree").fill("shift+t")
    end.editor.get_by_text("Add a question").click()
    end.editor.get_by_label("Question", exact=True).fill("leaves")
    end.editor.get_by_label("Option 1 of leaves").fill("green")
    end.editor.get_by_label("Required").check()
    expect(end.preview.get_by_role("button", name="tree")).to_be_visible()
    expect(end.preview.get_by_label("green")).to_be_visible()
    end.preview.get_by_label("green").check()
    made = end.settled()
    wanted = lw.ObjectClass(
        "tree",
        color=made["tree"].color,
        tool="polygon",
        hotkey="Shift+T",
        attributes=[lw.Radio("leaves", ["green", "no"], required=True)],
    )
    assert made == lw.Ontology([lw.ObjectClass("car", color="#e69f00"), wanted])
    assert seen[-1] == made, "It can be observed."
    assert host_page.console == []


def test_what_is_wrong_is_said_where_it_is_typed(host_page: HostPage) -> None:
    end = BuilderEnd(host_page, [lw.ObjectClass("car", hotkey="Shift+C"), "tree"])
    end.editor.get_by_role("button", name="tree", exact=False).last.click()
    end.editor.get_by_label("Key of tree").fill("shift+c")
    alert = end.editor.get_by_role("alert")
    expect(alert).to_contain_text("Shift+C is already taken by 'car'")
    end.editor.get_by_label("Key of tree").fill("v")
    expect(alert).to_contain_text("V is already taken by 'Select and edit'")
    end.editor.get_by_label("Key of tree").fill("")
    expect(alert).to_have_count(0)
    end.name("car")
    expect(alert).to_contain_text("There is another class 'car'")
    end.name("")
    expect(alert).to_contain_text("Must not be empty")
    assert [made.name for made in end.builder.ontology.classes] == ["car", "tree"]
    expect(end.preview.locator(".lw-class .lw-name")).to_have_text(["car", "tree"])
    end.name("tree")
    end.editor.get_by_text("Add a question").click()
    end.editor.get_by_label("Option 2 of question 1").fill("yes")
    expect(alert).to_contain_text("Has the option 'yes' twice")


def test_undo_and_redo_inside_the_builder(host_page: HostPage) -> None:
    end = BuilderEnd(host_page, ["car"])
    first = end.settled()
    end.name("lorry")
    end.editor.get_by_label("Drawn with").select_option("mask")
    last = end.settled()
    assert last["lorry"].tool == "mask"
    end.page.keyboard.press("Control+z")
    end.page.keyboard.press("Control+z")
    expect(end.editor.get_by_label("Name of the class")).to_have_value("car")
    assert end.settled() == first
    end.page.get_by_role("button", name="Redo").click()
    end.page.get_by_role("button", name="Redo").click()
    expect(end.editor.get_by_label("Name of the class")).to_have_value("lorry")
    assert end.settled() == last


def test_a_project_is_saved_with_its_labels_renamed_and_its_guide(
    host_page: HostPage, project: lw.Project
) -> None:
    item = project.tasks["item_id"][0]
    box = lw.Rectangle(1, 2, 30, 40)
    project.add(lw.Annotation(item_id=item, class_name="car", geometry=box))
    end = BuilderEnd(host_page, project)
    end.name("vehicle")
    expect(end.editor.get_by_text("Formerly car; its labels follow.")).to_be_visible()
    end.page.get_by_role("tab", name="Guide").click()
    end.editor.get_by_label("Guide for labellers").fill("# Cars\n\nDraw **each** <b>car</b>.")
    expect(end.preview.get_by_role("heading", name="Cars")).to_be_visible()
    expect(end.preview).to_contain_text("<b>car</b>")
    assert project.ontology["car"].name == "car", "Not yet."
    end.page.get_by_role("button", name="Save").click()
    expect(end.page.get_by_role("status")).to_contain_text("renamed: class 'vehicle'")
    assert project.annotations["class_name"].tolist() == ["vehicle"]
    assert project.instructions == "# Cars\n\nDraw **each** <b>car</b>."
    end.page.get_by_role("tab", name="Classes").click()
    retire = end.editor.get_by_role("button", name="Retire vehicle: its 1 label will stay")
    host_page.set_state("given", end.builder.given)
    retire.click()
    end.page.get_by_role("button", name="Save").click()
    expect(end.page.get_by_role("status")).to_contain_text("retired: class 'vehicle'")
    assert project.ontology["vehicle"].retired
    expect(end.preview.get_by_role("button", name="vehicle")).to_have_count(0)


def test_python_shows_what_the_page_made_and_the_page_what_python_sets(
    host_page: HostPage,
) -> None:
    end = BuilderEnd(host_page, ["car"])
    end.page.get_by_role("tab", name="Code").click()
    expect(end.editor.get_by_label("As Python")).to_have_value(
        "lw.Ontology(\n    classes=[\n        lw.ObjectClass('car', color='#e69f00'),\n    ],\n)"
    )
    text = end.editor.get_by_label("As JSON").input_value()
    assert lw.Ontology.from_json(text) == end.builder.ontology
    end.builder.ontology = lw.Ontology(["boat"])
    host_page.set_state("given", end.builder.given)
    end.page.get_by_role("tab", name="Classes").click()
    expect(end.editor.get_by_label("Name of the class")).to_have_value("boat")


def test_classes_are_put_in_order_by_keys_and_by_dragging(host_page: HostPage) -> None:
    end = BuilderEnd(host_page, ["a", "b", "c"])

    def order() -> list[str]:
        return [made.name for made in end.settled().classes]

    end.editor.get_by_role("button", name="Move a, 1 of 3").focus()
    end.page.keyboard.press("ArrowDown")
    expect(end.editor.get_by_role("button", name="Move a, 2 of 3")).to_be_focused()
    assert order() == ["b", "a", "c"]
    end.page.keyboard.press("ArrowDown")
    expect(end.editor.get_by_role("button", name="Move a, 3 of 3")).to_be_focused()
    assert order() == ["b", "c", "a"]
    handle = end.editor.get_by_role("button", name="Move c, 2 of 3").bounding_box()
    assert handle is not None
    end.page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    end.page.mouse.down()
    end.page.mouse.move(handle["x"] + 8, handle["y"] - 60, steps=4)
    end.page.mouse.up()
    expect(end.preview.locator(".lw-class .lw-name")).to_have_text(["c", "b", "a"])
    assert order() == ["c", "b", "a"]


def test_a_skeleton_is_built_by_mouse_and_keys(host_page: HostPage) -> None:
    end = BuilderEnd(host_page, ["person"])
    end.editor.get_by_label("Drawn with").select_option("keypoints")
    end.editor.get_by_text("Add a joint").click()
    end.editor.get_by_label("Joint 3", exact=True).fill("foot")
    joint = end.editor.get_by_role("button", name="Joint foot;")
    box = joint.bounding_box()
    board = end.editor.locator(".lw-board").bounding_box()
    assert box is not None
    assert board is not None
    end.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    end.page.mouse.down()
    end.page.mouse.move(board["x"] + 55, board["y"] + 165, steps=4)
    end.page.mouse.up()
    joint.focus()
    end.page.keyboard.press("ArrowRight")
    end.page.keyboard.press("Enter")
    end.editor.get_by_role("button", name="Joint joint 1;").focus()
    end.page.keyboard.press("Enter")
    skeleton = end.settled()["person"].skeleton
    assert skeleton is not None
    assert skeleton.joints == ["joint 1", "joint 2", "foot"]
    assert skeleton.edges == [(0, 1), (2, 0)]
    assert skeleton.positions is not None
    assert skeleton.positions[2] == pytest.approx((0.26, 0.75), abs=0.02)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 480])
def test_it_is_accessible_in_both_themes_and_narrow(
    host_page: HostPage, ontology: lw.Ontology, theme: Literal["light", "dark"], width: int
) -> None:
    host_page.page.set_viewport_size({"width": width, "height": 900})
    end = BuilderEnd(host_page, ontology, theme)
    end.page.add_script_tag(path=AXE)
    end.editor.get_by_role("button", name="person", exact=False).last.click()
    RESULTS.mkdir(exist_ok=True)
    for tab in ("Classes", "Image", "Guide", "Code"):
        end.page.get_by_role("tab", name=tab).click()
        end.settled()
        found = end.page.evaluate("async () => (await axe.run('.lw-annotator')).violations")
        serious = [
            (one["id"], one["nodes"][0]["html"], one["nodes"][0].get("failureSummary", ""))
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []
        end.page.screenshot(path=RESULTS / f"builder-{tab.lower()}-{theme}-{width}.png")
    outside = end.page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert outside <= 0, "Nothing is cut off at the side."


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=window.hacked=1>",
        "\u202eabc",
        "\u05d0\u05d1\u05d2",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "__proto__",
        "constructor",
        "x" * 200,
    ],
)
def test_any_name_is_shown_as_text(host_page: HostPage, name: str) -> None:
    end = BuilderEnd(host_page, ["car"])
    end.name(name)
    end.editor.get_by_text("Add a question").click()
    end.editor.get_by_label("Question", exact=True).fill(name)
    end.editor.locator(".lw-option-list input").first.fill(name)
    expect(end.preview.locator(".lw-class .lw-name").first).to_have_text(name)
    made = end.settled().classes[0]
    assert made.name == name
    assert made.attributes[0].name == name
    assert end.page.evaluate("() => window.hacked") is None
    assert host_page.console == []


def test_ten_kilobytes_are_refused_by_name_and_nothing_is_lost(host_page: HostPage) -> None:
    end = BuilderEnd(host_page, ["car"])
    end.name("x" * 10_000)
    expect(end.editor.get_by_role("alert")).to_contain_text("10000 characters long, at most 200")
    assert end.builder.ontology["car"].name == "car"
    end.page.keyboard.press("Control+z")
    expect(end.editor.get_by_label("Name of the class")).to_have_value("car")
