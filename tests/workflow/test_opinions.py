"""Whose opinion a label is: of who made it, and not of who reviewed it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import labelwidgets as lw
from labelwidgets.workflow.opinions import opinions_of
from tests.workflow.shapes import add_as


def project(tmp_path: Path, flow: lw.workflow.Workflow, user: str = "ana") -> lw.Project:
    from PIL import Image

    for number in range(2):
        Image.new("RGB", (80, 60)).save(tmp_path / f"{number}.png")
    data = lw.Dataset.open(str(tmp_path / "*.png"))
    return lw.Project.create(tmp_path / "p.db", data, ["car"], flow, user=user)


def box(item: str, x: float = 1) -> lw.Annotation:
    return lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(x, 1, 20, 20))


def said(made: lw.Project) -> tuple[list[str], list[tuple[str, str]]]:
    labels, pairs = opinions_of(made.annotations, made.tasks, made.store.hands)
    return labels["author"].tolist(), pairs


def test_what_a_reviewer_adds_is_nobodys_opinion(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer()) as made:
        task, item = made.tasks[["id", "item_id"]].iloc[0]
        made.add(box(item))
        made.submit(task)
        with lw.Project.open(tmp_path / "p.db", user="ben") as other:
            other.add(box(item, 40))
            assert said(made) == (["ana"], [(item, "ana")]), "while ben is at it"
            other.accept(task)
        assert said(made) == (["ana"], [(item, "ana")])
        assert made.agreed().items["raters"].tolist() == [1]


def test_a_late_opinion_joins_that_of_who_made_the_main_task(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only(), "ben") as made:
        task, item = made.tasks[["id", "item_id"]].iloc[0]
        made.add(box(item))
        made.submit(task)
        tasks = made.tasks
        late = tasks.iloc[[0]].assign(id="late", copy=1, maker="ana", state="submitted")
        labels = pd.concat(
            [made.annotations, made.annotations.assign(task_id="late", author="zoe")],
            ignore_index=True,
        )
        both = pd.concat([tasks, late], ignore_index=True)
        kept, pairs = opinions_of(labels, both, made.store.hands)
        assert kept["author"].tolist() == ["ben", "ana"], "an opinion is its maker's"
        assert set(pairs) == {(item, "ben"), (item, "ana")}
        atwork = both.assign(state=["submitted", "queued", "in_progress"])
        kept, pairs = opinions_of(labels, atwork, made.store.hands)
        assert kept["author"].tolist() == ["ben"], "what is not handed in is no opinion yet"


def test_labels_of_several_authors_in_one_task_are_as_many_opinions(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only(), "lead") as made:
        task, item = made.tasks[["id", "item_id"]].iloc[0]
        for who in ("ana", "ben"):
            add_as(made, box(item), who)
        made.submit(task)
        authors, pairs = said(made)
        assert authors == ["ana", "ben"]
        assert set(pairs) == {(item, "ana"), (item, "ben"), (item, "lead")}
