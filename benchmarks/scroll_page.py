"""Scrolling through a scan that the page holds: what each step of the wheel costs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

import labelwidgets as lw
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.frames import smoothness
from benchmarks.browser.plain_page import PlainServer
from benchmarks.browser.traces import work_a_step
from benchmarks.report import Report, main
from tests.browser.kernel_end import KernelEnd
from tests.browser.test_scans import write_slice

SIDE, SLICES, QUICK = 512, 300, 60
HIGH = 800

# A step in each frame; then, in the next frame, the number that is shown.
_SPIN = """new Promise((done) => {
  const viewport = document.querySelector(".lw-viewport");
  const number = () => parseInt(document.querySelector(".lw-timeline .lw-count").textContent);
  let at = number();
  let left = %d;
  let late = 0;
  const next = () => {
    if (number() !== at) late++;
    if (left-- === 0) return done(late);
    at++;
    viewport.dispatchEvent(new WheelEvent("wheel", { deltaY: 100, cancelable: true }));
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def measure(report: Report) -> None:
    """Fill the table."""
    count = QUICK if report.quick else SLICES
    table = report.table(
        f"A step of the wheel in each frame, through {count} slices of {SIDE} x {SIDE}",
        *("slices", "steps that were late", "main thread a step, ms of CPU", "p95", "worst"),
        *("JS, ms of CPU", "p95 of JS", "worst of JS", "fps"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        server = PlainServer(_scan(Path(folder), count), Path(folder), HIGH)
        dataset = lw.Dataset.open(Path(folder, "scan"), progress=False)
        project = lw.Project.create(Path(folder, "scan.db"), dataset, ["thing"], user="me")
        server.kernel = KernelEnd(project)
        with server, Chromium() as browser, browser.page() as page:
            page.goto(f"{server.url}?contender=ours")
            _wait_for(page, server.kernel, count)
            late: list[int] = []

            def spin() -> None:
                page.evaluate("document.querySelector('.lw-annotator').focus()")
                _key(page, "Home")
                time.sleep(0.5)
                late.append(page.evaluate(_SPIN % (count - 1)))

            spin()
            whole, script = work_a_step(page, spin, "wheel")
            smooth = smoothness(page, spin)
            table.add(
                *(f"{count} in memory", max(late), whole.median, whole.p95, whole.worst),
                *(script.median, script.p95, script.worst, smooth.fps),
            )
        server.kernel.link.close()
        project.close()
    table.notes = [
        "All slices are in the page's memory before it begins. A step is late where the number,",
        "which comes in one piece with the picture and its labels, is not yet shown one frame",
        "after the wheel was turned. The browser has no graphics card here: slices are shaded by",
        "the look-up table, on the page's thread, and frames are put together by the processor.",
    ]


def _scan(folder: Path, count: int) -> Path:
    scan = folder / "scan"
    scan.mkdir()
    ys, xs = np.mgrid[0:SIDE, 0:SIDE]
    for k in range(count):
        values = (400 * np.sin((xs + 3 * k) / 30) + 300 * np.cos(ys / 20) - 200).astype(np.int16)
        write_slice(scan / f"{k}.dcm", k, values)
    return scan / "0.dcm"


def _wait_for(page: Page, kernel: KernelEnd, count: int) -> None:
    until = time.monotonic() + 180
    while True:
        asked = {one["frame"] for one in kernel.received if one["type"] == "pixels"}
        if len(asked) >= count:
            time.sleep(3)
            return
        if time.monotonic() > until:
            raise PageError(f"Only {len(asked)} of {count} slices were asked for.")
        time.sleep(0.2)


def _key(page: Page, key: str) -> None:
    page.evaluate(
        f"""document.querySelector('.lw-annotator').dispatchEvent(
          new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}))"""
    )


if __name__ == "__main__":
    main("scroll_page", measure)
