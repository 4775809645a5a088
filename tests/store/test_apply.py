from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import GeometryError, SchemaError, WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store.edits import Edit, Proposal, read_change
from labelwidgets.store.store import Store
from tests.store.making import applied, create, delete, rectangle, refused, rows, update


def test_create_is_durable_and_acknowledged_with_the_full_record(store: Store, task: str) -> None:
    edit = create(task, after={"attributes": {"occluded": "no"}})
    made = applied(store.apply([edit], "ana", client="tab1")[0])
    assert (made.id, made.revision, made.actor, made.client) == (edit.id, 1, "ana", "tab1")
    assert made.gesture == edit.id
    assert made.after is not None
    assert made.after["author"] == "ana"
    assert made.after["geometry"] == {**rectangle(1.0, 2.0, 3.0, 4.0)}
    with Store.open(str(store.location)) as again:
        (record,) = again.read()
        assert record == Annotation.from_dict(made.after)
        assert record.task_id == task
        assert record.item_id == "item0"


def test_update_changes_only_its_fields(store: Store, task: str) -> None:
    first = create(task, after={"attributes": {"occluded": "no"}, "track_id": "t1"})
    store.apply([first], "ana")
    made = applied(
        store.apply([update(task, first.annotation, 1, {"geometry": rectangle(9)})], "ben")[0]
    )
    assert made.revision == 2
    assert made.after == {"geometry": {**rectangle(9.0, 2.0, 3.0, 4.0)}}
    (record,) = store.read()
    assert record.attributes == {"occluded": "no"}
    assert record.track_id == "t1"
    assert record.author == "ana"
    assert record.geometry.bounds == (9, 2, 3, 4)
    assert record.updated_at is not None
    assert record.created_at is not None
    assert record.updated_at > record.created_at


def test_null_sets_a_field_to_nothing(store: Store, task: str) -> None:
    first = create(task, after={"confidence": 0.5, "frame": 3})
    store.apply([first], "ana")
    store.apply([update(task, first.annotation, 1, {"confidence": None, "frame": None})], "ana")
    (record,) = store.read()
    assert record.confidence is None
    assert record.frame is None


def test_the_same_edit_twice_is_one_edit(store: Store, task: str) -> None:
    edit = create(task)
    one = store.apply([edit], "ana")
    log = rows(store, "events")
    assert store.apply([edit], "ana") == one
    assert store.apply([edit, edit], "ana") == one * 2
    assert rows(store, "events") == log
    twin = create(task)
    both = store.apply([twin, twin], "ana")
    assert both[0] == both[1]
    assert len(rows(store, "events")) == len(log) + 1


def test_a_late_duplicate_does_not_undo_what_came_after(store: Store, task: str) -> None:
    first = create(task)
    move = update(task, first.annotation, 1, {"geometry": rectangle(50)})
    store.apply([first, move], "ana")
    store.apply([first], "ana")
    assert store.read()[0].geometry.bounds == (50, 2, 3, 4)
    assert store.read()[0].revision == 2


def test_a_stale_edit_is_a_conflict_that_is_kept(store: Store, task: str) -> None:
    first = create(task)
    store.apply([first, update(task, first.annotation, 1, {"geometry": rectangle(9)})], "ana")
    stale = update(task, first.annotation, 1, {"geometry": rectangle(70)})
    answer = refused(store.apply([stale], "ben")[0], "conflict")
    assert answer.current is not None
    assert answer.current["geometry"]["x"] == 9
    assert (answer.current["revision"], answer.revision) == (2, 2)
    assert store.read()[0].geometry.bounds == (9, 2, 3, 4)
    kept = store.events.query("kind == 'conflict'").iloc[0]
    assert kept["actor"] == "ben"
    assert kept["payload"]["after"] == {"geometry": rectangle(70)}
    log = rows(store, "events")
    assert refused(store.apply([stale], "ben")[0], "conflict").current == answer.current
    assert rows(store, "events") == log


def test_an_early_edit_can_be_sent_again(store: Store, task: str) -> None:
    first = create(task)
    second = update(task, first.annotation, 1, {"geometry": rectangle(9)})
    refused(store.apply([second], "ana")[0], "early")
    store.apply([first], "ana")
    assert applied(store.apply([second], "ana")[0]).revision == 2


def test_what_is_deleted_comes_back_on_the_revision_of_the_deletion(
    store: Store, task: str
) -> None:
    first = create(task, after={"origin": {"kind": "model", "name": "net"}})
    name = first.annotation
    born = applied(store.apply([first], "ana")[0])
    assert applied(store.apply([delete(task, name, 1)], "ben")[0]).after is None
    assert store.read() == []
    gone = refused(store.apply([update(task, name, 2, {"frame": 1})], "ana")[0], "invalid")
    assert (gone.current, gone.revision) == (None, 2)
    refused(store.apply([create(task, name, base=0)], "cleo")[0], "conflict")
    back = applied(store.apply([create(task, name, base=2)], "cleo")[0])
    assert back.revision == 3
    (record,) = store.read()
    assert record.author == "ana"
    assert record.origin.name == "net"
    assert born.after is not None
    assert record.to_dict()["created_at"] == born.after["created_at"]


def test_a_gesture_is_whole_or_not_at_all(store: Store, task: str) -> None:
    good, bad = create(task, gesture="g1"), create(task, gesture="g1", after={"frame": -1})
    other = create(task)
    outcomes = store.apply([good, other, bad], "ana")
    refused(outcomes[0], "invalid")
    refused(outcomes[2], "invalid")
    applied(outcomes[1])
    assert [made.id for made in store.read()] == [other.annotation]


def test_a_conflict_refuses_and_keeps_the_whole_gesture(store: Store, task: str) -> None:
    first = create(task)
    store.apply([first, update(task, first.annotation, 1, {"frame": 1})], "ana")
    new = create(task, gesture="g1")
    stale = update(task, first.annotation, 1, {"frame": 2}, gesture="g1")
    outcomes = store.apply([new, stale], "ana")
    assert [refused(outcome, "conflict").id for outcome in outcomes] == [new.id, stale.id]
    assert (store.events["kind"] == "conflict").sum() == 2
    assert len(store.read()) == 1
    assert [refused(o, "conflict").id for o in store.apply([new], "ana")] == [new.id]


def test_a_gesture_may_edit_one_annotation_twice(store: Store, task: str) -> None:
    first = create(task, gesture="g1")
    outcomes = store.apply(
        [first, update(task, first.annotation, 1, {"frame": 7}, gesture="g1")], "ana"
    )
    assert [applied(outcome).revision for outcome in outcomes] == [1, 2]
    assert store.read()[0].frame == 7


def test_a_locked_annotation_takes_only_the_edit_of_its_state(store: Store, task: str) -> None:
    first = create(task, after={"state": "locked"})
    name = first.annotation
    store.apply([first], "ana")
    refused(store.apply([update(task, name, 1, {"frame": 1})], "ana")[0], "forbidden")
    both = {"state": "editable", "frame": 1}
    refused(store.apply([update(task, name, 1, both)], "ana")[0], "forbidden")
    refused(store.apply([delete(task, name, 1)], "ana")[0], "forbidden")
    applied(store.apply([update(task, name, 1, {"state": "editable"})], "ana")[0])
    applied(store.apply([delete(task, name, 2)], "ana")[0])


def test_an_annotation_stays_in_its_task(store: Store, task: str) -> None:
    other = store.task_ids()[1]
    first = create(task)
    store.apply([first], "ana")
    refused(store.apply([delete(other, first.annotation, 1)], "ana")[0], "invalid")
    refused(store.apply([create("nowhere")], "ana")[0], "invalid")


def test_answers_about_the_image_are_one_annotation_a_task(store: Store, task: str) -> None:
    answers = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "rain"}}
    refused(store.apply([create(task, after=answers)], "ana")[0], "invalid")
    refused(store.apply([create(task, f"{task}:image")], "ana")[0], "invalid")
    applied(store.apply([create(task, f"{task}:image", after=answers)], "ana")[0])
    row = store.annotations.iloc[0]
    assert row["geometry_type"] == "tag"
    assert row.isna()["class_name"]
    assert math.isnan(row["x"])


BAD: list[dict[str, Any]] = [
    {"id": "<img>"},
    {"annotation": "../x"},
    {"annotation": "a" * 65},
    {"gesture": ""},
    {"undoes": "a b"},
    {"base": -1},
    {"base": True},
    {"kind": "drop"},
    {"after": None},
    {"after": {}},
    {"after": {"class_name": "car"}},
    {"after": {"geometry": rectangle(), "author": "mallory"}},
    {"after": {"geometry": rectangle(width=-1)}},
    {"after": {"geometry": rectangle(x=math.nan)}},
    {"after": {"geometry": {"type": "circle"}}},
    {"after": {"geometry": rectangle(), "class_name": None}},
    {"after": {"geometry": rectangle(), "class_name": "car", "frame": 2**70}},
    {"after": {"geometry": rectangle(), "class_name": "car", "frame": True}},
    {"after": {"geometry": rectangle(), "class_name": "car", "confidence": math.inf}},
    {"after": {"geometry": rectangle(), "class_name": "car", "state": "frozen"}},
    {"after": {"geometry": rectangle(), "class_name": "car", "track_id": "a b"}},
    {"after": {"geometry": rectangle(), "class_name": "car", "attributes": {"a": 1}}},
    {"after": {"geometry": rectangle(), "class_name": "car", "attributes": {"a": "\ud800"}}},
    {
        "after": {
            "geometry": rectangle(),
            "class_name": "car",
            "origin": {"kind": "hand", "parameters": {"a": object()}},
        }
    },
]


@pytest.mark.parametrize("wrong", BAD, ids=[str(number) for number in range(len(BAD))])
def test_what_is_malformed_is_refused_and_changes_nothing(
    store: Store, task: str, wrong: dict[str, Any]
) -> None:
    before = rows(store, "events")
    edit = msgspec.structs.replace(create(task), **wrong)
    answer = refused(store.apply([edit], "ana")[0], "invalid")
    assert answer.error in ("SchemaError", "GeometryError")
    assert rows(store, "events") == before
    msgspec.json.encode(answer)


def test_a_wrong_shape_keeps_its_kind_of_error(task: str) -> None:
    with pytest.raises(GeometryError, match=r"after.*width.*greater than 0"):
        read_change(create(task, after={"geometry": rectangle(width=0)}))


def test_a_message_with_unknown_fields_is_no_edit() -> None:
    with pytest.raises(msgspec.ValidationError, match="actor"):
        msgspec.convert(
            {"id": "a", "task": "t", "kind": "delete", "annotation": "b", "actor": "mallory"}, Edit
        )


def test_a_check_can_forbid_or_find_invalid(store: Store, task: str) -> None:
    seen: list[Proposal] = []

    def check(proposal: Proposal) -> None:
        seen.append(proposal)
        if proposal.edit.id == "closed":
            raise WorkflowError("is closed.")
        raise SchemaError("is odd.")

    refused(store.apply([create(task, id="closed")], "ana", check=check)[0], "forbidden")
    refused(store.apply([create(task)], "ana", check=check)[0], "invalid")
    assert seen[0].size == (640, 480)
    assert seen[0].before is None
    assert seen[0].after is not None
    assert store.read() == []


def test_a_check_that_breaks_leaves_nothing_behind(store: Store, task: str) -> None:
    def check(proposal: Proposal) -> None:
        raise ZeroDivisionError

    before = rows(store, "events")
    with pytest.raises(ZeroDivisionError):
        store.apply([create(task)], "ana", check=check)
    assert rows(store, "events") == before
    applied(store.apply([create(task)], "ana")[0])


def test_an_id_of_another_event_is_not_an_edit(store: Store, task: str) -> None:
    taken = store.events["id"].iloc[0]
    answer = refused(store.apply([create(task, id=taken)], "ana")[0], "invalid")
    assert "in use" in answer.message


def test_an_import_may_name_the_authors(store: Store, task: str) -> None:
    edit = create(task)
    store.apply([edit], "ana", authors={edit.annotation: "ben"})
    assert store.read()[0].author == "ben"
    assert store.events["actor"].iloc[-1] == "ana"


def test_ten_thousand_at_once(store: Store, task: str) -> None:
    gesture = new_id()
    outcomes = store.apply([create(task, gesture=gesture) for _ in range(10_000)], "ana")
    assert [applied(outcome).seq for outcome in outcomes] == list(
        range(outcomes[0].seq, outcomes[0].seq + 10_000)  # type: ignore[union-attr]
    )
    assert len(store.annotations) == 10_000


def test_time_never_runs_backwards_along_the_log(
    store: Store, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.apply([create(task)], "ana")
    monkeypatch.setattr("labelwidgets.store.log.now", lambda connection: 1)
    store.apply([create(task)], "ana")
    assert store.events["time"].is_monotonic_increasing
    assert store.events["seq"].is_monotonic_increasing


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_text_makes_an_edit_or_a_validation_error(text: str | bytes) -> None:
    try:
        edit = msgspec.json.decode(text, type=Edit)
    except (msgspec.DecodeError, UnicodeError):
        return
    assert isinstance(edit, Edit)


def test_an_edit_on_top_of_a_refused_one_is_refused_though_its_base_is_current(
    store: Store, task: str
) -> None:
    first = create(task)
    name = first.annotation
    store.apply([first], "ana", "here")
    store.apply([update(task, name, 1, {"frame": 7})], "ben", "there")
    # Both made before ben's change was heard of; the base of the second is 2, as it is now.
    moved = update(task, name, 1, {"frame": 1}, parent=first.id)
    locked = update(task, name, 2, {"state": "locked"}, parent=moved.id)
    outcomes = store.apply([moved, locked], "ana", "here")
    assert [outcome.reason for outcome in outcomes] == ["conflict", "conflict"]
    (row,) = store.annotations.itertuples()
    assert (row.frame, row.state, row.revision) == (7, "editable", 2)
    # Sent again, and apart, it is still the same.
    assert [outcome.reason for outcome in store.apply([locked], "ana", "here")] == ["conflict"]


def test_an_edit_whose_parent_is_not_there_yet_is_early(store: Store, task: str) -> None:
    first = create(task)
    name = first.annotation
    store.apply([first], "ana")
    second = update(task, name, 1, {"frame": 1}, parent=first.id)
    third = update(task, name, 2, {"frame": 2}, parent=second.id)
    assert [outcome.reason for outcome in store.apply([third], "ana")] == ["early"]
    assert [outcome.revision for outcome in store.apply([second, third], "ana")] == [2, 3]


@pytest.mark.parametrize(
    "odd", ["it's", 'a "b"', "50 %s %(id)s %", "$1 and $2", "a\\'; --", "\u2603"]
)
def test_text_comes_back_as_it_was_whatever_is_in_it(store: Store, task: str, odd: str) -> None:
    parameters = {"note": odd}
    after = {"origin": {"kind": "model", "parameters": parameters}}
    made = applied(store.apply([create(task, after=after)], odd, client=odd)[0])
    (held,) = store.read(task)
    assert held.origin.parameters == parameters
    assert held.author == odd
    assert store.events.set_index("id").loc[made.id, "client"] == odd


def test_the_ontology_grows_with_edits_or_not_at_all(store: Store, task: str) -> None:
    def growth(now: Ontology) -> Ontology:
        return now.extend(["boat"])

    def refuse(proposal: Proposal) -> None:
        raise WorkflowError("is closed.")

    def give_up(proposal: Proposal) -> None:
        raise KeyboardInterrupt

    before, seq = store.ontology(), store.last_seq()
    edit = create(task, after={"class_name": "boat"})
    refused(store.apply([edit], "ana", check=refuse, growth=growth)[0], "forbidden")
    with pytest.raises(KeyboardInterrupt):
        store.apply([edit], "ana", check=give_up, growth=growth)
    assert (store.ontology(), store.last_seq()) == (before, seq)
    made = applied(store.apply([edit], "ana", growth=growth)[0])
    assert "boat" in store.ontology()
    # The class comes before its label in the log, too.
    assert made.seq == seq + 2
