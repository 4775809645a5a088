"""What is computed ahead of people: validation, superpixels, embeddings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labelwidgets.assist.superpixels_ahead import Runs, hash_of, look_ahead
from labelwidgets.errors import FormatError
from labelwidgets.media.dataset import Dataset
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.media.worker_pixels import with_channels
from labelwidgets.scale.mapping import map_items
from labelwidgets.scale.parts import Parts


def validate(dataset: Dataset, **options: Any) -> pd.DataFrame:
    """Read every picture of a dataset to its end.

    Parameters
    ----------
    dataset
        The pictures. `Dataset.open(validate=True)` reads headers alone.
    **options
        ``client``, ``workers``, ``out`` and others of `map_items`.

    Returns
    -------
    DataFrame
        item_id, width, height, channels (Int64), dtype (string) and error (string: what is wrong,
        missing where nothing is).
    """
    made = map_items(_facts, dataset, version="2", **options)
    frame = made.frame() if isinstance(made, Parts) else made
    for name in ("width", "height", "channels"):
        frame[name] = frame.get(name, pd.Series(index=frame.index, dtype="Int64")).astype("Int64")
    for name in ("dtype", "error"):
        frame[name] = frame.get(name, pd.Series(index=frame.index, dtype="string")).astype("string")
    return frame[["item_id", "width", "height", "channels", "dtype", "error"]]


def _facts(pixels: NDArray[Any], item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "channels": pixels.shape[2] if pixels.ndim == 3 else 1,
        "dtype": str(pixels.dtype),
    }


def embed(
    dataset: Dataset,
    function: Callable[[NDArray[Any]], Any],
    items: Sequence[str] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Return a vector for each picture, for `labelwidgets.active_learning`.

    Parameters
    ----------
    dataset, items
        The pictures.
    function
        From pixels to a vector: (H, W, 3), grey in three channels and without transparency; of
        scans slices, (H, W, 1).
    **options
        Of `map_items`; ``errors`` is ``raise`` here.

    Returns
    -------
    DataFrame
        (N, D) float64, with the ids of items as index.

    Raises
    ------
    FormatError
        If vectors are of different lengths.
    """
    options.setdefault("version", getattr(function, "__name__", None))
    made = map_items(_Embedding(function), dataset, items, errors="raise", **options)
    frame = made.frame() if isinstance(made, Parts) else made
    if frame.empty:
        return pd.DataFrame()
    lengths = frame["value"].map(len)
    if lengths.nunique() > 1:
        odd = frame["item_id"][lengths != lengths.iloc[0]].iloc[0]
        raise FormatError("has a vector of another length than the first.", where=f"item {odd!r}")
    return pd.DataFrame(
        np.stack(frame["value"].map(np.asarray).tolist()),
        index=pd.Index(frame["item_id"], name="item_id"),
    )


class _Embedding:
    __name__ = "embed"

    def __init__(self, function: Callable[[NDArray[Any]], Any]) -> None:
        self.function = function

    def __call__(self, pixels: NDArray[Any], item: Mapping[str, Any]) -> dict[str, Any]:
        # Models are of one number of channels.
        shown = with_channels(pixels, None if item["kind"] in VOLUMES else 3)
        return {"value": np.asarray(self.function(shown), np.float64).reshape(-1)}


class Regions(NamedTuple):
    """The superpixels of a picture that were computed ahead: runs down the columns.

    Attributes
    ----------
    size
        (height, width).
    lengths, labels
        See `labelwidgets.algorithms.LabelRuns`.
    """

    size: tuple[int, int]
    lengths: NDArray[np.uint32]
    labels: NDArray[np.uint32]

    def map(self) -> NDArray[np.uint32]:
        """Return them as a map, (H, W): each label one connected region."""
        flat = np.repeat(self.labels, self.lengths)
        return np.ascontiguousarray(flat.reshape(self.size, order="F"))


def superpixels_ahead(
    dataset: Dataset,
    out: str | os.PathLike[str],
    size: int = 32,
    items: Sequence[str] | None = None,
    **options: Any,
) -> Parts:
    """Compute the superpixels of many pictures, so that the tool need not.

    Parameters
    ----------
    dataset, items
        The pictures.
    out
        Folder or URL that they are written to. `use_superpixels` gives them to the tool.
    size
        Side of a superpixel in pixels, as the slider of the tool has it.
    **options
        Of `map_items`.

    Returns
    -------
    Parts
        item_id, size, pixels (a hash of the picture), height, width, lengths, labels, error.
    """
    made = map_items(_Superpixels(size), dataset, items, out=out, version=f"2, {size}", **options)
    assert isinstance(made, Parts)  # noqa: S101 - `out` is given
    return made


class _Superpixels:
    __name__ = "superpixels"

    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, pixels: NDArray[Any], item: Mapping[str, Any]) -> dict[str, Any]:
        from labelwidgets.algorithms.label_runs import label_runs
        from labelwidgets.algorithms.superpixels import superpixels

        height, width = pixels.shape[:2]
        runs = label_runs(superpixels(pixels, max(1, round(height * width / self.size**2))))
        return {
            "size": self.size,
            "pixels": hash_of(pixels),
            "height": height,
            "width": width,
            "lengths": runs.lengths.astype(np.uint32),
            "labels": runs.labels.astype(np.uint32),
        }


def regions_in(parts: Parts) -> Iterator[tuple[str, Regions]]:
    """Return the items of `superpixels_ahead` with their superpixels, part by part."""
    for frame in parts:
        columns = ["item_id", "height", "width", "lengths", "labels"]
        sound = frame.loc[frame["error"].isna(), columns]
        for item, height, width, *runs in sound.itertuples(index=False, name=None):
            lengths, labels = (np.asarray(one, np.uint32) for one in runs)
            yield str(item), Regions((int(height), int(width)), lengths, labels)


def use_superpixels(parts: Parts) -> int:
    """Give the superpixel tool of this kernel what was computed ahead; return how many pictures.

    A picture is known again by its values, wherever it lies. What was not computed for it, or for
    another size, is computed as before.
    """
    places: dict[tuple[str, int], tuple[str, int]] = {}
    for name in parts.names():
        known = parts.read(name, ["pixels", "size"])
        for row, (pixels, size) in enumerate(zip(known["pixels"], known["size"], strict=True)):
            if isinstance(pixels, str):
                places[pixels, int(size)] = name, row

    def find(pixels: str, size: int) -> Runs | None:
        place = places.get((pixels, size))
        if place is None:
            return None
        found = parts.read(place[0], ["lengths", "labels"]).iloc[place[1]]
        labels = np.asarray(found["labels"], np.uint32)
        # As the page has them where they fit.
        small = labels.astype(np.uint16) if labels.max(initial=0) < 1 << 16 else labels
        return np.asarray(found["lengths"], np.uint32), small

    look_ahead(find)
    return len(places)
