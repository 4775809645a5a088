"""From a file of Create ML to annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.folders import holds_any, in_folder
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.geometry import Rectangle

MAX_BYTES = 1 << 30
_SIDES = ("x", "y", "width", "height")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of Create ML."""
    if re.search(rb'"result"\s*:', head):
        # Of Label Studio, whose tasks have annotations, labels and images as well.
        return False
    names = b'"image"' in head or b'"imagefilename"' in head
    return (
        head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
        and names
        and re.search(rb'"annotations?"\s*:', head) is not None
        and (b'"coordinates"' in head or b'"label"' in head or b'"annotations":[]' in head)
    )


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".json")


@reader("createml", "pictures")
def read(job: Reading, *, max_bytes: int = MAX_BYTES) -> Imported:
    """Read boxes of Create ML: see `labelwidgets.formats.read`.

    Parameters
    ----------
    path
        A file, or a folder or zip with some, each beside its pictures, which are read as one.
    max_bytes
        Larger files, each by itself, are refused before they are decoded.
    """
    found = job.picture_labels()

    def read_one(data: bytes, where: str, name: str) -> None:
        document = as_json(data, where)
        _read_document(found, document, where, f"{name}, " if name else "", name.rpartition("/")[0])

    job.each_file(read_one, found, sniff, ".json", title="Create ML", limit=max_bytes)
    return found.result()


def _read_document(
    found: PictureLabels, document: Any, where: str, file: str = "", folder: str = ""
) -> None:
    if not isinstance(document, list):
        raise FormatError("must be a list of pictures.", where=where)
    for number, record in enumerate(document):
        place = f"{file}[{number}]"
        try:
            _read_picture(found, place, record, folder)
        except FormatError as error:
            found.wrong(place, None, error)


def _read_picture(found: PictureLabels, place: str, record: Any, folder: str) -> None:
    if not isinstance(record, Mapping):
        raise FormatError("must be an object.")
    field = "image" if "image" in record else "imagefilename"
    name = record.get(field)
    if not isinstance(name, str) or not name:
        raise FormatError("must be the name of a picture.", where=field)
    field = "annotations" if "annotations" in record else "annotation"
    labels = record.get(field, [])
    if not isinstance(labels, list):
        raise FormatError("must be a list.", where=field)
    spot = found.spot(place, [in_folder(folder, name), name], labels=len(labels))
    if spot is None:
        return
    for index, label in enumerate(labels):
        try:
            _read_label(found, spot, label)
        except LabelwidgetsError as error:
            found.wrong(f"{place}.{field}[{index}]", None, error)


def _read_label(found: PictureLabels, spot: Spot, label: Any) -> None:
    if not isinstance(label, Mapping):
        raise FormatError("must be an object.")
    name = found.name_of(label.get("label"))
    box = label.get("coordinates")
    if not isinstance(box, Mapping):
        raise FormatError("must be an object.", where="coordinates")
    for side in _SIDES:
        if isinstance(box.get(side), bool) or not isinstance(box.get(side), int | float):
            raise FormatError("must be a number.", where=f"coordinates.{side}")
    x, y, width, height = (box[side] for side in _SIDES)
    found.keep(name, Rectangle(x - width / 2, y - height / 2, width, height), spot)
