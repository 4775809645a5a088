"""What all archives have: members that are places, and members that are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.places import Place
from labelwidgets.media.urls import masked
from labelwidgets.numbered import numbered

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_SEPARATORS = re.compile(r"[/\\]")
LONGEST_NAME = 4096


class Archive(Protocol):
    """An archive whose index was read."""

    @property
    def faults(self) -> dict[str, LabelwidgetsError]:
        """Why members are refused, by name; the empty name is the archive itself."""
        ...

    def names(self) -> Iterable[str]:
        """Return the names of the members that can be read."""
        ...

    def member(self, name: str) -> Place:
        """Return where a member that can be read lies."""
        ...


def member_of(archive: str, name: str) -> str:
    """Return how errors name a member."""
    shown = name if len(name) <= 200 else f"{name[:200]}..."
    return f"{masked(archive)}, member {ascii(shown) if _CONTROL.search(shown) else repr(shown)}"


def fault(archive: str, name: str, what: str, hint: str | None = None) -> SourceError:
    """Return the error of one member."""
    return SourceError(what, where=member_of(archive, name), hint=hint)


def check_name(archive: str, name: str) -> None:
    """Refuse a name that leads out of the archive, or that no URL can hold.

    Raises
    ------
    SourceError
        If it is absolute, has ``..`` in it, control characters or ``::``, is not
        Unicode, or is longer than a path can be.
    """
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        raise fault(archive, name, "has an absolute path, which leads out of the archive.")
    if ".." in _SEPARATORS.split(name):
        raise fault(archive, name, "has a path with '..', which leads out of the archive.")
    if _CONTROL.search(name) or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise fault(archive, name, "has a name that is not plain Unicode text.")
    if "::" in name:
        raise fault(archive, name, "has '::' in its name, which no URL of it can hold.")
    if len(name) > LONGEST_NAME:
        raise fault(archive, name, f"has a name of {numbered(len(name), 'letter')}.")
