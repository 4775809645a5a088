"""The gallery: every tool drawn by mouse in JupyterLab, undone and redone exactly, and kept.

`LABELWIDGETS_PICTURES=1` renews `notebooks/gallery.ipynb` as it ran; without it, it goes to
`test-results/pictures`.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from msgspec.json import encode
from playwright.sync_api import Page, expect

import labelwidgets as lw
from labelwidgets.assist import registry
from tests.browser.annotator import AnnotatorPage
from tests.browser.gallery_hands import HANDS
from tests.browser.lab import LabServer, Notebook
from tests.browser.test_pictures import (
    MOST_NOTEBOOK_BYTES,
    PICTURES,
    QUICKSTART_METADATA,
    RENEW,
    ROOT,
    WIDGET,
)

GALLERY = ROOT / "notebooks" / "gallery.ipynb"
TAG = re.compile(r"gallery-(\w+)")
# Tools that need no cell of their own, with the cell that shows them.
SHOWN_WITH = {
    "select": "rectangle",
    "eraser": "brush",
    "sculptor": "freehand",
    "split": "operations",
}
# The answer is the last one that is asked for, and hands the task in.
HANDED_IN = ("questions",)
SHOWN_WITH |= {"crosshair": "grow_volume", "windowing": "grow_volume"}
SHOWN_WITH |= {"fill": "lasso", "measure": "ruler", "magnify": "ruler"}


@pytest.fixture(scope="module")
def gallery_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("gallery"), {"LOGNAME": "ana"})
    server.files.mkdir(parents=True)
    shutil.copyfile(GALLERY, server.files / GALLERY.name)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def gallery(page: Page, gallery_lab: LabServer) -> Iterator[Notebook]:
    notebook = Notebook(page, gallery_lab, GALLERY.name)
    yield notebook
    notebook.close()


def names(cells: list[dict[str, Any]]) -> dict[str, int]:
    """Return the places of the cells that show a tool, by their names."""
    return {
        found[1]: place
        for place, cell in enumerate(cells)
        for tag in cell["metadata"].get("tags", [])
        if (found := TAG.fullmatch(tag))
    }


def stored(lab: LabServer, name: str) -> list[tuple[Any, ...]]:
    """Return the labels of a cell as another process finds them on disk."""
    with lw.Project.open(lab.files / f"gallery-{name}.db", user="auditor") as project:
        rows = project.annotations.sort_values("id").itertuples()
        return [(row.id, row.class_name, encode(row.geometry), str(row.attributes)) for row in rows]


def wait_for(lab: LabServer, name: str, count: int) -> None:
    """Wait until a cell has so many labels on disk."""
    deadline = time.monotonic() + 30
    while len(found := stored(lab, name)) != count and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(found) == count, f"{name} has {len(found)} labels: {found}"


def test_every_tool_has_a_cell(repository: Path) -> None:
    cells = nbformat.read(GALLERY, 4).cells  # type: ignore[no-untyped-call]
    shown = set(names(cells))
    ours = {path.stem for path in (repository / "js" / "src" / "tools").glob("*.ts")}
    tools = {name for name in registry.OF_THE_BROWSER if name in ours or name in SHOWN_WITH}
    # Those of videos have no use on the pictures and scans of the gallery.
    tools |= {name for name in registry.BUILT_IN if not registry.find(name).takes_video}
    missing = {name for name in tools if name not in shown and SHOWN_WITH.get(name) not in shown}
    assert missing == set()
    assert shown - set(HANDS) <= {"builder"}


@pytest.mark.timeout(1500)
def test_each_tool_draws_and_its_labels_are_undone_and_redone_exactly(
    gallery: Notebook, gallery_lab: LabServer
) -> None:
    page = gallery.page
    page.set_viewport_size({"width": 1180, "height": 900})
    gallery.open()
    places = names(gallery.cells())
    first = min(places.values())
    for index in range(first):
        if gallery.cells()[index]["cell_type"] == "code":
            gallery.run_cell(index)
    for name, index in places.items():
        gallery.run_cell(index)
        if name not in HANDS:
            continue
        size, hand, count = HANDS[name]
        annotator = AnnotatorPage(page, size)
        annotator.root = gallery.output(index).locator(".lw-annotator")
        annotator.root.scroll_into_view_if_needed()
        annotator.ready()
        hand(annotator)
        wait_for(gallery_lab, name, count)
        annotator.saved()
        keep(annotator, name)
        if name in HANDED_IN:
            continue
        drawn = stored(gallery_lab, name)
        undo = annotator.root.get_by_role("button", name="Undo")
        steps = 0
        annotator.hover()
        annotator.key("v")
        while undo.is_enabled() and steps < 100:
            undo.click()
            annotator.saved()
            steps += 1
        assert stored(gallery_lab, name) == [], name
        redo = annotator.root.get_by_role("button", name="Redo")
        for _ in range(steps):
            redo.click()
            annotator.saved()
        assert stored(gallery_lab, name) == drawn, name
    # Once more: now the annotators leave pictures with labels.
    for index in places.values():
        gallery.run_cell(index)
        expect(gallery.output(index).locator(".lw-annotator, .lw-builder").first).to_be_visible()
    gallery.save()
    errors = [line for line in gallery.console if line.startswith("pageerror")]
    assert errors == []
    write(gallery)


def keep(annotator: AnnotatorPage, name: str) -> None:
    """Save what the cell looks like, for a person to look at."""
    folder = ROOT / "test-results" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    annotator.root.screenshot(path=folder / f"{name}.png")


def write(gallery: Notebook) -> None:
    """Save the notebook as it ran, with still pictures in the place of widgets."""
    ran = nbformat.read(gallery.path, 4)  # type: ignore[no-untyped-call]
    ran.metadata = QUICKSTART_METADATA
    for cell in ran.cells:
        cell.metadata = {name: cell.metadata[name] for name in ("tags",) if name in cell.metadata}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.pop(WIDGET, None) and "image/jpeg" in data:
                data.pop("text/plain")
    text = nbformat.writes(ran)  # type: ignore[no-untyped-call]
    assert str(gallery.server.home) not in text
    assert len(text) < 2 * MOST_NOTEBOOK_BYTES
    target = GALLERY if RENEW else PICTURES / GALLERY.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")
