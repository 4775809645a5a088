from __future__ import annotations

from typing import Any

import pytest

from labelwidgets.errors import WorkflowError
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.stages import Stage, Transition, Workflow

STATES = ["queued", "in_progress", "submitted", "skipped"]
ACTIONS = ["open", "submit", "skip", "reopen", "release", "requeue"]
ALLOWED = {
    ("queued", "open"): "in_progress",
    ("queued", "submit"): "submitted",
    ("queued", "skip"): "skipped",
    ("in_progress", "submit"): "submitted",
    ("in_progress", "skip"): "skipped",
    ("in_progress", "release"): "queued",
    ("submitted", "reopen"): "in_progress",
    ("submitted", "requeue"): "queued",
    ("skipped", "reopen"): "in_progress",
    ("skipped", "requeue"): "queued",
}


def task(state: str) -> dict[str, Any]:
    return {"id": "t1", "title": "1.jpg", "stage": "annotate", "state": state}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_move_of_one_maker(state: str, action: str) -> None:
    workflow = maker_only()
    if (state, action) in ALLOWED:
        assert workflow.target(task(state), action) == ALLOWED[state, action]
        assert action in workflow.actions(task(state))
        return
    with pytest.raises(WorkflowError, match=rf"t1 \(1\.jpg\): is {state}.*Possible now: \w+"):
        workflow.target(task(state), action)
    assert action not in workflow.actions(task(state))


def test_every_state_has_a_way_out() -> None:
    assert all(maker_only().actions(task(state)) for state in STATES)


def test_the_table_is_a_frame() -> None:
    frame = maker_only().transitions
    assert list(frame.columns) == ["stage", "state", "action", "to", "to_stage", "role"]
    assert set(frame.dtypes.astype(str)) == {"string"}
    found = {(row.state, row.action): row.to for row in frame.itertuples()}
    assert found == ALLOWED


def test_a_workflow_comes_back_from_plain_data() -> None:
    assert Workflow.from_dict(maker_only().to_dict()) == maker_only()
    for wrong in ({}, {"name": "a", "stages": "b", "table": []}, 3):
        with pytest.raises(WorkflowError, match="workflow"):
            Workflow.from_dict(wrong)


def test_a_workflow_that_contradicts_itself_is_refused() -> None:
    move = Transition("annotate", "queued", "open", "in_progress")
    with pytest.raises(WorkflowError, match="at least one stage"):
        Workflow("mine", [], [])
    with pytest.raises(WorkflowError, match="there is not"):
        Workflow("mine", [Stage("review", "review")], [move])
    with pytest.raises(WorkflowError, match="twice"):
        Workflow("mine", [Stage("annotate", "annotate")], [move, move])


def test_a_workflow_of_the_first_stores_is_read() -> None:
    rows = [
        {"stage": "annotate", "state": state, "action": action, "to": to}
        for (state, action), to in ALLOWED.items()
        if action not in ("release", "requeue")
    ]
    old = Workflow.from_dict({"name": "maker_only", "stages": ["annotate"], "table": rows})
    assert old.stages == [Stage("annotate", "annotate")]
    assert old.target(task("queued"), "submit") == "submitted"
    assert Workflow.from_dict(old.to_dict()) == old
