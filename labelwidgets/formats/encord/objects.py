"""From the objects of Encord to shapes, tracks and masks through scans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from labelwidgets.algorithms.runs import runs_of
from labelwidgets.errors import FormatError, LabelwidgetsError, SchemaError
from labelwidgets.formats.answers_by_frame import split_answers
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.encord.answers import (
    WHO,
    ranges,
    read_answer,
    read_answers,
    sorted_answers,
)
from labelwidgets.formats.encord.rows import Row, Unit, confidence_of
from labelwidgets.formats.encord.shapes import joint_names, read_shape
from labelwidgets.formats.picture_labels import PictureLabels
from labelwidgets.formats.voxels import volume_mask
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Mask
from labelwidgets.schema.ontology import ObjectClass, Skeleton
from labelwidgets.schema.tracks import Shape


class _Object(NamedTuple):
    """An object on one picture or frame."""

    place: str
    frame: int | None
    said: Mapping[str, Any]
    shape: Shape


class Objects:
    """Takes in the objects of one file after another.

    Parameters
    ----------
    found
        Where they go.
    clips
        The videos of the dataset.
    lengths
        How many frames the videos have that only the file tells of, by the id of their item.
    """

    def __init__(
        self, found: PictureLabels, clips: Clips, lengths: Mapping[str, int | None]
    ) -> None:
        self.found, self.clips, self.lengths = found, clips, lengths

    def take(self, unit: Unit, row: Row) -> None:
        """Take in the objects of a file."""
        objects: dict[str, list[_Object]] = {}
        for one in self._objects(unit):
            hash = one.said.get("objectHash")
            key = hash if isinstance(hash, str) and hash else one.place
            objects.setdefault(key, []).append(one)
        for hash, parts in objects.items():
            try:
                self._keep(hash, parts, unit, row)
            except LabelwidgetsError as error:
                self.found.wrong(parts[0].place, hash, error)

    def _objects(self, unit: Unit) -> Iterator[_Object]:
        for frame, said in sorted(unit.frames.items(), key=lambda one: one[0] or 0):
            where = unit.where(frame)
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

    def _keep(self, hash: str, parts: list[_Object], unit: Unit, row: Row) -> None:
        names = {self.found.name_of(one.said.get("name"), "name") for one in parts}
        if len(names) > 1:
            raise FormatError(f"has the classes {', '.join(sorted(names))}.", where="name")
        (name,) = names
        self._note(name, parts)
        given = row.answers.get(hash)
        listed = given.get("classifications") if isinstance(given, Mapping) else None
        answers, others = sorted_answers(
            self.found, name, read_answers(listed or [], f"object_answers.{hash[:40]}")
        )
        parameters = {"objectHash": hash} | {
            key: parts[0].said[key] for key in WHO if isinstance(parts[0].said.get(key), str)
        }
        if others:
            parameters["attributes"] = others
        moving = self._moving(row.actions.get(hash), f"object_actions.{hash[:40]}")
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
            if row.several or len(parts) > 1:
                ids = {"id": None, "track_id": hash}
            frame = unit.spot.frame if one.frame is None else one.frame
            here = moving.get(one.frame or 0, {}) if one.frame is not None else {}
            mine, more = sorted_answers(self.found, name, here)
            extra = {"attributes": {**others, **more}} if more else {}
            self._put(
                name, one.shape, unit, frame, one.said, answers | mine, parameters | extra, ids
            )

    def _whole(
        self,
        parts: list[_Object],
        unit: Unit,
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
        sorted_ = [sorted_answers(self.found, name, moving.get(frame, {})) for frame in frames]
        split = split_answers(frames, [mine for mine, _ in sorted_], self.found.mutable(name))
        answers |= split.fixed
        left = {str(at): more for at, (_, more) in zip(frames, sorted_, strict=True) if more}
        if left or split.others:
            parameters["attributes_by_frame"] = {**left, **split.others}
        seen = [
            Seen(frame, one.shape, attributes=mine, confidence=confidence_of(one.said))
            for frame, one, mine in zip(frames, parts, split.moving, strict=True)
        ]
        return track_of(seen, self._count(unit))

    def _count(self, unit: Unit) -> int | None:
        item = unit.spot.item
        if item.id in self.clips.items:
            return self.clips.of(item.id).frames
        return self.lengths.get(item.id)

    def _put(
        self,
        name: str,
        shape: AnyGeometry,
        unit: Unit,
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
            confidence=None if whole else confidence_of(said),
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

    def _moving(self, given: Any, where: str) -> dict[int, dict[str, Any]]:
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
