"""Whose opinions on which items there are in a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.workflow.session import Pictures

if TYPE_CHECKING:
    import pandas as pd

_AT_WORK = ("queued", "in_progress", "skipped")


def opinions_of(
    annotations: pd.DataFrame, tasks: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Return what people made by themselves, and who has an opinion on which item.

    Golden answers and fused ones are nobody's opinion.

    Parameters
    ----------
    annotations, tasks
        As `Project.annotations` and `Project.tasks` have them.

    Returns
    -------
    tuple
        Rows of `annotations`; and pairs of item and person: of those who have labels, and of
        those who submitted none.
    """
    golden = set(tasks.loc[tasks["copy"] < 0, "id"])
    own = ~annotations["task_id"].isin(golden) & (annotations["origin"] != "consensus")
    labels = annotations[own.fillna(True).to_numpy(bool)]
    labelled = labels[["item_id", "author"]].dropna().drop_duplicates()
    pairs = dict.fromkeys(labelled.itertuples(index=False, name=None))
    handed_in = tasks[(tasks["copy"] >= 0) & ~tasks["state"].isin(_AT_WORK)]
    makers = handed_in["maker"].fillna(handed_in["assignee"])
    for item, maker in zip(handed_in["item_id"], makers, strict=True):
        if isinstance(maker, str) and maker:
            pairs[item, maker] = None
    return labels, list(pairs)


def spacings_of(
    items: Mapping[str, Mapping[str, Any]], pictures: Pictures
) -> dict[str, tuple[float, ...]]:
    """Return millimetres along x, y and from slice to slice of the scans where they are known.

    Parameters
    ----------
    items
        By id: kind and metadata.
    pictures
        Where the headers of scans come from.
    """
    found: dict[str, tuple[float, ...]] = {}
    for item_id, item in items.items():
        if item["kind"] not in VOLUMES:
            continue
        try:
            spacing = pictures.volume(item_id).grid.spacing
        except LabelwidgetsError:
            continue  # In pixels, then.
        if spacing is not None:
            found[item_id] = tuple(float(step) for step in reversed(spacing))
    return found
