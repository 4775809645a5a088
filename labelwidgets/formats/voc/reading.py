"""From files of Pascal VOC to annotations."""

from __future__ import annotations

import re
from typing import Any, Literal

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.mask_pictures import MAX_BYTES, MaskPicture, Regions, read_mask
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.voc.classes import VOID, LabelMap, color_of, label_map
from labelwidgets.formats.voc.layout import CLASSES, Sheet, sheets_of, tags_of
from labelwidgets.formats.voc.objects import Page, Thing, read_page
from labelwidgets.media.header import read_header
from labelwidgets.schema.geometry import Mask, Tag

MAX_FILES = 4_000_000
_DEEP = 20
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)?<annotation\b", re.S
)
# LabelMe's files begin alike.
_OTHERS = (b"<imagesize>", b"<deleted>", b"<sourceImage>")
_LOOKS = 20
# From where on a box is another than that of its pixels.
_OTHER = 1.0


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is XML of Pascal VOC."""
    if _ROOT.match(head) is None or any(one in head for one in _OTHERS):
        return False
    return any(one in head for one in (b"<bndbox>", b"<size>", b"<segmented>", b"<robndbox>"))


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such files, or pictures of the pixels of classes."""
    names = source.names()
    found = [name for name in names if name.lower().endswith(".xml")][:_LOOKS]
    if any(sniff(source.head(name)) for name in found):
        return True
    return any(CLASSES in name.split("/")[:-1] and name.endswith(".png") for name in names)


@reader("voc", "pictures")
def read(job: Reading, *, base: Literal[0, 1] | None = None) -> Imported:
    """Read Pascal VOC: see `labelwidgets.formats.read` and `labelwidgets.formats.voc`.

    Parameters
    ----------
    path
        As for `labelwidgets.formats.read`; a folder, a ``.zip``, or one ``.xml``.
    base
        What the left and top pixel are called; None is 1, or 0 where ``labelmap.txt`` is that of
        CVAT or Datumaro.

    Raises
    ------
    FormatError
        Naming the file, the line and the element.
    LimitError
        If a file is too large, or there are too many.
    """
    if base not in (None, 0, 1):
        raise FormatError(f"must be 0 or 1, not {base!r}.", where="base")
    source = job.input(max_files=MAX_FILES, max_depth=_DEEP)
    found = job.picture_labels()
    known = label_map(source)
    for name in known.order:
        found.note(found.name_of(name, "labelmap.txt"))
    if source.single:
        stem = source.name.rsplit(".", 1)[0]
        sheets = {stem: Sheet(stem, boxes=source.name)}
    else:
        sheets = sheets_of(source)
    told = any(sheet.boxes or sheet.classes or sheet.objects for sheet in sheets.values())
    if not told and not known.order:
        raise FormatError("has no XML and no pixels of Pascal VOC.", where=source.shown)
    reading = _Reading(source, found, known, known.base if base is None else base)
    for sheet in sheets.values():
        reading.sheet(sheet)
    if not source.single:
        reading.tags(sheets)
    return found.result()


class _Reading:
    """One reading of one data set."""

    def __init__(self, source: Input, found: PictureLabels, known: LabelMap, base: int) -> None:
        self.source, self.found, self.known, self.base = source, found, known, base
        self.spots: dict[str, Spot] = {}
        self.seen: set[tuple[str, str]] = set()

    def sheet(self, sheet: Sheet) -> None:
        """Take in all that there is of a picture."""
        record = sheet.boxes or sheet.objects or sheet.classes or sheet.picture or sheet.stem
        try:
            page = self._page(sheet)
            numbers = self._pixels(sheet.objects)
            classes = self._pixels(sheet.classes)
            size = self._size(sheet, page, numbers, classes)
        except LabelwidgetsError as error:
            self.found.wrong(record, None, error)
            return
        names, whole = _names(sheet, page)
        spot = self.found.spot(record, names, size=size, labels=len(page.things), stem=not whole)
        if spot is None:
            return
        self.spots[sheet.stem] = spot
        if sheet.split:
            self.found.describe(spot.item.id, split=sheet.split)
        masks = self._masks(sheet, numbers, classes)
        for number, thing in enumerate(page.things, 1):
            try:
                if isinstance(thing, tuple):
                    raise thing[1]
                self._thing(thing, spot, self._own(masks, number, thing))
            except LabelwidgetsError as error:
                line = thing[0] if isinstance(thing, tuple) else thing.line
                self.found.wrong(f"{record}, line {line}", None, error)
        for key, (name, mask) in masks.items():
            try:
                if not name:
                    raise FormatError(f"has pixels of object {key}, whose class nothing says.")
                self._keep(name, mask, spot, {"object": key} if key > 0 else {})
            except LabelwidgetsError as error:
                self.found.wrong(sheet.objects or sheet.classes or record, None, error)

    def tags(self, sheets: dict[str, Sheet]) -> None:
        """Take in what lists say of pictures, and no object says."""
        try:
            for name, line, stem, given in tags_of(self.source, sheets):
                spot = self.spots.get(stem)
                if spot is None or (spot.item.id, given) in self.seen:
                    continue
                try:
                    self._keep(given, Tag(), spot, {})
                except LabelwidgetsError as error:
                    self.found.wrong(f"{name}, {line}", None, error)
        except FormatError as error:
            self.found.wrong("ImageSets", None, error)

    def _page(self, sheet: Sheet) -> Page:
        if sheet.boxes is None:
            return Page()
        with self.source.open(sheet.boxes) as file:
            return read_page(file, self.source.where(sheet.boxes), self.base)

    def _pixels(self, name: str | None) -> MaskPicture | None:
        if name is None:
            return None
        return read_mask(self.source.read(name, MAX_BYTES), self.source.where(name))

    def _size(
        self, sheet: Sheet, page: Page, *pictures: MaskPicture | None
    ) -> tuple[int, int] | None:
        sizes = [one.size for one in pictures if one is not None]
        if len(set(sizes)) > 1:
            raise FormatError(
                f"has pixels of classes and of objects of different sizes: {sizes[0][0]} x "
                f"{sizes[0][1]} and {sizes[1][0]} x {sizes[1][1]}."
            )
        size = page.size or (sizes[0] if sizes else None)
        if size is None and sheet.picture is not None:
            with self.source.open(sheet.picture) as file:
                header = read_header(file, self.source.where(sheet.picture))
            size = header.width, header.height
        return size

    def _masks(
        self,
        sheet: Sheet,
        numbers: MaskPicture | None,
        classes: MaskPicture | None,
    ) -> dict[int, tuple[str, Mask]]:
        """Return masks by the number of their object, those of classes alone by numbers below 0."""
        found: dict[int, tuple[str, Mask]] = {}
        picture = numbers or classes
        if picture is None:
            return found
        regions = Regions(picture.values)
        for value in regions.areas:
            try:
                number = _number(picture, value)
                if number in (0, VOID):
                    continue
                runs = regions.runs(value)
                if numbers is None:
                    assert classes is not None  # noqa: S101 - one of both is there
                    found[-1 - value] = self._class(classes, value), mask_of(runs)
                    continue
                mask = mask_of(runs)
                if classes is None:
                    # Of which class it is, the XML says.
                    found[number] = "", mask
                    continue
                inside = classes.values[numbers.values == value]
                found[number] = self._class(classes, _most(inside, classes)), mask
            except LabelwidgetsError as error:
                self.found.wrong(sheet.objects or sheet.classes or sheet.stem, value, error)
        return found

    def _class(self, picture: MaskPicture, value: int) -> str:
        color = _color(picture, value)
        name = self.known.names.get(color)
        if name is None:
            raise FormatError(
                f"has pixels of the colour {color >> 16}, {color >> 8 & 255}, {color & 255}, "
                "which is that of no class.",
                hint="Name it in labelmap.txt.",
            )
        return name

    def _own(self, masks: dict[int, tuple[str, Mask]], number: int, thing: Thing) -> Mask | None:
        """Return the pixels of an object of the XML, and take them from those that are left."""
        found = masks.get(number)
        if found is None or found[0] not in ("", thing.name):
            return None
        x, y, width, height = found[1].bounds or (0, 0, 0, 0)
        box = thing.box
        apart = (
            x >= box.x + box.width
            or y >= box.y + box.height
            or box.x >= x + width
            or box.y >= y + height
        )
        return None if apart else masks.pop(number)[1]

    def _thing(self, thing: Thing, spot: Spot, mask: Mask | None) -> None:
        parameters = dict(thing.parameters)
        if mask is not None and mask.bounds is not None:
            off = zip(mask.bounds, thing.box.bounds, strict=True)
            if max(abs(a - b) for a, b in off) > _OTHER:
                parameters["bbox"] = list(thing.box.bounds)
        self._keep(thing.name, mask or thing.shape, spot, parameters, thing.answers)

    def _keep(
        self,
        given: str,
        shape: Any,
        spot: Spot,
        parameters: dict[str, Any],
        said: dict[str, Any] | None = None,
    ) -> None:
        name = self.found.name_of(given, "name")
        said = dict(said or {})
        if "actions" in parameters:
            said["actions"] = [key for key, there in parameters["actions"].items() if there]
        answers, others = self.found.answers(name, said)
        # A question with several answers has one here.
        lists = {key: [value] for key, value in others.items() if isinstance(value, str)}
        several, _ = self.found.answers(name, lists)
        answers |= several
        others = {key: value for key, value in others.items() if key not in several}
        if "actions" in answers:
            parameters = {key: value for key, value in parameters.items() if key != "actions"}
        others.pop("actions", None)
        kept = self.found.keep(
            name, shape, spot, attributes=answers, parameters={**parameters, **others}
        )
        self.seen.add((spot.item.id, given))
        self.seen.add((spot.item.id, kept.class_name or ""))


def _names(sheet: Sheet, page: Page) -> tuple[list[str], bool]:
    """Return what a picture may be called, and whether that has its suffix."""
    folder = sheet.stem.rpartition("/")[0]
    if page.filename and "." in page.filename:
        own = page.filename.replace("\\", "/").rsplit("/", 1)[-1]
        return [f"{folder}/{own}" if folder else own, page.filename], True
    if sheet.picture is not None:
        suffix = sheet.picture.rsplit(".", 1)[-1]
        return [f"{sheet.stem}.{suffix}"], True
    return [sheet.stem], False


def _number(picture: MaskPicture, value: int) -> int:
    """Return the number of an object or class, by its index or by its colour."""
    if picture.kind != "color":
        return value
    if value not in _BY_COLOR:
        # Of a class that has a colour of its own.
        return 0 if value == 0 else -value
    return _BY_COLOR[value]


def _color(picture: MaskPicture, value: int) -> int:
    if picture.kind == "color":
        return value
    if picture.kind == "indexed" and value < len(picture.palette):
        return picture.palette[value]
    return color_of(value)


def _most(values: Any, picture: MaskPicture) -> int:
    """Return the class that most pixels of an object are of."""
    import numpy as np

    found, counts = np.unique(values, return_counts=True)
    void = {0} | {one for one in found.tolist() if _number(picture, one) == VOID}
    ranked = sorted(zip(counts.tolist(), found.tolist(), strict=True), reverse=True)
    best = next((value for _, value in ranked if value not in void), None)
    if best is None:
        raise FormatError("has an object whose pixels are of no class.")
    return int(best)


_BY_COLOR = {color_of(number): number for number in range(256)}
