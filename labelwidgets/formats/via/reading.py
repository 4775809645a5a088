"""From VIA's JSON and CSV to annotations."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.folders import holds_any, in_folder
from labelwidgets.formats.inputs import Input, as_text
from labelwidgets.formats.json_values import finite, mapping_in
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.via.questions import defined_questions
from labelwidgets.formats.via.version3 import Version3, is_version3, sniff_version3
from labelwidgets.schema.attributes import Attribute
from labelwidgets.schema.geometry import Ellipse, Point, Polygon, Polyline, Rectangle, Tag

MAX_BYTES = 1 << 30
USUAL = ("class", "label", "name", "type", "category")
_COLUMNS = ("filename", "region_shape_attributes", "region_attributes")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of VIA."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"{":
        whole = b'"_via_img_metadata"' in head or b'"_via_settings"' in head
        return whole or (
            re.search(rb'"regions"\s*:\s*(?:[\[{]|null)', head) is not None
            and (b'"shape_attributes"' in head or b'"file_attributes"' in head)
        )
    first = text.split(b"\n", 1)[0]
    return b"region_shape_attributes" in first and b"filename" in first


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".json", ".csv")


@reader("via", "videos")
def read(
    job: Reading,
    *,
    class_attribute: str | None = None,
    unnamed: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Imported:
    """Read VIA: see `labelwidgets.formats.read` and `labelwidgets.formats.via`.

    Parameters
    ----------
    path
        A project, or annotations as JSON or CSV; or a folder or zip with some, which are read as
        one.
    class_attribute
        Which region attribute is the class; None goes by the usual names, and by what a project
        of VIA 3 says.
    unnamed
        Class of regions without one; None finds fault with them.
    max_bytes
        Larger files, each by itself, are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the picture, the region and the field.
    """
    found = job.picture_labels(unnamed)

    def read_one(data: bytes, where: str, name: str) -> None:
        defined: Mapping[str, Mapping[str, Attribute]] = {}
        place, folder = f"{name}, " if name else "", name.rpartition("/")[0]
        try:
            if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
                document = as_json(data, where)
                if is_version3(document):
                    Version3(job, found, document, class_attribute, USUAL, name).read()
                    return
                pictures, defined = list(_of_json(document)), defined_questions(document)
            else:
                pictures = _of_csv(as_text(data, where), found, place)
        except FormatError as error:
            raise error if error.where and where in error.where else error.at(where) from None
        key = class_attribute or _class_attribute(pictures)
        reader = _Reader(found, key, defined, folder)
        for at, record in pictures:
            reader.read_picture(f"{place}{at}", record)

    job.each_file(read_one, found, _sniff_any, ".json", ".csv", title="VIA", limit=max_bytes)
    return found.result()


def _sniff_any(head: bytes) -> bool:
    """Say whether a file that begins like this is of any version."""
    return sniff(head) or (head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and sniff_version3(head))


def _of_json(document: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(document, Mapping):
        raise FormatError("must be an object.")
    entries = document.get("_via_img_metadata", document)
    if not isinstance(entries, Mapping):
        raise FormatError("must be an object.", where="_via_img_metadata")
    for key, one in entries.items():
        if not str(key).startswith("_via_"):
            yield f"{str(key)[:120]!r}", one


def _of_csv(text: str, found: PictureLabels, place: str) -> list[tuple[str, Any]]:
    lines = csv.reader(io.StringIO(text))
    pictures: dict[str, dict[str, Any]] = {}
    try:
        head = [one.strip().lstrip("#") for one in next(lines, [])]
        missing = [one for one in _COLUMNS if one not in head]
        if missing:
            raise FormatError(f"lacks the column {missing[0]}.", where="line 1")
        for row in lines:
            if not row:
                continue
            line = f"line {lines.line_num}"
            said = dict(zip(head, row, strict=False))
            try:
                name = said.get("filename", "")
                picture = pictures.setdefault(
                    name, {"filename": name, "file_attributes": {}, "regions": []}
                )
                picture["file_attributes"] |= _cell(said, "file_attributes", line)
                shape = _cell(said, "region_shape_attributes", line)
                if shape:
                    attributes = _cell(said, "region_attributes", line)
                    one = {"shape_attributes": shape, "region_attributes": attributes}
                    picture["regions"].append(one)
            except FormatError as error:
                found.wrong(f"{place}{line}", None, error)
    except csv.Error as error:
        raise FormatError(f"is no CSV ({error}).", where=f"line {lines.line_num}") from None
    return [(f"{name[:120]!r}", one) for name, one in pictures.items()]


def _cell(said: Mapping[str, str], column: str, line: str) -> dict[str, Any]:
    text = said.get(column) or "{}"
    try:
        made = as_json(text.encode("utf-8", "replace"), line)
    except FormatError as error:
        raise FormatError(error.message, where=column) from None
    if not isinstance(made, Mapping):
        raise FormatError("must be an object in JSON.", where=column)
    return dict(made)


def _regions(record: Any) -> list[Any]:
    given = record.get("regions") if isinstance(record, Mapping) else None
    if given is None:
        return []
    # VIA 1 counts them.
    given = list(given.values()) if isinstance(given, Mapping) else given
    if not isinstance(given, list):
        raise FormatError("must be a list.", where="regions")
    return given


def _class_attribute(pictures: list[tuple[str, Any]]) -> str:
    """Return which region attribute is the class: one of the usual, or the only one."""
    names: dict[str, None] = {}
    for _, record in pictures:
        try:
            regions = _regions(record)
        except FormatError:
            continue
        for one in regions:
            said = one.get("region_attributes") if isinstance(one, Mapping) else None
            names |= dict.fromkeys(said) if isinstance(said, Mapping) else {}
    usual = [name for name in USUAL if name in names]
    return usual[0] if usual else next(iter(names)) if len(names) == 1 else USUAL[0]


class _Reader:
    """One reading of one file."""

    def __init__(
        self,
        found: PictureLabels,
        class_attribute: str,
        defined: Mapping[str, Mapping[str, Attribute]],
        folder: str,
    ) -> None:
        self.found, self.key, self.folder = found, class_attribute, folder
        self.regions, self.files = defined.get("region", {}), defined.get("file", {})

    def read_picture(self, place: str, record: Any) -> None:
        """Take in a picture."""
        try:
            if not isinstance(record, Mapping):
                raise FormatError("must be an object.")
            name = record.get("filename")
            if not isinstance(name, str) or not name:
                raise FormatError("must be the name of a picture.", where="filename")
            regions = _regions(record)
            about = mapping_in(record, "file_attributes")
        except FormatError as error:
            self.found.wrong(place, None, error)
            return
        names = [in_folder(self.folder, name), name]
        spot = self.found.spot(place, names, labels=len(regions))
        if spot is None:
            return
        for at, one in enumerate(regions):
            try:
                self._read_region(one, spot)
            except LabelwidgetsError as error:
                self.found.wrong(f"{place}.regions[{at}]", None, error)
        try:
            self._read_about(about, spot)
        except LabelwidgetsError as error:
            self.found.wrong(f"{place}.file_attributes", None, error)

    def _read_region(self, one: Any, spot: Spot) -> None:
        if not isinstance(one, Mapping):
            raise FormatError("must be an object.")
        given = mapping_in(one, "region_attributes")
        names = _chosen(given.pop(self.key, None))
        shape: Any = read_shape(mapping_in(one, "shape_attributes"))
        for label in names if isinstance(names, list) and names else [names or None]:
            name = self.found.name_of(label, self.key)
            self._keep(name, shape, given, spot)

    def _keep(self, name: str, shape: Any, given: Mapping[str, Any], spot: Spot) -> None:
        said = {key: _chosen(value) for key, value in given.items() if value not in ("", {})}
        sure = None
        if "score" in said and "score" not in {one.name for one in self.found.questions(name)}:
            try:
                sure = float(said["score"])
            except (TypeError, ValueError):
                sure = None
            sure = sure if sure is not None and 0 <= sure <= 1 else None
            if sure is not None:
                del said["score"]
        self.found.ask(name, said, self.regions)
        answers, others = self.found.answers(name, said)
        parameters = {"attributes": others} if others else {}
        self.found.keep(
            name, shape, spot, attributes=answers, parameters=parameters, confidence=sure
        )

    def _read_about(self, about: dict[str, Any], spot: Spot) -> None:
        """Take in what is said of the picture: its classes, and its answers."""
        asked = {one.name for one in self.found.questions(None)}
        if self.key in about and self.key not in asked:
            names = _chosen(about.pop(self.key))
            for one in names if isinstance(names, list) else [names]:
                if one:
                    self.found.keep(self.found.name_of(one, self.key), Tag(), spot)
        said = {key: _chosen(value) for key, value in about.items() if value not in ("", {})}
        details = said.pop("tags", None)
        for one in details if isinstance(details, list) else ():
            if isinstance(one, Mapping):
                given = {k: v for k, v in one.items() if k != "class"}
                self._keep(self.found.name_of(one.get("class"), "tags"), Tag(), given, spot)
        if said:
            self.found.ask(None, said, self.files)
            answers, others = self.found.answers(None, said)
            parameters = {"attributes": others} if others else {}
            self.found.keep(None, Tag(), spot, attributes=answers, parameters=parameters)


def read_shape(said: Mapping[str, Any]) -> Rectangle | Ellipse | Polygon | Polyline | Point:
    """Return a shape.

    Raises
    ------
    FormatError, GeometryError
        Naming the field.
    """
    kind = said.get("name")
    if kind == "rect":
        return Rectangle(*(finite(said.get(key), key) for key in ("x", "y", "width", "height")))
    if kind == "point":
        return Point(finite(said.get("cx"), "cx"), finite(said.get("cy"), "cy"))
    if kind == "circle":
        radius = finite(said.get("r"), "r")
        return Ellipse(finite(said.get("cx"), "cx"), finite(said.get("cy"), "cy"), radius, radius)
    if kind == "ellipse":
        angle = math.degrees(finite(said.get("theta", 0.0), "theta"))
        four = [finite(said.get(key), key) for key in ("cx", "cy", "rx", "ry")]
        return Ellipse(four[0], four[1], four[2], four[3], angle)
    if kind not in ("polygon", "polyline"):
        raise FormatError(f"{str(kind)[:40]!r} is no kind of shape.", where="name")
    rows = [_numbers(said, key) for key in ("all_points_x", "all_points_y")]
    if len(rows[0]) != len(rows[1]):
        raise FormatError(
            f"has {numbered(len(rows[1]), 'number')}, not {len(rows[0])}.", where="all_points_y"
        )
    points = list(zip(*rows, strict=True))
    return Polygon([[points]]) if kind == "polygon" else Polyline(points)


def _numbers(said: Mapping[str, Any], key: str) -> list[float]:
    given = said.get(key)
    if not isinstance(given, list):
        raise FormatError("must be a list of numbers.", where=key)
    return [finite(one, key) for one in given]


def _chosen(value: Any) -> Any:
    """Return options that are chosen, of ``{"a": true, "b": false}``, as a list."""
    if isinstance(value, Mapping):
        return [str(key) for key, there in value.items() if there]
    return value
