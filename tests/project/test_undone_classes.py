"""What an import brought into the ontology goes with its labels, if nothing else has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labelwidgets import formats
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Radio, Text
from labelwidgets.schema.geometry import Rectangle, Tag
from labelwidgets.schema.ontology import ObjectClass, Ontology

BOX = Rectangle(1, 2, 3, 4)
ASKING = Ontology(
    [
        ObjectClass("thing", attributes=[Radio("lit", ["yes", "no"])]),
        ObjectClass("other", attributes=[Text("note")]),
    ],
    [Radio("light", ["day", "night"])],
)


@pytest.fixture
def path(tmp_path: Path, dataset: Dataset) -> Path:
    """A file with both classes, and answers to all questions."""
    (first, second, *_) = dataset
    labels = [
        Annotation(item_id=first, class_name="thing", geometry=BOX, attributes={"lit": "yes"}),
        Annotation(item_id=second, class_name="other", geometry=BOX, attributes={"note": "a"}),
        Annotation(item_id=first, geometry=Tag(), attributes={"light": "day"}),
    ]
    file = tmp_path / "labels.json"
    formats.write(labels, file, "json", items=dataset.items, ontology=ASKING)
    return file


def bare(project: Project) -> Ontology:
    """The ontology without colours, which are given out in turn."""
    return Ontology(
        [ObjectClass(one.name, attributes=one.attributes) for one in project.ontology.classes],
        project.ontology.image_attributes,
    )


@pytest.mark.parametrize("names", [[], ["thing"], ["cat", "thing"]])
def test_classes_and_questions_of_an_import_go_with_its_labels_and_come_again(
    tmp_path: Path, dataset: Dataset, path: Path, names: list[str]
) -> None:
    with Project.create(tmp_path / "a.db", dataset, names, user="ana") as project:
        before = project.ontology
        assert project.import_annotations(path, add_classes=True).added == 3
        grown = project.ontology
        for _ in range(2):
            assert len(project.undo()) == 3
            assert project.ontology.hash == before.hash
            assert len(project.redo()) == 3
            assert bare(project) == bare_of(grown)
            assert len(project.annotations) == 3
            assert not any(one.retired for one in project.ontology.classes)
        # The same import again adds what was taken back.
        project.undo()
        assert project.import_annotations(path, add_classes=True).added == 3
        assert bare(project) == bare_of(grown)


def bare_of(ontology: Ontology) -> Ontology:
    """An ontology without colours."""
    classes = [ObjectClass(one.name, attributes=one.attributes) for one in ontology.classes]
    return Ontology(classes, ontology.image_attributes)


def test_what_other_labels_have_or_somebody_changed_stays(
    tmp_path: Path, dataset: Dataset, path: Path
) -> None:
    with Project.create(tmp_path / "a.db", dataset, ["thing"], user="ana") as project:
        project.import_annotations(path, add_classes=True)
        item = next(iter(dataset))
        with Project.open(tmp_path / "a.db", dataset=dataset, user="ben") as ben:
            ben.add([
                Annotation(
                    item_id=item, class_name="thing", geometry=BOX, attributes={"lit": "no"}
                )
            ])  # fmt: skip
            ben.rename_class("other", "another")
        project.undo()
        kept = bare(project)
        assert [one.name for one in kept.classes] == ["thing", "another"]
        assert kept["thing"].attributes == ASKING["thing"].attributes
        # Nobody answers it any more, and nobody changed it.
        assert kept.image_attributes == []


def test_classes_that_a_person_added_are_not_taken_back(
    tmp_path: Path, dataset: Dataset, path: Path
) -> None:
    with Project.create(tmp_path / "a.db", dataset, [], user="ana") as project:
        project.extend(ASKING.classes, ASKING.image_attributes)
        project.import_annotations(path, add_classes=True)
        hash = project.ontology.hash
        project.undo()
        assert project.ontology.hash == hash
        project.add([Annotation(item_id=next(iter(dataset)), class_name="other", geometry=BOX)])
        project.undo()
        assert project.ontology.hash == hash
