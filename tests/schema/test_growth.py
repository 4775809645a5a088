"""Ontologies after work began: what was renamed, retired and taken out is found and refused."""

from __future__ import annotations

import msgspec
import pytest

from labelwidgets.errors import OntologyError
from labelwidgets.schema.changes import compare, inherit
from labelwidgets.schema.growth import (
    rename_attribute,
    rename_class,
    rename_option,
    retire_attribute,
    retire_class,
)
from labelwidgets.schema.ontology import (
    Checkbox,
    Dropdown,
    ObjectClass,
    Ontology,
    Radio,
    Skeleton,
    Text,
)
from labelwidgets.schema.renames import Renames
from labelwidgets.schema.revival import revived
from labelwidgets.schema.validity import check_answers, missing_answers

OLD = Ontology(
    [
        ObjectClass(
            "car",
            hotkey="Shift+C",
            attributes=[
                Radio("occluded", ["no", "partly"], required=True),
                Text("by", shown_if={"occluded": ["partly"]}),
                Checkbox("damage", ["dent", "rust"]),
            ],
        ),
        "tree",
    ],
    [Dropdown("weather", ["dry", "rain"])],
)


def kinds(old: Ontology, new: Ontology) -> list[tuple[str, str]]:
    return [(one.kind, one.what) for one in compare(old, new).changes]


def test_growth_keeps_json_round_trips_and_makes_new_versions() -> None:
    new = retire_class(rename_class(OLD, "car", "vehicle"), "tree")
    new = retire_attribute(rename_option(new, "damage", "dent", "bump", "vehicle"), "weather")
    assert Ontology.from_json(new.to_json()) == new
    assert Ontology.from_dict(new.to_dict()) == new
    assert new.hash != OLD.hash
    assert [made.name for made in new.offered] == ["vehicle"]
    assert OLD.to_json().count("retired") == 0, "What was not changed is written as before."


def test_a_class_is_found_by_its_former_name() -> None:
    new = rename_class(OLD, "car", "vehicle")
    assert new["car"] is new["vehicle"]
    assert "car" in new
    back = rename_class(new, "vehicle", "car")
    assert back["vehicle"].name == "car"
    assert back["car"].formerly == ["vehicle"]


def test_a_former_name_is_given_to_nothing_else() -> None:
    new = rename_class(OLD, "car", "vehicle")
    with pytest.raises(OntologyError, match=r"was the name of 'vehicle'.*'car' cannot"):
        new.extend(["car"])
    with pytest.raises(OntologyError, match="was the name of 'b'"):
        ObjectClass("x", attributes=[Text("a"), Text("b", formerly=["a"])])


def test_what_depends_on_a_renamed_question_follows_it() -> None:
    new = rename_attribute(OLD, "occluded", "hidden", "car")
    new = rename_option(new, "hidden", "partly", "in part", "car")
    by = new["car"].attributes[1]
    assert by.shown_if == {"hidden": ["in part"]}


def test_differences_are_named() -> None:
    new = rename_class(OLD, "car", "vehicle")
    new = rename_attribute(new, "occluded", "hidden", "vehicle")
    new = rename_option(new, "damage", "dent", "bump", "vehicle")
    new = retire_class(new, "tree").extend(["boat"], [Text("note")])
    assert kinds(OLD, new) == [
        ("renamed", "class 'vehicle', formerly 'car'"),
        ("retired", "class 'tree'"),
        ("added", "class 'boat'"),
        ("added", "image attribute 'note'"),
        ("renamed", "attribute 'hidden' of 'vehicle', formerly 'occluded'"),
        ("changed", "attribute 'by' of 'vehicle'"),
        ("renamed", "option 'bump' of attribute 'damage' of 'vehicle', formerly 'dent'"),
    ]
    assert kinds(OLD, OLD) == []


def test_classes_may_swap_their_names_one_after_the_other() -> None:
    made = OLD
    for old, new in [("car", "x"), ("tree", "y")]:
        made = rename_class(made, old, new)
    swapped = Ontology(
        [
            msgspec.structs.replace(made["x"], name="tree", formerly=["x"]),
            msgspec.structs.replace(made["y"], name="car", formerly=["y"]),
        ],
        made.image_attributes,
    )
    after = inherit(made, swapped)
    assert compare(made, after).renames.classes == {"x": "tree", "y": "car"}
    assert (after["tree"].formerly, after["car"].formerly) == (["x"], ["y"])


def test_two_classes_do_not_become_one() -> None:
    new = Ontology([ObjectClass("car", formerly=["tree"])])
    with pytest.raises(OntologyError, match="class 'car': would become one with 'tree'"):
        compare(OLD, new)


@pytest.mark.parametrize(
    ("old", "new", "recast"),
    [
        (Radio("q", ["a"]), Dropdown("q", ["a"]), False),
        (Dropdown("q", ["a"]), Text("q"), False),
        (Text("q"), Radio("q", ["a"]), True),
        (Radio("q", ["a"]), Checkbox("q", ["a"]), True),
        (Checkbox("q", ["a"]), Radio("q", ["a"]), True),
    ],
)
def test_a_question_of_another_kind_is_recast_where_its_answers_would_not_fit(
    old: Radio, new: Radio, recast: bool
) -> None:
    found = compare(Ontology([], [old]), Ontology([], [new]))
    assert [one.kind for one in found.changes] == ["recast" if recast else "changed"]


def test_joints_may_be_renamed_but_not_added() -> None:
    def of(*joints: str) -> Ontology:
        return Ontology([ObjectClass("p", tool="keypoints", skeleton=Skeleton([*joints]))])

    assert kinds(of("a", "b"), of("a", "c")) == [("changed", "class 'p'")]
    assert kinds(of("a", "b"), of("a", "b", "c")) == [("recast", "class 'p'")]


def test_an_ontology_written_anew_inherits_what_it_cannot_know() -> None:
    grown = rename_class(OLD, "car", "vehicle")
    grown = rename_option(grown, "weather", "rain", "wet")
    anew = Ontology([ObjectClass("vehicle"), "tree"], [Dropdown("weather", ["wet"])])
    made = inherit(grown, anew)
    assert made["vehicle"].formerly == ["car"]
    (weather,) = made.image_attributes
    assert isinstance(weather, Dropdown)
    assert weather.former_options == {"rain": "wet"}
    assert weather.retired_options == ["dry"]


def test_labels_are_read_by_the_names_of_now() -> None:
    new = rename_option(
        rename_attribute(rename_class(OLD, "car", "vehicle"), "damage", "harm", "vehicle"),
        "harm",
        "dent",
        "bump",
        "vehicle",
    )
    renames = Renames.of(new)
    assert renames.class_name("car") == "vehicle"
    assert renames.class_name(None) is None
    read = renames.answers("vehicle", {"damage": ["dent", "rust"], "occluded": "no"})
    assert read == {"harm": ["bump", "rust"], "occluded": "no"}
    both = renames.answers("vehicle", {"damage": ["dent"], "harm": ["rust"]})
    assert both == {"harm": ["rust"]}, "The current name counts."


def test_retired_questions_are_not_required_and_old_answers_are_valid() -> None:
    new = retire_attribute(OLD, "occluded", "car")
    asked = new["car"].attributes
    assert missing_answers(OLD["car"].attributes, {}) == ["occluded"]
    assert missing_answers(asked, {}) == []
    check_answers(asked, {"occluded": "no"}, "car")
    old_option = Radio("q", ["a"], retired_options=["b"])
    check_answers([old_option], {"q": "b"}, "x")
    with pytest.raises(OntologyError, match="no option 'c'"):
        check_answers([old_option], {"q": "c"}, "x")


def test_a_retired_class_gives_its_hotkey_away() -> None:
    made = retire_class(OLD, "car").extend([ObjectClass("cart", hotkey="Shift+C")])
    assert made["cart"].hotkey == "Shift+C"
    with pytest.raises(OntologyError, match="already taken by"):
        retire_class(made, "car", retired=False)


def test_what_was_taken_out_comes_back_retired_for_a_label_that_has_it() -> None:
    now = Ontology(["tree"], [Dropdown("weather", ["dry"])])
    made = revived(now, [OLD], [("car", {"occluded": "no"}), (None, {"weather": "rain"})])
    assert made["car"].retired
    assert made["car"].hotkey is None
    (weather,) = made.image_attributes
    assert isinstance(weather, Dropdown)
    assert weather.retired_options == ["rain"]
    assert revived(now, [OLD], [("boat", {}), (None, {"mood": "x"})]) == now


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: ObjectClass("a", formerly="b"), "class 'a', formerly: must be a list"),
        (lambda: ObjectClass("a", formerly=["b\x00"]), "control characters"),
        (lambda: ObjectClass("a", description="x" * 3000), "class 'a', description: is 3000"),
        (lambda: Radio("q", ["a"], former_options={"b": "c"}), "'c' is no option"),
        (lambda: rename_class(OLD, "boat", "ship"), "'boat' is not a class"),
        (lambda: rename_class(OLD, "car", "tree"), "is there twice"),
        (lambda: rename_attribute(OLD, "x", "y", "car"), "class 'car': 'x' is not an attribute"),
        (lambda: rename_option(OLD, "by", "x", "y", "car"), "attribute 'by': has no option 'x'"),
    ],
)
def test_contradictions_of_growth_are_refused_by_name(make: object, match: str) -> None:
    with pytest.raises(OntologyError, match=match):
        make()  # type: ignore[operator]
