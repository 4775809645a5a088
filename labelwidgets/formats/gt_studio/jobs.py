"""The jobs of a file, and the labels that each of them has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.problems import Problems
from labelwidgets.media.manifests.documents import text_of
from labelwidgets.media.manifests.gt_studio import jobs_in
from labelwidgets.schema.ids import is_id


class Label(NamedTuple):
    """A label of a job: its place, its type, what is said, and on which frame of which object."""

    place: str
    kind: str
    said: Any
    frame: str | None = None
    track: str | None = None
    # Where the object stands that it shows on one frame.
    object: str | None = None


def jobs_of(data: bytes, file: str) -> list[tuple[str, Any]]:
    """Return the jobs of a file with their places in it.

    Raises
    ------
    FormatError
        If it is no JSON, or has none.
    """
    try:
        text = text_of(data, file)
    except SourceError as error:
        raise FormatError(error.message, where=error.where, hint=error.hint) from None
    if file.lower().endswith((".jsonl", ".ndjson")):
        lines = [line for line in enumerate(text.splitlines(), start=1) if line[1].strip()]
        return [(f"line {n}", as_json(line.encode(), f"{file}, line {n}")) for n, line in lines]
    jobs = jobs_in(as_json(text.encode(), file))
    if jobs is None:
        raise FormatError("has no job with image_url or video_data.", where=file)
    return jobs


def labels_of(place: str, data: Mapping[str, Any], problems: Problems) -> Iterator[Label]:
    """Go through the labels of a job; lists that are none are problems."""
    for field in ("maker_response", "annotations", "annotation_data"):
        given = data.get(field)
        if given is None:
            continue
        where = f"{place}.{field}"
        if not isinstance(given, Mapping):
            problems.add(where, None, FormatError("must be an object."))
            continue
        tracked = given.get("annotations") if field == "annotation_data" else None
        for kind, part in given.items():
            inside = part.get("data") if isinstance(part, Mapping) else part
            if kind == "video2d" and isinstance(inside, Mapping):
                tracked = inside.get("annotations")
            elif kind == "raster":
                yield Label(f"{where}.{kind}", kind, inside if inside is not None else part)
            elif tracked is None and isinstance(inside, list):
                for index, said in enumerate(inside):
                    yield Label(f"{where}.{kind}[{index}]", kind, said)
            elif tracked is None:
                problems.add(f"{where}.{kind}", None, FormatError("must be a list."))
        if tracked is not None:
            yield from _tracked(where, tracked, problems)


def _tracked(where: str, tracked: Any, problems: Problems) -> Iterator[Label]:
    if not isinstance(tracked, list):
        problems.add(where, None, FormatError("must be a list.", where="annotations"))
        return
    for index, track in enumerate(tracked):
        place = f"{where}.annotations[{index}]"
        frames = track.get("frames") if isinstance(track, Mapping) else None
        if not isinstance(frames, Mapping):
            error = FormatError("must be an object with a label for each frame.", where="frames")
            problems.add(place, None, error)
            continue
        for frame, said in frames.items():
            whole = {"label": track.get("label"), **said} if isinstance(said, Mapping) else said
            kind = whole.get("type", track.get("type")) if isinstance(whole, Mapping) else ""
            name = track.get("_id")
            track_id = name if isinstance(name, str) and is_id(name) else None
            yield Label(f"{place}.frames.{frame[:80]}", str(kind), whole, frame, track_id, place)
