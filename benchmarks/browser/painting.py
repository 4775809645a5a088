"""When the last change was painted: from the frames that the browser shows."""

from __future__ import annotations

import base64
import io
import queue
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from benchmarks.browser.cdp import SIZE, Page, PageError

# Frames come this much smaller than the page; a pixel of it has changed by more than the noise
# of JPEG, and a frame has changed when more than a few of its pixels have.
SCALE = 2
_CHANGED = 24
_FEW = 12
GIVE_UP = 120

Pixels: TypeAlias = "np.ndarray[Any, np.dtype[np.int16]]"

Area = Callable[[], dict[str, float] | None]


def painted(page: Page, act: Callable[[], float], area: Area, quiet: float = 1.5) -> float:
    """Return the milliseconds from the start to the last frame that shows something new.

    Parameters
    ----------
    page
        The page.
    act
        Begins what is measured; returns the time when it began, in seconds since the epoch.
    area
        The part of the page (x, y, width, height in CSS pixels) that counts; None until the
        picture is there.
    quiet
        Seconds without a change there that mean the end.

    Raises
    ------
    PageError
        If it does not come to an end.
    """
    frames: list[tuple[float, bytes]] = []

    def shown(given: dict[str, Any]) -> None:
        frames.append((given["metadata"]["timestamp"], base64.b64decode(given["data"])))
        # Called in the thread that reads the answers: it must not wait for one.
        page.post("Page.screencastFrameAck", queue.SimpleQueue(), sessionId=given["sessionId"])

    page.on("Page.screencastFrame", shown)
    width, height = SIZE[0] // SCALE, SIZE[1] // SCALE
    page.call("Page.startScreencast", format="jpeg", quality=60, maxWidth=width, maxHeight=height)
    start = act()
    try:
        deadline = time.monotonic() + GIVE_UP
        # A picture that is there need not be painted yet.
        there = 0.0
        while time.monotonic() < deadline:
            time.sleep(0.3)
            place = area()
            if place is None:
                there = 0.0
                continue
            there = there or time.time()
            if time.time() - there < quiet:
                continue
            so_far = frames[:]
            last = _last_change([frame for frame in so_far if frame[0] >= start], place)
            if last is not None and time.time() - last > quiet:
                _check_complete(page, so_far[-1][1], place)
                return (last - start) * 1000
    finally:
        page.call("Page.stopScreencast")
        page.on("Page.screencastFrame", None)
    raise PageError(f"The picture still changed after {GIVE_UP} s.")


def _check_complete(page: Page, data: bytes, place: dict[str, float]) -> None:
    """Raise unless the last frame shows what is on the page: none was withheld."""
    shot = page.call("Page.captureScreenshot", format="jpeg", quality=60)["data"]
    now = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")
    last = Image.open(io.BytesIO(data)).convert("RGB")
    seen, there = (
        _pixels(image.resize((SIZE[0] // 8, SIZE[1] // 8)), place, 8) for image in (last, now)
    )
    if (np.abs(seen - there).max(axis=2) > 3 * _CHANGED).mean() > 0.05:
        raise PageError("The browser withheld frames, so that the last change was not seen.")


def _pixels(image: Image.Image, place: dict[str, float], scale: int) -> Pixels:
    left, top = int(place["x"] / scale), int(place["y"] / scale)
    right = int((place["x"] + place["width"]) / scale)
    bottom = int((place["y"] + place["height"]) / scale)
    return np.asarray(image.crop((left, top, right, bottom))).astype(np.int16)


def _last_change(frames: list[tuple[float, bytes]], place: dict[str, float]) -> float | None:
    """Return when the last frame came that differs, within the place, from the one before."""
    after: Pixels | None = None
    last = None
    # From the end, so that no more is decoded than is needed.
    for moment, data in reversed(frames):
        pixels = _pixels(Image.open(io.BytesIO(data)).convert("RGB"), place, SCALE)
        if after is not None:
            changed = (np.abs(pixels - after).max(axis=2) > _CHANGED).sum()
            if changed > _FEW:
                return last
        after, last = pixels, moment
    return None
