"""From a COCO file to annotations."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError, SchemaError
from labelwidgets.formats.answers_by_frame import mutable_of
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.categories import Categories, Entry
from labelwidgets.formats.coco.detections import Known, file_of
from labelwidgets.formats.coco.measures_told import is_told, told_again, told_by
from labelwidgets.formats.coco.places import Place, Places
from labelwidgets.formats.coco.records import CAPTION
from labelwidgets.formats.coco.shapes import read_shape
from labelwidgets.formats.coco.tracks import SeenPart, is_unchanged, joined, track_fields, track_in
from labelwidgets.formats.counting import one_more
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.formats.mending import mended
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.results import Imported
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import AttributeValue, Text
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import RLE, Mask, Tag, VolumeMask
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames, renamed
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.schema.validity import check_annotation, check_answers, check_geometry

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

# Boxes that differ by more than this were moved by another tool, not rounded by it.
_MOVED = 0.01
_TAG: dict[str, str] = {"type": "tag"}


def read(
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    errors: Literal["raise", "collect"] = "raise",
    dataset: Dataset | None = None,
    tolerance: float = 0.0,
    first_frame: int = 0,
    max_bytes: int = records.MAX_BYTES,
    ground_truth: str | os.PathLike[str] | None = None,
    images: Mapping[Any, str] | None = None,
    categories: Mapping[Any, str] | None = None,
    **storage_options: Any,
) -> Imported:
    """Read a COCO instances or keypoints file: see `labelwidgets.formats.read`.

    An image is matched to an item by what a file of ours says, else by URL,
    by path (the longest end of it that fits), by file name, or by id. Of each
    annotation the shape that says most is taken: labelled joints if its class
    has a skeleton, else the segmentation, else the box. ``iscrowd``, the id
    and ``attributes`` that are not in the ontology are kept as parameters of
    the origin; a ``score`` is the confidence.

    Parameters
    ----------
    path, items, ontology, errors, **storage_options
        As for `labelwidgets.formats.read`.
    dataset
        Where frames of videos are counted.
    tolerance
        Of tracks: how far, in pixels, a corner may be from where the file has it, to get by with
        fewer keyframes; 0 is exact.
    first_frame
        What the file calls the first frame of a video, in ``frame_index`` or ``frame_id``.
    max_bytes
        Larger files are refused before they are decoded.
    ground_truth
        Of a list of results: the COCO file that its ids of images and categories are of.
    images, categories
        Of a list of results instead of that: file names or ids of items by the ids of images, and
        names of classes by the ids of categories. Without `images`, an id is the name of a file
        (139 that of ``000000000139.jpg``) or the id of an item.

    Raises
    ------
    FormatError
        Naming the file, the record and the field; also if not one of the
        images is an item of the dataset (unless `errors` is ``collect``).
    LimitError
        If the file is too large.
    SourceError
        If it cannot be read.
    """
    name = shown(path)
    with no_collecting():
        data = records.text_of(read_bytes(path, max_bytes, **storage_options), name)
        known = Known(ground_truth, images, categories)
        file = file_of(data, name, known, items, ontology, **storage_options)
        clips = Clips(items, dataset)
        problems = Problems(name, errors == "collect")
        places = Places(file, problems, items, clips, first_frame)
        reader = Reader(file, problems, places, ontology, tolerance)
        reader.read_all()
        return reader.result()


class Reader:
    """One reading of one file.

    Parameters
    ----------
    file
        Its records.
    problems
        Where those that are wrong go.
    places
        Of its images.
    ontology
        What its classes ask for, if that is known.
    tolerance
        As for `read`.
    """

    def __init__(
        self,
        file: records.File,
        problems: Problems,
        places: Places,
        ontology: Ontology | None,
        tolerance: float,
    ) -> None:
        self.file, self.problems, self.questions = file, problems, ontology
        self.classes = {made.name: made for made in ontology.classes} if ontology else {}
        self.renames = Renames.of(ontology) if ontology else Renames()
        self.categories = Categories(file, problems)
        self.places, self.tolerance = places, tolerance
        self.annotations: list[Annotation] = []
        self.ids: set[str] = set()
        self.label_ids: set[records.Id] = set()
        # Tracks that were kept whole, and what is seen of tracks frame by frame, by what they are
        # called and their item.
        self.tracks: dict[str, tuple[str, Annotation, Place, int]] = {}
        self.sights: dict[tuple[str, str], list[SeenPart]] = {}
        # Masks on slices that are one object, by its id, item and class.
        self.parts: dict[tuple[str, str, str], list[_Part]] = {}
        # What is written about pictures, by item and frame.
        self.captions: dict[tuple[str, int | None], list[dict[str, Any]]] = {}
        self.told: set[tuple[str, int | None]] = set()
        self.track_fields = track_fields(file)

    def read_all(self) -> None:
        """Read what there is."""
        self.read_kept()
        self.read_annotations()
        self.join_slices()
        self.join_frames()
        self.join_captions()

    def read_kept(self) -> None:
        """Read the annotations that labelwidgets keeps on the images."""
        for record, raw, place in self.places.kept():
            id: Any = None
            try:
                given = records.decode(raw, dict[str, Any])
                id, shown = given.get("id"), given.get("frames_shown")
                annotation = records.decode(raw, Annotation)
                if isinstance(annotation.geometry, Track | Interval):
                    annotation = msgspec.structs.replace(annotation, item_id=place.item)
                    if isinstance(shown, int):
                        self.tracks[annotation.id] = (record, annotation, place, shown)
                    else:
                        self._keep(annotation, place)
                    continue
                # Answers about a group as a whole are kept on its first picture.
                frame = annotation.frame if annotation.class_name is None else place.frame
                self._keep(
                    msgspec.structs.replace(annotation, item_id=place.item, frame=frame), place
                )
            except LabelwidgetsError as error:
                self.problems.add(record, id, error)

    def read_annotations(self) -> None:
        """Read the annotations of the images that were matched."""
        for number, raw in enumerate(self.file.annotations):
            self.read_annotation(number, raw)

    def read_annotation(self, number: int, raw: msgspec.Raw) -> None:
        """Read one annotation, or note what is wrong with it."""
        id: records.Id | None = None
        try:
            label = records.decode(raw, records.Label)
            id = label.id
            self._read_annotation(label, f"annotations[{number}]")
        except LabelwidgetsError as error:
            self.problems.add(f"annotations[{number}]", id, error)

    def join_slices(self) -> None:
        """Make one object of masks on slices, of those that another tool has given a class too."""
        # Where it has changed the class of some, the most of them are what the object was.
        for (id, _, _), parts in sorted(self.parts.items(), key=lambda item: -len(item[1])):
            first = parts[0]
            try:
                joined = msgspec.structs.replace(
                    first.annotation,
                    id=new_id() if id in self.ids else id,
                    frame=None,
                    geometry=_joined(parts),
                )
                self._keep(joined, first.place)
                first.category.count("volumemask")
            except LabelwidgetsError as error:
                self.problems.add(first.record, id, error)

    def join_frames(self) -> None:
        """Make one track of what is seen of it frame by frame."""
        for (_, name), parts in self.sights.items():
            first = parts[0]
            record, id = first.record, name
            try:
                whole = self.tracks.pop(name, None)
                if whole is not None:
                    record, made, place, count = whole
                    names = {part.category.name for part in parts}
                    shape = made.geometry
                    assert isinstance(shape, Track)  # noqa: S101 - as `read_kept` put it there
                    if not is_unchanged(shape, parts, count):
                        shape, fixed, _ = joined(parts, self.tolerance, self._mutable(parts))
                        made = msgspec.structs.replace(made, attributes=fixed)
                    kind = names.pop() if len(names) == 1 else made.class_name
                    made = msgspec.structs.replace(made, geometry=shape, class_name=kind)
                    self._keep(made, place)
                else:
                    classes = {part.category.name for part in parts}
                    if len(classes) > 1:
                        raise FormatError(
                            f"has the classes {', '.join(sorted(classes))}.", where="category_id"
                        )
                    shape, fixed, said = joined(parts, self.tolerance, self._mutable(parts))
                    said = {"id": _track_number(name), **said}
                    if more := self.track_fields.get(said["id"]):
                        said["track"] = more
                    origin = Origin("import", "coco", parameters=said)
                    self._keep(
                        Annotation(
                            item_id=first.place.item,
                            class_name=first.category.name,
                            geometry=shape,
                            attributes=fixed,
                            origin=origin,
                        ),
                        first.place,
                    )
                first.category.count(shape.shape_type)
            except LabelwidgetsError as error:
                self.problems.add(record, id, error)
        for record, annotation, place, count in self.tracks.values():
            # Of one of which other tools see nothing, nobody can have taken anything away.
            if count == 0:
                try:
                    self._keep(annotation, place)
                except LabelwidgetsError as error:
                    self.problems.add(record, annotation.id, error)

    def join_captions(self) -> None:
        """Make one answer about each picture of what is written about it, a line each."""
        asked = self.questions.image_attributes if self.questions is not None else [Text(CAPTION)]
        known = any(one.name == CAPTION for one in asked)
        for (item, frame), several in self.captions.items():
            text = "\n".join(one["caption"] for one in several)
            answers: dict[str, AttributeValue] = {CAPTION: text} if known else {}
            try:
                check_answers(asked, answers, "")
            except SchemaError:
                answers = {}
            origin = Origin("import", "coco", parameters={"captions": several})
            made = Annotation(
                item_id=item, frame=frame, geometry=Tag(), attributes=answers, origin=origin
            )
            self._keep(made, Place(item, frame, None))

    def _mutable(self, parts: Sequence[SeenPart]) -> set[str]:
        name = parts[0].category.name
        return mutable_of(self.classes.get(self.renames.class_name(name) or name))

    def _read_annotation(self, label: records.Label, record: str) -> None:
        for field in ("id", "image_id", "category_id"):
            records.check_id(getattr(label, field), field)
        if label.id is not None:
            if label.id in self.label_ids:
                raise FormatError("is the id of an annotation before it.", where="id")
            self.label_ids.add(label.id)
        place = self.places.of(label.image_id)
        if place is None:
            return
        if label.category_id is None:
            if label.caption is None:
                raise FormatError("is not there.", where="category_id")
            said = {"caption": label.caption} | ({} if label.id is None else {"id": label.id})
            self.captions.setdefault((place.item, place.frame), []).append(said)
            return
        category = self.categories.get(label.category_id)
        if category is None:
            raise FormatError(
                f"{label.category_id!r} is not the id of a category of the file.",
                where="category_id",
            )
        ours = track_in(label)
        name = ours.track if ours is not None else track_of(label.track_id, label.instance_id)
        if (
            name is not None
            and place.video
            and (ours is not None or records.is_null(label.labelwidgets))
        ):
            flat = self._foreign(label, place, category, ours.type if ours is not None else None)
            part = SeenPart(record, flat, place, category, ours is not None and ours.occluded)
            key = ("ours" if ours is not None else place.item, name)
            self.sights.setdefault(key, []).append(part)
            return
        annotation = self.annotation_of(label, place, category)
        empty = _through_slices(label)
        if empty is not None and isinstance(annotation.geometry, Mask):
            object_ = (annotation.id, place.item, category.name)
            slice_ = _Part(record, annotation, empty, place, category)
            self.parts.setdefault(object_, []).append(slice_)
            return
        self._keep(annotation, place)
        category.count(annotation.geometry.type)

    def annotation_of(self, label: records.Label, place: Place, category: Entry) -> Annotation:
        """Return the annotation that one record is by itself."""
        if records.is_null(label.labelwidgets):
            return self._foreign(label, place, category)
        return _ours(label, place, category)

    def _foreign(
        self, label: records.Label, place: Place, category: Entry, kind: str | None = None
    ) -> Annotation:
        parameters: dict[str, Any] = {} if label.id is None else {"id": label.id}
        if label.iscrowd:
            parameters["iscrowd"] = 1
        attributes, others = self.answers_of(label.attributes, category.name)
        if others:
            parameters["attributes"] = others
        if place.said and (place.item, place.frame) not in self.told:
            # Once for each picture: it is of that, not of the label.
            self.told.add((place.item, place.frame))
            parameters |= {field: self._names(ids) for field, ids in place.said}
        geometry = read_shape(label, joints=category.joints, kind=kind)
        if not place.video:
            # Of tracks each frame has its own, which are not kept.
            parameters |= told_by(label, geometry)
        return Annotation(
            item_id=place.item,
            frame=place.frame,
            class_name=category.name,
            geometry=geometry,
            attributes=attributes,
            track_id=track_of(label.track_id, label.instance_id),
            confidence=confidence_of(label.score),
            origin=Origin("import", "coco", parameters=parameters),
        )

    def _names(self, ids: Sequence[records.Id]) -> list[str]:
        """Return the names of classes, which keep their meaning when ids change."""
        found = [self.categories.get(id) for id in ids]
        return [one.name for one in found if one is not None]

    def answers_of(
        self, given: msgspec.Raw, class_name: str
    ) -> tuple[dict[str, AttributeValue], dict[str, Any]]:
        """Return the answers that the ontology has questions for, and the others."""
        if records.is_null(given):
            return {}, {}
        current = self.renames.class_name(class_name) or class_name
        made = self.classes.get(current)
        answers: dict[str, AttributeValue] = {}
        others: dict[str, Any] = {}
        for name, value in records.decode(given, dict[str, Any], "attributes").items():
            answer = value if isinstance(value, list) else _answer(value)
            try:
                mine = self.renames.answers(current, {name: answer})
                check_answers(made.attributes if made else (), mine, "")
                answers |= mine
            except SchemaError:
                others[name] = value
        return answers, others

    def _keep(self, annotation: Annotation, place: Place) -> None:
        if annotation.id in self.ids:
            raise FormatError("is the id of an annotation before it.", where="labelwidgets.id")
        if annotation.class_name is not None and annotation.class_name not in self.categories:
            raise FormatError(
                f"{annotation.class_name[:80]!r} is not a category of the file.",
                where="class_name",
            )
        annotation = mended(renamed(annotation, self.renames))
        known = annotation.class_name is None or annotation.class_name in self.classes
        if self.questions is not None and known:
            check_annotation(annotation, self.questions, place.size)
        else:
            check_geometry(annotation.geometry, place.size)
        one_more()
        self.ids.add(annotation.id)
        self.annotations.append(annotation)

    def result(self) -> Imported:
        """Return what was read, and what was not."""
        return Imported(
            path=self.problems.file,
            format="coco",
            annotations=self.annotations,
            left_out=self.problems.frame(),
            unmatched=self.places.unmatched(),
            categories=self.categories.frame(),
            ontology=self.categories.ontology(captions=bool(self.captions)),
            items=self.places.items(),
        )


class _Part(NamedTuple):
    """A mask on a slice that is a part of an object, and the slices without pixels beside it."""

    record: str
    annotation: Annotation
    empty: list[int]
    place: Place
    category: Entry


class _SliceExtension(msgspec.Struct):
    """What labelwidgets adds to an annotation that is a part of an object through slices."""

    type: str | None = None
    empty: list[int] = []


def _through_slices(label: records.Label) -> list[int] | None:
    """Return the slices without pixels that a part of an object names, None if it is no part."""
    if records.is_null(label.labelwidgets):
        return None
    said = records.decode(label.labelwidgets, _SliceExtension, "labelwidgets")
    return said.empty if said.type == "volumemask" else None


def _joined(parts: Sequence[_Part]) -> VolumeMask:
    slices: dict[int, RLE] = {}
    for part in parts:
        index, shape = part.annotation.frame, part.annotation.geometry
        if index is None or not isinstance(shape, Mask):
            raise FormatError("lies on no slice.", where="image_id")
        if index in slices:
            raise FormatError("is there twice on a slice.", where="labelwidgets.id")
        slices[index] = shape.rle
        height, width = shape.rle.size
        for other in part.empty:
            slices.setdefault(other, RLE((height, width), [height * width]))  # type: ignore[arg-type]
    return VolumeMask(slices)


def _ours(label: records.Label, place: Place, category: Entry) -> Annotation:
    """Return a record that labelwidgets has written, with what others changed in COCO's fields."""
    extension = records.decode(label.labelwidgets, dict[str, Any], "labelwidgets")
    extension.pop("empty", None)
    kind, shape = extension.pop("type", None), extension.pop("geometry", None)
    data = extension | {"item_id": place.item, "frame": place.frame, "geometry": _TAG}
    if not records.is_null(label.attributes):
        data["attributes"] = records.decode(label.attributes, dict[str, Any], "attributes")
    try:
        annotation = Annotation.from_dict(data)
        kept = msgspec.convert(shape, AnyGeometry) if shape is not None else None
    except SchemaError as error:
        raise error.at("labelwidgets") from None
    except msgspec.ValidationError as error:
        raise FormatError(f"{error}.", where="labelwidgets.geometry") from None
    if kept is None:
        kept = read_shape(label, joints=category.joints, kind=kind)
    elif _moved(kept, label):
        kept = read_shape(label, joints=category.joints)
    origin = annotation.origin
    if origin.name == "coco" and is_told(origin.parameters):
        again = told_again(label, kept, origin.parameters)
        origin = msgspec.structs.replace(origin, parameters=again)
    return msgspec.structs.replace(
        annotation,
        geometry=kept,
        class_name=category.name,
        confidence=confidence_of(label.score),
        origin=origin,
    )


def _moved(geometry: AnyGeometry, label: records.Label) -> bool:
    bounds = geometry.bounds
    return (
        isinstance(geometry, Tag)
        or bounds is None
        or label.bbox is None
        or len(label.bbox) != 4
        or any(abs(a - b) > _MOVED for a, b in zip(bounds, label.bbox, strict=True))
    )


def confidence_of(score: float | None) -> float | None:
    """Return the score of an annotation; raise FormatError unless it is from 0 to 1."""
    if score is not None and not 0 <= score <= 1:
        raise FormatError(f"must be from 0 to 1, not {score:g}.", where="score")
    return score


def track_of(track_id: records.Id | None, instance_id: records.Id | None) -> str | None:
    """Return what an annotation calls the object that it shows on its frame."""
    given = track_id if track_id is not None else instance_id
    if given is None or given == -1:
        return None
    records.check_id(given, "track_id")
    return str(given)


def _track_number(name: str) -> int | str:
    return int(name) if name.isdecimal() and len(name) < 18 else name


def _answer(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value)
