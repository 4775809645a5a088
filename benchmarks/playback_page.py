"""Playing 1080p at its own rate with 50 tracks drawn: what is shown, left out, and wrong."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import labelwidgets as lw
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.plain_page import PlainServer
from benchmarks.browser.traces import script_a_frame
from benchmarks.report import Report, main
from labelwidgets.schema.tracks import Keyframe, Track
from tests.browser.kernel_end import KernelEnd

WIDTH, HEIGHT, RATE, GROUP = 1920, 1080, 30, 250
SECONDS, QUICK = 20, 6
TRACKS, EVERY = 50, 15
BITS = 10

# Each picture that is told to be shown, with the number in its pixels where they are read.
_PLAY = """new Promise((done) => {
  const root = document.querySelector(".lw-annotator");
  const find = (name) => root.querySelector(`.lw-film button[aria-label=${name}]`);
  const told = () => parseInt(root.querySelector(".lw-frame").textContent) - 1;
  const copy = new OffscreenCanvas(%(bits)d, 1);
  const context = copy.getContext("2d", { willReadFrequently: true });
  const painted = () => {
    const canvas = [...root.querySelectorAll(".lw-image canvas")]
      .find((it) => it.style.visibility === "visible");
    const y = canvas.height - canvas.height / 16;
    context.drawImage(canvas, 0, y, canvas.width, 1, 0, 0, %(bits)d, 1);
    let number = 0;
    const { data } = context.getImageData(0, 0, %(bits)d, 1);
    for (let bit = 0; bit < %(bits)d; bit++) if (data[4 * bit + 1] > 127) number += 2 ** bit;
    return number;
  };
  const seen = [];
  let wrong = 0;
  let begun = 0;
  find("Play").click();
  const next = () => {
    const now = told();
    if (seen.at(-1) !== now) {
      seen.push(now);
      if (%(look)s && painted() !== now) wrong++;
      begun ||= performance.now();
    }
    if (find("Play") && seen.length > 5) {
      const dropped = parseInt(root.querySelector(".lw-dropped")?.textContent ?? "0");
      done({ shown: seen.length, wrong, dropped, seconds: (performance.now() - begun) / 1000 });
    } else requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def measure(report: Report) -> None:
    """Fill the table."""
    seconds = QUICK if report.quick else SECONDS
    count = seconds * RATE
    table = report.table(
        f"{seconds} s of {WIDTH} x {HEIGHT} H.264, {RATE} a second, groups of {GROUP}, "
        f"{TRACKS} tracks drawn",
        *("pass", "frames", "shown", "dropped", "wrong", "s of the clock"),
        *("JS a frame, ms of CPU", "p95", "worst"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as name:
        folder = Path(name)
        film = _film(folder / "film.mp4", count)
        project = lw.Project.create(folder / "film.db", lw.Dataset.open(str(film)), ["car"])
        project.add(_tracks(project.dataset.items["id"].iloc[0], count))
        server = PlainServer(film, folder, 800)
        server.kernel = KernelEnd(project)
        with server, Chromium() as browser, browser.page() as page:
            page.goto(f"{server.url}?contender=ours")
            _wait(page)
            for look in (True, False):
                found: list[dict[str, Any]] = []
                _home(page)

                def play(look: bool = look, found: list[dict[str, Any]] = found) -> None:
                    script = _PLAY % {"bits": BITS, "look": str(look).lower()}
                    found.append(page.evaluate(script))

                if look:
                    play()
                    cost: tuple[Any, ...] = ("", "", "")
                else:
                    spent = script_a_frame(page, play, cpu=True)
                    cost = spent.median, spent.p95, spent.worst
                one = found[0]
                table.add(
                    "pixels read back" if look else "traced",
                    *(count, one["shown"], one["dropped"], one["wrong"] if look else ""),
                    *(one["seconds"], *cost),
                )
        server.kernel.link.close()
        project.close()
    table.notes = [
        "The number of each frame is painted into its pixels, and read back from the canvas that",
        "is seen in the first pass; the second is traced. The browser has no graphics card here:",
        "frames are decoded, turned to RGB, scaled and put together by the processor.",
    ]


def _film(path: Path, count: int) -> Path:
    import av

    rng = np.random.default_rng(6)
    ground = rng.integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as container:
        options = {"g": str(GROUP), "keyint_min": str(GROUP), "preset": "veryfast", "bf": "3"}
        stream: Any = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(_picture(ground, number), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _picture(ground: npt.NDArray[np.uint8], number: int) -> npt.NDArray[np.uint8]:
    pixels = np.roll(ground, 3 * number, axis=1)
    bits = np.repeat([255 * (number >> bit & 1) for bit in range(BITS)], WIDTH // BITS)
    pixels[-HEIGHT // 8 :] = bits[None, :, None]
    return pixels


def _tracks(item: str, count: int) -> list[lw.Annotation]:
    found = []
    for number in range(TRACKS):
        x, y = 60 + 180 * (number % 10), 60 + 160 * (number // 10)
        keyframes = {
            at: Keyframe(lw.Rectangle(x + at % 60, y + at % 40, 120, 90))
            for at in range(0, count, EVERY)
        }
        found.append(lw.Annotation(item_id=item, class_name="car", geometry=Track(keyframes)))
    return found


def _wait(page: Page) -> None:
    until = time.monotonic() + 60
    while not page.evaluate("!!document.querySelector('.lw-film .lw-frame')"):
        if time.monotonic() > until:
            raise PageError("The video did not open.")
        time.sleep(0.2)
    time.sleep(2)


def _home(page: Page) -> None:
    page.evaluate(
        """(() => {
          const slider = document.querySelector(".lw-scrub input");
          slider.value = "1";
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        })()"""
    )
    time.sleep(2)


if __name__ == "__main__":
    main("playback_page", measure)
