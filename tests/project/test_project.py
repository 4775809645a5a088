from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from labelwidgets.errors import (
    ConflictError,
    GeometryError,
    NotAStoreError,
    OntologyError,
    SchemaError,
    SourceError,
    StoreError,
    WorkflowError,
)
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Polygon, Rectangle, Tag
from labelwidgets.schema.ontology import Dropdown, ObjectClass, Ontology
from labelwidgets.store.edits import FIELDS


def box(item: str, x: float = 1, **more: object) -> Annotation:
    return Annotation(item_id=item, class_name="car", geometry=Rectangle(x, 2, 3, 4), **more)  # type: ignore[arg-type]


@pytest.fixture
def item(project: Project) -> str:
    return str(project.tasks["item_id"][0])


def test_a_project_comes_back(tmp_path: Path, project: Project, item: str) -> None:
    project.add(box(item))
    project.close()
    with Project.open(tmp_path / "cars.db", user="ben") as again:
        assert again.name == "cars"
        assert again.user == "ben"
        assert again.ontology == project.ontology
        assert again.workflow.name == "maker_only"
        pd.testing.assert_frame_equal(again.dataset.items, project.dataset.items)
        assert again.dataset.encoded(item).width == 64
        pd.testing.assert_frame_equal(again.annotations, project.annotations)
        assert again.tasks["folder"].tolist() == ["a", "a", "b"]
    with pytest.raises(StoreError, match=r"cars\.db.*there already"):
        Project.create(tmp_path / "cars.db", project.dataset, ["car"])
    with pytest.raises(NotAStoreError):
        Project.open(tmp_path / "bikes.db")
    with pytest.raises(SourceError, match=r"delivry: is not known\. Did you mean 'delivery'"):
        Project.open(tmp_path / "cars.db", delivry="direct")
    Project.open(tmp_path / "cars.db", delivery="direct", profile="work").close()


def test_a_notebook_may_run_from_the_top_again(
    tmp_path: Path, project: Project, photos: Path, item: str
) -> None:
    project.add(box(item))
    project.extend(["boat"])
    (photos / "new.png").write_bytes((photos / "a" / "0.png").read_bytes())
    more = Dataset.open(photos)

    def again(ontology: Ontology | list[str]) -> Project:
        return Project.create(tmp_path / "cars.db", more, ontology, user="ana", exist_ok=True)

    old = project.ontology
    smaller = Ontology(old.classes[:2], old.image_attributes)
    with again(smaller) as opened:
        assert opened.ontology == old, "what was added in between stays"
        assert len(opened.tasks) == 4
        assert len(opened.annotations) == 1
    with again(old.extend(["bus"])) as opened:
        assert "bus" in opened.ontology
    with pytest.raises(OntologyError, match=r"lacks the attribute 'occluded' of 'car'"):
        again(["car", "tree", "boat", "bus", "plane"])


def test_add_update_delete(project: Project, item: str) -> None:
    one, two = box(item), box(item, 9, attributes={"occluded": "no"}, confidence=0.5)
    made = project.add([one, two])
    assert [edit.annotation for edit in made] == [one.id, two.id]
    assert len({edit.gesture for edit in made}) == 1
    frame = project.annotations
    assert frame["author"].tolist() == ["ana", "ana"]
    assert frame["x"].tolist() == [1, 9]
    (record, _) = project.records()
    assert project.update(record) == []
    moved = msgspec.structs.replace(record, geometry=Rectangle(5, 5, 5, 5))
    (edit,) = project.update([moved])
    assert (edit.kind, edit.revision) == ("update", 2)
    assert edit.after is not None
    assert set(edit.after) == {"geometry"}
    with pytest.raises(ConflictError, match="revision 2"):
        project.update(box(item, 7, id=record.id, revision=1))
    (gone,) = project.delete(one.id)
    assert gone.kind == "delete"
    assert project.annotations["id"].tolist() == [two.id]
    with pytest.raises(SchemaError, match="is not there"):
        project.delete([two.id, one.id])
    assert len(project.annotations) == 1


def test_frames_in_frames_out(project: Project, item: str) -> None:
    project.add([box(item, origin=Origin("model", "net", "1", {"a": 1})), box(item, 9)])
    frame = project.annotations
    frame["confidence"] = [0.25, float("nan")]
    frame["track_id"] = ["t1", None]
    assert len(project.update(frame)) == 1
    assert project.annotations["track_id"].tolist()[0] == "t1"
    assert project.records()[0].origin.parameters == {"a": 1}, "a frame leaves the origin alone"
    with pytest.raises(ConflictError):
        project.update(frame.assign(frame=1))
    project.delete(project.annotations.query("confidence > 0.2"))
    assert len(project.annotations) == 1
    copy = project.annotations.drop(columns=["id", "revision", "task_id"]).assign(x=3)
    project.add(copy)
    assert len(project.annotations) == 2


def test_nothing_is_added_if_one_does_not_fit(project: Project, item: str) -> None:
    for wrong, error in [
        (box(item, 1000), GeometryError),
        (
            Annotation(item_id=item, class_name="boat", geometry=Rectangle(1, 2, 3, 4)),
            OntologyError,
        ),
        (box(item, attributes={"occluded": "maybe"}), OntologyError),
        (box("nobody"), SchemaError),
        (
            Annotation(
                item_id=item,
                class_name="tree",
                geometry=Polygon([[[(0, 0), (9, 9), (9, 0), (0, 9)]]]),
            ),
            GeometryError,
        ),
    ]:
        with pytest.raises(error):
            project.add([box(item), wrong])
        assert project.annotations.empty
    with pytest.raises(SchemaError, match=r"annotations\[0\]"):
        project.add(["car"])  # type: ignore[list-item]
    twin = box(item)
    with pytest.raises(SchemaError, match="twice"):
        project.add([twin, twin])
    project.add(twin)
    with pytest.raises(ConflictError, match=r"there already.*Project\.update"):
        project.add(twin)


def test_undo_and_redo(project: Project, item: str) -> None:
    assert project.undo() == []
    project.add([box(item), box(item)])
    before = project.annotations
    assert len(project.undo()) == 2
    assert project.annotations.empty
    assert len(project.redo()) == 2
    columns = [*FIELDS, "author", "created_at", "id"]
    pd.testing.assert_frame_equal(project.annotations[columns], before[columns])
    assert project.redo() == []


def test_what_was_deleted_can_be_added_again(project: Project, item: str) -> None:
    one = box(item)
    project.add(one)
    project.delete(one)
    assert project.add(one)[0].revision == 3


def test_answers_about_the_image(project: Project, item: str) -> None:
    task = str(project.tasks["id"][0])
    with pytest.raises(WorkflowError, match="image: weather"):
        project.submit(task)
    answer = Annotation(item_id=item, geometry=Tag(), attributes={"weather": "dry"})
    (made,) = project.add(answer)
    assert made.annotation == f"{task}:image"
    assert project.add(answer) == []
    rain = Annotation(item_id=item, geometry=Tag(), attributes={"weather": "rain"})
    assert project.add(rain)[0].kind == "update"
    assert project.submit(task)["state"] == "submitted"
    with pytest.raises(WorkflowError, match="reopen it first"):
        project.add(box(item))
    assert project.reopen(task)["state"] == "in_progress"
    assert project.skip(task, "blurred")["state"] == "skipped"
    assert project.tasks["state"].tolist() == ["skipped", "queued", "queued"]


def test_at_a_time(project: Project, item: str) -> None:
    project.add(box(item))
    then = project.events["time"].iloc[-1]
    before = project.annotations
    project.delete(before)
    pd.testing.assert_frame_equal(project.at(then).annotations, before)
    pd.testing.assert_frame_equal(project.at(then.isoformat()).annotations, before)
    pd.testing.assert_frame_equal(
        project.at(then.tz_localize(None).to_pydatetime()).annotations, before
    )
    assert project.at("2000-01-01").tasks.empty
    for wrong in ("yesterday evening", pd.NaT, [1]):
        with pytest.raises(SchemaError, match="no moment"):
            project.at(wrong)
    with pytest.raises(AttributeError):
        project.at(then).annotations = before  # type: ignore[misc]


def test_extend(project: Project, item: str) -> None:
    project.extend([ObjectClass("boat")], [Dropdown("season", ["summer"])])
    assert "boat" in project.ontology
    assert [made.name for made in project.ontology.image_attributes] == ["weather", "season"]
    with pytest.raises(OntologyError, match="twice"):
        project.extend(["boat"])
    for wrong in ("cat", ObjectClass("cat")):
        with pytest.raises(OntologyError, match=r"list of classes.*Write one class as \["):
            project.extend(wrong)  # type: ignore[arg-type]
    assert (project.events["kind"] == "ontology").sum() == 2


def test_what_follows_from_the_shape_is_changed_with_it_alone(project: Project, item: str) -> None:
    project.add([box(item), box(item, 9)])
    for column, wrong in [("x", 50.0), ("width", 7.0), ("area", 1.0), ("author", "ben")]:
        frame = project.annotations
        frame.loc[1, column] = wrong
        with pytest.raises(SchemaError, match=f"row 1, column '{column}'.*(geometry|stays)"):
            project.update(frame)
    frame = project.annotations
    frame.loc[frame["x"] > 5, "x"] = float("nan")
    with pytest.raises(SchemaError, match=r"is nan, and 9.0 is stored"):
        project.update(frame)
    frame = project.annotations
    frame.at[0, "geometry"] = Rectangle(20, 2, 3, 4)
    assert len(project.update(frame)) == 1, "x is the old one"
    assert project.update(frame) == [], "It is so already."
    frame.loc[0, "x"] = 21.0
    frame.at[0, "geometry"] = Rectangle(22, 2, 3, 4)
    with pytest.raises(ConflictError):
        project.update(frame)
    again = project.annotations
    again.at[0, "geometry"] = Rectangle(30, 2, 3, 4)
    again.loc[0, "x"] = 30.0
    assert len(project.update(again)) == 1, "x is the new one"
    project.add(Annotation(item_id=item, geometry=Tag(), attributes={"weather": "dry"}))
    assert project.update(project.annotations) == [], "Nothing of an answer has a place."
    record = project.records()[0]
    project.update(record.replace(geometry=Rectangle(40, 2, 3, 4)))
    assert project.annotations["x"].dropna().tolist() == [40, 9]
    with pytest.raises(SchemaError, match="no field 'colour'"):
        record.replace(colour="red")


def test_records_of_a_query(project: Project, item: str) -> None:
    project.add([box(item), box(item, 9)])
    assert len(project.records()) == 2
    (one,) = project.records("x > 5")
    assert one.geometry == Rectangle(9, 2, 3, 4)
    with pytest.raises(WorkflowError, match="names 'colour'"):
        project.records("colour == 'red'")
    for single in ("class_name = 'car'", "x > 5 and class_name = 'car'"):
        with pytest.raises(WorkflowError, match="=="):
            project.records(single)
    with pytest.raises(SchemaError, match=r"not a dict.*Annotation\.from_dict"):
        project.add({"item_id": item, "class_name": "car"})  # type: ignore[arg-type]
    with pytest.raises(WorkflowError, match="must be an expression, not 5"):
        project.records(5)  # type: ignore[arg-type]
    for nothing in (None, 5):
        with pytest.raises(SchemaError, match=f"ids: must be ids or records, not {nothing}"):
            project.delete(nothing)  # type: ignore[arg-type]


def test_a_session_is_the_users(project: Project, item: str) -> None:
    assert project.session().user == "ana"
    assert project.session(user="ben").user == "ben"
    project.add(box(item))
    task = project.tasks["id"][0]
    assert project.session("class_name == 'car'").work == {task}


def test_what_a_notebook_shows_is_escaped(tmp_path: Path, dataset: Dataset) -> None:
    bad = "<img src=x onerror=alert(1)>"
    with Project.create(
        tmp_path / "a&b.db", dataset, [bad, "car"], name=bad, user="<b>ana</b>"
    ) as project:
        page = project._repr_html_()
        assert "<img" not in page
        assert "<b>ana" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        rows = re.sub("<[^>]*>", " ", page).split()
        assert rows[rows.index("car") + 1] == "0"
        assert rows[rows.index("queued") + 1] == "3"
        assert "3 tasks, 0 annotations" in repr(project)


def test_files_that_failed_have_their_place_but_no_turn(
    tmp_path: Path, photos: Path, ontology: Ontology
) -> None:
    (photos / "bad.png").write_bytes(b"not a picture")
    dataset = Dataset.open(photos, errors="collect")
    with Project.create(tmp_path / "cars.db", dataset, ontology, user="ana") as project:
        assert len(project.tasks) == 4
        items = project.store.items()
        (bad,) = items["id"][items["status"] == "failed"]
        session = project.session()
        for _ in range(3):
            opened = session.open()
            assert opened.item["id"] != bad
            session.skip(opened.task["id"], "seen")
        assert session.next_task() is None
        (task,) = project.tasks["id"][project.tasks["item_id"] == bad]
        assert session.open(task).task["state"] == "queued", "Looking at it does not begin it."
