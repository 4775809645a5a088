"""Real radiologists: how far they agree on lung nodules is what the data say of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from skimage import draw

import labelwidgets as lw
from labelwidgets.algorithms import encode_rle


def reader_mask(contours: list[dict[str, object]], slices: list[float]) -> lw.VolumeMask:
    """The voxels within all contours of a reader; those on a contour are inside.

    Contours of one slice exclude one another where they say so (`inclusion`).
    """
    planes: dict[int, np.ndarray] = {}
    for contour in sorted(contours, key=lambda one: not one["inclusion"]):
        points = np.array(contour["points"])
        area = draw.polygon2mask((512, 512), points[:, ::-1])
        area[points[:, 1], points[:, 0]] = True
        at = slices.index(contour["z"])
        plane = planes.setdefault(at, np.zeros((512, 512), bool))
        if contour["inclusion"]:
            plane |= area
        else:
            area[points[:, 1], points[:, 0]] = False
            plane &= ~area
    return lw.VolumeMask(
        {at: lw.RLE(**encode_rle(plane)) for at, plane in planes.items() if plane.any()}
    )


@pytest.fixture(scope="module")
def readers(shared_data: Path) -> tuple[pd.DataFrame, dict[str, tuple[float, float, float]]]:
    path = shared_data / "multi_annotator" / "lidc_nodules_shared.json"
    if not path.is_file():
        pytest.skip(f"there is no {path.name}")
    rows, spacing = [], {}
    for number, nodule in enumerate(json.loads(path.read_text("utf-8"))["nodules"]):
        item = f"nodule {number}"
        slices = sorted({c["z"] for reader in nodule["readers"] for c in reader["contours"]})
        pixel = nodule["pixel_spacing_mm"]
        spacing[item] = (pixel, pixel, nodule["slice_thickness_mm"])
        rows += [
            (item, reader["reader"], "nodule", reader_mask(reader["contours"], slices))
            for reader in nodule["readers"]
        ]
    return pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry"]), spacing


def test_the_dice_of_radiologists_is_the_one_that_the_data_state(readers: object) -> None:
    annotations, _ = readers  # type: ignore[misc]
    made = lw.agreement(annotations, "dice", by=["task", "pair"])
    assert made["value"].median() == pytest.approx(0.812, abs=0.0005)
    assert made["value"].min() == pytest.approx(0.41, abs=0.005)
    counts = annotations.groupby("item_id").size()
    assert len(made) == (counts * (counts - 1) // 2).sum()


def test_overlap_and_distance_tell_the_same_story(readers: object) -> None:
    annotations, spacing = readers  # type: ignore[misc]
    by = ["task", "pair"]
    dice = lw.agreement(annotations, "dice", by)
    iou = lw.agreement(annotations, "iou", by)
    np.testing.assert_allclose(dice["value"], 2 * iou["value"] / (1 + iou["value"]))
    far = lw.agreement(annotations, "hd", by, spacing=spacing)
    most = lw.agreement(annotations, "hd95", by, spacing=spacing)
    assert (most["value"] <= far["value"]).all()
    # Nodules are of some millimetres: radiologists are not farther apart than these.
    assert 0.5 < most["value"].median() < 10
    assert np.corrcoef(dice["value"], most["value"])[0, 1] < 0
