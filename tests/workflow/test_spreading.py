"""Agreement on workers: the same numbers to the last bit, whoever compares the labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import WorkflowError
from labelwidgets.schema.geometry import RLE
from labelwidgets.schema.tracks import Keyframe
from labelwidgets.workers import Workers
from labelwidgets.workflow import distances, localised_measures, pairs
from labelwidgets.workflow.agreement import MEASURES
from labelwidgets.workflow.spreading import cut_by

RATERS = ("ana", "bob", "cy")


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    """Boxes, outlines and masks of three people on six items, some of them alone."""
    draw = np.random.default_rng(7)
    rows: list[dict[str, Any]] = []
    for item in range(6):
        for number in range(5):
            x, y, width, height = draw.uniform(2, 20, 4)
            for rater in RATERS:
                if draw.random() < 0.2:
                    continue
                left, top, right, bottom = np.add(
                    (x, y, x + width, y + height), draw.normal(0, 1.0, 4)
                ).tolist()
                shape: Any = lw.Rectangle(left, top, right - left, bottom - top)
                if number % 3 == 1:
                    shape = lw.Polygon([[[(left, top), (right, top + 2), (x + 3, bottom)]]])
                elif number % 3 == 2:
                    mask = np.zeros((48, 48), bool)
                    mask[int(top) : int(bottom), int(left) : int(right)] = True
                    shape = lw.Mask(RLE(**encode_rle(mask)))
                if shape.area > 0:
                    rows.append(
                        {
                            "item_id": f"item {item}",
                            "author": rater,
                            "class_name": ("car", "dog")[number % 2],
                            "geometry": shape,
                            "attributes": {"seen": str(int(draw.integers(2)))},
                            "frame": item % 2,
                        }
                    )
    # As people finish them, not as items come.
    return pd.DataFrame([rows[at] for at in draw.permutation(len(rows))])


@pytest.fixture(scope="module")
def followed() -> pd.DataFrame:
    rows = [
        {
            "item_id": f"film {film}",
            "author": rater,
            "class_name": "car",
            "geometry": lw.Track(
                {
                    0: Keyframe(lw.Rectangle(film, place, 10, 10)),
                    9: Keyframe(lw.Rectangle(film + 5 * place, 9, 10, 10)),
                }
            ),
        }
        for film in range(3)
        for place, rater in enumerate(RATERS)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that cost nothing, with little to do each."""
    monkeypatch.setattr(
        "labelwidgets.workflow.agreement.Workers", lambda client, count, _: Workers(client, count)
    )
    for room in (pairs, distances, localised_measures):
        monkeypatch.setattr(room, "_AT_WORKERS", 3)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("measure", [name for name in MEASURES if name not in ("oks", "line_iou")])
def test_workers_come_to_the_same_numbers(
    measure: str, labels: pd.DataFrame, followed: pd.DataFrame
) -> None:
    given = followed if measure in ("hota", "deta", "assa", "idf1") else labels
    if measure == "boundary_iou":
        given = labels[[isinstance(shape, lw.Mask) for shape in labels["geometry"]]]
    levels = [None, "item"] if "item" in MEASURES[measure].levels else [None]
    for by in levels:
        here = lw.agreement(given, measure, by)
        there = lw.agreement(given, measure, by, workers=3)
        pd.testing.assert_frame_equal(there, here, check_exact=True)
        assert len(here) > 0
    assert here["value"].notna().any()


@pytest.mark.usefixtures("threads")
def test_what_nobody_drew_needs_no_workers(labels: pd.DataFrame) -> None:
    for measure in ("iou", "hd", "kalos", "hota"):
        here = lw.agreement(labels.iloc[:0], measure)
        pd.testing.assert_frame_equal(lw.agreement(labels.iloc[:0], measure, workers=2), here)


def test_labels_go_to_processes_and_back(labels: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        lw.agreement(labels, "hd95", "item", workers=1),
        lw.agreement(labels, "hd95", "item"),
        check_exact=True,
    )


def test_who_is_no_worker_is_refused(labels: pd.DataFrame) -> None:
    with pytest.raises(WorkflowError, match=r"distributed\.Client"):
        lw.agreement(labels, client="tcp://1.2.3.4")
    with pytest.raises(WorkflowError, match="from 1"):
        lw.agreement(labels, workers=0)


def test_pieces_hold_items_whole() -> None:
    group = np.array([2, 0, 1, 0, 2, 2, 2, 1, 3])
    assert [rows.tolist() for rows in cut_by(group, 3)] == [[1, 3], [2, 7], [0, 4, 5, 6], [8]]
    assert [rows.tolist() for rows in cut_by(group, 99)] == [[1, 3, 2, 7, 0, 4, 5, 6, 8]]
    assert cut_by(group[:0], 3) == []
