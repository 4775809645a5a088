"""What differs between two ontologies, and what labels made under the first need of the second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec

from labelwidgets.errors import OntologyError
from labelwidgets.schema.attributes import Attribute, Dropdown, Radio, Text
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.renames import IMAGE, Renames, questions

ChangeKind: TypeAlias = Literal[
    "added", "renamed", "retired", "restored", "removed", "changed", "recast"
]
Place: TypeAlias = Callable[[str], tuple[str, str | None]]
Thing = TypeVar("Thing", ObjectClass, Attribute)


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One difference between two ontologies.

    Parameters
    ----------
    kind
        ``added``, ``renamed``, ``retired``, ``restored``, ``removed``, ``changed``; or ``recast``
        where labels of the old kind would not fit the new one: answers that are no longer of the
        right type, or keypoints with another number of joints.
    class_name
        The class, by its new name; ``""`` for the image.
    attribute, option
        The question and the option, by their new names; None where it is about the whole
        class or question.
    before
        The former name of what was renamed.
    """

    kind: ChangeKind
    class_name: str
    attribute: str | None = None
    option: str | None = None
    before: str | None = None

    @property
    def what(self) -> str:
        """What changed, in words."""
        if self.attribute is None:
            text = f"class {self.class_name!r}"
        elif self.class_name == IMAGE:
            text = f"image attribute {self.attribute!r}"
        else:
            text = f"attribute {self.attribute!r} of {self.class_name!r}"
        if self.option is not None:
            text = f"option {self.option!r} of {text}"
        return f"{text}, formerly {self.before!r}" if self.before else text


class Comparison(msgspec.Struct, frozen=True):
    """What takes one ontology to another.

    Parameters
    ----------
    changes
        One for each class, question and option that differs, in the order of the new ontology.
    renames
        From the old names to the new ones.
    """

    changes: list[Change]
    renames: Renames


def compare(old: Ontology, new: Ontology) -> Comparison:
    """Return what takes one ontology to another.

    Something is the same in both if it has the same name, or if its old name is one of the
    former names of the new one.

    Raises
    ------
    OntologyError
        If two things of the old ontology would become one.
    """
    pairs = _pairs(old.classes, new.classes, "class")
    renames = Renames({was.name: now.name for was, now in pairs if was and was.name != now.name})
    changes = list(_changes(pairs, old.classes, lambda name: (name, None)))
    known = {now.name: was for was, now in pairs}
    for owner, asked in questions(new).items():
        was = known.get(owner)
        before = old.image_attributes if owner == IMAGE else was.attributes if was else []
        if owner != IMAGE and was is None:
            continue  # a new class is one change, with all that it has
        changes += _compare_questions(owner, before, asked, renames)
    return Comparison(changes, renames)


def _compare_questions(
    owner: str, old: Sequence[Attribute], new: Sequence[Attribute], renames: Renames
) -> Iterator[Change]:
    place = "image attribute" if owner == IMAGE else f"class {owner!r}, attribute"
    pairs = _pairs(old, new, place)
    names = {was.name: now.name for was, now in pairs if was and was.name != now.name}
    if names:
        renames.attributes[owner] = names
    yield from _changes(pairs, old, lambda name: (owner, name))
    for was, now in pairs:
        if was is None or isinstance(was, Text) or isinstance(now, Text):
            continue
        moved = {
            option: now.former_options[option]
            for option in was.valid_options
            if option in now.former_options
        }
        double = [one for one in moved.values() if one in was.valid_options]
        if double or len(set(moved.values())) < len(moved):
            raise OntologyError(
                "would become one option with another one.",
                where=f"{place} {now.name!r}, option {next(iter(moved))!r}",
                hint="Keep both, or take one out.",
            )
        if moved:
            renames.options.setdefault(owner, {})[now.name] = moved
        yield from _compare_options(owner, was, now, moved)


def _compare_options(owner: str, was: Any, now: Any, moved: Mapping[str, str]) -> Iterator[Change]:
    back = {new: old for old, new in moved.items()}
    for option in now.valid_options:
        former = back.get(option, option)
        retired = option in now.retired_options
        if option in back:
            yield Change("renamed", owner, now.name, option, before=former)
        if former not in was.valid_options:
            yield Change("added", owner, now.name, option)
        elif retired != (former in was.retired_options):
            yield Change("retired" if retired else "restored", owner, now.name, option)
    for option in was.valid_options:
        if option not in now.valid_options and option not in moved:
            yield Change("removed", owner, now.name, option)


def _pairs(
    old: Sequence[Thing], new: Sequence[Thing], place: str
) -> list[tuple[Thing | None, Thing]]:
    """Return each new thing with the old one that it was."""
    before = {one.name: one for one in old}
    taken = {one.name for one in new}
    pairs: list[tuple[Thing | None, Thing]] = []
    for now in new:
        found = [now.name] if now.name in before else []
        found += [name for name in now.formerly if name in before and name not in taken]
        if len(found) > 1:
            raise OntologyError(
                f"would become one with {found[1]!r}.",
                where=f"{place} {found[0]!r}",
                hint="Keep both; one of them can be retired.",
            )
        pairs.append((before[found[0]] if found else None, now))
    return pairs


def _changes(
    pairs: Sequence[tuple[Thing | None, Thing]], old: Sequence[Thing], place: Place
) -> Iterator[Change]:
    kept = {was.name for was, _ in pairs if was}
    for was, now in pairs:
        owner, attribute = place(now.name)
        if was is None:
            yield Change("added", owner, attribute)
            continue
        if was.name != now.name:
            yield Change("renamed", owner, attribute, before=was.name)
        if was.retired != now.retired:
            yield Change("retired" if now.retired else "restored", owner, attribute)
        if _is_recast(was, now):
            yield Change("recast", owner, attribute)
        elif _rest(was) != _rest(now):
            yield Change("changed", owner, attribute)
    for one in old:
        if one.name not in kept:
            yield Change("removed", *place(one.name))


def _is_recast(was: ObjectClass | Attribute, now: ObjectClass | Attribute) -> bool:
    if isinstance(was, ObjectClass) and isinstance(now, ObjectClass):
        joints = [len(one.skeleton.joints) for one in (was, now) if one.skeleton]
        return len(set(joints)) > 1
    single = isinstance(was, Radio | Dropdown) and isinstance(now, Radio | Dropdown | Text)
    return type(was) is not type(now) and not single


def _rest(thing: ObjectClass | Attribute) -> dict[str, Any]:
    """Return what else there is to a class or a question than what changes of its own are for."""
    fields = msgspec.structs.asdict(thing) | {"type": type(thing).__name__}
    own = ("name", "formerly", "retired", "attributes", "retired_options", "former_options")
    kept = {name: value for name, value in fields.items() if name not in own}
    if "options" in kept:
        kept["options"] = None
    return kept


def inherit(old: Ontology, new: Ontology) -> Ontology:
    """Return the new ontology with the former names and retired options of the old one.

    An ontology that is written down anew, in a notebook, say, knows nothing of them. What it
    uses as a name of its own is no former name any more.

    Raises
    ------
    OntologyError
        If two things of the old ontology would become one.
    """
    classes = []
    names = {one.name for one in new.classes}
    for was, now in _pairs(old.classes, new.classes, "class"):
        if was is not None:
            asked = _inherit_questions(was.attributes, now.attributes, f"class {now.name!r}")
            now = msgspec.structs.replace(now, formerly=_former(was, now, names), attributes=asked)
        classes.append(now)
    image = _inherit_questions(old.image_attributes, new.image_attributes, "image attribute")
    return Ontology(classes, image, new.windows)


def _inherit_questions(
    old: Sequence[Attribute], new: Sequence[Attribute], place: str
) -> list[Attribute]:
    names = {one.name for one in new}
    made: list[Attribute] = []
    for was, now in _pairs(old, new, place):
        if was is None:
            made.append(now)
            continue
        fields: dict[str, Any] = {"formerly": _former(was, now, names)}
        if not isinstance(was, Text) and not isinstance(now, Text):
            valid = {*now.valid_options, *was.valid_options} - set(now.former_options)
            former = {
                name: now.former_options.get(current, current)
                for name, current in (was.former_options | now.former_options).items()
            }
            fields["former_options"] = {
                name: current
                for name, current in former.items()
                if name not in now.options and current in valid
            }
            fields["retired_options"] = [
                *now.retired_options,
                *(
                    one
                    for one in was.valid_options
                    if one not in now.valid_options and one not in now.former_options
                ),
            ]
        made.append(msgspec.structs.replace(now, **fields))
    return made


def _former(was: Thing, now: Thing, names: set[str]) -> list[str]:
    every = [*was.formerly, *([was.name] if was.name != now.name else []), *now.formerly]
    return [name for name in dict.fromkeys(every) if name not in names]
