from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.ontology import Dropdown, ObjectClass, Ontology, Radio


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number in range(3):
        path = folder / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((48, 64, 3), 40 * number, np.uint8)).save(path)
    return folder


@pytest.fixture
def dataset(photos: Path) -> Dataset:
    return Dataset.open(photos)


@pytest.fixture
def ontology() -> Ontology:
    return Ontology(
        [
            ObjectClass("car", attributes=[Radio("occluded", ["no", "yes"])]),
            ObjectClass("tree", tool="polygon"),
        ],
        [Dropdown("weather", ["dry", "rain"], required=True)],
    )


@pytest.fixture
def project(tmp_path: Path, dataset: Dataset, ontology: Ontology) -> Iterator[Project]:
    with Project.create(tmp_path / "cars.db", dataset, ontology, user="ana") as made:
        yield made
