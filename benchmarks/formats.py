"""Label files: COCO of 100,000 polygons, beside pycocotools and json; MOT beside pandas."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import labelwidgets as lw
from benchmarks import scenes
from benchmarks.report import Report, main, ratio
from benchmarks.timing import timed

ANNOTATIONS = 100_000
A_PICTURE = 20
REPEAT = 2


def measure(report: Report) -> None:
    count = ANNOTATIONS // 10 if report.quick else ANNOTATIONS
    table = report.table(
        f"COCO, {count:,} polygons of {scenes.VERTICES} vertices",
        *("what", "ours, ms", "beside", "beside, ms", "beside / ours"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        path = Path(folder, "labels.json")
        document = _document(count)
        path.write_text(json.dumps(document))
        size = path.stat().st_size / 1e6
        found = lw.formats.read(path, "coco")
        if len(found.annotations) != count:
            raise AssertionError(f"{len(found.annotations)} of {count} were read.")

        def pycocotools() -> Any:
            from pycocotools.coco import COCO

            with contextlib.redirect_stdout(io.StringIO()):
                return COCO(str(path))

        reading = timed(lambda: lw.formats.read(path, "coco"), REPEAT).median
        for name, call in (
            ("pycocotools.COCO(path)", pycocotools),
            ("json.load", lambda: json.loads(path.read_text())),
        ):
            beside = timed(call, REPEAT).median
            table.add("formats.read", reading, name, beside, ratio(beside, reading))
        out = Path(folder, "out.json")
        writing = timed(lambda: lw.formats.write(found, out, "coco"), REPEAT).median
        dumping = timed(lambda: out.write_text(json.dumps(document)), REPEAT).median
        table.add("formats.write", writing, "json.dump", dumping, ratio(dumping, writing))
        ours, theirs = _peak(_READ_OURS, path), _peak(_READ_THEIRS, path)
        if ours and theirs:
            table.add("formats.read, peak MB", ours, "pycocotools", theirs, ratio(theirs, ours))
    table.notes = [
        f"A file of {size:.0f} MB. Reading gives checked annotations with shapes of numbers, and",
        "writing computes areas and boxes; the others give and take plain dicts. Peak memory is of",
        "a fresh process that reads the file, in MB (10^6), its imports counted.",
    ]
    _tracks(report)


def _tracks(report: Report) -> None:
    tracks, frames = (20 if report.quick else 100), 10_000
    table = report.table(
        f"MOT, {tracks} tracks of {frames:,} frames, keyframes every 100",
        *("what", "ours, ms", "beside", "beside, ms", "beside / ours"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        path, out = Path(folder, "gt.txt"), Path(folder, "out.txt")
        draw = np.random.default_rng(5)
        keys, all_ = np.arange(0, frames + 100, 100), np.arange(frames)
        with path.open("w") as file:
            for track in range(1, tracks + 1):
                x, y = (np.interp(all_, keys, draw.uniform(10, 900, keys.size)) for _ in "xy")
                for frame, left, top in zip(all_ + 1, x, y, strict=True):
                    file.write(f"{frame},{track},{left:.6f},{top:.6f},40,30,1,1,1\n")
        items = pd.DataFrame(
            {
                "id": ["v"],
                "kind": "video",
                "title": "v.mp4",
                "urls": [["/v.mp4"]],
                "metadata": [{"width": 1000, "height": 1000, "frames": frames}],
            }
        )
        found = lw.formats.read(path, "mot", items=items)
        lw.formats.write(found, out, "mot")
        rows, again = (pd.read_csv(one, header=None).to_numpy() for one in (path, out))
        if rows.shape != again.shape or np.abs(rows - again).max() > 2e-6:
            raise AssertionError("Rows do not come back.")
        reading = timed(lambda: lw.formats.read(path, "mot", items=items), REPEAT).median
        beside = timed(lambda: pd.read_csv(path, header=None), REPEAT).median
        table.add("formats.read", reading, "pandas.read_csv", beside, ratio(beside, reading))
        writing = timed(lambda: lw.formats.write(found, out, "mot"), REPEAT).median
        frame = pd.DataFrame(rows)
        beside = timed(lambda: frame.to_csv(out, header=False, index=False), REPEAT).median
        table.add("formats.write", writing, "DataFrame.to_csv", beside, ratio(beside, writing))
        kept = sum(len(made.geometry.keyframes) for made in found.annotations)
    table.notes = [
        f"{tracks * frames:,} rows become {kept:,} keyframes, which say the same to a millionth of",
        "a pixel, and are written again row by row; pandas gives and takes a table of numbers.",
    ]


def _document(count: int) -> dict[str, Any]:
    draw = np.random.default_rng(3)
    turn = np.linspace(0, 2 * np.pi, scenes.VERTICES, endpoint=False)
    annotations = []
    for number in range(count):
        reach = draw.uniform(20, 60, scenes.VERTICES)
        x, y = draw.uniform(80, 900, 2)
        ring = np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], axis=1).round(2)
        low, high = ring.min(axis=0), ring.max(axis=0)
        xs, ys = ring.T
        area = abs(float(np.sum(xs * np.roll(ys, -1) - ys * np.roll(xs, -1)))) / 2
        annotations.append(
            {
                "id": number + 1,
                "image_id": number // A_PICTURE + 1,
                "category_id": number % len(scenes.CLASSES) + 1,
                "segmentation": [ring.ravel().tolist()],
                "bbox": [*low.tolist(), *(high - low).round(2).tolist()],
                "area": round(area, 2),
                "iscrowd": 0,
            }
        )
    pictures = range(1, -(-count // A_PICTURE) + 1)
    return {
        "images": [
            {"id": number, "file_name": f"{number:06}.jpg", "width": 1000, "height": 1000}
            for number in pictures
        ],
        "categories": [{"id": k + 1, "name": name} for k, name in enumerate(scenes.CLASSES)],
        "annotations": annotations,
    }


_READ_OURS = "import labelwidgets as lw, sys; found = lw.formats.read(sys.argv[1], 'coco')"
_READ_THEIRS = "from pycocotools.coco import COCO; import sys; found = COCO(sys.argv[1])"


_PEAK = """
import re
status = open("/proc/self/status").read()
print(re.search(r"VmHWM:\\s+(\\d+)", status)[1])
"""


def _peak(code: str, path: Path) -> float | None:
    """Return the largest resident size of a process that runs some code in MB; None off Linux."""
    if not Path("/proc/self/status").is_file():
        return None
    command = [sys.executable, "-c", code + _PEAK, str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[-1]) * 1024 / 1e6


if __name__ == "__main__":
    main("formats", measure)
