"""Does a label fit its ontology and its image?"""

from __future__ import annotations

from typing import Any

import pytest

from labelwidgets.errors import GeometryError, OntologyError, SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import RLE, Keypoints, Mask, Point, Polygon, Rectangle, Tag
from labelwidgets.schema.ontology import (
    Checkbox,
    Dropdown,
    ObjectClass,
    Ontology,
    Radio,
    Skeleton,
    Text,
)
from labelwidgets.schema.validity import check_annotation, check_geometry, missing_answers, shown

OCCLUDED = Radio("occluded", ["no", "yes"], required=True)
BY = Dropdown("by", ["car", "tree"], required=True, shown_if={"occluded": ["yes"]})
ONTOLOGY = Ontology(
    [
        ObjectClass("car", attributes=[OCCLUDED, BY, Checkbox("wears", ["hat", "bag"]), Text("t")]),
        ObjectClass("fly", tool="keypoints", skeleton=Skeleton(["head", "tail"])),
    ],
    [Dropdown("weather", ["dry", "rain"])],
)
BOX = Rectangle(1, 1, 5, 5)


def label(**fields: Any) -> Annotation:
    return Annotation(**{"item_id": "i", "class_name": "car", "geometry": BOX} | fields)


@pytest.mark.parametrize(
    "made",
    [
        label(),
        label(attributes={"occluded": "no", "wears": ["hat", "bag"], "t": "x" * 10_000}),
        label(class_name=None, geometry=Tag(), attributes={"weather": "rain"}),
        label(class_name="fly", geometry=Keypoints([(1, 1, 2), (900, 900, 0)])),
        label(geometry=Rectangle(-1, -1, 12, 12)),
    ],
)
def test_what_fits(made: Annotation) -> None:
    check_annotation(made, ONTOLOGY, (10, 10))


@pytest.mark.parametrize(
    ("made", "error", "match"),
    [
        (label(class_name="boat"), OntologyError, "'boat' is not a class"),
        (label(attributes={"speed": "1"}), OntologyError, "'speed': is not in the ontology"),
        (label(attributes={"occluded": "maybe"}), OntologyError, "has no option 'maybe'"),
        (label(attributes={"occluded": ["no"]}), OntologyError, "must be a string"),
        (label(attributes={"wears": "hat"}), OntologyError, "must be a list"),
        (label(attributes={"wears": ["shoe"]}), OntologyError, "has no option 'shoe'"),
        (label(attributes={"t": "x" * 10_001}), OntologyError, "10001 characters"),
        (
            label(class_name=None, geometry=Tag(), attributes={"sky": "blue"}),
            OntologyError,
            "image, attribute 'sky'",
        ),
        (label(class_name="fly", geometry=Keypoints([(1, 1, 2)])), GeometryError, "has 1 joint"),
        (label(geometry=Rectangle(5, 5, 7, 1)), GeometryError, "outside of the image of 10 x 10"),
        (label(geometry=Point(-5, 1)), GeometryError, "outside"),
        (label(geometry=Mask(RLE((2, 3), "123"))), GeometryError, "is 3 x 2 pixels"),
        (
            label(geometry=Polygon([[[(0, 0), (4, 4), (4, 0), (0, 4)]]])),
            GeometryError,
            "crosses itself",
        ),
    ],
)
def test_what_does_not_fit_is_named(made: Annotation, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        check_annotation(made, ONTOLOGY, (10, 10))


def test_without_a_size_a_shape_may_lie_anywhere() -> None:
    check_geometry(Rectangle(5000, 5000, 7, 1))


def test_what_lies_outside_may_come_in_step_by_step_but_go_no_further() -> None:
    was = Rectangle(-30, 2, 5, 5)
    check_geometry(Rectangle(-20, 2, 5, 5), (10, 10), was)
    check_geometry(was, (10, 10), was)
    for further in (Rectangle(-31, 2, 5, 5), Rectangle(-20, 2, 40, 5), Rectangle(-20, 7, 5, 5)):
        with pytest.raises(GeometryError, match="outside"):
            check_geometry(further, (10, 10), was)
    with pytest.raises(GeometryError, match="outside"):
        check_geometry(Point(-5, 1), (10, 10), Tag())


def test_questions_that_depend_on_others_are_asked_in_time() -> None:
    assert not shown(BY, {})
    assert shown(BY, {"occluded": "yes"})
    attributes = ONTOLOGY["car"].attributes
    assert missing_answers(attributes, {}) == ["occluded"]
    assert missing_answers(attributes, {"occluded": "no"}) == []
    assert missing_answers(attributes, {"occluded": "yes"}) == ["by"]
    assert missing_answers(attributes, {"occluded": "yes", "by": "tree"}) == []


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"id": "../x"}, "id"),
        ({"id": ""}, "id"),
        ({"geometry": (1, 2, 3, 4)}, "geometry"),
        ({"class_name": None}, "class_name"),
        ({"frame": -1}, "frame"),
        ({"frame": True}, "frame"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
    ],
)
def test_an_impossible_record_names_its_field(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(SchemaError) as caught:
        label(**fields)
    assert caught.value.where == where


def test_records_go_through_dicts() -> None:
    made = label(attributes={"occluded": "no"}, frame=3, confidence=0.5)
    assert Annotation.from_dict(made.to_dict()) == made
    with pytest.raises(SchemaError, match="geometry"):
        Annotation.from_dict({"item_id": "i", "class_name": "car", "geometry": {"type": "blob"}})
