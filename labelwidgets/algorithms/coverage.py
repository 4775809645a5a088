"""Things that stand for many: chosen by where they lie among all, as embeddings."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwidgets.errors import SchemaError

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

# Numbers of a block of distances.
_BLOCK = 4_000_000


def read_embeddings(given: ArrayLike) -> NDArray[np.float32]:
    """Return embeddings as (N, D) float32.

    Raises
    ------
    SchemaError
        If they have another shape, or hold NaN or infinity.
    """
    try:
        found: NDArray[np.float32] = np.ascontiguousarray(given, dtype=np.float32)
    except (TypeError, ValueError):
        raise SchemaError("must be numbers of one shape.", where="embeddings") from None
    if found.ndim != 2 or found.shape[1] < 1:
        raise SchemaError(f"must be (N, D), not {found.shape}.", where="embeddings")
    wrong = ~np.isfinite(found).all(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise SchemaError("must be finite numbers.", where=f"embeddings, row {row}")
    return found


def core_set(
    embeddings: ArrayLike, covered: ArrayLike | None = None, count: int | None = None
) -> Indices:
    """Return things in the order in which they cover the rest best.

    Each is the one farthest from all before it, which is within twice the best cover there is:
    Gonzalez (1985); Sener and Savarese (2018), "Active learning for convolutional neural networks:
    a core-set approach". It takes N x `count` distances.

    Parameters
    ----------
    embeddings
        (N, D).
    covered
        (N,) bool: what is labelled already, and comes in no order. Without any, the first is the
        one nearest to the middle.
    count
        How many; None for all that are not covered.

    Returns
    -------
    ndarray
        (count,) int64, rows of `embeddings`; of equally far ones the first.

    Raises
    ------
    SchemaError
        If shapes differ, or embeddings are no numbers.
    """
    points = read_embeddings(embeddings)
    done = np.zeros(len(points), bool) if covered is None else np.array(covered, dtype=bool)
    if done.shape != (len(points),):
        raise SchemaError(f"must be {(len(points),)}, not {done.shape}.", where="covered")
    left = int((~done).sum())
    wanted = left if count is None else min(max(int(count), 0), left)
    squares = np.einsum("nd,nd->n", points, points, dtype=np.float64)
    nearest = np.full(len(points), np.inf)
    for start in range(0, int(done.sum()), step := max(1, _BLOCK // max(1, len(points)))):
        some = np.flatnonzero(done)[start : start + step]
        np.minimum(nearest, _squared(points, squares, some).min(axis=1), out=nearest)
    chosen = np.empty(wanted, np.int64)
    nearest[done] = -np.inf
    for place in range(wanted):
        if place == 0 and not done.any():
            middle = points.mean(axis=0, dtype=np.float64)
            at = int(((points - middle) ** 2).sum(axis=1).argmin())
        else:
            at = int(nearest.argmax())
        chosen[place] = at
        near = _squared(points, squares, np.array([at]))[:, 0]
        np.minimum(nearest, near, out=nearest, where=nearest > -np.inf)
        nearest[at] = -np.inf
    return chosen


def _squared(points: NDArray[np.float32], squares: Floats, some: Indices) -> Floats:
    """Return the squared distances (N, S) of all points from some of them."""
    products = (points @ points[some].T).astype(np.float64)
    found: Floats = squares[:, None] + squares[some][None] - 2 * products
    return np.maximum(found, 0)


def cluster_balanced(scores: ArrayLike, clusters: ArrayLike) -> Indices:
    """Return things by their scores, each cluster in turn.

    The first of each cluster come first, the highest scores before, then the second of each: the
    few kinds that a model finds hard do not take all places.

    Parameters
    ----------
    scores
        (N,): more is wanted more.
    clusters
        (N,): which cluster each is in; any values that can be sorted.

    Returns
    -------
    ndarray
        (N,) int64, rows; equals in their order.

    Raises
    ------
    SchemaError
        If shapes differ or a score is NaN.
    """
    wanted, found = np.array(scores, dtype=np.float64), np.asarray(clusters)
    if wanted.ndim != 1 or found.shape != wanted.shape:
        raise SchemaError(f"must be {wanted.shape}, not {found.shape}.", where="clusters")
    if np.isnan(wanted).any():
        raise SchemaError("must be numbers.", where=f"scores, row {int(np.isnan(wanted).argmax())}")
    _, kinds = np.unique(found, return_inverse=True)
    order = np.lexsort((np.arange(len(wanted)), -wanted, kinds))
    sizes = np.bincount(kinds) if len(kinds) else np.zeros(0, np.int64)
    starts = np.cumsum(sizes) - sizes
    rank = np.empty(len(wanted), np.int64)
    rank[order] = np.arange(len(wanted)) - np.repeat(starts, sizes)
    turns: Indices = np.lexsort((np.arange(len(wanted)), -wanted, rank)).astype(np.int64)
    return turns


def near_pairs(embeddings: ArrayLike, similarity: float = 0.95) -> tuple[Indices, Indices, Floats]:
    """Return pairs whose cosine is at least so much: near duplicates, where embeddings are good.

    All pairs are looked at, in blocks: N x N / 2 products, in bounded memory.

    Parameters
    ----------
    embeddings
        (N, D). A row of zeros is like no other.
    similarity
        From -1 to 1.

    Returns
    -------
    a, b : ndarray
        (P,) int64, rows with a < b, the most alike first.
    cosines : ndarray
        (P,) float64.

    Raises
    ------
    SchemaError
        If embeddings are no numbers, or the threshold is none.
    """
    if not -1 <= similarity <= 1:
        raise SchemaError(f"must be from -1 to 1, not {similarity!r:.40}.", where="similarity")
    points = read_embeddings(embeddings)
    lengths = np.linalg.norm(points, axis=1)
    there = lengths > 0
    unit = points / np.where(there, lengths, 1)[:, None]
    firsts, seconds, cosines = [], [], []
    step = max(1, _BLOCK // max(1, len(unit)))
    for start in range(0, len(unit), step):
        block = unit[start : start + step] @ unit[start:].T
        row, column = np.nonzero(block >= similarity)
        a, b = row + start, column + start
        kept = (a < b) & there[a] & there[b]
        firsts.append(a[kept])
        seconds.append(b[kept])
        cosines.append(block[row[kept], column[kept]].astype(np.float64))
    a = np.concatenate(firsts).astype(np.int64) if firsts else np.zeros(0, np.int64)
    b = np.concatenate(seconds).astype(np.int64) if seconds else np.zeros(0, np.int64)
    alike = np.concatenate(cosines) if cosines else np.zeros(0)
    order = np.lexsort((b, a, -alike))
    return a[order], b[order], alike[order]
