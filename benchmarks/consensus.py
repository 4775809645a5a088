"""Answers out of votes and masks out of masks, beside crowd-kit and SimpleITK."""

from __future__ import annotations

import importlib
import warnings
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import labelwidgets as lw
from benchmarks.report import Report, Table, main, ratio
from benchmarks.timing import beside, timed
from labelwidgets.algorithms.crowd import dawid_skene, glad, mace, majority_vote
from labelwidgets.algorithms.fusion import majority_labels, staple, staple_labels

WORKERS, LABELS, EACH = 200, 4, 5
PEOPLE = 5


def measure(report: Report) -> None:
    votes = report.table(
        "Answers out of votes", "what", "ours, ms", "crowd-kit, ms", "crowd-kit / ours"
    )
    for tasks in (10_000,) if report.quick else (10_000, 100_000):
        _votes(tasks, votes)
    votes.notes = [
        f"{EACH} votes a task of {WORKERS} workers for {LABELS} labels. Answers are checked to be",
        "those of crowd-kit, where it is installed (`pip install crowd-kit`), in all but one of a",
        "thousand tasks: both end by the same tolerance, of bounds that weigh frequencies of",
        "labels otherwise. The best of several, ours and theirs in turn.",
        "MACE runs ten times from as many starts. Theirs of MACE and GLAD take minutes: left out.",
    ]
    masks = report.table(
        "Masks out of masks", "what", "ours, ms", "SimpleITK, ms", "SimpleITK / ours"
    )
    for side in (512,) if report.quick else (512, 2048):
        _masks(side, masks)
    masks.notes = [
        f"{PEOPLE} people's discs, a third of the picture, with noise. Masks are checked to be the",
        "same, of STAPLE its probabilities to 3e-5.",
    ]
    whole = report.table("Labels of five people become one", "what", "ms", "ms a task")
    for tasks in (100,) if report.quick else (1_000,):
        frame = _labelled(tasks)
        for method in ("majority", "dawid_skene"):
            taken = timed(lambda f=frame, m=method: lw.consensus(f, m)).median
            table_row = f"{method}, {tasks:,} tasks x 5 people x 20 boxes"
            whole.add(table_row, taken, taken / tasks)
    whole.notes = ["From the frame of labels to fused labels and the frames of objects and people."]


def _votes(tasks: int, table: Table) -> None:
    random = np.random.default_rng(0)
    true = random.integers(0, LABELS, tasks)
    able = random.uniform(0.5, 0.95, WORKERS)
    task = np.repeat(np.arange(tasks), EACH)
    worker = random.integers(0, WORKERS, task.size)
    wrong = random.integers(0, LABELS, task.size)
    label = np.where(random.random(task.size) < able[worker], true[task], wrong)
    frame = pd.DataFrame({"task": task, "worker": worker, "label": label})
    kit = _installed("crowdkit.aggregation")
    repeat = 5 if tasks <= 10_000 else 3
    rows: tuple[tuple[str, Any, str | None, dict[str, Any]], ...] = (
        ("majority", majority_vote, "MajorityVote", {}),
        ("Dawid-Skene", dawid_skene, "DawidSkene", {}),
        ("Dawid-Skene, one coin", dawid_skene, "OneCoinDawidSkene", {"one_coin": True}),
        ("MACE", mace, None, {}),
        ("GLAD", glad, None, {}),
    )
    for name, method, theirs, options in rows:
        if theirs is None and tasks > 10_000:
            continue
        own = partial(method, task, worker, label, **options)
        other = float("nan")
        if theirs is not None and kit is not None:
            made = method(task, worker, label, **options)
            # Of equals, theirs takes any: a majority has many.
            _check(
                made,
                getattr(kit, theirs)().fit_predict(frame),
                0.999 if options or theirs != "MajorityVote" else 0.9,
            )
            mine, its = beside(own, partial(_theirs, getattr(kit, theirs), frame), repeat)
            ours, other = mine.best, its.best
        else:
            ours = timed(own, repeat if theirs else 1).best
        table.add(f"{name}, {tasks:,} tasks", ours, other, ratio(other, ours))


def _theirs(method: Any, frame: pd.DataFrame) -> Any:
    return method().fit_predict(frame)


def _check(ours: Any, theirs: Any, least: float) -> None:
    same = (theirs.loc[ours.tasks].to_numpy() == ours.values).mean()
    if same < least:
        raise AssertionError(f"The answers differ: {same:.4f} are the same.")


def _installed(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            print(f"    {name.partition('.')[0]} is not installed: it is left out")
            return None


def _masks(side: int, table: Table) -> None:
    itk = _installed("SimpleITK")
    random = np.random.default_rng(1)
    y, x = np.mgrid[:side, :side] + 0.5
    masks, maps = [], []
    for _ in range(PEOPLE):
        cx, cy = side / 2 + random.normal(0, side * 0.02, 2)
        disc = (x - cx) ** 2 + (y - cy) ** 2 < (side * (0.33 + random.normal(0, 0.01))) ** 2
        masks.append(disc ^ (random.random(disc.shape) < 0.003))
        maps.append(np.where(masks[-1], 1 + (x > cx), 0).astype(np.uint8))
    images = [itk.GetImageFromArray(one.astype(np.uint8)) for one in masks] if itk else []
    labels = [itk.GetImageFromArray(one) for one in maps] if itk else []
    size = f"{PEOPLE} x {side} x {side}"
    repeat = 7 if side <= 512 else 3

    def theirs_staple() -> Any:
        filter_ = itk.STAPLEImageFilter()
        filter_.SetForegroundValue(1)
        return itk.GetArrayFromImage(filter_.Execute(images))

    def theirs_labels() -> Any:
        filter_ = itk.MultiLabelSTAPLEImageFilter()
        filter_.SetTerminationUpdateThreshold(1e-6)
        return itk.GetArrayFromImage(filter_.Execute(labels))

    def theirs_majority() -> Any:
        return itk.GetArrayFromImage(itk.LabelVoting(labels, 255))

    if itk:
        found, likely = staple(masks), theirs_staple()
        if ((likely >= 0.5) != found.mask).any() or np.abs(likely - found.probability).max() > 3e-5:
            raise AssertionError("The masks of STAPLE differ.")
        if (theirs_labels() != staple_labels(maps).values).any():
            raise AssertionError("The labels of STAPLE differ.")
        if (theirs_majority() != majority_labels(maps, 255)).any():
            raise AssertionError("The majorities differ.")
    rows: tuple[tuple[str, Any, Any], ...] = (
        ("STAPLE", lambda: staple(masks), theirs_staple),
        ("STAPLE of three labels", lambda: staple_labels(maps), theirs_labels),
        ("majority of three labels", lambda: majority_labels(maps, 255), theirs_majority),
    )
    for name, ours, other in rows:
        mine = timed(ours, repeat).median
        beside = timed(other, 1, warm=False).median if itk else float("nan")
        table.add(f"{name}, {size}", mine, beside, ratio(beside, mine))


def _labelled(tasks: int) -> pd.DataFrame:
    random = np.random.default_rng(2)
    places = random.uniform(0, 900, (tasks, 20, 2))
    rows = []
    for task in range(tasks):
        for person in range(5):
            moved = places[task] + random.normal(0, 2, (20, 2))
            for x, y in moved[random.random(20) < 0.95].tolist():
                rows.append((f"item{task}", f"p{person}", "car", lw.Rectangle(x, y, 40, 30)))
    frame = pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry"])
    frame["id"] = [f"l{number}" for number in range(len(frame))]
    frame["frame"] = pd.array([None] * len(frame), "Int64")
    return frame.assign(attributes=[{}] * len(frame), geometry_type="rectangle")


if __name__ == "__main__":
    main("consensus", measure)
