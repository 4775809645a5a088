"""Measures of agreement on places: overlap, distance, F1 and panoptic quality."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.workflow.distances import distances_of
from labelwidgets.workflow.levels import averaged, counted
from labelwidgets.workflow.measures import Asked, Measure
from labelwidgets.workflow.overlaps import OPTIONS

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]
Levels: TypeAlias = tuple[str, ...]

_LEVELS = frozenset({"item", "task", "pair", "rater", "class", "object"})
_OPTIONS = frozenset({*OPTIONS, "across_classes"})
_STEPS = np.arange(0.5, 1.0, 0.05)


def _mean_overlap(name: str, asked: Asked, by: Levels) -> pd.DataFrame:
    pairs = asked.pairs(name)
    overlap = pairs.objects["overlap"].to_numpy()
    return averaged(pairs, by, overlap, _matched(overlap, asked.threshold), empty=1.0)


def _distance(name: str, asked: Asked, by: Levels) -> pd.DataFrame:
    pairs = asked.pairs("iou")
    overlap = pairs.objects["overlap"].to_numpy()
    values = distances_of(pairs, asked.options.get("spacing"), asked.workers)[name]
    return averaged(pairs, by, values, _matched(overlap, asked.threshold), empty=np.nan)


def _f1(asked: Asked, by: Levels) -> pd.DataFrame:
    return _f1_at(asked, by, np.array([asked.threshold]))


def _f1_steps(asked: Asked, by: Levels) -> pd.DataFrame:
    return _f1_at(asked, by, _STEPS)


def _f1_at(asked: Asked, by: Levels, steps: Floats) -> pd.DataFrame:
    """Return the mean F1 over thresholds: 2 TP / (2 TP + FP + FN), the same from either side."""
    least = float(steps[0])
    pairs = asked.pairs(asked.options.get("overlap", "iou"), at_least=least)
    overlap = pairs.objects["overlap"].to_numpy()
    # A hair below, so that 0.6 is not lost to the rounding of 0.5 + 2 * 0.05.
    numbers = {
        f"hits{step}": (overlap >= at - 1e-12).astype(np.float64) for step, at in enumerate(steps)
    }
    both = (overlap > 0).astype(np.float64)
    numbers |= {"labels": 1 + both}

    def score(sums: pd.DataFrame) -> pd.Series[Any]:
        hits = sums[[f"hits{step}" for step in range(steps.size)]].mean(axis=1)
        return 2 * hits / sums["labels"].where(sums["labels"] > 0)

    return counted(pairs, by, numbers, _matched(overlap, least), score)


def _panoptic(name: str, asked: Asked, by: Levels) -> pd.DataFrame:
    """Return PQ = SQ * RQ after Kirillov et al., "Panoptic segmentation" (CVPR 2019)."""
    pairs = asked.pairs(asked.options.get("overlap", "iou"), at_least=asked.threshold)
    overlap = pairs.objects["overlap"].to_numpy()
    hit = overlap > asked.threshold
    numbers = {
        "hits": hit.astype(np.float64),
        "overlap": np.where(hit, overlap, 0.0),
        # Two that are matched at the threshold itself are two that are alone.
        "labels": 1.0 + (overlap > 0),
    }

    def score(sums: pd.DataFrame) -> pd.Series[Any]:
        there = sums["labels"].where(sums["labels"] > 0)
        recognition = 2 * sums["hits"] / there
        segmentation = (sums["overlap"] / sums["hits"].where(sums["hits"] > 0)).fillna(0.0)
        if name == "rq":
            return recognition
        segmentation = segmentation.where(there.notna())
        return segmentation if name == "sq" else segmentation * recognition

    return counted(pairs, by, numbers, hit, score, per_class=True)


def _matched(overlap: Floats, threshold: float) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (overlap >= threshold) & (overlap > 0)
    return found


def _overlap_measure(name: str) -> Measure:
    return Measure(partial(_mean_overlap, name), _LEVELS, _OPTIONS)


_COUNTED = _OPTIONS | {"overlap"}

MEASURES: Mapping[str, Measure] = {
    **{name: _overlap_measure(name) for name in ("iou", "dice", "boundary_iou", "oks", "line_iou")},
    **{
        name: Measure(partial(_distance, name), _LEVELS, _OPTIONS | {"spacing"}, "px or mm")
        for name in ("hd", "hd95", "surface_distance")
    },
    "f1": Measure(_f1, _LEVELS, _COUNTED),
    "f1_50_95": Measure(_f1_steps, _LEVELS, _COUNTED),
    **{name: Measure(partial(_panoptic, name), _LEVELS, _COUNTED) for name in ("pq", "sq", "rq")},
}
"""Agreement on places."""
