"""Ontologies after work began: renaming and retiring, each giving a new ontology."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from labelwidgets.errors import OntologyError
from labelwidgets.schema.attributes import Attribute, Text
from labelwidgets.schema.ontology import ObjectClass, Ontology

Thing = TypeVar("Thing", ObjectClass, Attribute)


def rename_class(ontology: Ontology, old: str, new: str) -> Ontology:
    """Return an ontology in which a class has another name, and remembers the old one."""
    return _with_class(ontology, old, lambda made: _renamed(made, new))


def retire_class(ontology: Ontology, name: str, retired: bool = True) -> Ontology:
    """Return an ontology in which a class is no longer offered, or is again."""
    return _with_class(ontology, name, lambda made: msgspec.structs.replace(made, retired=retired))


def rename_attribute(
    ontology: Ontology, old: str, new: str, class_name: str | None = None
) -> Ontology:
    """Return an ontology in which a question has another name; of the image without a class."""
    return _with_attribute(ontology, old, class_name, lambda made: _renamed(made, new))


def retire_attribute(
    ontology: Ontology, name: str, class_name: str | None = None, retired: bool = True
) -> Ontology:
    """Return an ontology in which a question is no longer asked, or is again."""
    return _with_attribute(
        ontology, name, class_name, lambda made: msgspec.structs.replace(made, retired=retired)
    )


def rename_option(
    ontology: Ontology, attribute: str, old: str, new: str, class_name: str | None = None
) -> Ontology:
    """Return an ontology in which an option of a question is called otherwise."""

    def change(made: Attribute) -> Attribute:
        if isinstance(made, Text) or old not in made.valid_options:
            raise OntologyError(f"has no option {old!r}.", where=f"attribute {made.name!r}")
        former = {name: new if now == old else now for name, now in made.former_options.items()}
        return msgspec.structs.replace(
            made,
            options=[new if one == old else one for one in made.options],
            retired_options=[new if one == old else one for one in made.retired_options],
            former_options={**former, old: new},
        )

    return _with_attribute(ontology, attribute, class_name, change)


def _renamed(thing: Thing, name: str) -> Thing:
    return msgspec.structs.replace(thing, name=name, formerly=[*thing.formerly, thing.name])


def _with_class(
    ontology: Ontology, name: str, change: Callable[[ObjectClass], ObjectClass]
) -> Ontology:
    found = ontology[name]
    classes = [change(made) if made is found else made for made in ontology.classes]
    return Ontology(classes, ontology.image_attributes, ontology.windows)


def _with_attribute(
    ontology: Ontology,
    name: str,
    class_name: str | None,
    change: Callable[[Attribute], Attribute],
) -> Ontology:
    if class_name is None:
        asked = _changed(ontology.image_attributes, name, "image", change)
        return Ontology(ontology.classes, asked, ontology.windows)

    def of_class(made: ObjectClass) -> ObjectClass:
        where = f"class {made.name!r}"
        return msgspec.structs.replace(
            made, attributes=_changed(made.attributes, name, where, change)
        )

    return _with_class(ontology, class_name, of_class)


def _changed(
    attributes: list[Attribute], name: str, where: str, change: Callable[[Attribute], Attribute]
) -> list[Attribute]:
    found = next((one for one in attributes if name == one.name), None)
    found = found or next((one for one in attributes if name in one.formerly), None)
    if found is None:
        known = ", ".join(repr(one.name) for one in attributes[:12]) or "none"
        raise OntologyError(
            f"{name!r} is not an attribute.", where=where, hint=f"There are: {known}."
        )
    return [change(one) if one is found else one for one in attributes]
