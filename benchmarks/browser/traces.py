"""JavaScript in each frame, from a trace of the browser."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.browser.cdp import Page, PageError
from benchmarks.timing import Times, times

# What runs script; one inside another is counted once.
_SCRIPT = {
    "EvaluateScript",
    "EventDispatch",
    "FireAnimationFrame",
    "FunctionCall",
    "RunMicrotasks",
    "TimerFire",
}
_SAME_FRAME = 4_000  # microseconds


def script_a_frame(page: Page, act: Callable[[], object], cpu: bool = False) -> Times:
    """Return the main thread's JavaScript in each frame while something happens, in ms.

    With `cpu` it is time of the processor, which others on the machine do not lengthen.
    """
    events = _trace(page, act)
    painted = Counter(event["pid"] for event in events if event["name"] == "FireAnimationFrame")
    if not painted:
        return times([])
    process = painted.most_common(1)[0][0]
    threads = Counter(
        event["tid"]
        for event in events
        if event["pid"] == process and event["name"] == "FireAnimationFrame"
    )
    thread = threads.most_common(1)[0][0]
    mine = [
        (event["ts"], event["ts"] + event["dur"], event["name"], event.get("tdur", 0))
        for event in events
        if event["pid"] == process and event["tid"] == thread and event.get("dur") is not None
    ]
    starts: list[float] = []
    for start, _, name, _ in sorted(mine):
        if name == "FireAnimationFrame" and (not starts or start - starts[-1] > _SAME_FRAME):
            starts.append(start)
    taken = [0.0] * len(starts)
    reached = 0.0
    for start, end, name, busy in sorted(mine):
        if name not in _SCRIPT or end <= reached:
            continue
        frame = bisect_right(starts, start) - 1
        if 0 <= frame < len(starts) - 1:
            taken[frame] += (busy if cpu else end - max(start, reached)) / 1000
        reached = end
    return times(taken[:-1])


def _trace(page: Page, act: Callable[[], object]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    complete = threading.Event()
    page.on("Tracing.dataCollected", lambda given: events.extend(given["value"]))
    page.on("Tracing.tracingComplete", lambda _: complete.set())
    page.call("Tracing.start", traceConfig={"includedCategories": ["devtools.timeline"]})
    page.evaluate(_TICK)
    act()
    page.evaluate("window.__ticking = false")
    page.call("Tracing.end")
    if not complete.wait(60):
        raise PageError("The trace did not come.")
    return events


# A page that draws only when it must has frames all the same.
_TICK = """(() => {
  window.__ticking = true;
  const tick = () => { if (window.__ticking) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
})()"""
