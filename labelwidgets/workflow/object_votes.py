"""What raters say of each object: that it is there, and of which class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.schema.geometry import Ellipse, Point
from labelwidgets.workflow.pairs import objects_of, pairs_of
from labelwidgets.workflow.raters import Raters, raters_of

if TYPE_CHECKING:
    import pandas as pd

Indices: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

NOTHING = ""
"""What somebody says who has not drawn an object: no class has this name."""


class Objects(NamedTuple):
    """The objects of items, each with the labels that are views of it.

    Parameters
    ----------
    labels
        All labels with a class, index from 0.
    members
        For each object the rows of its labels, in the order in which they were made.
    items
        (O,) the item of each object.
    agreement
        (O,) mean overlap of all pairs of raters of the item, 0 where one of them has it not;
        NaN where there is one rater.
    raters
        By item, everybody who had a part in it, by the alphabet.
    """

    labels: pd.DataFrame
    members: list[list[int]]
    items: list[str]
    agreement: Floats
    raters: Mapping[str, list[str]]


def objects_in(
    annotations: pd.DataFrame,
    *,
    rater: str,
    items: Any,
    overlap: float,
    near: float,
    options: Mapping[str, Any] | None,
) -> Objects:
    """Return the objects that several raters have labelled, whatever class they gave them.

    Parameters
    ----------
    annotations
        With the columns item_id, class_name, geometry and `rater`.
    rater, items
        As for `raters_of`.
    overlap
        How much two labels have to overlap to be of one object, from 0 to 1.
    near
        Pixels that points of one object may be apart: they are compared as discs that overlap
        by a third at that distance.
    options
        Of overlaps; see `labelwidgets.workflow.overlaps.OPTIONS`.
    """
    shown = annotations[annotations["class_name"].notna().to_numpy()].reset_index(drop=True)
    people, part = raters_of(annotations, rater, items)
    raters = _by_item(people)
    taken = part[annotations["class_name"].notna().to_numpy()] >= 0
    labels = shown[taken].reset_index(drop=True)
    compared = _as_discs(labels, near)
    submitted = [(item, name) for item, names in raters.items() for name in names]
    pairs = pairs_of(
        compared.assign(_row=np.arange(len(compared))),
        "auto",
        rater=rater,
        items=submitted,
        across_classes=True,
        at_least=overlap,
        options=options,
    )
    rows = pairs.labels["_row"].to_numpy(np.int64)
    number = np.full(len(labels), -1, np.int64)
    found = objects_of(pairs)
    number[rows] = found
    count = int(found.max(initial=-1)) + 1
    # Shapes that nothing is compared with are each an object of its own.
    alone = np.flatnonzero(number < 0)
    number[alone] = count + np.arange(alone.size)
    members: list[list[int]] = [[] for _ in range(count + alone.size)]
    for row, made in enumerate(number.tolist()):
        members[made].append(row)
    ids = labels["item_id"].astype(str).tolist()
    of = [ids[some[0]] for some in members]
    heap = np.zeros(len(members))
    both = pairs.objects[(pairs.objects["a"] >= 0) & (pairs.objects["b"] >= 0)]
    a, b = found[both["a"].to_numpy()], found[both["b"].to_numpy()]
    same = a == b
    np.add.at(heap, a[same], both["overlap"].to_numpy()[same])
    meetings = np.array([len(raters[item]) * (len(raters[item]) - 1) / 2 for item in of])
    agreement = np.divide(heap, meetings, out=np.full(len(heap), np.nan), where=meetings > 0)
    return Objects(labels, members, of, agreement, raters)


class Said(NamedTuple):
    """Votes in rows: of which task (a number), by whom, and what."""

    task: list[Any]
    rater: list[str]
    value: list[Any]


def votes_of(objects: Objects, rater: str) -> Said:
    """Return one vote a rater and object: the class they gave it, or `NOTHING`."""
    names = objects.labels[rater].astype(str).tolist()
    classes = objects.labels["class_name"].astype(str).tolist()
    said = Said([], [], [])
    for number, rows in enumerate(objects.members):
        drawn = {names[row]: classes[row] for row in rows}
        # Those who drew it first, so that of equals the class that was given first wins.
        for name in [
            *drawn,
            *(one for one in objects.raters[objects.items[number]] if one not in drawn),
        ]:
            said.task.append(number)
            said.rater.append(name)
            said.value.append(drawn.get(name, NOTHING))
    return said


def _by_item(people: Raters) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {item: [] for item in people.items}
    for item, rater in zip(people.item.tolist(), people.rater.tolist(), strict=True):
        found[people.items[item]].append(people.names[rater])
    return found


def _as_discs(labels: pd.DataFrame, near: float) -> pd.DataFrame:
    """Return the labels with discs in place of points, which have nothing to overlap with."""
    shapes = labels["geometry"].tolist()
    if not any(isinstance(shape, Point) for shape in shapes):
        return labels
    # Discs of radius r whose centres are 0.53 r apart share half of what both cover.
    radius = near / 0.53 if near > 0 else 1e-6
    discs = np.empty(len(shapes), object)
    discs[:] = [
        Ellipse(shape.x, shape.y, radius, radius) if isinstance(shape, Point) else shape
        for shape in shapes
    ]
    kept = [name for name in labels.columns if name not in ("x", "y", "width", "height")]
    types = [shape.type for shape in discs]
    return labels[kept].assign(geometry=discs, geometry_type=types)
