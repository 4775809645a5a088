"""NIfTI volumes, held to nibabel."""

from __future__ import annotations

import gzip
import itertools
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError
from labelwidgets.media import Dataset, Limits
from labelwidgets.media.access import Access
from labelwidgets.media.nifti.volume import NiftiVolume

nib: Any = pytest.importorskip("nibabel")

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def save(path: Path, data: Any, affine: Any = None, **header: Any) -> str:
    made = nib.Nifti1Image(data, np.eye(4) if affine is None else affine)
    for name, value in header.items():
        made.header[name] = value
    nib.save(made, path)
    return str(path)


def opened(path: str, **limits: Any) -> NiftiVolume:
    return NiftiVolume(path, Access(limits=Limits(**limits)))


def directions() -> list[Any]:
    """All ways that axes can lie along those of the patient, with three spacings."""
    found = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            affine = np.zeros((4, 4))
            for axis, (to, sign) in enumerate(zip(order, signs, strict=True)):
                affine[to, axis] = sign * (0.5, 0.75, 2.0)[axis]
            affine[:, 3] = (-11, 22, 33, 1)
            found.append(affine)
    return found


@pytest.mark.parametrize("affine", directions())
def test_every_voxel_lies_where_nibabel_says_and_slices_are_seen_as_those_of_dicom(
    tmp_path: Path, affine: Any
) -> None:
    data = np.random.default_rng(1).integers(-99, 999, (4, 5, 3)).astype(np.int16)
    volume = opened(save(tmp_path / "a.nii", data, affine))
    grid = volume.grid
    assert grid.affine is not None
    assert grid.positions is not None
    values = volume.box((0, 0, 0), grid.shape)
    assert values.dtype == np.int16
    inverse = np.linalg.inv(affine)
    for k, j, i in np.ndindex(*grid.shape):
        place = grid.affine @ (i, j, k, 1)
        stored = np.round(inverse @ RAS_TO_LPS @ place)[:3].astype(int)
        assert values[k, j, i] == data[tuple(stored)]
    columns, rows, slices = (grid.affine[:3, axis] for axis in range(3))
    assert np.cross(columns, rows) @ slices > 0
    normal = int(np.abs(slices).argmax())
    assert columns[{0: 1, 1: 0, 2: 0}[normal]] > 0
    assert (rows[1] > 0) if normal == 2 else (rows[2] < 0)
    np.testing.assert_allclose(grid.positions[0], grid.affine[:3, 3])
    np.testing.assert_allclose(grid.positions[-1], (grid.affine @ (0, 0, grid.shape[0] - 1, 1))[:3])
    np.testing.assert_allclose(grid.spacing, np.linalg.norm(grid.affine[:3, [2, 1, 0]], axis=0))


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept", "expected"),
    [
        (np.uint8, 1, 0, np.int16),
        (np.int16, 1, 0, np.int16),
        (np.uint16, 1, 0, np.uint16),
        (np.uint8, 2, -1000, np.int16),
        (np.int32, 1, 0, np.int32),
        (np.int16, 0.5, 3, np.float32),
        (np.float32, 1, 0, np.float32),
        (np.float64, 1, 0, np.float64),
        (np.int16, np.nan, np.nan, np.int16),
        (np.int16, 0, 7, np.int16),
    ],
)
def test_values_are_scaled_as_nibabel_scales_them(
    tmp_path: Path, dtype: Any, slope: float, intercept: float, expected: Any
) -> None:
    data = np.random.default_rng(2).integers(0, 100, (3, 4, 2)).astype(dtype)
    path = tmp_path / "a.nii"
    save(path, data)
    raw = bytearray(path.read_bytes())
    raw[112:120] = struct.pack("<ff", slope, intercept)
    path.write_bytes(raw)
    volume = opened(str(path))
    values = volume.box((0, 0, 0), volume.grid.shape)
    assert values.dtype == expected
    affine = volume.grid.affine
    assert affine is not None
    theirs = np.asanyarray(nib.load(path).dataobj)
    # With the identity, left and right and front and back are turned.
    np.testing.assert_allclose(values, theirs.transpose(2, 1, 0)[:, ::-1, ::-1])


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_a_folder_of_volumes_is_a_dataset_and_an_item_is_its_slices(
    tmp_path: Path, name: str
) -> None:
    data = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    save(tmp_path / name, data, np.diag([1, 2, 3, 1]))
    for source in (tmp_path, tmp_path / name, [tmp_path / name]):
        dataset = Dataset.open(source)
        (item,) = dataset.items.to_dict("records")
        assert (item["kind"], item["title"]) == ("volume", name)
        assert item["metadata"]["slices"] == 5
        assert item["metadata"]["spacing"] == [3, 2, 1]
        assert len(dataset.volume(item["id"])) == 5
        assert dataset.pixels(item["id"], 4).shape == (4, 3)
        assert dataset.thumbnail(item["id"]).data
    ids = {Dataset.open(one).items.id[0] for one in (tmp_path, tmp_path / name)}
    assert len(ids) == 1
    with lw.Project.create(tmp_path / "p.db", dataset, ["organ"]) as project:
        assert len(project.tasks) == 1


def test_of_several_volumes_one_is_shown_and_the_others_are_named(tmp_path: Path) -> None:
    data = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    path = save(tmp_path / "a.nii", data, np.diag([-1, -1, 1, 1]))
    volume = opened(path)
    assert [one.kind for one in volume.facts.problems] == ["volumes"]
    assert "5 volumes" in volume.facts.problems[0].message
    for number in range(5):
        one = NiftiVolume(path, Access(), number)
        np.testing.assert_array_equal(
            one.box((0, 0, 0), one.grid.shape), data[..., number].transpose(2, 1, 0)
        )
    for number in (5, -1, True, "1"):
        with pytest.raises(ImageError, match="volume"):
            NiftiVolume(path, Access(), number)  # type: ignore[arg-type]


def test_colour_is_colour(tmp_path: Path) -> None:
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    data = np.zeros((2, 3, 4), kind)
    data["R"][0, 0, 1], data["B"][1, 2, 3] = 255, 7
    volume = opened(save(tmp_path / "a.nii", data, np.diag([-1, -1, 1, 1])))
    assert volume.facts.colour
    assert volume.values(1)[0, 0].tolist() == [255, 0, 0]
    assert volume.values(3)[2, 1].tolist() == [0, 0, 7]
    assert volume.encoded(0).mime == "image/png"


def test_a_volume_that_lies_nowhere_has_no_affine_and_says_so(tmp_path: Path) -> None:
    made = nib.Nifti1Image(np.zeros((2, 3, 4), np.int16), None)
    nib.save(made, tmp_path / "a.nii")
    volume = opened(str(tmp_path / "a.nii"))
    assert volume.grid.affine is None
    assert volume.grid.shape == (4, 3, 2)
    assert [one.kind for one in volume.facts.problems] == ["position"]


def test_one_slice_costs_its_own_bytes_and_the_header(tmp_path: Path) -> None:
    data = np.random.default_rng(3).integers(0, 999, (64, 64, 50)).astype(np.int16)
    path = save(tmp_path / "a.nii", data)
    access = Access()
    NiftiVolume(path, access).values(30)
    assert access.traffic.frame()["bytes"].sum() < 64 * 64 * 2 + 1000


def header_with(**fields: tuple[int, bytes]) -> bytes:
    raw = bytearray(nib.Nifti1Image(np.zeros((4, 4, 4), np.int16), np.eye(4)).to_bytes())
    for at, data in fields.values():
        raw[at : at + len(data)] = data
    return bytes(raw)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        bytes(348),
        header_with()[:348],
        header_with()[:400],
        header_with(rank=(40, struct.pack("<h", 0))),
        header_with(rank=(40, struct.pack("<h", 9))),
        header_with(width=(42, struct.pack("<h", 0))),
        header_with(width=(42, struct.pack("<h", -5))),
        header_with(sizes=(42, struct.pack("<hhh", 32767, 32767, 32767))),
        header_with(kind=(70, struct.pack("<h", 1234))),
        header_with(kind=(70, struct.pack("<h", 32))),
        header_with(offset=(108, struct.pack("<f", float("nan")))),
        header_with(offset=(108, struct.pack("<f", float("inf")))),
        header_with(offset=(108, struct.pack("<f", -1.0))),
        header_with(offset=(108, struct.pack("<f", 1e15))),
        header_with(magic=(344, b"ni1\0")),
    ],
)
def test_broken_files_are_typed_errors_that_name_the_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.nii"
    path.write_bytes(data)
    with pytest.raises(LabelwidgetsError, match=r"x\.nii") as error:
        opened(str(path)).values(3)
    assert isinstance(error.value, ImageError | LimitError)
    dataset = Dataset.open([str(path)], errors="collect")
    assert len(dataset) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_an_affine_of_nonsense_is_none(tmp_path: Path, value: float) -> None:
    path = tmp_path / "x.nii"
    path.write_bytes(header_with(rows=(280, struct.pack("<f", value) * 12)))
    volume = opened(str(path))
    assert volume.grid.affine is None
    assert volume.values(0).shape == (4, 4)


def test_a_gzip_bomb_ends_at_the_limits(tmp_path: Path) -> None:
    head = header_with(sizes=(42, struct.pack("<hhh", 2000, 2000, 100)))
    path = tmp_path / "x.nii.gz"
    path.write_bytes(gzip.compress(head + bytes(200 << 20)))
    volume = opened(str(path))
    assert volume.values(0).shape == (2000, 2000)
    with pytest.raises(LimitError, match=r"x\.nii"):
        volume.values(24)


def test_values_that_are_no_numbers_are_shown_without_them(tmp_path: Path) -> None:
    data = np.ones((4, 4, 2), np.float32)
    data[0, 0], data[1, 1] = np.nan, np.inf
    volume = opened(save(tmp_path / "a.nii", data))
    assert np.isnan(volume.values(0)).sum() == 1
    assert volume.encoded(0).values is not None


def test_slices_go_by_in_one_window(tmp_path: Path) -> None:
    data = np.random.default_rng(4).integers(0, 99, (8, 8, 4)).astype(np.int16)
    data[..., 3] *= 50
    volume = opened(save(tmp_path / "a.nii", data))
    shown = {(one.low, one.high) for one in (volume.encoded(k).values for k in range(4)) if one}
    assert len(shown) == 1
    with_window = save(tmp_path / "b.nii", data, cal_min=10, cal_max=60)
    volume = opened(with_window)
    values = volume.encoded(2).values
    assert values is not None
    assert (values.low, values.high) == (10, 60)
    assert (volume.facts.windows[0].level, volume.facts.windows[0].width) == (35, 50)
