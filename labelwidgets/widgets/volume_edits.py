"""What a page asks to be done with volume masks, on the labels that the store has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.volume_operations import measure, operate
from labelwidgets.errors import ToolError
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.workflow.session import Session

MEASURE = "measure"


def operate_on(
    session: Session,
    task_id: str,
    ids: Sequence[str],
    operation: str,
    numbers: Mapping[str, float],
) -> list[dict[str, Any]]:
    """Return what an operation makes of volume masks of a task; nothing is changed here.

    Parameters
    ----------
    session
        Whose labels they are.
    task_id
        The task.
    ids
        The annotations.
    operation
        See `operate`; or ``measure``.
    numbers
        What it is told.

    Returns
    -------
    list of dict
        For each annotation its ``annotation``, its ``revision`` as it was read, and ``patch``: a
        `VolumePatch` or None; of a measurement ``statistics``.

    Raises
    ------
    WorkflowError
        If the task is not in the session's work list.
    ToolError
        If one of the annotations is no volume mask of the task, or the operation is impossible.
    """
    found = session.labels_of(task_id, ids)
    volume = session.volume(session.item_of(task_id))
    made: list[dict[str, Any]] = []
    for name in ids:
        checkpoint()
        annotation = found.get(name)
        mask = annotation.geometry if annotation else None
        if annotation is None or not isinstance(mask, VolumeMask):
            raise ToolError("is no volume mask of this task.", where=f"annotation {name[:80]!r}")
        one: dict[str, Any] = {"annotation": name, "revision": annotation.revision}
        if operation == MEASURE:
            one["statistics"] = msgspec.to_builtins(measure(mask, volume))
        else:
            patch = operate(operation, mask, volume.grid, numbers)
            one["patch"] = None if patch is None else msgspec.to_builtins(patch)
        made.append(one)
    return made
