"""From annotations to segments in pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.formats.canvas import Canvas
from labelwidgets.formats.class_groups import GROUP, group_of
from labelwidgets.formats.coco.records import VERSION
from labelwidgets.formats.drawing import Drawn
from labelwidgets.formats.holds import AREAS, KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.problems import naming
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.written_labels import all_answers
from labelwidgets.media.png import write_map_png
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Track

HOLDS = Holds(
    "panoptic COCO",
    "pictures",
    {
        **dict.fromkeys(AREAS, changed("mask", "its pixels")),
        "mask": KEPT,
        "volume mask": changed("mask", "a mask on each slice"),
        "track": changed("mask", "a mask on each frame"),
        "answers": KEPT,
        "image answers": KEPT,
        "confidence": KEPT,
        "empty pictures": KEPT,
        "ids": KEPT,
        "origin": KEPT,
    },
    disjoint=True,
)
MAX_ID = 0xFFFFFF
# What a segment says in fields of its own.
_ELSEWHERE = ("item_id", "frame", "class_name", "geometry", "attributes", "confidence")
# Fields of categories that classes have a place for.
_OWN = ("id", "name", GROUP, "isthing", "color")


@writer(HOLDS, ".json", folder=True, beside="images")
def write(job: Writing, *, supercategories: Mapping[str, str] | None = None) -> Counts:
    """Write panoptic COCO: see `labelwidgets.formats.write`.

    Pictures without labels are listed, without a PNG. Segments keep the ids that they were read
    with; others are 1, 2, 3, ... in the order of the labels.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
    supercategories
        As for `labelwidgets.formats.write`.

    Raises
    ------
    FormatError
        If a label does not fit, a size is not known, or (if `strict`) something is lost.
    """
    numbers = {made.name: at for at, made in enumerate(job.ontology.classes, 1)}
    moving = {one.id for one in job.annotations if isinstance(one.geometry, Track | VolumeMask)}
    found = job.draw(_Panoptic(numbers, moving), _wanted(job))
    images = [image for image, _ in found]
    made = [segments for _, segments in found if segments is not None]
    file = {
        "info": {"description": "Labels made with labelwidgets"},
        "licenses": [],
        "categories": _categories(job.ontology, numbers, supercategories or {}),
        "annotations": made,
        "images": images,
        "labelwidgets": {"version": VERSION, "ontology": job.ontology},
    }
    job.output.add("panoptic", msgspec.json.encode(file))
    count = sum(len(one["segments_info"]) for one in made)
    return {"images": len(images), "annotations": count, "categories": len(numbers)}


class _Wanted(NamedTuple):
    """A picture, its number, and where its file lies."""

    number: int
    place: str
    picture: Picture


def _wanted(job: Writing) -> Iterator[_Wanted]:
    for number, picture in enumerate(job.pictures, 1):
        # Without labels it has no file, and takes no name.
        stem = job.pictures.stem_of(picture)
        place = job.output.place(f"panoptic/{stem}", ".png") if picture.labels else ""
        yield _Wanted(number, place, picture)


class _Panoptic:
    """Paints pictures, each by itself."""

    def __init__(self, numbers: Mapping[str, int], moving: set[str]) -> None:
        self.numbers, self.moving = numbers, moving

    def __call__(self, wanted: _Wanted) -> Drawn:
        """Return the file of a picture, and what is said of it: image, and annotation or None."""
        lost: Counter[str] = Counter()
        image = _image(wanted.number, wanted.picture)
        painter = _Painter(wanted.picture, self.numbers, self.moving, image, lost)
        if not painter.segments:
            return Drawn([], lost, (image, None))
        segments = {
            "image_id": image["id"],
            "file_name": wanted.place.removeprefix("panoptic/"),
            "segments_info": painter.segments,
        }
        return Drawn([(wanted.place, painter.png())], lost, (image, segments))


def _categories(
    ontology: Ontology, numbers: Mapping[str, int], groups: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "id": numbers[one.name],
            "name": one.name,
            GROUP: group_of(one, groups),
            "isthing": int(one.instances),
            **({"color": list(bytes.fromhex(one.color[1:]))} if one.color else {}),
            **{name: told for name, told in one.parameters.items() if name not in _OWN},
        }
        for one in ontology.classes
    ]


def _image(id: int, picture: Picture) -> dict[str, Any]:
    image: dict[str, Any] = {"id": id, "file_name": picture.name}
    if picture.size is not None:
        image |= {"width": picture.size[0], "height": picture.size[1]}
    return image


class _Painter:
    """Paints the labels of one picture, later ones above."""

    def __init__(
        self,
        picture: Picture,
        numbers: Mapping[str, int],
        moving: set[str],
        image: dict[str, Any],
        lost: Counter[str],
    ) -> None:
        self.numbers, self.moving = numbers, moving
        shapes = []
        for label in picture.labels:
            if losses(HOLDS, label, lost).how == "left":
                continue
            if label.class_name is None:
                own = image.setdefault("labelwidgets", {}).setdefault("annotations", [])
                own.append(label)
                continue
            shapes.append(label)
        self.segments: list[dict[str, Any]] = []
        if not shapes:
            return
        # By their places: the ids that they came with may be any.
        self.canvas = Canvas(picture.pixels, np.uint32)
        for at, label in enumerate(shapes, 1):
            with naming(label):
                if not self.canvas.paint(label.geometry, at):
                    lost["label without pixels"] += 1
        areas = self.canvas.areas
        lost["pixel under a later label"] += self.canvas.covered
        lost["object wholly under later labels"] += sum(not area for area in areas.values())
        self.ids = _ids(shapes, [at for at in range(1, len(shapes) + 1) if areas.get(at)])
        boxes = self._boxes()
        for at, id in self.ids.items():
            self.segments.append(self._segment(shapes[at - 1], id, areas[at], boxes[at - 1]))

    def png(self) -> bytes:
        """Return the picture of the ids."""
        table = np.zeros(max(self.ids, default=0) + 1, "<u4")
        for at, id in self.ids.items():
            table[at] = id
        values = self.canvas.values
        # Of what is wholly covered there is nothing here.
        flat = table[np.minimum(values, table.size - 1)]
        colors = flat.view(np.uint8).reshape(*values.shape, 4)[..., :3]
        return write_map_png(np.ascontiguousarray(colors))

    def _segment(
        self, label: Annotation, id: int, area: int, box: tuple[slice, slice]
    ) -> dict[str, Any]:
        rows, columns = box
        crowd = label.origin.kind == "import" and label.origin.parameters.get("iscrowd") == 1
        made: dict[str, Any] = {
            "id": id,
            "category_id": self.numbers[label.class_name or ""],
            "area": area,
            "bbox": [
                columns.start,
                rows.start,
                columns.stop - columns.start,
                rows.stop - rows.start,
            ],
            "iscrowd": int(crowd),
        }
        if answers := all_answers(label):
            made["attributes"] = answers
        if label.confidence is not None:
            made["score"] = label.confidence
        if label.id in self.moving:
            made["labelwidgets"] = {"track_id": label.track_id or label.id}
        else:
            said = label.to_dict()
            made["labelwidgets"] = {key: said[key] for key in said if key not in _ELSEWHERE}
        return made

    def _boxes(self) -> list[Any]:
        from scipy import ndimage

        values: npt.NDArray[Any] = self.canvas.values.astype(np.int32)
        return list(ndimage.find_objects(values))


def _ids(labels: Sequence[Annotation], places: Sequence[int]) -> dict[int, int]:
    """Return the ids of segments by their places: those that they came with, where free."""
    made: dict[int, int] = {}
    used: set[int] = set()
    for at in places:
        origin = labels[at - 1].origin
        id = origin.parameters.get("id") if origin.name == "coco_panoptic" else None
        if type(id) is int and 0 < id <= MAX_ID and id not in used:
            made[at] = id
            used.add(id)
    following = 1
    for at in places:
        if at not in made:
            while following in used:
                following += 1
            made[at] = following
            used.add(following)
    return dict(sorted(made.items()))
