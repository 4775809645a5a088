"""Ontologies: defaults, round trips, growth, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from labelwidgets.errors import OntologyError
from labelwidgets.schema.colors import CYCLE
from labelwidgets.schema.hotkeys import normalise, taken
from labelwidgets.schema.ontology import (
    Checkbox,
    Dropdown,
    ObjectClass,
    Ontology,
    Radio,
    Skeleton,
    Text,
)

FULL = Ontology(
    [
        ObjectClass(
            "car",
            color="#E64",
            tool="polygon",
            hotkey="shift+c",
            attributes=[
                Radio("occluded", ["no", "partly"], required=True),
                Text("plate", shown_if={"occluded": ["no"]}),
                Checkbox("damage", ["dent", "rust"]),
            ],
        ),
        ObjectClass(
            "person",
            tool="keypoints",
            skeleton=Skeleton(["head", "foot"], [(0, 1)], [(0.5, 0), (0.5, 1)]),
        ),
    ],
    [Dropdown("weather", ["dry", "rain"])],
)


def test_json_and_dicts_keep_everything() -> None:
    assert Ontology.from_json(FULL.to_json()) == FULL
    assert Ontology.from_dict(FULL.to_dict()) == FULL
    assert Ontology.of(FULL.to_dict()) == FULL
    assert Ontology.from_json(FULL.to_json()).hash == FULL.hash


def test_one_spelling_of_colours_and_hotkeys() -> None:
    assert FULL["car"].color == "#ee6644"
    assert FULL["car"].hotkey == "Shift+C"


def test_names_alone_make_an_ontology_with_colours_that_differ() -> None:
    made = Ontology.of([f"class {n}" for n in range(20)])
    colors = [one.color for one in made.classes]
    assert colors == list(CYCLE[:20])
    assert len(set(colors)) == 20
    with_own = Ontology([ObjectClass("a", color=CYCLE[0]), ObjectClass("b")])
    assert with_own["b"].color == CYCLE[1], "A colour that somebody chose is not given twice."


def test_no_two_colours_of_the_cycle_look_alike() -> None:
    shades = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in CYCLE])
    seen = rgb2lab(shades[None] / 255)[0]
    apart = deltaE_ciede2000(seen[:, None], seen[None]) + 100 * np.eye(len(CYCLE))
    assert apart.min() > 10


def test_it_grows_and_its_version_changes() -> None:
    grown = FULL.extend(["tree"], [Text("note")])
    assert [made.name for made in grown.classes] == ["car", "person", "tree"]
    assert grown["car"] == FULL["car"]
    assert grown.hash != FULL.hash
    assert "tree" in grown
    assert "tree" not in FULL


def test_nfc_makes_equal_names_equal() -> None:
    with pytest.raises(OntologyError, match="twice"):
        Ontology([ObjectClass("caf\u00e9"), ObjectClass("cafe\u0301")])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Ontology.of(["a", "a"]), "class 'a': is there twice"),
        (lambda: ObjectClass(""), "class name: must not be empty"),
        (lambda: ObjectClass("a\x00b"), "control characters"),
        (lambda: ObjectClass("a" * 201), "201 characters"),
        (lambda: ObjectClass("a", color="red"), "class 'a', color"),
        (lambda: ObjectClass("a", color="#12345;background:url(x)"), "class 'a', color"),
        (lambda: ObjectClass("a", tool="lasso"), "class 'a', tool: 'lasso' is not a tool"),
        (lambda: ObjectClass("a", tool="keypoints"), "skeleton"),
        (lambda: ObjectClass("a", hotkey="Hyper+A"), "class 'a': 'Hyper\\+A' is not a hotkey"),
        (lambda: Radio("r", []), "attribute 'r': needs a list of options"),
        (lambda: Radio("r", ["x", "x"]), "option 'x' twice"),
        (lambda: Radio("r", "xyz"), "needs a list"),  # type: ignore[arg-type]
        (
            lambda: ObjectClass("a", attributes=[Text("t"), Text("t")]),
            "class 'a': has the attribute 't' twice",
        ),
        (
            lambda: ObjectClass("a", attributes=[Text("t", shown_if={"later": ["x"]})]),
            "'later' is not an attribute before this one",
        ),
        (
            lambda: ObjectClass(
                "a", attributes=[Radio("r", ["x"]), Text("t", shown_if={"r": ["y"]})]
            ),
            "'y' is no answer to 'r'",
        ),
        (lambda: Skeleton(["a"], [(0, 1)]), "missing joint"),
        (lambda: Skeleton(["a", "a"]), "different names"),
        (lambda: Skeleton("ab"), "a list of joints"),  # type: ignore[arg-type]
        (lambda: Skeleton(["a", "b"], ["01"]), "pairs of indices"),  # type: ignore[list-item]
        (lambda: Skeleton(["a", "b"], [(0, 1.0)]), "pairs of indices"),  # type: ignore[list-item]
        (lambda: Skeleton(["a", "b"], [(0, True)]), "pairs of indices"),
        (lambda: Skeleton(["a", "b"], [(-1, 1)]), "missing joint"),
        (lambda: Skeleton(["a", "b"], positions=[(0, 0)]), "2 pairs"),
        (lambda: Skeleton(["a"], positions=[(0, 1.5)]), "from 0 to 1"),
        (lambda: Skeleton(["a"], positions=[(0, float("nan"))]), "from 0 to 1"),
        (lambda: Skeleton(["a"], positions=[(0, True)]), "from 0 to 1"),
        (lambda: Skeleton(["a"], positions=["ab"]), "from 0 to 1"),  # type: ignore[list-item]
        (lambda: Skeleton(["a"], positions="a"), "1 pairs"),  # type: ignore[arg-type]
        (
            lambda: Ontology(
                [ObjectClass("a", hotkey="Shift+C"), ObjectClass("b", hotkey="Shift+C")]
            ),
            "hotkey of 'b': Shift\\+C is already taken by 'a'",
        ),
        (
            lambda: Ontology([ObjectClass("a", hotkey="V")]),
            "V is already taken by 'Select",
        ),
        (lambda: Ontology([ObjectClass("a", hotkey="3")]), "a class by its number"),
        (lambda: FULL["boat"], "'boat' is not a class of the ontology"),
        (
            lambda: Ontology.from_json('{"classes": [{"name": "x", "tool": ""}]}'),
            "classes\\[0\\]",
        ),
        (lambda: Ontology.from_json("[" * 100_000), "ontology"),
        (lambda: Ontology.from_json('{"classes": [{"color": "#fff"}]}'), "name"),
        (lambda: Ontology([7]), "classes\\[0\\]"),  # type: ignore[list-item]
    ],
)
def test_contradictions_are_refused_by_name(make: Callable[[], object], match: str) -> None:
    with pytest.raises(OntologyError, match=match):
        make()


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("c", "C"),
        ("shift+c", "Shift+C"),
        ("CTRL + alt+ x", "Ctrl+Alt+X"),
        ("cmd+k", "Ctrl+K"),
        ("f2", "F2"),
        ("+", "+"),
        ("escape", "Escape"),
        ("ä", "Ä"),
    ],
)
def test_hotkeys_have_one_spelling(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize("written", ["", "Shift+", "Shift+F13", "Shift+ab", "C+Shift"])
def test_what_is_no_hotkey(written: str) -> None:
    with pytest.raises(OntologyError, match="is not a hotkey"):
        normalise(written)


def test_the_widgets_own_keys_are_written_as_hotkeys_are() -> None:
    symbolic = {"1…9", "Alt+1…9", "Arrows", "Ctrl+Arrows", "Alt+Arrows", "Arrows, Enter"}
    symbolic |= {"Up, Down"}
    for key in set(taken()) - symbolic:
        assert normalise(key) == key


def test_a_class_may_carry_a_code_which_only_then_changes_the_hash() -> None:
    plain = Ontology([ObjectClass("liver", color="#aa0000")])
    coded = Ontology([ObjectClass("liver", color="#aa0000", code=("SCT", "10200004", "Liver"))])
    assert "code" not in plain.to_json()
    assert plain.hash != coded.hash
    assert Ontology.from_json(coded.to_json()) == coded
    assert Ontology.from_dict(coded.to_dict()).classes[0].code == ("SCT", "10200004", "Liver")
    assert "code=('SCT', '10200004', 'Liver')" in coded.to_python()


@pytest.mark.parametrize(
    "code",
    ["SCT", ("SCT", "10200004"), ("SCT", "", "Liver"), ("S" * 17, "1", "x"), ("SCT", 1, "x"),
     ("SCT", "1\\2", "x"), ("SCT", "1", "x" * 65), ("SCT", "1", "a\nb")],
)  # fmt: skip
def test_what_is_no_code_is_refused_by_name(code: Any) -> None:
    with pytest.raises(OntologyError, match="code"):
        ObjectClass("liver", code=code)
