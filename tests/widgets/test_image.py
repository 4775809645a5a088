"""The image annotator as a cell's output: its traits, its picture, its end."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import traitlets
from PIL import Image

from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology, Radio
from labelwidgets.widgets.image import ImageAnnotator
from tests.store.making import create

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(np.full((48, 64, 3), 60, np.uint8)).save(folder / f"{number}.png")
    ontology = Ontology(["car", ObjectClass("tree", attributes=[Radio("sort", ["a", "b"])])])
    dataset = Dataset.open(folder)
    with Project.create(tmp_path / "cars.db", dataset, ontology, user="ana") as made:
        yield made


@pytest.fixture
def widget(project: Project) -> Iterator[ImageAnnotator]:
    made = project.annotate()
    yield made
    made.close()


def box(project: Project, number: int = 0, x: float = 10) -> Annotation:
    return Annotation(
        item_id=project.tasks["item_id"].iloc[number],
        class_name="car",
        geometry=Rectangle(x, 10, 20, 20),
    )


def from_page(widget: ImageAnnotator, **state: Any) -> None:
    """Do what a message from a page that changes traits does."""
    widget._handle_msg({"content": {"data": {"method": "update", "state": state}}, "buffers": []})


def message(widget: ImageAnnotator, content: dict[str, Any]) -> None:
    """Do what a custom message from a page does."""
    widget._handle_msg(
        {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
    )


def test_what_a_page_finds(project: Project, widget: ImageAnnotator) -> None:
    assert widget.ontology == project.ontology.to_dict()
    first = project.tasks["item_id"].iloc[0]
    place = {"project": project.store.uid, "name": "cars", "user": "ana", "item": first}
    assert widget.place == place | {"judges": False}
    assert (widget.task, widget.height, widget.selection) == (None, 640, [])
    state = widget.get_state()
    assert {"ontology", "place", "task", "height", "selection"} <= set(state)
    assert str(project.store.location) not in str(
        {name: value for name, value in state.items() if name not in ("_esm", "_css")}
    )


def test_what_a_caller_may_choose(project: Project) -> None:
    task = project.tasks["id"].iloc[2]
    made = project.annotate(task=task, height=300)
    assert (made.task, made.height) == (task, 300)
    made.close()
    with pytest.raises(TypeError, match="no option 'hight'"):
        project.annotate(hight=300)
    with pytest.raises(traitlets.TraitError, match="height"):
        project.annotate(height="tall")


@pytest.mark.parametrize("name", ["ontology", "place"])
def test_what_is_the_kernels_cannot_be_set(widget: ImageAnnotator, name: str) -> None:
    with pytest.raises(traitlets.TraitError, match="read-only"):
        setattr(widget, name, {})


def test_a_page_sets_only_what_is_its_own(project: Project, widget: ImageAnnotator) -> None:
    task = project.tasks["id"].iloc[1]
    before = widget.get_state()
    from_page(
        widget,
        place={"project": "p", "name": "n", "user": "admin"},
        ontology={"classes": [{"name": "evil"}]},
        _esm="alert(1)",
        _css="* {display: none}",
        layout="IPY_MODEL_x",
        session="x",
        nonsense=1,
    )
    assert widget.get_state() == before
    assert (widget.session.user, widget.session.ontology) == ("ana", project.ontology)
    from_page(widget, task=task, height=320, selection=["a"])
    assert (widget.task, widget.height, widget.selection) == (task, 320, ["a"])


def test_a_forged_person_labels_as_the_sessions(project: Project, widget: ImageAnnotator) -> None:
    task = project.tasks["id"].iloc[0]
    from_page(widget, place={"user": "admin"}, ontology={"classes": [{"name": "evil"}]})
    good, evil = create(task), create(task, after={"class_name": "evil"})
    for edit in (good, evil):
        message(
            widget,
            {"type": "edits", "client": "admin", "edits": [msgspec.to_builtins(edit)]},
        )
    assert project.annotations[["author", "class_name"]].values.tolist() == [["ana", "car"]]


@pytest.mark.parametrize(
    "state", [{"height": "tall"}, {"selection": 5}, {"task": 7}, {"selection": [1]}]
)
def test_traits_of_the_wrong_kind_are_left_as_they_were(
    widget: ImageAnnotator, state: dict[str, Any]
) -> None:
    name = next(iter(state))
    before = getattr(widget, name)
    from_page(widget, **state)
    assert getattr(widget, name) == before


def test_a_task_that_is_not_there_is_no_end(widget: ImageAnnotator) -> None:
    for task in ("nobody", "", "\ud800", "\x00", "x" * 100_000):
        from_page(widget, task=task)
        bundle = widget._repr_mimebundle_()
        assert bundle is not None
        assert VIEW in bundle[0]


def test_annotations_are_those_of_the_session(project: Project) -> None:
    first, second = project.tasks["id"].iloc[:2]
    project.add([box(project, 0), box(project, 1)])
    for query, tasks in [(None, [first, second]), ([second], [second])]:
        widget = project.annotate(query)
        found = widget.annotations
        assert found["task_id"].tolist() == tasks
        assert list(found.columns) == list(project.annotations.columns)
        widget.close()


def test_new_classes_are_shown_when_asked_for(project: Project, widget: ImageAnnotator) -> None:
    project.extend(["boat"])
    assert len(widget.ontology["classes"]) == 2
    widget.refresh_ontology()
    assert [made["name"] for made in widget.ontology["classes"]] == ["car", "tree", "boat"]


def picture(widget: ImageAnnotator) -> Image.Image | None:
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    data = bundle[0]
    assert VIEW in data
    return Image.open(io.BytesIO(data["image/jpeg"])) if "image/jpeg" in data else None


def test_a_picture_goes_along_for_places_without_a_kernel(
    project: Project, widget: ImageAnnotator
) -> None:
    plain = picture(widget)
    assert plain is not None
    project.add(box(project))
    labelled = picture(widget)
    assert labelled is not None
    assert np.abs(np.asarray(plain, float) - np.asarray(labelled, float)).max() > 50


def test_the_picture_is_of_the_task_that_is_open(project: Project, widget: ImageAnnotator) -> None:
    project.add(box(project, 2))
    first = picture(widget)
    from_page(widget, task=project.tasks["id"].iloc[2])
    third = picture(widget)
    assert first is not None
    assert third is not None
    assert first.tobytes() != third.tobytes()


def test_to_show_a_widget_claims_no_task(project: Project, widget: ImageAnnotator) -> None:
    widget._repr_mimebundle_()
    assert set(project.tasks["state"]) == {"queued"}


def vanish(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def grow(path: Path) -> None:
    Image.fromarray(np.full((480, 640), 60, np.uint8)).save(path)


@pytest.mark.parametrize("harm", [vanish, empty, cut, grow])
def test_without_a_readable_picture_the_widget_is_shown_all_the_same(
    tmp_path: Path, project: Project, widget: ImageAnnotator, harm: Callable[[Path], None]
) -> None:
    harm(tmp_path / "photos" / "0.png")
    assert picture(widget) is None


def test_without_a_task_there_is_no_picture(project: Project) -> None:
    for task in project.tasks["id"]:
        project.skip(task, "dark")
    widget = project.annotate()
    assert picture(widget) is None
    widget.close()


def test_a_closed_widget_answers_nothing_and_hears_nothing(project: Project) -> None:
    widget = project.annotate(task=project.tasks["id"].iloc[0])
    sent: list[Any] = []
    widget.send = lambda content, buffers=None: sent.append(content)
    message(widget, {"type": "open", "request": 1, "task": widget.task})
    assert sent
    assert sent[0]["type"] == "opened"
    widget.close()
    widget.close()
    sent.clear()
    project.add(box(project))
    assert sent == []
    assert len(project.annotations) == 1, "the labels stay"


def test_a_malformed_message_leaves_the_widget_working(
    project: Project, widget: ImageAnnotator, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[Any] = []
    widget.send = lambda content, buffers=None: sent.append(content)
    message(widget, {"type": "become", "user": "admin"})
    assert sent.pop()["error"]["kind"] == "LinkError"
    message(widget, {"type": "tasks", "request": 1})
    assert sent.pop()["total"] == 3


def test_a_widget_says_what_it_is_of(widget: ImageAnnotator) -> None:
    assert repr(widget) == "ImageAnnotator(project='cars', user='ana')"
