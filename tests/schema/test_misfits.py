"""What does not fit a record is said as a person says it."""

from __future__ import annotations

import msgspec
import pytest

import labelwidgets as lw
from labelwidgets.errors import OntologyError, SchemaError
from labelwidgets.formats.coco import records
from labelwidgets.schema.misfits import in_words

CASES = {
    "text for a list": (records.Label, {"image_id": 1, "bbox": "x"}, "bbox", "is text, not a list"),
    "text for a number": (
        records.Label,
        {"image_id": 1, "bbox": [1, "a"]},
        "bbox[1]",
        "is text, not a number",
    ),
    "a fraction": (records.Image, {"id": 1.5}, "id", "is a fraction, not a whole number or text"),
    "null": (records.Category, {"id": 1, "name": None}, "name", "is null, not text"),
    "what is missing": (records.Image, {}, "id", "is not there"),
    "what is missing inside": (
        lw.Annotation,
        {"item_id": "a", "geometry": {"type": "rectangle", "x": 1}},
        "geometry.y",
        "is not there",
    ),
    "a list for a record": (records.Image, [1], "", "is a list, not an object"),
    "a word of none": (
        records.Label,
        {"image_id": 1, "iscrowd": "maybe"},
        "iscrowd",
        "is 'maybe', which is none of its values",
    ),
    "a number of entries": (
        tuple[int, int],
        [1, 2, 3],
        "",
        "has 3 entries, not 2",
    ),
    "a name": (
        dict[int, str],
        {"one": "a"},
        "",
        "has a name that is text, not a whole number",
    ),
    "an error of ours": (
        lw.Annotation,
        {
            "item_id": "a",
            "geometry": {"type": "rectangle", "x": 1, "y": 1, "width": -1, "height": 1},
        },
        "geometry.width",
        "must be greater than 0, not -1",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_a_sentence_with_the_field_that_it_is_about(case: str) -> None:
    kind, given, field, words = CASES[case]
    with pytest.raises(msgspec.ValidationError) as found:
        msgspec.convert(given, kind, str_keys=True)
    assert in_words(found.value)[:2] == (f"{words}.", field)
    assert "`" not in words


def test_labels_and_ontologies_say_it_so() -> None:
    with pytest.raises(SchemaError, match=r"^annotation, frame: is text, not a whole number\.$"):
        lw.Annotation.from_dict({"item_id": "a", "geometry": {"type": "tag"}, "frame": "1"})
    with pytest.raises(OntologyError, match=r"^ontology, classes: is text, not a list\.$"):
        lw.Ontology.from_json('{"classes": "car"}')
    with pytest.raises(OntologyError, match=r"^ontology, classes\[0\]\.name: is not there\.$"):
        lw.Ontology.from_dict({"classes": [{"color": "#ff0000"}]})
