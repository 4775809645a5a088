"""From VoTT's JSON and CSV to annotations."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from labelwidgets.errors import FormatError, LabelwidgetsError, OntologyError
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.json_values import finite
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.geometry import Point, Polygon, Polyline, Rectangle
from labelwidgets.schema.ontology import ObjectClass

MAX_BYTES = 1 << 30
_COLUMNS = ("image", "xmin", "ymin", "xmax", "ymax", "label")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of VoTT."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"{":
        assets = re.search(rb'"assets"\s*:\s*\{', head) is not None
        one = re.search(rb'"asset"\s*:\s*\{', head) is not None
        signs = (b'"tags"', b'"regions"', b'"videoSettings"', b'"securityToken"')
        return (assets or one) and any(sign in head for sign in signs)
    first = text.split(b"\n", 1)[0].replace(b'"', b"").strip()
    return first == ",".join(_COLUMNS).encode()


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return any(sniff(source.head(name)) for name in _files(source)[:20])


@reader("vott", "pictures")
def read(job: Reading, *, unnamed: str | None = None, max_bytes: int = MAX_BYTES) -> Imported:
    """Read VoTT: see `labelwidgets.formats.read` and `labelwidgets.formats.vott`.

    Parameters
    ----------
    path
        An export as JSON or CSV; or a folder or zip with some, or with the ``-asset.json`` of a
        project.
    unnamed
        Class of regions without a tag; None finds fault with them.
    max_bytes
        Larger files, each by itself, are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the asset, the region and the field.
    """
    source = job.input()
    found = job.picture_labels(unnamed)
    names = _files(source)
    if not names:
        raise FormatError("has no .json and no .csv of VoTT.", where=source.shown)
    for name in names:
        prefix = "" if source.single else f"{name}, "
        reader = _Reader(found, prefix)
        if name.lower().endswith(".csv"):
            reader.read_rows(source.text(name, max_bytes), source.where(name))
        else:
            reader.read_document(as_json(source.read(name, max_bytes), source.where(name)))
    return found.result()


def _files(source: Input) -> list[str]:
    found = source.ending(".json", ".csv")
    return found if source.single else [name for name in found if sniff(source.head(name))]


class _Reader:
    """One reading of one file."""

    def __init__(self, found: PictureLabels, prefix: str) -> None:
        self.found, self.prefix = found, prefix

    def read_document(self, document: Any) -> None:
        """Take in an export, or one file of a project."""
        if not isinstance(document, Mapping):
            raise FormatError("must be an object.", where=f"{self.found.problems.file}")
        tags = document.get("tags")
        for at, one in enumerate(tags if isinstance(tags, list) else ()):
            if isinstance(one, Mapping):
                self._tell(at, one)
        assets = document.get("assets")
        if "asset" in document:
            self._read_asset(f"{self.prefix}asset", document)
        elif isinstance(assets, Mapping):
            for id, one in assets.items():
                self._read_asset(f"{self.prefix}assets.{str(id)[:80]}", one)
        else:
            raise FormatError(
                "must be an object.", where=f"{self.found.problems.file}, {self.prefix}assets"
            )

    def _tell(self, at: int, tag: Mapping[str, Any]) -> None:
        try:
            name = self.found.name_of(tag.get("name"), "name")
        except FormatError as error:
            self.found.wrong(f"{self.prefix}tags[{at}]", None, error)
            return
        color = tag.get("color")
        try:
            made = ObjectClass(name, color=color if isinstance(color, str) else None)
        except OntologyError:
            made = ObjectClass(name)
        self.found.tell(made, any_tool=True)

    def _read_asset(self, place: str, one: Any) -> None:
        try:
            asset = one.get("asset") if isinstance(one, Mapping) else None
            if not isinstance(asset, Mapping):
                raise FormatError("must be an object.", where="asset")
            path, name = (str(asset.get(key) or "") for key in ("path", "name"))
            # Paths are addresses; names may be parts of them, or what files are called.
            names = list(dict.fromkeys(one for one in (unquote(path), name, unquote(name)) if one))
            if not names:
                raise FormatError("must be the name of a picture.", where="asset.name")
            regions = one.get("regions") or []
            if not isinstance(regions, list):
                raise FormatError("must be a list.", where="regions")
            size = asset.get("size")
            sides = (size.get("width"), size.get("height")) if isinstance(size, Mapping) else None
        except FormatError as error:
            self.found.wrong(place, None, error)
            return
        spot = self.found.spot(place, names, size=sides, labels=len(regions))
        if spot is None:
            return
        for at, region in enumerate(regions):
            try:
                self._read_region(region, spot)
            except LabelwidgetsError as error:
                id = region.get("id") if isinstance(region, Mapping) else None
                self.found.wrong(f"{place}.regions[{at}]", id, error)

    def _read_region(self, region: Any, spot: Spot) -> None:
        if not isinstance(region, Mapping):
            raise FormatError("must be an object.")
        tags = region.get("tags")
        if not isinstance(tags, list):
            raise FormatError("must be a list.", where="tags")
        shape: Any = _shape(region)
        names = [self.found.name_of(tag, "tags") for tag in tags or [None]]
        parameters = {"id": region["id"]} if isinstance(region.get("id"), str) else {}
        if len(tags) > 1:
            parameters["tags"] = tags
        for name in names:
            self.found.keep(name, shape, spot, parameters=parameters)

    def read_rows(self, text: str, where: str) -> None:
        """Take in an export as CSV."""
        lines = csv.reader(io.StringIO(text))
        spots: dict[str, Spot | None] = {}
        try:
            head = next(lines, [])
            if tuple(one.strip() for one in head) != _COLUMNS:
                raise FormatError(f"must be {','.join(_COLUMNS)}.", where=f"{where}, line 1")
            for row in lines:
                place = f"{self.prefix}line {lines.line_num}"
                if not row:
                    continue
                if len(row) != len(_COLUMNS):
                    wrong = FormatError(f"has {numbered(len(row), 'column')}, not {len(_COLUMNS)}.")
                    self.found.wrong(place, None, wrong)
                    continue
                if row[0] not in spots:
                    spots[row[0]] = self.found.spot(place, [row[0]], labels=1)
                spot = spots[row[0]]
                if spot is not None:
                    self._read_row(place, row, spot)
        except csv.Error as error:
            raise FormatError(
                f"is no CSV ({error}).", where=f"{where}, line {lines.line_num}"
            ) from None

    def _read_row(self, place: str, row: list[str], spot: Spot) -> None:
        try:
            sides = []
            for key, text in zip(_COLUMNS[1:5], row[1:5], strict=True):
                try:
                    sides.append(finite(float(text[:40]), key))
                except ValueError:
                    raise FormatError(f"must be a number, not {text[:40]!r}.", where=key) from None
            x, y, right, bottom = sides
            box = Rectangle(x, y, right - x, bottom - y)
            self.found.keep(self.found.name_of(row[5]), box, spot)
        except LabelwidgetsError as error:
            self.found.wrong(place, None, error)


def _shape(region: Mapping[str, Any]) -> Rectangle | Polygon | Polyline | Point:
    kind = str(region.get("type")).upper()
    if kind in ("RECTANGLE", "SQUARE"):
        box = region.get("boundingBox")
        if not isinstance(box, Mapping):
            raise FormatError("must be an object.", where="boundingBox")
        sides = [finite(box.get(key), f"boundingBox.{key}")
                 for key in ("left", "top", "width", "height")]  # fmt: skip
        return Rectangle(*sides)
    if kind not in ("POLYGON", "POLYLINE", "POINT"):
        raise FormatError(f"{kind[:40]!r} is no kind of shape.", where="type")
    given = region.get("points")
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise FormatError("must be a list of points.", where="points")
    points = [
        (finite(one.get("x"), f"points[{at}].x"), finite(one.get("y"), f"points[{at}].y"))
        for at, one in enumerate(given)
    ]
    if kind == "POLYGON":
        return Polygon([[points]])
    if kind == "POLYLINE":
        return Polyline(points)
    if len(points) != 1:
        raise FormatError(f"must be 1, not {len(points)}.", where="points")
    return Point(*points[0])
