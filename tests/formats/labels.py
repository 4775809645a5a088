"""Arbitrary labels that are valid on an image of 60 x 50 pixels."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelwidgets.algorithms import encode_rle, mask_to_polygons
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import Text
from labelwidgets.schema.geometry import (
    RLE,
    Cuboid,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton

WIDTH, HEIGHT = 60, 50
CLASSES = ("car", "Straße", 'a "b" \\ c', "人")
ONTOLOGY = Ontology(
    [
        *(ObjectClass(name) for name in CLASSES),
        ObjectClass(
            "fly", tool="keypoints", skeleton=Skeleton(["head", "thorax", "tip"], [(0, 1), (1, 2)])
        ),
    ]
)

NOTED = Ontology(
    [
        *(ObjectClass(name, attributes=[Text("note")]) for name in CLASSES),
        ONTOLOGY["fly"],
    ]
)


def items(*ids: str, folder: str = "") -> pd.DataFrame:
    """Return a frame of items of 60 x 50 pixels."""
    return pd.DataFrame(
        {
            "id": list(ids),
            "kind": "image",
            "title": [f"{id}.jpg" for id in ids],
            "folder": folder,
            "urls": [[f"/photos/{folder}/{id}.jpg"] for id in ids],
            "metadata": [{"width": WIDTH, "height": HEIGHT} for _ in ids],
            "status": "ok",
        }
    )


def number(low: float, high: float) -> st.SearchStrategy[float]:
    """Return numbers within both ends."""
    return st.floats(low, high, allow_nan=False, width=64)


POINTS = st.tuples(number(0, WIDTH), number(0, HEIGHT))


@st.composite
def rectangles(draw: st.DrawFn) -> Rectangle:
    """Draw a box, turned half of the time."""
    angle = draw(st.just(0.0) | number(-720, 720))
    x, y = draw(number(20, 30)), draw(number(20, 25))
    return Rectangle(x, y, draw(number(0.01, 12)), draw(number(0.01, 12)), angle)


@st.composite
def ellipses(draw: st.DrawFn) -> Ellipse:
    """Draw an ellipse."""
    x, y, angle = draw(number(20, 40)), draw(number(20, 30)), draw(number(-360, 360))
    return Ellipse(x, y, draw(number(0.01, 19)), draw(number(0.01, 19)), angle)


@st.composite
def stars(draw: st.DrawFn) -> Polygon:
    """Draw a polygon around a centre, with any coordinates, perhaps with a hole."""
    radii = draw(st.lists(number(8, 20), min_size=3, max_size=12))
    turns = [2 * math.pi * step / len(radii) for step in range(len(radii))]
    ring = [
        (30 + r * math.cos(turn), 25 + r * math.sin(turn))
        for r, turn in zip(radii, turns, strict=True)
    ]
    hole = [(29.5, 24.5), (30.25, 24.75), (30.0, 25.5)]
    return Polygon([[ring, hole] if draw(st.booleans()) else [ring]])


MASKS = arrays(bool, (HEIGHT, WIDTH), elements=st.booleans(), fill=st.just(False))
CODES = MASKS.map(encode_rle).map(lambda code: RLE(tuple(code["size"]), code["counts"]))
OUTLINES = MASKS.filter(np.any).map(mask_to_polygons).map(Polygon)
SHAPES: st.SearchStrategy[Geometry] = st.one_of(
    rectangles(),
    ellipses(),
    stars(),
    OUTLINES,
    CODES.map(Mask),
    st.lists(POINTS, min_size=2, max_size=5).map(Polyline),
    POINTS.map(lambda point: Point(*point)),
    st.lists(POINTS, min_size=8, max_size=8).map(Cuboid),
    st.dictionaries(st.integers(0, 9), CODES, max_size=2).map(VolumeMask),
    st.just(Tag()),
)
JOINTS = st.lists(
    st.tuples(number(0, WIDTH), number(0, HEIGHT), st.integers(0, 2)), min_size=3, max_size=3
).map(Keypoints)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | number(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
ORIGINS = st.builds(
    Origin,
    kind=st.sampled_from(["hand", "tool", "model", "import", "consensus"]),
    name=st.none() | st.text() | st.just("coco"),
    version=st.none() | st.text(),
    parameters=st.dictionaries(st.text(), JSON, max_size=2) | st.just({"iscrowd": 1}),
)
MOMENTS = st.none() | st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC))


@st.composite
def any_label(draw: st.DrawFn, *ids: str) -> Annotation:
    """Draw a record with every field."""
    fly = draw(st.booleans())
    shape = draw(JOINTS if fly else SHAPES)
    name: str | None = "fly" if fly else draw(st.sampled_from(CLASSES))
    if isinstance(shape, Tag) and draw(st.booleans()):
        name = None
    return Annotation(
        item_id=draw(st.sampled_from(ids)),
        geometry=shape,
        class_name=name,
        attributes=draw(st.dictionaries(st.text(), st.text() | st.lists(st.text()), max_size=3)),
        frame=draw(st.none() | st.integers(0, 3)),
        track_id=draw(st.none() | st.text()),
        id=new_id(),
        task_id=draw(st.none() | st.text()),
        author=draw(st.none() | st.text()),
        origin=draw(ORIGINS),
        confidence=draw(st.none() | number(0, 1)),
        state=draw(st.sampled_from(["editable", "locked"])),
        created_at=draw(MOMENTS),
        updated_at=draw(MOMENTS),
        revision=draw(st.integers(0, 10**6)),
    )
