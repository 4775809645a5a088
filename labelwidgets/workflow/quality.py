"""How good labels are, measured by a reference."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.annotation_rows import Labels, records_of
from labelwidgets.workflow.comparison import Compared, LengthOf, compare
from labelwidgets.workflow.conflicts import conflict_frame
from labelwidgets.workflow.confusion import confusion_of
from labelwidgets.workflow.quality_rules import QualityRules
from labelwidgets.workflow.similarity import SizeOf
from labelwidgets.workflow.track_quality import track_frame

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = ("labels", "reference", "valid", "missing", "extra", "mismatching")
_METRICS = ("accuracy", "precision", "recall", "jaccard", "mean_similarity")


def quality(
    labels: Labels,
    reference: Labels,
    *,
    rater: Literal["task_id", "author"] = "task_id",
    items: Iterable[str] | None = None,
    submitted: Iterable[tuple[str, str | None]] | None = None,
    size_of: SizeOf | None = None,
    length_of: LengthOf | None = None,
    **settings: Any,
) -> QualityReport:
    """Return how good labels are, measured by a reference.

    Parameters
    ----------
    labels, reference, rater, items, submitted, size_of, length_of, **settings
        As for `conflicts`.

    Returns
    -------
    QualityReport
        Shows itself in a notebook; each part is a frame.

    Examples
    --------
    >>> report = lw.quality(project.annotations, gold, iou_threshold=0.5)
    >>> report.summary["accuracy"], report.conflicts, report.confusion
    """
    rules = QualityRules.of(**settings)
    made, truth = records_of(labels, "labels"), records_of(reference, "reference")
    found = compare(made, truth, rules, rater, items, submitted, size_of, length_of)
    return QualityReport(found, rules, made, truth, size_of)


class QualityReport:
    """Labels measured by a reference; made by `quality`.

    Counts are of labels: `labels` and `reference` are how many there are, `valid` those that mean
    the same thing and have the same class, `mismatching` those of another class. Accuracy is valid
    / (valid + mismatching + missing + extra), precision valid / labels, recall valid / reference,
    and Jaccard's index valid / (labels + reference - valid); one that nothing can be said of is
    NaN. Answers about the image as a whole are compared, and are no labels here.

    Attributes
    ----------
    rules : QualityRules
        How strictly it was compared.
    """

    def __init__(
        self,
        compared: Sequence[Compared],
        rules: QualityRules,
        labels: Sequence[Annotation],
        reference: Sequence[Annotation],
        size_of: SizeOf | None = None,
    ) -> None:
        self.rules = rules
        self._compared = list(compared)
        self._labels, self._reference = list(labels), list(reference)
        self._size_of = size_of

    @cached_property
    def matches(self) -> pd.DataFrame:
        """One row for each pair, and for each label without a partner.

        Columns: item_id, task_id, author, rater, family, class_name, reference_class, id,
        reference_id (string; missing where there is no partner), frame (Int64) and similarity
        (float64, 0 without a partner).
        """
        import pandas as pd

        rows = [
            (
                *(one.item, one.task, one.author, one.rater, layer.frame, layer.family),
                *_named(match.label),
                *_named(match.reference),
                match.similarity,
            )
            for one in self._compared
            for layer in one.layers
            if layer.family != "image"
            for match in layer.matches
        ]
        names = ["item_id", "task_id", "author", "rater", "frame", "family"]
        names += ["class_name", "id", "reference_class", "reference_id", "similarity"]
        made = pd.DataFrame(rows, columns=names)
        kinds = dict.fromkeys(names, "string") | {"frame": "Int64", "similarity": "float64"}
        return made.astype(kinds)

    @cached_property
    def conflicts(self) -> pd.DataFrame:
        """One row a contradiction; see `labelwidgets.conflicts`."""
        return conflict_frame(self._compared, self.rules, self._size_of)

    @cached_property
    def summary(self) -> pd.Series[Any]:
        """All in all: counts, metrics (see the class), numbers of errors and warnings."""
        import pandas as pd

        values = _measured(self.matches, self._empty())
        severity = self.conflicts["severity"]
        values |= {
            "submissions": len(self._compared),
            "items": len({one.item for one in self._compared}),
            "errors": int((severity == "error").sum()),
            "warnings": int((severity == "warning").sum()),
        }
        return pd.Series(values, dtype=object, name="quality")

    @property
    def passed(self) -> bool:
        """Whether the target is reached; not where nothing can be said."""
        return bool(self.summary[self.rules.target_metric] >= self.rules.target_metric_threshold)

    @cached_property
    def classes(self) -> pd.DataFrame:
        """One row a class: counts and metrics; the accuracy is that of a yes or no to the class."""
        import pandas as pd

        table = self.confusion.to_numpy()
        valid = np.diag(table)[:-1]
        made, truth = table.sum(axis=1)[:-1], table.sum(axis=0)[:-1]
        total = table.sum()
        columns = {
            "labels": made,
            "reference": truth,
            "valid": valid,
            "accuracy": _share(total - made - truth + 2 * valid, np.full(len(valid), total)),
            "precision": _share(valid, made),
            "recall": _share(valid, truth),
            "jaccard": _share(valid, made + truth - valid),
        }
        index = pd.Index(self.confusion.index[:-1], name="class_name", dtype="object")
        return pd.DataFrame(columns, index=index)

    @cached_property
    def confusion(self) -> pd.DataFrame:
        """How often a label of a class (rows) means a reference of a class (columns), int64.

        The last row and column, ``unmatched``, are those without a partner.
        """
        return confusion_of(self.matches)

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row a submission: item_id, task_id, author, counts, metrics, errors, warnings."""
        rows = [
            {"item_id": one.item, "task_id": one.task, "author": one.author}
            | _measured(part, self._counted([one]))
            | {kind: int((told["severity"] == kind[:-1]).sum()) for kind in ("errors", "warnings")}
            for one in self._compared
            for part in [self._of(self.matches, one)]
            for told in [self._of(self.conflicts, one)]
        ]
        return _frame(rows, ("item_id", "task_id", "author"), ("errors", "warnings"))

    @cached_property
    def authors(self) -> pd.DataFrame:
        """One row a person who made submissions: counts, metrics, and how many they were."""
        rows = []
        for who in sorted({one.author for one in self._compared if one.author is not None}):
            own = [one for one in self._compared if one.author == who]
            part = self.matches[(self.matches["author"] == who).fillna(False)]
            empty = [one for one in own if one.is_empty]
            counts = {"submissions": len(own)}
            rows.append({"author": who} | counts | _measured(part, self._counted(empty)))
        return _frame(rows, ("author",), ("submissions",))

    @cached_property
    def tracks(self) -> pd.DataFrame:
        """How well objects of videos were followed; see `track_frame`."""
        return track_frame(self._compared)

    def to_notebook(self, path: str | os.PathLike[str]) -> None:
        """Write a notebook that computes the report again, and beside it the labels it is about.

        Parameters
        ----------
        path
            Such as ``quality.ipynb``; the labels go to ``quality.labels.jsonl`` and
            ``quality.reference.jsonl``. What is there is replaced.
        """
        from labelwidgets.workflow.quality_notebook import write_notebook

        write_notebook(self, path, self._compared, self._labels, self._reference, self._size_of)

    def __repr__(self) -> str:
        told = self.summary
        return (
            f"QualityReport({numbered(told['submissions'], 'submission')}, accuracy "
            f"{told['accuracy']:.3f}, "
            f"precision {told['precision']:.3f}, recall {told['recall']:.3f}, "
            f"{told['errors']} errors, {told['warnings']} warnings)"
        )

    def _repr_html_(self) -> str:
        from labelwidgets.workflow.quality_page import quality_page

        return quality_page(self)

    def _of(self, frame: pd.DataFrame, one: Compared) -> pd.DataFrame:
        of_item = frame["item_id"] == one.item
        if one.rater is None or one.task is None:
            name, who = "author", one.author
        else:
            name, who = "task_id", one.task
        if "rater" in frame:
            name, who = "rater", one.rater
        same = frame[name].isna() if who is None else (frame[name] == who).fillna(False)
        return frame[of_item & same]

    def _empty(self) -> Sequence[Compared]:
        return self._counted([one for one in self._compared if one.is_empty])

    def _counted(self, empty: Sequence[Compared]) -> Sequence[Compared]:
        return empty if self.rules.empty_is_annotated else []


def _named(label: Annotation | None) -> tuple[str | None, str | None]:
    return (None, None) if label is None else (label.class_name, label.id)


def _measured(matches: pd.DataFrame, empty: Sequence[Compared]) -> dict[str, Any]:
    """Return counts and metrics; of what is rightly empty each counts as one that is right."""
    extra_valid = sum(one.is_empty for one in empty)
    made, truth = matches["id"].notna(), matches["reference_id"].notna()
    both = made & truth
    valid = int((both & (matches["class_name"] == matches["reference_class"])).sum()) + extra_valid
    counts = {
        "labels": int(made.sum()) + extra_valid,
        "reference": int(truth.sum()) + extra_valid,
        "valid": valid,
        "missing": int((~made).sum()),
        "extra": int((~truth).sum()),
        "mismatching": int(both.sum()) + extra_valid - valid,
    }
    total = len(matches) + extra_valid
    similar = matches.loc[both, "similarity"]

    def share(whole: int) -> float:
        return valid / whole if whole else float("nan")

    return counts | {
        "accuracy": share(total),
        "precision": share(counts["labels"]),
        "recall": share(counts["reference"]),
        "jaccard": share(counts["labels"] + counts["reference"] - valid),
        "mean_similarity": float(similar.mean()) if len(similar) else float("nan"),
    }


def _share(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _frame(
    rows: Sequence[Mapping[str, Any]], text: Sequence[str], more: Sequence[str]
) -> pd.DataFrame:
    import pandas as pd

    order = [*text, *_COUNTS, *_METRICS, *more]
    made = pd.DataFrame([dict(row) for row in rows], columns=order)
    kinds = dict.fromkeys(text, "string") | dict.fromkeys((*_COUNTS, *more), "int64")
    return made.astype(kinds | dict.fromkeys(_METRICS, "float64"))
