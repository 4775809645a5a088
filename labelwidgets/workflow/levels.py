"""Values of objects brought together: by item, by pair of raters, by class and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

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
    rows, names = _rows(pairs, by)
    place = rows["row"].to_numpy()
    rows["value"] = np.append(values, empty)[place]
    parts = rows.groupby([*names, "meeting"], observed=True, dropna=False)["value"]
    means = parts.mean().groupby(level=names, observed=True, dropna=False).mean()
    return _finished(pairs, rows, names, matched, means, by)


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
    rows, names = _rows(pairs, by)
    finer = tuple(dict.fromkeys((*by, "class"))) if per_class else tuple(by)
    fine = rows if finer == tuple(by) else _rows(pairs, finer)[0]
    if not by:
        fine["all"] = 0
    fine_names = list(dict.fromkeys((*names, *columns_of(finer))))
    place = fine["row"].to_numpy()
    for name, column in numbers.items():
        fine[name] = np.append(column, 0.0)[place]
    grouped = fine.groupby(fine_names, observed=True, dropna=False)
    values = of(grouped[list(numbers)].sum())
    if fine is not rows:
        values = values.groupby(level=names, observed=True, dropna=False).mean()
    return _finished(pairs, rows, names, matched, values, by).fillna({"value": 1.0})


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
    return _typed(made, names, by)


def _rows(pairs: Pairs, by: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return each object in each group that it belongs to, and the columns of the groups.

    `row` is that of the object, -1 for a meeting without any.
    """
    import pandas as pd

    objects = pairs.objects
    meeting = objects["meeting"].to_numpy()
    row = np.arange(len(objects))
    columns: dict[str, Any] = {}
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
        for name, (codes, names) in sides.items():
            columns[name] = pd.Categorical.from_codes(codes[label], names)
    else:
        without = np.setdiff1d(np.arange(len(pairs.meetings)), meeting)
        meeting, row = np.append(meeting, without), np.append(row, np.full(without.size, -1))
    rows = pd.DataFrame({"meeting": meeting, "row": row, **columns})
    wanted = columns_of(by)
    if "rater" in by:
        first, second = rows.copy(), rows.copy()
        first["rater"] = _column(pairs, "rater_a", meeting)
        second["rater"] = _column(pairs, "rater_b", meeting)
        names = sorted(set(first["rater"].cat.categories) | set(second["rater"].cat.categories))
        for part in (first, second):
            part["rater"] = part["rater"].cat.set_categories(names)
        rows = pd.concat([first, second], ignore_index=True)
    for name in wanted:
        if name in ("item_id", "rater_a", "rater_b"):
            rows[name] = _column(pairs, name, rows["meeting"].to_numpy())
    if not wanted:
        rows["all"] = 0
    return rows, wanted or ["all"]


def _column(pairs: Pairs, name: str, meeting: Indices) -> pd.Categorical:
    import pandas as pd

    # Raters by the alphabet, items as they come.
    codes, names = pd.factorize(pairs.meetings[name], sort=name != "item_id")
    return pd.Categorical.from_codes(codes[meeting], names)


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
    rows: pd.DataFrame,
    names: list[str],
    matched: Bits,
    values: pd.Series[Any],
    by: Sequence[str],
) -> pd.DataFrame:
    """Return values with how much they stand on, and columns of text as text."""
    import pandas as pd

    place = rows["row"].to_numpy()
    rows["n_objects"] = place >= 0
    rows["n_matched"] = np.append(matched, False)[place]
    rows["n_items"] = pd.factorize(pairs.meetings["item_id"])[0][rows["meeting"].to_numpy()]
    grouped = rows.groupby(names, observed=True, dropna=False)
    made = pd.DataFrame(
        {
            "value": values,
            "n_items": grouped["n_items"].nunique(),
            "n_pairs": grouped["meeting"].nunique(),
            "n_objects": grouped["n_objects"].sum(),
            "n_matched": grouped["n_matched"].sum(),
        }
    )
    return _typed(made, names, by)


def _typed(made: pd.DataFrame, names: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """Return groups as rows with their columns and dtypes; one row where there are no levels."""
    if not by and made.empty:
        made.loc[0] = [np.nan, 0, 0, 0, 0]
    made = made.reset_index()
    for name in names:
        if name == "object":
            made[name] = made[name].astype("int64")
        elif name != "all":
            made[name] = made[name].astype("string")
    made["value"] = made["value"].astype("float64")
    for name in COUNTS:
        made[name] = made[name].astype("int64")
    return made[[*columns_of(by), "value", *COUNTS]]
