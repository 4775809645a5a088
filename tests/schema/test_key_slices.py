"""Marks of key slices fit every ontology."""

from __future__ import annotations

import pytest

import labelwidgets as lw
from labelwidgets.errors import OntologyError
from labelwidgets.schema.key_slices import KEY_SLICE, is_key_slice
from labelwidgets.schema.validity import check_annotation


def test_a_tag_marks_a_slice_under_every_ontology() -> None:
    mark = lw.Annotation(item_id="i", geometry=lw.Tag(), class_name=KEY_SLICE, frame=3)
    assert is_key_slice(mark)
    check_annotation(mark, lw.Ontology(["car"]))


def test_a_shape_of_that_class_and_answers_at_a_mark_are_refused() -> None:
    box = lw.Annotation(
        item_id="i", geometry=lw.Rectangle(0, 0, 1, 1), class_name=KEY_SLICE, frame=3
    )
    assert not is_key_slice(box)
    with pytest.raises(OntologyError, match=KEY_SLICE):
        check_annotation(box, lw.Ontology(["car"]))
    answered = lw.Annotation(
        item_id="i", geometry=lw.Tag(), class_name=KEY_SLICE, frame=3, attributes={"why": "x"}
    )
    with pytest.raises(OntologyError, match="why"):
        check_annotation(answered, lw.Ontology(["car"]))


def test_an_ontology_may_have_a_class_of_that_name_with_questions() -> None:
    asked = lw.ObjectClass(KEY_SLICE, tool="tag", attributes=[lw.Text("why")])
    answered = lw.Annotation(
        item_id="i", geometry=lw.Tag(), class_name=KEY_SLICE, frame=3, attributes={"why": "x"}
    )
    check_annotation(answered, lw.Ontology([asked]))
