"""The pictures of a dataset with what is to be seen on each, for formats that go by picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.file_names import safe_name
from labelwidgets.formats.holds import Holds
from labelwidgets.formats.losses import features_of
from labelwidgets.formats.matching import Item
from labelwidgets.formats.picture_names import FRAME, SLICE
from labelwidgets.formats.progress import counted
from labelwidgets.formats.scan_labels import ontology_of
from labelwidgets.formats.seen_frames import Frames, by_item, check_frames, on_frames
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, VolumeMask
from labelwidgets.schema.key_slices import is_key_slice
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Interval, Track

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

Size = tuple[int, int]


class Picture(NamedTuple):
    """A picture, and the labels on it.

    Parameters
    ----------
    item
        The item that it is, or is a part of.
    frame
        Which part, None where the item is one picture.
    name
        Its path relative to the dataset, with forward slashes, never upwards; no other picture
        has it.
    size
        (width, height) in pixels, None where they are not known.
    labels
        Each as it is on this picture: a track is its shape here, with the answers here, and the
        `track_id` says which; a mask of a volume is that of this slice. Answers about a whole
        group are on its first picture.
    """

    item: Item
    frame: int | None
    name: str
    size: Size | None
    labels: list[Annotation]

    @property
    def stem(self) -> str:
        """The name without the suffix of a picture."""
        return stem_of(self.name)

    @property
    def pixels(self) -> Size:
        """The size; raises FormatError where it is not known."""
        if self.size is None:
            raise FormatError(
                "has labels, but its width and height are not known.",
                where=f"item {self.item.id!r}",
                hint="Open the dataset with validate=True, or pass size_of.",
            )
        return self.size


class Pictures:
    """Goes through the pictures of a dataset, in its order.

    Pictures without labels are among them where the item is an image or a group; of videos and
    scans, those frames and slices that have labels.

    Parameters
    ----------
    annotations
        The labels.
    items
        The items of the dataset; None makes do with the ids that the labels name.
    holds
        What the format can hold: tracks and masks of volumes that it has no place for, even as
        shapes on each frame, are left out.
    dropped
        Where what is lost of tracks, masks of volumes and events is counted, once for each.
    ontology
        Its classes; None takes the names that occur, sorted.
    size_of
        Gives (width, height) of items whose metadata lack them.
    dataset
        Where videos are opened to count their frames.
    frames
        Of tracks: ``all`` frames on which they are seen, ``keyframes``, or every n-th.
    seen
        Called with each picture before it is given out.
    named
        Gives a picture the name of its file, where its file is written, too.

    Raises
    ------
    FormatError
        If an id is there twice, or an item or a class is not there.
    """

    def __init__(
        self,
        annotations: Sequence[Annotation],
        items: pd.DataFrame | None,
        holds: Holds,
        dropped: Dropped,
        *,
        ontology: Ontology | None = None,
        size_of: Callable[[str], Size] | None = None,
        dataset: Dataset | None = None,
        frames: Frames = "all",
        seen: Callable[[Picture], None] | None = None,
        named: Callable[[str], str] = str,
    ) -> None:
        check_frames(frames)
        self._see, self._name = seen, named
        self._clips = Clips(items, dataset)
        self._size_of, self._frames = size_of, frames
        self._holds, self._dropped = holds, dropped
        self._named = self._clips.frame is not None
        self._shared: set[str] | None = None
        self.ontology = ontology or ontology_of(annotations)
        self._labels = by_item(annotations)
        self._check(annotations)

    def __iter__(self) -> Iterator[Picture]:
        """Return the pictures."""
        return self.without(())

    def without(self, ids: Container[str]) -> Iterator[Picture]:
        """Return the pictures of all other items than these."""
        for picture in self._each(ids):
            if self._see is not None:
                self._see(picture)
            yield picture

    def _each(self, ids: Container[str]) -> Iterator[Picture]:
        items: Iterable[Item] = self._clips.items.values()
        if not self._named:
            items = [
                Item(id, _kind_of(some), id, "", (), None, "unchecked")
                for id, some in self._labels.items()
            ]
        if ids:
            items = [item for item in items if item.id not in ids]
        names: set[str] = set()
        for item in counted(items, f"Writing {self._holds.title}", "item"):
            labels = self._kept(item, self._labels.get(item.id, []))
            try:
                for picture in self._of(item, labels):
                    name = self._name(picture.name)
                    if name in names:
                        name = self._name(f"{item.id}/{name}")
                    names.add(name)
                    yield picture._replace(name=name)
            except LabelwidgetsError as error:
                if isinstance(error, FormatError) and error.where:
                    raise
                raise FormatError(
                    error.message, where=f"item {item.id!r}", hint=error.hint
                ) from None

    def stem_of(self, picture: Picture) -> str:
        """Return what a file of labels of one picture is called, without its own suffix.

        That is the name of the picture without its suffix, but where others differ from it only
        in that.
        """
        if self._shared is None:
            names = (
                safe_name(stem_of(item.file_of(frame))).lower()
                for item in self._clips.items.values()
                for frame in range(max(1, len(item.urls)))
            )
            self._shared = {name for name, count in Counter(names).items() if count > 1}
        own = safe_name(picture.stem).lower()
        return picture.name if own in self._shared else picture.stem

    def _check(self, annotations: Sequence[Annotation]) -> None:
        ids: set[str] = set()
        for one in annotations:
            where = f"annotation {one.id!r}"
            if one.id in ids:
                raise FormatError("is there twice.", where=where)
            ids.add(one.id)
            if self._named and one.item_id not in self._clips.items:
                raise FormatError(
                    f"{one.item_id!r} is no item of the dataset.", where=f"{where}, item_id"
                )
            name = one.class_name
            if name is not None and name not in self.ontology and not is_key_slice(one):
                raise FormatError(
                    f"{name!r} is not a class of the ontology.", where=f"{where}, class_name"
                )

    def _kept(self, item: Item, labels: list[Annotation]) -> list[Annotation]:
        """Return labels without those that are on no one picture, and count what is lost."""
        lost: Counter[str] = Counter()
        kept = []
        for label in labels:
            if isinstance(label.geometry, Track | Interval | VolumeMask):
                feature = features_of(label)[0]
                fate = self._holds.fate(feature)
                if isinstance(label.geometry, Interval) and fate.how == "kept":
                    # Whoever has a place for events asks for them.
                    continue
                if fate.how == "left" or isinstance(label.geometry, Interval):
                    lost[feature] += 1
                    continue
                flat = isinstance(label.geometry, VolumeMask) and item.kind not in VOLUMES
                if flat and fate.how == "changed":
                    lost["volume mask on what is no scan"] += 1
                    continue
                if fate.how == "changed":
                    lost[f"{feature} (as {fate.words})"] += 1
            kept.append(label)
        self._dropped.add(lost)
        return kept

    def _of(self, item: Item, labels: list[Annotation]) -> Iterator[Picture]:
        if item.kind == "image" or not self._named:
            by_frame = _spread(item, labels)
            if set(by_frame) <= {None}:
                yield Picture(
                    item, None, item.file_name, self._size(item, labels), by_frame.get(None, [])
                )
                return
        elif item.kind in IN_TIME:
            by_frame = self._seen(item, labels)
        else:
            by_frame = _spread(item, labels)
        # What is said of the whole is said on its first picture.
        whole = by_frame.pop(None, [])
        if item.kind == "image_group":
            for at in range(len(item.urls)):
                by_frame.setdefault(at, [])
        if whole:
            by_frame.setdefault(min(by_frame, default=0, key=_order), [])[:0] = whole
        for frame in sorted(by_frame, key=_order):
            yield self._part(item, frame or 0, by_frame[frame])

    def _part(self, item: Item, frame: int, labels: list[Annotation]) -> Picture:
        files = item.kind in ("image_group", "image_sequence") and self._named
        if files and frame >= len(item.urls):
            raise FormatError(
                f"is on picture {frame}, and there are {len(item.urls)}.",
                where=f"annotation {labels[0].id!r}, frame",
            )
        name = part_name(item, frame, self._named)
        size = item.sizes[frame] if frame < len(item.sizes) else None
        if item.kind != "image_group" or size is None:
            size = self._size(item, labels)
        return Picture(item, frame, name, size, labels)

    def _seen(self, item: Item, labels: list[Annotation]) -> dict[int | None, list[Annotation]]:
        found: dict[int | None, list[Annotation]] = {}
        clip = self._clips.of(item.id)
        for label in labels:
            if label.frame is None and not isinstance(label.geometry, Track):
                found.setdefault(None, []).append(label)
            else:
                for one in on_frames(label, clip, self._frames):
                    flat = label
                    if isinstance(label.geometry, Track):
                        flat = msgspec.structs.replace(
                            label,
                            geometry=one.sight.geometry,
                            frame=one.frame,
                            attributes=one.sight.attributes,
                            confidence=one.confidence,
                            track_id=label.track_id or label.id,
                        )
                    found.setdefault(one.frame, []).append(flat)
        return found

    def _size(self, item: Item, labels: list[Annotation]) -> Size | None:
        if item.size is not None:
            return item.size
        if item.kind in IN_TIME and (found := self._clips.of(item.id).size) is not None:
            return found
        if self._size_of is not None and (labels or item.status != "failed"):
            width, height = self._size_of(item.id)
            return int(width), int(height)
        for label in labels:
            if isinstance(label.geometry, Mask):
                height, width = label.geometry.rle.size
                return width, height
        return None


def part_name(item: Item, frame: int, named: bool = True) -> str:
    """Return the path of a picture of a group, a frame or a slice; see `Picture.name`."""
    if item.kind in ("image_group", "image_sequence") and named:
        return item.file_of(frame)
    part = (SLICE if item.kind in VOLUMES else FRAME).format(frame)
    return f"{item.file_name}/{part}.png"


def _kind_of(labels: Iterable[Annotation]) -> str:
    """Return what an item is that nobody describes, by its labels."""
    scan = any(isinstance(one.geometry, VolumeMask) for one in labels)
    return "volume" if scan else "image"


def _spread(item: Item, labels: list[Annotation]) -> dict[int | None, list[Annotation]]:
    """Return labels by their frame, masks of volumes as those of their slices."""
    found: dict[int | None, list[Annotation]] = {}
    for label in labels:
        shape = label.geometry
        if not isinstance(shape, VolumeMask) or item.kind not in VOLUMES:
            found.setdefault(label.frame, []).append(label)
            continue
        for index, rle in sorted(shape.slices.items()):
            mask = Mask(rle)
            if mask.area:
                flat = msgspec.structs.replace(label, geometry=mask, frame=index)
                found.setdefault(index, []).append(flat)
    return found


def stem_of(name: str) -> str:
    """Return a path without the suffix of the file."""
    head, _, tail = name.rpartition("/")
    tail = tail.rsplit(".", 1)[0] or tail
    return f"{head}/{tail}" if head else tail


def _order(frame: int | None) -> int:
    return -1 if frame is None else frame
