"""The categories of a COCO file, and the classes that they would be in a project."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError, SchemaError
from labelwidgets.formats.class_groups import GROUP
from labelwidgets.formats.coco import records
from labelwidgets.formats.problems import Problems
from labelwidgets.schema.attributes import Text
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton

if TYPE_CHECKING:
    import pandas as pd


Pairs: TypeAlias = list[list[int]]


_KNOWN = ("id", "name", GROUP, "keypoints", "skeleton")
# What the origin of the first label of a class has of its category.
CATEGORY = "category"


@dataclass
class Entry:
    """A category: its class name, group and skeleton, and how its labels are drawn."""

    id: records.Id
    name: str
    supercategory: str | None
    skeleton: Skeleton | None
    isthing: bool | None = None
    color: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def joints(self) -> int:
        """Number of joints, 0 without a skeleton."""
        return len(self.skeleton.joints) if self.skeleton else 0

    @property
    def told(self) -> dict[str, Any]:
        """What a class keeps of it: its group, and what else is said."""
        return self.fields | ({GROUP: self.supercategory} if self.supercategory else {})

    def count(self, kind: str) -> None:
        """Count a label of a kind of shape."""
        self.kinds[kind] += 1


class Categories:
    """The categories of a file by id.

    Parameters
    ----------
    file
        The file.
    problems
        Where categories that are wrong go.
    known
        Fields of categories that classes have a place for: all else that is said of them is kept
        as it came.
    """

    def __init__(
        self, file: records.File, problems: Problems, known: Collection[str] = _KNOWN
    ) -> None:
        self._entries: dict[records.Id, Entry] = {}
        self._kept = self._extension(file, problems)
        self._names: set[str] = set()
        # The edges of categories that have joints and name none.
        self._unnamed: dict[records.Id, Pairs] = {}
        for number, raw in enumerate(file.categories):
            record = f"categories[{number}]"
            id: records.Id | None = None
            try:
                category = records.decode(raw, records.Category)
                id = category.id
                records.check_id(id)
                if id in self._entries:
                    raise FormatError("is the id of a category before it.", where="id")
                entry = _entry(category)
                entry.fields = _fields(raw, known)
                if entry.name in self._names:
                    raise FormatError(
                        f"{entry.name!r} is the name of a category before it.", where="name"
                    )
                self._names.add(entry.name)
                self._entries[id] = entry
                if entry.skeleton is None and (category.keypoints == [] or category.skeleton):
                    self._unnamed[id] = category.skeleton or []
            except LabelwidgetsError as error:
                problems.add(record, id, error)
        self._break_cycles(problems)

    @property
    def unnamed(self) -> bool:
        """Whether joints are to be called by numbers: see `number_joints`."""
        return bool(self._unnamed)

    def number_joints(self, annotations: Iterable[msgspec.Raw]) -> None:
        """Call joints by their numbers from 1 where categories have some and name none.

        The first annotation of a category with labelled joints says how many there are.
        """
        for raw in annotations:
            if not self._unnamed:
                return
            if b'"keypoints"' not in bytes(raw):
                continue
            try:
                pose = records.decode(raw, records.Pose)
            except LabelwidgetsError:
                # It is the error of the annotation, when that is read.
                continue
            count, odd = divmod(len(pose.keypoints), 3)
            id = pose.category_id
            if id is None or id not in self._unnamed or odd or not any(pose.keypoints[2::3]):
                continue
            names, pairs = [str(n) for n in range(1, count + 1)], self._unnamed.pop(id)
            try:
                skeleton = _skeleton(names, pairs)
            except SchemaError:
                skeleton = Skeleton(names)
            self._entries[id].skeleton = skeleton

    def get(self, id: records.Id) -> Entry | None:
        """Return the category of an id, None if there is none."""
        return self._entries.get(id)

    def __iter__(self) -> Iterator[Entry]:
        """Return the categories in the order of the file."""
        return iter(self._entries.values())

    def frame(self) -> pd.DataFrame:
        """Return one row a category: id, name, supercategory, annotations, fields."""
        import pandas as pd

        rows = [
            (entry.id, entry.name, entry.supercategory, sum(entry.kinds.values()), entry.fields)
            for entry in self._entries.values()
        ]
        frame = pd.DataFrame(rows, columns=["id", "name", "supercategory", "annotations", "fields"])
        return frame.astype({"name": object, "supercategory": object, "annotations": "int64"})

    def __contains__(self, name: object) -> bool:
        """Say whether there is a category of this name."""
        return name in self._names

    def ontology(self, captions: bool = False) -> Ontology:
        """Return the ontology that a file of ours carries, else one of its categories.

        The tool of a class is the shape that most of its labels have. With captions it asks for
        them, if it is not one of ours.
        """
        by_name = {entry.name: entry for entry in self._entries.values()}
        ours = self._kept.classes if self._kept else []
        classes = [_retold(made, by_name.get(made.name)) for made in ours]
        kept = {made.name for made in classes}
        for entry in self._entries.values():
            if entry.name not in kept:
                common = [kind for kind, _ in entry.kinds.most_common() if kind != "keypoints"]
                tool = "keypoints" if entry.skeleton else (*common, "rectangle")[0]
                classes.append(class_of(entry, tool))
        if self._kept is None:
            return Ontology(classes, [Text(records.CAPTION)] if captions else [])
        return Ontology(classes, self._kept.image_attributes, self._kept.windows)

    @staticmethod
    def _extension(file: records.File, problems: Problems) -> Ontology | None:
        if records.is_null(file.labelwidgets):
            return None
        try:
            extension = records.decode(file.labelwidgets, records.FileExtension)
            if extension.version > records.VERSION:
                raise FormatError(
                    f"{extension.version} is of a newer labelwidgets.",
                    where="version",
                    hint="Upgrade labelwidgets to read this file.",
                )
            return None if extension.ontology is None else Ontology.from_dict(extension.ontology)
        except LabelwidgetsError as error:
            problems.add("labelwidgets", None, error)
            return None

    def _break_cycles(self, problems: Problems) -> None:
        """Note groups that lead back to where they began, and forget them.

        COCO has categories that are their own group (person), which is no cycle.
        """
        by_name = {entry.name: entry for entry in self._entries.values()}
        done: set[str] = set()
        for number, entry in enumerate(self._entries.values()):
            path: list[str] = []
            step: Entry | None = entry
            while step is not None and step.name not in done and step.name not in path:
                path.append(step.name)
                group = step.supercategory
                step = by_name.get(group) if group and group != step.name else None
            if step is not None and step.name in path:
                error = FormatError(
                    f"leads in a circle: {' > '.join([*path, step.name])[:300]}.",
                    where="supercategory",
                )
                problems.add(f"categories[{number}]", entry.id, error)
                step.supercategory = None
            done.update(path)


def _entry(category: records.Category) -> Entry:
    skeleton = None
    joints = category.keypoints or []
    try:
        if joints:
            skeleton = _skeleton(joints, category.skeleton or [])
    except SchemaError as error:
        raise FormatError(error.message, where="keypoints") from None
    try:
        name = ObjectClass(category.name).name
    except SchemaError as error:
        raise FormatError(error.message, where="name") from None
    thing = None if category.isthing is None else bool(category.isthing)
    shade = _shade(category.color)
    return Entry(category.id, name, category.supercategory or None, skeleton, thing, shade)


def _skeleton(joints: list[str], edges: Pairs) -> Skeleton:
    # Edges count from 1; some tools count from 0, which the lowest index gives away.
    first = 0 if any(0 in edge for edge in edges) else 1
    pairs = [tuple(joint - first for joint in edge) for edge in edges]
    return Skeleton(joints, pairs)  # type: ignore[arg-type]


def _shade(color: Any) -> str | None:
    """Return a colour as ``#rrggbb``, None for what is none: panoptic COCO lists three numbers."""
    if isinstance(color, str):
        return color.lower() if _HEX.fullmatch(color) else None
    if not isinstance(color, list) or len(color) != 3:
        return None
    numbers = all(type(one) is int and 0 <= one < 256 for one in color)
    return f"#{bytes(color).hex()}" if numbers else None


# As COCO Annotator writes colours.
_HEX = re.compile("#[0-9a-fA-F]{6}")


def _fields(raw: msgspec.Raw, known: Collection[str]) -> dict[str, Any]:
    given = records.decode(raw, dict[str, Any])
    return {name: value for name, value in given.items() if name not in known}


def class_of(entry: Entry, tool: str, instances: bool = True) -> ObjectClass:
    """Return a category as a class; what LVIS says that it means is its description."""
    made = ObjectClass(
        entry.name, tool=tool, color=entry.color, skeleton=entry.skeleton, instances=instances
    )
    said = entry.fields.get("def")
    told = {"description": said if isinstance(said, str) else None, "parameters": entry.told}
    for name, one in told.items():
        # Each where it can be one.
        with suppress(SchemaError):
            made = msgspec.structs.replace(made, **{name: one})
    return made


def _retold(made: ObjectClass, entry: Entry | None) -> ObjectClass:
    """Return a class of ours with what its category says now, whoever has changed that."""
    if entry is None or entry.told == made.parameters:
        return made
    with suppress(SchemaError):
        made = msgspec.structs.replace(made, parameters=entry.told)
    return made
