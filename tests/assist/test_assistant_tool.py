"""An assistant among the tools: what the page is told of it, and what it is told of the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.assist import registry
from labelwidgets.assist.assistant_tool import tool_name
from labelwidgets.errors import AssistantError, ToolError

PIXELS = np.zeros((20, 30, 3), np.uint8)


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    registry._made.clear()


def test_it_is_among_the_tools_under_a_name_that_is_one() -> None:
    made = lw.assist.register(
        lw.assistant(lambda pixels: None, name="YOLO v8-nano"), confidence=0.3
    )
    assert made.name == "yolo_v8_nano"
    assert lw.assist.find("yolo_v8_nano") is made
    spec = made.spec()
    assert (spec["model"], spec["label"], spec["prompts"]) == (True, "YOLO v8-nano", [])
    (slider,) = spec["options"]
    assert (slider["name"], slider["value"], slider["keys"]) == ("confidence", 0.3, "fineness")
    assert tool_name("8 bit") == "model_8_bit"


def test_a_key_takes_it_and_no_two_tools_have_the_same() -> None:
    made = lw.assist.register(lw.assistant(lambda pixels: None, name="net"), hotkey="shift+a")
    assert made.spec()["key"] == "Shift+A"
    assert made.told(lw.Context).spec()["key"] == "Shift+A"
    lw.assist.register(lw.assistant(lambda pixels: 1, name="net"), hotkey="Shift+A")
    with pytest.raises(ToolError, match="already taken by the tool 'net'"):
        lw.assist.register(lw.assistant(lambda pixels: None, name="other"), hotkey="Shift+A")
    assert "key" not in lw.assist.register(lw.assistant(lambda pixels: None, name="other")).spec()


@pytest.mark.parametrize("hotkey", ["G", "Shift", "3", "Shift+"])
def test_a_key_that_is_none_or_the_widgets_own_is_refused(hotkey: str) -> None:
    with pytest.raises(ToolError, match="hotkey") as caught:
        lw.assist.register(lw.assistant(lambda pixels: None, name="net"), hotkey=hotkey)
    assert "net" in str(caught.value)


def test_its_hint_says_what_it_is_shown() -> None:
    def clicked(pixels: Any, clicks: Any) -> None:
        return None

    def shown(pixels: Any, box: Any, clicks: Any) -> None:
        return None

    def boxed(pixels: Any, box: Any) -> None:
        return None

    hints = [lw.assist.register(lw.assistant(one)).hint for one in (clicked, shown, boxed)]
    assert hints == [
        "Click on what is meant. With Alt: what is not meant.",
        "Click on what is meant; or drag a box around it. With Alt: what is not meant.",
        "Drag a box around it.",
    ]


def test_it_is_told_the_class_and_the_spacing_and_not_the_slider() -> None:
    seen: list[lw.Context] = []

    def net(pixels: Any, clicks: Any, context: lw.Context) -> Any:
        seen.append(context)
        return [
            (lw.Rectangle(1, 2, 3, 4), "car", 0.1),
            {"attributes": {"weather": "rain", "light": "day"}, "score": 0.5},
        ]

    tool = lw.assist.register(lw.assistant(net))
    told = tool.told(lambda: lw.Context(title="a", class_name="car"))
    prompt = lw.assist.Prompt(clicks=[lw.Click(1, 2)])
    made = told.propose(PIXELS, prompt, {"confidence": 0.9}, "mask", spacing=(1.0, 2.0))
    assert (seen[0].title, seen[0].class_name, seen[0].spacing) == ("a", "car", (1.0, 2.0))
    car, *said = made.shapes
    assert car.confidence == 0.1, "the page hides it, not the kernel"
    assert [(one.attributes, one.confidence) for one in said] == [
        ({"weather": "rain"}, 0.5),
        ({"light": "day"}, 0.5),
    ], "each question is decided on by itself"
    assert made.note is None
    assert made.parameters == {}
    assert (made.tool, made.version) == ("net", lw.assistant(net).version)


def test_one_of_scans_makes_masks_through_them() -> None:
    tool = lw.assist.register(lw.assistant(lambda volume, clicks: None, name="organ"))
    assert tool.takes_volume
    assert tool.spec()["volume"] is True
    assert tool.makes == ("volumemask",)
    assert tool.propose(lw.Scan.of(np.zeros((2, 3, 4)))).shapes == []
    with pytest.raises(AssistantError, match="looks at scans"):
        tool.propose(PIXELS[..., 0])


def test_what_is_no_tool_is_refused() -> None:
    with pytest.raises(ToolError, match="must be a tool or an assistant"):
        lw.assist.register(len)  # type: ignore[arg-type]
    with pytest.raises(ToolError, match="built in"):
        lw.assist.register(lw.assistant(lambda pixels: None, name="wand"))
    with pytest.raises(AssistantError, match="from 0 to 1"):
        lw.assist.register(lw.assistant(lambda pixels: None, name="net"), confidence=3)
