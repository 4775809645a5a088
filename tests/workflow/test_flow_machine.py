"""A machine that does anything anybody may try, beside a model of what the table allows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.store.store import Store
from labelwidgets.workflow.overlap import opinions_of_items
from labelwidgets.workflow.presets import maker_reviewer_qc
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import JUDGING
from tests.store.making import items
from tests.workflow.pictures import BlankPictures

PEOPLE = {"ana": "annotator", "ben": "annotator", "cem": "reviewer", "quinn": "qc", "lead": None}
ACTIONS = ["submit", "reopen", "requeue", "accept", "reject", "skip", "open", "edit"]


class Flow(RuleBasedStateMachine):
    """Items 0 and 1 go the way of one maker or of two opinions, as the seed has it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.workflow = maker_reviewer_qc(overlap=0.5, labelers=2, sample=0.5, seed=3)
        self.store = Store.create(
            Path(self.folder.name) / "flow.db",
            ontology=Ontology([ObjectClass("car")]),
            items=items(4),
            workflow=self.workflow.to_dict(),
            initial=self.workflow.initial,
            actor="lead",
            opinions=opinions_of_items(self.workflow),
        )
        self.tasks = self.store.task_ids()
        self.sessions = {
            name: Session(self.store, BlankPictures(), name, role=role)
            for name, role in PEOPLE.items()
        }

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def rows(self) -> dict[str, dict[str, Any]]:
        return {task: self.store.task(task) for task in self.tasks}

    @rule(who=st.sampled_from(list(PEOPLE)), at=st.integers(0, 11), action=st.sampled_from(ACTIONS))
    def somebody_does_something(self, who: str, at: int, action: str) -> None:
        session = self.sessions[who]
        before = self.rows()
        task = self.tasks[at % len(self.tasks)]
        try:
            if action == "open":
                moved = session.open().task
                task = moved["id"]
            elif action == "edit":
                return
            elif action == "skip":
                moved = session.skip(task, "dark")
            else:
                moved = getattr(session, action)(task)
        except WorkflowError:
            assert self.rows() == before, "what is refused changes nothing"
            return
        was = before[task]
        if action == "open" and (was["state"], was["assignee"]) == ("in_progress", who):
            assert moved["state"] == "in_progress"
            return
        allowed = self.workflow.moves(was, PEOPLE[who])
        assert action in [row.action for row in allowed], "only what the table allows is done"
        if action in ("accept", "reject"):
            assert was["maker"] != who, "nobody judges what is their own"
        if action == "reject":
            assert moved["assignee"] == was["maker"]
            assert moved["rounds"] == was["rounds"] + 1
        others = {name: row for name, row in before.items() if row["item_id"] != was["item_id"]}
        now = self.rows()
        assert all(now[name] == row for name, row in others.items())

    @rule(who=st.sampled_from(["cem", "quinn"]))
    def somebody_takes_the_next_to_judge(self, who: str) -> None:
        stages = ("review",) if who == "cem" else ("review", "qc")
        session = Session(self.store, BlankPictures(), who, role=PEOPLE[who], stages=stages)
        waits = [
            row
            for row in self.rows().values()
            if row["stage"] in stages and row["state"] == "submitted" and row["maker"] != who
        ]
        found = session.next_task()
        if waits:
            assert found is not None, "no task is stuck"
        if found is not None:
            assert session.open().task["state"] == "in_review"

    @invariant()
    def every_task_is_where_the_table_knows_it_and_has_a_way_out(self) -> None:
        for row in self.rows().values():
            assert self.workflow.actions(row) or row["copy"] > 0

    @invariant()
    def opinions_are_of_distinct_people_and_the_main_task_waits_for_them(self) -> None:
        by_item: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows().values():
            by_item.setdefault(row["item_id"], []).append(row)
        for rows in by_item.values():
            opinions = [row for row in rows if row["copy"] > 0]
            whose = [row["maker"] or row["assignee"] for row in opinions]
            named = [name for name in whose if name is not None]
            assert len(set(named)) == len(named)
            main = next(row for row in rows if row["copy"] == 0)
            if opinions and main["state"] == "waiting":
                assert any(row["state"] in ("queued", "in_progress") for row in opinions)
            if main["stage"] in JUDGING and main["state"] == "submitted" and opinions:
                assert all(row["state"] in ("submitted", "skipped") for row in opinions)


Flow.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestFlow = pytest.mark.filterwarnings("ignore")(Flow.TestCase)
