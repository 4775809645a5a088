"""What became of what models proposed: kept, put right, deleted, or not decided on yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.answer_origins import ProposedAnswer, proposed_answers
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.store.store import Store
from labelwidgets.workflow.stages import AT_WORK

if TYPE_CHECKING:
    import pandas as pd

BECAME = ("accepted", "corrected", "deleted", "waiting")
BY = ("model", "version", "class_name", "question", "geometry_type", "task_id", "item_id")


class _Row(NamedTuple):
    id: str
    task_id: str | None
    item_id: str
    class_name: str | None
    question: str | None
    geometry_type: str
    model: str | None
    version: str | None
    confidence: float | None
    became: str


def proposal_frame(store: Store) -> pd.DataFrame:
    """Return one row for each label that a model proposed, and each answer about an image.

    Of main tasks, in the order that they were made. What was taken back by undo, or replaced by a
    later run of the same model before a person touched it, was no proposal.

    Columns: id (of the annotation), task_id, item_id, class_name, question (of answers about an
    image), geometry_type, model, version (string), confidence (float64) and became (string):

    - ``accepted``: it is as it was proposed, and a person took it, or handed the task in;
    - ``corrected``: a person changed its shape, class or answers;
    - ``deleted``: a person deleted it, or took the answer back;
    - ``waiting``: it is as it was proposed, and its task has not been handed in.
    """
    import pandas as pd

    first = store.read_first("model")
    main = store.read_main()
    now = {one.id: one for one in main}
    tasks = store.tasks
    done = set(tasks.loc[~tasks["state"].isin(AT_WORK), "id"])
    taken = store.from_pages([one.id for one in first])

    def settled(made: Annotation) -> bool:
        return made.task_id in done or made.id in taken

    rows: list[_Row] = []
    for made in first:
        current = now.get(made.id)
        if made.class_name is not None:
            became = _became(made, current) or ("accepted" if settled(made) else "waiting")
            said = (made.class_name, None, made.geometry.type)
            by = (made.origin.name, made.origin.version, made.confidence)
            rows.append(_Row(made.id, made.task_id, made.item_id, *said, *by, became))
        elif current is None:
            rows += _answers(made, made, {}, "accepted")
    asked = {one.id: one for one in first if one.class_name is None}
    for current in main:
        if current.class_name is not None:
            continue
        # Beside answers of a person, whether it was looked at is known once it is handed in.
        whole = current.id in asked
        seen = settled(current) if whole else current.task_id in done
        made = asked.get(current.id, current)
        rows += _answers(made, current, current.attributes, "accepted" if seen else "waiting")
    frame = pd.DataFrame(rows, columns=list(_Row._fields), dtype=object)
    kinds = dict.fromkeys(_Row._fields, "string") | {"confidence": "float64"}
    return frame.astype(kinds)


def _became(made: Annotation, now: Annotation | None) -> str | None:
    """Return what a person did to a label, None for nothing."""
    if now is None:
        return "deleted"
    same = (now.geometry, now.class_name, now.attributes, now.frame) == (
        made.geometry,
        made.class_name,
        made.attributes,
        made.frame,
    )
    return None if same else "corrected"


def _answers(
    made: Annotation, label: Annotation, now: Mapping[str, AttributeValue], kept: str
) -> Iterator[_Row]:
    """Yield a row for each answer about an image that a model proposed.

    Parameters
    ----------
    made, label
        As it was first, and as it is.
    now
        The answers that there are.
    kept
        What those became that nobody changed.
    """
    said = proposed_answers(label.origin)
    by = made.origin
    if not said and by.kind == "model":
        # Of a function, which says nothing of each.
        said = {
            name: ProposedAnswer(given, by.name, by.version, made.confidence)
            for name, given in made.attributes.items()
        }
    for question, one in said.items():
        if question not in now:
            became = "deleted"
        elif now[question] != one.answer:
            became = "corrected"
        else:
            became = kept
        place = (label.id, label.task_id, label.item_id, None, question, label.geometry.type)
        yield _Row(*place, one.name, one.version, one.confidence, became)


def acceptance(proposals: pd.DataFrame, by: str | Sequence[str] = ("model", "version")) -> Any:
    """Return how much of what models proposed was kept, one row a group.

    Parameters
    ----------
    proposals
        As of `proposal_frame`, or a part of it.
    by
        One or several of its columns, but for id, confidence and became.

    Returns
    -------
    DataFrame
        The columns of `by`; proposed, accepted, corrected, deleted, waiting (int64) and
        acceptance_rate (float64): the share accepted of what was decided on, missing where nothing
        was.

    Raises
    ------
    SchemaError
        If `by` names something else.
    """
    import numpy as np

    names = [by] if isinstance(by, str) else list(by)
    wrong = [name for name in names if name not in BY]
    if wrong or not names:
        raise SchemaError(
            f"must be of {', '.join(BY)}.", where=f"by {str(wrong[0] if wrong else by)[:80]!r}"
        )
    counted = proposals[names].assign(
        proposed=1, **{name: (proposals["became"] == name).astype("int64") for name in BECAME}
    )
    table = counted.groupby(names, dropna=False, sort=True, as_index=False).sum()
    decided = (table["proposed"] - table["waiting"]).to_numpy("float64")
    rate = np.full(len(table), np.nan)
    np.divide(table["accepted"].to_numpy("float64"), decided, out=rate, where=decided > 0)
    return table.assign(acceptance_rate=rate)
