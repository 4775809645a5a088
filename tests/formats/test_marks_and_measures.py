"""Marks of key slices and measurements go out to COCO and come back."""

from __future__ import annotations

from pathlib import Path

import pytest

import labelwidgets as lw
from labelwidgets.schema.key_slices import KEY_SLICE
from tests.browser.test_scans import COUNT, write_slice

ONTOLOGY = lw.Ontology(
    [
        lw.ObjectClass("length", tool="ruler"),
        lw.ObjectClass("corner", tool="angle"),
        lw.ObjectClass("lesion", tool="bidirectional"),
    ]
)
MADE = (
    (KEY_SLICE, lw.Tag(), 3),
    ("length", lw.Polyline([(1, 2), (30, 40)]), 2),
    ("corner", lw.Polyline([(1, 2), (30, 40), (5, 5)]), 2),
    ("lesion", lw.Keypoints([(0, 0, 2), (0, 8, 2), (4, 2, 2), (10, 2, 2)]), 3),
)


@pytest.mark.filterwarnings("ignore:.*COCO has no place")
@pytest.mark.parametrize("known", [True, False])
def test_coco_brings_them_back_on_their_slices(tmp_path: Path, known: bool) -> None:
    for number in range(COUNT):
        (tmp_path / "scan").mkdir(exist_ok=True)
        write_slice(tmp_path / "scan" / f"{number}.dcm", number)
    dataset = lw.Dataset.open(tmp_path / "scan")
    with lw.Project.create(tmp_path / "a.db", dataset, ONTOLOGY, user="ana") as project:
        item = project.tasks["item_id"][0]
        project.add(
            [
                lw.Annotation(item_id=item, class_name=name, geometry=geometry, frame=frame)
                for name, geometry, frame in MADE
            ]
        )
        project.export("coco", tmp_path / "labels.json")
    ontology = ONTOLOGY if known else lw.Ontology(["car"])
    with lw.Project.create(tmp_path / "b.db", dataset, ontology, user="ben") as project:
        project.import_annotations(tmp_path / "labels.json", add_classes=not known)
        rows = project.annotations[["class_name", "geometry", "frame"]].itertuples(index=False)
        assert sorted(map(tuple, rows), key=str) == sorted(MADE, key=str)
        # The class of the marks is every ontology's: it is not added.
        assert KEY_SLICE not in project.ontology
        tools = {made.name: made.tool for made in project.ontology.classes}
        assert {"ruler", "angle", "bidirectional"} <= set(tools.values())
