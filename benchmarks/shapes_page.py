"""Shapes on a photograph on a plain page: ours beside libraries that draw in the browser."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import labelwidgets as lw
from benchmarks import scenes, surroundings
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.frames import Smoothness, smoothness
from benchmarks.browser.hands import Hand
from benchmarks.browser.painting import painted
from benchmarks.browser.plain_page import PlainServer
from benchmarks.contenders_in_lab import OUR_PICTURE, find_place
from benchmarks.report import Report, main, ratio
from benchmarks.timing import times
from tests.browser.kernel_end import KernelEnd

COUNTS = (100, 1_000, 5_000)
LOADS = 3
SECONDS = 3.0
HEIGHT = 1040
# Of our picture in CSS pixels at that height; the others get the same.
WIDTH = 1170


@dataclass(frozen=True)
class Contender:
    """A page of `pages/`, what it is asked for, and how to find its picture."""

    name: str
    page: str
    more: str = ""
    picture: str = "document.querySelector('[data-picture]')"


OURS = Contender("labelwidgets", "ours", picture=OUR_PICTURE)
CONTENDERS = (
    OURS,
    Contender("Annotorious 3.8.10", "annotorious"),
    Contender("Konva 10.9.1, one layer", "konva", "&layers=1"),
    Contender("Konva 10.9.1, dragged shape on its own layer", "konva", "&layers=2"),
)


def measure(report: Report) -> None:
    picture, modules = surroundings.picture(), surroundings.node_modules()
    table = report.table(
        "Shapes on a plain page",
        *("shapes", "contender", "painted, ms", "drag fps", "frame p95, ms", "JS a frame, ms"),
        *("main thread a frame, ms", "painted / ours", "fps / ours"),
    )
    server = PlainServer(picture, modules, HEIGHT)
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder, server:
        for kind in ("box", "polygon"):
            for count in COUNTS[:1] if report.quick else COUNTS:
                project = scenes.project(Path(folder, f"{kind}{count}.db"), picture, kind, count)
                server.kernel = KernelEnd(project)
                base: tuple[float, float] | None = None
                for contender in CONTENDERS:
                    asked = f"kind={kind}&count={count}&width={WIDTH}{contender.more}"
                    address = f"{server.url}?contender={contender.page}&{asked}"
                    # A browser of its own: nobody pays for what another left behind.
                    with Chromium() as browser:
                        loads = [_paint(browser, contender, address) for _ in range(LOADS - 1)]
                        with browser.page() as page:
                            loads.append(_load(page, contender, address))
                            found = _drag(page, contender, project)
                    paint = times(loads)
                    base = base or (paint.median, found.fps)
                    table.add(
                        f"{count:,} {'boxes' if kind == 'box' else 'polygons'}",
                        contender.name,
                        *(paint.median, found.fps, found.p95, found.script, found.task),
                        ratio(paint.median, base[0]),
                        ratio(found.fps, base[1]),
                    )
                server.kernel.link.close()
                project.close()
    table.notes = [
        f"The picture is {WIDTH} CSS pixels wide for all. Painted: from navigation to the last",
        f"change of the picture, the median of {LOADS} loads; ours asks a project's file for",
        "picture and shapes, the others get both from memory. One shape is dragged for",
        f"{SECONDS:.0f} s.",
    ]


def _paint(browser: Chromium, contender: Contender, address: str) -> float:
    with browser.page() as page:
        return _load(page, contender, address)


def _load(page: Page, contender: Contender, address: str) -> float:
    def go() -> float:
        start = time.time()
        page.goto(address)
        return start

    return painted(page, go, lambda: find_place(page, contender.picture))


def _drag(page: Page, contender: Contender, project: lw.Project) -> Smoothness:
    """Choose the shape in the middle and drag it; raise when it has not moved."""
    place = find_place(page, contender.picture)
    if place is None:
        raise PageError(f"{contender.name} shows no picture.")
    at = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    hand = Hand(page)
    hand.move(at)
    if contender is OURS:
        hand.key("v", "KeyV", "v")
    hand.click(at)
    time.sleep(0.5)

    def where() -> float:
        if contender is OURS:
            time.sleep(0.5)
            return float(project.annotations["x"].iloc[-1])
        return float(page.evaluate("window.where()"))

    before = where()
    found = smoothness(page, lambda: hand.drag(at, (120, 90), SECONDS))
    if where() == before:
        raise PageError(f"{contender.name}: the shape was not dragged.")
    return found


if __name__ == "__main__":
    main("shapes_page", measure)
