"""Jobs of GT Studio (Playment) as the items of a dataset.

A job is the body of a request that creates one, what its ``data`` holds (the job build), or its
result; a file has one of them, a list of them, ``{"jobs": [...]}``, or one in each line.

- ``data.image_url``: a picture. ``data.video_data.frames``: a sequence, of which each frame has
  ``src`` and ``frame_id``, unique in the job; the order of the list is the order of play.
- ``reference_id`` (unique in the file), ``tag``, ``work_flow_id``, ``batch_id`` and
  ``priority_weight`` go into the metadata, and so do ``frame_ids`` in their order and
  ``reference_data``, further pictures to look at.
- ``maker_response`` and ``annotations`` are labels: see `labelwidgets.formats`, ``gt_studio``.

Source: GT Studio's documentation, "Job Build Structure" and "Create jobs".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.items import OnError
from labelwidgets.media.rows import Row
from labelwidgets.media.urls import masked

_TOP = ("reference_id", "job_id", "tag", "work_flow_id", "batch_id", "priority_weight")
_DATA = ("image_url", "video_data", "sensor_data")


def is_job(value: Any) -> bool:
    """Say whether a value of JSON is a job."""
    if not isinstance(value, Mapping):
        return False
    data = value.get("data")
    inside = isinstance(data, Mapping) and any(name in data for name in _DATA)
    return inside or any(name in value for name in _DATA)


def jobs_in(value: Any) -> list[tuple[str, Any]] | None:
    """Return the jobs that a value of JSON holds, each with its place; None if it is none."""
    if isinstance(value, Mapping) and isinstance(value.get("jobs"), list):
        return [(f"jobs[{index}]", job) for index, job in enumerate(value["jobs"])]
    if is_job(value):
        return [("job", value)]
    if isinstance(value, list) and value and is_job(value[0]):
        return [(f"[{index}]", job) for index, job in enumerate(value)]
    return None


def rows(jobs: Iterable[tuple[str, Any]], on_error: OnError) -> Iterator[Row]:
    """Yield a row for each job.

    Parameters
    ----------
    jobs
        Each with its place in the file.
    on_error
        Called for each that makes no item.
    """
    references: dict[str, str] = {}
    for number, (place, job) in enumerate(jobs):
        try:
            row = _row(number, place, job)
            reference = row.values["metadata"].get("reference_id")
            if reference is not None and references.setdefault(reference, place) != place:
                raise SourceError(
                    f"{reference[:80]!r} is that of {references[reference]}.", where="reference_id"
                )
        except LabelwidgetsError as error:
            on_error(number, place, None, _url_in(job), error.at(place))
        else:
            yield row


def _url_in(job: Any) -> str:
    data = job.get("data", job) if isinstance(job, Mapping) else None
    url = data.get("image_url") if isinstance(data, Mapping) else None
    return masked(url)[:2000] if isinstance(url, str) else ""


def _row(number: int, place: str, job: Any) -> Row:
    if not is_job(job):
        raise SourceError("has neither image_url nor video_data.", where="data")
    data = job.get("data") if isinstance(job.get("data"), Mapping) else job
    known: dict[str, Any] = {}
    for name in _TOP:
        value = job.get(name, data.get(name))
        if value is None or value == "":
            continue
        wanted = int if name == "priority_weight" else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            kind = "a whole number" if wanted is int else "text"
            raise SourceError(f"must be {kind}, not {value!r:.80}.", where=name)
        known[name] = value
    if data.get("reference_data") is not None:
        known["reference_data"] = data["reference_data"]
    if "sensor_data" in data:
        raise SourceError("is of point clouds, which are not labelled here.", where="sensor_data")
    if "video_data" in data:
        urls, known["frame_ids"] = _frames(data["video_data"])
        title = known.get("reference_id")
        values = {"urls": urls, "kind": "image_sequence", "title": title, "metadata": known}
        return Row(number, place, values)
    return Row(number, place, {"url": data["image_url"], "kind": "image", "metadata": known})


def _frames(video: Any) -> tuple[list[Any], list[str]]:
    frames = video.get("frames") if isinstance(video, Mapping) else None
    if not isinstance(frames, list) or not frames:
        raise SourceError("must be a list of at least one frame.", where="video_data.frames")
    urls: list[Any] = []
    ids: dict[str, int] = {}
    for index, frame in enumerate(frames):
        where = f"video_data.frames[{index}]"
        if not isinstance(frame, Mapping):
            raise SourceError("must be an object with src and frame_id.", where=where)
        name = frame.get("frame_id")
        if not isinstance(name, str) or not name:
            raise SourceError(f"must be text, not {name!r:.80}.", where=f"{where}.frame_id")
        if name in ids:
            raise SourceError(
                f"{name[:80]!r} is that of frame {ids[name]}.", where=f"{where}.frame_id"
            )
        if "src" not in frame:
            raise SourceError("is missing.", where=f"{where}.src")
        ids[name] = index
        urls.append(frame["src"])
    return urls, list(ids)
