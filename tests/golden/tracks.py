"""Tracks, and what the kernel sees of them frame by frame."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from pycocotools import mask as coco

from labelwidgets.schema.tracks import Track

SIZE = (24, 32)


def tracks() -> list[dict[str, Any]]:
    """Return tracks of every kind of shape, each with what is seen of it on its frames."""
    return [_case(name, make, seed) for seed in range(8) for name, make in SHAPES.items()]


def _case(name: str, make: Callable[[random.Random], dict[str, Any]], seed: int) -> dict[str, Any]:
    dice = random.Random(f"{name} {seed}")
    frames = sorted(dice.sample(range(12), 4))
    keyframes: dict[str, dict[str, Any]] = {}
    for place, frame in enumerate(frames):
        made: dict[str, Any] = {"geometry": make(dice)}
        if place and dice.random() < 0.3:
            made["outside"] = True
            if dice.random() < 0.5:
                del made["geometry"]
        if dice.random() < 0.3:
            made["occluded"] = True
        if dice.random() < 0.3:
            made["attributes"] = {"pose": dice.choice(["up", "down"])}
        if name == "keypoints" and "geometry" in made and dice.random() < 0.6:
            made["joints"] = sorted(dice.sample(range(3), dice.randint(0, 3)))
        keyframes[str(frame)] = made
    track = msgspec.convert({"type": "track", "keyframes": keyframes}, Track, str_keys=True)
    seen = {}
    for frame in range(13):
        sight = track.at(frame)
        seen[str(frame)] = sight and {
            "geometry": msgspec.to_builtins(sight.geometry),
            "occluded": sight.occluded,
            "attributes": sight.attributes,
            "keyframe": sight.keyframe,
        }
    return {"track": msgspec.to_builtins(track, str_keys=True), "seen": seen}


def _number(dice: random.Random, most: float = 300) -> float:
    return round(dice.uniform(1, most), 2)


def _point(dice: random.Random) -> list[float]:
    return [_number(dice), _number(dice)]


def _star(dice: random.Random, at: list[float], size: float) -> list[list[float]]:
    count = dice.choice([3, 5, 5, 8, 13])
    way, begin = dice.choice([-1, 1]), dice.uniform(0, 6)
    ring = []
    for i in range(count):
        angle = begin + way * i * math.tau / count
        far = size * dice.uniform(0.6, 1)
        x, y = at[0] + far * math.cos(angle), at[1] + far * math.sin(angle)
        ring.append([round(x, 2), round(y, 2)])
    return ring


def _polygon(dice: random.Random) -> dict[str, Any]:
    parts = []
    for _ in range(dice.choice([1, 1, 2, 3])):
        at = _point(dice)
        holes = [_star(dice, at, 4) for _ in range(dice.choice([0, 0, 1, 2]))]
        parts.append([_star(dice, at, 50), *holes])
    return {"type": "polygon", "parts": parts}


def _mask(dice: random.Random) -> dict[str, Any]:
    bits = np.zeros(SIZE, np.uint8, order="F")
    for _ in range(dice.choice([0, 1, 1, 1, 2])):
        y, x = dice.randrange(18), dice.randrange(26)
        bits[y : y + dice.randint(1, 9), x : x + dice.randint(1, 12)] = 1
    made = coco.encode(bits)
    return {"type": "mask", "rle": {"size": list(SIZE), "counts": made["counts"].decode()}}


def _turned(dice: random.Random, *names: str) -> dict[str, Any]:
    shape = {name: _number(dice) for name in names}
    if dice.random() < 0.6:
        shape["angle"] = float(dice.choice([180, -180, 90, 350, dice.randint(-170, 170)]))
    return shape


SHAPES: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "rectangle": lambda dice: {
        "type": "rectangle",
        **_turned(dice, "x", "y", "width", "height"),
    },
    "ellipse": lambda dice: {"type": "ellipse", **_turned(dice, "x", "y", "rx", "ry")},
    "point": lambda dice: {"type": "point", "x": _number(dice), "y": _number(dice)},
    "polyline": lambda dice: {
        "type": "polyline",
        "points": [_point(dice) for _ in range(dice.choice([2, 4, 4, 7]))],
    },
    "polygon": _polygon,
    "keypoints": lambda dice: {
        "type": "keypoints",
        "points": [[*_point(dice), dice.choice([0, 1, 2, 2])] for _ in range(3)],
    },
    "cuboid": lambda dice: {"type": "cuboid", "points": [_point(dice) for _ in range(8)]},
    "mask": _mask,
}
