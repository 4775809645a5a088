"""A brush on a mask of 12 megapixels: ours beside the plain way, the whole mask as ImageData."""

from __future__ import annotations

import json
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import labelwidgets as lw
from benchmarks import scenes, surroundings
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.frames import smoothness
from benchmarks.browser.hands import Hand
from benchmarks.browser.plain_page import PlainServer
from benchmarks.browser.traces import script_a_frame
from benchmarks.contenders_in_lab import OUR_PICTURE, Place, find_place
from benchmarks.report import Report, Table, main, ratio
from tests.browser.kernel_end import KernelEnd

RADIUS = 100
SECONDS = 4.0
HEIGHT = 1040
WIDTH = 1170
BUDGET = 8.0

_CTRL = 2

Kind = Literal["smooth", "ragged"]


def mask(kind: Kind) -> NDArray[np.bool_]:
    """Return a mask of 4000 x 3000 pixels: a large blob, or what a threshold leaves of noise."""
    y, x = np.mgrid[: scenes.HEIGHT, : scenes.WIDTH]
    blob: NDArray[np.bool_] = ((x - 2000) / 1700) ** 2 + ((y - 1500) / 1250) ** 2 < 1
    if kind == "smooth":
        return blob
    from scipy import ndimage

    noise = np.random.default_rng(0).normal(size=blob.shape).astype(np.float32)
    ragged: NDArray[np.bool_] = blob & (ndimage.gaussian_filter(noise, 2.6) > 0)
    return ragged


def measure(report: Report) -> None:
    picture, modules = surroundings.picture(), surroundings.node_modules()
    strokes = report.table(
        f"A brush stroke of radius {RADIUS} on a mask of 12 megapixels",
        *("mask", "contender", "JS a frame, median ms", "p95, ms", "worst, ms", "fps"),
        *("sent, B", "JS / ours"),
    )
    views = report.table(
        "Moving the view over a selected mask of 12 megapixels",
        *("mask", "gesture", "JS a frame, median ms", "p95, ms", "worst, ms", "fps"),
    )
    server = PlainServer(picture, modules, HEIGHT)
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder, server:
        kinds: tuple[Kind, ...] = ("smooth",) if report.quick else ("smooth", "ragged")
        for kind in kinds:
            pixels = mask(kind)
            runs = int(np.count_nonzero(np.diff(pixels.T.ravel().astype(np.int8)) == 1))
            name = f"{kind}, {runs:,} runs"
            with _project(Path(folder, f"{kind}.db"), picture, pixels) as project:
                server.kernel = KernelEnd(project)
                ours = _ours(server, name, strokes, views)
                server.kernel.link.close()
            _full_frame(server, name, ours, strokes)
    strokes.notes = [
        "JavaScript of the main thread in each frame, in time of the processor, while a hand",
        f"paints for {SECONDS:.0f} s along a figure; fps without the trace. The plain way keeps a",
        "pixel of RGBA for each of the mask and puts all of them on the canvas in each frame; what",
        "the browser then does with them is not JavaScript. Sent: the message with the stroke.",
        f"A frame has 16.7 ms, and the aim is to stay below {BUDGET:.0f} ms.",
    ]


def _project(path: Path, picture: Path, pixels: NDArray[np.bool_]) -> lw.Project:
    dataset = lw.Dataset.open([str(picture)])
    made = lw.Project.create(path, dataset, [lw.ObjectClass("field", tool="mask")], user="ana")
    item = str(dataset.items["id"].iloc[0])
    label = lw.Mask(lw.algorithms.encode_rle(pixels))
    made.add([lw.Annotation(item_id=item, class_name="field", geometry=label)])
    return made


def _ours(server: PlainServer, name: str, strokes: Table, views: Table) -> float:
    with Chromium() as browser, browser.page() as page:
        page.goto(f"{server.url}?contender=ours&width={WIDTH}")
        place = wait_for_picture(page, OUR_PICTURE)
        middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        hand = Hand(page)
        hand.move(middle)
        hand.key("a", "KeyA", modifiers=_CTRL)
        for gesture in ("pan", "zoom"):
            look = partial(_look, hand, middle, gesture)
            taken = script_a_frame(page, look, cpu=True)
            fps = smoothness(page, look).fps
            views.add(name, gesture, taken.median, taken.p95, taken.worst, fps)
        hand.key("0", "Digit0", "0")
        time.sleep(0.5)
        hand.key("b", "KeyB", "b")
        page.evaluate(_SET_RADIUS)
        hand.move(middle)
        time.sleep(1)
        before = _painted(server)
        drag = partial(hand.drag, middle, (350, 250), SECONDS)
        taken = script_a_frame(page, drag, cpu=True)
        time.sleep(1)
        if _painted(server) == before:
            raise PageError("Nothing was painted.")
        fps = smoothness(page, drag).fps
        sent = _sent(server)
        strokes.add(
            name, "labelwidgets", *(taken.median, taken.p95, taken.worst), fps, sent, "1.00"
        )
        return taken.median


def _full_frame(server: PlainServer, name: str, ours: float, table: Table) -> None:
    with Chromium() as browser, browser.page() as page:
        page.goto(f"{server.url}?contender=full_frame&width={WIDTH}&radius={RADIUS}")
        place = wait_for_picture(page, "document.querySelector('[data-picture] canvas')")
        middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        hand = Hand(page)
        drag = partial(hand.drag, middle, (350, 250), SECONDS)
        taken = script_a_frame(page, drag, cpu=True)
        if not page.evaluate("window.painted()"):
            raise PageError("The plain way painted nothing.")
        fps = smoothness(page, drag).fps
        cells = (taken.median, taken.p95, taken.worst, fps)
        table.add(name, "whole mask as ImageData", *cells, None, ratio(taken.median, ours))


def _look(hand: Hand, middle: tuple[float, float], gesture: str) -> object:
    if gesture == "pan":
        return hand.drag(middle, (200, 150), SECONDS, button="middle")
    return hand.wheel(middle, SECONDS)


def wait_for_picture(page: Page, picture: str) -> Place:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        place = find_place(page, picture)
        if place is not None:
            time.sleep(2)
            return find_place(page, picture) or place
        time.sleep(0.2)
    raise PageError("The picture did not come.")


def _edits(server: PlainServer) -> list[dict[str, Any]]:
    received = server.kernel.received if server.kernel else []
    return [message for message in received if message.get("type") == "edits"]


def _painted(server: PlainServer) -> int:
    return len(_edits(server))


def _sent(server: PlainServer) -> int:
    time.sleep(1)
    return len(json.dumps(_edits(server)[-1]))


_SET_RADIUS = f"""(() => {{
  const field = document.querySelector('input[type="number"][aria-label^="Radius"]');
  field.value = "{RADIUS}";
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, {{ bubbles: true }}));
  document.querySelector(".lw-annotator").focus();
}})()"""


if __name__ == "__main__":
    main("strokes_page", measure)
