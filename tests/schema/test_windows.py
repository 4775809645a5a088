"""Windows by name, and those that an ontology brings."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

import labelwidgets as lw
from labelwidgets.errors import OntologyError
from labelwidgets.schema.changes import inherit
from labelwidgets.schema.growth import rename_class
from labelwidgets.schema.review import review
from labelwidgets.schema.windows import CT_WINDOWS, find_window

STENT = lw.WindowPreset("Stent", level=300, width=1200)


def test_the_seven_presets_are_there_each_with_its_source() -> None:
    numbers = {one.name: (one.width, one.level) for one in CT_WINDOWS}
    assert numbers == {
        "Abdominal soft tissue": (400, 40),
        "Bone": (2500, 480),
        "Brain": (80, 40),
        "Bone marrow": (250, 25),
        "Liver": (150, 90),
        "Lung": (1500, -600),
        "Subdural Brain": (215, 75),
    }
    assert all(one.source and one.modality == "CT" for one in CT_WINDOWS)


def test_a_window_is_found_by_name_alias_and_in_any_case() -> None:
    assert find_window("Brain Marrow").name == "Bone marrow"
    assert find_window("lung").level == -600
    own = lw.WindowPreset("Lung", level=-500, width=1400)
    assert find_window("lung", [own]) is own
    with pytest.raises(OntologyError, match=r"not a window.*'Liver'"):
        find_window("Spleen")


def test_windows_of_an_ontology_come_back_from_json_and_python() -> None:
    ontology = lw.Ontology(["car"], windows=[STENT, lw.WindowPreset("T2", 400, 800, "MR")])
    assert lw.Ontology.from_json(ontology.to_json()) == ontology
    assert 'lw.WindowPreset("T2", level=400.0, width=800.0, modality="MR")' in (
        ontology.to_python().replace("'", '"')
    )
    assert ontology.hash != lw.Ontology(["car"]).hash


def test_an_ontology_without_windows_has_the_version_that_it_always_had() -> None:
    assert "windows" not in json.loads(lw.Ontology(["car"]).to_json())


@pytest.mark.parametrize("change", ["rename", "inherit", "extend"])
def test_windows_stay_when_something_else_of_the_ontology_changes(change: str) -> None:
    ontology = lw.Ontology(["car"], windows=[STENT])
    changed = {
        "rename": lambda: rename_class(ontology, "car", "auto"),
        "inherit": lambda: inherit(lw.Ontology(["car"]), ontology),
        "extend": lambda: ontology.extend(["bus"]),
    }[change]()
    assert changed.windows == [STENT]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"width": 0}, "width"),
        ({"width": math.nan}, "width"),
        ({"level": math.inf}, "level"),
        ({"level": True}, "level"),
        ({"level": "40"}, "level"),
        ({"name": " "}, "name"),
    ],
)
def test_a_window_that_is_none_is_refused_by_its_field(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(OntologyError, match=where):
        lw.WindowPreset(**{"name": "Stent", "level": 300, "width": 1200} | fields)


def test_two_windows_of_one_name_are_refused_and_reviewed_at_the_second() -> None:
    with pytest.raises(OntologyError, match="twice"):
        lw.Ontology(windows=[STENT, lw.WindowPreset("stent", 1, 2)])
    problems = review(
        {
            "windows": [
                {"name": "a", "level": 1, "width": 2},
                {"name": "A", "level": 1, "width": 0.5},
            ]
        }
    )
    assert [one.path for one in problems] == [("windows", 1, "name")]
