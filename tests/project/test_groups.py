"""Several pictures as one item: read, labelled by picture, written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import FormatError, ImageError, SchemaError, SourceError

SIZES = [(40, 30), (20, 50), (64, 64)]


@pytest.fixture
def urls(tmp_path: Path) -> list[str]:
    paths = []
    for number, (width, height) in enumerate(SIZES):
        path = tmp_path / f"side{number}.png"
        Image.fromarray(np.full((height, width), 50 * number, np.uint8)).save(path)
        paths.append(str(path))
    return paths


@pytest.fixture
def project(tmp_path: Path, urls: list[str]) -> lw.Project:
    ontology = lw.Ontology(
        classes=[lw.ObjectClass("car")], image_attributes=[lw.Dropdown("weather", ["dry", "wet"])]
    )
    dataset = lw.Dataset.open([urls, urls[0]])
    return lw.Project.create(tmp_path / "groups.db", dataset, ontology, user="ana")


def box(item: str, frame: int | None, x: float = 1, size: float = 10) -> lw.Annotation:
    shape = lw.Rectangle(x, 1, size, size)
    return lw.Annotation(item_id=item, class_name="car", geometry=shape, frame=frame)


def test_a_list_in_the_list_is_a_group(urls: list[str]) -> None:
    dataset = lw.Dataset.open([urls, urls[0]])
    items = dataset.items
    assert items.kind.tolist() == ["image_group", "image"]
    assert items.title.tolist() == ["side0.png and 2 more", "side0.png"]
    frames = items.metadata[0]["frames"]
    assert [(one["width"], one["height"]) for one in frames] == SIZES
    for frame, (width, height) in enumerate(SIZES):
        assert dataset.pixels(items.id[0], frame).shape == (height, width)
    with pytest.raises(SourceError, match="must be from 0 to 2, not 3"):
        dataset.encoded(items.id[0], 3)
    again = lw.Dataset.from_items(items)
    assert again.items.kind.tolist() == ["image_group", "image"]


def test_a_frame_may_name_groups_in_its_column_urls(urls: list[str]) -> None:
    frame = pd.DataFrame({"urls": [urls, urls[:1]], "title": ["all", "one"]})
    items = lw.Dataset.open(frame).items
    assert items.kind.tolist() == ["image_group", "image"]
    assert items.title.tolist() == ["all", "one"]


def test_one_broken_picture_fails_its_group(urls: list[str], tmp_path: Path) -> None:
    Path(urls[1]).write_text("no picture")
    dataset = lw.Dataset.open([urls, urls[0]], errors="collect")
    assert dataset.items.status.tolist() == ["failed", "ok"]
    assert dataset.errors.url.tolist() == [urls[1]]


def test_a_label_is_held_against_the_size_of_its_own_picture(project: lw.Project) -> None:
    group = project.dataset.items.id[0]
    with project:
        project.add(box(group, 1, size=18))
        with pytest.raises(lw.errors.GeometryError, match="outside of the image of 20 x 50"):
            project.add(box(group, 1, x=30, size=5))
        project.add(box(group, 0, x=30, size=5))
        for wrong in (None, 3):
            with pytest.raises(SchemaError, match="must be from 0 to 2"):
                project.add(box(group, wrong))
        made = project.records("frame == 0")[0]
        moved = lw.Annotation.from_dict({**made.to_dict(), "frame": 1})
        with pytest.raises(lw.errors.GeometryError, match="20 x 50"):
            project.update(moved)
        assert project.annotations.frame.tolist() == [1, 0]


def test_a_picture_of_a_group_that_changed_its_size_is_refused(
    project: lw.Project, urls: list[str]
) -> None:
    group = project.dataset.items.id[0]
    with project:
        session = project.session()
        assert session.picture(group, 2).width == 64
        Image.fromarray(np.zeros((5, 5), np.uint8)).save(urls[2])
        with pytest.raises(ImageError, match="is 5 x 5 pixels now and was 64 x 64"):
            session.picture(group, 2)


def test_coco_has_one_image_for_each_picture_and_reads_them_back(
    project: lw.Project, tmp_path: Path
) -> None:
    group = project.dataset.items.id[0]
    path = tmp_path / "labels.json"
    with project:
        project.add([box(group, 0), box(group, 2)])
        project.add(lw.Annotation(item_id=group, geometry=lw.Tag(), attributes={"weather": "wet"}))
        before = project.annotations
        project.export("coco", path)
        file = json.loads(path.read_text())
        sizes = [(one["width"], one["height"]) for one in file["images"]]
        assert sizes == [*SIZES, SIZES[0]]
        assert len({one["file_name"] for one in file["images"]}) == 4
        assert [one["image_id"] for one in file["annotations"]] == [1, 3]
        project.delete(before)
        project.import_annotations(path, format="coco")
        after = project.annotations
    assert sorted(after.frame.fillna(-1)) == sorted(before.frame.fillna(-1))


def test_coco_refuses_a_group_whose_sizes_are_not_known(urls: list[str], tmp_path: Path) -> None:
    items = lw.Dataset.open([urls], validate=False).items
    with pytest.raises(FormatError, match="width and height are not known"):
        lw.formats.write([], tmp_path / "a.json", "coco", items=items)
