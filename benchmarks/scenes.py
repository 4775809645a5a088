"""The picture and the shapes that all contenders get: made from a seed, the same everywhere."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

import labelwidgets as lw

Kind: TypeAlias = Literal["box", "polygon"]
Ring: TypeAlias = list[tuple[float, float]]

WIDTH, HEIGHT = 4000, 3000
CLASSES = ("car", "person", "tree", "house", "sign", "other")
VERTICES = 20
BYTES = 3_400_000

# The shape that is dragged lies alone in the middle, so that every contender grabs the same.
CENTRE = (WIDTH / 2, HEIGHT / 2)
CLEARING = (500.0, 400.0)
GRABBED = (240.0, 180.0)


def photo(path: Path) -> Path:
    """Write a JPEG of 4000 x 3000 pixels and about 3.4 MB, as a phone makes them."""
    from PIL import Image

    draw = np.random.default_rng(0)
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for cells, weight in ((6, 60), (40, 30), (300, 14)):
        coarse = draw.normal(size=(cells * 3 // 4 + 1, cells, 3)) * weight
        for channel in range(3):
            layer = Image.fromarray(coarse[..., channel].astype(np.float32))
            pixels[..., channel] += np.asarray(
                layer.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
            )
    pixels += draw.normal(size=(HEIGHT, WIDTH, 1)).astype(np.float32) * 5 + 128
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    best = b""
    for quality in range(60, 97, 2):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        if not best or abs(buffer.tell() - BYTES) < abs(len(best) - BYTES):
            best = buffer.getvalue()
        if buffer.tell() > BYTES:
            break
    path.write_bytes(best)
    return path


def rings(kind: Kind, count: int) -> list[Ring]:
    """Return outlines of shapes 20 to 90 pixels wide and high; the last one is to be grabbed."""
    draw = np.random.default_rng(1)
    made: list[Ring] = []
    while len(made) < count - 1:
        x, y = float(draw.uniform(0, WIDTH - 100)), float(draw.uniform(0, HEIGHT - 100))
        if abs(x + 45 - CENTRE[0]) < CLEARING[0] and abs(y + 45 - CENTRE[1]) < CLEARING[1]:
            continue
        width, height = (float(edge) for edge in draw.uniform(20, 90, 2))
        made.append(_ring(kind, x, y, width, height, draw))
    width, height = GRABBED
    made.append(_ring(kind, CENTRE[0] - width / 2, CENTRE[1] - height / 2, width, height, draw))
    return made


def geometry(kind: Kind, ring: Ring) -> lw.Rectangle | lw.Polygon:
    """Return the shape of an outline."""
    if kind == "polygon":
        return lw.Polygon([[ring]])
    (x, y), (right, bottom) = ring[0], ring[2]
    return lw.Rectangle(x, y, right - x, bottom - y)


def labels(kind: Kind, count: int, item: str) -> list[lw.Annotation]:
    """Return labels of one image."""
    return [
        lw.Annotation(
            item_id=item,
            class_name=CLASSES[number % len(CLASSES)],
            geometry=geometry(kind, ring),
        )
        for number, ring in enumerate(rings(kind, count))
    ]


def project(path: Path, picture: Path, kind: Kind, count: int) -> lw.Project:
    """Make a project of one picture with labels on it."""
    dataset = lw.Dataset.open([str(picture)])
    made = lw.Project.create(path, dataset, [lw.ObjectClass(name) for name in CLASSES], user="ana")
    if count:
        made.add(labels(kind, count, str(dataset.items["id"].iloc[0])))
    return made


def _ring(
    kind: Kind, x: float, y: float, width: float, height: float, draw: np.random.Generator
) -> Ring:
    if kind == "box":
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        return [(round(a, 2), round(b, 2)) for a, b in corners]
    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    reach = draw.uniform(0.6, 1, VERTICES)
    xs = x + width / 2 + reach * width / 2 * np.cos(turn)
    ys = y + height / 2 + reach * height / 2 * np.sin(turn)
    return [(round(float(a), 2), round(float(b), 2)) for a, b in zip(xs, ys, strict=True)]
