"""Labels that are likely wrong, and pictures that are there twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from labelwidgets.active_learning.reading import probabilities as read
from labelwidgets.active_learning.reading import table
from labelwidgets.algorithms import coverage
from labelwidgets.algorithms.label_errors import label_errors as find_errors
from labelwidgets.errors import SchemaError


def label_errors(labels: pd.Series[Any], probabilities: pd.DataFrame) -> pd.DataFrame:
    """Return labels that a model takes for wrong, the worst first.

    See `labelwidgets.algorithms.label_errors`.

    Parameters
    ----------
    labels
        The class that each was given, by the ids of items (or of annotations).
    probabilities
        One row each, one column a class, of a model that was not trained on these rows: of
        cross-validation.

    Returns
    -------
    DataFrame
        Indexed as `labels`: given, likely (the classes), quality (how likely the given one is,
        float64), wrong (bool). All rows, those that are wrong first, the least likely before.

    Raises
    ------
    SchemaError
        If a label is no column, or rows differ.
    """
    index, found = read(probabilities)
    if not isinstance(labels, pd.Series):
        raise SchemaError(
            f"must be a Series, not {type(labels).__name__}.",
            where="labels",
            hint="With the ids of items as index: pd.Series(classes, index=ids).",
        )
    if not labels.index.is_unique or len(labels.index.difference(index)):
        raise SchemaError("must have rows of probabilities, each once.", where="labels")
    columns = pd.Index(probabilities.columns)
    given = columns.get_indexer(pd.Index(labels))
    if (given < 0).any():
        name = labels.iloc[int((given < 0).argmax())]
        raise SchemaError(f"{name!r:.80} is no column of probabilities.", where="labels")
    made = find_errors(given, found[index.get_indexer(labels.index)])
    frame = pd.DataFrame(
        {
            "given": labels.to_numpy(),
            "likely": columns.to_numpy()[made.likely],
            "quality": made.quality,
            "wrong": made.wrong,
        },
        index=labels.index,
    )
    order = np.lexsort((made.quality, ~made.wrong))
    return frame.iloc[order]


def near_duplicates(embeddings: pd.DataFrame, similarity: float = 0.95) -> pd.DataFrame:
    """Return pairs of items that are nearly the same, the most alike first.

    Parameters
    ----------
    embeddings
        One row an item, with the ids of items as index.
    similarity
        The least cosine of a pair.

    Returns
    -------
    DataFrame
        a, b (ids), similarity (float64), group (int64: pairs that hang together, numbered from 0
        by their most alike pair).

    Raises
    ------
    SchemaError
        If embeddings are no numbers.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    index, found = table(embeddings, "embeddings")
    a, b, alike = coverage.near_pairs(found, similarity)
    ties = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(index), len(index)))
    _, parts = connected_components(ties, directed=False)
    group, _ = pd.factorize(parts[a])
    ids = index.to_numpy()
    return pd.DataFrame(
        {"a": ids[a], "b": ids[b], "similarity": alike, "group": group.astype(np.int64)}
    )
