"""From GeoJSON to annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco.records import decode
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.geojson.shapes import geometry_of, is_same, shapes_in
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.item_records import ItemRecord
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.whole_records import WholeRecords
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Geometry, Polygon
from labelwidgets.schema.ontology import ObjectClass, Ontology

MAX_BYTES = 1 << 30
_SUFFIXES = (".geojson", ".json")
_NAMES = ("class", "label", "class_name", "category", "name")
_PLACES = ("item", "image", "file_name")
_KNOWN = ("classification", "objectType", "isLocked", "item", "labelwidgets")

T = TypeVar("T")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has features of GeoJSON."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"{", b"["):
        return False
    flat = head.replace(b" ", b"").replace(b"\n", b"").replace(b"\r", b"").replace(b"\t", b"")
    return b'"type":"FeatureCollection"' in flat or b'"type":"Feature"' in flat


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such files, by their suffix."""
    return any(name.lower().endswith(".geojson") for name in source.names())


@reader("geojson", "pictures")
def read(
    job: Reading, *, item: str | None = None, class_name: str = "object", max_bytes: int = MAX_BYTES
) -> Imported:
    """Read GeoJSON: see `labelwidgets.formats.read` and `labelwidgets.formats.geojson`.

    Parameters
    ----------
    path
        A file, or a folder or zip with a file for each item.
    item
        The id of the item that a file is about which does not say so; None finds it by the name
        of the file, or is the only one that there is.
    class_name
        The class of features that name none.
    max_bytes
        Larger files are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the feature and the field.
    """
    source = job.input()
    found = job.whole_records()
    names = source.ending(".geojson")
    if not names:
        raise FormatError("has no .geojson.", where=source.shown)
    if item is None and job.items is not None and len(job.items) == 1:
        item = str(job.items["id"].iloc[0])
    for name in names:
        where = source.where(name)
        document = as_json(source.read(name, max_bytes), where)
        stem = name.rsplit(".", 1)[0] if name.lower().endswith(_SUFFIXES) else name
        reader = _Reader(found, "" if source.single else f"{name}, ", item or stem, class_name)
        try:
            reader.read(document)
        except LabelwidgetsError as error:
            raise error if found.problems.file in str(error) else error.at(where) from None
    return found.result()


class _Reader:
    """One reading of one file."""

    def __init__(self, found: WholeRecords, prefix: str, item: str, class_name: str) -> None:
        self.found, self.prefix, self.item, self.class_name = found, prefix, item, class_name
        self.places: dict[str, str] = {}

    def read(self, document: Any) -> None:
        """Take in a document: a collection, a list of features, or one."""
        features = [document]
        if isinstance(document, list):
            features = document
        elif isinstance(document, Mapping) and document.get("type") == "FeatureCollection":
            features = document.get("features")  # type: ignore[assignment]
            self._read_ours(document.get("labelwidgets"))
        elif not isinstance(document, Mapping) or document.get("type") != "Feature":
            raise FormatError("must be a FeatureCollection, a Feature or a list of them.")
        if not isinstance(features, list):
            raise FormatError("must be a list.", where="features")
        for number, feature in enumerate(features):
            id = feature.get("id") if isinstance(feature, Mapping) else None
            try:
                self._feature(f"{self.prefix}features[{number}]", feature)
            except LabelwidgetsError as error:
                self.found.wrong(f"{self.prefix}features[{number}]", id, error)

    def _read_ours(self, ours: Any) -> None:
        if not isinstance(ours, Mapping):
            return
        given = ours.get("ontology")
        if given is not None:
            self.found.read_ontology(Ontology.from_dict(given))
        for key in ("items", "annotations"):
            some = ours.get(key, [])
            if not isinstance(some, list):
                raise FormatError("must be a list.", where=f"labelwidgets.{key}")
            for number, one in enumerate(some):
                place = f"{self.prefix}labelwidgets.{key}[{number}]"
                try:
                    if key == "items":
                        self.found.item(place, _made(one, ItemRecord))
                    else:
                        self.found.label(place, _label(one))
                except LabelwidgetsError as error:
                    self.found.wrong(place, None, error)

    def _feature(self, place: str, feature: Any) -> None:
        if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
            raise FormatError("must be a Feature.")
        given = feature.get("properties")
        if given is None:
            given = {}
        if not isinstance(given, Mapping):
            raise FormatError("must be an object.", where="properties")
        geometry = feature.get("geometry")
        if isinstance(given.get("labelwidgets"), Mapping):
            self.found.label(place, _ours(given["labelwidgets"], geometry))
            return
        shapes = shapes_in(geometry)
        name = self.found.name_of(self._class(given), "properties.classification.name")
        item = self._item(given)
        parameters = {key: value for key, value in given.items() if key not in _KNOWN}
        if isinstance(feature.get("id"), str | int):
            parameters["id"] = feature["id"]
        for shape in shapes:
            self.found.label(
                place,
                Annotation(
                    item_id=item,
                    class_name=name,
                    geometry=shape,  # type: ignore[arg-type]
                    frame=_frame(geometry),
                    state="locked" if given.get("isLocked") is True else "editable",
                    origin=Origin("import", "geojson", parameters=parameters),
                ),
            )
        color = _color(given.get("classification"))
        if color is not None and shapes:
            tool = "polygon" if isinstance(shapes[0], Polygon) else shapes[0].type
            self.found.tell_once(ObjectClass(name, color=color, tool=tool))

    def _class(self, given: Mapping[str, Any]) -> str:
        said = given.get("classification")
        if isinstance(said, Mapping):
            names = said.get("names")
            if isinstance(said.get("name"), str):
                return str(said["name"])
            if isinstance(names, list) and names and all(isinstance(one, str) for one in names):
                return ": ".join(names)
        elif isinstance(said, str) and said:
            return said
        for key in _NAMES:
            if isinstance(given.get(key), str) and given[key]:
                return str(given[key])
        return self.class_name

    def _item(self, given: Mapping[str, Any]) -> str:
        for key in _PLACES:
            if isinstance(given.get(key), str) and given[key]:
                return str(given[key])
        return self.item


def _ours(given: Mapping[str, Any], geometry: Any) -> Annotation:
    """Return a label of ours, with the geometry of the feature where a tool has changed it."""
    record = dict(given)
    known = record.get("geometry")
    whole = isinstance(known, Mapping) and len(known) > 1
    if not whole:
        found = shapes_in(geometry)
        if len(found) != 1:
            raise FormatError("must be one shape.", where="geometry")
        record["geometry"] = msgspec.to_builtins(found[0])
        return _label(record)
    label = _label(record)
    if is_same(geometry_of(label.geometry), geometry):
        return label
    shapes: list[Geometry] = shapes_in(geometry)
    if len(shapes) != 1:
        raise FormatError(
            f"is no longer the {label.geometry.type} that it was, and no other single shape.",
            where="geometry",
        )
    return msgspec.structs.replace(label, geometry=shapes[0])


def _label(given: Any) -> Annotation:
    return _made(given, Annotation)


def _made(given: Any, kind: type[T]) -> T:
    """Return a record of ours from what JSON has said, whose keys are texts."""
    return decode(msgspec.Raw(msgspec.json.encode(given)), kind)


def _frame(geometry: Any) -> int | None:
    """Return the slice or frame that QuPath says, None for the first of one."""
    plane = geometry.get("plane")
    if not isinstance(plane, Mapping):
        return None
    for key in ("z", "t"):
        value = plane.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _color(said: Any) -> str | None:
    """Return the colour of a classification: three numbers, or one as Java has it."""
    if not isinstance(said, Mapping):
        return None
    given = said.get("color", said.get("colorRGB"))
    if isinstance(given, int) and not isinstance(given, bool):
        return f"#{given & 0xFFFFFF:06x}"
    if isinstance(given, list) and len(given) == 3 and all(type(n) is int for n in given):
        return "#" + "".join(f"{min(max(n, 0), 255):02x}" for n in given)
    return None
