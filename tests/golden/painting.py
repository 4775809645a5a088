"""Strokes, islands and margins as plain loops over all pixels have them: slow and plainly right."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

Bits = NDArray[np.bool_]


def strokes() -> list[dict[str, Any]]:
    """Return strokes with the code of the pixels that they cover."""
    named: list[tuple[str, tuple[int, int], list[tuple[float, float]], float, str]] = []
    for tip in ("round", "square"):
        named += [
            (f"a dab, {tip}", (9, 12), [(5.5, 4.5)], 3, tip),
            (f"a dab between pixels, {tip}", (9, 12), [(6, 4)], 2, tip),
            (f"a dab of one pixel, {tip}", (9, 12), [(5.5, 4.5)], 0.5, tip),
            (f"a dab that meets no centre, {tip}", (9, 12), [(5, 4)], 0.4, tip),
            (f"a dab off the image, {tip}", (9, 12), [(-20, 4)], 3, tip),
            (f"a dab over a corner, {tip}", (9, 12), [(0, 0)], 4, tip),
            (f"the only pixel, {tip}", (1, 1), [(0.5, 0.5)], 1, tip),
            (f"all pixels, {tip}", (6, 5), [(2, 2)], 20, tip),
            (f"down a column, {tip}", (12, 9), [(4.5, 2), (4.5, 9)], 2, tip),
            (f"along a row, {tip}", (9, 12), [(2, 4.5), (9, 4.5)], 2, tip),
            (f"a slope of three to four, {tip}", (30, 30), [(6, 6), (18, 22)], 5, tip),
            (f"a slope back, {tip}", (30, 30), [(22, 8.5), (7.25, 20)], 3.5, tip),
            (f"a corner and back, {tip}", (30, 30), [(5, 5), (25, 5), (5, 24), (5, 5)], 2.5, tip),
            (f"a point twice, {tip}", (12, 12), [(3, 3), (3, 3), (8, 8)], 1.5, tip),
            (f"across the whole image and beyond, {tip}", (8, 20), [(-9, -3), (31, 12)], 2, tip),
            (f"one row of pixels, {tip}", (1, 40), [(4, 0.5), (30, 0.5)], 3, tip),
            (f"one column of pixels, {tip}", (40, 1), [(0.5, 4), (0.5, 30)], 3, tip),
        ]
    for seed in range(60):
        dice = random.Random(seed)
        height, width = dice.randint(1, 30), dice.randint(1, 30)
        path = [
            (dice.randint(-500, 3500) / 100, dice.randint(-500, 3500) / 100)
            for _ in range(dice.randint(1, 5))
        ]
        tip = "square" if seed % 2 else "round"
        named.append((f"random {seed}", (height, width), path, dice.randint(30, 900) / 100, tip))
    return [
        {
            "name": name,
            "size": list(size),
            "path": [list(point) for point in path],
            "radius": radius,
            "tip": tip,
            "counts": _counts(_covered(size, path, radius, tip)),
        }
        for name, size, path, radius, tip in named
    ]


def _covered(
    size: tuple[int, int], path: list[tuple[float, float]], radius: float, tip: str
) -> Bits:
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    covered = np.zeros(size, bool)
    for a, b in zip(path, path[1:] or path, strict=False):
        if tip == "round":
            covered |= _squared_distance(x, y, a, b) <= radius * radius + 1e-6
        else:
            covered |= _box_distance(x, y, a, b) <= radius + 1e-6
    return covered


def _squared_distance(x: Any, y: Any, a: tuple[float, float], b: tuple[float, float]) -> Any:
    dx, dy = b[0] - a[0], b[1] - a[1]
    squared = dx * dx + dy * dy
    along = ((x - a[0]) * dx + (y - a[1]) * dy) / squared if squared else np.zeros_like(x)
    along = np.clip(along, 0, 1)
    return (x - a[0] - along * dx) ** 2 + (y - a[1] - along * dy) ** 2


def _box_distance(x: Any, y: Any, a: tuple[float, float], b: tuple[float, float]) -> Any:
    """Least over the segment of the larger of |dx| and |dy|: convex, so by trisection."""
    low, high = np.zeros_like(x), np.ones_like(x)

    def at(t: Any) -> Any:
        return np.maximum(
            np.abs(x - a[0] - t * (b[0] - a[0])), np.abs(y - a[1] - t * (b[1] - a[1]))
        )

    for _ in range(120):
        one, two = low + (high - low) / 3, high - (high - low) / 3
        left = at(one) <= at(two)
        low, high = np.where(left, low, one), np.where(left, two, high)
    return at((low + high) / 2)


def morphology() -> list[dict[str, Any]]:
    """Return small masks with what fills, keeps, grows and shrinks make of them."""
    rows = [
        _row("nothing", ["....", "....", "...."]),
        _row("everything", ["###", "###"]),
        _row("one pixel", ["#"]),
        _row("one pixel that is not set", ["."]),
        _row("a ring", ["......", ".####.", ".#..#.", ".####.", "......"]),
        _row("a ring at the frame", ["####", "#..#", "####"]),
        _row("a bay at the frame is no hole", ["####", "...#", "####"]),
        _row("a hole with a way out over a corner only", ["###.", "#.#.", "##..", "...."]),
        _row("islands that meet at a corner", ["##..", "##..", "..##", "..#."]),
        _row("as large, the leftmost stays", ["..##", "....", "##.."]),
        _row("as large in one column, the upper stays", ["#.", "..", "#."]),
        _row("an island in a hole", ["#####", "#...#", "#.#.#", "#...#", "#####"]),
        _row("from the foot of a column to the head of the next", ["..#", "..#", "##.", "#.."]),
        _row(
            "a spiral",
            ["#######", "......#", "#####.#", "#...#.#", "#.###.#", "#.....#", "#######"],
        ),
    ]
    for seed in range(40):
        dice = random.Random(seed)
        height, width = dice.randint(1, 14), dice.randint(1, 14)
        full = dice.randint(1, 9)
        lines = [
            "".join("#" if dice.randint(0, 9) < full else "." for _ in range(width))
            for _ in range(height)
        ]
        rows.append(_row(f"random {seed}", lines))
    return rows


MARGINS = (1, 1.5, 2, 3.7)


def _row(name: str, lines: list[str]) -> dict[str, Any]:
    bits = np.array([[c == "#" for c in line] for line in lines])
    islands = _islands(bits)
    largest = max(islands, key=len, default=[])
    kept = [pixel for island in islands if len(island) >= 3 for pixel in island]
    holes = [
        pixel
        for hole in _islands(~bits)
        if not any(y in (0, bits.shape[0] - 1) or x in (0, bits.shape[1] - 1) for y, x in hole)
        for pixel in hole
    ]
    return {
        "name": name,
        "size": list(bits.shape),
        "mask": _counts(bits),
        "islands": len(islands),
        "largest": _counts(_only(bits, largest)),
        "without islands below 3": _counts(_only(bits, kept)),
        "filled": _counts(bits | _only(bits, holes)),
        "grown": {str(margin): _counts(_near(bits, margin)) for margin in MARGINS},
        "shrunk": {str(margin): _counts(bits & ~_near(~bits, margin)) for margin in MARGINS},
    }


def _islands(bits: Bits) -> list[list[tuple[int, int]]]:
    """Pixels that hang together by their faces, column by column."""
    seen: set[tuple[int, int]] = set()
    found = []
    for x in range(bits.shape[1]):
        for y in range(bits.shape[0]):
            if not bits[y, x] or (y, x) in seen:
                continue
            island, queue = [], deque([(y, x)])
            seen.add((y, x))
            while queue:
                i, j = queue.popleft()
                island.append((i, j))
                for near in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                    inside = 0 <= near[0] < bits.shape[0] and 0 <= near[1] < bits.shape[1]
                    if inside and bits[near] and near not in seen:
                        seen.add(near)
                        queue.append(near)
            found.append(island)
    return found


def _only(bits: Bits, pixels: list[tuple[int, int]]) -> Bits:
    made = np.zeros_like(bits)
    for pixel in pixels:
        made[pixel] = True
    return made


def _near(bits: Bits, margin: float) -> Bits:
    made = np.zeros_like(bits)
    y, x = np.mgrid[: bits.shape[0], : bits.shape[1]]
    for i, j in zip(*np.nonzero(bits), strict=True):
        made |= (y - i) ** 2 + (x - j) ** 2 <= margin * margin
    return made


def _counts(bits: Bits) -> str:
    code = coco.encode(np.asfortranarray(bits).view(np.uint8))["counts"]
    return str(code.decode("ascii"))
