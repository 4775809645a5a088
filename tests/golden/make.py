"""Writes the tables that the tests of the kernel and of the browser share.

Run as ``python -m tests.golden.make`` after a case was added.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

from tests.golden import (
    cuts,
    label_maps,
    measures,
    outlines,
    painting,
    sets,
    shaping,
    tones,
    tracks,
    turning,
    volume_patches,
    wires,
)

FOLDER = Path(__file__).parent
POLYGONS = FOLDER / "polygons.json"
RLE = FOLDER / "rle.json"
STROKES = FOLDER / "strokes.json"
MORPHOLOGY = FOLDER / "morphology.json"
TRANSFORMS = FOLDER / "transforms.json"
RUNS = FOLDER / "runs.json"
OUTLINES = FOLDER / "outlines.json"
FILLS = FOLDER / "fills.json"
SHAPING = FOLDER / "shaping.json"
LABEL_MAPS = FOLDER / "label_maps.json"
WIRES = FOLDER / "wires.json"
RANGES = FOLDER / "ranges.json"
MEASURES = FOLDER / "measures.json"
TONES = FOLDER / "tones.json"
CUTS = FOLDER / "cuts.json"
VOLUME_PATCHES = FOLDER / "volume_patches.json"
TRACKS = FOLDER / "tracks.json"

XY = tuple[float, float]
Ring = list[XY]

SQUARE: Ring = [(0, 0), (10, 0), (10, 10), (0, 10)]
U: Ring = [(0, 0), (9, 0), (9, 9), (6, 9), (6, 3), (3, 3), (3, 9), (0, 9)]


def _box(x: float, y: float, width: float, height: float) -> Ring:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


NAMED: dict[str, list[list[Ring]]] = {
    "triangle": [[[(0, 0), (4, 0), (0, 4)]]],
    "triangle, the other way round": [[[(0, 0), (0, 4), (4, 0)]]],
    "square": [[SQUARE]],
    "concave": [[U]],
    "bow tie": [[[(0, 0), (4, 4), (4, 0), (0, 4)]]],
    "star of one line": [[[(5, 0), (8, 10), (0, 4), (10, 4), (2, 10)]]],
    "closing edge crosses": [[[(0, 0), (4, 0), (4, 4), (2, -2)]]],
    "no area": [[[(0, 0), (2, 2), (4, 4)]]],
    "folds back": [[[(0, 0), (10, 0), (5, 0), (5, 5)]]],
    "folds back at the start": [[[(5, 0), (10, 0), (5, 5), (5, 8), (5, 2)]]],
    "spike outwards": [[[(0, 0), (10, 0), (10, 5), (15, 5), (10, 5), (10, 10), (0, 10)]]],
    "spike inwards": [[[(0, 0), (10, 0), (10, 5), (4, 5), (10, 5), (10, 10), (0, 10)]]],
    "straight on through a point": [[[(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)]]],
    "vertex on another edge": [[[(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)]]],
    "vertex on another vertex": [[[(0, 0), (10, 0), (5, 5), (10, 10), (0, 10), (5, 5)]]],
    "comes back through its first point": [[[(0, 0), (4, 0), (4, 4), (0, 0), (8, 0), (8, 8)]]],
    "edges run on one another": [[[(0, 0), (6, 0), (6, 4), (4, 4), (4, 0), (2, 0), (2, 4)]]],
    "point twice in a row": [[[(0, 0), (10, 0), (10, 0), (10, 10), (0, 10)]]],
    "point three times in a row": [[[(0, 0), (10, 0), (10, 0), (10, 0), (0, 10)]]],
    "first point twice": [[[(0, 0), (0, 0), (10, 0), (10, 10)]]],
    "first and last point the same, three others": [[[(0, 0), (10, 0), (10, 10), (0, 0)]]],
    "needle": [[[(0, 0), (100, 0.01), (200, 0)]]],
    "hole": [[SQUARE, _box(2, 2, 3, 3)]],
    "hole with a point twice": [[SQUARE, [(2, 2), (2, 2), (4, 4), (2, 4)]]],
    "hole that is a bow tie": [[SQUARE, [(2, 2), (4, 4), (4, 2), (2, 4)]]],
    "hole outside": [[SQUARE, _box(12, 2, 3, 3)]],
    "hole half outside": [[SQUARE, _box(8, 2, 4, 3)]],
    "hole around its ring": [[_box(2, 2, 3, 3), SQUARE]],
    "hole like its ring": [[SQUARE, SQUARE]],
    "hole touches with a vertex": [[SQUARE, [(0, 5), (3, 4), (3, 6)]]],
    "hole touches in a corner": [[SQUARE, [(0, 0), (3, 1), (1, 3)]]],
    "hole touches twice": [[SQUARE, [(0, 5), (10, 5), (5, 7)]]],
    "hole touched by its ring": [
        [[(0, 0), (10, 0), (10, 10), (5, 4), (0, 10)], _box(3, 1, 4, 3)],
    ],
    "hole shares a part of an edge": [[SQUARE, [(0, 2), (0, 5), (3, 4)]]],
    "hole across a bay": [[U, [(1, 5), (8, 5), (8, 6), (1, 6)]]],
    "hole across a bay, its points inside": [[U, [(1, 4), (1, 8), (8, 8), (8, 4)]]],
    "two holes": [[SQUARE, _box(1, 1, 3, 3), _box(5, 5, 3, 3)]],
    "two holes touch": [[SQUARE, _box(2, 2, 2, 2), _box(4, 4, 2, 2)]],
    "two holes share an edge": [[SQUARE, _box(2, 2, 2, 2), _box(4, 2, 2, 2)]],
    "two holes overlap": [[SQUARE, _box(2, 2, 3, 3), _box(4, 4, 3, 3)]],
    "hole in a hole": [[SQUARE, _box(2, 2, 6, 6), _box(4, 4, 2, 2)]],
    "hole in a later hole": [[SQUARE, _box(4, 4, 2, 2), _box(2, 2, 6, 6)]],
    "two holes cut the polygon in two": [
        [SQUARE, [(0, 5), (4, 3), (4, 7)], [(4, 7), (10, 5), (7, 9)]],
    ],
    "three holes in a row touch": [
        [SQUARE, _box(1, 1, 2, 2), _box(3, 3, 2, 2), _box(5, 5, 2, 2)],
    ],
    "three holes in a ring touch": [
        [
            SQUARE,
            [(2, 2), (5, 1), (8, 2)],
            [(8, 2), (8, 5), (5, 8)],
            [(5, 8), (2, 5), (2, 2)],
        ],
    ],
    "holes meet in a point of the ring": [
        [SQUARE, [(0, 0), (4, 1), (4, 2)], [(0, 0), (1, 4), (2, 4)]],
    ],
    "two parts": [[_box(0, 0, 3, 3)], [_box(5, 5, 3, 3)]],
    "two parts on one another": [[_box(0, 0, 3, 3)], [_box(1, 1, 3, 3)]],
    "second part is a bow tie": [[_box(0, 0, 3, 3)], [[(5, 5), (9, 9), (9, 5), (5, 9)]]],
}


def polygons() -> list[dict[str, Any]]:
    """Return named and random polygons, each with what shapely says of it."""
    cases = [{"name": name, "parts": parts} for name, parts in NAMED.items()]
    cases += [{"name": f"random {n}", "parts": [_random_part(n)]} for n in range(300)]
    return [{**case, "valid": _valid(case["parts"])} for case in cases]


def _valid(parts: Any) -> bool:
    import shapely

    return all(bool(shapely.is_valid(shapely.Polygon(part[0], part[1:]))) for part in parts)


def _random_part(seed: int) -> list[Ring]:
    dice = random.Random(seed)
    kind = seed % 4
    if kind == 0:  # On a coarse grid, where points and edges often fall on one another.
        return [_distinct([_point(dice, 5, 1) for _ in range(dice.randint(3, 6))])]
    if kind == 1:  # On a fine grid, as a hand draws.
        return [[_point(dice, 40, 100) for _ in range(dice.randint(3, 7))]]
    outer = _star(dice, 50, 50, 48, dice.randint(3, 12))
    if kind == 2:
        return [outer]
    holes = [
        _star(dice, dice.randint(10, 90), dice.randint(10, 90), 12, dice.randint(3, 5))
        for _ in range(dice.randint(1, 3))
    ]
    return [outer, *holes]


def _point(dice: random.Random, size: int, steps: int) -> XY:
    return dice.randint(0, size * steps) / steps, dice.randint(0, size * steps) / steps


def _distinct(ring: Ring) -> Ring:
    return ring if len(set(ring)) >= 3 else [(0, 0), (5, 0), *ring, (5, 5)]


def _star(dice: random.Random, x: float, y: float, radius: int, count: int) -> Ring:
    """Return a ring around a point, mostly simple: its points come in order of their angle."""
    ring = []
    for step in range(count):
        angle = 2 * math.pi * (step + dice.randint(-30, 30) / 50) / count
        reach = radius * dice.randint(20, 100) / 100
        ring.append((round(x + reach * math.cos(angle), 2), round(y + reach * math.sin(angle), 2)))
    return ring


def masks() -> list[dict[str, Any]]:
    """Return small masks with the code, box and area that pycocotools has for them."""
    import numpy as np
    from pycocotools import mask as coco

    def row(name: str, height: int, width: int, text: str) -> dict[str, Any]:
        pixels = np.array([c == "#" for c in text], dtype=np.uint8).reshape(height, width)
        made = coco.encode(np.asfortranarray(pixels))
        return {
            "name": name,
            "size": [height, width],
            "pixels": text,
            "counts": made["counts"].decode("ascii"),
            "box": [int(n) for n in coco.toBbox(made)],
            "area": int(coco.area(made)),
        }

    rows = [
        row("nothing", 3, 4, "." * 12),
        row("everything", 3, 4, "#" * 12),
        row("first pixel", 3, 4, "#" + "." * 11),
        row("last pixel", 3, 4, "." * 11 + "#"),
        row("one pixel", 1, 1, "#"),
        row("one row", 1, 6, ".##.#."),
        row("one column", 6, 1, ".##.#."),
        row("from the bottom of a column to the top of the next", 3, 3, ".#...." + "#.."),
        row("long runs", 40, 90, "." * 1700 + "#" * 300 + "." * 1600),
        row("whole columns", 5, 4, ".##." * 5),
    ]
    for seed in range(40):
        dice = random.Random(seed)
        height, width = dice.randint(1, 12), dice.randint(1, 12)
        full = dice.randint(1, 9)
        text = "".join("#" if dice.randint(0, 9) < full else "." for _ in range(height * width))
        rows.append(row(f"random {seed}", height, width, text))
    return rows


def text_of(name: str, cases: list[dict[str, Any]]) -> str:
    """Return a table as it lies in its file: a case a line."""
    lines = ",\n".join(f"  {json.dumps(case)}" for case in cases)
    return f'{{"{name}": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    POLYGONS.write_text(text_of("polygons", polygons()), encoding="utf-8")
    RLE.write_text(text_of("masks", masks()), encoding="utf-8")
    STROKES.write_text(text_of("strokes", painting.strokes()), encoding="utf-8")
    MORPHOLOGY.write_text(text_of("masks", painting.morphology()), encoding="utf-8")
    TRANSFORMS.write_text(text_of("transforms", turning.transforms()), encoding="utf-8")
    RUNS.write_text(text_of("runs", sets.runs()), encoding="utf-8")
    OUTLINES.write_text(text_of("outlines", outlines.outlines()), encoding="utf-8")
    FILLS.write_text(text_of("fills", outlines.fills()), encoding="utf-8")
    SHAPING.write_text(text_of("cases", shaping.cases()), encoding="utf-8")
    LABEL_MAPS.write_text(text_of("maps", label_maps.label_maps()), encoding="utf-8")
    WIRES.write_text(text_of("wires", wires.wires()), encoding="utf-8")
    RANGES.write_text(text_of("ranges", wires.ranges()), encoding="utf-8")
    MEASURES.write_text(text_of("measures", measures.measures()), encoding="utf-8")
    TONES.write_text(text_of("tones", tones.tones()), encoding="utf-8")
    CUTS.write_text(text_of("cuts", cuts.cuts()), encoding="utf-8")
    cases = volume_patches.volume_patches()
    VOLUME_PATCHES.write_text(text_of("cases", cases), encoding="utf-8")
    TRACKS.write_text(text_of("tracks", tracks.tracks()), encoding="utf-8")
