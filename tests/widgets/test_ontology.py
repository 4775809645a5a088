"""The builder's kernel end: what pages may say, what is wrong at its field, and saving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import LinkError, OntologyError
from labelwidgets.schema.code import to_python
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.review import review
from labelwidgets.widgets.ontology import OntologyBuilder


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lw.Project]:
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "one.png")
    dataset = lw.Dataset.open(tmp_path / "one.png")
    with lw.Project.create(tmp_path / "p.db", dataset, ["car", "tree"], user="ana") as made:
        box = lw.Rectangle(1, 2, 3, 4)
        item = made.tasks["item_id"][0]
        made.add(lw.Annotation(item_id=item, class_name="car", geometry=box))
        yield made


def hear(builder: OntologyBuilder) -> list[Any]:
    said: list[Any] = []
    builder.send = lambda content, buffers=None: said.append(content)  # type: ignore[method-assign]
    return said


def test_it_takes_what_a_page_made_and_can_be_observed() -> None:
    builder = OntologyBuilder(["car"])
    said, seen = hear(builder), []
    builder.observe(lambda change: seen.append(change["new"]), "ontology")
    data = Ontology(["car", "boat"]).to_dict()
    builder.receive({"type": "draft", "request": 1, "ontology": data, "instructions": "*x*"})
    assert said[0]["problems"] == []
    assert seen == [Ontology(["car", "boat"])]
    assert builder.instructions == "*x*"
    assert builder.given["ontology"] == Ontology(["car"]).to_dict(), "Not sent back."
    builder.ontology = Ontology(["bus"])
    assert builder.given["ontology"] == Ontology(["bus"]).to_dict()


def test_what_is_wrong_changes_nothing() -> None:
    builder = OntologyBuilder(["car"])
    said = hear(builder)
    for data, path in [
        ({"classes": [{"name": ""}]}, ("classes", 0, "name")),
        ({"classes": [{"name": "a", "hotkey": "V"}]}, ("classes", 0, "hotkey")),
        ({"classes": 7}, ()),
    ]:
        builder.receive({"type": "draft", "request": 1, "ontology": data})
        assert said[-1]["problems"][0]["path"] == path
    builder.receive({"type": "draft", "request": 2, "ontology": {}, "instructions": "\x00"})
    assert said[-1]["problems"][0]["path"] == ("instructions",)
    assert builder.ontology == Ontology(["car"])


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        {"type": "draft"},
        {"type": "draft", "request": "x", "ontology": {}},
        {"type": "drop", "request": 1, "ontology": {}},
        {"type": "draft", "request": 1, "ontology": {"x": "y" * 5_000_000}},
    ],
)
def test_malformed_messages_are_refused(content: Any) -> None:
    builder = OntologyBuilder(["car"])
    with pytest.raises(LinkError):
        builder.receive(content)
    assert builder.ontology == Ontology(["car"])


def test_a_project_refuses_at_the_class_and_keeps_its_labels(project: lw.Project) -> None:
    builder = project.edit_ontology()
    said = hear(builder)
    assert builder.given["usage"]["car"]["labels"] == 1
    left = Ontology(["tree", "boat"]).to_dict()
    builder.receive({"type": "save", "request": 1, "ontology": left})
    (problem,) = said[-1]["problems"]
    assert "Retire it instead" in problem["message"]
    assert "saved" not in said[-1]
    assert "boat" not in project.ontology
    renamed = Ontology([ObjectClass("vehicle", formerly=["car"]), "tree"]).to_dict()
    message = {"type": "save", "request": 2, "ontology": renamed, "instructions": "Draw."}
    builder.receive(message)
    assert "renamed: class 'vehicle'" in said[-1]["saved"]
    assert project.annotations["class_name"].tolist() == ["vehicle"]
    assert project.instructions == "Draw."
    assert builder.given["usage"]["vehicle"]["labels"] == 1


def test_a_page_sets_nothing_but_the_height() -> None:
    builder = OntologyBuilder(["car"])
    builder.set_state({"height": 500, "given": {"ontology": {}}})
    assert builder.height == 500
    assert builder.given["ontology"] == Ontology(["car"]).to_dict()
    with pytest.raises(TypeError, match="no option 'colour'"):
        OntologyBuilder(["car"], colour="red")
    with pytest.raises(OntologyError):
        OntologyBuilder("car")


def test_python_is_the_ontology_again() -> None:
    made = lw.Ontology(
        [
            ObjectClass(
                'it\'s "<b>"\n'[:-1],
                tool="keypoints",
                skeleton=lw.Skeleton(["a", "b"], [(0, 1)], [(0.1, 0.2), (0.3, 0.4)]),
                attributes=[lw.Radio("q", ["a"], former_options={"z": "a"}, required=True)],
                formerly=["\u202e"],
            )
        ],
        [lw.Text("t", description="x"), lw.Checkbox("c", ["\U0001f600"], retired=True)],
    )
    import ast

    names = {one.id for one in ast.walk(ast.parse(to_python(made))) if isinstance(one, ast.Name)}
    assert names == {"lw"}

    def build(node: ast.AST) -> Any:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            positional = [build(one) for one in node.args]
            named = {one.arg or "": build(one.value) for one in node.keywords}
            return getattr(lw, node.func.attr)(*positional, **named)
        if isinstance(node, ast.List):
            return [build(one) for one in node.elts]
        return ast.literal_eval(node)

    assert build(ast.parse(to_python(made), mode="eval").body) == made
    assert review(made.to_dict()) == []
