"""Manifests in Encord's JSON: which objects of a private cloud make the items of a dataset.

An object with the lists ``videos``, ``images``, ``image_groups``, ``image_sequences``,
``dicom_series`` and ``nifti``, any of them, and ``skip_duplicate_urls`` (default false). Of an
item:

- ``objectUrl``, or ``objectUrl_{n}`` for each of several files, in the order of the numbers
  (10 after 9), which count on from 0 or 1. Encord says that it stores groups in the *reverse*
  order; `reverse` gives that one.
- ``title``, by default the name of the file.
- ``clientMetadata``, an object, at most 10 MB; it becomes ``clientMetadata`` in the metadata.
  As in a jsonb column of PostgreSQL, of a key that is there twice the last value counts.
- ``createVideo``, default false: a sequence is one whether it says so or not, and what is
  listed as a group with ``createVideo`` true is one too. Series may have it or not.
- ``videoMetadata``, of a video: ``fps``, ``duration`` in seconds, ``width``, ``height``,
  ``file_size`` in bytes, ``mime_type``. It is trusted: nothing is fetched.

Names of keys are read in any case. Keys that are not known go into the metadata; ``labelwidgets``
has what we add (see `writing`).

Source: Encord's documentation, "Private cloud integration".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.items import OnError
from labelwidgets.media.kinds import SINGLE
from labelwidgets.media.manifests.documents import Repeated
from labelwidgets.media.rows import Row, Unfit

SECTIONS = {
    "images": "image",
    "videos": "video",
    "image_groups": "image_group",
    "image_sequences": "image_sequence",
    "dicom_series": "dicom_series",
    "nifti": "volume",
}
"""The lists of a manifest, and the kinds of the items in them."""
SKIP = "skip_duplicate_urls"
_POSITION = re.compile(r"objecturl_(\d+)")
_KNOWN = ("objecturl", "title", "clientmetadata", "createvideo", "videometadata", "labelwidgets")
_MOST_DIGITS = 9
_WHOLE = ("width", "height", "file_size")


def is_manifest(value: Any) -> bool:
    """Say whether a value of JSON is such a manifest."""
    return isinstance(value, Mapping) and any(name in value for name in (*SECTIONS, SKIP))


def skips_duplicates(manifest: Mapping[str, Any]) -> bool:
    """Return ``skip_duplicate_urls``.

    Raises
    ------
    SourceError
        If it is neither true nor false.
    """
    value = manifest.get(SKIP, False)
    if not isinstance(value, bool):
        raise SourceError(f"must be true or false, not {value!r:.80}.", where=SKIP)
    return value


def rows(manifest: Mapping[str, Any], on_error: OnError, reverse: bool = False) -> Iterator[Row]:
    """Yield a row for each item of a manifest, in its order.

    Parameters
    ----------
    manifest
        The value of the file.
    on_error
        Called for each part that makes no item.
    reverse
        Whether the files of several come in the reverse order of their numbers.
    """
    number = 0
    for section, entries in manifest.items():
        if section == SKIP:
            continue
        kind = SECTIONS.get(section)
        if kind is None or not isinstance(entries, list):
            error = SourceError(
                f"is no list of items; known are {', '.join(SECTIONS)} and {SKIP}."
                if kind is None
                else f"must be a list, not {type(entries).__name__}.",
                where=section[:200],
            )
            on_error(-1, section[:200], None, "", error)
            continue
        for index, entry in enumerate(entries):
            place = f"{section}[{index}]"
            try:
                yield _row(number, place, kind, entry, reverse)
            except LabelwidgetsError as error:
                on_error(number, place, None, _url_in(entry), error.at(place))
            number += 1


def _url_in(entry: Any) -> str:
    from labelwidgets.media.urls import masked

    found = entry.values() if isinstance(entry, Mapping) else ()
    return masked(next((value for value in found if isinstance(value, str)), ""))[:2000]


def _row(number: int, place: str, kind: str, entry: Any, reverse: bool) -> Row:
    if not isinstance(entry, Mapping):
        raise SourceError(f"must be an object, not {type(entry).__name__}.")
    fields = {name.lower(): value for name, value in entry.items()}
    urls = _urls(kind, entry, fields, reverse)
    kind = _kind(kind, fields.get("createvideo"))
    metadata = {
        name: value
        for name, value in entry.items()
        if name.lower() not in _KNOWN and not _POSITION.fullmatch(name.lower())
    }
    client = fields.get("clientmetadata")
    if client is not None and not isinstance(client, Mapping):
        raise SourceError(f"must be an object, not {client!r:.80}.", where="clientMetadata")
    if client:
        metadata["clientMetadata"] = client
    title = fields.get("title")
    if title is not None and not isinstance(title, str):
        raise SourceError(f"must be text, not {title!r:.80}.", where="title")
    values = {"urls": urls, "kind": kind, "title": title or None, "metadata": metadata}
    values |= _own(fields.get("labelwidgets"))
    if fields.get("videometadata") is None:
        return Row(number, place, values)
    if kind != "video":
        raise SourceError("is for videos only.", where="videoMetadata")
    metadata |= video_facts(fields["videometadata"])
    return Row(number, place, values, "ok")


def _own(given: Any) -> dict[str, str]:
    """Return folder and id, of which Encord knows nothing, where we wrote the file."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(
        name in ("folder", "id") and isinstance(value, str) for name, value in given.items()
    ):
        raise SourceError("must be an object with folder and id.", where="labelwidgets")
    return dict(given)


def _urls(
    kind: str, entry: Mapping[str, Any], fields: Mapping[str, Any], reverse: bool
) -> list[Any]:
    twice = entry.keys_twice if isinstance(entry, Repeated) else ()
    positions: dict[int, Any] = {}
    for name, value in entry.items():
        found = _POSITION.fullmatch(name.lower())
        if found is None:
            continue
        if len(found[1]) > _MOST_DIGITS:
            raise SourceError("is too large a number.", where=f"objectUrl_{found[1][:20]}")
        position = int(found[1])
        if position in positions or name in twice:
            raise SourceError("is there twice.", where=f"objectUrl_{position}")
        positions[position] = value
    if "objectUrl" in twice or ("objecturl" in fields and positions):
        raise SourceError("is there more than once.", where="objectUrl")
    if "objecturl" in fields:
        return [fields["objecturl"]]
    if kind in SINGLE or not positions:
        needed = "objectUrl" if kind in SINGLE else "objectUrl_0, objectUrl_1, ..."
        raise SourceError("is missing.", where=needed)
    first = 0 if 0 in positions else 1
    for position in range(first, first + len(positions)):
        if position not in positions:
            raise SourceError(
                "is missing, and others have higher numbers.", where=f"objectUrl_{position}"
            )
    return [positions[position] for position in sorted(positions, reverse=reverse)]


def _kind(kind: str, create_video: Any) -> str:
    if create_video is None:
        return kind
    if not isinstance(create_video, bool):
        raise SourceError(f"must be true or false, not {create_video!r:.80}.", where="createVideo")
    if kind == "image_group" and create_video:
        return "image_sequence"
    if kind in ("image", "video") and create_video:
        raise SourceError(f"must be false for {kind}s.", where="createVideo")
    if kind == "image_sequence" and not create_video:
        raise SourceError(
            "must be true for a sequence.", where="createVideo", hint="Or list it as a group."
        )
    return kind


def video_facts(given: Any) -> dict[str, Any]:
    """Return the facts of a ``videoMetadata`` object, as they stand in the metadata.

    Under the names ``width``, ``height``, ``fps``, ``duration``,
    ``file_size`` and ``mime``; from rate and duration the number of frames, ``frame_count``.

    Raises
    ------
    SourceError
        Naming the field that is wrong.
    """
    if not isinstance(given, Mapping):
        raise SourceError(f"must be an object, not {given!r:.80}.", where="videoMetadata")
    facts: dict[str, Any] = {}
    for name in ("width", "height", "fps", "duration", "file_size"):
        value = given.get(name)
        if value is None:
            continue
        wanted = int if name in _WHOLE else (int, float)
        if isinstance(value, bool | Unfit) or not isinstance(value, wanted) or value <= 0:
            raise SourceError(
                f"must be a {'whole ' if name in _WHOLE else ''}number above 0.",
                where=f"videoMetadata.{name}",
            )
        facts[name] = value
    mime = given.get("mime_type")
    if mime is not None and not isinstance(mime, str):
        raise SourceError("must be text.", where="videoMetadata.mime_type")
    if mime:
        facts["mime"] = mime
    if "fps" in facts and "duration" in facts:
        facts["frame_count"] = round(facts["fps"] * facts["duration"])
    others = {name: value for name, value in given.items() if name not in (*facts, "mime_type")}
    if others:
        facts["videoMetadata"] = others
    return facts
