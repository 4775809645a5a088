"""Training sets for PyTorch, with targets as torchvision's models and transforms take them.

Imported when it is asked for: it needs torch and torchvision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info
from torchvision import tv_tensors

from labelwidgets.errors import SchemaError
from labelwidgets.media.worker_pixels import Picture, Pixels
from labelwidgets.numbered import numbered
from labelwidgets.training.samples import Sample, Samples
from labelwidgets.training.targets import (
    class_map,
    class_numbers,
    joints_of,
    masks_of,
    objects_of,
    tags_of,
)

Target: TypeAlias = Literal["detection", "semantic", "tags", "none"]
TARGETS = ("detection", "semantic", "tags", "none")
Pair: TypeAlias = tuple[Any, Any]
Transforms: TypeAlias = Callable[[Any, Any], Pair]

# Frames of a video that stay together in a shuffled stream, as they are decoded one after another.
_TOGETHER = 32
# Pictures of a stream that are read at a time.
_AT_A_TIME = 8


class Wanted(NamedTuple):
    """What a sample is made of.

    Parameters
    ----------
    target
        ``detection``, ``semantic``, ``tags`` or ``none``.
    masks
        Whether targets of detection have masks.
    joints
        How many joints of each object they have; 0 for none.
    channels
        Of the picture; see `Pixels.read`.
    """

    target: Target
    masks: bool
    joints: int
    channels: int | None


class TorchPictures(Dataset[Pair]):
    """The pictures of a training set by their number: (image, target).

    May be handed to workers of a `DataLoader`, forked or spawned: each opens what it reads, and
    keys are not sent to them. A batch of pictures from afar is read beside each other.

    Attributes
    ----------
    classes
        The names of the classes; that of number n is ``classes[n - 1]``.
    samples
        The samples, with their labels.
    """

    def __init__(
        self,
        samples: Samples,
        pixels: Pixels,
        classes: tuple[str, ...],
        wanted: Wanted,
        transforms: Transforms | None = None,
    ) -> None:
        if wanted.target not in TARGETS:
            raise SchemaError(
                f"must be of {', '.join(TARGETS)}, not {wanted.target!r:.40}.", where="target"
            )
        self.samples, self.classes = samples, classes
        self._pixels, self._wanted, self._transforms = pixels, wanted, transforms
        self._numbers = class_numbers(classes)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({numbered(len(self), 'sample')}, "
            f"{numbered(len(self.classes), 'class')})"
        )

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Pair:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Pair]:
        """Return several, which a `DataLoader` asks for at once."""
        samples = [self.samples[int(index)] for index in indices]
        wanted = [(sample.item, sample.frame) for sample in samples]
        pictures = self._pixels.read_all(wanted, self._wanted.channels)
        every = range(len(self))
        return [
            self._pair(sample, pixels, every[int(index)])
            for index, sample, pixels in zip(indices, samples, pictures, strict=True)
        ]

    def _pair(self, sample: Sample, pixels: Picture, index: int) -> Pair:
        image = tv_tensors.Image(_tensor(pixels).permute(2, 0, 1).contiguous())
        height, width = pixels.shape[:2]
        target = self._target(sample, (width, height), index)
        return (image, target) if self._transforms is None else self._transforms(image, target)

    def _target(self, sample: Sample, size: tuple[int, int], index: int) -> Any:
        wanted = self._wanted
        if wanted.target == "none":
            return index
        if wanted.target == "tags":
            return torch.from_numpy(tags_of(sample, self._numbers))
        objects = objects_of(sample, size, self._numbers)
        if wanted.target == "semantic":
            return tv_tensors.Mask(torch.from_numpy(class_map(objects, size)))
        canvas = size[1], size[0]
        target: dict[str, Any] = {
            "boxes": tv_tensors.BoundingBoxes(
                torch.from_numpy(objects.boxes), format="XYXY", canvas_size=canvas
            ),
            "labels": torch.from_numpy(objects.numbers),
            "image_id": index,
            "area": torch.from_numpy(objects.areas),
            "iscrowd": torch.from_numpy(objects.crowd),
        }
        if wanted.masks:
            target["masks"] = tv_tensors.Mask(torch.from_numpy(masks_of(objects, size)))
        if wanted.joints:
            joints = torch.from_numpy(joints_of(objects, wanted.joints))
            target["keypoints"] = tv_tensors.KeyPoints(joints[..., :2], canvas_size=canvas)
            target["visibility"] = joints[..., 2].to(torch.int64)
        return target

    @staticmethod
    def collate(batch: Sequence[Pair]) -> tuple[tuple[Any, ...], ...]:
        """Return a batch as torchvision's detection models take it: images, and targets.

        For ``DataLoader(dataset, collate_fn=dataset.collate)``: pictures have different sizes, and
        as many objects as there are.
        """
        return tuple(zip(*batch, strict=True))


class TorchStream(IterableDataset[Pair]):
    """The same one after another, each worker its share.

    Parameters
    ----------
    pictures
        What it goes through.
    shuffle
        In another order in each epoch; 32 frames of a video stay together.
    seed
        Of that order.
    """

    def __init__(self, pictures: TorchPictures, shuffle: bool = False, seed: int = 0) -> None:
        self.pictures, self.classes = pictures, pictures.classes
        self._shuffle, self._seed = shuffle, seed
        self._epoch = torch.zeros((), dtype=torch.int64)
        if shuffle:
            # Workers that stay between epochs are told by it which one comes.
            with suppress(RuntimeError):
                self._epoch.share_memory_()  # type: ignore[no-untyped-call]
        self.collate = pictures.collate

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({numbered(len(self), 'sample')}, "
            f"{numbered(len(self.classes), 'class')})"
        )

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def epoch(self) -> int:
        """Which epoch it is in, from 0."""
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes, also to workers that stay: its number is part of the seed."""
        self._epoch.fill_(epoch)

    def __iter__(self) -> Iterator[Pair]:
        shard, shards = _shard()
        order = [at for block in self._blocks()[shard::shards] for at in block]
        for start in range(0, len(order), _AT_A_TIME):
            yield from self.pictures.__getitems__(order[start : start + _AT_A_TIME])

    def _blocks(self) -> list[range]:
        """Return the numbers of samples that are read one after another."""
        owners = self.pictures.samples.owners
        bounds = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), len(owners)]
        blocks = [
            range(start, min(start + _TOGETHER, stop))
            for first, stop in pairwise(bounds)
            for start in range(first, stop, _TOGETHER)
        ]
        if self._shuffle:
            order = np.random.default_rng([self._seed, self.epoch]).permutation(len(blocks))
            blocks = [blocks[at] for at in order.tolist()]
        return blocks


def _shard() -> tuple[int, int]:
    """Return which worker this is, and of how many, of all processes that train together."""
    worker = get_worker_info()
    mine, workers = (0, 1) if worker is None else (worker.id, worker.num_workers)
    together = torch.distributed.is_available() and torch.distributed.is_initialized()
    rank = torch.distributed.get_rank() if together else 0
    ranks = torch.distributed.get_world_size() if together else 1
    return rank * workers + mine, ranks * workers


def _tensor(pixels: Picture) -> torch.Tensor:
    """Return pixels as a tensor: uint8 where they are, else float32 with the same values."""
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * 255
    if pixels.dtype != np.uint8:
        pixels = pixels.astype(np.float32)
    if not pixels.flags.writeable:
        pixels = pixels.copy()
    return torch.from_numpy(np.ascontiguousarray(pixels))
