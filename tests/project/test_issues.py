from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import labelwidgets as lw
from labelwidgets.errors import SchemaError, WorkflowError
from labelwidgets.schema.issue import box_on, pin_to, place_in
from labelwidgets.schema.tracks import Keyframe, Track


def a_car(project: lw.Project) -> lw.Annotation:
    item = project.tasks["item_id"][0]
    made = lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(1, 1, 2, 2))
    project.add(made)
    return made


def test_an_issue_on_an_object_moves_and_grows_with_it_and_survives_its_deletion(
    project: lw.Project,
) -> None:
    car, task = a_car(project), project.tasks["id"][0]
    raised = project.raise_issue(task, "Too small.", annotation=car.id, at=(2, 1))
    row = project.issues.iloc[0]
    assert (row["x"], row["y"], row["relative_x"], row["relative_y"]) == (2, 1, 0.5, 0)
    [now] = project.records("class_name == 'car'")
    moved = lw.Annotation.from_dict(
        now.to_dict() | {"geometry": {"type": "rectangle", "x": 3, "y": 2, "width": 4, "height": 1}}
    )
    project.update(moved)
    row = project.issues.iloc[0]
    assert (row["x"], row["y"], row["class_name"]) == (5, 2, "car")
    project.delete(car.id)
    row = project.issues.iloc[0]
    assert (row["x"], row["y"], row["deleted"], row["id"]) == (5, 2, True, raised.id)


def test_threads_are_resolved_and_reopened_and_every_step_is_an_event(project: lw.Project) -> None:
    task = project.tasks["id"][0]
    raised = project.raise_issue(task, " What is this? ", at=(1.5, 2.5))
    project.comment(raised.id, "A car.")
    project.resolve(raised.id, "Then label it.")
    with pytest.raises(WorkflowError, match="resolved already"):
        project.resolve(raised.id)
    assert project.issues["state"].tolist() == ["resolved"]
    assert project.issues["resolved_by"].tolist() == ["ana"]
    again = project.reopen_issue(raised.id)
    assert again.state == "open"
    assert again.resolved_by is None
    assert [one.text for one in again.thread] == ["What is this?", "A car.", "Then label it."]
    assert project.comments["text"].tolist() == [one.text for one in again.thread]
    kinds = project.events["kind"].tolist()
    assert kinds[-4:] == ["raise_issue", "comment", "resolve_issue", "reopen_issue"]


def test_issues_are_as_they_were_at_any_moment_and_change_no_task(project: lw.Project) -> None:
    car, task = a_car(project), project.tasks["id"][0]
    raised = project.raise_issue(task, "Too small.", annotation=car.id)
    project.resolve(raised.id)
    was, before = project.issues, project.at(project.events["time"].iloc[-2])
    assert before.issues["state"].tolist() == ["open"]
    now = project.at("2200-01-01")
    assert now.issues.equals(was)
    assert now.comments.equals(project.comments)
    assert now.tasks.equals(project.tasks)
    first = project.at(project.events["time"].iloc[0])
    assert first.issues.dtypes.equals(was.dtypes)


def test_what_is_no_issue_is_refused_by_name(project: lw.Project) -> None:
    car, (task, other) = a_car(project), project.tasks["id"][:2]
    with pytest.raises(SchemaError, match="some words"):
        project.raise_issue(task, "  ")
    with pytest.raises(SchemaError, match="at most 4000"):
        project.raise_issue(task, "x" * 4001)
    with pytest.raises(SchemaError, match="no object of the task"):
        project.raise_issue(other, "Wrong.", annotation=car.id)
    with pytest.raises(SchemaError, match="must be a number"):
        project.raise_issue(task, "Wrong.", at=(float("nan"), 1))
    with pytest.raises(WorkflowError, match="no such task"):
        project.raise_issue("nowhere", "Wrong.")
    with pytest.raises(WorkflowError, match="no such issue"):
        project.comment("nowhere", "Wrong.")
    assert project.issues.empty


def test_a_session_with_a_work_list_says_nothing_about_other_tasks(project: lw.Project) -> None:
    mine, other = project.tasks["id"][:2]
    raised = project.raise_issue(other, "Wrong.")
    session = project.session([mine])
    for act in (
        lambda: session.issues.of(other),
        lambda: session.issues.raise_issue(other, "Wrong."),
        lambda: session.issues.comment(raised.id, "Yes."),
        lambda: session.issues.resolve(raised.id),
    ):
        with pytest.raises(WorkflowError, match="not in the work list"):
            act()


def test_on_a_track_an_issue_is_in_the_box_of_its_frame() -> None:
    boxes = {0: lw.Rectangle(0, 0, 10, 10), 10: lw.Rectangle(100, 0, 10, 10)}
    track = Track({key: Keyframe(box) for key, box in boxes.items()})
    assert box_on(track, 5) == (50, 0, 10, 10)
    assert box_on(track, 10) == (100, 0, 10, 10)


numbers = st.floats(-1e4, 1e4)
sizes = st.floats(0, 1e4)


@given(st.tuples(numbers, numbers, sizes, sizes), st.tuples(numbers, numbers))
def test_a_pin_is_where_it_was_put_whatever_its_box(
    box: tuple[float, float, float, float], at: tuple[float, float]
) -> None:
    assert place_in(box, *pin_to(box, *at)) == pytest.approx(at, abs=1e-6)
