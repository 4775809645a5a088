"""Plain JSON: whatever there is comes back equal, and what is broken is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.spec import AbstractBufferedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Dropdown
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.labels import CLASSES, ONTOLOGY, any_label, items

ENDS = ["labels.json", "labels.jsonl"]
BOX = (
    '{"item_id":"a","class_name":"car",'
    '"geometry":{"type":"rectangle","x":1,"y":1,"width":5,"height":5}}'
)
HEAD = '{"format":"labelwidgets","version":1'


@pytest.mark.parametrize("name", ENDS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(any_label("a", "b"), max_size=4, unique_by=lambda one: one.id))
def test_every_field_of_every_label_comes_back(tmp_path: Path, name: str, made: Any) -> None:
    ontology = Ontology(
        list(ONTOLOGY.classes), image_attributes=[Dropdown("weather", ["dry", "rain"])]
    )
    frame = items("a", "b", folder="day")
    formats.write(made, tmp_path / name, "json", items=frame, ontology=ontology)
    back = formats.read(tmp_path / name)
    assert back.format == "json"
    assert back.annotations == made
    assert back.ontology == ontology
    assert back.items["urls"].tolist() == frame["urls"].tolist()
    assert back.items["metadata"].tolist() == frame["metadata"].tolist()
    formats.write(back, tmp_path / f"again_{name}", "json")
    assert (tmp_path / f"again_{name}").read_bytes() == (tmp_path / name).read_bytes()


def test_items_are_found_by_their_path_where_their_ids_are_others(tmp_path: Path) -> None:
    there = '"items":[{"id":"x1","urls":["/day/a.jpg"]}]'
    box = BOX.replace('"a"', '"x1"')
    path = _file(tmp_path, f'{HEAD},{there},"annotations":[{box}]}}')
    frame = items("a", "b", folder="day")
    (made,) = formats.read(path, items=frame, ontology=ONTOLOGY).annotations
    assert (made.item_id, made.geometry) == ("a", Rectangle(1, 1, 5, 5))


def test_what_is_no_item_of_the_dataset_is_counted(tmp_path: Path) -> None:
    far = BOX.replace('"a"', '"far"')
    path = _file(tmp_path, f'{HEAD},"annotations":[{far},{far},{BOX}]}}')
    found = formats.read(path, "json", items=items("a"))
    assert found.unmatched[["id", "annotations"]].to_numpy().tolist() == [["far", 2]]
    assert len(found.annotations) == 1


def test_addresses_are_written_without_keys(tmp_path: Path) -> None:
    frame = items("a")
    frame["urls"] = [["https://ana:hunter2@host/a.jpg?sig=topsecret"]]
    formats.write([], tmp_path / "a.json", "json", items=frame)
    text = (tmp_path / "a.json").read_text()
    assert "hunter2" not in text
    assert "topsecret" not in text
    assert "host/a.jpg" in text


WRONG = {
    "half a file": (f'{HEAD},"annotations":[{BOX}', "truncated|ends"),
    "another format": ('{"format":"other","version":1}', "format: must be 'labelwidgets'"),
    "a later version": ('{"format":"labelwidgets","version":9}', "version: is 9.*Update"),
    "no list": (f'{HEAD},"items":3}}', "items: is a number, not a list"),
    "NaN": (f'{HEAD},"annotations":[{BOX.replace("5", "NaN")}]}}', "NaN|malformed|is not plain"),
    "5,000 digits": (
        f'{HEAD},"annotations":[{BOX.replace(":5", ":" + "9" * 5000)}]}}',
        r"annotations",
    ),
    "outside": (
        f'{HEAD},"annotations":[{BOX.replace(":5", ":500")}]}}',
        r"annotations\[0\].*outside",
    ),
    "no class": (
        f'{HEAD},"annotations":[{BOX.replace(chr(34) + "car" + chr(34), "7")}]}}',
        r"annotations\[0\], class_name",
    ),
    "a shape of another kind": (
        f'{HEAD},"annotations":[{BOX.replace("rectangle", "spiral")}]}}',
        r"annotations\[0\], geometry.*spiral|annotations\[0\].*spiral",
    ),
    "an item twice": (f'{HEAD},"items":[{{"id":"a"}},{{"id":"a"}}]}}', r"items\[1\].*before it"),
    "another size": (
        f'{HEAD},"items":[{{"id":"a","metadata":{{"width":10,"height":10}}}}]}}',
        r"items\[0\].*is 10 x 10 pixels, the item 'a' is 60 x 50",
    ),
    "brackets": (f'{HEAD},"items":' + "[" * 100_000, "deep|truncated"),
    "a class twice": (
        f'{HEAD},"ontology":{{"classes":[{{"name":"a"}},{{"name":"a"}}]}}}}',
        "ontology",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, case: str) -> None:
    text, expected = WRONG[case]
    with pytest.raises(LabelwidgetsError, match=f"(?s)a.json.*({expected})"):
        formats.read(_file(tmp_path, text), "json", items=items("a"), ontology=ONTOLOGY)


def test_an_id_that_is_there_twice_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    named = BOX.replace("{", '{"id":"mwz7qjtil0xmasoksoa6",', 1)
    text = f'{HEAD},"annotations":[{named},{named},{BOX}]}}'
    found = formats.read(_file(tmp_path, text), "json", items=items("a"), errors="collect")
    assert len(found.annotations) == 2
    assert found.left_out["record"].tolist() == ["annotations[1]"]


def test_lines_that_are_broken_are_left_out_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [HEAD + "}", '{"annotation":', f'{{"annotation":{BOX}}}', "{}", '{"item":{"id":5}}']
    path.write_text("\n".join(lines))
    found = formats.read(path, items=items("a"), errors="collect")
    assert len(found.annotations) == 1
    assert found.left_out["record"].tolist() == ["line 2", "line 4", "line 5"]
    with pytest.raises(FormatError, match="line 2"):
        formats.read(path, items=items("a"))


def test_a_file_that_is_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="more than 10 bytes"):
        formats.read(_file(tmp_path, HEAD + "}"), "json", max_bytes=10)


def test_utf_16_is_read_and_a_label_of_no_item_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(f'{HEAD},"annotations":[{BOX}]}}'.encode("utf-16"))
    (label,) = formats.read(path, "json").annotations
    with pytest.raises(FormatError, match="'a' is no item"):
        formats.write([label], tmp_path / "b.json", "json", items=items("b"))
    with pytest.raises(FormatError, match="twice"):
        formats.write([label, label], tmp_path / "b.json", "json")
    assert not (tmp_path / "b.json").exists()


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("half way")

    path = _file(tmp_path, HEAD + "}")
    frame = items("a")
    frame["metadata"] = [{"camera": Broken()}]
    with pytest.raises(RuntimeError, match="half way"):
        formats.write([], path, "json", items=frame)
    assert json.loads(path.read_text())["version"] == 1


def _file(folder: Path, text: str) -> Path:
    path = folder / "a.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_classes_are_those_of_the_file(tmp_path: Path) -> None:
    formats.write(
        [], tmp_path / "a.json", "json", ontology=Ontology([ObjectClass("x", code=("S", "1", "x"))])
    )
    back = formats.read(tmp_path / "a.json")
    assert back.ontology["x"].code == ("S", "1", "x")
    assert back.categories["name"].tolist() == ["x"]
    assert set(CLASSES).isdisjoint(back.categories["name"])


class Ranges(AbstractBufferedFile):
    """A file as those of buckets are: ranges of it are fetched, and lines have no limit."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        return bytes(self.fs.cat_file(self.path, start, end))


def test_lines_are_read_from_a_bucket_as_from_this_machine(monkeypatch: Any) -> None:
    made = [Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 1, 5, 5))] * 2
    labels = [one.replace(id=f"label{n}") for n, one in enumerate(made)]
    formats.write(labels, "memory://lines/labels.jsonl", "json", items=items("a"))

    def ranges(self: Any, path: str, mode: str = "rb", **options: Any) -> Any:
        return Ranges(self, path, mode, size=self.info(path)["size"])

    with monkeypatch.context() as patched:
        whole = MemoryFileSystem.cat_file(MemoryFileSystem(), "/lines/labels.jsonl")
        patched.setattr(MemoryFileSystem, "_open", ranges)
        patched.setattr(
            MemoryFileSystem, "cat_file", lambda self, path, start=0, end=None: whole[start:end]
        )
        assert formats.read("memory://lines/labels.jsonl").annotations == labels
