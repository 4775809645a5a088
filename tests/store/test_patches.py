"""Strokes on masks: what is stored of them, and what takes them back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets.algorithms import encode_rle
from labelwidgets.store.edits import Edit
from labelwidgets.store.log import read_log
from labelwidgets.store.past import replay_annotations
from labelwidgets.store.records import from_text, to_text
from labelwidgets.store.store import Store
from tests.store.making import (
    applied,
    create,
    delete,
    mask,
    patch,
    rectangle,
    refused,
    update,
    volume,
    volume_patch,
)


def geometry(store: Store, name: str) -> Any:
    return store.read(ids=[name])[0].to_dict()["geometry"]


def started(store: Store, task: str, shape: dict[str, Any]) -> str:
    edit = create(task, after={"geometry": shape})
    applied(store.apply([edit], "ana")[0])
    return edit.annotation


def stroke(task: str, name: str, base: int, made: dict[str, Any], **more: Any) -> Edit:
    return update(task, name, base, {"geometry": made}, **more)


def payloads(store: Store) -> list[dict[str, Any]]:
    with store.reading() as connection:
        return [from_text(row["payload"]) for row in read_log(connection)]


def take_back_and_bring_again(
    store: Store, task: str, name: str, states: list[Any], kind: str
) -> None:
    """Go through all states of a mask, back and forth, by patches of a kind."""
    for before in reversed(states[:-1]):
        (edit,) = store.taking_back("ana", task)
        assert edit.after is not None
        assert edit.after["geometry"]["type"] == kind
        applied(store.apply([edit], "ana")[0])
        assert geometry(store, name) == before
    for after in states[1:]:
        applied(store.apply(store.bringing_again("ana", task), "ana")[0])
        assert geometry(store, name) == after
    with store.reading() as connection:
        assert replay_annotations(read_log(connection))[name] == store.held([name])[name]


def test_an_event_keeps_the_box_before_and_after(store: Store, task: str) -> None:
    name = started(store, task, mask(0b11111))
    edit = stroke(task, name, 1, patch(0, 1, 2, 2, 0b1010))
    outcome = applied(store.apply([edit], "ana")[0])
    assert from_text(to_text(outcome.after)) == edit.after
    payload = payloads(store)[-1]
    assert payload["after"] == edit.after
    assert payload["before"] == {"geometry": patch(0, 1, 2, 2, 0b0011)}
    assert geometry(store, name)["rle"]["counts"] == mask(0b1011101)["rle"]["counts"]


def test_an_event_is_as_small_as_the_stroke(store: Store, task: str) -> None:
    noise = np.random.default_rng(0).random((700, 900)) < 0.5
    name = started(store, task, {"type": "mask", "rle": encode_rle(noise)})
    applied(store.apply([stroke(task, name, 1, patch(450, 350, 9, 7, 0b101))], "ana")[0])
    size = len(str(payloads(store)[-1]))
    assert size < 500 < len(geometry(store, name)["rle"]["counts"]) / 100


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(0, 2**20 - 1),
    st.lists(
        st.builds(
            patch,
            x=st.integers(0, 2),
            y=st.integers(0, 2),
            width=st.integers(1, 3),
            height=st.integers(1, 2),
            bits=st.integers(0, 63),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_strokes_are_undone_and_redone_exactly(
    store: Store, first: int, strokes: list[dict[str, Any]]
) -> None:
    task = store.task_ids()[0]
    name = started(store, task, mask(first))
    states = [geometry(store, name)]
    for base, made in enumerate(strokes, 1):
        applied(store.apply([stroke(task, name, base, made)], "ana")[0])
        states.append(geometry(store, name))
    take_back_and_bring_again(store, task, name, states, "maskpatch")


def test_strokes_of_one_gesture_build_on_one_another(store: Store, task: str) -> None:
    edit = create(task, after={"geometry": mask(0)}, gesture="g")
    name = edit.annotation
    strokes = [
        stroke(task, name, 1, patch(0, 0, 2, 2, 0b1111), gesture="g"),
        stroke(task, name, 2, patch(1, 0, 1, 2, 0), gesture="g"),
    ]
    for outcome in store.apply([edit, *strokes], "ana"):
        applied(outcome)
    assert geometry(store, name)["rle"]["counts"] == mask(0b11)["rle"]["counts"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (patch(4, 0, 2, 1, 3), "leaves the mask of 5 x 4"),
        (patch(0, 3, 1, 2, 3), "leaves the mask of 5 x 4"),
        ({**patch(0, 0, 1, 1, 1), "x": -1}, "from 0"),
        ({**patch(0, 0, 1, 1, 1), "x": 0.5}, "after"),
        ({"type": "maskpatch", "x": 0, "y": 0}, "rle"),
        ({**patch(0, 0, 1, 1, 1), "rle": {"size": [1, 1], "counts": "7"}}, "in all"),
        ({**patch(0, 0, 1, 1, 1), "rle": None}, "rle"),
    ],
)
def test_bad_strokes_are_refused_and_change_nothing(
    store: Store, task: str, made: dict[str, Any], message: str
) -> None:
    name = started(store, task, mask(5))
    outcome = refused(store.apply([stroke(task, name, 1, made)], "ana")[0], "invalid")
    assert message in outcome.message
    assert outcome.error in ("GeometryError", "SchemaError")
    assert geometry(store, name)["rle"]["counts"] == mask(5)["rle"]["counts"]


def test_a_stroke_needs_a_mask_that_is_there(store: Store, task: str) -> None:
    made = patch(0, 0, 1, 1, 1)
    refused(store.apply([create(task, after={"geometry": made})], "ana")[0], "invalid")
    name = started(store, task, rectangle())
    outcome = refused(store.apply([stroke(task, name, 1, made)], "ana")[0], "invalid")
    assert "the annotation is a rectangle" in outcome.message
    name = started(store, task, mask(5))
    applied(store.apply([delete(task, name, 1)], "ana")[0])
    refused(store.apply([stroke(task, name, 2, made)], "ana")[0], "invalid")


def test_a_stroke_on_an_older_mask_is_a_conflict_and_kept(store: Store, task: str) -> None:
    name = started(store, task, mask(5))
    applied(store.apply([stroke(task, name, 1, patch(0, 0, 1, 1, 0))], "ben")[0])
    mine = stroke(task, name, 1, patch(2, 2, 1, 1, 1))
    outcome = refused(store.apply([mine], "ana")[0], "conflict")
    assert outcome.current is not None
    assert outcome.current["geometry"]["type"] == "mask"
    assert payloads(store)[-1]["after"] == mine.after


def test_taking_back_a_stroke_leaves_what_others_painted_elsewhere(store: Store, task: str) -> None:
    name = started(store, task, mask(0))
    applied(store.apply([stroke(task, name, 1, patch(0, 0, 1, 1, 1))], "ana")[0])
    applied(store.apply([stroke(task, name, 2, patch(4, 3, 1, 1, 1))], "ben")[0])
    applied(store.apply(store.taking_back("ana", task), "ana")[0])
    assert geometry(store, name)["rle"]["counts"] == mask(1 << 19)["rle"]["counts"]
    applied(store.apply([update(task, name, 4, {"geometry": rectangle()})], "ben")[0])
    (again,) = store.bringing_again("ana", task)
    assert "is a rectangle" in refused(store.apply([again], "ana")[0], "invalid").message


def test_an_event_of_a_volume_mask_keeps_the_slices_that_changed(store: Store, task: str) -> None:
    name = started(store, task, volume({k: 0b1011 << k for k in range(9)}))
    made = volume_patch({2: 0b111, 4: None, 12: 0b1})
    edit = stroke(task, name, 1, made)
    outcome = applied(store.apply([edit], "ana")[0])
    assert from_text(to_text(outcome.after)) == edit.after
    payload = payloads(store)[-1]
    assert payload["after"] == edit.after
    before = {"geometry": volume_patch({2: 0b1011 << 2, 4: 0b1011 << 4, 12: None})}
    assert payload["before"] == before
    now = from_text(to_text(geometry(store, name)))
    assert now["slices"].keys() == {"0", "1", "2", "3", "5", "6", "7", "8", "12"}
    with store.reading() as connection:
        assert replay_annotations(read_log(connection))[name] == store.held([name])[name]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(st.integers(0, 3), st.integers(0, 2**20 - 1), max_size=3),
    st.lists(
        st.dictionaries(
            st.integers(0, 3), st.none() | st.integers(0, 2**20 - 1), min_size=1, max_size=3
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_edits_of_a_volume_mask_are_undone_and_redone_exactly(
    store: Store, first: dict[int, int], edits: list[dict[int, int | None]]
) -> None:
    task = store.task_ids()[0]
    name = started(store, task, volume(first))
    states = [geometry(store, name)]
    for base, slices in enumerate(edits, 1):
        applied(store.apply([stroke(task, name, base, volume_patch(slices))], "ana")[0])
        states.append(geometry(store, name))
    take_back_and_bring_again(store, task, name, states, "volumepatch")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (volume_patch({}), "a slice at least"),
        (volume_patch({-1: None}), "from 0"),
        (volume_patch({2**40: 1}), "from 0"),
        (volume_patch({0: 1}, width=3), "those of the mask have 5 x 4"),
        ({"type": "volumepatch", "slices": {"one": None}}, "after"),
        ({"type": "volumepatch", "slices": {"0": {"size": [4, 5], "counts": "7"}}}, "in all"),
        ({"type": "volumepatch", "slices": None}, "slices"),
    ],
)
def test_bad_edits_of_a_volume_mask_are_refused_and_change_nothing(
    store: Store, task: str, made: dict[str, Any], message: str
) -> None:
    name = started(store, task, volume({3: 5}))
    before = geometry(store, name)
    outcome = refused(store.apply([stroke(task, name, 1, made)], "ana")[0], "invalid")
    assert message in outcome.message
    assert geometry(store, name) == before
    name = started(store, task, mask(5))
    wrong = refused(store.apply([stroke(task, name, 1, volume_patch({0: 1}))], "ana")[0], "invalid")
    assert "the annotation is a mask" in wrong.message
