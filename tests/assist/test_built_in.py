"""The tools of the kernel that are built in, through the door of everybody's functions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle, trace
from labelwidgets.assist import Click, Prompt, Scribble, find, registry
from labelwidgets.errors import ToolError


def scene(dtype: Any = np.uint8, channels: int = 3) -> Any:
    """Return a picture with a light square on a dark ground."""
    top = 1.0 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    image = np.full((60, 80, channels) if channels else (60, 80), 0.2 * top).astype(dtype)
    image[20:40, 30:60] = 0.8 * top
    return image


def clicked(*places: tuple[float, float], drop: tuple[tuple[float, float], ...] = ()) -> Prompt:
    return Prompt(clicks=[Click(*at) for at in places] + [Click(*at, False) for at in drop])


def mask_of(proposal: Any) -> Any:
    (shape,) = proposal.shapes
    rle = shape.geometry.rle
    return decode_rle({"size": rle.size, "counts": rle.counts})


def test_each_is_called_what_its_key_is_for(repository: Path) -> None:
    keys = (repository / "labelwidgets" / "schema" / "keys.json").read_text(encoding="utf-8")
    for name in ("wand", "grow", "scribble", "livewire"):
        assert name in registry.BUILT_IN
        assert find(name).name == name
        assert f'"tool.{name}"' in keys
        assert find(name).hint.endswith(".")


def test_the_browser_asks_the_live_wire_for_what_it_knows(repository: Path) -> None:
    path = repository / "js" / "src" / "tools" / "livewire.ts"
    names = re.findall(r'type: "number", name: "(\w+)"', path.read_text(encoding="utf-8"))
    assert set(names) <= set(find("livewire").parameters)
    assert "window" in names


@pytest.mark.parametrize("name", ["wand", "grow"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_a_click_selects_the_square(name: str, dtype: Any, channels: int) -> None:
    image = scene(dtype, channels)
    parameters = {"low": 0.0, "high": 0.0} if name == "grow" else {}
    found = mask_of(find(name).propose(image, clicked((45, 30)), parameters))
    light = image if channels == 0 else image[..., 0]
    np.testing.assert_array_equal(found, light == light[30, 45])


@pytest.mark.parametrize("name", ["wand", "grow"])
def test_more_clicks_add_and_alt_clicks_take_away(name: str) -> None:
    image = scene()
    everything = find(name).propose(image, clicked((45, 30), (2, 2)))
    assert mask_of(everything).all()
    dropped = find(name).propose(image, clicked((45, 30), (2, 2), drop=((31, 21),)))
    np.testing.assert_array_equal(mask_of(dropped), image[..., 0] < 100)
    assert find(name).propose(image, clicked(drop=((31, 21),))).shapes == []
    assert find(name).propose(image, Prompt()).note == "Nothing found."


def test_radius_and_connection_are_what_the_controls_say() -> None:
    image = scene()
    near = mask_of(find("wand").propose(image, clicked((45, 30)), {"radius": 3.0}))
    rows, columns = np.ogrid[:60, :80]
    np.testing.assert_array_equal(near, (rows - 30) ** 2 + (columns - 45) ** 2 <= 9)
    image[0, 0] = image[30, 45]
    apart = {"connected": False}
    assert mask_of(find("wand").propose(image, clicked((45, 30)), apart))[0, 0]
    assert not mask_of(find("wand").propose(image, clicked((45, 30))))[0, 0]
    assert mask_of(find("grow").propose(image, clicked((45, 30)), apart))[0, 0]


def test_growth_is_in_the_unit_of_the_picture() -> None:
    image = np.random.default_rng(0).integers(380, 520, (64, 80)).astype(np.int16)
    image[30, 41] = 450
    rows, columns = np.ogrid[:64, :80]
    near = (rows - 30) ** 2 + (columns - 41) ** 2 <= 100
    wanted = near & (image >= 420) & (image <= 480)
    parameters = {"low": -30.0, "high": 30.0, "radius": 10.0, "connected": False}
    found = mask_of(find("grow").propose(image, clicked((41.5, 30.5)), parameters))
    np.testing.assert_array_equal(found, wanted)


def test_growth_sees_the_picture_it_is_given() -> None:
    for side in (30, 50, 30):
        image = np.zeros((side, side, 3), np.uint8)
        image[: side // 2] = side
        find("grow").prepare(image)
        found = mask_of(find("grow").propose(image, clicked((1, 1)), {"low": 0.0, "high": 0.0}))
        assert found.sum() == side * (side // 2)


def test_the_tolerance_is_in_levels_at_every_depth() -> None:
    ramp = np.tile(np.arange(256), (4, 1))
    eight = mask_of(find("wand").propose(ramp.astype(np.uint8), clicked((100, 2))))
    sixteen = mask_of(find("wand").propose((ramp * 257).astype(np.uint16), clicked((100, 2))))
    np.testing.assert_array_equal(eight, sixteen)
    assert eight[0].sum() == 2 * 24 + 1


@pytest.mark.parametrize("method", ["watershed", "random_walker"])
def test_scribbles_select_the_square(method: str) -> None:
    prompt = Prompt(
        scribbles=[
            Scribble([(38, 30), (52, 30)]),
            Scribble([(10, 8), (72, 8), (72, 52), (10, 52), (10, 8)], False),
        ]
    )
    found = mask_of(find("scribble").propose(scene(), prompt, {"method": method}))
    assert found[22:38, 32:58].all()
    assert abs(int(found.sum()) - 600) < 120
    alone = Prompt(scribbles=[Scribble([(38, 30)], False)])
    assert find("scribble").propose(scene(), alone).shapes == []


def test_the_live_wire_goes_along_the_square() -> None:
    made = find("livewire").propose(scene(), clicked((2, 2), (30, 20)), {"window": 64})
    assert made.shapes == []
    wire = trace(made.arrays["directions"], tuple(made.arrays["origin"].tolist()), (59.5, 20.5))
    assert wire[0].tolist() == [30.5, 20.5]
    assert abs(wire[:, 1] - 20).max() <= 1.5
    assert find("livewire").propose(scene(), Prompt()).note is not None


@pytest.mark.parametrize("name", ["wand", "grow", "scribble", "livewire"])
@pytest.mark.parametrize("image", [np.zeros((1, 1), np.uint8), np.full((5, 9), np.nan, np.float32)])
def test_odd_pictures_are_survived(name: str, image: Any) -> None:
    prompt = Prompt(clicks=[Click(-50, 1e6)], scribbles=[Scribble([(0, 0), (4, 3)])])
    find(name).prepare(image)
    assert find(name).propose(image, prompt).tool == name


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("wand", {"tolerance": -1.0}),
        ("wand", {"metric": "hue"}),
        ("grow", {"low": 5.0}),
        ("grow", {"radius": float("nan")}),
        ("scribble", {"method": "magic"}),
        ("livewire", {"window": 10**6}),
    ],
)
def test_impossible_parameters_are_refused_by_name(name: str, parameters: Any) -> None:
    with pytest.raises(ToolError, match=next(iter(parameters))):
        find(name).propose(scene(), clicked((5, 5)), parameters)


def test_the_names_of_the_browsers_tools_are_known(repository: Path) -> None:
    index = (repository / "js" / "src" / "tools" / "index.ts").read_text(encoding="utf-8")
    listed = re.search(r"TOOLS: readonly AnyTool\[\] = \[(.*?)\]", index, re.S)
    assert listed is not None
    assert frozenset(re.findall(r"\w+", listed[1])) == registry.OF_THE_BROWSER


def test_nobody_takes_their_names() -> None:
    with pytest.raises(ToolError, match="built in"):

        @lw.tool
        def wand(image: Any) -> Any:
            return None


def test_growth_in_millimetres_goes_by_the_spacing_of_rows_and_columns() -> None:
    image = np.random.default_rng(0).integers(420, 481, (40, 50)).astype(np.int16)
    image[20, 25] = 450
    tool, prompt = find("grow"), clicked((25.5, 20.5))
    given = {"radius": 4.0, "unit": "mm"}
    found = mask_of(tool.propose(image, prompt, given, spacing=(2.0, 0.5)))
    rows, columns = np.mgrid[:40, :50]
    near = ((rows - 20) * 2.0) ** 2 + ((columns - 25) * 0.5) ** 2 <= 16
    np.testing.assert_array_equal(found, near)
    with pytest.raises(ToolError, match="how large a pixel is"):
        tool.propose(image, prompt, given)


@pytest.mark.parametrize("connected", [True, False])
def test_450_grown_by_30_within_10_pixels_selects_420_to_480(connected: bool) -> None:
    image = np.random.default_rng(4).integers(380, 520, (48, 64)).astype(np.int16)
    image[24, 30] = 450
    rows, columns = np.mgrid[:48, :64]
    near = (rows - 24) ** 2 + (columns - 30) ** 2 <= 100
    literal = near & (image >= 420) & (image <= 480)
    given = {"radius": 10.0, "connected": connected}
    found = mask_of(find("grow").propose(image, clicked((30.5, 24.5)), given))
    if connected:
        labels, _ = ndimage.label(literal)
        literal = labels == labels[24, 30]
    np.testing.assert_array_equal(found, literal)
    proposal = find("grow").propose(image, clicked((30.5, 24.5)))
    # The default, as the options name it.
    assert proposal.parameters["connected"] is True
