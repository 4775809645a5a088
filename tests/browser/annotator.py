"""The annotator as a hand and an eye meet it: gestures in image pixels, and what is shown."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

XY = tuple[float, float]
WAIT = 20_000

# Where the picture lies on the page, and how large one of its pixels is there.
_PLACE = """async (root, wait) => {
  const shown = () =>
    root.querySelector(".lw-pane[data-active=true] .lw-extent") ??
    [...root.querySelectorAll(".lw-pane[data-active=true] .lw-image canvas")]
      .find((it) => it.style.visibility === "visible");
  const end = performance.now() + wait;
  while (!shown() && performance.now() < end) await new Promise(requestAnimationFrame);
  const canvas = shown();
  if (!canvas) throw new Error("No picture is shown.");
  const box = canvas.getBoundingClientRect();
  return { x: box.x, y: box.y, width: box.width, height: box.height };
}"""

# What is asked for in a frame is drawn in the next one.
_DRAWN = "async () => { for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame); }"


class AnnotatorPage:
    """One annotator on a page.

    Parameters
    ----------
    page
        The page that shows it.
    size
        (width, height) of the picture in pixels.
    number
        Which of the annotators on the page, from 0.
    """

    def __init__(self, page: Page, size: tuple[int, int], number: int = 0) -> None:
        self.page = page
        self.size = size
        self.root = page.locator(".lw-annotator").nth(number)

    @property
    def badge(self) -> Locator:
        """Saved, saving, or kept."""
        return self.root.locator(".lw-badge")

    @property
    def rows(self) -> Locator:
        """The rows of the object list that are in sight."""
        return self.root.locator(".lw-object")

    @property
    def notices(self) -> Locator:
        """The short sentences at the foot of the picture."""
        return self.root.locator(".lw-notice")

    def ready(self) -> AnnotatorPage:
        """Wait until the picture is there and can be drawn on."""
        expect(self.root.locator(".lw-pane[data-active=true] .lw-viewport")).to_be_visible(
            timeout=WAIT
        )
        expect(self.root.locator(".lw-cover")).to_have_count(0, timeout=WAIT)
        return self

    def saved(self) -> AnnotatorPage:
        """Wait until everything is in the store."""
        expect(self.badge).to_have_attribute("data-state", "saved", timeout=WAIT)
        return self

    def has_objects(self, count: int) -> AnnotatorPage:
        """Wait until the object list counts so many."""
        heading = self.root.locator("section[aria-label=Objects] h3 .lw-count")
        expect(heading).to_have_text(str(count), timeout=WAIT)
        return self

    def title(self, text: str) -> AnnotatorPage:
        """Wait until an item with this title is open."""
        expect(self.root.locator(".lw-title")).to_have_text(text, timeout=WAIT)
        return self

    def at(self, point: XY) -> XY:
        """Return where a point of the picture is on the page, once a picture is shown."""
        place: dict[str, float] = self.root.evaluate(_PLACE, WAIT)
        width, height = self.size
        x, y = point
        return place["x"] + x * place["width"] / width, place["y"] + y * place["height"] / height

    def drawn(self) -> None:
        """Wait until all that is asked for by now is on the screen."""
        self.page.evaluate(_DRAWN)

    def hover(self, point: XY | None = None) -> None:
        """Put the pointer over the picture, where keys act."""
        self.page.mouse.move(*self.at(point or (self.size[0] / 2, self.size[1] / 2)))

    def key(self, name: str) -> None:
        """Press a key."""
        self.page.keyboard.press(name)

    def click(self, point: XY, modifiers: Sequence[str] = ()) -> None:
        """Click on the picture."""
        self.hover(point)
        for name in modifiers:
            self.page.keyboard.down(name)
        self.page.mouse.down()
        self.page.mouse.up()
        for name in modifiers:
            self.page.keyboard.up(name)

    def drag(self, start: XY, end: XY, steps: int = 4) -> None:
        """Press at one place of the picture and let go at another."""
        self.hover(start)
        self.page.mouse.down()
        self.page.mouse.move(*self.at(end), steps=steps)
        self.page.mouse.up()

    def draw_box(self, start: XY, end: XY) -> None:
        """Draw a rectangle with the rectangle tool."""
        self.hover(start)
        self.key("r")
        self.drag(start, end)

    def draw_polygon(self, points: Sequence[XY]) -> None:
        """Draw a polygon with the polygon tool, closing it at its first point."""
        self.hover(points[0])
        self.key("p")
        for point in [*points, points[0]]:
            self.click(point)

    def pixels(self, point: XY, half: int = 2) -> list[tuple[int, int, int]]:
        """Return what is painted around a point of the picture, as RGB."""
        x, y = self.at(point)
        clip: Any = {"x": round(x) - half, "y": round(y) - half, "width": 2 * half + 1}
        clip["height"] = clip["width"]
        image = Image.open(io.BytesIO(self.page.screenshot(clip=clip))).convert("RGB")
        pixels = np.asarray(image).reshape(-1, 3).tolist()
        return [(red, green, blue) for red, green, blue in pixels]

    def zoom(self) -> float:
        """Return the zoom in percent, as the status line has it."""
        text = self.root.locator(".lw-zoom").inner_text()
        found = re.match(r"([\d.]+) %", text)
        assert found is not None, text
        return float(found[1])
