from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import labelwidgets as lw
from labelwidgets.algorithms.masks import decode_rle
from labelwidgets.assist import registry
from labelwidgets.assist.cropping import SIDE, part_around, propose_nearby
from labelwidgets.assist.prompts import Box, Click, Prompt, Scribble
from labelwidgets.assist.registry import find
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.media.tiles.levels import Box as Part
from labelwidgets.schema.geometry import (
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)

SIZE = (40_000, 30_000)


class Blobs:
    """A picture far larger than memory: squares of 40 pixels every 1000, on black."""

    width, height = SIZE
    levels = ()
    values = None

    def __init__(self) -> None:
        self.read: list[Part] = []

    def tile(self, level: int, column: int, row: int) -> Any:
        raise AssertionError("Tools read regions.")

    def region(self, box: Part, level: int = 0) -> npt.NDArray[np.uint8]:
        self.read.append(box)
        xs = (box.x + np.arange(box.width)) % 1000 < 40
        ys = (box.y + np.arange(box.height)) % 1000 < 40
        return np.where(ys[:, None] & xs, 200, 0).astype(np.uint8)[..., None].repeat(3, axis=2)


def test_the_wand_selects_in_full_resolution_what_is_around_the_click() -> None:
    picture = Blobs()
    prompt = Prompt(clicks=[Click(25_020.5, 17_010.5)])
    proposal = propose_nearby(find("wand"), picture, prompt, {}, "mask")
    (shape,) = proposal.shapes
    assert isinstance(shape.geometry, Mask)
    assert shape.geometry.rle.size == (SIZE[1], SIZE[0])
    assert shape.geometry.bounds == (25_000, 17_000, 40, 40)
    assert proposal.note is None
    (part,) = picture.read
    assert (part.width, part.height) == (SIDE, SIDE)


@pytest.mark.parametrize("geometry", ["polygon", "rectangle"])
def test_outlines_and_boxes_lie_where_the_click_was(geometry: str) -> None:
    prompt = Prompt(clicks=[Click(39_020.0, 29_001.0)])
    proposal = propose_nearby(find("wand"), Blobs(), prompt, {}, geometry)
    assert proposal.shapes[0].geometry.bounds == (39_000, 29_000, 40, 40)


def test_the_live_wire_begins_where_the_window_lies_in_the_whole_picture() -> None:
    prompt = Prompt(clicks=[Click(20_000.5, 10_000.5)])
    proposal = propose_nearby(find("livewire"), Blobs(), prompt, {"window": 64}, "polygon")
    assert proposal.arrays["origin"].tolist() == [20_000 - 32, 10_000 - 32]


def test_what_ends_at_the_edge_of_what_was_looked_at_is_told_so() -> None:
    prompt = Prompt(clicks=[Click(20_500.5, 10_500.5)])
    proposal = propose_nearby(find("wand"), Blobs(), prompt, {}, "mask")
    assert proposal.note is not None
    assert "2048 x 2048" in proposal.note
    mask = proposal.shapes[0].geometry
    assert isinstance(mask, Mask)
    whole = decode_rle({"size": mask.rle.size, "counts": mask.rle.counts})
    assert whole[10_500, 20_500]
    assert not whole[10_020, 20_020]
    assert not whole[:9_000].any()


def test_shapes_of_every_kind_are_moved_back() -> None:
    shapes = [
        Rectangle(1, 2, 3, 4, angle=30),
        Ellipse(5, 6, 2, 3),
        Point(7, 8),
        Polyline([(1, 2), (3, 4)]),
        Keypoints([(1, 2, 2), (3, 4, 1)]),
        Polygon([[[(0, 0), (9, 0), (9, 9)]], [[(20, 20), (30, 20), (30, 30)]]]),
    ]
    tool = Tool(lambda clicks: shapes, name="shapes", makes=("rectangle",))
    prompt = Prompt(clicks=[Click(20_000, 10_000)])
    found = [one.geometry for one in propose_nearby(tool, Blobs(), prompt, {}, "mask").shapes]
    x, y = 20_000 - SIDE // 2, 10_000 - SIDE // 2
    for before, after in zip(shapes, found, strict=True):
        assert type(before) is type(after)
        assert before.bounds is not None
        moved = np.add(before.bounds, (x, y, 0, 0))
        np.testing.assert_allclose(after.bounds, moved)  # type: ignore[arg-type]


def test_what_is_shown_decides_on_the_part() -> None:
    scribble = Scribble([(100.0, 100.0), (2500.0, 400.0)])
    part = part_around("grow", Prompt(scribbles=[scribble]), SIZE)
    assert part == Part(0, 0, 4096, 2048)
    box = Box(39_900, 29_900, 500, 500)
    assert part_around("grow", Prompt(box=box), SIZE) == Part(
        40_000 - SIDE, 30_000 - SIDE, SIDE, SIDE
    )
    assert part_around("grow", Prompt(clicks=[Click(5, 5)]), (900, 60_000)) == Part(0, 0, 900, SIDE)


def test_a_tool_that_is_shown_nothing_says_why_it_cannot_be_used() -> None:
    with pytest.raises(ToolError, match="40000 x 30000 pixels is too large"):
        propose_nearby(find("superpixel"), Blobs(), Prompt(), {}, "mask")


def test_a_prompt_across_the_picture_is_refused_in_words() -> None:
    prompt = Prompt(box=Box(0, 0, 20_000, 100))
    with pytest.raises(ToolError, match="was shown 20000 pixels of a large picture"):
        propose_nearby(find("grow"), Blobs(), prompt, {}, "mask")


def test_a_model_is_told_where_in_the_picture_its_pixels_lie() -> None:
    corners: list[tuple[int, int]] = []

    def net(pixels: Any, clicks: Any, context: lw.Context) -> Any:
        corners.append(context.corner)
        return lw.Rectangle(1, 2, 3, 4)

    try:
        tool = lw.assist.register(lw.assistant(net, classes=["car"]))
        prompt = Prompt(clicks=[Click(25_020.5, 17_010.5)])
        proposal = propose_nearby(tool, Blobs(), prompt, {}, "mask")
    finally:
        registry._made.clear()
    ((x, y),) = corners
    assert (x, y) != (0, 0)
    assert proposal.shapes[0].geometry.bounds == (x + 1, y + 2, 3, 4)
