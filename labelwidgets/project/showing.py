"""Pictures with labels, and what a dataset is like: for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SchemaError
from labelwidgets.project.training import Training
from labelwidgets.workflow.worklist import Query, work_list

if TYPE_CHECKING:
    from labelwidgets.widgets.contact_sheet import ContactSheet
    from labelwidgets.widgets.drawing import Drawing
    from labelwidgets.workflow.dataset_report import DatasetReport


class Showing(Training):
    """Drawings, contact sheets and the report of a dataset."""

    def draw(self, item: str, frame: int | None = None, **options: Any) -> Drawing:
        """Return a picture with its labels drawn into it; `labelwidgets.draw` on this project.

        Parameters
        ----------
        item
            The id of an item, of whose main task the labels are; or of a task.
        frame
            Of a video, a scan or a group of images, which frame or slice; by default the first.
        **options
            Of `labelwidgets.draw`, such as ``edge`` and ``names``.

        Raises
        ------
        SchemaError
            If there is no such item or task.
        SourceError, ImageError
            If the picture cannot be read.
        """
        from labelwidgets.media.kinds import IN_TIME, VOLUMES
        from labelwidgets.widgets.drawing import draw

        tasks = self.tasks
        own = tasks[(tasks["id"] == item) | ((tasks["item_id"] == item) & (tasks["copy"] == 0))]
        if own.empty:
            raise SchemaError("is no item or task of the project.", where=f"{item!r:.80}")
        task, item = own["id"].iloc[0], own["item_id"].iloc[0]
        session = self.session()
        labels = self._store.read(task)
        kind = session.item(item)["kind"]
        if frame is None and (kind in (*IN_TIME, *VOLUMES) or kind == "image_group"):
            frame = 0
        pixels = session.pixels(item, frame or 0)
        return draw(pixels, labels, self._store.ontology(), frame=frame, **options)

    def contact_sheet(
        self, query: Query | None = None, columns: int = 4, rows: int = 4, **options: Any
    ) -> ContactSheet:
        """Return small pictures of tasks with their labels, page by page.

        It is a picture and not a widget: it stays in a notebook that no kernel runs for. Pictures
        are read when a page is looked at.

        Parameters
        ----------
        query
            Which tasks: as for `annotate`; None for all main tasks.
        columns, rows
            Of a page, at most 200 pictures together.
        **options
            ``edge``: most pixels of the longer side of a picture, 320; ``page``: which, from 1.

        Raises
        ------
        WorkflowError
            If the query is none, or about no task.
        LimitError
            If a number is out of range.

        Examples
        --------
        >>> project.contact_sheet("class_name == 'car'", columns=6).page(2)
        """
        from labelwidgets.widgets.contact_sheet import ContactSheet

        tasks = self.tasks
        if query is None:
            chosen = list(tasks.loc[tasks["copy"] == 0, "id"])
        else:
            seen = set(tasks["id"])
            chosen = [name for name in work_list(self._store, query) if name in seen]
        return ContactSheet(self.session(), chosen, columns, rows, **options)

    def describe(self, query: str | None = None) -> DatasetReport:
        """Return what the dataset and its labels are like; `labelwidgets.report` on this project.

        Classes, sizes, positions, what is on the same items, how far each state and each part of
        the split is, items without labels, and labels that are odd, as frames and as a page.

        Parameters
        ----------
        query
            Labels of main tasks count; a query over `annotations` says which of them.

        Raises
        ------
        WorkflowError
            If the query is none.

        Examples
        --------
        >>> project.describe().save("report.html")
        >>> project.annotate(project.describe().outliers)
        """
        import pandas as pd

        from labelwidgets.workflow.dataset_report import report
        from labelwidgets.workflow.label_boxes import BOX_COLUMNS
        from labelwidgets.workflow.worklist import evaluate

        tasks = self.tasks
        main = tasks[tasks["copy"] == 0]
        # Shapes themselves are not looked at, unless a query does.
        asked = tuple(BOX_COLUMNS) if query is None else None
        labels = self.annotations if asked is None else self._store.annotations_with(asked)
        labels = labels[labels["task_id"].isin(set(main["id"]))]
        if query is not None:
            labels = evaluate([labels], query)
        groups = {"state": main.set_index("item_id")["state"]}
        split = self._split()
        if split is not None:
            groups["part"] = pd.Series(dict(split.parts))
        items = self._store.items()
        items = items[items["id"].isin(set(main["item_id"]))]
        return report(labels, items, self._store.ontology(), groups=groups, name=self.name)
