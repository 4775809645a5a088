"""Contact sheets, drawings and the report of a project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets import Annotation, Project, Rectangle
from labelwidgets.errors import LimitError, SchemaError, WorkflowError

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def labelled(project: Project) -> Project:
    first, second, _ = project.tasks["item_id"]
    project.extend([EVIL])
    project.add(
        [
            Annotation(item_id=first, class_name="car", geometry=Rectangle(10, 10, 20, 20)),
            Annotation(item_id=first, class_name=EVIL, geometry=Rectangle(30, 10, 20, 20)),
            Annotation(item_id=second, class_name="car", geometry=Rectangle(0, 0, 20, 20)),
        ]
    )
    return project


def test_a_sheet_shows_a_page_and_opens_others(labelled: Project, tmp_path: Path) -> None:
    sheet = labelled.contact_sheet(columns=2, rows=1, edge=64)
    assert (len(sheet), sheet.pages, len(sheet.tasks)) == (3, 2, 2)
    page = sheet._repr_html_()
    assert page.count("data:image/jpeg;base64,") == 2
    assert "1 car" in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror" in page
    assert sheet.page(2)._repr_html_().count("<figure") == 1
    sheet.save(tmp_path / "sheet.html")
    text = (tmp_path / "sheet.html").read_text("utf-8")
    assert "Content-Security-Policy" in text
    assert "<script" not in text
    with pytest.raises(LimitError, match="page"):
        sheet.page(3)
    with pytest.raises(LimitError, match="rows"):
        labelled.contact_sheet(columns=20, rows=11)


def test_a_sheet_is_of_a_query_and_reads_when_it_is_looked_at(
    labelled: Project, photos: Path
) -> None:
    sheet = labelled.contact_sheet(f"class_name == '{EVIL}'")
    assert len(sheet) == 1
    whole = labelled.contact_sheet()
    (photos / "a" / "0.png").write_bytes(b"no picture")
    page = whole._repr_html_()
    assert page.count("data:image/jpeg;base64,") == 2
    with pytest.raises(WorkflowError):
        labelled.contact_sheet("area > 1e9")


def test_a_picture_of_the_project_is_drawn_with_its_labels(labelled: Project) -> None:
    item = labelled.tasks["item_id"][0]
    made = labelled.draw(item, names=False)
    plain = labelled.draw(labelled.tasks["id"][2], names=False)
    assert made.shape == plain.shape == (576, 768, 3)
    assert len(np.unique(made.pixels.reshape(-1, 3), axis=0)) > 3
    assert len(np.unique(plain.pixels.reshape(-1, 3), axis=0)) == 1
    with pytest.raises(SchemaError, match="nothing"):
        labelled.draw("nothing")


def test_a_project_is_described_by_class_state_and_part(labelled: Project) -> None:
    labelled.split({"train": 0.5, "val": 0.5}, stratify=False)
    told = labelled.describe()
    assert told.summary["items"] == 3
    assert told.summary["without_labels"] == 1
    assert told.classes["labels"].to_dict() == {"car": 2, EVIL: 1, "tree": 0}
    assert told.by("state").loc["car"].sum() == 2
    assert set(told.by("part").columns) <= {"train", "val"}
    assert len(told.without_labels) == 1
    only = labelled.describe("class_name == 'car'")
    assert only.summary["labels"] == 2


def test_who_reads_labels_may_draw_and_who_reviews_may_describe(
    labelled: Project, tmp_path: Path
) -> None:
    labelled.add_person("ana", "admin")
    labelled.add_person("ben", "annotator")
    ben = lw.Project.open(labelled.store.location.path or "", user="ben")
    with ben:
        assert len(ben.contact_sheet()) == 3
        ben.draw(ben.tasks["id"][0])
        for refused in (ben.describe, ben.evaluate):
            with pytest.raises(lw.errors.RightsError):
                refused()
