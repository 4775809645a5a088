"""Labels of videos and sequences, one row for each frame that they are on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Interval, Track


class Pace(NamedTuple):
    """The frames of an item.

    Parameters
    ----------
    first, stop
        The first one that it is about, and the one after its last.
    pts
        Timestamps of all frames of its file; None of a sequence of images.
    """

    first: int
    stop: int
    pts: npt.NDArray[np.int64] | None


class _Stretch(NamedTuple):
    """A label on some frames."""

    made: Annotation
    frames: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float64]
    occluded: npt.NDArray[np.bool_]
    keyframe: npt.NDArray[np.bool_]
    attributes: list[Any]
    shapes: list[Any]
    kind: str


def frame_table(
    annotations: list[Annotation], pace: Callable[[str], Pace], shapes: bool = True
) -> pd.DataFrame:
    """Return one row for each label and frame that it is seen on; see `Project.frames`."""
    parts: list[_Stretch] = []
    paces: dict[str, Pace] = {}
    for made in annotations:
        if made.item_id not in paces:
            paces[made.item_id] = pace(made.item_id)
        parts += _stretches(made, paces[made.item_id], shapes)
    parts = [part for part in parts if len(part.frames)]
    sizes = [len(part.frames) for part in parts]

    def each(values: list[Any]) -> Any:
        return np.repeat(np.array(values, object), sizes)

    frames = _joined([part.frames for part in parts], np.int64)
    boxes = _joined([part.boxes for part in parts], np.float64).reshape(-1, 4)
    columns: dict[str, Any] = {
        "item_id": pd.array(each([part.made.item_id for part in parts]), dtype="string"),
        "frame": frames,
        "pts": _stamps(parts, paces),
        "id": pd.array(each([part.made.id for part in parts]), dtype="string"),
        "class_name": pd.array(each([part.made.class_name for part in parts]), dtype="string"),
        "geometry_type": pd.array(each([part.kind for part in parts]), dtype="string"),
        **{name: boxes[:, i] for i, name in enumerate(("x", "y", "width", "height"))},
        "occluded": _joined([part.occluded for part in parts], np.bool_),
        "keyframe": _joined([part.keyframe for part in parts], np.bool_),
        "attributes": _objects(parts, "attributes"),
    }
    if shapes:
        columns["geometry"] = _objects(parts, "shapes")
    table = pd.DataFrame(columns)
    return table.sort_values(["item_id", "frame"], kind="stable", ignore_index=True)


def _stretches(made: Annotation, pace: Pace, shapes: bool) -> Iterator[_Stretch]:
    geometry = made.geometry
    if isinstance(geometry, Track):
        seen = geometry.table(pace.stop, pace.first)
        found: list[Any] = []
        if shapes:
            found = [sight.geometry for _, sight in geometry.frames(pace.stop, pace.first)]
        answers = [
            {**made.attributes, **said} if made.attributes else said for said in seen.attributes
        ]
        yield _Stretch(
            made,
            seen.frames,
            seen.boxes,
            seen.occluded,
            seen.keyframe,
            answers,
            found,
            geometry.shape_type,
        )
        return
    if isinstance(geometry, Interval):
        frames = np.arange(max(geometry.first, pace.first), min(geometry.last + 1, pace.stop))
        box = (np.nan,) * 4
    elif made.frame is not None and pace.first <= made.frame < pace.stop:
        frames, box = np.array([made.frame]), geometry.bounds or (np.nan,) * 4
    else:
        return
    ends = [geometry.first, geometry.last] if isinstance(geometry, Interval) else frames
    yield _Stretch(
        made,
        frames,
        np.tile(box, (len(frames), 1)),
        np.zeros(len(frames), bool),
        np.isin(frames, ends),
        [made.attributes] * len(frames),
        [geometry] * len(frames),
        geometry.type,
    )


def _joined(parts: list[Any], kind: Any) -> npt.NDArray[Any]:
    return np.concatenate(parts).astype(kind, copy=False) if parts else np.zeros(0, kind)


def _objects(parts: list[_Stretch], name: str) -> npt.NDArray[np.object_]:
    values = [value for part in parts for value in getattr(part, name)]
    cells = np.empty(len(values), object)
    cells[:] = values
    return cells


def _stamps(parts: list[_Stretch], paces: dict[str, Pace]) -> Any:
    found = []
    for part in parts:
        pts = paces[part.made.item_id].pts
        found.append(
            pd.array([pd.NA] * len(part.frames), dtype="Int64")
            if pts is None
            else pd.array(pts[part.frames], dtype="Int64")
        )
    return pd.concat([pd.Series(one) for one in found]).array if found else pd.array([], "Int64")
