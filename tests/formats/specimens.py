"""One label for each thing that a format may hold: what is written to see what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from labelwidgets.algorithms import encode_rle
from labelwidgets.formats.holds import Holds
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import Dropdown, Text
from labelwidgets.schema.geometry import (
    RLE,
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.schema.tracks import Interval, Keyframe, Track

SIZE = WIDTH, HEIGHT = 96, 64
FRAMES = 10
JOINTS = ["head", "thorax", "tip"]
ONTOLOGY = Ontology(
    [
        ObjectClass("car", attributes=[Dropdown("colour", ["red", "blue"]), Text("plate")]),
        ObjectClass("road"),
        ObjectClass("fly", tool="keypoints", skeleton=Skeleton(JOINTS, [(0, 1), (1, 2)])),
    ],
    image_attributes=[Dropdown("weather", ["dry", "rain"])],
)
RING = [(10.0, 8.0), (60.0, 8.0), (60.0, 40.0), (10.0, 40.0)]
HOLE = [(20.0, 16.0), (20.0, 30.0), (40.0, 30.0), (40.0, 16.0)]
OTHER = [(70.0, 44.0), (90.0, 44.0), (90.0, 60.0), (70.0, 60.0)]
PIXELS = np.zeros((HEIGHT, WIDTH), bool)
PIXELS[8:40, 10:60] = True
PIXELS[20:30, 24:40] = False
PIXELS[44:60, 70:90] = True
BOX = Rectangle(12, 9, 31, 22)


def _mask() -> RLE:
    code = encode_rle(PIXELS)
    return RLE(tuple(code["size"]), code["counts"])


def _track() -> Track:
    return Track({2: Keyframe(Rectangle(10, 10, 20, 20)), 6: Keyframe(Rectangle(30, 18, 20, 20))})


def _pose_track() -> Track:
    one, two = (Keypoints([(x, 10, 2), (20, 30, 2), (50, 40, 2)]) for x in (10, 30))
    return Track({2: Keyframe(one), 6: Keyframe(two)})


SHAPES: dict[str, Callable[[], Any]] = {
    "rectangle": lambda: BOX,
    "turned rectangle": lambda: Rectangle(30, 20, 30, 16, 30),
    "ellipse": lambda: Ellipse(40, 30, 20, 12, 20),
    "polygon": lambda: Polygon([[RING[:3]]]),
    "holes": lambda: Polygon([[RING, HOLE]]),
    "parts": lambda: Polygon([[RING], [OTHER]]),
    "polyline": lambda: Polyline([(5, 5), (50, 20), (30, 60)]),
    "point": lambda: Point(40, 20),
    "keypoints": lambda: Keypoints([(10, 10, 2), (20, 30, 2), (50, 40, 2)]),
    "hidden joints": lambda: Keypoints([(10, 10, 2), (20, 30, 1), (0, 0, 0)]),
    "cuboid": lambda: Cuboid(
        [(10, 10), (40, 10), (40, 40), (10, 40), (20, 5), (50, 5), (50, 35), (20, 35)]
    ),
    "mask": lambda: Mask(_mask()),
    "volume mask": lambda: VolumeMask({1: _mask(), 2: _mask()}),
    "tag": Tag,
    "track": _track,
    "event": lambda: Interval(2, 5),
    "image answers": Tag,
}


_PLAIN = ("rectangle", "polygon", "mask", "keypoints", "point", "polyline", "tag")


@dataclass
class Specimen:
    """What is written: the items, and the labels on them."""

    items: pd.DataFrame
    labels: list[Annotation] = field(default_factory=list)


def specimen(feature: str, holds: Holds) -> Specimen:
    """Return a label that has a feature, on a picture, or on the one frame of a video.

    What is no shape itself is said of one that the format keeps.
    """
    on = holds.on
    video = on == "videos" or feature in ("track", "event")
    scan = feature == "volume mask"
    kind = "video" if video else "volume" if scan else "image"
    items = _items(kind)
    if feature == "empty pictures":
        return Specimen(items)
    shape = feature
    if feature in ("answers", "confidence", "ids", "origin"):
        shape = next((one for one in _PLAIN if holds.fate(one).how == "kept"), "rectangle")
    fly = shape in ("keypoints", "hidden joints")
    geometry = SHAPES[shape]()
    if feature == "track" and holds.fate("rectangle").how == "left":
        fly, geometry = True, _pose_track()
    said: dict[str, Any] = {
        "item_id": "one",
        "class_name": None if feature == "image answers" else "fly" if fly else "car",
        "geometry": geometry,
        "frame": 3 if video and feature not in ("track", "event", "image answers") else None,
    }
    if feature == "answers":
        said["attributes"] = {"colour": "blue", "plate": "ÄB 1"}
    elif feature == "image answers":
        said["attributes"] = {"weather": "rain"}
    elif feature == "confidence":
        said["confidence"] = 0.625
    elif feature == "origin":
        said |= {"author": "ana", "origin": Origin("tool", "wand"), "state": "locked"}
    return Specimen(items, [Annotation(**said)])


def _items(kind: str) -> pd.DataFrame:
    suffix = {"image": "jpg", "video": "mp4", "volume": "nii"}[kind]
    metadata: dict[str, Any] = {"width": WIDTH, "height": HEIGHT}
    if kind == "video":
        metadata |= {"frames": FRAMES, "fps": 25.0}
    elif kind == "volume":
        metadata |= {"slices": FRAMES}
    ids = ["one", "two"]
    return pd.DataFrame(
        {
            "id": ids,
            "kind": kind,
            "title": [f"{id}.{suffix}" for id in ids],
            "folder": "day",
            "urls": [[f"/photos/day/{id}.{suffix}"] for id in ids],
            "metadata": [dict(metadata) for _ in ids],
            "status": "ok",
        }
    )
