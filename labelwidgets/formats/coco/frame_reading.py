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
from labelwidgets.formats.coco.outlines_read import Outline, decoded
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
    kind_of,
)
from labelwidgets.formats.coco.reader import Reader
from labelwidgets.formats.coco.records import NULL
from labelwidgets.formats.coco.seen_ids import SeenIds
from labelwidgets.formats.coco.taken_rows import TakenRows
from labelwidgets.formats.coco.undecoded import Segments, ToldShape, UndecodedLabel
from labelwidgets.formats.label_frames import (
    frame_of,
)
from labelwidgets.formats.progress import counted
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.validity import EDGE_TOLERANCE, check_geometry, is_on

_NULL = b"null"


class FrameReader(Reader):
    """A reading that makes no record of what is plain."""

    pieces: Pieces | WholeFile
    segments: Segments
    check = False
    fields = 0
    seen: SeenIds
    taken: TakenRows

    def begin(self, pieces: Pieces | WholeFile, name: str, check: bool) -> None:
        """Say what is read, what it is called, and whether shapes are decoded once."""
        self.pieces, self.segments, self.check = pieces, Segments(name), check

    def read_annotations(self) -> None:
        """Read the annotations: as rows of columns, or else as records at their places."""
        if self.categories.unnamed:
            for piece in self.pieces:
                self.categories.number_joints(piece.raws())
                if not self.categories.unnamed:
                    break
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
        # Where each is looked at, outlines are many at once.
        outlines = [one for _, _, one in decoded(raws or ())] if self.check else []
        row = self.taken.count
        for index, place in enumerate(left):
            outline = outlines[place] if outlines else None
            assert raws is not None  # noqa: S101 - as some are left
            # With those before it that were taken by columns.
            row += place - (left[index - 1] + 1 if index else 0)
            try:
                plain = self._take(raws[place], outline, rows, place, row)
            except (msgspec.MsgspecError, LabelwidgetsError, UnicodeError, RecursionError):
                # Whatever it is, it is said by who reads it in full.
                plain = False
            if plain:
                row += 1
                continue
            before = len(self.annotations)
            self.read_annotation(piece.start + place, raws[place])
            self.others.extend((row, one) for one in self.annotations[before:])
        self.taken.add(rows)

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
        names = [self.renames.class_name(entry.name) or entry.name for entry in self._entries]
        self.taken = TakenRows(self._places, self._entries, names, self.segments)
        for number, (entry, name) in enumerate(zip(self._entries, names, strict=True)):
            made = self.classes.get(name)
            # What is asked of a class is looked at with the whole of the label.
            if made is None or not (made.attributes or made.skeleton):
                self._kinds[entry.id] = Kind(number, entry.joints)
        self._numbers = (
            {id: one.number for id, one in self._spots.items()}.get,
            {id: one.number for id, one in self._kinds.items()}.get,
        )

    def _take(
        self, raw: msgspec.Raw, outline: Outline | None, rows: Rows, place: int, row: int
    ) -> bool:
        """Take an annotation as a row; say no of one that needs a closer look."""
        label = _decode(raw)
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
        # What labelwidgets says may be another shape.
        sound = outline is not None and said is None and is_on(outline.bounds, spot.size)
        if self.check and not sound:
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
            self.taken.said[row] = said
            track = said.track_id
        if answers:
            self.taken.given[row] = answers
        if score is not None:
            self.taken.scores[row] = score
        if track is not None:
            self.taken.object_ids[row] = track
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
        made = self.taken.frame()
        # What decodes the shapes later is this object.
        del self.taken
        return self._beside(made)

    def _beside(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with what was made a record at its place, and what was joined behind."""
        taken = {id(one) for _, one in self.others}
        self.others += [(len(frame), one) for one in self.annotations if id(one) not in taken]
        if not self.others:
            return frame
        more = frame_of([one for _, one in self.others])
        shapes: Any = more["geometry"].array
        for place, (_, one) in enumerate(self.others):
            # A crowd, or the outline beside joints: of what is said there is no column.
            if one.origin.parameters:
                shapes.entries[place] = ToldShape(one)
        if frame.empty:
            return more
        places = [row - 0.5 for row, _ in self.others]
        order = np.argsort(np.concatenate([np.arange(len(frame)), places]), kind="stable")
        return pd.concat([frame, more], ignore_index=True).take(order).reset_index(drop=True)


_decode = msgspec.json.Decoder(Lean).decode
_decode_said = msgspec.json.Decoder(Said).decode
_decode_code = msgspec.json.Decoder(Code).decode
