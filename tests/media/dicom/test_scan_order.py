"""Slices lie in the order of space, and what is odd about them is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.media.access import Access
from labelwidgets.media.dicom.order import in_order
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.dicom.slice_stack import SliceStack
from tests.media.dicom.made import AXIAL, CORONAL, SAGITTAL, slice_bytes

ORIENTATION = tuple(map(float, AXIAL))


def header(z: float, number: int | None = 1, **changes: Any) -> SliceHeader:
    given = {"position": (0.0, 0.0, z), "orientation": ORIENTATION, **changes}
    return SliceHeader(instance_number=number, rows=4, columns=4, **given)


def write(folder: Path, files: dict[str, bytes]) -> list[str]:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [str(folder / name) for name in files]


def opened(folder: Path, files: dict[str, bytes]) -> SliceStack:
    return SliceStack(write(folder, files), Access())


def kinds(stack: SliceStack) -> list[str]:
    return [one.kind for one in stack.facts.problems]


@given(st.permutations(range(12)), st.permutations(range(12)))
def test_neither_names_nor_instance_numbers_decide_where_there_are_positions(
    places: list[int], numbers: list[int]
) -> None:
    headers = [header(2.5 * z, number) for z, number in zip(places, numbers, strict=True)]
    order = in_order(headers)
    assert [places[index] for index in order.indices] == list(range(12))
    assert order.by == "position"
    assert order.phases == ("",)


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6), st.permutations(range(7)))
def test_slices_are_counted_along_row_times_column_however_they_are_turned(
    numbers: list[float], places: list[int]
) -> None:
    row, column = np.array(numbers[:3]), np.array(numbers[3:])
    normal = np.cross(row, column)
    if np.linalg.norm(normal) < 1e-2:
        return
    row /= np.linalg.norm(row)
    normal /= np.linalg.norm(normal)
    column = np.cross(normal, row)
    facing = tuple(map(float, [*row, *column]))
    headers = [header(0, position=tuple(normal * 3 * z), orientation=facing) for z in places]
    assert [places[index] for index in in_order(headers).indices] == list(range(7))


@pytest.mark.parametrize(
    ("orientation", "step"),
    [(AXIAL, (0, 0, 2)), (CORONAL, (0, 2, 0)), (SAGITTAL, (-2, 0, 0))],
)
def test_the_affine_leads_from_voxels_to_the_patient(
    tmp_path: Path, orientation: list[int], step: tuple[int, int, int]
) -> None:
    files = {
        f"{number}.dcm": slice_bytes(
            number=number,
            ImageOrientationPatient=orientation,
            ImagePositionPatient=[5 + number * step[0], 6 + number * step[1], 7 + number * step[2]],
        )
        for number in (4, 1, 3, 2)
    }
    stack = opened(tmp_path, files)
    assert [int(stack.values(at)[0, 0]) for at in range(4)] == [-999, -998, -997, -996]
    grid = stack.grid
    assert grid.shape == (4, 4, 6)
    assert grid.spacing == (2.0, 0.5, 0.25)
    expected = np.eye(4)
    expected[:3, 0] = np.array(orientation[:3]) * 0.25
    expected[:3, 1] = np.array(orientation[3:]) * 0.5
    expected[:3, 2] = step
    expected[:3, 3] = np.array((5, 6, 7)) + step
    assert grid.affine is not None
    np.testing.assert_allclose(grid.affine, expected)
    assert kinds(stack) == ["pixels"]


def test_without_positions_instance_numbers_decide_and_that_is_said(tmp_path: Path) -> None:
    stack = opened(tmp_path, {f"{9 - n}.dcm": slice_bytes(None, n) for n in range(1, 5)})
    assert [int(stack.values(at)[0, 0]) for at in range(4)] == [-999, -998, -997, -996]
    assert stack.grid.affine is None
    assert stack.grid.positions is None
    assert "order" in kinds(stack)
    assert "instance numbers" in stack.facts.problems[-1].message


@pytest.mark.parametrize("numbers", [(7, 7, 7), (None, None, None), (1, None, 2)])
def test_without_numbers_either_files_stay_as_they_are_given(
    tmp_path: Path, numbers: tuple[int | None, ...]
) -> None:
    files = {
        f"{at}.dcm": slice_bytes(None, number, RescaleIntercept=100 * at)
        for at, number in enumerate(numbers)
    }
    stack = opened(tmp_path, files)
    assert [int(stack.values(at)[0, 0]) // 100 for at in range(3)] == [0, 1, 2]
    assert "order of the files" in stack.facts.problems[-1].message


def test_gaps_that_differ_are_told_in_millimetres(tmp_path: Path) -> None:
    places = (0, 1.5, 3, 6.7, 10.4, 14.1)
    stack = opened(tmp_path, {f"{z}.dcm": slice_bytes(z, int(z)) for z in places})
    (gap,) = [one for one in stack.facts.problems if one.kind == "gap"]
    assert "1.50 mm (2 times)" in gap.message
    assert "3.70 mm (3 times)" in gap.message
    assert stack.grid.spacing is not None
    assert stack.grid.spacing[0] == 3.7


def test_a_missing_slice_is_named_by_its_neighbours(tmp_path: Path) -> None:
    stack = opened(tmp_path, {f"{z}.dcm": slice_bytes(z * 2.0, z) for z in range(20) if z != 7})
    (missing,) = [one for one in stack.facts.problems if one.kind == "missing"]
    assert missing.slices == (6,)
    assert "between slices 7 and 8 (as counted from 1)" in missing.message
    assert "4.00 mm, elsewhere 2.00 mm" in missing.message
    assert stack.grid.spacing is not None
    assert stack.grid.spacing[0] == 2.0


def test_positions_with_one_decimal_are_no_uneven_gaps(tmp_path: Path) -> None:
    files = {f"{n}.dcm": slice_bytes(round(n * 2.5 / 3, 2), n) for n in range(9)}
    assert kinds(opened(tmp_path, files)) == ["pixels"]


def test_gantry_tilt_is_told_in_degrees(tmp_path: Path) -> None:
    angle = np.radians(12)
    facing = [1, 0, 0, 0, np.cos(angle), -np.sin(angle)]
    files = {
        f"{n}.dcm": slice_bytes(n * 3.0, n, ImageOrientationPatient=[f"{v:.7f}" for v in facing])
        for n in range(5)
    }
    stack = opened(tmp_path, files)
    (tilt,) = [one for one in stack.facts.problems if one.kind == "tilt"]
    assert "12.0 degrees" in tilt.message
    grid = stack.grid
    assert grid.affine is not None
    assert grid.positions is not None
    assert grid.spacing is not None
    assert grid.spacing[0] == pytest.approx(3 * np.cos(angle), abs=1e-5)
    # Sheared: it leads to where each slice is.
    for at in range(5):
        np.testing.assert_allclose((grid.affine @ (0, 0, at, 1))[:3], grid.positions[at], atol=1e-5)


def test_what_lies_at_one_place_is_a_movement_and_no_stack(tmp_path: Path) -> None:
    stack = opened(tmp_path, {f"{n}.dcm": slice_bytes(5.0, 9 - n) for n in range(4)})
    assert [int(stack.values(at)[0, 0]) for at in range(4)] == [-994, -993, -992, -991]
    assert stack.grid.affine is None
    assert "at one place" in stack.facts.problems[-1].message


def test_a_copy_is_left_out_and_named(tmp_path: Path) -> None:
    one = slice_bytes(0.0, 1)
    stack = opened(tmp_path, {"a.dcm": one, "b.dcm": slice_bytes(2.0, 2), "copy.dcm": one})
    assert len(stack) == 2
    (problem,) = [one for one in stack.facts.problems if one.kind == "duplicate"]
    assert "copy.dcm" in problem.message


def test_a_second_slice_at_a_place_is_left_out_and_named(tmp_path: Path) -> None:
    files = {f"{n}.dcm": slice_bytes(n * 2.0, n) for n in range(5)}
    stack = opened(tmp_path, files | {"stray.dcm": slice_bytes(4.0, 17)})
    assert len(stack) == 5
    assert stack.grid.affine is not None
    (problem,) = [one for one in stack.facts.problems if one.kind == "duplicate"]
    assert "stray.dcm" in problem.message


def test_slices_around_an_axis_stay_together(tmp_path: Path) -> None:
    files = {}
    for n in range(9):
        angle = np.radians(20 * n)
        facing = [f"{v:.7f}" for v in (np.cos(angle), np.sin(angle), 0, 0, 0, -1)]
        files[f"{n}.dcm"] = slice_bytes(0.0, 9 - n, ImageOrientationPatient=facing)
    stack = opened(tmp_path, files)
    assert len(stack) == 9
    assert stack.grid.affine is None
    assert [int(stack.values(at)[0, 0]) for at in range(9)] == list(range(-999, -990))
    assert "face 9 ways" in stack.facts.problems[-1].message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PixelSpacing": None}, "size of its pixels is not known"),
        ({"PixelSpacing": None, "ImagerPixelSpacing": [0.1, 0.1]}, "at the detector"),
        ({"PixelSpacing": [0, 0]}, "size of its pixels is not known"),
        ({"PixelSpacing": [0.5, 0.4]}, "not square"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "localiser"),
    ],
)
def test_what_a_person_should_know_is_said(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    files = {f"{n}.dcm": slice_bytes(n * 2.0, n, **changes) for n in range(3)}
    stack = opened(tmp_path, files)
    assert any(words in one.message for one in stack.facts.problems)
    assert len(stack) == 3


@pytest.mark.parametrize(
    "orientation", [[0] * 6, [1, 0, 0, 1, 0, 0], [2, 0, 0, 0, 1, 0], [1, 0, 0, 0, 1], None]
)
def test_an_orientation_of_nonsense_is_none(tmp_path: Path, orientation: Any) -> None:
    files = {
        f"{n}.dcm": slice_bytes(n * 2.0, n, ImageOrientationPatient=orientation) for n in range(3)
    }
    stack = opened(tmp_path, files)
    assert len(stack) == 3
    assert stack.grid.affine is None
    assert "order" in kinds(stack)


def test_nothing_of_the_patient_is_in_what_is_told(tmp_path: Path) -> None:
    files = {f"{n}.dcm": slice_bytes(n**2 * 2.0, n) for n in range(4)} | {"bad.dcm": b"Doe"}
    stack = opened(tmp_path, files)
    told = repr((stack.grid, stack.facts))
    assert not any(word in told for word in ("Doe", "4711", "1970"))
    assert "bad.dcm is left out: it is no DICOM file" in told


def test_broken_files_are_named_and_the_others_are_shown(tmp_path: Path) -> None:
    whole = {f"{n}.dcm": slice_bytes(n * 2.0, n) for n in range(4)}
    broken = {"cut.dcm": slice_bytes(2.0, 9)[:300], "none.dcm": b"", "text.dcm": b"x" * 999}
    stack = opened(tmp_path, whole | broken)
    assert len(stack) == 4
    named = [one.message for one in stack.facts.problems if one.kind == "unreadable"]
    assert [message.split()[0] for message in named] == list(broken)
