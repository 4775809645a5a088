"""An ontology that changes after work began: no label is lost, and history stays true."""

from __future__ import annotations

from pathlib import Path

import pytest

import labelwidgets as lw
from labelwidgets.errors import OntologyError, SchemaError, WorkflowError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology, Radio
from tests.store.making import create, update


def draw(project: Project, name: str = "car", **answers: str) -> str:
    item = project.tasks["item_id"][0]
    box = Rectangle(1, 2, 30, 20)
    made = Annotation(item_id=item, class_name=name, geometry=box, attributes=dict(answers))
    return project.add(made)[0].annotation


def classes(project: Project) -> list[str]:
    return project.annotations["class_name"].dropna().tolist()


def test_renaming_renames_the_labels_too_and_the_past_stays(project: Project) -> None:
    draw(project, occluded="no")
    before = project.events["time"].iloc[-1]
    revision = project.annotations["revision"][0]
    report = project.rename_class("car", "vehicle")
    assert "renamed: class 'vehicle', formerly 'car' (1 label)" in repr(report)
    project.rename_attribute("occluded", "hidden", "vehicle")
    project.rename_option("hidden", "no", "not at all", "vehicle")
    (row,) = project.annotations.itertuples()
    assert (row.class_name, row.attributes) == ("vehicle", {"hidden": "not at all"})
    assert row.revision == revision, "Edits on their way still fit."
    assert project.at(before).annotations["class_name"].tolist() == ["car"]
    now = project.at(project.events["time"].iloc[-1]).annotations
    assert now["attributes"].tolist() == [{"hidden": "not at all"}]
    assert project.events["kind"].tolist().count("ontology") == 4


def test_renaming_back_is_undoing_it(project: Project) -> None:
    draw(project)
    project.rename_class("car", "vehicle")
    project.rename_class("vehicle", "car")
    assert classes(project) == ["car"]


def test_old_names_are_still_understood(project: Project) -> None:
    name = draw(project, occluded="no")
    (record,) = project.records()
    project.rename_class("car", "vehicle")
    project.rename_attribute("occluded", "hidden", "vehicle")
    draw(project, "car", occluded="yes")
    assert classes(project) == ["vehicle", "vehicle"]
    assert project.annotations["attributes"][1] == {"hidden": "yes"}
    assert project.update([record]) == [], "It is the same under its new names."
    task = project.tasks["id"][0]
    late = update(task, name, 1, {"attributes": {"occluded": "yes"}})
    project.session().apply([late])
    assert project.annotations["attributes"][0] == {"hidden": "yes"}


def test_undo_and_redo_go_across_a_rename(project: Project) -> None:
    name = draw(project, occluded="no")
    project.delete(name)
    project.rename_class("car", "vehicle")
    project.undo()
    assert classes(project) == ["vehicle"]
    project.redo()
    assert classes(project) == []


def test_a_retired_class_keeps_its_labels_and_they_can_be_reshaped(project: Project) -> None:
    draw(project, occluded="no")
    report = project.retire_class("car")
    assert report.changes.values.tolist() == [["retired", "class 'car'", 1]]
    (record,) = project.records()
    moved = lw.Annotation.from_dict({**record.to_dict(), "geometry": {**rect(9)}})
    project.update(moved)
    assert project.annotations["x"].tolist() == [9.0]
    assert [made.name for made in project.ontology.offered] == ["tree"]
    project.retire_class("car", retired=False)
    assert len(project.ontology.offered) == 2


def rect(x: float) -> dict[str, object]:
    return {"type": "rectangle", "x": x, "y": 2, "width": 3, "height": 4}


def test_taking_out_what_labels_have_is_refused_with_what_to_do(project: Project) -> None:
    draw(project, occluded="no")
    with pytest.raises(OntologyError, match=r"class 'car'.*1 label has it.*Retire it instead"):
        project.ontology = Ontology([project.ontology["tree"]], project.ontology.image_attributes)
    with pytest.raises(OntologyError, match="attribute 'occluded' of 'car'"):
        project.update_ontology(Ontology(["car", "tree"], project.ontology.image_attributes))
    recast = ObjectClass("car", attributes=[lw.Checkbox("occluded", ["no", "yes"])])
    with pytest.raises(OntologyError, match="cannot change its kind any more"):
        project.update_ontology(Ontology([recast, "tree"], project.ontology.image_attributes))
    assert len(project.ontology.classes) == 2


def test_what_no_label_has_can_be_taken_out(project: Project) -> None:
    plain = Ontology(["car"])
    dry = project.update_ontology(plain, dry_run=True)
    assert "tree" in project.ontology, "Only said."
    done = project.update_ontology(plain)
    assert repr(done) == repr(dry)
    assert sorted(done.changes["change"]) == ["removed"] * 3
    assert "tree" not in project.ontology


def test_options_that_answers_have_are_retired_not_lost(project: Project) -> None:
    draw(project, occluded="yes")
    car = ObjectClass("car", attributes=[Radio("occluded", ["no", "partly"])])
    project.update_ontology(Ontology([car, "tree"], project.ontology.image_attributes))
    (occluded,) = project.ontology["car"].attributes
    assert isinstance(occluded, Radio)
    assert (occluded.options, occluded.retired_options) == (["no", "partly"], ["yes"])


def test_a_label_of_a_class_that_was_just_taken_out_is_kept(project: Project) -> None:
    task = project.tasks["id"][0]
    here = project.session()
    assert "tree" in here.ontology
    car = ObjectClass("car", attributes=[Radio("occluded", ["no", "yes"])])
    project.update_ontology(Ontology([car]))
    late = create(task, after={"class_name": "tree"})
    about = {"class_name": None, "geometry": {"type": "tag"}, "attributes": {"weather": "dry"}}
    image = create(task, f"{task}:image", after=about)
    here.apply([late, image], client="page")
    assert classes(project) == ["tree"]
    assert project.ontology["tree"].retired
    assert [one.retired for one in project.ontology.image_attributes] == [True]
    strange = here.apply([create(task, after={"class_name": "boat"})])[0]
    assert strange.error == "OntologyError", "What never was in the project stays out."  # type: ignore[union-attr]


def test_create_with_exist_ok_goes_on_after_a_rename(
    project: Project, dataset: Dataset, ontology: Ontology, tmp_path: Path
) -> None:
    project.rename_class("car", "vehicle")
    path = tmp_path / "cars.db"
    with Project.create(path, dataset, ontology, user="ana", exist_ok=True) as again:
        assert [made.name for made in again.ontology.classes] == ["vehicle", "tree"]
    wider = ontology.extend(["boat"])
    with Project.create(path, dataset, wider, user="ana", exist_ok=True) as again:
        assert [made.name for made in again.ontology.classes] == ["vehicle", "tree", "boat"]


def test_an_import_finds_a_class_by_its_former_name(project: Project, tmp_path: Path) -> None:
    draw(project, occluded="no")
    project.export("coco", tmp_path / "labels.json")
    project.delete(project.annotations)
    project.rename_class("car", "vehicle")
    project.rename_attribute("occluded", "hidden", "vehicle")
    project.import_annotations(tmp_path / "labels.json")
    assert classes(project) == ["vehicle"]
    assert project.annotations["attributes"].tolist() == [{"hidden": "no"}]


def test_instructions_are_kept_and_logged(
    project: Project, dataset: Dataset, tmp_path: Path
) -> None:
    assert project.instructions == ""
    project.instructions = "# Cars"
    project.instructions = "# Cars"
    assert project.instructions == "# Cars"
    assert project.events["kind"].tolist().count("instructions") == 1
    with pytest.raises(SchemaError, match="control"):
        project.instructions = "\x00"
    with Project.create(
        tmp_path / "other.db", dataset, ["car"], user="ana", instructions="Draw."
    ) as other:
        assert other.instructions == "Draw."
    with Project.create(
        tmp_path / "other.db", dataset, ["car"], user="ana", exist_ok=True
    ) as other:
        assert other.instructions == "Draw."


def test_the_mode_says_what_is_missing(project: Project) -> None:
    task = project.tasks["id"][0]
    assert project.session().mode == "both"
    with pytest.raises(WorkflowError, match="image: weather"):
        project.session(mode="classification").submit(task)
    assert project.session(mode="segmentation").submit(task)["state"] == "submitted"
    with pytest.raises(OntologyError, match="mode"):
        project.session(mode="fast")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ontology", "mode"),
    [
        (Ontology(["car"]), "segmentation"),
        (Ontology([], [lw.Text("note")]), "classification"),
        (Ontology([ObjectClass("blurred", tool="tag")]), "classification"),
        (Ontology(["car"], [lw.Text("note")]), "both"),
        (Ontology(["car"], [lw.Text("note", retired=True)]), "segmentation"),
        (Ontology(), "both"),
    ],
)
def test_an_ontology_implies_a_mode(
    ontology: Ontology, mode: str, dataset: Dataset, tmp_path: Path
) -> None:
    with Project.create(tmp_path / "x.db", dataset, ontology, user="ana") as project:
        assert project.session().mode == mode


def test_tasks_opened_ahead_are_this_persons_until_they_are_released(project: Project) -> None:
    ana, ben = project.session(), project.session(user="ben")
    first = ana.open().task["id"]
    early = ana.ahead([first])
    assert early is not None
    other = ben.open().task["id"]
    assert len({first, early.task["id"], other}) == 3
    assert ana.ahead([first, early.task["id"]]) is None, "None is left."
    again = ana.ahead([first])
    assert again is not None
    assert again.task["id"] == early.task["id"]
    ana.release([first, early.task["id"], other])
    states = project.tasks.set_index("id")["state"]
    assert states[early.task["id"]] == "queued"
    assert states[other] == "in_progress", "Another person's stays."
