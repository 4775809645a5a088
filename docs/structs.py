"""Lets the reference show how structs and named tuples are made: griffe knows dataclasses only."""

from __future__ import annotations

from typing import Any

import griffe

KINDS = {"msgspec.Struct", "Struct", "NamedTuple", "typing.NamedTuple"}


class Structs(griffe.Extension):
    """Gives every class that derives from one of `KINDS` the `__init__` that it has."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Look at all classes, once the whole package is known."""
        for made in _classes(pkg):
            if "__init__" not in made.members and _is_struct(made):
                made.set_member("__init__", _init(made))


def _classes(module: griffe.Module) -> list[griffe.Class]:
    found = [it for it in module.classes.values() if not it.is_alias]
    for inner in module.modules.values():
        found += [] if inner.is_alias else _classes(inner)
    return found


def _is_struct(made: griffe.Class) -> bool:
    names = {str(base) for base in made.bases}
    return bool(names & KINDS) or any(map(_is_struct, _parents(made)))


def _parents(made: griffe.Class) -> list[griffe.Class]:
    return [it for it in made.resolved_bases if isinstance(it, griffe.Class)]


def _fields(made: griffe.Class) -> dict[str, griffe.Attribute]:
    fields: dict[str, griffe.Attribute] = {}
    for parent in _parents(made):
        fields |= _fields(parent)
    own = {
        name: it
        for name, it in made.attributes.items()
        if it.annotation is not None
        and "property" not in it.labels
        and "ClassVar" not in str(it.annotation)
    }
    return fields | own


def _init(made: griffe.Class) -> griffe.Function:
    only_by_name = str(made.keywords.get("kw_only")) == "True"
    kind = griffe.ParameterKind
    parameters = [
        griffe.Parameter(
            name,
            annotation=field.annotation,
            default=field.value,
            kind=kind.keyword_only if only_by_name else kind.positional_or_keyword,
        )
        for name, field in _fields(made).items()
    ]
    return griffe.Function(
        "__init__",
        parameters=griffe.Parameters(griffe.Parameter("self"), *parameters),
        returns="None",
        parent=made,
    )
