"""The tasks of Label Studio's files: of exports, of JSON_MIN, and of one file an annotation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from labelwidgets.errors import FormatError
from labelwidgets.formats.addresses import parts_of

# What data fields that hold pictures are called, the usual ones first.
_USUAL = ("image", "video", "img", "picture", "photo", "url", "video_url", "image_url")
_MEDIA = re.compile(
    r"\.(jpe?g|png|bmp|gif|webp|tiff?|mp4|webm|mov|avi|mkv|m4v)(\?.*)?$", re.IGNORECASE
)
_MIN = ("rectangle", "ellipse", "polygon", "keypoint", "brush", "bitmask", "vector")
_MIN_FIELDS = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"}
# Uploads have eight digits before the name that they had.
_UPLOAD = re.compile(r"^[0-9a-f]{8}-(?=.)")


def tasks_in(document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the tasks of a file with their places.

    Raises
    ------
    FormatError
        If it holds none.
    """
    if isinstance(document, Mapping):
        yield "", as_task(document)
        return
    if not isinstance(document, list):
        raise FormatError("must be a list of tasks.")
    for number, one in enumerate(document):
        place = f"[{number}]"
        if not isinstance(one, Mapping):
            yield place, {}
            continue
        yield place, as_task(one)


def as_task(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record as a task, whichever of the three forms it has."""
    if isinstance(one.get("data"), Mapping):
        return one
    task = one.get("task")
    if isinstance(task, Mapping) and "result" in one:
        # As storages have it: a file for each annotation, with its task.
        return {"id": task.get("id"), "data": task.get("data"), "annotations": [one]}
    if "annotations" in one or "predictions" in one or "result" in one:
        return one
    return _of_min(one)


def _of_min(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record of JSON_MIN as a task: its regions lie under the names of their controls."""
    data: dict[str, Any] = {}
    results: list[Any] = []
    for key, value in one.items():
        if key in _MIN_FIELDS:
            continue
        given = value if isinstance(value, list) else [value]
        if given and all(isinstance(part, Mapping) for part in given):
            results += [_result(key, part) for part in given]
        elif isinstance(value, str) and (key in _USUAL or _MEDIA.search(value)):
            data[key] = value
        elif isinstance(value, str | int | float) or all(isinstance(x, str) for x in given):
            choices = [str(part) for part in given]
            results.append({"type": "choices", "from_name": key, "value": {"choices": choices}})
    annotation = {"id": one.get("annotation_id"), "result": results}
    annotation["completed_by"] = one.get("annotator")
    return {"id": one.get("id"), "data": data, "annotations": [annotation]}


def _result(name: str, region: Mapping[str, Any]) -> Mapping[str, Any]:
    said = {"from_name": name, "value": region}
    for key in ("original_width", "original_height", "image_rotation", "id"):
        if key in region:
            said[key] = region[key]
    for kind in _MIN:
        if f"{kind}labels" in region:
            return said | {"type": f"{kind}labels"}
    if "sequence" in region:
        return said | {"type": "videorectangle"}
    answer = next((key for key in ("choices", "taxonomy", "text", "rating") if key in region), "")
    return said | {"type": {"text": "textarea"}.get(answer, answer)}


def place_of(data: Mapping[str, Any], named: str | None) -> tuple[str, str]:
    """Return the field of the data that has the picture, and what it says.

    Parameters
    ----------
    data
        Of a task.
    named
        The field, where it is known.

    Raises
    ------
    FormatError
        If there is none, or it could be any of several.
    """
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value}
    if named is not None and named in texts:
        return named, texts[named]
    usual = [key for key in _USUAL if key in texts]
    media = usual or [key for key, value in texts.items() if _MEDIA.search(value)]
    if not media and len(texts) == 1:
        media = list(texts)
    if len(media) != 1 and not usual:
        raise FormatError(
            "names no picture." if not media else "names several pictures.",
            where="data",
            hint="Pass field= with the name of the one that has the picture.",
        )
    return media[0], texts[media[0]]


def names_of(url: str, upload: Any) -> list[str]:
    """Return what the picture of a task may be called, the surest first."""
    names = [url]
    parts = parts_of(url) if "?" in url else None
    if parts is not None:
        local = parse_qs(parts.query).get("d")
        if parts.path.endswith("/local-files/") and local:
            names = [unquote(local[0])]
        else:
            names.append(parts.path)
    if isinstance(upload, str) and upload:
        names.append(upload)
    last = names[-1].replace("\\", "/").rsplit("/", 1)[-1]
    if (bare := _UPLOAD.sub("", last)) != last:
        names.append(bare)
    return names
