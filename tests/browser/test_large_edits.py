"""Edits of more than a websocket takes, both ways, in a real JupyterLab."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.lab import LabServer, Notebook

SIZE = (6000, 4000)
LONG = 10 * 2**20
WAIT = 120_000

SETUP = """
import labelwidgets as lw
project = lw.Project.open("large.db", user="ana")
"""


@pytest.fixture
def noise(lab: LabServer) -> dict[str, Any]:
    """A mask whose code is longer than 10 MiB, on a picture of 24 megapixels."""
    folder = lab.files / "large"
    folder.mkdir()
    Image.new("L", SIZE, 90).save(folder / "0.png")
    bits = np.random.default_rng(0).random((SIZE[1], SIZE[0])) < 0.5
    rle = lw.algorithms.encode_rle(np.asfortranarray(bits))
    assert len(rle["counts"]) > LONG
    ontology = lw.Ontology([lw.ObjectClass("noise", tool="mask")])
    with lw.Project.create(
        lab.files / "large.db", lw.Dataset.open(folder), ontology, user="ana"
    ) as project:
        item = project.tasks["item_id"].iloc[0]
        mask = lw.Mask(lw.RLE(**rle))
        project.add(lw.Annotation(item_id=item, class_name="noise", geometry=mask))
    return rle


@pytest.mark.timeout(600)
def test_a_mask_of_more_than_10_mib_is_opened_copied_and_saved(
    notebook: Notebook, lab: LabServer, noise: dict[str, Any]
) -> None:
    sent: list[int] = []
    notebook.page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda data: sent.append(len(data))),
    )
    notebook.open([SETUP, "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready().has_objects(1)
    annotator.hover()
    annotator.key("Tab")
    annotator.key("Control+d")
    count = annotator.root.locator("section[aria-label=Objects] h3 .lw-count")
    expect(count).to_have_text("2", timeout=WAIT)
    # The page that made it dies on the way; the next one goes on.
    notebook.page.wait_for_timeout(200)
    notebook.save()
    notebook.reload()
    annotator.ready()
    expect(count).to_have_text("2", timeout=WAIT)
    expect(annotator.badge).to_have_attribute("data-state", "saved", timeout=WAIT)
    assert 2**20 < max(sent) < 8 * 2**20
    with lw.Project.open(lab.files / "large.db", user="auditor") as project:
        masks = [made.geometry for made in project.records()]
    assert [type(mask) for mask in masks] == [lw.Mask, lw.Mask]
    assert min(len(mask.rle.counts) for mask in masks) > LONG - 2**16


@pytest.fixture
def coast(lab: LabServer) -> list[tuple[float, float]]:
    """The outline of a polygon of a million vertices, on a picture of 24 megapixels."""
    folder = lab.files / "long"
    folder.mkdir()
    Image.new("L", SIZE, 90).save(folder / "0.png")
    turn = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    reach = 1200 + 200 * np.sin(9 * turn)
    points = np.stack([3000 + reach * np.cos(turn), 2000 + reach * np.sin(turn)], axis=1).round(4)
    ring = list(map(tuple, points.tolist()))
    ontology = lw.Ontology([lw.ObjectClass("coast", tool="polygon")])
    with lw.Project.create(
        lab.files / "long.db", lw.Dataset.open(folder), ontology, user="ana"
    ) as project:
        item = project.tasks["item_id"].iloc[0]
        made = lw.Polygon([[ring]])
        project.add(lw.Annotation(item_id=item, class_name="coast", geometry=made))
    return ring


@pytest.mark.timeout(900)
def test_a_polygon_of_a_million_vertices_is_moved_whole_and_saved(
    notebook: Notebook, lab: LabServer, coast: list[tuple[float, float]]
) -> None:
    notebook.open([SETUP.replace("large", "long"), "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready().has_objects(1)
    annotator.hover()
    annotator.key("v")
    annotator.drag((3000, 2000), (3100, 2050))
    expect(annotator.badge).to_have_attribute("data-state", "saved", timeout=WAIT)
    with lw.Project.open(lab.files / "long.db", user="auditor") as project:
        (record,) = project.records()
    assert record.revision == 2
    moved = np.subtract(record.geometry.parts[0][0], coast)
    assert np.abs(moved - moved[0]).max() < 0.02
    assert np.abs(moved[0] - (100, 50)).max() < 30
