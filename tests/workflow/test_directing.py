"""Routers, models, assignment, batches, and the workflow of a project that has begun."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.stages import Stage, Workflow
from labelwidgets.workflow.tables import workflow
from tests.store.making import applied, create


def project(tmp_path: Path, flow: Workflow, count: int = 4, user: str = "lead") -> lw.Project:
    from PIL import Image

    for number in range(count):
        Image.new("RGB", (40, 30)).save(tmp_path / f"{number}.png")
    data = lw.Dataset.open(str(tmp_path / "*.png"))
    return lw.Project.create(tmp_path / "p.db", data, ["car", "tree"], flow, user=user)


def box(made: lw.Project, task: str, name: str = "car") -> None:
    item = made.tasks.set_index("id").item_id[task]
    made.session(user="ana")  # whoever adds is the user of the project
    made.add(lw.Annotation(item_id=item, class_name=name, geometry=lw.Rectangle(1, 1, 5, 5)))


def routed(rule: dict[str, object]) -> Workflow:
    stages = [
        Stage("annotate", "annotate"),
        Stage("route", "router", {**rule, "then": "review", "next": "done"}),
        Stage("review", "review"),
        Stage("done", "done"),
    ]
    return workflow("routed", stages)


def test_a_router_goes_by_a_query_over_the_labels(tmp_path: Path) -> None:
    with project(tmp_path, routed({"query": "class_name == 'tree'"})) as made:
        first, second = made.tasks.id[:2]
        box(made, first, "tree")
        box(made, second, "car")
        assert made.submit(first)["stage"] == "review"
        assert made.submit(second)["stage"] == "done"
        assert made.history(first).kind.tolist()[-2:] == ["submit", "route"]


def test_a_router_whose_function_is_elsewhere_holds_nobody_up(tmp_path: Path) -> None:
    with project(tmp_path, routed({"predicate": "many"})) as made:
        first = made.tasks.id[0]
        box(made, first)
        assert made.submit(first)["state"] == "routing", "it is submitted all the same"
        assert "many" in made.advance().error[0]

        @lw.workflow.predicate("many")
        def many(task: object, annotations: list[lw.Annotation]) -> bool:
            return len(annotations) > 0

        assert made.advance().stage.tolist() == ["review"]
        assert len(made.advance()) == 0


def test_a_router_goes_by_a_field_and_by_a_share(tmp_path: Path) -> None:
    with project(tmp_path, routed({"share": 0.5, "seed": 2}), 20) as made:
        stages = Counter(made.submit(task)["stage"] for task in made.tasks.id)
        assert set(stages) == {"review", "done"}
    with pytest.raises(WorkflowError, match="one rule"):
        routed({"share": 0.5, "field": "urgent"})
    with pytest.raises(WorkflowError, match="no stage"):
        workflow("w", [Stage("r", "router", {"field": "a", "then": "x"}), Stage("d", "done")])


def test_a_model_labels_first_and_once(tmp_path: Path) -> None:
    stages = [Stage("first", "model", {"model": "boxes"}), Stage("annotate", "annotate")]
    with project(tmp_path, workflow("w", stages)) as made:
        with pytest.raises(WorkflowError, match="No task is left"):
            made.session(user="ana").open()

        def boxes(pixels: object, item: dict[str, object]) -> list[lw.Annotation]:
            if item["title"] == "2.png":
                raise ValueError("no")
            shape = lw.Rectangle(1, 1, 4, 4)
            return [lw.Annotation(item_id=str(item["id"]), class_name="car", geometry=shape)]

        report = made.advance({"boxes": boxes})
        assert report.stage.tolist().count("annotate") == 3
        assert report.error.dropna().tolist() == ["ValueError: no"]
        assert set(made.annotations.origin) == {"model"}
        opened = made.session(user="ana").open()
        assert [label.origin.name for label in opened.annotations] == ["boxes"]
        assert opened.task["maker"] is None


def test_tasks_are_assigned_to_people_groups_and_by_class(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only(), 9) as made:
        ids = made.tasks.id.tolist()
        assert made.assign(ids, ["ana", "ben", "cem"], seed=1) == 9
        assert set(Counter(made.tasks.assignee).values()) == {3}
        mine = made.tasks.query("assignee == 'ana'").id
        assert made.session(user="ana").open().task["id"] == mine.iloc[0]
        with pytest.raises(WorkflowError, match="only what waits"):
            made.assign(ids, "ben")
        assert set(Counter(made.tasks.assignee).values()) == {3}, "all or none"
        rest = ids[:0] + made.tasks.query("state == 'queued'").id.tolist()
        made.assign(rest, "@readers")
        with pytest.raises(WorkflowError, match="No task is left"):
            made.session(user="dan").open()
        reader = made.session(user="dan", groups=("readers",))
        assert reader.open().task["assignee"] == "dan"
        last = made.tasks.query("state == 'queued'").id.iloc[0]
        box(made, last, "tree")
        made.assign([last], {"car": "ana", "tree": ["ben"]})
        assert made.store.task(last)["assignee"] == "ben"
        made.assign([last], None)
        assert made.store.task(last)["assignee"] is None


def test_batches_are_ranked_finished_and_reopened(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer(share=0.0), 4) as made:
        ids = made.tasks.id.tolist()
        made.put_in_batch(ids[2:], "night")
        made.prioritize("batch == 'night'", 5)
        ana = made.session(user="ana")
        for _ in range(2):
            ana.submit(ana.open().task["id"])
        table = made.batches.set_index("batch")
        assert table.complete.to_dict() == {"default": False, "night": True}
        assert table.priority.to_dict() == {"default": 0, "night": 5}
        assert made.reopen_batch("night", "new guide") == 2
        again = made.tasks.query("batch == 'night'")
        assert again.state.tolist() == ["queued", "queued"]
        assert again.assignee.tolist() == ["ana", "ana"]
        with pytest.raises(WorkflowError, match="no such batch"):
            made.reopen_batch("day", "why")


def test_scores_of_items_or_tasks_are_an_order(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only()) as made:
        items, tasks = list(made.tasks["item_id"]), list(made.tasks["id"])
        scores = pd.Series([0.1, 0.9, float("nan")], index=items[:3], name="entropy")
        assert made.prioritize(scores) == 2
        assert made.tasks["priority"].tolist() == [1, 2, 0, 0]
        assert made.session().open().task["item_id"] == items[1]
        assert made.prioritize(pd.Series([1, 5], index=[tasks[3], tasks[2]])) == 2
        assert made.tasks["priority"].tolist() == [1, 2, 2, 1]
        for wrong, said in (
            (pd.Series([1.0], index=["x"]), "no task and no item"),
            (pd.Series([1.0, 2.0], index=items[:1] * 2), "twice"),
        ):
            with pytest.raises(WorkflowError, match=said):
                made.prioritize(wrong)
        with pytest.raises(WorkflowError, match="not with scores"):
            made.prioritize(scores, 3)
        with pytest.raises(WorkflowError, match="needed beside a query"):
            made.prioritize("batch == 'night'")


def test_whoever_ranks_by_what_is_no_score_is_told_what_to_pass(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only()) as made:
        items = list(made.tasks["item_id"])
        sure = pd.DataFrame({"rocket": 0.9, "cat": 0.1}, index=items)
        entropy = lw.active_learning.entropy
        strategy = r"lw\.active_learning\.margin\(probabilities\).*least_confidence"
        for wrong, said in (
            (sure, r"several columns.*lw\.active_learning\.entropy.*cluster_balanced"),
            (sure[["cat"]], r"frame\['cat'\]"),
            (entropy(sure).to_frame(), r"frame\['entropy'\]"),
            ("margin", strategy),
            (lw.active_learning.margin, strategy),
            (sure.to_numpy(), r"ndarray.*pd\.Series\(scores, index=ids\)"),
            ([0.1, 0.2], "list.*index=ids"),
            (dict.fromkeys(items, 0.5), r"pd\.Series\(scores\)"),
            (pd.Series([0.1, 0.2]), "index must be ids"),
            (pd.Series([0.1], index=["1.png"]), "index must be ids"),
            (sure["cat"].astype(str) + "?", "needed beside a query"),
            (sure["cat"] > 0.5, "which is no order"),
            (sure["cat"] * float("nan"), "all are NaN"),
            (sure["cat"][:0], "there are none"),
            (sure["cat"] * 1j, "not complex"),
            (None, "needed beside a query"),
            (made.tasks, "needed beside a query"),
        ):
            with pytest.raises(WorkflowError, match=said):
                made.prioritize(wrong)  # type: ignore[arg-type]
        with pytest.raises(WorkflowError, match=strategy):
            made.prioritize("margin", sure)  # type: ignore[arg-type]
        assert made.tasks["priority"].eq(0).all()
        assert made.prioritize(sure["cat"].astype(object)) == len(items)


def test_tasks_are_pushed_with_a_reason(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer()) as made:
        first = made.tasks.id[0]
        made.push([first], "review", "made elsewhere")
        assert made.session(user="ben", stages=["review"], role="reviewer").next_task() == first
        assert made.history(first).note[0] == {"reason": "made elsewhere"}
        with pytest.raises(WorkflowError, match="no stage"):
            made.push([first], "nowhere", "why")


def test_a_stage_with_tasks_in_it_is_not_taken_away(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_reviewer()) as made:
        ana = made.session(user="ana", role="annotator")
        task = ana.open().task["id"]
        ana.submit(task)
        with pytest.raises(WorkflowError, match=r"review \(1 task\)"):
            made.change_workflow(lw.workflow.maker_only())
        made.change_workflow(lw.workflow.maker_only(), {"review": "annotate"})
        assert made.workflow.name == "maker_only"
        row = made.store.task(task)
        assert (row["stage"], row["state"]) == ("annotate", "submitted")
        assert ana.workflow.name == "maker_only", "who was at it sees it at once"
        assert made.events.kind.tolist().count("workflow") == 1


def test_a_stage_is_taken_away_while_people_of_other_kernels_are_at_its_tasks(
    tmp_path: Path,
) -> None:
    flow = workflow("other", [Stage("draw", "annotate"), Stage("done", "done")])
    with project(tmp_path, lw.workflow.maker_reviewer()) as made:
        place = made.store.location.path
        with (
            lw.Project.open(place, user="ana", dataset=made.dataset) as hers,
            lw.Project.open(place, user="rex", dataset=made.dataset) as his,
        ):
            ana = hers.session()
            first = ana.open().task["id"]
            applied(ana.apply([create(first)], "page")[0])
            ana.submit(first)
            rex = his.review_session()
            assert rex.open().task["id"] == first
            second = ana.open().task["id"]
            before = create(second)
            applied(ana.apply([before], "page")[0])
            made.change_workflow(flow, {"annotate": "draw", "review": "draw"})
            # Her page sends on: what it drew is kept, and she goes on where she was.
            applied(ana.apply([create(second)], "page")[0])
            assert len(made.store.read(second)) == 2
            assert ana.open().task["id"] == second
            assert ana.submit(second)["state"] == "done"
            # He is told that there is nothing to judge any more, and nothing is half done.
            was = made.store.task(first)
            with pytest.raises(WorkflowError, match="stage draw"):
                rex.accept(first)
            assert made.store.task(first) == was
            assert len(made.store.read(first)) == 1
            assert ana.open().task["id"] == first, "no task is stuck"
            assert ana.submit(first)["state"] == "done"


def test_an_archived_project_changes_no_more(tmp_path: Path) -> None:
    with project(tmp_path, lw.workflow.maker_only()) as made:
        first = made.tasks.id[0]
        made.archive()
        for change in (
            lambda: made.submit(first),
            lambda: box(made, first),
            lambda: made.prioritize([first], 1),
            made.archive,
        ):
            with pytest.raises(WorkflowError, match="archived"):
                change()
        made.restore()
        made.submit(first)


def test_a_workflow_is_drawn_without_scripts_and_with_all_names_escaped() -> None:
    drawn = lw.workflow.maker_reviewer_qc(overlap=0.2, labelers=3)._repr_html_()
    assert "<script" not in drawn
    for name in ("annotate", "opinions", "consensus", "review", "qc", "done", "3 people, blind"):
        assert f">{name}" in drawn
    evil = "<img src=x>"
    drawn = workflow("w", [Stage(evil, "annotate"), Stage("d", "done")])._repr_html_()
    assert evil not in drawn
    assert isinstance(lw.workflow.consensus(3).transitions, pd.DataFrame)
