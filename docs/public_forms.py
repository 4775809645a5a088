"""Lets the reference show writers and readers of formats as they are called.

griffe reads what stands in the source, where a format has only its own options: see
`labelwidgets.formats.public_forms`.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import griffe

KINDS = {"writer", "reader"}


class PublicForms(griffe.Extension):
    """Gives every function that is decorated with one of `KINDS` its signature and docstring."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Look at all functions, once the whole package is known."""
        for made in _functions(pkg):
            if KINDS & {_name_of(one) for one in made.decorators}:
                _become(made, getattr(import_module(made.module.path), made.name))


def _functions(module: griffe.Module) -> list[griffe.Function]:
    found = [it for it in module.functions.values() if not it.is_alias]
    for inner in module.modules.values():
        found += [] if inner.is_alias else _functions(inner)
    return found


def _name_of(decorator: griffe.Decorator) -> str:
    return str(decorator.value).split("(")[0]


def _become(made: griffe.Function, called: Any) -> None:
    static = {one.name: one for one in made.parameters}
    form = inspect.signature(called)
    made.parameters = griffe.Parameters(
        *(static.get(name) or _parameter(one) for name, one in form.parameters.items())
    )
    made.returns = str(form.return_annotation)
    made.docstring = griffe.Docstring(
        inspect.getdoc(called) or "", parent=made, parser=made.docstring.parser
    )


def _parameter(one: inspect.Parameter) -> griffe.Parameter:
    return griffe.Parameter(
        one.name,
        annotation=str(one.annotation),
        kind=griffe.ParameterKind(one.kind.description),
        default=None if one.default is one.empty else repr(one.default),
    )
