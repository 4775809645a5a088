"""Labels that are made, changed and deleted by code: the same path as a gesture."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from labelwidgets.errors import SchemaError, WorkflowError
from labelwidgets.project.derived_columns import check_derived
from labelwidgets.project.vocabulary import Wording
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.annotation_rows import Labels, records_of
from labelwidgets.store.edits import FIELDS, Applied
from labelwidgets.workflow import headless
from labelwidgets.workflow.worklist import evaluate


class Labelling(Wording):
    """Edits of labels by code."""

    def records(self, query: str | None = None) -> list[Annotation]:
        """Return annotations as records, all or those of a query over `annotations`.

        Raises
        ------
        WorkflowError
            If the query is no expression, or cannot be evaluated.
        """
        if query is None:
            return self._seen_records(self._store.read())
        if not isinstance(query, str):
            raise WorkflowError(
                f"must be an expression, not {query!r:.60}.",
                where="query",
                hint="Write one such as \"class_name == 'car'\".",
            )
        return self._store.read(ids=list(evaluate([self.annotations], query)["id"]))

    def add(self, annotations: Labels) -> list[Applied]:
        """Add annotations, as one gesture.

        Parameters
        ----------
        annotations
            One, several, or a frame like `annotations`; `item_id` says where they belong.

        Returns
        -------
        list of Applied
            The acknowledged edits.

        Raises
        ------
        SchemaError, OntologyError, GeometryError
            If one does not fit; then none is added.
        ConflictError
            If one is there already.
        WorkflowError
            If a task is submitted or skipped: reopen it first.
        """
        records = as_records(annotations)
        placed = headless.place(records, self._tasks_of(records))
        held = self._store.held([made.id for made in placed])
        edits = headless.creations(placed, held)
        return headless.acknowledged(self.session().apply(edits))

    def update(self, annotations: Labels) -> list[Applied]:
        """Make annotations what they are given as, as one gesture.

        Parameters
        ----------
        annotations
            Records (see `records`) or a frame like `annotations`, with changes. Fields that
            are equal are left alone; of a frame, so is the origin. What follows from the shape
            (`x`, `area`, ...) is changed with the column `geometry`.

        Returns
        -------
        list of Applied
            The acknowledged edits, one for each annotation that differs.

        Raises
        ------
        ConflictError
            If one has changed since it was read; then none is changed.
        SchemaError, OntologyError, GeometryError, WorkflowError
            As for `add`; also if a column such as `x` or `author` was written into.

        Examples
        --------
        >>> record = project.records()[0]
        >>> project.update(record.replace(geometry=lw.Rectangle(10, 20, 40, 30)))
        """
        records = self._current(as_records(annotations))
        fields: Iterable[str] = FIELDS
        if isinstance(annotations, pd.DataFrame):
            fields = {name for name in FIELDS if name in annotations.columns} - {"origin"}
        placed = headless.place(records, self._tasks_of(records))
        held = self._store.held([made.id for made in placed])
        if isinstance(annotations, pd.DataFrame):
            check_derived(annotations, placed, held)
        edits = headless.updates(placed, held, frozenset(fields))
        return headless.acknowledged(self.session().apply(edits))

    def delete(
        self, ids: str | Annotation | pd.DataFrame | Iterable[str | Annotation]
    ) -> list[Applied]:
        """Delete annotations, as one gesture.

        Parameters
        ----------
        ids
            Identifiers, records, or a frame like `annotations`.

        Raises
        ------
        SchemaError
            If one is not there; then none is deleted.
        WorkflowError
            If one is locked, or its task is submitted or skipped.
        """
        if isinstance(ids, pd.DataFrame):
            ids = list(ids["id"])
        if not isinstance(ids, Iterable | Annotation):
            raise SchemaError(
                f"must be ids or records, not {ids!r:.60}.",
                where="ids",
                hint="See the column id of project.annotations.",
            )
        some = [ids] if isinstance(ids, str | Annotation) else list(ids)
        names = [made.id if isinstance(made, Annotation) else str(made) for made in some]
        edits = headless.deletions(names, self._store.held(names))
        return headless.acknowledged(self.session().apply(edits))

    def _tasks_of(self, records: Iterable[Annotation]) -> dict[str, list[str]]:
        return self._store.tasks_of_items({made.item_id for made in records})

    def undo(self, task: str | None = None) -> list[Applied]:
        """Take my last gesture back, of one task or of all; [] if there is none.

        The classes and questions that an import added go with its labels, but those that other
        labels have, or that somebody has changed since. `redo` brings them again.
        """
        return headless.acknowledged(self.session().undo(task))

    def redo(self, task: str | None = None) -> list[Applied]:
        """Bring again what I undid last, of one task or of all; [] if there is none."""
        return headless.acknowledged(self.session().redo(task))


def as_records(labels: Labels) -> list[Annotation]:
    """Return labels as records, whatever they are given as."""
    from labelwidgets.formats.frames import annotations_of

    if isinstance(labels, pd.DataFrame):
        return annotations_of(labels)
    return records_of(labels, "annotations")
