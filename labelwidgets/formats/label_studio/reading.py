"""From Label Studio's JSON to annotations."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.files import read_bytes
from labelwidgets.formats.folders import holds_any
from labelwidgets.formats.growing_skeletons import GrowingSkeletons
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.label_studio.config import Config, read_config
from labelwidgets.formats.label_studio.results import Results
from labelwidgets.formats.label_studio.shapes import kind_of
from labelwidgets.formats.label_studio.tasks import names_of, place_of, tasks_in
from labelwidgets.formats.numbered import listed
from labelwidgets.formats.picture_labels import PictureLabels
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.warned import warn

MAX_BYTES = 1 << 30
MAX_CONFIG = 1 << 22
Take = Literal["annotations", "predictions", "both"]
_SHAPES = rb'"(rectangle|ellipse|polygon|keypoint|brush|vector|bitmask)labels"\s*:'
_MOVING = ("videorectangle", "timeline")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of Label Studio."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"{"):
        return False
    if re.search(_SHAPES, head) is not None:
        return True
    tasks = re.search(rb'"(annotations|predictions|completions)"\s*:\s*\[', head) is not None
    return tasks and (
        re.search(rb'"data"\s*:\s*\{', head) is not None
        or (b'"from_name"' in head and b'"to_name"' in head)
    )


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".json")


@reader("label_studio", "videos")
def read(
    job: Reading,
    *,
    take: Take = "annotations",
    who: str | int | None = None,
    config: str | os.PathLike[str] | None = None,
    field: str | None = None,
    unnamed: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Imported:
    """Read tasks: see `labelwidgets.formats.read` and `labelwidgets.formats.label_studio`.

    Parameters
    ----------
    path
        A JSON, or a folder or zip with some.
    items
        As for `labelwidgets.formats.read`. Tracks need the items, for the size of the frames.
    take
        What is read of a task: the ``annotations`` of people, the ``predictions`` of models with
        their scores, or ``both``. What is not read is told.
    who
        Only the annotations of this person: the number or the address in ``completed_by``. None
        takes those of everybody, who may have labelled the same objects.
    config
        The labelling interface (XML), for colours, the order of joints, and classes without
        labels. Of a folder or zip, the XML in it.
    field
        Which field of ``data`` has the picture, where that is not plain.
    unnamed
        Class of shapes without a label; None finds fault with them.
    max_bytes
        Larger files are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the task, the result and the field.
    """
    if take not in ("annotations", "predictions", "both"):
        raise FormatError(
            f'must be "annotations", "predictions" or "both", not {str(take)[:40]!r}.',
            where="take",
        )
    source = job.input()
    found = job.picture_labels(unnamed)
    names = source.ending(".json")
    if not names:
        raise FormatError("has no .json of Label Studio.", where=source.shown)
    told = _config(source, config, **job.storage_options)
    for made in told.classes.values():
        found.tell(made, any_tool=made.name in told.untyped)
    reader = _Reader(found, told, job.clips, take, who, field)
    for name in names:
        document = as_json(source.read(name, max_bytes), source.where(name))
        try:
            for place, task in tasks_in(document):
                reader.read_task(place if source.single else f"{name}{place}", task)
        except FormatError as error:
            if error.where:
                raise
            raise error.at(source.where(name)) from None
    reader.close()
    return found.result()


def _config(source: Input, path: str | os.PathLike[str] | None, **options: Any) -> Config:
    if path is not None:
        return read_config(read_bytes(path, MAX_CONFIG, **options), os.fspath(path))
    if not source.single:
        there = [name for name in source.names() if name.lower().endswith(".xml")]
        if len(there) == 1:
            return read_config(source.read(there[0], MAX_CONFIG), source.where(there[0]))
    return Config()


class _Reader:
    """One reading of some files."""

    def __init__(
        self,
        found: PictureLabels,
        config: Config,
        clips: Clips,
        take: Take,
        who: str | int | None,
        field: str | None,
    ) -> None:
        self.found, self.config, self.clips, self.field = found, config, clips, field
        self.take, self.who = take, who
        self.skeletons = GrowingSkeletons(found)
        self.spots: dict[str, Results | None] = {}
        self.passed: Counter[str] = Counter()

    def read_task(self, place: str, task: Mapping[str, Any]) -> None:
        """Take in all that is said of a task."""
        try:
            data = task.get("data")
            if not isinstance(data, Mapping):
                raise FormatError("must be an object.", where="data")
            sets = self._sets(task)
            results = [one for _, some, *_ in sets for one in some]
            if not results:
                self._results(place, task, data, None, [])
        except LabelwidgetsError as error:
            self.found.wrong(place or "task", task.get("id"), error)
            return
        for where, some, author, score, more in sets:
            by_field = self._by_field(where, some, data)
            for field, part in by_field.items():
                try:
                    there = self._results(place, task, data, field, [one for _, one in part])
                except LabelwidgetsError as error:
                    self.found.wrong(f"{place}{where}", task.get("id"), error)
                    continue
                if there is not None:
                    there.read([(f"{place}{at}", one) for at, one in part], author, score, more)

    def close(self) -> None:
        """Give classes their joints, and say what was not read."""
        self.skeletons.close()
        if self.passed:
            passed = listed(self.passed)
            warn(f"{self.found.problems.file}: {passed}, not read (see take= and who=).")

    def _sets(
        self, task: Mapping[str, Any]
    ) -> list[tuple[str, list[Any], str | None, Any, dict[str, Any]]]:
        """Return the sets of results of a task that are wanted, with where they are."""
        made: list[tuple[str, list[Any], str | None, Any, dict[str, Any]]] = []
        key = "annotations" if "annotations" in task else "completions"
        for at, one in enumerate(_list(task, key)):
            where = f".{key}[{at}].result"
            author = _author(one.get("completed_by"))
            if one.get("was_cancelled"):
                self.passed["skipped annotation"] += 1
            elif self.take == "predictions" or not self._is_wanted(one.get("completed_by")):
                self.passed["annotation"] += 1
            else:
                more = {"annotation": one.get("id"), "completed_by": one.get("completed_by")}
                if one.get("ground_truth"):
                    more["ground_truth"] = True
                made.append((where, _list(one, "result"), author, None, more))
        for at, one in enumerate(_list(task, "predictions")):
            if self.take == "annotations":
                self.passed["prediction"] += 1
                continue
            more = {"prediction": one.get("id"), "model_version": one.get("model_version")}
            score = one.get("score")
            made.append((f".predictions[{at}].result", _list(one, "result"), None, score, more))
        if drafts := task.get("drafts"):
            self.passed["draft"] += len(drafts) if isinstance(drafts, list) else 1
        return made

    def _is_wanted(self, by: Any) -> bool:
        if self.who is None:
            return True
        known = {str(by)} if not isinstance(by, Mapping) else {str(by.get("id")), by.get("email")}
        return str(self.who) in known

    def _by_field(
        self, where: str, results: list[Any], data: Mapping[str, Any]
    ) -> dict[str | None, list[tuple[str, Any]]]:
        """Return results, with their places, by the field of the data that they are about.

        Relations say nothing of it, and are with all of them.
        """
        found: dict[str | None, list[tuple[str, Any]]] = {}
        relations = []
        for at, one in enumerate(results):
            place = f"{where}[{at}]"
            if isinstance(one, Mapping) and one.get("type") == "relation":
                relations.append((place, one))
                continue
            name = one.get("to_name") if isinstance(one, Mapping) else None
            field = self.config.places.get(name, name) if isinstance(name, str) else None
            if not isinstance(data.get(field or ""), str):
                field = place_of(data, self.field)[0]
            found.setdefault(field, []).append((place, one))
        return {field: some + relations for field, some in found.items()}

    def _results(
        self,
        place: str,
        task: Mapping[str, Any],
        data: Mapping[str, Any],
        named: str | None,
        results: list[Any],
    ) -> Results | None:
        """Return where results of a picture go, None if that is nowhere."""
        field, url = place_of(data, named or self.field)
        if url in self.spots:
            return self.spots[url]
        shapes = [one for one in results if isinstance(one, Mapping)]
        moving = field.startswith("video") or any(
            isinstance(one.get("type"), str) and kind_of(one) in _MOVING for one in shapes
        )
        facts = {}
        for one in shapes if moving else ():
            value = one.get("value")
            count = value.get("framesCount") if isinstance(value, Mapping) else None
            if isinstance(count, int) and not isinstance(count, bool) and count > 0:
                facts["frames"] = count
        size = next(
            ((one["original_width"], one["original_height"]) for one in shapes
             if one.get("original_width") is not None and "original_height" in one),
            None,
        )  # fmt: skip
        names = names_of(url, task.get("file_upload"))
        # Percent fit the item at any size.
        size = size if self.clips.frame is None else None
        spot = self.found.spot(
            place or "task", names, labels=len(results),
            kind="video" if moving else "image", facts=facts, size=size,
        )  # fmt: skip
        if spot is None:
            self.spots[url] = None
            return None
        frames = facts.get("frames")
        if self.clips.frame is not None and moving:
            clip = self.clips.of(spot.item.id)
            frames, spot = clip.frames, spot._replace(size=spot.size or clip.size)
        made = Results(self.found, spot, frames, self.config, self.skeletons)
        self.spots[url] = made
        return made


def _list(holder: Any, key: str) -> list[Any]:
    given = holder.get(key) if isinstance(holder, Mapping) else None
    if given is None:
        return []
    if not isinstance(given, list):
        raise FormatError("must be a list.", where=key)
    if key != "result" and not all(isinstance(one, Mapping) for one in given):
        raise FormatError("must be a list of objects.", where=key)
    return given


def _author(by: Any) -> str | None:
    if isinstance(by, Mapping):
        by = by.get("email") or by.get("username") or by.get("id")
    return str(by)[:200] if isinstance(by, str | int) and not isinstance(by, bool) else None
