"""A single file that is gzipped (RFC 1952), as an archive of one member."""

from __future__ import annotations

from collections.abc import Iterable

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.archives.inflate import GZIP, Inflated
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place
from labelwidgets.media.urls import file_name


class GzipArchive:
    """A gzipped file; the one member is called like it, without the ``.gz``.

    Parameters
    ----------
    place
        Where it lies.
    limits
        Bounds on what it inflates to.
    """

    def __init__(self, place: Place, limits: Limits) -> None:
        name = file_name(place.url)
        self.name = name[:-3] if name.lower().endswith(".gz") else name
        self.faults: dict[str, LabelwidgetsError] = {}
        url = f"gzip://{self.name}::{place.url}"
        self._plain = Inflated(place, limits, GZIP, self.name, url)

    def names(self) -> Iterable[str]:
        """Return the name of the member."""
        return (self.name,)

    def member(self, name: str) -> Place:
        """Return the plain file."""
        if name != self.name:
            raise KeyError(name)
        return self._plain
