"""Outlines that cross themselves: wrong as they are, mended where that is asked for."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

import labelwidgets as lw
from labelwidgets.algorithms import polygon_to_mask
from labelwidgets.algorithms.even_odd import uncrossed
from labelwidgets.errors import FormatError, LimitError
from labelwidgets.schema.validity import check_geometry

BOW = [5, 5, 50, 35, 50, 5, 5, 35]
SQUARE = [10, 10, 20, 10, 20, 20, 10, 20]
LINE = [10, 10, 20, 20, 30, 30]
ITEMS = pd.DataFrame(
    [
        {"id": "a", "title": "a.jpg", "folder": "", "urls": ["a.jpg"],
         "metadata": {"width": 60, "height": 40}, "kind": "image", "status": "ok"}
    ]
)  # fmt: skip


def coco(folder: Path, *segmentations: Any) -> Path:
    path = folder / "labels.json"
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 60, "height": 40}],
        "categories": [{"id": 1, "name": "cup"}],
        "annotations": [
            {"id": at, "image_id": 1, "category_id": 1, "segmentation": one}
            for at, one in enumerate(segmentations, 1)
        ],
    }
    path.write_text(json.dumps(document))
    return path


def test_an_outline_that_crosses_itself_is_mended_where_that_is_asked_for(tmp_path: Path) -> None:
    path = coco(tmp_path, [BOW], [SQUARE])
    with pytest.raises(FormatError, match="repair=True"):
        lw.formats.read(path)
    found = lw.formats.read(path, repair=True)
    bow, square = found.annotations
    assert (found.mended, len(found.left_out)) == (1, 0)
    assert len(bow.geometry.parts) == 2
    assert bow.geometry.area == pytest.approx(45 * 30 / 2)
    assert "crosses itself" in bow.origin.parameters["repaired"]
    assert "repaired" not in square.origin.parameters
    ring = [[BOW[at], BOW[at + 1]] for at in range(0, len(BOW), 2)]
    assert bow.origin.parameters["repaired_from"] == {"type": "polygon", "parts": [[ring]]}
    lw.formats.write(found, tmp_path / "b.json", "coco")
    assert lw.formats.read(tmp_path / "b.json").annotations == found.annotations
    assert "mended=1" in repr(found)
    assert "1 label mended" in found._repr_html_()
    assert lw.formats.read_frame(path, repair=True).mended == 1
    assert lw.formats.read_frame(path, repair=True, check=True).mended == 1


def test_where_an_outline_crosses_itself_is_said_in_pixels_with_its_ring(tmp_path: Path) -> None:
    path = coco(tmp_path, [SQUARE, BOW])
    words = r"annotations\[0\] \(id 1\), segmentation\[1\]: crosses itself at x [\d.]+, y [\d.]+\. "
    with pytest.raises(FormatError, match=words + "Pass repair=True .* Or pass errors="):
        lw.formats.read(path)
    left_out = lw.formats.read(path, errors="collect").left_out.iloc[0]
    assert left_out["field"] == "segmentation[1]"
    assert "Pass repair=True" in left_out["reason"]
    with pytest.raises(FormatError, match=words):
        lw.formats.read_frame(path, check=True)


def test_slivers_are_dropped_and_a_label_without_area_is_left_out(tmp_path: Path) -> None:
    path = coco(tmp_path, [SQUARE, LINE], [SQUARE, [1, 1, 2, 2]], [LINE], [[1, 1, 2, 2]])
    found = lw.formats.read(path, repair=True)
    shapes = [one.geometry for one in found.annotations]
    assert [shape.area for shape in shapes] == [100, 100]
    assert [len(shape.parts) for shape in shapes] == [1, 1]
    assert found.left_out["id"].tolist() == ["3", "4"]
    assert found.left_out["reason"].str.contains("has no area").all()
    assert found.mended == 2


def test_points_that_are_there_twice_and_rings_that_are_closed_are_no_fault(tmp_path: Path) -> None:
    double = [10, 10, 10, 10, 20, 10, 20, 20, 20, 20, 10, 20, 10, 10]
    found = lw.formats.read(coco(tmp_path, [double]))
    assert found.annotations[0].geometry.area == 100


@pytest.mark.parametrize("name", ["labelme", "geojson", "datumaro", "via", "gt_studio", "json"])
def test_each_format_of_outlines_mends_them(tmp_path: Path, name: str) -> None:
    path = tmp_path / lw.formats.registry.holds(name).file
    good = lw.Annotation(
        item_id="a", class_name="cup", geometry=lw.Polygon([[[(5, 5), (50, 5), (50, 35), (5, 35)]]])
    )
    lw.formats.write([good], path, name, items=ITEMS)
    files = [path] if path.is_file() else [one for one in path.rglob("*.json")]
    for file in files:
        # Two corners change places.
        text = file.read_text()
        document = json.loads(text, parse_float=float)
        file.write_text(json.dumps(crossed(document)))
    with pytest.raises(FormatError, match="repair=True"):
        lw.formats.read(path, name, items=ITEMS)
    found = lw.formats.read(path, name, items=ITEMS, repair=True)
    (label,) = found.annotations
    assert found.mended == 1
    assert label.geometry.area == pytest.approx(45 * 30 / 2, rel=0.01)


def crossed(document: Any) -> Any:
    """Return a document in which the second and third corner of a square have changed places."""
    if isinstance(document, dict):
        if {"p1", "p2", "p3", "p4"} <= set(document) and isinstance(document["p1"], dict):
            return document | {"p2": document["p3"], "p3": document["p2"]}
        return {key: crossed(value) for key, value in document.items()}
    if isinstance(document, list):
        flat = all(isinstance(one, int | float) for one in document)
        if flat and len(document) == 8:
            return document[:2] + document[4:6] + document[2:4] + document[6:]
        if flat and len(document) == 4 and set(document) in ({5, 50}, {5, 35}):
            return [document[0], document[2], document[1], document[3]]
        points = all(isinstance(one, list) and len(one) == 2 for one in document)
        if points and len(document) in (4, 5):
            return [document[0], document[2], document[1], *document[3:]]
        return [crossed(one) for one in document]
    return document


def test_what_reaches_out_of_its_picture_is_cut_where_that_is_asked_for(tmp_path: Path) -> None:
    out = [[40, 20, 80, 20, 80, 60, 40, 60], [1, 1, 5, 1, 5, 5]]
    away = [[100, 20, 120, 20, 120, 30]]
    path = coco(tmp_path, out, away, [SQUARE])
    with pytest.raises(FormatError, match="repair=True to have boxes and outlines cut"):
        lw.formats.read(path)
    with pytest.raises(FormatError, match=r"annotations\[1\].*outside of the image"):
        lw.formats.read(path, repair=True)
    found = lw.formats.read(path, repair=True, errors="collect")
    assert list(found.left_out["id"]) == ["2"]
    assert found.left_out["reason"][0].endswith("pixels.")
    cut, square = found.annotations
    assert sorted(part.bounds for part in shapely_of(cut)) == [(1, 1, 5, 5), (40, 20, 60, 40)]
    assert cut.origin.parameters["repaired"] == "reaches out of its picture"
    assert "repaired" not in square.origin.parameters
    assert found.mended == 1
    again = coco(tmp_path, out, [BOW], [SQUARE])
    assert lw.formats.read_frame(again, repair=True, check=True).mended == 2


def shapely_of(label: lw.Annotation) -> list[Any]:
    assert isinstance(label.geometry, lw.Polygon)
    return [shapely.Polygon(part[0]) for part in label.geometry.parts]


def test_boxes_of_a_detector_are_cut_at_the_edge(tmp_path: Path) -> None:
    results = [
        {"image_id": "a", "category_id": 1, "bbox": [-9, 30, 29, 30], "score": 0.5},
        {"image_id": "a", "category_id": 1, "bbox": [50, 30, 10.5, 10], "score": 0.5},
    ]
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results))
    told: dict[str, Any] = {"items": ITEMS, "categories": {1: "cup"}}
    with pytest.raises(FormatError, match="repair=True"):
        lw.formats.read(path, **told)
    found = lw.formats.read(path, **told, repair=True)
    # What is out by less than a pixel is no fault.
    assert [one.geometry for one in found.annotations] == [
        lw.Rectangle(0, 30, 20, 10),
        lw.Rectangle(50, 30, 10.5, 10),
    ]
    assert found.mended == 1


def test_a_project_says_how_many_it_mended(tmp_path: Path) -> None:
    dataset = lw.Dataset.from_items(ITEMS)
    with lw.Project.create(tmp_path / "cups.db", dataset, ["cup"]) as project:
        with pytest.raises(FormatError, match="repair=True"):
            project.import_annotations(coco(tmp_path, [BOW]))
        found = project.import_annotations(coco(tmp_path, [BOW]), repair=True)
        assert (found.added, found.mended) == (1, 1)
        again = project.import_annotations(coco(tmp_path, [BOW]), repair=True)
        assert (again.added, again.there) == (0, 1)
        assert "repaired" in project.records()[0].origin.parameters


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=3, max_size=12, unique=True
        ),
        min_size=1,
        max_size=3,
    )
)
# The face with the spike is filled, whatever side of an edge rounding puts the spike on.
@example([[(0, 1), (0, 0), (31, 12), (39, 24), (27, 6)]])
def test_what_is_mended_is_valid_and_fills_the_pixels_that_were_filled(part: Any) -> None:
    # No edge goes through the centre of a pixel then, where the last digit decides.
    part = [[(x + 0.2871, y + 0.1353) for x, y in ring] for ring in part]
    made = uncrossed(part)
    before = polygon_to_mask([part], (32, 44))
    if not made:
        assert not before.any()
        return
    check_geometry(lw.Polygon(made))
    after = polygon_to_mask(made, (32, 44))
    assert (before != after).sum() <= 3


def test_mending_takes_the_area_of_make_valid() -> None:
    ring = np.random.default_rng(3).uniform(0, 500, (60, 2))
    wanted = shapely.make_valid(shapely.Polygon(ring), method="linework").area
    assert lw.Polygon(uncrossed([ring])).area == pytest.approx(wanted)


def test_an_outline_that_is_meant_to_fill_the_memory_is_refused() -> None:
    ring = np.random.default_rng(3).uniform(0, 500, (20_000, 2))
    began = time.monotonic()
    with pytest.raises(LimitError, match="too often"):
        uncrossed([ring])
    assert time.monotonic() - began < 30
