"""Label files in and out of a project, and what never gets into it."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import fsspec
import pytest

from labelwidgets.errors import FormatError
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Polygon, Rectangle, Tag
from labelwidgets.schema.ontology import Ontology


def coco(*annotations: dict[str, object], classes: str = "car") -> dict[str, object]:
    return {
        "images": [{"id": 1, "file_name": "a/0.png", "width": 64, "height": 48}],
        "categories": [{"id": 1, "name": classes}],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], **more}
            for number, more in enumerate(annotations, 1)
        ],
    }


def test_an_import_is_one_gesture(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(coco({}, {"bbox": [5, 5, 5, 5]})))
    found = project.import_annotations(path)
    assert len(found.annotations) == 2
    frame = project.annotations
    assert frame["origin"].tolist() == ["import", "import"]
    assert frame["geometry"].tolist() == [Rectangle(1, 2, 3, 4), Rectangle(5, 5, 5, 5)]
    assert project.events.tail(2)["gesture"].nunique() == 1
    assert len(project.undo()) == 2
    assert project.annotations.empty


def test_unknown_classes_are_named_or_added(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(coco({}, classes="boat")))
    with pytest.raises(FormatError, match=r"old\.json.*'boat'.*add_classes"):
        project.import_annotations(path)
    assert project.annotations.empty
    project.import_annotations(path, add_classes=True)
    assert "boat" in project.ontology
    assert project.annotations["class_name"].tolist() == ["boat"]


def test_wrong_records_stop_or_are_collected(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(coco({}, {"bbox": [1, 2, -3, 4]})))
    with pytest.raises(FormatError):
        project.import_annotations(path)
    assert project.annotations.empty
    found = project.import_annotations(path, errors="collect")
    assert len(found.left_out) == 1
    assert len(project.annotations) == 1


def test_export_and_import_give_the_same_records(
    tmp_path: Path, project: Project, dataset: Dataset, ontology: Ontology
) -> None:
    item = str(project.tasks["item_id"][0])
    hole = [[(10, 10), (30, 10), (30, 30), (10, 30)], [(15, 15), (20, 15), (20, 20)]]
    project.add(
        [
            Annotation(
                item_id=item,
                class_name="car",
                geometry=Rectangle(9, 9, 8, 4, 30),
                attributes={"occluded": "no"},
                track_id="t1",
                confidence=0.5,
            ),
            Annotation(item_id=item, class_name="tree", geometry=Polygon([hole])),
            Annotation(item_id=item, geometry=Tag(), attributes={"weather": "rain"}),
        ]
    )
    project.export("coco", tmp_path / "labels.json")
    with Project.create(tmp_path / "copy.db", dataset, ontology, user="ben") as copy:
        copy.import_annotations(tmp_path / "labels.json")
        columns = ["item_id", "class_name", "geometry", "attributes", "track_id", "author"]
        before, after = project.annotations[columns], copy.annotations[columns]
        rows = [sorted(map(str, frame.to_dict("records"))) for frame in (before, after)]
        assert rows[0] == rows[1]


def test_real_labels_come_in_as_one_gesture(tmp_path: Path, shared_data: Path) -> None:
    dataset = Dataset.open(shared_data / "coco" / "images", progress=False)
    with Project.create(tmp_path / "coco.db", dataset, [], user="ana") as project:
        found = project.import_annotations(
            shared_data / "coco" / "instances.json", errors="collect", add_classes=True
        )
        assert len(project.annotations) == len(found.annotations) > 300
        project.export("coco", tmp_path / "again.json")
        assert len(project.undo()) == len(found.annotations)
        assert project.annotations.empty
        assert len(project.redo()) == len(found.annotations)


SECRET = "s3cr3t-k3y-0123456789"  # noqa: S105


def test_credentials_are_kept_in_memory_only(
    tmp_path: Path, dataset: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    memory = fsspec.filesystem("memory")
    for item in dataset:
        memory.pipe(f"/bucket/{item}.png", dataset.read(item))
    options = {"key": "ana", "secret": SECRET}
    with caplog.at_level(logging.DEBUG):
        remote = Dataset.open("memory://bucket/*.png", **options)
        with Project.create(tmp_path / "cars.db", remote, ["car"], user="ana") as project:
            item = str(project.tasks["item_id"][0])
            project.add(Annotation(item_id=item, class_name="car", geometry=Rectangle(1, 2, 3, 4)))
            said = [repr(project), project._repr_html_(), repr(project.session())]
        with Project.open(tmp_path / "cars.db", user="ana", **options) as again:
            assert again.dataset.read(item) == remote.read(item)
            said += [repr(again), again._repr_html_(), repr(again.dataset), repr(again.session())]
            said += [again.events.to_csv(), again.tasks.to_csv(), again.store.items().to_csv()]
            for path in tmp_path.glob("cars.db*"):
                assert SECRET.encode() not in path.read_bytes()
    for path in tmp_path.glob("cars.db*"):
        assert SECRET.encode() not in path.read_bytes()
    assert all(SECRET not in text for text in said)
    assert SECRET not in caplog.text
