"""The table of polygons by which the browser tells what may be stored is what the kernel says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labelwidgets.errors import GeometryError
from labelwidgets.schema.geometry import Mask, Polygon
from labelwidgets.schema.validity import check_geometry
from tests.golden import make, outlines, sets

POLYGONS: list[dict[str, Any]] = json.loads(make.POLYGONS.read_text(encoding="utf-8"))["polygons"]
MASKS: list[dict[str, Any]] = json.loads(make.RLE.read_text(encoding="utf-8"))["masks"]


@pytest.mark.parametrize("case", POLYGONS, ids=lambda case: case["name"])
def test_the_kernel_takes_what_the_table_calls_valid(case: dict[str, Any]) -> None:
    polygon = Polygon(case["parts"])
    if case["valid"]:
        check_geometry(polygon)
    else:
        with pytest.raises(GeometryError, match=r"(crosses itself|touches itself|has a hole)"):
            check_geometry(polygon)


def test_the_table_of_polygons_is_still_what_shapely_says() -> None:
    assert make.POLYGONS.read_text(encoding="utf-8") == make.text_of("polygons", make.polygons())


def test_the_table_has_many_of_either_kind() -> None:
    valid = sum(case["valid"] for case in POLYGONS)
    assert valid > 100
    assert len(POLYGONS) - valid > 100


def test_the_table_of_masks_is_still_what_pycocotools_says() -> None:
    assert make.RLE.read_text(encoding="utf-8") == make.text_of("masks", make.masks())


@pytest.mark.parametrize("case", MASKS, ids=lambda case: case["name"])
def test_the_schema_reads_the_masks_of_the_table(case: dict[str, Any]) -> None:
    mask = Mask({"size": case["size"], "counts": case["counts"]})  # type: ignore[arg-type]
    x, y, width, height = case["box"]
    assert mask.area == case["area"]
    assert mask.bounds == (x, y, width, height)


def test_the_table_of_sets_of_pixels_is_still_what_numpy_says() -> None:
    assert make.RUNS.read_text(encoding="utf-8") == make.text_of("runs", sets.runs())


def test_the_tables_of_outlines_and_fills_are_still_what_the_kernel_makes() -> None:
    assert make.OUTLINES.read_text(encoding="utf-8") == make.text_of(
        "outlines", outlines.outlines()
    )
    assert make.FILLS.read_text(encoding="utf-8") == make.text_of("fills", outlines.fills())
