"""From Datumaro's JSON to annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.datumaro.shapes import numbers, read_shape
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.growing_skeletons import GrowingSkeletons
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.json_values import mapping_in, share
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.picture_names import FRAME
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.attributes import Attribute, Text
from labelwidgets.schema.geometry import XYV, Keypoints, Point, Tag
from labelwidgets.schema.ontology import ObjectClass, Skeleton

MAX_BYTES = 1 << 30
_FOLDER = "annotations"


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of Datumaro."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    if re.search(rb'"(dm_format_version|media_type)"\s*:', head) is None:
        return False
    return b'"categories"' in head or b'"items"' in head


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return any(sniff(source.head(name)) for name in _files(source)[:20])


@reader("datumaro", "pictures")
def read(job: Reading, *, unnamed: str | None = None, max_bytes: int = MAX_BYTES) -> Imported:
    """Read Datumaro: see `labelwidgets.formats.read` and `labelwidgets.formats.datumaro`.

    Parameters
    ----------
    path
        A JSON; or the folder of a dataset, or a zip of it, with ``annotations``.
    unnamed
        Class of annotations without a label; None finds fault with them.
    max_bytes
        Larger files, each by itself, are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the item, the annotation and the field.
    """
    source = job.input()
    found = job.picture_labels(unnamed)
    names = _files(source)
    if not names:
        raise FormatError(f"has no {_FOLDER}/*.json.", where=source.shown)
    skeletons = GrowingSkeletons(found)
    for name in names:
        document = as_json(source.read(name, max_bytes), source.where(name))
        if not isinstance(document, Mapping) or not isinstance(document.get("items"), list):
            raise FormatError("must be an object with items.", where=source.where(name))
        subset = "" if source.single else name.rsplit("/", 1)[-1].removesuffix(".json")
        prefix = "" if source.single else f"{name}, "
        reader = _Reader(found, skeletons, subset, prefix)
        try:
            reader.read_categories(document.get("categories"))
        except LabelwidgetsError as error:
            raise FormatError(
                error.message, where=f"{source.where(name)}, categories, {error.where or ''}"
            ) from None
        for at, item in enumerate(document["items"]):
            reader.read_item(f"{prefix}items[{at}]", item)
    skeletons.close()
    return found.result()


def _files(source: Input) -> list[str]:
    found = source.ending(".json")
    inside = [name for name in found if _FOLDER in name.split("/")[:-1]]
    return inside or found


class _Reader:
    """One reading of one file."""

    def __init__(
        self, found: PictureLabels, skeletons: GrowingSkeletons, subset: str, prefix: str
    ) -> None:
        self.found, self.skeletons = found, skeletons
        self.subset, self.prefix = subset, prefix
        self.names: list[str] = []

    def read_categories(self, given: Any) -> None:
        """Take in the classes."""
        categories = given if isinstance(given, Mapping) else {}
        labels = _list(mapping_in(categories, "label"), "labels")
        colors = {
            _number(one): "#{r:02x}{g:02x}{b:02x}".format(**_rgb(one))
            for one in _list(mapping_in(categories, "mask"), "colormap")
        }
        points = {_number(one): one for one in _list(mapping_in(categories, "points"), "items")}
        everywhere = _asked(mapping_in(categories, "label"))
        # Labels that are joints are so by their parents, which have points.
        bones = [one.get("name") for at, one in enumerate(labels) if at in points]
        for at, one in enumerate(labels):
            name = self.found.name_of(one.get("name"), f"labels[{at}].name")
            self.names.append(name)
            if one.get("parent") in bones:
                continue
            skeleton = None
            if at in points:
                said = _list(points[at], "labels")
                if said:
                    skeleton = Skeleton(said, _edges(points[at]))
            asked: list[Attribute] = [
                Text(text) for text in sorted({*everywhere, *_asked(one)}) if text.strip()
            ]
            made = ObjectClass(name, color=colors.get(at), attributes=asked, skeleton=skeleton)
            self.found.tell(made, any_tool=True)
            parent = one.get("parent")
            self.found.note(name, group=parent if isinstance(parent, str) else None)

    def read_item(self, place: str, item: Any) -> None:
        """Take in a picture."""
        try:
            if not isinstance(item, Mapping):
                raise FormatError("must be an object.")
            names, size = self._names(item)
            labels = _list(item, "annotations", whole=False)
        except LabelwidgetsError as error:
            self.found.wrong(place, item.get("id") if isinstance(item, Mapping) else None, error)
            return
        id = str(item.get("id") or "")
        stems = [f"{self.subset}/{id}", id] if self.subset else [id]
        spot = self.found.spot(
            place, names, id=id, size=size, labels=len(labels), stems=stems if id else ()
        )
        if spot is None:
            return
        captions = []
        for at, label in enumerate(labels):
            try:
                if isinstance(label, Mapping) and label.get("type") == "caption":
                    captions.append(str(label.get("caption") or ""))
                else:
                    self._read_label(label, spot)
            except LabelwidgetsError as error:
                own = label.get("id") if isinstance(label, Mapping) else None
                self.found.wrong(f"{place}.annotations[{at}]", own, error)
        try:
            given = mapping_in(item, "attr")
        except FormatError as error:
            self.found.wrong(place, id, error)
            return
        if captions:
            given["caption"] = "\n".join(captions)
        if given:
            answers, others = self.found.answers(None, given)
            # What tools number their pictures by says nothing about them.
            if answers or not others.keys() <= {"frame", "id"}:
                parameters = {"attributes": others} if others else {}
                self.found.keep(None, Tag(), spot, attributes=answers, parameters=parameters)

    def _names(self, item: Mapping[str, Any]) -> tuple[list[str], tuple[Any, Any] | None]:
        frame = item.get("video_frame")
        if isinstance(frame, Mapping):
            index = frame.get("frame_index")
            if not isinstance(index, int) or isinstance(index, bool) or index < 0:
                raise FormatError("must be a whole number from 0.", where="video_frame.frame_index")
            return [f"{frame.get('video_path')}/{FRAME.format(index)}.png"], None
        if item.get("point_cloud"):
            raise FormatError("is a point cloud, which is not read.", where="point_cloud")
        image = mapping_in(item, "image")
        id, path = item.get("id"), image.get("path")
        if not isinstance(id, str) or not id:
            raise FormatError("must be the name of a picture.", where="id")
        name = path if isinstance(path, str) and path else id
        names = [f"{self.subset}/{name}", name] if self.subset else [name]
        size = None
        if image.get("size") is not None:
            height, width = (int(one) if one == int(one) else one
                             for one in numbers(image["size"], "image.size", 2))  # fmt: skip
            size = width, height
        return names, size

    def _name(self, said: Mapping[str, Any]) -> str:
        number = said.get("label_id")
        if number is None:
            return self.found.name_of(None, "label_id")
        whole = isinstance(number, int) and not isinstance(number, bool)
        if not whole or not 0 <= number < len(self.names):
            raise FormatError(f"{str(number)[:40]} is no category.", where="label_id")
        return self.names[int(number)]

    def _read_label(self, said: Any, spot: Spot) -> None:
        if not isinstance(said, Mapping):
            raise FormatError("must be an object.")
        name = self._name(said)
        known = self.found.known(name)
        shape: Any
        if said.get("type") == "skeleton":
            shape = self._skeleton(said, name)
        else:
            shape = read_shape(said)
            bones = known is not None and known.skeleton is not None
            if isinstance(shape, Keypoints) and not bones and len(shape.points) == 1:
                shape = Point(*shape.points[0][:2])
            elif isinstance(shape, Keypoints):
                self.skeletons.meet(name, [f"p{at + 1}" for at in range(len(shape.points))])
        given = mapping_in(said, "attributes")
        turned = shape.type in ("rectangle", "ellipse")
        if turned and not isinstance(given.get("rotation"), str):
            given.pop("rotation", None)
        asked = {one.name for one in self.found.questions(name)}
        score = share(given.get("score")) if "score" not in asked else None
        if score is not None:
            del given["score"]
        answers, others = self.found.answers(name, given)
        parameters: dict[str, Any] = {
            key: said[key]
            for key in ("id", "group", "z_order", "object_id")
            if said.get(key) not in (None, 0, -1)
        }
        if others:
            parameters["attributes"] = others
        self.found.keep(
            name,
            shape,
            spot,
            attributes=answers,
            parameters=parameters,
            confidence=score,
        )

    def _skeleton(self, said: Mapping[str, Any], name: str) -> Keypoints:
        points: dict[str, XYV] = {}
        for at, one in enumerate(_list(said, "elements")):
            joint = self._name(one)
            shape = read_shape(one)
            if not isinstance(shape, Keypoints) or len(shape.points) != 1 or joint in points:
                raise FormatError("must be one point of another joint.", where=f"elements[{at}]")
            points[joint] = shape.points[0]
        self.skeletons.meet(name, list(points))
        joints = self.skeletons.joints(name)
        if unknown := set(points) - set(joints):
            raise FormatError(f"{min(unknown)[:40]!r} is no joint of {name!r}.", where="elements")
        return Keypoints([points.get(joint, (0.0, 0.0, 0)) for joint in joints])


def _list(holder: Mapping[str, Any], key: str, whole: bool = True) -> list[Any]:
    given = holder.get(key)
    if given is None:
        return []
    if not isinstance(given, list):
        raise FormatError("must be a list.", where=key)
    plain = key == "labels" and all(isinstance(one, str) for one in given)
    if whole and not plain and not all(isinstance(one, Mapping) for one in given):
        raise FormatError("must be a list of objects.", where=key)
    return given


def _edges(one: Mapping[str, Any]) -> list[Any]:
    """Return pairs of joints from 0; they count from 1, as in COCO, unless one of them is 0."""
    given = _list(one, "joints", whole=False)
    pairs = [edge for edge in given if isinstance(edge, list)]
    ends = [end for edge in pairs for end in edge]
    if len(pairs) < len(given) or 0 in ends or not all(type(end) is int for end in ends):
        return given
    return [[end - 1 for end in edge] for edge in pairs]


def _number(one: Mapping[str, Any]) -> int | None:
    """Return the number of the label that something is about, None where it is none."""
    number = one.get("label_id")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _asked(one: Mapping[str, Any]) -> list[str]:
    """Return the names of the questions about a label, or about all."""
    return [text for text in _list(one, "attributes", whole=False) if isinstance(text, str)]


def _rgb(one: Mapping[str, Any]) -> dict[str, int]:
    made = {}
    for key in "rgb":
        value = one.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 255:
            raise FormatError("must be from 0 to 255.", where=f"mask.colormap, {key}")
        made[key] = value
    return made
