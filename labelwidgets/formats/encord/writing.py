"""From labels to rows as Encord exports them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.encord.answers import feature_hash, said_of, value_of
from labelwidgets.formats.encord.shapes import CLASS, write_shape
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.json_lists import JsonList
from labelwidgets.formats.losses import losses
from labelwidgets.formats.matching import Item
from labelwidgets.formats.problems import naming
from labelwidgets.formats.seen_frames import on_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.media.urls import masked
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Attribute, AttributeValue
from labelwidgets.schema.geometry import Cuboid, Geometry, Mask, Tag, VolumeMask
from labelwidgets.schema.tracks import Track

Size = tuple[int, int]
HOLDS = Holds(
    "Encord",
    "pictures",
    {
        "rectangle": KEPT,
        "turned rectangle": KEPT,
        "ellipse": changed("polygon", "its outline"),
        "polygon": KEPT,
        "holes": KEPT,
        "parts": KEPT,
        "polyline": KEPT,
        "point": KEPT,
        "keypoints": KEPT,
        "hidden joints": KEPT,
        "mask": KEPT,
        "volume mask": KEPT,
        "tag": KEPT,
        "track": KEPT,
        "answers": KEPT,
        "image answers": KEPT,
        "confidence": KEPT,
        "empty pictures": KEPT,
        "ids": KEPT,
    },
    file="labels.json",
)
_TYPES = {"image": "image", "image_group": "img_group"}


@writer(HOLDS)
def write(job: Writing) -> Counts:
    """Write rows: see `labelwidgets.formats.write` and `labelwidgets.formats.encord`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.write`; they are needed, for sizes and addresses.

    Raises
    ------
    FormatError
        If a label does not fit, a size is not known, or (if `strict`) a label has no place.
    """
    export = _Export(job)
    each = job.by_item("the names and sizes of pictures")
    rows = JsonList(msgspec.json.encode(export.row(clip, labels)) for clip, labels in each)
    job.output.add_pieces("labels", rows)
    return {"images": rows.count, "annotations": export.count}


class _Here(NamedTuple):
    """A label as it is on one frame, None where there is one picture."""

    frame: int | None
    shape: Geometry
    answers: Mapping[str, AttributeValue]
    confidence: float | None


class _Export:
    """Makes one row after another."""

    def __init__(self, job: Writing) -> None:
        self.ontology, self.frames, self.dropped = job.ontology, job.frames, job.dropped
        self.count = 0
        # The classes of the objects of a row, and the frames that they are on.
        self.objects: dict[str, tuple[str | None, set[int | None]]] = {}

    def row(self, clip: Clip, labels: Sequence[Annotation]) -> dict[str, Any]:
        """Return the row of an item."""
        item = clip.item
        units = self._units(clip)
        self.objects = {}
        answers: dict[str, Any] = {}
        actions: dict[str, Any] = {}
        classes: dict[str, Any] = {}
        lost: Counter[str] = Counter()
        kept = [one for one in labels if self._fits(one, item, lost)]
        self.dropped.add(lost)
        self.count += len(kept)
        for label in kept:
            with naming(label):
                self._add(label, clip, units, answers, actions, classes)
        data_type = _TYPES.get(item.kind, "dicom" if item.kind in VOLUMES else "video")
        return {
            "label_hash": item.id,
            "data_hash": item.id,
            "data_title": item.title or item.file_name,
            "data_type": data_type,
            "data_units": {str(unit["data_hash"]): unit for unit in units},
            "object_answers": answers,
            "classification_answers": classes,
            "object_actions": actions,
            "label_status": "LABEL_IN_PROGRESS" if kept else "NOT_LABELLED",
        }

    def _units(self, clip: Clip) -> list[dict[str, Any]]:
        item = clip.item
        whole = item.kind in (*IN_TIME, *VOLUMES)
        units: list[dict[str, Any]] = []
        for at in range(1 if whole else max(1, len(item.urls))):
            size = item.sizes[at] if at < len(item.sizes) and item.kind == "image_group" else None
            size = size or clip.size
            unit: dict[str, Any] = {
                "data_hash": item.id if at == 0 else f"{item.id}_{at}",
                "data_title": item.title
                if whole or len(item.urls) < 2
                else item.file_of(at).rsplit("/", 1)[-1],
                "data_link": masked(item.urls[at]) if item.urls else item.id,
                "data_sequence": at,
                "labels": {} if whole else {"objects": [], "classifications": []},
            }
            if size is not None:
                unit |= {"width": size[0], "height": size[1]}
            if clip.frames is not None and clip.rate:
                unit |= {"data_fps": clip.rate, "data_duration": clip.frames / clip.rate}
            units.append(unit)
        return units

    def _fits(self, label: Annotation, item: Item, lost: Counter[str]) -> bool:
        """Say whether a label has a place; what is lost of it is counted."""
        shape = label.geometry
        if isinstance(shape, Track):
            if item.kind not in IN_TIME or shape.shape_type == "cuboid":
                lost[f"track of {shape.shape_type}"] += 1
                return False
            if any(one.occluded for one in shape.keyframes.values()):
                lost["occlusion of a track"] += 1
            if shape.shape_type == "ellipse":
                lost["track of ellipse (as its outlines)"] += 1
        elif item.kind in IN_TIME and label.frame is None and not isinstance(shape, Tag):
            lost[f"{shape.type} on no frame"] += 1
            return False
        return losses(HOLDS, label, lost).how != "left"

    def _add(
        self,
        label: Annotation,
        clip: Clip,
        units: list[dict[str, Any]],
        answers: dict[str, Any],
        actions: dict[str, Any],
        classes: dict[str, Any],
    ) -> None:
        if isinstance(label.geometry, Tag):
            self._classification(label, units, clip, classes)
            return
        name = label.class_name or ""
        attributes = self._attributes(name)
        fixed = [said_of(name, key, value, attributes) for key, value in label.attributes.items()]
        made = [] if name not in self.ontology else [self.ontology[name]]
        joints = made[0].skeleton.joints if made and made[0].skeleton else []
        color = made[0].color if made else None
        seen = list(self._seen(label, clip))
        hash = self._hash(label, fixed, seen, answers)
        for here in seen:
            unit, place = _place(units, here.frame, clip.item)
            shape = write_shape(here.shape, _size(unit), joints)
            sure = here.confidence
            place["objects"].append(
                {
                    "objectHash": hash,
                    "featureHash": label.origin.parameters.get("featureHash") or feature_hash(name),
                    "name": name,
                    "value": value_of(name),
                    "color": color or "#000000",
                    "confidence": 1 if sure is None else sure,
                    "manualAnnotation": sure is None,
                    **shape,
                }
            )
        answers[hash] = {"objectHash": hash, "classifications": fixed}
        changes = self._changes(label, seen, attributes)
        if changes:
            actions[hash] = {"objectHash": hash, "actions": changes}

    def _hash(
        self,
        label: Annotation,
        fixed: list[dict[str, Any]],
        seen: Sequence[_Here],
        answers: Mapping[str, Any],
    ) -> str:
        """Return what an object is called: labels of a track are one, unless they contradict."""
        name = label.track_id
        frames = {here.frame for here in seen}
        if name is None:
            return label.id
        known, taken = self.objects.setdefault(name, (label.class_name, set()))
        same = name not in answers or answers[name]["classifications"] == fixed
        if known != label.class_name or taken & frames or not same:
            return label.id
        taken |= frames
        return name

    def _seen(self, label: Annotation, clip: Clip) -> Iterator[_Here]:
        shape = label.geometry
        if isinstance(shape, Track):
            for one in on_frames(label, clip, self.frames):
                yield _Here(one.frame, one.sight.geometry, one.sight.attributes, one.confidence)
        elif isinstance(shape, VolumeMask):
            for frame, rle in sorted(shape.slices.items()):
                yield _Here(frame, Mask(rle), {}, label.confidence)
        elif not isinstance(shape, Tag | Cuboid) and isinstance(shape, Geometry):
            yield _Here(label.frame, shape, {}, label.confidence)

    def _changes(
        self, label: Annotation, seen: Sequence[_Here], attributes: Sequence[Attribute]
    ) -> list[dict[str, Any]]:
        """Return the answers of a track that change, each with its frames."""
        spans: dict[tuple[str, str], list[list[int]]] = {}
        given: dict[tuple[str, str], AttributeValue] = {}
        for here in seen:
            for key, value in here.answers.items():
                if label.attributes.get(key) == value or here.frame is None:
                    continue
                one = (key, repr(value))
                given[one] = value
                known = spans.setdefault(one, [])
                if known and known[-1][1] == here.frame - 1:
                    known[-1][1] = here.frame
                else:
                    known.append([here.frame, here.frame])
        name = label.class_name or ""
        return [
            {**said_of(name, one[0], given[one], attributes), "range": found, "dynamic": True}
            for one, found in spans.items()
        ]

    def _classification(
        self,
        label: Annotation,
        units: list[dict[str, Any]],
        clip: Clip,
        classes: dict[str, Any],
    ) -> None:
        name = label.class_name
        asked = self._attributes(name) if name is not None else self.ontology.image_attributes
        if name is None:
            listed = [said_of("", key, value, asked) for key, value in label.attributes.items()]
        else:
            listed = [said_of(CLASS, CLASS, [name], [])]
            listed += [said_of(name, key, value, asked) for key, value in label.attributes.items()]
        _, place = _place(units, label.frame, clip.item)
        sure = label.confidence
        place["classifications"].append(
            {
                "classificationHash": label.id,
                "featureHash": label.origin.parameters.get("featureHash")
                or feature_hash("", *(one["name"] for one in listed)),
                "name": listed[0]["name"] if listed else "",
                "value": listed[0]["value"] if listed else "",
                "confidence": 1 if sure is None else sure,
                "manualAnnotation": sure is None,
            }
        )
        classes[label.id] = {"classificationHash": label.id, "classifications": listed}

    def _attributes(self, name: str) -> Sequence[Attribute]:
        return self.ontology[name].attributes if name in self.ontology else []


def _place(
    units: list[dict[str, Any]], frame: int | None, item: Item
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return the file of a label, and the labels of its frame."""
    if item.kind in (*IN_TIME, *VOLUMES):
        unit = units[0]
        # What is said of the whole is said on its first frame.
        return unit, unit["labels"].setdefault(
            str(frame or 0), {"objects": [], "classifications": []}
        )
    at = frame or 0
    if at >= len(units):
        raise FormatError(f"is on picture {at}, and there are {len(units)}.", where="frame")
    return units[at], units[at]["labels"]


def _size(unit: Mapping[str, Any]) -> Size:
    if "width" not in unit:
        raise FormatError(
            "is on a picture whose size is not known.",
            hint="Open the dataset with validate=True, or pass size_of.",
        )
    return unit["width"], unit["height"]
