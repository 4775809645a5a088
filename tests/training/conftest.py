from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Polygon, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology

WIDTH, HEIGHT = 64, 48


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve pictures in four folders, of which each is told by its grey value."""
    folder = tmp_path / "photos"
    for number in range(12):
        path = folder / "abcd"[number // 3] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((HEIGHT, WIDTH, 3), 10 * number, np.uint8)).save(path)
    return folder


@pytest.fixture
def ontology() -> Ontology:
    return Ontology([ObjectClass("car"), ObjectClass("tree", tool="polygon")])


@pytest.fixture
def project(tmp_path: Path, photos: Path, ontology: Ontology) -> Iterator[Project]:
    """The pictures with a car on each, a tree on every third, and all of it done but the last."""
    dataset = Dataset.open(photos, progress=False)
    with Project.create(tmp_path / "cars.db", dataset, ontology, user="ana") as made:
        labels = []
        for number, item in enumerate(dataset):
            labels.append(
                Annotation(item_id=item, class_name="car", geometry=Rectangle(4, 6, 20, 10))
            )
            if number % 3 == 0:
                hole = [[(30, 10), (60, 10), (60, 40), (30, 40)], [(40, 20), (50, 20), (50, 30)]]
                tree = Polygon([hole]) if number else Ellipse(45, 25, 10, 5)
                labels.append(Annotation(item_id=item, class_name="tree", geometry=tree))
        made.add(labels)
        for task in made.tasks["id"].tolist()[:-1]:
            made.submit(task)
        yield made
