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
# What the page's thread does beside it.
_RENDERING = {
    "Commit",
    "Layerize",
    "Layout",
    "MajorGC",
    "MinorGC",
    "Paint",
    "PrePaint",
    "UpdateLayoutTree",
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


def work_a_step(page: Page, act: Callable[[], object], event: str) -> tuple[Times, Times]:
    """Return the main thread's work from each event of a type to the next, in ms of the processor.

    The second is its part in JavaScript. The last step is left out, as nothing ends it.
    """
    events = _trace(page, act)
    mine = [one for one in events if one.get("dur") is not None]
    steps = [
        one
        for one in mine
        if one["name"] == "EventDispatch" and one["args"]["data"]["type"] == event
    ]
    if not steps:
        return times([]), times([])
    where = (steps[0]["pid"], steps[0]["tid"])
    starts = sorted(one["ts"] for one in steps)
    found = []
    for wanted in (_SCRIPT | _RENDERING, _SCRIPT):
        taken = [0.0] * len(starts)
        reached = 0.0
        for one in sorted(mine, key=lambda one: (one["ts"], -one["dur"])):
            inside = one["ts"] < reached
            if (one["pid"], one["tid"]) != where or one["name"] not in wanted or inside:
                continue
            step = bisect_right(starts, one["ts"]) - 1
            if step >= 0:
                taken[step] += one.get("tdur", 0) / 1000
            reached = one["ts"] + one["dur"]
        found.append(times(taken[:-1]))
    return found[0], found[1]


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
