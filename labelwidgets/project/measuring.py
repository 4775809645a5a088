"""How the work goes, how far people agree, and what their labels come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from labelwidgets.project.base import ProjectBase
from labelwidgets.store.edits import Applied
from labelwidgets.store.tables import PROBES
from labelwidgets.workflow import headless

if TYPE_CHECKING:
    from labelwidgets.workflow.agreed import Agreed
    from labelwidgets.workflow.disagreement import Disagreement


class Measuring(ProjectBase):
    """Performance, agreement and consensus."""

    def performance(self, by: str | Sequence[str] = "person", idle: float = 180.0) -> pd.DataFrame:
        """Return what each person did, how fast, and what reviewers thought of it.

        Columns: those of `by`; labels, seconds, seconds_per_label, last_activity, submitted,
        accepted, rejected, acceptance_rate, score, first_pass, rework and edit_distance: see
        `labelwidgets.workflow.performance.performance`. Then, missing where nothing can be said:

        - consensus_iou: mean overlap of the person's labels of an item with the fused ones, or
          where nothing was fused with those of each other person who had it;
        - gold_score: share of what is right on golden items, see `gold`;
        - seconds_drift, score_drift: by how much the seconds a label, and the reviewers' score,
          change a day: the slope of the least-squares line through the days, from two days on.

        Parameters
        ----------
        by
            One or several of ``person``, ``task``, ``item``, ``frame``, ``class``, ``day``.
        idle
            A pause that is longer, in seconds, is no work.

        Raises
        ------
        WorkflowError
            If `by` names something else.
        """
        from labelwidgets.workflow.scored_performance import scored_performance

        return scored_performance(self._store, by, idle)

    def agreement(
        self,
        measure: str = "iou",
        by: str | Sequence[str] | None = None,
        *,
        threshold: float = 0.5,
        models: bool = False,
        **options: Any,
    ) -> pd.DataFrame:
        """Return how far those who labelled the same items agree; see `labelwidgets.agreement`.

        Compared is what people made by themselves: golden and fused answers are left out, and who
        submitted an item without a label counts. Distances in scans are in millimetres where the
        files say how far their pixels are apart, unless ``spacing`` is given. What a model proposed
        and somebody handed in is their opinion.

        Parameters
        ----------
        measure, by, threshold, **options
            As for `labelwidgets.agreement`; so are ``client`` and ``workers``.
        models
            Models are raters, too, by their names: what they proposed for items that were handed
            in, as it was before people changed or deleted it.
        """
        from labelwidgets.workflow.agreement import MEASURES, agreement
        from labelwidgets.workflow.opinions import COMPARED, opinions_of, spacings_of, with_models

        given = self._store.annotations_with(COMPARED)
        hands, parts = self._store.hands, self.workflow.parts
        labels, items = opinions_of(given, self.tasks, hands, parts=parts)
        if models:
            labels, items = with_models(labels, items, self._store.read_first("model"))
        options.setdefault("items", items)
        known = MEASURES.get(measure)
        if known is not None and "spacing" in known.options and "spacing" not in options:
            rows: list[Any] = self._store.items().to_dict("records")
            options["spacing"] = spacings_of({row["id"]: row for row in rows}, self.dataset)
        return agreement(labels, measure, by, threshold=threshold, **options)

    def waiting(self) -> pd.DataFrame:
        """Return where tasks are, and how long they stay there, stage by stage.

        Columns: stage, state, tasks, passed, median_seconds, p90_seconds and oldest_seconds: see
        `labelwidgets.workflow.step_analytics.waiting`.
        """
        from labelwidgets.workflow.step_analytics import waiting

        moves, tasks = self._store.moves, self._store.tasks
        # Gold waits for nobody.
        tasks = tasks[(tasks["copy"] >= 0) & (tasks["copy"] < PROBES)]
        moves = moves[moves["task_id"].isin(tasks["id"]).fillna(False).to_numpy(bool)]
        return waiting(moves, tasks, datetime.now(UTC))

    def throughput(self, freq: str = "D") -> pd.DataFrame:
        """Return how much was done in each period.

        Columns: begins, submit, accept, reject, skip, reopen and people.

        Parameters
        ----------
        freq
            Length of a period as pandas has it, such as ``D``, ``h`` or ``7D``.
        """
        from labelwidgets.workflow.step_analytics import throughput

        return throughput(self._store.moves, freq)

    def forecast(self, days: int = 7) -> pd.DataFrame:
        """Return when all will be done if work goes on as in the last days, as one row.

        Columns: tasks, finished, remaining, per_day, days_left and finish.

        Parameters
        ----------
        days
            How long back the pace is taken from.
        """
        from labelwidgets.workflow.step_analytics import finished, forecast

        tasks = self._store.tasks
        tasks = tasks[tasks["copy"] == 0]
        return forecast(tasks, finished(tasks, self.workflow), datetime.now(UTC), days)

    def consensus(
        self, method: str = "majority", item: str | None = None, **options: Any
    ) -> pd.DataFrame:
        """Return what would be fused of people's labels, one row an object; nothing is written.

        Parameters
        ----------
        method
            How votes become answers: ``majority``, ``weighted``, ``dawid_skene``, ``one_coin``,
            ``mace`` or ``glad``.
        item
            Id of the only item; None for all.
        **options
            Of `labelwidgets.consensus`, such as ``overlap`` and ``quorum``.

        Returns
        -------
        DataFrame
            `Agreed.objects`, with agreement and posterior of each; see `labelwidgets.consensus`.

        Raises
        ------
        SchemaError
            If a setting is impossible.
        """
        return self.agreed(method, item, **options).objects

    def agreed(self, method: str = "majority", item: str | None = None, **options: Any) -> Agreed:
        """Return all that people's labels come to: labels, and frames of objects, items, people.

        Parameters are those of `consensus`. Where an item has opinions, those that are submitted
        are compared; else its labels by their authors.
        """
        from labelwidgets.workflow.consensus_labels import consensus
        from labelwidgets.workflow.opinions import opinions_of

        store, parts = self._store, self.workflow.parts
        tasks = store.tasks
        # Of what people are tested with, the answer is known.
        tasks = tasks[tasks["copy"] < PROBES]
        labels, submitted = opinions_of(store.annotations, tasks, store.hands, item, parts)
        return consensus(labels, method, items=submitted, **options)

    def fuse(
        self, method: str = "majority", item: str | None = None, **options: Any
    ) -> list[Applied]:
        """Write what people's labels come to into the main tasks, as one gesture.

        The labels are new ones, of origin ``consensus``, which says what they are made of; those
        of people stay. What an earlier `fuse` wrote into the same tasks goes. `undo` takes all
        of it back. Parameters are those of `consensus`.

        Returns
        -------
        list of Applied
            The acknowledged edits.

        Raises
        ------
        WorkflowError
            If no object is likely enough, or a task is closed; then nothing is written.
        """
        from labelwidgets.workflow.fusing import fusion_edits

        made = self.agreed(method, item, **options).annotations
        store = self._store
        edits = fusion_edits(made, store.tasks, store.annotations, store.held)
        return headless.acknowledged(self.session().apply(edits))

    def ability(self, method: str = "dawid_skene", **options: Any) -> pd.DataFrame:
        """Return how able each person is, as others' labels of the same items have it.

        Parameters are those of `consensus`.

        Returns
        -------
        DataFrame
            Columns: rater (string), votes, drawn (int64), ability (what the method says),
            recall and precision (of the objects that are there), sensitivity and specificity (of
            pixels, by STAPLE; float64). The ablest first.
        """
        return self.agreed(method, **options).ability

    def disagreement(self, item: str, frame: int | None = None) -> Disagreement:
        """Return where people differ about a picture, as an array that shows itself.

        Parameters
        ----------
        item
            Id of the item.
        frame
            Of a video, a sequence or a scan, which frame or slice, from 0.

        Raises
        ------
        SchemaError
            If less than two people have labelled it.
        SourceError, ImageError
            If the picture cannot be read.
        """
        from labelwidgets.workflow.disagreement import disagreement
        from labelwidgets.workflow.opinions import opinions_of

        store, parts = self._store, self.workflow.parts
        labels, submitted = opinions_of(store.annotations, store.tasks, store.hands, item, parts)
        picture = self.session().pixels(item, frame or 0)
        size = picture.shape[0], picture.shape[1]
        return disagreement(labels, [name for _, name in submitted], item, size, frame, picture)
