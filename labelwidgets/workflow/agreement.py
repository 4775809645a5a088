"""How far people who labelled the same items agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SchemaError
from labelwidgets.workers import Workers
from labelwidgets.workflow import (
    answers,
    chance_measures,
    geometry_measures,
    localised_measures,
    track_measures,
)
from labelwidgets.workflow.measures import Asked, Measure, columns_of, read_levels

if TYPE_CHECKING:
    import pandas as pd

MEASURES: Mapping[str, Measure] = {
    **geometry_measures.MEASURES,
    **answers.MEASURES,
    **chance_measures.MEASURES,
    **localised_measures.MEASURES,
    **track_measures.MEASURES,
}
"""All measures by name."""


def agreement(
    annotations: pd.DataFrame,
    measure: str = "iou",
    by: str | Sequence[str] | None = None,
    *,
    rater: str = "author",
    threshold: float = 0.5,
    items: Any = None,
    client: Any = None,
    workers: int | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Return how far raters agree, as a frame.

    Objects of two raters are matched, within a frame and a class, so that their overlaps sum up
    to the most; an object that only one of them has counts as 0. The value of two raters on an
    item is the mean over their objects (1 where both left it empty), and that of anything larger
    the mean over its pairs of raters on items.

    Parameters
    ----------
    annotations
        As `Project.annotations` has them: at least item_id, geometry and the rater.
    measure
        Of places: "iou", "dice", "boundary_iou" (masks), "oks" (keypoints), "line_iou"
        (polylines); "hd", "hd95" and "surface_distance", between matched objects alone; "f1" at
        the threshold, "f1_50_95" (the mean at .50, .55 ... .95), "pq", "sq" and "rq".
        Of answers: "percent", the share that is the same, of what both raters gave one to; and
        with chance taken from it "cohen", "fleiss", "krippendorff" and "gwet". Of places and
        classes at once: "kalos"; and "vitality" (by rater), what each adds to it.
        Of videos: "hota", what it is made of, "deta" and "assa", and "idf1" at the threshold.
    by
        None for one row over all, or levels: "task" or "item", "class", "pair", "object",
        "rater", of answers "attribute" and of kalos "threshold" too (from .3 to .95: how much it
        hangs on where objects are); several give a row for each combination that there is.
    rater
        The column that says who made a label.
    threshold
        From which overlap on two shapes are the same object: what `n_matched`, F1, PQ and measures
        of answers go by. Mean overlaps count every matched pair with what it overlaps.
    items
        The pairs of item and rater that were submitted, as a frame with the columns item_id and
        `rater` or as tuples, so that who left an item empty counts. Without, who has labels.
    client
        A `distributed.Client` of a Dask cluster: its workers compare the labels, item by item.
        What they find is put together here, to the same numbers. Worth it where the comparing
        takes long: many outlines, masks, scans or tracks, and distances.
    workers
        So many processes of this machine instead.
    **options
        Of the measure: ``on``, for answers ("class" of objects, "tag", "attributes" or the name
        of one), ``across_classes`` (match objects of different classes too), ``sigmas`` of
        joints, ``thickness`` of lines in pixels, ``dilation`` of boundaries (a part of the
        diagonal), ``overlap`` that F1 and PQ go by, ``spacing`` in millimetres (along x, y and
        from slice to slice; for all, or by item id).
        Of answers: ``on`` ("class" of objects at one place, the default; "tag"; or an
        attribute's name), ``missed=True`` (to have missed an object is an answer), ``weights``
        ("linear", "quadratic", "ordinal": answers may be nearly the same), ``level`` of
        krippendorff ("nominal", "ordinal", "interval", "ratio", "masi" and "jaccard" for sets, or
        a function), ``values`` (all that could be said, in order), ``interval`` ("bca",
        "percentile" or None), ``confidence``, ``resamples`` and ``seed``. Items are resampled.
        Of kalos: ``calibrate=True`` (the threshold is read off the data), ``matching``
        ("greedy", "sequential"), ``prefer_class``.

    Returns
    -------
    DataFrame
        Columns of the levels (item_id, class_name, rater_a and rater_b, object, rater), measure
        (string), value (float64), n_items, n_pairs (pairs of raters on items), n_objects and
        n_matched (int64). Those that know chance have low and high, the ends of the confidence
        interval, and n_items, n_raters and n_units; kalos too, where value is the mean over
        pictures, and whole that of all objects together.

    Raises
    ------
    SchemaError
        If a column, the measure, a level or an option is none.
    WorkflowError
        If `client` or `workers` are none.
    """
    if measure not in MEASURES:
        raise SchemaError(f"{measure!r:.60} is none of {', '.join(MEASURES)}.", where="measure")
    if not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise SchemaError(f"must be from 0 to 1, not {threshold!r:.60}.", where="threshold")
    asked_for = MEASURES[measure]
    unknown = sorted(set(options) - asked_for.options)
    if unknown:
        raise SchemaError(
            f"is no option of {measure!r}, which takes {', '.join(sorted(asked_for.options))}.",
            where=unknown[0][:60],
        )
    levels = read_levels(by, asked_for, measure)
    here = client is None and workers is None
    doing = None if here else Workers(client, workers, "processes")
    asked = Asked(annotations, rater, items, float(threshold), options, doing)
    made = asked_for.function(asked, levels)
    made.insert(len(columns_of(levels)), "measure", measure)
    made["measure"] = made["measure"].astype("string")
    return made
