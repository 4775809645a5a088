"""What a lead does: who gets which tasks, in which order, along which workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pandas as pd

from labelwidgets.project.base import ProjectBase
from labelwidgets.project.model_stage import labeller_of
from labelwidgets.project.ranking import scores_of
from labelwidgets.workflow import directing
from labelwidgets.workflow.advancing import advance
from labelwidgets.workflow.changing import archive, change_workflow
from labelwidgets.workflow.directing import To
from labelwidgets.workflow.registry import Labels
from labelwidgets.workflow.stages import Workflow
from labelwidgets.workflow.worklist import Query, work_list


class Leading(ProjectBase):
    """Assignment, batches and the workflow."""

    def assign(self, query: Query, to: To | None, seed: int = 0) -> int:
        """Assign tasks that wait, in one step, and return how many.

        Parameters
        ----------
        query
            Which; see `annotate`.
        to
            A person; a group (``"@readers"``: for whoever of it comes first, see `session`);
            several people, who get equal shares at random; or a dict from classes to one or
            several people, by the class that most labels of a task are of. None: for anybody.
        seed
            Who gets what of equal shares.

        Raises
        ------
        WorkflowError
            If a task is begun or finished, or none of the people may do it; then none is assigned.
        """
        tasks = work_list(self._store, query)
        return directing.assign(self._store, self._live(), self.user, tasks, to, seed)

    def prioritize(self, query: Query | pd.Series[Any], priority: int | None = None) -> int:
        """Rank tasks: those of a higher number are given out first; return how many changed.

        Parameters
        ----------
        query
            Which, as for `annotate`: all of them get `priority`. Or scores by the ids of items or
            tasks, such as `labelwidgets.active_learning` gives them: the highest gets as many as
            there are scores, the lowest 1, what has none (or NaN) stays as it is.
        priority
            A whole number of 32 bits; 0 is that of new tasks.

        Raises
        ------
        WorkflowError
            If a score is of nothing in the project, none is a number, there is a `priority`
            beside scores or none beside a query; it says what to pass.

        Examples
        --------
        >>> project.prioritize("batch == 'night'", 5)
        >>> project.prioritize(lw.active_learning.entropy(probabilities))
        """
        self._live()
        scores = scores_of(query, priority)
        if scores is not None:
            return directing.rank(self._store, self.user, scores)
        tasks = work_list(self._store, cast("Query", query))
        return directing.prioritize(self._store, self.user, tasks, cast("int", priority))

    def put_in_batch(self, query: Query, batch: str) -> int:
        """Move tasks into a batch (``default`` for that of all others); return how many moved."""
        self._live()
        tasks = work_list(self._store, query)
        return directing.put_in_batch(self._store, self.user, tasks, batch)

    def push(self, query: Query, stage: str, reason: str) -> int:
        """Put main tasks into a stage, whatever the table of moves says, and say why."""
        tasks = work_list(self._store, query)
        return directing.push(self._store, self._live(), self.user, tasks, stage, reason)

    def reopen_batch(self, batch: str, reason: str) -> int:
        """Put the finished tasks of a batch back to where work begins, each to its maker."""
        return directing.reopen_batch(self._store, self._live(), self.user, batch, reason)

    @property
    def batches(self) -> pd.DataFrame:
        """One row a batch: batch (string), tasks, done, priority (int64), complete (bool)."""
        return directing.batch_frame(self._store, self.workflow)

    def advance(self, models: Mapping[str, Labels] | None = None) -> pd.DataFrame:
        """Send on what waits at routers, for models to label it, or to come to a consensus.

        What a consensus writes is a gesture of who calls this, one an item: once the task was
        reopened, ``undo(task)`` takes it back.

        Parameters
        ----------
        models
            By the names that stages of the kind model have; None for those that are registered
            with `labelwidgets.workflow.model`. An assistant labels all that waits in batches; a
            function gets the pixels of an item and its row, and returns annotations.

        Returns
        -------
        DataFrame
            Columns task_id, from_stage, stage, state, error (string). What failed stays where it
            is, and can be tried again.
        """
        return advance(self._store, self.session(), models, labeller_of)

    def change_workflow(self, workflow: Workflow, moving: Mapping[str, str] | None = None) -> None:
        """Make a workflow the current one.

        Parameters
        ----------
        workflow
            From now on.
        moving
            Where the tasks go that are in a stage that there is no more.

        Raises
        ------
        WorkflowError
            If tasks would be left in a stage that there is no more, naming it.
        """
        self._live()
        change_workflow(self._store, self.user, workflow, moving)

    def archive(self) -> None:
        """Close the project: it is read as ever, and nothing in it changes until `restore`."""
        archive(self._store, self.user, archived=True)

    def restore(self) -> None:
        """Open an archived project again."""
        archive(self._store, self.user, archived=False)
