"""Frames of videos, written as pictures to a place that somebody names."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.items import Item, item_id
from labelwidgets.media.manifests.writing import manifest_text, write_text
from labelwidgets.media.sources import reported
from labelwidgets.media.urls import is_local

ImageFormat: TypeAlias = Literal["png", "jpg"]

MANIFEST = "frames.json"
"""What names all pictures of a folder."""
# Of JPEG: what is lost is not seen, nor does it move an edge.
_QUALITY = 95
# What no file system minds.
_UNSAFE = re.compile(r"[^\w.+-]+")


def write_pictures(
    items: Sequence[Item],
    png: Callable[[Item], bytes],
    folder: str,
    format: ImageFormat,
    access: Access,
    progress: bool | None,
) -> list[Item]:
    """Write pictures and a manifest of them, and return their items.

    Parameters
    ----------
    items
        Single frames of videos.
    png
        Returns one of them as a PNG file.
    folder
        Canonical URL of where they go.
    format
        ``png`` or ``jpg``.
    access
        Reaches the folder.
    progress
        Show a bar: True at once, None after a second, False never.

    Raises
    ------
    SourceError
        If there is no frame, the format is none of these, or something cannot be written.
    """
    from tqdm.auto import tqdm

    if format not in ("png", "jpg"):
        raise SourceError(f"must be 'png' or 'jpg', not {format!r:.40}.", where="format")
    if not items:
        raise SourceError("has no frame to write.", where="dataset")
    folders = _folders(items)
    made: list[Item] = []
    bar = tqdm(
        items,
        desc="Writing frames",
        unit="frame",
        delay=0 if progress else 1,
        disable=progress is False,
    )
    for item in bar:
        known = item.metadata
        inner = folders[known["video_id"]]
        name = f"{known['frame']:06d}_pts{known['pts']}.{format}"
        url = f"{folder.rstrip('/')}/{inner}/{name}"
        data = png(item)
        _write(url, data if format == "png" else _jpeg(data), access)
        facts = {**known, "mime": "image/png" if format == "png" else "image/jpeg"}
        made.append(
            Item(0, item_id("image", [url]), "image", [url], item.title, inner, facts, "ok")
        )
    text = manifest_text(
        [_beside(item, folder) for item in made] if is_local(folder) else made, ".json"
    )
    write_text(f"{folder.rstrip('/')}/{MANIFEST}", text, access)
    return made


def _folders(items: Sequence[Item]) -> dict[str, str]:
    """Return the name of the folder of each video; those of one name are told apart."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for item in items:
        video = item.metadata["video_id"]
        if video in found:
            continue
        stem = os.path.splitext(str(item.metadata["video"]))[0]
        name = _UNSAFE.sub("_", stem).strip("._") or "video"
        found[video] = name if name.lower() not in taken else f"{name}_{video}"
        taken.add(found[video].lower())
    return found


def _beside(item: Item, folder: str) -> Item:
    """Return an item as a manifest in the folder names it, wherever that is moved."""
    path = item.urls[0][len(folder.rstrip("/")) + 1 :]
    return Item(
        0, item_id("image", [path]), "image", [path], item.title, item.folder, item.metadata
    )


def _jpeg(png: bytes) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()


def _write(url: str, data: bytes, access: Access) -> None:
    with reported(url):
        if not is_local(url):
            fs, location = access.locate(url)
            fs.pipe_file(location.path, data)
            return
        os.makedirs(os.path.dirname(url), exist_ok=True)
        part = f"{url}.{os.getpid()}.part"
        try:
            with open(part, "wb") as file:
                file.write(data)
            os.replace(part, url)
        finally:
            if os.path.exists(part):
                os.unlink(part)
