"""One reading of a COCO file of which rows are made, not records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.label_fields import confidence_of, track_of
from labelwidgets.formats.coco.pieces import Piece, Pieces, WholeFile
from labelwidgets.formats.coco.places import Place
from labelwidgets.formats.coco.plain_rows import (
    FAR,
    KINDS,
    MASK,
    NO_ID,
    POLYGON,
    RECTANGLE,
    Code,
    Kind,
    Lean,
    Plain,
    Rows,
    Said,
    Spot,
    columns_of,
    is_inside,
    joined,
    kind_of,
)
from labelwidgets.formats.coco.reader import Reader
from labelwidgets.formats.coco.records import NULL
from labelwidgets.formats.coco.seen_ids import SeenIds
from labelwidgets.formats.coco.undecoded import Segments, UndecodedLabel
from labelwidgets.formats.label_frames import (
    ascii_column,
    coded,
    frame_of,
    label_frame,
)
from labelwidgets.formats.lazy_shapes import ShapeArray
from labelwidgets.formats.progress import counted
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ids import is_id, new_ids
from labelwidgets.schema.validity import EDGE_TOLERANCE, check_geometry

_NULL = b"null"


class FrameReader(Reader):
    """A reading that makes no record of what is plain."""

    pieces: Pieces | WholeFile
    segments: Segments
    check = False
    fields = 0
    seen: SeenIds

    def begin(self, pieces: Pieces | WholeFile, name: str, check: bool) -> None:
        """Say what is read, what it is called, and whether shapes are decoded once."""
        self.pieces, self.segments, self.check = pieces, Segments(name), check

    def read_annotations(self) -> None:
        """Read the annotations: as rows of columns, or else as records at their places."""
        self._columns()
        self.seen = self.label_ids = SeenIds()
        for piece in counted(self.pieces, "Reading COCO", "piece"):
            self._read_piece(piece)
        self.label_ids.clear()

    def _read_piece(self, piece: Piece) -> None:
        """Read some annotations: polygons by columns, others one by one."""
        labels = self._decoded(piece)
        raws = None if labels is not None else piece.raws()
        count = len(raws or labels or ())
        rows = Rows(count, piece.start)
        taken = np.zeros(count, bool) if labels is None else self._take_polygons(labels, rows)
        left = np.flatnonzero(~taken).tolist()
        if left and raws is None:
            raws = piece.raws()
        row = self.count
        for index, place in enumerate(left):
            assert raws is not None  # noqa: S101 - as some are left
            # With those before it that were taken by columns.
            row += place - (left[index - 1] + 1 if index else 0)
            try:
                plain = self._take(raws[place], _decode(raws[place]), rows, place, row)
            except (msgspec.MsgspecError, LabelwidgetsError, UnicodeError, RecursionError):
                # Whatever it is, it is said by who reads it in full.
                plain = False
            if plain:
                row += 1
                continue
            before = len(self.annotations)
            self.read_annotation(piece.start + place, raws[place])
            self.others.extend((row, one) for one in self.annotations[before:])
        there = rows.kind >= 0
        self.count += int(np.count_nonzero(there))
        self.rows.append(rows if there.all() else rows.part(there))

    def _decoded(self, piece: Piece) -> Sequence[Plain] | None:
        """Return records, None where one of them is not as it should be."""
        for kind in (Plain, Lean)[self.fields :]:
            try:
                return piece.decoded(kind)
            except (msgspec.MsgspecError, UnicodeError, RecursionError):
                # Where one has other fields, those behind it have them too.
                self.fields = 1
        return None

    def _take_polygons(self, labels: Sequence[Plain], rows: Rows) -> npt.NDArray[np.bool_]:
        """Take the polygons that nothing else is said of; return which they are."""
        found = columns_of(labels, *self._numbers)
        if self.check or found is None or not self.seen.is_new(found.ids):
            return np.zeros(len(labels), bool)
        x, y, width, height = found.box
        right, bottom = self._far[found.image].T
        area, taken = found.area, found.bare
        taken &= (found.image >= 0) & (found.category >= 0) & (area >= 0) & (area <= FAR * FAR)
        taken &= (x >= -EDGE_TOLERANCE) & (y >= -EDGE_TOLERANCE) & (width > 0) & (height > 0)
        taken &= (x + width <= right) & (y + height <= bottom)
        # What is taken later, one by one, may have the id of none of these.
        self.seen.take(found.ids[taken])
        rows.image, rows.category, rows.box, rows.area = found[1:5]
        rows.label_id, rows.entries = found.ids, found.entries
        rows.kind[taken] = POLYGON
        return taken

    def _columns(self) -> None:
        self.count = 0
        self.rows: list[Rows] = []
        # By row, of the few that have any.
        self.scores: dict[int, float] = {}
        self.object_ids: dict[int, str] = {}
        self.given: dict[int, Any] = {}
        self.said: dict[int, Said] = {}
        # What is not plain, with the row that it is before.
        self.others: list[tuple[int, Annotation]] = [(0, one) for one in self.annotations]
        self._spots: dict[records.Id, Spot] = {}
        self._places: list[Place] = []
        for id, place in self.places.known():
            # Frames of videos may be parts of tracks.
            if place is not None and not place.video:
                self._spots[id] = Spot(len(self._places), place.size)
                self._places.append(place)
        sizes = [place.size or (FAR, FAR) for place in self._places]
        # Of what is nowhere, too, which is the last one.
        self._far = np.array([*sizes, (0, 0)], np.float64) + EDGE_TOLERANCE
        self._kinds: dict[records.Id, Kind] = {}
        self._entries = list(self.categories)
        for number, entry in enumerate(self._entries):
            name = self.renames.class_name(entry.name) or entry.name
            made = self.classes.get(name)
            # What is asked of a class is looked at with the whole of the label.
            if made is None or not (made.attributes or made.skeleton):
                self._kinds[entry.id] = Kind(number, entry.joints)
        self._numbers = (
            {id: one.number for id, one in self._spots.items()}.get,
            {id: one.number for id, one in self._kinds.items()}.get,
        )

    def _take(self, raw: msgspec.Raw, label: Lean, rows: Rows, place: int, row: int) -> bool:
        """Take an annotation as a row; say no of one that needs a closer look."""
        spot, sort = self._spots.get(label.image_id), self._kinds.get(label.category_id)
        box, id, area = label.bbox, label.id, label.area
        if spot is None or sort is None or box is None or id in self.label_ids:
            return False
        entry: Any = bytes(label.segmentation)
        kind = kind_of(entry)
        said = None
        if bytes(label.labelwidgets) != _NULL:
            said = self._said(label, kind)
            kind = RECTANGLE if said.type == "rectangle" else kind
        if sort.joints and bytes(label.keypoints) != _NULL:
            return False
        if kind == RECTANGLE:
            entry = Rectangle(*box)
            area = entry.area
            check_geometry(entry, spot.size)
        elif area is None or not (0 <= area <= FAR * FAR and is_inside(box, spot.size)):
            return False
        if kind == MASK and spot.size and _decode_code(entry).size != spot.size[::-1]:
            return False
        records.check_id(id)
        if self.check:
            check_geometry(self.whole(raw).geometry, spot.size)
        # All that may be wrong is looked at before anything is taken.
        entry = self._take_more(raw, label, said, entry, row)
        if id is not None:
            self.label_ids.add(id)
        if isinstance(id, int) and abs(id) < -NO_ID:
            rows.label_id[place] = id
        rows.image[place], rows.category[place] = spot.number, sort.number
        rows.kind[place], rows.area[place] = kind, area
        rows.box[:, place], rows.entries[place] = box, entry
        return True

    def _said(self, label: Lean, kind: int) -> Said:
        """Return what labelwidgets says of an annotation, if that makes it no less plain."""
        said = _decode_said(label.labelwidgets)
        fits = said.type in (None, "rectangle", KINDS[kind])
        if not fits or label.attributes is not NULL or not is_id(said.id) or said.id in self.ids:
            raise FormatError("is not plain.", where="labelwidgets")
        return said

    def _take_more(
        self, raw: msgspec.Raw, label: Lean, said: Said | None, entry: Any, row: int
    ) -> Any:
        """Take what few annotations have beside their shape, and return what to keep of that."""
        answers: dict[str, AttributeValue] | None = None
        score, track = confidence_of(label.score), track_of(label.track_id, label.instance_id)
        attributes = bytes(label.attributes) != _NULL
        if attributes:
            name = self._entries[self._kinds[label.category_id].number].name
            answers, _ = self.foreign.answers_of(label.attributes, name)
        if said is not None:
            self.ids.add(said.id)
            self.said[row] = said
            track = said.track_id
        if answers:
            self.given[row] = answers
        if score is not None:
            self.scores[row] = score
        if track is not None:
            self.object_ids[row] = track
        return UndecodedLabel(raw.copy(), self.whole) if attributes or label.iscrowd else entry

    def whole(self, raw: msgspec.Raw) -> Annotation:
        """Return the annotation that a record is."""
        label = records.decode(raw, records.Label)
        place, id = self.places.get(label.image_id), label.category_id
        category = None if id is None else self.categories.get(id)
        try:
            if place is None or category is None:
                raise FormatError("is not there.", where="image_id, category_id")
            return self.annotation_of(label, place, category)
        except LabelwidgetsError as error:
            where = f"{self.problems.file}, annotation {label.id!r}, {error.where}"
            raise FormatError(error.message, where=where, hint=error.hint) from None

    def frame(self) -> pd.DataFrame:
        """Return the frame."""
        count, rows = self.count, self.rows or [Rows(0)]
        self.rows = []
        image, category, kinds = (joined(rows, name) for name in ("image", "category", "kind"))
        box, area, entries = (joined(rows, name) for name in ("box", "area", "entries"))
        self.segments.tell(entries, joined(rows, "number"), joined(rows, "label_id"))
        pairs = np.bincount(
            category * len(KINDS) + kinds, minlength=len(self._entries) * len(KINDS)
        ).reshape(-1, len(KINDS))
        for entry, numbers in zip(self._entries, pairs.tolist(), strict=True):
            for kind, number in zip(KINDS, numbers, strict=True):
                if number:
                    entry.kinds[kind] += number
        frames = pd.array([one.frame for one in self._places] or [None], dtype="Int64")
        names = [self.renames.class_name(entry.name) or entry.name for entry in self._entries]
        ids = new_ids(count)
        self.segments.tell_ids(ids)
        columns: dict[str, Any] = {
            "id": ascii_column(ids),
            "item_id": coded([one.item for one in self._places], image),
            "class_name": coded(names, category),
            "geometry_type": coded(KINDS, kinds),
            "geometry": ShapeArray(entries, self.segments),
            "frame": pd.Series(frames.take(image)) if self._places else [],
            "origin": "import",
            "state": "editable",
            "revision": 0,
            **dict(zip(("x", "y", "width", "height"), box, strict=True)),
            "area": area,
        }
        self._rare(columns, count)
        # What decodes the shapes later is this object.
        self.said, self.given = {}, {}
        made = label_frame(columns, count)
        return self._beside(made)

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

    def _beside(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with what was made a record at its place, and what was joined behind."""
        taken = {id(one) for _, one in self.others}
        self.others += [(len(frame), one) for one in self.annotations if id(one) not in taken]
        if not self.others:
            return frame
        more = frame_of([one for _, one in self.others])
        if frame.empty:
            return more
        places = [row - 0.5 for row, _ in self.others]
        order = np.argsort(np.concatenate([np.arange(len(frame)), places]), kind="stable")
        return pd.concat([frame, more], ignore_index=True).take(order).reset_index(drop=True)


_decode = msgspec.json.Decoder(Lean).decode
_decode_said = msgspec.json.Decoder(Said).decode
_decode_code = msgspec.json.Decoder(Code).decode


def _spread(found: dict[int, Any], count: int, default: Any = None) -> list[Any]:
    made = [default] * count
    for row, one in found.items():
        made[row] = one
    return made
