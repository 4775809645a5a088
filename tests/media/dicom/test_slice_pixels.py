"""Slices of a scan are read once, no more of them than wanted, and in any order."""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom import kept_values
from labelwidgets.media.dicom.kept_values import KeptValues
from labelwidgets.media.dicom.slice_stack import SliceStack
from labelwidgets.media.limits import Limits
from tests.media.dicom.made_files import bytes_of, dataset_of
from tests.media.dicom.real_files import carried

COUNT, ROWS, COLUMNS = 9, 32, 24


def series(folder: Path, kind: str = "i2", change: Any = lambda made, at: None) -> list[Path]:
    """Write a scan of slices that are all different."""
    dice = np.random.default_rng(7)
    paths = []
    for at in range(COUNT):
        pixels = dice.integers(0, 200, (ROWS, COLUMNS)).astype(kind)
        made = dataset_of(pixels, RescaleSlope=1, RescaleIntercept=-100)
        made.ImagePositionPatient, made.ImageOrientationPatient = [0, 0, at], [1, 0, 0, 0, 1, 0]
        made.SOPInstanceUID, made.InstanceNumber = f"1.2.{at}", at + 1
        change(made, at)
        paths.append(folder / f"{at}.dcm")
        paths[-1].write_bytes(bytes_of(made))
    return paths


def expected(kind: str = "i2") -> npt.NDArray[Any]:
    dice = np.random.default_rng(7)
    return np.stack([dice.integers(0, 200, (ROWS, COLUMNS)) - 100 for _ in range(COUNT)])


def opened(paths: list[Path]) -> tuple[SliceStack, Access]:
    access = Access()
    return SliceStack([str(path) for path in paths], access), access


def bytes_read(access: Access) -> int:
    return int(access.traffic.frame()["bytes"].sum())


@pytest.mark.parametrize("kind", ["i2", "u2", "u1", "i4"])
def test_a_box_is_what_the_slices_are(tmp_path: Path, kind: str) -> None:
    scan, _ = opened(series(tmp_path, kind))
    whole = expected()
    assert (scan.box((0, 0, 0), (COUNT, ROWS, COLUMNS)) == whole).all()
    box = scan.box((2, 3, 4), (7, 20, 9))
    assert (box == whole[2:7, 3:20, 4:9]).all()
    assert box.dtype == np.int16
    assert not box.flags.writeable
    assert scan.box((3, 0, 0), (3, 5, 5)).shape == (0, 5, 5)


def test_no_slice_outside_is_read_and_none_twice(tmp_path: Path) -> None:
    scan, access = opened(series(tmp_path))
    size = ROWS * COLUMNS * 2
    before = bytes_read(access)
    scan.box((2, 0, 0), (5, ROWS, COLUMNS))
    assert bytes_read(access) - before == 3 * size
    scan.values(3)
    scan.box((4, 0, 0), (6, 4, 4))
    assert bytes_read(access) - before == 4 * size


def test_without_room_only_the_rows_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_values, "MOST_BYTES", 1000)
    scan, access = opened(series(tmp_path))
    before = bytes_read(access)
    box = scan.box((2, 10, 0), (7, 13, COLUMNS))
    assert (box == expected()[2:7, 10:13]).all()
    assert bytes_read(access) - before == 5 * 3 * COLUMNS * 2
    assert (scan.values(8) == expected()[8]).all()


def test_a_slice_that_needs_a_larger_type_gives_it_to_all(tmp_path: Path) -> None:
    def change(made: Any, at: int) -> None:
        if at == 5:
            made.RescaleSlope = 1000
        if at == 7:
            made.RescaleSlope = "0.5"

    scan, _ = opened(series(tmp_path, "u2", change))
    whole = expected().astype(float)
    whole[5] = (expected()[5] + 100) * 1000 - 100
    whole[7] = (expected()[7] + 100) * 0.5 - 100
    assert scan.values(0).dtype == np.int16
    assert (scan.box((0, 0, 0), (COUNT, ROWS, COLUMNS)) == whole).all()
    assert (scan.values(5) == whole[5]).all()


def test_many_threads_see_the_same(tmp_path: Path) -> None:
    def change(made: Any, at: int) -> None:
        if at == 4:
            made.RescaleSlope = 1000

    paths = series(tmp_path, "u2", change)
    whole = expected().astype(np.int64)
    whole[4] = (expected()[4] + 100) * 1000 - 100
    for _ in range(10):
        scan, _ = opened(paths)
        start = threading.Barrier(4)

        def read(first: int, scan: SliceStack = scan, start: threading.Barrier = start) -> bool:
            start.wait()
            good = True
            for at in range(COUNT):
                k = (at * 5 + first) % COUNT
                good = good and bool((scan.values(k) == whole[k]).all())
                good = good and bool(
                    (scan.box((k, 1, 1), (k + 1, 9, 9)) == whole[k, 1:9, 1:9]).all()
                )
            return good

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(read, range(4)))


def test_a_damaged_slice_leaves_the_others(tmp_path: Path) -> None:
    paths = series(tmp_path)
    paths[4].write_bytes(paths[4].read_bytes()[:-50])
    scan, _ = opened(paths)
    with pytest.raises(ImageError, match=r"4\.dcm: ends within its pixels"):
        scan.values(4)
    with pytest.raises(ImageError, match=r"4\.dcm"):
        scan.box((0, 0, 0), (COUNT, ROWS, COLUMNS))
    assert (scan.values(8) == expected()[8]).all()


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_values, "MOST_BYTES", 3000)
    first, second = KeptValues(2), KeptValues(2)
    ones = np.ones((20, 20), np.int16)
    first.put(0, ones)
    held = first.get(0)
    second.put(0, 2 * ones)
    assert first.get(0) is None
    assert held is not None
    assert (held == 1).all()
    kept = second.get(0)
    assert kept is not None
    assert (kept == 2).all()


NAMES = ["CT_small.dcm", "MR_small_RLE.dcm", "SC_rgb_small_odd.dcm", "SC_rgb_small_odd_jpeg.dcm"]
NAMES += ["JPEGLSNearLossless_16.dcm", "MR_small_jp2klossless.dcm", "examples_palette.dcm"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files_raise_errors_of_ours_alone(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    whole = bytearray(Path(carried(name)).read_bytes())
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(128, len(whole) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        whole = whole[: data.draw(st.integers(132, len(whole)))]
    path = tmp_path / "x.dcm"
    path.write_bytes(whole)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            access = Access(limits=Limits(pixels=10_000_000, file_bytes=50_000_000))
            scan = SliceStack([str(path)], access)
            scan.encoded(0)
            scan.box((0, 0, 0), (1, 1, 1))
        except LabelwidgetsError as error:
            assert "x.dcm" in str(error) or "slice" in str(error)  # noqa: PT017 - it may be read
