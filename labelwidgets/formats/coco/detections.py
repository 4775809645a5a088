"""COCO's results: a list of detections, with the ids of images and categories of another file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.label_records import category_record
from labelwidgets.formats.coco.sniffing import is_results
from labelwidgets.formats.coco.whole_documents import decode_document, decode_file
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.formats.matching import Item, items_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.warned import warn
from labelwidgets.schema.ontology import ObjectClass, Ontology

if TYPE_CHECKING:
    import pandas as pd

_encode = msgspec.json.Encoder().encode
_HINT = (
    'Pass ground_truth="instances.json", the file that the ids are of; or categories={1: "cup"}, '
    'and images={1: "a.jpg"} unless the files of the dataset are called by their ids.'
)


class Known(NamedTuple):
    """What tells what the ids of results mean.

    Parameters
    ----------
    ground_truth
        A COCO file of which they are.
    images
        File names or ids of items by the ids of images.
    categories
        Names of classes by the ids of categories.
    """

    ground_truth: str | os.PathLike[str] | None = None
    images: Mapping[Any, str] | None = None
    categories: Mapping[Any, str] | None = None


class _Detection(msgspec.Struct):
    image_id: records.Id


def file_of(
    data: bytes,
    name: str,
    known: Known,
    items: pd.DataFrame | None,
    ontology: Ontology | None,
    **storage_options: Any,
) -> records.File:
    """Return a COCO file, or results as one.

    Parameters
    ----------
    data
        What is in the file, as UTF-8.
    name
        What it is called.
    known
        What its ids mean, if it is a list of results.
    items, ontology, **storage_options
        As for `labelwidgets.formats.coco.read`.

    Raises
    ------
    FormatError
        If it is neither, or results whose ids nobody knows; or if something is said of results
        and it is none.
    """
    if not is_results(data):
        for field, given in known._asdict().items():
            if given is not None:
                raise FormatError(
                    "is for a list of results, which this file is not.",
                    where=f"{name}, {field}",
                    hint='Of a folder, name the results, as in files="*_results.json".',
                )
        file = decode_file(data, name)
        if isinstance(file.annotations, records.NotThere):
            warn(
                f"{name} has no list of annotations: its "
                f"{numbered(len(file.images), 'picture')} come without labels."
            )
        return file
    labels = decode_document(data, name, list[msgspec.Raw], _HINT)
    if known.ground_truth is not None:
        path = known.ground_truth
        truth = decode_file(read_bytes(path, records.MAX_BYTES, **storage_options), shown(path))
        truth.annotations = labels
        return truth
    if known.categories is None:
        raise FormatError(
            "is a list of results, which does not say what its ids mean.", where=name, hint=_HINT
        )
    classes = {made.name: made for made in ontology.classes} if ontology else {}
    categories = [
        _id_of(id) | _class_of(name, classes.get(name)) for id, name in known.categories.items()
    ]
    mine = [] if items is None else items_of(items)
    images = _by_number(mine, labels) if known.images is None else dict(known.images)
    own = {item.id for item in mine}
    return records.File(
        images=[_raw(_id_of(id) | _image_of(name, own)) for id, name in images.items()],
        annotations=labels,
        categories=list(map(_raw, categories)),
    )


def _by_number(items: Iterable[Item], labels: Iterable[msgspec.Raw]) -> dict[Any, str]:
    """Return the items that image ids are the names of: 139 that of 000000000139.jpg."""
    known: dict[str, list[str]] = {}
    for item in items:
        stem = (item.title or item.file_name).rsplit(".", 1)[0]
        for key in {item.id, stem.lstrip("0") or "0" if stem.isdecimal() else stem}:
            known.setdefault(key, []).append(item.id)
    decode = msgspec.json.Decoder(_Detection).decode
    made: dict[Any, str] = {}
    for raw in labels:
        try:
            id = decode(raw).image_id
        except msgspec.MsgspecError:
            # It is said of the record.
            continue
        found = known.get(str(id), [])
        made[id] = found[0] if len(found) == 1 else str(id)
    return made


def _image_of(name: str, own: set[str]) -> dict[str, Any]:
    return {"file_name": str(name)} | ({"labelwidgets": {"item": name}} if name in own else {})


def _class_of(name: str, made: ObjectClass | None) -> dict[str, Any]:
    made = made or ObjectClass(name)
    record = category_record(0, made, {}, made.parameters)
    del record["id"]
    return record


def _id_of(id: Any) -> dict[str, Any]:
    # Keys of a mapping that was JSON once are texts.
    return {"id": int(id) if isinstance(id, str) and id.isdecimal() and len(id) < 18 else id}


def _raw(record: Mapping[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(_encode(record))
