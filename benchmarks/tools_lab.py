"""A click with a kernel tool to its proposal on the screen, in a real JupyterLab."""

from __future__ import annotations

import dataclasses
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
from benchmarks.timing import times
from tests.assist.sam_networks import decoder, encoder
from tests.browser.lab import LabServer

CLICKS = 30
GOAL_MS = 100
# Of a click on a picture that was encoded, beside the decoder.
BESIDE_MS = 60
SLICES = 110
# Name of the picture, and its width and height.
SEGMENTED = (("12 MP photo", 4000, 3000), ("1024 x 1024", 1024, 1024))

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
    segmented = report.table(
        "Click to a model's mask painted, in JupyterLab",
        *("picture", "clicks", "p50, ms", "decoder, p50, ms", "beside it: p50, ms", "p95, ms"),
        *("worst, ms", f"{BESIDE_MS} ms / p50"),
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
                _segmented(browser, server, home, segmented)
        finally:
            server.stop()
    table.notes = [
        "The wand on a JPEG of 12 megapixels, growth on 512 x 512 of 16 bits, 3D growth of radius",
        f"50 in {SLICES} slices of a CT (a goal of 150 ms), with their first settings; from the",
        "event of the pointer to the frame after the proposal was drawn. The first click",
        "of each, which may wait for the picture to be read, is not counted.",
    ]
    segmented.notes = [
        "Networks of the interface of segment-anything's, tiny; the picture is encoded before the",
        "first click, which is not counted. Beside the decoder: the browser, the way to the kernel",
        "and back, what comes before and after the decoder's run, and painting.",
    ]


def _segmenter(home: Path, database: Path, log: Path) -> Contender:
    """Return our annotator with tiny networks like SAM's, whose decoder says how long it took."""
    networks = str(encoder(home / "encoder.onnx")), str(decoder(home / "decoder.onnx"))
    prepare = f"""
import time
import labelwidgets as lw

sam = lw.assist.PromptSegmenter(*{networks!r}, name="sam")
run = sam._decoder.run


def timed(feeds):
    begun = time.perf_counter()
    made = run(feeds)
    with open({str(log)!r}, "a") as file:
        print(1000 * (time.perf_counter() - begun), file=file)
    return made


sam._decoder.run = timed
lw.assist.register(sam, hotkey="Shift+A")
"""
    plain = ours(database)
    return dataclasses.replace(plain, prepare=prepare)


def _segmented(browser: Chromium, server: LabServer, home: Path, table: Table) -> None:
    for title, width, height in SEGMENTED:
        picture = home / f"{width}.jpg"
        photo = Image.open(surroundings.picture()).convert("RGB")
        photo.resize((width, height)).save(picture, quality=90)
        database, log = server.files / f"sam_{width}.db", home / f"{width}.txt"
        classes = [lw.ObjectClass("stain", tool="mask")]
        lw.Project.create(database, lw.Dataset.open([str(picture)]), classes, user="ana").close()
        with browser.page() as page:
            contender = _segmenter(home, database, log)
            taken = _timed(page, server, contender, ("A", "KeyA"), f"sam_{width}")
        decoding = np.array(log.read_text().split(), float)[1:]
        beside = np.array(taken) - decoding
        p50, p95 = np.percentile(beside, [50, 95])
        table.add(
            *(title, CLICKS, np.median(taken), np.median(decoding)),
            *(p50, p95, beside.max(), ratio(BESIDE_MS, p50)),
        )


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
        taken = times(_timed(page, server, contender, key, tool))
    title = str(dataset.items["title"].iloc[0])
    table.add(
        tool, title, CLICKS, taken.median, taken.p95, taken.worst, ratio(GOAL_MS, taken.median)
    )


def _timed(
    page: Page, server: LabServer, contender: Contender, key: tuple[str, str], tool: str
) -> list[float]:
    """Return how long each click took, in milliseconds, after a first one."""
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
    taken: list[float] = page.evaluate("window.clicks")[1:]
    lab.close()
    return taken


if __name__ == "__main__":
    main("tools_lab", measure)
