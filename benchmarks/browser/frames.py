"""How smooth a page is while something happens: its animation frames and its main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.browser.cdp import Page
from benchmarks.timing import times

_START = """(() => {
  const state = (window.__bench = { gaps: [], run: true });
  let last = performance.now();
  const tick = (now) => {
    const time = performance.now();
    state.gaps.push(time - last);
    last = time;
    if (state.run) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})()"""
_STOP = "(() => { window.__bench.run = false; return window.__bench.gaps; })()"


class Smoothness(NamedTuple):
    """Frames a second; times between frames and main-thread time a frame, in milliseconds."""

    fps: float
    median: float
    p95: float
    worst: float
    script: float
    task: float


def smoothness(page: Page, act: Callable[[], object]) -> Smoothness:
    """Measure while something happens.

    `script` is the browser's count of main-thread JavaScript (`ScriptDuration`) divided by the
    frames, `task` that of all main-thread work (`TaskDuration`).
    """
    page.evaluate(_START)
    before = _counters(page)
    act()
    after = _counters(page)
    gaps: list[float] = page.evaluate(_STOP)[1:]
    found, count = times(gaps), max(1, len(gaps))

    def a_frame(name: str) -> float:
        return (after[name] - before[name]) * 1000 / count

    fps = count / (sum(gaps) / 1000) if gaps else 0.0
    return Smoothness(
        fps,
        found.median,
        found.p95,
        found.worst,
        a_frame("ScriptDuration"),
        a_frame("TaskDuration"),
    )


def _counters(page: Page) -> dict[str, float]:
    found = page.call("Performance.getMetrics")["metrics"]
    return {entry["name"]: entry["value"] for entry in found}
