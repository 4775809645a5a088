"""How good a model is, measured by the labels of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SchemaError, WorkflowError
from labelwidgets.project.base import ProjectBase
from labelwidgets.schema.annotation_rows import Labels
from labelwidgets.store.store import Store
from labelwidgets.workflow.worklist import evaluate as rows_of

if TYPE_CHECKING:
    from labelwidgets.workflow.evaluation import Evaluation

GOLD = "gold"


class Evaluating(ProjectBase):
    """Evaluation of models."""

    def evaluate(
        self,
        predictions: str | Labels | None = None,
        truth: str | Labels | None = None,
        **options: Any,
    ) -> Evaluation:
        """Return how good predictions are; `labelwidgets.evaluate` on this project.

        Parameters
        ----------
        predictions
            None: what models have proposed (labels of origin ``model``, as by
            `import_annotations` with ``as_="predictions"``), as it was before people changed or
            deleted it. Or a query over `annotations`, such as ``"origin == 'import'"``; or
            labels, as a frame or records, that need not be in the project.
        truth
            None: the labels of main tasks that have been handed in, but those that a query has
            called predictions. ``gold``: the golden answers. Or a query, or labels.
        **options
            Of `labelwidgets.evaluate`, such as ``iou_type="segm"``. ``items`` are by default those
            whose main tasks have been handed in, of golden answers those that have one; where
            truth is given otherwise, those that have a label or a prediction.

        Raises
        ------
        WorkflowError
            If nothing has been handed in, there is no golden answer, or a query is none.
        SchemaError
            If a setting or a row is wrong, or one of ``items`` is none of the project.
        """
        from labelwidgets.formats import Imported
        from labelwidgets.schema.annotation_rows import records_of
        from labelwidgets.workflow.evaluation import evaluate

        store = self._store
        tasks = store.tasks
        main = tasks[tasks["copy"] == 0]
        mine = dict(zip(main["item_id"], main["id"], strict=True))
        titles = dict(zip(main["item_id"], main["title"], strict=True))
        chosen: set[str] = set()
        if predictions is None:
            found = self._current(store.read_first("model"))
        elif isinstance(predictions, str):
            chosen = set(rows_of([store.annotations], predictions)["id"])
            found = store.read(ids=list(chosen))
        elif isinstance(predictions, Imported):
            found = predictions.annotations
        else:
            found = records_of(predictions, "predictions")
        items = None
        if truth is None:
            items = handed_in(store)
            if not items and "items" not in options:
                raise WorkflowError(
                    "has no task that has been handed in, to measure by.",
                    where="project",
                    hint="Submit some, or say what is true: project.evaluate(truth=...).",
                )
            known = [made for made in store.read_main() if made.id not in chosen]
        elif isinstance(truth, str) and truth == GOLD:
            golden = store.golden()
            if not golden:
                raise WorkflowError(
                    "has no golden answer.", where="project", hint="Call project.set_gold first."
                )
            items = list(golden)
            known = [made for task in golden.values() for made in store.read(task)]
        elif isinstance(truth, str):
            known = store.read(ids=list(rows_of([store.annotations], truth)["id"]))
        elif isinstance(truth, Imported):
            known = truth.annotations
        else:
            known = records_of(truth, "truth")
        if options.get("items") is not None:
            options["items"] = _known(options["items"], store)
        told = {"items": items, "size_of": self._sizes(), "tasks": mine, "titles": titles}
        return evaluate(found, known, **told | options)


def _known(items: Any, store: Any) -> list[str]:
    """Return ids of items that are there."""
    from labelwidgets.workflow.evaluation import ids_of

    given = ids_of(items)
    there = set(store.items()["id"])
    unknown = next((item for item in given if item not in there), None)
    if unknown is not None:
        raise SchemaError(
            f"{unknown[:80]!r} is no item of the project.",
            where="items",
            hint="See the column item_id of project.tasks; titles are no ids.",
        )
    return given


def handed_in(store: Store) -> list[str]:
    """Return the items whose main tasks have been handed in, in the order of the dataset."""
    from labelwidgets.workflow.stages import AT_WORK

    tasks = store.tasks
    done = (tasks["copy"] == 0) & ~tasks["state"].isin(AT_WORK)
    return list(tasks.loc[done, "item_id"])
