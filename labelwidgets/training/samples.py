"""The pictures of a training set with the labels on each, in little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, overload

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.holds import KEPT, Holds
from labelwidgets.formats.matching import Item, items_of
from labelwidgets.formats.pictures import Picture, Pictures, Size, part_name
from labelwidgets.formats.seen_frames import Frames
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

# What is on one picture at all: only events are not, which are stretches of time.
_HOLDS = Holds("a training set", "pictures", {"track": KEPT, "volume mask": KEPT})


class Sample(msgspec.Struct, frozen=True):
    """A picture and what is on it.

    Parameters
    ----------
    item
        Id of the item.
    frame
        Which picture of a group, frame of a video or slice of a scan, from 0; None of an image.
    name
        Its path relative to the dataset, with forward slashes; no other sample has it.
    size
        (width, height) in pixels, None where that takes reading it.
    labels
        In pixels of the picture: of tracks the shape that is seen here, of masks of volumes that
        of the slice.
    """

    item: str
    frame: int | None
    name: str
    size: Size | None
    labels: list[Annotation]


class Samples(Sequence[Sample]):
    """Samples, coded one behind the other in one array.

    So that a process that is forked shares it: each object of Python that it looks at would be
    copied, as its count of references is written to.

    Attributes
    ----------
    owners
        The item of each sample as its number among the items, int64.
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        encode = msgspec.msgpack.Encoder().encode
        places: dict[str, int] = {}
        coded, owners = [], []
        for sample in samples:
            coded.append(encode(sample))
            owners.append(places.setdefault(sample.item, len(places)))
        self.owners = np.array(owners, np.int64)
        self._bytes: npt.NDArray[np.uint8] = np.frombuffer(b"".join(coded), np.uint8)
        self._ends = np.cumsum([len(one) for one in coded], dtype=np.int64)

    def __repr__(self) -> str:
        items = len(np.unique(self.owners))
        return f"Samples({len(self)} pictures of {items} {'item' if items == 1 else 'items'})"

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        start = int(self._ends[at - 1]) if at else 0
        return _decode(self._bytes[start : int(self._ends[at])].data)


_decode = msgspec.msgpack.Decoder(Sample).decode


def samples_of(
    labels: Sequence[Annotation],
    items: pd.DataFrame,
    ontology: Ontology,
    dataset: Dataset,
    frames: Frames = "all",
    unlabelled: bool = False,
) -> Iterator[Sample]:
    """Return the pictures of items, in their order, with the labels on each.

    Parameters
    ----------
    labels
        Those of the items.
    items
        A frame like `Dataset.items`; what could not be read is passed over.
    ontology
        With the classes of the labels.
    dataset
        Where videos are opened to count their frames.
    frames
        Of tracks: all on which they are seen, those with a keyframe, or every n-th.
    unlabelled
        Whether frames of videos and slices of scans without labels are samples too; with `frames`
        a number, every n-th.

    Raises
    ------
    FormatError
        If a label does not fit its item.
    SourceError, ImageError
        If a video or a scan cannot be opened.
    """
    known = items[items["status"] != "failed"]
    there = set(known["id"])
    dropped = Dropped("training set", "A sample", False)
    pictures = Pictures(
        [one for one in labels if one.item_id in there],
        known,
        _HOLDS,
        dropped,
        ontology=ontology,
        dataset=dataset,
        frames=frames,
    )
    if not unlabelled:
        yield from map(_sample, pictures)
    else:
        found = {id: list(some) for id, some in groupby(pictures, lambda one: one.item.id)}
        step = frames if isinstance(frames, int) else 1
        names: set[str] = set()
        for item in items_of(known):
            own = [_sample(one) for one in found.get(item.id, [])]
            if item.kind in IN_TIME or item.kind in VOLUMES:
                own = _filled(own, item, _range(dataset, item), step)
            for sample in own:
                twice = sample.name in names
                name = f"{item.id}/{sample.name}" if twice else sample.name
                names.add(name)
                yield msgspec.structs.replace(sample, name=name)
    dropped.say()


def _range(dataset: Dataset, item: Item) -> range:
    """Return the frames, or slices, that an item has."""
    if item.kind in VOLUMES:
        return range(len(dataset.volume(item.id)))
    first, last = dataset.film(item.id).span
    return range(first, last + 1)


def _filled(own: list[Sample], item: Item, frames: range, step: int) -> list[Sample]:
    """Return samples of an item with those frames between them that have no labels."""
    there = {sample.frame for sample in own}
    size = next((sample.size for sample in own), item.size)
    for frame in frames:
        if frame % step == 0 and frame not in there:
            own.append(Sample(item.id, frame, part_name(item, frame), size, []))
    return sorted(own, key=lambda sample: sample.frame or 0)


def _sample(picture: Picture) -> Sample:
    return Sample(
        picture.item.id,
        picture.frame,
        picture.name,
        picture.size,
        [_lean(label) for label in picture.labels],
    )


def _lean(label: Annotation) -> Annotation:
    """Return a label without what no model learns from."""
    return msgspec.structs.replace(
        label, task_id=None, author=None, created_at=None, updated_at=None, revision=0
    )
