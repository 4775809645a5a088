"""Storage options that were meant as something else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from inspect import Parameter, signature
from typing import Any

from labelwidgets.errors import SourceError

# As difflib measures it: one letter in five may be another.
_ALIKE = 0.8
_LOCAL = {"file", "local"}
# What every file system of fsspec takes, though no signature has it.
_COMMON = ("listings_expiry_time", "max_paths", "skip_instance_cache", "use_listings_cache")
_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def check_names(options: Iterable[str], parameters: Iterable[str]) -> None:
    """Raise SourceError for an option whose name is nearly that of a parameter.

    Any name may be an option of some file system, and those of this machine take all of them;
    so that ``erors="collect"`` would pass unheard.

    Parameters
    ----------
    options
        Names of the storage options.
    parameters
        Names of the parameters beside which they were given.
    """
    known = list(parameters)
    for name in sorted(set(options).difference(known)):
        meant = get_close_matches(name, known, 1, _ALIKE)
        if meant:
            raise SourceError(
                "is not known.", where=str(name)[:80], hint=f"Did you mean {meant[0]!r}?"
            )


def check_options(
    path: str | os.PathLike[str], options: Mapping[str, Any], parameters: Iterable[str]
) -> None:
    """Raise SourceError for an option that the place of one file cannot know.

    Of a path of this machine that is every option which its file system does not name; of any
    other one whose name is nearly that of a parameter, or of an option of that file system. A dict
    under the name of a protocol has the options for it alone, and is let be.

    Parameters
    ----------
    path
        A path or any URL of fsspec, also a chain of them.
    options
        The storage options.
    parameters
        Names of the parameters beside which they were given.
    """
    spoken, taken, others = _sorted_out(path, options)
    known = list(parameters)
    check_names(others, [*known, *taken])
    if others and spoken <= _LOCAL:
        own = ", ".join(sorted(set(known)))
        raise SourceError(
            "is not known, and a file of this machine has no such option.",
            where=sorted(others)[0][:80],
            hint=f"Known are {own}.",
        )


def unnamed(path: str | os.PathLike[str], options: Mapping[str, Any]) -> set[str]:
    """Return those of storage options that the place of a file does not name.

    File systems take what they do not know, most without a word.

    Parameters
    ----------
    path
        A path or any URL of fsspec, also a chain of them.
    options
        The storage options. A dict under the name of a protocol has the options for it alone, and
        is none of them.
    """
    return _sorted_out(path, options)[2]


def of_place(path: str | os.PathLike[str], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of storage options that the place of a file has a use for.

    Parameters
    ----------
    path
        A path or any URL of fsspec.
    options
        What several places are read and written with, such as the keys of a bucket: a path of
        this machine takes of them what its file system names.
    """
    text = os.fspath(path)
    if "://" in text and text.partition("://")[0] not in _LOCAL:
        return dict(options)
    known = {*_names_of("file"), *_COMMON}
    return {name: value for name, value in options.items() if name in known}


def _sorted_out(
    path: str | os.PathLike[str], options: Mapping[str, Any]
) -> tuple[set[str], set[str], set[str]]:
    """Return the protocols of a path, the options that they name, and those that they do not."""
    if not options:
        return set(), set(), set()
    import fsspec

    protocols = set(fsspec.available_protocols())
    theirs = {name for name in options if name in protocols and isinstance(options[name], Mapping)}
    spoken = {part.partition("://")[0] for part in os.fspath(path).split("::") if "://" in part}
    taken = {name for protocol in spoken or _LOCAL for name in _names_of(protocol)} | {*_COMMON}
    return spoken, taken, set(options) - theirs - taken


def _names_of(protocol: str) -> set[str]:
    """Return the options that the file system of a protocol names; none where it is not known."""
    import fsspec

    try:
        made = fsspec.get_filesystem_class(protocol)
    except (ImportError, ValueError):
        return set()
    return {
        name
        for base in made.__mro__
        if "__init__" in vars(base) and base is not object
        for name, one in signature(vars(base)["__init__"]).parameters.items()
        if one.kind in _NAMED and name != "self"
    }
