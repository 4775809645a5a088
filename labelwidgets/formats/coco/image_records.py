"""The images and videos of a COCO file, from the items of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeAlias

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco.images import (
    Images,
    MadeImages,
    PictureImages,
    image_record,
    is_public,
)
from labelwidgets.formats.matching import Item
from labelwidgets.formats.writing import Writing
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask
from labelwidgets.schema.tracks import Track

LabelsOf: TypeAlias = Mapping[str, dict[int | None, list[Annotation]]]
_NO_FRAME = {None}
FRAME_NAME = "{video}/frame_{frame:06d}.png"


class ImageRecords:
    """Makes the records of images, and notes of which items there are none.

    Parameters
    ----------
    job
        What is written.
    labels_of
        The labels of an item by their frames.
    frame_name
        As for `labelwidgets.formats.coco.write`.
    """

    def __init__(self, job: Writing, labels_of: LabelsOf, frame_name: str) -> None:
        self._labels_of, self._clips = labels_of, job.clips
        self._size_of, self._dataset, self._frame_name = job.size_of, job.dataset, frame_name
        self._named = job.clips.frame is not None
        self.videos: list[dict[str, Any]] = []
        # Of the scans that have an image for each slice.
        self.scans: dict[str, tuple[int, int, int]] = {}
        self.left_out: list[str] = []
        self.unsized: list[str] = []

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """The items by their ids: of a dataset that nobody named, those that have labels."""
        if self._named:
            return self._clips.items
        return {id: Item(id, "image", id, "", (), None, "unchecked") for id in self._labels_of}

    def records(self) -> Images:
        """Return the image records, in the order of the items and of their frames.

        Raises
        ------
        FormatError
            Naming the item of which a size is needed and not known.
        """
        pictures = self._clips.pictures
        if pictures is not None and all(
            frames.keys() <= _NO_FRAME for frames in self._labels_of.values()
        ):
            return PictureImages(pictures)
        images = MadeImages()
        names: set[str] = set()
        for item in self.items.values():
            frames = self._labels_of.get(item.id, {})
            if item.kind == "image_group":
                for index in range(len(item.urls)):
                    name = _unused(item.file_of(index), f"{item.id}/{index}", names)
                    images[item.id, index] = self._picture(len(images) + 1, item, name, index)
                continue
            shape = self._shape(item) if item.kind in VOLUMES else None
            if shape is not None:
                self.scans[item.id] = shape
                name = _unused(item.file_name, item.id, names)
                for index in range(shape[0]):
                    images[item.id, index] = _slice(len(images) + 1, item, name, index, shape)
                continue
            size = self._size(item)
            if not frames and item.kind not in IN_TIME and (size is None or item.kind != "image"):
                self.left_out.append(item.id)
                continue
            name = _unused(item.file_name, item.id, names)
            order = list(frames)
            if len(order) > 1:
                order.sort(key=lambda frame: -1 if frame is None else frame)
            moving = item.kind in IN_TIME or any(frame is not None for frame in order)
            video = self._video(item, name, size) if moving else None
            if not order and item.kind in IN_TIME:
                continue
            for frame in order or [None]:
                record = (
                    image_record(
                        len(images) + 1, item.id, name, size, item.urls[0] if item.urls else ""
                    )
                    if frame is None
                    else self._frame(len(images) + 1, item, name, frame, size, video)
                )
                images[item.id, frame] = record
        return images

    def _frame(
        self,
        id: int,
        item: Item,
        name: str,
        frame: int,
        size: tuple[int, int] | None,
        video: int | None,
    ) -> dict[str, Any]:
        """Return the image record of a frame."""
        record: dict[str, Any] = {"id": id, "file_name": f"{name}/frame_{frame:06d}.png"}
        if size is not None:
            record["width"], record["height"] = size
        if video is not None:
            said = {"video": name.rsplit(".", 1)[0] or name, "item": item.id}
            if self._frame_name != FRAME_NAME:
                record["file_name"] = self._frame_name.format(**said, frame=frame)
            record |= {"video_id": video, "frame_index": frame, "frame_id": frame}
        record["labelwidgets"] = {"item": item.id, "frame": frame}
        return record

    def _video(self, item: Item, name: str, size: tuple[int, int] | None) -> int | None:
        """Note a video, and return its number; None of what is none."""
        if item.kind not in IN_TIME and self._named:
            return None
        record: dict[str, Any] = {"id": len(self.videos) + 1, "name": name, "file_name": name}
        if size is not None:
            record |= {"width": size[0], "height": size[1]}
        clip = self._clips.of(item.id)
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
        if is_public(item.urls[frame]):
            record["coco_url"] = item.urls[frame]
        record["labelwidgets"] = {"item": item.id, "frame": frame}
        return record

    def _shape(self, item: Item) -> tuple[int, int, int] | None:
        """Return the slices, rows and columns of a scan, None where they are not known."""
        if self._dataset is not None:
            try:
                return self._dataset.volume(item.id).grid.shape
            except LabelwidgetsError as error:
                if item.id not in self._labels_of:
                    return None
                raise FormatError(
                    f"has labels, but its scan cannot be read: {error}", where=f"item {item.id!r}"
                ) from None
        if item.size is None or not item.slices:
            return None
        return item.slices, item.size[1], item.size[0]

    def _size(self, item: Item) -> tuple[int, int] | None:
        if item.size is not None:
            return item.size
        if item.kind in IN_TIME and (found := self._clips.of(item.id).size) is not None:
            return found
        labels = [label for frame in self._labels_of.get(item.id, {}).values() for label in frame]
        if self._size_of is not None and (labels or item.status != "failed"):
            width, height = self._size_of(item.id)
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
        if self._named:
            raise FormatError(
                "has labels, but its width and height are not known.",
                where=f"item {item.id!r}",
                hint="Open the dataset with validate=True, or pass size_of.",
            )
        self.unsized.append(item.id)
        return None


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


def _unused(name: str, prefix: str, names: set[str]) -> str:
    """Return a file name that is not among `names`, and put it there."""
    free = name if name not in names else f"{prefix}/{name}"
    names.add(free)
    return free
