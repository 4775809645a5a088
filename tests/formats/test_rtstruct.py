"""RTSTRUCT: our contours come back to the voxel, those of others where rt_utils puts them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelwidgets import formats
from labelwidgets.algorithms import polygon_to_mask
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.rtstruct.outlines import keyholes
from labelwidgets.media import Dataset
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Point, Polyline, Rectangle, Tag
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.scans import SHAPE, label, make_ct, open_scan, voxels, voxels_of
from tests.judges import judge

ONTOLOGY = Ontology(
    [ObjectClass("heart", color="#aa2211", code=("SCT", "80891009", "Heart")), "a \\ b", "lung"]  # type: ignore[list-item]
)
ODD = "a \\ b"


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("ct")
    slices = make_ct(folder / "chest")
    return *open_scan(folder), slices, folder / "chest"


@given(mask=arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_rings_with_channels_to_their_holes_fill_the_very_same_mask(mask: Any) -> None:
    made = np.zeros(mask.shape, bool)
    for ring in keyholes(mask):
        made ^= polygon_to_mask([[ring]], mask.shape)
    assert np.array_equal(made, mask)


def test_a_mask_with_nested_holes_is_one_ring_a_part() -> None:
    mask = np.ones((20, 20), bool)
    mask[2:18, 2:9] = False
    mask[3:17, 3:8] = True
    mask[5:9, 4:7] = False
    mask[2:6, 12:16] = mask[8, 12] = mask[8, 14] = mask[9:12, 13] = False
    rings = keyholes(mask)
    assert len(rings) == 2
    made = np.zeros(mask.shape, bool)
    for ring in rings:
        made ^= polygon_to_mask([[ring]], mask.shape)
    assert np.array_equal(made, mask)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(masks=st.lists(voxels(), min_size=1, max_size=3))
def test_contours_come_back_to_the_voxel(scan: Any, tmp_path: Path, masks: list[Any]) -> None:
    dataset, item, _, _ = scan
    names = [made.name for made in ONTOLOGY.classes]
    labels = [label(item, name, mask) for name, mask in zip(names, masks, strict=False)]
    path = tmp_path / "rt.dcm"
    formats.write(labels, path, "rtstruct", dataset=dataset, ontology=ONTOLOGY)
    back = formats.read(path, dataset=dataset)
    assert [made.class_name for made in back.annotations] == names[: len(masks)]
    for made, mask in zip(back.annotations, masks, strict=True):
        assert np.array_equal(voxels_of(made), mask)


def test_class_code_colour_points_and_lines_come_back(scan: Any, tmp_path: Path) -> None:
    dataset, item, slices, _ = scan
    labels = [
        label(item, "heart", np.ones(SHAPE, bool)),
        Annotation(item_id=item, class_name="lung", geometry=Point(3.25, 4.5), frame=2),
        Annotation(
            item_id=item, class_name=ODD, geometry=Polyline([(1, 1), (5, 2), (7, 9)]), frame=1
        ),
        Annotation(item_id=item, class_name="lung", geometry=Rectangle(1, 1, 3, 3), frame=0),
        Annotation(item_id=item, class_name="lung", geometry=Tag()),
    ]
    path = tmp_path / "rt.dcm"
    with pytest.warns(formats.FormatWarning, match="1 tag"):
        written = formats.write(labels, path, "rtstruct", dataset=dataset, ontology=ONTOLOGY)
    assert written.counts == {"scans": 1, "regions": 4, "contours": 7, "changed": 1, "left_out": 1}
    read = pydicom.dcmread(path)
    assert [roi.ROIName for roi in read.StructureSetROISequence] == [
        "heart", "lung", "lung points", "a / b lines",
    ]  # fmt: skip
    assert list(read.ROIContourSequence[0].ROIDisplayColor) == [0xAA, 0x22, 0x11]
    assert read.StudyInstanceUID == slices[0].StudyInstanceUID
    point = read.ROIContourSequence[2].ContourSequence[0]
    cosines = np.array(slices[2].ImageOrientationPatient, float)
    wanted = (
        np.array(slices[2].ImagePositionPatient, float)
        + cosines[:3] * 0.5 * (3.25 - 0.5)
        + cosines[3:] * 0.75 * (4.5 - 0.5)
    )
    assert np.allclose(np.array(point.ContourData, float), wanted, atol=1e-3)
    back = formats.read(path, dataset=dataset)
    shapes = {(made.class_name, made.geometry.type): made for made in back.annotations}
    found = shapes["lung", "point"]
    assert found.frame == 2
    assert np.allclose((found.geometry.x, found.geometry.y), (3.25, 4.5), atol=1e-3)  # type: ignore[union-attr]
    line = shapes[ODD, "polyline"]
    assert line.frame == 1
    assert np.allclose(line.geometry.points, [(1, 1), (5, 2), (7, 9)], atol=1e-3)  # type: ignore[union-attr]
    assert back.ontology["heart"].code == ONTOLOGY["heart"].code
    assert back.ontology["heart"].color == "#aa2211"


def test_rt_utils_finds_our_contours_within_the_rim_of_a_pixel(tmp_path: Path) -> None:
    rt_utils = judge("rt_utils")
    from scipy.ndimage import binary_dilation

    make_ct(tmp_path / "ct", (4, 50, 50), (1, 0, 0, 0, 1, 0), None, (2, 0.5, 0.5))
    dataset, item = open_scan(tmp_path / "ct")
    mask = np.zeros((4, 50, 50), bool)
    mask[1:3, 10:30, 12:33] = True
    mask[2, 3:8, 40:48] = True
    path = tmp_path / "rt.dcm"
    formats.write([label(item, "heart", mask)], path, "rtstruct", dataset=dataset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = rt_utils.RTStructBuilder.create_from(str(tmp_path / "ct"), str(path))
    assert theirs.get_roi_names() == ["heart"]
    found = np.moveaxis(theirs.get_roi_mask_by_name("heart"), -1, 0)
    # It rounds corners to whole pixels, and fills their edges too.
    assert not (mask & ~found).any()
    rim = np.stack([binary_dilation(one, np.ones((3, 3))) for one in mask])
    assert not (found & ~rim).any()


def test_contours_that_rt_utils_writes_are_filled_as_it_fills_them(tmp_path: Path) -> None:
    rt_utils = judge("rt_utils")
    from scipy.ndimage import binary_dilation, binary_erosion

    shape = (4, 50, 50)
    make_ct(tmp_path / "ct", shape, (1, 0, 0, 0, 1, 0), None, (2, 0.5, 0.5))
    dataset, _ = open_scan(tmp_path / "ct")
    mask = np.zeros(shape, bool)
    mask[1:3, 10:30, 12:33] = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = rt_utils.RTStructBuilder.create_new(str(tmp_path / "ct"))
        theirs.add_roi(np.moveaxis(mask, 0, -1), color=[1, 2, 3], name="box")
        theirs.save(str(tmp_path / "rt.dcm"))
    (made,) = formats.read(tmp_path / "rt.dcm", dataset=dataset).annotations
    found = voxels_of(made, shape)
    # Its contours run through the centres of the outermost pixels, which then are in or out.
    for index in range(4):
        assert not (binary_erosion(mask[index]) & ~found[index]).any()
        assert not (found[index] & ~binary_dilation(mask[index])).any()
    assert made.class_name == "box"


def test_ten_regions_of_a_planning_system(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "rtstruct_dicompyler"
    dataset = Dataset.open([str(folder / "ct.0.dcm")])
    back = formats.read(folder / "rtss.dcm", dataset=dataset, errors="collect")
    assert len(back.categories) == 10
    read = pydicom.dcmread(folder / "rtss.dcm")
    total = sum(len(roi.get("ContourSequence", [])) for roi in read.ROIContourSequence)
    image = pydicom.dcmread(folder / "ct.0.dcm", stop_before_pixels=True)
    on = 0
    for roi in read.ROIContourSequence:
        for contour in roi.get("ContourSequence", []):
            on += abs(float(contour.ContourData[2]) - float(image.ImagePositionPatient[2])) < 1.51
    assert int(back.unmatched["annotations"].sum()) + len(back.left_out) + on == total
    if not on:
        with pytest.raises(FormatError, match=f"none of its {total} contours"):
            formats.read(folder / "rtss.dcm", dataset=dataset)


def test_an_object_that_refers_to_other_pictures_is_said_to(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "rtstruct_rt-utils"
    dataset = Dataset.open([str(folder / "ct_1.dcm"), str(folder / "ct_2.dcm")])
    (made,) = formats.read(folder / "rt.dcm", dataset=dataset).annotations
    assert made.class_name == "ROI-1"
    # A box of 24 mm less one of 15 x 15 mm, on one slice: the inner contour is a hole.
    assert np.isclose(made.geometry.area * 0.488281**2, 24**2 - 15 * 15, rtol=0.05)
    found = formats.read(folder / "invalid_reference_rt.dcm", dataset=dataset, errors="collect")
    other = pydicom.dcmread(folder / "invalid_reference_rt.dcm")
    total = sum(len(roi.ContourSequence) for roi in other.ROIContourSequence)
    assert int(found.unmatched["annotations"].sum()) > 0
    assert int(found.unmatched["annotations"].sum()) <= total


def _damaged(path: Path, change: Any) -> None:
    read = pydicom.dcmread(path)
    change(read)
    read.save_as(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ContourData", ["NaN", "0", "0"] * 3),
        ("ContourData", ["1e300", "0", "0"] * 3),
        ("ContourData", ["1", "2"]),
        ("NumberOfContourPoints", 7),
        ("ContourGeometricType", "SPHERE"),
        ("ReferencedROINumber", 99),
        ("ROINumber", 99),
        ("StructureSetROISequence", []),
    ],
)
def test_a_damaged_object_names_the_file_and_the_field(
    scan: Any, tmp_path: Path, field: str, value: Any
) -> None:
    dataset, item, _, _ = scan
    path = tmp_path / "rt.dcm"
    formats.write([label(item, "heart", np.ones(SHAPE, bool))], path, "rtstruct", dataset=dataset)

    def change(read: pydicom.Dataset) -> None:
        holder: Any = read
        if field in ("ContourData", "NumberOfContourPoints", "ContourGeometricType"):
            holder = read.ROIContourSequence[0].ContourSequence[0]
        elif field == "ReferencedROINumber":
            holder = read.ROIContourSequence[0]
        elif field == "ROINumber":
            holder = read.StructureSetROISequence[0]
        with pydicom.config.disable_value_validation():
            setattr(holder, field, value)

    with pydicom.config.disable_value_validation():
        _damaged(path, change)
    with pytest.raises(FormatError, match=rf"rt\.dcm.*{'ROI' if 'ROI' in field else field}"):
        formats.read(path, dataset=dataset)


def test_a_contour_of_a_million_points_is_read(scan: Any, tmp_path: Path) -> None:
    dataset, item, _, _ = scan
    path = tmp_path / "rt.dcm"
    formats.write([label(item, "heart", np.ones(SHAPE, bool))], path, "rtstruct", dataset=dataset)
    read = pydicom.dcmread(path)
    contour = read.ROIContourSequence[0].ContourSequence[0]
    corners = np.array(contour.ContourData, float).reshape(-1, 3)
    steps = np.linspace(0, 1, 250_000, endpoint=False)[:, None]
    around = np.concatenate(
        [a + steps * (b - a) for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)]
    )
    contour["ContourData"] = pydicom.dataelem.RawDataElement(
        pydicom.tag.Tag("ContourData"),
        "DS",
        0,
        b"\\".join(b"%.4f" % n for n in around.ravel().tolist()),
        0,
        True,
        True,
    )
    contour.NumberOfContourPoints = len(around)
    read.save_as(path)
    (made,) = formats.read(path, dataset=dataset).annotations
    assert voxels_of(made).all()


def test_a_region_whose_name_is_no_class_is_left_out_alone(scan: Any, tmp_path: Path) -> None:
    dataset, item, _, _ = scan
    path = tmp_path / "rt.dcm"
    labels = [label(item, name, np.ones(SHAPE, bool)) for name in ("heart", "lung")]
    formats.write(labels, path, "rtstruct", dataset=dataset)
    read = pydicom.dcmread(path)
    with pydicom.config.disable_value_validation():
        read.StructureSetROISequence[0].ROIDescription = "x" * 5000
        read.save_as(path)
    with pytest.raises(LabelwidgetsError, match=r"rt\.dcm, ROIContourSequence\[0\]"):
        formats.read(path, dataset=dataset)
    found = formats.read(path, dataset=dataset, errors="collect")
    assert [made.class_name for made in found.annotations] == ["lung"]
    assert list(found.left_out["record"]) == ["ROIContourSequence[0]"]
