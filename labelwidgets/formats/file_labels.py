"""Labels that a file has, on their way to an `Imported`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError, SchemaError
from labelwidgets.formats.answers_by_frame import mutable_of
from labelwidgets.formats.counting import one_more
from labelwidgets.formats.found_frames import categories_frame, unmatched_frame
from labelwidgets.formats.matching import Item
from labelwidgets.formats.mending import mended
from labelwidgets.formats.numbered import none_of
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.results import Imported
from labelwidgets.formats.unasked import Unasked
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import Attribute, AttributeValue, Checkbox, Text
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ids import is_id, new_id
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.schema.renames import Renames, renamed
from labelwidgets.schema.tracks import Track
from labelwidgets.schema.validity import check_answers, check_geometry

if TYPE_CHECKING:
    import pandas as pd

_UNNAMED = "Pass unnamed= with the name of a class for such shapes."


class Told(TypedDict, total=False):
    """What a file may say of a label beside its class, shape and place; see `FileLabels.put`."""

    id: str | None
    track_id: str | None
    attributes: Mapping[str, AttributeValue] | None
    parameters: Mapping[str, Any] | None
    confidence: float | None
    state: Any
    author: str | None
    record: str


class FileLabels:
    """Collects labels, what is wrong, and what lies on no item of the dataset.

    Parameters
    ----------
    file
        Its name as it is shown.
    format
        How it is read.
    items
        Where the labels may lie; None makes items of what the file tells of.
    ontology
        That of the project, None if there is none.
    collect
        Collect what is wrong instead of raising.
    unnamed
        Class of the shapes to which the file gives none; None is for such shapes to be wrong.
        Empty where the format does not let people choose.
    """

    # What the labels of a file lie on, as errors call it.
    what = "image"

    def __init__(
        self,
        file: str,
        format: str,
        items: pd.DataFrame | None,
        ontology: Ontology | None,
        collect: bool,
        unnamed: str | None = "",
    ) -> None:
        self.problems = Problems(file, collect)
        self._unasked = Unasked(self.problems, ontology)
        self._format, self._frame, self.ontology = format, items, ontology
        self._renames = Renames.of(ontology) if ontology else Renames()
        self._known = {made.name: made for made in ontology.classes} if ontology else {}
        self.annotations: list[Annotation] = []
        self._classes: dict[str, Counter[str]] = {}
        self._skeletons: dict[str, Skeleton] = {}
        self._groups: dict[str, str] = {}
        self._told: dict[str, ObjectClass] = {}
        self._any_tool: set[str] = set()
        self._asked: dict[str | None, dict[str, Attribute]] = {}
        self._unnamed = unnamed
        self._ids: set[str] = set()
        self._used: set[str] = set()
        self._made: dict[str, dict[str, Any]] = {}
        self._unmatched: list[tuple[str, str, str, int, str]] = []

    def name_of(self, given: Any, where: str = "label") -> str:
        """Return the current name of a class, by what the file calls it.

        Raises
        ------
        FormatError
            If it cannot be one.
        """
        if given in (None, "") and self._unnamed != "":
            if self._unnamed is None:
                raise FormatError("is not said.", where=where, hint=_UNNAMED)
            given = self._unnamed
        if not isinstance(given, str):
            raise FormatError("must be the name of a class.", where=where)
        try:
            name = ObjectClass(given).name
        except SchemaError as error:
            raise FormatError(error.message, where=where) from None
        return self._renames.class_name(name) or name

    def note(self, name: str, skeleton: Skeleton | None = None, group: str | None = None) -> None:
        """Count a class among those of the file, even if no label of it is read."""
        self._classes.setdefault(name, Counter())
        if skeleton is not None:
            self._skeletons.setdefault(name, skeleton)
        if group:
            self._groups[name] = group

    def known(self, name: str) -> ObjectClass | None:
        """Return a class as the project has it, else as the file does, None where neither does."""
        return self._known.get(name) or self._told.get(name)

    def questions(self, name: str | None) -> Sequence[Attribute]:
        """Return the questions about a class, or (None) about the picture as a whole."""
        if name is None:
            return self.ontology.image_attributes if self.ontology is not None else ()
        made = self.known(name)
        return made.attributes if made is not None else ()

    def tell(self, made: ObjectClass, any_tool: bool = False) -> None:
        """Note what a file says of a class.

        Parameters
        ----------
        made
            The class.
        any_tool
            The file does not say what it is drawn with: that is what most of its labels are.
        """
        self._told[made.name] = made
        if any_tool:
            self._any_tool.add(made.name)
        self.note(made.name, made.skeleton)

    def ask(
        self, name: str | None, answers: Mapping[str, Any], told: Mapping[str, Attribute]
    ) -> None:
        """Note what was asked where a file has answers.

        Parameters
        ----------
        name
            The class that is asked about; None for the picture.
        answers
            What the file says: lists are several options at once, the rest is text.
        told
            Questions that the file defines, by their names; the others are taken from the answers.
        """
        asked = self._asked.setdefault(name, {})
        if name is not None:
            self.note(name)
        for key, answer in answers.items():
            if isinstance(answer, Mapping) or answer is None:
                continue
            try:
                if key in told:
                    asked[key] = told[key]
                elif isinstance(answer, list):
                    before = asked.get(key)
                    options = before.valid_options if isinstance(before, Checkbox) else ()
                    more = [_answer(one) for one in answer]
                    asked[key] = Checkbox(key, list(dict.fromkeys([*options, *more])))
                else:
                    asked.setdefault(key, Text(key))
            except SchemaError:
                # What cannot be a question stays with the origin of the label.
                continue

    def mutable(self, name: str) -> set[str]:
        """Return the questions of a class that may be answered frame by frame."""
        return mutable_of(self.known(name))

    def answers(
        self, name: str | None, given: Mapping[str, Any]
    ) -> tuple[dict[str, AttributeValue], dict[str, Any]]:
        """Return the answers that the project has questions for, and the others.

        Parameters
        ----------
        name
            The class that is asked about; None for the questions about the picture.
        given
            What the file says.
        """
        asked = self.questions(name)
        answers: dict[str, AttributeValue] = {}
        others: dict[str, Any] = {}
        for key, value in given.items():
            if value is None:
                continue
            answer = value if isinstance(value, list) else _answer(value)
            try:
                mine = self._renames.answers(name, {key: answer})
                check_answers(asked, mine, "")
                answers |= mine
            except SchemaError:
                others[key] = value if isinstance(value, str | int | float | list) else str(value)
        return answers, others

    def make(self, item: Item, size: tuple[int, int] | None, **metadata: Any) -> None:
        """Note an item that the file makes, where there is no dataset."""
        facts = dict(metadata)
        if size is not None:
            facts |= {"width": size[0], "height": size[1]}
        self._made[item.id] = {
            "id": item.id,
            "kind": item.kind,
            "title": item.title,
            "folder": item.folder,
            "urls": list(item.urls),
            "metadata": facts,
            "status": item.status,
            # The file named them, nobody else.
            "trusted": False,
        }

    def describe(self, item: str, **metadata: Any) -> None:
        """Note what else the file says of an item that it makes; those of a dataset stay."""
        if item in self._made:
            self._made[item]["metadata"].update(metadata)

    def put(
        self,
        name: str | None,
        geometry: AnyGeometry,
        item: str,
        size: tuple[int, int] | None,
        *,
        frame: int | None = None,
        id: str | None = None,
        track_id: str | None = None,
        attributes: Mapping[str, AttributeValue] | None = None,
        parameters: Mapping[str, Any] | None = None,
        confidence: float | None = None,
        state: Any = "editable",
        author: str | None = None,
        record: str = "",
    ) -> Annotation:
        """Take in a label, made here: one that has no id, or that of another, gets a new one.

        Parameters
        ----------
        name, geometry, frame, id, track_id, attributes, confidence, state, author
            Of the annotation.
        item, size
            What it lies on, and its width and height, None where they are not known.
        parameters
            What else the file says of it.
        record
            Where it stands in the file, or what it lies on does.

        Raises
        ------
        LabelwidgetsError
            If it does not fit the project or its item.
        """
        annotation = Annotation(
            item_id=item,
            class_name=name,
            geometry=geometry,
            frame=frame,
            id=id if id and is_id(id) and id not in self._ids else new_id(),
            track_id=track_id,
            attributes=dict(attributes or {}),
            confidence=confidence,
            state=state,
            author=author,
            origin=Origin("import", self._format, parameters=dict(parameters or {})),
        )
        return self.take(annotation, size, record, foreign=True)

    def take(
        self,
        annotation: Annotation,
        size: tuple[int, int] | None,
        record: str = "",
        *,
        foreign: bool = False,
    ) -> Annotation:
        """Take in a whole record: see `put`.

        Parameters
        ----------
        annotation, size
            The record, and the width and height of what it lies on.
        record
            Its place in the file, to name where an answer of it is left out.
        foreign
            Its origin was made here, with the answers that nobody asks for: see `Unasked`.
        """
        if annotation.id in self._ids:
            raise FormatError("is the id of an annotation before it.", where="id")
        annotation = mended(renamed(annotation, self._renames), size)
        known = annotation.class_name is None or annotation.class_name in self._known
        if self.ontology is not None and known:
            place = record or f"annotation {annotation.id}"
            annotation = self.problems.fitted(annotation, self.ontology, size, place)
        else:
            check_geometry(annotation.geometry, size)
        one_more()
        self._ids.add(annotation.id)
        shape = annotation.geometry
        kind = shape.shape_type if isinstance(shape, Track) else shape.type
        if annotation.class_name is not None:
            self._classes.setdefault(annotation.class_name, Counter())[kind] += 1
        self._used.add(annotation.item_id)
        self.annotations.append(annotation)
        if foreign:
            self._unasked.look(annotation, record)
        return annotation

    def match(self, item: str) -> None:
        """Note that something of the file is an item, if no label of it is read."""
        self._used.add(item)

    def wrong(self, record: str, id: Any, error: LabelwidgetsError) -> None:
        """Note that a record is left out, or raise."""
        self.problems.add(record, id, error)

    def unmatched(self, record: str, id: str, name: str, count: int, reason: str) -> None:
        """Note that something lies on no item of the dataset."""
        self._unmatched.append((record, id, name, count, reason))

    def result(self) -> Imported:
        """Return what was read, and what was not.

        Raises
        ------
        FormatError
            If nothing of the file is an item of the dataset, unless problems are collected.
        """
        if self._unmatched and not self._used and not self.problems.collect:
            place, _, name, _, reason = self._unmatched[0]
            raise FormatError(
                f"{none_of(len(self._unmatched), self.what)} one of the dataset.",
                where=self.problems.file,
                hint=f"The first is {(name or place)[:200]!r}, it {reason}",
            )
        self._unasked.say()
        classes = self._classes.items()
        return Imported(
            path=self.problems.file,
            format=self._format,
            annotations=self.annotations,
            left_out=self.problems.frame(),
            unmatched=unmatched_frame(self._unmatched),
            categories=categories_frame(
                (name, self._groups.get(name), kinds.total()) for name, kinds in classes
            ),
            ontology=Ontology(
                [self._asking(self._class(name)) for name in self._classes],
                list(self._asked.get(None, {}).values()),
            ),
            items=self._items(),
        )

    def _asking(self, made: ObjectClass) -> ObjectClass:
        """Return a class with what is asked about it in the file, too."""
        known = {one.name for one in made.attributes}
        more = [one for key, one in self._asked.get(made.name, {}).items() if key not in known]
        if not more:
            return made
        return msgspec.structs.replace(made, attributes=[*made.attributes, *more])

    def _class(self, name: str) -> ObjectClass:
        told = self._told.get(name)
        if told is not None and name not in self._any_tool:
            return told
        skeleton = self._skeletons.get(name)
        common = [kind for kind, _ in self._classes[name].most_common() if kind != "keypoints"]
        if skeleton is not None and (not common or self._classes[name]["keypoints"]):
            tool = "keypoints"
        else:
            tool = (*common, "rectangle")[0]
        if told is not None:
            return msgspec.structs.replace(told, tool=tool, skeleton=skeleton)
        return ObjectClass(name, tool=tool, skeleton=skeleton)

    def _items(self) -> Any:
        import pandas as pd

        frame = self._frame
        if frame is not None:
            return frame[frame["id"].astype(str).isin(self._used)].reset_index(drop=True)
        columns = ["id", "kind", "title", "folder", "urls", "metadata", "status", "trusted"]
        rows = [self._made[id] for id in self._made if id in self._used]
        return pd.DataFrame(rows, columns=columns)


def _answer(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value)
