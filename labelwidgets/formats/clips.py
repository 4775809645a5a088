"""The videos of a dataset, as formats that count frames ask for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.file_names import plain_name, safe_name
from labelwidgets.formats.matching import Item, ItemIndex, items_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.plain_pictures import PlainPictures, plain_pictures
from labelwidgets.formats.warned import warn
from labelwidgets.media.kinds import IN_TIME

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset


class Clip(NamedTuple):
    """What label files need to know of a video, or of pictures in the order of time.

    Parameters
    ----------
    item
        The item.
    frames
        How many there are, None where that is not known.
    size
        (width, height) in pixels of the frames as they are shown, None where it is not known.
    rate
        Frames a second, None where it is not known or means nothing.
    last
        The last frame that the item is about, where it is a part of a video; its tracks end
        there. None for the end of the video.
    """

    item: Item
    frames: int | None
    size: tuple[int, int] | None
    rate: float | None
    last: int | None = None

    @property
    def stop(self) -> int | None:
        """The frame that tracks do not reach, None where it is not known."""
        if self.last is None or self.frames is None:
            return self.frames
        return min(self.last + 1, self.frames)

    @property
    def stem(self) -> str:
        """What a file about it is called: its title, or else its id, without a suffix."""
        return (self.item.title or self.item.id).rsplit(".", 1)[0] or self.item.id

    def check(self, frame: int, where: str = "frame") -> None:
        """Raise FormatError unless there is such a frame."""
        if self.frames is not None and frame >= self.frames:
            raise FormatError(
                f"is frame {frame} (from 0), and the video {self.item.id!r} has {self.frames}.",
                where=where,
            )


class Clips:
    """Finds the videos of a dataset and counts their frames, each when it is asked for.

    Parameters
    ----------
    items
        The items of the dataset; None where nobody said.
    dataset
        Where videos are opened; without it, what the metadata of items say has to do.
    """

    def __init__(self, items: pd.DataFrame | None, dataset: Dataset | None) -> None:
        if items is None and dataset is not None:
            items = dataset.items
        self.frame, self._dataset = items, dataset
        self._clips: dict[str, Clip] = {}
        # The only video, once labels of another name were taken for it.
        self._assumed: set[str] = set()

    @cached_property
    def pictures(self) -> PlainPictures | None:
        """The pictures, if there is nothing else: quicker than their `items`."""
        return None if self.frame is None else plain_pictures(self.frame)

    @cached_property
    def items(self) -> dict[str, Item]:
        """The items by their ids."""
        return {item.id: item for item in (items_of(self.frame) if self.frame is not None else [])}

    @cached_property
    def _facts(self) -> dict[str, dict[str, object]]:
        if self.frame is None or "metadata" not in self.frame.columns:
            return {}
        ids, metadata = (self.frame[name].tolist() for name in ("id", "metadata"))
        return {
            str(id): said for id, said in zip(ids, metadata, strict=True) if isinstance(said, dict)
        }

    def _metadata(self) -> Iterable[tuple[str, dict[str, object]]]:
        if self.pictures is not None:
            return zip(self.pictures.ids, self.pictures.metadata, strict=True)
        return self._facts.items()

    @cached_property
    def _moving(self) -> list[Item]:
        return [one for one in self.items.values() if one.kind in IN_TIME]

    @cached_property
    def _index(self) -> ItemIndex:
        return ItemIndex(self._moving)

    def __iter__(self) -> Iterable[Item]:
        """Return the items that have frames."""
        return iter(self._moving)

    def told(self, id: str) -> dict[str, object]:
        """Return the metadata of an item, empty where there are none."""
        return self._facts.get(id, {})

    def telling(self, names: Collection[str]) -> Iterator[tuple[str, dict[str, object]]]:
        """Return the metadata of items that have any of some fields, with the ids of the items."""
        wanted = frozenset(names)
        return ((id, said) for id, said in self._metadata() if not wanted.isdisjoint(said))

    def of(self, id: str) -> Clip:
        """Return the video of an item."""
        if id not in self._clips:
            self._clips[id] = self._clip(self.items.get(id) or unknown_item(id))
        return self._clips[id]

    def find(self, names: Iterable[str], item: str | None, where: str) -> Item:
        """Return the video that a file is about: the only one that there is under any name.

        Of one that is called otherwise a `FormatWarning` says so.

        Parameters
        ----------
        names
            What it may be called, the surest first.
        item
            The id that the person named, None for none.
        where
            The file, for errors.

        Raises
        ------
        FormatError
            If there is none, or it could be any of several.
        """
        if item is not None:
            found = self.items.get(item)
            if found is None:
                raise FormatError(f"{item[:80]!r} is no item of the dataset.", where="item")
            return found
        given = [name for name in names if name]
        for name in given:
            try:
                return self._index.find([name], name)
            except FormatError:
                stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0].casefold()
                alike = [one for one in self._moving if stem and stem in _stems(one)]
                if len(alike) == 1:
                    return alike[0]
        if len(self._moving) == 1:
            only = self._moving[0]
            if given and only.id not in self._assumed:
                self._assumed.add(only.id)
                warn(
                    f"{where}: labels of {given[0][:200]!r} were taken for the only video, "
                    f"{(only.title or only.id)!r}."
                )
            return only
        called = f"a video called {given[0][:200]!r}" if given else "a video"
        if not self._moving:
            raise FormatError(
                f"is about {called}, and the dataset has none.",
                where=where,
                hint="Pictures that are frames become one by a manifest with createVideo.",
            )
        raise FormatError(
            f"is about {called}, and none of the {numbered(len(self._moving), 'video')} of "
            "the dataset is "
            "called so."
            if given
            else "does not say which video it is about.",
            where=where,
            hint="Pass item= with the id of the video.",
        )

    def written(self, kept: Collection[str], labelled: Collection[str], single: bool) -> list[str]:
        """Return the ids of the videos that are written, those with labels first.

        Videos without labels are in a folder with the others, where it is known how many frames
        of what size they have; in a single file only if there is nothing else to write.

        Parameters
        ----------
        kept
            The videos of which labels have a place.
        labelled
            Those with any labels.
        single
            It is a single file of one video.
        """
        if single and (kept or labelled):
            return list(kept or labelled)
        return [*labelled, *(one.id for one in self._empty(labelled))]

    def _empty(self, labelled: Collection[str]) -> Iterable[Item]:
        for item in self._moving:
            if item.id in labelled or item.status == "failed":
                continue
            try:
                clip = self.of(item.id)
            except FormatError:
                # Nothing is lost with a video that nobody has labelled.
                continue
            if clip.frames and clip.size:
                yield item

    def _clip(self, item: Item) -> Clip:
        if item.kind == "image_sequence":
            size = item.size or next((one for one in item.sizes if one), None)
            return Clip(item, len(item.urls), size, None)
        said = self._facts.get(item.id, {})
        end = said.get("last_frame")
        last = end if isinstance(end, int) and item.kind == "video" else None
        if item.kind == "video" and self._dataset is not None:
            try:
                video = self._dataset.video(item.id)
                facts = video.facts
                size = (facts.width, facts.height)
                rate = float(facts.rate) if facts.rate else None
                return Clip(item, len(video), size, rate, last)
            except LabelwidgetsError as error:
                raise FormatError(
                    f"is a video that cannot be read: {error}", where=f"item {item.id!r}"
                ) from None
        frames, fps = said.get("frames"), said.get("fps")
        count = frames if isinstance(frames, int) and frames > 0 else None
        rate = float(fps) if isinstance(fps, int | float) else None
        return Clip(item, count, item.size, rate, last)


def unknown_item(id: str) -> Item:
    """Return a video of which nothing but the id is known."""
    return Item(id, "video", id, "", (), None, "unchecked")


def _stems(item: Item) -> set[str]:
    names = (item.file_name, item.title, item.id, *item.urls[:1])
    stems = {name.rsplit("/", 1)[-1].rsplit(".", 1)[0].casefold() for name in names if name}
    return stems | {safe_name(stem) for stem in stems} | {plain_name(stem) for stem in stems}
