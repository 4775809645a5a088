"""COCO of scans: an image a slice, and an object through slices as one annotation on each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from pycocotools import mask as coco
from pycocotools.coco import COCO

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import RLE, Rectangle, VolumeMask
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.scans import SHAPE, label, make_ct, open_scan, voxels

ONTOLOGY = Ontology([ObjectClass("bone"), ObjectClass("vessel")])


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("ct")
    make_ct(folder / "chest")
    return open_scan(folder)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mask=voxels(), other=voxels())
def test_objects_through_slices_come_back_as_they_were(
    scan: Any, tmp_path: Path, mask: Any, other: Any
) -> None:
    dataset, item = scan
    labels = [
        label(item, "bone", mask, origin=Origin("tool", "grow", "1"), confidence=0.5),
        Annotation(item_id=item, class_name="vessel", geometry=Rectangle(1, 2, 3, 4), frame=2),
        label(item, "bone", other),
    ]
    path = tmp_path / "labels.json"
    formats.write(labels, path, "coco", dataset=dataset, ontology=ONTOLOGY)
    back = formats.read(path, dataset=dataset, ontology=ONTOLOGY)
    assert {made.id: made for made in back.annotations} == {made.id: made for made in labels}


def test_pycocotools_finds_each_slice_with_what_is_on_it(scan: Any, tmp_path: Path) -> None:
    dataset, item = scan
    mask = np.zeros(SHAPE, bool)
    mask[1:3, 2:5, 3:9] = True
    path = tmp_path / "labels.json"
    written = formats.write(
        [label(item, "vessel", mask)], path, "coco", dataset=dataset, ontology=ONTOLOGY
    )
    assert written.counts["images"] == SHAPE[0]
    assert written.counts["annotations"] == 2
    read = COCO(str(path))
    assert [read.imgs[id]["slice"] for id in sorted(read.imgs)] == list(range(SHAPE[0]))
    assert len({one["file_name"] for one in read.imgs.values()}) == SHAPE[0]
    for id, image in read.imgs.items():
        some = read.loadAnns(read.getAnnIds(imgIds=id))
        found = np.zeros(SHAPE[1:], bool)
        for one in some:
            found |= coco.decode(one["segmentation"]).astype(bool)
        assert np.array_equal(found, mask[image["slice"]])
    # The same labels give the same ids and bytes.
    again = tmp_path / "again.json"
    formats.write([label(item, "vessel", np.roll(mask, 1, 0))], again, "coco", dataset=dataset)
    assert [one["id"] for one in json.loads(again.read_text())["images"]] == sorted(read.imgs)


def test_a_slice_that_another_tool_gave_another_class_is_an_object_of_its_own(
    scan: Any, tmp_path: Path
) -> None:
    dataset, item = scan
    mask = np.zeros(SHAPE, bool)
    mask[:3, 2:5, 3:9] = True
    path = tmp_path / "labels.json"
    one = label(item, "vessel", mask)
    formats.write([one], path, "coco", dataset=dataset, ontology=ONTOLOGY)
    data = json.loads(path.read_text())
    data["annotations"][0]["category_id"] = 1
    path.write_text(json.dumps(data))
    back = formats.read(path, dataset=dataset)
    found = {made.class_name: made for made in back.annotations}
    assert found["vessel"].id == one.id
    assert sorted(found["vessel"].geometry.slices) == [1, 2]  # type: ignore[union-attr]
    assert found["bone"].id != one.id
    assert sorted(found["bone"].geometry.slices) == [0]  # type: ignore[union-attr]


def test_slices_without_pixels_and_empty_objects_are_kept(scan: Any, tmp_path: Path) -> None:
    dataset, item = scan
    rows, columns = SHAPE[1:]
    empty = RLE((rows, columns), [rows * columns])  # type: ignore[arg-type]
    mask = np.zeros(SHAPE, bool)
    mask[1, 2, 3] = True
    some = label(item, "bone", mask)
    labels = [
        Annotation(
            item_id=item,
            class_name="bone",
            geometry=VolumeMask({0: empty, **some.geometry.slices}),  # type: ignore[union-attr]
        ),
        Annotation(item_id=item, class_name="bone", geometry=VolumeMask({2: empty})),
    ]
    path = tmp_path / "labels.json"
    with pytest.warns(formats.FormatWarning, match="1 empty volume mask"):
        formats.write(labels, path, "coco", dataset=dataset, ontology=ONTOLOGY)
    back = formats.read(path, dataset=dataset)
    assert {made.id: made.geometry for made in back.annotations} == {
        made.id: made.geometry for made in labels
    }


def test_an_object_beyond_the_slices_is_refused(scan: Any, tmp_path: Path) -> None:
    dataset, item = scan
    deeper = np.ones((SHAPE[0] + 2, *SHAPE[1:]), bool)
    with pytest.raises(FormatError, match=f"has slice {SHAPE[0]}"):
        formats.write(
            [label(item, "bone", deeper)],
            tmp_path / "labels.json",
            "coco",
            dataset=dataset,
            ontology=ONTOLOGY,
        )


def test_the_number_of_slices_may_stand_in_the_metadata(tmp_path: Path) -> None:
    items = pd.DataFrame(
        {
            "id": ["one"],
            "kind": ["volume"],
            "title": ["one.nii"],
            "urls": [["/one.nii"]],
            "metadata": [{"width": SHAPE[2], "height": SHAPE[1], "slices": SHAPE[0]}],
        }
    )
    labels = [label("one", "bone", np.ones(SHAPE, bool))]
    path = tmp_path / "labels.json"
    written = formats.write(labels, path, "coco", items=items)
    assert written.counts["annotations"] == SHAPE[0]
    assert formats.read(path, items=items).annotations == labels
