"""From a frame whose shapes are still as they lie in a COCO file to another one."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco.image_records import FRAME_NAME
from labelwidgets.formats.coco.record_texts import Records, class_text, picture_text
from labelwidgets.formats.coco.row_tails import RowTails
from labelwidgets.formats.coco.segment_texts import segment_texts
from labelwidgets.formats.coco.undecoded import Segments
from labelwidgets.formats.coco.writer import PIECE, Writer
from labelwidgets.formats.frames import annotations_of
from labelwidgets.formats.lazy_shapes import ShapeArray
from labelwidgets.formats.progress import counted
from labelwidgets.formats.results import Exported
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.ontology import Ontology

_NUMBERS = ("x", "y", "width", "height", "area")
_NEEDED = {"id", "item_id", "class_name", "geometry", *_NUMBERS}


def write_frame(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    supercategories: Mapping[str, str] | None = None,
    category_fields: Mapping[str, Mapping[str, Any]] | None = None,
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
    category_fields
        As for `labelwidgets.formats.coco.write`.

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
        rows = None if ontology is None else _bare_rows(frame, clips, ontology)
        if rows is None:
            return None
        others = annotations_of(frame[~rows.bare])
        writer = FrameWriter(others, clips, ontology, strict, None, None, "all", FRAME_NAME)
        writer.take(frame, rows)
        return writer.write(path, supercategories or {}, storage_options, category_fields)


class _Rows(NamedTuple):
    """Which rows of a frame can be written as they lie in a file."""

    bare: npt.NDArray[np.bool_]
    ids: list[Any]
    # The number of each row's item and class among those that occur.
    items: tuple[npt.NDArray[np.intp], list[str]]
    classes: tuple[npt.NDArray[np.intp], list[str]]


def _bare_rows(frame: pd.DataFrame, clips: Clips, ontology: Ontology) -> _Rows | None:
    """Return the rows that can be written as they lie in a file; None if there are none.

    What is wrong with a frame is left to who writes records.
    """
    shapes = frame["geometry"].array if "geometry" in frame.columns else None
    if (
        clips.frame is None
        or not isinstance(shapes, ShapeArray)
        or not isinstance(shapes.decode, Segments)
        or not set(frame.columns) >= _NEEDED
    ):
        return None
    ids: list[Any] | None = shapes.decode.ids_of(frame["id"])
    if ids is None:
        ids = frame["id"].to_numpy(object).tolist()
        if len(set(ids)) < len(ids):
            return None
    bare = np.fromiter(map(operator.is_, map(type, shapes.entries), repeat(bytes)), bool)
    items, classes = _factors(frame["item_id"]), _factors(frame["class_name"])
    known = clips.items.values()
    sized = {item.id: True for item in known if item.size is not None and item.kind == "image"}
    bare &= _spread(items, sized, False)
    bare &= _spread(classes, {made.name: True for made in ontology.classes}, False)
    bare &= frame["id"].notna().to_numpy()
    for name in _NUMBERS:
        bare &= np.isfinite(frame[name].to_numpy(np.float64))
    for name in ("frame", "pts"):
        if name in frame:
            bare &= frame[name].isna().to_numpy()
    return _Rows(bare, ids, items, classes) if bare.any() else None


class FrameWriter(Writer):
    """A writing of rows and records, each in its place."""

    def take(self, frame: pd.DataFrame, rows: _Rows) -> None:
        """Take the rows of a frame."""
        self.frame, self.rows = frame, rows
        self.tails = RowTails(frame, rows.ids)
        there = set(np.unique(rows.items[0][rows.bare]).tolist())
        for number, item in enumerate(rows.items[1]):
            if number in there:
                # There is a picture of it, even if nothing else is on it.
                self.labels_of[item].setdefault(None, [])

    def labels(self) -> Iterator[bytes]:
        """Yield annotations, one or some with commas between them, and count them."""
        others = iter(self.annotations)
        pictures = {
            item: picture_text(one["id"]) for (item, at), one in self.place.items() if at is None
        }
        classes = {name: class_text(id) for name, id in self.made.category_ids.items()}
        on, of = _spread(self.rows.items, pictures), _spread(self.rows.classes, classes)
        numbers = [self.frame[name].to_numpy(np.float64) for name in _NUMBERS]
        shapes: Any = self.frame["geometry"].array
        for start in counted(range(0, len(on), PIECE), "Writing COCO", "piece"):
            bare = self.rows.bare[start : start + PIECE]
            places: Any = slice(start, start + len(bare))
            if not bare.all():
                places = np.flatnonzero(bare) + start
            *box, area = (one[places] for one in numbers)
            segments = segment_texts(shapes.entries[places], shapes.decode)
            records = Records(
                on[places].tolist(),
                of[places].tolist(),
                np.stack(box, axis=1),
                area,
                segments.texts,
                *self.tails.of(places, segments.is_code),
            )
            yield from self.mixed(records, bare.tolist(), others)


def _factors(column: pd.Series[Any]) -> tuple[npt.NDArray[np.intp], list[str]]:
    codes, names = pd.factorize(column)
    return codes, list(names)


def _spread(
    factors: tuple[npt.NDArray[np.intp], list[str]], known: Mapping[str, Any], default: Any = None
) -> npt.NDArray[Any]:
    """Return for each row what is known of its text."""
    codes, names = factors
    # Of what is missing, too, which is the last one.
    values = [*(known.get(name, default) for name in names), default]
    return np.array(values, bool if default is False else object)[codes]
