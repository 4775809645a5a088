"""The store: durable edits one by one and in bulk, frames, opening a task, the past."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import labelwidgets as lw
from benchmarks import scenes, surroundings
from benchmarks.report import Report, main, ratio
from benchmarks.timing import Times, timed, times
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import Applied, Edit

EDITS = 1_000
BULK = 10_000
ROWS = 100_000


def measure(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-", dir=_disk()) as folder:
        _edits(report, Path(folder))
        _bulk(report, Path(folder))
        _reading(report, Path(folder))


def _disk() -> Path:
    """A folder on a real disk: a temporary folder may be memory, where nothing is flushed."""
    surroundings.WORK.mkdir(exist_ok=True)
    return surroundings.WORK


# Single edits


def _edits(report: Report, home: Path) -> None:
    count = EDITS // 10 if report.quick else EDITS
    table = report.table(
        f"{count:,} durable edits of one box, one by one",
        *("way", "edits/s", "p50, ms", "p95, ms", "p99, ms", "p50 / ours"),
    )
    project = scenes.project(home / "edits.db", surroundings.picture(), "box", 1_000)
    task = str(project.tasks["id"].iloc[0])
    made = [_update(task, annotation, number) for number, annotation in _turns(project, count)]
    session = project.session()

    def apply(edit: Edit) -> None:
        (outcome,) = session.apply([edit])
        if not isinstance(outcome, Applied):
            raise RuntimeError(outcome.message)

    lines = [json.dumps({"id": e.id, "task": e.task, "after": e.after}) for e in made]
    ours = _each([lambda edit=edit: apply(edit) for edit in made])  # type: ignore[misc]
    project.close()
    plain = _each(_rows(home / "plain.db", lines))
    jsonl = _each(_appends(home / "plain.jsonl", lines))
    flush = _each(_flushes(home / "flush"))
    for name, found in (
        ("Session.apply", ours),
        ("sqlite3 alone: one row, WAL, synchronous=FULL", plain),
        ("a line of JSON and fsync", jsonl),
        ("4 kB and fsync alone: the disk", flush),
    ):
        rate = 1000 / found[1]
        spread = found[0]
        table.add(name, rate, *spread[:3], ratio(spread.median, ours[0].median))
    table.notes = [
        "Session.apply checks who may, the ontology, the shape and its revision, and writes the",
        "edit to the log with before and after beside the state itself; the others write the same",
        "text once and check nothing. The last row is what one flush costs on this disk: where it",
        "is a fraction of a millisecond, the disk does not wait for its platter or its cells.",
    ]


def _turns(project: lw.Project, count: int) -> list[tuple[int, str]]:
    ids = [str(name) for name in project.annotations["id"]]
    return [(turn // len(ids), ids[turn % len(ids)]) for turn in range(count)]


def _update(task: str, annotation: str, turn: int) -> Edit:
    box = {"type": "rectangle", "x": 100.25 + turn, "y": 200.5, "width": 60.75, "height": 40.5}
    after = {"geometry": box}
    return Edit(
        id=new_id(), task=task, kind="update", annotation=annotation, base=turn + 1, after=after
    )


def _each(calls: list[Callable[[], object]]) -> tuple[Times, float]:
    """Return the times of calls, one after another, and their mean in milliseconds."""
    taken = []
    for call in calls:
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    return times(taken), sum(taken) / len(taken)


def _rows(path: Path, lines: list[str]) -> list[Callable[[], object]]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE edits (seq INTEGER PRIMARY KEY, edit TEXT NOT NULL)")
    insert = "INSERT INTO edits (edit) VALUES (?)"
    return [lambda line=line: connection.execute(insert, (line,)) for line in lines]  # type: ignore[misc]


def _appends(path: Path, lines: list[str]) -> list[Callable[[], object]]:
    file = path.open("ab", buffering=0)

    def append(line: str) -> None:
        file.write(line.encode() + b"\n")
        os.fsync(file.fileno())

    return [lambda line=line: append(line) for line in lines]  # type: ignore[misc]


def _flushes(path: Path) -> list[Callable[[], object]]:
    file = path.open("ab", buffering=0)
    page = b"\0" * 4096

    def flush() -> None:
        file.write(page)
        os.fsync(file.fileno())

    return [flush] * 200


# Many at once


def _bulk(report: Report, home: Path) -> None:
    count = BULK // 10 if report.quick else BULK
    table = report.table(
        f"{count:,} polygons of {scenes.VERTICES} vertices",
        *("what", "ours, ms", "beside", "beside, ms", "beside / ours"),
    )
    path = home / "bulk.db"
    with scenes.project(path, surroundings.picture(), "polygon", 0) as project:
        item = str(project.dataset.items["id"].iloc[0])
        made = scenes.labels("polygon", count, item)
        adding = timed(lambda: project.add(made), warm=False).median
        moment = datetime.now(UTC)
        task = str(project.tasks["id"].iloc[0])
        text = [json.dumps(_parts(annotation)) for annotation in made]
        opening = timed(lambda: project.session().open(task), 5).median
        frame = timed(lambda: project.annotations, 5).median
        past = timed(lambda: project.at(moment).annotations, 3).median
        mean = project.annotations["area"].mean()
    plain = home / "bulk-plain.db"
    writing = timed(lambda: _write_plain(plain, text), warm=False).median
    reading = timed(lambda: _read_plain(plain), 5).median
    one = "sqlite3 and json alone"
    table.add("Project.add, durable", adding, f"{one}, one table", writing, ratio(writing, adding))
    table.add("Session.open", opening, one, reading, ratio(reading, opening))
    table.add("project.annotations", frame, one, reading, ratio(reading, frame))
    table.add("project.at(now).annotations", past, one, reading, ratio(reading, past))
    table.notes = [
        "The other side writes the coordinates as JSON, one row a shape, in one durable",
        f"transaction, and reads them back into lists. Mean area {mean:.0f} px.",
    ]


def _parts(annotation: lw.Annotation) -> list[list[list[tuple[float, float]]]]:
    geometry = annotation.geometry
    if not isinstance(geometry, lw.Polygon):
        raise TypeError("These are polygons.")
    return geometry.parts


def _write_plain(path: Path, text: list[str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE shapes (id INTEGER PRIMARY KEY, class TEXT, parts TEXT)")
    connection.execute("BEGIN")
    rows = (("car", line) for line in text)
    connection.executemany("INSERT INTO shapes (class, parts) VALUES (?, ?)", rows)
    connection.execute("COMMIT")
    connection.close()


def _read_plain(path: Path) -> list[object]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT id, class, parts FROM shapes").fetchall()
    connection.close()
    return [(number, name, json.loads(parts)) for number, name, parts in rows]


# Frames


def _reading(report: Report, home: Path) -> None:
    rows = ROWS // 10 if report.quick else ROWS
    table = report.table(f"A project of {rows:,} boxes", "what", "ms", "microseconds a row")
    with scenes.project(home / "rows.db", surroundings.picture(), "box", 0) as project:
        item = str(project.dataset.items["id"].iloc[0])
        for start in range(0, rows, BULK):
            made = scenes.labels("box", min(BULK, rows - start), item)
            began = time.perf_counter()
            project.add(made)
            last = (time.perf_counter() - began) * 1000
        table.add(f"Project.add, the last {len(made):,}", last, last * 1000 / len(made))
        for name, call in (
            ("project.annotations", lambda: project.annotations),
            ("project.events", lambda: project.events),
            ("project.records()", project.records),
            ("project.at(now).annotations", lambda: project.at(datetime.now(UTC)).annotations),
        ):
            found = timed(call, 3).median
            table.add(name, found, found * 1000 / rows)


if __name__ == "__main__":
    main("store", measure)
