"""DICOM SEG: what is written is read back by ourselves, highdicom and pydicom, to the voxel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats import FormatWarning
from labelwidgets.media import Dataset
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Ellipse, Point, Polygon, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.scans import SHAPE, label, make_ct, open_scan, voxels, voxels_of

LIVER = ObjectClass("liver", color="#c04020", code=("SCT", "10200004", "Liver"))
ONTOLOGY = Ontology([LIVER, ObjectClass('a "b" \\ 人'), ObjectClass("vessel")])
BACKSLASH = 'a "b" \\ 人'


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, str, list[pydicom.Dataset]]:
    folder = tmp_path_factory.mktemp("ct")
    slices = make_ct(folder)
    return *open_scan(folder), slices


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(masks=st.lists(voxels(), min_size=1, max_size=3))
def test_overlapping_segments_come_back_to_the_voxel(
    scan: Any, tmp_path: Path, masks: list[Any]
) -> None:
    dataset, item, slices = scan
    names = [made.name for made in ONTOLOGY.classes]
    labels = [label(item, name, mask) for name, mask in zip(names, masks, strict=False)]
    path = tmp_path / "seg.dcm"
    formats.write(labels, path, "dicom-seg", dataset=dataset, ontology=ONTOLOGY)
    back = formats.read(path, dataset=dataset, ontology=ONTOLOGY)
    assert [made.class_name for made in back.annotations] == names[: len(masks)]
    for made, mask in zip(back.annotations, masks, strict=True):
        assert made.item_id == item
        assert np.array_equal(voxels_of(made), mask)
    read = hd.seg.segread(path)
    uids = [made.SOPInstanceUID for made in slices]
    pixels = read.get_pixels_by_source_instance(
        uids, assert_missing_frames_are_empty=True, combine_segments=False
    )
    for number, mask in enumerate(masks):
        assert np.array_equal(pixels[..., number], mask)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mask=voxels(), other=voxels())
def test_a_label_map_comes_back_to_the_voxel(
    scan: Any, tmp_path: Path, mask: Any, other: Any
) -> None:
    dataset, item, slices = scan
    other = other & ~mask
    masks = [mask, other] if other.any() else [mask]
    labels = [label(item, name, one) for name, one in zip(("liver", "vessel"), masks, strict=False)]
    path = tmp_path / "map.dcm"
    formats.write(
        labels, path, "dicom_seg", dataset=dataset, ontology=ONTOLOGY, encoding="labelmap"
    )
    back = formats.read(path, dataset=dataset)
    assert [np.array_equal(voxels_of(a), m) for a, m in zip(back.annotations, masks, strict=True)]
    for made, one in zip(back.annotations, masks, strict=True):
        assert np.array_equal(voxels_of(made), one)
    read = hd.seg.segread(path)
    assert read.segmentation_type.value == "LABELMAP"
    pixels = read.get_pixels_by_source_instance(
        [made.SOPInstanceUID for made in slices],
        assert_missing_frames_are_empty=True,
        combine_segments=True,
    )
    wanted = sum(number * one.astype(int) for number, one in enumerate(masks, 1))
    assert np.array_equal(pixels, wanted)


def test_segments_that_overlap_are_no_label_map(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    mask = np.ones(SHAPE, bool)
    labels = [label(item, "liver", mask), label(item, "vessel", mask)]
    with pytest.raises(FormatError, match="572 voxels of several segments"):
        formats.write(labels, tmp_path / "m.dcm", "dicom_seg", dataset=dataset, encoding="labelmap")
    assert not list(tmp_path.iterdir())


def test_class_code_colour_and_origin_are_said_and_come_back(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    mask = np.zeros(SHAPE, bool)
    mask[1, 2:4, 3:6] = True
    labels = [
        label(item, "liver", mask),
        label(item, BACKSLASH, mask, origin=Origin("model", "unet", "2")),
        label(item, "vessel", mask, origin=Origin("tool", "grow")),
        label(item, "vessel", np.roll(mask, 3, 1)),
    ]
    path = tmp_path / "seg.dcm"
    formats.write(labels, path, "dicom_seg", dataset=dataset, ontology=ONTOLOGY)
    read = pydicom.dcmread(path)
    assert [s.SegmentAlgorithmType for s in read.SegmentSequence] == [
        "MANUAL", "AUTOMATIC", "SEMIAUTOMATIC",
    ]  # fmt: skip
    assert "SegmentAlgorithmName" not in read.SegmentSequence[0]
    assert read.SegmentSequence[1].SegmentAlgorithmName == "unet"
    assert read.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeValue == "10200004"
    back = formats.read(path, dataset=dataset)
    assert [made.name for made in back.ontology.classes] == [c.name for c in ONTOLOGY.classes]
    assert [made.color for made in back.ontology.classes] == [c.color for c in ONTOLOGY.classes]
    assert [made.code for made in back.ontology.classes] == [LIVER.code, None, None]
    assert back.annotations[1].origin.parameters["algorithm_name"] == "unet"
    # What came in as made by an algorithm goes out as such.
    again = tmp_path / "again.dcm"
    formats.write(back, again, "dicom_seg", dataset=dataset)
    assert [s.SegmentAlgorithmType for s in pydicom.dcmread(again).SegmentSequence] == [
        "MANUAL", "AUTOMATIC", "SEMIAUTOMATIC",
    ]  # fmt: skip


def test_a_class_of_the_same_code_is_the_class_of_the_project(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    path = tmp_path / "seg.dcm"
    labels = [label(item, "liver", np.ones(SHAPE, bool))]
    formats.write(labels, path, "dicom_seg", dataset=dataset, ontology=ONTOLOGY)
    german = Ontology([ObjectClass("Leber", code=LIVER.code)])
    assert formats.read(path, dataset=dataset, ontology=german).annotations[0].class_name == "Leber"


def test_objects_are_segments_of_their_own_on_request(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    mask = np.zeros(SHAPE, bool)
    mask[0, :3, :3] = True
    labels = [label(item, "vessel", np.roll(mask, step, 1)) for step in (0, 4)]
    path = tmp_path / "seg.dcm"
    formats.write(
        labels, path, "dicom_seg", dataset=dataset, ontology=ONTOLOGY, segments="instances"
    )
    back = formats.read(path, dataset=dataset)
    assert {made.id: made.geometry for made in back.annotations} == {
        made.id: made.geometry for made in labels
    }


def test_shapes_of_a_slice_are_the_voxels_whose_centres_they_hold(
    scan: Any, tmp_path: Path
) -> None:
    dataset, item, _ = scan
    shapes = [
        Rectangle(2, 3, 4, 2),
        Ellipse(6.5, 5.5, 3.2, 2.4, 30),
        Polygon([[[(1, 1), (9, 1), (9, 9), (1, 9)], [(3, 3), (3, 6), (6, 6), (6, 3)]]]),
    ]
    labels = [
        Annotation(item_id=item, class_name="vessel", geometry=shape, frame=index)
        for index, shape in enumerate(shapes)
    ]
    path = tmp_path / "seg.dcm"
    formats.write(labels, path, "dicom_seg", dataset=dataset, ontology=ONTOLOGY)
    (made,) = formats.read(path, dataset=dataset).annotations
    wanted = np.zeros(SHAPE, bool)
    wanted[0, 3:5, 2:6] = True
    for row in range(SHAPE[1]):
        for column in range(SHAPE[2]):
            dx, dy = column + 0.5 - 6.5, row + 0.5 - 5.5
            turn = np.radians(30)
            along = dx * np.cos(turn) + dy * np.sin(turn)
            across = dy * np.cos(turn) - dx * np.sin(turn)
            wanted[1, row, column] = (along / 3.2) ** 2 + (across / 2.4) ** 2 <= 1
    wanted[2, 1:9, 1:9] = True
    wanted[2, 3:6, 3:6] = False
    assert np.array_equal(voxels_of(made), wanted)


def test_what_has_no_place_is_counted_or_refused(scan: Any, tmp_path: Path) -> None:
    dataset, item, _ = scan
    labels = [
        label(item, "liver", np.ones(SHAPE, bool)),
        Annotation(item_id=item, class_name="vessel", geometry=Point(1, 1), frame=0),
    ]
    path = tmp_path / "seg.dcm"
    with pytest.warns(FormatWarning, match="no place for 1 point"):
        written = formats.write(labels, path, "dicom_seg", dataset=dataset, ontology=ONTOLOGY)
    assert written.counts == {"scans": 1, "segments": 1, "frames": 4, "changed": 0, "left_out": 1}
    with pytest.raises(FormatError, match="1 point"):
        formats.write(
            labels, tmp_path / "s.dcm", "dicom_seg", dataset=dataset, ontology=ONTOLOGY, strict=True
        )
    assert not (tmp_path / "s.dcm").exists()


@pytest.mark.parametrize("target", ["folder", "out.zip"])
def test_several_scans_are_files_of_a_folder_or_an_archive(tmp_path: Path, target: str) -> None:
    make_ct(tmp_path / "data" / "one")
    make_ct(tmp_path / "data" / "two")
    dataset = Dataset.open(str(tmp_path / "data"))
    assert len(dataset) == 2
    labels = [label(item, "liver", np.ones(SHAPE, bool)) for item in dataset.items["id"]]
    with pytest.raises(FormatError, match="2 scans"):
        formats.write(labels, tmp_path / "one.dcm", "dicom_seg", dataset=dataset)
    written = formats.write(labels, tmp_path / target, "dicom_seg", dataset=dataset)
    assert written.counts["scans"] == 2
    files = tmp_path / target
    if target.endswith("zip"):
        import zipfile

        zipfile.ZipFile(files).extractall(tmp_path / "out")
        files = tmp_path / "out"
    found = [formats.read(path, dataset=dataset) for path in sorted(files.iterdir())]
    assert {one.annotations[0].item_id for one in found} == set(dataset.items["id"])
