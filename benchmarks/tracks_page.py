"""Going through a video on which very many tracks lie: what each frame costs the page."""

from __future__ import annotations

import random
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

import labelwidgets as lw
from benchmarks.browser.cdp import Chromium, Page
from benchmarks.browser.plain_page import PlainServer
from benchmarks.browser.traces import script_a_frame, work_a_step
from benchmarks.report import Report, main
from tests.browser.kernel_end import KernelEnd

FRAMES, QUICK = 10_000, 600
TRACKS = 1000
SIZE = (640, 360)
STEPS = 60
HIGH = 800

# From frame to frame by the key, each as soon as the page had its time to draw.
_STEP = """new Promise(async (done) => {
  const root = document.querySelector(".lw-annotator");
  for (let left = %d; left > 0; left--) {
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
    for (let i = 0; i < 6; i++) await new Promise(requestAnimationFrame);
  }
  done(root.querySelector(".lw-frame, .lw-timeline .lw-count").textContent);
})"""


def measure(report: Report) -> None:
    """Fill the table."""
    count = QUICK if report.quick else FRAMES
    table = report.table(
        f"A step from frame to frame among {TRACKS} tracks over {count} frames",
        *("tracks", "keyframes a track", "on a frame", "JS a step, ms of CPU", "p95"),
        *("JS in one frame, p95", "worst", "main thread a step", "p95 of it", "JS heap, MB"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        film = _film(Path(folder, "film.mp4"), count)
        kinds = [(1, 30, 1.0), (TRACKS, 30, 1.0), (TRACKS, 30, 0.2), (TRACKS, 300, 1.0)]
        for number, keyframes, there in kinds[: 3 if report.quick else 4]:
            project = lw.Project.create(
                Path(folder, f"{number} {keyframes} {there}.db"),
                lw.Dataset.open(str(film), progress=False),
                ["thing"],
                user="me",
            )
            dice = random.Random(5)
            (item,) = project.dataset.items.id
            project.add(
                [
                    lw.Annotation(
                        item_id=item,
                        class_name="thing",
                        geometry=_track(dice, keyframes, count, there),
                    )
                    for _ in range(number)
                ]
            )
            server = PlainServer(film, Path(folder), HIGH)
            server.kernel = KernelEnd(project)
            with server, Chromium() as browser, browser.page() as page:
                page.goto(f"{server.url}?contender=ours")
                page.wait_for("!!document.querySelector('.lw-image canvas')")
                time.sleep(6)
                page.evaluate("document.querySelector('.lw-annotator').focus()")
                page.evaluate(_STEP % 10)
                whole, script = work_a_step(page, lambda: page.evaluate(_STEP % STEPS), "keydown")
                frames = script_a_frame(page, lambda: page.evaluate(_STEP % STEPS), cpu=True)
                table.add(
                    *(number, keyframes, int(number * there), script.median, script.p95),
                    *(frames.p95, frames.worst, whole.median, whole.p95, _heap(page)),
                )
            server.kernel.link.close()
            project.close()
    table.notes = [
        "A step is all that runs until the next one, six frames later: what decoding and painting",
        "of the video and the list of objects cost is in it. The row of one track is what it costs",
        "without them. The browser has no graphics card here: pictures are put together by the",
        "processor, on the page's thread.",
    ]


def _track(dice: random.Random, keyframes: int, count: int, there: float) -> lw.Track:
    """Return a box that wanders through a part of the video."""
    length = max(keyframes, int(count * there))
    first = dice.randint(0, count - length)
    frames = sorted(dice.sample(range(first, first + length), keyframes))
    made = {}
    for frame in frames:
        x, y = dice.uniform(0, SIZE[0] - 60), dice.uniform(0, SIZE[1] - 60)
        made[frame] = lw.Keyframe(
            lw.Rectangle(x, y, dice.uniform(10, 60), dice.uniform(10, 60)), pts=frame * 512
        )
    made[frames[0]] = lw.Keyframe(made[frames[0]].geometry)
    if there < 1:
        made[frames[-1]] = lw.Keyframe(outside=True)
    return lw.Track({key: lw.Keyframe(one.geometry, one.outside) for key, one in made.items()})


def _heap(page: Page) -> float:
    page.call("HeapProfiler.collectGarbage")
    used: float = page.call("Runtime.getHeapUsage")["usedSize"]
    return round(used / 2**20, 1)


def _film(path: Path, count: int) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=25, options={"g": "25", "preset": "ultrafast"}
        )
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 25)
        for number in range(count):
            pixels = np.full((SIZE[1], SIZE[0], 3), number % 200, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


if __name__ == "__main__":
    main("tracks_page", measure)
