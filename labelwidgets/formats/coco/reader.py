"""One reading of one COCO file."""

from __future__ import annotations

from typing import Any

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError, SchemaError
from labelwidgets.formats.answers_by_frame import mutable_of
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.categories import Categories, Entry
from labelwidgets.formats.coco.foreign_labels import ForeignLabels
from labelwidgets.formats.coco.label_fields import track_of
from labelwidgets.formats.coco.outlines_read import Outline, decoded
from labelwidgets.formats.coco.outlines_told import told_anew
from labelwidgets.formats.coco.own_labels import own_label
from labelwidgets.formats.coco.places import Place, Places
from labelwidgets.formats.coco.records import CAPTION
from labelwidgets.formats.coco.shapes import field_of
from labelwidgets.formats.coco.slices import SlicePart, joined_slices, through_slices
from labelwidgets.formats.coco.tracks import (
    KeptTrack,
    SeenPart,
    track_fields,
    track_in,
    track_label,
)
from labelwidgets.formats.counting import one_more
from labelwidgets.formats.mending import mended
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.results import Imported
from labelwidgets.formats.unasked import Unasked
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import AttributeValue, Text
from labelwidgets.schema.geometry import Mask, Tag
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames, renamed
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.schema.validity import check_answers, check_geometry, is_on


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
        self.categories.number_joints(file.annotations)
        self.foreign = ForeignLabels(self.categories, self.classes, self.renames)
        self.places, self.tolerance = places, tolerance
        self.unasked = Unasked(problems, ontology)
        self.annotations: list[Annotation] = []
        self.ids: set[str] = set()
        self.label_ids: set[records.Id] = set()
        # Tracks that were kept whole, and what is seen of tracks frame by frame, by what they are
        # called and their item.
        self.tracks: dict[str, KeptTrack] = {}
        self.sights: dict[tuple[str, str], list[SeenPart]] = {}
        # Masks on slices that are one object, by its id, item and class.
        self.parts: dict[tuple[str, str, str], list[SlicePart]] = {}
        # What is written about pictures, by item and frame.
        self.captions: dict[tuple[str, int | None], list[dict[str, Any]]] = {}
        # What is being read, for an answer that is left out.
        self.record = ""
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
            self.record = record
            try:
                given = records.decode(raw, dict[str, Any])
                id, shown = given.get("id"), given.get("frames_shown")
                annotation = records.decode(raw, Annotation)
                if isinstance(annotation.geometry, Track | Interval):
                    annotation = msgspec.structs.replace(annotation, item_id=place.item)
                    if isinstance(shown, int):
                        self.tracks[annotation.id] = KeptTrack(record, annotation, place, shown)
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
        for number, one in enumerate(decoded(self.file.annotations)):
            self.read_annotation(number, *one)

    def read_annotation(
        self,
        number: int,
        raw: msgspec.Raw,
        label: records.Label | None = None,
        outline: Outline | None = None,
    ) -> None:
        """Read one annotation, or note what is wrong with it.

        Parameters
        ----------
        number
            Its place in the file.
        raw
            Its record.
        label, outline
            What that says, where it is known already.
        """
        id: records.Id | None = None
        self.record = f"annotations[{number}]"
        try:
            if label is None:
                label = records.decode(raw, records.Label)
            id = label.id
            self._read_annotation(label, self.record, outline)
        except LabelwidgetsError as error:
            # A polygon that is wrong is one of the file's, unless it is kept as ours.
            if label is not None and records.is_null(label.labelwidgets):
                error.where = field_of(error.where) or None
            self.problems.add(self.record, id, error)

    def join_slices(self) -> None:
        """Make one object of masks on slices, of those that another tool has given a class too."""
        # Where it has changed the class of some, the most of them are what the object was.
        for (id, _, _), parts in sorted(self.parts.items(), key=lambda item: -len(item[1])):
            first = parts[0]
            self.record = first.record
            try:
                joined = msgspec.structs.replace(
                    first.annotation,
                    id=new_id() if id in self.ids else id,
                    frame=None,
                    geometry=joined_slices(parts),
                )
                self._keep(joined, first.place)
                first.category.count("volumemask")
            except LabelwidgetsError as error:
                self.problems.add(first.record, id, error)

    def join_frames(self) -> None:
        """Make one track of what is seen of it frame by frame."""
        for (_, name), parts in self.sights.items():
            kept = self.tracks.pop(name, None)
            self.record, place = (kept or parts[0]).record, (kept or parts[0]).place
            mutable = self._mutable(parts[0].category.name)
            try:
                made = track_label(name, parts, kept, self.tolerance, mutable, self.track_fields)
                self._keep(made, place)
                track: Any = made.geometry
                parts[0].category.count(track.shape_type)
            except LabelwidgetsError as error:
                self.problems.add(self.record, name, error)
        for record, annotation, place, shown in self.tracks.values():
            # Of one of which other tools see nothing, nobody can have taken anything away.
            if shown == 0:
                try:
                    self.record = record
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

    def _mutable(self, name: str) -> set[str]:
        return mutable_of(self.classes.get(self.renames.class_name(name) or name))

    def _read_annotation(
        self, label: records.Label, record: str, outline: Outline | None = None
    ) -> None:
        records.check_id(label.id)
        records.check_id(label.image_id, "image_id")
        records.check_id(label.category_id, "category_id")
        if label.id is not None:
            if label.id in self.label_ids:
                raise FormatError("is the id of an annotation before it.", where="id")
            self.label_ids.add(label.id)
        place = self.places.of(label.image_id)
        if place is None:
            return
        category = None
        if label.category_id is not None:
            category = self.categories.get(label.category_id)
        if label.category_id is None or (category is None and label.caption is not None):
            # Of captions Datumaro says that their category is 0, and has none.
            if label.caption is None:
                raise FormatError("is not there.", where="category_id")
            said = {"caption": label.caption} | ({} if label.id is None else {"id": label.id})
            self.captions.setdefault((place.item, place.frame), []).append(said)
            return
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
            flat = self.foreign.label(
                label, place, category, ours.type if ours is not None else None
            )
            part = SeenPart(record, flat, place, category, ours is not None and ours.occluded)
            key = ("ours" if ours is not None else place.item, name)
            if ours is None and key not in self.sights:
                # Once for each track.
                self.unasked.look(flat, record)
            self.sights.setdefault(key, []).append(part)
            return
        annotation = self.annotation_of(label, place, category, outline)
        empty = through_slices(label)
        if empty is not None and isinstance(annotation.geometry, Mask):
            object_ = (annotation.id, place.item, category.name)
            slice_ = SlicePart(record, annotation, empty, place, category)
            self.parts.setdefault(object_, []).append(slice_)
            return
        self._keep(annotation, place, outline)
        category.count(annotation.geometry.type)

    def annotation_of(
        self,
        label: records.Label,
        place: Place,
        category: Entry,
        outline: Outline | None = None,
    ) -> Annotation:
        """Return the annotation that one record is by itself."""
        if records.is_null(label.labelwidgets):
            made = self.foreign.label(label, place, category, outline=outline)
            self.unasked.look(made, self.record)
            return made
        return own_label(label, place, category, outline)

    def _keep(self, annotation: Annotation, place: Place, outline: Outline | None = None) -> None:
        if annotation.id in self.ids:
            raise FormatError("is the id of an annotation before it.", where="labelwidgets.id")
        if annotation.class_name is not None and annotation.class_name not in self.categories:
            raise FormatError(
                f"{annotation.class_name[:80]!r} is not a category of the file.",
                where="class_name",
            )
        annotation = renamed(annotation, self.renames)
        sound = (
            outline is not None
            and annotation.geometry is outline.geometry
            and is_on(outline.bounds, place.size)
        )
        if not sound:
            shape, annotation = annotation.geometry, mended(annotation, place.size)
            if annotation.geometry is not shape:
                annotation = told_anew(annotation)
        known = annotation.class_name is None or annotation.class_name in self.classes
        if self.questions is not None and known:
            annotation = self.problems.fitted(
                annotation, self.questions, place.size, self.record, sound=sound
            )
        elif not sound:
            check_geometry(annotation.geometry, place.size)
        one_more()
        self.ids.add(annotation.id)
        self.annotations.append(annotation)

    def result(self) -> Imported:
        """Return what was read, and what was not."""
        self.unasked.say()
        return Imported(
            path=self.problems.file,
            format="coco",
            annotations=self.annotations,
            left_out=self.problems.frame(),
            unmatched=self.places.unmatched(),
            categories=self.categories.frame(),
            ontology=self.categories.ontology(captions=bool(self.captions)),
            items=self.places.items(self.foreign.said),
        )
