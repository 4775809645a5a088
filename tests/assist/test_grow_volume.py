"""Growth through a scan, and from seeds: the tools, without a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle
from labelwidgets.assist import Prompt, Proposal, find
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ImageError, ToolError
from labelwidgets.media.scan import Scan
from labelwidgets.schema.geometry import VolumeMask

SHAPE = (24, 40, 50)
SPACING = (2.0, 0.5, 0.5)
MIDDLE = (11, 20, 18)


def voxels(proposal: Proposal, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    made = np.zeros(shape, bool)
    for shape_ in proposal.shapes:
        assert isinstance(shape_.geometry, VolumeMask)
        for k, code in shape_.geometry.slices.items():
            made[k] |= decode_rle(code.to_coco())
    return made


def ball(radius: float = 6.0, at: tuple[int, int, int] = MIDDLE) -> NDArray[np.bool_]:
    """A ball of so many millimetres."""
    grid = np.ogrid[tuple(slice(n) for n in SHAPE)]
    return sum(((g - m) * s) ** 2 for g, m, s in zip(grid, at, SPACING, strict=True)) <= radius**2


def values(noise: int = 20) -> NDArray[np.int16]:
    made = np.full(SHAPE, -800)
    made[ball()] = 450
    made = made + np.random.default_rng(0).integers(-noise, noise + 1, SHAPE)
    made[MIDDLE] = 450
    return made.astype(np.int16)


def click(at: tuple[int, int, int] = MIDDLE, positive: bool = True) -> lw.Click:
    return lw.Click(at[2] + 0.5, at[1] + 0.5, positive, at[0])


class Slices:
    """A volume that says which slices of it were read."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array, self.read = array, set[int]()
        scan = Scan.of(array, SPACING)
        self.grid, self.facts = scan.grid, scan.facts

    def box(self, start: Any, stop: Any) -> NDArray[Any]:
        self.read |= set(range(start[0], stop[0]))
        return self.array[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]


def grow(scan: Scan, clicks: list[lw.Click], scribbles: Any = (), **parameters: Any) -> Proposal:
    prompt = Prompt(clicks=clicks, scribbles=list(scribbles))
    return find("grow_volume").propose(scan, prompt, parameters)


@pytest.mark.parametrize("connected", [True, False])
def test_450_grown_by_30_selects_420_to_480_within_the_radius(connected: bool) -> None:
    array = np.random.default_rng(1).integers(380, 520, SHAPE).astype(np.int16)
    array[MIDDLE] = 450
    proposal = grow(Scan.of(array, SPACING), [click()], radius=10.0, connected=connected)
    grid = np.ogrid[tuple(slice(n) for n in SHAPE)]
    near = sum((g - m) ** 2 for g, m in zip(grid, MIDDLE, strict=True)) <= 100
    literal = near & (array >= 420) & (array <= 480)
    found = voxels(proposal, SHAPE)
    if connected:
        from scipy import ndimage

        labels, _ = ndimage.label(literal)
        literal = labels == labels[MIDDLE]
    np.testing.assert_array_equal(found, literal)


def test_a_ball_is_found_with_its_volume_mean_and_slices() -> None:
    array = values()
    proposal = grow(Scan.of(array, SPACING), [click()])
    found = voxels(proposal, SHAPE)
    np.testing.assert_array_equal(found, ball())
    count = int(ball().sum())
    assert proposal.note == (
        f"{count * 0.0005:.3f} ml, mean {array[ball()].mean():.4g}, {count:,} voxels in 7 slices."
    )
    assert proposal.parameters["radius"] == 50
    assert proposal.parameters["connected"] is True


def test_millimetres_and_voxels_differ_where_voxels_are_no_cubes() -> None:
    scan = Scan.of(np.zeros(SHAPE, np.int16), SPACING)
    by_voxel = voxels(grow(scan, [click()], radius=4.0), SHAPE)
    by_length = voxels(grow(scan, [click()], radius=4.0, unit="mm"), SHAPE)
    assert by_voxel[7:16, 20, 18].all()
    assert np.flatnonzero(by_length[:, 20, 18]).tolist() == [9, 10, 11, 12, 13]
    np.testing.assert_array_equal(by_length, ball(4.0))
    unplaced = Scan.of(np.zeros(SHAPE, np.int16))
    with pytest.raises(ToolError, match="how large a voxel is"):
        grow(unplaced, [click()], unit="mm")
    with pytest.raises(ToolError, match="how large a voxel is"):
        grow(unplaced, [click()], limit=5.0)


def test_it_stops_at_the_limit_and_says_so() -> None:
    scan = Scan.of(np.zeros((60, 60, 60), np.int16), (1.0, 1.0, 1.0))
    proposal = grow(scan, [click((30, 30, 30))], radius=0.0, limit=2.0)
    found = voxels(proposal, (60, 60, 60))
    assert found.sum() == 2000
    assert "It stopped at the limit of 2 ml." in str(proposal.note)
    far = np.sqrt(sum((a - 30.0) ** 2 for a in np.nonzero(found)))
    assert far.max() < 8.2


def test_only_slices_within_reach_are_read() -> None:
    array = np.zeros((200, 20, 20), np.int16)
    near = Slices(array)
    grow(Scan(near), [click((100, 10, 10))], radius=5.0)
    assert near.read == set(range(95, 106))
    # However far it may go, no more is read than what it grows into, and some around it.
    array[110:] = 900
    array[:90] = 900
    free = Slices(array)
    found = voxels(grow(Scan(free), [click((100, 10, 10))], radius=0.0), array.shape)
    assert found[90:110].all()
    assert not found[:90].any()
    assert not found[110:].any()
    assert len(free.read) < 80
    everywhere = Slices(np.zeros((200, 20, 20), np.int16))
    assert voxels(grow(Scan(everywhere), [click((3, 1, 1))], radius=0.0), array.shape).all()


@pytest.mark.parametrize("smoothing", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("limit", [0.0, 0.05, 3.0])
def test_what_is_read_little_by_little_is_as_of_the_whole(smoothing: float, limit: float) -> None:
    draw = np.random.default_rng(5)
    array = (draw.random((120, 14, 15)) < 0.1).astype(np.int16) * 900
    at = (60, 7, 7)
    array[57:64, 4:11, 4:11] = 0
    options = {"radius": 45.0, "smoothing": smoothing, "limit": limit, "unit": "mm"}
    read = Scan(Slices(array))
    first = grow(read, [click(at)], **options)
    whole = Scan.of(array, SPACING)
    assert whole.has_read(0, 120)
    second = grow(whole, [click(at)], **options)
    np.testing.assert_array_equal(voxels(first, array.shape), voxels(second, array.shape))
    assert first.note == second.note
    assert voxels(first, array.shape).any()


def test_clicks_on_several_slices_count_and_alt_takes_away() -> None:
    array = np.full(SHAPE, -800, np.int16)
    other = (20, 8, 40)
    array[ball(4.0)] = 450
    array[ball(3.0, other)] = 100
    scan = Scan.of(array, SPACING)
    found = voxels(grow(scan, [click(), click(other)]), SHAPE)
    np.testing.assert_array_equal(found, ball(4.0) | ball(3.0, other))
    less = grow(scan, [click(), click(other), click((9, 20, 18), False)], radius=3.0)
    np.testing.assert_array_equal(
        voxels(less, SHAPE)[11:13],
        (voxels(grow(scan, [click(), click(other)], radius=3.0), SHAPE)
        & ~voxels(grow(scan, [click((9, 20, 18))], radius=3.0), SHAPE))[11:13],
    )  # fmt: skip
    assert grow(scan, [click(positive=False)]).shapes == []


@pytest.mark.parametrize("plane", ["slice", "column"])
def test_a_wall_holds_also_where_it_was_drawn_across_the_slices(plane: Any) -> None:
    scan = Scan.of(np.zeros(SHAPE, np.int16), SPACING)
    if plane == "slice":
        # Through all slices, at column 30.
        line = lw.Scribble([(30.5, -1), (30.5, 41)], index=11)
    else:
        # Of one column, through all rows and slices.
        line = lw.Scribble([(-1, k + 0.5) for k in range(24)] + [(41, 12)], index=30, plane=plane)
        rows = [[(-1, k + 0.5), (41, k + 0.5)] for k in range(24)]
        lines = [lw.Scribble(points, index=30, plane=plane) for points in rows]
    drawn = [line] if plane == "slice" else lines
    depth = 24.0 if plane == "slice" else 0.0
    found = voxels(grow(scan, [click()], drawn, radius=0.0, wall=depth), SHAPE)
    assert found[:, :, :29].all()
    assert not found[:, :, 31:].any()
    open_ = voxels(grow(scan, [click()], radius=0.0), SHAPE)
    assert open_.all()
    assert grow(scan, [], drawn).note == "Click where it is to begin."


def test_what_is_thinner_than_the_smoothing_says_so() -> None:
    array = np.full(SHAPE, -800, np.int16)
    array[11, 20] = 450
    proposal = grow(Scan.of(array, SPACING), [click()], smoothing=2.0)
    assert proposal.shapes == []
    assert proposal.note == "What was clicked is thinner than the smoothing."


def test_colours_count_by_their_brightness_and_nonsense_is_refused() -> None:
    scan = Scan.of(values(), SPACING)
    with pytest.raises(ToolError, match="slice from 0 to 23, not 24"):
        grow(scan, [click((24, 1, 1))])
    with pytest.raises(ToolError, match="not None"):
        grow(scan, [lw.Click(3, 3)])
    with pytest.raises(ToolError, match="this is a picture"):
        find("grow_volume").propose(values()[0], Prompt(clicks=[click()]))
    with pytest.raises(ToolError, match="not at scans"):
        find("grow").propose(scan, Prompt(clicks=[click()]))
    with pytest.raises(ToolError, match="radius"):
        grow(scan, [click()], radius=-3.0)
    with pytest.raises(ImageError):
        Scan.of(np.zeros((3, 3)))


class Coloured(Slices):
    def box(self, start: Any, stop: Any) -> NDArray[Any]:
        grey = super().box(start, stop)
        return np.stack([grey, grey, grey], axis=-1)


def test_a_coloured_scan_grows_by_brightness() -> None:
    array = np.where(ball(), 200, 10).astype(np.uint8)
    found = voxels(grow(Scan(Coloured(array)), [click()]), SHAPE)
    np.testing.assert_array_equal(found, ball())


# Tools of people's own


def test_a_function_that_takes_a_volume_is_given_a_scan() -> None:
    def bright(volume: lw.Scan, clicks: list[lw.Click], level: int = 100) -> Any:
        """Click a slice: what is bright on it."""
        at = clicks[0].voxel(volume.shape)[0]
        return lw.BoxMask(volume.box((at, 0, 0), (at + 1, 40, 50)) > level, (at, 0, 0))

    tool = Tool(bright)
    assert tool.makes == ("volumemask",)
    assert tool.spec()["volume"] is True
    found = voxels(tool.propose(Scan.of(values(), SPACING), Prompt(clicks=[click()])), SHAPE)
    assert found.any(axis=(1, 2)).nonzero()[0].tolist() == [11]
    np.testing.assert_array_equal(found[11], ball()[11])


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (np.zeros((3, 3, 3), bool), "shape"),
        (np.full(SHAPE, 7), "not a mask of 0 and 1"),
        (VolumeMask({99: lw.RLE([40, 50], "`n1")}), "slice 99"),
        (VolumeMask({3: lw.RLE([4, 5], "d0")}), "slice 3"),
        (lw.Rectangle(1, 1, 2, 2), "not a mask of the scan"),
        ("voxels", "not a mask of the scan"),
    ],
)
def test_what_is_no_mask_of_the_scan_is_refused(made: Any, why: str) -> None:
    def wrong(volume: Any) -> Any:
        return made

    with pytest.raises(ToolError, match=why):
        Tool(wrong).propose(Scan.of(values(), SPACING))


def test_masks_arrays_lists_and_nothing_are_taken() -> None:
    scan = Scan.of(values(), SPACING)
    for made in (ball(), ball().astype(np.uint8), lw.BoxMask(ball()), [ball()]):
        found = (
            Tool(lambda volume, made=None, made_=made: made_, name="one").propose(scan)
            if 0
            else (Tool(_returning(made), name="one").propose(scan))
        )
        np.testing.assert_array_equal(voxels(found, SHAPE), ball())
    for nothing in (None, np.zeros(SHAPE, bool), VolumeMask({}), []):
        assert Tool(_returning(nothing), name="none").propose(scan).shapes == []


def _returning(made: Any) -> Any:
    def tool(volume: Any) -> Any:
        return made

    return tool


def test_a_volume_goes_with_clicks_and_scribbles_only() -> None:
    def both(volume: Any, image: Any) -> Any: ...
    def boxed(volume: Any, box: Any) -> Any: ...

    for function in (both, boxed):
        with pytest.raises(ToolError, match="do not go together"):
            Tool(function)


# From seeds


def seed_strokes() -> list[lw.Scribble]:
    y, x = MIDDLE[1] + 0.5, MIDDLE[2] + 0.5
    around = [(3.5, 3.5), (36.5, 3.5), (36.5, 36.5), (3.5, 36.5), (3.5, 3.5)]
    return [
        lw.Scribble([(x - 4, y), (x + 4, y)], index=11),
        lw.Scribble([(x, y - 2), (x, y + 2)], index=13),
        lw.Scribble(around, False, 11),
    ]


@pytest.mark.parametrize("method", ["watershed", "random_walker"])
def test_strokes_on_two_slices_become_the_object(method: str) -> None:
    scan = Scan.of(values(60), SPACING)
    proposal = find("seeds").propose(scan, Prompt(scribbles=seed_strokes()), {"method": method})
    found, wanted = voxels(proposal, SHAPE), ball()
    assert (found & wanted).sum() / (found | wanted).sum() > 0.9
    assert found[11, 20, 18]
    assert not found[11, 3, 20]
    assert "voxels in" in str(proposal.note)


def test_a_large_box_is_looked_at_from_afar() -> None:
    from labelwidgets.algorithms.volume_scribbles import segment_volume

    on, off = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    on[11, 20, 14:22] = True
    off[[0, -1]] = off[:, [0, -1]] = off[:, :, [0, -1]] = True
    found = segment_volume(values(), on, off, spacing=SPACING, most=30_000)
    assert (found & ball()).sum() / (found | ball()).sum() > 0.8
    assert found[on].all()
    assert not found[off].any()


def test_seeds_say_what_is_missing() -> None:
    scan = Scan.of(values()[:3, :9, :9], SPACING)
    one = lw.Scribble([(3, 3)], index=1)
    assert find("seeds").propose(scan, Prompt()).note == "Draw on the object."
    said = find("seeds").propose(scan, Prompt(scribbles=[one])).note
    assert said == "Draw with Alt on what is not the object."
