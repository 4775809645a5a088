"""The store of a team: claims and edits of 16 people at once, and frames of millions of labels."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import resource
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
from sqlalchemy import text

from benchmarks import surroundings
from benchmarks.report import Report, main, ratio
from benchmarks.timing import times
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.store.edits import Applied, Edit
from labelwidgets.store.moves import Move
from labelwidgets.store.store import Store
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.session import Session
from tests.servers.postgres import Postgres

PEOPLE = 16
TASKS = 100_000
LABELS_OF_A_TASK = 30
THOUGHT = 0.5
Work: TypeAlias = Callable[[str, int, int, Connection], None]


def measure(report: Report) -> None:
    surroundings.WORK.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="lwbench"))
    server = Postgres(home, durable=True)
    try:
        with _file() as folder:
            url, path = server.database(), folder / "team.db"
            places = {"PostgreSQL": url, "SQLite": str(path)}
            count = TASKS // 10 if report.quick else TASKS
            for place in places.values():
                _make(place, count).close()
            rows = _fill(server, url, count)
            _fill_file(path, count)
            floors = _floors(report, server, folder)
            _claims(report, places, count)
            _edits(report, places, floors)
            _frames(report, url, path, count, rows)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _file() -> Iterator[Path]:
    """A folder on a real disk: a temporary folder may be memory, where nothing is flushed."""
    with tempfile.TemporaryDirectory(dir=surroundings.WORK) as folder:
        yield Path(folder)


def _make(place: str, count: int) -> Store:
    items = pd.DataFrame(
        {
            "id": [f"item{number}" for number in range(count)],
            "kind": "image",
            "title": [f"{number}.jpg" for number in range(count)],
            "folder": "",
            "urls": [[f"/photos/{number}.jpg"] for number in range(count)],
            "metadata": [{"width": 640, "height": 480}] * count,
            "status": "ok",
        }
    )
    flow = maker_only()
    return Store.create(
        place,
        ontology=Ontology([ObjectClass("car")]),
        items=items,
        workflow=flow.to_dict(),
        initial=flow.initial,
        actor="ana",
    )


# What the labels are made from: one row a number, of which `per` are of one task.
_LABELS = """
    INSERT INTO annotations (id, seq, task_id, item_id, class_name, geometry_type, geometry,
        attributes, author, origin, state, created_at, updated_at, revision, deleted,
        x, y, width, height, area)
    SELECT 'label' || n, n + 100, t.id, t.item_id, 'car', 'rectangle',
        '{{"type":"rectangle","x":' || (n % 500) || '.5,"y":2.25,"width":30.0,"height":40.0}}',
        '{{}}', 'person' || (n % 3), '{{}}', 'editable', 1700000000000000 + n,
        1700000000000000 + n, 1, FALSE, n % 500 + 0.5, 2.25, 30, 40, 1200
    FROM {numbers} JOIN tasks t ON t.position = 1024 * (n / {per})"""


def _fill(server: Postgres, url: str, count: int) -> int:
    rows = count * LABELS_OF_A_TASK
    numbers = f"generate_series(0, {rows - 1}) AS n"
    # The constraints hold by the way the rows are made: to check each of them takes minutes.
    server.do("ALTER TABLE annotations DISABLE TRIGGER ALL", url)
    server.do(_LABELS.format(numbers=numbers, per=LABELS_OF_A_TASK), url)
    server.do("ALTER TABLE annotations ENABLE TRIGGER ALL", url)
    server.do("VACUUM ANALYZE", url)
    return rows


def _fill_file(path: Path, count: int) -> None:
    rows = count * LABELS_OF_A_TASK
    numbers = (
        f"(WITH RECURSIVE s (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM s WHERE n < {rows - 1}) "  # noqa: S608
        "SELECT n FROM s) AS s"
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        # In the order of the keys, an index is made in a fraction of the time.
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'annotations' AND type = 'index'"
            " AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute(_LABELS.format(numbers=numbers, per=LABELS_OF_A_TASK))
        for _, made in indexes:
            connection.execute(made)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _floors(report: Report, server: Postgres, folder: Path) -> dict[str, float]:
    """Measure what one durable commit costs at the least, here and now."""
    import psycopg

    table = report.table("The least that is durable: one row", "way", "p50, ms", "p95, ms")
    row, insert = "x" * 400, "INSERT INTO least (row) VALUES"
    file = (folder / "flush").open("ab", buffering=0)

    def flush() -> None:
        file.write(b"0" * 4096)
        os.fsync(file.fileno())

    url = server.database()
    with (
        psycopg.connect(url, autocommit=True) as connected,
        closing(sqlite3.connect(folder / "least.db", isolation_level=None)) as opened,
    ):
        connected.execute("CREATE TABLE least (row TEXT)")
        for statement in ("journal_mode = WAL", "synchronous = FULL"):
            opened.execute(f"PRAGMA {statement}")
        opened.execute("CREATE TABLE least (row TEXT)")
        ways: dict[str, Callable[[], object]] = {
            "4 kB and fsync": flush,
            "PostgreSQL": lambda: connected.execute(f"{insert} (%s)".encode(), [row]),
            "SQLite": lambda: opened.execute(f"{insert} (?)", [row]),
        }
        found = {name: times([_spent(call) for _ in range(200)]) for name, call in ways.items()}
    file.close()
    for name, spent in found.items():
        table.add(name, spent.median, spent.p95)
    return {name: spent.median for name, spent in found.items()}


def _spent(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


# People at once


def _together(work: Work, place: str, count: int, people: int = PEOPLE) -> list[Any]:
    """Run a function in as many processes as there are people, and return what they say."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.team_store"])
    running = []
    for number in range(people):
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(place, number, count, theirs), daemon=True)
        process.start()
        running.append((process, ours))
    for _, ours in running:
        ours.recv()
    for _, ours in running:
        ours.send("go")
    said = [ours.recv() for _, ours in running]
    for process, _ in running:
        process.join()
    return said


def claim_all(place: str, number: int, count: int, heard: Connection) -> None:
    """Claim and submit tasks, half a second between; say how long each claim took, and which."""
    _claim(place, number, count, heard, THOUGHT)


def claim_without_pause(place: str, number: int, count: int, heard: Connection) -> None:
    """Claim and submit tasks; say how long each claim took, and which they were."""
    _claim(place, number, count, heard, 0)


def _claim(place: str, number: int, count: int, heard: Connection, pause: float) -> None:
    with Store.open(place, wait=60) as store:
        actor = f"person{number}"

        def begin(task: Any, annotations: Any) -> Move:
            return Move("open", {"state": "in_progress", "assignee": actor}, {})

        def finish(task: Any, annotations: Any) -> Move:
            return Move("submit", {"state": "submitted", "assignee": actor}, {})

        # What is made at the first claim of a process is no part of the others.
        first = store.claim(actor, ["in_progress"], ["queued"], begin)
        got = [] if first is None else [first["id"]]
        if first is not None:
            store.move(first["id"], actor, finish)
        heard.send("ready")
        heard.recv()
        time.sleep(pause * number / PEOPLE)
        taken = []
        for _ in range(count):
            time.sleep(pause)
            start = time.perf_counter()
            task = store.claim(actor, ["in_progress"], ["queued"], begin)
            taken.append((time.perf_counter() - start) * 1000)
            if task is None:
                break
            got.append(task["id"])
            store.move(task["id"], actor, finish)
        heard.send((taken, got))


def edit_all(place: str, number: int, count: int, heard: Connection) -> None:
    """Move a box again and again, half a second between; say how long each edit took."""
    _edit(place, number, count, heard, THOUGHT)


def edit_without_pause(place: str, number: int, count: int, heard: Connection) -> None:
    """Move a box again and again; say how long each edit took."""
    _edit(place, number, count, heard, 0)


def _edit(place: str, number: int, count: int, heard: Connection, pause: float) -> None:
    with Store.open(place, wait=60) as store:
        session = Session(store, None, f"editor{number}")  # type: ignore[arg-type]
        task, name = session.open().task["id"], new_id()
        _apply(session, task, name, 0)
        heard.send("ready")
        heard.recv()
        time.sleep(pause * number / PEOPLE)
        taken = []
        for turn in range(1, count + 1):
            time.sleep(pause)
            start = time.perf_counter()
            _apply(session, task, name, turn)
            taken.append((time.perf_counter() - start) * 1000)
        heard.send(taken)


def _apply(session: Any, task: str, name: str, turn: int) -> None:
    box = {"type": "rectangle", "x": turn % 500, "y": 2, "width": 30, "height": 40}
    after: dict[str, Any] = {"geometry": box} if turn else {"geometry": box, "class_name": "car"}
    kind: Any = "update" if turn else "create"
    edit = Edit(id=new_id(), task=task, kind=kind, annotation=name, base=turn, after=after)
    (made,) = session.apply([edit], "page")
    if not isinstance(made, Applied):
        raise RuntimeError(made.message)


def _claims(report: Report, places: dict[str, str], count: int) -> None:
    each = 5 if report.quick else 25
    table = report.table(
        f"The next task of {count:,}, claimed by {PEOPLE} processes",
        *("store", "pause, s", "claims", "p50, ms", "p95, ms", "worst, ms", "given twice"),
    )
    for name, place in places.items():
        for work, pause in ((claim_all, THOUGHT), (claim_without_pause, 0)):
            said = _together(work, place, each)
            found = times([one for taken, _ in said for one in taken])
            twice = sum(n > 1 for n in Counter(task for _, got in said for task in got).values())
            table.add(name, pause, PEOPLE * each, found.median, found.p95, found.worst, twice)
    table.notes = [
        "Each submits what it got and claims again; without a pause, all are on two processors and",
        "wait for one another's flushes.",
    ]


def _edits(report: Report, places: dict[str, str], floors: dict[str, float]) -> None:
    each = 6 if report.quick else 40
    table = report.table(
        "One durable edit",
        *("store", "people", "pause, s", "edits", "p50, ms", "p95, ms", "worst, ms"),
        "p50 / least",
    )
    for name, place in places.items():
        for work, people, pause in ((edit_all, PEOPLE, THOUGHT), (edit_without_pause, 4, 0)):
            said = _together(work, place, each, people)
            found = times([one for taken in said for one in taken])
            spread = found.median, found.p95, found.worst
            least = ratio(found.median, floors[name])
            table.add(name, people, pause, people * each, *spread, least)
    table.notes = [
        "Checked against the ontology, the shape and its revision, and written to the log with",
        "before and after beside the state itself. An edit goes to a server in two trips.",
    ]


# Frames


def _frames(report: Report, url: str, path: Path, count: int, rows: int) -> None:
    table = report.table(
        f"Frames of {count:,} tasks with {rows:,} labels",
        *("store", "what", "seconds", "at most, GB", "seconds / ADBC's"),
    )
    alone, memory = _weighed(_adbc, url)
    table.add("PostgreSQL", "ADBC alone: the same columns into pandas", alone, memory, "1.00")
    for name, place in {"PostgreSQL": url, "SQLite": str(path)}.items():
        taken, memory = _weighed(_annotations, place)
        share = ratio(taken, alone) if name == "PostgreSQL" else None
        table.add(name, "project.annotations", taken, memory, share)
        taken, memory = _weighed(_tasks, place)
        table.add(name, "project.tasks", taken, memory, None)
    if report.quick:
        other, memory = _weighed(_sql, url)
        table.add("PostgreSQL", "pandas.read_sql", other, memory, ratio(other, alone))
    table.notes = [
        "project.annotations has shapes and answers decoded; beside it they are text. Each in a",
        "process of its own, whose memory is told at its most, with all that was imported.",
    ]


def _annotations(place: str) -> pd.DataFrame:
    with Store.open(place) as store:
        return store.annotations


def _tasks(place: str) -> pd.DataFrame:
    with Store.open(place) as store:
        return store.tasks


QUERY = "SELECT {columns} FROM annotations WHERE NOT deleted ORDER BY seq"


def _columns() -> Sequence[str]:
    from labelwidgets.store.frame_columns import ANNOTATION_COLUMNS

    return list(ANNOTATION_COLUMNS)


def _adbc(url: str) -> pd.DataFrame:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(QUERY.format(columns=", ".join(_columns())))
        frame: pd.DataFrame = cursor.fetch_arrow_table().to_pandas()
        return frame


def _sql(url: str) -> pd.DataFrame:
    with Store.open(url) as store, store.reading() as connection:
        return pd.read_sql(text(QUERY.format(columns=", ".join(_columns()))), connection)


def _weighed(call: Callable[[str], pd.DataFrame], place: str) -> tuple[float, float]:
    """Return the seconds of a call, and the most gigabytes that its process had."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_weigh, args=(call, place, theirs))
    process.start()
    theirs.close()
    taken, most = ours.recv()
    process.join()
    return taken, most


def _weigh(call: Callable[[str], pd.DataFrame], place: str, heard: Connection) -> None:
    # Loaded before: that is no part of reading.
    for name in ("adbc_driver_postgresql.dbapi", "pyarrow", "labelwidgets.store.frames"):
        importlib.import_module(name)
    begun = time.perf_counter()
    made = call(place)
    taken = time.perf_counter() - begun
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    heard.send((taken, most))
    del made


if __name__ == "__main__":
    main("team_store", measure)
