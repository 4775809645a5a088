"""From the key to the next picture on the screen, in a real JupyterLab, its source slow."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import labelwidgets as lw
from benchmarks import surroundings
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.hands import Hand
from benchmarks.browser.lab_page import LabPage
from benchmarks.contenders_in_lab import Contender, ours
from benchmarks.report import Report, main, ratio
from benchmarks.timing import Times, times
from tests.browser.lab import LabServer
from tests.media.range_server import RangeServer

GOAL_MS = 100
LATENCY = 0.3
PICTURES = 40
STEPS = 8
FAR = 3

# From just before the key to the frame after the one that has the next picture.
_WATCH = """(() => {
  const title = () => document.querySelector(".lw-annotator .lw-title").textContent;
  window.shown = [];
  window.watch = (since) => {
    const before = title();
    const look = () => {
      const cover = document.querySelector(".lw-annotator .lw-cover");
      const ready = title() !== before && !cover;
      if (!ready) requestAnimationFrame(look);
      else requestAnimationFrame(() => window.shown.push(performance.now() - since));
    };
    requestAnimationFrame(look);
  };
})()"""
_GO_TO = """(() => {{
  document.querySelector(".lw-annotator button.lw-counter").click();
  requestAnimationFrame(() => {{
    const field = document.querySelector(".lw-annotator .lw-goto");
    field.value = "{number}";
    watch(performance.now());
    field.form.requestSubmit();
  }});
}})()"""


def measure(report: Report) -> None:
    table = report.table(
        "Key to the next picture painted, in JupyterLab",
        *("how", "times", "p50, ms", "p95, ms", "worst, ms", f"{GOAL_MS} ms / p50"),
    )
    photo = surroundings.picture().read_bytes()
    source = RangeServer({f"{number:02}.jpg": photo for number in range(PICTURES)})
    with source.serving(), tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        server = LabServer(Path(folder)).start()
        try:
            database = server.files / "photos.db"
            urls = [f"{source.url}/{number:02}.jpg" for number in range(PICTURES)]
            dataset = lw.Dataset.open(urls, progress=False)
            lw.Project.create(database, dataset, [lw.ObjectClass("car")], user="ana").close()
            source.latency = LATENCY
            with Chromium() as browser, browser.page() as page:
                contender = ours(database)
                cells = [contender.prepare, contender.show]
                lab = LabPage(page, server, "photos.ipynb", cells)
                lab.run(0)
                lab.run(1)
                page.wait_for("!!document.querySelector('.lw-annotator .lw-title')")
                page.wait_for("!document.querySelector('.lw-annotator .lw-cover')")
                page.evaluate(_WATCH)
                _enter(page, contender)
                for how, taken in _ways(page, source):
                    table.add(
                        *(how, STEPS if "read" in how else FAR, taken.median, taken.p95),
                        *(taken.worst, ratio(GOAL_MS, taken.median)),
                    )
                lab.close()
        finally:
            server.stop()
    table.notes = [
        "JPEGs of 12 megapixels from a web server that takes 300 ms to answer each request. From",
        "just before the key to the frame after the picture was drawn; each was looked at until",
        "the server had nothing more to send, and a moment longer.",
    ]


def _enter(page: Page, contender: Contender) -> None:
    """Put the pointer over the picture, so that keys are for it."""
    place = contender.place(page)
    if place is None:
        raise PageError("No picture is shown.")
    Hand(page).move((place["x"] + place["width"] / 2, place["y"] + place["height"] / 2))


def _ways(page: Page, source: RangeServer) -> list[tuple[str, Times]]:
    hand = Hand(page)

    def press(name: str, code: str, text: str | None = None, **more: int) -> None:
        page.evaluate("watch(performance.now())")
        hand.key(name, code, text, **more)

    steps = [_one(page, source, lambda: press("d", "KeyD", "d")) for _ in range(STEPS)]
    control = {"modifiers": 2, "windowsVirtualKeyCode": 13}
    submits = [_one(page, source, lambda: press("Enter", "Enter", **control)) for _ in range(STEPS)]
    far = [
        _one(page, source, lambda number=number: page.evaluate(_GO_TO.format(number=number)))
        for number in range(PICTURES, PICTURES - 3 * FAR, -3)
    ]
    return [
        ("D, read ahead", times(steps)),
        ("Ctrl+Enter (submit), read ahead", times(submits)),
        ("Enter of a far number, not yet there", times(far)),
    ]


def _one(page: Page, source: RangeServer, press: Callable[[], object]) -> float:
    _settle(source)
    before = page.evaluate("window.shown.length")
    press()
    deadline = time.monotonic() + 30
    while page.evaluate("window.shown.length") == before:
        if time.monotonic() > deadline:
            raise PageError("No next picture came.")
        time.sleep(0.02)
    taken: float = page.evaluate("window.shown.at(-1)")
    return taken


def _settle(source: RangeServer) -> None:
    """Wait until nothing is read any more, and the page had time to decode it."""
    quiet, seen = 0, -1
    while quiet < 10:
        time.sleep(0.1)
        idle = source.running == 0 and len(source.log) == seen
        quiet, seen = quiet + 1 if idle else 0, len(source.log)
    time.sleep(0.5)


if __name__ == "__main__":
    main("next_picture", measure)
