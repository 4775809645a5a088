"""The store of a team: claims and edits of 16 people at once, and frames of millions of labels."""

from __future__ import annotations

import gc
import multiprocessing
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import psutil
from sqlalchemy import text

from benchmarks import surroundings
from benchmarks.report import Report, main, ratio
from benchmarks.timing import timed, times
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
            places = {"PostgreSQL": server.database(), "SQLite": str(folder / "team.db")}
            count = TASKS // 10 if report.quick else TASKS
            for place in places.values():
                _make(place, count).close()
            _claims(report, places, count)
            _edits(report, places)
        _frames(report, server, count)
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


# People at once


def _together(work: Work, place: str, count: int) -> list[Any]:
    """Run a function in as many processes as there are people, and return what they say."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.team_store"])
    running = []
    for number in range(PEOPLE):
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
    """Claim and submit tasks, and say how long each claim took, and which they were."""
    with Store.open(place, wait=60) as store:
        actor = f"person{number}"

        def begin(task: Any, annotations: Any) -> Move:
            return Move("open", {"state": "in_progress", "assignee": actor}, {})

        def finish(task: Any, annotations: Any) -> Move:
            return Move("submit", {"state": "submitted", "assignee": actor}, {})

        store.last_seq()
        heard.send("ready")
        heard.recv()
        taken, got = [], []
        for _ in range(count):
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
    with Store.open(place, wait=60) as store:
        session = Session(store, None, f"editor{number}")  # type: ignore[arg-type]
        task, name = session.open().task["id"], new_id()
        _apply(session, task, name, 0)
        heard.send("ready")
        heard.recv()
        time.sleep(THOUGHT * number / PEOPLE)
        taken = []
        for turn in range(1, count + 1):
            time.sleep(THOUGHT)
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
        f"The next task of {count:,}, claimed by {PEOPLE} processes without a pause",
        *("store", "claims", "p50, ms", "p95, ms", "worst, ms", "given twice"),
    )
    for name, place in places.items():
        said = _together(claim_all, place, each)
        found = times([one for taken, _ in said for one in taken])
        twice = sum(n > 1 for n in Counter(task for _, got in said for task in got).values())
        table.add(name, PEOPLE * each, found.median, found.p95, found.worst, twice)
    table.notes = ["Each submits what it got and claims again; all wait for one another's flushes."]


def _edits(report: Report, places: dict[str, str]) -> None:
    each = 6 if report.quick else 40
    table = report.table(
        f"One durable edit, {PEOPLE} people with half a second between",
        *("store", "edits", "p50, ms", "p95, ms", "worst, ms"),
    )
    for name, place in places.items():
        found = times([one for taken in _together(edit_all, place, each) for one in taken])
        table.add(name, PEOPLE * each, found.median, found.p95, found.worst)


# Frames


def _frames(report: Report, server: Postgres, count: int) -> None:
    url = server.database()
    with _make(url, count) as store:
        rows = _fill(store, server, url)
        table = report.table(
            f"Frames of {count:,} tasks with {rows:,} labels on PostgreSQL",
            *("what", "seconds", "memory, GB", "seconds / ADBC's"),
        )
        alone, memory = _weighed(lambda: _adbc(url))
        table.add("ADBC alone: the same columns into pandas", alone, memory, "1.00")
        ours, memory = _weighed(lambda: store.annotations)
        table.add("project.annotations", ours, memory, ratio(ours, alone))
        tasks, memory = _weighed(lambda: store.tasks)
        table.add("project.tasks", tasks, memory, None)
        if report.quick:
            other, memory = _weighed(lambda: _sql(store))
            table.add("SQLAlchemy and pandas.read_sql", other, memory, ratio(other, alone))
    table.notes = [
        "project.annotations has shapes and answers decoded; beside it they are text. Memory is",
        "the most that the process grew by.",
    ]


def _fill(store: Store, server: Postgres, url: str) -> int:
    ids = store.task_ids()
    rows = len(ids) * LABELS_OF_A_TASK
    made = f"""
        INSERT INTO annotations (id, seq, task_id, item_id, class_name, geometry_type, geometry,
            attributes, author, origin, state, created_at, updated_at, revision, deleted,
            x, y, width, height, area)
        SELECT 'label' || g, g + 100, t.id, t.item_id, 'car', 'rectangle',
            '{{"type":"rectangle","x":' || g % 500 || '.5,"y":2.25,"width":30.0,"height":40.0}}',
            '{{}}', 'person' || g % 3, '{{}}', 'editable', 1700000000000000 + g,
            1700000000000000 + g, 1, FALSE, g % 500 + 0.5, 2.25, 30, 40, 1200
        FROM generate_series(0, {rows - 1}) g
        JOIN tasks t ON t.position = 1024 * (g / {LABELS_OF_A_TASK})"""  # noqa: S608 numbers
    server.do("ALTER TABLE annotations DISABLE TRIGGER ALL", url)
    server.do(made, url)
    server.do("VACUUM ANALYZE", url)
    return rows


QUERY = "SELECT {columns} FROM annotations WHERE NOT deleted ORDER BY seq"


def _columns() -> Sequence[str]:
    from labelwidgets.store.frames import ANNOTATION_COLUMNS

    return list(ANNOTATION_COLUMNS)


def _adbc(url: str) -> pd.DataFrame:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(QUERY.format(columns=", ".join(_columns())))
        frame: pd.DataFrame = cursor.fetch_arrow_table().to_pandas()
        return frame


def _sql(store: Store) -> pd.DataFrame:
    with store.reading() as connection:
        return pd.read_sql(text(QUERY.format(columns=", ".join(_columns()))), connection)


def _weighed(call: Callable[[], pd.DataFrame]) -> tuple[float, float]:
    """Return the seconds of a call, and by how many gigabytes the process had grown after it."""
    gc.collect()
    before = psutil.Process().memory_info().rss
    kept: list[pd.DataFrame] = []
    taken = timed(lambda: kept.append(call()), warm=False).median / 1000
    grown = (psutil.Process().memory_info().rss - before) / 1e9
    kept.clear()
    return taken, grown


if __name__ == "__main__":
    main("team_store", measure)
