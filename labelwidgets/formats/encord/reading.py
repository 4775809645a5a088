"""From exports of Encord to annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from labelwidgets.algorithms.runs import runs_of
from labelwidgets.errors import FormatError, LabelwidgetsError, SchemaError
from labelwidgets.formats.addresses import parts_of
from labelwidgets.formats.answers_by_frame import split_answers
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.encord.answers import ranges, read_answer, read_answers
from labelwidgets.formats.encord.shapes import CLASS, joint_names, read_shape
from labelwidgets.formats.matching import Item
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.voxels import volume_mask
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Mask, Tag
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.schema.tracks import Shape
from labelwidgets.schema.validity import check_answers

MAX_BYTES = 1 << 30
_WHO = ("createdBy", "createdAt", "lastEditedBy", "lastEditedAt", "featureHash")
_SIGNS = (b'"data_units"', b'"object_answers"', b'"classification_answers"')


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is an export of Encord."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and any(
        sign in head for sign in _SIGNS
    )


@reader("encord", "videos")
def read(job: Reading, *, max_bytes: int = MAX_BYTES) -> Imported:
    """Read an export of Encord: see `labelwidgets.formats.read`.

    Parameters
    ----------
    max_bytes
        Larger files are refused before they are decoded.

    Raises
    ------
    LimitError
        If the file is too large.
    """
    document = job.json(max_bytes)
    found = job.picture_labels()
    reader = _Reader(found, job.clips, job.ontology)
    rows = document if isinstance(document, list) else [document]
    for number, row in enumerate(rows):
        place = f"[{number}]" if isinstance(document, list) else "row"
        try:
            reader.row(place, row)
        except LabelwidgetsError as error:
            found.wrong(place, None, error)
    return found.result()


class _Object(NamedTuple):
    """An object on one picture or frame."""

    place: str
    frame: int | None
    said: Mapping[str, Any]
    shape: Shape


class _Unit(NamedTuple):
    """A file of a row: where its labels go, and those by frame."""

    place: str
    spot: Spot
    frames: dict[int | None, Mapping[str, Any]]


class _Row(NamedTuple):
    """What a row says of all its files."""

    place: str
    answers: Mapping[str, Any]
    actions: Mapping[str, Any]
    classes: Mapping[str, Any]


class _Reader:
    """Reads one row after another."""

    def __init__(self, found: PictureLabels, clips: Clips, ontology: Ontology | None) -> None:
        self.found, self.clips, self.ontology = found, clips, ontology
        # How many frames the videos have that only the file tells of.
        self.lengths: dict[str, int | None] = {}

    def row(self, place: str, row: Any) -> None:
        """Read the labels of a row."""
        if not isinstance(row, Mapping):
            raise FormatError("must be an object.")
        units = row.get("data_units")
        if not isinstance(units, Mapping):
            raise FormatError("must be an object with a file for each hash.", where="data_units")
        fields = ("object_answers", "object_actions", "classification_answers")
        for field in fields:
            if not isinstance(row.get(field) or {}, Mapping):
                raise FormatError("must be an object.", where=field)
        answers, actions, classes = (row.get(field) or {} for field in fields)
        told = _Row(place, answers, actions, classes)
        several = len(units) > 1
        for hash, unit in units.items():
            where = f"{place}.data_units.{hash[:80]}"
            try:
                made = self._unit(where, hash, unit, row, several)
            except LabelwidgetsError as error:
                self.found.wrong(where, hash, error)
                continue
            if made is not None:
                self._labels(made, told, several)

    def _unit(
        self, place: str, hash: str, unit: Any, row: Mapping[str, Any], several: bool
    ) -> _Unit | None:
        if not isinstance(unit, Mapping):
            raise FormatError("must be an object.")
        labels = unit.get("labels") or {}
        if not isinstance(labels, Mapping):
            raise FormatError("must be an object.", where="labels")
        single = not labels or "objects" in labels or "classifications" in labels
        frames: dict[int | None, Mapping[str, Any]] = {None: labels} if single else {}
        for frame, said in () if single else labels.items():
            if not frame.isdecimal() or not frame.isascii() or len(frame) > 9:
                raise FormatError("must be the number of a frame.", where=f"labels.{frame[:40]}")
            if not isinstance(said, Mapping):
                raise FormatError("must be an object.", where=f"labels.{frame}")
            frames[int(frame)] = said
        names = [*_links(unit), _text(unit.get("data_title"))]
        if not several:
            names += [_text(row.get("data_title"))]
        sides = unit.get("width"), unit.get("height")
        size = None if None in sides else sides
        lists = [one.get("objects") for one in frames.values()]
        count = sum(len(one) for one in lists if isinstance(one, list))
        kind = str(row.get("data_type"))
        spot = self.found.spot(place, names, id=hash, size=size, labels=count)
        if spot is None:
            return None
        if self.clips.frame is None and (not single or kind == "video"):
            spot = self._film(spot, unit, kind)
        return _Unit(place, spot, frames)

    def _film(self, spot: Spot, unit: Mapping[str, Any], kind: str) -> Spot:
        """Return the item of a video or scan that only the file tells of."""
        facts: dict[str, Any] = {}
        rate, seconds = unit.get("data_fps"), unit.get("data_duration")
        if isinstance(rate, int | float) and isinstance(seconds, int | float):
            facts = {"fps": float(rate), "frames": round(rate * seconds)}
        scan = kind in ("dicom", "nifti")
        item: Item = spot.item._replace(kind="volume" if scan else "video")
        self.found.make(item, spot.size, **({} if scan else facts))
        self.lengths[item.id] = None if scan else facts.get("frames")
        return spot._replace(item=item)

    def _labels(self, unit: _Unit, row: _Row, several: bool) -> None:
        objects: dict[str, list[_Object]] = {}
        for one in self._objects(unit):
            hash = one.said.get("objectHash")
            key = hash if isinstance(hash, str) and hash else one.place
            objects.setdefault(key, []).append(one)
        for hash, parts in objects.items():
            try:
                self._keep(hash, parts, unit, row, several)
            except LabelwidgetsError as error:
                self.found.wrong(parts[0].place, hash, error)
        for frame, said in unit.frames.items():
            where = unit.place if frame is None else f"{unit.place}.labels.{frame}"
            given = said.get("classifications") or []
            if not isinstance(given, list):
                self.found.wrong(
                    where, None, FormatError("must be a list.", where="classifications")
                )
                continue
            for index, one in enumerate(given):
                try:
                    self._classification(one, frame, unit, row)
                except LabelwidgetsError as error:
                    self.found.wrong(f"{where}.classifications[{index}]", None, error)

    def _objects(self, unit: _Unit) -> Iterator[_Object]:
        for frame, said in sorted(unit.frames.items(), key=lambda one: one[0] or 0):
            where = unit.place if frame is None else f"{unit.place}.labels.{frame}"
            given = said.get("objects") or []
            if not isinstance(given, list):
                self.found.wrong(where, None, FormatError("must be a list.", where="objects"))
                continue
            for index, one in enumerate(given):
                place = f"{where}.objects[{index}]"
                try:
                    if not isinstance(one, Mapping):
                        raise FormatError("must be an object.")
                    if one.get("isDeleted"):
                        continue
                    yield _Object(place, frame, one, read_shape(one, unit.spot.pixels))
                except LabelwidgetsError as error:
                    self.found.wrong(place, None, error)

    def _keep(self, hash: str, parts: list[_Object], unit: _Unit, row: _Row, several: bool) -> None:
        names = {self.found.name_of(one.said.get("name"), "name") for one in parts}
        if len(names) > 1:
            raise FormatError(f"has the classes {', '.join(sorted(names))}.", where="name")
        (name,) = names
        self._note(name, parts)
        given = row.answers.get(hash)
        listed = given.get("classifications") if isinstance(given, Mapping) else None
        answers, others = self._answers(
            name, read_answers(listed or [], f"object_answers.{hash[:40]}")
        )
        parameters = {"objectHash": hash} | {
            key: parts[0].said[key] for key in _WHO if isinstance(parts[0].said.get(key), str)
        }
        if others:
            parameters["attributes"] = others
        moving = self._moving(name, row.actions.get(hash), f"object_actions.{hash[:40]}")
        frames = {one.frame for one in parts}
        if len(frames) < len(parts):
            raise FormatError("is there twice on a frame.", where="objectHash")
        kind = unit.spot.item.kind
        ids = {"id": hash, "track_id": None}
        if len(parts) > 1 and kind in (*IN_TIME, *VOLUMES):
            shape = self._whole(parts, unit, moving, answers, parameters)
            if shape is not None:
                self._put(name, shape, unit, None, parts[0].said, answers, parameters, ids)
                return
        for one in parts:
            if several or len(parts) > 1:
                ids = {"id": None, "track_id": hash}
            frame = unit.spot.frame if one.frame is None else one.frame
            here = moving.get(one.frame or 0, {}) if one.frame is not None else {}
            mine, more = self._answers(name, here)
            extra = {"attributes": {**others, **more}} if more else {}
            self._put(
                name, one.shape, unit, frame, one.said, answers | mine, parameters | extra, ids
            )

    def _whole(
        self,
        parts: list[_Object],
        unit: _Unit,
        moving: Mapping[int, dict[str, Any]],
        answers: dict[str, AttributeValue],
        parameters: dict[str, Any],
    ) -> AnyGeometry | None:
        """Return what an object on several frames is: a track, or a mask through a scan."""
        frames = [one.frame or 0 for one in parts]
        if unit.spot.item.kind in VOLUMES:
            if moving or not all(isinstance(one.shape, Mask) for one in parts):
                return None
            return volume_mask(
                {
                    frame: runs_of({"size": list(mask.rle.size), "counts": mask.rle.counts})
                    for frame, one in zip(frames, parts, strict=True)
                    if isinstance(mask := one.shape, Mask)
                }
            )
        name = self.found.name_of(parts[0].said.get("name"), "name")
        sorted_ = [self._answers(name, moving.get(frame, {})) for frame in frames]
        split = split_answers(frames, [mine for mine, _ in sorted_], self.found.mutable(name))
        answers |= split.fixed
        left = {str(at): more for at, (_, more) in zip(frames, sorted_, strict=True) if more}
        if left or split.others:
            parameters["attributes_by_frame"] = {**left, **split.others}
        seen = [
            Seen(frame, one.shape, attributes=mine, confidence=_confidence(one.said))
            for frame, one, mine in zip(frames, parts, split.moving, strict=True)
        ]
        return track_of(seen, self._count(unit))

    def _count(self, unit: _Unit) -> int | None:
        item = unit.spot.item
        if item.id in self.clips.items:
            return self.clips.of(item.id).frames
        return self.lengths.get(item.id)

    def _put(
        self,
        name: str,
        shape: AnyGeometry,
        unit: _Unit,
        frame: int | None,
        said: Mapping[str, Any],
        answers: dict[str, AttributeValue],
        parameters: dict[str, Any],
        ids: Mapping[str, str | None],
    ) -> None:
        spot = unit.spot
        item = spot.item
        if frame is not None and item.kind in IN_TIME and item.id in self.clips.items:
            self.clips.of(item.id).check(frame)
        if frame is not None and item.slices and frame >= item.slices:
            raise FormatError(f"is slice {frame}, the scan has {item.slices}.", where="labels")
        whole = frame is None and item.kind in IN_TIME
        self.found.put(
            name,
            shape,
            item.id,
            spot.size,
            frame=frame,
            id=ids["id"],
            track_id=ids["track_id"] or (ids["id"] if whole else None),
            attributes=answers,
            parameters=parameters,
            confidence=None if whole else _confidence(said),
        )

    def _note(self, name: str, parts: list[_Object]) -> None:
        """Note the class of an object with its colour and joints."""
        said = parts[0].said
        if said.get("shape") == "skeleton":
            self.found.note(name, Skeleton(joint_names(said), []))
        if self.found.known(name) is None and isinstance(said.get("color"), str):
            try:
                skeleton = Skeleton(joint_names(said), []) if "skeleton" in said else None
                made = ObjectClass(name, color=said["color"], skeleton=skeleton)
            except SchemaError:
                return
            self.found.tell(made, any_tool=True)

    def _answers(
        self, name: str, given: Mapping[str, Any]
    ) -> tuple[dict[str, AttributeValue], dict[str, Any]]:
        """Return answers that the project has questions for, and the others."""
        answers, others = self.found.answers(name, given)
        for key, value in list(others.items()):
            # Whether one of several may be chosen, or several, only the question says.
            if isinstance(value, list) and len(value) == 1:
                mine, _ = self.found.answers(name, {key: value[0]})
                if mine:
                    answers |= mine
                    del others[key]
        return answers, others

    def _moving(self, name: str, given: Any, where: str) -> dict[int, dict[str, Any]]:
        """Return the answers of an object that change, by frame."""
        actions = given.get("actions") if isinstance(given, Mapping) else None
        if actions is None:
            return {}
        if not isinstance(actions, list):
            raise FormatError("must be a list.", where=f"{where}.actions")
        found: dict[int, dict[str, Any]] = {}
        for index, one in enumerate(actions):
            place = f"{where}.actions[{index}]"
            question, answer = read_answer(one, place)
            for frame in ranges(one.get("range"), f"{place}.range"):
                found.setdefault(frame, {})[question] = answer
        return found

    def _classification(self, one: Any, frame: int | None, unit: _Unit, row: _Row) -> None:
        if not isinstance(one, Mapping):
            raise FormatError("must be an object.")
        if one.get("isDeleted"):
            return
        hash = one.get("classificationHash")
        told = row.classes.get(hash) if isinstance(hash, str) else None
        listed = told.get("classifications") if isinstance(told, Mapping) else None
        given = read_answers(listed or [], "classification_answers")
        at = unit.spot.frame if frame is None else frame
        parameters = {key: one[key] for key in _WHO if isinstance(one.get(key), str)}
        confidence = _confidence(one)
        asked = self.ontology.image_attributes if self.ontology is not None else []
        if CLASS in given and CLASS not in {made.name for made in asked}:
            self._tags(hash, given, at, unit, parameters, confidence)
            return
        answers: dict[str, AttributeValue] = {}
        for question, answer in given.items():
            for form in (answer, answer[0]) if _single(answer) else (answer,):
                try:
                    if self.ontology is not None:
                        check_answers(asked, {question: form}, "")
                except SchemaError:
                    continue
                if form is not None:
                    answers[question] = form if isinstance(form, str | list) else str(form)
                    if self.ontology is not None:
                        break
        left = {key: value for key, value in given.items() if key not in answers and value}
        if left:
            parameters["attributes"] = left
        if answers or left:
            self.found.put(
                None,
                Tag(),
                unit.spot.item.id,
                unit.spot.size,
                frame=at,
                id=hash if isinstance(hash, str) else None,
                attributes=answers,
                parameters=parameters,
                confidence=confidence,
            )

    def _tags(
        self,
        hash: Any,
        given: dict[str, Any],
        frame: int | None,
        unit: _Unit,
        parameters: dict[str, Any],
        confidence: float | None,
    ) -> None:
        """Take in the classes of a whole picture, with the answers to their questions."""
        names = given.pop(CLASS)
        for one in [names] if isinstance(names, str) else names or []:
            name = self.found.name_of(one, CLASS)
            answers, others = self._answers(name, given)
            self.found.put(
                name,
                Tag(),
                unit.spot.item.id,
                unit.spot.size,
                frame=frame,
                id=hash if isinstance(hash, str) else None,
                attributes=answers,
                parameters=parameters | ({"attributes": others} if others else {}),
                confidence=confidence,
            )


def _single(answer: Any) -> bool:
    return isinstance(answer, list) and len(answer) == 1


def _confidence(said: Mapping[str, Any]) -> float | None:
    """Return how sure a tool was; what people draw has 1."""
    given = said.get("confidence")
    if given is None or (given == 1 and said.get("manualAnnotation", True)):
        return None
    sound = isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1
    if not sound:
        raise FormatError("must be a number from 0 to 1.", where="confidence")
    return float(given)


def _links(unit: Mapping[str, Any]) -> list[str]:
    """Return the addresses of a file without what signs them."""
    several = unit.get("data_links")
    given = [unit.get("data_link"), *(several if isinstance(several, list) else [])]
    links = [one for one in given if isinstance(one, str) and one]
    return [parts_of(one)._replace(query="", fragment="").geturl() for one in links]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
