"""What may be said about an image: classes, their attributes, attributes of the image."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, cast

import msgspec

from labelwidgets.errors import OntologyError
from labelwidgets.schema.colors import CYCLE, parse_color
from labelwidgets.schema.geometry import GEOMETRY_TYPES
from labelwidgets.schema.hotkeys import check_clashes, normalise

MAX_TEXT = 10_000

AttributeValue: TypeAlias = str | list[str]


def _name(text: Any, where: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise OntologyError("must not be empty.", where=where)
    name = unicodedata.normalize("NFC", text)
    if len(name) > 200:
        raise OntologyError(
            f"is {len(name)} characters long, at most 200 are allowed.", where=where
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise OntologyError("must not hold control characters or half characters.", where=where)
    return name


def _first_double(names: Sequence[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


class _Attribute(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower, omit_defaults=True):
    """Base of the four kinds of questions.

    `shown_if` names another attribute and the answers to it for which this one
    is asked, such as ``{"occluded": ["partly", "fully"]}``.
    """

    name: str
    has_options: ClassVar[bool] = True

    def _set(self, **fields: Any) -> None:
        for key, value in fields.items():
            msgspec.structs.force_setattr(self, key, value)

    def __post_init__(self) -> None:
        self._set(name=_name(self.name, "attribute name"))
        where = f"attribute {self.name!r}"
        shown_if: Any = getattr(self, "shown_if", None)
        if shown_if is not None:
            self._set(
                shown_if={
                    key: [answers] if isinstance(answers, str) else list(answers)
                    for key, answers in shown_if.items()
                }
            )
        options: Any = getattr(self, "options", None)
        if options is None:
            return
        if isinstance(options, str) or not isinstance(options, Sequence) or not options:
            raise OntologyError("needs a list of options.", where=where)
        options = [_name(option, f"{where}, option") for option in options]
        double = _first_double(options)
        if double is not None:
            raise OntologyError(f"has the option {double!r} twice.", where=where)
        self._set(options=options)


class Text(_Attribute, frozen=True):
    """A question answered by free text of up to 10,000 characters."""

    required: bool = False
    shown_if: dict[str, list[str]] | None = None
    has_options: ClassVar[bool] = False


class Checkbox(_Attribute, frozen=True):
    """A question with several answers at once."""

    options: list[str]
    required: bool = False
    shown_if: dict[str, list[str]] | None = None


class Dropdown(_Attribute, frozen=True):
    """A question with one answer, chosen from a list that folds."""

    options: list[str]
    required: bool = False
    shown_if: dict[str, list[str]] | None = None


class Radio(_Attribute, frozen=True):
    """A question with one answer, chosen from buttons."""

    options: list[str]
    required: bool = False
    shown_if: dict[str, list[str]] | None = None


Attribute: TypeAlias = Text | Checkbox | Dropdown | Radio


def _check_attributes(attributes: Sequence[Attribute], where: str) -> list[Attribute]:
    seen: dict[str, Attribute] = {}
    for attribute in attributes:
        if not isinstance(attribute, Text | Checkbox | Dropdown | Radio):
            raise OntologyError(
                f"must be Text, Checkbox, Dropdown or Radio, not {type(attribute).__name__}.",
                where=f"{where}, attributes",
            )
        if attribute.name in seen:
            raise OntologyError(f"has the attribute {attribute.name!r} twice.", where=where)
        for other, answers in (attribute.shown_if or {}).items():
            place = f"{where}, attribute {attribute.name!r}, shown_if"
            if other not in seen:
                raise OntologyError(f"{other!r} is not an attribute before this one.", where=place)
            unknown = set(answers) - set(getattr(seen[other], "options", answers))
            if unknown:
                raise OntologyError(f"{unknown.pop()!r} is no answer to {other!r}.", where=place)
        seen[attribute.name] = attribute
    return list(attributes)


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
        joints = [_name(joint, "skeleton joint") for joint in self.joints]
        if not joints or len(set(joints)) < len(joints):
            raise OntologyError("needs joints with different names.", where="skeleton")
        for edge in self.edges:
            if len(edge) != 2 or not all(0 <= joint < len(joints) for joint in edge):
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


class ObjectClass(msgspec.Struct, frozen=True, omit_defaults=True):
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
        ``mask``, ``volumemask`` or ``tag``. Choosing the class takes this tool.
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
    """

    name: str
    color: str | None = None
    tool: str = "rectangle"
    hotkey: str | None = None
    attributes: list[Attribute] = []
    skeleton: Skeleton | None = None
    instances: bool = True

    def __post_init__(self) -> None:
        name = _name(self.name, "class name")
        where = f"class {name!r}"
        if self.tool not in GEOMETRY_TYPES:
            raise OntologyError(
                f"{str(self.tool)[:40]!r} is not a tool.",
                where=f"{where}, tool",
                hint="Use one of " + ", ".join(GEOMETRY_TYPES) + ".",
            )
        if self.tool == "keypoints" and self.skeleton is None:
            raise OntologyError("is needed for keypoints.", where=f"{where}, skeleton")
        color = None if self.color is None else parse_color(self.color, f"{where}, color")
        try:
            hotkey = None if self.hotkey is None else normalise(self.hotkey)
        except OntologyError as error:
            raise error.at(where) from None
        force = msgspec.structs.force_setattr
        force(self, "name", name)
        force(self, "color", color)
        force(self, "hotkey", hotkey)
        force(self, "attributes", _check_attributes(self.attributes, where))


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
    """

    classes: list[ObjectClass] = []
    image_attributes: list[Attribute] = []

    def __post_init__(self) -> None:
        classes: list[ObjectClass] = []
        for index, entry in enumerate(cast("list[ObjectClass | str]", self.classes)):
            made = ObjectClass(entry) if isinstance(entry, str) else entry
            if not isinstance(made, ObjectClass):
                raise OntologyError("must be an ObjectClass or a name.", where=f"classes[{index}]")
            classes.append(made)
        double = _first_double([made.name for made in classes])
        if double is not None:
            raise OntologyError("is there twice.", where=f"class {double!r}")
        used = {made.color for made in classes}
        free = [color for color in CYCLE if color not in used] or list(CYCLE)
        unpainted = 0
        for index, made in enumerate(classes):
            if made.color is None:
                color = free[unpainted % len(free)]
                classes[index] = msgspec.structs.replace(made, color=color)
                unpainted += 1
        check_clashes((made.hotkey, made.name) for made in classes if made.hotkey)
        msgspec.structs.force_setattr(self, "classes", classes)
        checked = _check_attributes(self.image_attributes, "image")
        msgspec.structs.force_setattr(self, "image_attributes", checked)

    def __getitem__(self, name: str) -> ObjectClass:
        for made in self.classes:
            if made.name == name:
                return made
        known = ", ".join(repr(made.name) for made in self.classes[:12]) or "none"
        raise OntologyError(
            f"{name!r} is not a class of the ontology.", hint=f"Its classes are: {known}."
        )

    def __contains__(self, name: object) -> bool:
        return any(made.name == name for made in self.classes)

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the JSON form: the version."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]

    def extend(
        self, classes: Iterable[ObjectClass | str] = (), image_attributes: Iterable[Attribute] = ()
    ) -> Ontology:
        """Return a new ontology with more classes and image attributes at its end."""
        return Ontology(
            cast("list[ObjectClass]", [*self.classes, *classes]),
            [*self.image_attributes, *image_attributes],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the ontology as plain dicts and lists."""
        return cast("dict[str, Any]", msgspec.to_builtins(self))

    def to_json(self) -> str:
        """Return the ontology as JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_dict(cls, data: Any) -> Ontology:
        """Make an ontology from plain dicts and lists; errors name the field."""
        try:
            return msgspec.convert(data, Ontology)
        except (msgspec.ValidationError, UnicodeEncodeError, RecursionError) as error:
            raise OntologyError(f"{error}.", where="ontology") from None

    @classmethod
    def from_json(cls, text: str | bytes) -> Ontology:
        """Make an ontology from JSON; errors name the field."""
        try:
            return msgspec.json.decode(text, type=Ontology)
        except (msgspec.DecodeError, RecursionError) as error:
            raise OntologyError(f"{error}.", where="ontology") from None

    @classmethod
    def of(cls, source: Ontology | Mapping[str, Any] | Sequence[ObjectClass | str]) -> Ontology:
        """Return an ontology from one, from its dict, or from a list of classes or names."""
        if isinstance(source, Ontology):
            return source
        if isinstance(source, Mapping):
            return cls.from_dict(source)
        if isinstance(source, str | bytes) or not isinstance(source, Iterable):
            raise OntologyError(
                f"must be an Ontology or a list of classes, not {source!r:.80}.",
                where="ontology",
                hint='Write one class as ["car"].',
            )
        return cls(cast("list[ObjectClass]", list(source)))
