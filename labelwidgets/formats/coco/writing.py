"""From annotations to a COCO file."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.addresses import parts_of
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco.records import CAPTION, VERSION
from labelwidgets.formats.coco.shapes import write_shape
from labelwidgets.formats.holds import FEATURES, KEPT, OURS, Holds
from labelwidgets.formats.matching import Item
from labelwidgets.formats.progress import counted
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames, OnFrame, check_frames, on_frames
from labelwidgets.formats.warned import warn
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.media.replacing import replacing
from labelwidgets.media.whole_files import shown
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Geometry, Mask, Rectangle, Tag, VolumeMask
from labelwidgets.schema.key_slices import KEY_SLICE, is_key_slice
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Interval, Track

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

_encode = msgspec.json.Encoder().encode

SizeOf = Callable[[str], tuple[int, int]]

FRAME_NAME = "{video}/frame_{frame:06d}.png"
HOLDS = Holds(
    "COCO",
    "pictures",
    {
        **dict.fromkeys(FEATURES, KEPT),
        **dict.fromkeys(("polyline", "point", "cuboid", "tag", "event"), OURS),
    },
    file="labels.json",
)
# What the extension of an annotation need not say again.
_ELSEWHERE = ("item_id", "frame", "class_name", "geometry", "attributes", "confidence")


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    size_of: SizeOf | None = None,
    supercategories: Mapping[str, str] | None = None,
    dataset: Dataset | None = None,
    frames: Frames = "all",
    frame_name: str = FRAME_NAME,
    captions: bool = False,
    **storage_options: Any,
) -> Exported:
    """Write a COCO file: see `labelwidgets.formats.write` and `labelwidgets.formats.coco`.

    Ids are 1, 2, 3, ...: of categories in the order of the ontology, of
    images in the order of `items` (and of their frames), of annotations as
    given. The same labels give the same
    bytes. Answers to attributes are written as ``attributes``, the confidence
    as ``score``; ``iscrowd`` is 1 for labels that were read so.

    Parameters
    ----------
    annotations, path, items, ontology, strict, size_of, supercategories, **storage_options
        As for `labelwidgets.formats.write`.
    dataset
        Where the slices of scans are counted; without it, items whose metadata do not say how
        many there are have images of their labelled frames alone.
    frames
        Of tracks: ``all`` frames on which they are seen, those with ``keyframes``, or a number:
        every n-th.
    frame_name
        What the pictures of frames are called, of ``video``, ``frame`` and ``item``; such as
        ``"{video}/{frame:06d}.jpg"``.
    captions
        Write a file of captions, as COCO has it: the answers to the question ``caption`` about
        pictures, one a line, and nothing else.

    Raises
    ------
    FormatError
        Naming the annotation or item: no such item, no such class, a size
        that is needed and not known, an id that is there twice, or (if
        `strict`) a shape that COCO has no place for.
    SourceError
        If the place cannot be written.
    """
    check_frames(frames)
    _check_name(frame_name)
    clips = Clips(items, dataset)
    writer = Writer(annotations, clips, ontology, strict, size_of, dataset, frames)
    writer.frame_name, writer.captions = frame_name, captions
    return writer.write(path, supercategories or {}, storage_options)


class Writer:
    """One writing of one file.

    Parameters
    ----------
    clips
        The items of the dataset, if they are known, and the videos among them.
    annotations, ontology, strict, size_of, dataset, frames
        As for `write`.
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
    ) -> None:
        self.dataset, self.frames = dataset, frames
        self.frame_name = ""
        self.captions = False
        self.clips = clips
        self.videos: list[dict[str, Any]] = []
        self.numbers: dict[str, int] = {}
        # What is seen of each track, by its id, and the frame that it is kept on.
        self.seen: dict[str, list[OnFrame]] = {}
        self.home: dict[str, int | None] = {}
        self.strict, self.size_of, self.named = strict, size_of, clips.frame is not None
        self.annotations = annotations
        self.hidden: Counter[str] = Counter()
        self.image_answers = self.count = 0
        self.caption_ids: set[int] = set()
        # Image records by item and frame.
        self.place: dict[tuple[str, int | None], dict[str, Any]] = {}
        self.left_out: list[str] = []
        # Of the scans that have an image for each slice.
        self.scans: dict[str, tuple[int, int, int]] = {}
        self.unsized: list[str] = []
        self.labels_of: dict[str, dict[int | None, list[Annotation]]] = defaultdict(
            lambda: defaultdict(list)
        )
        ids: set[str] = set()
        for annotation in annotations:
            if annotation.id in ids:
                raise FormatError("is there twice.", where=f"annotation {annotation.id!r}")
            ids.add(annotation.id)
            if isinstance(annotation.geometry, Track | Interval):
                self._spread(annotation)
                continue
            self.labels_of[annotation.item_id][annotation.frame].append(annotation)
        self.ontology = ontology or _ontology(annotations)
        if KEY_SLICE not in self.ontology and any(map(is_key_slice, annotations)):
            self.ontology = self.ontology.extend([self.ontology[KEY_SLICE]])
        self.category_ids = {made.name: n for n, made in enumerate(self.ontology.classes, 1)}
        self.items = list(self.clips.items.values()) if self.named else _unknown(self.labels_of)
        known = {item.id for item in self.items}
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
    ) -> Exported:
        """Write the file, record by record."""
        name = shown(path)
        images = self._images()
        self.place = {
            (record["labelwidgets"]["item"], record["labelwidgets"].get("frame")): record
            for record in images
        }
        categories = [
            _category(number, made, groups.get(made.name))
            for number, made in enumerate(self.ontology.classes, 1)
        ]
        if self.captions:
            categories = []
        before = {"info": {"description": "Labels made with labelwidgets"}, "licenses": []}
        behind = {
            **({"videos": self.videos} if self.videos else {}),
            "labelwidgets": {"version": VERSION, "ontology": self.ontology},
        }
        with replacing(path, **storage_options) as file:
            file.write(_encode(before | {"categories": categories})[:-1] + b',"annotations":[')
            between = b""
            for label in self.labels():
                file.write(between + label)
                between = b","
            # After the labels, of which some are kept on their images.
            file.write(b'],"images":')
            file.write(_encode(images))
            file.write(b"," + _encode(behind)[1:])
        self.warn(name)
        counts = {
            "images": len(images),
            "annotations": self.count,
            "categories": len(categories),
            "extension_only": self.hidden.total() + self.image_answers,
            "items_left_out": len(self.left_out),
        }
        return Exported(name, counts)

    def labels(self) -> Iterator[bytes]:
        """Yield annotations, one or some with commas between them, and count them."""
        for annotation in counted(self.annotations, "Writing COCO"):
            yield from self.encoded(annotation)

    def encoded(self, annotation: Annotation) -> Iterator[bytes]:
        """Yield the records of an annotation, and count them."""
        try:
            for one in self.records(annotation):
                self.count += 1
                yield _encode(one)
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
        if self.captions:
            return self._captions(annotation, image)
        shape = self._through_slices(annotation)
        if shape is not None:
            return self._slices(annotation, shape, place, id)
        one = self._label(annotation, image, id)
        return () if one is None else (one,)

    def _captions(self, annotation: Annotation, image: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield what is written about a picture."""
        text = annotation.attributes.get(CAPTION)
        if annotation.class_name is not None or not (text or _captions_of(annotation)):
            self._hide(annotation.geometry)
            return
        known = {one["caption"]: one for one in _captions_of(annotation)}
        lines = text.split("\n") if isinstance(text, str) else list(known)
        for line in filter(None, lines):
            id = known.get(line, {}).get("id")
            number = id if isinstance(id, int) else self.count + 1
            while number in self.caption_ids:
                number += 1
            self.caption_ids.add(number)
            yield {"id": number, "image_id": image["id"], "caption": line}

    def _spread(self, annotation: Annotation) -> None:
        """Find the frames that a track is on; what is of no one frame is kept on its first."""
        shape = annotation.geometry
        assert isinstance(shape, Track | Interval)  # noqa: S101 - asked for by the caller
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
            label = self._label(flat, image, id + len(made), kept=True)
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
        elif annotation.class_name is not None:
            self._hide(annotation.geometry)
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

    def _images(self) -> list[dict[str, Any]]:
        images: list[dict[str, Any]] = []
        names: set[str] = set()
        for item in self.items:
            if item.kind == "image_group":
                for index in range(len(item.urls)):
                    name = _unused(item.file_of(index), f"{item.id}/{index}", names)
                    images.append(self._picture(len(images) + 1, item, name, index))
                continue
            frames = self.labels_of.get(item.id, {})
            shape = self._shape(item) if item.kind in VOLUMES else None
            if shape is not None:
                self.scans[item.id] = shape
                name = _unused(item.file_name, item.id, names)
                for index in range(shape[0]):
                    images.append(_slice(len(images) + 1, item, name, index, shape))
                continue
            size = self._size(item)
            if not frames and item.kind not in IN_TIME and (size is None or item.kind != "image"):
                self.left_out.append(item.id)
                continue
            name = _unused(item.file_name, item.id, names)
            order = sorted(frames, key=lambda frame: -1 if frame is None else frame)
            moving = item.kind in IN_TIME or any(frame is not None for frame in order)
            video = self._video(item, name, size) if moving else None
            if not order and item.kind in IN_TIME:
                continue
            for frame in order or [None]:
                record = _image(len(images) + 1, item, name, frame, size)
                if video is not None and frame is not None:
                    said = {"video": name.rsplit(".", 1)[0] or name, "item": item.id}
                    if self.frame_name != FRAME_NAME:
                        record["file_name"] = self.frame_name.format(**said, frame=frame)
                    own = record.pop("labelwidgets")
                    record |= {"video_id": video, "frame_index": frame, "frame_id": frame}
                    record["labelwidgets"] = own
                images.append(record)
        return images

    def _video(self, item: Item, name: str, size: tuple[int, int] | None) -> int | None:
        """Note a video, and return its number; None of what is none."""
        if item.kind not in IN_TIME and self.named:
            return None
        record: dict[str, Any] = {"id": len(self.videos) + 1, "name": name, "file_name": name}
        if size is not None:
            record |= {"width": size[0], "height": size[1]}
        clip = self.clips.of(item.id)
        if clip.frames is not None:
            record["length"] = clip.frames
        record["labelwidgets"] = {"item": item.id}
        self.videos.append(record)
        return len(self.videos)

    def _picture(self, id: int, item: Item, name: str, frame: int) -> dict[str, Any]:
        """Return the image record of one picture of a group."""
        size = item.sizes[frame] if frame < len(item.sizes) else None
        if size is None:
            raise FormatError(
                "has a picture whose width and height are not known.",
                where=f"item {item.id!r}, frame {frame}",
                hint="Open the dataset with validate=True.",
            )
        record: dict[str, Any] = {"id": id, "file_name": name, "width": size[0], "height": size[1]}
        if _public(item.urls[frame]):
            record["coco_url"] = item.urls[frame]
        record["labelwidgets"] = {"item": item.id, "frame": frame}
        return record

    def _shape(self, item: Item) -> tuple[int, int, int] | None:
        """Return the slices, rows and columns of a scan, None where they are not known."""
        if self.dataset is not None:
            try:
                return self.dataset.volume(item.id).grid.shape
            except LabelwidgetsError as error:
                if item.id not in self.labels_of:
                    return None
                raise FormatError(
                    f"has labels, but its scan cannot be read: {error}", where=f"item {item.id!r}"
                ) from None
        if item.size is None or not item.slices:
            return None
        return item.slices, item.size[1], item.size[0]

    def _through_slices(self, annotation: Annotation) -> VolumeMask | None:
        """Return the mask of an object that has pixels on slices with images of their own."""
        shape = annotation.geometry
        if not isinstance(shape, VolumeMask) or annotation.item_id not in self.scans:
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
                    f"has slice {index}, the scan has {self.scans[annotation.item_id][0]}.",
                    where="geometry",
                )
            if not Mask(rle).area:
                continue
            flat = msgspec.structs.replace(annotation, geometry=Mask(rle), frame=index)
            label = self._label(flat, image, id)
            if label is None:
                continue
            label["labelwidgets"] |= {"type": "volumemask"} | ({"empty": empty} if empty else {})
            empty = []
            id += 1
            yield label

    def _size(self, item: Item) -> tuple[int, int] | None:
        if item.size is not None:
            return item.size
        if item.kind in IN_TIME and (found := self.clips.of(item.id).size) is not None:
            return found
        labels = [label for frame in self.labels_of.get(item.id, {}).values() for label in frame]
        if self.size_of is not None and (labels or item.status != "failed"):
            width, height = self.size_of(item.id)
            return int(width), int(height)
        if not labels:
            return None
        for label in labels:
            shape: Any = label.geometry
            if isinstance(shape, Track):
                shape = next(one.geometry for one in shape.keyframes.values() if one.geometry)
            if isinstance(shape, Mask):
                height, width = shape.rle.size
                return width, height
        if self.named:
            raise FormatError(
                "has labels, but its width and height are not known.",
                where=f"item {item.id!r}",
                hint="Open the dataset with validate=True, or pass size_of.",
            )
        self.unsized.append(item.id)
        return None

    def _label(
        self, annotation: Annotation, image: dict[str, Any], id: int, *, kept: bool = False
    ) -> dict[str, Any] | None:
        """Return the annotation record, or None after putting it into that of its image."""
        size = (image["width"], image["height"]) if "width" in image else None
        name = annotation.class_name
        if name is not None and name not in self.category_ids:
            raise FormatError(f"{name!r} is not a class of the ontology.", where="class_name")
        written = None if name is None else write_shape(annotation.geometry, size)
        if written is None and kept:
            return None
        if name is None or written is None:
            if name is None:
                self.image_answers += 1
            else:
                self._hide(annotation.geometry)
            image["labelwidgets"].setdefault("annotations", []).append(annotation)
            return None
        extension = {
            "type": annotation.geometry.type,
            **_without(annotation.to_dict(), *_ELSEWHERE),
        }
        if not written.exact:
            extension["geometry"] = annotation.geometry
        label: dict[str, Any] = {
            "id": id,
            "image_id": image["id"],
            "category_id": self.category_ids[name],
            **written.fields,
            "iscrowd": _iscrowd(annotation),
        }
        self._tell(annotation, image)
        if annotation.attributes:
            label["attributes"] = annotation.attributes
        if annotation.confidence is not None:
            label["score"] = annotation.confidence
        label["labelwidgets"] = extension
        return label

    def _tell(self, annotation: Annotation, image: dict[str, Any]) -> None:
        """Say of a picture what its file said of it: which classes are not on it, or in part."""
        if annotation.origin.name != "coco":
            return
        for field in ("neg_category_ids", "not_exhaustive_category_ids"):
            names = annotation.origin.parameters.get(field)
            if isinstance(names, list):
                image[field] = [self.category_ids[one] for one in names if one in self.category_ids]

    def _hide(self, geometry: Geometry) -> None:
        empties = ("mask", "keypoints", "volumemask")
        empty = geometry.type in empties and not (geometry.type != "keypoints" and geometry.area)
        kind = f"empty {geometry.type}" if empty else geometry.type
        if self.strict:
            raise FormatError(
                f"COCO has no place for a shape of type {kind}.",
                where="geometry",
                hint="Leave it out, or write with strict=False.",
            )
        self.hidden[kind] += 1

    def warn(self, file: str) -> None:
        """Say what other readers of the file will not find in it."""
        if self.hidden:
            counted = ", ".join(f"{n} {kind}" for kind, n in sorted(self.hidden.items()))
            warn(
                f"{file}: COCO has no place for {counted}. "
                "labelwidgets reads them back, other tools do not see them.",
            )
        if self.unsized:
            warn(
                f"{file}: the sizes of {len(self.unsized)} images are not known, so that other "
                "tools cannot turn their labels into masks. Pass items or size_of.",
            )
        if self.left_out:
            warn(
                f"{file}: {len(self.left_out)} items without labels, which are no images or of "
                "unknown size, are left out.",
            )


def _image(
    id: int, item: Item, name: str, frame: int | None, size: tuple[int, int] | None
) -> dict[str, Any]:
    record: dict[str, Any] = {"id": id, "file_name": name}
    if frame is not None:
        record["file_name"] = f"{name}/frame_{frame:06d}.png"
    if size is not None:
        record |= {"width": size[0], "height": size[1]}
    if frame is None and item.urls and _public(item.urls[0]):
        record["coco_url"] = item.urls[0]
    record["labelwidgets"] = {"item": item.id} | ({} if frame is None else {"frame": frame})
    return record


def _slice(
    id: int, item: Item, name: str, index: int, shape: tuple[int, int, int]
) -> dict[str, Any]:
    """Return the image record of a slice of a scan."""
    return {
        "id": id,
        "file_name": f"{name}/slice_{index:04d}.png",
        "width": shape[2],
        "height": shape[1],
        "slice": index,
        "labelwidgets": {"item": item.id, "frame": index},
    }


def _check_name(pattern: str) -> None:
    try:
        one, other = (pattern.format(video="v", item="i", frame=at) for at in (1, 2))
    except (KeyError, IndexError, ValueError, AttributeError):
        one = other = ""
    if one == other:
        raise FormatError(
            f"must name frames, not {pattern[:80]!r}.",
            where="frame_name",
            hint='Such as "{video}/{frame:06d}.jpg".',
        )


def _unused(name: str, prefix: str, names: set[str]) -> str:
    """Return a file name that is not among `names`, and put it there."""
    free = name if name not in names else f"{prefix}/{name}"
    names.add(free)
    return free


def _public(url: str) -> bool:
    """Say whether a URL may be in a file that travels: remote, without keys."""
    parts = parts_of(url)
    return parts.scheme not in ("", "file", "local", "memory") and not (
        parts.query or parts.username or parts.password or len(parts.scheme) == 1
    )


def _category(id: int, made: ObjectClass, group: str | None) -> dict[str, Any]:
    record: dict[str, Any] = {"id": id, "name": made.name, "supercategory": group or ""}
    if made.skeleton is not None:
        record["keypoints"] = made.skeleton.joints
        record["skeleton"] = [[a + 1, b + 1] for a, b in made.skeleton.edges]
    return record


def _iscrowd(annotation: Annotation) -> int:
    origin = annotation.origin
    return int(origin.name == "coco" and origin.parameters.get("iscrowd") == 1)


def _captions_of(annotation: Annotation) -> list[dict[str, Any]]:
    """Return the captions that a label was read with, as they were."""
    given = annotation.origin.parameters.get("captions")
    several = given if annotation.origin.name == "coco" and isinstance(given, list) else []
    return [one for one in several if isinstance(one, dict) and isinstance(one.get("caption"), str)]


def _without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def _ontology(annotations: Iterable[Annotation]) -> Ontology:
    names = {a.class_name for a in annotations if a.class_name is not None}
    return Ontology([ObjectClass(name) for name in sorted(names)])


def _unknown(ids: Iterable[str]) -> list[Item]:
    """Return items of which nothing but the id is known."""
    return [Item(id, "image", id, "", (), None, "unchecked") for id in ids]
