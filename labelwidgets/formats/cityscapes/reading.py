"""From the files of Cityscapes to annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from labelwidgets.algorithms.bridged_rings import unbridge_ring
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.cityscapes.classes import KNOWN, PER_CLASS, counted, ids_of
from labelwidgets.formats.cityscapes.writing import CAMERA
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.mask_pictures import MAX_BYTES, Regions, read_mask
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.media.limits import Limits
from labelwidgets.schema.geometry import Polygon
from labelwidgets.schema.ontology import ObjectClass, Ontology

What: TypeAlias = Literal["polygons", "instanceIds", "labelIds"]
_WHAT: tuple[What, ...] = ("polygons", "instanceIds", "labelIds")
_FILE = re.compile(
    r"(?P<base>.+)_gt(?P<how>Fine|Coarse)_"
    r"(?:(?P<polygons>polygons\.json)|(?P<instanceIds>instanceIds\.png)|(?P<labelIds>labelIds\.png))"
)
_GROUP = "group"


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has polygons of Cityscapes."""
    signs = (b'"imgHeight"', b'"imgWidth"', b'"objects"')
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and all(sign in head for sign in signs)


def sniff_files(source: Input) -> bool:
    """Say whether files of a folder or zip are called like those of Cityscapes."""
    return any(_FILE.fullmatch(name) for name in source.names())


@reader("cityscapes", "pictures")
def read(
    job: Reading,
    *,
    what: What | None = None,
    classes: Mapping[str, int] | None = None,
    limits: Limits | None = None,
) -> Imported:
    """Read Cityscapes: see `labelwidgets.formats.read` and `labelwidgets.formats.cityscapes`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.read`. A path is one of the files, a folder or a ``.zip``.
    what
        ``polygons`` (whole, one above the other), or the masks that are seen of them: of
        ``instanceIds``, or of ``labelIds``. None takes the first that a picture has.
    classes
        Ids of classes by name that are not those of Cityscapes.
    limits
        Bounds on the size of a picture; the default ones where None.

    Raises
    ------
    FormatError
        Naming the file, the object and the field.
    """
    if what is not None and what not in _WHAT:
        raise FormatError(f"must be one of {', '.join(_WHAT)}, not {what!r}.", where="what")
    source = job.input()
    found = job.picture_labels()
    reader = _Reader(source, found, job.ontology, ids_of(classes, job.ontology), limits)
    several = _pictures(source, what)
    if not several and source.names():
        raise FormatError(
            f"has no file that ends with _gtFine_{what or 'polygons'}.", where=source.shown
        )
    for base, (kind, name) in several.items():
        try:
            reader.picture(base, kind, name)
        except LabelwidgetsError as error:
            found.wrong(name, None, error)
    return found.result()


def _pictures(source: Input, what: What | None) -> dict[str, tuple[What, str]]:
    """Return the file to read of each picture: the fine one, the first kind that there is."""
    ranked: dict[str, tuple[int, What, str]] = {}
    for name in source.names():
        named = _FILE.fullmatch(name)
        if named is None:
            if source.single and what in (None, "polygons") and name.endswith(".json"):
                ranked[name.removesuffix(".json")] = (0, "polygons", name)
            continue
        kind = next(one for one in _WHAT if named[one])
        if what is not None and kind != what:
            continue
        rank = _WHAT.index(kind) + (10 if named["how"] == "Coarse" else 0)
        best = ranked.get(named["base"])
        if best is None or rank < best[0]:
            ranked[named["base"]] = (rank, kind, name)
    return {base: (kind, name) for base, (_, kind, name) in ranked.items()}


class _Reader:
    """Reads one picture after another."""

    def __init__(
        self,
        source: Input,
        found: PictureLabels,
        ontology: Ontology | None,
        ids: dict[str, int],
        limits: Limits | None,
    ) -> None:
        self.source, self.found, self.ontology, self.limits = source, found, ontology, limits
        self.ids = ids
        self.names = {id: name for name, id in ids.items() if id >= 0}

    def picture(self, base: str, kind: What, name: str) -> None:
        """Read the labels of a picture."""
        names = [base if base.endswith(CAMERA) else base + CAMERA, base]
        data = self.source.read(name, MAX_BYTES)
        if kind == "polygons":
            self._polygons(name, names, as_json(data, self.source.where(name)))
        else:
            self._masks(name, names, kind, data)

    def _polygons(self, name: str, names: list[str], document: Any) -> None:
        if not isinstance(document, Mapping):
            raise FormatError("must be an object.")
        objects = document.get("objects")
        if not isinstance(objects, list):
            raise FormatError("must be a list.", where="objects")
        size = document.get("imgWidth"), document.get("imgHeight")
        spot = self.found.spot(name, names, size=size, labels=len(objects), stem=True)
        if spot is None:
            return
        for index, said in enumerate(objects):
            try:
                self._object(said, spot)
            except LabelwidgetsError as error:
                self.found.wrong(f"{name}, objects[{index}]", None, error)

    def _object(self, said: Any, spot: Spot) -> None:
        if not isinstance(said, Mapping):
            raise FormatError("must be an object.")
        if said.get("deleted") in (1, True):
            return
        name, parameters = self._named(said.get("label"))
        given = said.get("polygon")
        if not isinstance(given, list):
            raise FormatError("must be a list of points.", where="polygon")
        ring = [_point(point, f"polygon[{index}]") for index, point in enumerate(given)]
        if len(ring) > 1 and ring[0] == ring[-1]:
            ring.pop()
        if len(ring) < 3:
            raise FormatError(f"has {len(ring)} points, at least 3 make an area.", where="polygon")
        parts = unbridge_ring(ring)
        if not parts:
            raise FormatError("encloses no area.", where="polygon")
        others = {
            key: value
            for key, value in said.items()
            if key not in ("label", "polygon", "deleted") and isinstance(value, str | int | float)
        }
        self.found.keep(name, Polygon(parts), spot, parameters=parameters | others)

    def _named(self, label: Any) -> tuple[str, dict[str, Any]]:
        """Return the class, and that it is a group of objects of it."""
        name = self.found.name_of(label)
        single = name.removesuffix(_GROUP)
        known = single in self.ids and counted(single, self.ontology)
        if name != single and name not in self.ids and known:
            name, parameters = single, {"iscrowd": 1}
        else:
            parameters = {}
        self._tell(name)
        return name, parameters

    def _tell(self, name: str) -> None:
        if name in KNOWN and self.found.known(name) is None:
            known = KNOWN[name]
            self.found.tell(
                ObjectClass(name, color=known.color, tool="polygon", instances=known.instances)
            )

    def _masks(self, name: str, names: list[str], kind: What, data: bytes) -> None:
        made = read_mask(data, self.source.where(name), self.limits)
        if made.kind != "grey":
            raise FormatError("must be a picture of ids in grey.")
        regions = Regions(made.values)
        areas = {number: area for number, area in regions.areas.items() if number}
        spot = self.found.spot(name, names, size=made.size, labels=len(areas), stem=True)
        if spot is None:
            return
        for number, area in areas.items():
            whole = number < PER_CLASS or kind == "labelIds"
            id, instance = (number, None) if whole else divmod(number, PER_CLASS)
            try:
                if id not in self.names:
                    raise FormatError(
                        f"is of no class, and {area} pixels are of it.",
                        where=f"id {number}",
                        hint='Pass classes={"name": id, ...}.',
                    )
                label = self.found.name_of(self.names[id])
                self._tell(label)
                group = instance is None and kind == "instanceIds"
                parameters: dict[str, Any] = {} if instance is None else {"instance": instance}
                if group and counted(label, self.ontology):
                    parameters = {"iscrowd": 1}
                self.found.keep(label, mask_of(regions.runs(number)), spot, parameters=parameters)
            except LabelwidgetsError as error:
                self.found.wrong(name, None, error)


def _point(given: Any, where: str) -> tuple[float, float]:
    if not isinstance(given, list) or len(given) != 2:
        raise FormatError("must be two numbers.", where=where)
    x, y = given
    if isinstance(x, bool) or isinstance(y, bool):
        raise FormatError("must be two numbers.", where=where)
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        raise FormatError("must be two numbers.", where=where)
    return float(x), float(y)
