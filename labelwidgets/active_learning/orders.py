"""Strategies: from a frame to an order of items."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from labelwidgets.active_learning.reading import Scores, in_order, ranked, table, tables
from labelwidgets.active_learning.reading import probabilities as read
from labelwidgets.algorithms import coverage, uncertainty
from labelwidgets.errors import SchemaError


def random(frame: pd.DataFrame, seed: int = 0) -> Scores:
    """Return rows in an order by chance: what every other strategy has to beat.

    Parameters
    ----------
    frame
        Any; only its index counts.
    seed
        The same seed and number of rows give the same order.
    """
    rows = np.random.default_rng(seed).permutation(len(frame))
    return in_order(rows, frame.index, "random")


def first(frame: pd.DataFrame) -> Scores:
    """Return rows in the order that they have."""
    return in_order(np.arange(len(frame)), frame.index, "first")


def least_confidence(probabilities: pd.DataFrame) -> Scores:
    """Return rows by how unlikely their likeliest class is.

    Parameters
    ----------
    probabilities
        One row an item, one column a class, as of `predict_proba`; the ids of items are the index.

    Raises
    ------
    SchemaError
        If a row is no probabilities, or is there twice.
    """
    index, found = read(probabilities)
    return ranked(uncertainty.least_confidence(found), index, "least_confidence")


def margin(probabilities: pd.DataFrame) -> Scores:
    """Return rows by how near their two likeliest classes are; see `least_confidence`."""
    index, found = read(probabilities)
    return ranked(uncertainty.margin(found), index, "margin")


def entropy(probabilities: pd.DataFrame) -> Scores:
    """Return rows by the entropy of their classes, in nats; see `least_confidence`."""
    index, found = read(probabilities)
    return ranked(uncertainty.entropy(found), index, "entropy")


def ensemble_variance(members: Iterable[pd.DataFrame]) -> Scores:
    """Return rows by how far models, or passes with dropout, are apart.

    Parameters
    ----------
    members
        A frame of probabilities of each model, as of `least_confidence`, with the same rows and
        columns.

    Raises
    ------
    SchemaError
        If frames differ, or a row is no probabilities.
    """
    index, found = tables(members, "members")
    return ranked(uncertainty.ensemble_variance(found), index, "ensemble_variance")


def bald(members: Iterable[pd.DataFrame]) -> Scores:
    """Return rows by what models would tell apart (BALD), in nats; see `ensemble_variance`."""
    index, found = tables(members, "members")
    return ranked(uncertainty.mutual_information(found), index, "bald")


def committee_disagreement(members: Iterable[pd.DataFrame]) -> Scores:
    """Return rows by the entropy of the classes that models vote for; see `ensemble_variance`."""
    index, found = tables(members, "members")
    return ranked(uncertainty.vote_entropy(found), index, "committee_disagreement")


def core_set(
    embeddings: pd.DataFrame, labelled: Iterable[Any] = (), count: int | None = None
) -> Scores:
    """Return rows in the order in which they cover all others best.

    Parameters
    ----------
    embeddings
        One row an item, with the ids of items as index.
    labelled
        The ids of those that are labelled already, and do not come.
    count
        How many are wanted; None for all.

    Raises
    ------
    SchemaError
        If embeddings are no numbers.
    """
    index, found = table(embeddings, "embeddings")
    covered = index.isin(list(labelled))
    return in_order(coverage.core_set(found, covered, count), index, "core_set")


def cluster_balanced(scores: Scores, clusters: pd.Series[Any]) -> Scores:
    """Return what another strategy wants, but each cluster in turn.

    Parameters
    ----------
    scores
        Of any strategy.
    clusters
        Which cluster each is in, by the same index: of k-means over embeddings, or a folder.

    Raises
    ------
    SchemaError
        If a row has no cluster.
    """
    for what, given in (("scores", scores), ("clusters", clusters)):
        if not isinstance(given, pd.Series):
            raise SchemaError(
                f"must be a Series, not {type(given).__name__}.",
                where=what,
                hint="With the ids of items as index: pd.Series(values, index=ids).",
            )
    found = clusters.reindex(scores.index)
    if found.isna().any():
        lacks = found.index[found.isna()][0]
        raise SchemaError("has no cluster.", where=f"clusters, row {lacks!r:.80}")
    codes, _ = pd.factorize(found, sort=True)
    rows = coverage.cluster_balanced(scores.to_numpy(np.float64), codes)
    return in_order(rows, scores.index, f"{scores.name or 'scores'}, cluster_balanced")


def agreement_gain(posterior: pd.DataFrame, confusion: pd.DataFrame) -> Scores:
    """Return items by how much surer one more answer would make us.

    Parameters
    ----------
    posterior
        One row an item, one column an answer: how likely each is by now.
    confusion
        How likely somebody says the answer of the column where that of the row is true.

    Raises
    ------
    SchemaError
        If the answers differ, or a row is no probabilities.
    """
    index, now = read(posterior, "posterior")
    if not isinstance(confusion, pd.DataFrame):
        raise SchemaError(
            f"must be a DataFrame, not {type(confusion).__name__}.",
            where="confusion",
            hint="One row and one column an answer: pd.DataFrame(values, answers, answers).",
        )
    names = list(posterior.columns)
    if set(confusion.index) != set(names) or set(confusion.columns) != set(names):
        raise SchemaError("must have the answers of posterior.", where="confusion")
    _, says = table(confusion.loc[names, names], "confusion")
    return ranked(uncertainty.expected_agreement_gain(now, says), index, "agreement_gain")
