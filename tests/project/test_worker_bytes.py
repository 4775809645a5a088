"""Files of a project have the same bytes, whether workers make them or this process."""

from __future__ import annotations

from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import pytest

from labelwidgets import formats
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Polygon, Rectangle

OUTLINE = Polygon([[[(30, 30), (50, 30), (40, 45)]]])

pytestmark = pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")


@pytest.fixture
def labelled(project: Project) -> Project:
    for item in project.tasks["item_id"]:
        box = Annotation(item_id=item, class_name="car", geometry=Rectangle(4, 5, 20, 10))
        project.add([box, Annotation(item_id=item, class_name="tree", geometry=OUTLINE)])
    return project


def files_in(path: Path) -> dict[Path, bytes]:
    files = path.rglob("*") if path.is_dir() else [path]
    return {one.relative_to(path): one.read_bytes() for one in files if one.is_file()}


@pytest.mark.parametrize("name", ["coco_panoptic", "parquet", "voc"])
def test_workers_write_the_bytes_that_this_process_writes(
    tmp_path: Path, labelled: Project, name: str
) -> None:
    labelled.export(name, tmp_path / "here")
    labelled.export(name, tmp_path / "there", workers=1)
    assert files_in(tmp_path / "here") == files_in(tmp_path / "there")
    assert files_in(tmp_path / "here")


@pytest.mark.parametrize("name", ["coco", "json"])
def test_labels_that_came_from_another_process_are_written_as_those_of_the_project(
    tmp_path: Path, labelled: Project, name: str
) -> None:
    # As a database gives them, texts are none of those that are defaults here.
    state: Any
    kind: Any
    state, kind = ("".join(parts) for parts in (("edit", "able"), ("ha", "nd")))
    own = [
        Annotation(item_id=item, class_name="tree", geometry=OUTLINE, state=state, origin=origin)
        for item in labelled.tasks["item_id"]
        for origin in (Origin(kind), Origin(kind, "pen"))
    ]
    travelled = ForkingPickler.loads(ForkingPickler.dumps(own))
    known: Any = {"items": labelled.dataset.items, "ontology": labelled.ontology}
    for labels, path in ((own, "own"), (travelled, "travelled")):
        formats.write(labels, tmp_path / path, name, **known)
    text = (tmp_path / "own").read_bytes()
    assert text == (tmp_path / "travelled").read_bytes()
    labelled.export(name, tmp_path / "exported")
    assert b"editable" not in (tmp_path / "exported").read_bytes()
