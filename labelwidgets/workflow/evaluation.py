"""How good a model's predictions are, measured by labels, as COCO's evaluation has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from labelwidgets.algorithms.average_precision import RECALLS
from labelwidgets.errors import SchemaError
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation_rows import Labels, records_of
from labelwidgets.workflow.average_precisions import THRESHOLDS
from labelwidgets.workflow.confusion import confusion_of
from labelwidgets.workflow.detection_tally import Settings, Tally, pictures_of
from labelwidgets.workflow.detections import IouType
from labelwidgets.workflow.similarity import SizeOf

if TYPE_CHECKING:
    import pandas as pd

_MAX_DETS: Mapping[str, tuple[int, ...]] = {
    "bbox": (1, 10, 100),
    "segm": (1, 10, 100),
    "keypoints": (20,),
}
_MATCHES = {
    **dict.fromkeys(("item_id", "task_id"), "string"),
    "frame": "Int64",
    **dict.fromkeys(("class_name", "id"), "string"),
    "score": "float64",
    **dict.fromkeys(("reference_class", "reference_id"), "string"),
    "similarity": "float64",
    "outcome": "string",
}


def evaluate(
    predictions: Labels,
    truth: Labels,
    *,
    iou_type: IouType = "bbox",
    max_dets: Sequence[int] | None = None,
    iou_threshold: float = 0.5,
    score_threshold: float = 0.0,
    items: Iterable[str] | pd.DataFrame | None = None,
    crowd: Iterable[str] = (),
    sigmas: ArrayLike | None = None,
    size_of: SizeOf | None = None,
    tasks: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Evaluation:
    """Return how good predictions are, measured by labels that are held to be true.

    The average precisions and recalls are those of pycocotools' ``COCOeval``: greedy matching
    class by class at IoUs of .50 to .95, 101 points of recall, ranges of sizes, and crowds, which
    any number of predictions may mean. Where ``COCOeval`` says -1, for nothing to measure, they
    are NaN. The rest is what one person's labels are measured by in `quality`: at one threshold
    of IoU and of score, pairs that are together the most alike, a confusion matrix, and what is
    right, too much and missing on each item.

    Parameters
    ----------
    predictions
        A frame like `project.annotations`, or records. What has no `confidence` counts as 1.
    truth
        The same. Of records read from a COCO file the crowds are known; a frame does not say them.
    iou_type
        What is compared: ``bbox`` (upright boxes around the shapes), ``segm`` (their pixels) or
        ``keypoints`` (joints, by object keypoint similarity). A volume mask is a mask on each of
        its slices. Of ``keypoints``, a label without joints whose class has some need not be
        found, and a prediction that means it does not count. What cannot be compared is in
        `Evaluation.left_out`.
    max_dets
        How many predictions of a class and picture count at most, three numbers, rising (of
        joints one); None for 1, 10 and 100 (of joints 20).
    iou_threshold, score_threshold
        For all but the average precisions: from how much overlap a prediction means a label, and
        the predictions that are looked at.
    items
        What the labels are about, to count what should be empty; by default the items that have a
        label or a prediction. Ids, or a frame with a column ``item_id`` or ``id`` of them, such as
        `Dataset.items`. Predictions on other items are left alone.
    crowd
        Ids of more labels that are crowds.
    sigmas
        How far people put joints apart, as shares of the size of the object: one, or one for each
        joint. By default COCO's for 17 joints, else 0.09.
    size_of
        Returns (width, height) of a picture by its item, for the pixels of outlines; without it a
        picture reaches as far as its labels.
    tasks
        The task of each item, for the frames; by default that of its labels.
    titles
        What people call each item, for the frame `items`.

    Raises
    ------
    SchemaError
        If a setting or a row is wrong.

    Examples
    --------
    >>> found = lw.evaluate(predicted, project.annotations, iou_type="segm")
    >>> found.metrics["AP"], found.classes, found.confusion
    >>> project.annotate(found.items.head(20))
    """
    if iou_type not in get_args(IouType):
        raise SchemaError(
            f"must be one of {get_args(IouType)}, not {iou_type!r:.60}.", where="iou_type"
        )
    limits = _limits(_MAX_DETS[iou_type] if max_dets is None else max_dets, iou_type)
    for name, value in (("iou_threshold", iou_threshold), ("score_threshold", score_threshold)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise SchemaError(f"must be from 0 to 1, not {value!r:.60}.", where=name)
    spread = None if sigmas is None else np.asarray(sigmas, np.float64)
    if spread is not None and (spread.ndim > 1 or not (spread > 0).all()):
        raise SchemaError("must be above 0, one or one for each joint.", where="sigmas")
    found, known = records_of(predictions, "predictions"), records_of(truth, "truth")
    asked = None if items is None else ids_of(items)
    pictures, left_out = pictures_of(found, known, asked, iou_type)
    settings = Settings(iou_type, limits, iou_threshold, score_threshold, spread)
    tally, crowds = Tally(settings), frozenset(crowd)
    for picture in pictures:
        tally.add(picture, crowds, size_of)
    placed = {one.item_id: one.task_id for one in (*found, *known) if one.task_id is not None}
    return Evaluation(
        settings, tally, left_out, items=asked, tasks=placed | dict(tasks or {}), titles=titles
    )


def ids_of(items: Any) -> list[str]:
    """Return the ids of items, of a frame too, which is a list of its columns otherwise."""
    if hasattr(items, "columns"):
        named = next((name for name in ("item_id", "id") if name in items.columns), None)
        if named is None:
            raise SchemaError("must have a column item_id or id.", where="items")
        items = items[named]
    return [items] if isinstance(items, str) else [str(item) for item in items]


class Evaluation:
    """Predictions measured by labels; made by `evaluate`. Shows itself in a notebook."""

    def __init__(
        self,
        settings: Settings,
        tally: Tally,
        left_out: list[tuple[Any, ...]],
        *,
        items: list[str] | None,
        tasks: Mapping[str, str],
        titles: Mapping[str, str] | None,
    ) -> None:
        self.iou_type: IouType = settings.iou_type
        self.iou_threshold = settings.iou_threshold
        self.score_threshold = settings.score_threshold
        self._left_out = left_out
        self._asked = list(dict.fromkeys(items or ()))
        self._rows, self._scored, self._counts = tally.rows, tally.scored, tally.counts
        self._result = tally.result()
        self._tasks = tasks
        self._titles = dict(titles or {})

    @property
    def metrics(self) -> pd.Series[Any]:
        """AP, AP50, AP75, AP and AR by size, and AR by `max_dets` (float64).

        In the order of ``COCOeval.stats``: 12 numbers, of joints 10.
        """
        import pandas as pd

        return pd.Series(self._result.metrics(), dtype="float64", name=self.iou_type)

    @cached_property
    def matches(self) -> pd.DataFrame:
        """One row for each pair, and for each prediction and label without a partner.

        At `iou_threshold`, of predictions from `score_threshold` on. Columns: item_id, task_id
        (string), frame (Int64), class_name, id (of the prediction), score (float64),
        reference_class, reference_id (string), similarity (float64, 0 without a partner) and
        outcome (string): ``tp``, ``mismatching`` (it means a label of another class), ``fp``,
        ``fn``, or ``ignored`` (it means a crowd, or joints that nobody labelled).
        """
        import pandas as pd

        made = pd.DataFrame(self._rows, columns=list(_MATCHES)).astype(_MATCHES)
        made["task_id"] = made["item_id"].map(self._tasks).astype("string")
        return made

    @cached_property
    def confusion(self) -> pd.DataFrame:
        """How often a prediction of a class (rows) means a label of a class (columns), int64.

        The last row and column, ``unmatched``, are the background: labels that nothing means, and
        predictions that mean nothing.
        """
        counted = self.matches[self.matches["outcome"] != "ignored"]
        return confusion_of(counted, "predictions")

    @cached_property
    def classes(self) -> pd.DataFrame:
        """One row a class, by its name.

        Columns: predictions, truth (how many labels are to be found; int64), AP, AP50, AP75, AR
        (float64, NaN without labels); then at the thresholds tp, fp, fn (int64; what is of
        another class is both), precision, recall, f1 and mean_similarity (float64).
        """
        import pandas as pd

        names = self._result.names
        index = pd.Index(names, name="class_name", dtype="object")
        made = pd.DataFrame(
            {
                "predictions": np.array([self._counts[name][0] for name in names], np.int64),
                "truth": np.array([self._counts[name][1] for name in names], np.int64),
                "AP": self._result.ap(),
                "AP50": self._result.ap(iou=0.5),
                "AP75": self._result.ap(iou=0.75),
                "AR": self._result.ar(),
            },
            index=index,
        )
        rows = self.matches[self.matches["outcome"] != "ignored"]
        right = rows[rows["outcome"] == "tp"]
        said, meant = (
            rows[name].value_counts().reindex(names).fillna(0).to_numpy(np.int64)
            for name in ("class_name", "reference_class")
        )
        true = right["class_name"].value_counts().reindex(names).fillna(0).to_numpy(np.int64)
        near = right.groupby("class_name")["similarity"].mean().reindex(names)
        _count(made, true, said, meant)
        made["mean_similarity"] = near.to_numpy(np.float64)
        return made

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Precision over recall: one row for each class, IoU and recall of 101.

        Columns: class_name (string), iou, recall, precision and score (float64: of the prediction
        that reaches the recall; 0 where none does). Classes without labels have none.
        """
        import pandas as pd

        found = self._result
        kept = [k for k, name in enumerate(found.names) if self._counts[name][1]]
        precision = np.moveaxis(found.precision[0][:, kept], 1, 0)
        score = np.moveaxis(found.score[0][:, kept], 1, 0)
        places = np.indices(precision.shape).reshape(3, -1)
        names = np.array([found.names[k] for k in kept], object)
        return pd.DataFrame(
            {
                "class_name": pd.array(names[places[0]], dtype="string"),
                "iou": THRESHOLDS[places[1]].round(2),
                "recall": RECALLS[places[2]],
                "precision": precision.ravel(),
                "score": score.ravel(),
            }
        )

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row an item, the worst first; a work list for `project.annotate`.

        Columns: item_id, task_id, title (string), predictions, truth, tp, fp, fn (int64; what is
        of another class is both), precision, recall and f1 (float64, NaN where there is nothing).
        The worst has most of fp and fn, of equals the least f1.
        """
        import pandas as pd

        rows = self.matches[self.matches["outcome"] != "ignored"]
        seen = self._asked or list(dict.fromkeys(self.matches["item_id"]))
        grouped = {
            "predictions": rows["id"].notna(),
            "truth": rows["reference_id"].notna(),
            "true": rows["outcome"] == "tp",
        }
        sums = pd.DataFrame(grouped).groupby(rows["item_id"]).sum().reindex(seen).fillna(0)
        counts = {name: sums[name].to_numpy(np.int64) for name in grouped}
        made = pd.DataFrame(
            {
                "item_id": pd.array(seen, dtype="string"),
                "task_id": pd.array([self._tasks.get(name) for name in seen], dtype="string"),
                "title": pd.array([self._titles.get(name) for name in seen], dtype="string"),
                "predictions": counts["predictions"],
                "truth": counts["truth"],
            }
        )
        _count(made, counts["true"], counts["predictions"], counts["truth"])
        wrong = -(made["fp"] + made["fn"])
        order = np.lexsort((made["f1"].fillna(1.0), wrong))
        return made.iloc[order].reset_index(drop=True)

    def calibration(self, bins: int = 10) -> pd.DataFrame:
        """Return how often predictions of a score are right, at an IoU of 0.5.

        Parameters
        ----------
        bins
            Into how many equal ranges of scores they are put, from 1 to 1000.

        Returns
        -------
        pandas.DataFrame
            One row a range: low, high (float64, the high end belongs to the last alone),
            predictions (int64), score (their mean) and precision (float64, NaN of none). The
            expected calibration error is the mean of what the two differ by, weighted by
            predictions; it is in ``attrs["ece"]``.

        Raises
        ------
        SchemaError
            If the number is impossible.
        """
        import pandas as pd

        if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= 1000:
            raise SchemaError(f"must be from 1 to 1000, not {bins!r:.60}.", where="bins")
        right = self._result.right
        scores = np.array([self._scored[at][0] for at in right], np.float64)
        hit = np.fromiter(right.values(), np.float64, len(right))
        place = np.minimum((scores * bins).astype(np.int64), bins - 1)
        count = np.bincount(place, minlength=bins)
        ends = np.linspace(0, 1, bins + 1)
        made = pd.DataFrame({"low": ends[:-1], "high": ends[1:], "predictions": count})
        for name, values in (("score", scores), ("precision", hit)):
            total = np.bincount(place, values, minlength=bins)
            made[name] = np.divide(total, count, out=np.full(bins, np.nan), where=count > 0)
        apart = (made["score"] - made["precision"]).abs().fillna(0.0) * count
        made.attrs["ece"] = float(apart.sum() / len(right)) if right else float("nan")
        return made

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """Labels that are not compared: item_id, id, class_name, side and reason (string)."""
        import pandas as pd

        columns = ["item_id", "id", "class_name", "side", "reason"]
        return pd.DataFrame(self._left_out, columns=columns).astype("string")

    def __repr__(self) -> str:
        found = self._result.metrics()
        return (
            f"Evaluation({self.iou_type}, {numbered(len(self._result.names), 'class')}, "
            f"{numbered(len(self.items), 'item')}, AP {found['AP']:.3f}, AP50 {found['AP50']:.3f})"
        )

    def _repr_html_(self) -> str:
        from labelwidgets.workflow.evaluation_page import evaluation_page

        return evaluation_page(self)


def _limits(given: Sequence[int], iou_type: IouType) -> tuple[int, ...]:
    limits = tuple(given) if isinstance(given, list | tuple) else ()
    whole = all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in limits)
    wanted = len(_MAX_DETS[iou_type])
    if len(limits) != wanted or not whole or sorted(set(limits)) != list(limits):
        many = "one whole number" if wanted == 1 else f"{wanted} whole numbers, rising"
        raise SchemaError(f"must be {many}, not {given!r:.60}.", where="max_dets")
    return limits


def _count(made: pd.DataFrame, true: Any, said: Any, meant: Any) -> None:
    """Add tp, fp, fn, precision, recall and f1 to a frame."""
    made["tp"], made["fp"], made["fn"] = true, said - true, meant - true
    for name, part, whole in (
        ("precision", true, said),
        ("recall", true, meant),
        ("f1", 2 * true, said + meant),
    ):
        made[name] = np.divide(part, whole, out=np.full(len(made), np.nan), where=whole > 0)
