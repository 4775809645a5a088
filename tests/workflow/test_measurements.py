"""What shapes measure, as a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.algorithms.masks import encode_rle
from labelwidgets.workflow.measurements import COLUMNS
from tests.browser.test_scans import COUNT, SIZE, write_slice

WIDTH, HEIGHT = SIZE
CLASSES = [
    lw.ObjectClass("length", tool="ruler"),
    lw.ObjectClass("angle", tool="angle"),
    lw.ObjectClass("lesion", tool="bidirectional"),
    lw.ObjectClass("nodule", tool="ellipse"),
    lw.ObjectClass("vessel", tool="polyline"),
    lw.ObjectClass("box"),
    lw.ObjectClass("area", tool="polygon"),
    lw.ObjectClass("mask", tool="mask"),
    lw.ObjectClass("organ", tool="volumemask"),
    lw.ObjectClass("place", tool="point"),
    lw.ObjectClass("body", tool="keypoints", skeleton=lw.Skeleton(["a"])),
]


def add(project: lw.Project, *made: tuple[str, Any, int | None]) -> None:
    item = project.tasks["item_id"][0]
    project.add(
        [
            lw.Annotation(item_id=item, class_name=name, geometry=geometry, frame=frame)
            for name, geometry, frame in made
        ]
    )


@pytest.fixture
def scan(tmp_path: Path) -> lw.Project:
    """Every pixel of slice k has 100 k HU; voxels are 0.5 x 0.5 x 2 mm."""
    folder = tmp_path / "scan"
    folder.mkdir()
    for number in range(COUNT):
        write_slice(folder / f"{number}.dcm", number)
    dataset = lw.Dataset.open(folder)
    return lw.Project.create(tmp_path / "scan.db", dataset, lw.Ontology(CLASSES), user="ana")


def rle(left: int, top: int, width: int, height: int) -> lw.RLE:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[top : top + height, left : left + width] = True
    made = encode_rle(pixels)
    counts = made["counts"]
    return lw.RLE(made["size"], counts.decode() if isinstance(counts, bytes) else counts)


def test_each_shape_tells_what_it_can(scan: lw.Project) -> None:
    square = [[(10, 10), (14, 10), (14, 14), (10, 14)]]
    add(
        scan,
        ("length", lw.Polyline([(0, 0), (30, 40)]), 2),
        ("angle", lw.Polyline([(10, 0), (0, 0), (0, 10)]), 2),
        ("lesion", lw.Keypoints([(0, 0, 2), (0, 8, 2), (4, 2, 2), (10, 2, 2)]), 3),
        ("nodule", lw.Ellipse(20, 20, 4, 2), 3),
        ("vessel", lw.Polyline([(0, 0), (10, 0), (10, 10)]), 0),
        ("box", lw.Rectangle(1, 1, 4, 5), 8),
        ("area", lw.Polygon([square]), 1),
        ("mask", lw.Mask(rle(0, 0, 3, 2)), 5),
        ("organ", lw.VolumeMask({1: rle(0, 0, 10, 10), 3: rle(5, 5, 10, 10)}), None),
        ("place", lw.Point(1, 1), 0),
        ("body", lw.Keypoints([(1, 1, 2)]), 0),
    )
    frame = scan.measurements()
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["class_name"]) == [made.name for made in CLASSES[:9]]
    of = frame.set_index("class_name")
    assert tuple(of.loc["length", ["kind", "length_px", "length_mm"]]) == ("ruler", 50, 25)
    assert of.loc["angle", "angle_deg"] == pytest.approx(90)
    assert np.isnan(of.loc["angle", "length_px"])
    assert tuple(of.loc["lesion", ["kind", "length_mm", "width_mm"]]) == ("bidirectional", 4, 3)
    assert of.loc["nodule", "area_mm2"] == pytest.approx(np.pi * 8 / 4)
    assert of.loc["vessel", "length_mm"] == 10
    assert tuple(of.loc["box", ["area_px", "area_mm2", "count", "mean"]]) == (20, 5, 20, 800)
    assert tuple(of.loc["area", ["area_px", "count", "mean"]]) == (16, 16, 100)
    assert tuple(of.loc["mask", ["area_mm2", "count", "mean", "sd"]]) == (1.5, 6, 500, 0)
    organ = of.loc["organ"]
    assert organ["volume_ml"] == pytest.approx(200 * 0.5 * 0.5 * 2 / 1000)
    assert tuple(organ[["count", "mean", "sd", "min", "max"]]) == (200, 200, 100, 100, 300)
    assert set(frame["unit"]) == {"HU"}


def test_values_are_left_out_where_they_are_not_wanted(scan: lw.Project) -> None:
    add(scan, ("nodule", lw.Ellipse(20, 20, 4, 2), 3))
    frame = scan.measurements(values=False)
    assert frame["count"].isna().all()
    assert frame.loc[0, "area_mm2"] == pytest.approx(np.pi * 2)


def test_photographs_have_pixels_and_no_values(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    dataset = lw.Dataset.open(tmp_path / "a.png")
    with lw.Project.create(tmp_path / "p.db", dataset, lw.Ontology(CLASSES), user="ana") as project:
        add(
            project,
            ("length", lw.Polyline([(0, 0), (3, 4)]), None),
            ("nodule", lw.Ellipse(20, 20, 4, 2), None),
        )
        frame = project.measurements()
    assert frame.loc[0, "length_px"] == 5
    assert np.isnan(frame.loc[0, "length_mm"])
    assert frame["count"].isna().all()


def test_a_project_without_shapes_has_the_columns(scan: lw.Project) -> None:
    frame = scan.measurements()
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 0
    assert frame["length_mm"].dtype == "float64"
