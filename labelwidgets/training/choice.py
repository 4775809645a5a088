"""Which tasks, labels and frames a training set is made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.formats.seen_frames import check_frames
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store.moment import Moment
from labelwidgets.training.splits import Split
from labelwidgets.workflow.stages import DONE
from labelwidgets.workflow.worklist import Query, chosen, ids_of

if TYPE_CHECKING:
    import pandas as pd


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen of a project; see `labelwidgets.project.Project.training_set`.

    Parameters
    ----------
    states
        Of main tasks; None for all.
    query
        An expression, or ids of tasks; None for all.
    classes
        In the order of their numbers; None for all of the ontology.
    part
        Of the split; None for all.
    frames
        Of tracks: ``all``, ``keyframes``, or every n-th frame.
    unlabelled
        Whether frames and slices without labels are samples too.
    """

    states: tuple[str, ...] | None = ("done",)
    query: str | tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    part: str | None = None
    frames: str | int = "all"
    unlabelled: bool = False

    @classmethod
    def of(
        cls,
        states: str | Sequence[str] | None,
        query: Query | None,
        classes: Sequence[str] | None,
        part: str | None,
        frames: str | int,
        unlabelled: bool,
        finished: Sequence[str],
    ) -> Choice:
        """Return what was chosen, in the form that a record keeps.

        `finished` are the states that ``done`` stands for: where a workflow ends with submitting,
        a task is done when it is submitted.
        """
        check_frames(frames)  # type: ignore[arg-type]
        if isinstance(query, str) or query is None:
            kept: str | tuple[str, ...] | None = query
        else:
            kept = tuple(ids_of(query))
        if states is not None:
            names = [states] if isinstance(states, str) else list(states)
            meant = (finished if name == DONE else [str(name)] for name in names)
            states = tuple(dict.fromkeys(chain.from_iterable(meant)))
        return cls(
            states=states,
            query=kept,
            classes=(classes,) if isinstance(classes, str) else _names(classes),
            part=part,
            frames=frames,
            unlabelled=unlabelled,
        )

    def class_names(self, ontology: Ontology) -> tuple[str, ...]:
        """Return the names of the classes, in the order of their numbers.

        Raises
        ------
        OntologyError
            If one is not there.
        WorkflowError
            If one is there twice.
        """
        if self.classes is None:
            return tuple(made.name for made in ontology.classes)
        names = tuple(ontology[name].name for name in self.classes)
        if len(set(names)) < len(names):
            raise WorkflowError("has a class twice.", where="classes")
        return names

    def items(self, moment: Moment, split: Split | None, known: Collection[str]) -> list[str]:
        """Return the ids of the items, in the order of the tasks.

        Parameters
        ----------
        moment
            What there is.
        split
            Of the project at that moment.
        known
            States that tasks can have.

        Raises
        ------
        WorkflowError
            If there is no such state or part, the query cannot be evaluated, or there is no item.
        """
        tasks = moment.tasks
        main = tasks[tasks["copy"] == 0]
        if self.states is not None:
            for state in self.states:
                if state not in known:
                    raise WorkflowError(
                        f"{state[:60]!r} is no state of a task.",
                        where="states",
                        hint=f"States are: {', '.join(sorted(known))}.",
                    )
            there = main["state"].value_counts().to_dict()
            main = main[main["state"].isin(self.states)]
            if main.empty:
                others = ", ".join(f"{count} {name}" for name, count in there.items()) or "none"
                raise WorkflowError(
                    f"No task is {' or '.join(self.states)}; of tasks there are: {others}.",
                    where="training set",
                    hint="Submit and accept tasks first, or pass other states (None for all).",
                )
        if self.query is not None:
            main = main[main["item_id"].isin(_items_of(self.query, moment))]
        if self.part is not None:
            if split is None:
                raise WorkflowError(
                    "is asked for, and the project is not split.",
                    where=f"part {self.part!r:.60}",
                    hint='Call project.split({"train": 0.8, "test": 0.2}) first.',
                )
            split.check_part(self.part)
            main = main[main["item_id"].map(split.parts.get) == self.part]
        if main.empty:
            raise WorkflowError("has no picture: nothing is left.", where="training set")
        return [str(one) for one in main["item_id"]]


def _items_of(query: str | tuple[str, ...], moment: Moment) -> pd.Series[str]:
    """Return the items that a query is about, by any of their tasks."""
    tasks = moment.tasks

    def frames() -> list[pd.DataFrame]:
        return [tasks] if moment.annotations is None else [tasks, moment.annotations]

    ids = chosen(query, frames, lambda: tasks["id"])
    return tasks.loc[tasks["id"].isin(ids), "item_id"]


def _names(given: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(str(name) for name in given)
