"""From a frame whose shapes are still as they lie in a COCO file to another one."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco.record_texts import Records, class_text, picture_text
from labelwidgets.formats.coco.row_tails import RowTails
from labelwidgets.formats.coco.row_texts import Factors, factors, row_ids
from labelwidgets.formats.coco.segment_texts import segment_texts
from labelwidgets.formats.coco.text_columns import Few, few_texts
from labelwidgets.formats.coco.undecoded import Segments
from labelwidgets.formats.coco.writer import Writer
from labelwidgets.formats.coco.writing import HOLDS
from labelwidgets.formats.frames import annotations_of
from labelwidgets.formats.lazy_shapes import ShapeArray
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.progress import counted
from labelwidgets.formats.registry import named
from labelwidgets.formats.results import Exported
from labelwidgets.formats.writing import Counts, Writing
from labelwidgets.media.option_names import check_options
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.ontology import Ontology

# That are written at once.
ROWS = 8192
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
    check_options(path, storage_options, named(write_frame))
    with no_collecting():
        output = Output(path, (), **storage_options)
        job = Writing(HOLDS, output, (), items=items, ontology=ontology, strict=strict)
        rows = None if ontology is None else _bare_rows(frame, job.clips, ontology)
        if rows is None:
            return None
        job.annotations = annotations_of(frame[~rows.bare])
        made = FrameWriter(job)
        made.take(frame, rows)

        def write() -> Counts:
            output.add_pieces("labels", made.pieces(supercategories or {}, category_fields or {}))
            return made.counts()

        return job.written(write)


class _Rows(NamedTuple):
    """Which rows of a frame can be written as they lie in a file."""

    bare: npt.NDArray[np.bool_]
    ids: Any
    items: Factors
    classes: Factors


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
    ids = shapes.decode.ids_of(frame["id"])
    if ids is None and (ids := row_ids(frame["id"])) is None:
        return None
    bare = _are_bytes(shapes.entries)
    items, classes = factors(frame["item_id"]), factors(frame["class_name"])
    sized: Container[str]
    if clips.pictures is not None:
        sized = frozenset(clips.pictures.ids)
    else:
        known = clips.items.values()
        sized = {item.id for item in known if item.size is not None and item.kind == "image"}
    bare &= _among(items, sized) & _among(classes, {made.name for made in ontology.classes})
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
        on, items = rows.items
        others = {number for number, item in enumerate(items) if item in self.labels_of}
        for number in others & set(np.unique(on[rows.bare]).tolist() if others else ()):
            # There is a picture of it, even if what else is on it is on frames.
            self.labels_of[items[number]].setdefault(None, [])

    def labels(self) -> Iterator[bytes | memoryview]:
        """Yield annotations, one or some with a comma before each, and count them."""
        others = iter(self.annotations)
        on, items = self.rows.items
        of, names = self.rows.classes
        images = (self.place.number((item, None)) for item in items)
        # Of what has none, no row is written from here.
        pictures = few_texts(b"" if one is None else picture_text(one) for one in images)
        classes = few_texts(class_text(self.made.category_ids.get(name, 0)) for name in names)
        numbers = [self.frame[name].to_numpy(np.float64) for name in _NUMBERS]
        shapes: Any = self.frame["geometry"].array
        for start in counted(range(0, len(on), ROWS), "Writing COCO", "piece"):
            bare = self.rows.bare[start : start + ROWS]
            places: Any = slice(start, start + len(bare))
            if not bare.all():
                places = np.flatnonzero(bare) + start
            *box, area = (one[places] for one in numbers)
            segments = segment_texts(shapes.entries[places], shapes.decode)
            records = Records(
                Few(pictures, on[places]),
                Few(classes, of[places]),
                np.stack(box, axis=1),
                area,
                [segments.texts],
                *self.tails.of(places, segments.is_code),
            )
            yield from self.mixed(records, bare.tolist(), others)


def _are_bytes(entries: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    several = entries.tolist()
    if set(map(type, several)) == {bytes}:
        # As nearly always.
        return np.ones(len(several), bool)
    return np.fromiter((type(one) is bytes for one in several), bool, len(several))


def _among(rows: Factors, known: Container[str]) -> npt.NDArray[np.bool_]:
    """Say of which rows the text is known."""
    there = [one in known for one in rows.texts]
    if all(there):
        # As nearly always.
        return rows.numbers >= 0
    # Of what is missing, too, which is the last one.
    found: npt.NDArray[np.bool_] = np.array([*there, False])[rows.numbers]
    return found
