"""A COCO file with its pictures beside it: ``annotations.json`` and ``images``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.outputs import Output, plain_name
from labelwidgets.formats.picture_copies import copy_picture, file_of
from labelwidgets.formats.results import Exported

if TYPE_CHECKING:
    from labelwidgets.formats.coco.writer import Writer
    from labelwidgets.media.dataset import Dataset

_PIECE = 1 << 20


def write_beside(
    writer: Writer,
    write: Callable[[str], Exported],
    path: str | os.PathLike[str],
    dataset: Dataset | None,
    storage_options: Mapping[str, Any],
) -> Exported:
    """Write a COCO file and its pictures, all or none of them.

    Parameters
    ----------
    writer
        Of the file; it knows the names of the pictures once it has written.
    write
        Has it write to a path of this machine.
    path
        A folder, or a ``.zip``.
    dataset
        Where pixels come from.
    storage_options
        For fsspec.

    Raises
    ------
    FormatError
        If the path is that of a file, two pictures would have the same name, or one has a name
        that not all file systems take.
    SourceError
        If a picture cannot be read, or something cannot be written.
    """
    with (
        Output(path, (".json",), **storage_options) as output,
        tempfile.TemporaryDirectory() as own,
    ):
        if output.single:
            raise FormatError(
                "is one file, and must be a folder or a .zip with pictures=True.",
                where=output.shown,
            )
        made = Path(own) / "annotations.json"
        done = write(str(made))
        output.put(output.place("annotations", exact=True), _pieces(made))
        for (id, frame), record in writer.place.items():
            name = record["file_name"]
            if plain_name(name) != name:
                raise FormatError(
                    f"is called {name[:200]!r}, which is no name for a file everywhere.",
                    where=f"item {id!r}",
                    hint="Rename it.",
                )
            item = writer.images.item(id)
            url = file_of(item.kind, list(item.urls), frame)
            if url is None and not name.endswith(".png"):
                raise FormatError(
                    "must end with .png: frames are copied as such.", where="frame_name"
                )
            copy_picture(output, dataset, f"images/{name}", id, frame, url)
    return replace(done, path=output.shown)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
