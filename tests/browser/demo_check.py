"""The demo without a person: runs the quickstart in JupyterLab, draws a box, prints the export.

Run as `python -m tests.browser.demo_check`, or `make demo CHECK=1`.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import NoBrowserError, launch
from tests.browser.lab import LabError, LabServer, Notebook

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".cache" / "demo-check"
NAME = "quickstart.ipynb"

ANNOTATOR = ".lw-annotator"
VIEWPORT = ".lw-viewport"
SAVED = '.lw-badge[data-state="saved"]'
RECTANGLE_KEY = "r"
EXPORT = ".export("  # the cell that writes the COCO file holds this
WAIT = 60_000  # milliseconds


def draw_box(page: Page) -> None:
    """Draw a rectangle across the middle of the annotator, and wait until it is in the store."""
    annotator = page.locator(ANNOTATOR).first
    viewport = annotator.locator(VIEWPORT).first
    viewport.scroll_into_view_if_needed()
    expect(annotator.locator(SAVED)).to_be_visible(timeout=WAIT)
    box = viewport.bounding_box()
    if box is None:
        raise LabError("The viewport of the annotator is not shown.")
    annotator.focus()
    page.keyboard.press(RECTANGLE_KEY)
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=4)
    page.mouse.up()
    expect(annotator.locator(SAVED)).to_be_visible(timeout=WAIT)


def coco_file(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the newest COCO file below a folder, and what it holds."""
    for path in sorted(folder.rglob("*.json"), key=lambda it: it.stat().st_mtime, reverse=True):
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and {"images", "annotations", "categories"} <= set(content):
            return path, content
    raise LabError(f"The notebook left no COCO file below {folder}.")


def exported(notebook: Notebook) -> tuple[Path, dict[str, Any]]:
    """Run the cell that exports, and return the file that it wrote."""
    cells = notebook.cells()
    index = next((k for k, cell in enumerate(cells) if EXPORT in "".join(cell["source"])), None)
    if index is None:
        raise LabError(f"No cell of {NAME} holds {EXPORT!r}.")
    notebook.run_cell(index)
    return coco_file(notebook.server.files)


def check(page: Page, server: LabServer) -> None:
    """Run the demo and print what it exported; raises when the box is not in it."""
    notebook = Notebook(page, server, NAME).open()
    notebook.run_all()
    _, before = exported(notebook)
    draw_box(page)
    wanted = len(before["annotations"]) + 1
    deadline = time.monotonic() + WAIT / 1000
    while True:  # the badge may say "saved" for a moment more, of what was there before
        path, after = exported(notebook)
        if len(after["annotations"]) == wanted or time.monotonic() > deadline:
            break
        page.wait_for_timeout(500)
    notebook.screenshot(HOME / "demo.png")
    if len(after["annotations"]) != wanted:
        raise LabError(
            f"A box was drawn, but the export went from {len(before['annotations'])} "
            f"to {len(after['annotations'])} annotations; see {HOME / 'demo.png'}"
        )
    counts = ", ".join(
        f"{len(after[kind])} {kind}" for kind in ("images", "annotations", "categories")
    )
    print(f"{path}\n{counts}")


def main() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    server = LabServer(HOME)
    server.files.mkdir(parents=True)
    for source in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copyfile(source, server.files / source.name)
    try:
        server.start()
        with sync_playwright() as playwright, launch(playwright) as browser:
            check(browser.new_page(viewport={"width": 1280, "height": 1000}), server)
    except (LabError, NoBrowserError, AssertionError) as error:
        sys.exit(f"labelwidgets demo check: {error}")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
