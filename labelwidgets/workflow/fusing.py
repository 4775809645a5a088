"""A consensus written into a project: new labels, as one gesture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import Edit
from labelwidgets.store.records import Held
from labelwidgets.workflow import headless
from labelwidgets.workflow.disputes import ADJUDICATED

if TYPE_CHECKING:
    import pandas as pd


def fusion_edits(
    made: Sequence[Annotation],
    tasks: pd.DataFrame,
    annotations: pd.DataFrame,
    held: Callable[[Sequence[str]], Mapping[str, Held]],
) -> list[Edit]:
    """Return the edits of one gesture that write fused labels into the main tasks of their items.

    What an earlier consensus wrote there and is not locked goes, in the same gesture. What a person
    chose there stays, and is not fused again.

    Parameters
    ----------
    made
        Fused labels.
    tasks, annotations
        The frames of the project.
    held
        Returns what the store has of annotations.

    Raises
    ------
    WorkflowError
        If there is nothing to write.
    """
    if not made:
        raise WorkflowError(
            "has nothing to write: no object is likely enough.",
            where="consensus",
            hint="See the columns present and reason of project.consensus().",
        )
    main = tasks[tasks["copy"] == 0]
    by_item = dict(zip(main["item_id"].tolist(), main["id"].tolist(), strict=True))
    items = {one.item_id for one in made}
    written = annotations[
        annotations["task_id"].isin({by_item[item] for item in items if item in by_item})
        & (annotations["origin"] == "consensus")
        & annotations["class_name"].notna()
    ]
    before = {name: one.annotation.origin for name, one in held(written["id"].tolist()).items()}
    chosen = {name for name, origin in before.items() if origin.name == ADJUDICATED}
    settled = {
        source
        for name in chosen
        for key in ("of", "from")
        for source in before[name].parameters.get(key) or ()
    }
    loose = written[written["state"] != "locked"]["id"].tolist()
    earlier = [name for name in loose if name not in chosen]
    placed = headless.place(
        [
            msgspec.structs.replace(one, task_id=by_item.get(one.item_id))
            for one in made
            if settled.isdisjoint(one.origin.parameters["from"])
        ],
        {item: [by_item[item]] for item in items if item in by_item},
    )
    gesture = new_id()
    edits = [
        *headless.deletions(earlier, held(earlier)),
        *headless.creations(placed, held([one.id for one in placed])),
    ]
    return [msgspec.structs.replace(edit, gesture=gesture) for edit in edits]
