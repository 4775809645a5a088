"""The files of pictures, copied beside the labels for trainers that look for them there."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.pictures import stem_of
from labelwidgets.media.encoded import eight_bits
from labelwidgets.media.urls import canonical_url, is_local
from labelwidgets.media.video.address import frames_of
from labelwidgets.media.worker_pixels import with_channels

if TYPE_CHECKING:
    from labelwidgets.media.dataset import Dataset


def file_of(kind: str, urls: list[str], frame: int | None) -> str | None:
    """Return the URL of the file that is a picture; None of frames and slices.

    Parameters
    ----------
    kind, urls
        Of the item.
    frame
        Which of its pictures.
    """
    if kind not in ("image", "image_group", "image_sequence") or (frame or 0) >= len(urls):
        return None
    url = str(urls[frame or 0])
    return None if frames_of(url) is not None else url


def picture_file(dataset: Dataset, item: str, frame: int | None, url: str | None) -> bytes:
    """Return a picture as a file: as it is, and of frames and slices a PNG.

    Of values of more than 8 bits its brightest and darkest tell what is white and black.

    Parameters
    ----------
    dataset
        Where pixels come from.
    item, frame
        Which picture.
    url
        What `file_of` says.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    from PIL import Image

    if url is not None:
        return dataset.read(item, frame or 0)
    pixels = dataset.pixels(item, frame or 0)
    if pixels.dtype != np.uint8:
        pixels = eight_bits(pixels)
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(with_channels(pixels, 3))).save(file, "PNG")
    return file.getvalue()


def copy_picture(
    output: Output,
    dataset: Dataset | None,
    place: str,
    item: str,
    frame: int | None,
    url: str | None,
) -> None:
    """Write the file of a picture; no more than one is in memory.

    Parameters
    ----------
    output
        Where to.
    dataset
        Where pixels come from.
    place
        What it is called there: folders, its name and its suffix.
    item, frame, url
        As for `picture_file`.

    Raises
    ------
    FormatError
        If there is no dataset, its picture lies in the folder that is written to, or another file
        has that name.
    SourceError
        If it cannot be read or written.
    """
    dataset = _checked(output, dataset, url)
    wanted = _place(output, place, item)
    output.put(wanted, (picture_file(dataset, item, frame, url),))


def copy_video(output: Output, dataset: Dataset | None, place: str, item: str, url: str) -> None:
    """Write the file of a video piece by piece, as it is: of a part of one all of it.

    Parameters
    ----------
    output, dataset, place, item
        As for `copy_picture`, with its errors.
    url
        Of the video.
    """
    dataset = _checked(output, dataset, url)
    output.put(_place(output, place, item), dataset.pieces(item))


def _checked(output: Output, dataset: Dataset | None, url: str | None) -> Dataset:
    if dataset is None:
        raise FormatError(
            "asks for the pictures of a dataset, and there is none.",
            where="pictures",
            hint="Call project.export, or pass dataset=.",
        )
    if url is not None and _lies_in(url, output.path):
        raise FormatError(
            "and the pictures of the dataset lie in it, which would have each of them twice.",
            where=output.shown,
            hint="Give another folder, or leave out pictures=True.",
        )
    return dataset


def _place(output: Output, place: str, item: str) -> str:
    """Return what a file will be called."""
    wanted = output.plain(place)
    stem = stem_of(wanted)
    if output.place(stem, wanted[len(stem) :], exact=True) != wanted:
        raise FormatError(
            f"and another picture would have the same file, {wanted}.",
            where=f"item {item!r}",
            hint="Rename one of them.",
        )
    return wanted


def _lies_in(url: str, folder: str) -> bool:
    try:
        url, folder = canonical_url(url), canonical_url(folder)
    except SourceError:
        # Of an archive, or of a place that is written in a way of its own.
        return False
    if is_local(url) and is_local(folder):
        url, folder = os.path.realpath(url), os.path.realpath(folder)
        return Path(url).is_relative_to(folder)
    return url.startswith(f"{folder}/")
