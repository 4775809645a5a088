"""Whose task it is: while they show a sign of life, and what becomes of what comes too late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update as change

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.edits import Edit, Outcome
from labelwidgets.store.leases import LEASE
from labelwidgets.store.log import read_log
from labelwidgets.store.moves import Move
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.store import Store
from labelwidgets.store.tables import tasks
from tests.store.making import applied, create, rectangle, refused, update


def begin(actor: str) -> Callable[..., Move | None]:
    def decide(task: Mapping[str, Any], annotations: Any) -> Move | None:
        if task["state"] != "queued":
            return None
        return Move("open", {"state": "in_progress", "assignee": actor}, {})

    return decide


def finish(actor: str) -> Callable[..., Move]:
    def decide(task: Mapping[str, Any], annotations: Any) -> Move:
        if task["state"] == "submitted":
            raise WorkflowError("is submitted.", where="task")
        return Move("submit", {"state": "submitted", "assignee": actor}, {})

    return decide


def claim(store: Store, actor: str) -> dict[str, Any]:
    made = store.claim(actor, ["in_progress"], ["queued"], begin(actor))
    assert made is not None
    return made


def expire(store: Store, task: str) -> None:
    with store.writing() as connection:
        connection.execute(change(tasks).where(tasks.c.id == task).values(lease_until=1))


def labels_of(store: Store, task: str) -> list[Annotation]:
    return store.read(task)


def test_a_claim_has_a_lease_and_a_number_that_only_rises(store: Store) -> None:
    mine = claim(store, "ana")
    left = mine["lease_until"] - datetime.now(UTC)
    assert 0 < left.total_seconds() <= LEASE / 1e6 + 60
    assert mine["lease_seq"] == store.last_seq()
    assert store.task(mine["id"]) == mine
    theirs = claim(store, "ben")
    assert theirs["id"] != mine["id"]
    assert theirs["lease_seq"] > mine["lease_seq"]
    done = store.move(mine["id"], "ana", finish("ana"))
    assert done["lease_until"] is None
    assert done["lease_seq"] == mine["lease_seq"]


def test_a_sign_of_life_prolongs_a_lease_of_whoever_has_it(store: Store) -> None:
    mine = claim(store, "ana")
    expire(store, mine["id"])
    assert store.renew(mine["id"], "ana", mine["lease_seq"])
    assert store.task(mine["id"])["lease_until"] >= mine["lease_until"]
    assert not store.renew(mine["id"], "ben", mine["lease_seq"])
    assert not store.renew(mine["id"], "ana", mine["lease_seq"] - 1), "another claim's number"
    assert claim(store, "ben")["id"] != mine["id"]


def test_an_edit_is_a_sign_of_life(store: Store) -> None:
    mine = claim(store, "ana")
    expire(store, mine["id"])
    applied(store.apply([create(mine["id"])], "ana")[0])
    assert claim(store, "ben")["id"] != mine["id"]


def test_nobody_loses_a_task_to_themselves(store: Store) -> None:
    mine = claim(store, "ana")
    expire(store, mine["id"])
    again = claim(store, "ana")
    assert again["id"] == mine["id"]
    assert store.task(mine["id"])["lease_until"] >= mine["lease_until"], "and it is theirs anew"


def test_a_lease_that_ended_gives_the_task_to_the_next(store: Store) -> None:
    mine = claim(store, "ana")
    expire(store, mine["id"])
    theirs = claim(store, "ben")
    assert theirs["id"] == mine["id"]
    assert theirs["assignee"] == "ben"
    assert theirs["lease_seq"] > mine["lease_seq"]
    assert not store.renew(mine["id"], "ana", mine["lease_seq"])
    kinds = store.events[store.events["task_id"] == mine["id"]]["kind"].tolist()
    assert kinds == ["open", "release", "open"]


def lost(store: Store) -> tuple[str, Edit]:
    """A task that ana drew on, whose lease has ended, and that ben has taken over."""
    task = claim(store, "ana")["id"]
    first = create(task, after={"track_id": "t1"})
    applied(store.apply([first], "ana")[0])
    expire(store, task)
    assert claim(store, "ben")["id"] == task
    return task, first


def opinion_of(store: Store, task: str) -> str:
    frame = store.tasks
    item = frame.set_index("id").loc[task, "item_id"]
    (found,) = frame[(frame["item_id"] == item) & (frame["copy"] > 0)]["id"]
    return str(found)


def test_late_edits_are_kept_as_an_opinion_and_leave_the_task_alone(store: Store) -> None:
    task, first = lost(store)
    theirs = update(task, first.annotation, 1, {"geometry": rectangle(50)})
    applied(store.apply([theirs], "ben")[0])
    before = labels_of(store, task)
    late = [
        update(task, first.annotation, 1, {"geometry": rectangle(99)}),
        create(task, after={"geometry": rectangle(7)}),
    ]
    for outcome in store.apply(late, "ana"):
        assert "kept as an opinion" in refused(outcome, "forbidden").message
    assert labels_of(store, task) == before
    opinion = opinion_of(store, task)
    moved, drawn = labels_of(store, opinion)
    assert (moved.geometry.bounds or ())[0] == 99
    assert (moved.track_id, moved.author) == ("t1", "ana")
    assert (drawn.geometry.bounds or ())[0] == 7
    row = store.task(opinion)
    assert (row["assignee"], row["state"], row["copy"]) == ("ana", "in_progress", 1)
    assert claim(store, "ana")["id"] == opinion, "it is what they go on with"
    with store.reading() as connection:
        held = replay_annotations(read_log(connection))
    assert {name: h.annotation for name, h in held.items()} == {a.id: a for a in store.read()}
    now = store.events["time"].iloc[-1].to_pydatetime()
    assert store.at(now).tasks.equals(store.tasks)


def test_late_edits_that_are_sent_again_change_nothing(store: Store) -> None:
    task, first = lost(store)
    chain = [update(task, first.annotation, 1, {"frame": 1}, parent=first.id)]
    chain.append(update(task, first.annotation, 2, {"frame": 2}, parent=chain[0].id))

    def said(made: list[Outcome]) -> list[str]:
        return [refused(one, "forbidden").message for one in made]

    messages = said(store.apply(chain[:1], "ana"))
    messages += said(store.apply(chain[1:], "ana"))
    seq = store.last_seq()
    assert said(store.apply(chain, "ana")) == messages
    # What was acknowledged in time is acknowledged again.
    assert applied(store.apply([first], "ana")[0]).task == task
    assert store.last_seq() == seq
    (made,) = labels_of(store, opinion_of(store, task))
    assert (made.frame, made.revision) == (2, 3)


@pytest.mark.parametrize("closed", [False, True])
def test_a_late_submit_is_a_submitted_opinion(store: Store, closed: bool) -> None:
    task, _ = lost(store)
    if closed:
        store.move(task, "ben", finish("ben"))
    done = store.move(task, "ana", finish("ana"))
    assert done["id"] == opinion_of(store, task)
    assert (done["state"], done["assignee"]) == ("submitted", "ana")
    assert len(labels_of(store, done["id"])) == 1
    now = store.task(task)
    assert (now["assignee"], now["state"]) == ("ben", "submitted" if closed else "in_progress")


def test_a_task_that_nobody_took_over_is_still_theirs(store: Store) -> None:
    mine = claim(store, "ana")
    expire(store, mine["id"])
    applied(store.apply([create(mine["id"])], "ana")[0])
    expire(store, mine["id"])
    assert store.move(mine["id"], "ana", finish("ana"))["id"] == mine["id"]
    assert store.tasks["copy"].tolist() == [0] * 4


def test_somebody_who_never_had_the_task_may_help(store: Store) -> None:
    task = claim(store, "ana")["id"]
    applied(store.apply([create(task)], "ben")[0])
    assert store.tasks["copy"].tolist() == [0] * 4
