"""Projects of VIA 3: shapes on pictures and frames, and segments of time.

``metadata`` says where (``xy``: a number for the kind of shape, then its numbers), when (``z``:
seconds of a video, none for a picture, one for a frame, two for a segment) and what (``av``:
answers by the ids of ``attribute``); ``vid`` is a ``view``, which shows files of ``file``.

Source: VIA 3's ``CodeDoc.md``, ``_via_metadata.js``, ``_via_attribute.js`` and ``_via_file.js``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.json_values import finite, mapping_in
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading
from labelwidgets.schema.geometry import Ellipse, Point, Polygon, Polyline, Rectangle, Tag
from labelwidgets.schema.tracks import Interval

if TYPE_CHECKING:
    from labelwidgets.media.videos import Video

# Kinds of files, of places of files, and of answers.
_IMAGE, _VIDEO = 2, 4
_INLINE = 4
_CHECKBOX, _RADIO, _SELECT = 2, 3, 4
# What attributes are about, by the end of their anchor.
_SHAPE, _SEGMENT, _FILE = "XY1", "Z2_XY0", "Z0_XY0"
# A time that is written with fewer digits than it has may lie just before its frame.
_ROUNDING = 1e-3


def is_version3(document: Any) -> bool:
    """Say whether a document is a project of VIA 3."""
    return isinstance(document, Mapping) and all(
        isinstance(document.get(name), Mapping) for name in ("metadata", "view", "file")
    )


def sniff_version3(head: bytes) -> bool:
    """Say whether a file that begins like this is one."""
    return (
        re.search(rb'"vid_list"\s*:', head) is not None
        and re.search(rb'"project"\s*:\s*\{', head) is not None
    )


class _Asked(NamedTuple):
    """An attribute: its name, what it is about, and its options by their ids."""

    name: str
    about: str
    kind: Any
    options: Mapping[str, Any]


class Version3:
    """One reading of one project.

    Parameters
    ----------
    job, found
        What is read, and where labels go.
    document
        The project.
    class_attribute
        Which attribute is the class; None goes by what the project says, and by the usual names.
    usual
        Those names.
    """

    def __init__(
        self,
        job: Reading,
        found: PictureLabels,
        document: Mapping[str, Any],
        class_attribute: str | None,
        usual: tuple[str, ...],
    ) -> None:
        self.job, self.found, self.usual = job, found, usual
        self.files, self.views = document["file"], document["view"]
        self.metadata = document["metadata"]
        settings = mapping_in(document, "config")
        self.prefixes = mapping_in(mapping_in(settings, "file"), "loc_prefix")
        self.asked = {str(id): _asked(one) for id, one in mapping_in(document, "attribute").items()}
        told = mapping_in(settings, "ui").get("spatial_region_label_attribute_id")
        first = self.asked.get(str(told))
        self.keys = {
            about: class_attribute or self._class(about, first) for about in (_SHAPE, _SEGMENT)
        }
        self.key = class_attribute
        self.spots: dict[str, tuple[Spot, str] | FormatError | None] = {}

    def read(self) -> None:
        """Take in the files, and what is said of them."""
        counts: dict[str, int] = {}
        for one in self.metadata.values():
            view = str(one.get("vid")) if isinstance(one, Mapping) else ""
            counts[view] = counts.get(view, 0) + 1
        for id in self.views:
            try:
                self.spots[str(id)] = self._spot(str(id), counts.get(str(id), 0))
            except FormatError as error:
                # Of one that nobody has labelled, nothing is lost.
                self.spots[str(id)] = error
        for id, one in self.metadata.items():
            try:
                self._read(str(id), one)
            except LabelwidgetsError as error:
                self.found.wrong(f"metadata[{str(id)[:40]!r}]", None, error)

    def _class(self, about: str, told: _Asked | None) -> str:
        """Return which attribute of shapes, or of segments, is the class."""
        names = [one.name for one in self.asked.values() if one.about == about]
        if told is not None and told.name in names:
            return told.name
        usual = [name for name in self.usual if name in {one.lower() for one in names}]
        if usual:
            return next(name for name in names if name.lower() == usual[0])
        return names[0] if len(names) == 1 else self.usual[0]

    def _spot(self, view: str, labels: int) -> tuple[Spot, str] | None:
        said = self.views[view]
        files = said.get("fid_list") if isinstance(said, Mapping) else None
        if not isinstance(files, list) or not files:
            raise FormatError("must be a list of files.", where="fid_list")
        if len(files) > 1:
            raise FormatError(
                f"shows {len(files)} files at once; what is said of all of them has no place.",
                where="fid_list",
            )
        file = self.files.get(str(files[0]))
        if not isinstance(file, Mapping):
            raise FormatError(f"names no file, {str(files[0])[:40]!r}.", where="fid_list")
        kind = file.get("type")
        if kind not in (_IMAGE, _VIDEO):
            raise FormatError("is no picture and no video.", where=f"file[{str(files[0])[:40]!r}]")
        names = [one for one in (file.get("src"), file.get("fname")) if isinstance(one, str)]
        if file.get("loc") == _INLINE:
            names = names[1:]
        elif names and isinstance(prefix := self.prefixes.get(str(file.get("loc"))), str):
            names = [prefix + names[0], *names]
        names = list(dict.fromkeys(names))
        if not any(names):
            raise FormatError("must be the name of a file.", where="fname")
        what = "video" if kind == _VIDEO else "image"
        place = f"file[{str(files[0])[:40]!r}]"
        spot = self.found.spot(place, names, id=view, labels=labels, kind=what)
        return None if spot is None else (spot, what)

    def _read(self, id: str, one: Any) -> None:
        if not isinstance(one, Mapping):
            raise FormatError("must be an object.")
        view = str(one.get("vid"))
        if view not in self.spots:
            raise FormatError(f"{view[:40]!r} is no view.", where="vid")
        there = self.spots[view]
        if isinstance(there, FormatError):
            raise there
        if there is None:
            return
        times, numbers = (_numbers(one, field) for field in ("z", "xy"))
        spot, what = there
        if times and what != "video" and spot.item.kind not in ("video", "image_sequence"):
            raise FormatError("is a time, and a picture has none.", where="z")
        given = self._answers(mapping_in(one, "av"))
        parameters: dict[str, Any] = {"id": id}
        if not numbers and not times:
            self._keep(None, Tag(), given, spot, parameters)
            return
        if times:
            parameters["seconds"] = times
        clip = self.job.clips.of(spot.item.id) if times else None
        if numbers:
            if len(times) > 1:
                raise FormatError("is a shape through time, which VIA does not draw.", where="z")
            shape: Any = read_shape(numbers)
            if clip is not None:
                spot = spot._replace(frame=self._frame(clip, times[0]), size=clip.size or spot.size)
            name = self.found.name_of(given.pop(self.keys[_SHAPE], None), self.keys[_SHAPE])
        else:
            assert clip is not None  # noqa: S101 - there are times
            shape = self._segment(clip, times)
            name = self.found.name_of(given.pop(self.keys[_SEGMENT], None), self.keys[_SEGMENT])
        self._keep(name, shape, given, spot, parameters)

    def _keep(
        self,
        name: str | None,
        shape: Any,
        given: dict[str, Any],
        spot: Spot,
        parameters: dict[str, Any],
    ) -> None:
        answers, others = self.found.answers(name, given)
        if others:
            parameters = parameters | {"attributes": others}
        self.found.keep(name, shape, spot, attributes=answers, parameters=parameters)

    def _segment(self, clip: Clip, times: list[float]) -> Interval:
        begin, end = times[0], times[-1]
        if end < begin:
            raise FormatError("ends before it begins.", where="z")
        first, last = self._frame(clip, begin), self._frame(clip, end, end=True)
        return Interval(first, max(first, last))

    def _frame(self, clip: Clip, seconds: float, end: bool = False) -> int:
        """Return the frame that is seen at a time; as an `end`, the last one before it."""
        if seconds < 0:
            raise FormatError("must not be negative.", where="z")
        dataset = self.job.dataset
        if dataset is not None and clip.item.kind == "video":
            return _frame_of(dataset.video(clip.item.id), seconds, end)
        if not clip.rate:
            raise FormatError(
                "is a time, and it is not known how many frames a second the video has.",
                where="z",
                hint="Pass dataset=, or items whose metadata say it (fps).",
            )
        if end:
            frame = math.ceil(seconds * clip.rate - _ROUNDING) - 1
        else:
            frame = math.floor(seconds * clip.rate + _ROUNDING)
        if clip.frames is not None and frame == clip.frames:
            frame -= 1  # The time at which the video ends.
        clip.check(max(frame, 0), "z")
        return max(frame, 0)

    def _answers(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return answers by the names of the attributes, with the words of options."""
        made: dict[str, Any] = {}
        for id, value in given.items():
            asked = self.asked.get(str(id))
            if value in (None, ""):
                continue
            if asked is None:
                made[str(id)] = value
            elif asked.kind == _CHECKBOX:
                chosen = [one for one in str(value).split(",") if one]
                made[asked.name] = [str(asked.options.get(one, one)) for one in chosen]
            elif asked.kind in (_RADIO, _SELECT):
                made[asked.name] = str(asked.options.get(str(value), value))
            else:
                made[asked.name] = value
        return made


def _frame_of(video: Video, seconds: float, end: bool) -> int:
    """Return the frame of a video whose frames have times of their own: see `Version3._frame`."""
    times = (video.pts - video.pts[0]) * float(video.facts.time_base)
    step = float(times[-1]) / max(len(times) - 1, 1)
    if seconds > times[-1] + max(2 * step, 1):
        raise FormatError(f"is {seconds:g} s, and the video is over at {times[-1]:g}.", where="z")
    at = np.searchsorted(times, seconds + (-_ROUNDING if end else _ROUNDING), side="right")
    return max(int(at) - 1, 0)


def _asked(one: Any) -> _Asked:
    if not isinstance(one, Mapping) or not isinstance(one.get("aname"), str):
        raise FormatError("must have a name.", where="attribute, aname")
    anchor = str(one.get("anchor_id"))
    about = next((end for end in (_SEGMENT, _FILE, _SHAPE) if anchor.endswith(end)), "")
    return _Asked(one["aname"], about, one.get("type"), mapping_in(one, "options"))


def _numbers(one: Mapping[str, Any], field: str) -> list[float]:
    given = one.get(field, [])
    if not isinstance(given, list):
        raise FormatError("must be a list of numbers.", where=field)
    return [finite(value, field) for value in given]


def read_shape(numbers: list[float]) -> Rectangle | Ellipse | Polygon | Polyline | Point:
    """Return the shape of an ``xy``: a number for its kind, then its own.

    Raises
    ------
    FormatError, GeometryError
        If there is no such kind, or it has not as many numbers.
    """
    kind, *rest = numbers
    points = list(zip(rest[::2], rest[1::2], strict=False))
    fixed = {1: 2, 2: 4, 3: 3, 4: 4, 5: 4, 8: 8, 9: 6}
    if kind not in (*fixed, 6, 7):
        raise FormatError(f"{kind:g} is no kind of shape.", where="xy[0]")
    if len(rest) != fixed.get(int(kind), len(rest)) or (kind in (6, 7) and len(rest) % 2):
        raise FormatError(f"has {len(rest)} numbers, which are not those of its kind.", where="xy")
    if kind == 1:
        return Point(*rest)
    if kind == 2:
        return Rectangle(*rest)
    if kind == 3:
        return Ellipse(rest[0], rest[1], rest[2], rest[2])
    if kind == 4:
        return Ellipse(*rest)
    if kind == 7:
        return Polygon([[points]])
    if kind in (5, 6):
        return Polyline(points)
    if kind == 8:
        # Four points on the sides of a box.
        left, top = min(rest[::2]), min(rest[1::2])
        return Rectangle(left, top, max(rest[::2]) - left, max(rest[1::2]) - top)
    return _circle(points)


def _circle(points: list[tuple[float, float]]) -> Ellipse:
    """Return the circle through three points."""
    (ax, ay), (bx, by), (cx, cy) = points
    bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
    twice = 2 * (bx * cy - by * cx)
    if not twice:
        raise FormatError("has three points on a line, which no circle has.", where="xy")
    x = (cy * (bx * bx + by * by) - by * (cx * cx + cy * cy)) / twice
    y = (bx * (cx * cx + cy * cy) - cx * (bx * bx + by * by)) / twice
    radius = math.hypot(x, y)
    return Ellipse(ax + x, ay + y, radius, radius)
