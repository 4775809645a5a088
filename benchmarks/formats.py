"""Label files: COCO of 100,000 and a million polygons, beside pycocotools, json and orjson; MOT."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import labelwidgets as lw
from benchmarks import scenes
from benchmarks.report import Report, Table, main, ratio
from benchmarks.timing import timed

ANNOTATIONS = 100_000
MILLION = 1_000_000
# Of a million, so that the file has some 300 MB.
VERTICES = 11
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
    _million(report)
    _tracks(report)


def _million(report: Report) -> None:
    count = MILLION // 100 if report.quick else MILLION
    table = report.table(
        f"COCO as a frame, {count:,} polygons of {VERTICES} vertices",
        *("what", "ours", "beside", "theirs", "theirs / ours"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        path, out = Path(folder, "labels.json"), Path(folder, "out.json")
        _write_million(path, count)
        size = path.stat().st_size / 1e6
        reads = _in_turn(_FRAME, _COCO, path, out)
        for name, unit, ours, theirs in zip(
            ("read_frame", "read_frame", "read_frame, peak"),
            ("s", "CPU s", "MB"),
            *(map(min, zip(*times, strict=True)) for times in reads),
            strict=True,
        ):
            table.add(f"{name}, {unit}", ours, "pycocotools.COCO", theirs, ratio(theirs, ours))
        # As crowd-kit elsewhere: only measured beside, so that nobody need install it.
        other = "orjson.dumps" if find_spec("orjson") else "msgspec.json.encode"
        _compare(table, "write", _in_turn(_WRITE, _dumps(1), path, out), f"{other}, dicts read")
        # What the first wrote, which has more in it: an id and an origin for each record.
        _compare(table, "write", _in_turn(_WRITE, _dumps(2), path, out), f"{other}, the same")
        some = count // 5
        _write_million(path, some)
        name = f"write, {some:,} made here"
        _compare(table, name, _in_turn(_MADE, _dumps(2), path, out), f"{other}, the same")
    table.notes = [
        f"A file of {size:.0f} MB; the least of {TURNS} runs each, in fresh processes, ours and",
        "theirs in turn, imports done. Peak memory counts them. The frame has the columns of",
        "`project.annotations`, and is written from the bytes that its shapes are, with an id",
        "and origin beside each record. Made here are `Annotation` objects, boxes and areas",
        "computed. The others write dicts that are there: those of the file that was read, or the",
        "same that we write.",
    ]


def _compare(table: Table, name: str, runs: list[list[list[float]]], beside: str) -> None:
    """Add rows of the least of all runs."""
    rows = zip(
        ("s", "CPU s", "more memory, MB"),
        *(map(min, zip(*times, strict=True)) for times in runs),
        strict=True,
    )
    for unit, ours, theirs in rows:
        table.add(f"{name}, {unit}", ours, beside, theirs, ratio(theirs, ours))


def _write_million(path: Path, count: int) -> None:
    """Write a file piece by piece: as dicts it would take gigabytes."""
    some = min(count, 20_000)
    document = _document(some, VERTICES)
    pictures = -(-count // A_PICTURE)
    with path.open("w") as file:
        images = [
            {"id": number, "file_name": f"{number:06}.jpg", "width": 1000, "height": 1000}
            for number in range(1, pictures + 1)
        ]
        categories = json.dumps(document["categories"])
        file.write(f'{{"images": {json.dumps(images)}, "categories": {categories}')
        file.write(', "annotations": [')
        for number in range(count):
            label = document["annotations"][number % some]
            label |= {"id": number + 1, "image_id": number // A_PICTURE + 1}
            file.write(", " * (number > 0) + json.dumps(label))
        file.write("]}")


def _in_turn(ours: str, theirs: str, path: Path, out: Path) -> list[list[list[float]]]:
    """Return wall seconds, CPU seconds and MB of each run of some code."""
    found: list[list[list[float]]] = [[], []]
    for _ in range(TURNS):
        for made, code in zip(found, (ours, theirs), strict=True):
            command = [sys.executable, "-c", code + _TOLD, str(path), str(out)]
            answer = subprocess.run(command, capture_output=True, text=True, check=True)
            made.append([float(one) for one in answer.stdout.split()[-3:]])
    return found


TURNS = 3
_CLOCK = """
import gc, re, sys, time
import pandas, fsspec, tqdm.auto
def peak():
    found = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
    return int(found[1]) * 1024 / 1e6
before = 0.0
"""
_BEGIN = """
wall, cpu = time.perf_counter(), time.process_time()
"""
_TOLD = """
print()
print(time.perf_counter() - wall, time.process_time() - cpu, peak() - before)
"""
_FRAME = (
    f"{_CLOCK}import labelwidgets as lw\nlw.formats.read_frame{_BEGIN}"
    "found = lw.formats.read_frame(sys.argv[1], 'coco')"
)
_COCO = f"{_CLOCK}from pycocotools.coco import COCO{_BEGIN}found = COCO(sys.argv[1])"
_WRITE = (
    f"{_CLOCK}import labelwidgets as lw\nfound = lw.formats.read_frame(sys.argv[1], 'coco')\n"
    f"before = peak(){_BEGIN}lw.formats.write(found, sys.argv[2], 'coco')"
)
_MADE = f"""{_CLOCK}
import labelwidgets as lw
read = lw.formats.read(sys.argv[1], "coco")
found = [
    lw.Annotation(item_id=one.item_id, class_name=one.class_name, geometry=one.geometry)
    for one in read.annotations
]
known = {{"items": read.items, "ontology": read.ontology}}
before = peak(){_BEGIN}lw.formats.write(found, sys.argv[2], "coco", **known)"""


def _dumps(place: int) -> str:
    """Return code that writes the dicts of a file again: the one that is read, or the other."""
    code = (
        f"{_CLOCK}import orjson\ngc.disable()\n"
        f"found = orjson.loads(open(sys.argv[{place}], 'rb').read())\n"
        f"before = peak(){_BEGIN}open(sys.argv[2], 'wb').write(orjson.dumps(found))"
    )
    if find_spec("orjson"):
        return code
    code = code.replace("orjson.loads", "orjson.decode").replace("orjson.dumps", "orjson.encode")
    return code.replace("import orjson", "import msgspec.json as orjson")


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


def _document(count: int, vertices: int = scenes.VERTICES) -> dict[str, Any]:
    draw = np.random.default_rng(3)
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    annotations = []
    for number in range(count):
        reach = draw.uniform(20, 60, vertices)
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
