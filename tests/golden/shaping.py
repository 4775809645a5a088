"""Cases of what the polygon tools do, with what the kernel's functions make of them."""

from __future__ import annotations

import math
import random
from typing import Any

from labelwidgets import algorithms as do
from labelwidgets.errors import GeometryError

XY = tuple[float, float]
Ring = list[XY]
Parts = list[list[Ring]]

SIZE = (60, 50)


def box(x: float, y: float, width: float, height: float) -> Ring:
    """Return a rectangle as a ring."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def star(dice: random.Random, x: float, y: float, reach: float, count: int) -> Ring:
    """Return a ring around a point, mostly simple, on the grid of hundredths."""
    ring = []
    for step in range(count):
        angle = 2 * math.pi * (step + dice.uniform(-0.3, 0.3)) / count
        far = reach * dice.uniform(0.4, 1)
        ring.append((round(x + far * math.cos(angle), 2), round(y + far * math.sin(angle), 2)))
    return ring


FRAME: Parts = [[box(5, 5, 30, 30), box(12, 12, 10, 10)]]
PAIRS: dict[str, tuple[Parts, Parts]] = {
    "apart": ([[box(2, 2, 10, 10)]], [[box(30, 30, 8, 8)]]),
    "overlap": ([[box(2, 2, 20, 20)]], [[box(10, 10, 20, 20)]]),
    "share an edge": ([[box(2, 2, 10, 10)]], [[box(12, 2, 10, 10)]]),
    "share a part of an edge": ([[box(2, 2, 10, 10)]], [[box(12, 5, 10, 20)]]),
    "touch in a corner": ([[box(2, 2, 10, 10)]], [[box(12, 12, 10, 10)]]),
    "one in the other": ([[box(2, 2, 30, 30)]], [[box(10, 10, 8, 8)]]),
    "one like the other": ([[box(2, 2, 30, 30)]], [[box(2, 2, 30, 30)]]),
    "into a hole": (FRAME, [[box(14, 14, 5, 5)]]),
    "over a hole": (FRAME, [[box(10, 10, 14, 14)]]),
    "fits a hole": (FRAME, [[box(12, 12, 10, 10)]]),
    "over all": (FRAME, [[box(0, 0, 60, 50)]]),
    "hole touches the other": (FRAME, [[box(22, 8, 20, 20)]]),
    "bow tie": ([[[(4, 4), (30, 30), (30, 4), (4, 30)]]], [[box(10, 0, 4, 40)]]),
    "parts that overlap": ([[box(2, 2, 12, 12)], [box(8, 8, 12, 12)]], [[box(6, 0, 4, 30)]]),
    "off the image": ([[box(-40, -30, 60, 60)]], [[box(10, 10, 90, 90)]]),
    "speck": ([[box(2, 2, 10, 10)]], [[box(4, 4, 0.5, 0.5)]]),
    "no area": ([[box(2, 2, 10, 10)]], [[[(0, 0), (4, 4), (8, 8)]]]),
    "holes that overlap": (
        [[box(2, 2, 30, 30), box(6, 6, 10, 10), box(10, 10, 10, 10)]],
        [[box(8, 0, 4, 40)]],
    ),
}
OPERATIONS = ("unite", "subtract", "intersect")


def pairs() -> dict[str, tuple[Parts, Parts]]:
    """Return named and random pairs of polygons."""
    found = dict(PAIRS)
    for seed in range(40):
        dice = random.Random(seed)
        one, other = (
            [star(dice, dice.uniform(15, 40), dice.uniform(15, 35), 20, dice.randint(3, 12))]
            for _ in range(2)
        )
        if seed % 3 == 0:
            one.append(star(dice, 25, 25, 6, 5))
        found[f"random {seed}"] = ([one], [other])
    return found


def combined(operation: str, one: Parts, other: Parts) -> Parts | None:
    """Return what an operation makes of two polygons; None for no area."""
    try:
        if operation == "subtract":
            return do.subtract_polygons(one, [other])
        both = [one, other]
        return (do.unite_polygons if operation == "unite" else do.intersect_polygons)(both)
    except GeometryError:
        return None


def cases() -> list[dict[str, Any]]:
    """Return every case of every tool, named."""
    return [*_algebra(), *_splits(), *_simplified(), *_outlines(), *_sculpted(), *_borders()]


def _algebra() -> list[dict[str, Any]]:
    return [
        {
            "does": operation,
            "name": name,
            "one": one,
            "other": other,
            "made": combined(operation, one, other),
        }
        for name, (one, other) in pairs().items()
        for operation in OPERATIONS
    ]


LINES: dict[str, Ring] = {
    "straight across": [(15, -5), (15, 60)],
    "aslant": [(0, 3), (45, 38.5)],
    "there and back": [(0, 8), (50, 9), (50, 31), (0, 30)],
    "ends within": [(0, 8), (10, 8)],
    "beside": [(50, 0), (50, 50)],
    "along an edge": [(5, 0), (5, 50)],
    "through the hole only": [(13, 14), (20, 20)],
    "around a corner": [(0, 20), (25, 25), (20, 0)],
}


def _splits() -> list[dict[str, Any]]:
    rows = []
    for name, line in LINES.items():
        for kind, parts in (("frame", FRAME), ("star", [[star(random.Random(5), 22, 22, 20, 9)]])):
            try:
                made: Any = do.split_polygon(parts, line)
            except GeometryError:
                made = None
            rows.append(
                {"does": "split", "name": f"{kind}, {name}", "one": parts, "line": line}
                | {"made": made}
            )
    return rows


def _simplified() -> list[dict[str, Any]]:
    rows = []
    for seed in range(24):
        dice = random.Random(100 + seed)
        parts: Parts = [[star(dice, 30, 25, 24, dice.randint(3, 60))]]
        if seed % 3 == 0:
            parts[0].append(star(dice, 30, 25, 4, 8))
        tolerance = dice.choice([0.0, 0.3, 1.0, 4.0, 20.0])
        rows.append(
            {"does": "simplify", "name": f"random {seed}", "one": parts, "tolerance": tolerance}
            | {"made": do.simplify_polygon(parts, tolerance)}
        )
    return rows


def _outlines() -> list[dict[str, Any]]:
    circle = [
        (round(25 + 18 * math.cos(t / 8), 2), round(25 + 15 * math.sin(t / 8), 2))
        for t in range(50)
    ]
    lines: dict[str, Ring] = {
        "circle": circle,
        "goes past its start": circle + circle[:4],
        "eight": [
            (round(30 + 20 * math.sin(t / 10), 2), round(25 + 12 * math.sin(t / 5) + t / 40, 2))
            for t in range(63)
        ],
        "twice around": [
            (round(30 + (20 - t / 20) * math.cos(t / 8), 2), round(25 + 15 * math.sin(t / 8), 2))
            for t in range(100)
        ],
        "there and back": [(5, 5), (30, 30), (5, 5)],
        "dot": [(5, 5)],
        "stands still": [(5, 5), (5, 5), (20, 5), (20, 5), (20, 20), (5, 5)],
    }
    rows = []
    for name, line in lines.items():
        try:
            made: Any = do.freehand_outline(line, 0.5).tolist()
        except GeometryError:
            made = None
        rows.append({"does": "outline", "name": name, "line": line, "made": made})
    return rows


def _sculpted() -> list[dict[str, Any]]:
    rows = []
    for seed in range(40):
        dice = random.Random(seed)
        parts: Parts = [[star(dice, 30, 25, 22, dice.randint(3, 30))]]
        if seed % 4 == 0:
            parts = [[box(5, 5, 40, 40), box(20, 20, 10, 10)]]
        ring = 1 if seed % 8 == 0 else 0
        radius = dice.choice([1.0, 3.0, 8.0, 15.0])
        x, y = dice.choice(parts[0][ring])
        centre = (round(x + dice.uniform(-1, 1) * radius, 1), round(y + radius * 0.6, 1))
        rows.append(
            {"does": "sculpt", "name": f"random {seed}", "one": parts, "ring": ring}
            | {"centre": centre, "radius": radius, "size": SIZE}
            | {"made": do.sculpt(parts, centre, radius, SIZE, ring=ring)}
        )
    return rows


def _borders() -> list[dict[str, Any]]:
    ring = star(random.Random(3), 25, 25, 20, 11)
    middle = tuple(round((a + b) / 2, 2) for a, b in zip(ring[6], ring[7], strict=True))
    ends = {
        "vertex to vertex": (ring[1], ring[4]),
        "back again": (ring[4], ring[1]),
        "over the start": (ring[9], ring[2]),
        "to the middle of an edge": (ring[3], middle),
        "neighbours": (ring[0], ring[1]),
    }
    rows: list[dict[str, Any]] = [
        {"does": "trace", "name": name, "one": [[ring]], "from": start, "to": end}
        | {"made": [do.trace_border(ring, start, end, longer=longer).tolist() for longer in (0, 1)]}
        for name, (start, end) in ends.items()
    ]
    left, right, below = box(0, 0, 20, 20), box(20, 0, 20, 12), box(20, 12, 20, 20)
    cells = {"left": [[left]], "right": [[right]], "below": [[below]]}
    for name, (vertex, to) in {
        "where three meet": ((20.0, 12.0), (17.5, 9.25)),
        "a corner on an edge of another": ((20.0, 20.0), (24.0, 21.0)),
        "nobody's": ((0.0, 0.0), (3.0, 3.0)),
        "no vertex": ((9.0, 9.0), (3.0, 3.0)),
    }.items():
        made = do.move_shared_vertex(cells, vertex, to)
        rows.append(
            {"does": "move", "name": name, "cells": cells, "from": vertex, "to": to, "made": made}
        )
    return rows
