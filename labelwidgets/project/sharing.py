"""Several people on one item: more opinions, and classes that are split among them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labelwidgets.project.base import ProjectBase
from labelwidgets.workflow.asking import ask_opinions
from labelwidgets.workflow.changing import widen_workflow
from labelwidgets.workflow.splitting import Shares, part_stages, split
from labelwidgets.workflow.widening import with_opinions
from labelwidgets.workflow.worklist import Query, work_list


class Sharing(ProjectBase):
    """Opinions that are asked for later, and parts of the work."""

    def ask_opinions(
        self, query: Query, n: int = 1, people: Sequence[str] | None = None, wait: bool = True
    ) -> int:
        """Ask for more opinions on items, at any time, and return how many.

        What one person had made and submitted becomes that person's opinion, with its labels.
        Where the workflow has no stages for opinions, they are added.

        Parameters
        ----------
        query
            Which items: as for `annotate`, or a frame with the column `item_id`, such as
            ``project.agreed().items.query("not enough")``.
        n
            How many people are asked about each.
        people
            Who, as many as `n`; None for whoever comes first.
        wait
            Whether the main task goes (back) into its consensus and waits for them, whatever had
            come of it. False: it stays as it is, and the opinions are there to be compared.

        Raises
        ------
        WorkflowError
            If somebody is at work on a main task, or has an opinion on its item already; then
            nobody is asked.
        """
        mains = self._mains(query)
        workflow = self._live()
        wider = with_opinions(workflow)
        if wider != workflow:
            widen_workflow(self._store, self.user, workflow, wider)
        return ask_opinions(self._store, wider, self.user, mains, n, people, wait=wait)

    def split_classes(self, shares: Shares, query: Query | None = None, shown: bool = False) -> int:
        """Split the classes of items among people who label them at the same time.

        Each gets a task of their own for each item, in which only their classes are labelled,
        and which begins with the labels of these classes that are there. When all are
        submitted, the main task holds the labels of all and goes on, as if one person had handed
        it in. Until somebody goes on with it, who reopens a part takes that back.

        Parameters
        ----------
        shares
            Classes by person (or group, such as ``"@readers"``): ``{"ana": ["car"],
            "ben": ["sign"]}``. Who has None among them answers the questions about the image,
            else the first person does.
        query
            Which tasks, as for `annotate`; None for all that nobody has begun.
        shown
            Whether they may look at what the others have labelled.

        Returns
        -------
        int
            How many items were split.

        Raises
        ------
        WorkflowError
            If a class is nobody's to label, or two people's, or an item is begun; then none is
            split.
        """
        workflow = self._live()
        mains = self._waiting() if query is None else self._mains(query)
        wider, stages = part_stages(workflow, self._store.ontology(), shares, shown=shown)
        if wider != workflow:
            widen_workflow(self._store, self.user, workflow, wider)
        return split(self._store, wider, self.user, mains, stages)

    def _waiting(self) -> list[str]:
        tasks = self.tasks
        busy = set(tasks.loc[tasks["copy"] > 0, "item_id"])
        free = (tasks["copy"] == 0) & (tasks["state"] == "queued") & ~tasks["item_id"].isin(busy)
        return list(tasks.loc[free, "id"])

    def _mains(self, query: Query) -> list[str]:
        """Return the main tasks of the items that a query is about."""
        tasks = self.tasks
        columns = set(query.columns) if isinstance(query, pd.DataFrame) else set()
        if isinstance(query, pd.DataFrame) and "item_id" in columns - {"id", "task_id"}:
            items = set(query["item_id"])
        else:
            some = work_list(self._store, query)
            items = set(tasks.loc[tasks["id"].isin(some), "item_id"])
        return list(tasks.loc[(tasks["copy"] == 0) & tasks["item_id"].isin(items), "id"])
