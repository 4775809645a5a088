"""The results that one person, or one model, has for a picture or a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.growing_skeletons import GrowingSkeletons
from labelwidgets.formats.json_values import share
from labelwidgets.formats.label_studio.config import Config
from labelwidgets.formats.label_studio.regions import (
    ANSWERS,
    HIDDEN,
    ONE_FRAME,
    OURS,
    SKELETON,
    Region,
    Said,
    control_of,
    notes_of,
    parameters_of,
    sort_in,
)
from labelwidgets.formats.label_studio.shapes import Canvas, kind_of, read_shape
from labelwidgets.formats.label_studio.videos import read_events, read_track
from labelwidgets.formats.picture_labels import MAX_SIDE, PictureLabels, Spot
from labelwidgets.schema.attributes import Checkbox
from labelwidgets.schema.geometry import XYV, Keypoints, Point, Tag
from labelwidgets.schema.tracks import Track


class Results:
    """Takes in results of one picture or video.

    Parameters
    ----------
    found
        Where labels go.
    spot
        The picture or video.
    frames
        Of a video, None where that is not known.
    config
        The labelling interface.
    skeletons
        Joints that were met before.
    """

    def __init__(
        self,
        found: PictureLabels,
        spot: Spot,
        frames: int | None,
        config: Config,
        skeletons: GrowingSkeletons,
    ) -> None:
        self.found, self.spot, self.frames = found, spot, frames
        self.config, self.skeletons = config, skeletons

    def read(
        self,
        results: Sequence[tuple[str, Any]],
        author: str | None,
        score: Any,
        more: Mapping[str, Any],
    ) -> None:
        """Take in a set of results.

        Parameters
        ----------
        results
            Each with its place in the file.
        author
            Who made them.
        score
            How sure a model was of all of them, None of people.
        more
            What goes to the parameters of each label.
        """
        said = Said(author, score, {k: v for k, v in more.items() if v is not None}, {}, {})
        for place, one in results:
            try:
                sort_in(place, one, said)
            except LabelwidgetsError as error:
                self.found.wrong(place, _id(one), error)
        joints: dict[str, list[tuple[str, Region]]] = {}
        about: list[tuple[str, Region]] = []
        for id, region in said.regions.items():
            if region.shape is None:
                about.append((id, region))
                continue
            parent = region.shape.get("parentID")
            holder = said.regions.get(parent) if isinstance(parent, str) else None
            joint = kind_of(region.shape) == "keypoint" and holder is not None
            if joint and holder is not None and holder.shape is not None and holder is not region:
                joints.setdefault(str(parent), []).append((id, region))
                continue
            if SKELETON in notes_of(region.shape):
                joints.setdefault(id, [])
                continue
            self._take(region.place, id, self._read_region, id, region, said)
        for parent, some in joints.items():
            holder = said.regions[parent]
            self._take(holder.place, parent, self._read_joints, parent, holder, some, said)
        self._read_about(about, said)

    def _take(self, place: str, id: str, reader: Any, *given: Any) -> None:
        try:
            reader(*given)
        except LabelwidgetsError as error:
            self.found.wrong(place, id, error)

    def _canvas(self, one: Mapping[str, Any]) -> Canvas:
        """Return the size that percent are of: that of the item where it is known."""
        turned = one.get("image_rotation") or 0
        if not isinstance(turned, int | float) or isinstance(turned, bool) or turned % 90:
            raise FormatError("must be a multiple of 90.", where="image_rotation")
        size = self.spot.size
        if one.get("original_width") is not None:
            wide, high = (_side(one, f"original_{name}") for name in ("width", "height"))
            width, height = size = size or (wide, high)
            # As much as a side of the smaller copy may be rounded by.
            if abs(wide * height - high * width) > max(width, height, wide, high):
                raise FormatError(
                    f"is of a picture of {wide} x {high} pixels, the item is {width} x {height}.",
                    where="original_width, original_height",
                    hint="Were the labels made on another picture, or one that was cut?",
                )
        width, height = self.spot._replace(size=size).pixels
        return Canvas(width, height, int(turned) // 90 % 4)

    def _names(self, region: Region) -> list[Any]:
        assert region.shape is not None  # noqa: S101 - asked for before
        value = region.shape["value"]
        given = value.get(region.shape["type"].lower()) or value.get("labels") or region.labels
        if isinstance(given, str):
            given = [given]
        if not isinstance(given, list):
            raise FormatError("must be a list of labels.", where="labels")
        return given or [None]

    def _read_region(self, id: str, region: Region, said: Said) -> None:
        assert region.shape is not None  # noqa: S101 - asked for before
        one, value = region.shape, region.shape["value"]
        kind = kind_of(one)
        labels = self._names(region)
        names = [self.found.name_of(label) for label in labels]
        frame = self.spot.frame
        shapes: list[Any]
        if kind == "timeline":
            shapes = list(read_events(value))
        elif kind == "videorectangle":
            shapes = [read_track(value, self._canvas(one), self.frames)]
            if ONE_FRAME in notes_of(one) and len(value["sequence"]) == 1:
                frame, key = next(iter(shapes[0].keyframes.items()))
                shapes = [key.geometry]
        else:
            canvas = self._canvas(one)
            shapes = [read_shape(kind, value, canvas)]
        for name in names:
            parameters = parameters_of(id, one, said)
            if len(labels) > 1:
                parameters["labels"] = labels
            for shape in shapes:
                self._keep(name, shape, id, region, said, parameters, frame)

    def _keep(
        self,
        name: str,
        shape: Any,
        id: str,
        region: Region,
        said: Said,
        parameters: dict[str, Any],
        frame: int | None,
    ) -> None:
        given = self._answers(name, region.answers)
        self.found.ask(name, given, {})
        answers, others = self.found.answers(name, given)
        if others:
            parameters = parameters | {"attributes": others}
        assert region.shape is not None  # noqa: S101 - asked for before
        score = region.shape.get("score", said.score)
        if share(score) is None and score is not None:
            parameters = parameters | {"score": str(score)[:40]}
        if isinstance(shape, Track) and self.frames is not None:
            last = max(key for key, one in shape.keyframes.items() if not one.outside)
            if last >= self.frames:
                raise FormatError(
                    f"is frame {last + 1} (from 1), and the video has {self.frames}.",
                    where="sequence",
                )
        self.found.keep(
            name,
            shape,
            self.spot._replace(frame=frame),
            id=id if OURS.fullmatch(id) else None,
            attributes=answers,
            parameters=parameters,
            confidence=share(score),
            author=said.author,
        )

    def _read_joints(
        self, id: str, holder: Region, some: list[tuple[str, Region]], said: Said
    ) -> None:
        """Take in key points whose parent is a region: a skeleton of its class."""
        points: dict[str, XYV] = {}
        ids: dict[str, str] = {}
        for own, region in some:
            assert region.shape is not None  # noqa: S101 - they are key points
            (joint, *_) = self._names(region)
            shape = read_shape("keypoint", region.shape["value"], self._canvas(region.shape))
            if not isinstance(joint, str) or not joint:
                raise FormatError("must be the name of a joint.", where=f"{own[:40]}, labels")
            if joint in points:
                raise FormatError(f"has the joint {joint[:40]!r} twice.", where="parentID")
            assert isinstance(shape, Point)  # noqa: S101 - that is what key points are
            seen = 1 if HIDDEN in notes_of(region.shape) else 2
            points[joint] = (shape.x, shape.y, seen)
            ids[joint] = own
        (label, *_) = self._names(holder)
        name = self.found.name_of(label)
        told = [joint for joint in self.config.joints if joint in points]
        self.skeletons.meet(name, self.config.joints if told else list(points))
        joints = self.skeletons.joints(name)
        if unknown := set(points) - set(joints):
            raise FormatError(
                f"{min(unknown)[:40]!r} is no joint of {name!r}.", where="keypointlabels"
            )
        if not points and not joints:
            raise FormatError("is a skeleton without joints.", where="parentID")
        assert holder.shape is not None  # noqa: S101 - asked for before
        shape_of = Keypoints([points.get(joint, (0.0, 0.0, 0)) for joint in joints])
        parameters = parameters_of(id, holder.shape, said)
        if not OURS.fullmatch(id):
            parameters["joints"] = ids
        own_id = id if SKELETON in notes_of(holder.shape) else ""
        self._keep(name, shape_of, own_id, holder, said, parameters, self.spot.frame)

    def _read_about(self, about: Sequence[tuple[str, Region]], said: Said) -> None:
        """Take in what is said of the picture as a whole: its answers, and its classes."""
        asked = {one.name for one in self.found.questions(None)}
        answers: dict[str, Any] = {}
        for id, region in about:
            try:
                if not region.answers:
                    raise FormatError("has a label and no shape.", where="labels")
                first, *rest = region.answers
                if kind_of(first) == "choices" and control_of(first) not in asked:
                    self._read_tags(id, Region(region.place, first, answers=rest), said)
                else:
                    answers |= self._answers(None, region.answers)
            except LabelwidgetsError as error:
                self.found.wrong(region.place, id.strip(), error)
        if answers:
            self.found.ask(None, answers, {})
            mine, others = self.found.answers(None, answers)
            parameters = dict(said.more) | ({"attributes": others} if others else {})
            self.found.keep(
                None, Tag(), self.spot, attributes=mine, parameters=parameters, author=said.author
            )

    def _read_tags(self, id: str, region: Region, said: Said) -> None:
        """Take in classes of the picture; what has the same id answers questions about them."""
        assert region.shape is not None  # noqa: S101 - that is the choice
        chosen = region.shape["value"].get("choices")
        if not isinstance(chosen, list) or not chosen:
            raise FormatError("must be a list of choices.", where="choices")
        for at, choice in enumerate(chosen):
            name = self.found.name_of(choice, "choices")
            parameters = parameters_of(id, region.shape, said)
            own = id if not at else ""
            self._keep(name, Tag(), own, region, said, parameters, self.spot.frame)

    def _answers(self, name: str | None, given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return answers by the names of their controls."""
        several = {one.name for one in self.found.questions(name) if isinstance(one, Checkbox)}
        made: dict[str, Any] = {}
        for one in given:
            field = ANSWERS[kind_of(one)]
            control = control_of(one)
            said = one["value"].get(field)
            if said is None:
                raise FormatError("is missing.", where=f"value.{field}")
            texts = [_text(part) for part in said] if isinstance(said, list) else [_text(said)]
            if field == "text":
                made[control] = "\n".join(texts)
            elif control in several:
                made[control] = texts
            else:
                made[control] = texts[0] if len(texts) == 1 else texts
        return made


def _side(one: Mapping[str, Any], field: str) -> int:
    side = one.get(field)
    if not isinstance(side, int) or isinstance(side, bool) or not 0 < side <= MAX_SIDE:
        raise FormatError("must be from 1 to 1,000,000.", where=field)
    return side


def _text(part: Any) -> str:
    # The way through a taxonomy.
    return " / ".join(map(str, part)) if isinstance(part, list) else str(part)


def _id(one: Any) -> str | None:
    id = one.get("id") if isinstance(one, Mapping) else None
    return id if isinstance(id, str) else None
