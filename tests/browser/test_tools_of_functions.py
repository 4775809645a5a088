"""A Python function on the toolbar: clicked, tuned, accepted, dropped, and failing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.assist import registry
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.lab import LabServer, Notebook

# A light square on a dark ground, in every picture.
SQUARE = (slice(100, 200), slice(120, 260))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "squares"
    folder.mkdir()
    pixels = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
    pixels[SQUARE] = 200
    for name in ("one.png", "two.png"):
        Image.fromarray(pixels).save(folder / name)
    return folder


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        [
            lw.ObjectClass("stain", tool="mask", color="#ff0000"),
            lw.ObjectClass("leaf", tool="polygon", color="#00ff00"),
            lw.ObjectClass("car", color="#0000ff"),
        ]
    )


@pytest.fixture(autouse=True)
def light() -> Iterator[lw.Tool]:
    """A tool: what is lighter than a level, on the side of the first click."""

    @lw.tool(label="Light parts")
    def light(
        image: np.ndarray,
        clicks: list[lw.Click],
        level: Annotated[int, lw.Slider(0, 255, keys="fineness")] = 128,
        fail: bool = False,
    ) -> np.ndarray | None:
        """Click what is light."""
        if fail:
            raise ValueError("<b>no</b> luck")
        mask = image[..., 0] > level
        for click in clicks:
            if not click.positive:
                mask[:, click.pixel(image.shape)[1] :] = False
        return mask

    yield light
    registry._made.clear()


def rows(project: lw.Project) -> list[tuple[str, str, float]]:
    frame = project.annotations
    return [(row.class_name, row.geometry_type, row.area) for row in frame.itertuples()]


def take(annotator: AnnotatorPage, class_number: int) -> None:
    annotator.hover()
    annotator.key(str(class_number))
    annotator.root.get_by_role("button", name="Light parts").click()


def test_a_click_proposes_and_enter_accepts(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    take(annotator, 1)
    annotator.click((180, 150))
    expect(annotator.root.locator(".lw-hint")).to_contain_text("Enter accepts", timeout=60_000)
    red, _, blue = annotator.pixels((130, 110), 0)[0]
    assert red > blue + 20, "The proposal is painted in the colour of its class."
    assert rows(project) == [], "A proposal is no label."
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    assert rows(project) == [("stain", "mask", 14_000)]
    (label,) = project.annotations.itertuples()
    assert label.origin == "tool"
    assert host_page.console == []


def test_what_was_done_is_kept_with_the_label(
    annotator: AnnotatorPage, project: lw.Project, light: lw.Tool
) -> None:
    take(annotator, 1)
    annotator.root.get_by_label("level, exact").fill("90")
    annotator.click((180, 150))
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    _, (made,) = project.session().look(project.tasks.id[0])
    assert (made.origin.kind, made.origin.name) == ("tool", "light")
    assert made.origin.version == light.version
    assert made.origin.parameters["level"] == 90
    (click,) = made.origin.parameters["prompt"]["clicks"]
    assert (click["x"], click["y"]) == pytest.approx((180, 150), abs=1)


def test_classes_get_what_they_are_drawn_with(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    for number in (2, 3):
        take(annotator, number)
        annotator.click((180, 150))
        annotator.key("Enter")
        annotator.saved().has_objects(number - 1)
    assert rows(project) == [("leaf", "polygon", 14_000), ("car", "rectangle", 14_000)]


def test_options_compute_again_and_escape_drops(
    annotator: AnnotatorPage, project: lw.Project, kernel: KernelEnd
) -> None:
    take(annotator, 1)
    annotator.click((180, 150))
    field = annotator.root.get_by_label("level, exact")
    field.fill("230")
    field.press("Enter")
    expect(annotator.root.locator(".lw-hint")).to_contain_text("Nothing found")
    annotator.hover((20, 20))
    annotator.key("Escape")
    asked = [message for message in kernel.received if message["type"] == "compute"]
    assert [message["parameters"]["level"] for message in asked] == [128, 230]
    annotator.saved()
    assert rows(project) == []


def test_alt_clicks_are_negative_and_backspace_takes_them_back(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, 1)
    annotator.click((150, 150))
    annotator.click((190, 150), ["Alt"])
    annotator.click((140, 150), ["Alt"])
    annotator.key("Backspace")
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    assert rows(project) == [("stain", "mask", 70 * 100)]


def test_shift_adds_to_the_selected_mask_and_alt_takes_away(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, 1)
    annotator.click((150, 150))
    annotator.click((190, 150), ["Alt"])
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    take_again = annotator.root.get_by_role("button", name="Light parts")
    take_again.click()
    annotator.click((150, 150), ["Shift"])
    annotator.key("Enter")
    annotator.saved()
    assert rows(project) == [("stain", "mask", 14_000)]
    annotator.click((150, 150), ["Alt"])
    annotator.key("Enter")
    annotator.saved().has_objects(0)
    for wanted in (14_000, 7_000):
        annotator.key("Control+z")
        annotator.saved().has_objects(1)
        assert rows(project) == [("stain", "mask", wanted)]


def test_a_tool_that_raises_shows_why_and_changes_nothing(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    take(annotator, 1)
    annotator.root.get_by_label("fail").check()
    annotator.click((180, 150))
    expect(annotator.notices).to_contain_text("raised ValueError: <b>no</b> luck")
    annotator.hover((20, 20))
    annotator.key("Escape")
    annotator.saved()
    assert rows(project) == []
    assert host_page.console == []


def test_a_tool_that_is_gone_says_what_to_do(annotator: AnnotatorPage) -> None:
    take(annotator, 1)
    lw.assist.unregister("light")
    annotator.click((180, 150))
    expect(annotator.notices).to_contain_text("may have to be run again")


LAB_SETUP = """
import threading, time
import numpy as np
import labelwidgets as lw
image = np.full((300, 400, 3), 60, np.uint8)
image[100:200, 120:260] = 200
from PIL import Image
Image.fromarray(image).save("{name}.png")
project = lw.Project.create(
    "{name}.db", lw.Dataset.open("{name}.png"), [lw.ObjectClass("stain", tool="mask"), "car"],
    user="ana", exist_ok=True,
)
"""
LAB_TOOL = """
stuck = threading.Event()

@lw.tool(label="Waits")
def waits(image: np.ndarray, clicks: list[lw.Click], wait: bool = True) -> np.ndarray:
    if wait:
        stuck.wait()
    return image[..., 0] > 128
"""


def test_a_tool_that_never_returns_is_given_up_on_and_the_kernel_goes_on(
    notebook: Notebook, lab: LabServer
) -> None:
    notebook.open([LAB_SETUP.format(name="stuck"), "project.annotate()", LAB_TOOL])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    assert annotator.root.get_by_role("button", name="Waits").count() == 0
    notebook.run_cell(2)
    button = annotator.root.get_by_role("button", name="Waits")
    expect(button).to_be_visible()
    button.click()
    hint = annotator.root.locator(".lw-hint")
    for _ in range(4):
        annotator.click((180, 150))
        expect(hint).to_contain_text("Computing")
        annotator.hover((20, 20))
        annotator.key("Escape")
        expect(hint).not_to_contain_text("Computing")
    annotator.click((180, 150))
    expect(annotator.notices).to_contain_text("has not come back from 4 earlier runs")
    annotator.hover((20, 20))
    annotator.key("Escape")
    annotator.draw_box((50, 40), (150, 100))
    annotator.has_objects(1).saved()
    notebook.execute("stuck.set()")
    annotator.hover((20, 20))
    annotator.key("1")
    annotator.root.get_by_role("button", name="Waits").click()
    annotator.click((180, 150))
    annotator.key("Enter")
    annotator.has_objects(2).saved()
    with lw.Project.open(lab.files / "stuck.db", user="auditor") as project:
        assert [row[:2] for row in rows(project)] == [("car", "rectangle"), ("stain", "mask")]
