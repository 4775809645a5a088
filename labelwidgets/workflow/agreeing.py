"""Whether those who labelled an item agree well enough, as routers and a consensus ask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from labelwidgets.workflow.opinions import Opinions, opinions_of

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.store.store import Store
    from labelwidgets.workflow.measures import Measure


class Agrees(NamedTuple):
    """What came of asking for the agreement about an item.

    Parameters
    ----------
    holds
        Whether it reaches the threshold. Where less than two people have said something, it
        does not.
    value
        The agreement: a number, one for each class where thresholds are by class, None where
        there is none.
    """

    holds: bool
    value: float | dict[str, float] | None

    def note(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the move of the task keeps of it."""
        threshold = options["threshold"]
        return {
            "holds": self.holds,
            "agreement": self.value,
            "measure": options["agreement"],
            "threshold": dict(threshold) if isinstance(threshold, Mapping) else threshold,
        }


def item_opinions(store: Store, item_id: str) -> Opinions:
    """Return what people have said of one item, read for that item alone."""
    import pandas as pd

    from labelwidgets.workflow.rows import label_rows, task_row

    tasks = [store.task(name) for name in store.tasks_of_items([item_id]).get(item_id, [])]
    rows = pd.concat([task_row(store, task) for task in tasks], ignore_index=True)
    labels = pd.concat([label_rows(store, task) for task in tasks], ignore_index=True)
    return opinions_of(labels, rows, store.hands)


def agreements(
    said: Opinions, options: Mapping[str, Any], item_ids: Sequence[str]
) -> dict[str, Agrees]:
    """Return whether people agree about items, by item.

    With one threshold the agreement of an item must reach it; with one a class, that of each of
    its classes that is named, or by ``"*"``. A distance must be at most the threshold.

    Parameters
    ----------
    said
        What people have said, of these items and maybe others.
    options
        Of the stage: ``agreement``, ``threshold`` and maybe ``on``.
    item_ids
        Which items.
    """
    from labelwidgets.workflow.agreement import MEASURES, agreement

    measure, threshold = MEASURES[options["agreement"]], options["threshold"]
    by_class = isinstance(threshold, Mapping)
    wanted = set(item_ids)
    labels = said.labels[said.labels["item_id"].isin(wanted)]
    pairs = [pair for pair in said.submitted if pair[0] in wanted]
    given = {"on": options["on"]} if "on" in options else {}
    if "interval" in measure.options:
        given["interval"] = None
    levels = ["item", "class"] if by_class else ["item"]
    frame = agreement(labels, options["agreement"], levels, items=pairs, **given)
    values = _values(frame, by_class=by_class)
    people: dict[str, int] = {}
    for item_id, _ in pairs:
        people[item_id] = people.get(item_id, 0) + 1
    drawn = set(labels["item_id"])
    return {
        item: _one(values.get(item, {}), measure, threshold)
        # Where all have left it empty there is nothing to measure, and they agree.
        if item in drawn
        else Agrees(people.get(item, 0) > 1, None)
        for item in item_ids
    }


def _values(frame: pd.DataFrame, *, by_class: bool) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    names = frame["class_name"] if by_class else [""] * len(frame)
    for item, name, value in zip(frame["item_id"], names, frame["value"], strict=True):
        found.setdefault(str(item), {})[str(name)] = float(value)
    return found


def _one(
    values: Mapping[str, float], measure: Measure, threshold: float | Mapping[str, float]
) -> Agrees:
    if not isinstance(threshold, Mapping):
        value = values.get("", math.nan)
        return Agrees(_reaches(value, measure, threshold), None if math.isnan(value) else value)
    asked = {name: threshold.get(name, threshold.get("*")) for name in values}
    holds = all(_reaches(values[name], measure, at) for name, at in asked.items() if at is not None)
    known = {name: value for name, value in values.items() if not math.isnan(value)}
    return Agrees(holds and bool(values), known)


def _reaches(value: float, measure: Measure, threshold: float) -> bool:
    if math.isnan(value):
        return False
    # Of distances, less is better.
    return value <= threshold if measure.unit else value >= threshold
