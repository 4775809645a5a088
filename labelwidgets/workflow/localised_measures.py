"""Alpha of objects after KaLOS: one number for where they are and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.correspondences import correspond
from labelwidgets.algorithms.localisation_threshold import calibrated
from labelwidgets.algorithms.localised_alpha import (
    Alphas,
    alpha_sums,
    alphas_of,
    class_difficulty,
    collaboration,
    sensitivity,
    units_of,
    vitality,
)
from labelwidgets.algorithms.marks import BoxSimilarity, Marks, Similarity, marks_of
from labelwidgets.errors import SchemaError
from labelwidgets.workers import Workers
from labelwidgets.workflow.chance_measures import RESAMPLING, finished, interval_of, told
from labelwidgets.workflow.measures import Asked, Measure
from labelwidgets.workflow.overlaps import AREA, OPTIONS, TAG, VOLUME, Overlaps
from labelwidgets.workflow.pairs import types_of
from labelwidgets.workflow.raters import raters_of
from labelwidgets.workflow.shape_overlaps import Labels, SomeLabels
from labelwidgets.workflow.spreading import cut, spread

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
Levels: TypeAlias = tuple[str, ...]

_NAN = float("nan")
# Pairs that a worker compares in one go.
_AT_WORKERS = 2048
_COUNTS = ("n_items", "n_raters", "n_units")
_MATCHING = frozenset({*OPTIONS, "overlap", "matching", "prefer_class", "calibrate", "seed"})


class Drawn(NamedTuple):
    """Marks with the names of what they number.

    Parameters
    ----------
    marks
        A picture is an item, or a frame of one.
    items, raters, classes
        Names of pictures' items, of raters and of classes.
    threshold
        From which overlap on marks are of one object.
    """

    marks: Marks
    items: list[str]
    raters: list[str]
    classes: list[str]
    threshold: float


def drawn(asked: Asked) -> Drawn:
    """Return the marks that annotations are; tags and points are none."""
    import pandas as pd

    measured = Overlaps(
        asked.options.get("overlap", "auto"),
        {name: asked.options[name] for name in OPTIONS if name in asked.options},
    )
    people, part = raters_of(asked.annotations, asked.rater, asked.items)
    family = measured.families(types_of(asked.annotations))
    kept = np.flatnonzero((part >= 0) & (family >= 0) & (family != TAG))
    labels = asked.annotations.iloc[kept].reset_index(drop=True)
    if "class_name" not in labels.columns:
        raise SchemaError("is no column of the annotations.", where="'class_name'")
    family, part = family[kept], part[kept]
    frame = np.full(kept.size, -1, np.int64)
    if "frame" in labels.columns:
        frame = pd.to_numeric(labels["frame"]).fillna(-1).to_numpy(np.int64)
    # Items without any mark are a picture all the same, and nobody has anything there.
    bare = np.setdiff1d(people.item, people.item[part])
    key = np.stack([np.append(people.item[part], bare), np.append(frame, np.full(bare.size, -1))])
    found, picture = np.unique(key, axis=1, return_inverse=True)
    picture = picture.reshape(-1)
    # Who took part in an item has seen all of its frames that somebody marked.
    size = people.size[found[0]]
    place = np.repeat(np.arange(size.size), size)
    rank = np.arange(place.size) - np.repeat(np.cumsum(size) - size, size)
    seen = np.column_stack([place, people.rater[people.first[found[0]][place] + rank]])
    code, classes = pd.factorize(labels["class_name"].astype(object), sort=True)
    if (code < 0).any():
        raise SchemaError("is empty where there is a shape.", where="'class_name'")
    alike = _similarity(measured, Labels(labels), family, asked.workers)
    marks = marks_of(picture[: kept.size], people.rater[part], code.astype(np.int64), alike, seen)
    threshold = asked.threshold
    if asked.options.get("calibrate"):
        threshold = calibrated(marks, alike, asked.options.get("seed", 0)).similarity
    items = [people.items[item] for item in found[0].tolist()]
    return Drawn(marks, items, people.names, [str(name) for name in classes], threshold)


class _Piece(NamedTuple):
    """Pairs of labels of one family."""

    labels: SomeLabels
    family: int
    a: Indices
    b: Indices


class _Comparing:
    """What a worker does: it says how alike the labels of pairs are."""

    def __init__(self, measured: Overlaps) -> None:
        self.measured = measured

    def __call__(self, piece: _Piece) -> Floats:
        return self.measured.of(piece.labels.labels(), *piece[1:])


def _spread(
    measured: Overlaps, shapes: Labels, kind: int, a: Indices, b: Indices, workers: Workers
) -> Floats:
    """Return how alike labels are, as workers find them."""
    pieces = []
    for part in cut(a.size, _AT_WORKERS):
        rows, places = np.unique(np.concatenate((a[part], b[part])), return_inverse=True)
        one, other = np.split(places.reshape(-1), 2)
        pieces.append(_Piece(SomeLabels.of(shapes, rows), kind, one, other))
    found = spread(_Comparing(measured), pieces, workers, "Comparing labels", "piece")
    return np.concatenate([np.empty(0), *found])


def _similarity(
    measured: Overlaps, shapes: Labels, family: Indices, workers: Workers | None = None
) -> Similarity:
    boxes = BoxSimilarity(shapes.boxes)
    if measured.name in ("auto", "iou") and shapes.upright.all():
        return boxes

    def alike(a: Indices, b: Indices) -> Floats:
        found = np.zeros(a.size)
        same = family[a] == family[b]
        # What has no area to its box may be near all the same.
        near = same & (~np.isin(family[a], (AREA, VOLUME)) | (boxes(a, b) > 0))
        for kind in np.unique(family[a[near]]).tolist():
            own = np.flatnonzero(near & (family[a] == kind))
            if workers is None:
                found[own] = measured.of(shapes, kind, a[own], b[own])
            else:
                found[own] = _spread(measured, shapes, kind, a[own], b[own], workers)
        return found

    return alike


def _kalos(asked: Asked, by: Levels) -> pd.DataFrame:
    if len(by) > 1:
        raise SchemaError("takes one level at a time.", where="by")
    made = drawn(asked)
    if by and by[0] == "threshold":
        return _by_threshold(asked, made)
    way = _way(asked, made)
    units = units_of(made.marks, correspond(made.marks, *way))
    alphas = alphas_of(units, made.marks)
    base = {"threshold": made.threshold}
    rows: list[dict[str, Any]] = []
    if not by:
        interval = interval_of(alpha_sums(units, made.marks, mean=True), asked.options)
        counts = _counts(made, made.marks.seen, units.picture.size)
        if made.marks.seen.size == 0:
            counts = dict.fromkeys(_COUNTS, 0)
        rows.append({**told(interval), "whole": alphas.whole, **base, **counts})
    elif by[0] in ("item", "task"):
        rows = _items(made, alphas, units.picture, base)
    elif by[0] == "class":
        for each in class_difficulty(units):
            row = {"class_name": made.classes[each.category], "value": each.mean}
            own = units.ratings.code == 1 + _place(units.ratings.values, each.category)
            pictures = np.unique(units.picture[units.ratings.unit[own]])
            looked = made.marks.seen[np.isin(made.marks.seen[:, 0], pictures)]
            counts = _counts(made, looked, each.units)
            rows.append({**row, **_no_ends(), "whole": each.whole, **base, **counts})
    else:
        for one, other, alpha in collaboration(made.marks, *way):
            pictures = np.flatnonzero(~np.isnan(alpha.pictures))
            looked = made.marks.seen[
                np.isin(made.marks.seen[:, 0], pictures)
                & np.isin(made.marks.seen[:, 1], (one, other))
            ]
            pair = {"rater_a": made.raters[one], "rater_b": made.raters[other]}
            own = int(np.isin(units.picture, pictures).sum())
            row = {**pair, "value": alpha.mean, **_no_ends(), "whole": alpha.whole}
            rows.append({**row, **base, **_counts(made, looked, own)})
    return finished(rows, by, _COUNTS)


def _vitality(asked: Asked, by: Levels) -> pd.DataFrame:
    made = drawn(asked)
    rows: list[dict[str, Any]] = []
    for one in vitality(made.marks, *_way(asked, made)):
        row = {"rater": made.raters[one.rater], "value": one.mean, "whole": one.whole}
        rows.append({**row, "threshold": made.threshold, "n_pictures": one.pictures})
    if by:
        return finished(rows, by, ("n_pictures",))
    # Over all raters: the least vital one is what is looked for.
    least = min((row["value"] for row in rows if row["value"] == row["value"]), default=_NAN)
    pictures = int((made.marks.size >= 3).sum())
    return finished([{"value": least, "n_pictures": pictures}], by, ("n_pictures",))


def _by_threshold(asked: Asked, made: Drawn) -> pd.DataFrame:
    """Return one row a threshold: how much alpha hangs on where objects are."""
    _, matching, prefer = _way(asked, made)
    counts = _counts(made, made.marks.seen, 0)
    rows: list[dict[str, Any]] = []
    if made.marks.picture.size:
        for at, found in sensitivity(made.marks, matching=matching, prefer_class=prefer):
            own = units_of(made.marks, correspond(made.marks, at, matching, prefer))
            row = {"threshold": at, "value": found.mean, **_no_ends(), "whole": found.whole}
            rows.append({**row, **counts, "n_units": own.picture.size})
    table = finished(rows, (), _COUNTS)
    return table if rows else table.assign(threshold=np.empty(0))[["threshold", *table.columns]]


def _way(asked: Asked, made: Drawn) -> tuple[float, Any, bool]:
    prefer = bool(asked.options.get("prefer_class", False))
    return made.threshold, asked.options.get("matching", "greedy"), prefer


def _items(
    made: Drawn, alphas: Alphas, picture: Indices, base: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return a row for each item: the mean over its pictures."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(made.items):
        places.setdefault(item, []).append(place)
    count = np.bincount(picture, minlength=len(made.items))
    size = made.marks.size
    return [
        {
            "item_id": item,
            "value": float(alphas.pictures[own].mean()),
            **_no_ends(),
            **base,
            "n_items": 1,
            "n_raters": int(size[own[0]]),
            "n_units": int(count[own].sum()),
        }
        for item, own in places.items()
    ]


def _counts(made: Drawn, seen: Indices, units: int) -> dict[str, int]:
    items = {made.items[place] for place in np.unique(seen[:, 0]).tolist()}
    return {
        "n_items": len(items),
        "n_raters": int(np.unique(seen[:, 1]).size),
        "n_units": units,
    }


def _place(values: NDArray[Any], category: int) -> int:
    return int(np.flatnonzero(values == category)[0]) - 1


def _no_ends() -> dict[str, float]:
    return {"low": _NAN, "high": _NAN}


MEASURES: Mapping[str, Measure] = {
    "kalos": Measure(
        _kalos, frozenset({"item", "task", "pair", "class", "threshold"}), _MATCHING | RESAMPLING
    ),
    "vitality": Measure(_vitality, frozenset({"rater"}), _MATCHING),
}
"""Agreement on places and names at once, and who adds to it."""
