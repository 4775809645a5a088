"""A click with a kernel tool to its proposal on the screen, in a real JupyterLab."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import labelwidgets as lw
from benchmarks import surroundings
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.hands import XY, Hand
from benchmarks.browser.lab_page import LabPage
from benchmarks.contenders_in_lab import Contender, ours
from benchmarks.dicom import write_series
from benchmarks.growth import slice_of_a_body
from benchmarks.report import Report, Table, main, ratio
from benchmarks.timing import Times, times
from tests.browser.lab import LabServer

CLICKS = 30
GOAL_MS = 100
SLICES = 110

# From the pointer's event to the frame after the one that has the proposal.
_WATCH = """(() => {
  const hint = document.querySelector(".lw-annotator .lw-hint");
  window.clicks = [];
  document.addEventListener("pointerup", (event) => {
    const look = () => {
      if (!hint.textContent.includes("Enter accepts")) requestAnimationFrame(look);
      else requestAnimationFrame(() => window.clicks.push(performance.now() - event.timeStamp));
    };
    requestAnimationFrame(look);
  }, true);
})()"""


def measure(report: Report) -> None:
    table = report.table(
        "Click to proposal painted, in JupyterLab",
        *("tool", "picture", "clicks", "p50, ms", "p95, ms", "worst, ms", f"{GOAL_MS} ms / p50"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        home = Path(folder)
        grey = home / "body.png"
        Image.fromarray((slice_of_a_body().astype(np.int32) + 1024).astype(np.uint16)).save(grey)
        server = LabServer(home).start()
        try:
            with Chromium() as browser:
                _clicks(browser, server, surroundings.picture(), ("w", "KeyW"), "wand", table)
                _clicks(browser, server, grey, ("g", "KeyG"), "grow", table)
                scan = home / "scan"
                write_series(scan, SLICES)
                _clicks(browser, server, scan, ("G", "KeyG"), "grow_volume", table)
        finally:
            server.stop()
    table.notes = [
        "The wand on a JPEG of 12 megapixels, growth on 512 x 512 of 16 bits, 3D growth of radius",
        f"50 in {SLICES} slices of a CT (a goal of 150 ms), with their first settings; from the",
        "event of the pointer to the frame after the proposal was drawn. The first click",
        "of each, which may wait for the picture to be read, is not counted.",
    ]


def _clicks(
    browser: Chromium,
    server: LabServer,
    picture: Path,
    key: tuple[str, str],
    tool: str,
    table: Table,
) -> None:
    database = server.files / f"{tool}.db"
    dataset = lw.Dataset.open(str(picture) if picture.is_dir() else [str(picture)])
    made = "volumemask" if tool == "grow_volume" else "mask"
    classes = [lw.ObjectClass("stain", tool=made)]
    lw.Project.create(database, dataset, classes, user="ana").close()
    contender = ours(database)
    with browser.page() as page:
        taken = _timed(page, server, contender, key, tool)
    title = str(dataset.items["title"].iloc[0])
    table.add(
        tool, title, CLICKS, taken.median, taken.p95, taken.worst, ratio(GOAL_MS, taken.median)
    )


def _timed(
    page: Page, server: LabServer, contender: Contender, key: tuple[str, str], tool: str
) -> Times:
    lab = LabPage(page, server, f"{tool}.ipynb", [contender.prepare, contender.show])
    lab.run(0)
    lab.run(1)
    deadline = time.monotonic() + 60
    while (place := contender.place(page)) is None:
        if time.monotonic() > deadline:
            raise PageError("No picture is shown.")
        time.sleep(0.1)
    hand = Hand(page)
    middle: XY = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    hand.move(middle)
    hand.key(key[0], key[1], key[0], modifiers=8 if key[0].isupper() else 0)
    time.sleep(5)
    page.evaluate(_WATCH)
    for number in range(CLICKS + 1):
        turn = number * 0.7
        at = middle[0] + 40 * np.cos(turn), middle[1] + 40 * np.sin(turn)
        hand.click((float(at[0]), float(at[1])))
        deadline = time.monotonic() + 60
        while page.evaluate("window.clicks.length") <= number:
            if time.monotonic() > deadline:
                raise PageError("No proposal came.")
            time.sleep(0.02)
        hand.key("Escape", "Escape")
        time.sleep(0.2)
    taken = times(page.evaluate("window.clicks").copy()[1:])
    lab.close()
    return taken


if __name__ == "__main__":
    main("tools_lab", measure)
