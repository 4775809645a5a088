"""Shapes on a photograph in a real JupyterLab: ours beside the peer that works there."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks import scenes, surroundings
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.disk import DiskWatch
from benchmarks.browser.frames import Smoothness, smoothness
from benchmarks.browser.hands import XY, Hand
from benchmarks.browser.lab_page import LabPage
from benchmarks.browser.painting import painted
from benchmarks.browser.traces import script_a_frame
from benchmarks.browser.wire import Wire, size
from benchmarks.contenders_in_lab import Contender, bbox_widget, ours
from benchmarks.report import Report, Table, main, ratio
from benchmarks.scenes import Kind
from benchmarks.timing import Times, times
from tests.browser.lab import LabServer

COUNTS = (100, 1_000, 5_000, 10_000)
PEER_COUNTS = (100, 1_000)
AGAIN = 3
SECONDS = 3.0
TRACED = 1.5
GESTURES = 50
# Counts at which single gestures are followed to the disk.
FOLLOWED = (1_000, 10_000)


class Shown:
    """One contender on a page of JupyterLab."""

    def __init__(self, page: Page, lab: LabPage, contender: Contender) -> None:
        self.page = page
        self.lab = lab
        self.contender = contender
        self.hand = Hand(page)
        # Where the shape was let go last.
        self.grabbed: XY = (0.0, 0.0)

    def paint(self) -> float:
        """Run the cell; return the milliseconds to the last change painted."""
        return painted(
            self.page, lambda: self.lab.begin(1), lambda: self.contender.place(self.page)
        )

    def show(self) -> None:
        """Run the cell and wait until all is there: frames do not come while the wire is read."""
        self.lab.begin(1)
        deadline = time.monotonic() + 60
        while self.contender.place(self.page) is not None and time.monotonic() < deadline:
            time.sleep(0.02)  # what the cell showed before
        while self.contender.place(self.page) is None:
            if time.monotonic() > deadline:
                raise PageError(f"{self.contender.name} shows no picture.")
            time.sleep(0.05)
        time.sleep(1)

    @property
    def centre(self) -> XY:
        """The middle of the picture, where the shape to grab is at first."""
        place = self.contender.place(self.page)
        if place is None:
            raise PageError(f"{self.contender.name} shows no picture.")
        return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2

    def select(self) -> None:
        """Choose the tool that moves shapes, in ours."""
        self.hand.move(self.centre)
        if self.contender.ours:
            self.hand.key("v", "KeyV", "v")
        self.hand.click(self.centre)
        time.sleep(0.5)

    def fit(self) -> None:
        """Bring the whole picture into view again."""
        self.hand.key("0", "Digit0", "0")
        time.sleep(0.5)

    def pan(self, seconds: float) -> None:
        """Pan."""
        self.hand.drag(self.centre, (200, 150), seconds, "middle")

    def zoom(self, seconds: float) -> None:
        """Zoom in and out."""
        self.hand.wheel(self.centre, seconds)

    def drag(self, seconds: float, start: XY | None = None, reach: XY = (120, 90)) -> XY:
        """Drag the shape in the middle; return where it is let go."""
        return self.hand.drag(start or self.centre, reach, seconds)


class Tables:
    """The tables of this group."""

    def __init__(self, report: Report) -> None:
        self.paint = report.table(
            "Cell run to photo and shapes painted, in JupyterLab",
            *("shapes", "contender", "first, ms", "again p50, ms", "again best, ms", "MB received"),
            "again p50 / ours",
        )
        self.frames = report.table(
            "Frames in JupyterLab",
            *("shapes", "contender", "gesture", "fps", "frame p50, ms", "frame p95, ms"),
            *("JS a frame p50, ms", "JS a frame mean, ms", "main thread a frame mean, ms"),
            "fps / ours",
        )
        self.edits = report.table(
            "One edit on the wire, in JupyterLab: a shape is moved",
            *("shapes", "contender", "edit itself, B", "sent, B", "received, B", "sent / ours"),
        )
        self.disk = report.table(
            "Pointer up to on disk, in JupyterLab",
            *("shapes", "gestures", "p50, ms", "p95, ms", "p99, ms", "worst, ms"),
        )


def measure(report: Report) -> None:
    picture = surroundings.picture()
    peers = surroundings.bbox_widget()
    tables = Tables(report)
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        home = Path(folder)
        server = LabServer(home, {"PYTHONPATH": str(peers)}).start()
        try:
            with Chromium() as browser:
                for kind in ("box", "polygon"):
                    for count in COUNTS[:1] if report.quick else COUNTS:
                        _compare(browser, server, home, picture, kind, count, tables)
        finally:
            server.stop()
    _notes(tables)


def _compare(
    browser: Chromium,
    server: LabServer,
    home: Path,
    picture: Path,
    kind: Kind,
    count: int,
    tables: Tables,
) -> None:
    database = home / f"{kind}-{count}.db"
    scenes.project(database, picture, kind, count).close()
    contenders = [ours(database)]
    if kind == "box" and count in PEER_COUNTS:
        contenders.append(bbox_widget(picture, home / "boxes.json", count))
    first: dict[str, float] = {}
    for contender in contenders:
        with browser.page() as page:
            name = f"{kind}-{count}-{contender.name.split()[0]}.ipynb"
            lab = LabPage(page, server, name, [contender.prepare, contender.show])
            lab.run(0)
            shown = Shown(page, lab, contender)
            label = f"{count:,} {'boxes' if kind == 'box' else 'polygons'}"
            _paint(shown, label, tables.paint, first)
            shown.select()
            _frames(shown, label, tables.frames, first)
            _edit(shown, label, tables.edits, first)
            if contender.ours and count in FOLLOWED:
                _follow(shown, database, label, tables.disk)
            lab.close()


def _paint(shown: Shown, label: str, table: Table, first: dict[str, float]) -> None:
    fresh = shown.paint()
    again = times([shown.paint() for _ in range(AGAIN)])
    with Wire(shown.page) as wire:
        shown.show()
        received = wire.received_bytes / 1e6
    base = first.setdefault("paint", again.median)
    figures = (fresh, again.median, again.best, received)
    table.add(label, shown.contender.name, *figures, ratio(again.median, base))


def _frames(shown: Shown, label: str, table: Table, first: dict[str, float]) -> None:
    def add(gesture: str, found: Smoothness, script: Times) -> None:
        base = first.setdefault(gesture, found.fps)
        frame = (found.fps, found.median, found.p95)
        mine = (script.median, found.script, found.task)
        name = shown.contender.name
        table.add(label, name, gesture, *frame, *mine, ratio(found.fps, base))

    page = shown.page
    if shown.contender.ours:
        for gesture, act in (("pan", shown.pan), ("zoom", shown.zoom)):
            found = smoothness(page, lambda act=act: act(SECONDS))  # type: ignore[misc]
            shown.fit()
            script = script_a_frame(page, lambda act=act: act(TRACED))  # type: ignore[misc]
            shown.fit()
            add(gesture, found, script)
    ends: list[XY] = []
    found = smoothness(page, lambda: ends.append(shown.drag(SECONDS)))
    time.sleep(1)
    script = script_a_frame(page, lambda: ends.append(shown.drag(TRACED, ends[-1], (20, 15))))
    time.sleep(1)
    add("drag a shape", found, script)
    shown.grabbed = ends[-1]


def _edit(shown: Shown, label: str, table: Table, first: dict[str, float]) -> None:
    with Wire(shown.page) as wire:
        time.sleep(1)
        wire.clear()
        shown.grabbed = shown.drag(0.3, shown.grabbed, (20, 15))
        time.sleep(1.5)
        edits = wire.edits()
        sent, received = wire.sent_bytes, wire.received_bytes
    if not sent or (shown.contender.ours and len(edits) != 1):
        raise PageError(f"{shown.contender.name}: the drag of a shape sent {len(edits)} edits.")
    base = first.setdefault("sent", sent)
    itself = size(edits[0]) if edits else None
    table.add(label, shown.contender.name, itself, sent, received, ratio(sent, base))


def _follow(shown: Shown, database: Path, label: str, table: Table) -> None:
    at, step = shown.grabbed, 12.0
    taken = []
    with DiskWatch(database) as disk:
        time.sleep(0.2)
        for number in range(GESTURES):
            to = (at[0] + (step if number % 2 == 0 else -step), at[1])
            shown.hand.move(at)
            shown.hand.press(at)
            shown.hand.move(to)
            before = disk.last
            up = time.perf_counter()
            shown.hand.release(to)
            taken.append((disk.after(before) - up) * 1000)
            at = to
            time.sleep(0.1)
    found = times(taken)
    table.add(label, len(taken), found.median, found.p95, found.p99, found.worst)


def _notes(tables: Tables) -> None:
    tables.paint.notes = [
        "First: in a page and a kernel that have not shown the widget before, imports done;",
        f"again: {AGAIN} more runs of the cell. Until the last frame of the browser",
        "in which the picture's part of the page differs from the frame before. MB (10^6) over",
        "websockets.",
    ]
    tables.frames.notes = [
        f"{SECONDS:.0f} s each, of times between animation frames. The median of JavaScript a",
        f"frame is from a trace of another {TRACED} s; the means are the browser's counts",
        "(`ScriptDuration`, `TaskDuration`) divided by the frames.",
    ]
    tables.edits.notes = ["All websocket messages of a gesture of 0.3 s and of 1.5 s after it."]
    tables.disk.notes = [
        "From sending the button's release to the browser until another connection, which looks",
        "every millisecond, reads the edit in the project's file.",
    ]


if __name__ == "__main__":
    main("shapes_lab", measure)
