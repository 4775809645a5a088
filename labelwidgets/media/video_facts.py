"""What is written down of a video when it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import ImageError
from labelwidgets.media.access import Access
from labelwidgets.media.kinds import VIDEO_HEAD, video_mime
from labelwidgets.media.urls import masked
from labelwidgets.media.video.address import frames_of, video_url
from labelwidgets.media.video.stream import VideoStream
from labelwidgets.media.video.timing import mean_rate, seconds_of, timing_problems
from labelwidgets.media.videos import Video
from labelwidgets.media.volumes import Problem
from labelwidgets.numbered import numbered


def read_video_facts(url: str, access: Access) -> dict[str, Any]:
    """Read the index of a video, or of the one that a URL names frames of, and nothing else.

    Returns
    -------
    dict
        Of a video: frames, width, height, fps (on average), duration in seconds, codec,
        rotation, mime, and problems where there are any. Of a frame: what a picture has.

    Raises
    ------
    MissingExtraError
        If PyAV is not installed.
    SourceError, ImageError, LimitError
        If it cannot be read, is no video, or is too large.
    """
    whole = video_url(url)
    where = masked(whole)
    head = access.place(whole).fetch(0, VIDEO_HEAD)
    if not head:
        raise ImageError("is empty: it has no bytes.", where=where)
    mime = video_mime(head)
    if mime is None:
        raise ImageError(
            "is not a video.",
            where=where,
            hint="Known are MP4, QuickTime, AVI, Matroska, WebM and MPEG streams.",
        )
    video = VideoStream(whole, access)
    if not len(video):
        raise ImageError("has no frame.", where=where)
    access.limits.check_pixels(video.facts.width, video.facts.height, where)
    return facts_of_part(url, {**facts_of_video(video), "mime": mime})


def facts_of_video(video: Video) -> dict[str, Any]:
    """Return what the metadata of an item say of its video."""
    facts = video.facts
    rate = mean_rate(video.pts, facts.time_base)
    found: dict[str, Any] = {
        "frames": len(video),
        "width": facts.width,
        "height": facts.height,
        "duration": round(seconds_of(video.pts, facts.time_base), 6),
        "codec": facts.codec,
        "rotation": facts.rotation,
    }
    if rate is not None:
        found["fps"] = round(rate, 6)
    problems = problems_of(video)
    if problems:
        found["problems"] = [{"kind": one.kind, "message": one.message} for one in problems]
    return found


def facts_of_part(url: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what the metadata of the frames say that a URL names, of those of the whole video.

    Raises
    ------
    ImageError
        If the video has no such frames.
    """
    part = frames_of(url)
    if part is None:
        return facts
    last = part.first if part.last is None else part.last
    if last >= facts["frames"]:
        raise ImageError(
            f"has the frames 0 to {facts['frames'] - 1}, not {last}.", where=masked(part.video)
        )
    if part.last is None:
        size = {name: facts[name] for name in ("width", "height")}
        return {**size, "mime": "image/png", "bits": 8, "frame": part.first}
    return {**facts, "first_frame": part.first, "last_frame": part.last}


def problems_of(video: Video, metadata: Mapping[str, Any] | None = None) -> tuple[Problem, ...]:
    """Return what a person should know of a video.

    Parameters
    ----------
    video
        Opened.
    metadata
        What was said of it before, such as by a manifest: where that is not so, it is told.
    """
    facts = video.facts
    known = {one.kind for one in facts.problems}
    declared = None if facts.rate is None else float(facts.rate)
    timing = timing_problems(video.pts, facts.time_base, declared)
    if len(timing) > 1:
        # Of an uneven rate the average that a header has says nothing more.
        timing = tuple(one for one in timing if one.kind != "declared rate")
    found = [*facts.problems, *(one for one in timing if one.kind not in known)]
    return (*found, *_contradictions(video, metadata or {}))


def _contradictions(video: Video, metadata: Mapping[str, Any]) -> list[Problem]:
    facts, found = video.facts, []
    count = metadata.get("frames", metadata.get("frame_count"))
    if isinstance(count, int) and count != len(video):
        found.append(
            Problem(
                "declared frames",
                f"It is said to have {numbered(count, 'frame')}, and has {len(video)}.",
            )
        )
    rate = metadata.get("fps")
    if isinstance(rate, int | float):
        found += [
            one
            for one in timing_problems(video.pts, facts.time_base, float(rate))
            if one.kind == "declared rate"
        ]
    return found
