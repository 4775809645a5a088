"""Writing the items of a dataset down in Encord's JSON or CSV.

Encord's keys say what they can. Besides, an item has an object ``labelwidgets`` with its folder,
and its id where that is not that of its URLs; other readers pass over it, and reading the file
back gives the same items. What the headers of pictures say is not written: it is read again. A
signature is no part of an address: URLs are written without.
"""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from labelwidgets.errors import MissingFileError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.items import Item, item_id, title_of
from labelwidgets.media.kinds import SINGLE, VIDEO_SUFFIXES, VOLUMES, suffix_of
from labelwidgets.media.manifests.encord_json import SECTIONS
from labelwidgets.media.signatures import unsigned
from labelwidgets.media.sources import reported
from labelwidgets.media.urls import is_local, masked
from labelwidgets.media.video.address import frames_of

_SECTION_OF = {kind: section for section, kind in SECTIONS.items()}
_VIDEO = {
    "fps": "fps",
    "duration": "duration",
    "width": "width",
    "height": "height",
    "file_size": "file_size",
    "mime": "mime_type",
}
# What is read from the files again.
_FACTS = {*_VIDEO, "bits", "frames", "frame_count", "videoMetadata", "clientMetadata"}
_FACTS |= {"slices", "spacing", "modality", "series_description", "series_number"}
_FACTS |= {"study_uid", "series_uid"}
_FACTS |= {"codec", "rotation", "problems", "first_frame", "last_frame"}


def manifest_text(items: Iterable[Item], suffix: str) -> str:
    """Return items as the text of a manifest.

    Parameters
    ----------
    items
        In the order of the file; in JSON, those of one kind stand together.
    suffix
        ``.json`` or ``.csv``.

    Raises
    ------
    SourceError
        If it is neither, or an item is of a kind or has a name that such a file cannot hold.
    """
    if suffix == ".json":
        return _json(items)
    if suffix == ".csv":
        return _csv(list(items))
    raise SourceError(
        "is not the name of a manifest.", where=f"*{suffix}", hint="Name it .json or .csv."
    )


def _json(items: Iterable[Item]) -> str:
    manifest: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        manifest.setdefault(_SECTION_OF[item.kind], []).append(_entry(item))
    return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"


def _entry(item: Item) -> dict[str, Any]:
    urls = [_address(url, item) for url in item.urls]
    entry: dict[str, Any] = {"title": item.title}
    if item.kind in SINGLE:
        entry["objectUrl"] = urls[0]
    else:
        if item.kind != "dicom_series":
            entry["createVideo"] = item.kind == "image_sequence"
        entry |= {f"objectUrl_{number}": url for number, url in enumerate(urls)}
    client = item.metadata.get("clientMetadata")
    others = {name: value for name, value in item.metadata.items() if name not in _FACTS}
    if isinstance(client, Mapping):
        others |= client
    if others:
        entry["clientMetadata"] = others
    if item.kind == "video" and "fps" in item.metadata:
        known = {theirs: item.metadata.get(ours) for ours, theirs in _VIDEO.items()}
        entry["videoMetadata"] = {
            **item.metadata.get("videoMetadata", {}),
            **{name: value for name, value in known.items() if value is not None},
        }
    own = {"folder": item.folder} if item.folder else {}
    if item.id != item_id(item.kind, item.urls):
        own["id"] = item.id
    if own:
        entry["labelwidgets"] = own
    return entry


def _csv(items: list[Item]) -> str:
    titles = Counter((item.kind == "image_sequence", item.title) for item in items)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["ObjectUrl", "Title", "Create video"])
    for item in items:
        if item.kind in VOLUMES:
            raise SourceError(
                "is a scan, which such a CSV file cannot hold.",
                where=f"item {item.title}",
                hint="Write JSON.",
            )
        is_video = suffix_of(item.urls[0]) in VIDEO_SUFFIXES
        if is_video != (item.kind == "video"):
            raise SourceError(
                f"is a {item.kind.replace('_', ' ')} with the name of another kind, which only "
                "JSON can say.",
                where=f"item {item.title}",
            )
        title, own = item.title, item.title.strip()
        if item.kind == "image" and title == title_of(item.urls):
            title = own = ""
        alone = item.kind == "video" or titles[item.kind == "image_sequence", title] <= 1
        if title != own or not (alone or not title):
            raise SourceError(
                "shares its title with others, or has white space around it; in CSV the title "
                "says what belongs together.",
                where=f"item {item.title!r}",
                hint="Write JSON.",
            )
        said = {"image_group": "false", "image_sequence": "true"}.get(item.kind, "")
        for url in item.urls:
            writer.writerow([_address(url, item), title, said])
    return text.getvalue()


def _address(url: str, item: Item) -> str:
    """Return a URL as a manifest can name it: without a signature and without white space."""
    if frames_of(url) is not None:
        raise SourceError(
            "is a part of a video, and a manifest names files.",
            where=f"item {item.title}, {masked(url)}",
            hint="Write a manifest of the videos, and split them once more; or write_frames.",
        )
    if address_of(url) is not None:
        raise SourceError(
            "lies in an archive, and a manifest names files that lie by themselves.",
            where=f"item {item.title}, {masked(url)}",
        )
    plain = unsigned(url)
    if not any(letter.isspace() for letter in plain):
        return plain
    scheme, _, rest = plain.partition("://")
    name, _, key = rest.partition("/")
    if is_local(plain) and plain == plain.strip():
        return plain
    if scheme == "s3" and not name.startswith("arn:"):
        return f"https://s3.amazonaws.com/{name}/{quote(key)}"
    if scheme == "gs":
        return f"https://storage.googleapis.com/{name}/{quote(key)}"
    container, at, host = name.partition("@")
    if scheme == "abfs" and at:
        return f"https://{host.replace('.dfs.', '.blob.', 1)}/{container}/{quote(key)}"
    raise SourceError(
        "has white space in its address, which a manifest cannot hold.",
        where=f"item {item.title}, {masked(plain)}",
    )


def write_text(url: str, text: str, access: Access) -> None:
    """Write a text file, whole or not at all.

    Parameters
    ----------
    url
        Canonical. What lies there is replaced.
    text
        Its content, as UTF-8.
    access
        Reaches it.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    data = text.encode()
    with reported(url):
        if not is_local(url):
            fs, location = access.locate(url)
            fs.pipe_file(location.path, data)
            return
        if not os.path.isdir(os.path.dirname(url)):
            raise MissingFileError(
                "has no folder to be written into.", where=url, hint="Make its folder first."
            )
        part = f"{url}.{secrets.token_hex(4)}.part"
        try:
            with open(part, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, url)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(part)
            raise
