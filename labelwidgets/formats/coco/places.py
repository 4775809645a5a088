"""The images of a COCO file, and the items of the dataset that they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.plain_images import MAX_SIDE, plain_images
from labelwidgets.formats.found_frames import unmatched_frame
from labelwidgets.formats.matching import Item, ItemIndex, items_of, path_parts
from labelwidgets.formats.numbered import none_of
from labelwidgets.formats.problems import Problems

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.formats.coco.several import Part


class Place(NamedTuple):
    """Where the labels of an image record go."""

    item: str
    frame: int | None
    size: tuple[int, int] | None
    # Of a frame of a video, how many that has; None where it is none or that is not known.
    frames: int | None = None
    video: bool = False
    # Of LVIS and TAO: the classes that it is said not to have, and to have in part only.
    said: tuple[tuple[str, tuple[records.Id, ...]], ...] = ()


class Kept(NamedTuple):
    """An annotation that labelwidgets keeps on an image, as COCO has no place for it."""

    record: str
    raw: msgspec.Raw
    place: Place


class Places:
    """The places of the images of a file.

    Parameters
    ----------
    file
        The file.
    problems
        Where images that are wrong go.
    items
        The items of the dataset; None makes items of the images.
    clips
        Its videos.
    first_frame
        What the file calls the first frame of a video.
    part
        The file, where it is one of several in a folder: its pictures may lie in that.

    Raises
    ------
    FormatError
        If there are images and not one of them is an item, unless problems
        are collected or the file is one of several.
    """

    def __init__(
        self,
        file: records.File,
        problems: Problems,
        items: pd.DataFrame | None,
        clips: Clips,
        first_frame: int = 0,
        part: Part | None = None,
    ) -> None:
        self._part = part
        self._frame, self._clips, self._first_frame = items, clips, first_frame
        self._videos = _videos(file, problems)
        self._index = None if items is None else ItemIndex(items_of(items))
        self._places: dict[records.Id, Place | None] = {}
        self._taken: dict[tuple[str, int | None], str] = {}
        self._found: dict[str, Item] = {}
        self._unmatched: dict[records.Id, tuple[str, str, str]] = {}
        self._unplaced: Counter[records.Id] = Counter()
        self._kept: list[Kept] = []
        # Videos that there are images of.
        self._moving: set[records.Id] = set()
        known = records.decode_each(file.images, records.Image)
        if not self._take_plain(known):
            self._take_each(file.images, known, problems)
        self._find_videos(problems)
        if self._unmatched and not self._found and not (problems.collect or part):
            _, file_name, reason = next(iter(self._unmatched.values()))
            raise FormatError(
                f"{none_of(len(self._unmatched), 'image')} an item of the dataset.",
                where=problems.file,
                hint=f"The first is {file_name[:200]!r}, it {reason}",
            )

    def _take_each(
        self,
        raws: Iterable[msgspec.Raw],
        known: Iterable[records.Image | None],
        problems: Problems,
    ) -> None:
        """Take images one by one."""
        for number, (raw, image) in enumerate(zip(raws, known, strict=True)):
            record = f"images[{number}]"
            id: records.Id | None = None
            try:
                if image is None:
                    image = records.decode(raw, records.Image)
                id = image.id
                self._read(image, record)
            except LabelwidgetsError as error:
                problems.add(record, id, error)

    def _take_plain(self, known: Sequence[records.Image | None]) -> bool:
        """Take images at once if each is a picture with a name and nothing more is said of any."""
        found = None if self._index or self._part else plain_images(known)
        if found is None:
            return False
        ids, names, sizes, urls = found
        kind, folder, status = map(repeat, ("image", "", "unchecked"))
        items = map(Item, names, kind, names, folder, urls, sizes, status)
        self._found = dict(zip(names, items, strict=True))
        places = map(Place, names, repeat(None), sizes)
        self._places = dict(zip(ids, places, strict=True))
        return True

    def of(self, image_id: records.Id) -> Place | None:
        """Return the place of an image, None (and count the label) if it is no item.

        Raises
        ------
        FormatError
            If the file has no such image.
        """
        if image_id not in self._places:
            raise FormatError(
                f"{image_id!r} is not the id of an image of the file.", where="image_id"
            )
        place = self._places[image_id]
        if place is None:
            self._unplaced[image_id] += 1
        return place

    def known(self) -> Iterable[tuple[records.Id, Place | None]]:
        """Return the places of all images by their ids."""
        return self._places.items()

    def get(self, image_id: records.Id) -> Place | None:
        """Return the place of an image, without counting a label for it."""
        return self._places.get(image_id)

    def kept(self) -> Iterator[Kept]:
        """Return the annotations that are kept on the images."""
        return iter(self._kept)

    def unmatched(self) -> pd.DataFrame:
        """Return one row an image that is no item: see `Imported.unmatched`."""
        rows = [
            (record, str(id), file_name, self._unplaced[id], reason)
            for id, (record, file_name, reason) in self._unmatched.items()
        ]
        return unmatched_frame(rows)

    def items(self, said_of: Callable[[Place], dict[str, list[str]]]) -> pd.DataFrame:
        """Return the items that images of the file are.

        Parameters
        ----------
        said_of
            Returns what else is said of a picture, which its metadata have then.
        """
        import pandas as pd

        more = {
            one.item: said
            for one in self._places.values()
            if one is not None and one.said and one.frame is None and (said := said_of(one))
        }
        if self._frame is not None:
            there = self._frame["id"].astype(str).isin(list(self._found))
            frame = self._frame[there].reset_index(drop=True)
            if not more or "metadata" not in frame.columns:
                return frame
            pairs = zip(frame["id"].astype(str), frame["metadata"], strict=True)
            told = [{**(one or {}), **more.get(id, {})} for id, one in pairs]
            return frame.assign(metadata=pd.Series(told, index=frame.index, dtype=object))
        found = list(self._found.values())
        sizes = [item.size for item in found]
        columns = {
            "id": [item.id for item in found],
            "kind": [item.kind for item in found],
            "title": [item.title for item in found],
            "folder": [item.folder for item in found],
            "urls": [list(item.urls) for item in found],
            "metadata": [
                ({"width": size[0], "height": size[1]} if size else {}) | more.get(item.id, {})
                for item, size in zip(found, sizes, strict=True)
            ],
            "status": [item.status for item in found],
            # The file named them, nobody else.
            "trusted": [False] * len(found),
        }
        return pd.DataFrame(columns)

    def _read(self, image: records.Image, record: str) -> None:
        records.check_id(image.id)
        if image.id in self._places:
            raise FormatError("is the id of an image before it.", where="id")
        size = _size(image)
        extension = None
        if not records.is_null(image.labelwidgets):
            extension = records.decode(image.labelwidgets, records.ImageExtension, "labelwidgets")
        frame = extension.frame if extension else None
        if frame is not None and frame < 0:
            raise FormatError("must be an index from 0.", where="labelwidgets.frame")
        try:
            video = self._videos.get(image.video_id) if image.video_id is not None else None
            if video is not None:
                self._moving.add(video.id)
                item = self._video(video, size)
                frame = self._number(image) if frame is None else frame
            else:
                item = self._item(image, extension, size)
            other = self._taken.get((item.id, frame))
            if other is not None:
                raise FormatError(f"is item {item.id!r} of the dataset, as {other} is already.")
        except FormatError as error:
            self._places[image.id] = None
            self._unmatched[image.id] = (record, image.file_name, error.message)
            self._unplaced[image.id] += len(extension.annotations) if extension else 0
            return
        if size and item.size and size != item.size:
            raise FormatError(
                f"is {size[0]} x {size[1]} pixels, the item {item.id!r} is "
                f"{item.size[0]} x {item.size[1]}.",
                where="width, height",
                hint="Were the labels made on a resized copy?",
            )
        self._taken[item.id, frame] = record
        self._found[item.id] = item
        moving = video is not None and frame is not None
        clip = self._clips.of(item.id) if moving and self._frame is not None else None
        if clip is not None and frame is not None:
            clip.check(frame, "frame_index")
        count = clip.frames if clip is not None else None
        made = Place(item.id, frame, size or item.size, count, moving, _said(image, video))
        place = self._places[image.id] = made
        for number, raw in enumerate(extension.annotations if extension else []):
            self._kept.append(Kept(f"{record}.labelwidgets.annotations[{number}]", raw, place))

    def _find_videos(self, problems: Problems) -> None:
        """Find the items of videos without images: nothing of them is labelled."""
        for video in self._videos.values():
            if video.id in self._moving:
                continue
            try:
                item = self._video(video, None)
                self._found.setdefault(item.id, item)
            except FormatError:
                # Of videos of the file that are no items, their images are told.
                continue
            except LabelwidgetsError as error:
                problems.add("videos", video.id, error)

    def _video(self, video: records.Video, size: tuple[int, int] | None) -> Item:
        """Return the item of a video."""
        said = None
        if not records.is_null(video.labelwidgets):
            said = records.decode(video.labelwidgets, records.VideoExtension, "labelwidgets").item
        name = video.file_name or video.name or str(video.id)
        if self._index is None:
            return Item(said or name, "video", name, "", (), size, "unchecked")
        item = self._index.get(said) if said else None
        return item or self._clips.find([video.file_name, video.name], None, "videos")

    def _number(self, image: records.Image) -> int:
        given = image.frame_index if image.frame_index is not None else image.frame_id
        if given is None:
            raise FormatError("does not say which frame of its video it is.", where="frame_index")
        if given < self._first_frame:
            raise FormatError(
                f"is {given}, and frames count from {self._first_frame}.", where="frame_index"
            )
        return given - self._first_frame

    def _item(
        self,
        image: records.Image,
        extension: records.ImageExtension | None,
        size: tuple[int, int] | None,
    ) -> Item:
        if self._index is None:
            # LVIS has nothing but addresses: ".../train2017/000000000071.jpg".
            name = image.file_name or "/".join(path_parts(image.coco_url or "")[-2:])
            name = self._part.made(name) if self._part is not None else name
            *folders, title = path_parts(name) or [str(image.id)]
            id = extension.item if extension else name or str(image.id)
            urls = (image.coco_url,) if image.coco_url else ()
            return Item(id, "image", title, "/".join(folders), urls, size, "unchecked")
        item = self._index.get(extension.item) if extension else None
        called = [image.file_name] if self._part is None else self._part.names(image.file_name)
        names = (image.coco_url, image.flickr_url, *called)
        return item or self._index.find(names, image.id)


def _said(
    image: records.Image, video: records.Video | None
) -> tuple[tuple[str, tuple[records.Id, ...]], ...]:
    if video is None and image.neg_category_ids is image.not_exhaustive_category_ids is None:
        return ()
    told = {}
    for field in records.OF_CLASSES:
        given = [getattr(one, field) for one in (video, image) if one is not None]
        ids = tuple(dict.fromkeys(id for some in given for id in some or ()))
        if ids:
            told[field] = ids
    return tuple(told.items())


def _videos(file: records.File, problems: Problems) -> dict[records.Id, records.Video]:
    made: dict[records.Id, records.Video] = {}
    for number, raw in enumerate(file.videos):
        id: records.Id | None = None
        try:
            video = records.decode(raw, records.Video)
            id = video.id
            records.check_id(id)
            if id in made:
                raise FormatError("is the id of a video before it.", where="id")
            made[id] = video
        except LabelwidgetsError as error:
            problems.add(f"videos[{number}]", id, error)
    return made


def _size(image: records.Image) -> tuple[int, int] | None:
    width, height = image.width, image.height
    if width and height and 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE:
        return width, height
    for field, side in (("width", width), ("height", height)):
        if side is not None and not 0 < side <= MAX_SIDE:
            raise FormatError(f"must be from 1 to 1,000,000, not {str(side)[:40]}.", where=field)
    return None
