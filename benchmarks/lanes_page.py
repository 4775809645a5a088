"""Lanes of many tracks through a long video: worked out, painted, and the playhead moved."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.browser.cdp import Chromium
from benchmarks.report import Report, main, ratio

PAGES = Path(__file__).resolve().parent / "pages"
JS = PAGES.parents[1] / "js"
SIZES = ((100, 10_000, 20), (1000, 100_000, 20), (1000, 100_000, 1000))


def measure(report: Report) -> None:
    """Fill the table."""
    table = report.table(
        "Lanes of tracks under a video, in a canvas of 1200 x 240 pixels",
        *("tracks", "frames", "keyframes a track", "build, ms", "one track changed, ms"),
        *("paint all frames, ms", "paint 300 frames, ms", "playhead, ms"),
        *("each keyframe and frame painted, ms", "that / ours"),
    )
    command = ["node", "node_modules/esbuild/bin/esbuild", str(PAGES / "lanes.ts"), "--bundle"]
    script = subprocess.run(command, cwd=JS, check=True, capture_output=True, text=True).stdout
    with Chromium() as browser, browser.page() as page:
        page.evaluate(script)
        for tracks, frames, keyframes in SIZES[: 1 if report.quick else None]:
            found = page.evaluate(f"measureLanes({tracks}, {frames}, {keyframes})")
            table.add(
                *(tracks, frames, keyframes, found["build"], found["changed"], found["whole"]),
                *(found["near"], found["playhead"], found["plain"]),
                ratio(found["plain"], found["whole"]),
            )
    table.notes = [
        "Of the lanes those in sight are painted, each column of pixels once; what they tell is",
        "worked out once for each track. The other paints each keyframe of the same lanes, and the",
        "number of objects of each frame. When the playhead moves nothing is painted.",
    ]


if __name__ == "__main__":
    main("lanes_page", measure)
