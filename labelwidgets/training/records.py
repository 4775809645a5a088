"""The record of a training set: enough to build the same one again, and to prove that it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.formats.documents import read_json
from labelwidgets.formats.outlines import box_of_joints
from labelwidgets.media.whole_files import write_bytes
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.misfits import in_words
from labelwidgets.training.choice import Choice

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.stamps import Stamp

FORMAT = "labelwidgets training set"
# A query may be a list of tasks.
_LIMIT = 256 << 20
Stamps: TypeAlias = "Mapping[str, Sequence[Stamp]]"

_encode = msgspec.json.Encoder(order="deterministic").encode


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a model was trained on.

    Parameters
    ----------
    project
        The uid of the project.
    name
        What people call it.
    time
        The moment of the last event that counts, in UTC.
    user
        Who trained.
    choice
        What was chosen.
    classes
        Their names, in the order of their numbers from 1.
    items, labels
        How many.
    label_version
        Hash of labels, ontology, split and choice; see `label_version`.
    data_hash
        Hash of items and URLs, with sizes and versions of the files where they were looked at.
    files
        Whether they were.
    run
        What else was said: parameters, metrics.
    """

    format: str = FORMAT
    version: int = 1
    project: str
    name: str
    time: datetime
    user: str
    choice: Choice
    classes: tuple[str, ...]
    items: int
    labels: int
    label_version: str
    data_hash: str
    files: bool = False
    run: dict[str, Any] = {}

    def _repr_html_(self) -> str:
        from labelwidgets.training.pages import record_page

        return record_page(self)

    def to_json(self) -> str:
        """Return the record as people can read it."""
        return msgspec.json.format(_encode(self), indent=2).decode()

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, whole or not at all; one that is there is replaced."""
        write_bytes(path, self.to_json().encode() + b"\n")


def read_record(path: str | os.PathLike[str]) -> Record:
    """Return the record in a file.

    Raises
    ------
    FormatError
        If it is none, naming the field.
    SourceError
        If it cannot be read.
    """
    where = os.fspath(path)
    found = read_json(path, _LIMIT)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise FormatError("is no record of a training set.", where=where)
    if found.get("version") != 1:
        raise FormatError(
            f"is of version {found.get('version')!r:.20}, and 1 is known.", where=where
        )
    try:
        return msgspec.convert(found, Record)
    except msgspec.ValidationError as error:
        raise in_words(error).at(FormatError, where) from None


def plain(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a run as JSON can hold it: numbers and arrays of libraries as ours.

    Raises
    ------
    SchemaError
        If something is none of that.
    """

    def told(value: Any) -> Any:
        if hasattr(value, "tolist"):
            return value.tolist()
        if isinstance(value, os.PathLike):
            return os.fspath(value)
        raise TypeError(f"{type(value).__name__} is not what JSON holds")

    try:
        made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(run, enc_hook=told))
    except (TypeError, ValueError, RecursionError) as error:
        raise SchemaError(f"{error}.", where="run") from None
    return made


def label_version(
    labels: Iterable[Annotation], ontology: str, split: str | None, choice: Choice
) -> str:
    """Return the version of labels: the SHA-256 of what they say, and of what was chosen.

    Who made a label, when and by which id is no part of it: the same labels in another project
    have the same version.

    Parameters
    ----------
    labels
        The labels, in any order.
    ontology, split
        Their hashes.
    choice
        What was chosen.
    """
    code = hashlib.sha256()
    code.update(_encode([ontology, split, choice]))
    for line in sorted(_encode(_content(label)) for label in labels):
        code.update(b"\n")
        code.update(line)
    return code.hexdigest()


def _content(label: Annotation) -> dict[str, Any]:
    shape = label.geometry
    box = box_of_joints(label, shape) if isinstance(shape, Keypoints) else None
    return {
        **({} if box is None else {"box": box}),
        "item": label.item_id,
        "class": label.class_name,
        "geometry": label.geometry,
        "attributes": label.attributes,
        "frame": label.frame,
        "track": label.track_id,
        "crowd": bool(label.origin.parameters.get("iscrowd")),
    }


def data_hash(items: pd.DataFrame, stamps: Stamps | None = None) -> str:
    """Return the SHA-256 of what items are: ids, URLs and, where known, sizes and versions.

    Parameters
    ----------
    items
        A frame like `Dataset.items`, in any order.
    stamps
        What stores say of their files; None where nobody asked.
    """
    code = hashlib.sha256()
    rows = zip(items["id"], items["kind"], items["urls"], strict=True)
    for id, kind, urls in sorted((str(id), str(kind), list(urls)) for id, kind, urls in rows):
        found = None if stamps is None else [[one.size, one.version] for one in stamps[id]]
        code.update(_encode([id, kind, urls, found]))
        code.update(b"\n")
    return code.hexdigest()
