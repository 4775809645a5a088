"""Agreement of 10,000 tasks by 5 annotators with 20 boxes each, beside numpy and scipy."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

import labelwidgets as lw
from benchmarks.report import Report, main, ratio
from benchmarks.timing import beside, timed
from labelwidgets.algorithms.assignment import assign_many
from labelwidgets.algorithms.box_overlaps import box_ious
from labelwidgets.store.store import Store

PEOPLE, BOXES = 5, 20
# Tasks at once, for ours and for numpy: so that what is in between stays in the cache.
AT_ONCE = 50
REPEAT = 5


def measure(report: Report) -> None:
    table = report.table("Agreement", "what", "ours, ms", "beside", "beside, ms", "beside / ours")
    for count in (1_000,) if report.quick else (1_000, 10_000):
        tasks = _tasks(count)
        size = f"{count:,} tasks"
        ones, others = np.triu_indices(PEOPLE, 1)
        overlaps = np.concatenate([part.copy() for part in _ours(tasks, ones, others)])
        theirs = np.concatenate(list(_numpy(tasks, ones, others)))
        if not np.allclose(overlaps, theirs, rtol=0, atol=1e-12):
            raise AssertionError("The overlaps differ.")
        mine, its = beside(
            lambda: _used(_ours(tasks, ones, others)),  # noqa: B023
            lambda: _used(_numpy(tasks, ones, others)),  # noqa: B023
            REPEAT,
        )
        table.add(
            f"IoU of all pairs, {size}",
            *(mine.best, "numpy, batched", its.best, ratio(its.best, mine.best)),
        )

        sides = np.full(count * ones.size, BOXES)
        found = assign_many(overlaps, sides, sides)
        rows = np.flatnonzero(found >= 0)
        total = overlaps.reshape(-1, BOXES)[rows, found[rows]].sum()
        if not np.isclose(total, _scipy(overlaps), rtol=1e-12):
            raise AssertionError("The totals differ.")
        ours = timed(lambda: assign_many(overlaps, sides, sides), REPEAT).best  # noqa: B023
        other = timed(lambda: _scipy(overlaps), 1, warm=False).best  # noqa: B023
        table.add(f"assignment, {size}", ours, "scipy, one by one", other, ratio(other, ours))

        labels = _labels(tasks)
        for text, call in (
            ("lw.agreement(labels)", lambda: lw.agreement(labels)),  # noqa: B023
            (
                'lw.agreement(labels, by=["task", "pair"])',
                lambda: lw.agreement(labels, by=["task", "pair"]),  # noqa: B023
            ),
        ):
            table.add(f"{text}, {size}", timed(call, REPEAT).best, "", None, "")
        with _project(tasks) as project:
            taken = timed(project.agreement, 1).best
            table.add(f"project.agreement(), {size}", taken, "", None, "")
            taken = timed(lambda: project.annotations, 1, warm=False).best
            table.add(f"project.annotations alone, {size}", taken, "", None, "")
    table.notes = [
        f"{PEOPLE} annotators with {BOXES} boxes each: ten pairs of annotators a task, 20 x 20",
        "overlaps a pair. numpy computes with one array a coordinate, 50 tasks at a time, which is",
        "several times as fast as all at once. Of both, the overlaps of 50 tasks are used before",
        "the next are computed; the best of five runs in turn. Overlaps are checked to be equal",
        "to 1e-12, and the totals of both assignments to be the same. `project.agreement()` reads",
        "its labels from a SQLite file first.",
    ]


def _tasks(count: int) -> Any:
    """Return x, y, width and height of (count, PEOPLE, BOXES) boxes, in pixels."""
    draw = np.random.default_rng(0)
    places = draw.random((count, 1, BOXES, 2)) * 900
    sizes = 20 + draw.random((count, 1, BOXES, 2)) * 80
    seen = np.concatenate((places, sizes), axis=-1) + draw.normal(0, 5, (count, PEOPLE, BOXES, 4))
    seen[..., 2:] = seen[..., 2:].clip(2)
    return draw.permuted(seen.view([("box", "f8", 4)]), axis=2)["box"].reshape(seen.shape)


def _used(parts: Iterator[Any]) -> float:
    return sum(float(part[-1]) for part in parts)


def _ours(tasks: Any, ones: Any, others: Any) -> Iterator[Any]:
    room = np.empty(AT_ONCE * ones.size * BOXES**2)
    for begin in range(0, len(tasks), AT_ONCE):
        part = tasks[begin : begin + AT_ONCE]
        person = np.arange(len(part))[:, None] * PEOPLE
        first, second = ((person + side).ravel() * BOXES for side in (ones, others))
        sides = np.full(first.size, BOXES)
        yield box_ious(part.reshape(-1, 4), first, sides, second, sides, out=room)


def _numpy(tasks: Any, ones: Any, others: Any) -> Iterator[Any]:
    for begin in range(0, len(tasks), AT_ONCE):
        part = tasks[begin : begin + AT_ONCE]
        left, top, width, height = (np.ascontiguousarray(part[..., n]) for n in range(4))
        right, bottom, area = left + width, top + height, width * height

        def both(values: Any) -> tuple[Any, Any]:
            return values[:, ones][..., :, None], values[:, others][..., None, :]

        across = np.minimum(*both(right)) - np.maximum(*both(left))
        down = np.minimum(*both(bottom)) - np.maximum(*both(top))
        np.maximum(across, 0, out=across)
        np.maximum(down, 0, out=down)
        across *= down
        mine, its = both(area)
        yield (across / (mine + its - across)).ravel()


def _scipy(overlaps: Any) -> float:
    total = 0.0
    for matrix in overlaps.reshape(-1, BOXES, BOXES):
        total += matrix[linear_sum_assignment(matrix, maximize=True)].sum()
    return total


def _labels(tasks: Any) -> pd.DataFrame:
    count = len(tasks)
    flat = tasks.reshape(-1, 4)
    items = np.array([f"item {n}" for n in range(count)], object)
    people = np.array([f"person {n}" for n in range(PEOPLE)], object)
    made = pd.DataFrame(flat, columns=["x", "y", "width", "height"])
    made["item_id"] = pd.array(np.repeat(items, PEOPLE * BOXES), dtype="string")
    made["author"] = pd.array(np.tile(np.repeat(people, BOXES), count), dtype="string")
    made["class_name"] = pd.array(np.full(len(flat), "car", object), dtype="string")
    made["geometry_type"] = pd.array(np.full(len(flat), "rectangle", object), dtype="string")
    made["geometry"] = [lw.Rectangle(*box) for box in flat.tolist()]
    return made


@contextmanager
def _project(tasks: Any) -> Iterator[lw.Project]:
    """A project in which the boxes are; they are put there as rows, as to draw them takes hours."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "team.db"
        names = [f"item{number}" for number in range(len(tasks))]
        items = pd.DataFrame({"id": names, "kind": "image", "title": "", "folder": ""})
        items["urls"] = [[f"/{name}.jpg"] for name in names]
        items["metadata"] = [{"width": 1000, "height": 1000}] * len(names)
        items["status"] = "ok"
        flow = lw.workflow.maker_only()
        Store.create(
            str(place),
            ontology=lw.Ontology([lw.ObjectClass("car")]),
            items=items,
            workflow=flow.to_dict(),
            initial=flow.initial,
            actor="ana",
        ).close()
        with closing(sqlite3.connect(place)) as database, database:
            ids = dict(database.execute("SELECT item_id, id FROM tasks").fetchall())
            database.executemany(_LABEL, _rows(tasks, names, ids))
        with lw.Project.open(str(place), user="lea") as project:
            yield project


_LABEL = """
    INSERT INTO annotations (id, seq, task_id, item_id, class_name, geometry_type, geometry,
        attributes, author, origin, state, created_at, updated_at, revision, deleted,
        x, y, width, height, area)
    VALUES (?, ?, ?, ?, 'car', 'rectangle', ?, '{}', ?, '{}', 'editable', 1700000000000000,
        1700000000000000, 1, FALSE, ?, ?, ?, ?, ?)"""


def _rows(tasks: Any, names: list[str], ids: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    for number, box in enumerate(tasks.reshape(-1, 4).tolist()):
        item = names[number // (PEOPLE * BOXES)]
        person = f"person{number // BOXES % PEOPLE}"
        shape = {"type": "rectangle", **dict(zip(("x", "y", "width", "height"), box, strict=True))}
        text = json.dumps(shape, separators=(",", ":"))
        size = box[2] * box[3]
        yield f"label{number}", number + 100, ids[item], item, text, person, *box, size


if __name__ == "__main__":
    main("agreement", measure)
