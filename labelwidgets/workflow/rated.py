"""What raters answered about the same things: classes of objects, tags of items, attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.errors import SchemaError
from labelwidgets.workflow.measures import Asked
from labelwidgets.workflow.pairs import objects_of
from labelwidgets.workflow.raters import raters_of

if TYPE_CHECKING:
    import pandas as pd

Indices: TypeAlias = NDArray[np.int64]

CLASS, TAGS = "class", "tag"
MISSED = "(none)"
"""What a rater says of an object that he has not marked, where that counts as an answer."""


def rated(asked: Asked, on: str) -> pd.DataFrame:
    """Return one row for each thing and each rater who says something of it.

    Parameters
    ----------
    asked
        Whose answers. Of its options, ``overlap`` says how objects are matched, and ``missed``
        that to have missed one is an answer too.
    on
        "class" (of objects that lie at one place, whatever they are called), "tag" (those of an
        item or frame together, as a set), or the name of an attribute.

    Returns
    -------
    DataFrame
        item_id, rater (object), unit (int64, from 0) and value (object, not None; lists are
        sets).
    """
    if on == TAGS:
        return _tags(asked)
    pairs = asked.pairs(asked.options.get("overlap", "auto"), on == CLASS, asked.threshold)
    labels, objects = pairs.labels, objects_of(pairs)
    tags = _tagged(labels)
    if on == CLASS:
        kept = ~tags
        if "class_name" not in labels.columns:
            raise SchemaError("is no column of the annotations.", where="'class_name'")
        values = labels["class_name"].astype(object).to_numpy()
    else:
        kept = np.ones(len(labels), np.bool_)
        values = _attribute(labels, on)
    found = _frame(labels, objects, values, asked.rater)[kept]
    if on == CLASS and asked.options.get("missed"):
        found = _with_missed(found, asked)
    there = [value is not None and value == value for value in found["value"].tolist()]
    found = found[np.array(there, np.bool_)].copy()
    found["unit"] = np.unique(found["unit"].to_numpy(np.int64), return_inverse=True)[1]
    return found.reset_index(drop=True)


def attributes_of(annotations: pd.DataFrame) -> list[str]:
    """Return the names of all attributes that somebody answered, by the alphabet."""
    if "attributes" not in annotations.columns:
        return []
    return sorted({name for given in annotations["attributes"] if given for name in given})


def _attribute(labels: pd.DataFrame, name: str) -> NDArray[Any]:
    if "attributes" not in labels.columns:
        raise SchemaError("is no column of the annotations.", where="'attributes'")
    given = [_hashable((answer or {}).get(name)) for answer in labels["attributes"]]
    if given and all(answer is None for answer in given):
        raise SchemaError(
            f"no label has the attribute {name!r:.60}.",
            where="on",
            hint='by="attribute" has a row for each that there is.',
        )
    values = np.empty(len(given), object)
    values[:] = given
    return values


def _hashable(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list | tuple | set) else value


def _frame(labels: pd.DataFrame, unit: Indices, values: Any, rater: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "item_id": labels["item_id"].astype(object).to_numpy(),
            "rater": labels[rater].astype(str).astype(object).to_numpy(),
            "unit": unit,
            "value": pd.Series(values, dtype=object),
        }
    )


def _tagged(labels: pd.DataFrame) -> NDArray[np.bool_]:
    kinds = [getattr(shape, "type", "") == "tag" for shape in labels["geometry"]]
    return np.array(kinds, np.bool_)


def _looked(asked: Asked) -> pd.DataFrame:
    """Return who took part in which item: item_id, rater."""
    import pandas as pd

    people, _ = raters_of(asked.annotations, asked.rater, asked.items)
    ids, names = np.array(people.items, object), np.array(people.names, object)
    return pd.DataFrame({"item_id": ids[people.item], "rater": names[people.rater]}, dtype=object)


def _with_missed(found: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Return also what is said by those who saw the item and have no mark of an object."""
    every = found[["item_id", "unit"]].drop_duplicates().merge(_looked(asked), on="item_id")
    made = every.merge(found, on=["item_id", "unit", "rater"], how="left")
    made["value"] = made["value"].where(made["value"].notna(), MISSED)
    return made


def _tags(asked: Asked) -> pd.DataFrame:
    import pandas as pd

    labels = asked.annotations
    for column in ("item_id", "class_name", "geometry", asked.rater):
        if column not in labels.columns:
            raise SchemaError("is no column of the annotations.", where=repr(column)[:60])
    looked = _looked(asked)
    looked["item_id"] = looked["item_id"].astype(str)
    # Answers about a whole image are tags without a class.
    kept = _tagged(labels) & labels["class_name"].notna().to_numpy(np.bool_)
    kept &= labels[asked.rater].notna().to_numpy(np.bool_)
    tags = labels[kept]
    frame = tags["frame"] if "frame" in tags.columns else pd.Series(pd.NA, tags.index, "Int64")
    said = pd.DataFrame(
        {
            "item_id": tags["item_id"].astype(str).astype(object),
            "rater": tags[asked.rater].astype(str).astype(object),
            "frame": pd.to_numeric(frame).fillna(-1).astype("int64"),
            "value": tags["class_name"].astype(object),
        }
    )
    # A frame that somebody tagged is one that all who saw the item could have tagged.
    places = said[["item_id", "frame"]].drop_duplicates()
    rest = looked.loc[~looked["item_id"].isin(places["item_id"]), ["item_id"]].drop_duplicates()
    places = pd.concat([places, rest.assign(frame=-1)], ignore_index=True)
    every = places.assign(unit=np.arange(len(places))).merge(looked, on="item_id")
    sets = {
        key: frozenset(names)
        for key, names in said.groupby(["item_id", "frame", "rater"])["value"].agg(list).items()
    }
    keys = zip(every["item_id"], every["frame"], every["rater"], strict=True)
    values = np.empty(len(every), object)
    values[:] = [sets.get(key, frozenset()) for key in keys]
    every["value"] = pd.Series(values, every.index, dtype=object)
    return every[["item_id", "rater", "unit", "value"]]
