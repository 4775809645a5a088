from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from labelwidgets.store.moves import Move
from labelwidgets.store.people import Person
from labelwidgets.store.store import Store
from tests.store.making import create


def stay(*_: Any) -> None:
    return None


def put(store: Store, *people: Person, actor: str = "ana") -> list[Person]:
    return store.change_people(lambda _: people, actor, stay)


def test_who_somebody_is_to_a_project(store: Store) -> None:
    assert store.standing("ana") == (False, None)
    put(store, Person("ana", "admin", ("readers", "leads")), Person("ben", "annotator"))
    team, ana = store.standing("ana")
    assert team
    assert ana is not None
    assert (ana.role, ana.groups, ana.added_by, ana.removed_at) == (
        "admin",
        ("readers", "leads"),
        "ana",
        None,
    )
    assert store.standing("cy") == (True, None)


def test_every_change_is_an_event_with_what_was_before_and_after(store: Store) -> None:
    put(store, Person("ana", "admin"))
    put(store, Person("ana", "reviewer", ("a",)))
    put(store, Person("ana", "reviewer", ("a",)))
    events = store.events[store.events["kind"] == "person"]
    assert len(events) == 2, "what is the same is no change"
    last = events["payload"].iloc[-1]
    assert last["name"] == "ana"
    assert (last["before"]["role"], last["after"]["role"]) == ("admin", "reviewer")
    assert (last["before"]["groups"], last["after"]["groups"]) == ([], ["a"])


def test_the_past_has_the_people_of_then(store: Store) -> None:
    put(store, Person("ana", "admin"), Person("ben", "annotator", ("a", "b"), None))
    then = store.at(store.events["time"].iloc[-1])
    people = store.people
    put(store, Person("ben", "qc", removed_at=1))
    put(store, Person("cy", "qc"))
    assert then.people.equals(people)
    assert store.at(store.events["time"].iloc[-1]).people.equals(store.people)
    assert store.people["name"].tolist() == ["ana", "ben", "cy"]
    assert store.people["removed_at"].isna().tolist() == [True, False, True]


def test_nothing_is_held_where_a_change_of_people_raises(store: Store) -> None:
    def fail(known: Mapping[str, Person]) -> list[Person]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.change_people(fail, "ana", stay)
    assert store.standing("ana") == (False, None)
    assert "person" not in set(store.events["kind"])


def test_what_is_assigned_to_somebody_who_is_removed_moves_with_them(store: Store) -> None:
    first, second, *_ = store.task_ids()
    put(store, Person("ana", "admin"), Person("ben", "annotator"))
    for task in (first, second):
        store.move(task, "ana", lambda *_: Move("assign", {"assignee": "ben"}, {}))
    moved = []

    def leave(task: Mapping[str, Any], annotations: Any) -> Move:
        moved.append(task["id"])
        return Move("assign", {"assignee": None}, {})

    store.change_people(lambda known: [known["ben"]._replace(removed_at=1)], "ana", leave)
    assert moved == [first, second]
    assert store.tasks["assignee"].isna().all()


def test_ten_thousand_people_are_added_in_one_step(store: Store) -> None:
    put(store, *(Person(f"p{number:05}", "annotator", ("all",)) for number in range(10_000)))
    assert len(store.people) == 10_000
    team, last = store.standing("p09999")
    assert team
    assert last is not None
    assert last.groups == ("all",)
    seqs = store.events["seq"]
    assert seqs.tolist() == list(range(1, len(seqs) + 1))


def test_what_was_seen_and_what_was_done_are_one_frame(store: Store, task: str) -> None:
    store.apply([create(task), create(task)], "ana")
    store.record("ben", "opened", task, door="Session.open")
    store.record("cy", "denied", door="Project.assign", reason="is for admins: né \N{SNOWMAN}")
    store.apply([create(store.task_ids()[1])], "ana")
    found = store.access
    edited = found[found["action"] == "edited"]
    assert edited["person"].tolist() == ["ana", "ana"]
    assert edited["n"].tolist() == [2, 1], "one stretch of work on one task is one row"
    assert (edited["until"] >= edited["time"]).all()
    opened = found[found["action"] == "opened"].iloc[0]
    assert (opened["person"], opened["task_id"]) == ("ben", task)
    assert opened["detail"] == {"door": "Session.open"}
    denied = found[found["action"] == "denied"].iloc[0]
    assert denied["detail"]["reason"] == "is for admins: né \N{SNOWMAN}"
    assert found["time"].is_monotonic_increasing
    assert {"created", "tasks"} <= set(found["action"])


def test_the_frames_of_people_and_access_have_their_types_when_empty(store: Store) -> None:
    assert store.people.empty
    assert {name: str(dtype) for name, dtype in store.people.dtypes.items()} == {
        "name": "string",
        "role": "string",
        "groups": "object",
        "login": "string",
        "added_by": "string",
        "added_at": "datetime64[us, UTC]",
        "removed_at": "datetime64[us, UTC]",
    }
    assert {name: str(dtype) for name, dtype in store.access.dtypes.items()} == {
        "time": "datetime64[us, UTC]",
        "until": "datetime64[us, UTC]",
        "person": "string",
        "action": "string",
        "task_id": "string",
        "n": "int64",
        "detail": "object",
    }
