"""Golden answers: set, replaced, taken back, and seeded into queues where nobody can tell them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.session import Session

CLASSES = ["car", "tree"]


def box(item: str, x: float = 10) -> lw.Annotation:
    return lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(x, 10, 30, 30))


def shown(frame: Any) -> str:
    return str(frame._repr_html_())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty pictures, of which ana has finished the first four."""
    folder = tmp_path_factory.mktemp("gold") / "photos"
    folder.mkdir()
    for number in range(20):
        pixels = np.full((60, 80, 3), number, np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    path = folder.parent / "cars.db"
    dataset = lw.Dataset.open(str(folder))
    lw.Project.create(path, dataset, CLASSES, lw.workflow.maker_reviewer(), user="lead").close()
    with lw.Project.open(path, user="ana") as project:
        for _ in range(4):
            task = project.session().open().task
            project.add([box(task["item_id"]), box(task["item_id"], 45)])
            project.submit(task["id"])
    return path


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    return Path(copyfile(made, tmp_path / "cars.db"))


@pytest.fixture
def lead(place: Path) -> Iterator[lw.Project]:
    with lw.Project.open(place, user="lead") as project:
        yield project


def finished(project: lw.Project) -> list[str]:
    return list(project.tasks.query("stage == 'review' and copy == 0")["id"])


def gold_of(project: lw.Project) -> dict[str, int]:
    """How many labels each golden answer in force has."""
    labels = project.annotations
    return {
        item: int(((labels["task_id"] == task) & labels["class_name"].notna()).sum())
        for item, task in project.store.golden().items()
    }


def maker(project: lw.Project, user: str) -> Session:
    return project.session(user=user, role="annotator")


def draw(session: Session, task: str, item: str, *xs: float) -> None:
    from labelwidgets.workflow import headless

    made = headless.place([box(item, x) for x in xs], {item: [task]})
    headless.acknowledged(session.apply(headless.creations(made, {})))


def test_finished_labels_become_golden_answers_and_stay_what_they_are(lead: lw.Project) -> None:
    before = lead.annotations
    lead.set_gold(finished(lead))
    assert list(gold_of(lead).values()) == [2, 2, 2, 2]
    main = lead.annotations[lead.annotations["id"].isin(before["id"])]
    assert main.equals(before)
    gold = lead.tasks.query("copy == -1")
    assert len(gold) == 4
    copies = lead.annotations[lead.annotations["task_id"].isin(gold["id"])]
    assert set(copies["author"]) == {"ana"}, "it is ana's answer, whoever says that it is right"


def test_to_set_it_is_undone_redone_and_removed(lead: lw.Project) -> None:
    lead.set_gold(finished(lead)[:2])
    lead.undo()
    assert gold_of(lead) == {}
    lead.redo()
    assert list(gold_of(lead).values()) == [2, 2]
    first = next(iter(gold_of(lead)))
    lead.set_gold(annotations=[box(first)])
    assert gold_of(lead)[first] == 1
    lead.undo()
    assert gold_of(lead)[first] == 2
    lead.unset_gold(first)
    assert first not in gold_of(lead)
    with pytest.raises(WorkflowError, match="has no golden answer"):
        lead.unset_gold(first)
    lead.undo()
    assert gold_of(lead)[first] == 2
    lead.unset_gold()
    assert gold_of(lead) == {}


def test_an_item_that_is_named_without_a_label_has_nothing_on_it(lead: lw.Project) -> None:
    some = list(lead.tasks["item_id"][:2])
    lead.set_gold(some, [box(some[0])])
    assert gold_of(lead) == {some[0]: 1, some[1]: 0}


def test_what_is_unfinished_or_named_twice_is_no_golden_answer(lead: lw.Project) -> None:
    waiting = lead.tasks.query("state == 'queued'")["id"].iloc[0]
    with pytest.raises(WorkflowError, match="only what is finished"):
        lead.set_gold([waiting])
    with pytest.raises(lw.errors.SchemaError, match="no item of the project"):
        lead.set_gold(annotations=[box("nowhere")])
    assert gold_of(lead) == {}


def test_probes_come_up_among_others_once_a_person_and_item(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    golden = set(gold_of(lead))
    assert lead.seed_gold(number=3, people=["ben", "cy"], seed=1) == 6
    assert lead.seed_gold(number=3, people=["ben", "cy"], seed=1) == 0, "they are there already"
    for name in ("ben", "cy"):
        session = maker(lead, name)
        given = []
        while session.next_task() is not None:
            task = session.open().task
            given.append(task["item_id"])
            session.submit(task["id"])
        assert len(given) == len(set(given)), "never the same twice"
        assert len(golden & set(given)) == 3
    assert lead.seed_gold(number=3, people=["ben"]) == 1, "one is left that ben has not had"
    assert lead.seed_gold(number=9, people=["ana"]) == 0, "they are ana's own"


def test_probes_lie_spread_over_the_queue(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=4, people=["ben"], seed=3)
    golden = set(gold_of(lead))
    session = maker(lead, "ben")
    places = []
    for at in range(20):
        task = session.open().task
        if task["item_id"] in golden:
            places.append(at)
        session.submit(task["id"])
    assert len(places) == 4
    assert places != [0, 1, 2, 3], "not all at first"
    assert places != [16, 17, 18, 19], "not all at last"


def test_a_share_is_of_what_waits_for_the_person(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    # 16 tasks are anybody's: 8 for each of two.
    assert lead.seed_gold(share=0.25, people=["ben", "cy"]) == 4
    probes = lead.tasks.query("copy >= 512")
    assert probes["assignee"].value_counts().to_dict() == {"ben": 2, "cy": 2}


def test_a_probe_goes_where_other_tasks_go_and_nobody_has_to_judge_it(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=1, people=["ben"])
    probe = lead.tasks.query("copy >= 512").iloc[0]
    session = maker(lead, "ben")
    moved = session.submit(probe["id"])
    assert (moved["stage"], moved["state"]) == ("review", "submitted")
    assert session.reopen(probe["id"])["state"] == "in_progress"
    session.submit(probe["id"])
    judge = lead.review_session(user="rex", role="reviewer")
    seen = set()
    while (found := judge.next_task()) is not None:
        seen.add(judge.open().task["id"])
        judge.accept(found)
    assert probe["id"] not in seen
    assert len(seen) == 4
    assert lead.accept_all(probe["id"] and None).empty


def test_annotators_see_neither_golden_answers_nor_what_they_are_made_of(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=2, people=["ben"])
    gold = set(lead.tasks.query("copy == -1")["id"])
    probes = set(lead.tasks.query("copy >= 512")["id"])
    ben, cy, rex = maker(lead, "ben"), maker(lead, "cy"), lead.session(user="rex", role="reviewer")
    for session in (ben, cy, rex):
        listed = {row["id"] for row in session.tasks()[0]}
        assert not listed & gold
        assert not set(session.annotations()["task_id"]) & gold
        for task in gold:
            for look in (session.open, session.look, session.task, session.submit):
                with pytest.raises(WorkflowError, match="not shown"):
                    look(task)
    assert probes <= {row["id"] for row in ben.tasks()[0]}
    assert not probes & {row["id"] for row in cy.tasks()[0]}
    assert not set(finished(lead)) & {row["id"] for row in ben.tasks()[0]}
    items = [row["item_id"] for row in ben.tasks()[0]]
    assert len(items) == len(set(items)), "an item that is there twice would tell"
    assert set(finished(lead)) <= {row["id"] for row in maker(lead, "ana").tasks()[0]}


def test_an_annotator_cannot_change_a_golden_answer_and_a_lead_can(lead: lw.Project) -> None:
    lead.set_gold(finished(lead)[:1])
    item, task = next(iter(lead.store.golden().items()))
    for role in ("annotator", "reviewer", "qc"):
        session = lead.session(user="ben", role=role)
        with pytest.raises(WorkflowError):
            draw(session, task, item, 5)
    draw(lead.session(role="admin"), task, item, 5)
    assert gold_of(lead) == {item: 3}


def test_golden_answers_stay_out_of_exports_agreement_and_consensus(
    lead: lw.Project, tmp_path: Path
) -> None:
    before = lead.export("coco", tmp_path / "before.json")
    lead.set_gold(finished(lead))
    lead.seed_gold(number=4, people=["ben"])
    session = maker(lead, "ben")
    for task, item in lead.tasks.query("copy >= 512")[["id", "item_id"]].itertuples(index=False):
        draw(session, task, item, 10)
        session.submit(task)
    lead.export("coco", tmp_path / "after.json")
    assert (tmp_path / "before.json").read_text() == (tmp_path / "after.json").read_text()
    assert before is not None
    pairs = lead.agreement(by="pair")
    assert pairs[["rater_a", "rater_b"]].to_numpy().tolist() == [["ana", "ben"]]
    assert lead.agreement()["n_pairs"].iloc[0] == 4
    assert "ben" not in str(lead.consensus().to_dict())


def test_a_probe_waits_for_its_person_when_it_is_left(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=1, people=["ben"])
    probe = lead.tasks.query("copy >= 512")["id"].iloc[0]
    lead.assign("state == 'queued'", ["cy"])
    assert lead.store.task(probe)["assignee"] == "ben"
    ben = maker(lead, "ben")
    assert ben.open().task["id"] == probe, "all else is cy's"
    ben.release([probe])
    assert lead.store.task(probe)["assignee"] == "ben"
    ben.skip(probe, "too dark")
    lead.requeue(probe)
    assert lead.store.task(probe)["assignee"] == "ben"


def test_what_was_there_at_a_moment_includes_golden_answers_for_a_lead(lead: lw.Project) -> None:
    lead.set_gold(finished(lead)[:1])
    lead.seed_gold(number=1, people=["ben"])
    then = lead.at("2100-01-01")
    columns = ["id", "copy", "assignee", "stage", "state", "priority"]
    assert then.tasks[columns].equals(lead.tasks[columns])
    assert len(then.annotations) == len(lead.annotations)


def test_a_consensus_does_not_wait_for_probes(tmp_path: Path, made: Path) -> None:
    dataset = lw.Dataset.open(str(made.parent / "photos"))
    with lw.Project.create(
        tmp_path / "many.db", dataset, CLASSES, lw.workflow.consensus(2), user="lead"
    ) as project:
        item = project.tasks["item_id"][0]
        project.set_gold([item], [box(item)])
        assert project.seed_gold(number=1, people=["dan"]) == 1
        for name in ("ben", "cy"):
            session = maker(project, name)
            task = session.open().task
            assert task["item_id"] == item
            session.submit(task["id"])
        main = project.tasks.query("item_id == @item and copy == 0").iloc[0]
        assert main["state"] == "submitted"
        assert project.tasks.query("copy >= 512")["state"].tolist() == ["queued"]


def test_seeding_without_gold_or_people_says_what_is_missing(lead: lw.Project) -> None:
    with pytest.raises(WorkflowError, match="set_gold first"):
        lead.seed_gold(share=0.1)
    with pytest.raises(WorkflowError, match="share or a number"):
        lead.seed_gold()
    with pytest.raises(WorkflowError, match="at most 1"):
        lead.seed_gold(share=2)


def test_who_falls_short_is_told_as_often_as_there_are_attempts(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=1, people=["ben"])
    lead.feedback(attempts=2, threshold=0.7)
    task, item = lead.tasks.query("copy >= 512")[["id", "item_id"]].iloc[0]
    ben = maker(lead, "ben")
    draw(ben, task, item, 10)
    with pytest.raises(WorkflowError, match=r"at 50%.*1 missing.*told once more"):
        ben.submit(task)
    assert lead.store.task(task)["state"] == "queued"
    draw(ben, task, item, 0)
    with pytest.raises(WorkflowError, match=r"at 33%.*1 too many.*told not again"):
        ben.submit(task)
    assert ben.submit(task)["stage"] == "review", "the budget is used up"
    told = lead.events.query("kind == 'feedback'")
    assert told["actor"].tolist() == ["ben", "ben"]
    assert [note["left"] for note in told["payload"]] == [1, 0]


def test_who_corrects_the_work_is_not_told_again(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=1, people=["ben"])
    lead.feedback(attempts=2, threshold=1.0)
    task, item = lead.tasks.query("copy >= 512")[["id", "item_id"]].iloc[0]
    ben = maker(lead, "ben")
    with pytest.raises(WorkflowError, match="2 missing"):
        ben.submit(task)
    draw(ben, task, item, 10, 45)
    assert ben.submit(task)["stage"] == "review"


def test_nobody_is_told_about_ordinary_tasks_or_their_own_answer(lead: lw.Project) -> None:
    lead.feedback(attempts=1)
    lead.set_gold(finished(lead))
    ben, ana = maker(lead, "ben"), maker(lead, "ana")
    assert ben.submit(ben.open().task["id"])["stage"] == "review"
    own = finished(lead)[0]
    ana.reopen(own)
    lead.delete(lead.annotations.query("task_id == @own"))
    assert ana.submit(own)["stage"] == "review"
    lead.feedback(attempts=0)
    lead.seed_gold(number=1, people=["ben"])
    assert ben.submit(lead.tasks.query("copy >= 512")["id"].iloc[0])["stage"] == "review"


def test_an_impossible_budget_is_refused(lead: lw.Project) -> None:
    for wrong in ({"attempts": -1}, {"threshold": 1.5}, {"iou_treshold": 0.5}):
        with pytest.raises(lw.errors.LabelwidgetsError, match=r"feedback|attempts|threshold"):
            lead.feedback(**wrong)


def label_probes(project: lw.Project, name: str, *xs: float) -> None:
    """Have somebody label all probes that they have."""
    session = maker(project, name)
    mine = project.tasks.query("copy >= 512 and assignee == @name and state == 'queued'")
    for task, item in mine[["id", "item_id"]].itertuples(index=False):
        draw(session, task, item, *xs)
        session.submit(task)


def test_the_report_says_how_each_person_compares_with_gold(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=4, people=["ben", "cy"])
    label_probes(lead, "ben", 10, 45)
    label_probes(lead, "cy", 11)
    report = lead.gold()
    assert report["person"].tolist() == ["ben", "cy"], "ana made the golden answers"
    ben, cy = report.to_dict("records")
    assert (ben["items"], ben["score"], ben["iou"], ben["conflicts"]) == (4, 1, 1, "")
    assert (cy["items"], cy["precision"], cy["recall"], cy["score"]) == (4, 1, 0.5, 0.5)
    assert cy["iou"] == pytest.approx(29 / 31)
    assert cy["dice"] == pytest.approx(58 / 60)
    assert cy["conflicts"] == "missing 4"
    assert 0.2 < cy["low"] < 0.5 < cy["high"] < 0.8
    assert np.isnan(cy["oks"])
    assert np.isnan(cy["hota"])
    assert "missing 4" in shown(report)
    assert len(lead.gold(by=["person", "item"])) == 8
    assert lead.gold(by="class")["class"].tolist() == ["car"]
    assert lead.gold(interval="bootstrap")["low"].tolist() == [1, 0.5]
    with pytest.raises(WorkflowError, match="by which nothing"):
        lead.gold(by="colour")


def test_names_are_escaped_in_the_report(lead: lw.Project) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=1, people=["<b>ben"])
    label_probes(lead, "<b>ben", 10)
    assert "<b>ben" not in shown(lead.gold())


def test_without_gold_the_report_is_empty_and_has_its_columns(lead: lw.Project) -> None:
    report = lead.gold()
    assert len(report) == 0
    assert {"person", "score", "hota", "conflicts"} <= set(report.columns)
    assert report["score"].dtype == "float64"
    assert "Gold" in shown(report)


def test_a_rightly_empty_item_is_right_and_a_wrongly_filled_one_is_not(lead: lw.Project) -> None:
    items = list(lead.tasks.query("state == 'queued'")["item_id"][:2])
    lead.set_gold(items, [])
    lead.seed_gold(number=2, people=["ben"])
    lead.seed_gold(number=2, people=["cy"])
    label_probes(lead, "ben")
    label_probes(lead, "cy", 10)
    assert lead.gold()["score"].tolist() == [1, 0]


def test_quality_is_measured_by_gold_by_review_and_by_a_person(
    lead: lw.Project, tmp_path: Path
) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=2, people=["ben"])
    label_probes(lead, "ben", 10)
    report = lead.quality()
    assert report.summary["recall"] == 0.5
    assert report.authors["author"].tolist() == ["ben"]
    report.to_notebook(tmp_path / "quality.ipynb")
    assert (tmp_path / "quality.ipynb").exists()
    assert lead.quality(by="conflict")["type"].tolist() == ["missing", "missing"]
    rex = lead.review_session(user="rex")
    first = rex.open().task
    draw(rex, first["id"], first["item_id"], 0)
    rex.accept(first["id"])
    by_review = lead.quality("review")
    assert by_review.summary["submissions"] == 1
    assert (by_review.summary["precision"], by_review.summary["missing"]) == (1, 1)
    by_ana = lead.quality("ana", by="person")
    assert by_ana["author"].tolist() == ["ben"]
    assert by_ana["recall"].tolist() == [0.5]
    with pytest.raises(WorkflowError, match="nobody who has handed"):
        lead.quality("zoe")


def test_performance_has_gold_and_consensus_and_what_is_missing_is_missing(
    lead: lw.Project,
) -> None:
    lead.set_gold(finished(lead))
    lead.seed_gold(number=4, people=["ben"])
    label_probes(lead, "ben", 10)
    table = lead.performance().set_index("person")
    assert table["gold_score"]["ben"] == 0.5
    assert np.isnan(table["gold_score"]["ana"])
    assert table["consensus_iou"][["ana", "ben"]].tolist() == [0.5, 0.5]
    assert table["labels"].to_dict() == {"ana": 8, "ben": 4}, "golden answers are no work"
    assert "lead" not in table.index
    assert table["seconds_drift"].isna().all(), "all was done on one day"
    daily = lead.performance(["person", "day"])
    assert daily["gold_score"].notna().sum() == 1
    assert lead.performance(["person", "class"])["gold_score"].notna().sum() == 1
    assert lead.performance(["frame"])["gold_score"].isna().all()


def test_drift_is_the_slope_over_days() -> None:
    import pandas as pd

    from labelwidgets.workflow.performance_scores import drift

    days = pd.to_datetime(["2026-03-02", "2026-03-03", "2026-03-05", "2026-03-02"], utc=True)
    daily = pd.DataFrame(
        {"person": ["ana", "ana", "ana", "ben"], "day": days, "score": [9.0, 8.0, 6.0, 5.0]}
    )
    slopes = drift(daily, ["person"], "score")
    assert slopes["ana"] == pytest.approx(-1)
    assert np.isnan(slopes["ben"]), "one day has no slope"


def test_the_page_is_told_what_kinds_of_things_are_wrong_and_never_where(lead: lw.Project) -> None:
    from labelwidgets.widgets.link import Link

    lead.set_gold(finished(lead))
    lead.seed_gold(number=1, people=["ben"])
    lead.feedback(attempts=1, threshold=1.0)
    task, item = lead.tasks.query("copy >= 512")[["id", "item_id"]].iloc[0]
    ben = maker(lead, "ben")
    draw(ben, task, item, 11)
    heard: list[dict[str, Any]] = []
    link = Link(ben, lambda content, _: heard.append(content), find_loop=lambda: None)
    link.receive({"type": "submit", "request": 1, "task": task})
    (told,) = [message for message in heard if message.get("request") == 1]
    assert told["type"] == "failed"
    assert "1 missing" in str(told)
    assert "45" not in str(told), "not where it is"
    link.receive({"type": "submit", "request": 2, "task": task})
    assert [message["type"] for message in heard if message.get("request") == 2] == ["moved"]
    link.close()


def test_qc_looks_at_a_sample_that_its_seed_names(made: Path, tmp_path: Path) -> None:
    dataset = lw.Dataset.open(str(made.parent / "photos"))
    flow = lw.workflow.maker_reviewer_qc(sample=0.3, seed=4)
    with lw.Project.create(tmp_path / "qc.db", dataset, CLASSES, flow, user="lead") as project:
        ana, rex = maker(project, "ana"), project.review_session(user="rex", role="reviewer")
        for task in project.tasks["id"]:
            ana.submit(task)
            rex.accept(task)
        stages = project.tasks["stage"].value_counts().to_dict()
        assert 1 <= stages["qc"] <= 12
        assert stages["qc"] + stages["done"] == 20
        last = project.review_session(user="quin", role="qc", stages=["qc"])
        looked = 0
        while last.next_task() is not None:
            last.accept(last.open().task["id"], score=8)
            looked += 1
        assert looked == stages["qc"]
        assert set(project.reviews.query("stage == 'qc'")["reviewer"]) == {"quin"}
        assert project.qc() is not None


def test_qc_needs_a_stage_for_it(lead: lw.Project) -> None:
    with pytest.raises(WorkflowError, match="no stage of the kind qc"):
        lead.qc()


def test_in_a_team_gold_is_set_and_seen_by_admins_alone(place: Path) -> None:
    with lw.Project.open(place, user="lead") as lead:
        lead.add_people({"ana": "annotator", "ben": "annotator", "rex": "reviewer", "quin": "qc"})
        lead.set_gold(finished(lead))
        assert lead.seed_gold(number=1) == 1, "of those who label, ana made it herself"
        lead.feedback(attempts=1, threshold=1.0)
        gold = set(lead.tasks.query("copy < 0")["id"])
        assert len(gold) == 4
        task = lead.tasks.query("copy >= 512")["id"].iloc[0]
    for name in ("ana", "ben", "rex", "quin"):
        with lw.Project.open(place, user=name) as project:
            for frame, column in (
                (project.tasks, "id"),
                (project.annotations, "task_id"),
                (project.events, "task_id"),
                (project.at("2100-01-01").tasks, "id"),
                (project.at("2100-01-01").annotations, "task_id"),
                (project.at("2100-01-01").events, "task_id"),
            ):
                assert not set(frame[column].dropna()) & gold, (name, column)
            assert not {made.task_id for made in project.records()} & gold
            for forbidden in (
                lambda made=project: made.set_gold(finished(made)),
                lambda made=project: made.unset_gold(),
                lambda made=project: made.seed_gold(number=1),
                lambda made=project: made.feedback(),
            ):
                with pytest.raises(lw.errors.RightsError):
                    forbidden()
    with lw.Project.open(place, user="ben") as ben:
        with pytest.raises(lw.errors.RightsError):
            ben.gold()
        with pytest.raises(WorkflowError, match="2 missing"):
            ben.submit(task)
        ben.submit(task)
    with lw.Project.open(place, user="lead") as lead:
        assert lead.gold()["person"].tolist() == ["ben"]
