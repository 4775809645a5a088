"""Growth in scans by a script: read where they lie, and kept as one object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle
from labelwidgets.errors import OntologyError, ToolError
from labelwidgets.media.sample_scans import NODULES, sample_scan
from labelwidgets.schema.geometry import VolumeMask

CLASSES = [lw.ObjectClass("nodule", tool="volumemask"), lw.ObjectClass("spot", tool="mask")]


@pytest.fixture(scope="module")
def chest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    thin, _ = sample_scan(tmp_path_factory.mktemp("chest"))
    return Path(thin)


@pytest.fixture
def project(chest: Path, tmp_path: Path) -> lw.Project:
    return lw.Project.create(tmp_path / "chest.db", lw.Dataset.open(chest), CLASSES, user="ana")


def voxel_of(project: lw.Project, place: tuple[float, float, float]) -> tuple[int, int, int]:
    grid = project.dataset.volume(project.dataset.items.id[0]).grid
    assert grid.affine is not None
    column, row, at = np.round(np.linalg.solve(grid.affine, [*place, 1]))[:3].astype(int)
    return int(at), int(row), int(column)


def test_a_nodule_is_grown_from_its_middle_and_kept(project: lw.Project) -> None:
    item = project.dataset.items.id[0]
    calcified = NODULES[1]
    seed = voxel_of(project, calcified.centre)
    found = project.grow(item, seed, -200, 200, radius=12, unit="mm")
    assert found.class_name == "nodule"
    assert found.origin.name == "grow_volume"
    assert found.origin.parameters["unit"] == "mm"
    (click,) = found.origin.parameters["prompt"]["clicks"]
    assert click == {"x": seed[2] + 0.5, "y": seed[1] + 0.5, "positive": True, "slice": seed[0]}
    project.add(found)
    (kept,) = project.records()
    assert isinstance(kept.geometry, VolumeMask)
    assert kept.geometry == found.geometry
    spacing = project.dataset.volume(item).grid.spacing
    assert spacing is not None
    volume = kept.geometry.area * np.prod(spacing)
    assert volume == pytest.approx(4 / 3 * np.pi * calcified.radius**3, rel=0.3)


def test_only_the_slices_within_reach_are_read(project: lw.Project, chest: Path) -> None:
    item = project.dataset.items.id[0]
    seed = voxel_of(project, NODULES[1].centre)
    project.dataset.volume(item)
    before = bytes_of(project, item)
    project.grow(item, seed, -200, 200, radius=10, unit="mm")
    one = (chest / "000.dcm").stat().st_size
    # 10 mm are four slices of 2.5 mm to either side.
    assert 8 * one < bytes_of(project, item) - before < 10 * one


def bytes_of(project: lw.Project, item: str) -> int:
    traffic = project.dataset.traffic
    return int(traffic.bytes[traffic.item_id == item].sum())


def test_what_cannot_be_grown_says_why(project: lw.Project, tmp_path: Path, chest: Path) -> None:
    item = project.dataset.items.id[0]
    with pytest.raises(ToolError, match=r"\(slice, row, column\) within"):
        project.grow(item, (0, 0))
    with pytest.raises(ToolError, match="within"):
        project.grow(item, (99, 0, 0))
    with pytest.raises(ToolError, match="radius"):
        project.grow(item, (0, 0, 0), radius=-1)
    with pytest.raises(ToolError, match="'size' is not a parameter"):
        project.grow(item, (0, 0, 0), size=3)
    other = lw.Project.create(tmp_path / "other.db", lw.Dataset.open(chest), CLASSES[1:])
    with pytest.raises(OntologyError, match="no class that is drawn as a mask through a scan"):
        other.grow(item, (0, 0, 0))


def test_two_inserts_of_the_phantom_grow_to_plausible_volumes(
    shared_data: Path, tmp_path: Path
) -> None:
    archive = shared_data / "dicom" / "ct_phantom_1mm_40slices.zip"
    dataset = lw.Dataset.open(archive)
    project = lw.Project.create(tmp_path / "phantom.db", dataset, CLASSES, user="ana")
    item = dataset.items.id[0]
    spacing = dataset.volume(item).grid.spacing
    assert spacing is not None
    # A cylinder of 19 mm and a block of 20 mm, both of some 95 HU, within a ball of 40 mm.
    for seed, least, most in (((20, 316, 294), 8, 11), ((20, 195, 286), 12, 17)):
        found = project.grow(item, seed, -200, 200, radius=20, unit="mm", smoothing=2)
        mask = found.geometry
        assert isinstance(mask, VolumeMask)
        volume = dataset.volume(item)
        values = np.concatenate(
            [volume.values(k)[decode_rle(code.to_coco())] for k, code in mask.slices.items()]
        )
        assert least < mask.area * np.prod(spacing) / 1000 < most
        assert 80 < values.mean() < 100
        assert np.ptp(values) <= 400
        project.add(found)
    assert len(project.annotations) == 2
