"""Agreement less chance, beside the packages krippendorff and kalos where they are installed."""

from __future__ import annotations

import contextlib
import io
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.report import Report, main, ratio
from benchmarks.timing import beside, timed
from labelwidgets.algorithms import BoxSimilarity, confidence_interval, localised_alpha, marks_of
from labelwidgets.algorithms.krippendorff import krippendorff_alpha, krippendorff_sums
from labelwidgets.algorithms.ratings import ratings_of

RATERS = 5


def measure(report: Report) -> None:
    _alpha(report)
    _localised(report)


def _alpha(report: Report) -> None:
    table = report.table(
        f"Krippendorff's alpha, {RATERS} raters, 10,000 units, 4 values, ms",
        *("level", "alpha", "ours", "krippendorff", "ratio", "ours with 2,000 resamples"),
    )
    draw = np.random.default_rng(0)
    truth = draw.integers(1, 5, 10_000)
    said = np.where(
        draw.random((RATERS, truth.size)) < 0.7, truth, draw.integers(1, 5, (RATERS, truth.size))
    ).astype(float)
    said[draw.random(said.shape) < 0.1] = np.nan
    there = find_spec("krippendorff") is not None
    for level in ("nominal", "ordinal", "interval", "ratio"):
        alpha = krippendorff_alpha(said, level)

        def ours(level: Any = level) -> float:
            return krippendorff_alpha(said, level)

        whole = timed(
            lambda level=level: confidence_interval(krippendorff_sums(ratings_of(said), level)), 3
        ).median
        mine, other = timed(ours, 15).best, None
        if there:
            import krippendorff

            def call(level: str = level) -> Any:
                return krippendorff.alpha(said, level_of_measurement=level)

            if abs(call() - alpha) > 1e-9:
                raise AssertionError(f"krippendorff has another {level} alpha.")
            one, two = beside(ours, call, 15)
            mine, other = one.best, two.best
        table.add(level, alpha, mine, other, ratio(other, mine) if other else None, whole)
    table.notes = ["The best of 15, ours and theirs in turn; checked to be equal to 1e-9."]
    if not there:
        table.notes = ["krippendorff (GPL) is not installed."]


def _localised(report: Report) -> None:
    table = report.table(
        "Alpha of boxes after KaLOS, 100 pictures, 3 raters, ms",
        *("boxes", "matching", "alpha", "ours", "kalos", "ratio"),
    )
    there = find_spec("kalos") is not None
    for boxes in (10,) if report.quick else (10, 50):
        picture, rater, category, places = drawn(100, 3, boxes)
        data = for_kalos(picture, rater, category, places) if there else None
        for matching, method in (("greedy", "greedy"), ("sequential", "shm")):

            def ours(
                matching: Any = matching,
                given: Any = (picture, rater, category),
                places: Any = places,
            ) -> Any:
                return localised_alpha(marks_of(*given, BoxSimilarity(places)), 0.5, matching)

            alpha = ours()
            mine = timed(ours, 7).median
            other = None
            if data is not None:

                def theirs(method: str = method, data: Any = data) -> Any:
                    from kalos.iaa.core import calculate_iaa

                    with contextlib.redirect_stderr(io.StringIO()):
                        return calculate_iaa(
                            data,
                            {at: str(at) for at in range(5)},
                            method,
                            "bbox_iou_similarity",
                            "negative_score",
                            *(0.5, False, False, False, [0, 1, 2]),
                        )

                if abs(theirs()[0] - alpha.mean) > 1e-9:
                    raise AssertionError("kalos has another alpha.")
                other = timed(theirs, 1, warm=False).median
            table.add(
                boxes, matching, alpha.mean, mine, other, ratio(other, mine) if other else None
            )
    if not there:
        table.notes = ["kalos is not installed."]


def drawn(pictures: int, raters: int, boxes: int) -> tuple[Any, ...]:
    """Return picture, rater, class and box of marks of raters who nearly agree."""
    draw = np.random.default_rng(0)
    parts = []
    for picture in range(pictures):
        place, size = draw.uniform(0, 900, (boxes, 2)), draw.uniform(30, 150, (boxes, 2))
        classes = draw.integers(0, 5, boxes)
        for rater in range(raters):
            kept = draw.random(boxes) < 0.9
            shifted = np.column_stack([place, size]) + draw.normal(0, 6, (boxes, 4))
            called = np.where(draw.random(boxes) < 0.85, classes, draw.integers(0, 5, boxes))
            whose = np.tile([picture, rater], (boxes, 1))
            parts.append(np.column_stack([whose, called, shifted])[kept])
    rows = np.concatenate(parts)
    return *(rows[:, column].astype(np.int64) for column in range(3)), rows[:, 3:]


def for_kalos(picture: Any, rater: Any, category: Any, boxes: Any) -> dict[int, Any]:
    """Return the same as kalos wants it."""
    data: dict[int, Any] = {}
    for row in range(picture.size):
        own = data.setdefault(
            int(picture[row]),
            {"rater_list": [0, 1, 2], "annotations_by_rater": {at: [] for at in range(3)}},
        )
        own["annotations_by_rater"][int(rater[row])].append(
            {
                "id": row,
                "rater_id": int(rater[row]),
                "category_id": int(category[row]),
                "bbox": boxes[row].tolist(),
            }
        )
    return data


if __name__ == "__main__":
    main("agreement_stats", measure)
