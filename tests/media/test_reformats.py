"""Cuts across the slices of scans: coarse first, exact in the end, and within bounds."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from labelwidgets.errors import GivenUpError, ImageError, LimitError
from labelwidgets.media import held_volume, reformats
from labelwidgets.media.cancellation import Cancellation, cancelled_by
from labelwidgets.media.encoded import Encoded, encode_pixels
from labelwidgets.media.grey import GREY16
from labelwidgets.media.reformats import Reformats
from labelwidgets.media.volumes import Facts, Grid, Window


class Scan:
    """A scan whose slices come when they are let."""

    def __init__(
        self, values: npt.NDArray[Any], tilt: float = 0.0, broken: tuple[int, ...] = ()
    ) -> None:
        self.array = values
        self.broken = broken
        self.read: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        slices, rows, columns = values.shape[:3]
        positions = np.arange(slices)[:, None] * np.array([0.0, tilt * 2, 2.0])
        affine = np.diag([1.0, 1.0, 2.0, 1.0])
        self.grid = Grid((slices, rows, columns), (2.0, 1.0, 1.0), affine, positions)
        self.facts = Facts("CT", "HU", False, (Window("Bone", 300, 1000),))

    def __len__(self) -> int:
        return len(self.array)

    def values(self, slice_index: int, /) -> npt.NDArray[Any]:
        self.gate.wait()
        if slice_index in self.broken:
            raise ImageError("is damaged.", where="slice")
        self.read.append(slice_index)
        made: npt.NDArray[Any] = self.array[slice_index]
        return made

    def box(self, start: tuple[int, int, int], stop: tuple[int, int, int], /) -> npt.NDArray[Any]:
        made: npt.NDArray[Any] = self.array[tuple(map(slice, start, stop))]
        return made

    def encoded(self, slice_index: int, /) -> Encoded:
        return encode_pixels(self.values(slice_index))

    def header(self, slice_index: int, /) -> list[dict[str, Any]]:
        return []


def _scan(shape: tuple[int, ...] = (40, 6, 7), **given: Any) -> Scan:
    dice = np.random.default_rng(5)
    return Scan(dice.integers(-1024, 3000, shape).astype(np.int16), **given)


def decoded(picture: Encoded) -> npt.NDArray[np.float64]:
    import zlib

    assert picture.mime == GREY16
    meaning = picture.values
    assert meaning is not None
    data = zlib.decompress(picture.data) if meaning.deflated else picture.data
    numbers = np.frombuffer(data, "<u2").reshape(picture.height, picture.width)
    values = numbers * meaning.scale + meaning.offset
    return np.where((numbers == 0) & meaning.gaps, np.nan, values)


def test_the_values_of_a_scan_are_exact_at_its_slices() -> None:
    scan = _scan()
    made = Reformats().get("a", scan, "row", 3)
    assert (made.missing, made.lost, made.slices) == (0, 0, 40)
    # Slices 2 mm apart, pixels of 1 mm, the last slice above.
    picture = decoded(made.picture)
    assert (picture[::-1][1::2] == scan.array[:, 3]).all()
    assert made.picture.values is not None
    assert (made.picture.values.low, made.picture.values.high) == (-200, 800)


def test_without_patience_a_few_slices_spread_over_the_scan_are_shown_and_the_rest_later() -> None:
    scan = _scan((90, 6, 7))
    kept = Reformats()
    coarse = kept.get("a", scan, "column", 2, patience=0)
    assert 0 < coarse.missing < 90
    assert {0, 45, 89} <= set(scan.read)
    assert len(set(scan.read)) == 90 - coarse.missing
    missing = [coarse.missing]
    while missing[-1]:
        missing.append(kept.get("a", scan, "column", 2, patience=0).missing)
    assert missing == sorted(missing, reverse=True)
    assert sorted(scan.read) == list(range(90))
    whole = kept.get("a", scan, "column", 2)
    assert (decoded(whole.picture)[::-1][1::2] == scan.array[:, :, 2]).all()
    assert len(scan.read) == 90


def test_a_cut_that_is_given_up_reads_no_further_and_can_be_asked_for_again() -> None:
    scan = _scan((60, 6, 7))
    kept, cancellation = Reformats(), Cancellation()
    cancellation.cancel()
    with cancelled_by(cancellation), pytest.raises(GivenUpError):
        kept.get("a", scan, "row", 1)
    assert len(scan.read) < 20
    made = kept.get("a", scan, "row", 1)
    assert made.missing == 0
    assert sorted(scan.read) == list(range(60))


def test_two_who_cut_the_same_scan_read_every_slice_once() -> None:
    scan = _scan((70, 6, 7))
    kept = Reformats()
    made: list[int] = []
    threads = [
        threading.Thread(target=lambda plane=plane: made.append(kept.get("a", scan, plane, 1).lost))
        for plane in ("row", "column", "row")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [0, 0, 0]
    assert sorted(scan.read) == list(range(70))


def test_slices_that_cannot_be_read_are_told_and_the_others_shown() -> None:
    scan = _scan((9, 6, 7), broken=(4,))
    made = Reformats().get("a", scan, "row", 0)
    assert (made.missing, made.lost) == (0, 1)
    rows = decoded(made.picture)[::-1][1::2]
    assert (rows[[3, 5]] == scan.array[[3, 5], 0]).all()
    between = scan.array[[3, 5], 0].astype(float).mean(axis=0)
    assert np.abs(rows[4] - between).max() <= 0.5
    with pytest.raises(ImageError, match="damaged"):
        Reformats().get("a", _scan((3, 4, 5), broken=(0, 1, 2)), "row", 0)


def test_where_a_tilted_scan_ends_there_is_no_value() -> None:
    scan = _scan((5, 12, 7), tilt=0.5)
    picture = Reformats().get("a", scan, "column", 3).picture
    values = decoded(picture)
    assert picture.values is not None
    assert picture.values.gaps
    assert np.isnan(values).any()
    assert (values[::-1][1, :12] == scan.array[0, :, 3]).all()


def test_the_largest_values_of_all_rows_are_seen_through_the_scan() -> None:
    scan = _scan()
    made = Reformats().get("a", scan, "row", 0, projected=True)
    assert (decoded(made.picture)[::-1][1::2] == scan.array.max(axis=1)).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_values_of_any_type_are_cut(dtype: Any) -> None:
    values = np.arange(5 * 6 * 7).reshape(5, 6, 7).astype(dtype)
    made = Reformats().get("a", Scan(values, tilt=0.5), "column", 0)
    assert made.picture.mime == ("image/png" if dtype == np.uint8 else GREY16)
    if dtype != np.uint8:
        found = decoded(made.picture)[::-1][1, :6]
        np.testing.assert_allclose(found, values[0, :, 0], atol=0.01)


def test_colours_are_cut_into_a_picture() -> None:
    values = np.random.default_rng(0).integers(0, 255, (4, 5, 6, 3)).astype(np.uint8)
    made = Reformats().get("a", Scan(values), "row", 2)
    assert made.picture.mime == "image/png"


def test_what_cannot_be_cut_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = _scan()
    with pytest.raises(ImageError, match="no row 6"):
        Reformats().get("a", scan, "row", 6)
    with pytest.raises(ImageError, match="not parallel"):
        Reformats().get("a", _scan((1, 4, 5)), "row", 0)
    monkeypatch.setattr(held_volume, "MOST_BYTES", 100)
    with pytest.raises(LimitError, match="held in memory"):
        Reformats().get("a", scan, "row", 0)


def test_of_many_scans_the_last_ones_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    scans = [_scan() for _ in range(3)]
    monkeypatch.setattr(reformats, "MOST_BYTES", scans[0].array.nbytes * 2)
    kept = Reformats()
    for name, scan in zip("abc", scans, strict=True):
        kept.get(name, scan, "row", 0)
    kept.get("c", scans[2], "row", 1)
    kept.get("b", scans[1], "row", 1)
    assert [len(scan.read) for scan in scans] == [40, 40, 40]
    kept.get("a", scans[0], "row", 1)
    assert len(scans[0].read) == 80


class KeepingScan(Scan):
    """A scan that keeps what it has read, until others need the room."""

    def __init__(self, values: npt.NDArray[Any]) -> None:
        super().__init__(values)
        self.kept: set[int] = set()

    def values(self, slice_index: int, /) -> npt.NDArray[Any]:
        if slice_index not in self.kept:
            super().values(slice_index)
            self.kept.add(slice_index)
        made: npt.NDArray[Any] = self.array[slice_index]
        return made

    def holds(self, slice_index: int, /) -> bool:
        return slice_index in self.kept

    def coarse(self, slice_index: int, every: int, /) -> Encoded:
        return encode_pixels(self.values(slice_index)[::every, ::every])


def test_a_scan_that_keeps_its_values_is_not_held_twice_and_is_read_again_when_it_let_go() -> None:
    scan = KeepingScan(_scan().array)
    kept = Reformats()
    for plane in ("row", "column"):
        made = kept.get("a", scan, plane, 2)  # type: ignore[arg-type]
        assert made.missing == 0
    assert sorted(scan.read) == list(range(40))
    assert held_volume.HeldVolume(scan).nbytes == 0
    scan.kept -= {3, 4}
    coarse = kept.get("a", scan, "row", 2, patience=0)
    assert coarse.missing == 0
    assert sorted(scan.read) == sorted([*range(40), 3, 4])
    assert (decoded(coarse.picture)[::-1][1::2] == scan.array[:, 2]).all()
