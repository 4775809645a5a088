"""Golden answers: known right ones, which people are compared with and do not see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import pandas as pd

from labelwidgets.errors import WorkflowError
from labelwidgets.project.base import ProjectBase
from labelwidgets.project.labels import as_records
from labelwidgets.schema.annotation_rows import Labels
from labelwidgets.store.edits import Applied
from labelwidgets.store.tables import IMAGE_SUFFIX
from labelwidgets.workflow import gold, headless
from labelwidgets.workflow.changing import change_workflow
from labelwidgets.workflow.feedback import with_feedback
from labelwidgets.workflow.worklist import Query, work_list

if TYPE_CHECKING:
    from labelwidgets.workflow.quality import QualityReport


class Golden(ProjectBase):
    """Setting, seeding and removing golden answers."""

    def set_gold(
        self, query_or_items: Query | None = None, annotations: Labels | None = None
    ) -> list[Applied]:
        """Make labels the golden answers of their items, as one gesture that `undo` takes back.

        They are copies, in a task of their own (`copy` -1) that annotators neither get nor see.
        The labels that they are made of stay what they are. An item has one golden answer: to set
        it again replaces it.

        Parameters
        ----------
        query_or_items
            Whose labels: finished tasks, as a query over `tasks` or their ids, one an item. With
            `annotations`, ids of items: those without a label have nothing on them.
        annotations
            The answers, as records or a frame like `annotations`; `item_id` says of what.

        Raises
        ------
        WorkflowError
            If a task is not finished, or two are of one item.
        SchemaError, OntologyError, GeometryError
            If a label does not fit; then nothing is set.

        Examples
        --------
        >>> project.set_gold("stage == 'done' and score >= 9")
        >>> project.set_gold(annotations=lidc)
        """
        store = self._store
        makers: dict[str, str] = {}
        if annotations is None:
            if query_or_items is None:
                raise WorkflowError("needs tasks, or annotations.", where="set_gold")
            tasks = work_list(store, query_or_items)
            answers, makers = gold.answers_of_tasks(store, tasks)
        else:
            items = _items(query_or_items)
            records = as_records(annotations)
            answers = gold.answers_of_labels(
                records, items, lambda item: store.item(item) is not None
            )
        if not answers:
            return []
        start = gold.gold_start(self.workflow)
        held_by = store.place_gold(list(answers), start, self.user)
        names = {item: held_by[item] for item in answers}
        before = [made for task in names.values() for made in store.read(task)]
        held = store.held([task + IMAGE_SUFFIX for task in names.values()])
        edits, authors = gold.setting(answers, names, held, before, makers)
        return headless.acknowledged(self.session().apply(edits, authors=authors))

    def unset_gold(self, items: str | Iterable[str] | None = None) -> list[Applied]:
        """Remove golden answers, as one gesture that `undo` takes back.

        Tasks that people were given because of them stay, and are compared with nothing.

        Parameters
        ----------
        items
            Ids of items; None for all that have one.

        Raises
        ------
        WorkflowError
            If an item has none.
        """
        named = [items] if isinstance(items, str) else None if items is None else list(items)
        golden = self._store.golden(named)
        for item in named or ():
            if item not in golden:
                raise WorkflowError("has no golden answer.", where=f"item {str(item)[:80]!r}")
        labels = [made for task in golden.values() for made in self._store.read(task)]
        return headless.acknowledged(self.session().apply(gold.removing(labels)))

    def gold(
        self,
        by: str | Sequence[str] = "person",
        interval: Literal["wilson", "bootstrap"] = "wilson",
        **rules: Any,
    ) -> pd.DataFrame:
        """Return how people's work compares with the golden answers, as a frame that shows itself.

        What was handed in counts, whatever reviewers changed later, and of all that was handed in
        on a golden item, but by who made its golden answer.

        Columns: those of `by`; items (done), labels, reference, valid, missing, extra,
        mismatching (of another class; int64), score (share of objects, of the golden answer and
        too many, that are right, where each question about an image is one more, and an item that
        is rightly empty is one), low, high (the ends of its 95 % confidence interval), precision,
        recall, iou, dice (of matched areas, volumes, tracks), oks (of joints), hota (of tracks,
        mean over videos), answers (share of tags, attributes and questions; float64; missing
        where there is nothing) and conflicts (string: the kinds, most frequent first).

        Parameters
        ----------
        by
            One or several of ``person``, ``item``, ``task``, ``class``.
        interval
            ``wilson``, as if all objects were independent, or ``bootstrap``: whole items are
            drawn again.
        **rules
            Of `labelwidgets.quality`, such as ``iou_threshold=0.5``.

        Raises
        ------
        WorkflowError, SchemaError
            If `by`, the interval or a rule is none.
        """
        from labelwidgets.workflow.gold_report import gold_frame, golden_work
        from labelwidgets.workflow.gold_score import compare_with_gold
        from labelwidgets.workflow.quality_rules import QualityRules

        strictly = QualityRules.of(**rules)
        work, truth = golden_work(self._store)
        compared = compare_with_gold(work, truth, strictly, self._sizes())
        return gold_frame(compared, strictly, by, interval)

    @overload
    def quality(self, reference: str = ..., by: None = ..., **rules: Any) -> QualityReport: ...

    @overload
    def quality(self, reference: str = ..., *, by: str, **rules: Any) -> pd.DataFrame: ...

    def quality(
        self, reference: str = "gold", by: str | None = None, **rules: Any
    ) -> QualityReport | pd.DataFrame:
        """Return how good the work is, by a reference; `labelwidgets.quality` on this project.

        Parameters
        ----------
        reference
            ``gold``: what was handed in, by the golden answers. ``review``: what makers handed in
            of accepted tasks, by what reviewers left of it. Or a person, by whose opinions those
            of others on the same items are measured.
        by
            None for the whole report, which shows itself and has `to_notebook`; or one of its
            frames: ``person``, ``item``, ``class``, ``track`` (with ID switches), ``conflict`` or
            ``match``.
        **rules
            Of `labelwidgets.quality`, such as ``iou_threshold=0.5``.

        Raises
        ------
        WorkflowError, SchemaError
            If the reference, `by` or a rule is none.
        """
        from labelwidgets.workflow.project_quality import PARTS, project_quality

        if by is not None and by not in PARTS:
            raise WorkflowError(f"must be one of {', '.join(PARTS)}.", where="by")
        report = project_quality(self._store, reference, self._sizes(), rules)
        return report if by is None else PARTS[by](report)

    def feedback(self, attempts: int = 3, threshold: float = 0.7, **rules: Any) -> None:
        """Tell people when they submit how their work compares with a golden answer.

        Whose submission of a golden item falls short is told so in the page, with what kinds of
        things are wrong and never where, and may correct it and submit again. Each time is an
        event of the kind ``feedback``. When the budget of the task is used up, it goes on as it is.

        Parameters
        ----------
        attempts
            How many times a task, up to 100; 0 to tell nobody any more.
        threshold
            Which share of the objects, and of the answers about the image, must be right.
        **rules
            How strictly it is compared: of `labelwidgets.quality`, such as ``iou_threshold``.

        Raises
        ------
        WorkflowError, SchemaError
            If a number or a rule is impossible.
        """
        options = {"attempts": attempts, "threshold": threshold, **rules}
        workflow = with_feedback(self._live(), None if attempts == 0 else options)
        change_workflow(self._store, self.user, workflow)

    def seed_gold(
        self,
        share: float | None = None,
        number: int | None = None,
        people: str | Iterable[str] | None = None,
        seed: int = 0,
    ) -> int:
        """Put golden items into people's queues, where they look like all others; return how many.

        Each person gets them as tasks of their own, at random places among what waits for them,
        and never an item that they have worked on. May be called at any time: it brings each
        queue up to the share, or the number, of what is then still to be done.

        Parameters
        ----------
        share
            Of the tasks that wait for a person, above 0 and at most 1: those assigned to them, and
            an equal part of those that are anybody's. At least one.
        number
            How many a person, in place of a share.
        people
            Who; by default the annotators among the people of the project, in a project without
            people all who have labelled or have tasks to label.
        seed
            Which items, and where in the queue.

        Raises
        ------
        WorkflowError
            If there is no golden answer or nobody to give it to, or a number is impossible.
        """
        gold.check_seeding(share, number)
        store, workflow = self._store, self.workflow
        golden = store.golden()
        if not golden:
            raise WorkflowError(
                "has no golden answer.", where="project", hint="Call project.set_gold first."
            )
        tasks = store.tasks
        named = people
        if named is None:
            named = gold.annotators(store.people) or gold.workers(tasks, store.moves, workflow)
        who = gold.check_people(named)
        if not who:
            raise WorkflowError("names nobody who labels.", where="people", hint="Name them.")
        probes = gold.seeding(tasks, store.annotations, golden, who, share, number, seed)
        return store.place_probes(probes, gold.probe_start(workflow), self.user)


def _items(named: Query | None) -> list[str] | None:
    if named is None:
        return None
    if isinstance(named, str):
        return [named]
    if isinstance(named, pd.DataFrame):
        return [str(item) for item in named["item_id"].drop_duplicates()]
    return [str(item) for item in named]
