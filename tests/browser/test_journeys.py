"""Journeys in a real JupyterLab: draw and export, reload, a killed kernel, two tabs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.lab import LabServer, Notebook

SIZE = (640, 480)
SETUP = """
import labelwidgets as lw
classes = [lw.ObjectClass("car", color="#e6194b"), lw.ObjectClass("tree", tool="polygon")]
project = lw.Project.create(
    "{name}.db", lw.Dataset.open("{name}"), lw.Ontology(classes), user="ana", exist_ok=True
)
"""


@pytest.fixture
def name(lab: LabServer, request: pytest.FixtureRequest) -> str:
    """Name of a folder with three photographs beside the notebook."""
    made = request.node.name.removeprefix("test_")
    folder = lab.files / made
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for number in range(3):
        pixels = rng.integers(90, 130, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.jpg", quality=85)
    return made


@pytest.fixture
def picture(request: pytest.FixtureRequest, repository: Path) -> Path:
    """Where the picture of this journey goes."""
    folder = repository / "test-results" / "journeys"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{request.node.name.removeprefix('test_')}.png"


def stored(lab: LabServer, name: str) -> Any:
    """Return the frame of labels as another process finds it on disk."""
    with lw.Project.open(lab.files / f"{name}.db", user="auditor") as project:
        return project.annotations


def test_draw_and_export(notebook: Notebook, lab: LabServer, name: str, picture: Path) -> None:
    cells = [
        SETUP.format(name=name),
        "project.annotate()",
        f"project.export('coco', '{name}.json')",
        "project.annotations[['class_name', 'geometry_type', 'area']]",
    ]
    notebook.open(cells)
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    annotator.draw_box((100, 100), (200, 180))
    annotator.draw_polygon([(300, 100), (400, 120), (380, 220), (310, 200)])
    annotator.has_objects(2).saved()
    notebook.screenshot(picture)
    notebook.run_cell(2)
    notebook.run_cell(3)
    assert "polygon" in notebook.text(3)
    content = json.loads((lab.files / f"{name}.json").read_text())
    assert [len(content[key]) for key in ("images", "annotations", "categories")] == [3, 2, 2]

    from pycocotools.coco import COCO

    coco = COCO(str(lab.files / f"{name}.json"))
    box, polygon = coco.loadAnns(coco.getAnnIds())
    assert box["bbox"] == pytest.approx([100, 100, 100, 80], abs=1.5)
    assert coco.annToMask(polygon).sum() == pytest.approx(polygon["area"], rel=0.05)


def test_reload(notebook: Notebook, lab: LabServer, name: str, picture: Path) -> None:
    notebook.open([SETUP.format(name=name), "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    annotator.draw_box((100, 100), (200, 180))
    annotator.draw_box((300, 100), (400, 180))
    annotator.saved()
    notebook.save()
    notebook.reload()
    annotator.ready().has_objects(2)
    annotator.hover((500, 400))
    annotator.key("Control+z")
    annotator.has_objects(1).saved()
    notebook.screenshot(picture)
    assert len(stored(lab, name)) == 1


def test_kill_the_kernel(notebook: Notebook, lab: LabServer, name: str, picture: Path) -> None:
    notebook.open([SETUP.format(name=name), "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    for column in range(4):
        annotator.draw_box((20 + 100 * column, 20), (80 + 100 * column, 90))
    annotator.saved()
    assert len(stored(lab, name)) == 4
    notebook.kill_kernel()
    assert len(stored(lab, name)) == 4, "Every acknowledged edit is on disk."
    # JupyterLab says that the kernel died; behind that, drawing goes on.
    notebook.page.locator(".jp-Dialog button").click()
    annotator.draw_box((20, 200), (80, 290))
    annotator.draw_box((120, 200), (180, 290))
    expect(annotator.badge).to_have_attribute("data-state", "kept", timeout=20_000)
    notebook.screenshot(picture)
    notebook.wait_until_ready()
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator.ready().has_objects(6).saved()
    assert len(stored(lab, name)) == 6


def test_two_tabs(
    notebook: Notebook, lab: LabServer, name: str, picture: Path, browser: Browser
) -> None:
    notebook.open([SETUP.format(name=name), "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    here = AnnotatorPage(notebook.page, SIZE).ready()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    other = Notebook(context.new_page(), lab, f"other-{name}.ipynb")
    try:
        other.open([SETUP.format(name=name), "project.annotate(task=project.tasks.id[0])"])
        other.run_cell(0)
        other.run_cell(1)
        there = AnnotatorPage(other.page, SIZE).ready()
        here.draw_box((100, 100), (200, 180))
        here.saved()
        there.has_objects(1)
        there.draw_box((300, 100), (400, 180))
        there.saved()
        here.has_objects(2)
        notebook.screenshot(picture)
        assert len(stored(lab, name)) == 2
    finally:
        other.close()
        context.close()


def test_keys_do_not_reach_the_notebook(notebook: Notebook, name: str) -> None:
    notebook.open([SETUP.format(name=name), "project.annotate()", "1 + 1"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    # Hovering is enough; the notebook is in command mode, where R and D D change cells.
    notebook.page.keyboard.press("Escape")
    annotator.hover()
    for key in ("r", "d", "d", "a", "a", "y", "m", "x", "z", "b", "Shift+l", "0", "0", "Escape"):
        annotator.key(key)
    assert [cell["cell_type"] for cell in notebook.cells()] == ["code"] * 3
    assert annotator.root.count() == 1
    annotator.ready()


def test_a_gesture_is_quickly_on_disk(notebook: Notebook, lab: LabServer, name: str) -> None:
    """Prints how long it takes from the pointer going up to the label being on disk."""
    notebook.open([SETUP.format(name=name), "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    with lw.Project.open(lab.files / f"{name}.db", user="auditor") as project:
        waits = []
        for number in range(10):
            x, y = 20 + 50 * number, 20 + 30 * number
            annotator.draw_box((x, y), (x + 40, y + 25))
            start = time.perf_counter()
            while len(project.events[project.events.kind == "create"]) <= number:
                assert time.perf_counter() - start < 10
            waits.append(time.perf_counter() - start)
    print("pointer up to found on disk, ms:", sorted(round(1000 * wait) for wait in waits))


def test_a_still_picture_is_left_for_static_places(notebook: Notebook, name: str) -> None:
    notebook.open([SETUP.format(name=name), "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    AnnotatorPage(notebook.page, SIZE).ready()
    (output,) = notebook.outputs(1)
    assert "application/vnd.jupyter.widget-view+json" in output["data"]
    assert len(output["data"]["image/jpeg"]) > 1000


def test_it_looks_well_in_both_themes(notebook: Notebook, name: str, repository: Path) -> None:
    notebook.open([SETUP.format(name=name), "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    annotator.draw_box((100, 100), (200, 180))
    annotator.saved()
    folder = repository / "test-results" / "journeys"
    folder.mkdir(parents=True, exist_ok=True)
    backgrounds = []
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page: Page = notebook.page
        page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        light = "false" if "Dark" in theme else "true"
        page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
        page.wait_for_timeout(500)
        notebook.screenshot(folder / f"theme-{theme.split()[-1].lower()}.png")
        backgrounds.append(
            annotator.root.evaluate("element => getComputedStyle(element).backgroundColor")
        )
    assert backgrounds[0] != backgrounds[1]
