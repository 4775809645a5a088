"""What a file says of a class beside what it is goes with the class."""

from __future__ import annotations

from typing import Any

import pytest

import labelwidgets as lw
from labelwidgets.errors import OntologyError


@pytest.mark.parametrize("given", [["a"], {1: "a"}, {"a": object()}, {"a": "x" * 100_001}])
def test_what_a_file_says_of_a_class_is_an_object_of_json(given: Any) -> None:
    with pytest.raises(OntologyError, match=r"class 'car', parameters: (must be a dict|are 1000)"):
        lw.ObjectClass("car", parameters=given)


def test_what_a_file_says_of_a_class_comes_back_as_json_and_python() -> None:
    made = lw.Ontology([lw.ObjectClass("car", parameters={"supercategory": "vehicle", "n": [1]})])
    assert lw.Ontology.from_json(made.to_json()) == made
    assert "parameters={'supercategory': 'vehicle', 'n': [1]}" in made.to_python()
    # Classes of which nothing is said are what they were.
    assert "parameters" not in lw.Ontology(["car"]).to_json()
