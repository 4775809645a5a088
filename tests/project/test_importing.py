"""Pre-labels: what comes in from files, once, as drafts, and in nobody's way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from labelwidgets.errors import FormatError, SourceError, WorkflowError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Radio, Text
from labelwidgets.schema.geometry import Rectangle, Tag
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.workflow.session import Session


def file(folder: Path, *labels: dict[str, Any], name: str = "old.json") -> Path:
    """A COCO file of another tool: two pictures of the dataset, and one that is not in it."""
    path = folder / name
    names = ["a/0.png", "b/1.png", "elsewhere.png"]
    data = {
        "images": [
            {"id": n, "file_name": name, "width": 64, "height": 48} for n, name in enumerate(names)
        ],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {"id": n, "image_id": 0, "category_id": 1, "bbox": [1, 2, 3, 4], **more}
            for n, more in enumerate(labels, 1)
        ],
    }
    path.write_text(json.dumps(data))
    return path


TWO = ({"score": 0.75}, {"image_id": 1, "bbox": [5, 5, 5, 5], "score": 0.5})


def test_the_same_import_twice_changes_nothing(tmp_path: Path, project: Project) -> None:
    path = file(tmp_path, *TWO, {"image_id": 2})
    first = project.import_annotations(path)
    assert (first.added, first.there, len(first.unmatched)) == (2, 0, 1)
    before, events = project.annotations, len(project.events)
    again = project.import_annotations(path)
    assert (again.added, again.there, again.differ) == (0, 2, 0)
    assert len(project.events) == events
    assert project.annotations.equals(before)
    assert {made.id for made in again.annotations} == set(before["id"])
    copied = project.import_annotations(path.rename(tmp_path / "moved.json"))
    assert copied.there == 2


def test_twins_in_a_file_are_two_labels_and_stay_two(tmp_path: Path, project: Project) -> None:
    path = file(tmp_path, {}, {})
    assert project.import_annotations(path).added == 2
    assert project.import_annotations(path).added == 0
    assert project.import_annotations(file(tmp_path, {}, {}, {})).added == 1


def test_what_people_changed_or_deleted_of_an_import_stays_so(
    tmp_path: Path, project: Project
) -> None:
    path = file(tmp_path, *TWO)
    project.import_annotations(path)
    moved, gone = project.records()
    project.update(msgspec.structs.replace(moved, geometry=Rectangle(9, 9, 9, 9)))
    project.delete(gone)
    again = project.import_annotations(path)
    assert (again.added, again.there, again.differ) == (0, 2, 1)
    assert project.annotations["geometry"].tolist() == [Rectangle(9, 9, 9, 9)]


def test_what_edits_come_to_is_shown_in_a_line(tmp_path: Path, project: Project) -> None:
    """An import of a million labels, undone in the last line of a cell, filled the page."""
    assert repr(project.undo()) == "Done()"
    project.import_annotations(file(tmp_path, *TWO))
    done = project.undo()
    assert repr(done) == "Done(delete=2)"
    assert [edit.kind for edit in done] == ["delete", "delete"]
    assert done == list(done)


def test_a_question_that_answers_brought_to_labels_that_were_there_goes_with_them(
    tmp_path: Path, project: Project
) -> None:
    path = file(tmp_path)
    data = json.loads(path.read_text())
    data["annotations"] = [{"id": 1, "image_id": 0, "caption": "A car."}]
    path.write_text(json.dumps(data))

    def asked() -> set[str]:
        return {one.name for one in project.ontology.image_attributes}

    before = asked()
    assert project.import_annotations(path).added == 1
    project.import_annotations(path, add_classes=True)
    assert project.records()[0].attributes == {"caption": "A car."}
    project.undo()
    assert (project.records()[0].attributes, asked()) == ({}, before)
    project.redo()
    assert project.records()[0].attributes == {"caption": "A car."}
    assert asked() == {*before, "caption"}


def test_an_import_is_undone_as_one_and_can_come_again(tmp_path: Path, project: Project) -> None:
    path = file(tmp_path, *TWO)
    project.import_annotations(path)
    assert len(project.undo()) == 2
    assert project.annotations.empty
    assert project.import_annotations(path).added == 2
    assert len(project.annotations) == 2


def test_only_what_is_new_in_a_file_is_added(tmp_path: Path, project: Project) -> None:
    project.import_annotations(file(tmp_path, *TWO))
    more = project.import_annotations(file(tmp_path, *TWO, {"bbox": [20, 20, 5, 5]}))
    assert (more.added, more.there) == (1, 2)
    assert len(project.undo()) == 1


def test_a_file_of_ours_is_there_by_the_ids_of_its_labels(tmp_path: Path, project: Project) -> None:
    item = str(project.tasks["item_id"][0])
    project.add(
        [
            Annotation(item_id=item, class_name="car", geometry=Rectangle(1, 2, 3, 4), id="mine"),
            Annotation(item_id=item, geometry=Tag(), attributes={"weather": "dry"}),
        ]
    )
    project.export("coco", tmp_path / "ours.json")
    events = len(project.events)
    again = project.import_annotations(tmp_path / "ours.json")
    assert (again.added, again.there, len(project.events)) == (0, 2, events)


def test_predictions_are_drafts_of_a_model_with_their_confidence(
    tmp_path: Path, project: Project
) -> None:
    found = project.import_annotations(file(tmp_path, *TWO), as_="predictions", model="net 3")
    frame = project.annotations
    assert found.added == 2
    assert frame["origin"].tolist() == ["model", "model"]
    assert frame["confidence"].tolist() == [0.75, 0.5]
    assert frame["state"].tolist() == ["editable", "editable"]
    made = project.records()[0].origin
    assert (made.name, made.parameters["id"]) == ("net 3", 1)
    again = project.import_annotations(file(tmp_path, *TWO), as_="predictions", model="net 3")
    assert (again.added, again.there) == (0, 2)
    other = project.import_annotations(file(tmp_path, *TWO), as_="predictions", model="net 4")
    assert other.added == 2


def test_predictions_leave_alone_what_people_work_on(tmp_path: Path, project: Project) -> None:
    first, _, second = project.tasks["item_id"]
    project.add(Annotation(item_id=first, class_name="car", geometry=Rectangle(0, 0, 5, 5)))
    project.add(Annotation(item_id=second, geometry=Tag(), attributes={"weather": "dry"}))
    project.submit(project.tasks["id"][2])
    found = project.import_annotations(file(tmp_path, *TWO, {}), as_="predictions")
    assert found.added == 0
    assert found.left_alone is not None
    reasons = found.left_alone.set_index("item_id")
    assert reasons.loc[first, "annotations"] == 2
    assert "person" in reasons.loc[first, "reason"]
    assert "handed in" in reasons.loc[second, "reason"]
    assert len(project.annotations[project.annotations["class_name"].notna()]) == 1
    with pytest.raises(WorkflowError, match="submitted"):
        project.import_annotations(file(tmp_path, *TWO))


def test_a_person_who_corrected_a_draft_keeps_it_when_a_new_model_comes(
    tmp_path: Path, project: Project
) -> None:
    project.import_annotations(file(tmp_path, *TWO), as_="predictions", model="one")
    draft = project.records()[0]
    project.update(msgspec.structs.replace(draft, geometry=Rectangle(0, 0, 9, 9)))
    found = project.import_annotations(file(tmp_path, *TWO), as_="predictions", model="two")
    assert found.added == 1
    assert project.annotations["item_id"].value_counts()[draft.item_id] == 1


def test_an_import_that_is_interrupted_leaves_nothing(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, *TWO)
    whole = Session.take_in

    def interrupted(self: Session, edits: Any, growth: Any, authors: Any, _: Any) -> Any:
        left = [None]

        def judged() -> None:
            if not left:
                raise KeyboardInterrupt
            left.pop()

        return whole(self, edits, growth, authors, judged)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "take_in", interrupted)
        with pytest.raises(KeyboardInterrupt):
            project.import_annotations(path)
    assert project.annotations.empty
    assert not set(project.events["kind"]) & {"create", "update"}
    assert project.import_annotations(path).added == 2


def test_the_same_import_by_another_kernel_at_the_same_time_is_there_already(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole, ahead = file(tmp_path, *TWO), Session.take_in, [True]

    def second(self: Session, *args: Any) -> Any:
        if ahead:
            ahead.pop()
            with Project.open(tmp_path / "cars.db") as other:
                assert other.import_annotations(path).added == 2
        return whole(self, *args)

    monkeypatch.setattr(Session, "take_in", second)
    found = project.import_annotations(path)
    assert (found.added, found.there) == (0, 2)
    assert len(project.annotations) == 2


def test_progress_is_shown_where_it_is_asked_for(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.import_annotations(file(tmp_path, *TWO), progress=False)
    assert capsys.readouterr().err == ""
    project.undo()
    project.import_annotations(file(tmp_path, *TWO), progress=True)
    shown = capsys.readouterr().err
    assert "Reading labels: 2" in shown
    assert "Adding labels: 100%" in shown


def test_an_id_of_another_items_label_is_not_taken_for_it(tmp_path: Path, project: Project) -> None:
    first, _, second = project.tasks["item_id"]
    box = Rectangle(1, 2, 3, 4)
    project.add(Annotation(item_id=first, class_name="car", geometry=box, id="mine"))
    project.export("coco", tmp_path / "ours.json")
    data = json.loads((tmp_path / "ours.json").read_text())
    other = next(it["id"] for it in data["images"] if it["file_name"].endswith("1.png"))
    data["annotations"][0]["image_id"] = other
    (tmp_path / "ours.json").write_text(json.dumps(data))
    for added in (1, 0):
        assert project.import_annotations(tmp_path / "ours.json").added == added
    assert project.annotations["item_id"].tolist() == [first, second]


def test_what_is_asked_for_must_be_possible(tmp_path: Path, project: Project) -> None:
    with pytest.raises(FormatError, match="as_"):
        project.import_annotations(file(tmp_path), as_="guesses")  # type: ignore[arg-type]
    with pytest.raises(FormatError, match="predictions"):
        project.import_annotations(file(tmp_path), model="net")


def test_an_import_shows_what_did_not_match_and_runs_nothing(
    tmp_path: Path, project: Project
) -> None:
    path = file(tmp_path, *TWO, {"image_id": 2}, {"bbox": [1, 2, -3, 4]})
    data = json.loads(path.read_text())
    evil = "<img src=x onerror=alert(1)>.png"
    data["images"][2]["file_name"] = evil
    path.write_text(json.dumps(data))
    page = project.import_annotations(path, errors="collect")._repr_html_()
    assert "Not in the dataset" in page
    assert "Wrong, and left out" in page
    assert "<img" not in page
    assert "&lt;img src=x" in page
    again = project.import_annotations(path, errors="collect")
    assert "2 were there already" in again._repr_html_()
    assert "there=2" in repr(again)


def test_drafts_that_were_taken_back_and_brought_again_are_nobodys(
    tmp_path: Path, project: Project
) -> None:
    project.import_annotations(file(tmp_path, *TWO), as_="predictions", model="one")
    project.undo()
    project.redo()
    found = project.import_annotations(file(tmp_path, *TWO), as_="predictions", model="two")
    assert found.added == 2


def test_a_model_is_measured_by_what_people_made_of_an_import(
    tmp_path: Path, project: Project
) -> None:
    project.import_annotations(file(tmp_path, *TWO, {"bbox": [30, 20, 9, 9]}), as_="predictions")
    project.delete(project.annotations.query("x == 30"))
    item = project.tasks["item_id"][0]
    project.add(Annotation(item_id=item, geometry=Tag(), attributes={"weather": "dry"}))
    project.submit(project.tasks["id"][0])
    found = project.evaluate()
    assert found.classes.loc["car", ["tp", "fp", "fn"]].tolist() == [1, 1, 0]


def test_classes_stay_away_where_their_labels_are_refused(tmp_path: Path, project: Project) -> None:
    item = project.tasks["item_id"][0]
    project.add(Annotation(item_id=item, geometry=Tag(), attributes={"weather": "dry"}))
    project.submit(project.tasks["id"][0])
    path = file(tmp_path, {}, {"category_id": 2})
    data = json.loads(path.read_text())
    data["categories"].append({"id": 2, "name": "boat"})
    path.write_text(json.dumps(data))
    before, events = project.ontology, len(project.events)
    with pytest.raises(WorkflowError, match="submitted"):
        project.import_annotations(path, add_classes=True)
    assert project.ontology == before
    assert len(project.events) == events
    project.reopen(project.tasks["id"][0])
    assert project.import_annotations(path, add_classes=True).added == 2
    assert [made.name for made in project.ontology.classes] == ["car", "tree", "boat"]


def test_classes_of_an_import_have_colours_that_no_other_has(
    tmp_path: Path, project: Project
) -> None:
    path = file(tmp_path, *({"category_id": number} for number in range(1, 81)))
    data = json.loads(path.read_text())
    data["categories"] = [{"id": number, "name": f"class {number}"} for number in range(1, 81)]
    path.write_text(json.dumps(data))
    project.import_annotations(path, add_classes=True)
    colors = [made.color for made in project.ontology.classes]
    assert len(set(colors)) == len(colors) == 82


@pytest.mark.parametrize(
    ("wrong", "meant"), [("add_class", "add_classes"), ("error", "errors"), ("thing", "")]
)
def test_an_option_that_no_import_knows_is_said(
    tmp_path: Path, project: Project, wrong: str, meant: str
) -> None:
    path = file(tmp_path, {})
    told: dict[str, Any] = {wrong: True}
    with pytest.raises(SourceError, match=f"{wrong}: is not known.*\n?.*{meant}"):
        project.import_annotations(path, **told)
    with pytest.raises(SourceError, match=r"deidentity: is not known. Did you mean 'deidentify'?"):
        project.export("coco", tmp_path / "out.json", **{"deidentity": True})
    nothing: Any = None
    with pytest.raises(FormatError, match="path: must be a path or a URL, not NoneType"):
        project.export("coco", nothing)
    with pytest.raises(FormatError, match="path: must be a path or a URL, not NoneType"):
        project.import_annotations(nothing)
    assert not (tmp_path / "out.json").exists()


LIGHT = Radio("light", ["day", "night"])
LIT = Radio("lit", ["yes", "no"])
ASKING = Ontology([ObjectClass("thing", attributes=[LIT])], [LIGHT])


def answered(folder: Path, dataset: Dataset, format: str, name: str) -> Path:
    """A file of a project that asks about the picture and about a class."""
    with Project.create(folder / "asks.db", dataset, ASKING, user="ana") as asks:
        item = str(asks.tasks["item_id"][0])
        box = Annotation(
            item_id=item,
            class_name="thing",
            geometry=Rectangle(1, 2, 3, 4),
            attributes={"lit": "yes"},
        )
        asks.add([Annotation(item_id=item, geometry=Tag(), attributes={"light": "day"}), box])
        asks.export(format, folder / name)
    return folder / name


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize(
    ("format", "name"),
    [
        ("json", "a.json"),
        ("json", "a.jsonl"),
        ("parquet", "a"),
        ("geojson", "a.geojson"),
        ("segment_anything", "sa"),
        ("coco", "coco.json"),
    ],
)
@pytest.mark.parametrize("classes", [[], ["thing"]])
def test_questions_come_with_the_labels_that_answer_them(
    tmp_path: Path, dataset: Dataset, format: str, name: str, classes: list[str]
) -> None:
    path = answered(tmp_path, dataset, format, name)
    with Project.create(tmp_path / "b.db", dataset, classes, user="ana") as project:
        for errors in ("collect", "raise"):
            found = project.import_annotations(path, format, errors=errors, add_classes=True)  # type: ignore[arg-type]
            assert not len(found.left_out)
        asked = [*project.ontology["thing"].attributes, *project.ontology.image_attributes]
        # Segment Anything has answers only: what was asked follows from them.
        inferred = [Text("lit"), Text("light")]
        assert asked == (inferred if format == "segment_anything" else [LIT, LIGHT])
        answers = [one for one in project.annotations["attributes"] if one]
        assert sorted(map(str, answers)) == ["{'light': 'day'}", "{'lit': 'yes'}"]


def test_an_answer_without_its_question_names_the_file_and_what_to_do(
    tmp_path: Path, dataset: Dataset
) -> None:
    path = answered(tmp_path, dataset, "json", "a.json")
    with Project.create(tmp_path / "b.db", dataset, ["thing"], user="ana") as project:
        with pytest.raises(FormatError, match=r"(?s)a.json.*annotations\[0\].*add_classes=True"):
            project.import_annotations(path)
        found = project.import_annotations(path, errors="collect")
        assert (len(found.left_out), found.added) == (2, 2)
        assert all(one.endswith(", answer") for one in found.left_out["record"])
        assert not any(project.annotations["attributes"])
        kept = [one.origin.parameters["attributes"] for one in found.annotations]
        assert sorted(map(str, kept)) == ["{'light': 'day'}", "{'lit': 'yes'}"]


def test_what_to_do_about_an_answer_is_said_only_where_it_helps(
    tmp_path: Path, dataset: Dataset
) -> None:
    path = answered(tmp_path, dataset, "json", "a.json")
    other = Ontology([ObjectClass("thing", attributes=[Radio("lit", ["no"])])], [LIGHT])
    with Project.create(tmp_path / "b.db", dataset, other, user="ana") as project:
        for add in (False, True):
            with pytest.raises(FormatError, match=r"no option 'yes'.*errors=\"collect\"") as error:
                project.import_annotations(path, add_classes=add)
            assert "add_classes" not in str(error.value)
    document = json.loads(path.read_text())
    document["ontology"]["image_attributes"] = []
    path.write_text(json.dumps(document))
    with Project.create(tmp_path / "c.db", dataset, ["thing"], user="ana") as project:
        # The file asks about the class, and does not say what it asks about the picture.
        document["annotations"].sort(key=lambda one: "class_name" in one)
        path.write_text(json.dumps(document))
        with pytest.raises(FormatError, match=r"'light': is not in the ontology. Add the") as error:
            project.import_annotations(path)
        assert "add_classes" not in str(error.value)


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
def test_questions_that_label_studio_has_answers_to_come_along(
    tmp_path: Path, dataset: Dataset
) -> None:
    path = answered(tmp_path, dataset, "label_studio", "tasks.json")
    with Project.create(tmp_path / "b.db", dataset, [], user="ana") as project:
        project.import_annotations(path, add_classes=True)
        assert [one.name for one in project.ontology["thing"].attributes] == ["lit"]
        assert "{'lit': 'yes'}" in list(map(str, project.annotations["attributes"]))


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize("classes", [[], ["thing"]])
def test_questions_that_via_defines_come_with_their_answers(
    tmp_path: Path, dataset: Dataset, classes: list[str]
) -> None:
    path = answered(tmp_path, dataset, "via", "via.json")
    with Project.create(tmp_path / "b.db", dataset, classes, user="ana") as project:
        project.import_annotations(path, add_classes=True)
        assert [one.name for one in project.ontology["thing"].attributes] == ["lit"]
        assert [one.name for one in project.ontology.image_attributes] == ["light"]
        assert project.ontology["thing"].attributes[0].valid_options == ["yes", "no"]
        answers = [one for one in project.annotations["attributes"] if one]
        assert sorted(map(str, answers)) == ["{'light': 'day'}", "{'lit': 'yes'}"]
