from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from labelwidgets.store.edits import Applied
from labelwidgets.store.store import Store
from tests.store.making import NewPlace, applied, create, make_store, update


def test_observers_hear_of_edits_once_they_are_durable(store: Store, task: str) -> None:
    heard: list[Applied] = []

    def hear(made: Sequence[Applied]) -> None:
        with Store.open(str(store.location)) as other:
            assert {a.annotation for a in made} <= {record.id for record in other.read()}
        heard.extend(made)

    stop = store.subscribe(hear)
    edit = create(task)
    outcomes = store.apply([edit], "ana")
    assert heard == outcomes
    store.apply([edit], "ana")
    store.apply([update(task, edit.annotation, 0, {"frame": 1})], "ana")
    assert heard == outcomes, "neither duplicates nor refused edits are news"
    stop()
    stop()
    store.apply([create(task)], "ana")
    assert heard == outcomes


def test_an_observer_that_fails_harms_nobody(
    store: Store, task: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Applied] = []

    def fail(made: Sequence[Applied]) -> None:
        raise ZeroDivisionError

    store.subscribe(fail)
    store.subscribe(heard.extend)
    with caplog.at_level(logging.ERROR, logger="labelwidgets"):
        made = applied(store.apply([create(task)], "ana")[0])
    assert heard == [made]
    assert "ZeroDivisionError" in caplog.text


def test_changes_of_another_process_are_seen(store: Store, task: str) -> None:
    seq = store.last_seq()
    assert store.changes(seq) == []
    with Store.open(str(store.location)) as other:
        edit = create(task)
        theirs = other.apply([edit], "ben", client="tab")
        assert store.changes(seq) == theirs
        refused = other.apply([update(task, edit.annotation, 0, {"frame": 1})], "ben")
        assert len(refused) == 1
        more = other.apply([update(task, edit.annotation, 1, {"frame": 1})], "ben")
    assert store.changes(seq) == theirs + more
    assert store.changes(theirs[0].seq) == more  # type: ignore[union-attr]
    mine = store.apply([create(task)], "ana")
    assert store.changes(more[0].seq) == mine  # type: ignore[union-attr]
    assert store.changes(store.last_seq()) == []
    assert store.changes(seq) == theirs + more + mine, "asking again from earlier on is no mistake"


def test_threads_may_share_a_store(store: Store) -> None:
    tasks = store.task_ids()

    def work(number: int) -> int:
        edit = create(tasks[number % len(tasks)])
        store.apply([edit], f"person{number % 3}")
        store.changes(0)
        return len(store.read(tasks[number % len(tasks)]))

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(work, range(80)))
    assert min(counts) >= 1
    assert len(store.read()) == 80
    assert store.events["seq"].tolist() == list(range(1, len(store.events) + 1))


def test_two_stores_of_one_place_see_one_another(new_place: NewPlace) -> None:
    place = new_place()
    with make_store(place) as one, Store.open(place) as two:
        task = one.task_ids()[0]
        edit = create(task)
        one.apply([edit], "ana")
        applied(two.apply([update(task, edit.annotation, 1, {"frame": 1})], "ben")[0])
        assert one.read()[0].frame == 1
        assert one.uid == two.uid
        assert one.name == two.name
