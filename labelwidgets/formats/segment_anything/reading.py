"""From files of Segment Anything to annotations."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.shapes import read_segmentation
from labelwidgets.formats.coco.whole_documents import decode_document, to_utf8
from labelwidgets.formats.folders import holds_any, in_folder
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.json_values import share
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.annotation import Annotation

MAX_BYTES = 1 << 28
# What is in fields of the annotation, or made anew.
_KNOWN = ("segmentation", "bbox", "area", "labelwidgets")
_BEGINS = re.compile(rb'\s*\{\s*"image"\s*:\s*\{')


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of Segment Anything."""
    head = to_utf8(head, whole=False)
    if b'"stability_score"' in head and b'"predicted_iou"' in head:
        return True
    return _BEGINS.match(head) is not None and b'"annotations"' in head


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has files of Segment Anything."""
    return holds_any(source, sniff, ".json")


@reader("segment_anything", "pictures")
def read(job: Reading, *, class_name: str = "object", max_bytes: int = MAX_BYTES) -> Imported:
    """Read masks of Segment Anything: see `labelwidgets.formats.read`.

    Parameters
    ----------
    path
        A JSON file, or a folder or zip of them.
    class_name
        The class of masks that say none.
    max_bytes
        Larger files are refused before they are decoded.
    """
    source = job.input()
    found = job.picture_labels(class_name)
    names = source.ending(".json")
    for name in names if source.single else [one for one in names if sniff(source.head(one))]:
        try:
            _read_file(found, source, name, max_bytes)
        except LabelwidgetsError as error:
            if source.single and not job.collect:
                raise
            found.wrong(name, None, error)
    return found.result()


def _names(source: Input, name: str, said: str) -> list[str]:
    """Return what the path of a picture may be that a file calls so, the surest first."""
    folder = "" if source.single else name.rpartition("/")[0]
    return list(dict.fromkeys([in_folder(folder, said), said])) if said else []


class _ImageFields(msgspec.Struct):
    image_id: records.Id | None = None
    file_name: str = ""
    width: int | None = None
    height: int | None = None
    labelwidgets: msgspec.Raw = records.NULL


class _Document(msgspec.Struct):
    image: _ImageFields
    annotations: list[msgspec.Raw]


class _ImageExtension(msgspec.Struct):
    annotations: list[msgspec.Raw] = []


class _Mask(msgspec.Struct):
    segmentation: msgspec.Raw


def _read_file(found: PictureLabels, source: Input, name: str, max_bytes: int) -> None:
    where = source.where(name)
    data = source.read(name, max_bytes)
    document = decode_document(data, where, _Document, _SHAPE)
    image = document.image
    try:
        records.check_id(image.image_id, "image.image_id")
    except FormatError as error:
        raise error.at(where) from None
    size = None if image.width is None or image.height is None else (image.width, image.height)
    stem = name.rsplit(".", 1)[0]
    spot = found.spot(
        name,
        _names(source, name, image.file_name),
        id=image.image_id if image.image_id is not None else "",
        size=size,
        labels=len(document.annotations),
        stems=[stem],
    )
    if spot is None:
        return
    if not records.is_null(image.labelwidgets):
        own = records.decode(image.labelwidgets, _ImageExtension, "image.labelwidgets")
        for number, raw in enumerate(own.annotations):
            record = f"{name}, image.labelwidgets.annotations[{number}]"
            try:
                made = records.decode(raw, Annotation)
                found.ask(made.class_name, made.attributes, {})
                place = {"item_id": spot.item.id, "frame": spot.frame}
                found.take(msgspec.structs.replace(made, **place), spot.size, record)
            except LabelwidgetsError as error:
                found.wrong(record, None, error)
    for number, raw in enumerate(document.annotations):
        record, id = f"{name}, annotations[{number}]", None
        try:
            said = records.decode(raw, dict[str, Any])
            id = said.get("id")
            _keep(found, spot, said, records.decode(raw, _Mask).segmentation, record)
        except LabelwidgetsError as error:
            found.wrong(record, id, error)


_SHAPE = "A file of Segment Anything is an object with an image and the list annotations."


def _keep(
    found: PictureLabels,
    spot: Spot,
    said: dict[str, Any],
    segmentation: msgspec.Raw,
    record: str,
) -> None:
    shape = read_segmentation(segmentation)
    if shape is None:
        raise FormatError("is empty.", where="segmentation")
    own = said.get("labelwidgets") or {}
    if not isinstance(own, dict):
        raise FormatError("must be an object.", where="labelwidgets")
    name = found.name_of(own.get("class_name"), "labelwidgets.class_name")
    confidence = share(said.get("predicted_iou"))
    if "id" in own:
        whole = own | {"item_id": spot.item.id, "class_name": name, "geometry": {"type": "tag"}}
        made = Annotation.from_dict(whole)
        found.ask(name, made.attributes, {})
        changes = {"geometry": shape, "frame": spot.frame, "confidence": confidence}
        found.take(msgspec.structs.replace(made, **changes), spot.size, record)
        return
    parameters = {key: value for key, value in said.items() if key not in _KNOWN}
    track = own.get("track_id")
    found.keep(
        name,
        shape,
        spot,
        track_id=track if isinstance(track, str) else None,
        parameters=parameters,
        confidence=confidence,
    )
