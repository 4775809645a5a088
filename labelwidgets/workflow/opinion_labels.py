"""Which labels of a project are people's opinions of its items."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class OpinionLabels(NamedTuple):
    """Labels to compare, and who had which item before them.

    Parameters
    ----------
    labels
        A part of the frame `annotations`.
    submitted
        Pairs of item and person, those among them who left it empty; of an item where nobody
        gave an opinion by themselves, who has labels there.
    """

    labels: pd.DataFrame
    submitted: list[tuple[str, str]]


def opinion_labels(
    annotations: pd.DataFrame, tasks: pd.DataFrame, item: str | None = None
) -> OpinionLabels:
    """Return what people have said of items, each by themselves.

    Where an item has opinions (tasks of one labeler each), those that are submitted count; else
    the labels of its main task, by their authors. Golden answers and earlier results of a
    consensus are nobody's opinion.

    Parameters
    ----------
    annotations, tasks
        The frames of a project.
    item
        Id of the only item; None for all.
    """
    if item is not None:
        annotations = annotations[annotations["item_id"] == item]
        tasks = tasks[tasks["item_id"] == item]
    opinions = tasks[tasks["copy"] > 0]
    given = opinions[opinions["maker"].notna()]
    apart = set(opinions["item_id"])
    main = set(tasks.loc[tasks["copy"] == 0, "id"])
    in_main = annotations["task_id"].isin(main) & ~annotations["item_id"].isin(apart)
    counted = annotations["task_id"].isin(set(given["id"])) | in_main
    labels = annotations[(counted & (annotations["origin"] != "consensus")).to_numpy()]
    # An opinion is its maker's, whoever helped to draw it.
    makers = dict(zip(given["id"], given["maker"], strict=True))
    authors = [
        makers.get(task, author)
        for task, author in zip(labels["task_id"], labels["author"], strict=True)
    ]
    labels = labels.assign(author=authors).astype({"author": "string"})
    pairs = {
        (str(item_id), str(name)): None
        for item_id, name in [
            *zip(given["item_id"], given["maker"], strict=True),
            *labels[["item_id", "author"]].dropna().itertuples(index=False),
        ]
    }
    return OpinionLabels(labels, list(pairs))
