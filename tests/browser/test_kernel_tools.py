"""Wand, growth, scribbles, live wire and threshold brush by mouse and keys; the kernel computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.lab import LabServer, Notebook

# A light square on a dark ground, 16 bits of grey in the second picture.
SQUARE = (slice(100, 200), slice(120, 260))
INSIDE: XY = (180, 150)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "squares"
    folder.mkdir()
    write(folder)
    return folder


def write(folder: Path) -> None:
    pixels = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
    pixels[SQUARE] = (200, 180, 160)
    Image.fromarray(pixels).save(folder / "one.png")
    deep = np.full((SIZE[1], SIZE[0]), 400, np.uint16)
    deep[SQUARE] = np.random.default_rng(0).integers(421, 480, (100, 140))
    deep[150, 180] = 450
    Image.fromarray(deep).save(folder / "two.png")


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        [
            lw.ObjectClass("stain", tool="mask", color="#ff0000"),
            lw.ObjectClass("leaf", tool="polygon", color="#00ff00"),
            lw.ObjectClass("line", tool="polyline", color="#0000ff"),
        ]
    )


def take(annotator: AnnotatorPage, key: str, number: int = 1) -> None:
    annotator.hover()
    annotator.key(str(number))
    annotator.key(key)


def proposed(annotator: AnnotatorPage) -> None:
    # The first click of a kind of picture compiles.
    expect(annotator.root.locator(".lw-hint")).to_contain_text("Enter accepts", timeout=120_000)


def geometries(project: lw.Project) -> list[Any]:
    return [row.geometry for row in project.annotations.itertuples()]


def area(project: lw.Project) -> list[float]:
    return [row.area for row in project.annotations.itertuples()]


@pytest.mark.parametrize("key", ["w", "g"])
def test_a_click_proposes_enter_accepts_undo_and_redo_are_exact(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage, key: str
) -> None:
    take(annotator, key)
    annotator.click(INSIDE)
    proposed(annotator)
    assert geometries(project) == []
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    before = geometries(project)
    rle = before[0].rle
    mask = decode_rle({"size": rle.size, "counts": rle.counts})
    assert mask[SQUARE].all()
    assert mask.sum() == 14_000
    annotator.key("Control+z")
    annotator.saved().has_objects(0)
    annotator.key("Control+Shift+z")
    annotator.saved().has_objects(1)
    assert geometries(project) == before
    assert host_page.console == []


def test_escape_drops_what_the_wand_proposes(annotator: AnnotatorPage, project: lw.Project) -> None:
    take(annotator, "w")
    annotator.click(INSIDE)
    proposed(annotator)
    annotator.key("Escape")
    expect(annotator.root.locator(".lw-hint")).not_to_contain_text("Enter accepts")
    annotator.saved()
    assert geometries(project) == []


def test_tolerance_and_radius_change_the_proposal_live(
    annotator: AnnotatorPage, project: lw.Project, kernel: KernelEnd
) -> None:
    take(annotator, "w")
    annotator.click(INSIDE)
    proposed(annotator)
    field = annotator.root.get_by_label("radius, exact")
    field.fill("10")
    field.press("Enter")
    # Out of the field, back to the picture.
    field.press("Escape")

    def asked() -> list[Any]:
        return [one for one in kernel.received if one["type"] == "compute"]

    annotator.hover((300, 20))
    for _ in range(100):
        if len(asked()) == 2:
            break
        annotator.page.wait_for_timeout(100)
    annotator.page.wait_for_timeout(500)
    proposed(annotator)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    rows, columns = np.ogrid[: SIZE[1], : SIZE[0]]
    row, column = (int(made) for made in centre(project))
    assert area(project) == [((rows - row) ** 2 + (columns - column) ** 2 <= 100).sum()]
    assert [message["parameters"]["radius"] for message in asked()] == [0, 10]


def centre(project: lw.Project) -> tuple[float, float]:
    rle = geometries(project)[0].rle
    rows, columns = np.nonzero(decode_rle({"size": rle.size, "counts": rle.counts}))
    return float(rows.mean()), float(columns.mean())


def test_growth_takes_the_raw_values_of_16_bits(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover()
    annotator.key("d")
    annotator.title("two.png")
    take(annotator, "g")
    annotator.click((180.5, 150.5))
    proposed(annotator)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    assert area(project) == [pytest.approx(14_000, abs=60)]


def scribble(annotator: AnnotatorPage, points: list[XY], alt: bool = False) -> None:
    annotator.hover(points[0])
    if alt:
        annotator.page.keyboard.down("Alt")
    annotator.page.mouse.down()
    for point in points[1:]:
        annotator.page.mouse.move(*annotator.at(point), steps=3)
    annotator.page.mouse.up()
    if alt:
        annotator.page.keyboard.up("Alt")


def test_scribbles_on_the_object_and_beside_it(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "q")
    scribble(annotator, [(140, 150), (240, 150)])
    scribble(annotator, [(100, 80), (280, 80), (280, 220), (100, 220), (100, 80)], alt=True)
    proposed(annotator)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    assert area(project) == [pytest.approx(14_000, rel=0.06)]
    annotator.key("Control+z")
    annotator.saved().has_objects(0)


def wire(annotator: AnnotatorPage, points: list[XY]) -> None:
    for point in points:
        annotator.hover(point)
        annotator.click(point)
        expect(annotator.root.locator(".lw-hint")).not_to_contain_text("Looking", timeout=120_000)


@pytest.mark.parametrize(("number", "kind"), [(1, "Mask"), (2, "Polygon")])
def test_the_live_wire_goes_around_the_square(
    annotator: AnnotatorPage, project: lw.Project, number: int, kind: str
) -> None:
    take(annotator, "j", number)
    # Two opposite corners: the wire finds its way along the edges between them.
    wire(annotator, [(120, 150), (190, 100), (260, 150), (190, 200)])
    annotator.click((120, 150))
    annotator.saved().has_objects(1)
    (made,) = geometries(project)
    assert type(made).__name__ == kind
    assert area(project) == [pytest.approx(14_000, rel=0.05)]
    before = geometries(project)
    annotator.key("Control+z")
    annotator.saved().has_objects(0)
    annotator.key("Control+Shift+z")
    annotator.saved().has_objects(1)
    assert geometries(project) == before


def test_enter_ends_a_wire_of_a_class_of_lines_and_escape_drops_one(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "j", 3)
    wire(annotator, [(130, 100), (250, 100)])
    annotator.key("Escape")
    annotator.saved().has_objects(0)
    wire(annotator, [(130, 100), (250, 100)])
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    (made,) = geometries(project)
    assert type(made).__name__ == "Polyline"
    assert all(abs(y - 100) <= 2 for _, y in made.points)


def test_the_threshold_brush_stops_at_the_edge(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    take(annotator, "t")
    scribble(annotator, [(240, 150), (300, 150)])
    annotator.saved().has_objects(1)
    rle = geometries(project)[0].rle
    mask = decode_rle({"size": rle.size, "counts": rle.counts})
    assert mask.any()
    assert not mask[:, 260:].any()
    annotator.key("Control+z")
    annotator.saved().has_objects(0)


def test_bad_numbers_are_put_right_and_clicks_beside_the_picture_are_survived(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    take(annotator, "w")
    field = annotator.root.get_by_label("tolerance, exact")
    field.fill("-999999")
    field.press("Enter")
    field.press("Escape")
    annotator.click((SIZE[0] - 1, SIZE[1] - 1))
    proposed(annotator)
    annotator.key("Enter")
    annotator.saved().has_objects(1)
    assert area(project) == [SIZE[0] * SIZE[1] - 14_000]
    assert host_page.console == []


LAB = """
import numpy as np
import labelwidgets as lw
project = lw.Project.create(
    "tools.db", lw.Dataset.open("tools"),
    [lw.ObjectClass("stain", tool="mask"), lw.ObjectClass("leaf", tool="polygon")],
    user="ana", exist_ok=True,
)
"""


def test_in_a_real_jupyterlab(notebook: Notebook, lab: LabServer, repository: Path) -> None:
    folder = lab.files / "tools"
    folder.mkdir()
    write(folder)
    notebook.open([LAB, "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    for count, key in enumerate(("w", "g"), 1):
        take(annotator, key)
        annotator.click(INSIDE)
        proposed(annotator)
        annotator.key("Enter")
        annotator.has_objects(count).saved()
    take(annotator, "q")
    scribble(annotator, [(140, 150), (240, 150)])
    scribble(annotator, [(100, 80), (280, 80), (280, 220), (100, 220)], alt=True)
    proposed(annotator)
    annotator.key("Enter")
    annotator.has_objects(3).saved()
    take(annotator, "j", 2)
    wire(annotator, [(120, 150), (190, 100), (260, 150), (190, 200)])
    annotator.hover((124, 160))
    pictures = repository / "test-results" / "journeys"
    pictures.mkdir(parents=True, exist_ok=True)
    notebook.screenshot(pictures / "livewire.png")
    annotator.key("Enter")
    annotator.has_objects(4).saved()
    with lw.Project.open(lab.files / "tools.db", user="auditor") as project:
        areas = area(project)
    assert areas[:2] == [14_000, 14_000]
    assert areas[2:] == [pytest.approx(14_000, rel=0.06)] * 2


def test_the_proposal_says_how_many_pixels_it_has(annotator: AnnotatorPage) -> None:
    take(annotator, "w")
    annotator.click(INSIDE)
    proposed(annotator)
    bar = annotator.root.locator(".lw-proposal")
    expect(bar).to_contain_text("Proposed: 14,000 px")
    annotator.key("Escape")
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("late", [{"compute"}, {"compute", "prepare"}])
def test_a_page_that_waits_says_whether_the_tool_is_being_prepared(
    annotator: AnnotatorPage, kernel: KernelEnd, late: set[str]
) -> None:
    kernel.fault = lambda content: "drop" if content["type"] in late else None
    take(annotator, "w")
    annotator.click(INSIDE)
    said = "gets ready" if "prepare" in late else "Computing"
    expect(annotator.root.locator(".lw-proposal")).to_contain_text(said)
