"""One writing of one COCO file."""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco.captions import CaptionRecords, is_caption
from labelwidgets.formats.coco.image_records import FRAME_NAME, ImageRecords
from labelwidgets.formats.coco.images import Images, MadeImages
from labelwidgets.formats.coco.label_records import (
    LabelRecords,
    category_fields_of,
    category_record,
)
from labelwidgets.formats.coco.plain_labels import PlainLabels
from labelwidgets.formats.coco.record_texts import (
    Records,
    numbered_text,
    one_by_one,
    together,
)
from labelwidgets.formats.coco.records import OF_CLASSES, VERSION
from labelwidgets.formats.coco.slice_records import slice_records
from labelwidgets.formats.coco.track_records import TrackRecords, tell_videos
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.progress import counted
from labelwidgets.formats.warned import warn
from labelwidgets.formats.writing import Counts, Writing
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Tag, VolumeMask
from labelwidgets.schema.key_slices import KEY_SLICE, is_key_slice
from labelwidgets.schema.tracks import Interval, Track

_encode = msgspec.json.Encoder().encode
# Labels that are written at once.
PIECE = 4096
_MOVING = {Track, Interval}
_picture_of = operator.attrgetter("item_id", "frame")
_class_of = operator.attrgetter("class_name")
_shape_of = operator.attrgetter("geometry")


class Writer:
    """One writing of one file.

    Parameters
    ----------
    job
        What is written.
    frame_name, captions
        As for `labelwidgets.formats.coco.write`.

    Attributes
    ----------
    place
        The image records by item and frame, once the file is begun.
    """

    def __init__(self, job: Writing, frame_name: str = FRAME_NAME, captions: bool = False) -> None:
        self.job, self.annotations, self.ontology = job, job.annotations, job.ontology
        self.captions = CaptionRecords() if captions else None
        self.tracks = TrackRecords(job.clips, job.frames)
        self.count = 0
        self.place: Images = MadeImages()
        self.labels_of: dict[str, dict[int | None, list[Annotation]]] = defaultdict(
            lambda: defaultdict(list)
        )
        ids = [one.id for one in self.annotations]
        if len(set(ids)) < len(ids):
            twice = next(one for one, times in Counter(ids).items() if times > 1)
            raise FormatError("is there twice.", where=f"annotation {twice!r}")
        moves = not _MOVING.isdisjoint(map(type, map(_shape_of, self.annotations)))
        for (item, frame), group in groupby(self.annotations, _picture_of):
            some = list(group)
            if moves:
                on = self.labels_of[item]
                some = [one for one in some if not self.tracks.spread(one, on)]
            if some:
                self.labels_of[item][frame] += some
        classes = set(map(_class_of, self.annotations))
        unknown = KEY_SLICE in classes and KEY_SLICE not in self.ontology
        if unknown and any(map(is_key_slice, self.annotations)):
            self.ontology = self.ontology.extend([self.ontology[KEY_SLICE]])
        category_ids = {made.name: n for n, made in enumerate(self.ontology.classes, 1)}
        self.made = LabelRecords(category_ids, job.dropped)
        self.images = ImageRecords(job, self.labels_of, frame_name)
        for id in self.labels_of:
            if id not in self.images.items:
                first = next(iter(self.labels_of[id].values()))[0]
                raise FormatError(
                    f"{id!r} is no item of the dataset.",
                    where=f"annotation {first.id!r}, item_id",
                )

    def pieces(
        self, groups: Mapping[str, str], fields: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[bytes | memoryview]:
        """Yield the file piece by piece.

        Parameters
        ----------
        groups, fields
            The ``supercategories`` and ``category_fields`` of `labelwidgets.formats.coco.write`.
        """
        self.place = self.images.records()
        for id, told in self.job.clips.telling(OF_CLASSES):
            if (image := self.place.get((id, None))) is not None:
                self.made.tell(told, image)
        if not fields:
            # What a class says counts more than what was read with one of its labels.
            read = category_fields_of(self.annotations)
            classes = self.ontology.classes
            fields = {one.name: {**read.get(one.name, {}), **one.parameters} for one in classes}
        categories = [
            category_record(number, made, groups, fields.get(made.name, {}))
            for number, made in enumerate(self.ontology.classes, 1)
        ]
        if self.captions is not None:
            categories = []
        before = {"info": {"description": "Labels made with labelwidgets"}, "licenses": []}
        yield _encode(before | {"categories": categories})[:-1] + b',"annotations":['
        begin = 1
        for some in self.labels():
            # Each begins with a comma.
            yield memoryview(some)[begin:]
            begin = 0
        # After the labels, of which some are kept on their images.
        yield b'],"images":'
        yield self.place.text()
        behind: dict[str, Any] = {}
        if self.tracks.tracks:
            tell_videos(self.images.videos, self.place.values())
        if self.images.videos:
            behind["videos"] = self.images.videos
        if self.tracks.tracks:
            behind["tracks"] = self.tracks.tracks
        own = {"labelwidgets": {"version": VERSION, "ontology": self.ontology}}
        yield b"," + _encode(behind | own)[1:]

    def counts(self) -> Counts:
        """Return how many of what were written, and say what other readers do not find."""
        file = self.job.output.shown
        if self.images.unsized:
            warn(
                f"{file}: {numbered(len(self.images.unsized), 'image')} without a known size, so "
                "that other tools cannot turn labels into masks. Pass items or size_of.",
            )
        if self.images.left_out:
            warn(
                f"{file}: {numbered(len(self.images.left_out), 'item')} without labels left out: "
                "no image, or of unknown size.",
            )
        return {
            "images": len(self.place),
            "annotations": self.count,
            "categories": 0 if self.captions is not None else len(self.ontology.classes),
            "extension_only": self.job.dropped.total + self.made.image_answers,
            "items_left_out": len(self.images.left_out),
        }

    def labels(self) -> Iterator[bytes | memoryview]:
        """Yield annotations, one or some with a comma before each, and count them."""
        plain = PlainLabels(self.place, self.made.category_ids)
        for start in counted(range(0, len(self.annotations), PIECE), "Writing COCO", "piece"):
            several = self.annotations[start : start + PIECE]
            if self.captions is not None:
                for one in several:
                    yield from self.encoded(one)
                continue
            records, taken = plain.records(several)
            left = (one for one, there in zip(several, taken, strict=True) if not there)
            yield from self.mixed(records, taken, left)

    def mixed(
        self, records: Records, taken: Sequence[bool], left: Iterator[Annotation]
    ) -> Iterator[bytes | memoryview]:
        """Yield labels in their order: of those that are taken their records, of others theirs."""
        count = len(records.areas)
        if count == len(taken):
            yield from [together(records, self.count + 1)] if count else []
            self.count += count
            return
        texts = iter(one_by_one(records))
        for is_taken in taken:
            if not is_taken:
                yield from self.encoded(next(left))
                continue
            self.count += 1
            yield numbered_text(self.count, next(texts))

    def encoded(self, annotation: Annotation) -> Iterator[bytes]:
        """Yield the records of an annotation with a comma before each, and count them."""
        try:
            for one in self.records(annotation):
                self.count += 1
                yield b"," + _encode(one)
        except LabelwidgetsError as error:
            where = f"annotation {annotation.id!r}" + (f", {error.where}" if error.where else "")
            raise FormatError(error.message, where=where, hint=error.hint) from None
        except (TypeError, ValueError, OverflowError) as error:
            raise FormatError(
                f"cannot be written as JSON ({error}).", where=f"annotation {annotation.id!r}"
            ) from None

    def records(self, annotation: Annotation) -> Iterable[dict[str, Any]]:
        """Return the records of an annotation."""
        place, id = self.place, self.count + 1
        if annotation in self.tracks:
            return self.tracks.records(annotation, place, id, self.made)
        image = place.get((annotation.item_id, annotation.frame))
        if image is None:
            image = self._beside(annotation)
        if self.captions is not None:
            if not is_caption(annotation):
                self.made.hide(annotation.geometry)
                return ()
            return self.captions.records(annotation, image, self.count)
        shape, scan = annotation.geometry, self.images.scans.get(annotation.item_id)
        if scan is not None and isinstance(shape, VolumeMask) and shape.area:
            return slice_records(annotation, shape, place, id, self.made, scan[0])
        one = self.made.record(annotation, image, id)
        return () if one is None else (one,)

    def _beside(self, annotation: Annotation) -> dict[str, Any]:
        """Return the record for answers about a group as a whole: that of its first picture."""
        first = self.place.get((annotation.item_id, 0))
        whole = annotation.class_name is None or isinstance(annotation.geometry, VolumeMask | Tag)
        if first is None or not whole:
            raise FormatError(
                f"{annotation.frame!r} is no picture or slice of the item.", where="frame"
            )
        return first
