"""From annotations to Datumaro's JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from labelwidgets.formats.datumaro.shapes import write_shape
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.written_labels import all_answers, one_ring
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Rectangle
from labelwidgets.schema.ontology import Ontology

_PIXELS = changed("mask", "its pixels")
_IMAGE, _VIDEO_FRAME = 2, 6
HOLDS = Holds(
    "Datumaro",
    "pictures",
    {
        **dict.fromkeys(
            (
                "rectangle",
                "turned rectangle",
                "ellipse",
                "polygon",
                "polyline",
                "point",
                "keypoints",
                "hidden joints",
                "cuboid",
                "mask",
                "tag",
                "answers",
                "image answers",
                "confidence",
                "empty pictures",
            ),
            KEPT,
        ),
        "holes": _PIXELS,
        "parts": _PIXELS,
        "volume mask": changed("mask", "a mask on each slice"),
        "track": changed("rectangle", "a shape on each frame"),
    },
    file="default.json",
)


@writer(HOLDS, ".json", beside="images")
def write(job: Writing, *, subset: str = "default") -> Counts:
    """Write Datumaro: see `labelwidgets.formats.write` and `labelwidgets.formats.datumaro`.

    Parameters
    ----------
    path
        A ``.json``; or a folder or a ``.zip``, in which it is ``annotations/SUBSET.json``.
    subset
        What the part of the dataset is called.
    """
    job.beside = f"images/{subset}"
    export = _Export(job)
    made = [export.item(picture) for picture in job.pictures]
    moving = bool(made) and all("video_frame" in one for one in made)
    document = {
        "dm_format_version": "1.0",
        "media_type": _VIDEO_FRAME if moving else _IMAGE,
        "infos": {},
        "categories": _categories(job.ontology),
        "items": made,
    }
    job.output.add(f"annotations/{subset}", msgspec.json.encode(document))
    return {"images": len(made), "annotations": export.count}


class _Export:
    """Takes in one picture after another."""

    def __init__(self, job: Writing) -> None:
        self.job, self.count = job, 0
        self.numbers = {made.name: at for at, made in enumerate(job.ontology.classes)}

    def item(self, picture: Picture) -> dict[str, Any]:
        """Return a picture with its annotations."""
        lost: Counter[str] = Counter()
        labels: list[dict[str, Any]] = []
        made: dict[str, Any] = {"id": picture.stem, "annotations": labels}
        frame = picture.item.kind == "video" and picture.frame is not None
        if frame and not self.job.copies:
            video = picture.name.rpartition("/")[0]
            made["video_frame"] = {"video_path": video, "frame_index": picture.frame}
        else:
            made["image"] = {"path": picture.name}
            if picture.size is not None:
                made["image"]["size"] = [picture.size[1], picture.size[0]]
        for label in self.job.kept(picture.labels, lost):
            self.count += 1
            if label.class_name is None:
                made["attr"] = made.get("attr", {}) | all_answers(label)
            else:
                labels.append(self._label(label, picture))
        self.job.dropped.add(lost)
        return made

    def _label(self, label: Annotation, picture: Picture) -> dict[str, Any]:
        shape = one_ring(label.geometry, picture)
        attributes = all_answers(label)
        if isinstance(shape, Rectangle | Ellipse) and shape.angle % 360:
            attributes["rotation"] = shape.angle
        if label.confidence is not None:
            attributes["score"] = label.confidence
        more = label.origin.parameters if label.origin.name == "datumaro" else {}
        name = self.job.ontology[label.class_name or ""].name
        said = {"id": 0, "group": 0, "z_order": 0, "label_id": self.numbers[name]}
        known = {key: more[key] for key in (*said, "object_id") if isinstance(more.get(key), int)}
        return said | known | write_shape(shape) | {"attributes": attributes}


def _categories(ontology: Ontology) -> dict[str, Any]:
    labels, colors, points = [], [], []
    for at, made in enumerate(ontology.classes):
        asked = [one.name for one in made.attributes]
        labels.append({"name": made.name, "parent": "", "attributes": asked})
        color = made.color or "#000000"
        red, green, blue = (int(color[n : n + 2], 16) for n in (1, 3, 5))
        colors.append({"label_id": at, "r": red, "g": green, "b": blue})
        if made.skeleton is not None:
            # Joints count from 1, as in COCO, where Datumaro has them from.
            edges = [[one + 1, other + 1] for one, other in made.skeleton.edges]
            said = {"label_id": at, "labels": made.skeleton.joints, "joints": edges}
            points.append(said | {"positions": []})
    return {
        "label": {"labels": labels, "label_groups": [], "attributes": []},
        "mask": {"colormap": colors},
        "points": {"items": points},
    }
