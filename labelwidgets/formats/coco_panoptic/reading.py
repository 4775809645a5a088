"""From segments in pictures to annotations."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.categories import Categories, class_of
from labelwidgets.formats.coco.sniffing import is_panoptic
from labelwidgets.formats.coco.whole_documents import decode_file, to_utf8
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.json_values import share
from labelwidgets.formats.mask_pictures import MAX_BYTES, MaskPicture, Regions, read_mask
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.media.limits import Limits
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask
from labelwidgets.schema.ontology import Ontology

MAX_JSON = 1 << 30
_OF_CLASSES = ("id", "name", "supercategory", "isthing", "color")
_KNOWN = ("id", "category_id", "area", "bbox", "iscrowd", "score", "attributes", "labelwidgets")


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is panoptic COCO."""
    return is_panoptic(to_utf8(head, whole=False))


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has a JSON file of segments in pictures."""
    names = [name for name in source.names() if name.lower().endswith(".json")]
    return any(sniff(source.head(name)) for name in names[:100])


@reader("coco_panoptic", "pictures")
def read(job: Reading, *, limits: Limits | None = None, max_bytes: int = MAX_JSON) -> Imported:
    """Read panoptic COCO: see `labelwidgets.formats.read`.

    Parameters
    ----------
    path
        The JSON file, or a folder or zip of one or several, with the PNGs.
    limits
        Bounds on the size of a PNG; the default ones where None.
    max_bytes
        Larger JSON files are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the record and the field: a segment without pixels, pixels without a
        segment, a PNG of another size than its picture.
    """
    source = job.input()
    found = job.picture_labels()
    several = [name for name in source.names() if name.lower().endswith(".json")]
    if not source.single:
        several = [name for name in several if sniff(source.head(name))]
    if not several:
        raise FormatError("has no JSON file of segments.", where=source.shown)
    told: list[Ontology] = []
    for name in several:
        file = decode_file(source.read(name, max_bytes), source.where(name))
        reader = _Reader(source, name, file, found, limits, len(several) > 1, job.items is not None)
        reader.read()
        if not records.is_null(file.labelwidgets):
            told.append(reader.categories.ontology())
    result = found.result()
    return dataclasses.replace(result, ontology=told[0]) if len(told) == 1 else result


class _Annotation(msgspec.Struct):
    image_id: records.Id
    file_name: str
    segments_info: list[msgspec.Raw]


class _ImageExtension(msgspec.Struct):
    annotations: list[msgspec.Raw] = []


class _Reader:
    """Reads one JSON file and its pictures."""

    def __init__(
        self,
        source: Input,
        name: str,
        file: records.File,
        found: PictureLabels,
        limits: Limits | None,
        several: bool,
        matched: bool,
    ) -> None:
        self.source, self.name, self.file, self.found = source, name, file, found
        self.limits, self.matched = limits, matched
        self.prefix = f"{name}, " if several else ""
        self.categories = Categories(file, found.problems, _OF_CLASSES)
        self.images: dict[records.Id, tuple[str, records.Image]] = {}
        self.names = {} if source.single else dict.fromkeys(source.names())

    def read(self) -> None:
        """Read the segments of all pictures."""
        for entry in self.categories:
            made = class_of(entry, "mask", entry.isthing is not False)
            name = self.found.name_of(entry.name)
            if self.found.known(name) is None:
                self.found.tell(made)
            self.found.note(name, group=entry.supercategory)
        for number, raw in enumerate(self.file.images):
            record, id = f"{self.prefix}images[{number}]", None
            try:
                image = records.decode(raw, records.Image)
                id = image.id
                records.check_id(id)
                if id in self.images:
                    raise FormatError("is the id of an image before it.", where="id")
                self.images[id] = (record, image)
            except LabelwidgetsError as error:
                self.found.wrong(record, id, error)
        segments: dict[records.Id, tuple[str, _Annotation]] = {}
        for number, raw in enumerate(self.file.annotations):
            record, id = f"{self.prefix}annotations[{number}]", None
            try:
                made_of = records.decode(raw, _Annotation)
                id = made_of.image_id
                records.check_id(id, "image_id")
                if id not in self.images:
                    raise FormatError("is not the id of an image of the file.", where="image_id")
                if id in segments:
                    raise FormatError("has an annotation before it.", where="image_id")
                segments[id] = record, made_of
            except LabelwidgetsError as error:
                self.found.wrong(record, id, error)
        for id, (record, image) in self.images.items():
            try:
                self._image(record, image, segments.get(id))
            except LabelwidgetsError as error:
                self.found.wrong(record, id, error)

    def _image(
        self, record: str, image: records.Image, made: tuple[str, _Annotation] | None
    ) -> None:
        own = _ImageExtension()
        if not records.is_null(image.labelwidgets):
            own = records.decode(image.labelwidgets, _ImageExtension, "labelwidgets")
        size = (image.width, image.height) if image.width and image.height else None
        names = [image.coco_url, image.flickr_url, image.file_name]
        if not self.matched:
            names = [image.file_name, image.coco_url]
        count = len(made[1].segments_info) if made is not None else 0
        spot = self.found.spot(record, names, id=image.id, size=size, labels=count)
        if spot is None:
            return
        for raw in own.annotations:
            answers = records.decode(raw, Annotation, "labelwidgets.annotations")
            place = {"item_id": spot.item.id, "frame": spot.frame}
            self.found.take(msgspec.structs.replace(answers, **place), spot.size, record)
        if made is None:
            return
        record, annotation = made
        try:
            self._segments(record, annotation, spot)
        except LabelwidgetsError as error:
            self.found.wrong(record, image.id, error)

    def _segments(self, record: str, annotation: _Annotation, spot: Spot) -> None:
        data, where = self._picture(annotation.file_name)
        picture = read_mask(data, where, self.limits)
        if spot.size is not None and picture.size != spot.size:
            raise FormatError(
                f"is {picture.size[0]} x {picture.size[1]} pixels, its picture is "
                f"{spot.size[0]} x {spot.size[1]}.",
                where="file_name",
            )
        regions = Regions(_ids_of(picture))
        seen: set[int] = {0}
        for number, raw in enumerate(annotation.segments_info):
            place, id = f"{record}.segments_info[{number}]", None
            try:
                said = records.decode(raw, dict[str, Any])
                id = said.get("id")
                if type(id) is not int or id in seen:
                    raise FormatError("must be a number that no segment before has.", where="id")
                seen.add(id)
                if id not in regions.areas:
                    raise FormatError(f"has no pixels in {annotation.file_name}.", where="id")
                self._keep(said, id, mask_of(regions.runs(id)), spot, place)
            except LabelwidgetsError as error:
                self.found.wrong(place, id, error)
        others = {id: area for id, area in regions.areas.items() if id not in seen}
        if others:
            first = next(iter(others))
            self.found.wrong(
                f"{record}.segments_info",
                None,
                FormatError(
                    f"lacks {numbered(len(others), 'segment')} that {annotation.file_name} "
                    "has pixels of; the "
                    f"first has the id {first} and {others[first]} pixels."
                ),
            )

    def _keep(self, said: dict[str, Any], id: int, mask: Mask, spot: Spot, record: str) -> None:
        category_id = said.get("category_id")
        known = isinstance(category_id, int | str)
        category = self.categories.get(category_id) if known else None  # type: ignore[arg-type]
        if category is None:
            raise FormatError("is not the id of a category of the file.", where="category_id")
        category.count("mask")
        name = self.found.name_of(category.name)
        given, own = said.get("attributes") or {}, said.get("labelwidgets")
        if not isinstance(given, dict):
            raise FormatError("must be an object.", where="attributes")
        confidence = share(said.get("score"))
        if isinstance(own, dict) and "id" in own:
            whole = own | {"item_id": spot.item.id, "class_name": name, "attributes": given}
            made = Annotation.from_dict(whole | {"geometry": {"type": "tag"}})
            changes: dict[str, Any] = {"geometry": mask, "confidence": confidence}
            changes["frame"] = spot.frame
            self.found.take(msgspec.structs.replace(made, **changes), spot.size, record)
            return
        answers, others = self.found.answers(name, given)
        parameters = {"id": id} | {key: said[key] for key in said if key not in _KNOWN}
        if said.get("iscrowd"):
            parameters["iscrowd"] = 1
        if others:
            parameters["attributes"] = others
        track = own.get("track_id") if isinstance(own, dict) else None
        self.found.keep(
            name,
            mask,
            spot,
            track_id=track if isinstance(track, str) else None,
            attributes=answers,
            parameters=parameters,
            confidence=confidence,
        )

    def _picture(self, name: str) -> tuple[bytes, str]:
        """Return the PNG of a picture: in the folder that is called like the JSON file, or near."""
        if not name or name.startswith("/") or ".." in name.replace("\\", "/").split("/"):
            raise FormatError("must be the name of a PNG beside the file.", where="file_name")
        folder, _, own = self.name.rpartition("/")
        stem = own.rsplit(".", 1)[0]
        beside = [stem, "panoptic", "panoptic_masks", "masks", stem.removeprefix("panoptic_"), ""]
        above = [folder, folder.rpartition("/")[0]] if folder else ["", ".."]
        places = ["/".join(filter(None, (up, one, name))) for up in above for one in beside]
        for place in places:
            if self.source.single or place in self.names:
                data = self.source.maybe(place, MAX_BYTES)
                if data is not None:
                    return data, self.source.where(place)
        raise FormatError(
            f"{name[:200]!r} is not there.",
            where="file_name",
            hint=f"Lay the PNGs into a folder {stem} beside the file.",
        )


def _ids_of(picture: MaskPicture) -> npt.NDArray[np.uint32]:
    """Return the ids of the pixels, 0 for those of nothing."""
    values = picture.values.astype(np.uint32)
    if picture.kind == "indexed":
        table = np.zeros(256, np.uint32)
        table[: len(picture.palette)] = picture.palette
        values = table[values]
    if picture.kind == "grey":
        return values
    ids: npt.NDArray[np.uint32] = (
        (values & 0xFF) << 16 | (values & 0xFF00) | (values >> 16)
    ).astype(np.uint32)
    return ids
