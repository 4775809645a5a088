from __future__ import annotations

from pathlib import Path

import pytest

from labelwidgets.media import Dataset
from labelwidgets.project import Project, annotate
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import Dropdown
from labelwidgets.workflow.scratch import scratch_path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: folder / name)
    return folder / "labelwidgets" / "scratch"


def test_one_image_without_a_project(home: Path, photos: Path) -> None:
    photo = photos / "a" / "0.png"
    widget = annotate(photo, classes=["cat", "dog"], user="ana")
    assert widget.annotations.empty
    (path,) = home.iterdir() if not list(home.glob("*-wal")) else home.glob("*.db")
    with Project.open(path, user="ana") as project:
        item = str(project.tasks["item_id"][0])
        project.add(Annotation(item_id=item, class_name="cat", geometry=Rectangle(1, 2, 3, 4)))
    widget.close()
    again = annotate(
        str(photo),
        classes=["dog", "bird"],
        image_attributes=[Dropdown("weather", ["dry"])],
        user="ana",
    )
    assert again.annotations["class_name"].tolist() == ["cat"]
    ontology = again.session.ontology
    assert [made.name for made in ontology.classes] == ["cat", "dog", "bird"]
    assert [made.name for made in ontology.image_attributes] == ["weather"]
    again.close()


def test_several_images_in_any_order_are_one_scratch_project(home: Path, photos: Path) -> None:
    one, two = photos / "a" / "0.png", photos / "b" / "1.png"
    paths = {scratch_path(Dataset.open(some).items["id"]) for some in ([one, two], [two, one])}
    assert len(paths) == 1
    assert scratch_path(Dataset.open([one]).items["id"]) not in paths


def test_the_widget_begins_with_a_task(project: Project) -> None:
    task = str(project.tasks["id"][1])
    widget = project.annotate(task=task)
    assert widget.session.user == "ana"
    assert widget.task == task
    widget.close()
    listed = project.annotate("folder == 'b'")
    assert listed.session.work == set(project.tasks.query("folder == 'b'")["id"])
    listed.close()
