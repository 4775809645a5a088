"""What a consensus comes to, as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from labelwidgets.algorithms.crowd import Answers
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.workflow.page_tables import STYLE, number, table

if TYPE_CHECKING:
    from labelwidgets.workflow.object_votes import Said

_TEXT = ("id", "item_id", "class_name", "geometry_type", "reason")
_CELLS = ("drawn_by", "sources", "geometry")
_SHOWN = (
    *("class_name", "item_id", "frame", "drawn_by", "agreement", "posterior", "certainty"),
    *("fused", "reason"),
)
_COLUMNS = (
    *("id", "item_id", "frame", "class_name", "geometry_type", "raters", "drawn_by", "agreement"),
    *("posterior", "present", "certainty", "fused", "reason", "sources", "geometry"),
)


@dataclass(frozen=True)
class Agreed:
    """What several people's labels come to.

    Attributes
    ----------
    annotations : list of Annotation
        New ones, one for each object that is kept, with the confidence that it is so; their
        origin says which labels they are made of.
    objects : pandas.DataFrame
        One row for each object that anybody has labelled: id (of the new annotation, missing
        where it is not kept), item_id, class_name, geometry_type (string), frame (Int64), raters
        (how many had the item before them, int64), drawn_by (list of names), agreement (mean
        overlap of all pairs of raters, 0 for a pair of whom one has it not), posterior (how
        likely it is there and of that class), present (how likely it is there), certainty (how
        likely the likeliest answer is, that there is nothing among them; float64), fused
        (whether it is kept, bool), reason (why it is not, string), sources (ids of its labels)
        and geometry (the fused shape).
    items : pandas.DataFrame
        One row an item: item_id (string), raters, objects, fused (int64), agreement (mean over
        its objects), certainty (of the least certain one; float64) and enough (whether it needs
        no further rater, bool).
    ability : pandas.DataFrame
        One row a rater: rater (string), votes, drawn (int64), ability (what the method says),
        recall and precision (of the objects that are there), sensitivity and specificity (of
        pixels, by STAPLE, mean over masks; float64).
    method : str
        How votes became answers.
    """

    annotations: list[Annotation]
    objects: pd.DataFrame
    items: pd.DataFrame
    ability: pd.DataFrame
    method: str

    def __repr__(self) -> str:
        kept, all_of_them = len(self.annotations), len(self.objects)
        return (
            f"Agreed({self.method}: {kept} of {numbered(all_of_them, 'object')} of "
            f"{numbered(len(self.items), 'item')}, "
            f"{numbered(len(self.ability), 'rater')})"
        )

    def _repr_html_(self) -> str:
        tables = _table("Raters", self.ability) + _table("Objects", self.objects[[*_SHOWN]])
        return f'<div style="{STYLE}"><p>{escape(repr(self))}</p>{tables}</div>'


def _table(title: str, frame: pd.DataFrame) -> str:
    """Return the columns of a frame that say anything as a table of a page."""
    said = frame.dropna(axis="columns", how="all")
    rows = [tuple(map(_told, row)) for row in said.itertuples(index=False, name=None)]
    return table(title, list(said.columns), rows)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return "" if pd.isna(value) else number(value)


def object_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the frame `Agreed.objects`, with its dtypes when it is empty as well."""
    columns: dict[str, Any] = {}
    for name in _COLUMNS:
        values = [row[name] for row in rows]
        if name in _TEXT:
            columns[name] = pd.array(values, dtype="string")
        elif name == "frame":
            columns[name] = pd.array(values, dtype="Int64")
        elif name in _CELLS:
            cells = np.empty(len(values), object)
            for place, value in enumerate(values):
                cells[place] = value
            columns[name] = cells
        else:
            kind = {"raters": np.int64, "fused": np.bool_}.get(name, np.float64)
            columns[name] = np.array(values, dtype=kind)
    return pd.DataFrame(columns)


def item_frame(
    objects: pd.DataFrame, raters: Mapping[str, int], enough: Mapping[str, bool]
) -> pd.DataFrame:
    """Return the frame `Agreed.items`."""
    names = list(dict.fromkeys([*raters, *objects["item_id"].tolist()]))
    grouped = objects.groupby("item_id", sort=False)
    counts = grouped.size().reindex(names, fill_value=0)
    return pd.DataFrame(
        {
            "item_id": pd.array(names, dtype="string"),
            "raters": np.array([raters.get(name, 0) for name in names], np.int64),
            "objects": counts.to_numpy(np.int64),
            "fused": grouped["fused"].sum().reindex(names, fill_value=0).to_numpy(np.int64),
            "agreement": grouped["agreement"].mean().reindex(names).to_numpy(np.float64),
            "certainty": grouped["certainty"].min().reindex(names).to_numpy(np.float64),
            "enough": np.array([enough.get(name, False) for name in names], bool),
        }
    )


def ability_frame(
    answers: Answers | None,
    said: Said,
    pixels: Mapping[str, Sequence[tuple[float, float]]],
    nothing: str,
) -> pd.DataFrame:
    """Return the frame `Agreed.ability`, the ablest first."""
    names = [] if answers is None else [str(name) for name in answers.workers.tolist()]
    place = {name: number for number, name in enumerate(names)}
    votes, drawn = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    found, there = np.zeros(len(names)), np.zeros(len(names))
    if answers is not None:
        absent = np.flatnonzero(answers.labels == nothing)
        present = 1 - answers.posterior[:, absent].sum(axis=1)
        who = np.array([place[name] for name in said.rater])
        drew = np.array([value != nothing for value in said.value])
        chance = present[np.array(said.task)]
        np.add.at(votes, who, 1)
        np.add.at(drawn, who[drew], 1)
        np.add.at(found, who[drew], chance[drew])
        np.add.at(there, who, chance)
    means = [
        np.mean(pixels[name], axis=0) if name in pixels else (np.nan, np.nan) for name in names
    ]
    seen = np.array(means, np.float64).reshape(-1, 2)
    nan = np.full(len(names), np.nan)
    frame = pd.DataFrame(
        {
            "rater": pd.array(names, dtype="string"),
            "votes": votes,
            "drawn": drawn,
            "ability": nan if answers is None else answers.ability.astype(np.float64),
            "recall": np.divide(found, there, out=nan.copy(), where=there > 0),
            "precision": np.divide(found, drawn, out=nan.copy(), where=drawn > 0),
            "sensitivity": seen[:, 0],
            "specificity": seen[:, 1],
        }
    )
    return frame.sort_values("ability", ascending=False, kind="stable", ignore_index=True)
