"""Values of objects brought together: by item, by pair of raters, by class and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.numbering import dense
from labelwidgets.algorithms.unit_sums import divide
from labelwidgets.workflow.measures import columns_of
from labelwidgets.workflow.pairs import Pairs, objects_of

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.bool_]

COUNTS = ("n_items", "n_pairs", "n_objects", "n_matched")
"""What every measure of pairs says beside its value: items, meetings of two raters, their objects
(what both have is one, what one has alone is one too), and those that were matched."""


def averaged(
    pairs: Pairs, by: Sequence[str], values: Floats, matched: Bits, empty: float
) -> pd.DataFrame:
    """Return means over meetings of the means over their objects.

    So every two opinions of an item weigh the same, however many objects the item has.

    Parameters
    ----------
    pairs
        The meetings and their objects.
    by
        Levels.
    values, matched
        (N,) of each object; a value of NaN counts as none.
    empty
        The value of two raters who both left an item empty.

    Returns
    -------
    DataFrame
        The columns of the levels, value (float64) and `COUNTS` (int64).
    """
    made = _members(pairs, by)
    place = _places(made)
    given = np.append(values, empty)[made.row]
    known = ~np.isnan(given)
    sums = np.bincount(place.of[known], given[known], place.group.size)
    means = divide(sums, np.bincount(place.of[known], minlength=place.group.size))
    known = ~np.isnan(means)
    sums = np.bincount(place.group[known], means[known], made.many)
    counts = np.bincount(place.group[known], minlength=made.many)
    return _finished(pairs, made, place, matched, divide(sums, counts), by)


def counted(
    pairs: Pairs,
    by: Sequence[str],
    numbers: Mapping[str, Floats],
    matched: Bits,
    of: Callable[[pd.DataFrame], pd.Series[Any]],
    per_class: bool = False,
) -> pd.DataFrame:
    """Return a function of the sums over all objects of a group.

    Parameters
    ----------
    pairs, by, matched
        As for `averaged`.
    numbers
        (N,) of each object, by name; what is summed up.
    of
        Takes the sums, returns a value each, NaN where there is nothing.
    per_class
        Take it of each class, and then the mean.

    Returns
    -------
    DataFrame
        As from `averaged`; 1 where there is no object at all, as all agree on that.
    """
    import pandas as pd

    made = _members(pairs, by)
    finer = tuple(dict.fromkeys((*by, "class"))) if per_class else tuple(by)
    fine = made if finer == tuple(by) else _members(pairs, finer)
    sums = {
        name: np.bincount(fine.group, np.append(column, 0.0)[fine.row], fine.many)
        for name, column in numbers.items()
    }
    values = of(pd.DataFrame(sums)).to_numpy(np.float64)
    if fine is not made:
        above = made.places_of(fine)
        known = ~np.isnan(values)
        total = np.bincount(above[known], values[known], made.many)
        values = divide(total, np.bincount(above[known], minlength=made.many))
    values = np.where(np.isnan(values), 1.0, values)
    return _finished(pairs, made, _places(made), matched, values, by)


def averages(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return means over meetings of rows that say themselves where they belong.

    Parameters
    ----------
    rows
        One row a unit of two raters: item_id, rater_a, rater_b, the columns of the levels but
        rater, row (a number of the unit of the two) and value.
    by
        Levels.

    Returns
    -------
    DataFrame
        As from `averaged`; `n_matched` says how many values are above 0.
    """
    import pandas as pd

    names = columns_of(by)
    if "rater" in by:
        rows = pd.concat([rows.assign(rater=rows[side]) for side in ("rater_a", "rater_b")])
    if not names:
        rows, names = rows.assign(all=0), ["all"]
    meeting = ["item_id", "rater_a", "rater_b"]
    rows = rows.assign(meeting=rows.groupby(meeting).ngroup(), hit=rows["value"] > 0)
    parts = rows.groupby([*names, "meeting"], dropna=False)["value"].mean()
    grouped = rows.groupby(names, dropna=False)
    made = pd.DataFrame(
        {
            "value": parts.groupby(level=names, dropna=False).mean(),
            "n_items": rows.assign(item=rows["item_id"])
            .groupby(names, dropna=False)["item"]
            .nunique(),
            "n_pairs": grouped["meeting"].nunique(),
            "n_objects": grouped["row"].nunique(),
            "n_matched": grouped["hit"].sum(),
        }
    )
    if not by and made.empty:
        made.loc[0] = [np.nan, 0, 0, 0, 0]
    return _typed(made.reset_index(), names, by)


class _Members(NamedTuple):
    """Each object in each group that it belongs to; groups in the order in which they are told.

    Parameters
    ----------
    meeting, row, group
        (R,) the meeting, the object (-1 for a meeting without any) and the group.
    keys
        (G,) by column, what the groups are called: places in its names, -1 for none.
    names
        By column.
    many
        G.
    """

    meeting: Indices
    row: Indices
    group: Indices
    keys: Mapping[str, Indices]
    names: Mapping[str, Any]
    many: int

    def places_of(self, finer: _Members) -> Indices:
        """Return which of these groups each of finer groups lies in."""
        own, other = np.zeros(self.many, np.int64), np.zeros(finer.many, np.int64)
        for name, codes in self.keys.items():
            width = len(self.names[name]) + 1
            # What has no name is one place more.
            own = own * width + codes % width
            other = other * width + finer.keys[name] % width
        order = np.argsort(own)
        found: Indices = order[np.searchsorted(own[order], other)]
        return found


class _Places(NamedTuple):
    """The part that a group has in a meeting: `of` (R,) of each member, `group` and `meeting`."""

    of: Indices
    group: Indices
    meeting: Indices


def _members(pairs: Pairs, by: Sequence[str]) -> _Members:
    objects = pairs.objects
    meeting = objects["meeting"].to_numpy()
    row = np.arange(meeting.size)
    columns: dict[str, tuple[Indices, Any]] = {}
    sides = _sides(pairs, by)
    if sides:
        a, b = objects["a"].to_numpy(), objects["b"].to_numpy()
        one, other = np.where(a < 0, b, a), np.where(b < 0, a, b)
        # An object that both call something else belongs to what either calls it.
        apart = np.zeros(row.size, bool)
        for codes, _ in sides.values():
            apart |= codes[one] != codes[other]
        label = np.concatenate((one, other[apart]))
        meeting, row = np.append(meeting, meeting[apart]), np.append(row, row[apart])
        columns = {name: (codes[label], names) for name, (codes, names) in sides.items()}
    else:
        without = np.flatnonzero(np.bincount(meeting, minlength=len(pairs.meetings)) == 0)
        meeting, row = np.append(meeting, without), np.append(row, np.full(without.size, -1))
    if "rater" in by:
        raters, names = _coded(pairs, "rater_a", "rater_b")
        columns = {name: (np.tile(codes, 2), known) for name, (codes, known) in columns.items()}
        columns["rater"] = raters[:, meeting].reshape(-1), names
        meeting, row = np.tile(meeting, 2), np.tile(row, 2)
    wanted = columns_of(by)
    for name in wanted:
        if name not in columns:
            codes, names = _coded(pairs, name)
            columns[name] = codes[0, meeting], names
    group = np.zeros(row.size, np.int64)
    keys: dict[str, Indices] = {}
    for name in wanted:
        codes, names = columns[name]
        # What has no name comes last.
        codes = np.where(codes < 0, len(names), codes)
        found, group = dense(group * (len(names) + 1) + codes)
        last, codes = np.divmod(found, len(names) + 1)
        keys = {known: given[last] for known, given in keys.items()}
        keys[name] = np.where(codes == len(names), -1, codes)
    count = int(group.max(initial=-1)) + 1
    return _Members(meeting, row, group, keys, {name: columns[name][1] for name in wanted}, count)


def _places(made: _Members) -> _Places:
    many = int(made.meeting.max(initial=-1)) + 1
    found, of = dense(made.group * many + made.meeting)
    return _Places(of, found // max(1, many), found % max(1, many))


def _coded(pairs: Pairs, *columns: str) -> tuple[Indices, Any]:
    """Return (C, M) the place of what each meeting has in each column, and its names."""
    import pandas as pd

    # Raters by the alphabet, items as they come.
    values = pd.concat([pairs.meetings[name] for name in columns], ignore_index=True)
    codes, names = pd.factorize(values, sort="item_id" not in columns)
    return codes.astype(np.int64).reshape(len(columns), -1), names


def _sides(pairs: Pairs, by: Sequence[str]) -> dict[str, tuple[Indices, Any]]:
    """Return, for each level that objects differ in, the number of each label's and the names."""
    import pandas as pd

    found: dict[str, tuple[Indices, Any]] = {}
    labels = pairs.labels
    if "class" in by:
        named = "class_name" in labels.columns
        given = labels["class_name"] if named else np.full(len(labels), "")
        codes, names = pd.factorize(given, sort=True)
        found["class_name"] = codes.astype(np.int64), names
    if "object" in by:
        objects = objects_of(pairs)
        item = pd.factorize(labels["item_id"])[0]
        # Numbered within their items.
        pair = pd.DataFrame({"item": item, "object": objects}).drop_duplicates()
        number = np.zeros(int(objects.max(initial=-1)) + 1, np.int64)
        number[pair["object"].to_numpy()] = pair.groupby("item").cumcount().to_numpy()
        codes = number[objects]
        found["object"] = codes, np.arange(int(codes.max(initial=-1)) + 1)
    return found


def _finished(
    pairs: Pairs,
    made: _Members,
    place: _Places,
    matched: Bits,
    values: Floats,
    by: Sequence[str],
) -> pd.DataFrame:
    """Return values with how much they stand on, and columns of text as text."""
    import pandas as pd

    there = made.row >= 0
    hit = np.append(matched, False)[made.row]
    # Meetings lie item by item, and those of a group in their order.
    item = pd.factorize(pairs.meetings["item_id"])[0][place.meeting]
    new = np.diff(item, prepend=-1) != 0
    new |= np.diff(place.group, prepend=-1) != 0
    columns: dict[str, Any] = {
        name: pd.Series(made.names[name]).reindex(codes).to_numpy()
        for name, codes in made.keys.items()
    }
    columns["value"] = values
    for name, members in (
        ("n_items", place.group[new]),
        ("n_pairs", place.group),
        ("n_objects", made.group[there]),
        ("n_matched", made.group[hit]),
    ):
        columns[name] = np.bincount(members, minlength=made.many)
    found = pd.DataFrame(columns)
    if not by and found.empty:
        found.loc[0] = [np.nan, 0, 0, 0, 0]
    return _typed(found, columns_of(by), by)


def _typed(made: pd.DataFrame, names: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """Return groups as rows with their columns and dtypes."""
    for name in names:
        if name == "object":
            made[name] = made[name].astype("int64")
        elif name != "all":
            made[name] = made[name].astype("string")
    made["value"] = made["value"].astype("float64")
    for name in COUNTS:
        made[name] = made[name].astype("int64")
    return made[[*columns_of(by), "value", *COUNTS]]
