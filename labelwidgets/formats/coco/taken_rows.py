"""The rows of a frame that were taken of a COCO file, and what only some of them have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.formats.coco.categories import Entry
from labelwidgets.formats.coco.places import Place
from labelwidgets.formats.coco.plain_rows import KINDS, Rows, Said, joined
from labelwidgets.formats.coco.undecoded import Segments
from labelwidgets.formats.label_frames import ascii_column, coded, label_frame
from labelwidgets.formats.lazy_shapes import ShapeArray
from labelwidgets.schema.ids import new_ids


class TakenRows:
    """Rows of a file, of which columns are made.

    Parameters
    ----------
    places
        Of the pictures, by the numbers that rows have of them.
    entries, names
        The categories likewise, and what their classes are called now.
    segments
        Decodes shapes.

    Attributes
    ----------
    count
        How many rows there are.
    scores, object_ids, given, said
        By row: its confidence, what its object is called, its answers, and what labelwidgets
        says of it.
    """

    def __init__(
        self,
        places: Sequence[Place],
        entries: Sequence[Entry],
        names: Sequence[str],
        segments: Segments,
    ) -> None:
        self._places, self._entries, self._names = places, entries, names
        self._segments = segments
        self._rows: list[Rows] = []
        self.count = 0
        self.scores: dict[int, float] = {}
        self.object_ids: dict[int, str] = {}
        self.given: dict[int, Any] = {}
        self.said: dict[int, Said] = {}

    def add(self, rows: Rows) -> None:
        """Add rows, but for those of no kind."""
        there = rows.kind >= 0
        self.count += int(np.count_nonzero(there))
        self._rows.append(rows if there.all() else rows.part(there))

    def frame(self) -> pd.DataFrame:
        """Return the frame, and count the shapes of each category."""
        count, rows = self.count, self._rows or [Rows(0)]
        self._rows = []
        image, category, kinds = (joined(rows, name) for name in ("image", "category", "kind"))
        box, area, entries = (joined(rows, name) for name in ("box", "area", "entries"))
        self._segments.tell(entries, joined(rows, "number"), joined(rows, "label_id"))
        self._count(category, kinds)
        frames = pd.array([one.frame for one in self._places] or [None], dtype="Int64")
        ids = new_ids(count)
        self._segments.tell_ids(ids)
        columns: dict[str, Any] = {
            "id": ascii_column(ids),
            "item_id": coded([one.item for one in self._places], image),
            "class_name": coded(self._names, category),
            "geometry_type": coded(KINDS, kinds),
            "geometry": ShapeArray(entries, self._segments),
            "frame": pd.Series(frames.take(image)) if self._places else [],
            "origin": "import",
            "state": "editable",
            "revision": 0,
            **dict(zip(("x", "y", "width", "height"), box, strict=True)),
            "area": area,
        }
        self._rare(columns, count)
        return label_frame(columns, count)

    def _count(self, category: npt.NDArray[np.int32], kinds: npt.NDArray[np.int8]) -> None:
        several = len(self._entries) * len(KINDS)
        pairs = np.bincount(category * len(KINDS) + kinds, minlength=several)
        by_entry = pairs.reshape(-1, len(KINDS)).tolist()
        for entry, numbers in zip(self._entries, by_entry, strict=True):
            for kind, number in zip(KINDS, numbers, strict=True):
                if number:
                    entry.kinds[kind] += number

    def _rare(self, columns: dict[str, Any], count: int) -> None:
        """Put in what only some of the rows have."""
        if self.scores:
            columns["confidence"] = _spread(self.scores, count, np.nan)
        if self.object_ids:
            columns["track_id"] = _spread(self.object_ids, count)
        if self.given:
            answers: list[Any] = [{} for _ in range(count)]
            for row, one in self.given.items():
                answers[row] = one
            columns["attributes"] = answers
        if self.said:
            for name in ("id", "state", "revision"):
                default = columns[name]
                given = list(default) if name == "id" else [default] * count
                for row, one in self.said.items():
                    given[row] = getattr(one, name)
                columns[name] = given
            for name in ("task_id", "author", "created_at", "updated_at", "pts"):
                found = {row: getattr(one, name) for row, one in self.said.items()}
                columns[name] = _spread(found, count)
            origins = {row: one.origin.kind for row, one in self.said.items()}
            columns["origin"] = _spread(origins, count, "import")


def _spread(found: dict[int, Any], count: int, default: Any = None) -> list[Any]:
    made = [default] * count
    for row, one in found.items():
        made[row] = one
    return made
