"""Names as people, files and attackers write them: kept as they are, or refused by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import LabelwidgetsError, OntologyError, SchemaError, SourceError

PLAIN = {
    "html": "<img src=x onerror=alert(1)>",
    "svg": '"><svg onload=alert(1)>',
    "script": "</script><script>alert(1)</script>",
    "link": "javascript:alert(1)",
    "right to left": "\u202egpj.exe",
    "emoji": "👩\u200d👩\u200d👧 e\u0301",
    "__proto__": "__proto__",
    "constructor": "constructor",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1",
    "at": "@SUM(A1)",
    "up": "../../etc/passwd",
    "windows": "C:\\CON",
    "dot": "name. ",
    "quotes": "a'b\"c`d;--",
    "percent": "%s%n{0}{a}\\N",
}
LONG = "x" * 10_000
HALF = "a\ud800b"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "p.png"
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(path)
    return path


def dataset(photo: Path, **columns: Any) -> lw.Dataset:
    # As objects: pandas on pyarrow has no text with half a character in it.
    frame = pd.DataFrame(
        {"url": [str(photo)], **{name: [value] for name, value in columns.items()}}, dtype=object
    )
    return lw.Dataset.open(frame)


@pytest.mark.parametrize("name", PLAIN)
def test_a_name_goes_all_the_way_and_comes_back(tmp_path: Path, photo: Path, name: str) -> None:
    text = PLAIN[name]
    ontology = lw.Ontology(
        [lw.ObjectClass(text, attributes=[lw.Radio(text, [text, "other"]), lw.Text("note")])],
        [lw.Checkbox(text, [text, "other"])],
    )
    kept = ontology.classes[0].name
    assert lw.Ontology.from_json(ontology.to_json()) == ontology
    data = dataset(photo, title=text, folder=text, metadata={text: text})
    with lw.Project.create(tmp_path / "x.db", data, ontology, name=text, user="ana") as project:
        item = project.tasks["item_id"].iloc[0]
        box = lw.Annotation(
            item_id=item,
            class_name=kept,
            geometry=lw.Rectangle(1, 1, 9, 9),
            attributes={kept: kept, "note": text},
        )
        about = lw.Annotation(item_id=item, geometry=lw.Tag(), attributes={kept: [kept]})
        project.add([box, about])
        assert project.name == text
        assert project.tasks["title"].tolist() == [text]
        made = project.records()[0]
        assert (made.class_name, made.attributes) == (kept, {kept: kept, "note": text})
        for html in (project._repr_html_(), project.dataset._repr_html_()):
            assert "<img" not in html
            assert "<svg" not in html
            assert "<script" not in html
        widget = project.annotate()
        bundle = widget._repr_mimebundle_()
        assert bundle is not None
        assert "image/jpeg" in bundle[0]
        widget.close()
        project.export("coco", tmp_path / "out.json")
        file = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        assert [entry["name"] for entry in file["categories"]] == [kept]
        project.delete(project.annotations)
        project.import_annotations(tmp_path / "out.json")
        again = project.records("geometry_type == 'rectangle'")[0]
        assert (again.class_name, again.attributes) == (made.class_name, made.attributes)


@pytest.mark.parametrize("text", ["", " ", "a\x00b", "a\nb", "x" * 201, HALF], ids=ascii)
def test_names_that_an_ontology_cannot_have(text: str) -> None:
    for make in (
        lambda: lw.ObjectClass(text),
        lambda: lw.Radio(text, ["a"]),
        lambda: lw.Radio("a", [text]),
        lambda: lw.Skeleton([text]),
        lambda: lw.Ontology([text]),
        lambda: lw.Ontology.from_dict({"classes": [{"name": text}]}),
    ):
        with pytest.raises(OntologyError):
            make()


@pytest.mark.parametrize("color", ["red;background:url(//x)", "#12", "url(x)", "#12345g", HALF])
def test_a_color_is_a_color(color: str) -> None:
    with pytest.raises(OntologyError, match="must be a colour"):
        lw.ObjectClass("car", color=color)


def test_one_name_in_two_spellings_is_one_name(tmp_path: Path, photo: Path) -> None:
    composed, apart = "caf\u00e9", "cafe\u0301"
    with pytest.raises(OntologyError, match="twice"):
        lw.Ontology([composed, apart])
    with pytest.raises(OntologyError, match="twice"):
        lw.Radio("a", [composed, apart])
    with lw.Project.create(tmp_path / "x.db", dataset(photo), [apart], user="ana") as project:
        assert project.ontology.classes[0].name == composed
        with pytest.raises(OntologyError, match="twice"):
            project.extend([apart])
        coco = {
            "images": [{"id": 1, "file_name": "p.png", "width": 64, "height": 48}],
            "categories": [{"id": 1, "name": apart}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5]}],
        }
        (tmp_path / "in.json").write_text(json.dumps(coco))
        project.import_annotations(tmp_path / "in.json")
        assert project.annotations["class_name"].tolist() == [composed]


def test_classes_are_a_list(photo: Path) -> None:
    for wrong in ("car", b"car", 5, None):
        with pytest.raises(OntologyError, match=r"list of classes.*\[\"car\"\]"):
            lw.Ontology.of(wrong)
        with pytest.raises(OntologyError, match="list of classes"):
            lw.annotate(photo, wrong)


def test_very_many_classes_and_options() -> None:
    names = [f"c{number}" for number in range(30_000)]
    assert len(lw.Ontology(names).classes) == len(names)
    assert len(lw.Radio("a", names).options) == len(names)
    with pytest.raises(OntologyError, match="'c7' twice"):
        lw.Radio("a", [*names, "c7"])


@pytest.mark.parametrize("column", ["title", "folder"])
def test_half_a_character_is_refused_by_row_and_column(photo: Path, column: str) -> None:
    with pytest.raises(SourceError, match=rf"row 0, {column}: 'a\\ud800b' is not Unicode"):
        dataset(photo, **{column: HALF})


@pytest.mark.parametrize("metadata", [{"a": HALF}, {HALF: 1}, {"a": [{"b": HALF}]}])
def test_half_a_character_in_metadata_is_refused(photo: Path, metadata: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match=r"row 0.*not Unicode"):
        dataset(photo, metadata=metadata)


def test_metadata_nested_without_end_are_refused(photo: Path) -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(SourceError, match=r"row 0.*too deeply"):
        dataset(photo, metadata=deep)


@pytest.mark.parametrize("name", [HALF, "a\x00b", LONG, 5])
def test_a_projects_name_is_text(tmp_path: Path, photo: Path, name: Any) -> None:
    with pytest.raises(SchemaError, match="project name"):
        lw.Project.create(tmp_path / "x.db", dataset(photo), ["car"], name=name, user="ana")
    assert list(tmp_path.glob("*.db*")) == []


def test_a_project_is_made_of_a_dataset(tmp_path: Path) -> None:
    for wrong in (None, str(tmp_path), pd.DataFrame()):
        with pytest.raises(SourceError, match=r"dataset: must be a Dataset.*Dataset\.open"):
            lw.Project.create(tmp_path / "x.db", wrong, ["car"], user="ana")


@pytest.fixture
def project(tmp_path: Path, photo: Path) -> Iterator[lw.Project]:
    with lw.Project.create(tmp_path / "x.db", dataset(photo), ["car"], user="ana") as made:
        yield made


def test_half_a_character_anywhere_else_is_a_typed_error(project: lw.Project) -> None:
    item = project.tasks["item_id"].iloc[0]
    shape = lw.Rectangle(1, 1, 5, 5)
    for call in (
        lambda: project.submit(HALF),
        lambda: project.skip(project.tasks["id"].iloc[0], HALF),
        lambda: project.undo(HALF),
        lambda: project.delete(HALF),
        lambda: project.add(lw.Annotation(item_id=HALF, class_name="car", geometry=shape)),
        lambda: project.add(lw.Annotation(item_id=item, class_name=HALF, geometry=shape)),
        lambda: project.session(user=HALF),
        lambda: project.annotate([HALF]),
        lambda: project.annotate(f"title == '{HALF}'"),
        lambda: lw.Project.open(HALF),
        lambda: lw.Annotation.from_dict({"item_id": item, "geometry": {"type": HALF}}),
        lambda: lw.Ontology.from_dict({"image_attributes": [{"type": HALF, "name": "a"}]}),
    ):
        with pytest.raises(LabelwidgetsError):
            call()
    assert len(project.annotations) == 0
