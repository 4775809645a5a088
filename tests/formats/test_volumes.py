"""Scans and labels as arrays, NIfTI label maps and pictures of slices."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats import FormatWarning
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.scans import SHAPE, SPACING, label, make_ct, open_scan, voxels, voxels_of

ONTOLOGY = Ontology([ObjectClass("bone"), ObjectClass("人/x", code=("SCT", "1", "A")), "vessel"])  # type: ignore[list-item]
CODED = "人/x"


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("ct")
    slices = make_ct(folder / "chest")
    return *open_scan(folder), slices


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mask=voxels(), other=voxels())
def test_nifti_comes_back_to_the_voxel(scan: Any, tmp_path: Path, mask: Any, other: Any) -> None:
    dataset, item, _ = scan
    other = other & ~mask
    labels = [label(item, "vessel", mask)]
    if other.any():
        labels.append(label(item, CODED, other))
    path = tmp_path / "labels.nii.gz"
    formats.write(labels, path, "nifti", dataset=dataset, ontology=ONTOLOGY)
    back = formats.read(path, dataset=dataset)
    found = {made.class_name: voxels_of(made) for made in back.annotations}
    assert np.array_equal(found.pop("vessel"), mask)
    if other.any():
        assert np.array_equal(found.pop(CODED), other)
    assert not found


def test_nibabel_and_simpleitk_see_each_voxel_where_it_is_in_the_patient(
    scan: Any, tmp_path: Path
) -> None:
    dataset, item, slices = scan
    mask = np.zeros(SHAPE, bool)
    mask[2, 7, 4] = True
    path = tmp_path / "one.nii"
    formats.write([label(item, "bone", mask)], path, "nifti", dataset=dataset, ontology=ONTOLOGY)
    header = slices[2]
    cosines = np.array(header.ImageOrientationPatient, float)
    # PS3.3 C.7.6.2.1.1: column 4 of row 7.
    wanted = (
        np.array(header.ImagePositionPatient, float)
        + cosines[:3] * SPACING[2] * 4
        + cosines[3:] * SPACING[1] * 7
    )
    made = nibabel.load(path)
    (where,) = np.argwhere(np.asarray(made.dataobj))
    assert np.allclose((made.affine @ [*where, 1])[:3] * [-1, -1, 1], wanted, atol=1e-4)
    sitk = pytest.importorskip("SimpleITK")
    read = sitk.ReadImage(str(path))
    values = sitk.GetArrayFromImage(read)
    (place,) = np.argwhere(values)
    point = read.TransformIndexToPhysicalPoint([int(n) for n in place[::-1]])
    assert np.allclose(point, wanted, atol=1e-4)


@pytest.mark.parametrize("orientation", ["LPS", "RAS", "PIR", "ASL"])
def test_a_label_map_turned_by_another_tool_still_fits(
    scan: Any, tmp_path: Path, orientation: str
) -> None:
    dataset, item, _ = scan
    rng = np.random.default_rng(5)
    mask = rng.random(SHAPE) > 0.6
    path, turned = tmp_path / "a.nii.gz", tmp_path / "b.nii.gz"
    formats.write([label(item, "bone", mask)], path, "nifti", dataset=dataset, ontology=ONTOLOGY)
    made = nibabel.load(path)
    now = nibabel.orientations.io_orientation(made.affine)
    then = nibabel.orientations.axcodes2ornt(orientation)
    other = made.as_reoriented(nibabel.orientations.ornt_transform(now, then))
    nibabel.save(nibabel.Nifti1Image(np.asarray(other.dataobj), other.affine), turned)
    back = formats.read(turned, dataset=dataset, ontology=ONTOLOGY)
    assert back.annotations[0].class_name == "bone"
    assert np.array_equal(voxels_of(back.annotations[0]), mask)


def test_a_map_of_another_grid_is_refused_and_numbers_can_be_named(
    scan: Any, tmp_path: Path
) -> None:
    dataset, item, _ = scan
    path = tmp_path / "a.nii"
    mask = np.ones(SHAPE, bool)
    formats.write([label(item, "vessel", mask)], path, "nifti", dataset=dataset, ontology=ONTOLOGY)
    back = formats.read(path, dataset=dataset, classes={3: "vein"})
    assert [made.class_name for made in back.annotations] == ["vein"]
    made = nibabel.load(path)
    moved = made.affine.copy()
    moved[0, 3] += 0.2
    nibabel.save(nibabel.Nifti1Image(np.asarray(made.dataobj), moved), path)
    with pytest.raises(FormatError, match="where no scan of the dataset has them"):
        formats.read(path, dataset=dataset)
    with pytest.raises(FormatError, match="not those of the scan"):
        formats.read(path, dataset=dataset, item=item)


def test_classes_that_overlap_fit_files_of_their_own(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    one, two = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    one[:3], two[1:] = True, True
    labels = [label(item, CODED, one), label(item, "bone", two)]
    with pytest.warns(FormatWarning, match="286 voxels of several classes"):
        formats.write(labels, tmp_path / "a.nii", "nifti", dataset=dataset, ontology=ONTOLOGY)
    # The class that comes later in the ontology is kept, whatever came first.
    back = formats.read(tmp_path / "a.nii", dataset=dataset)
    found = {made.class_name: voxels_of(made) for made in back.annotations}
    assert np.array_equal(found[CODED], one)
    assert np.array_equal(found["bone"], two & ~one)
    with pytest.raises(FormatError, match="several classes"):
        formats.write(
            labels, tmp_path / "b.nii", "nifti", dataset=dataset, ontology=ONTOLOGY, strict=True
        )
    formats.write(labels, tmp_path / "all", "nifti", dataset=dataset, ontology=ONTOLOGY, split=True)
    files = sorted((tmp_path / "all").rglob("*.nii.gz"))
    assert len(files) == 2
    both = [formats.read(path, dataset=dataset).annotations[0] for path in files]
    found = {made.class_name: voxels_of(made) for made in both}
    assert np.array_equal(found[CODED], one)
    assert np.array_equal(found["bone"], two)


def test_a_gzip_bomb_and_lying_headers_are_refused(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    path = tmp_path / "a.nii"
    mask = np.ones(SHAPE, bool)
    formats.write([label(item, "bone", mask)], path, "nifti", dataset=dataset, ontology=ONTOLOGY)
    good = path.read_bytes()
    bomb = tmp_path / "bomb.nii.gz"
    bomb.write_bytes(gzip.compress(good + b"\0" * 50_000_000))
    # What lies behind the voxels is never unpacked.
    assert formats.read(bomb, dataset=dataset).annotations
    # Nothing at all is unpacked of one that is of no scan's size.
    larger = good[:40] + struct.pack("<8h", 3, 1024, 1024, 1024, 1, 1, 1, 1) + good[56:]
    bomb.write_bytes(gzip.compress(larger + b"\0" * 50_000_000))
    for options in ({}, {"item": item}):
        with pytest.raises(FormatError, match=r"bomb\.nii\.gz, dim: .* voxels"):
            formats.read(bomb, dataset=dataset, **options)
    bad = {
        "dim": (40, struct.pack("<8h", 3, 32767, 32767, 32767, 1, 1, 1, 1)),
        "dim ": (40, struct.pack("<8h", 9, 1, 1, 1, 1, 1, 1, 1)),
        "dim  ": (40, struct.pack("<8h", 3, -1, 2, 2, 1, 1, 1, 1)),
        "vox_offset": (108, struct.pack("<f", float("nan"))),
        "bitpix": (72, struct.pack("<h", 3)),
        "magic": (344, b"nope"),
    }
    for field, (at, data) in bad.items():
        path.write_bytes(good[:at] + data + good[at + len(data) :])
        with pytest.raises((FormatError, LimitError), match=field.strip()):
            formats.read(path, "nifti", dataset=dataset)
    for broken in (good[:700], good[:100], gzip.compress(good)[:150], b""):
        path.write_bytes(broken)
        with pytest.raises((FormatError, LimitError), match=r"a\.nii"):
            formats.read(path, "nifti", dataset=dataset)


def test_what_is_no_label_map_is_refused(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    path = tmp_path / "a.nii"
    formats.write([label(item, "bone", np.ones(SHAPE, bool))], path, "nifti", dataset=dataset)
    affine = nibabel.load(path).affine
    for values, reason in (
        (np.full(SHAPE[::-1], 0.5, np.float32), "not whole"),
        (np.full(SHAPE[::-1], -3, np.int16), "from -3"),
        (np.full(SHAPE[::-1], np.nan, np.float32), "nan"),
        (np.zeros((*SHAPE[::-1], 2), np.uint8), "4 axes"),
    ):
        nibabel.save(nibabel.Nifti1Image(values, affine), path)
        with pytest.raises(FormatError, match=reason):
            formats.read(path, dataset=dataset)


def test_slices_are_indexed_pictures_with_a_legend(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    mask = np.zeros(SHAPE, bool)
    mask[1, 2:5, 3:9] = True
    labels = [label(item, CODED, mask)]
    written = formats.write(
        labels, tmp_path / "m.zip", "slice-masks", dataset=dataset, ontology=ONTOLOGY
    )
    assert written.counts["pictures"] == SHAPE[0]
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        archive.extractall(tmp_path / "m")
    legend = json.loads((tmp_path / "m" / "legend.json").read_text())
    number = {one["name"]: one["number"] for one in legend["classes"]}[CODED]
    assert number == 2
    assert [one["slice"] for one in legend["pictures"]] == list(range(SHAPE[0]))
    for one in legend["pictures"]:
        picture = Image.open(tmp_path / "m" / one["file_name"])
        assert picture.mode == "P"
        assert np.array_equal(np.asarray(picture) == number, mask[one["slice"]])
    rgb = Image.open(tmp_path / "m" / legend["pictures"][1]["file_name"]).convert("RGB")
    assert "#{:02x}{:02x}{:02x}".format(*rgb.getpixel((3, 2))) == ONTOLOGY[CODED].color


def test_a_project_gives_values_labels_spacing_and_classes(tmp_path: Path) -> None:
    slices = make_ct(tmp_path / "ct")
    dataset, item = open_scan(tmp_path / "ct")
    with lw.Project.create(tmp_path / "p.db", dataset, ONTOLOGY) as project:
        mask = np.zeros(SHAPE, bool)
        mask[1:3, 2:5, 3:9] = True
        project.add(
            [
                label(item, "vessel", mask),
                Annotation(
                    item_id=item, class_name="bone", geometry=Rectangle(0, 0, 2, 3), frame=0
                ),
            ]
        )
        values, labels, spacing, classes, affine, overlaps = project.volume(item)
        assert classes == {1: "bone", 2: CODED, 3: "vessel"}
        assert values.shape == labels.shape == SHAPE
        assert labels.dtype == np.uint8
        for index, made in enumerate(slices):
            assert np.array_equal(values[index], made.pixel_array.astype(int) - 1000)
        assert np.array_equal(labels == 3, mask)
        assert (labels[0, :3, :2] == 1).all()
        assert np.count_nonzero(labels == 1) == 6
        assert np.allclose(spacing, SPACING)
        assert np.allclose((affine @ [0, 0, 3, 1])[:3], slices[3].ImagePositionPatient)
        assert overlaps == 0
        assert project.volume(item, by="instances").classes == {1: "bone", 2: "vessel"}
        with pytest.raises(FormatError, match="no item"):
            project.volume("nothing")
