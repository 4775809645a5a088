"""Small videos whose frames carry their own number, and what a page shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Locator

WIDTH, HEIGHT = 320, 160
BITS = 10
# Ten blocks along the lower half, white for 1.
BLOCK = WIDTH // BITS

# What is on the screen at one moment: the number that is told, and the one in the pixels.
READ = f"""() => {{
window.lwRead = (root) => {{
  const canvas = [...root.querySelectorAll(".lw-image canvas")]
    .find((it) => it.style.visibility === "visible");
  if (!canvas) return null;
  const copy = new OffscreenCanvas({WIDTH}, {HEIGHT});
  const context = copy.getContext("2d", {{ willReadFrequently: true }});
  context.drawImage(canvas, 0, 0, {WIDTH}, {HEIGHT});
  let painted = 0;
  for (let bit = 0; bit < {BITS}; bit++) {{
    const x = bit * {BLOCK} + {BLOCK // 2};
    if (context.getImageData(x, {HEIGHT * 3 // 4}, 1, 1).data[1] > 127) painted += 2 ** bit;
  }}
  const told = root.querySelector(".lw-film .lw-frame")?.textContent ?? "";
  return [Number.parseInt(told) - 1, painted];
}};
window.lwGo = async (root, frame) => {{
  const slider = root.querySelector(".lw-scrub input");
  slider.value = String(frame + 1);
  slider.dispatchEvent(new Event("input", {{ bubbles: true }}));
  const end = performance.now() + 20000;
  const there = () => {{
    const told = root.querySelector(".lw-film .lw-frame")?.textContent ?? "";
    return told.startsWith(`${{frame + 1}} /`) && slider.dataset.waits === "false";
  }};
  while (!there() && performance.now() < end) await new Promise(requestAnimationFrame);
  if (!there()) throw new Error(`frame ${{frame}} never came`);
}};
}}"""


def numbered(number: int) -> npt.NDArray[np.uint8]:
    """Return a picture that has its number in its lower half."""
    pixels = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    pixels[: HEIGHT // 2, :, 0] = (number * 7) % 256
    bits = np.repeat([255 * (number >> bit & 1) for bit in range(BITS)], BLOCK)
    pixels[HEIGHT // 2 :] = bits[None, :, None]
    return pixels


def make_film(
    path: Path,
    codec: str,
    count: int,
    *,
    options: dict[str, str] | None = None,
    steps: Sequence[int] = (1,),
    rate: int = 25,
    begin: int = 0,
    pix_fmt: str = "yuv420p",
) -> Path:
    """Write a video of numbered frames.

    `steps` are how many ticks of 1 / `rate` seconds each frame stays, again and again; the first
    one is shown after `begin` ticks.
    """
    import av

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pix_fmt
        stream.codec_context.time_base = Fraction(1, rate)
        at = begin
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, rate)
            at += steps[number % len(steps)]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_film(
    path: Path,
    pictures: Iterable[npt.NDArray[np.uint8]],
    *,
    group: int = 10,
    quality: int = 0,
    pix_fmt: str = "yuv444p",
) -> Path:
    """Write pictures, (H, W, 3), as an H.264 file of ten a second.

    `group` is how many frames there are to a key frame; `quality` how coarse they are, 0 for not
    at all.
    """
    import av

    frames = [av.VideoFrame.from_ndarray(pixels, format="rgb24") for pixels in pictures]
    options = {"g": str(group), "qp": str(quality)}
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=10, options=options)
        stream.width, stream.height = frames[0].width, frames[0].height
        stream.pix_fmt, stream.time_base = pix_fmt, Fraction(1, 10)
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def shades(
    count: int, first: int, step: int, size: tuple[int, int]
) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield plain pictures of (width, height), each `step` lighter than the one before."""
    width, height = size
    for number in range(count):
        yield np.full((height, width, 3), first + step * number, np.uint8)


def shown(root: Locator) -> list[int]:
    """Return the number that is told, and the one that the pixels have."""
    found: list[int] = root.evaluate("root => lwRead(root)")
    return found


def walk(root: Locator, frames: Sequence[int]) -> list[list[int]]:
    """Go to frames by the slider, one after the other, and return what is shown of each."""
    found: list[list[int]] = root.evaluate(
        """async (root, frames) => {
          const found = [];
          for (const frame of frames) {
            await lwGo(root, frame);
            found.push(lwRead(root));
          }
          return found;
        }""",
        list(frames),
    )
    return found


def watch_playing(root: Locator, seconds: float = 20) -> list[list[int]]:
    """Press play, and return what is seen at each painting of the page until it stops."""
    found: list[list[int]] = root.evaluate(
        """async (root, seconds) => {
          const seen = [];
          root.querySelector(".lw-film button[aria-label=Play]").click();
          const end = performance.now() + 1000 * seconds;
          let playing = false;
          while (performance.now() < end) {
            await new Promise(requestAnimationFrame);
            const now = root.querySelector(".lw-film button[aria-label=Pause]") !== null;
            const shown = lwRead(root);
            if (shown && shown.join() !== seen.at(-1)?.slice(0, 2).join())
              seen.push([...shown, performance.now()]);
            if (playing && !now) break;
            playing = now;
          }
          return seen;
        }""",
        seconds,
    )
    return found


def thumbs(
    root: Locator, frames: Sequence[int], size: tuple[int, int]
) -> list[npt.NDArray[np.float64]]:
    """Go to frames one after the other, and return what is shown of each, made small."""
    found: list[list[int]] = root.evaluate(
        """async (root, [frames, width, height]) => {
          const found = [];
          for (const frame of frames) {
            await lwGo(root, frame);
            const canvas = [...root.querySelectorAll(".lw-image canvas")]
              .find((it) => it.style.visibility === "visible");
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            copy.getContext("2d").drawImage(canvas, 0, 0);
            const { data } = copy.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const sums = new Float64Array(3 * width * height);
            const counts = new Float64Array(width * height);
            for (let y = 0; y < canvas.height; y++)
              for (let x = 0; x < canvas.width; x++) {
                const from = 4 * (y * canvas.width + x);
                const row = Math.floor((y * height) / canvas.height);
                const to = row * width + Math.floor((x * width) / canvas.width);
                counts[to]++;
                for (let c = 0; c < 3; c++) sums[3 * to + c] += data[from + c];
              }
            found.push([...sums].map((sum, i) => sum / counts[Math.floor(i / 3)]));
          }
          return found;
        }""",
        [list(frames), *size],
    )
    return [np.asarray(one).reshape(size[1], size[0], 3) for one in found]
