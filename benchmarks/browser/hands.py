"""A hand on the mouse: events at a steady pace, whether or not the page keeps up."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable
from typing import Any

from benchmarks.browser.cdp import Page

XY = tuple[float, float]

# As a mouse of 125 Hz does. No event is sent before the page has taken the one before: with more
# on their way, pages that redraw at every event do not come to paint at all.
INTERVAL = 0.008
AHEAD = 1
_BUTTONS = {"none": 0, "left": 1, "middle": 4}


class Hand:
    """Moves the mouse over one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._button = "none"

    def move(self, at: XY) -> None:
        """Move the pointer and wait until the page has taken it."""
        self._mouse("mouseMoved", at, button=self._button)

    def press(self, at: XY, button: str = "left") -> None:
        """Press a button."""
        self._button = button
        self._mouse("mousePressed", at, button=button, clickCount=1)

    def release(self, at: XY) -> None:
        """Let the button go."""
        button, self._button = self._button, "none"
        self._mouse("mouseReleased", at, button=button, clickCount=1)

    def click(self, at: XY) -> None:
        """Press and let go."""
        self.move(at)
        self.press(at)
        self.release(at)

    def key(self, name: str, code: str, text: str | None = None, **more: Any) -> None:
        """Press a key."""
        down = {"type": "keyDown", "key": name, "code": code, **more}
        if text is not None:
            down["text"] = text
        self.page.call("Input.dispatchKeyEvent", **down)
        self.page.call("Input.dispatchKeyEvent", type="keyUp", key=name, code=code, **more)

    def drag(self, start: XY, reach: XY, seconds: float, button: str = "left") -> XY:
        """Press, move along a Lissajous figure for some seconds, and let go; return where."""
        self.move(start)
        self.press(start, button)

        def along(passed: float) -> XY:
            return (
                start[0] + reach[0] * math.sin(passed * 3),
                start[1] + reach[1] * math.sin(passed * 2),
            )

        def step(passed: float) -> dict[str, Any]:
            x, y = along(passed)
            held = {"button": button, "buttons": _BUTTONS[button]}
            return {"type": "mouseMoved", "x": x, "y": y, **held}

        self._steadily(seconds, step)
        end = along(seconds)
        self.move(end)
        self.release(end)
        return end

    def wheel(self, at: XY, seconds: float) -> None:
        """Turn the wheel to and fro for some seconds."""

        def step(passed: float) -> dict[str, Any]:
            turn = -40 if math.sin(passed * 3) > 0 else 40
            return {"type": "mouseWheel", "x": at[0], "y": at[1], "deltaX": 0, "deltaY": turn}

        self.move(at)
        self._steadily(seconds, step, interval=0.016)

    def _steadily(
        self,
        seconds: float,
        step: Callable[[float], dict[str, Any]],
        interval: float = INTERVAL,
    ) -> None:
        taken: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        sent = 0
        start = due = time.perf_counter()
        while (passed := time.perf_counter() - start) < seconds:
            if sent - taken.qsize() < AHEAD:
                self.page.post("Input.dispatchMouseEvent", taken, **step(passed))
                sent += 1
            due += interval
            time.sleep(max(0.0, due - time.perf_counter()))
        # What is still on its way belongs to the gesture.
        give_up = time.perf_counter() + 60
        while taken.qsize() < sent and time.perf_counter() < give_up:
            time.sleep(0.002)

    def _mouse(self, kind: str, at: XY, button: str, **more: Any) -> None:
        event = {"type": kind, "x": at[0], "y": at[1], "button": button, **more}
        held = 0 if kind == "mouseReleased" else _BUTTONS[button]
        self.page.call("Input.dispatchMouseEvent", **event, buttons=held)
