"""Verdicts on the work of others, what they changed, and issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from labelwidgets.errors import WorkflowError
from labelwidgets.project.base import ANNOTATOR, ProjectBase
from labelwidgets.schema.issue import Issue
from labelwidgets.workflow.adjudicating import Adjudicator, by_dispute
from labelwidgets.workflow.difference import difference_frame
from labelwidgets.workflow.move_frames import review_frame
from labelwidgets.workflow.reviewing import accept_all, changes_of, judge, to_judge
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.settling import settle_all
from labelwidgets.workflow.worklist import Query, work_list

if TYPE_CHECKING:
    from labelwidgets.widgets.image import ImageAnnotator


class Reviewing(ProjectBase):
    """Reviews and issues."""

    def accept(self, task: str, *args: Any, **verdict: Any) -> dict[str, Any]:
        """Accept a task: ``score`` (0 to 10), ``comment``, ``tags``; see `Session.accept`."""
        return judge(self.session(), task, "accept", *args, **verdict)

    def reject(self, task: str, *args: Any, **verdict: Any) -> dict[str, Any]:
        """Give a task back to its maker, in whose queue it comes first; see `Session.reject`."""
        return judge(self.session(), task, "reject", *args, **verdict)

    def review(
        self,
        query: Query | None = None,
        task: str | None = None,
        stages: Sequence[str] | None = None,
        **options: Any,
    ) -> ImageAnnotator:
        """Return the widget to review with, at the next task that others have made.

        Parameters
        ----------
        query, task
            As for `annotate`.
        stages
            Which stages; by default those of the kinds review and qc.
        **options
            Of `ImageAnnotator`, as for `annotate`.

        Raises
        ------
        WorkflowError
            If the workflow has no stage in which work is reviewed.
        """
        return self._widget(self.review_session(query, stages=stages), task, options)

    def review_session(
        self,
        query: Query | None = None,
        user: str | None = None,
        role: str | None = None,
        stages: Sequence[str] | None = None,
    ) -> Session:
        """Return a hold on the work of others, which waits to be judged; see `review`.

        What a consensus comes to by itself is settled first, as `advance` does: what people do
        not agree about is among what waits.
        """
        wanted = stages or self.workflow.names("review", "qc")
        if not wanted:
            raise WorkflowError(
                "has no stage in which work is reviewed.",
                where=f"workflow {self.workflow.name!r}",
                hint="Make the project with lw.workflow.maker_reviewer(), for example.",
            )
        session = self.session(query, user, role=role, stages=wanted)
        if any(stage.settles for stage in session.workflow.stages):
            settle_all(session)
        return session

    def adjudicate(
        self,
        query: Query | None = None,
        task: str | None = None,
        method: str = "majority",
        stages: Sequence[str] | None = None,
        **options: Any,
    ) -> ImageAnnotator:
        """Return the widget to settle what people differ about, the most disputed item first.

        Of each object there are everybody's versions and what they come to, to be taken, left out
        or drawn anew; what is taken is written into the main task, and its origin says of whom.

        Parameters
        ----------
        query, task
            As for `annotate`.
        method
            How votes become the fused answer; see `consensus`.
        stages
            Which stages; by default those of the kind consensus, and that which it sends
            to what people do not agree about.
        **options
            Of `ImageAnnotator`, as for `annotate`.

        Raises
        ------
        WorkflowError
            If the workflow has no stage in which opinions are settled.
        SchemaError
            If there is no such method.
        """
        session = self.adjudication_session(query, method=method, stages=stages)
        return self._widget(session, task, options)

    def adjudication_session(
        self,
        query: Query | None = None,
        user: str | None = None,
        role: str | None = None,
        method: str = "majority",
        stages: Sequence[str] | None = None,
    ) -> Adjudicator:
        """Return a hold on the items that wait for one answer out of several; see `adjudicate`."""
        wanted = list(stages or self.workflow.weighing)
        if not wanted:
            raise WorkflowError(
                "has no stage in which opinions are settled.",
                where=f"workflow {self.workflow.name!r}",
                hint="Make the project with lw.workflow.consensus(2), for example.",
            )
        if any(stage.settles for stage in self.workflow.stages):
            settle_all(self.session(user=user, role=role))
        tasks = self._store.tasks
        waits = tasks[(tasks["copy"] == 0) & tasks["stage"].isin(wanted)]["id"]
        asked = None if query is None else set(work_list(self._store, query))
        some = [name for name in waits if asked is None or name in asked]
        return Adjudicator(
            self._store,
            self.dataset,
            self.user if user is None else user,
            by_dispute(self._store, some, method),
            role=role,
            stages=wanted,
            method=method,
        )

    def qc(
        self, query: Query | None = None, task: str | None = None, **options: Any
    ) -> ImageAnnotator:
        """Return the widget for the last look: at the sample that stages of the kind qc take.

        Which tasks those are follows from the `share` and `seed` of the stage and from the item
        alone; the others pass by.

        Parameters
        ----------
        query, task, **options
            As for `review`.

        Raises
        ------
        WorkflowError
            If the workflow has no such stage.
        """
        stages = self.workflow.names("qc")
        if not stages:
            raise WorkflowError(
                "has no stage of the kind qc.",
                where=f"workflow {self.workflow.name!r}",
                hint="Make the project with lw.workflow.maker_reviewer_qc(), for example.",
            )
        return self.review(query, task, stages, **options)

    @property
    def reviews(self) -> pd.DataFrame:
        """One row a verdict on what somebody made, in their order.

        Columns: seq (int64), time (datetime64[us, UTC]), task_id, item_id, title, stage, verdict
        (``accept`` or ``reject``), reviewer, maker, comment (string), score (float64, 0 to 10),
        tags (list), diff (dict or None) and round (int64: how often it was given back before).
        An annotator sees those on what is their own.
        """
        frame = review_frame(self._store)
        if self._gate.role == ANNOTATOR:
            frame = frame[(frame["maker"] == self.user).fillna(False)].reset_index(drop=True)
        return frame

    def difference(self, task: str) -> pd.DataFrame:
        """Return one row for each change of a task since its maker last handed it in.

        Columns as of `labelwidgets.workflow.difference.difference_frame`: kind, item_id, frame,
        before, after, class_before, class_after, overlap, shift and answers.
        """
        return difference_frame(changes_of(self.session(), task))

    def accept_all(self, query: Query | None = None, **verdict: Any) -> pd.DataFrame:
        """Accept all tasks of a work list that wait to be judged, as they are.

        Columns: id (string), accepted (bool) and reason (string: why one was not).

        Parameters
        ----------
        query
            As for `annotate`; None for all that wait.
        **verdict
            ``score``, ``comment`` and ``tags``, the same for all; see `accept`.
        """
        session = self.session(query)
        return accept_all(session, to_judge(session), **verdict)

    @property
    def issues(self) -> pd.DataFrame:
        """One row an issue, in the order they were raised.

        Columns: id, task_id, item_id, annotation_id (the object that it is pinned to), class_name
        (of that object), state (``open``, ``resolved``), text (its first comment), author,
        resolved_by (string), frame (Int64), x, y (where it is now, in pixels, as its object is),
        relative_x, relative_y (in the box of its object; float64), deleted (its object is; bool),
        n_comments (int64), created_at and updated_at (datetime64[us, UTC]).
        """
        return self._seen(self._store.issues)

    @property
    def comments(self) -> pd.DataFrame:
        """One row a comment in the thread of an issue, in their order.

        Columns: id, issue_id, author, text (string), created_at (datetime64[us, UTC]).
        """
        said = self._store.comments
        if self._sight() is None:
            return said
        return said[said["issue_id"].isin(self.issues["id"])].reset_index(drop=True)

    def raise_issue(
        self,
        task: str,
        text: str,
        annotation: str | None = None,
        frame: int | None = None,
        at: tuple[float, float] | None = None,
    ) -> Issue:
        """Say what is wrong, and where; an issue on an object moves with it, also along a track.

        Parameters
        ----------
        task
            Its id.
        text
            What is wrong, up to 4,000 characters: the first comment of its thread.
        annotation
            The object that it is about; None for the picture.
        frame
            Of a video, a sequence or a scan, on which frame or slice, from 0; None for that of
            the object.
        at
            (x, y) in pixels of the full-resolution image; None for the middle of the object.

        Raises
        ------
        WorkflowError
            If there is no such task.
        SchemaError
            If the object is none of the task, or there are no words or too many.
        """
        return self.session().issues.raise_issue(task, text, annotation, frame, at)

    def comment(self, issue: str, text: str) -> Issue:
        """Say something in the thread of an issue, and return it."""
        return self.session().issues.comment(issue, text)

    def resolve(self, issue: str, text: str | None = None) -> Issue:
        """Close an issue, with a last word or without; `WorkflowError` if it is closed already."""
        return self.session().issues.resolve(issue, text)

    def reopen_issue(self, issue: str, text: str | None = None) -> Issue:
        """Open an issue again; `WorkflowError` if it is open."""
        return self.session().issues.reopen(issue, text)
