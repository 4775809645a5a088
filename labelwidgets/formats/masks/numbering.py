"""Which number a label has in a picture, and which object of its class it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, TypeAlias

from labelwidgets.formats.frame_masks import AREA_KINDS
from labelwidgets.formats.masks.legend import Part
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Track

By: TypeAlias = Literal["classes", "instances"]
MAX_INSTANCE = 10**9


class Numbering:
    """The parts of labels.

    Parameters
    ----------
    annotations
        All labels: those of one object have the same `track_id`.
    ontology
        Of classes without instances all labels are one part.
    by
        ``classes`` or ``instances``.

    Attributes
    ----------
    parts
        All of them in the order of the ontology; with ``by="classes"`` one for each class.
    """

    def __init__(self, annotations: Sequence[Annotation], ontology: Ontology, by: By) -> None:
        self._apart = {made.name for made in ontology.classes if made.instances}
        self._counted = self._apart if by == "instances" else set()
        self._numbers = self._instances(annotations)
        order = {made.name: at for at, made in enumerate(ontology.classes)}
        if by == "classes":
            self.parts = [Part(name) for name in order]
            return
        found = {
            Part(name, number) for (_, name), of in self._numbers.items() for number in of.values()
        }
        found |= {
            Part(one.class_name)
            for one in annotations
            if one.class_name in order and one.class_name not in self._counted and _has_area(one)
        }
        self.parts = sorted(found, key=lambda part: (order.get(part.name, 0), part.instance or 0))

    def part(self, label: Annotation) -> Part:
        """Return the part of a label that has an area."""
        name = label.class_name or ""
        if name not in self._counted:
            return Part(name)
        return Part(name, self._numbers[label.item_id, name][_object(label)])

    def merges(self, part: Part) -> bool:
        """Say whether objects that could be told apart are one part."""
        return part.instance is None and part.name in self._apart

    def _instances(
        self, annotations: Sequence[Annotation]
    ) -> dict[tuple[str, str], dict[str, int]]:
        """Return the numbers of objects by item and class: those they came with, where free."""
        said: dict[tuple[str, str], dict[str, int | None]] = defaultdict(dict)
        for label in annotations:
            if label.class_name in self._counted and _has_area(label):
                number = label.origin.parameters.get("instance")
                whole = isinstance(number, int) and not isinstance(number, bool)
                objects = said[label.item_id, label.class_name]
                if isinstance(number, int) and whole and 0 < number < MAX_INSTANCE:
                    objects.setdefault(_object(label), number)
                else:
                    objects.setdefault(_object(label), None)
        made: dict[tuple[str, str], dict[str, int]] = {}
        for key, objects in said.items():
            numbers: dict[str, int] = {}
            used: set[int] = set()
            for one, number in objects.items():
                if number is not None and number not in used:
                    numbers[one] = number
                    used.add(number)
            following = 1
            for one in objects:
                if one not in numbers:
                    while following in used:
                        following += 1
                    numbers[one] = following
                    used.add(following)
            made[key] = numbers
        return made


def _object(label: Annotation) -> str:
    return label.track_id or label.id


def _has_area(label: Annotation) -> bool:
    shape = label.geometry
    if isinstance(shape, VolumeMask):
        return True
    return (shape.shape_type if isinstance(shape, Track) else shape.type) in AREA_KINDS
