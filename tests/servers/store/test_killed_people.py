"""A team whose processes are killed at 200 moments: nothing is lost, and nothing is stuck."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.store.log import read_log
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.store import Store
from labelwidgets.store.tables import tasks
from labelwidgets.workflow.directing import assign
from labelwidgets.workflow.presets import maker_reviewer
from labelwidgets.workflow.session import Session
from tests.store.killing import heard
from tests.store.making import NewPlace, items
from tests.workflow.pictures import BlankPictures
from tests.workflow.worker import do, next_of, work_for_ever

# On a file edits are killed two hundred times too, in `tests/store/test_kill.py`.
ROUNDS = {"server": 50, "file": 15}
ROLES = {"ana": "annotator", "ben": "annotator", "cem": "reviewer", "dee": "reviewer"}
COUNT = 300


def kill_at_random_moments(place: str, rounds: int, dice: random.Random) -> set[str]:
    """Return what was acknowledged to those who were killed."""
    # It has everything imported and forks: two hundred interpreters would take minutes.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.workflow.worker"])
    said: set[str] = set()
    for _ in range(rounds):
        people = []
        for name, role in ROLES.items():
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(
                target=work_for_ever, args=(place, name, role, theirs), daemon=True
            )
            process.start()
            theirs.close()
            people.append((process, ours))
        assert all(ours.recv_bytes() == b"ready" for _, ours in people)
        # However busy the machine is, somebody has got something done.
        assert people[0][1].poll(60)
        dice.shuffle(people)
        for process, _ in people:
            time.sleep(dice.random() * 0.03)
            process.kill()
        for process, ours in people:
            said |= heard(ours)
            process.join()
            assert process.exitcode == -signal.SIGKILL
    return said


def moves_of(store: Store) -> dict[str, list[Any]]:
    """Return the moves of each task as (kind, actor, before, after), in their order."""
    moves: dict[str, list[Any]] = {}
    for made in store.read_moves():
        note = made["payload"]
        if "before" in note:
            moves.setdefault(made["task"], []).append(
                (made["kind"], made["actor"], note["before"], note["after"])
            )
    return moves


def finish_all(store: Store) -> None:
    """Do all that is left, as people who are new to it."""
    stages = {"zoe": None, "yan": ("review",)}
    roles = {"zoe": "annotator", "yan": "reviewer"}
    sessions = {
        name: Session(store, BlankPictures(), name, role=roles[name], stages=stages[name])
        for name in roles
    }
    while True:
        idle = True
        for name, session in sessions.items():
            while (task := next_of(session)) is not None:
                idle = False
                do(session, task.task["id"], roles[name])
        # What was given back to somebody who never comes again, the lead gives to anybody.
        rows = [store.task(name) for name in store.task_ids()]
        left = [row for row in rows if row["state"] == "queued" and row["assignee"] is not None]
        gone = [row["id"] for row in left if row["assignee"] not in roles]
        if gone:
            assign(store, maker_reviewer(), "lead", gone, None, 0)
        if idle and not left:
            return


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
# On a busy machine it takes minutes.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["server", "file"])
def test_two_hundred_kills_of_people_at_work(
    new_place: NewPlace, tmp_path: Path, kind: str
) -> None:
    place = new_place() if kind == "server" else str(tmp_path / "team.db")
    flow = maker_reviewer()
    Store.create(
        place,
        ontology=Ontology([ObjectClass("car")]),
        items=items(COUNT),
        workflow=flow.to_dict(),
        initial=flow.initial,
        actor="lead",
    ).close()
    said = kill_at_random_moments(place, ROUNDS[kind], random.Random(20260404))
    with Store.open(place) as store:
        events = store.events
        made = events[events["kind"] == "create"]
        sizes = made.groupby("gesture").size()
        assert set(sizes.unique()) == {2}, "no gesture is half"
        edits = {word.removeprefix("edit ") for word in said if word.startswith("edit ")}
        assert len(edits) > ROUNDS[kind]
        assert edits <= set(sizes.index), "no acknowledged edit is lost"
        happened = {f"{row.kind} {row.task_id}" for row in events.itertuples()}
        assert {word for word in said if not word.startswith("edit ")} <= happened
        assert any(word.startswith("accept ") for word in said)
        with store.reading() as connection:
            held = replay_annotations(read_log(connection))
        assert {name: one.annotation for name, one in held.items()} == {
            made.id: made for made in store.read()
        }

        makers: dict[str, Any] = {}
        for task, moves in moves_of(store).items():
            now: dict[str, Any] = {}
            for move, actor, before, after in moves:
                assert {key: now[key] for key in before if key in now} == {
                    key: value for key, value in before.items() if key in now
                }, "a move begins where the one before it ended"
                now.update(after)
                if move == "submit":
                    makers[task] = actor
                if move in ("accept", "reject"):
                    assert ROLES[actor] == "reviewer"
                    assert actor != makers[task], "nobody judges what is their own"

        with store.writing() as connection:
            connection.execute(update(tasks).values(lease_until=1).where(tasks.c.state != "queued"))
        finish_all(store)
        states = {store.task(name)["state"] for name in store.task_ids()}
        assert states == {"done"}, "no task is stuck"
