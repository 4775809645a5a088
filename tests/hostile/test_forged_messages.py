"""Whatever a page sends: a typed error, an answer, and a store that is as sound as before."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets.errors import GeometryError, LinkError
from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.geometry import RLE
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import MAX_DEPTH, Edit, Outcome
from labelwidgets.store.store import Store
from labelwidgets.widgets.link import Link
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.session import Session
from tests.store.making import (
    ONTOLOGY,
    applied,
    create,
    delete,
    items,
    make_store,
    rectangle,
    refused,
    update,
)
from tests.workflow.pictures import BlankPictures

OTHER = "b" * 20
THING = "a" * 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path / "cars.db") as made:
        yield made


@pytest.fixture
def session(store: Store) -> Session:
    return Session(store, BlankPictures(), "ana")


@pytest.fixture
def task(store: Store) -> str:
    return store.task_ids()[0]


def sound(store: Store) -> None:
    """Read all there is in every way there is."""
    assert len(store.annotations) == len(store.read())
    now = store.annotations.drop(columns=["geometry", "attributes"])
    then = store.at(store.events["time"].iloc[-1].to_pydatetime(warn=False)).annotations
    assert now.equals(then.drop(columns=["geometry", "attributes"])), "the log says the same"
    for task in store.task_ids():
        opened = store.opened(task, "ana")
        json.dumps([made.to_dict() for made in opened.annotations], default=str)


def outcome(session: Session, edit: Edit) -> Outcome:
    return session.apply([edit], "page")[0]


def nested(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(depth):
        made = {"a": made}
    return made


@pytest.mark.parametrize(
    "parameters",
    [
        {"a": math.nan},
        {"a": [1, -math.inf]},
        nested(MAX_DEPTH + 1),
        nested(700),
        {"a": "\ud800"},
        {"\udfff": 1},
        {"a": "x" * 2_000_000},
    ],
    ids=["nan", "inf", "deep", "deeper", "half", "half key", "long"],
)
def test_an_origin_that_would_not_come_back_is_refused(
    session: Session, store: Store, task: str, parameters: dict[str, Any]
) -> None:
    edit = create(task, after={"origin": {"kind": "tool", "parameters": parameters}})
    answer = refused(outcome(session, edit), "invalid")
    assert answer.message.startswith("after")
    assert len(answer.message) < 300
    sound(store)


def test_an_origin_as_tools_have_it_comes_back(session: Session, store: Store, task: str) -> None:
    parameters = {"clicks": [[1.5, 2, True]] * 500, "level": 128, "model": None, "é": nested(20)}
    origin = {"kind": "tool", "name": "grow", "parameters": parameters}
    applied(outcome(session, create(task, after={"origin": origin})))
    assert store.read()[0].origin == Origin("tool", "grow", None, parameters)


@pytest.mark.parametrize("field", ["id", "task", "annotation", "gesture", "parent", "undoes"])
@pytest.mark.parametrize("text", ["\ud800", "", "a\x00b", "x" * 65, "../x", "=1+1", "é"])
def test_an_identifier_that_is_none_refuses_that_edit_alone(
    session: Session, store: Store, task: str, field: str, text: str
) -> None:
    wrong = msgspec.structs.replace(create(task), **{field: text})
    good = create(task)
    first, second = session.apply([wrong, good], "page")
    refused(first, "invalid")
    applied(second)
    sound(store)


def test_an_id_names_one_edit_for_ever(session: Session, store: Store, task: str) -> None:
    other = store.task_ids()[1]
    first = create(task)
    applied(outcome(session, first))
    for again in [
        create(task, id=first.id),
        create(other, id=first.id),
        create(other, first.annotation, id=first.id),
        delete(other, first.annotation, 1, id=first.id),
    ]:
        answer = refused(outcome(session, again), "invalid")
        assert "in use" in answer.message
        assert answer.current is None
    assert applied(outcome(session, first)).annotation == first.annotation
    assert len(store.read()) == 1
    sound(store)


def test_two_edits_of_one_message_with_one_id(session: Session, store: Store, task: str) -> None:
    first = create(task, gesture="g")
    twin = create(task, id=first.id, gesture="g")
    for outcomes in (session.apply([first, twin]), session.apply([twin, first])):
        for answer in outcomes:
            assert "in use" in refused(answer, "invalid").message
    assert store.read() == []
    assert [applied(made).id for made in session.apply([first, first])] == [first.id] * 2
    assert len(store.read()) == 1


def test_what_is_malformed_is_never_kept_as_a_conflict(
    session: Session, store: Store, task: str
) -> None:
    made = create(task)
    stale = update(task, made.annotation, 0 + 1, {"geometry": rectangle(5)})
    session.apply([made, stale])
    lost = update(task, made.annotation, 1, {"geometry": rectangle(6)})
    refused(outcome(session, lost), "conflict")
    before = len(store.events)
    for after in ({"origin": {"parameters": {"a": "\ud800"}}}, {"track_id": "\ud800"}, {"x": 1}):
        on_top = update(task, made.annotation, 2, after, parent=lost.id)
        refused(outcome(session, on_top), "invalid")
        twin = update(task, made.annotation, 1, after, id="twin", gesture="g")
        valid = update(task, made.annotation, 1, {"frame": 1}, id="twin", gesture="g")
        session.apply([twin, valid])
    assert len(store.events) == before
    sound(store)


def test_an_edit_of_a_shape_in_another_task_shows_nothing_of_it(
    session: Session, store: Store, task: str
) -> None:
    other = store.task_ids()[1]
    secret = create(other, after={"geometry": rectangle(123)})
    session.apply([secret])
    before = len(store.events)
    for edit in [
        create(task, secret.annotation),
        create(task, secret.annotation, 1),
        update(task, secret.annotation, 1, {"geometry": rectangle()}),
        update(task, secret.annotation, 9, {"geometry": rectangle()}),
        delete(task, secret.annotation, 0),
        delete(task, secret.annotation, 1),
    ]:
        answer = refused(outcome(session, edit), "invalid")
        assert "belongs to another task" in answer.message
        assert (answer.current, answer.revision) == (None, 0)
    assert len(store.events) == before


def test_a_person_undoes_only_what_is_the_persons(store: Store, task: str) -> None:
    ana, ben = (Session(store, BlankPictures(), name) for name in ("ana", "ben"))
    made = create(task)
    ana.apply([made])
    forged = delete(task, made.annotation, 1, undoes=made.id)
    applied(outcome(ben, forged))
    assert ben.undo(task) == [], "ben has undone nothing of his own"
    assert store.events["actor"].tolist()[-1] == "ben"


@pytest.mark.parametrize("size", [(10**5, 10**5), (2**16, 2**15), (10**6, 10**6)])
def test_a_mask_that_nobody_could_decode_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    half = size[0] * size[1] // 2
    with pytest.raises(GeometryError, match=r"size: is \d+ x \d+ pixels, at most"):
        RLE(size, [half, half])
    # Also where the size of the picture is not known, which would otherwise tell.
    frame = items(1, metadata={})
    initial = maker_only().initial
    with Store.create(tmp_path / "x.db", ontology=ONTOLOGY, items=frame, actor="ana",
                      workflow=maker_only().to_dict(), initial=initial) as store:  # fmt: skip
        session = Session(store, BlankPictures(), "ana")
        geometry = {"type": "mask", "rle": {"size": list(size), "counts": "0"}}
        edit = create(store.task_ids()[0], after={"geometry": geometry})
        assert "at most" in refused(outcome(session, edit), "invalid").message


WORDS = st.sampled_from(
    ["", "x", "\ud800", "\x00", "__proto__", "constructor", "=1+1", "\u202eabc", "😀", "../..",
     "item0", "item1", "car", "boat", "odd", "<img src=x onerror=alert(1)>", "y" * 70, "z" * 12_000]
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([2**31, 2**53, 2**63, -(2**63), 2**64, 10**30, 0.5, 1e308, -1e308]),
    st.sampled_from([math.nan, math.inf, -math.inf]),
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["request", "task", "step", "client", "edits", "folder", "offset", "limit", "around", "item",
     "items", "gesture", "reason", "cancels", "user", "author", "annotations", "operation",
     "numbers"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["open", "edits", "tasks", "pixels", "thumbnails", "undo", "redo", "submit", "skip", "reopen",
     "cancel", "operate", "become"]
)  # fmt: skip
COORDINATE = st.one_of(st.floats(-10, 700), NUMBERS)
SHAPES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("rectangle"), "x": COORDINATE, "y": COORDINATE},
        optional={"width": COORDINATE, "height": COORDINATE, "angle": COORDINATE},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("polygon"),
            "parts": st.lists(
                st.lists(st.lists(st.tuples(COORDINATE, COORDINATE), max_size=5), max_size=2),
                max_size=2,
            ),
        }
    ),
    st.fixed_dictionaries({"type": st.sampled_from(["tag", "point", "polyline", "cuboid", "x"])}),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["mask", "volumemask", "maskpatch", "volumepatch"]),
            "rle": st.fixed_dictionaries({"size": ANYTHING, "counts": WORDS}),
            "slices": st.dictionaries(WORDS, ANYTHING, max_size=2),
        }
    ),
    ANYTHING,
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "geometry": SHAPES,
        "class_name": st.one_of(st.just("car"), st.just("tree"), WORDS, ANYTHING),
        "attributes": st.one_of(
            st.just({"occluded": "no"}), st.dictionaries(WORDS, WORDS, max_size=2), ANYTHING
        ),
        "frame": NUMBERS,
        "track_id": WORDS,
        "state": st.sampled_from(["editable", "locked", "frozen"]),
        "confidence": NUMBERS,
        "origin": st.one_of(
            ANYTHING,
            st.fixed_dictionaries({"kind": st.just("tool"), "parameters": ANYTHING}),
        ),
    },
)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_conversation_leaves_the_store_unsound(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "cars.db"
    with make_store(path, count=2) as store:
        ids = store.task_ids()
        heard: list[dict[str, Any]] = []
        session = Session(
            store, BlankPictures(), "ana", data.draw(st.sampled_from([None, ids[:1]]))
        )
        link = Link(session, lambda content, _: heard.append(content), find_loop=lambda: None)
        tasks = st.one_of(st.sampled_from(ids), WORDS)
        edits = st.fixed_dictionaries(
            {
                "id": st.one_of(st.builds(new_id), st.sampled_from(["e1", "e2"]), WORDS),
                "task": tasks,
                "kind": st.sampled_from(["create", "update", "delete"]),
                "annotation": st.sampled_from([THING, OTHER, f"{ids[0]}:image", "\ud800"]),
            },
            optional={
                "base": st.sampled_from([0, 1, 2, 3, -1, 2**63]),
                "after": CHANGES,
                "gesture": st.sampled_from(["g1", "g2"]),
                "parent": st.sampled_from(["e1", "e2", "e3", "\ud800"]),
                "undoes": st.sampled_from(["g1", "e1"]),
                "redoes": st.sampled_from(["g1", "e1"]),
            },
        )
        messages = st.one_of(
            st.builds(
                lambda some: {"type": "edits", "client": "c", "edits": some},
                st.lists(edits, max_size=4),
            ),
            st.builds(
                lambda kind, request, some, more: {
                    "type": kind,
                    "request": request,
                    "task": some,
                    "item": "item0",
                    "gesture": "g1",
                    "reason": "dark",
                    **more,
                },
                KINDS,
                st.integers(0, 5),
                tasks,
                st.dictionaries(NAMES, ANYTHING, max_size=2),
            ),
            ANYTHING,
        )
        for content in data.draw(st.lists(messages, min_size=1, max_size=12)):
            heard.clear()
            try:
                link.receive(content)
            except LinkError:
                assert heard[-1]["type"] == "failed"
            kind = content.get("type") if isinstance(content, dict) else None
            if kind not in ("cancel", "edits", "thumbnails"):
                assert heard, content
            for answer in heard:
                error = answer.get("error")
                name = error["kind"] if isinstance(error, dict) else ""
                assert "log says more" not in str(error), (content, name)
        sound(store)
        store.close()
        with Store.open(path) as again:
            sound(again)
