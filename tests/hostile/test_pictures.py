"""Pictures that change, vanish, or have a shape that nobody thought of."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.widgets.link import Link
from tests.media.builders import tiff_claiming

WIDTH, HEIGHT = 64, 48


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    made.mkdir()
    for number in range(3):
        Image.fromarray(np.full((HEIGHT, WIDTH, 3), 60, np.uint8)).save(made / f"{number}.jpg")
    return made


@pytest.fixture
def project(tmp_path: Path, folder: Path) -> Iterator[lw.Project]:
    dataset = lw.Dataset.open(folder)
    with lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana") as made:
        yield made


def say(project: lw.Project, **content: Any) -> list[tuple[dict[str, Any], list[bytes]]]:
    heard: list[tuple[dict[str, Any], list[bytes]]] = []
    link = Link(
        project.session(),
        lambda content, buffers: heard.append((json.loads(msgspec.json.encode(content)), buffers)),
        find_loop=lambda: None,
    )
    link.receive(content)
    link.close()
    return heard


def vanish(path: Path) -> None:
    path.unlink()


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def become_a_page(path: Path) -> None:
    path.write_text("<html><script>alert(1)</script>")


def become_a_bomb(path: Path) -> None:
    path.write_bytes(tiff_claiming(99_999, 99_999))


def turn(path: Path) -> None:
    Image.fromarray(np.full((WIDTH, HEIGHT, 3), 60, np.uint8)).save(path)


HARMS = [vanish, become_a_folder, empty, cut, become_a_page, become_a_bomb, turn]


@pytest.mark.parametrize("harm", HARMS)
def test_one_picture_that_is_harmed_while_it_is_open(
    project: lw.Project, folder: Path, harm: Callable[[Path], None]
) -> None:
    tasks = project.tasks
    box = lw.Annotation(
        item_id=tasks["item_id"][0], class_name="car", geometry=lw.Rectangle(1, 1, 60, 40)
    )
    project.add(box)
    harm(folder / "0.jpg")
    (failed, _) = say(project, type="pixels", request=1, item=tasks["item_id"][0])[0]
    assert failed["type"] == "failed"
    gone = harm is vanish
    kinds = ("MissingFileError",) if gone else ("SourceError", "ImageError", "LimitError")
    assert failed["error"]["kind"] in kinds
    assert "0.jpg" in failed["error"]["message"]
    (opened, _) = say(project, type="open", request=2, task=tasks["id"][0])[0]
    assert opened["item"]["title"] == "0.jpg", "it keeps its place, and its labels"
    assert len(project.annotations) == 1
    (good, buffers) = say(project, type="pixels", request=3, item=tasks["item_id"][1])[0]
    assert good["type"] == "pixels"
    assert buffers[0] == (folder / "1.jpg").read_bytes()
    answers = say(project, type="thumbnails", request=4, items=tasks["item_id"].tolist())
    errors = [content.get("error") for content, _ in answers]
    assert errors[1:] == [None, None]
    assert harm is turn or "0.jpg" in errors[0]
    project.export("coco", folder / "out.json")


def test_a_picture_that_was_changed_on_purpose_can_go_on(
    tmp_path: Path, project: lw.Project, folder: Path
) -> None:
    item = project.tasks["item_id"][0]
    Image.fromarray(np.zeros((HEIGHT * 2, WIDTH * 2, 3), np.uint8)).save(folder / "0.jpg")
    assert say(project, type="pixels", request=1, item=item)[0][0]["type"] == "failed"
    project.close()
    with lw.Project.create(
        tmp_path / "x.db", lw.Dataset.open(folder), ["car"], user="ana", exist_ok=True
    ) as again:
        content, _ = say(again, type="pixels", request=1, item=item)[0]
        assert (content["width"], content["height"]) == (WIDTH * 2, HEIGHT * 2)


SIZES = [(1, 1), (1, 5000), (20_000, 100), (100, 20_000), (3, 65_000)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_pictures_of_odd_shape(tmp_path: Path, size: tuple[int, int], kind: str) -> None:
    width, height = size
    path = tmp_path / f"odd.{kind}"
    Image.fromarray(np.full((height, width), 60, np.uint8)).save(path)
    dataset = lw.Dataset.open(path)
    with lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana") as project:
        item = project.tasks["item_id"][0]
        picture = dataset.encoded(item)
        assert (picture.width, picture.height) == size
        small = dataset.thumbnail(item, edge=128)
        assert 1 <= small.width <= 128
        assert 1 <= small.height <= 128
        whole = lw.Annotation(
            item_id=item, class_name="car", geometry=lw.Rectangle(0, 0, width, height)
        )
        project.add(whole)
        widget = project.annotate()
        bundle = widget._repr_mimebundle_()
        assert bundle is not None
        still = Image.open(io.BytesIO(bundle[0]["image/jpeg"]))
        assert max(still.size) <= 960
        widget.close()


def test_a_project_of_nothing(tmp_path: Path) -> None:
    nothing = pd.DataFrame({"id": [], "urls": []})
    dataset = lw.Dataset.from_items(nothing)
    with lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana") as project:
        assert len(project.tasks) == len(project.annotations) == 0
        assert "0 tasks" in repr(project)
        assert project._repr_html_()
        (opened, _) = say(project, type="open", request=1)[0]
        assert (opened["task"], opened["total"]) == (None, 0)
        (listed, _) = say(project, type="tasks", request=2)[0]
        assert (listed["rows"], listed["total"], listed["folders"]) == ([], 0, [])
        widget = project.annotate()
        assert widget._repr_mimebundle_() is not None
        widget.close()
        project.export("coco", tmp_path / "out.json")
        assert len(project.at("2100-01-01").tasks) == 0
        with pytest.raises(lw.errors.WorkflowError, match="about no task"):
            project.annotate([])


def test_a_project_of_only_broken_pictures(tmp_path: Path, folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"")
    dataset = lw.Dataset.open(folder, errors="collect")
    with lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana") as project:
        (opened, _) = say(project, type="open", request=1)[0]
        assert (opened["task"], opened["total"]) == (None, 3)
        (listed, _) = say(project, type="tasks", request=2)[0]
        assert all("empty" in row["error"] for row in listed["rows"])
        first = project.tasks["id"][0]
        (opened, _) = say(project, type="open", request=3, task=first)[0]
        assert opened["task"]["state"] == "queued", "it can be looked at, and is not begun"


def test_a_hundred_thousand_labels_on_one_picture(project: lw.Project) -> None:
    item, task = project.tasks["item_id"][0], project.tasks["id"][0]
    rng = np.random.default_rng(0)
    places = rng.uniform(0, 40, (100_000, 2)).round(2).tolist()
    # One gesture, as an import is: what it costs must grow with its size alone.
    project.add(
        [
            lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(x, y, 3, 3))
            for x, y in places
        ]
    )
    (opened, buffers) = say(project, type="open", request=1, task=task)[0]
    assert opened["task"]["id"] == task
    body = json.loads(buffers[0])
    assert len(body["annotations"]) == 100_000
    assert len(body["undo"]) == 1
    (listed, _) = say(project, type="tasks", request=2)[0]
    assert listed["rows"][0]["n_annotations"] == 100_000
    widget = project.annotate(task=task)
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    assert len(bundle[0]["image/jpeg"]) < 1_000_000
    widget.close()
    assert len(project.undo()) == 100_000
    assert len(project.annotations) == 0
