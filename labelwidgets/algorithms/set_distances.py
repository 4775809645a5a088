"""How far apart two sets of labels are, for Krippendorff's alpha over tags."""

from __future__ import annotations

from collections.abc import Set


def jaccard_distance(a: Set[object], b: Set[object]) -> float:
    """Return the share of what either has that not both have; 0 for two empty sets."""
    either = len(a | b)
    return 1 - len(a & b) / either if either else 0.0


def masi_distance(a: Set[object], b: Set[object]) -> float:
    """Return the MASI distance: Jaccard's, which counts sets within each other as closer.

    The similarity of Jaccard is taken times 1 for equal sets, 2/3 where one holds the other, 1/3
    where they cross, 0 where they have nothing in common.

    References
    ----------
    Passonneau, Measuring agreement on set-valued items for semantic and pragmatic annotation,
    LREC 2006.
    """
    if a == b:
        return 0.0
    both = len(a & b)
    if both == 0:
        # An empty set is in every other, and has nothing in common with it.
        return 1.0
    monotony = 2 / 3 if a <= b or b <= a else 1 / 3
    return 1 - monotony * both / len(a | b)
