"""What is compiled has the results of what is plain; without numba the plain ways serve."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from labelwidgets.algorithms import (
    counts,
    decode_rle,
    encode_rle,
    mask_to_polygons,
    masks,
    polygon_to_mask,
    polygons,
    tracing,
)
from labelwidgets.algorithms.compiling import compiles
from labelwidgets.errors import GeometryError

Bits = NDArray[np.bool_]
# Wide enough that whole words of pixels are alike.
MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)).flatmap(
    lambda bits: st.builds(
        lambda down, across: np.kron(bits, np.ones((down, across), bool)),
        st.sampled_from([1, 1, 3]),
        st.sampled_from([1, 1, 8, 11]),
    )
)
COORDINATES = st.integers(-20, 80).map(lambda n: n / 4)
RINGS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=7)
PARTS = st.lists(st.lists(RINGS, min_size=1, max_size=3), min_size=1, max_size=3)

pytestmark = pytest.mark.skipif(not compiles(), reason="numba is not there")


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """Compile before examples are timed."""
    mask = np.eye(9, dtype=bool)
    decode_rle(encode_rle(mask))
    encode_rle(np.asfortranarray(mask))
    polygon_to_mask(mask_to_polygons(mask), (9, 9))


@settings(deadline=None)
@given(MASKS, st.sampled_from("CF"))
def test_edges_and_outlines_are_those_of_the_plain_ways(mask: Bits, order: Any) -> None:
    bits = np.array(mask, order=order)
    edges = masks.edges_of(bits)
    np.testing.assert_array_equal(edges, masks.plain_edges_of(bits))
    np.testing.assert_array_equal(masks.fill_edges(edges, bits.shape), bits)
    assert mask_to_polygons(bits) == tracing.plain_outlines(bits)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("numba", [True, False])
def test_noise_too_long_for_a_browser_is_refused(
    order: Any, numba: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks, "MAX_EDGES", 500)
    monkeypatch.setattr(masks, "compiles", lambda: numba)
    noise = np.array(np.random.default_rng(0).random((70, 60)) < 0.5, order=order)
    with pytest.raises(GeometryError, match="more than 250 runs"):
        encode_rle(noise)
    assert masks.edges_of(noise[:10, :40]).size <= 500


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**31 - 1) | st.integers(0, 40), max_size=30))
def test_codes_are_those_of_the_plain_ways(lengths: list[int]) -> None:
    runs = np.array(lengths, np.int64)
    code = counts.pack_counts(runs)
    assert code == counts.plain_pack_counts(runs)
    np.testing.assert_array_equal(counts.read_counts(code), runs)
    np.testing.assert_array_equal(counts.plain_unpack(code.encode()), runs)


@settings(deadline=None)
@given(MASKS, st.sampled_from("CF"))
def test_codes_straight_from_pixels_are_those_of_their_edges(mask: Bits, order: Any) -> None:
    bits = np.array(mask, order=order)
    code = encode_rle(bits)
    edges = masks.plain_edges_of(bits)
    lengths = np.diff(edges, prepend=0, append=bits.size)
    runs = lengths[: lengths.size - (edges.size > 0 and lengths[-1] == 0)]
    assert code == {"size": list(bits.shape), "counts": counts.plain_pack_counts(runs)}
    np.testing.assert_array_equal(decode_rle(code), bits)


@pytest.mark.parametrize("shape", [(70, 9000), (9001, 71), (64, 128), (7, 5), (4099, 3)])
@pytest.mark.parametrize("part", [0.5, 0.02, 0.0003, 1.0])
@pytest.mark.parametrize("order", ["C", "F"])
def test_noise_of_many_blocks_comes_back_and_is_coded_as_the_plain_way_does(
    shape: tuple[int, int], part: float, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.array(np.random.default_rng(4).random(shape) < part, order=order)
    code = encode_rle(noise)
    np.testing.assert_array_equal(decode_rle(code), noise)
    for room in (masks, counts):
        monkeypatch.setattr(room, "compiles", lambda: False)
    assert encode_rle(noise) == code


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 40) | st.sampled_from([0, 0, 1, 9]), min_size=1, max_size=30),
    st.booleans(),
)
def test_runs_of_no_length_are_read_as_the_plain_way_reads_them(
    lengths: list[int], short: bool
) -> None:
    code = {
        "size": [1, sum(lengths) + short],
        "counts": counts.plain_pack_counts(np.array(lengths)),
    }
    if not code["size"][1]:
        return
    with pytest.MonkeyPatch.context() as without:
        for room in (masks, counts):
            without.setattr(room, "compiles", lambda: False)
        wanted = _read(decode_rle, code)
    assert _read(decode_rle, code) == wanted


@settings(deadline=None)
@given(st.binary(max_size=12) | st.text("01OP`abo", max_size=12).map(str.encode))
def test_a_wrong_code_is_refused_in_the_words_of_the_plain_way(text: bytes) -> None:
    code = {"size": [9, 4], "counts": text}
    with pytest.MonkeyPatch.context() as without:
        for room in (masks, counts):
            without.setattr(room, "compiles", lambda: False)
        wanted = _read(decode_rle, code)
    assert _read(decode_rle, code) == wanted


@settings(deadline=None)
@given(st.binary(max_size=12) | st.text("01OP`abo", max_size=12).map(str.encode))
def test_what_is_wrong_with_a_code_is_found_by_both(code: bytes) -> None:
    assert _read(counts.plain_unpack, code) == _read(counts.read_counts, code)


def _read(read: Any, code: Any) -> str:
    try:
        return str(read(code).tolist())
    except GeometryError as error:
        return str(error)


@settings(deadline=None)
@given(PARTS, st.integers(1, 20), st.integers(1, 20))
def test_polygons_fill_what_the_plain_way_fills(parts: Any, height: int, width: int) -> None:
    filled = polygon_to_mask(parts, (height, width))
    with pytest.MonkeyPatch.context() as without:
        without.setattr(polygons, "compiles", lambda: False)
        np.testing.assert_array_equal(filled, polygon_to_mask(parts, (height, width)))


def test_without_numba_all_goes_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = np.random.default_rng(3).random((30, 40)) < 0.5
    code, parts = encode_rle(mask), mask_to_polygons(mask)
    for room in (masks, counts, polygons, tracing):
        monkeypatch.setattr(room, "compiles", lambda: False)
    monkeypatch.setitem(sys.modules, "labelwidgets.algorithms.mask_kernels", None)
    monkeypatch.setitem(sys.modules, "labelwidgets.algorithms.polygon_kernels", None)
    monkeypatch.setitem(sys.modules, "labelwidgets.algorithms.rle_kernels", None)
    monkeypatch.setitem(sys.modules, "labelwidgets.algorithms.tracing_kernels", None)
    assert encode_rle(mask) == code
    assert mask_to_polygons(mask) == parts
    np.testing.assert_array_equal(decode_rle(code), mask)
    np.testing.assert_array_equal(polygon_to_mask(parts, mask.shape), mask)
