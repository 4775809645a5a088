"""Random work of two people: whatever happens, the state is what the log says."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from labelwidgets.errors import GeometryError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.patch import Patch
from labelwidgets.store.edits import Applied, Edit, Refused
from labelwidgets.store.log import read_held, read_log
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.records import Held
from tests.store.making import (
    create,
    delete,
    make_store,
    mask,
    patch,
    rectangle,
    update,
    volume,
    volume_patch,
)

PEOPLE = st.sampled_from(["ana", "ben"])
SOME = st.integers(0, 10**6)
SLICES = st.integers(0, 3)
BITS = st.integers(0, 2**20 - 1)
FIELDS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "geometry": st.integers(0, 99).map(rectangle)
        | st.builds(mask, st.integers(0, 2**20 - 1))
        | st.dictionaries(SLICES, BITS, max_size=3).map(volume),
        "attributes": st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")),
        "frame": st.none() | st.integers(0, 3),
        "track_id": st.none() | st.sampled_from(["t1", "t2"]),
        "confidence": st.none() | st.floats(0, 1),
        "origin": st.sampled_from([{}, {"kind": "tool", "name": "grow", "parameters": {"r": 3}}]),
        "state": st.sampled_from(["editable", "editable", "locked"]),
    },
)

# Now and then beyond the mask of 5 x 4 pixels.
PATCHES = st.builds(
    patch,
    x=st.integers(0, 3),
    y=st.integers(0, 3),
    width=st.integers(1, 3),
    height=st.integers(1, 2),
    bits=st.integers(0, 2**6 - 1),
) | st.builds(
    volume_patch,
    st.dictionaries(SLICES, st.none() | BITS, min_size=1, max_size=3),
    st.sampled_from([5, 5, 5, 4]),
)
CHANGES = FIELDS | st.builds(lambda made: {"geometry": made}, PATCHES)


def plain(value: Any) -> Any:
    """As it is in JSON, where tuples are lists."""
    return msgspec.json.decode(msgspec.json.encode(value))


def fits(fields: dict[str, Any], before: Annotation) -> bool:
    """Say whether a change has no patch, or one for the mask that is there."""
    made = fields.get("geometry", {})
    if made.get("type") not in ("maskpatch", "volumepatch"):
        return True
    try:
        msgspec.convert(made, Patch, str_keys=True).applied_to(before.geometry)
    except GeometryError:
        return False
    return True


class Work(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.place = self.new_place()
        self.store = make_store(self.place, count=2)
        self.tasks = self.store.task_ids()
        self.names: list[tuple[str, str]] = []
        self.sent: list[tuple[list[Edit], str, list[Applied | Refused]]] = []

    def teardown(self) -> None:
        self.store.close()
        self.drop(self.place)

    def new_place(self) -> str:
        return f"{tempfile.mkdtemp()}/cars.db"

    def drop(self, place: str) -> None:
        shutil.rmtree(Path(place).parent)

    def held(self) -> dict[str, Held]:
        return self.store.held([name for _, name in self.names])

    def seen(self) -> dict[str, dict[str, Any]]:
        hidden = ("revision", "updated_at")
        return {
            made.id: {k: v for k, v in made.to_dict().items() if k not in hidden}
            for made in self.store.read()
        }

    def send(self, edits: list[Edit], actor: str) -> list[Applied | Refused]:
        before = self.held()
        outcomes = self.store.apply(edits, actor)
        assert [outcome.id for outcome in outcomes] == [edit.id for edit in edits]
        gestures: dict[str, set[type]] = {}
        for edit, outcome in zip(edits, outcomes, strict=True):
            gestures.setdefault(edit.gesture_id, set()).add(type(outcome))
        assert all(len(kinds) == 1 for kinds in gestures.values()), "whole or not at all"
        if not any(isinstance(outcome, Applied) for outcome in outcomes):
            assert self.held() == before
        self.sent.append((edits, actor, outcomes))
        return outcomes

    def draft(self, number: int, kind: str, off: int, fields: dict[str, Any], **more: Any) -> Edit:
        task, name = self.names[number % len(self.names)]
        held = self.held().get(name)
        base = max(0, (held.annotation.revision if held else 0) + off)
        if kind == "create":
            return create(task, name, base, after=fields, **more)
        if kind == "update":
            return update(task, name, base, fields or {"frame": 1}, **more)
        return delete(task, name, base, **more)

    @rule(actor=PEOPLE, number=st.integers(0, 1), fields=FIELDS)
    def draw(self, actor: str, number: int, fields: dict[str, Any]) -> None:
        edit = create(self.tasks[number], after=fields)
        self.names.append((edit.task, edit.annotation))
        (outcome,) = self.send([edit], actor)
        assert isinstance(outcome, Applied)

    @precondition(lambda self: self.names)
    @rule(
        actor=PEOPLE,
        number=SOME,
        kind=st.sampled_from(["create", "update", "update", "delete"]),
        off=st.sampled_from([0, 0, 0, -1, 1]),
        fields=CHANGES,
    )
    def edit(self, actor: str, number: int, kind: str, off: int, fields: dict[str, Any]) -> None:
        edit = self.draft(number, kind, off, fields)
        held = self.held()[edit.annotation]
        (outcome,) = self.send([edit], actor)
        revision = held.annotation.revision
        if isinstance(outcome, Applied):
            assert edit.base == revision
            assert outcome.revision == revision + 1
            assert self.held()[edit.annotation].annotation.revision == revision + 1
            return
        # A patch is a change of pixels that are there: nothing can be made of one.
        patched = fields.get("geometry", {}).get("type") in ("maskpatch", "volumepatch")
        expected = "conflict" if edit.base < revision else "early"
        if edit.base == revision:
            expected = "invalid" if (kind == "create") != held.deleted else "forbidden"
            if kind == "update" and held.annotation.state != "locked":
                expected = "invalid"
                assert held.deleted or not fits(fields, held.annotation)
            if kind == "create" and patched:
                expected = "invalid"
            assert expected == "invalid" or held.annotation.state == "locked"
        if kind == "create" and patched:
            expected = "invalid"
        if not (kind == "update" and edit.base == 0):
            assert outcome.reason == expected

    @precondition(lambda self: self.names)
    @rule(actor=PEOPLE, number=SOME, made=PATCHES)
    def paint(self, actor: str, number: int, made: dict[str, Any]) -> None:
        edit = self.draft(number, "update", 0, {"geometry": made})
        before = self.held()[edit.annotation]
        (outcome,) = self.send([edit], actor)
        may = not before.deleted and before.annotation.state == "editable"
        assert isinstance(outcome, Applied) == (may and fits(edit.after or {}, before.annotation))
        if isinstance(outcome, Applied):
            assert plain(outcome.after) == edit.after

    @precondition(lambda self: self.names)
    @rule(
        actor=PEOPLE,
        numbers=st.lists(SOME, min_size=2, max_size=4),
        kinds=st.lists(st.sampled_from(["create", "update", "delete"]), min_size=4, max_size=4),
        fields=CHANGES,
        gesture=st.uuids().map(str),
    )
    def edit_several(
        self, actor: str, numbers: list[int], kinds: list[str], fields: dict[str, Any], gesture: str
    ) -> None:
        self.send(
            [
                self.draft(number, kind, 0, fields, gesture=gesture)
                for number, kind in zip(numbers, kinds, strict=False)
            ],
            actor,
        )

    @precondition(lambda self: self.sent)
    @rule(number=SOME)
    def send_again(self, number: int) -> None:
        edits, actor, before = self.sent[number % len(self.sent)]
        held, log = self.held(), self.store.last_seq()
        again = self.store.apply(edits, actor)
        if all(isinstance(outcome, Applied) for outcome in before):
            assert plain(again) == plain(before)
            assert self.held() == held
            assert self.store.last_seq() == log
        for one, other in zip(before, again, strict=True):
            if isinstance(one, Refused) and one.reason == "conflict":
                assert isinstance(other, Refused)
                assert other.reason == "conflict"

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_all_in_another_order(self, data: st.DataObject) -> None:
        some = self.sent[-4:]
        edits = [edit for sent, _, _ in some for edit in sent]
        held = self.held()
        known = {
            outcome.id
            for _, _, outcomes in some
            for outcome in outcomes
            if isinstance(outcome, Applied) or outcome.reason == "conflict"
        }
        shuffled = [edit for edit in data.draw(st.permutations(edits)) if edit.id in known]
        self.store.apply(shuffled, "ana")
        assert self.held() == held

    @rule(actor=PEOPLE, number=st.integers(0, 2), undo=st.booleans())
    def take_back_and_bring_again(self, actor: str, number: int, undo: bool) -> None:
        task = [*self.tasks, None][number]
        there = self.store.taking_back if undo else self.store.bringing_again
        back = self.store.bringing_again if undo else self.store.taking_back
        before = self.seen()
        edits = there(actor, task)
        if not edits or not all(isinstance(o, Applied) for o in self.send(edits, actor)):
            return
        # What somebody else did to the same fields in between is not brought again.
        alone = all(
            self.store.events.query("annotation_id == @edit.annotation and kind != 'conflict'")[
                "actor"
            ].nunique()
            == 1
            for edit in edits
        )
        again = back(actor, task)
        assert again
        outcomes = self.send(again, actor)
        if alone:
            assert all(isinstance(outcome, Applied) for outcome in outcomes)
            assert self.seen() == before

    @rule(actor=PEOPLE, number=st.integers(0, 1))
    def take_back(self, actor: str, number: int) -> None:
        edits = self.store.taking_back(actor, self.tasks[number])
        if edits:
            self.send(edits, actor)

    @invariant()
    def the_state_is_the_replay_of_the_log(self) -> None:
        with self.store._engine.begin() as connection:
            log = read_log(connection)
            held = read_held(connection, [name for _, name in self.names])
        assert replay_annotations(log) == held
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))


SETTINGS = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestWork = Work.TestCase
TestWork.settings = SETTINGS
