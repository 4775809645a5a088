"""The pictures of a COCO file, copied to a folder beside it."""

from __future__ import annotations

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco.writer import Writer
from labelwidgets.formats.file_names import plain_name
from labelwidgets.formats.picture_copies import copy_picture, file_of


def copy_pictures(writer: Writer, folder: str) -> None:
    """Copy pictures, each by its ``file_name``.

    Parameters
    ----------
    writer
        Of the file that names them; it has written it.
    folder
        Where they go.

    Raises
    ------
    FormatError
        If two pictures would have the same name, or one has a name that not all file systems take.
    SourceError
        If a picture cannot be read, or something cannot be written.
    """
    job = writer.job
    for (id, frame), record in writer.place.items():
        name = record["file_name"]
        if plain_name(name) != name:
            raise FormatError(
                f"is called {name[:200]!r}, which is no name for a file everywhere.",
                where=f"item {id!r}",
                hint="Rename it.",
            )
        item = writer.images.items[id]
        url = file_of(item.kind, list(item.urls), frame)
        if url is None and not name.endswith(".png"):
            raise FormatError("must end with .png: frames are copied as such.", where="frame_name")
        copy_picture(job.output, job.dataset, f"{folder}/{name}", id, frame, url)
