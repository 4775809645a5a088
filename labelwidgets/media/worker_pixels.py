"""Pixels for processes that are not this one: opened where they are read, without keys on the way.

A loader of pictures has workers. Those that are forked know what this process knows, and must not
use what it has opened; those that are spawned get what can be pickled, and that holds no secrets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import SourceError
from labelwidgets.media.dataset import Dataset
from labelwidgets.media.file_pictures import is_near
from labelwidgets.media.kinds import PICTURES, VOLUMES
from labelwidgets.media.video.address import video_url

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.limits import Limits
    from labelwidgets.media.network.policy import UrlPolicy

OptionsOf: TypeAlias = Callable[[], Mapping[str, Any]]
"""Gives the storage options, wherever it is called: in each process that reads."""

Picture: TypeAlias = npt.NDArray[Any]
# Files that are read beside each other.
_AT_ONCE = 4


class Pixels:
    """Reads pictures in any process.

    Parameters
    ----------
    items
        A frame like `Dataset.items`, of those that may be read.
    dataset
        What reads them in this process. Its credentials stay in memory, and in that of processes
        that are forked.
    storage_options
        A function that returns the storage options. It travels to other processes by its name, and
        is called there. Without, a process that was not forked reads with what its environment
        says, or anonymously.

    Raises
    ------
    SourceError
        If options are given themselves: they would travel with their secrets.
    """

    def __init__(
        self, items: pd.DataFrame, dataset: Dataset, storage_options: OptionsOf | None = None
    ) -> None:
        if storage_options is not None and not callable(storage_options):
            raise SourceError(
                f"must be a function that returns them, not {type(storage_options).__name__}.",
                where="storage_options",
                hint="Write one that asks the environment, so that no key is sent to workers.",
            )
        self._items = items
        self._kinds = dict(zip(items["id"], items["kind"], strict=True))
        self._near = {
            id: all(is_near(video_url(url)) for url in urls)
            for id, urls in zip(items["id"], items["urls"], strict=True)
        }
        self._options_of = storage_options
        self._policy: UrlPolicy = dataset.policy
        self._limits: Limits = dataset.limits
        self._held: Dataset | None = dataset
        self._open: tuple[int, Dataset] | None = None
        self._pool: tuple[int, ThreadPoolExecutor] | None = None
        self._inherited: list[object] = []
        if storage_options is None:
            self._open = os.getpid(), dataset

    def __getstate__(self) -> dict[str, Any]:
        # What is held in memory stays there: files, connections and keys.
        return {**vars(self), "_held": None, "_open": None, "_pool": None, "_inherited": []}

    @property
    def dataset(self) -> Dataset:
        """The pictures, opened in this process."""
        process = os.getpid()
        if self._open is None or self._open[0] != process:
            # What another process has opened is not closed here: see `media.forking`.
            self._inherited.append(self._open)
            self._open = process, self._opened()
        return self._open[1]

    def _opened(self) -> Dataset:
        if self._held is not None and self._options_of is None:
            return self._held.again()
        options = {} if self._options_of is None else dict(self._options_of())
        return Dataset.from_items(self._items, limits=self._limits, policy=self._policy, **options)

    def read(self, item: str, frame: int | None, channels: int | None = None) -> Picture:
        """Return a picture, (H, W, C).

        Parameters
        ----------
        item
            Its id.
        frame
            Which picture of a group, frame or slice; None of an image.
        channels
            1 or 3 to have it grey or in colours, without transparency; None has slices of scans
            as they are, and all else in colours.
        """
        pixels = self.dataset.pixels(item, frame or 0)
        if channels is None:
            channels = None if self._kinds[item] in VOLUMES else 3
        return with_channels(pixels, channels)

    def read_all(
        self, wanted: Sequence[tuple[str, int | None]], channels: int | None = None
    ) -> list[Picture]:
        """Return several pictures; those that come from afar are read beside each other."""
        if len(wanted) < 2 or any(self._is_slow_to_share(item) for item, _ in wanted):
            return [self.read(item, frame, channels) for item, frame in wanted]
        process = os.getpid()
        # Before threads ask for it.
        _ = self.dataset
        if self._pool is None or self._pool[0] != process:
            self._pool = process, ThreadPoolExecutor(_AT_ONCE, "labelwidgets-train")
        jobs = [self._pool[1].submit(self.read, item, frame, channels) for item, frame in wanted]
        return [job.result() for job in jobs]

    def _is_slow_to_share(self, item: str) -> bool:
        """Say whether reading an item beside others gains nothing: it is near, or decoded whole."""
        return self._kinds[item] not in PICTURES or self._near[item]


def with_channels(pixels: Picture, channels: int | None) -> Picture:
    """Return a picture, (H, W) or (H, W, C), as (H, W, channels); transparency is left out.

    Grey of colours is as ITU-R BT.601 weighs them.
    """
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if channels is None:
        return pixels
    colours = pixels[:, :, :-1] if pixels.shape[2] in (2, 4) else pixels
    if colours.shape[2] == channels:
        return colours
    if channels == 3:
        return np.repeat(colours[:, :, :1], 3, axis=2)
    grey = colours.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    if np.issubdtype(pixels.dtype, np.integer):
        grey = np.rint(grey)
    return grey.astype(pixels.dtype)[:, :, None]
