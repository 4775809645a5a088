"""The public form of a reader or writer: what all of its kind are told, and its own options.

A format says only what is its own. What all of a kind are told is said once, by the signature and
the docstring of the class that takes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import update_wrapper
from inspect import Parameter, cleandoc, signature
from typing import Any

_SECTION = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\S.*)\n((?:(?: .*)?\n)+)", re.MULTILINE)


def public_form(
    call: Callable[..., Any], own: Callable[..., Any], told: type, names: Iterable[str]
) -> tuple[str, ...]:
    """Give a function the signature and docstring that its callers see.

    Parameters
    ----------
    call
        The function: its positional parameters come first, what it takes by any name last.
    own
        What it calls, with a `told` and with the options of the format by name. Its docstring
        says what is of the format: what it says of a name takes the place of what `told` says.
    told
        The class of what is told to all; its parameters of these names come before the options.
    names
        Of these parameters.

    Returns
    -------
    tuple
        The names of the options of the format.
    """
    form, shared = signature(call), signature(told).parameters
    options = [one for one in signature(own).parameters.values() if one.kind is one.KEYWORD_ONLY]
    *first, rest = form.parameters.values()
    made = [*first, *(shared[name] for name in names), *options, rest]
    update_wrapper(call, own)
    call.__signature__ = form.replace(parameters=made)  # type: ignore[attr-defined]
    call.__doc__ = public_docstring(own.__doc__ or "", told.__doc__ or "", [*map(_spelt, made)])
    return tuple(one.name for one in options)


def public_docstring(own: str, told: str, names: Sequence[str]) -> str:
    """Return a docstring with what another one says of parameters of these names, and of errors."""
    about, mine = _sections(own)
    _, theirs = _sections(told)
    raised = [name for some in (theirs, mine) for name in _named(some.get("Raises", ""))]
    parts = [about]
    for title, order in (("Parameters", names), ("Raises", raised)):
        entries = list(_entries(mine.get(title, "")))
        said = _named(mine.get(title, ""))
        for some, text in _entries(theirs.get(title, "")):
            left = [name for name in some if name in order and name not in said]
            if left:
                entries.append((left, text))
        entries.sort(key=lambda entry: order.index(entry[0][0]))
        lines = "\n".join(f"{', '.join(some)}\n{text}" for some, text in entries)
        parts.append(f"{title}\n{'-' * len(title)}\n{lines}")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _spelt(parameter: Parameter) -> str:
    return f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else parameter.name


def _sections(docstring: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the sections of a docstring, and the sections by their titles."""
    about, *rest = _SECTION.split(cleandoc(docstring))
    return about, dict(zip(rest[::2], rest[1::2], strict=True))


def _named(section: str) -> list[str]:
    return [name for names, _ in _entries(section) for name in names]


def _entries(section: str) -> Iterator[tuple[list[str], str]]:
    """Return the names of each entry of a section, and what it says of them."""
    for names, text in _ENTRY.findall(section.strip() + "\n"):
        yield names.split(", "), text.rstrip()
