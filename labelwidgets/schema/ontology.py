"""What may be said about an image: classes, their attributes, attributes of the image."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from labelwidgets.errors import OntologyError
from labelwidgets.schema.attributes import Attribute as Attribute
from labelwidgets.schema.attributes import AttributeValue as AttributeValue
from labelwidgets.schema.attributes import Checkbox as Checkbox
from labelwidgets.schema.attributes import Dropdown as Dropdown
from labelwidgets.schema.attributes import Growing, check_attributes
from labelwidgets.schema.attributes import Radio as Radio
from labelwidgets.schema.attributes import Text as Text
from labelwidgets.schema.colors import free_colors, parse_color
from labelwidgets.schema.geometries import DRAWN
from labelwidgets.schema.hotkeys import check_clashes, normalise
from labelwidgets.schema.measuring import AXES, MEASURING
from labelwidgets.schema.misfits import in_words
from labelwidgets.schema.names import (
    check_code,
    check_description,
    check_former,
    check_former_apart,
    check_name,
    check_parameters,
    first_double,
)
from labelwidgets.schema.windows import WindowPreset as WindowPreset
from labelwidgets.schema.windows import check_windows


class Skeleton(msgspec.Struct, frozen=True, omit_defaults=True):
    """The joints of a class of keypoints.

    Parameters
    ----------
    joints
        Names of the joints, in the order of `Keypoints.points`.
    edges
        Pairs of indices from 0 of joints that are drawn connected.
    positions
        Where the joints lie in a template, (x, y) of each from 0 to 1, x right
        and y down. With it, dragging a box places all joints at once. None
        without a template.
    """

    joints: list[str]
    edges: list[tuple[int, int]] = []
    positions: list[tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        given: Any = self.joints
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise OntologyError("needs a list of joints.", where="skeleton, joints")
        joints = [check_name(joint, "skeleton joint") for joint in given]
        if not joints or len(set(joints)) < len(joints):
            raise OntologyError("needs joints with different names.", where="skeleton")
        for edge in cast("list[Any]", self.edges):
            pair = isinstance(edge, Sequence) and len(edge) == 2
            if not pair or not all(type(joint) is int for joint in edge):
                raise OntologyError(
                    f"must be pairs of indices from 0, not {edge!r:.60}.", where="skeleton, edges"
                )
            if not all(0 <= joint < len(joints) for joint in edge):
                raise OntologyError(f"has an edge to a missing joint: {edge}.", where="skeleton")
        msgspec.structs.force_setattr(self, "joints", joints)
        msgspec.structs.force_setattr(self, "edges", [tuple(edge) for edge in self.edges])
        if self.positions is not None:
            positions = _positions(self.positions, len(joints))
            msgspec.structs.force_setattr(self, "positions", positions)


def _positions(given: Any, count: int) -> list[tuple[float, float]]:
    where = "skeleton, positions"
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) != count:
        raise OntologyError(f"must be a list of {count} pairs, one for each joint.", where=where)
    positions = []
    for pair in given:
        numbers = isinstance(pair, Sequence) and all(
            isinstance(number, int | float) and not isinstance(number, bool) for number in pair
        )
        # Written so that NaN is refused too.
        if not numbers or len(pair) != 2 or not all(0 <= number <= 1 for number in pair):
            raise OntologyError(f"must be x and y from 0 to 1, not {pair!r:.60}.", where=where)
        positions.append((float(pair[0]), float(pair[1])))
    return positions


class ObjectClass(Growing, frozen=True, omit_defaults=True):
    """A class of objects.

    Parameters
    ----------
    name
        What it is called, unique in its ontology.
    color
        ``#rrggbb``; None takes the next of a colour-blind-safe cycle.
    tool
        The geometry that it is drawn with: one of ``rectangle``, ``ellipse``,
        ``polygon``, ``polyline``, ``point``, ``keypoints``, ``cuboid``,
        ``mask``, ``volumemask`` or ``tag``. Choosing the class takes this tool. Or what
        it measures: ``ruler`` and ``angle`` are stored as polylines of two and three points,
        ``bidirectional`` as keypoints, the ends of a long and a short axis.
    hotkey
        Such as ``Shift+C``. The first nine classes also have the keys 1 to 9.
    attributes
        Questions about each object of the class.
    skeleton
        The joints, for ``tool="keypoints"``.
    instances
        Whether each object is labelled by itself. False is for what cannot be
        counted, such as sky or road ("stuff"): all that is painted of the
        class on an image goes into one mask.
    code
        What it is in a terminology, as DICOM's codes (PS3.3, 8.8): the scheme, the value and
        the meaning, such as ``("SCT", "10200004", "Liver")``. Files of DICOM carry it.
    parameters
        What a file says of it beside that, such as COCO's ``supercategory`` or LVIS's ``synset``;
        files that have a place for it have it again.
    description, retired, formerly
        As for a question: what it means, whether it is no longer offered, and former names.
    """

    name: str
    color: str | None = None
    tool: str = "rectangle"
    hotkey: str | None = None
    attributes: list[Attribute] = msgspec.field(default_factory=list)
    skeleton: Skeleton | None = None
    instances: bool = True
    code: tuple[str, str, str] | None = None
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        name = check_name(self.name, "class name")
        where = f"class {name!r}"
        if self.tool not in DRAWN and self.tool not in MEASURING:
            raise OntologyError(
                f"{str(self.tool)[:40]!r} is not a tool.",
                where=f"{where}, tool",
                hint="Use one of " + ", ".join((*DRAWN, *MEASURING)) + ".",
            )
        if self.tool == "bidirectional":
            axes = Skeleton(list(AXES[0]), list(AXES[1]))
            if self.skeleton is not None and self.skeleton != axes:
                raise OntologyError(
                    "is that of the two axes, and no other.",
                    where=f"{where}, skeleton",
                    hint='Leave it out, or use tool="keypoints".',
                )
            msgspec.structs.force_setattr(self, "skeleton", axes)
        if self.tool == "keypoints" and self.skeleton is None:
            raise OntologyError("is needed for keypoints.", where=f"{where}, skeleton")
        color = None if self.color is None else parse_color(self.color, f"{where}, color")
        try:
            hotkey = None if self.hotkey is None else normalise(self.hotkey)
        except OntologyError as error:
            raise error.at(where) from None
        force = msgspec.structs.force_setattr
        force(self, "name", name)
        force(self, "description", check_description(self.description, f"{where}, description"))
        force(self, "formerly", check_former(self.formerly, name, where))
        force(self, "color", color)
        force(self, "hotkey", hotkey)
        force(self, "attributes", check_attributes(self.attributes, where))
        force(self, "code", check_code(self.code, f"{where}, code"))
        if self.parameters:
            check_parameters(self.parameters, f"{where}, parameters")


# The class of the tags that mark key slices: every ontology has it without saying so.
KEY_SLICE = "Key slice"
_MARK = ObjectClass(KEY_SLICE, tool="tag")


class Ontology(msgspec.Struct, frozen=True, omit_defaults=True):
    """The classes and image attributes of a project.

    An ontology never changes; `extend` makes a new one with more in it, and
    labels made under the old one stay valid.

    Parameters
    ----------
    classes
        Classes of objects; a plain string is a class drawn with rectangles.
    image_attributes
        Questions about each image as a whole.
    windows
        Windows that are offered beside those that every scan has.
    """

    classes: list[ObjectClass] = []
    image_attributes: list[Attribute] = []
    windows: list[WindowPreset] = []

    def __post_init__(self) -> None:
        classes: list[ObjectClass] = []
        for index, entry in enumerate(cast("list[ObjectClass | str]", self.classes)):
            made = ObjectClass(entry) if isinstance(entry, str) else entry
            if not isinstance(made, ObjectClass):
                raise OntologyError("must be an ObjectClass or a name.", where=f"classes[{index}]")
            classes.append(made)
        double = first_double([made.name for made in classes])
        if double is not None:
            raise OntologyError("is there twice.", where=f"class {double!r}")
        free = free_colors({made.color for made in classes})
        for index, made in enumerate(classes):
            if made.color is None:
                classes[index] = msgspec.structs.replace(made, color=next(free))
        check_former_apart([(made.name, made.formerly) for made in classes], "class")
        check_clashes(
            (made.hotkey, made.name) for made in classes if made.hotkey and not made.retired
        )
        msgspec.structs.force_setattr(self, "classes", classes)
        checked = check_attributes(self.image_attributes, "image")
        msgspec.structs.force_setattr(self, "image_attributes", checked)
        msgspec.structs.force_setattr(self, "windows", check_windows(self.windows))

    def _repr_html_(self) -> str:
        from labelwidgets.schema.ontology_page import ontology_page

        return ontology_page(self)

    def __getitem__(self, name: str) -> ObjectClass:
        found = self._find(name)
        if found is not None:
            return found
        if name == KEY_SLICE:
            return _MARK
        known = ", ".join(repr(made.name) for made in self.classes[:12]) or "none"
        raise OntologyError(
            f"{name!r} is not a class of the ontology.", hint=f"Its classes are: {known}."
        )

    def __contains__(self, name: object) -> bool:
        return self._find(name) is not None

    def _find(self, name: object) -> ObjectClass | None:
        """Return a class by its name or by one that it had before."""
        for made in self.classes:
            if made.name == name:
                return made
        return next((made for made in self.classes if name in made.formerly), None)

    @property
    def offered(self) -> list[ObjectClass]:
        """The classes that are not retired."""
        return [made for made in self.classes if not made.retired]

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the JSON form: the version."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]

    def extend(
        self,
        classes: Iterable[ObjectClass | str] = (),
        image_attributes: Iterable[Attribute] = (),
        windows: Iterable[WindowPreset] = (),
    ) -> Ontology:
        """Return a new ontology with more classes, image attributes and windows at its end."""
        return Ontology(
            cast("list[ObjectClass]", [*self.classes, *listed_classes(classes)]),
            [*self.image_attributes, *image_attributes],
            [*self.windows, *windows],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the ontology as plain dicts and lists."""
        return cast("dict[str, Any]", msgspec.to_builtins(self))

    def to_json(self) -> str:
        """Return the ontology as JSON."""
        return msgspec.json.encode(self).decode()

    def to_python(self) -> str:
        """Return the Python that makes the ontology, after ``import labelwidgets as lw``."""
        from labelwidgets.schema.code import to_python

        return to_python(self)

    @classmethod
    def from_dict(cls, data: Any) -> Ontology:
        """Make an ontology from plain dicts and lists; errors name the field."""
        try:
            return msgspec.convert(data, Ontology)
        except msgspec.ValidationError as error:
            raise in_words(error).at(OntologyError, "ontology") from None
        except (UnicodeEncodeError, RecursionError) as error:
            raise OntologyError(f"{error}.", where="ontology") from None

    @classmethod
    def from_json(cls, text: str | bytes) -> Ontology:
        """Make an ontology from JSON; errors name the field."""
        try:
            return msgspec.json.decode(text, type=Ontology)
        except msgspec.ValidationError as error:
            raise in_words(error).at(OntologyError, "ontology") from None
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise OntologyError(f"{error}.", where="ontology") from None

    @classmethod
    def of(cls, source: Ontology | Mapping[str, Any] | Sequence[ObjectClass | str]) -> Ontology:
        """Return an ontology from one, from its dict, or from a list of classes or names."""
        if isinstance(source, Ontology):
            return source
        if isinstance(source, Mapping):
            return cls.from_dict(source)
        return cls(cast("list[ObjectClass]", listed_classes(source)))


def listed_classes(source: Any) -> list[ObjectClass | str]:
    """Return classes as a list.

    Raises
    ------
    OntologyError
        If they are one word, whose letters are meant for no classes, or none that can be listed.
    """
    if isinstance(source, str | bytes) or not isinstance(source, Iterable):
        raise OntologyError(
            f"must be an Ontology or a list of classes, not {source!r:.80}.",
            where="ontology",
            hint='Write one class as ["car"].',
        )
    return list(source)
