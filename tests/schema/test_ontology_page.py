"""The ontology in a notebook: what can be chosen is seen, and nothing of it runs."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from labelwidgets.schema.ontology import (
    Checkbox,
    Dropdown,
    ObjectClass,
    Ontology,
    Radio,
    Skeleton,
    Text,
    WindowPreset,
)

EVIL = "<img src=x onerror=alert(1)>"


def page(ontology: Ontology) -> ElementTree.Element:
    made = ontology._repr_html_().replace("<br>", "<br/>").replace("&nbsp;", " ")
    return ElementTree.fromstring(made)  # noqa: S314


def rows(ontology: Ontology) -> list[list[str]]:
    found = page(ontology).findall("table/tbody/tr")
    return [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in found]


def test_each_class_has_its_colour_tool_key_and_questions() -> None:
    lit = Radio("lit", ["yes", "no"], required=True)
    why = Text("why", shown_if={"lit": ["no"]})
    hand = Skeleton(["wrist", "thumb"], [(0, 1)])
    ontology = Ontology(
        [
            ObjectClass("lamp", "#ff0000", hotkey="Shift+C", attributes=[lit, why]),
            ObjectClass("old", retired=True),
            ObjectClass("hand", tool="keypoints", skeleton=hand, description="of a person"),
            ObjectClass("sky", tool="mask", instances=False),
        ],
        [Checkbox("seen", ["day", "night"])],
        [WindowPreset("Bone", 300, 1500)],
    )
    assert rows(ontology) == [
        [
            "lamp",
            "rectangle",
            "Shift+C 1",
            "lit (radio, required) yes, nowhy (text, if lit is no)",
        ],
        ["old retired", "rectangle", "", ""],
        ["handof a person", "keypointswrist, thumb", "2", ""],
        ["sky", "mask, one for all", "3", ""],
    ]
    swatches = [one for one in page(ontology).iter("span") if one.get("title")]
    assert [one.get("title") for one in swatches] == [one.color for one in ontology.classes]
    assert "background: #ff0000" in str(swatches[0].get("style"))
    told = "".join(page(ontology).itertext())
    assert f"4 classes, 1 question about the picture, version {ontology.hash}" in told
    assert "About the pictureseen (checkbox) day, night" in told
    assert "Windows Bone (300 / 1500)" in told


def test_whatever_people_wrote_is_text() -> None:
    ontology = Ontology(
        [
            ObjectClass(
                EVIL,
                description=EVIL,
                tool="keypoints",
                skeleton=Skeleton([EVIL]),
                attributes=[Dropdown(EVIL, [EVIL]), Text("x", shown_if={EVIL: [EVIL]})],
            )
        ],
        [Text(EVIL)],
        [WindowPreset(EVIL, 1, 2)],
    )
    made = page(ontology)
    assert {one.tag for one in made.iter()}.isdisjoint({"img", "script", "a"})
    assert "".join(made.itertext()).count(EVIL) == 9


def test_a_thousand_classes_and_none_are_a_page() -> None:
    many = Ontology([f"class {number}" for number in range(1000)])
    assert len(rows(many)) == 100
    assert "and 900 more" in "".join(page(many).itertext())
    assert "0 classes" in "".join(page(Ontology()).itertext())
    long = Ontology([ObjectClass("a", attributes=[Radio("b", [f"o{n}" for n in range(40)])])])
    assert "o11, and 28 more" in rows(long)[0][3]
