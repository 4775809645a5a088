"""What raters said: tags, classes of objects and answers to questions, unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labelwidgets.errors import SchemaError
from labelwidgets.workflow.levels import averages
from labelwidgets.workflow.measures import Asked, Measure
from labelwidgets.workflow.pairs import objects_of
from labelwidgets.workflow.raters import later_in_group, raters_of

Indices: TypeAlias = NDArray[np.int64]
Levels: TypeAlias = tuple[str, ...]

COLUMNS = ("item_id", "unit", "rater", "class_name", "attribute", "answer")


def answers_of(asked: Asked, on: str = "class") -> pd.DataFrame:
    """Return what each rater said of each unit that he or she saw; what chance is corrected for.

    Parameters
    ----------
    asked
        Whose answers; its threshold says which shapes are the same object.
    on
        "tag": a unit is an item (and frame) that anybody tagged, an answer the classes of the
        tags, joined by ", " ("" of who gave none). "class": a unit is an object, an answer its
        class. "attributes", or the name of one: a unit is an attribute of an object or of the
        item, an answer what was chosen (of several, joined by ", ").

    Returns
    -------
    DataFrame
        item_id (string), unit (int64, from 0; object in its item are in order), rater,
        class_name, attribute and answer (string; those that do not apply are missing).

    Raises
    ------
    SchemaError
        If no label has the attribute.
    """
    if on == "tag":
        return _tags(asked)
    labels, unit = _objects(asked, across_classes=on == "class")
    if on == "class":
        placed = labels["class_name"].notna() & (labels["geometry_type"] != "tag")
        found = labels[placed.to_numpy()]
        return _frame(found, unit[placed.to_numpy()], found["class_name"], asked.rater)
    return _attributes(asked, labels, unit, None if on == "attributes" else on)


def _objects(asked: Asked, across_classes: bool) -> tuple[pd.DataFrame, Indices]:
    pairs = asked.pairs("auto", across_classes, asked.threshold)
    labels = pairs.labels
    if "class_name" not in labels.columns:
        labels = labels.assign(class_name=pd.array([pd.NA] * len(labels), dtype="string"))
    types = labels["geometry"].map(lambda shape: getattr(shape, "type", ""))
    return labels.assign(geometry_type=types), objects_of(pairs)


def _tags(asked: Asked) -> pd.DataFrame:
    annotations = asked.annotations.reset_index(drop=True)
    people, part = raters_of(annotations, asked.rater, asked.items)
    types = annotations["geometry"].map(lambda shape: getattr(shape, "type", ""))
    named = annotations["class_name"].notna() if "class_name" in annotations.columns else False
    kept = np.flatnonzero((part >= 0) & (types == "tag").to_numpy() & np.asarray(named))
    tags = annotations.iloc[kept]
    frame = np.full(kept.size, -1, np.int64)
    if "frame" in tags.columns:
        frame = tags["frame"].fillna(-1).to_numpy(np.int64)
    said: dict[tuple[int, int], dict[int, set[str]]] = {}
    for item, at, who, name in zip(
        people.item[part[kept]].tolist(),
        frame.tolist(),
        part[kept].tolist(),
        tags["class_name"].tolist() if kept.size else [],
        strict=True,
    ):
        said.setdefault((item, at), {}).setdefault(who, set()).add(str(name))
    rows = [
        (people.items[item], unit, people.names[people.rater[who]], ", ".join(sorted(given)))
        for unit, ((item, _), by_rater) in enumerate(said.items())
        for who in range(people.first[item], people.first[item] + people.size[item])
        for given in (by_rater.get(who, set()),)
    ]
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    made = pd.DataFrame({"item_id": columns[0], "unit": columns[1], "rater": columns[2]})
    made["class_name"] = pd.NA
    made["attribute"] = pd.NA
    made["answer"] = columns[3]
    return _typed(made)


def _attributes(
    asked: Asked, labels: pd.DataFrame, unit: Indices, only: str | None
) -> pd.DataFrame:
    if "attributes" not in labels.columns:
        raise SchemaError("is no column of the annotations.", where="'attributes'")
    rows: list[int] = []
    names: list[str] = []
    answers: list[str] = []
    for row, given in enumerate(labels["attributes"].tolist()):
        for name, answer in given.items() if isinstance(given, Mapping) else ():
            if only is None or name == only:
                rows.append(row)
                names.append(name)
                several = isinstance(answer, list | tuple | set)
                answers.append(", ".join(sorted(map(str, answer))) if several else str(answer))
    if only is not None and not rows and len(labels):
        raise SchemaError(f"no label has the attribute {only!r:.60}.", where="on")
    found = labels.iloc[rows]
    # An attribute of an object is a unit of its own.
    key = pd.DataFrame({"object": unit[rows], "attribute": names})
    number = np.asarray(key.groupby(["object", "attribute"], sort=True).ngroup(), np.int64)
    return _frame(found, number, pd.Series(answers, dtype="object"), asked.rater, names)


def _frame(
    labels: pd.DataFrame, unit: Indices, answers: pd.Series[Any], rater: str, names: Any = pd.NA
) -> pd.DataFrame:
    made = pd.DataFrame({"item_id": labels["item_id"].to_numpy(object), "unit": unit})
    made["rater"] = labels[rater].to_numpy(object)
    made["class_name"] = labels["class_name"].to_numpy(object)
    made["attribute"] = names
    made["answer"] = answers.to_numpy(object)
    # Who tagged an item twice with the same class has said it once.
    return _typed(made.drop_duplicates(["unit", "rater"]))


def _typed(made: pd.DataFrame) -> pd.DataFrame:
    kinds = {name: "int64" if name == "unit" else "string" for name in COLUMNS}
    return made.astype(kinds).sort_values(["unit", "rater"], kind="stable", ignore_index=True)


def _percent(asked: Asked, by: Levels) -> pd.DataFrame:
    """Return the share of equal answers of two raters of the same unit."""
    on = asked.options.get("on", "class")
    if not isinstance(on, str):
        raise SchemaError(f"must be 'tag', 'class', 'attributes' or a name, not {on!r:.60}.")
    given = answers_of(asked, on)
    unit = given["unit"].to_numpy()
    # Units are whole numbers in order, but not all of them have an answer.
    group = np.unique(unit, return_inverse=True)[1].reshape(-1)
    ends = np.cumsum(np.bincount(group)) if group.size else np.empty(0, np.int64)
    one, other = later_in_group(ends, group)
    first, second = given.iloc[one].reset_index(drop=True), given.iloc[other].reset_index(drop=True)
    rows = pd.DataFrame({"item_id": first["item_id"], "row": np.arange(len(first))})
    rows["rater_a"], rows["rater_b"] = first["rater"], second["rater"]
    rows["class_name"], rows["attribute"] = first["class_name"], first["attribute"]
    rows["object"] = unit[one]
    rows["value"] = (first["answer"] == second["answer"]).to_numpy(np.float64)
    if "class" in by:
        apart = (first["class_name"] != second["class_name"]).fillna(False).to_numpy(bool)
        extra = rows[apart].assign(class_name=second["class_name"][apart])
        rows = pd.concat([rows, extra], ignore_index=True)
    return averages(rows, by)


MEASURES: Mapping[str, Measure] = {
    "percent": Measure(
        _percent,
        frozenset({"item", "task", "pair", "rater", "class", "object", "attribute"}),
        frozenset({"on", "across_classes", "sigmas", "thickness", "dilation"}),
    )
}
"""Agreement on answers that is not corrected for chance."""
