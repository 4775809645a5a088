"""Measures of agreement on answers, corrected for chance, with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from labelwidgets.algorithms.gwet import gwet_sums
from labelwidgets.algorithms.kappa import cohen_sums, fleiss_sums
from labelwidgets.algorithms.krippendorff import krippendorff_sums
from labelwidgets.algorithms.ratings import Ratings, ratings_of_triples
from labelwidgets.algorithms.resampling import Interval, confidence_interval
from labelwidgets.algorithms.set_distances import jaccard_distance, masi_distance
from labelwidgets.algorithms.unit_sums import UnitSums
from labelwidgets.errors import SchemaError
from labelwidgets.workflow.measures import Asked, Measure, columns_of
from labelwidgets.workflow.overlaps import OPTIONS
from labelwidgets.workflow.rated import CLASS, TAGS, attributes_of, rated

if TYPE_CHECKING:
    import pandas as pd

Levels: TypeAlias = tuple[str, ...]
Prepare: TypeAlias = Callable[[Ratings, Mapping[str, Any]], UnitSums]

SET_DISTANCES: Mapping[Any, Callable[[Any, Any], float]] = {
    "masi": masi_distance,
    "jaccard": jaccard_distance,
}

_NAN = float("nan")
_LEVELS = frozenset({"item", "task", "pair", "class", "attribute"})
RESAMPLING = frozenset({"interval", "confidence", "resamples", "seed"})
"""Options of intervals; ``interval=None`` makes none."""
_COMMON = RESAMPLING | {*OPTIONS, "on", "overlap", "missed", "values"}
COUNTS = ("n_items", "n_raters", "n_units")
"""What every measure of answers says beside its value: items, raters, and units that at least two
raters answered about."""


def _measured(prepare: Prepare, asked: Asked, by: Levels) -> pd.DataFrame:
    import pandas as pd

    of = asked.options.get("on", CLASS)
    by_item = "item" in by or "task" in by
    rows: list[dict[str, Any]] = []
    for name in attributes_of(asked.annotations) if "attribute" in by else [of]:
        frame = rated(asked, name)
        for keys, part, all_values in _parts(frame, by, name, asked.options.get("values")):
            keys = {"attribute": name, **keys}
            if part.empty:
                continue
            ratings = ratings_of_triples(
                part["rater"].to_numpy(object),
                part["unit"].to_numpy(),
                part["value"].to_numpy(object),
                all_values,
            )
            sums = prepare(ratings, asked.options)
            item = _items_of_units(part)
            if by_item:
                rows += _each(keys, part, ratings, sums, item)
            else:
                cluster = pd.factorize(item)[0]
                made = interval_of(sums.by(cluster), asked.options)
                rows.append({**keys, **told(made), **_counts(part, ratings)})
    if not by and not rows:
        rows = [told(Interval(_NAN, _NAN, _NAN, _NAN)) | dict.fromkeys(COUNTS, 0)]
    return finished(rows, by, COUNTS)


def interval_of(sums: UnitSums, options: Mapping[str, Any]) -> Interval:
    """Return a measure with the interval that the options ask for."""
    method = options.get("interval", "bca")
    if method is None:
        return Interval(sums.value(), _NAN, _NAN, _NAN)
    return confidence_interval(
        sums,
        method=method,
        confidence=options.get("confidence", 0.95),
        resamples=options.get("resamples", 2000),
        seed=options.get("seed", 0),
    )


def told(made: Interval) -> dict[str, Any]:
    """Return the columns of a measure: value, low and high."""
    return {"value": made.value, "low": made.low, "high": made.high}


def finished(rows: list[dict[str, Any]], by: Levels, counts: tuple[str, ...]) -> pd.DataFrame:
    """Return rows as a frame with the columns of the levels, and dtypes also where it is empty."""
    import pandas as pd

    names = columns_of(by)
    numbers = [name for row in rows[:1] for name in row if name not in (*names, *counts)]
    numbers = [name for name in numbers if name != "attribute"] or ["value", "low", "high"]
    made = pd.DataFrame(rows, columns=[*names, *numbers, *counts])
    kinds = {name: "string" for name in names} | {name: "float64" for name in numbers}
    return made.astype({**kinds, **{name: "int64" for name in counts}})


def _parts(
    frame: pd.DataFrame, by: Levels, of: str, values: Any
) -> Iterator[tuple[dict[str, Any], pd.DataFrame, Any]]:
    """Yield the answers of each pair and class that is asked for; items are told apart later."""
    found: set[Any] = set()
    for value in frame["value"].to_numpy(object):
        found |= _names(value)
    for pair_keys, part in _pairs(frame) if "pair" in by else [({}, frame)]:
        if "class" not in by:
            yield pair_keys, part, values
            continue
        if of not in (CLASS, TAGS):
            raise SchemaError(
                f"has no rows for the answers of {of!r}.", where="by", hint='Leave out "class".'
            )
        # Of one class the question is: is it this one?
        for name in sorted(found, key=str):
            said = part["value"].map(lambda value, name=name: float(name in _names(value)))
            if said.any():
                yield {**pair_keys, "class_name": name}, part.assign(value=said), [0.0, 1.0]


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    units = {str(name): set(part) for name, part in frame.groupby("rater")["unit"]}
    for one, other in combinations(sorted(units), 2):
        common = units[one] & units[other]
        if common:
            kept = frame["rater"].isin([one, other]) & frame["unit"].isin(common)
            yield {"rater_a": one, "rater_b": other}, frame[kept]


def _names(value: Any) -> frozenset[Any]:
    return value if isinstance(value, frozenset) else frozenset([value])


def _items_of_units(part: pd.DataFrame) -> Any:
    """Return the item of each unit, in the order in which ratings number units."""
    return part.drop_duplicates("unit").sort_values("unit")["item_id"].to_numpy(object)


def _counts(part: pd.DataFrame, ratings: Ratings) -> dict[str, int]:
    paired = np.bincount(ratings.unit, minlength=ratings.units) > 1
    return {
        "n_items": part["item_id"].nunique(),
        "n_raters": ratings.raters,
        "n_units": int(paired.sum()),
    }


def _each(
    keys: dict[str, Any], part: pd.DataFrame, ratings: Ratings, sums: UnitSums, item: Any
) -> list[dict[str, Any]]:
    """Return a row for each item; a single one has nothing to resample."""
    import pandas as pd

    cluster, names = pd.factorize(item)
    values = sums.by(cluster).each()
    paired = np.bincount(ratings.unit, minlength=ratings.units) > 1
    units = np.bincount(cluster[paired], minlength=names.size)
    raters = part.groupby("item_id", sort=False)["rater"].nunique()
    return [
        {
            **keys,
            "item_id": name,
            "value": value,
            "low": _NAN,
            "high": _NAN,
            "n_items": 1,
            "n_raters": int(raters[name]),
            "n_units": int(count),
        }
        for name, value, count in zip(names, values, units, strict=True)
    ]


def _cohen(ratings: Ratings, options: Mapping[str, Any]) -> UnitSums:
    return cohen_sums(ratings, options.get("weights"))


def _fleiss(ratings: Ratings, options: Mapping[str, Any]) -> UnitSums:
    return fleiss_sums(ratings, options.get("weights"))


def _gwet(ratings: Ratings, options: Mapping[str, Any]) -> UnitSums:
    return gwet_sums(ratings, options.get("weights"))


def _krippendorff(ratings: Ratings, options: Mapping[str, Any]) -> UnitSums:
    level: Any = options.get("level")
    if level is None:
        sets = all(isinstance(value, frozenset) for value in ratings.values.tolist())
        level = "masi" if sets and ratings.values.size else "nominal"
    if level in ("interval", "ratio", "ordinal"):
        ratings = _numeric(ratings, level)
    if level in SET_DISTANCES:
        level = SET_DISTANCES[level]
    return krippendorff_sums(ratings, level)


def _numeric(ratings: Ratings, level: str) -> Ratings:
    """Return ratings whose values are numbers, where they are."""
    listed = ratings.values.tolist()
    if not all(isinstance(value, int | float) for value in listed):
        if level == "ordinal":
            return ratings  # Text has an order where `values` or the alphabet gives one.
        raise SchemaError("has answers that are no numbers.", where=f"level={level!r}")
    return Ratings(
        ratings.rater,
        ratings.unit,
        ratings.code,
        np.array(listed, np.float64),
        ratings.raters,
        ratings.units,
    )


def _measure(prepare: Prepare, *more: str) -> Measure:
    return Measure(partial(_measured, prepare), _LEVELS, _COMMON | set(more))


MEASURES: Mapping[str, Measure] = {
    "cohen": _measure(_cohen, "weights"),
    "fleiss": _measure(_fleiss, "weights"),
    "krippendorff": _measure(_krippendorff, "level"),
    "gwet": _measure(_gwet, "weights"),
}
"""Agreement on answers, less what chance alone would bring."""
