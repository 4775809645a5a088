from __future__ import annotations

import msgspec
import pytest

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.ontology import ObjectClass, Radio
from labelwidgets.store.edits import Applied
from labelwidgets.store.store import Store
from labelwidgets.workflow.session import Session
from tests.store.making import applied, create, delete, rectangle, refused, update
from tests.workflow.pictures import BlankPictures

NO = {"attributes": {"occluded": "no"}}
WEATHER = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "rain"}}


def other(session: Session, user: str = "ben", work: list[str] | None = None) -> Session:
    return Session(session.store, BlankPictures(), user, work)


def finish(session: Session, task: str) -> None:
    session.apply([create(task, f"{task}:image", after=WEATHER)])
    session.submit(task)


def test_a_session_knows_its_project_and_person(session: Session, store: Store) -> None:
    assert session.user == "ana"
    assert session.project_uid == store.uid
    assert session.project_name == "cars"
    assert "car" in session.ontology
    assert session.dataset.encoded("item0").mime == "image/png"
    assert "ana" in repr(session)
    with pytest.raises(WorkflowError, match="name of a person"):
        Session(store, BlankPictures(), " ")


def test_open_takes_my_task_then_the_queue(session: Session, store: Store) -> None:
    tasks = store.task_ids()
    opened = session.open()
    assert opened.task["id"] == tasks[0]
    assert (opened.task["state"], opened.task["assignee"]) == ("in_progress", "ana")
    assert opened.item["metadata"] == {"width": 640, "height": 480}
    assert session.open().task["id"] == tasks[0], "what I began comes first"
    assert other(session).open().task["id"] == tasks[1], "what another began is not in the queue"
    finish(session, tasks[0])
    assert session.next_task() == tasks[2]
    assert session.open().task["id"] == tasks[2]
    moves = store.events.query("kind == 'open'")
    assert moves["actor"].tolist() == ["ana", "ben", "ana"]


def test_urgent_tasks_come_first(session: Session, store: Store) -> None:
    from sqlalchemy import update as change

    from labelwidgets.store.tables import tasks

    third = store.task_ids()[2]
    with store._writer.begin() as connection:
        connection.execute(change(tasks).where(tasks.c.id == third).values(priority=5))
    assert session.open().task["id"] == third


def test_an_empty_queue_says_so(session: Session, store: Store) -> None:
    for task in store.task_ids():
        session.skip(task, "blurred")
    assert session.next_task() is None
    with pytest.raises(WorkflowError, match="No task is left"):
        session.open()


def test_opened_is_all_that_a_widget_needs(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    first, second = create(task, after=NO), create(task, after=NO)
    session.apply([first, second], "tab")
    session.apply([delete(task, first.annotation, 1)], "tab")
    session.undo(task)
    session.apply([delete(task, second.annotation, 1)], "tab")
    session.undo(task)
    session.apply([delete(task, second.annotation, 3)], "tab")
    opened = session.open(task)
    assert [made.id for made in opened.annotations] == [first.annotation]
    assert opened.deleted == {second.annotation: 4}
    assert opened.undo[:2] == [first.id, second.id]
    assert session.changes(opened.seq) == []
    assert msgspec.json.decode(msgspec.json.encode(opened))["task"]["id"] == task
    item, annotations = session.look(task)
    assert item["id"] == "item0"
    assert annotations == opened.annotations


def test_undo_of_a_gesture_that_is_no_longer_the_last_is_refused(
    session: Session, store: Store
) -> None:
    task = store.task_ids()[0]
    first, second = create(task, after=NO), create(task, after=NO)
    session.apply([first, second], "tab")
    with pytest.raises(WorkflowError, match="no longer the last"):
        session.undo(task, first.id)
    assert len(store.annotations) == 2
    assert len(session.undo(task, second.id)) == 1
    with pytest.raises(WorkflowError, match="no longer the last"):
        session.redo(task, first.id)
    session.redo(task, second.id)
    assert len(store.annotations) == 2


def test_edits_must_fit_the_ontology_and_the_image(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    for after, error in [
        ({"class_name": "boat"}, "OntologyError"),
        ({"attributes": {"occluded": "maybe"}}, "OntologyError"),
        ({"attributes": {"colour": "red"}}, "OntologyError"),
        ({"geometry": rectangle(x=600, width=100)}, "GeometryError"),
        (
            {
                "class_name": "tree",
                "geometry": {"type": "polygon", "parts": [[[[0, 0], [9, 9], [9, 0], [0, 9]]]]},
            },
            "GeometryError",
        ),
    ]:
        answer = refused(session.apply([create(task, after=after)])[0], "invalid")
        assert answer.error == error
    first = create(task)
    applied(session.apply([first])[0])
    for after in (
        {"class_name": "boat"},
        {"attributes": {"parts": ["c"]}},
        {"geometry": rectangle(-5)},
    ):
        refused(session.apply([update(task, first.annotation, 1, after)])[0], "invalid")
    wrong = {**WEATHER, "attributes": {"weather": "hail"}}
    refused(session.apply([create(task, f"{task}:image", after=wrong)])[0], "invalid")
    assert len(store.read()) == 1


def test_only_what_an_edit_changes_is_judged(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    old = {
        "class_name": "boat",
        "geometry": rectangle(-50),
        "attributes": {"gone": "yes"},
    }
    first = create(task, after=old)
    store.apply([first], "ana")
    name = first.annotation
    applied(session.apply([update(task, name, 1, {"geometry": rectangle(5)})])[0])
    applied(session.apply([update(task, name, 2, {"frame": 3})])[0])
    applied(session.apply([update(task, name, 3, {"state": "locked"})])[0])
    applied(session.apply([update(task, name, 4, {"state": "editable"})])[0])
    refused(session.apply([update(task, name, 5, {"geometry": rectangle(-9)})])[0], "invalid")
    applied(session.apply([update(task, name, 5, {"class_name": "car", "attributes": {}})])[0])


def test_an_ontology_that_grows_is_seen_at_once(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    assert "boat" not in session.ontology
    with Store.open(str(store.location)) as elsewhere:
        elsewhere.change_ontology(
            lambda old: old.extend([ObjectClass("boat", attributes=[Radio("sail", ["y", "n"])])]),
            "ben",
        )
    made = create(task, after={"class_name": "boat", "attributes": {"sail": "y"}})
    applied(session.apply([made])[0])


def test_submit_lists_what_is_missing(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    first = create(task)
    session.apply([first])
    with pytest.raises(WorkflowError) as caught:
        session.submit(task)
    assert f"image: weather; car {first.annotation}: occluded" in str(caught.value)
    assert store.task(task)["state"] == "queued"
    session.apply([update(task, first.annotation, 1, NO)])
    session.apply([create(task, f"{task}:image", after=WEATHER)])
    moved = session.submit(task)
    assert (moved["state"], moved["assignee"], moved["revision"]) == ("submitted", "ana", 1)
    assert store.task(task) == moved
    assert store.events["kind"].iloc[-1] == "submit"


def test_a_submitted_task_is_closed_until_it_is_reopened(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    finish(session, task)
    answer = refused(session.apply([create(task)])[0], "forbidden")
    assert "reopen it first" in answer.message
    assert refused(session.undo(task)[0], "forbidden").error == "WorkflowError"
    with pytest.raises(WorkflowError, match="is submitted, so that it cannot submit"):
        session.submit(task)
    assert session.open(task).task["state"] == "submitted", "looking at it is no move"
    assert session.reopen(task)["state"] == "in_progress"
    applied(session.apply([create(task)])[0])
    with pytest.raises(WorkflowError, match="cannot reopen"):
        session.reopen(task)


def test_skip_needs_a_reason(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    for wrong in ("", "  ", "x" * 1001):
        with pytest.raises(WorkflowError, match="reason"):
            session.skip(task, wrong)
    assert session.skip(task, "too dark")["state"] == "skipped"
    assert store.events.iloc[-1]["payload"]["reason"] == "too dark"
    refused(session.apply([create(task)])[0], "forbidden")


def test_undo_and_redo(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    assert session.undo(task) == []
    edit = create(task)
    session.apply([edit])
    assert applied(session.undo(task)[0]).undoes == edit.id
    assert applied(session.redo(task)[0]).redoes == edit.id
    assert len(store.read()) == 1
    assert other(session).undo(task) == []


def test_a_work_list_is_all_that_is_seen(session: Session, store: Store) -> None:
    first, second, _third, fourth = store.task_ids()
    some = other(session, "ana", [second, fourth])
    assert some.work == {second, fourth}
    assert [row["id"] for row in some.tasks()[0]] == [second, fourth]
    assert some.tasks(limit=1)[1] == 2
    assert some.neighbour(second, 1) == fourth
    assert some.neighbour(fourth, 1) is None
    assert some.place(fourth) == (1, 2)
    assert [found["total"] for found in some.folders()] == [2]
    assert some.open().task["id"] == second
    for call in (some.open, some.submit, some.reopen, some.look):
        with pytest.raises(WorkflowError, match="not in the work list"):
            call(first)
    refused(some.apply([create(first)])[0], "forbidden")
    heard: list[Applied] = []
    some.subscribe(heard.extend)
    session.apply([create(first), create(second)])
    assert [made.task for made in heard] == [second]
    assert [made.task for made in some.changes(0)] == [second]
    assert some.annotations()["task_id"].tolist() == [second]
    assert len(session.annotations()) == 2
    for task in (second, fourth):
        some.skip(task, "done")
    assert some.next_task() == second, "a list that was asked for is shown all the same"
    assert some.open().task["state"] == "skipped"


def test_a_long_work_list_is_the_same_as_a_short_one(
    session: Session, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second, third, fourth = store.task_ids()
    short = other(session, "ana", [fourth, second, third])

    def look() -> list[object]:
        return [
            [row["id"] for row in short.tasks()[0]],
            [row["id"] for row in short.tasks("odd", 1, 1)[0]],
            short.tasks("odd")[1],
            short.folders(),
            [short.neighbour(second, step) for step in (-1, 0, 1, 2, 3)],
            short.place(third),
            short.place(third, "odd"),
            short.next_task(),
        ]

    found = look()
    for room in ("queue", "navigator"):
        monkeypatch.setattr(f"labelwidgets.store.{room}.CHUNK", 2)
    assert look() == found


def test_the_navigator(session: Session, store: Store) -> None:
    first, second, third, fourth = store.task_ids()
    session.apply([create(second), create(second)])
    rows, total = session.tasks("odd")
    assert [(row["id"], row["n_annotations"], row["folder"]) for row in rows] == [
        (second, 2, "odd"),
        (fourth, 0, "odd"),
    ]
    assert total == 2
    assert [row["id"] for row in session.tasks(offset=2, limit=1)[0]] == [third]
    assert session.tasks("nowhere") == ([], 0)
    session.skip(first, "dark")
    assert session.folders() == [
        {"folder": "even", "total": 2, "states": {"skipped": 1, "queued": 1}},
        {"folder": "odd", "total": 2, "states": {"queued": 2}},
    ]
    assert session.neighbour(first, 2) == third
    assert session.neighbour(first, -1) is None
    assert session.place(third) == (2, 4)
    assert session.place(third, "odd") == (None, 2)


def test_there_is_no_such_task(session: Session) -> None:
    for call in (session.open, session.submit, session.reopen, session.look):
        with pytest.raises(WorkflowError, match="no such task"):
            call("nobody")
    refused(session.apply([create("nobody")])[0], "invalid")


def test_two_people_never_get_the_same_task(store: Store) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def take(number: int) -> str:
        with Store.open(str(store.location)) as mine:
            return str(Session(mine, BlankPictures(), f"person{number}").open().task["id"])

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == sorted(store.task_ids())


def test_the_largest_of_many_labels(session: Session, store: Store) -> None:
    task = store.task_ids()[0]
    sizes = [3, 9, 1, 7]
    boxes = [
        {"geometry": {"type": "rectangle", "x": 1, "y": 1, "width": n, "height": n}} for n in sizes
    ]
    session.apply([create(task, after={**NO, **box}) for box in boxes], "tab")
    annotations, total = session.largest(task, 2)
    assert [made.geometry.area for made in annotations] == [81, 49]
    assert total == 4
    session.apply([create(task, after={**NO, "geometry": {"type": "tag"}})], "tab")
    annotations, total = session.largest(task, 2)
    assert [made.geometry.type for made in annotations] == ["rectangle", "rectangle", "tag"]
    assert total == 4


def test_what_is_likely_to_be_next_is_known_and_nothing_is_claimed(
    store: Store,
) -> None:
    session = Session(store, BlankPictures(), "bea")
    opened = session.open()
    states = [row["state"] for row in session.tasks()[0]]
    rows = session.tasks()[0]
    likely = session.upcoming(opened.task["id"])
    assert likely[0] == rows[1]["item_id"], "the queue's next"
    assert opened.item["id"] not in likely
    assert len(set(likely)) == len(likely)
    assert set(likely) <= {row["item_id"] for row in rows}
    assert session.upcoming(opened.task["id"], limit=1) == likely[:1]
    assert [row["state"] for row in session.tasks()[0]] == states
    finish(session, opened.task["id"])
    assert session.open().item["id"] == likely[0]


def test_only_items_of_the_work_list_are_likely_to_be_next(store: Store) -> None:
    tasks = Session(store, BlankPictures(), "ana").tasks()[0]
    some = Session(store, BlankPictures(), "ana", work=[tasks[0]["id"], tasks[2]["id"]])
    assert some.upcoming(tasks[0]["id"]) == [tasks[2]["item_id"]]
    with pytest.raises(WorkflowError, match="not in the work list"):
        some.prefetch([tasks[1]["item_id"]])
