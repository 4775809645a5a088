"""Projects of VIA 3, read: shapes on pictures and frames, and segments of time.

``metadata`` says where (``xy``: a number for the kind of shape, then its numbers), when (``z``:
seconds of a video, none for a picture, one for a frame, two for a segment) and what (``av``:
answers by the ids of ``attribute``); ``vid`` is a ``view``, which shows files of ``file``.

VIA draws the shapes of a view of several files on each of them, and so they are on each; answers
about such a group are on each of its files, ``groups`` in their origin says of which. Where
several groups with a file answer a question about it, the first counts.

Source: VIA 3's ``CodeDoc.md``, ``_via_metadata.js``, ``_via_attribute.js``, ``_via_file.js`` and
``_via_file_annotator.js``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.json_values import finite, mapping_in, share
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading
from labelwidgets.formats.via.attributes3 import FILE, SEGMENT, SHAPE, asked_in
from labelwidgets.formats.via.shapes3 import read_shape
from labelwidgets.formats.via.times import frame_at
from labelwidgets.formats.via.views import Shown, Views
from labelwidgets.schema.attributes import Attribute
from labelwidgets.schema.geometry import Tag
from labelwidgets.schema.tracks import Interval

# What wrote a project of ours, and the class of what is said of a file as one of its tags there.
CREATOR = "labelwidgets"
TAG = "tag"


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
    file
        Name of the project within a folder that is read; empty of a file by itself.
    """

    def __init__(
        self,
        job: Reading,
        found: PictureLabels,
        document: Mapping[str, Any],
        class_attribute: str | None,
        usual: tuple[str, ...],
        file: str = "",
    ) -> None:
        self.job, self.found, self.usual = job, found, usual
        self.place = f"{file}, " if file else ""
        self.metadata = document["metadata"]
        said = (one for one in self.metadata.values() if isinstance(one, Mapping))
        self.views = Views(document, found, (str(one.get("vid")) for one in said), file)
        settings = mapping_in(document, "config")
        self.asked = asked_in(document)
        self.names = {one.name for one in self.asked.values()}
        self.questions = {about: self._questions(about) for about in (SHAPE, SEGMENT, FILE)}
        told = mapping_in(settings, "ui").get("spatial_region_label_attribute_id")
        first = self.asked.get(str(told))
        name = None if first is None else first.name
        self.keys = {
            about: class_attribute or self._class(about, name) for about in (SHAPE, SEGMENT)
        }
        self.ours = mapping_in(document, "project").get("creator") == CREATOR
        # What is said of files as a whole, by their items and frames.
        self.about: dict[tuple[str, int | None], tuple[Spot, dict[str, Any], dict[str, Any]]] = {}

    def read(self) -> None:
        """Take in the files, and what is said of them."""
        for id, one in self.metadata.items():
            record = f"{self.place}metadata[{str(id)[:40]!r}]"
            try:
                self._read(str(id), one)
            except LabelwidgetsError as error:
                self.found.wrong(record, None, error)
        for spot, answers, parameters in self.about.values():
            try:
                self._keep(None, Tag(), answers, spot, parameters)
            except LabelwidgetsError as error:
                record = f"{self.place}metadata[{str(parameters.get('id'))[:40]!r}]"
                self.found.wrong(record, None, error)

    def _questions(self, about: str) -> dict[str, Attribute]:
        """Return the questions about shapes, segments or files, by their names."""
        found = (one.question for one in self.asked.values() if one.about == about)
        return {one.name: one for one in found if one is not None}

    def _class(self, about: str, told: str | None) -> str:
        """Return which attribute of shapes, or of segments, is the class."""
        names = [one.name for one in self.asked.values() if one.about == about]
        if told is not None and told in names:
            return told
        usual = [name for name in self.usual if name in {one.lower() for one in names}]
        if usual:
            return next(name for name in names if name.lower() == usual[0])
        return names[0] if len(names) == 1 else self.usual[0]

    def _read(self, id: str, one: Any) -> None:
        if not isinstance(one, Mapping):
            raise FormatError("must be an object.")
        view = str(one.get("vid"))
        group = self.views.get(view)
        times, numbers = (_numbers(one, field) for field in ("z", "xy"))
        if times and len(group.files) > 1:
            raise FormatError(
                f"is a time, and the view {view[:40]!r} shows "
                f"{numbered(len(group.files), 'file')}: VIA does "
                "not say of which.",
                where="z",
            )
        given = mapping_in(one, "av")
        for file in group.files:
            if file is not None:
                several = {"view": view, "files": group.names} if len(group.files) > 1 else None
                self._place(id, file, times, numbers, given, several)

    def _place(
        self,
        id: str,
        file: Shown,
        times: list[float],
        numbers: list[float],
        given: Mapping[str, Any],
        several: dict[str, Any] | None,
    ) -> None:
        """Take in what is said of a file."""
        spot = file.spot
        parameters: dict[str, Any] = {"id": id} | ({"group": several} if several else {})
        if times and not file.video and spot.item.kind not in ("video", "image_sequence"):
            raise FormatError("is a time, and a picture has none.", where="z")
        if not numbers and not times:
            self._read_about(id, self._answers(given), spot, several)
            return
        if times:
            parameters["seconds"] = times
        clip = self.job.clips.of(spot.item.id) if times else None
        about = SHAPE if numbers else SEGMENT
        told = self.questions[about]
        said = self._answers(given)
        if numbers:
            if len(times) > 1:
                raise FormatError("is a shape through time, which VIA does not draw.", where="z")
            shape: Any = read_shape(numbers)
            if clip is not None:
                frame = frame_at(clip, self.job.dataset, times[0])
                spot = spot._replace(frame=frame, size=clip.size or spot.size)
        else:
            assert clip is not None  # noqa: S101 - there are times
            shape = self._segment(clip, times)
        name = self.found.name_of(said.pop(self.keys[about], None), self.keys[about])
        self._keep(name, shape, said, spot, parameters, told)

    def _read_about(
        self, id: str, said: dict[str, Any], spot: Spot, several: dict[str, Any] | None
    ) -> None:
        """Take in what is said of a file as a whole: its classes, and its answers."""
        key = self.keys[SHAPE]
        asked = {one.name for one in self.found.questions(None)}
        if self.ours and TAG in said:
            name = self.found.name_of(said.pop(TAG), TAG)
            self._keep(name, Tag(), said, spot, {"id": id})
            return
        if key in said and key not in asked:
            tags = said.pop(key)
            for one in tags if isinstance(tags, list) else [tags]:
                self._keep(self.found.name_of(one, key), Tag(), {}, spot, {"id": id})
            if not said:
                return
        where = (spot.item.id, spot.frame)
        _, answers, parameters = self.about.setdefault(where, (spot, {}, {"id": id}))
        for name, answer in said.items():
            answers.setdefault(name, answer)
        if several:
            parameters.setdefault("groups", []).append({**several, "attributes": said})

    def _keep(
        self,
        name: str | None,
        shape: Any,
        given: dict[str, Any],
        spot: Spot,
        parameters: dict[str, Any],
        told: Mapping[str, Attribute] | None = None,
    ) -> None:
        sure = None
        if "score" in given and "score" not in {one.name for one in self.found.questions(name)}:
            sure = share(_number(given["score"]))
            if sure is not None:
                del given["score"]
        about = {key: answer for key, answer in given.items() if key in self.names}
        self.found.ask(name, about, self.questions[FILE] if told is None else told)
        answers, others = self.found.answers(name, given)
        if others:
            parameters = parameters | {"attributes": others}
        self.found.keep(
            name, shape, spot, attributes=answers, parameters=parameters, confidence=sure
        )

    def _segment(self, clip: Clip, times: list[float]) -> Interval:
        begin, end = times[0], times[-1]
        if end < begin:
            raise FormatError("ends before it begins.", where="z")
        first = frame_at(clip, self.job.dataset, begin)
        last = frame_at(clip, self.job.dataset, end, end=True)
        return Interval(first, max(first, last))

    def _answers(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return answers by the names of the attributes, with the words of options."""
        made: dict[str, Any] = {}
        for id, value in given.items():
            asked = self.asked.get(str(id))
            if value not in (None, ""):
                made[str(id) if asked is None else asked.name] = (
                    value if asked is None else asked.answer(value)
                )
        return made


def _numbers(one: Mapping[str, Any], field: str) -> list[float]:
    given = one.get(field, [])
    if not isinstance(given, list):
        raise FormatError("must be a list of numbers.", where=field)
    return [finite(value, field) for value in given]


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
