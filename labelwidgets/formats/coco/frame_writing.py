"""From a frame whose shapes are still as they lie in a COCO file to another one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import UNSET, UnsetType

from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco.frames import Segments
from labelwidgets.formats.coco.writing import Writer
from labelwidgets.formats.frames import annotations_of
from labelwidgets.formats.lazy_shapes import ShapeArray
from labelwidgets.formats.progress import counted
from labelwidgets.formats.results import Exported
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.ontology import Ontology

_encode = msgspec.json.Encoder().encode
# Rows that are encoded at once.
_PIECE = 10_000
_MORE = ("track_id", "task_id", "author", "state", "created_at", "updated_at", "revision")
_DEFAULTS = {"state": "editable", "revision": 0}
_NEEDED = {"id", "item_id", "class_name", "geometry", "area", "x", "y", "width", "height"}


def write_frame(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    supercategories: Mapping[str, str] | None = None,
    **storage_options: Any,
) -> Exported | None:
    """Write a frame that `labelwidgets.formats.coco.read_frame` gave, without decoding its shapes.

    Boxes and areas are those of the frame's columns.

    Parameters
    ----------
    frame
        The labels, or some of them; columns may have been changed.
    path, items, ontology, strict, supercategories, **storage_options
        As for `labelwidgets.formats.write`.

    Returns
    -------
    Exported or None
        None where the frame is none of these: nothing is written then.

    Raises
    ------
    FormatError, SourceError
        As for `labelwidgets.formats.coco.write`.
    """
    with no_collecting():
        clips = Clips(items, None)
        bare = None if ontology is None else _bare_rows(frame, clips, ontology)
        if bare is None:
            return None
        others = annotations_of(frame[~bare])
        writer = _FrameWriter(others, clips, ontology, strict, None, None, "all")
        writer.take(frame, bare)
        return writer.write(path, supercategories or {}, storage_options)


def _bare_rows(
    frame: pd.DataFrame, clips: Clips, ontology: Ontology
) -> npt.NDArray[np.bool_] | None:
    """Return which rows can be written as they lie in a file; None if that is not worth a thought.

    What is wrong with a frame is left to who writes records.
    """
    shapes = frame["geometry"].array if "geometry" in frame.columns else None
    if (
        clips.frame is None
        or not isinstance(shapes, ShapeArray)
        or not isinstance(shapes.decode, Segments)
        or not set(frame.columns) >= _NEEDED
        or frame["id"].duplicated().any()
    ):
        return None
    items = clips.items.values()
    sized = {item.id: 1 for item in items if item.size is not None and item.kind == "image"}
    classes = {made.name: 1 for made in ontology.classes}
    bare: npt.NDArray[np.bool_] = np.array(
        [type(one) is msgspec.Raw for one in shapes.entries.tolist()], bool
    )
    bare &= (_numbers(frame["item_id"], sized) & _numbers(frame["class_name"], classes)) == 1
    for name in ("x", "y", "width", "height", "area"):
        bare &= np.isfinite(frame[name].to_numpy(np.float64))
    for name in ("frame", "pts"):
        if name in frame:
            bare &= frame[name].isna().to_numpy()
    return bare if bare.any() else None


class _Extension(msgspec.Struct, omit_defaults=True, gc=False):
    """What labelwidgets adds to a record."""

    id: str
    origin: msgspec.Raw
    track_id: str | None = None
    task_id: str | None = None
    author: str | None = None
    state: str = "editable"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0


class _Record(msgspec.Struct, gc=False):
    """An annotation as it is written."""

    id: int
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    area: float
    segmentation: msgspec.Raw
    labelwidgets: _Extension
    attributes: Any = UNSET
    score: float | UnsetType = UNSET
    iscrowd: int = 0


class _FrameWriter(Writer):
    """A writing of rows and records, each in its place."""

    def take(self, frame: pd.DataFrame, bare: npt.NDArray[np.bool_]) -> None:
        """Take the rows of a frame."""
        self.rows, self.bare = frame, bare
        # What is not there, or the same as nothing everywhere, is not asked for row by row.
        self.more = [name for name in _MORE if name in frame and _is_given(frame[name], name)]
        self.answers = "attributes" in frame and any(frame["attributes"])
        for item in frame["item_id"][bare].unique():
            # There is a picture of it, even if nothing else is on it.
            self.labels_of[item].setdefault(None, [])

    def labels(self) -> Iterator[bytes]:
        """Yield annotations, one or some with commas between them, and count them."""
        others = iter(self.annotations)
        pictures = {item: one["id"] for (item, frame), one in self.place.items() if frame is None}
        images = _numbers(self.rows["item_id"], pictures)
        classes = _numbers(self.rows["class_name"], self.category_ids)
        pieces = range(0, len(self.rows), _PIECE)
        for start in counted(pieces, "Writing COCO", "piece"):
            piece = slice(start, start + _PIECE)
            bare = self.bare[piece]
            rows = self.rows.iloc[piece]
            made = self._records(rows, images[piece].tolist(), classes[piece].tolist())
            if not bare.all():
                yield from self._mixed(made, bare.tolist(), others)
                continue
            self.count += len(made)
            yield _encode(made)[1:-1]

    def _mixed(
        self, made: list[_Record], bare: list[bool], others: Iterator[Annotation]
    ) -> Iterator[bytes]:
        for record, is_bare in zip(made, bare, strict=True):
            if not is_bare:
                yield from self.encoded(next(others))
                continue
            self.count += 1
            record.id = self.count
            yield _encode(record)

    def _records(self, rows: pd.DataFrame, images: list[int], classes: list[int]) -> list[_Record]:
        """Return rows as records; of those that are not bare it does not matter what."""
        box = zip(*(rows[name].tolist() for name in ("x", "y", "width", "height")), strict=True)
        own = self._extensions(rows)
        shapes: Any = rows["geometry"].array
        numbers = range(self.count + 1, self.count + 1 + len(rows))
        # Of columns, without a step of Python for each record.
        made = list(
            map(
                _Record,
                *(numbers, images, classes, box, rows["area"].tolist()),
                *(shapes.entries.tolist(), own),
            )
        )
        if self.answers:
            for record, answers in zip(made, rows["attributes"].tolist(), strict=True):
                record.attributes = answers or UNSET
        if "confidence" in rows and rows["confidence"].notna().any():
            for record, score in zip(made, _values(rows["confidence"]), strict=True):
                record.score = UNSET if score is None else score
        return made

    def _extensions(self, rows: pd.DataFrame) -> list[_Extension]:
        kinds = rows["origin"] if "origin" in rows else pd.Series(["hand"] * len(rows))
        codes, names = pd.factorize(kinds)
        origins = [msgspec.Raw(_encode(Origin(kind))) for kind in names]
        of_rows = [origins[code] for code in codes] if len(origins) > 1 else repeat(origins[0])
        own = list(map(_Extension, rows["id"].to_numpy(object).tolist(), of_rows))
        for name in self.more:
            for extension, value in zip(own, _values(rows[name]), strict=True):
                if value is not None:
                    setattr(extension, name, value)
        return own


def _numbers(column: pd.Series[Any], known: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """Return the number of each text, 0 of one that has none."""
    codes, names = pd.factorize(column)
    # Of what is missing, too, which is the last one.
    return np.array([*(known.get(name, 0) for name in names), 0], np.int64)[codes]


def _is_given(column: pd.Series[Any], name: str) -> bool:
    if name in _DEFAULTS:
        return not bool((column == _DEFAULTS[name]).all())
    return bool(column.notna().any())


def _values(column: pd.Series[Any]) -> list[Any]:
    missing = column.isna()
    if hasattr(column, "dt"):
        # JSON has Python's own moments.
        return [None if one is pd.NaT else one.to_pydatetime() for one in column]
    if not missing.any():
        return column.tolist()
    return column.astype(object).where(~missing, None).tolist()
