"""Agreement of 10,000 tasks by 5 annotators with 20 boxes each, beside numpy and scipy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

import labelwidgets as lw
from benchmarks.report import Report, main, ratio
from benchmarks.timing import timed
from labelwidgets.algorithms.assignment import assign_many
from labelwidgets.algorithms.box_overlaps import box_ious

PEOPLE, BOXES = 5, 20
# Tasks at once, for ours and for numpy: so that what is in between stays in the cache.
AT_ONCE = 50
REPEAT = 3


def measure(report: Report) -> None:
    table = report.table("Agreement", "what", "ours, ms", "beside", "beside, ms", "beside / ours")
    for count in (1_000,) if report.quick else (1_000, 10_000):
        tasks = _tasks(count)
        size = f"{count:,} tasks"
        ones, others = np.triu_indices(PEOPLE, 1)
        overlaps = np.concatenate(list(_ours(tasks, ones, others)))
        theirs = np.concatenate(list(_numpy(tasks, ones, others)))
        if not np.allclose(overlaps, theirs, rtol=0, atol=1e-12):
            raise AssertionError("The overlaps differ.")
        ours = timed(lambda: _used(_ours(tasks, ones, others)), REPEAT).best  # noqa: B023
        beside = timed(lambda: _used(_numpy(tasks, ones, others)), REPEAT).best  # noqa: B023
        table.add(f"IoU of all pairs, {size}", ours, "numpy, batched", beside, ratio(beside, ours))

        sides = np.full(count * ones.size, BOXES)
        found = assign_many(overlaps, sides, sides)
        rows = np.flatnonzero(found >= 0)
        total = overlaps.reshape(-1, BOXES)[rows, found[rows]].sum()
        if not np.isclose(total, _scipy(overlaps), rtol=1e-12):
            raise AssertionError("The totals differ.")
        ours = timed(lambda: assign_many(overlaps, sides, sides), REPEAT).best  # noqa: B023
        beside = timed(lambda: _scipy(overlaps), 1, warm=False).best  # noqa: B023
        table.add(f"assignment, {size}", ours, "scipy, one by one", beside, ratio(beside, ours))

        labels = _labels(tasks)
        ours = timed(lambda: lw.agreement(labels), 1).median  # noqa: B023
        table.add(f"lw.agreement(labels), {size}", ours, "", None, "")
        ours = timed(lambda: lw.agreement(labels, by=["task", "pair"]), 1, warm=False).median  # noqa: B023
        table.add(f'lw.agreement(labels, by=["task", "pair"]), {size}', ours, "", None, "")
    table.notes = [
        f"{PEOPLE} annotators with {BOXES} boxes each: ten pairs of annotators a task, 20 x 20",
        "overlaps a pair. numpy computes with one array a coordinate, 50 tasks at a time, which is",
        "several times as fast as all at once. Of both, the overlaps of 50 tasks are used before",
        "the next are computed, as `lw.agreement` does; the best of three runs. Overlaps are",
        "checked to be equal to 1e-12, and the totals of both assignments to be the same.",
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
    for begin in range(0, len(tasks), AT_ONCE):
        part = tasks[begin : begin + AT_ONCE]
        person = np.arange(len(part))[:, None] * PEOPLE
        first, second = ((person + side).ravel() * BOXES for side in (ones, others))
        sides = np.full(first.size, BOXES)
        yield box_ious(part.reshape(-1, 4), first, sides, second, sides)


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


if __name__ == "__main__":
    main("agreement", measure)
