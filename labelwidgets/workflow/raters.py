"""Who labelled which items, and which two of them can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.numbering import dense
from labelwidgets.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

Indices: TypeAlias = NDArray[np.int64]


class Raters(NamedTuple):
    """Everybody's part in every item.

    Parameters
    ----------
    items
        Ids of items, in the order in which they come first.
    names
        Of raters, by the alphabet.
    item, rater
        (M,) of each part, a person's work on an item: both as numbers; ordered by them.
    first, size
        (I,) where the parts of each item begin, and how many there are.
    """

    items: list[str]
    names: list[str]
    item: Indices
    rater: Indices
    first: Indices
    size: Indices

    @property
    def rank(self) -> Indices:
        """(M,) which of the raters of its item each part is of, from 0."""
        ranks: Indices = np.arange(self.item.size) - self.first[self.item]
        return ranks

    @property
    def meetings_before(self) -> Indices:
        """(I,) how many meetings of two there are in the items before."""
        counts = self.size * (self.size - 1) // 2
        before: Indices = np.cumsum(counts) - counts
        return before

    def meeting(self, item: Indices, low: Indices, high: Indices) -> Indices:
        """Return the meeting of two raters of an item by their ranks, `low` below `high`."""
        place = low * (2 * self.size[item] - low - 1) // 2 + high - low - 1
        found: Indices = self.meetings_before[item] + place
        return found

    def meetings(self) -> pd.DataFrame:
        """Return one row for every two raters of an item; see `Pairs.meetings`."""
        import pandas as pd

        low, high = later_in_group(self.first + self.size, self.item)
        names, ids = np.array(self.names, object), np.array(self.items, object)
        return pd.DataFrame(
            {
                "item_id": pd.array(ids[self.item[low]], dtype="string"),
                "rater_a": pd.array(names[self.rater[low]], dtype="string"),
                "rater_b": pd.array(names[self.rater[high]], dtype="string"),
            }
        )


def later_in_group(ends: Indices, group: Indices) -> tuple[Indices, Indices]:
    """Return each entry with each of those after it in its group; groups lie one after another.

    Parameters
    ----------
    ends
        (G,) where each group ends.
    group
        (N,) the group of each entry, rising.
    """
    places = np.arange(group.size)
    after = ends[group] - places - 1
    one = np.repeat(places, after)
    other = np.arange(one.size) - np.repeat(np.cumsum(after) - after, after) + one + 1
    return one, other


def raters_of(
    annotations: pd.DataFrame, rater: str = "author", items: Any = None
) -> tuple[Raters, Indices]:
    """Return who took part in what, and the part that each label is of (-1 for none).

    Parameters
    ----------
    annotations
        With the columns item_id and `rater`.
    rater
        The column that says who made a label; labels without are of no part.
    items
        The pairs of item and rater that count, as a frame with the columns item_id and `rater`,
        or as tuples: also those who left an item empty. Without, who has labels.

    Raises
    ------
    SchemaError
        If a column is missing, or `items` are no such pairs.
    """
    import pandas as pd

    for column in ("item_id", rater):
        if column not in annotations.columns:
            raise SchemaError("is no column of the annotations.", where=repr(column)[:60])
    known = annotations[rater].notna().to_numpy() & annotations["item_id"].notna().to_numpy()
    whole = bool(known.all())
    item, item_ids = pd.factorize(
        annotations["item_id"] if whole else annotations["item_id"][known]
    )
    who, found = pd.factorize(annotations[rater] if whole else annotations[rater][known])
    given = _pairs(items, rater)
    if given is not None:
        item, item_ids = _with_more(item, item_ids, [pair[0] for pair in given])
        who, found = _with_more(who, found, [pair[1] for pair in given])
    order = np.argsort(np.array([str(name) for name in found], object), kind="stable")
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    key = item.astype(np.int64) * max(1, order.size) + place[who]
    labelled = int(known.sum())
    # Each key is that of a part, but where only some are asked for.
    parts, rank = dense(key)
    if given is not None:
        asked = np.zeros(parts.size, bool)
        asked[rank[labelled:]] = True
        rank = np.where(asked, np.cumsum(asked) - 1, -1)[rank[:labelled]]
        parts = parts[asked]
    part = np.full(len(annotations), -1, np.int64)
    part[known] = rank
    of_item = parts // max(1, order.size)
    size = np.bincount(of_item, minlength=len(item_ids)).astype(np.int64)
    return Raters(
        [str(name) for name in item_ids],
        [str(found[name]) for name in order],
        of_item,
        parts % max(1, order.size),
        np.cumsum(size) - size,
        size,
    ), part


def _with_more(codes: Any, names: Any, more: list[Any]) -> tuple[Any, Any]:
    """Return codes and names of a column to which values are added."""
    import pandas as pd

    places = {name: place for place, name in enumerate(names.tolist())}
    added = [places.setdefault(value, len(places)) for value in more]
    return np.concatenate((codes, np.array(added, np.int64))), pd.Index(list(places), dtype=object)


def _pairs(items: Any, rater: str) -> list[tuple[str, str]] | None:
    import pandas as pd

    if items is None:
        return None
    if isinstance(items, pd.DataFrame):
        for column in ("item_id", rater):
            if column not in items.columns:
                raise SchemaError(f"have no column {column!r}.", where="items")
        items = zip(items["item_id"].tolist(), items[rater].tolist(), strict=True)
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise SchemaError("must be pairs of an item's id and a rater.", where="items")
    pairs = []
    for pair in items:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise SchemaError(f"must be pairs, not {pair!r:.60}.", where="items")
        pairs.append((pair[0], pair[1]))
    return pairs
