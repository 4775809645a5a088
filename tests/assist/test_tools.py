"""A function as a tool: its signature, its controls, and what it may return."""

import enum
import typing
from typing import Annotated, Literal

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.assist import Prompt, registry
from labelwidgets.assist.results import MOST_SHAPES
from labelwidgets.errors import ToolError

IMAGE = np.arange(48, dtype=np.uint8).reshape(6, 8)


class Way(enum.Enum):
    UP = "up"
    DOWN = "down"


def made(function, **options):
    return lw.Tool(function, **options)


def dark(
    image: np.ndarray,
    clicks: list[lw.Click],
    level: int = 20,
    share: float = 0.5,
    spread: Annotated[float, lw.Slider(0, 9, unit="px", keys="size")] = 3,
    smooth: bool = True,
    way: Way = Way.UP,
    kind: Literal["one", "two"] = "two",
    note: str = "x",
) -> np.ndarray:
    """Select what is dark.

    And more.
    """
    return image < level


@pytest.fixture(autouse=True)
def _clean():
    before = dict(registry._made)
    yield
    registry._made.clear()
    registry._made.update(before)


def test_the_signature_makes_the_controls():
    spec = made(dark).spec()
    assert spec["name"] == "dark"
    assert spec["label"] == "Dark"
    assert spec["hint"] == "Select what is dark."
    assert spec["prompts"] == ["clicks"]
    by_name = {option["name"]: option for option in spec["options"]}
    assert by_name["level"] == {
        **{"type": "number", "name": "level", "label": "Level", "value": 20},
        **{"min": 0, "max": 255, "step": 1, "whole": True},
    }
    assert (by_name["share"]["min"], by_name["share"]["max"]) == (0, 1)
    assert by_name["spread"]["unit"] == "px"
    assert by_name["spread"]["keys"] == "size"
    assert by_name["smooth"]["type"] == "toggle"
    assert [one["value"] for one in by_name["way"]["choices"]] == ["up", "down"]
    assert by_name["kind"]["value"] == "two"
    assert by_name["note"]["type"] == "text"
    assert by_name["coarseness"]["only"] == ["polygon"]


def test_the_function_stays_a_function():
    threshold = lw.tool(dark)
    assert (threshold(IMAGE, [], level=3) == (IMAGE < 3)).all()
    assert registry.find("dark") is threshold


def test_a_cell_run_again_replaces_its_tool_and_tells_who_shows_it():
    told = []
    end = registry.observe(lambda: told.append(len(registry.tools())))
    first = lw.tool(dark)
    again = lw.tool(name="dark", label="Dark things")(dark)
    assert registry.find("dark") is again is not first
    assert told[0] == told[1]
    lw.assist.unregister("dark")
    end()
    lw.tool(dark)
    assert len(told) == 3


def test_the_version_is_that_of_the_source():
    def one(image):
        return None

    def two(image):
        return image > 1

    assert made(one).version == made(one, name="other").version != made(two).version
    assert made(one, version="7").version == "7"


def test_masks_become_what_the_class_wants():
    def part(image):
        mask = np.zeros(image.shape, bool)
        mask[1:4, 2:7] = True
        return mask

    propose = made(part).propose
    (mask,) = propose(IMAGE).shapes
    assert (lw.algorithms.decode_rle({"size": [6, 8], "counts": mask.geometry.rle.counts})).sum()
    assert propose(IMAGE, geometry="rectangle").shapes[0].geometry == lw.Rectangle(2, 1, 5, 3)
    polygon = propose(IMAGE, parameters={"coarseness": 0}, geometry="polygon").shapes[0].geometry
    assert polygon.area == 15
    assert polygon.bounds == (2, 1, 5, 3)
    with pytest.raises(ToolError, match="cannot become a cuboid"):
        propose(IMAGE, geometry="cuboid")


def test_what_was_done_is_told_whole():
    proposal = made(dark).propose(IMAGE, parameters={"level": 9})
    assert proposal.tool == "dark"
    assert proposal.parameters["level"] == 9
    assert proposal.parameters["way"] == "up"
    assert proposal.parameters["coarseness"] == 1.0


def test_shapes_lists_and_nothing_are_fine():
    def several(image):
        return [lw.Rectangle(0, 0, 2, 2), image > 40, np.zeros(image.shape, bool)]

    assert len(made(several).propose(IMAGE).shapes) == 2
    empty = made(lambda image: None, name="nothing").propose(IMAGE)
    assert empty.shapes == []
    assert empty.note == "Nothing found."


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (np.full((6, 8), np.nan), "NaN"),
        (np.linspace(0, 1, 48).reshape(6, 8), "not a mask of 0 and 1"),
        (np.arange(48).reshape(6, 8), "values from 0 to 47"),
        (np.zeros((8, 6), bool), r"shape \(8, 6\)"),
        (np.zeros((6, 8, 3), bool), r"shape \(6, 8, 3\)"),
        (np.broadcast_to(np.True_, (100_000, 100_000)), r"shape \(100000, 100000\)"),
        (np.array([["a"] * 8] * 6), "array of <U1"),
        (np.zeros((6, 8), complex), "complex128"),
        ("a mask", "returned str"),
        (lw.Mask(lw.RLE([3, 3], "9")), r"shape \(3, 3\)"),
        ([lw.Rectangle(0, 0, 1, 1), 3], r"result\[1\].*returned int"),
        ([None] * (MOST_SHAPES + 1), "at most"),
        (range(10**15), "at most"),
        (lw.Tag(), "returned Tag"),
        (
            lw.assist.Proposal([lw.assist.Proposed(lw.Mask(lw.RLE([3, 3], "9")))]),
            r"shapes\[0\].*shape \(3, 3\)",
        ),
        (True, "returned bool"),
    ],
)
def test_anything_else_is_refused_by_name(result, why):
    tool = made(lambda image: result, name="odd")
    with pytest.raises(ToolError, match=why) as caught:
        tool.propose(IMAGE)
    assert "tool 'odd'" in str(caught.value)


@pytest.mark.parametrize("error", [ValueError("no\n luck"), KeyError("x"), RecursionError()])
def test_a_function_that_raises_says_what(error):
    def broken(image):
        raise error

    with pytest.raises(ToolError, match=f"raised {type(error).__name__}") as caught:
        made(broken).propose(IMAGE)
    assert caught.value.__cause__ is error


def test_masks_of_0_and_1_or_255_are_masks():
    for high in (1, 255, 1.0):
        tool = made(lambda image, high=1: (image > 40) * high, name="ones")
        (found,) = tool.propose(IMAGE, parameters={"high": int(high)}).shapes
        assert found.geometry.area == 7


def test_the_image_cannot_be_written_to():
    def vandal(image):
        image[:] = 0
        return image > 0

    with pytest.raises(ToolError, match="raised ValueError"):
        made(vandal).propose(IMAGE)
    assert IMAGE.max() == 47


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"level": 300}, "from 0 to 255, not 300"),
        ({"level": 2.5}, "whole number"),
        ({"level": True}, "must be a number"),
        ({"level": float("nan")}, "not nan"),
        ({"smooth": 1}, "True or False"),
        ({"kind": "three"}, "one of"),
        ({"note": 3}, "must be a text"),
        ({"nothing": 3}, "not a parameter"),
    ],
)
def test_impossible_parameters_are_refused(parameters, why):
    with pytest.raises(ToolError, match=why):
        made(dark).propose(IMAGE, parameters=parameters)


@pytest.mark.parametrize(
    ("function", "options", "why"),
    [
        (3, {}, "must be a function"),
        (lambda image: None, {}, "needs a name"),
        (dark, {"name": "<b>"}, "needs a name"),
        (dark, {"name": "x" * 41}, "needs a name"),
        (dark, {"makes": ["circle"]}, "no geometry"),
        (lambda image, level: None, {"name": "a"}, "level.*needs a default"),
        (lambda image, level=None: None, {"name": "a"}, "no control fits"),
        (lambda image, level=float("inf"): None, {"name": "a"}, "no control fits"),
        (lambda image, /: None, {"name": "a"}, "by position only"),
    ],
)
def test_functions_that_cannot_be_tools_are_refused(function, options, why):
    with pytest.raises(ToolError, match=why):
        made(function, **options)


def test_built_in_names_are_taken():
    with pytest.raises(ToolError, match="built in"):
        lw.tool(name="polygon")(dark)


def test_a_prompt_is_a_place_on_the_image():
    click = lw.Click(8, 6)
    assert click.pixel((6, 8)) == (5, 7)
    assert lw.Click(-3, 2.9).pixel((6, 8)) == (2, 0)
    assert lw.Box(1.5, 0.5, 3, 90).slices((6, 8)) == (slice(0, 6), slice(1, 5))
    with pytest.raises(ToolError, match="no place"):
        Prompt(clicks=[lw.Click(float("nan"), 1)])
    with pytest.raises(ToolError, match="wider"):
        Prompt(box=lw.Box(1, 1, 0, 3))


def test_specks_without_number_are_masks_and_no_polygon():
    image = np.zeros((300, 300), np.uint8)
    image[1::2, 1::2] = 255
    tool = made(lambda image: image == 0, name="noise")
    with pytest.raises(ToolError, match=r"22202 pieces and holes.*class of masks"):
        tool.propose(image, geometry="polygon")
    assert tool.propose(image).shapes[0].geometry.type == "mask"
    (few,) = tool.propose(image[:40, :40], geometry="polygon").shapes
    assert len(few.geometry.parts[0]) > 300


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"label": "x" * 10_000}, "label: is 10000 characters"),
        ({"label": "half \ud800"}, "label: must not hold control characters"),
        ({"label": 5}, "label: must not be empty"),
        ({"hint": "half \ud800"}, "hint: must not hold"),
        ({"hint": "x" * 10_000}, "hint: is 10000 characters"),
        ({"version": "\ud800"}, "version: must not hold"),
    ],
)
def test_texts_that_no_page_can_show_are_refused_by_name(options, why):
    with pytest.raises(ToolError, match=f"tool 'odd', {why}"):
        made(lambda image: None, name="odd", **options)


def test_texts_of_controls_that_no_page_can_show_are_refused_by_name():
    def choice(image, a: Literal["\ud800", "b"] = "b"):
        return None

    def unit(image, a: Annotated[int, lw.Slider(0, 5, unit="x" * 300)] = 1):
        return None

    def text(image, a: str = "\ud800"):
        return None

    for function, why in ((choice, "choice"), (unit, "unit"), (text, "default")):
        function.__annotations__ = typing.get_type_hints(function, include_extras=True)
        with pytest.raises(ToolError, match=f"parameter 'a', {why}: "):
            made(function)


def test_texts_of_any_script_are_texts():
    name = "<img src=x onerror=alert(1)> \u202eabc 👩"
    tool = made(lambda image: None, name="odd", label=name, hint=name)
    assert (tool.spec()["label"], tool.spec()["hint"]) == (name, name)
