"""Wires of the scissors and strokes of the threshold brush, by the slow and plain way."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from pycocotools import mask as coco

# x, y by code.
STEPS = [(0, 0), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1)]


def wires() -> list[dict[str, Any]]:
    """Return maps grown as random trees, each with wires walked in it step by step."""
    rows = []
    for seed in range(40):
        dice = random.Random(seed)
        width, height = dice.randint(1, 12), dice.randint(1, 12)
        x, y = dice.choice([(0, 0), (7, 300)])
        tree = {(dice.randrange(width), dice.randrange(height)): 0}
        growing = list(tree)
        while growing:
            column, row = growing.pop(dice.randrange(len(growing)))
            for code, (across, down) in enumerate(STEPS[1:], 1):
                there = column - across, row - down
                inside = 0 <= there[0] < width and 0 <= there[1] < height
                if inside and there not in tree:
                    tree[there] = code
                    growing.append(there)
        traced = []
        for _ in range(6):
            point = (dice.randint(-30, 150) / 10 + x, dice.randint(-30, 150) / 10 + y)
            traced.append({"to": point, "wire": _walk(tree, point, (x, y), (width, height))})
        rows.append(
            {
                "name": f"random {seed}",
                "size": [height, width],
                "origin": [x, y],
                "directions": "".join(
                    str(tree[column, row]) for row in range(height) for column in range(width)
                ),
                "traced": traced,
            }
        )
    return rows


def _walk(
    tree: dict[tuple[int, int], int],
    point: tuple[float, float],
    origin: tuple[int, int],
    size: tuple[int, int],
) -> list[list[float]]:
    place = [
        sorted([0, math.floor(p) - o, n - 1])[1]
        for p, o, n in zip(point, origin, size, strict=True)
    ]
    steps = [tuple(place)]
    while code := tree[steps[-1]]:
        across, down = STEPS[code]
        steps.append((steps[-1][0] + across, steps[-1][1] + down))
    kept = [
        here
        for before, here, after in zip([None, *steps], steps, [*steps[1:], None], strict=False)
        if before is None
        or after is None
        or (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1])
    ]
    return [[a + origin[0] + 0.5, b + origin[1] + 0.5] for a, b in reversed(kept)]


def ranges() -> list[dict[str, Any]]:
    """Return pictures with dabs of the threshold brush, each pixel looked at by itself."""
    rows = []
    for seed in range(60):
        dice = random.Random(seed)
        height, width, colour = dice.randint(1, 9), dice.randint(1, 9), seed % 3 == 0
        top = 65535 if seed % 3 == 1 else 255
        count = height * width * (3 if colour else 1)
        values = [dice.randint(0, top) for _ in range(count)]
        grey = (
            [
                (299 * values[i] + 587 * values[i + 1] + 114 * values[i + 2] + 500) // 1000
                for i in range(0, count, 3)
            ]
            if colour
            else values
        )
        x, y = dice.randint(0, 10 * width - 1) / 10, dice.randint(0, 10 * height - 1) / 10
        radius, relative = dice.randint(5, 60) / 10, seed % 2 == 0
        low, high = sorted(dice.randint(-top // 2 if relative else 0, top) for _ in range(2))
        start = grey[math.floor(y) * width + math.floor(x)] if relative else 0
        pixels = np.zeros((height, width), np.uint8)
        for row in range(height):
            for column in range(width):
                near = (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 <= radius * radius + 1e-6
                value = grey[row * width + column] - start
                pixels[row, column] = near and low <= value <= high
        rows.append(
            {
                "name": f"random {seed}",
                "size": [height, width],
                "channels": 3 if colour else 1,
                "values": values,
                "at": [x, y],
                "radius": radius,
                "low": low,
                "high": high,
                "relative": relative,
                "counts": coco.encode(np.asfortranarray(pixels))["counts"].decode("ascii"),
            }
        )
    return rows
