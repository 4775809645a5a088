"""Labels that are probably mistakes: tiny, beyond the picture, twice there, unlike their class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from labelwidgets.algorithms.batches import batches
from labelwidgets.algorithms.box_overlaps import box_ious

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("outside", "duplicate", "tiny", "size", "aspect")
COLUMNS = ("kind", "id", "task_id", "item_id", "class_name", "frame", "detail")

# A side of less pixels is a slip of the hand; so is what reaches so far out of the picture.
_SIDE = 3.0
_BEYOND = 1.0
# Boxes of a class that overlap so far are one object twice.
_SAME = 0.9
# How many median deviations from the median of the class, of classes with so many labels.
_FAR = 7.0
_ENOUGH = 20
_AT_ONCE = 2**20


def label_outliers(boxes: pd.DataFrame, sizes: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    """Return what is odd about labels, one row each; a work list for `project.annotate`.

    Parameters
    ----------
    boxes
        As `label_boxes` has them.
    sizes
        (width, height) of items, where they are known.

    Returns
    -------
    pandas.DataFrame
        kind (string: ``outside``: it reaches out of its picture; ``duplicate``: of another label
        of its class, on the same picture; ``tiny``: a side of less than 3 pixels; ``size`` and
        ``aspect``: very unlike others of its class), id, task_id, item_id, class_name (string),
        frame (Int64) and detail (string).
    """
    import pandas as pd

    some = boxes[boxes["area"].gt(0) | boxes["geometry_type"].isin(["keypoints", "track"])]
    some = some[some["width"].notna()].reset_index(drop=True)
    found = [_outside(some, sizes), _duplicates(some), _tiny(some), *_unlike(some)]
    made = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    kinds = dict.fromkeys(COLUMNS, "string") | {"frame": "Int64"}
    return made.reindex(columns=list(COLUMNS)).astype(kinds)


def _rows(some: pd.DataFrame, at: Any, kind: str, detail: list[str]) -> pd.DataFrame:
    names = ["id", "task_id", "item_id", "class_name", "frame"]
    rows: pd.DataFrame = some.loc[at, names]
    return rows.assign(kind=kind, detail=detail)


def _outside(some: pd.DataFrame, sizes: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    ends = np.array([sizes.get(str(item), (np.inf, np.inf)) for item in some["item_id"]])
    ends = ends.reshape(-1, 2).astype(np.float64)
    right, bottom = some["x"] + some["width"], some["y"] + some["height"]
    beyond = np.maximum.reduce(
        [-some["x"], -some["y"], right - ends[:, 0], bottom - ends[:, 1], np.zeros(len(some))]
    )
    at = np.flatnonzero(beyond > _BEYOND)
    return _rows(some, at, "outside", [f"by {beyond[n]:.0f} pixels" for n in at])


def _duplicates(some: pd.DataFrame) -> pd.DataFrame:
    still = some[some["geometry_type"] != "track"]
    keys = [still["item_id"], still["frame"].fillna(-1), still["class_name"]]
    order = still.assign(_key=still.groupby(keys, sort=False).ngroup()).sort_values(
        "_key", kind="stable"
    )
    counts = order["_key"].value_counts(sort=False).sort_index().to_numpy(np.int64)
    first = np.cumsum(counts) - counts
    kept = counts > 1
    first, counts = first[kept], counts[kept]
    corners = order[["x", "y", "width", "height"]].to_numpy(np.float64)
    names = order["id"].to_numpy(object)
    index = order.index.to_numpy()
    at: list[int] = []
    detail: list[str] = []
    for part in batches(counts * counts, _AT_ONCE):
        starts, sizes = first[part], counts[part]
        ious = box_ious(corners, starts, sizes, starts, sizes)
        begin = 0
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
            table = ious[begin : begin + size * size].reshape(size, size)
            begin += size * size
            # Of two that are the same, the later one is told.
            before = np.tril(table, -1)
            for row in np.flatnonzero(before.max(axis=1) >= _SAME):
                other = int(before[row].argmax())
                at.append(int(index[start + row]))
                detail.append(f"of {names[start + other]}, IoU {before[row, other]:.2f}")
    return _rows(some, at, "duplicate", detail)


def _tiny(some: pd.DataFrame) -> pd.DataFrame:
    width, height = some["width"].to_numpy(), some["height"].to_numpy()
    at = np.flatnonzero(np.minimum(width, height) < _SIDE)
    return _rows(some, at, "tiny", [f"{width[n]:.1f} x {height[n]:.1f} pixels" for n in at])


def _unlike(some: pd.DataFrame) -> list[pd.DataFrame]:
    sound = some[(some["width"] >= _SIDE) & (some["height"] >= _SIDE)]
    if sound.empty:
        return []
    wide, tall = sound["width"].map(np.log), sound["height"].map(np.log)
    measures = {
        "size": ((wide + tall) / 2, "the usual size"),
        "aspect": (wide - tall, "the usual width to height"),
    }
    found = []
    for kind, (values, what) in measures.items():
        grouped = values.groupby(sound["class_name"])
        middle = grouped.transform("median")
        apart = (values - middle).abs()
        spread = apart.groupby(sound["class_name"]).transform("median")
        many = grouped.transform("size") >= _ENOUGH
        # Where most are alike to the pixel, what is not yet twice as large is no outlier.
        far = many & (apart > _FAR * spread.clip(lower=0.1))
        at = sound.index[far]
        times = (values[far] - middle[far]).map(np.exp)
        found.append(_rows(some, at, kind, [f"{one:.2g} times {what}" for one in times]))
    return found
