"""From LabelMe's files to annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.folders import holds_any, in_folder
from labelwidgets.formats.growing_skeletons import GrowingSkeletons
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.json_values import mapping_in, share
from labelwidgets.formats.labelme.shapes import read_shape
from labelwidgets.formats.labelme.website import Website
from labelwidgets.formats.labelme.website import sniff as sniff_xml
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.geometry import XYV, Keypoints, Point, Tag

# The picture itself may be in it, in base64.
MAX_BYTES = 1 << 28
_KNOWN = {"label", "points", "shape_type", "mask", "flags", "attributes", "score", "angle",
          "parent", "hidden"}  # fmt: skip
_TOP = {"version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth",
        "attributes", "path", "tags"}  # fmt: skip


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is of LabelMe."""
    if sniff_xml(head):
        return True
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    signs = (rb'"shapes"\s*:\s*\[', rb'"(shape_type|imagePath|imageData|version|flags)"\s*:')
    return all(re.search(sign, head) is not None for sign in signs)


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".json", ".xml")


@reader("labelme", "pictures")
def read(job: Reading, *, unnamed: str | None = None, max_bytes: int = MAX_BYTES) -> Imported:
    """Read LabelMe: see `labelwidgets.formats.read` and `labelwidgets.formats.labelme`.

    Parameters
    ----------
    path
        A JSON or an XML, or a folder or zip with some.
    items
        As for `labelwidgets.formats.read`. A picture is found by the path in the file, else by
        the name of the file.
    unnamed
        Class of shapes without a label; None finds fault with them.
    max_bytes
        Larger files, each by itself, are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the shape and the field.
    """
    source = job.input()
    found = job.picture_labels(unnamed)
    names = source.ending(".json", ".xml")
    if not names and source.names():
        raise FormatError("has no .json and no .xml of LabelMe.", where=source.shown)
    reader = _Reader(found, source)
    website = Website(found, source)
    for name in names:
        try:
            if name.lower().endswith(".xml"):
                website.read(name)
            else:
                reader.read(name, as_json(source.read(name, max_bytes), source.where(name)))
        except LabelwidgetsError as error:
            if source.single or not job.collect:
                raise
            found.wrong(name, None, error)
    reader.skeletons.close()
    website.say()
    return found.result()


class _Reader:
    """One reading of some JSON files."""

    def __init__(self, found: PictureLabels, source: Input) -> None:
        self.found, self.source = found, source
        self.skeletons = GrowingSkeletons(found)

    def read(self, name: str, document: Any) -> None:
        """Take in a file."""
        prefix = "" if self.source.single else f"{name}, "
        if not isinstance(document, Mapping) or not isinstance(document.get("shapes"), list):
            raise FormatError("must be an object with a list of shapes.", where=f"{prefix}shapes")
        shapes = document["shapes"]
        sides = document.get("imageWidth"), document.get("imageHeight")
        spot = self.found.spot(
            prefix.removesuffix(", ") or "file",
            self._names(name, document),
            size=sides if sides != (None, None) else None,
            labels=len(shapes),
            stems=self._stems(name),
        )
        if spot is None:
            return
        joints: dict[tuple[str, str], list[tuple[int, Mapping[str, Any]]]] = {}
        for at, said in enumerate(shapes):
            place = f"{prefix}shapes[{at}]"
            try:
                if not isinstance(said, Mapping):
                    raise FormatError("must be an object.")
                if isinstance(said.get("parent"), str):
                    key = said["parent"], str(said.get("group_id"))
                    joints.setdefault(key, []).append((at, said))
                    continue
                self._read_shape(said, spot)
            except LabelwidgetsError as error:
                self.found.wrong(place, None, error)
        for (parent, _), some in joints.items():
            try:
                self._read_joints(parent, [said for _, said in some], spot)
            except LabelwidgetsError as error:
                self.found.wrong(f"{prefix}shapes[{some[0][0]}]", None, error)
        try:
            self._read_about(document, spot)
        except LabelwidgetsError as error:
            self.found.wrong(f"{prefix}flags", None, error)

    def _names(self, name: str, document: Mapping[str, Any]) -> list[str]:
        folder = "" if self.source.single else name.rpartition("/")[0]
        names = []
        for key in ("path", "imagePath"):
            said = document.get(key)
            if isinstance(said, str) and said:
                said = said.replace("\\", "/")
                names += [in_folder(folder, said), said] if key == "imagePath" else [said]
        return list(dict.fromkeys(names)) or self._stems(name)

    def _stems(self, name: str) -> list[str]:
        return [name.removesuffix(".json")]

    def _read_shape(self, said: Mapping[str, Any], spot: Spot) -> None:
        name = self.found.name_of(said.get("label"))
        shape: Any = read_shape(said, spot.size)
        if isinstance(shape, Keypoints):
            self.skeletons.meet(name, [f"p{at}" for at in range(1, len(shape.points) + 1)])
            lacking = len(self.skeletons.joints(name)) - len(shape.points)
            shape = Keypoints([*shape.points, *[(0.0, 0.0, 0)] * lacking])
        self._keep(name, shape, said, spot)

    def _keep(self, name: str, shape: Any, said: Mapping[str, Any], spot: Spot) -> None:
        given = {**mapping_in(said, "flags"), **mapping_in(said, "attributes")}
        answers, others = self.found.answers(name, given)
        parameters = {key: said[key] for key in said if key not in _KNOWN and _is_said(said[key])}
        if others:
            parameters["attributes"] = others
        score = said.get("score")
        if score is not None and share(score) is None:
            parameters["score"] = str(score)[:40]
        self.found.keep(
            name,
            shape,
            spot,
            attributes=answers,
            parameters=parameters,
            confidence=share(score),
        )

    def _read_joints(self, parent: str, some: list[Mapping[str, Any]], spot: Spot) -> None:
        """Take in points that say of which object they are the joints."""
        name = self.found.name_of(parent, "parent")
        points: dict[str, XYV] = {}
        for said in some:
            joint = said.get("label")
            shape = read_shape(said, spot.size)
            if not isinstance(joint, str) or not isinstance(shape, Point):
                raise FormatError("must be a point with the name of a joint.", where="parent")
            if joint in points:
                raise FormatError(f"has the joint {joint[:40]!r} twice.", where="parent")
            points[joint] = (shape.x, shape.y, 1 if said.get("hidden") is True else 2)
        self.skeletons.meet(name, list(points))
        joints = self.skeletons.joints(name)
        if unknown := set(points) - set(joints):
            raise FormatError(f"{min(unknown)[:40]!r} is no joint of {name!r}.", where="label")
        shape_of = Keypoints([points.get(joint, (0.0, 0.0, 0)) for joint in joints])
        self._keep(name, shape_of, {k: v for k, v in some[0].items() if k != "group_id"}, spot)

    def _read_about(self, document: Mapping[str, Any], spot: Spot) -> None:
        """Take in what is said of the picture: its answers, and its classes."""
        asked = {one.name for one in self.found.questions(None)}
        flags = mapping_in(document, "flags")
        given = {key: flags[key] for key in flags if key in asked} | mapping_in(
            document, "attributes"
        )
        for key, value in flags.items():
            if key not in asked and value is True:
                said = mapping_in(mapping_in(document, "tags"), key)
                self._keep(self.found.name_of(key, "flags"), Tag(), said, spot)
        answers, others = self.found.answers(None, given)
        parameters = {k: v for k, v in document.items() if k not in _TOP and _is_said(v)}
        if others:
            parameters["attributes"] = others
        if answers or parameters:
            self.found.keep(None, Tag(), spot, attributes=answers, parameters=parameters)


def _is_said(value: Any) -> bool:
    return value not in (None, "", [], {})
