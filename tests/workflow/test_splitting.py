"""Classes that are split among people who label an item at the same time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.stages import Workflow

SHARES = {"ana": ["car"], "ben": ["sign"]}


def project(tmp_path: Path, flow: Workflow | None = None, count: int = 1) -> lw.Project:
    for number in range(count):
        Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / f"{number}.png")
    data = lw.Dataset.open(str(tmp_path / "*.png"))
    ontology = lw.Ontology(
        ["car", "sign", "tree"], [lw.Radio("weather", ["sun", "rain"], required=True)]
    )
    return lw.Project.create(tmp_path / "p.db", data, ontology, flow, user="lead")


def own(tmp_path: Path, who: str) -> lw.Project:
    return lw.Project.open(tmp_path / "p.db", user=who)


def box(task: dict[str, object], name: str, x: float = 1) -> lw.Annotation:
    shape = lw.Rectangle(x, 1, 9, 9)
    return lw.Annotation(
        item_id=str(task["item_id"]), task_id=str(task["id"]), class_name=name, geometry=shape
    )


def weather(task: dict[str, object]) -> lw.Annotation:
    return lw.Annotation(
        item_id=str(task["item_id"]),
        task_id=str(task["id"]),
        geometry=lw.Tag(),
        attributes={"weather": "rain"},
    )


def do_part(tmp_path: Path, who: str, *names: str, asked: bool = False) -> str:
    with own(tmp_path, who) as mine:
        session = mine.session(role="annotator")
        task = session.open().task
        mine.add([box(task, name) for name in names] + ([weather(task)] if asked else []))
        session.submit(task["id"])
        return str(task["id"])


def test_the_main_task_holds_what_all_have_labelled_and_goes_on(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer()) as made:
        main = made.tasks["id"].iloc[0]
        assert made.split_classes(SHARES) == 1
        assert made.tasks["stage"].tolist() == ["join", "car", "sign"]
        assert made.tasks["assignee"].tolist()[1:] == ["ana", "ben"]
        do_part(tmp_path, "ana", "car", "car", asked=True)
        assert made.store.task(main)["state"] == "waiting"
        do_part(tmp_path, "ben", "sign")
        row = made.store.task(main)
        assert (row["stage"], row["state"]) == ("review", "submitted")
        whole = made.annotations[made.annotations["task_id"] == main]
        assert whole["author"].tolist() == ["ana", "ana", "ana", "ben"]
        assert whole["class_name"].dropna().tolist() == ["car", "car", "sign"]
        assert made.agreement()["n_pairs"].tolist() == [0], "parts are no rival opinions"
        assert len(made.agreed().items) == 0
        counted = made.performance().set_index("person")["labels"]
        assert counted[["ana", "ben"]].tolist() == [2, 1], "each label once"
        out = made.export("coco", tmp_path / "out.json")
        assert out is not None


def test_people_label_their_classes_alone(tmp_path: Path) -> None:
    with project(tmp_path) as made:
        made.split_classes(SHARES)
        with own(tmp_path, "ben") as ben:
            session = ben.session(role="annotator")
            task = session.open().task
            with pytest.raises(WorkflowError, match="'car'"):
                ben.add([box(task, "car")])
            with pytest.raises(WorkflowError, match="about the image"):
                ben.add([weather(task)])
            ben.add([box(task, "sign")])
            (sign,) = [one for one in ben.records() if one.class_name == "sign"]
            with pytest.raises(WorkflowError, match="Here are labelled: sign"):
                ben.update([lw.Annotation.from_dict({**sign.to_dict(), "class_name": "tree"})])
            assert session.submit(task["id"])["state"] == "submitted", "without the weather"
        with own(tmp_path, "ana") as ana:
            session = ana.session(role="annotator")
            task = session.open().task
            with pytest.raises(WorkflowError, match="weather"):
                session.submit(task["id"])


def test_the_page_offers_only_the_classes_of_the_part(tmp_path: Path) -> None:
    with project(tmp_path) as made:
        made.split_classes({"ana": ["car"], "ben": ["sign", None]})
        for who, classes, asked in (("ana", ["car"], 0), ("ben", ["sign"], 1)):
            session = made.session(user=who, role="annotator")
            task = session.open().task
            offered = session.ontology_of(task)
            assert [one.name for one in offered.classes] == classes
            assert len(offered.image_attributes) == asked


def test_others_parts_are_seen_only_where_that_was_said(tmp_path: Path) -> None:
    for shown, there in ((False, 1), (True, 2)):
        folder = tmp_path / str(shown)
        folder.mkdir()
        with project(folder) as made:
            made.split_classes(SHARES, shown=shown)
            rows, _ = made.session(user="ana", role="annotator").tasks()
            assert len(rows) == there


def test_labels_that_are_there_go_to_whose_class_it_is(tmp_path: Path) -> None:
    with project(tmp_path) as made:
        main = made.tasks.iloc[0].to_dict()
        made.add([box(main, "car"), box(main, "tree")])
        made.split_classes(SHARES)
        by_task = made.annotations.groupby("task_id")["class_name"].agg(list).to_dict()
        part = made.tasks["id"].iloc[1]
        assert by_task == {main["id"]: ["tree"], part: ["car"]}
        do_part(tmp_path, "ana", "car", asked=True)
        do_part(tmp_path, "ben")
        whole = made.annotations[made.annotations["task_id"] == main["id"]]
        assert whole["class_name"].dropna().tolist() == ["tree", "car", "car"]
        assert made.store.task(main["id"])["state"] == "submitted"


def test_who_takes_a_part_back_takes_the_whole_apart_again(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer()) as made:
        main = made.tasks["id"].iloc[0]
        made.split_classes(SHARES)
        part = do_part(tmp_path, "ana", "car", asked=True)
        do_part(tmp_path, "ben", "sign")
        with own(tmp_path, "ana") as ana:
            ana.reopen(part)
            assert made.store.task(main)["state"] == "waiting"
            assert main not in set(made.annotations["task_id"])
            (car,) = [m for m in ana.records() if m.task_id == part and m.class_name]
            ana.delete(car)
            ana.submit(part)
        whole = made.annotations[made.annotations["task_id"] == main]
        assert whole["class_name"].dropna().tolist() == ["sign"]
        made.session(user="rex", role="reviewer", stages=["review"]).open()
        with own(tmp_path, "ana") as ana, pytest.raises(WorkflowError, match="gone on"):
            ana.reopen(part)


def test_nobody_judges_a_whole_of_which_they_made_a_part(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer()) as made:
        main = made.tasks["id"].iloc[0]
        made.split_classes(SHARES)
        do_part(tmp_path, "ana", "car", asked=True)
        do_part(tmp_path, "ben", "sign")
        assert made.review_session(user="ana", role="reviewer").next_task() is None
        with own(tmp_path, "ana") as ana, pytest.raises(WorkflowError, match="and others"):
            ana.accept(main)
        with own(tmp_path, "rex") as rex:
            assert rex.accept(main)["state"] == "done"


def test_where_all_parts_are_skipped_so_is_the_whole(tmp_path: Path) -> None:
    with project(tmp_path) as made:
        made.split_classes(SHARES)
        for who in SHARES:
            session = made.session(user=who, role="annotator")
            session.skip(session.open().task["id"], "dark")
        assert made.tasks["state"].iloc[0] == "skipped"


def test_what_cannot_be_split_is_refused_and_nothing_is(tmp_path: Path) -> None:
    with project(tmp_path, count=2) as made:
        before = made.tasks
        for shares, said in (
            ({"ana": ["car"]}, "two people"),
            ({"ana": ["car"], "ben": ["car"]}, "by ana already"),
            ({"ana": ["car"], "ben": ["bus"]}, "no class"),
            ({"ana": ["car"], "ben": [None]}, "has no class"),
        ):
            with pytest.raises(WorkflowError, match=said):
                made.split_classes(shares)
        made.session(user="ana").open()
        with pytest.raises(WorkflowError, match="nobody has begun"):
            made.split_classes(SHARES, made.tasks)
        assert made.tasks["id"].tolist() == before["id"].tolist()
        assert made.split_classes(SHARES) == 1, "the other one"


def test_a_renamed_class_stays_whose_it_was(tmp_path: Path) -> None:
    with project(tmp_path) as made:
        made.split_classes(SHARES)
        made.rename_class("car", "vehicle")
        do_part(tmp_path, "ana", "vehicle", asked=True)
        do_part(tmp_path, "ben", "sign")
        assert made.tasks["state"].iloc[0] == "submitted"
