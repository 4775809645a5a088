from __future__ import annotations

from labelwidgets.store.edits import Edit
from labelwidgets.store.history import Mark, stacks
from labelwidgets.store.store import Store
from tests.store.making import applied, create, delete, rectangle, update


def marks(*gestures: str) -> list[Mark]:
    """a: a plain gesture; -a undoes it; +a redoes it."""
    made = []
    for seq, name in enumerate(gestures):
        undoes = name[1:] if name.startswith("-") else None
        redoes = name[1:] if name.startswith("+") else None
        made.append(Mark(seq, "t", f"{name}#{seq}" if undoes or redoes else name, undoes, redoes))
    return made


def test_the_documented_rule() -> None:
    assert stacks([]) == ([], [])
    assert stacks(marks("a", "b")) == (["a", "b"], [])
    assert stacks(marks("a", "b", "-b")) == (["a"], ["b"])
    assert stacks(marks("a", "b", "-b", "-a")) == ([], ["b", "a"])
    assert stacks(marks("a", "b", "-b", "-a", "+a")) == (["a"], ["b"])
    assert stacks(marks("a", "b", "-b", "-a", "+a", "+b", "-b")) == (["a"], ["b"])
    assert stacks(marks("a", "b", "-b", "c")) == (["a", "c"], [])
    assert stacks(marks("a", "a", "a")) == (["a"], [])
    assert stacks(marks("a", "-nobody", "+nobody")) == (["a"], [])


def undo(store: Store, actor: str, task: str | None = None) -> list[Edit]:
    edits = store.taking_back(actor, task)
    for outcome in store.apply(edits, actor):
        applied(outcome)
    return edits


def redo(store: Store, actor: str, task: str | None = None) -> list[Edit]:
    edits = store.bringing_again(actor, task)
    for outcome in store.apply(edits, actor):
        applied(outcome)
    return edits


def state(store: Store) -> list[dict[str, object]]:
    """What people see: everything but revisions and times."""
    hidden = ("revision", "updated_at")
    return [
        {name: value for name, value in made.to_dict().items() if name not in hidden}
        for made in store.read()
    ]


def test_undo_and_redo_restore_exactly(store: Store, task: str) -> None:
    first = create(task, after={"attributes": {"occluded": "no"}, "origin": {"kind": "tool"}})
    name = first.annotation
    steps = [
        first,
        update(task, name, 1, {"geometry": rectangle(9), "frame": 3}),
        update(task, name, 2, {"attributes": {}, "confidence": 0.5, "frame": None}),
        update(task, name, 3, {"state": "locked"}),
        update(task, name, 4, {"state": "editable"}),
        delete(task, name, 5),
    ]
    states = [state(store)]
    for edit in steps:
        applied(store.apply([edit], "ana")[0])
        states.append(state(store))
    for before in reversed(states[:-1]):
        undo(store, "ana", task)
        assert state(store) == before
    assert undo(store, "ana", task) == []
    for after in states[1:]:
        redo(store, "ana", task)
        assert state(store) == after
    assert redo(store, "ana", task) == []


def test_undo_survives_the_process(store: Store, task: str) -> None:
    edit = create(task)
    store.apply([edit], "ana")
    store.close()
    with Store.open(str(store.location)) as again:
        (only,) = again.history(task, "ana").undo
        assert only.id == edit.gesture_id
        undo(again, "ana")
    assert store.read() == []
    assert [gesture.id for gesture in store.history(task, "ana").redo] == [edit.gesture_id]


def test_a_gesture_is_taken_back_as_one(store: Store, task: str) -> None:
    old = create(task)
    store.apply([old], "ana")
    gesture = [
        delete(task, old.annotation, 1, gesture="split"),
        create(task, gesture="split"),
        create(task, gesture="split"),
    ]
    store.apply(gesture, "ana")
    assert len(undo(store, "ana")) == 3
    assert [made.id for made in store.read()] == [old.annotation]
    assert len({event for event in store.events["gesture"].iloc[-3:]}) == 1


def test_people_undo_their_own_gestures(store: Store, task: str) -> None:
    mine, theirs = create(task), create(task)
    store.apply([mine], "ana")
    store.apply([theirs], "ben")
    undo(store, "ana")
    assert [made.id for made in store.read()] == [theirs.annotation]
    assert undo(store, "cleo") == []


def test_undo_of_all_goes_back_in_time_over_the_tasks(store: Store) -> None:
    one, two, *_ = store.task_ids()
    first, second = create(one), create(two)
    store.apply([first], "ana")
    store.apply([second], "ana")
    assert [edit.task for edit in undo(store, "ana")] == [two]
    assert [edit.task for edit in undo(store, "ana")] == [one]
    assert [edit.task for edit in redo(store, "ana")] == [one]
    assert [edit.task for edit in redo(store, "ana")] == [two]


def test_a_gesture_over_several_tasks_is_undone_in_one_or_in_all(store: Store) -> None:
    one, two, three, *_ = store.task_ids()
    store.apply([create(task, gesture="import") for task in (one, two, three)], "ana")
    assert [edit.task for edit in undo(store, "ana", two)] == [two]
    assert [edit.task for edit in undo(store, "ana")] == [one, three]
    assert store.read() == []
    assert [edit.task for edit in redo(store, "ana")] == [one, two, three]


def test_undo_of_a_locked_creation_unlocks_it_first(store: Store, task: str) -> None:
    store.apply([create(task, after={"state": "locked"})], "ana")
    before = state(store)
    assert [edit.kind for edit in undo(store, "ana")] == ["update", "delete"]
    assert store.read() == []
    redo(store, "ana")
    assert state(store) == before


def test_undo_of_a_change_that_locked_unlocks_it_first(store: Store, task: str) -> None:
    first = create(task)
    store.apply([first], "ana")
    before = state(store)
    store.apply([update(task, first.annotation, 1, {"state": "locked", "frame": 2})], "ana")
    after = state(store)
    undo(store, "ana")
    assert state(store) == before
    redo(store, "ana")
    assert state(store) == after


def test_the_stacks_for_a_page_are_ids(store: Store, task: str) -> None:
    edits = [create(task) for _ in range(5)]
    store.apply(edits, "ana")
    assert store.opened(task, "ana").stacks == ([edit.id for edit in edits], [])
    assert store.opened(task, "ben").stacks == ([], [])
    undo(store, "ana")
    undo(store, "ana")
    names = [edit.id for edit in edits]
    assert store.opened(task, "ana").stacks == (names[:3], [names[4], names[3]])


def test_several_edits_of_one_annotation_are_taken_back_in_reverse(store: Store, task: str) -> None:
    first = create(task, gesture="g1")
    name = first.annotation
    store.apply([first, update(task, name, 1, {"frame": 1}, gesture="g1")], "ana")
    one = state(store)
    again = [update(task, name, 2 + n, {"frame": 5 + n}, gesture="g2") for n in range(3)]
    store.apply(again, "ana")
    two = state(store)
    undo(store, "ana")
    assert state(store) == one
    undo(store, "ana")
    assert state(store) == []
    redo(store, "ana")
    assert state(store) == one
    redo(store, "ana")
    assert state(store) == two
