"""Golden answers and probes as rows: on every database, claimed in their place and once."""

from __future__ import annotations

from typing import Any

from labelwidgets.store.among import Among, Sight
from labelwidgets.store.gold_tasks import Probe
from labelwidgets.store.moves import Move
from labelwidgets.store.store import Store
from tests.store.making import applied, create

START = {"stage": "annotate", "state": "queued"}
ABOUT = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {}}


def made_golden(store: Store, item: str) -> str:
    task = store.place_gold([item], {"stage": "annotate", "state": "submitted"}, "lead")[item]
    applied(store.apply([create(task, f"{task}:image", after=ABOUT)], "lead")[0])
    return task


def made_again(store: Store, item: str) -> str:
    return store.place_gold([item], {"stage": "annotate", "state": "submitted"}, "lead")[item]


def claimed(store: Store, who: str) -> str | None:
    def begin(task: Any, _: Any) -> Move:
        return Move("open", {"state": "in_progress", "assignee": who}, {})

    task = store.claim(who, [], ["queued"], begin, among=Among(("annotate",)))
    return None if task is None else str(task["item_id"])


def test_an_item_has_one_golden_answer_which_is_in_force_while_it_says_something(
    store: Store,
) -> None:
    assert store.golden() == {}
    task = made_golden(store, "item2")
    assert store.golden() == {"item2": task}
    assert made_again(store, "item2") == task
    assert store.golden(["item1"]) == {}
    store.apply(store.taking_back("lead", task), "lead")
    assert store.golden() == {}


def test_a_probe_comes_up_after_the_task_that_it_lies_beside_and_once(store: Store) -> None:
    made_golden(store, "item0")
    ids = store.tasks.query("copy == 0").set_index("item_id")["id"]
    probes = [Probe("item0", "ben", ids["item2"])]
    assert store.place_probes(probes, START, "lead") == 1
    assert store.place_probes(probes, START, "lead") == 0, "one a person and item"
    # Nobody gets the same item twice: the main task of item0 is never ben's.
    found = [claimed(store, "ben") for _ in range(4)]
    assert found == ["item1", "item2", "item0", "item3"]
    assert claimed(store, "ben") is None
    assert claimed(store, "cy") == "item0", "the main task is anybody's"


def test_what_is_assigned_comes_first_and_probes_among_it(store: Store) -> None:
    made_golden(store, "item0")
    ids = store.tasks.query("copy == 0").set_index("item_id")["id"]
    give = Move("assign", {"assignee": "ben"}, {})
    for item in ("item2", "item3"):
        store.move(ids[item], "lead", lambda *_: give)
    store.place_probes([Probe("item0", "ben", ids["item2"])], START, "lead")
    assert [claimed(store, "ben") for _ in range(4)] == ["item2", "item0", "item3", "item1"]


def test_golden_answers_are_out_of_sight(store: Store) -> None:
    gold = made_golden(store, "item0")
    ids = store.tasks.query("copy == 0").set_index("item_id")["id"]
    done = Move("submit", {"state": "submitted", "maker": "ana"}, {})
    store.move(ids["item0"], "ana", lambda *_: done)
    assert store.seen(Sight("rex", judges=True)) == set(ids)
    assert store.seen(Sight("ben")) == set(ids) - {ids["item0"]}
    assert store.seen(Sight("ana")) == set(ids)
    assert gold not in store.seen(Sight("ana"))
