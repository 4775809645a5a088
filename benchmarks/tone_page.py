"""Dragging a slider of the view over 12 megapixels: ours beside CSS filters and a canvas."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import labelwidgets as lw
from benchmarks.browser.cdp import Chromium, Page, PageError
from benchmarks.browser.frames import Smoothness, smoothness
from benchmarks.browser.plain_page import PlainServer
from benchmarks.report import Report, main, ratio
from tests.browser.kernel_end import KernelEnd

WIDTH, HEIGHT = 4000, 3000
STEPS = 60
HIGH = 1040

# A step of the slider in each frame, as a hand that moves it makes.
_DRAG = """(step) => new Promise((done) => {
  let left = %d;
  const next = () => {
    step(left);
    if (--left > 0) requestAnimationFrame(next);
    else setTimeout(done, 400);
  };
  requestAnimationFrame(next);
})"""
_OURS = """(() => {
  const slider = [...document.querySelectorAll(".lw-slider")]
    .find((it) => it.textContent.startsWith("Contrast")).querySelector("input");
  return (%s)((left) => {
    slider.value = String(left);
    slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
})()"""
_LOOKS = "document.querySelector('.lw-annotator') && !document.querySelector('.lw-cover')"
_CSS = """(%s)((left) => {
  document.querySelector(".lw-image").style.filter = `contrast(${1 + left / 30})`;
})"""
# The visible level only, as a page would that reads its pixels and writes them again.
_CANVAS = """(async () => {
  const from = [...document.querySelectorAll(".lw-image canvas")]
    .find((it) => it.style.visibility === "visible");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [from.width, from.height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(from, 0, 0);
  const whole = context.getImageData(0, 0, canvas.width, canvas.height);
  const image = context.createImageData(canvas.width, canvas.height);
  from.parentElement.append(canvas);
  await (%s)((left) => {
    const shade = (_, i) => (i - 128) * (1 + left / 30) + 128;
    const table = Uint8ClampedArray.from({ length: 256 }, shade);
    const { data } = whole;
    for (let at = 0; at < data.length; at += 4) {
      image.data[at] = table[data[at]];
      image.data[at + 1] = table[data[at + 1]];
      image.data[at + 2] = table[data[at + 2]];
      image.data[at + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  });
  canvas.remove();
})()"""


def measure(report: Report) -> None:
    """Fill the table."""
    table = report.table(
        f"A slider dragged over a picture of {WIDTH} x {HEIGHT} pixels",
        *("picture", "contender", "fps", "frame p95, ms", "JS a frame, ms"),
        *("main thread a frame, ms", "main thread / ours"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        for name, path in _pictures(Path(folder)).items():
            project = lw.Project.create(
                Path(folder, f"{path.stem}.db"), lw.Dataset.open([str(path)]), ["thing"], user="me"
            )
            server = PlainServer(path, Path(folder), HIGH)
            server.kernel = KernelEnd(project)
            contenders = {"labelwidgets": _OURS % (_DRAG % STEPS)}
            if name == "photograph":
                contenders["CSS filter: contrast()"] = _CSS % (_DRAG % STEPS)
                contenders["2D canvas on the page's thread"] = _CANVAS % (_DRAG % STEPS)
            base: Smoothness | None = None
            with server:
                for contender, script in contenders.items():
                    with Chromium() as browser, browser.page() as page:
                        _open(page, f"{server.url}?contender=ours")
                        found = smoothness(page, lambda script=script: page.evaluate(script))
                    base = base or found
                    table.add(
                        name,
                        contender,
                        *(found.fps, found.p95, found.script, found.task),
                        ratio(found.task, base.task),
                    )
            server.kernel.link.close()
            project.close()
    table.notes = [
        f"The slider takes {STEPS} steps, one a frame. Photographs go through a table that the",
        "compositor applies, 16 bits through one of 65,536 entries in a worker. The other two",
        "change the same page's picture: with one CSS filter (contrast alone, no gamma and no",
        "window), and by reading and writing the pixels of the level that is shown.",
    ]


def _pictures(folder: Path) -> dict[str, Path]:
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    photo = np.stack([xs * 255 // WIDTH, ys * 255 // HEIGHT, (xs // 16 + ys // 16) % 256], axis=2)
    grey = (xs * 9 + ys * 5).astype(np.uint16)
    made = {"photograph": folder / "photo.jpg", "16-bit grey": folder / "grey.png"}
    Image.fromarray(photo.astype(np.uint8)).save(made["photograph"], quality=90)
    Image.fromarray(grey).save(made["16-bit grey"], compress_level=1)
    return made


def _open(page: Page, address: str) -> None:
    page.goto(address)
    until = time.monotonic() + 60
    while not page.evaluate(f"Boolean({_LOOKS})"):
        if time.monotonic() > until:
            raise PageError("The annotator shows no picture.")
        time.sleep(0.1)
    page.evaluate("document.querySelector('[aria-label=View]').click()")
    time.sleep(1.5)


if __name__ == "__main__":
    main("tone_page", measure)
