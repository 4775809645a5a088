"""One writing of one COCO file."""

from __future__ import annotations

import operator
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco.captions import CaptionRecords, is_caption
from labelwidgets.formats.coco.image_records import ImageRecords, ImagesOf, SizeOf
from labelwidgets.formats.coco.label_records import LabelRecords, category_record
from labelwidgets.formats.coco.plain_labels import PlainLabels
from labelwidgets.formats.coco.record_texts import (
    Records,
    numbered_text,
    one_by_one,
    together,
)
from labelwidgets.formats.coco.records import VERSION
from labelwidgets.formats.matching import Item
from labelwidgets.formats.numbered import listed, numbered
from labelwidgets.formats.progress import counted
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames, OnFrame, on_frames
from labelwidgets.formats.warned import warn
from labelwidgets.media.replacing import replacing
from labelwidgets.media.whole_files import shown
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, Rectangle, Tag, VolumeMask
from labelwidgets.schema.key_slices import KEY_SLICE, is_key_slice
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Interval, Track

if TYPE_CHECKING:
    from labelwidgets.media.dataset import Dataset

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
    clips
        The items of the dataset, if they are known, and the videos among them.
    annotations, ontology, strict, size_of, dataset, frames, frame_name
        As for `labelwidgets.formats.coco.write`.
    """

    def __init__(
        self,
        annotations: Sequence[Annotation],
        clips: Clips,
        ontology: Ontology | None,
        strict: bool,
        size_of: SizeOf | None,
        dataset: Dataset | None,
        frames: Frames,
        frame_name: str,
    ) -> None:
        self.frames, self.clips = frames, clips
        self.captions: CaptionRecords | None = None
        self.numbers: dict[str, int] = {}
        self.tracks: list[dict[str, Any]] = []
        # What is seen of each track, by its id, and the frame that it is kept on.
        self.seen: dict[str, list[OnFrame]] = {}
        self.home: dict[str, int | None] = {}
        self.annotations, self.count = annotations, 0
        self.place: ImagesOf = {}
        self.labels_of: dict[str, dict[int | None, list[Annotation]]] = defaultdict(
            lambda: defaultdict(list)
        )
        ids = [one.id for one in annotations]
        if len(set(ids)) < len(ids):
            twice = next(one for one, times in Counter(ids).items() if times > 1)
            raise FormatError("is there twice.", where=f"annotation {twice!r}")
        moves = not _MOVING.isdisjoint(map(type, map(_shape_of, annotations)))
        for (item, frame), group in groupby(annotations, _picture_of):
            some = list(group)
            if moves:
                some = [one for one in some if not self._spread(one)]
            if some:
                self.labels_of[item][frame] += some
        self.ontology = ontology or _ontology(annotations)
        unknown = KEY_SLICE not in self.ontology and KEY_SLICE in set(map(_class_of, annotations))
        if unknown and any(map(is_key_slice, annotations)):
            self.ontology = self.ontology.extend([self.ontology[KEY_SLICE]])
        category_ids = {made.name: n for n, made in enumerate(self.ontology.classes, 1)}
        self.made = LabelRecords(category_ids, strict)
        items = _unknown(self.labels_of) if clips.frame is None else list(clips.items.values())
        self.images = ImageRecords(items, self.labels_of, clips, size_of, dataset, frame_name)
        known = {item.id for item in items}
        for id in self.labels_of:
            if id not in known:
                first = next(iter(self.labels_of[id].values()))[0]
                raise FormatError(
                    f"{id!r} is no item of the dataset.",
                    where=f"annotation {first.id!r}, item_id",
                )

    def write(
        self,
        path: str | os.PathLike[str],
        groups: Mapping[str, str],
        storage_options: Mapping[str, Any],
        fields: Mapping[str, Mapping[str, Any]] | None = None,
        called: str | None = None,
    ) -> Exported:
        """Write the file, record by record; warnings name it as it is `called`."""
        name = called or shown(path)
        self.place = self.images.records()
        categories = [
            category_record(number, made, groups.get(made.name), (fields or {}).get(made.name))
            for number, made in enumerate(self.ontology.classes, 1)
        ]
        if self.captions is not None:
            categories = []
        before = {"info": {"description": "Labels made with labelwidgets"}, "licenses": []}
        behind = {
            **({"videos": self.images.videos} if self.images.videos else {}),
        }
        own = {"labelwidgets": {"version": VERSION, "ontology": self.ontology}}
        with replacing(path, **storage_options) as file:
            file.write(_encode(before | {"categories": categories})[:-1] + b',"annotations":[')
            begin = 1
            for some in self.labels():
                # Each begins with a comma.
                file.write(memoryview(some)[begin:])
                begin = 0
            # After the labels, of which some are kept on their images.
            file.write(b'],"images":')
            file.write(_encode(list(self.place.values())))
            if self.tracks:
                behind["tracks"] = self.tracks
            file.write(b"," + _encode(behind | own)[1:])
        self.warn(name)
        counts = {
            "images": len(self.place),
            "annotations": self.count,
            "categories": len(categories),
            "extension_only": self.made.hidden.total() + self.made.image_answers,
            "items_left_out": len(self.images.left_out),
        }
        return Exported(name, counts)

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
        if annotation.id in self.home:
            return self._track(annotation, place, id)
        image = place.get((annotation.item_id, annotation.frame))
        if image is None:
            image = self._beside(annotation, place)
        if self.captions is not None:
            if not is_caption(annotation):
                self.made.hide(annotation.geometry)
                return ()
            return self.captions.records(annotation, image, self.count)
        shape = self._through_slices(annotation)
        if shape is not None:
            return self._slices(annotation, shape, place, id)
        one = self.made.record(annotation, image, id)
        return () if one is None else (one,)

    def _spread(self, annotation: Annotation) -> bool:
        """Find the frames that a track is on; what is of no one frame is kept on its first.

        What is no track is left as it is.
        """
        shape = annotation.geometry
        if not isinstance(shape, Track | Interval):
            return False
        frames = self.labels_of[annotation.item_id]
        if isinstance(shape, Interval):
            home = shape.first
        else:
            clip = self.clips.of(annotation.item_id)
            seen = list(on_frames(annotation, clip, self.frames))
            self.seen[annotation.id] = seen
            home = seen[0].frame if seen else min(shape.keyframes)
            for one in seen:
                frames[one.frame].append(annotation)
        if not frames[home]:
            frames[home].append(annotation)
        self.home[annotation.id] = home
        return True

    def _track(
        self,
        annotation: Annotation,
        place: Mapping[tuple[str, int | None], dict[str, Any]],
        id: int,
    ) -> list[dict[str, Any]]:
        """Return a record for each frame that a track is seen on, and keep the whole of it."""
        made: list[dict[str, Any]] = []
        number = len(self.numbers) + 1
        for one in self.seen.get(annotation.id, ()):
            image = place[annotation.item_id, one.frame]
            flat = msgspec.structs.replace(
                annotation,
                geometry=one.sight.geometry,
                frame=one.frame,
                attributes=one.sight.attributes,
                confidence=one.confidence,
            )
            label = self.made.record(flat, image, id + len(made), kept=True)
            if label is None:
                continue
            label |= {"track_id": number, "instance_id": number, "video_id": image["video_id"]}
            extension: dict[str, Any] = {"track": annotation.id}
            if one.sight.occluded:
                extension["occluded"] = True
            # Moved by another tool, it may be in this field alone.
            if isinstance(flat.geometry, Rectangle) and not flat.geometry.angle:
                extension["type"] = "rectangle"
            label["labelwidgets"] = extension
            made.append(label)
        if made:
            self.numbers[annotation.id] = number
            self.tracks.append(_track_record(annotation, made[0]))
        elif annotation.class_name is not None:
            self.made.hide(annotation.geometry)
        image = place[annotation.item_id, self.home[annotation.id]]
        whole = annotation.to_dict()
        if isinstance(annotation.geometry, Track):
            whole["frames_shown"] = len(made)
        image["labelwidgets"].setdefault("annotations", []).append(whole)
        return made

    def _beside(
        self, annotation: Annotation, place: Mapping[tuple[str, int | None], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return the record for answers about a group as a whole: that of its first picture."""
        first = place.get((annotation.item_id, 0))
        whole = annotation.class_name is None or isinstance(annotation.geometry, VolumeMask | Tag)
        if first is None or not whole:
            raise FormatError(
                f"{annotation.frame!r} is no picture or slice of the item.", where="frame"
            )
        return first

    def _through_slices(self, annotation: Annotation) -> VolumeMask | None:
        """Return the mask of an object that has pixels on slices with images of their own."""
        shape = annotation.geometry
        if not isinstance(shape, VolumeMask) or annotation.item_id not in self.images.scans:
            return None
        return shape if shape.area else None

    def _slices(
        self,
        annotation: Annotation,
        shape: VolumeMask,
        place: Mapping[tuple[str, int | None], dict[str, Any]],
        id: int,
    ) -> Iterator[dict[str, Any]]:
        """Return a record for each slice that an object has pixels on."""
        # A mask of a slice without pixels can only be kept beside another one.
        empty = [index for index, rle in shape.slices.items() if not Mask(rle).area]
        for index, rle in sorted(shape.slices.items()):
            image = place.get((annotation.item_id, index))
            if image is None:
                raise FormatError(
                    f"has slice {index}, the scan has {self.images.scans[annotation.item_id][0]}.",
                    where="geometry",
                )
            if not Mask(rle).area:
                continue
            flat = msgspec.structs.replace(annotation, geometry=Mask(rle), frame=index)
            label = self.made.record(flat, image, id)
            if label is None:
                continue
            label["labelwidgets"] |= {"type": "volumemask"} | ({"empty": empty} if empty else {})
            empty = []
            id += 1
            yield label

    def warn(self, file: str) -> None:
        """Say what other readers of the file will not find in it."""
        if self.made.hidden:
            hidden = listed(dict(sorted(self.made.hidden.items())))
            warn(
                f"{file}: COCO has no place for {hidden}. "
                "labelwidgets reads them back, other tools do not see them.",
            )
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


def _track_record(annotation: Annotation, label: Mapping[str, Any]) -> dict[str, Any]:
    """Return what TAO says of a track, by the record of what is seen of it first."""
    said = annotation.origin.parameters.get("track") if annotation.origin.name == "coco" else None
    own = {"id": label["track_id"]}
    own |= {name: label[name] for name in ("category_id", "video_id")}
    return (said if isinstance(said, dict) else {}) | own


def _ontology(annotations: Iterable[Annotation]) -> Ontology:
    names = {a.class_name for a in annotations if a.class_name is not None}
    return Ontology([ObjectClass(name) for name in sorted(names)])


def _unknown(ids: Iterable[str]) -> list[Item]:
    """Return items of which nothing but the id is known."""
    return [Item(id, "image", id, "", (), None, "unchecked") for id in ids]
