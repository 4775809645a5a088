"""From a COCO file of a million annotations to a frame, its shapes still as they lie in it."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.places import Place, Places
from labelwidgets.formats.coco.reading import Reader, confidence_of, track_of
from labelwidgets.formats.coco.records import NULL
from labelwidgets.formats.coco.seen_ids import SeenIds
from labelwidgets.formats.coco.shapes import read_segmentation
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.formats.label_frames import (
    ascii_column,
    coded,
    frame_of,
    label_frame,
)
from labelwidgets.formats.lazy_shapes import ShapeArray, Undecoded
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.progress import counted
from labelwidgets.formats.results import ImportedFrame
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.geometry import Geometry, Rectangle
from labelwidgets.schema.ids import is_id, new_ids
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.validity import EDGE_TOLERANCE, check_geometry

if TYPE_CHECKING:
    from labelwidgets.media.dataset import Dataset

KINDS = ("rectangle", "polygon", "mask", "keypoints")
_RECTANGLE, _POLYGON, _MASK, _KEYPOINTS = range(4)
# No picture has so many pixels along a side.
_FAR = 1e9
_NULL = b"null"
# Annotations that are looked at by columns.
_PIECE = 20_000
_NO_BOX = (0.0, 0.0, 0.0, 0.0)


class Segments:
    """Decodes segmentations, and says which record one is of where it is wrong.

    Parameters
    ----------
    file
        The name of the file.
    data
        What is in it, as UTF-8.
    """

    def __init__(self, file: str, data: bytes) -> None:
        self._file, self._data = file, data

    def __call__(self, raw: msgspec.Raw) -> Geometry:
        """Return the shape of a segmentation."""
        try:
            found = read_segmentation(raw)
        except LabelwidgetsError as error:
            raise FormatError(
                error.message, where=f"{self._record(raw)}, {error.where}", hint=error.hint
            ) from None
        assert found is not None  # noqa: S101 - those that are empty are boxes
        return found

    def _record(self, raw: msgspec.Raw) -> str:
        """Return the record that bytes are of: looked for again, as it is asked for so seldom."""
        at = _address(raw)
        for number, one in enumerate(records.decode_file(self._data, self._file).annotations):
            begin = _address(one)
            if begin <= at < begin + len(bytes(one)):
                id = records.decode(one, _Numbered).id
                return f"{self._file}, annotations[{number}] (id {str(id)[:80]})"
        return self._file


def read_frame(
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    errors: Literal["raise", "collect"] = "raise",
    dataset: Dataset | None = None,
    tolerance: float = 0.0,
    first_frame: int = 0,
    check: bool = False,
    max_bytes: int = records.MAX_BYTES,
    **storage_options: Any,
) -> ImportedFrame:
    """Read a COCO file as a frame: see `labelwidgets.formats.read_frame`.

    Boxes and areas are what the file says of them. Tracks, objects through slices and other
    things that COCO has no place for are decoded at once.

    Parameters
    ----------
    path, items, ontology, errors, dataset, tolerance, first_frame, max_bytes, **storage_options
        As for `labelwidgets.formats.coco.read`.
    check
        Decode every shape once, so that a wrong one is raised or left out, as `read` does. Else
        a shape that is wrong raises a `FormatError` when it is looked at.

    Raises
    ------
    FormatError, LimitError, SourceError
        As for `labelwidgets.formats.coco.read`.
    """
    name = shown(path)
    problems = Problems(name, errors == "collect")
    with no_collecting():
        try:
            data = records.to_utf8(read_bytes(path, max_bytes, **storage_options))
        except FormatError as error:
            raise error.at(name) from None
        file = records.decode_file(data, name)
        places = Places(file, problems, items, Clips(items, dataset), first_frame)
        reader = _FrameReader(file, problems, places, ontology, tolerance)
        reader.segments, reader.check = Segments(name, data), check
        reader.read_all()
        frame = reader.frame()
    return reader.result().framed(frame)


class _Numbered(msgspec.Struct):
    id: Any = None


class _Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """An annotation with the fields that COCO's own have, and little that is made of it."""

    image_id: records.Id
    category_id: records.Id
    id: records.Id | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None
    segmentation: msgspec.Raw = NULL
    iscrowd: int | bool | None = None


class _Lean(_Plain, gc=False, forbid_unknown_fields=False):
    """An annotation with all that is known."""

    keypoints: msgspec.Raw = NULL
    score: float | None = None
    track_id: records.Id | None = None
    instance_id: records.Id | None = None
    attributes: msgspec.Raw = NULL
    labelwidgets: msgspec.Raw = NULL


class _Said(msgspec.Struct, gc=False):
    """What labelwidgets says of an annotation whose shape is in COCO's own fields."""

    id: str
    type: Literal["rectangle", "polygon", "mask", "keypoints"] | None = None
    task_id: str | None = None
    track_id: str | None = None
    author: str | None = None
    origin: Origin = Origin()
    state: Literal["editable", "locked"] = "editable"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0
    pts: int | None = None
    track: None = None
    geometry: None = None


class _Code(msgspec.Struct):
    size: tuple[int, int]
    counts: msgspec.Raw


class _Spot(NamedTuple):
    """A place by its number, and its size."""

    number: int
    size: tuple[int, int] | None


class _Kind(NamedTuple):
    """A category by its number, and the joints of its skeleton."""

    number: int
    joints: int


class _Piece:
    """Rows of some annotations; the kind of what is none is -1."""

    def __init__(self, count: int) -> None:
        self.image = np.zeros(count, np.int32)
        self.category = np.zeros(count, np.int32)
        self.kind = np.full(count, -1, np.int8)
        # x, y, width, height.
        self.box = np.zeros((4, count), np.float64)
        self.area = np.zeros(count, np.float64)
        self.entries = np.empty(count, object)

    def part(self, there: npt.NDArray[np.bool_]) -> _Piece:
        """Return some of the rows."""
        made = _Piece(0)
        for name, values in vars(self).items():
            setattr(made, name, values[..., there])
        return made


class UndecodedLabel(Undecoded):
    """A shape with what a frame has no column for: whether it is a crowd, other attributes.

    Parameters
    ----------
    raw
        Its record.
    reader
        Knows the images and categories of the file.
    """

    __slots__ = ("reader",)

    def __init__(self, raw: msgspec.Raw, reader: _FrameReader) -> None:
        super().__init__(raw, lambda raw: reader.whole(raw).geometry)
        self.reader = reader

    def origin(self) -> Origin | None:
        """Return what is said of the label beside its columns."""
        return self.reader.whole(self.raw).origin


class _FrameReader(Reader):
    """A reading that makes no record of what is plain."""

    segments: Segments
    check = False
    fields = 0
    seen: SeenIds

    def read_annotations(self) -> None:
        """Read the annotations: as rows of columns, or else as records at their places."""
        self._columns()
        self.seen = self.label_ids = SeenIds()
        raws = self.file.annotations
        # The shapes that are not decoded keep the bytes of the file, not the list of them.
        self.file.annotations = []
        for start in counted(range(0, len(raws), _PIECE), "Reading COCO", "piece"):
            self._read_piece(start, raws[start : start + _PIECE])
        self.label_ids.clear()

    def _read_piece(self, start: int, raws: list[msgspec.Raw]) -> None:
        """Read some annotations: polygons by columns, others one by one."""
        labels, piece = self._decoded(raws), _Piece(len(raws))
        left = list(range(len(raws)))
        if labels is not None:
            left = np.flatnonzero(~self._take_polygons(labels, piece)).tolist()
        row = self.rows
        for index, place in enumerate(left):
            # With those before it that were taken by columns.
            row += place - (left[index - 1] + 1 if index else 0)
            try:
                plain = self._take(raws[place], _decode(raws[place]), piece, place, row)
            except (msgspec.MsgspecError, LabelwidgetsError, UnicodeError, RecursionError):
                # Whatever it is, it is said by who reads it in full.
                plain = False
            if plain:
                row += 1
                continue
            before = len(self.annotations)
            self.read_annotation(start + place, raws[place])
            self.others.extend((row, one) for one in self.annotations[before:])
        there = piece.kind >= 0
        self.rows += int(np.count_nonzero(there))
        self.pieces.append(piece if there.all() else piece.part(there))

    def _decoded(self, raws: list[msgspec.Raw]) -> Sequence[_Plain] | None:
        """Return records, None where one of them is not as it should be."""
        for kind in (_Plain, _Lean)[self.fields :]:
            decode = msgspec.json.Decoder(kind).decode
            try:
                return [decode(raw) for raw in raws]
            except (msgspec.MsgspecError, UnicodeError, RecursionError):
                # Where one has other fields, those behind it have them too.
                self.fields = 1
        return None

    def _take_polygons(self, labels: Sequence[_Plain], piece: _Piece) -> npt.NDArray[np.bool_]:
        """Take the polygons that nothing else is said of; return which they are."""
        count = len(labels)
        ids = np.array([one.id for one in labels])
        segments = [one.segmentation for one in labels]
        try:
            polygon = [head == _RINGS for head in map(_head_of, segments)]
        except struct.error:
            return np.zeros(count, bool)
        if self.check or not self.seen.is_new(ids):
            return np.zeros(count, bool)
        where, which = self._numbers
        image = np.array([where(one.image_id, -1) for one in labels], np.int32)
        category = np.array([which(one.category_id, -1) for one in labels], np.int32)
        boxes = chain.from_iterable([one.bbox or _NO_BOX for one in labels])
        box = np.ascontiguousarray(np.fromiter(boxes, np.float64, 4 * count).reshape(-1, 4).T)
        area = np.array([one.area for one in labels], np.float64)
        bare = [not one.iscrowd for one in labels]
        if isinstance(labels[0], _Lean):
            bare = [_is_bare(one) for one in labels]
        x, y, width, height = box
        right, bottom = self._far[image].T
        taken: npt.NDArray[np.bool_] = np.array(bare) & np.array(polygon)
        taken &= (image >= 0) & (category >= 0) & (area >= 0) & (area <= _FAR * _FAR)
        taken &= (x >= -EDGE_TOLERANCE) & (y >= -EDGE_TOLERANCE) & (width > 0) & (height > 0)
        taken &= (x + width <= right) & (y + height <= bottom)
        # What is taken later, one by one, may have the id of none of these.
        self.seen.take(ids[taken])
        piece.image, piece.category, piece.box, piece.area = image, category, box, area
        piece.kind[taken] = _POLYGON
        # Assigned as a list, each would be asked whether it is one of numbers.
        piece.entries = np.fromiter(segments, object, count)
        return taken

    def _columns(self) -> None:
        self.rows = 0
        self.pieces: list[_Piece] = []
        # By row, of the few that have any.
        self.scores: dict[int, float] = {}
        self.object_ids: dict[int, str] = {}
        self.given: dict[int, Any] = {}
        self.said: dict[int, _Said] = {}
        # What is not plain, with the row that it is before.
        self.others: list[tuple[int, Annotation]] = [(0, one) for one in self.annotations]
        self._spots: dict[records.Id, _Spot] = {}
        self._places: list[Place] = []
        for id, place in self.places.known():
            # Frames of videos may be parts of tracks.
            if place is not None and not place.video:
                self._spots[id] = _Spot(len(self._places), place.size)
                self._places.append(place)
        sizes = [place.size or (_FAR, _FAR) for place in self._places]
        # Of what is nowhere, too, which is the last one.
        self._far = np.array([*sizes, (0, 0)], np.float64) + EDGE_TOLERANCE
        self._kinds: dict[records.Id, _Kind] = {}
        self._entries = list(self.categories)
        for number, entry in enumerate(self._entries):
            name = self.renames.class_name(entry.name) or entry.name
            made = self.classes.get(name)
            # What is asked of a class is looked at with the whole of the label.
            if made is None or not (made.attributes or made.skeleton):
                self._kinds[entry.id] = _Kind(number, entry.joints)
        self._numbers = (
            {id: one.number for id, one in self._spots.items()}.get,
            {id: one.number for id, one in self._kinds.items()}.get,
        )

    def _take(self, raw: msgspec.Raw, label: _Lean, piece: _Piece, place: int, row: int) -> bool:
        """Take an annotation as a row; say no of one that needs a closer look."""
        spot, sort = self._spots.get(label.image_id), self._kinds.get(label.category_id)
        box, id, area = label.bbox, label.id, label.area
        if spot is None or sort is None or box is None or id in self.label_ids:
            return False
        entry: Any = label.segmentation
        kind = _kind_of(memoryview(entry))
        said = None
        if bytes(label.labelwidgets) != _NULL:
            said = self._said(label, kind)
            kind = _RECTANGLE if said.type == "rectangle" else kind
        if sort.joints and bytes(label.keypoints) != _NULL:
            return False
        if kind == _RECTANGLE:
            entry = Rectangle(*box)
            area = entry.area
            check_geometry(entry, spot.size)
        elif area is None or not (0 <= area <= _FAR * _FAR and _is_inside(box, spot.size)):
            return False
        if kind == _MASK and spot.size and _decode_code(entry).size != spot.size[::-1]:
            return False
        records.check_id(id)
        if self.check:
            check_geometry(self.whole(raw).geometry, spot.size)
        # All that may be wrong is looked at before anything is taken.
        entry = self._take_more(raw, label, said, entry, row)
        if id is not None:
            self.label_ids.add(id)
        piece.image[place], piece.category[place] = spot.number, sort.number
        piece.kind[place], piece.area[place] = kind, area
        piece.box[:, place], piece.entries[place] = box, entry
        return True

    def _said(self, label: _Lean, kind: int) -> _Said:
        """Return what labelwidgets says of an annotation, if that makes it no less plain."""
        said = _decode_said(label.labelwidgets)
        fits = said.type in (None, "rectangle", KINDS[kind])
        if not fits or label.attributes is not NULL or not is_id(said.id) or said.id in self.ids:
            raise FormatError("is not plain.", where="labelwidgets")
        return said

    def _take_more(
        self, raw: msgspec.Raw, label: _Lean, said: _Said | None, entry: Any, row: int
    ) -> Any:
        """Take what few annotations have beside their shape, and return what to keep of that."""
        answers: dict[str, AttributeValue] | None = None
        score, track = confidence_of(label.score), track_of(label.track_id, label.instance_id)
        attributes = bytes(label.attributes) != _NULL
        if attributes:
            name = self._entries[self._kinds[label.category_id].number].name
            answers, _ = self.answers_of(label.attributes, name)
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
        return UndecodedLabel(raw, self) if attributes or label.iscrowd else entry

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
        count, pieces = self.rows, self.pieces or [_Piece(0)]
        self.pieces = []
        image, category, kinds = (_joined(pieces, name) for name in ("image", "category", "kind"))
        box, area, entries = (_joined(pieces, name) for name in ("box", "area", "entries"))
        pairs = np.bincount(
            category * len(KINDS) + kinds, minlength=len(self._entries) * len(KINDS)
        ).reshape(-1, len(KINDS))
        for entry, row in zip(self._entries, pairs.tolist(), strict=True):
            for kind, number in zip(KINDS, row, strict=True):
                if number:
                    entry.kinds[kind] += number
        frames = pd.array([one.frame for one in self._places] or [None], dtype="Int64")
        names = [self.renames.class_name(entry.name) or entry.name for entry in self._entries]
        columns: dict[str, Any] = {
            "id": ascii_column(new_ids(count)),
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


# The first two letters of a segmentation.
_head_of = struct.Struct("2s").unpack_from
_RINGS = (b"[[",)
_decode = msgspec.json.Decoder(_Lean).decode
_decode_said = msgspec.json.Decoder(_Said).decode
_decode_code = msgspec.json.Decoder(_Code).decode


def _kind_of(head: memoryview) -> int:
    """Return what a segmentation is by its first letters; raise FormatError if that is unclear."""
    if head[0] == 0x7B:
        return _MASK
    if head == _NULL:
        return _RECTANGLE
    inner = bytes(head[1:64]).lstrip()[:1] if head[0] == 0x5B else b""
    if inner == b"[":
        return _POLYGON
    if inner == b"]":
        return _RECTANGLE
    raise FormatError("is none that is plain.", where="segmentation")


def _is_bare(label: Any) -> bool:
    """Say whether nothing is said of an annotation but its shape."""
    return (
        label.labelwidgets is NULL
        and label.attributes is NULL
        and label.keypoints is NULL
        and label.score is None
        and not label.iscrowd
        and label.track_id is None
        and label.instance_id is None
    )


def _is_inside(box: tuple[float, float, float, float], size: tuple[int, int] | None) -> bool:
    x, y, width, height = box
    right, bottom = size or (_FAR, _FAR)
    return (
        x >= -EDGE_TOLERANCE
        and y >= -EDGE_TOLERANCE
        and 0 < width <= right + EDGE_TOLERANCE - x
        and 0 < height <= bottom + EDGE_TOLERANCE - y
    )


def _joined(pieces: list[_Piece], name: str) -> npt.NDArray[Any]:
    """Return what all pieces have of one thing, and take it out of them."""
    made = np.concatenate([getattr(one, name) for one in pieces], axis=-1)
    for one in pieces:
        delattr(one, name)
    return made


def _address(raw: Any) -> int:
    return int(np.frombuffer(raw, np.uint8).__array_interface__["data"][0])


def _spread(found: dict[int, Any], count: int, default: Any = None) -> list[Any]:
    made = [default] * count
    for row, one in found.items():
        made[row] = one
    return made
