"""What is the same of all readers: what they are told, the files, and what is found in them.

A format gives what is its own: a function that takes a `Reading` and its options, and returns an
`Imported`::

    @reader("createml", "pictures")
    def read(job: Reading, *, max_bytes: int = MAX_BYTES) -> Imported:
        ...

What people call is `reader`'s: ``read(path, items=..., max_bytes=...)``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    cast,
    overload,
)

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.formats.folders import files_of, several_at
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.picture_labels import PictureLabels
from labelwidgets.formats.public_forms import public_form
from labelwidgets.formats.results import Imported
from labelwidgets.formats.scan_labels import Found
from labelwidgets.formats.scans import Scans
from labelwidgets.formats.whole_records import WholeRecords
from labelwidgets.media.option_names import check_options
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

P = ParamSpec("P")
# A class below has a method that is called as the type is.
ReadOne: TypeAlias = Callable[[bytes, str, str], None]
Sniff: TypeAlias = Callable[[bytes], bool]
On = Literal["pictures", "videos", "scans"]
# What readers are told besides the place, by what the labels lie on.
_TOLD: Mapping[On, tuple[str, ...]] = {
    "pictures": ("items", "ontology", "errors"),
    "videos": ("items", "ontology", "errors", "dataset"),
    "scans": ("ontology", "errors", "dataset"),
}


class Reading:
    """One reading of a label file.

    Parameters
    ----------
    format
        What it is read as.
    path, items, ontology, errors, dataset, **storage_options
        As for `labelwidgets.formats.read`.

    Attributes
    ----------
    collect
        What is wrong is left out, not raised.

    Raises
    ------
    FormatError
        Naming the file, the record and the field.
    LimitError
        If it is too large.
    SourceError
        If it cannot be read.
    """

    def __init__(
        self,
        format: str,
        path: str | os.PathLike[str],
        storage_options: dict[str, Any],
        *,
        items: pd.DataFrame | None = None,
        ontology: Ontology | None = None,
        errors: Literal["raise", "collect"] = "raise",
        dataset: Dataset | None = None,
    ) -> None:
        self.format, self.path, self.storage_options = format, path, storage_options
        self.items, self.ontology, self.dataset = items, ontology, dataset
        self.collect = errors == "collect"

    @property
    def shown(self) -> str:
        """The path as people are shown it."""
        return shown(self.path)

    def input(self, **limits: int) -> Input:
        """Return the file, or those in a folder or zip: see `Input`."""
        return Input(self.path, **limits, **self.storage_options)

    def bytes(self, limit: int) -> bytes:
        """Return a file whole: see `read_bytes`."""
        return read_bytes(self.path, limit, **self.storage_options)

    def json(self, limit: int) -> Any:
        """Return what a JSON file says: see `as_json`."""
        return as_json(self.bytes(limit), self.shown)

    def each_file(
        self,
        read_one: ReadOne,
        found: PictureLabels,
        sniff: Sniff,
        *suffixes: str,
        title: str,
        limit: int,
    ) -> None:
        """Read a file, or those of a folder or zip that are of the format, as one.

        Parameters
        ----------
        read_one
            Is given what a file holds, its path as people are shown it, and its name within the
            folder, which is empty of a file by itself.
        found
            Where a file goes that cannot be read at all, if such are collected.
        sniff, *suffixes, title
            As for `files_of`.
        limit
            Bytes of a file.
        """
        source = several_at(self.path, **self.storage_options)
        if source is None:
            read_one(self.bytes(limit), self.shown, "")
            return
        for name in files_of(source, sniff, *suffixes, title=title):
            try:
                read_one(source.read(name, limit), source.where(name), name)
            except LabelwidgetsError as error:
                if not self.collect:
                    raise
                found.wrong(name, None, error)

    @cached_property
    def clips(self) -> Clips:
        """The videos of the dataset."""
        return Clips(self.items, self.dataset)

    @cached_property
    def scans(self) -> Scans:
        """The scans of the dataset."""
        return Scans(self.dataset, self.shown)

    def picture_labels(self, unnamed: str | None = "") -> PictureLabels:
        """Return what collects labels of pictures, and says what has been read."""
        return PictureLabels(
            self.shown, self.format, self.items, self.ontology, self.collect, unnamed
        )

    def clip_labels(self) -> ClipLabels:
        """Return what collects labels of videos."""
        return ClipLabels(self.shown, self.format, self.clips, self.ontology, self.collect)

    def scan_labels(self) -> Found:
        """Return what collects labels of scans."""
        return Found(self.shown, self.format, self.scans, self.ontology, self.collect)

    def whole_records(self) -> WholeRecords:
        """Return what collects records of ours."""
        return WholeRecords(self.shown, self.format, self.items, self.ontology, self.collect)


class Reader(Protocol[P]):
    """What people call to read a format."""

    @overload
    def __call__(
        self, path: str | os.PathLike[str], *args: P.args, **options: P.kwargs
    ) -> Imported: ...

    @overload
    def __call__(
        self,
        path: str | os.PathLike[str],
        *,
        items: pd.DataFrame | None = None,
        ontology: Ontology | None = None,
        errors: Literal["raise", "collect"] = "raise",
        dataset: Dataset | None = None,
        **options: Any,
    ) -> Imported: ...


def reader(
    format: str, on: On
) -> Callable[[Callable[Concatenate[Reading, P], Imported]], Reader[P]]:
    """Make the reader of a format of a function that does what is its own.

    What people call takes what all readers of the kind do before the options of the function, and
    its docstring has them all.

    Parameters
    ----------
    format
        What the format is called in records.
    on
        What its labels lie on: ``pictures``, ``videos`` (also besides pictures) or ``scans``.
    """
    told = _TOLD[on]

    def made(own: Callable[Concatenate[Reading, P], Imported]) -> Reader[P]:
        body: Callable[..., Imported] = own

        def read(path: str | os.PathLike[str], **storage_options: Any) -> Imported:
            # What is left of them once each has had its own.
            rest = storage_options
            asked = {name: rest.pop(name) for name in options if name in rest}
            known = {name: rest.pop(name) for name in told if name in rest}
            check_options(path, rest, ("path", *told, *options))
            return body(Reading(format, path, rest, **known), **asked)

        options = public_form(read, own, Reading, told)
        return cast("Reader[P]", read)

    return made
